//! What the platform does when somebody acts, without any HTTP: users ([`act`]), the OA ([`send`]), fields
//! ([`fields`]), payment ([`pay`]), tokens ([`oauth`]).
//!
//! Every function takes the state under its lock and does the whole change at once, so that a request either
//! happened or did not.

pub mod act;
pub mod fields;
pub mod oauth;
pub mod pay;
pub mod send;
