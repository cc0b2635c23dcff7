//! Writing what goes out: messages of members, their deliveries, and the quota they hold.
//!
//! Invariants:
//! - A message that waits, its delivery and its reservation are made in one transaction, under a lock of the
//!   account's and the customer's rows ([`lock_thread`]), so that two agents cannot take the same last
//!   message of a pool.
//! - A reservation is settled once: [`post`] and [`void`] change only a pending one, and the counters with it.
//! - Within a thread deliveries are claimed one at a time in the order of their messages; one whose outcome
//!   is unknown holds the ones behind it.
//! - A status of a message never goes backwards ([`status_rank`]).
//! - What a message took from its pool is counted by day ([`crate::quota`]) when its reservation is posted.
//! - What is over may be forgotten after a while ([`prune_deliveries`], [`prune_reservations`]): a client id is known
//!   by its message, and a failed message that is tried again gets a delivery and a reservation anew.
//!
//! Rows are locked in this order everywhere here: channel, identity, conversation, messages, deliveries.

mod claim;
mod message;
mod pools;
mod prune;
mod thread;

#[cfg(test)]
pub(crate) use claim::due;
pub use claim::{
    claim_queued, claim_unknown, finish, hold, lock_delivery, queue_depth, release_lease, stranded,
};
pub use message::{
    Inbound, NewMessage, adopt_platform_row, by_client_id, by_platform_id, cancel, delivery, enqueue,
    inbound_after, lock_message, newest, news, next_instant, platform_time_known_at, requeue_failed,
    requeue_unsent, status_rank, update_message,
};
pub use pools::{Pool, Posted, post, reservation, reserve, void};
pub use prune::{prune_deliveries, prune_reservations};
pub use thread::{Thread, lock_thread, save_channel, save_conversation, save_identity, thread};

use crate::words::words;

words! {
    /// Where a delivery stands.
    DeliveryState {
        /// Waits for its due time and for the ones before it in its thread.
        Queued = "queued",
        /// The platform is being called, or was when the program died.
        Calling = "calling",
        /// The platform may have it; to be looked up, never repeated blindly.
        Unknown = "unknown",
        /// Nothing more to do.
        Done = "done",
    }
}
