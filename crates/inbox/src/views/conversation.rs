//! A thread as it stands in the list.

use std::str::FromStr;

use loa_channels::{MessageKind, channel_facts};
use loa_kernel::{ChannelId, ConversationId, CustomerId, LabelId, MemberId, PhoneGroup, Problem, Timestamp};
use loa_rulebook::{ComposerState, EditionChoice, Library, ReplyLeft};
use loa_store::channels::Channel;
use loa_store::conversations::position;
use loa_store::customers::{recipient_facts, reply_left};
use loa_store::entity::{conversations, customer_identities, customers};
use loa_store::work::{Work, closes_next};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::{BackReason, ConversationStatus, Direction, SnoozedUntil, word};

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
    /// Labels that the customer carries.
    pub label_ids: Vec<LabelId>,
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
    /// The list's order: the last message, or when the thread came back after it.
    pub sort_at: Timestamp,
    /// While snoozed: until what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub snooze: Option<SnoozeView>,
    /// Why an open thread is back; absent when nobody had put it away, and as soon as somebody has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub back: Option<BackView>,
    /// The running episode, or the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub episode: Option<EpisodeView>,
    /// Time of the last message.
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

/// Until what a thread is snoozed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Snoozed)]
pub struct SnoozeView {
    /// Until what.
    pub kind: SnoozedUntil,
    /// When it comes back by itself; absent: with the customer's message only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Timestamp>,
}

/// Why a thread is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Back)]
pub struct BackView {
    /// Why.
    pub reason: BackReason,
    /// When.
    pub at: Timestamp,
}

/// From the first message after a thread was closed until it is closed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Episode)]
pub struct EpisodeView {
    /// The first message of either side.
    pub opened_at: Timestamp,
    /// The customer's first message that asks for an answer; the time to the first response counts from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub asked_at: Option<Timestamp>,
    /// The first message after that which a person of the business wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub first_response_at: Option<Timestamp>,
    /// When a member closed the thread; absent: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub resolved_at: Option<Timestamp>,
}

impl EpisodeView {
    fn of(work: &Work) -> Option<Self> {
        Some(Self {
            opened_at: work.opened_at?,
            asked_at: work.asked_at,
            first_response_at: work.responded_at,
            resolved_at: work.closed_at.filter(|_| !work.is_running()),
        })
    }
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
        let (kind, at) = closes_next(row, now)?;
        let free = kind == loa_store::work::SnoozeKind::Free;
        Some(Self { at, what: if free { Closing::Free } else { Closing::Permission } })
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
    /// The group of their phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub group: Option<PhoneGroup>,
}

/// How many threads each list has. No number exceeds 1,000: show that as "999+".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Open and pending.
    pub all: u64,
    /// Of these, yours.
    pub mine: u64,
    /// Of these, nobody's.
    pub unassigned: u64,
    /// Of these, with unread messages.
    pub unread: u64,
    /// Pending.
    pub pending: u64,
    /// Snoozed.
    pub snoozed: u64,
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
        (label_ids, group): (Vec<LabelId>, Option<PhoneGroup>),
        rules: &Library,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let edition = EditionChoice::from_str(&account.edition).unwrap_or_default();
        let (facts, recipient) = (channel_facts(account), recipient_facts(identity));
        let decision = rules.decide(&edition, &facts, &recipient, None, now);
        let work = Work::of(row);
        let open = row.status == "open";
        let unanswered = |at: Timestamp| row.answered_at.is_none_or(|answered| answered < at.0);
        let snooze = row.snooze_kind.as_deref().filter(|_| row.status == "snoozed");
        Ok(Self {
            id: ConversationId(row.id),
            channel_id: ChannelId(row.channel_id),
            customer: CustomerBrief {
                id: CustomerId(customer.id),
                display_name: customer.display_name.clone(),
                avatar_url: customer.avatar_url.clone(),
                group,
            },
            label_ids,
            status: word(&row.status)?,
            assignee_id: row.assignee_id.map(MemberId),
            unread_count: u32::try_from(row.unread_count).unwrap_or(0),
            waiting_since_at: row.waiting_since_at.map(Timestamp),
            sort_at: position(row).0,
            snooze: snooze
                .map(|kind| {
                    Ok::<_, Problem>(SnoozeView {
                        kind: word(kind)?,
                        until: row.snoozed_until_at.map(Timestamp),
                    })
                })
                .transpose()?,
            back: work
                .back
                .filter(|(_, at)| open && unanswered(*at))
                .map(|(reason, at)| Ok::<_, Problem>(BackView { reason: word(reason.as_str())?, at }))
                .transpose()?,
            episode: EpisodeView::of(&work),
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
