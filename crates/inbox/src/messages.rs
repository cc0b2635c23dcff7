//! Use cases of messages.

use loa_kernel::{Action, Actor, ConversationId, MessageId, PageCursor, Problem, Timestamp, WorkspaceId};
use loa_store::ConnectionTrait;
use loa_store::entity::{messages, thread_entries};
use loa_store::entries;
use loa_store::messages::Position;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Inbox;
use crate::views::MessageView;

/// Messages, notes and lines of a thread that stand next to each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = MessagesPage)]
pub struct MessagesPage {
    /// The newest first.
    pub items: Vec<MessageView>,
    /// Pass as `before` for older ones; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub next: Option<String>,
    /// Pass as `after` for newer ones; absent when there are none, and where older ones were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub newer: Option<String>,
}

/// Which part of a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place<'a> {
    /// The newest.
    Newest,
    /// Older than this cursor.
    Before(&'a str),
    /// Newer than this cursor.
    After(&'a str),
    /// Before and after this message or note, with it.
    Around(MessageId),
}

/// Rows of one side of a place, and whether there are more of them.
#[derive(Default)]
struct Side {
    messages: Vec<messages::Model>,
    entries: Vec<thread_entries::Model>,
    more: bool,
}

impl Side {
    /// The merge of the two, cut to the `limit` rows nearest to the place: the newest of what is older, the oldest of
    /// what is newer.
    fn cut(mut self, limit: usize, newest: bool) -> Self {
        let mut places: Vec<(i64, Uuid)> = self.messages.iter().map(|row| (row.sent_at, row.id)).collect();
        places.extend(self.entries.iter().map(|row| (row.at, row.id)));
        places.sort_unstable();
        if newest {
            places.reverse();
        }
        self.more = places.len() > limit;
        if let (true, Some(last)) = (self.more, places.get(limit.saturating_sub(1))) {
            let near = |at: i64, id: Uuid| if newest { (at, id) >= *last } else { (at, id) <= *last };
            self.messages.retain(|row| near(row.sent_at, row.id));
            self.entries.retain(|row| near(row.at, row.id));
        }
        self
    }
}

async fn older(
    db: &impl ConnectionTrait,
    ws: WorkspaceId,
    thread: ConversationId,
    before: Option<Position>,
    limit: usize,
) -> Result<Side, Problem> {
    let most = limit as u64 + 1;
    let messages = loa_store::messages::page(db, ws, thread, before, most).await?;
    let entries = entries::page(db, ws, thread, before, most).await?;
    Ok(Side { messages, entries, more: false }.cut(limit, true))
}

async fn newer(
    db: &impl ConnectionTrait,
    ws: WorkspaceId,
    thread: ConversationId,
    after: Position,
    limit: usize,
) -> Result<Side, Problem> {
    let most = limit as u64 + 1;
    let messages = loa_store::messages::page_after(db, ws, thread, after, most).await?;
    let entries = entries::page_after(db, ws, thread, after, most).await?;
    Ok(Side { messages, entries, more: false }.cut(limit, false))
}

impl Inbox {
    /// At most `limit` messages, notes and lines of a thread, the newest first; around one, one more.
    pub async fn messages(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        place: Place<'_>,
        limit: usize,
    ) -> Result<MessagesPage, Problem> {
        let db = self.store.reader();
        let ws = actor.workspace;
        let read = PageCursor::decode::<Position>;
        let (before, after) = match place {
            Place::Before(text) => (Some(read(text)?), None),
            Place::After(text) => (None, Some(read(text)?)),
            Place::Newest | Place::Around(_) => (None, None),
        };
        self.visible_thread(db, actor, Action::View, conversation).await?;
        let (old, new, middle) = match (place, after) {
            (Place::Around(id), _) => {
                let middle = self.one_of(db, ws, conversation, id).await?;
                let at = middle
                    .messages
                    .iter()
                    .map(|row| row.sent_at)
                    .chain(middle.entries.iter().map(|row| row.at))
                    .next()
                    .ok_or_else(|| Problem::not_found("message"))?;
                let at = (Timestamp(at), id);
                let half = (limit / 2).max(1);
                let old = older(db, ws, conversation, Some(at), half).await?;
                (old, newer(db, ws, conversation, at, half).await?, middle)
            }
            // What the cursor names is older.
            (_, Some(after)) => (
                Side { more: true, ..Side::default() },
                newer(db, ws, conversation, after, limit).await?,
                Side::default(),
            ),
            (_, None) => {
                (older(db, ws, conversation, before, limit).await?, Side::default(), Side::default())
            }
        };
        let (more_older, more_newer) = (old.more, new.more);
        let mut rows = Vec::new();
        let mut items = Vec::new();
        for side in [new, middle, old] {
            rows.extend(side.messages);
            for row in &side.entries {
                items.push(MessageView::of_entry(row)?);
            }
        }
        items.extend(self.loader(actor, db).messages(&rows).await?);
        items.sort_unstable_by_key(|view| std::cmp::Reverse((view.sent_at, view.id)));
        let cursor = |view: &MessageView| PageCursor::encode(&(view.sent_at, view.id));
        let next = items.last().filter(|_| more_older).map(cursor);
        let newer = items.first().filter(|_| more_newer).map(cursor);
        Ok(MessagesPage { items, next, newer })
    }

    /// The message or entry of this id in a thread; neither when there is none.
    async fn one_of(
        &self,
        db: &impl ConnectionTrait,
        ws: WorkspaceId,
        thread: ConversationId,
        id: MessageId,
    ) -> Result<Side, Problem> {
        let mut messages = loa_store::messages::by_ids(db, ws, &[id]).await?;
        let mut entries = entries::by_ids(db, ws, &[id]).await?;
        messages.retain(|row| row.conversation_id == thread.0);
        entries.retain(|row| row.conversation_id == thread.0);
        Ok(Side { messages, entries, more: false })
    }
}
