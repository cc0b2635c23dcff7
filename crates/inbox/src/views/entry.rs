//! Private notes and lines about what was done, as they stand among the messages.

use loa_channels::MessageKind;
use loa_kernel::{ConversationId, MemberId, MessageId, Problem, Timestamp};
use loa_store::entity::thread_entries;
use loa_store::entries::EntryKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MessageView;
use crate::words::{Author, Direction, DoneWhat, MessageStatus};

/// What was done to a thread, by `member_id` of the message, or by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Done)]
pub struct DoneView {
    /// What.
    pub what: DoneWhat,
    /// Until what it was snoozed, or why it came back; of an ended follow `noted`: here only, not at the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub kind: Option<String>,
    /// Until when it was snoozed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub until: Option<Timestamp>,
    /// To whom it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assignee_id: Option<MemberId>,
}

impl MessageView {
    /// The view of a note or a line. Pure.
    pub fn of_entry(row: &thread_entries::Model) -> Result<Self, Problem> {
        let kind: EntryKind = row.kind.parse()?;
        let done = match kind {
            EntryKind::Note => None,
            EntryKind::Line => Some(
                DoneView::deserialize(&row.detail)
                    .map_err(|e| Problem::internal(format_args!("detail of a line: {e}")))?,
            ),
        };
        Ok(Self {
            id: MessageId(row.id),
            conversation_id: ConversationId(row.conversation_id),
            direction: Direction::Out,
            author: if row.member_id.is_some() { Author::Member } else { Author::System },
            member_id: row.member_id.map(MemberId),
            kind: if kind == EntryKind::Note { MessageKind::Note } else { MessageKind::Event },
            text: row.text.clone(),
            attachments: Vec::new(),
            platform_id: None,
            client_id: row.client_id,
            quoted: None,
            reactions: Vec::new(),
            status: MessageStatus::Received,
            error: None,
            decision: None,
            charged: None,
            sent_at: Timestamp(row.at),
            created_at: Timestamp(row.at),
            done,
            edited_at: row.edited_at.map(Timestamp),
        })
    }
}
