//! The product from outside: the built `loa` as a process, the sandbox as its platform, and a client that knows only
//! HTTP. Tests of the whole stand on it.
//!
//! ```ignore
//! on_both_engines! {
//!     /// What it shows.
//!     async fn a_customer_is_heard(engine: Engine) {
//!         let scene = Scene::start(engine, env!("CARGO_BIN_EXE_loa")).await;
//!         let an = scene.platform.customer("An").await;
//!         scene.platform.writes(&an, "Chào shop").await;
//!         let thread = scene.api.conversation_with(&an).await;
//!     }
//! }
//! ```
//!
//! | Part | What |
//! |---|---|
//! | [`Platform`] | the sandbox inside the test, with its control interface as functions |
//! | [`Loa`] | the program as a child process: start, SIGKILL, start again on the same port and data |
//! | [`Client`] | a member's browser as far as HTTP goes |
//! | [`Scene`] | the three put together: set up, signed in, one account connected by OAuth |
//! | [`wait_until`] | the only way to wait |
//! | [`corpus`] | bodies of every family of events, to replay |
//!
//! # Invariants
//!
//! - Nothing here reaches into Loa: no store, no crate of the server. What a test sees, a user or an operator sees.
//! - Nothing waits for a span of time; everything waits for a condition, with a deadline that names it.
//! - Each scene has its own ports, folders and database; scenes may run side by side, and none leaves anything.
//! - When a test fails, the end of the program's log is printed.
//!
//! # How to add a helper
//!
//! A control call of the sandbox is a function of [`Platform`], a call of the API one of [`Client`]; both speak JSON
//! values, so that a test sees the wire and not a type that may be wrong in the same way at both ends. A helper that
//! one test alone needs stays in that test.

mod client;
mod net;
mod platform;
mod process;
mod scene;
mod wait;

pub use client::{Answer, Client, client_id};
pub use loa_testdb::Engine;
pub use platform::{APP, Customer, OA, Platform};
pub use process::Loa;
pub use scene::{Options, Scene};
pub use wait::wait_until;
pub use zalo::corpus;
pub use zalo_sandbox::Config as PlatformConfig;

/// Write each test once and run it with the program on SQLite and on PostgreSQL.
///
/// Makes the tests `name::sqlite` and `name::postgres`. The crate needs tokio among its development dependencies.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($engine:ident: $Engine:ty) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($engine: $Engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                Box::pin(test($crate::Engine::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                Box::pin(test($crate::Engine::Postgres)).await;
            }
        }
    )*};
}
