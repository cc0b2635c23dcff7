//! The log's vocabulary: what is appended, what is read, what may go wrong.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};

use crate::Wakeup;

/// Number of partitions. Part of the durable layout: it cannot change while events or cursors exist.
pub const PARTITIONS: u16 = 16;

/// The partition in which all events of `channel` live: a hash of its id, so that one channel is folded in
/// order and several are folded side by side.
pub fn partition_of(channel: ChannelId) -> u16 {
    // FNV-1a: ids are already random in their tail, this only spreads all of their bits. Not for secrets.
    let hash = channel
        .0
        .as_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3));
    ((hash ^ (hash >> 32)) % u64::from(PARTITIONS)) as u16
}

/// One raw event to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRecord {
    /// Where it goes: [`partition_of`] its channel. Must be below [`PARTITIONS`].
    pub partition: u16,
    /// Names the event within its channel; a second one with the same key is a redelivery.
    pub key: String,
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Through which account it came.
    pub channel: ChannelId,
    /// When we got it, by our clock. Retention goes by this.
    pub received_at: Timestamp,
    /// The body as it was delivered, byte for byte.
    pub body: Bytes,
}

/// An event read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place; grows within a partition, with holes.
    pub position: i64,
    /// The event.
    pub event: EventRecord,
}

/// What became of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is durable, at this position.
    Stored {
        /// The position within the partition.
        position: i64,
    },
    /// The channel's event with this key is in the log already, and durable.
    Duplicate,
}

/// Why the log could not do it. Nothing of a refused append is kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The queue stayed full for longer than the log waits. The platform must deliver again.
    #[error("the event log takes no more at the moment")]
    Overloaded,
    /// The log was closed or its writer is gone.
    #[error("the event log is closed")]
    Closed,
    /// A partition that does not exist.
    #[error("partition {0} does not exist")]
    BadPartition(u16),
    /// The file could not be read or written: full disk, broken file. Worth another try later.
    #[error("event log storage: {0}")]
    Storage(Arc<sqlx::Error>),
    /// What was read is not what was written.
    #[error("event log holds a damaged row at position {position}")]
    Damaged {
        /// The row's position.
        position: i64,
    },
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        Self::Storage(Arc::new(error))
    }
}

/// A durable, partitioned log of raw events. See the crate's invariants.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Keep `event`. Answers only when it (or the earlier one with the same key) is durable.
    ///
    /// # Errors
    /// [`LogError::Overloaded`] under back-pressure, [`LogError::Storage`] when the disk refuses,
    /// [`LogError::BadPartition`], [`LogError::Closed`].
    async fn append(&self, event: EventRecord) -> Result<Appended, LogError>;

    /// Up to `limit` events of `partition` after position `after`, in order. Start with 0.
    async fn read(&self, partition: u16, after: i64, limit: usize) -> Result<Vec<StoredEvent>, LogError>;

    /// Number of events of `partition` after position `after`, for the lag metric.
    async fn count_after(&self, partition: u16, after: i64) -> Result<u64, LogError>;

    /// A wake-up for new events of `partition`. Subscribe first, read then, wait last: so none is missed.
    fn subscribe(&self, partition: u16) -> Result<Wakeup, LogError>;

    /// Forget events received before `received_before`, but in each partition only those at or below the
    /// position given in `processed`; a partition that is not named keeps everything. Answers how many went.
    async fn prune(&self, received_before: Timestamp, processed: &[(u16, i64)]) -> Result<u64, LogError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partitions_are_stable_and_evenly_used() {
        // Frozen: a channel that moved to another partition would be folded from the wrong cursor.
        let id = ChannelId(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_000a));
        assert_eq!(partition_of(id), partition_of(id));
        assert_eq!(partition_of(id), 11);
        let mut counts = [0_u32; PARTITIONS as usize];
        for i in 0..16_000_u32 {
            let id = ChannelId::derived(Timestamp(1_700_000_000_000), &[&i.to_be_bytes()]);
            counts[usize::from(partition_of(id))] += 1;
        }
        assert!(counts.iter().all(|n| (800..1200).contains(n)), "{counts:?}");
    }
}
