//! Small closed vocabularies of threads and messages. They are stored as the same words.

pub use loa_kernel::ConversationStatus;
use loa_kernel::Problem;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{Deserialize, IntoDeserializer};
use serde::{Deserialize as DeriveDeserialize, Serialize};
use utoipa::ToSchema;

/// Until what a thread is snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SnoozedUntil {
    /// A time.
    Time,
    /// The customer's next message, which ends every other snooze too.
    Reply,
    /// Some time before the free replies end.
    Free,
    /// Some time before the platform takes no messages any more.
    Permission,
}

/// Why a thread is open again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BackReason {
    /// The time came.
    Time,
    /// A window closes soon.
    Closing,
    /// The customer wrote.
    Reply,
}

/// What was done to a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DoneWhat {
    /// Opened by a member.
    Open,
    /// Set to wait.
    Pending,
    /// Closed.
    Closed,
    /// Put away for a time.
    Snoozed,
    /// Came back by itself.
    Back,
    /// Given to somebody.
    Assigned,
    /// Taken from everybody.
    Unassigned,
    /// The customer's follow was ended.
    FollowRemoved,
}

/// Which way a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From the customer.
    In,
    /// From the business.
    Out,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// A member, here.
    Member,
    /// Nobody: an automatic reply.
    Bot,
    /// The business, in the platform's own tool or through another application.
    Platform,
    /// Loa itself.
    System,
}

/// How far a message got. Every word but the first is of messages of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageStatus {
    /// Arrived from the customer.
    Received,
    /// Waits to be sent.
    Queued,
    /// Is being handed to the platform.
    Sending,
    /// The platform took it.
    Sent,
    /// It reached the customer's device.
    Delivered,
    /// The customer has seen it.
    Seen,
    /// The platform refused it.
    Failed,
    /// The platform may or may not have taken it; being looked up.
    Unknown,
}

/// Who reacted to a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, DeriveDeserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReactionBy {
    /// The customer.
    Customer,
    /// The business.
    Us,
}

/// A stored word; one that is not in the vocabulary is a fault of ours.
pub fn word<'a, W: Deserialize<'a>>(stored: &'a str) -> Result<W, Problem> {
    let source: StrDeserializer<'a, Error> = stored.into_deserializer();
    W::deserialize(source).map_err(|e| Problem::internal(format_args!("stored word {stored:?}: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_stored() {
        for status in ["open", "pending", "snoozed", "closed"] {
            assert_eq!(word::<ConversationStatus>(status).unwrap().as_str(), status);
        }
        assert_eq!(word::<Direction>("in").unwrap(), Direction::In);
        assert_eq!(word::<MessageStatus>("unknown").unwrap(), MessageStatus::Unknown);
        assert!(word::<Author>("robot").is_err());
    }
}
