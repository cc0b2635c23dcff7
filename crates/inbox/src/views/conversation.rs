//! A thread as it stands in the list.

use std::str::FromStr;

use loa_channels::{MessageKind, channel_facts};
use loa_kernel::{ChannelId, ConversationId, CustomerId, MemberId, Problem, Timestamp};
use loa_rulebook::{ComposerState, EditionChoice, Library, ReplyLeft};
use loa_store::channels::Channel;
use loa_store::customers::{recipient_facts, reply_left};
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
    /// What the composer of a member who may write here shows; absent when the account is gone. It changes without an
    /// event when time passes, and with the channel's events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub composer: Option<ComposerState>,
    /// What ends next by itself; absent: nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub closes: Option<Closes>,
    /// Sequence of the last change: a view with a smaller number is older.
    pub change_seq: i64,
}

/// What ends next in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Closes {
    /// Its last instant.
    pub at: Timestamp,
    /// What ends.
    pub what: Closing,
}

/// What can end in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Closing {
    /// The free replies that are left.
    Free,
    /// Sending at all.
    Permission,
}

impl Closes {
    /// Of a row. Pure.
    pub fn of(row: &conversations::Model, now: Timestamp) -> Option<Self> {
        let ahead = |at: Option<i64>| at.map(Timestamp).filter(|at| *at >= now);
        match (ahead(row.free_until_at), ahead(row.permitted_until_at)) {
            (Some(at), _) => Some(Self { at, what: Closing::Free }),
            (None, Some(at)) => Some(Self { at, what: Closing::Permission }),
            (None, None) => None,
        }
    }
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
    /// The view of a row with the rows it refers to. Pure.
    pub fn new(
        row: &conversations::Model,
        customer: &customers::Model,
        identity: &customer_identities::Model,
        account: &Channel,
        rules: &Library,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let edition = EditionChoice::from_str(&account.edition).unwrap_or_default();
        let (facts, recipient) = (channel_facts(account), recipient_facts(identity));
        let decision = rules.decide(&edition, &facts, &recipient, None, now);
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
            reply: reply_left(identity, &account.edition, rules, now)?,
            is_blocked: identity.is_blocked,
            is_follower: identity.is_follower,
            composer: Some(ComposerState::standing(&decision, true)),
            closes: Closes::of(row, now),
            change_seq: row.change_seq,
        })
    }
}
