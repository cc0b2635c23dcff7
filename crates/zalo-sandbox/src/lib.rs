//! A Zalo on your machine: the Official Account platform, emulated.
//!
//! It speaks the platform's own paths, headers and envelopes, signs and redelivers its webhooks, keeps windows,
//! quotas and money by the dated rule books, and lets a developer move its clock, break it on purpose, and chat
//! as a customer on a simulated phone. Section numbers (§) in comments are those of the platform reference.
//!
//! ```no_run
//! # async fn demo() -> anyhow::Result<()> {
//! let sandbox = zalo_sandbox::Sandbox::start(zalo_sandbox::Config::default()).await?;
//! println!("phone page on {}", sandbox.base_url);
//! sandbox.shutdown().await
//! # }
//! ```
//!
//! | Part | Where |
//! |---|---|
//! | state, plain data | `model` |
//! | what happens when somebody acts | `domain` |
//! | the platform's interface | `api` |
//! | control interface under `/_sandbox/api` | `control` |
//! | events to apps | `webhook` |
//! | pages | `pages/` (plain files, inside the program) |
//! | figures that are not messaging rules | `platform.toml` |
//!
//! # Invariants
//!
//! - One lock over the state: a call either happened whole or did not. The lock is never held across an await.
//! - Whether a message may go and who pays is decided by `loa_rulebook::decide` alone, on the sandbox's own
//!   bookkeeping.
//! - The ledger never loses a message but by a reset, and never holds one twice: tests of clients count there.
//! - Everything that has a life is measured on [`clock::SandboxClock`]; only `clock` reads the machine's.
//! - Nothing pushes quota: a sender learns of other senders by the next answer.
//! - Where sources disagree, the behaviour is a switch of [`model::Settings`], with its default explained in the
//!   README.
//!
//! # How to add one
//!
//! - An endpoint of the platform: see `api`. A control endpoint: see `control`.
//! - A fault: a variant in `model/fault.rs`, its effect in `api/gate.rs` or `webhook/events.rs`, its entry in the
//!   dial of `pages/control.js`.
//! - An event: a body in `webhook/events.rs`; until then `POST /_sandbox/api/events` posts any.

mod api;
pub mod clock;
mod config;
mod control;
mod domain;
mod media;
pub mod model;
mod pages;
mod persist;
mod platform;
mod rate;
mod script;
mod server;
mod tls;
mod webhook;
mod world;

pub use config::Config;
pub use server::{Running, Sandbox};
pub use tls::HOSTS;
pub use webhook::past::PastEvent;
pub use world::{Live, World};
