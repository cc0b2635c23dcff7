//! Hall 2: where capabilities meet for what goes out.
//!
//! A message takes these steps: intent with a client-made id -> facts -> `rulebook::decide` -> message, delivery
//! and reservation in one transaction (`queued`) -> claimed with a lease -> decided again -> `calling`,
//! committed -> the platform is called -> settled: accepted, rejected, not sent, or unknown.
//!
//! Invariants:
//! - No call without a committed row that says that it is being made. A program that dies in the middle leaves
//!   `calling` with a lease that runs out; what became of the call is then *unknown*.
//! - An unknown outcome is never repeated blindly: the platform's own history decides ([`unknown`]). Only when
//!   the message is not there after `unknown_grace_ms` and two looks does it wait again.
//! - The same client id is the same message, however often it is submitted.
//! - Quota is reserved when a message is accepted into the queue and settled once. The numbers in the platform's
//!   answer overwrite ours.
//! - Within a thread messages go one after the other, in the order in which they were written.
//! - After money ran out nothing is sent for money until somebody asks for a try, and then one message only.
//! - What goes out by itself (an automatic reply) is a free reply or nothing, and answers nobody: the customer waits on.
//! - A message that was free when it was written never goes out for money by itself: it fails and asks again.
//!
//! How to add a kind of message: a word in the rule book's limits, a case in `outgoing.rs`, and the connector's
//! call. How to react to another refusal: one line in the table of `refusals.rs`.

mod auto_reply;
mod composer;
mod content;
mod dispatch;
mod facts;
mod macros;
mod outgoing;
mod react;
mod refusals;
mod retry;
mod routes;
mod scheduled;
mod settle;
mod submit;
mod template;
mod trial;
pub mod unknown;
mod ways;

use std::sync::Arc;

use loa_channels::Channels;
use loa_inbox::Inbox;
use loa_kernel::{Ids, Timestamp};
use loa_rulebook::Library;
use loa_store::Store;
use loa_stream::Signals;

pub use auto_reply::AutoReplyWork;
pub use composer::{Composer, DecisionView};
pub use dispatch::Dispatcher;
pub use macros::{MacroAction, MacroEffect, MacroInput, MacroPreview, MacroResult, MacroView, Ran, RunMacro};
pub use refusals::{Act, Consequence, Remedy, consequence, markdown as refusals_markdown};
pub use routes::router;
pub use scheduled::view::{ReturnReason, ScheduledStatus, ScheduledView, views as scheduled_views};
pub use scheduled::{EditScheduled, ScheduleMessage, ScheduledWork};
pub use submit::{SendMessage, Submitted};
pub use unknown::UnknownWork;
pub use ways::{Links, Way, ways};

/// What the operator decides about sending. Times in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundSettings {
    /// A claimed delivery that was not started within this time is anybody's again.
    pub claim_lease_ms: i64,
    /// A call that was not settled within this time is of unknown outcome. Longer than the connector may take
    /// for upload and send together.
    pub call_lease_ms: i64,
    /// After an unknown outcome, the first look at the platform.
    pub unknown_first_look_ms: i64,
    /// A message that is not in the platform's history so long after an unknown outcome, at the second look or
    /// later, was not sent.
    pub unknown_grace_ms: i64,
    /// First and longest wait before a message that was not sent is tried again.
    pub retry_first_ms: i64,
    /// See [`OutboundSettings::retry_first_ms`].
    pub retry_most_ms: i64,
    /// After so many calls that the platform failed by its own word (-200), a message fails.
    pub temporary_attempts: u32,
    /// Calls at the same time, of all accounts.
    pub parallel: usize,
    /// Calls at the same time, of one account.
    pub parallel_per_channel: usize,
    /// Where the composer's links lead.
    pub links: Links,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self {
            claim_lease_ms: 30_000,
            call_lease_ms: 120_000,
            unknown_first_look_ms: 5_000,
            unknown_grace_ms: 60_000,
            retry_first_ms: 1_000,
            retry_most_ms: 60_000,
            temporary_attempts: 5,
            parallel: 32,
            parallel_per_channel: 8,
            links: Links::default(),
        }
    }
}

/// The use cases of sending with what they need. Clone it freely.
#[derive(Clone)]
pub struct Outbound {
    /// The database.
    pub store: Store,
    /// Clock and new ids.
    pub ids: Ids,
    /// The rule books.
    pub rules: Arc<Library>,
    /// Wake-ups after commits.
    pub signals: Signals,
    /// The accounts, and the platforms behind them.
    pub channels: Channels,
    /// Threads, files and views.
    pub inbox: Inbox,
    /// What the operator decides.
    pub settings: Arc<OutboundSettings>,
}

impl Outbound {
    pub(crate) fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }
}
