//! The wire of the Zalo Official Account (OA) platform, and a typed client for it.
//!
//! Both ends of the wire use these types: a program that calls the platform, and an emulator that
//! answers in its place. So every request and answer implements both `Serialize` and `Deserialize`,
//! writes what the documentation shows, and reads more tolerantly than it writes: numbers as strings,
//! integer ids, both spellings of keys that sources spell in two ways, unknown keys.
//!
//! Where a comment says "platform reference §n", n is a section of the compiled description of the
//! platform that this crate was written from.
//!
//! | Module | What it holds |
//! |---|---|
//! | [`paths`] | paths, header names and official hosts |
//! | [`flex`] | serde helpers for the platform's loose typing |
//! | [`date`] | the platform's `dd/MM/yyyy` |
//! | [`envelope`] | `{error, message, data}` around nearly every answer |
//! | [`error`] | the table of error codes |
//! | [`oauth`] | consent address, PKCE, tokens |
//! | [`signature`] | webhook signature and `appsecret_proof` |
//! | [`message`], [`attach`], [`sent`] | what an OA sends, and the answer |
//! | [`field`], [`custom`], [`tag`] | fields of the OA's own on users, their values, and tags |
//! | [`quota`], [`user`], [`oa`], [`conversation`], [`upload`] | the other calls |
//! | [`webhook`] | events the platform posts |
//! | [`limit`] | rate limiter for the documented figures |
//! | [`client`] | [`client::ZaloClient`], which tells accepted, rejected, not sent and unknown apart |
//!
//! # Invariants
//!
//! - Nothing here retries. A send is not idempotent on this platform; only the caller knows what may be
//!   repeated.
//! - A request that may have reached the platform is never reported as "not sent".
//! - An odd counter, date or attachment never turns an accepted answer or a known event into a failure:
//!   what cannot be read is kept raw or left out.
//! - Tokens and secrets never show in `Debug` output.
//! - No clock and no randomness are read: both are arguments. (The rate limiter uses a monotonic clock.)
//!
//! # How to add one
//!
//! - A call: put its path in [`paths`], its request and answer types in a module, a method in
//!   `client::calls`, and a case in `tests/client.rs`.
//! - A webhook event: a line in `webhook::names`, a variant of [`webhook::EventKind`] if the family is new,
//!   and a body in `tests/corpus`.
//! - An error code: a row in [`error::TABLE`].

pub mod attach;
pub mod client;
pub mod conversation;
#[cfg(feature = "corpus")]
pub mod corpus;
pub mod custom;
pub mod date;
pub mod envelope;
pub mod error;
pub mod field;
pub mod flex;
pub mod limit;
pub mod message;
pub mod oa;
pub mod oauth;
pub mod paths;
pub mod quota;
pub mod sent;
pub mod signature;
pub mod tag;
pub mod upload;
pub mod user;
pub mod webhook;

pub use client::{Answer, Endpoints, Outcome, Rejection, ZaloClient};
pub use envelope::Envelope;
pub use error::{ErrorCode, ErrorRow, RetryClass};
