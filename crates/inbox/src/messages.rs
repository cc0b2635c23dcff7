//! Use cases of messages.

use loa_kernel::{Action, Actor, ConversationId, Page, PageCursor, Problem};
use loa_store::entries;

use crate::Inbox;
use crate::views::MessageView;

impl Inbox {
    /// One page of a thread, the newest message, note or line first, older than the cursor `before`.
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
        let (ws, most) = (actor.workspace, limit as u64 + 1);
        let mut rows = loa_store::messages::page(db, ws, conversation, before, most).await?;
        let mut entries = entries::page(db, ws, conversation, before, most).await?;
        // The merge of the two, cut to what one page and the look beyond it take.
        let mut places: Vec<_> = rows.iter().map(|row| (row.sent_at, row.id)).collect();
        places.extend(entries.iter().map(|row| (row.at, row.id)));
        places.sort_unstable_by(|a, b| b.cmp(a));
        if let Some(last) = places.get(limit) {
            rows.retain(|row| (row.sent_at, row.id) >= *last);
            entries.retain(|row| (row.at, row.id) >= *last);
        }
        let mut views = self.loader(actor, db).messages(&rows).await?;
        for row in &entries {
            views.push(MessageView::of_entry(row)?);
        }
        views.sort_unstable_by_key(|view| std::cmp::Reverse((view.sent_at, view.id)));
        Ok(Page::cut(views, limit, |view| PageCursor::encode(&(view.sent_at, view.id))))
    }
}
