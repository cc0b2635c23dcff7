//! A message that is to be sent later, as its thread shows it.

use std::collections::HashMap;

use loa_inbox::views::{FileView, Loader};
use loa_kernel::{ConversationId, FileId, MemberId, MessageId, Problem, ScheduledId, Timestamp};
use loa_rulebook::{Class, Decision};
use loa_store::ConnectionTrait;
use loa_store::scheduled::Scheduled;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScheduledStatus {
    /// Until its time.
    Waiting,
    /// It was not sent, and its writer has it back.
    Returned,
    /// It is a message of its thread.
    Sent,
    /// Somebody took it back.
    Canceled,
}

/// Why it was returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// The customer wrote first.
    CustomerWrote,
    /// It would have cost more than its writer saw.
    CostsMore,
    /// The rules did not allow it any more; the problem says why.
    NotAllowed,
    /// Its writer may not send in this thread any more.
    NotYours,
}

impl ReturnReason {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CustomerWrote => "customer_wrote",
            Self::CostsMore => "costs_more",
            Self::NotAllowed => "not_allowed",
            Self::NotYours => "not_yours",
        }
    }
}

/// A message that is to be sent later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScheduledMessage)]
pub struct ScheduledView {
    /// Its id.
    pub id: ScheduledId,
    /// The thread.
    pub conversation_id: ConversationId,
    /// Who wrote it.
    pub member_id: MemberId,
    /// The id the browser made; the message that is sent carries it too.
    #[schema(value_type = String, format = "uuid")]
    pub client_id: Uuid,
    /// Text or caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub text: Option<String>,
    /// The file that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub file: Option<FileView>,
    /// The sticker that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub sticker_id: Option<String>,
    /// The message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quoted_message_id: Option<MessageId>,
    /// When it is to be sent.
    pub send_at: Timestamp,
    /// It is not sent when the customer writes first.
    pub cancel_on_reply: bool,
    /// The most its writer accepted.
    pub seen_class: Class,
    /// The decision about its time, made when it was written or last changed.
    pub decision: Decision,
    /// Where it stands.
    pub status: ScheduledStatus,
    /// Why it was returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reason: Option<ReturnReason>,
    /// The refusal, when that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// What was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message_id: Option<MessageId>,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Views of these rows, in their order. One query, for the files.
pub async fn views<C: ConnectionTrait>(
    loader: &Loader<'_, C>,
    rows: &[Scheduled],
) -> Result<Vec<ScheduledView>, Problem> {
    let ids: Vec<FileId> = rows.iter().filter_map(|row| row.file_id).map(FileId).collect();
    let files: HashMap<FileId, FileView> = match ids.as_slice() {
        [] => HashMap::new(),
        ids => loader.files(ids).await?.into_iter().map(|file| (file.id, file)).collect(),
    };
    rows.iter()
        .map(|row| {
            let file = row.file_id.and_then(|id| files.get(&FileId(id)).cloned());
            view(row, file).map_err(|e| Problem::internal(format_args!("a scheduled message: {e}")))
        })
        .collect()
}

fn view(row: &Scheduled, file: Option<FileView>) -> Result<ScheduledView, serde_json::Error> {
    let word = |text: &str| serde_json::Value::from(text);
    Ok(ScheduledView {
        id: ScheduledId(row.id),
        conversation_id: ConversationId(row.conversation_id),
        member_id: MemberId(row.member_id),
        client_id: row.client_id,
        text: row.text.clone(),
        file,
        sticker_id: row.sticker_id.clone(),
        quoted_message_id: row.quoted_message_id.map(MessageId),
        send_at: Timestamp(row.send_at),
        cancel_on_reply: row.cancel_on_reply,
        seen_class: serde_json::from_value(word(&row.seen_class))?,
        decision: serde_json::from_value(row.decision.clone())?,
        status: serde_json::from_value(word(&row.state))?,
        reason: row.reason.as_deref().map(|reason| serde_json::from_value(word(reason))).transpose()?,
        problem: row.problem.clone().map(serde_json::from_value).transpose()?,
        message_id: row.message_id.map(MessageId),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}
