//! Use cases of drafts: nothing typed is ever lost.

use loa_kernel::{Action, Actor, Code, ConversationId, FileId, Problem, Timestamp};
use loa_store::drafts;

use crate::Inbox;
use crate::views::{DraftView, FileView};

/// The longest draft that is kept, in characters. Far above what any platform takes in one message, so that a
/// text which has to be split is not lost while it is.
pub const MAX_DRAFT_CHARS: usize = 20_000;
/// The most files a draft keeps.
pub const MAX_DRAFT_FILES: usize = 20;

impl Inbox {
    /// The draft of `actor` in this thread; empty when there is none.
    pub async fn draft(&self, actor: &Actor, conversation: ConversationId) -> Result<DraftView, Problem> {
        let db = self.store.reader();
        self.visible_thread(db, actor, Action::View, conversation).await?;
        let Some(row) = drafts::get(db, actor.workspace, conversation, actor.member).await? else {
            return Ok(DraftView { text: String::new(), attachments: Vec::new(), updated_at: None });
        };
        let files: Vec<FileId> = serde_json::from_value(row.attachments)
            .map_err(|e| Problem::internal(format_args!("attachments of a draft: {e}")))?;
        let attachments = self.loader(actor, db).files(&files).await?;
        Ok(DraftView { text: row.text, attachments, updated_at: Some(Timestamp(row.updated_at)) })
    }

    /// Keep a draft; an empty one is forgotten.
    pub async fn put_draft(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        text: &str,
        files: &[FileId],
    ) -> Result<DraftView, Problem> {
        let length = text.chars().count();
        if length > MAX_DRAFT_CHARS {
            return Err(Problem::new(Code::TextTooLong)
                .param("length", length)
                .param("max", MAX_DRAFT_CHARS));
        }
        if files.len() > MAX_DRAFT_FILES {
            return Err(Problem::new(Code::TooManyAttachments).param("max", MAX_DRAFT_FILES));
        }
        if text.is_empty() && files.is_empty() {
            self.delete_draft(actor, conversation).await?;
            return Ok(DraftView { text: String::new(), attachments: Vec::new(), updated_at: None });
        }
        let now = self.now();
        let tx = self.store.begin().await?;
        self.visible_thread(&tx, actor, Action::Send, conversation).await?;
        let attachments: Vec<FileView> = self.loader(actor, &tx).files(files).await?;
        if attachments.len() < files.len() {
            return Err(Problem::invalid("attachments", "unknown_file"));
        }
        // PostgreSQL stores no NUL character.
        let text = text.replace('\0', "");
        let ids = serde_json::to_value(files).map_err(Problem::internal)?;
        drafts::put(&tx, actor.workspace, conversation, actor.member, &text, ids, now).await?;
        tx.commit().await?;
        Ok(DraftView { text, attachments, updated_at: Some(now) })
    }

    /// Forget the draft of `actor` in this thread.
    pub async fn delete_draft(&self, actor: &Actor, conversation: ConversationId) -> Result<(), Problem> {
        let tx = self.store.begin().await?;
        self.visible_thread(&tx, actor, Action::Send, conversation).await?;
        drafts::delete(&tx, actor.workspace, conversation, actor.member).await?;
        tx.commit().await?;
        Ok(())
    }
}
