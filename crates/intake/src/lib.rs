//! Hall 1, where capabilities meet for what comes in: webhook, event log, fold, database.
//!
//! ```text
//! POST /webhooks/…  -> genuine? whose? -> event log (durable) -> 200
//! event log         -> 500 events of one partition -> parse -> load -> fold (pure) -> ONE transaction -> signals
//! ```
//!
//! Invariants:
//! - A webhook is answered 200 only when its event is durable; a refused one leaves nothing.
//! - A batch and its cursor are one transaction: a crash anywhere repeats the batch and changes nothing twice.
//!   Two programs that hold the same batch meet at the cursor, and one leaves.
//! - The fold gives the same end for every order and number of deliveries ([`fold`]).
//! - No event stops the others: what cannot be understood, or fails again and again, is set aside raw, where
//!   the operator sees it.
//! - Nobody is told of a change before it is committed.
//!
//! How to add a kind of event: give it a word in `loa_channels::InboundKind`, say in [`fold::wanted`] what must
//! be loaded for it and in `fold::one` what it does (newest wins, maximum, or counted: see [`fold`]), add it to the
//! generator of `tests/order.rs` and to the table of `tests/corpus.rs`. How to add a capability that listens:
//! a function called from `fold::one`, a field in `loa_store::intake::Batch`, a statement in its `apply`.

pub mod fold;
mod import;
mod webhook;
mod worker;

pub use import::ImportWork;
pub use webhook::{Webhooks, public_router};
pub use worker::{Intake, IntakeConfig, IntakeError, Step};
