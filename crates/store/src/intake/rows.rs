//! What a fold reads and what it leaves.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use loa_kernel::{
    ChannelId, ConversationId, CustomerId, EventId, IdentityId, MessageId, Timestamp, WorkspaceId,
};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::auto_replies::NewAutoReply;
use crate::changes::NewChange;
use crate::hours::Plans;
use crate::labels::platform::Tagging;
use crate::work::Work;

/// What to load for a batch.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Channels the events came through, with their workspaces.
    pub channels: BTreeMap<ChannelId, WorkspaceId>,
    /// Platform users the events are about.
    pub users: BTreeMap<ChannelId, BTreeSet<String>>,
    /// Platform messages the events bring or speak of.
    pub messages: BTreeMap<ChannelId, BTreeSet<String>>,
    /// Messages without a platform id that the events would make.
    pub lines: BTreeMap<WorkspaceId, BTreeSet<MessageId>>,
    /// The oldest instant at which the events say something about a user's thread: messages from then on are
    /// needed for counting again, if there are any.
    pub floors: HashMap<(ChannelId, String), Timestamp>,
    /// Users to whom an application of the account wrote: perhaps it was us.
    pub echoes: BTreeMap<ChannelId, BTreeSet<String>>,
    /// Users whose customer record is needed: they shared contact data.
    pub customers: BTreeMap<ChannelId, BTreeSet<String>>,
}

/// What was there.
#[derive(Debug, Clone, Default)]
pub struct Slice {
    /// By id.
    pub channels: HashMap<ChannelId, ChannelRow>,
    /// By channel and platform user.
    pub identities: HashMap<(ChannelId, String), IdentityRow>,
    /// By identity.
    pub conversations: HashMap<IdentityId, ConversationRow>,
    /// By channel and platform message.
    pub messages: HashMap<(ChannelId, String), MessageRow>,
    /// Those of [`Wanted::lines`] that exist.
    pub lines: HashSet<MessageId>,
    /// Those of [`Slice::messages`] of which only an import has told.
    pub imported: HashSet<MessageId>,
    /// Messages from a thread's floor on, but for imported ones; a thread whose last message is older has none.
    pub heads: HashMap<ConversationId, Vec<Head>>,
    /// Our messages whose sending is not settled, oldest first, of threads in [`Wanted::echoes`].
    pub in_flight: HashMap<ConversationId, Vec<InFlight>>,
    /// Marks that wait for their message, by channel and platform message.
    pub marks: HashMap<(ChannelId, String), Vec<Mark>>,
    /// By id.
    pub customers: HashMap<CustomerId, CustomerRow>,
    /// Workspaces in which a message that only thanks asks for nothing: it opens no closed thread and waits for no
    /// answer.
    pub courteous: HashSet<WorkspaceId>,
    /// Channels that answer by themselves while they are closed.
    pub auto_replying: HashSet<ChannelId>,
    /// Opening hours of workspaces with such channels.
    pub hours: HashMap<WorkspaceId, Plans>,
}

/// A channel, as far as intake is concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRow {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: ChannelId,
    /// The platform's word, for example `zalo`.
    pub kind: String,
    /// `connected`, `reconnect_required` or `disconnected`.
    pub status: String,
    /// Why, when not connected.
    pub status_reason: Option<String>,
    /// When that status came about.
    pub status_changed_at: Option<Timestamp>,
    /// Choice of the rules' edition.
    pub edition: String,
}

/// A customer's record, as far as intake is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: CustomerId,
    /// Phone number as it stands.
    pub phone: Option<String>,
}

/// An address of a customer with the facts that events move.
#[derive(Debug, Clone, PartialEq)]
pub struct IdentityRow {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: IdentityId,
    /// The person.
    pub customer: CustomerId,
    /// The channel.
    pub channel: ChannelId,
    /// The platform's user id.
    pub external_id: String,
    /// The platform's user id for the application.
    pub app_user_id: Option<String>,
    /// Follows us; `None`: not known.
    pub is_follower: Option<bool>,
    /// When that was said.
    pub follow_changed_at: Option<Timestamp>,
    /// Takes no messages from us.
    pub is_blocked: bool,
    /// When that was learned.
    pub blocked_changed_at: Option<Timestamp>,
    /// Tags, shared contact data and the like, each with its instant.
    pub facts: Json,
    /// Newest message of theirs.
    pub last_message_at: Option<Timestamp>,
    /// Newest interaction of theirs.
    pub last_interaction_at: Option<Timestamp>,
    /// What set the reply counter.
    pub window_started_at: Option<Timestamp>,
    /// Settled replies since then.
    pub replies_used: i32,
    /// Pending replies.
    pub replies_reserved: i32,
    /// Welcomes used, pending ones included.
    pub welcome_used: i32,
    /// What the platform last said is left.
    pub platform_reply_remain: Option<i32>,
    /// Of how many.
    pub platform_reply_total: Option<i32>,
    /// When it said so.
    pub platform_as_of_at: Option<Timestamp>,
    /// When the profile is to be fetched.
    pub profile_due_at: Option<Timestamp>,
    /// When we first heard of them.
    pub created_at: Timestamp,
}

impl IdentityRow {
    /// The same with the reply window of `other`, which is everything that an ordinary message moves.
    #[must_use]
    pub fn with_window_of(mut self, other: &Self) -> Self {
        self.is_blocked = other.is_blocked;
        self.last_message_at = other.last_message_at;
        self.last_interaction_at = other.last_interaction_at;
        self.window_started_at = other.window_started_at;
        self.replies_used = other.replies_used;
        self
    }
}

/// A thread with what events move.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationRow {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: ConversationId,
    /// The channel.
    pub channel: ChannelId,
    /// The person.
    pub customer: CustomerId,
    /// The address.
    pub identity: IdentityId,
    /// `open`, `pending`, `snoozed` or `closed`.
    pub status: String,
    /// When a member last set it.
    pub status_changed_at: Option<Timestamp>,
    /// Customer messages that nobody has read.
    pub unread_count: i32,
    /// Read by a member up to here.
    pub read_until_at: Option<Timestamp>,
    /// A person of ours wrote last here.
    pub answered_at: Option<Timestamp>,
    /// Oldest customer message that nobody answered.
    pub waiting_since_at: Option<Timestamp>,
    /// The newest message.
    pub last_message_id: Option<MessageId>,
    /// Its instant.
    pub last_message_at: Timestamp,
    /// Its text, cut.
    pub last_preview: String,
    /// `in` or `out`.
    pub last_direction: String,
    /// Its kind; `event` when there is no message yet, only a line about something that happened.
    pub last_kind: String,
    /// Last instant of the free replies that are left.
    pub free_until: Option<Timestamp>,
    /// Last instant at which the platform takes messages.
    pub permitted_until: Option<Timestamp>,
    /// How it is worked on.
    pub work: Work,
    /// When the thread was made.
    pub created_at: Timestamp,
}

/// A message with what events move.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageRow {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: MessageId,
    /// Its thread.
    pub conversation: ConversationId,
    /// Its channel.
    pub channel: ChannelId,
    /// `in` or `out`.
    pub direction: String,
    /// Where it stands.
    pub status: String,
    /// The platform's id.
    pub platform_id: Option<String>,
    /// Reactions as stored.
    pub reactions: Json,
    /// Place in the thread.
    pub sent_at: Timestamp,
}

/// A message, as far as counting is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: MessageId,
    /// By the customer; else by us.
    pub inbound: bool,
    /// By the customer, and asks for an answer.
    pub asks: bool,
    /// By a person of ours.
    pub by_person: bool,
    /// Counts against the free replies.
    pub counts: bool,
    /// Place in the thread.
    pub sent_at: Timestamp,
}

/// A message of ours whose call is under way or whose outcome is unknown.
#[derive(Debug, Clone, PartialEq)]
pub struct InFlight {
    /// The message.
    pub message: MessageRow,
    /// Its kind.
    pub kind: String,
    /// Its text or caption.
    pub text: Option<String>,
    /// When the call began.
    pub calling_since: Option<Timestamp>,
    /// A member wrote it; else it goes out by itself.
    pub by_member: bool,
    /// The pool it holds a place in, when that is still pending, with the amount.
    pub reservation: Option<(String, i64)>,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// `delivered` or `seen`.
    Status,
    /// A reaction of the customer; empty: taken back.
    ReactionCustomer,
    /// A reaction of ours; empty: taken back.
    ReactionUs,
}

impl MarkKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Status, Self::ReactionCustomer, Self::ReactionUs];

    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::ReactionCustomer => "reaction_customer",
            Self::ReactionUs => "reaction_us",
        }
    }
}

/// Something said about a message that is not here yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// About what.
    pub kind: MarkKind,
    /// What.
    pub value: String,
    /// When.
    pub at: Timestamp,
}

/// A message to insert.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// What events move, with the first values.
    pub row: MessageRow,
    /// `customer`, `platform` or `system`.
    pub author: &'static str,
    /// What it is.
    pub kind: String,
    /// Text, caption, or the name of an event.
    pub text: Option<String>,
    /// Array of attachments.
    pub attachments: Json,
    /// The platform's id of what it answers.
    pub quoted_platform_id: Option<String>,
    /// A person of the business wrote it, in the platform's own tool.
    pub by_person: bool,
}

/// A message of ours of which the platform's echo proves that it went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its channel.
    pub channel: ChannelId,
    /// The message.
    pub message: MessageId,
    /// Taken from the account's package: how many.
    pub package: i64,
}

/// An event kept for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Derived from the event's key, so that a replay is the same row.
    pub id: EventId,
    /// Through which channel.
    pub channel: ChannelId,
    /// The platform's name of it; empty when not known.
    pub event_name: String,
    /// A stable word: why it is here.
    pub reason: &'static str,
    /// The body as delivered.
    pub body: String,
    /// When we got it.
    pub received_at: Timestamp,
}

/// Something that became due; the caller wakes whoever does it, after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Profiles to fetch.
    pub profiles: bool,
    /// A channel changed its state.
    pub channels: bool,
    /// A delivery was settled, so the next of its thread may go.
    pub deliveries: bool,
    /// An automatic reply, or a message that was to be sent later, is to be looked at.
    pub scheduled: bool,
}

/// What to write.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// New customers: id, workspace, name. An existing one stays as it is.
    pub new_customers: Vec<(WorkspaceId, CustomerId, String, Option<String>)>,
    /// Customers with a new phone number.
    pub phones: Vec<CustomerRow>,
    /// Identities to insert.
    pub new_identities: Vec<IdentityRow>,
    /// Identities to change.
    pub identities: Vec<IdentityRow>,
    /// Identities of which only the reply window moved ([`IdentityRow::with_window_of`]): most of them, and cheaper
    /// to write.
    pub windows: Vec<IdentityRow>,
    /// Threads to insert.
    pub new_conversations: Vec<ConversationRow>,
    /// Threads to change.
    pub conversations: Vec<ConversationRow>,
    /// Messages to insert.
    pub new_messages: Vec<NewMessage>,
    /// New messages that an import tells of, before the platform's own event.
    pub imported: Vec<(WorkspaceId, MessageId)>,
    /// Imported messages that the platform's own event has told now.
    pub told: Vec<(WorkspaceId, MessageId)>,
    /// Messages to change.
    pub messages: Vec<MessageRow>,
    /// Deliveries that an echo settled.
    pub settled: Vec<Settled>,
    /// Channels with a new status.
    pub channels: Vec<ChannelRow>,
    /// Marks to keep.
    pub marks: Vec<(WorkspaceId, ChannelId, String, Mark)>,
    /// Platform messages whose marks were used.
    pub used_marks: Vec<(WorkspaceId, ChannelId, String)>,
    /// What platforms say about tags, a workspace.
    pub taggings: BTreeMap<WorkspaceId, Vec<Tagging>>,
    /// Customers who wrote outside opening hours.
    pub auto_replies: Vec<NewAutoReply>,
    /// Events for the operator.
    pub raw: Vec<RawEvent>,
    /// What changed, a workspace. Ordered, so that transactions lock workspaces in one order.
    pub changes: BTreeMap<WorkspaceId, Vec<NewChange>>,
    /// Whom to wake.
    pub due: Due,
}

impl Batch {
    /// Is there nothing to write but the cursor?
    pub fn is_empty(&self) -> bool {
        self.new_customers.is_empty()
            && self.phones.is_empty()
            && self.new_identities.is_empty()
            && self.identities.is_empty()
            && self.windows.is_empty()
            && self.new_conversations.is_empty()
            && self.conversations.is_empty()
            && self.new_messages.is_empty()
            && self.messages.is_empty()
            && self.told.is_empty()
            && self.settled.is_empty()
            && self.channels.is_empty()
            && self.marks.is_empty()
            && self.used_marks.is_empty()
            && self.taggings.is_empty()
            && self.auto_replies.is_empty()
            && self.raw.is_empty()
    }
}

/// Milliseconds of an optional instant, as a column takes it.
pub(super) fn ms(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_ms)
}

/// An optional instant of a column.
pub(super) fn at(ms: Option<i64>) -> Option<Timestamp> {
    ms.map(Timestamp)
}

/// Bare ids for `IN (…)`.
pub(super) fn uuids<I: Copy + Into<Uuid>>(ids: impl IntoIterator<Item = I>) -> Vec<Uuid> {
    ids.into_iter().map(Into::into).collect()
}
