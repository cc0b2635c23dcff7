//! Who somebody is: passwords, failed attempts, sessions, and the actor of a request.

mod address;
mod common;
mod cookie;
mod middleware;
mod password;
mod sign_in;
mod throttle;

pub(crate) use address::ClientAddress;
pub(crate) use cookie::{clear_cookie, session_cookie};
pub(crate) use middleware::{Current, require_actor};
pub(crate) use password::check_new_password;
pub use password::{PasswordCost, Passwords};
pub(crate) use sign_in::SignIn;
