//! Zalo Official Accounts: the adapter between the platform's wire (crate `zalo`) and Loa's words.
//!
//! Invariants:
//! - No wire type leaves this module.
//! - A refused call is mapped to a [`crate::Refusal`] in one table (`refusal.rs`), an event to an
//!   [`crate::InboundKind`] in one table (`parse.rs`).
//! - Uploads live 7 days on the platform (platform reference §12). An upload is remembered for less than that
//!   and made again when the platform says it is gone.
//!
//! How to add an event or an error code: a line in the table of `parse.rs` or `refusal.rs` and a line in its
//! test.

mod client;
mod gif;
mod history;
mod parse;
mod people;
mod refusal;
mod template;

pub use client::{ZaloConnector, ZaloSettings};
pub use refusal::codes;
