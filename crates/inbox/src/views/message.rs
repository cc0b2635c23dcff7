//! A message as it stands in a thread.

use loa_channels::MessageKind;
use loa_kernel::{ConversationId, MemberId, MessageId, Problem, Timestamp};
use loa_rulebook::{Class, Decision};
use loa_store::entity::messages;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AttachmentView, DoneView, file_url};
use crate::words::{Author, Direction, MessageStatus, ReactionBy, word};

/// One message, either way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Message)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// The thread.
    pub conversation_id: ConversationId,
    /// Which way it went.
    pub direction: Direction,
    /// Who wrote it.
    pub author: Author,
    /// Which member, when a member wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub member_id: Option<MemberId>,
    /// What it is.
    pub kind: MessageKind,
    /// Text or caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
    /// What is attached.
    pub attachments: Vec<AttachmentView>,
    /// The platform's id, as soon as it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub platform_id: Option<String>,
    /// The id the browser made for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>, format = "uuid")]
    pub client_id: Option<Uuid>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quoted: Option<QuotedView>,
    /// Reactions to it.
    pub reactions: Vec<ReactionView>,
    /// How far it got.
    pub status: MessageStatus,
    /// Why it did not get further.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<FailureView>,
    /// Why it might go, and as what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision: Option<Decision>,
    /// What it was to the platform, by the platform's own answer; it may differ from what was decided. Absent until
    /// the platform has answered, and where it does not say: of a message that was found in its history or told by
    /// an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub charged: Option<Charged>,
    /// Its place in the thread: the platform's time, or the time of writing while it waits.
    pub sent_at: Timestamp,
    /// When Loa first knew of it.
    pub created_at: Timestamp,
    /// Of a line about what was done to the thread: what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub done: Option<DoneView>,
    /// Of a note: when it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub edited_at: Option<Timestamp>,
}

/// Where [`Charged`] stands in the stored decision.
pub const CHARGED: &str = "charged";

/// What the platform took for a message that it accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Charged {
    /// As what it went.
    pub class: Class,
    /// What this class cost when it went, in whole đồng, by the rule book; the platform does not tell amounts.
    pub cost_vnd: i64,
}

/// A quoted message in short. Only `platform_id` is there when it is older than what Loa has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Quoted)]
pub struct QuotedView {
    /// The platform's id.
    pub platform_id: String,
    /// Its id here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<MessageId>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<MessageKind>,
    /// Which way it went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub direction: Option<Direction>,
}

/// One kind of reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Reaction)]
pub struct ReactionView {
    /// The platform's code, for example `/-heart`.
    pub icon: String,
    /// Whose.
    pub by: ReactionBy,
    /// How often.
    pub count: u32,
}

/// A reaction as it is stored: the last of each side, taken back when its icon is empty.
#[derive(Debug, Clone, Deserialize)]
struct StoredReaction {
    icon: String,
    by: ReactionBy,
}

impl ReactionView {
    fn count(stored: &[StoredReaction]) -> Vec<Self> {
        let mut views: Vec<Self> = Vec::new();
        for reaction in stored.iter().filter(|r| !r.icon.is_empty()) {
            match views.iter_mut().find(|v| v.icon == reaction.icon && v.by == reaction.by) {
                Some(view) => view.count += 1,
                None => views.push(Self { icon: reaction.icon.clone(), by: reaction.by, count: 1 }),
            }
        }
        views
    }
}

/// Why a message did not get further.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Failure)]
pub struct FailureView {
    /// The platform's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub code: Option<i32>,
    /// The platform's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
    /// Our reading of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
}

impl MessageView {
    /// The view of a row; `quoted` is the row of the message it answers, when Loa has it. Pure.
    pub fn new(row: &messages::Model, quoted: Option<&messages::Model>) -> Result<Self, Problem> {
        let mut attachments: Vec<AttachmentView> = stored("attachments", &row.attachments)?;
        for attachment in &mut attachments {
            if let Some(file) = attachment.file_id {
                attachment.url = Some(file_url(file));
            }
        }
        let problem: Option<Problem> =
            row.problem.as_ref().map(|json| stored("problem", json)).transpose()?;
        let failed = row.error_code.is_some() || row.error_text.is_some() || problem.is_some();
        Ok(Self {
            id: MessageId(row.id),
            conversation_id: ConversationId(row.conversation_id),
            direction: word(&row.direction)?,
            author: word(&row.author)?,
            member_id: row.member_id.map(MemberId),
            kind: word(&row.kind)?,
            text: row.text.clone(),
            attachments,
            platform_id: row.platform_id.clone(),
            client_id: row.client_id,
            quoted: row
                .quoted_platform_id
                .as_ref()
                .map(|platform_id| QuotedView::new(platform_id, quoted))
                .transpose()?,
            reactions: ReactionView::count(&stored::<Vec<StoredReaction>>("reactions", &row.reactions)?),
            status: word(&row.status)?,
            error: failed.then(|| FailureView {
                code: row.error_code,
                text: row.error_text.clone(),
                problem,
            }),
            decision: row.decision.as_ref().map(|json| stored("decision", json)).transpose()?,
            charged: row
                .decision
                .as_ref()
                .and_then(|json| json.get(CHARGED))
                .map(|json| stored("charged", json))
                .transpose()?,
            sent_at: Timestamp(row.sent_at),
            created_at: Timestamp(row.created_at),
            done: None,
            edited_at: None,
        })
    }
}

impl QuotedView {
    fn new(platform_id: &str, row: Option<&messages::Model>) -> Result<Self, Problem> {
        Ok(Self {
            platform_id: platform_id.to_owned(),
            id: row.map(|row| MessageId(row.id)),
            text: row.and_then(|row| row.text.clone()),
            kind: row.map(|row| word(&row.kind)).transpose()?,
            direction: row.map(|row| word(&row.direction)).transpose()?,
        })
    }
}

fn stored<T: serde::de::DeserializeOwned>(what: &str, json: &serde_json::Value) -> Result<T, Problem> {
    T::deserialize(json).map_err(|e| Problem::internal(format_args!("{what} of a message: {e}")))
}
