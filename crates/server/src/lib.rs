//! The server: who may come in, what they may do, and all capabilities behind one address.
//!
//! It signs members in, turns the cookie of each request into an [`Actor`](loa_kernel::Actor), composes the
//! capabilities' routers and their description, pushes committed changes to open browsers, and serves the web
//! app.
//!
//! Invariants:
//! - Every route under `/api` needs a signed-in member unless it stands in [`api::public`]; a test asks every
//!   route of the description as nobody and as each role, and a route without a row in its table fails it.
//! - A token of a session is never stored, only its SHA-256; a password only as Argon2id. Neither is logged.
//! - Whether an e-mail is known cannot be told from the answer to a wrong sign-in, nor from its time.
//! - The live view tells what is committed, in the order of commit, without gaps and without repetition within
//!   one connection; who was away resumes or is told to read everything again.
//! - Configuration comes as a value ([`AppConfig`]); this crate reads no environment.
//!
//! How to add a capability: its state as a field of [`AppState`], one line in [`api::signed_in`], and its rows in
//! `tests/roles.tsv`; then write the description again (`make codegen`).

pub mod api;
mod app;
mod auth;
mod config;
mod health;
mod layers;
pub mod realtime;
mod routes;
mod state;
mod upkeep;
mod views;
mod web;

pub use api::openapi;
pub use app::app;
pub use auth::{PasswordCost, Passwords};
pub use config::{AppConfig, Demo, DemoAccount, MetricsAccess, RealtimeConfig, Retention};
pub use state::{AppState, Parts};
pub use views::{MemberView, NotificationView, SessionView, SetupView, WorkspaceBrief};
