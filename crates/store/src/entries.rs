//! What stands in a thread and is no message: private notes, and lines about what was done.
//!
//! They have a table of their own, so that none can ever be sent: a delivery names a message, and what sends takes
//! rows of messages only. To the reader they stand among the messages, by their instant and id.

use loa_kernel::{ChannelId, ConversationId, MemberId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::entity::thread_entries::{Column, Entity, Model};
use crate::messages::Position;
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// What an entry is.
    EntryKind {
        /// A private note.
        Note = "note",
        /// A line about what was done.
        Line = "line",
    }
}

/// An entry before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEntry {
    /// Its id; shares its form with messages, among which it stands.
    pub id: MessageId,
    /// The thread.
    pub conversation: ConversationId,
    /// The account of the thread.
    pub channel: ChannelId,
    /// What it is.
    pub kind: EntryKind,
    /// Who wrote or did it; `None`: Loa itself.
    pub member: Option<MemberId>,
    /// The text of a note.
    pub text: Option<String>,
    /// What a line tells.
    pub detail: Value,
    /// Of a note: made by the browser, unique in the workspace.
    pub client_id: Option<Uuid>,
    /// Place in the thread.
    pub at: Timestamp,
}

/// Write entries. Errors: `Unique("thread_entries_client")`.
pub async fn add(tx: &Tx, ws: WorkspaceId, new: Vec<NewEntry>) -> Result<Vec<Model>> {
    let rows: Vec<Model> = new
        .into_iter()
        .map(|new| Model {
            workspace_id: ws.0,
            id: new.id.0,
            conversation_id: new.conversation.0,
            channel_id: new.channel.0,
            kind: new.kind.as_str().to_owned(),
            member_id: new.member.map(|id| id.0),
            text: new.text,
            detail: new.detail,
            client_id: new.client_id,
            at: new.at.0,
            edited_at: None,
        })
        .collect();
    insert_rows::<Entity>(tx, rows.clone(), None).await?;
    Ok(rows)
}

/// At most `limit` entries of a thread, the newest first, older than `before`.
pub async fn page(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    before: Option<Position>,
    limit: u64,
) -> Result<Vec<Model>> {
    let mut select =
        Entity::find().filter(Column::WorkspaceId.eq(ws.0)).filter(Column::ConversationId.eq(conversation.0));
    if let Some((at, id)) = before {
        select = select.filter(
            Condition::all()
                .add(Column::At.lte(at.0))
                .add(Condition::any().add(Column::At.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    Ok(select.order_by_desc(Column::At).order_by_desc(Column::Id).limit(limit).all(conn).await?)
}

/// At most `limit` entries of a thread newer than `after`, those next to it, in no order.
pub async fn page_after(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    after: Position,
    limit: u64,
) -> Result<Vec<Model>> {
    let (at, id) = after;
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::At.gte(at.0))
        .filter(Condition::any().add(Column::At.gt(at.0)).add(Column::Id.gt(id.0)))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?)
}

/// The entries with these ids, in no order.
pub async fn by_ids(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[MessageId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// The note with this client id.
pub async fn by_client_id(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    client_id: Uuid,
) -> Result<Option<Model>> {
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ClientId.eq(client_id))
        .one(conn)
        .await?)
}

/// One entry, locked until the transaction ends.
pub async fn lock(tx: &Tx, ws: WorkspaceId, id: MessageId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?)
}

/// Give a note another text.
pub async fn set_text(tx: &Tx, row: Model, text: String, now: Timestamp) -> Result<Model> {
    let new = Model { text: Some(text), edited_at: Some(now.0), ..row };
    Entity::update_many()
        .col_expr(Column::Text, sea_orm::sea_query::Expr::value(new.text.clone()))
        .col_expr(Column::EditedAt, sea_orm::sea_query::Expr::value(new.edited_at))
        .filter(Column::WorkspaceId.eq(new.workspace_id))
        .filter(Column::Id.eq(new.id))
        .exec(tx)
        .await?;
    Ok(new)
}

/// Remove an entry.
pub async fn remove(tx: &Tx, ws: WorkspaceId, id: MessageId) -> Result<()> {
    Entity::delete_by_id((ws.0, id.0)).exec(tx).await?;
    Ok(())
}

/// What a line tells: one thing that was done to the thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The status, as its stored word.
    Status(&'static str),
    /// Snoozed until then; `None`: until the customer writes.
    Snoozed(crate::work::Snooze),
    /// Came back by itself.
    Back(crate::work::BackReason),
    /// Somebody's; `None`: nobody's.
    Assigned(Option<MemberId>),
    /// The customer's follow was ended: by the platform, or (`noted`) here only.
    FollowRemoved {
        /// Here only.
        noted: bool,
    },
}

impl Done {
    /// As it is stored.
    pub fn detail(self) -> Value {
        match self {
            Self::Status(status) => json!({ "what": status }),
            Self::Snoozed(snooze) => {
                json!({ "what": "snoozed", "kind": snooze.kind.as_str(), "until": snooze.until })
            }
            Self::Back(reason) => json!({ "what": "back", "kind": reason.as_str() }),
            Self::Assigned(Some(member)) => json!({ "what": "assigned", "assignee_id": member }),
            Self::Assigned(None) => json!({ "what": "unassigned" }),
            Self::FollowRemoved { noted: false } => json!({ "what": "follow_removed" }),
            Self::FollowRemoved { noted: true } => json!({ "what": "follow_removed", "kind": "noted" }),
        }
    }
}
