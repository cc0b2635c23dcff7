//! A thread as it stands in the list.

use loa_channels::MessageKind;
use loa_kernel::{ChannelId, ConversationId, CustomerId, MemberId, Problem, Timestamp};
use loa_rulebook::{Library, ReplyLeft};
use loa_store::customers::reply_left;
use loa_store::entity::{conversations, customer_identities, customers};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::{ConversationStatus, Direction, word};

/// A thread with one customer on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// The account it runs on.
    pub channel_id: ChannelId,
    /// With whom.
    pub customer: CustomerBrief,
    /// Whether it is being worked on.
    pub status: ConversationStatus,
    /// Who is responsible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assignee_id: Option<MemberId>,
    /// Messages of the customer that nobody has read.
    pub unread_count: u32,
    /// Since when the customer waits for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waiting_since_at: Option<Timestamp>,
    /// Time of the last message; the list's order.
    pub last_message_at: Timestamp,
    /// The last message in short; empty when it has no text.
    pub last_preview: String,
    /// Which way the last message went.
    pub last_direction: Direction,
    /// What the last message is.
    pub last_kind: MessageKind,
    /// Free replies left and until when; null when there is no free window.
    #[schema(required)]
    pub reply: Option<ReplyLeft>,
    /// The customer takes no messages from us.
    pub is_blocked: bool,
    /// Whether the customer follows the account; absent when not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub is_follower: Option<bool>,
    /// Sequence of the last change: a view with a smaller number is older.
    pub change_seq: i64,
}

/// A customer in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerBrief {
    /// Their id.
    pub id: CustomerId,
    /// Their name.
    pub display_name: String,
    /// Their picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub avatar_url: Option<String>,
}

/// How many threads each list has. No number exceeds 1,000: show that as "999+".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Not closed.
    pub all: u64,
    /// Not closed and yours.
    pub mine: u64,
    /// Not closed and nobody's.
    pub unassigned: u64,
    /// Not closed and with unread messages.
    pub unread: u64,
    /// Closed.
    pub closed: u64,
}

impl ConversationView {
    /// The view of a row with the rows it refers to, and the edition its channel follows. Pure.
    pub fn new(
        row: &conversations::Model,
        customer: &customers::Model,
        identity: &customer_identities::Model,
        edition: &str,
        rules: &Library,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        Ok(Self {
            id: ConversationId(row.id),
            channel_id: ChannelId(row.channel_id),
            customer: CustomerBrief {
                id: CustomerId(customer.id),
                display_name: customer.display_name.clone(),
                avatar_url: customer.avatar_url.clone(),
            },
            status: word(&row.status)?,
            assignee_id: row.assignee_id.map(MemberId),
            unread_count: u32::try_from(row.unread_count).unwrap_or(0),
            waiting_since_at: row.waiting_since_at.map(Timestamp),
            last_message_at: Timestamp(row.last_message_at),
            last_preview: row.last_preview.clone(),
            last_direction: word(&row.last_direction)?,
            last_kind: word(&row.last_kind)?,
            reply: reply_left(identity, edition, rules, now)?,
            is_blocked: identity.is_blocked,
            is_follower: identity.is_follower,
            change_seq: row.change_seq,
        })
    }
}
