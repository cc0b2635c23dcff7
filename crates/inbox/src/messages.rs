//! Use cases of messages.

use loa_kernel::{Action, Actor, ConversationId, MessageId, Page, PageCursor, Problem, Timestamp};

use crate::Inbox;
use crate::views::MessageView;

impl Inbox {
    /// One page of a thread, the newest message first, older than the cursor `before`.
    pub async fn messages(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Page<MessageView>, Problem> {
        let before = before.map(PageCursor::decode::<loa_store::messages::Position>).transpose()?;
        let db = self.store.reader();
        self.visible_thread(db, actor, Action::View, conversation).await?;
        let rows =
            loa_store::messages::page(db, actor.workspace, conversation, before, limit as u64 + 1).await?;
        let page =
            Page::cut(rows, limit, |row| PageCursor::encode(&(Timestamp(row.sent_at), MessageId(row.id))));
        let items = self.loader(actor, db).messages(&page.items).await?;
        Ok(Page { items, next: page.next })
    }
}
