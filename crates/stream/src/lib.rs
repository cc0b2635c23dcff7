//! What comes in, kept durably before anybody thinks about it, and wake-ups for whoever waits.
//!
//! Three things live here:
//! - [`EventLog`]: an append-only log of raw platform events in [`PARTITIONS`] partitions. The webhook
//!   answers 200 only after its event is in the log and the log is on the disk. [`SqliteEventLog`] keeps it
//!   in a SQLite file of its own, so that intake goes on while the main database is down or busy.
//! - [`Signals`]: in-process wake-ups that carry no data. Whoever is woken looks at the durable state, so a
//!   signal that comes twice, early or for nothing does no harm.
//! - [`Online`]: how many live connections each workspace has.
//!
//! Invariants:
//! - An event that was answered [`Appended::Stored`] survives `kill -9` and loss of power.
//! - Within a partition positions only grow, and a reader that has seen position p never later finds an
//!   event at or below p: positions become visible in their order.
//! - The same key of the same channel is stored once while its event is kept. **The horizon of this check is
//!   the retention** ([`EventLog::prune`]); what comes again later passes here and is caught by the unique
//!   keys and derived ids of intake.
//! - Events of one channel always land in one partition ([`partition_of`]), so they are folded in order.
//! - A wake-up is never lost: what was notified after [`Signals::subscribe`] is seen by the next
//!   [`Wakeup::changed`], also when nobody was waiting at that moment.
//!
//! How to add a backend: implement [`EventLog`] with these invariants and run `tests/log.rs` on it. How to
//! add a topic: one variant of [`Topic`].

mod event;
mod online;
mod signals;
mod sqlite;

pub use event::{Appended, EventLog, EventRecord, LogError, PARTITIONS, StoredEvent, partition_of};
pub use online::{Online, Presence};
pub use signals::{Signals, Topic, Wakeup};
pub use sqlite::{LogConfig, SqliteEventLog};
