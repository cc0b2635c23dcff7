//! The database: entities, migrations, queries, transactions; SQLite and PostgreSQL by the same code.
//!
//! Invariants:
//! - Only this crate writes queries (the event log of `loa-stream` is a database of its own).
//! - Every function takes the workspace and is limited to it. Exceptions say so and why: a session by its
//!   token, a sign-in by e-mail, an application or channel by the platform's id, and due work, which one
//!   worker does for all workspaces.
//! - Writing happens in a [`Tx`]; many rows are written by one statement ([`rows`]), never one by one.
//! - A transaction that changes what people see ends with [`changes::append`]: it locks the workspace's
//!   sequence until commit, so sequence numbers become visible in order and without gaps.
//! - Public functions speak the kernel's ids and instants; `Uuid` and `i64` stay inside, in [`entity`].
//! - Secrets lie sealed ([`Vault`]) and records that hold them do not print them.
//! - Which database it is, only [`dialect`] asks.
//!
//! How to add a table: see [`migration`]. How to add a query: a function in the module of its subject, taking
//! `&impl ConnectionTrait` when it reads and `&Tx` when it writes, with a test in `tests/` that runs
//! on both databases (`on_both_databases!`).

pub mod audit;
pub mod authorship;
pub mod auto_replies;
pub mod bulk;
pub mod canned_replies;
pub mod changes;
pub mod channels;
pub mod conversations;
pub mod customers;
mod db;
mod dialect;
pub mod drafts;
pub mod entity;
pub mod entries;
mod error;
pub mod files;
pub mod follows;
pub mod hours;
pub mod imports;
pub mod intake;
pub mod labels;
pub mod layouts;
mod lease;
pub mod macros;
pub mod members;
pub mod messages;
mod migration;
pub mod notifications;
pub mod outbound;
mod owned;
pub mod packages;
#[cfg(test)]
mod plans;
pub mod profiles;
pub mod quota;
pub mod raw_events;
mod rows;
pub mod saved_views;
pub mod scheduled;
pub mod search;
mod secret;
pub mod sessions;
pub mod sign_in;
pub mod stickers;
mod vault;
mod words;
pub mod work;
pub mod workspaces;

pub use db::{Store, StoreConfig, Tx};
pub use error::{Result, StoreError};
pub use migration::{SchemaState, schema_fingerprint};
pub use sea_orm::ConnectionTrait;
pub use secret::Secret;
pub use vault::{Place, Vault};
