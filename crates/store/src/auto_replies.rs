//! Automatic replies outside opening hours: one row a thread and time of closure, so that there is one reply.
//!
//! Intake writes the row in the transaction that brings the customer's message; a row that is there stays as it is.
//! Whoever claims it decides, and hands the reply to the queue in the transaction that ends the row.

use std::collections::BTreeMap;

use loa_kernel::{ChannelId, ConversationId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use crate::entity::auto_replies::{Column, Entity, Model};
use crate::lease;
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Store, Tx};

words! {
    /// Where an automatic reply stands.
    AutoReplyState {
        /// To be decided.
        Due = "due",
        /// Handed to the queue.
        Sent = "sent",
        /// Not sent, with the reason.
        Skipped = "skipped",
    }
}

/// A customer wrote while the shop was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewAutoReply {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The thread.
    pub conversation: ConversationId,
    /// The channel.
    pub channel: ChannelId,
    /// Since when the shop was closed.
    pub closed_since: Timestamp,
    /// The customer's message.
    pub message_at: Timestamp,
    /// When the shop opens again.
    pub opens_at: Timestamp,
}

/// Keep what came in. Of the same thread and closure the first stays.
pub(crate) async fn add(tx: &Tx, list: &[NewAutoReply], now: Timestamp) -> Result<()> {
    let rows: Vec<Model> = list
        .iter()
        .map(|new| Model {
            workspace_id: new.workspace.0,
            conversation_id: new.conversation.0,
            closed_since_at: new.closed_since.0,
            channel_id: new.channel.0,
            message_at: new.message_at.0,
            opens_at: new.opens_at.0,
            state: AutoReplyState::Due.as_str().to_owned(),
            reason: None,
            message_id: None,
            due_at: now.0,
            lease_until_at: None,
            created_at: now.0,
        })
        .collect();
    let keep = OnConflict::columns([Column::WorkspaceId, Column::ConversationId, Column::ClosedSinceAt])
        .do_nothing()
        .to_owned();
    insert_rows::<Entity>(tx, rows, Some(keep)).await?;
    Ok(())
}

/// Take at most `limit` that are due, of all workspaces, until `until`.
pub async fn claim_due(store: &Store, limit: u64, until: Timestamp, now: Timestamp) -> Result<Vec<Model>> {
    let keys = [Column::WorkspaceId, Column::ConversationId, Column::ClosedSinceAt];
    lease::claim(store, due(limit, now), &keys, Column::LeaseUntilAt, until, |row| {
        vec![row.workspace_id.into(), row.conversation_id.into(), row.closed_since_at.into()]
    })
    .await
}

pub(crate) fn due(limit: u64, now: Timestamp) -> sea_orm::Select<Entity> {
    Entity::find()
        // Literally as the partial index has it.
        .filter(Expr::cust("state = 'due'"))
        .filter(Column::DueAt.lte(now.0))
        .filter(lease::is_free(Column::LeaseUntilAt, now))
        .order_by_asc(Column::DueAt)
        .limit(limit)
}

/// The row, locked until the transaction ends, while it is due.
pub async fn lock_due(tx: &Tx, row: &Model) -> Result<Option<Model>> {
    let key = (row.workspace_id, row.conversation_id, row.closed_since_at);
    let found = Entity::find_by_id(key).lock_exclusive().one(tx).await?;
    Ok(found.filter(|row| row.state == AutoReplyState::Due.as_str()))
}

/// Was there a reply in this thread since `since`? A time of closure has another beginning after its hours were edited.
pub async fn sent_since(
    tx: &Tx,
    ws: WorkspaceId,
    conversation: ConversationId,
    since: Timestamp,
) -> Result<bool> {
    let n = Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::State.eq(AutoReplyState::Sent.as_str()))
        .filter(Column::CreatedAt.gte(since.0))
        .count(tx)
        .await?;
    Ok(n > 0)
}

/// The reply is this message.
pub async fn sent(tx: &Tx, row: Model, message: MessageId) -> Result<()> {
    end(tx, row, AutoReplyState::Sent, None, Some(message)).await
}

/// There is no reply; `reason` is a short stable word.
pub async fn skipped(tx: &Tx, row: Model, reason: &str) -> Result<()> {
    end(tx, row, AutoReplyState::Skipped, Some(reason), None).await
}

async fn end(
    tx: &Tx,
    row: Model,
    state: AutoReplyState,
    reason: Option<&str>,
    message: Option<MessageId>,
) -> Result<()> {
    let mut row = row;
    row.state = state.as_str().to_owned();
    row.reason = reason.map(str::to_owned);
    row.message_id = message.map(|id| id.0);
    row.lease_until_at = None;
    row.into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// How often a channel's customers wrote outside its hours since `since`, by what became of it: `sent`, or the reason
/// for which nothing was.
pub async fn tally(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channel: ChannelId,
    since: Timestamp,
) -> Result<BTreeMap<String, u64>> {
    let rows: Vec<(String, Option<String>, i64)> = Entity::find()
        .select_only()
        .columns([Column::State, Column::Reason])
        .column_as(Column::ConversationId.count(), "n")
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ChannelId.eq(channel.0))
        .filter(Column::CreatedAt.gte(since.0))
        .filter(Column::State.ne(AutoReplyState::Due.as_str()))
        .group_by(Column::State)
        .group_by(Column::Reason)
        .into_tuple()
        .all(conn)
        .await?;
    let mut tally = BTreeMap::new();
    for (state, reason, n) in rows {
        *tally.entry(reason.unwrap_or(state)).or_default() += u64::try_from(n).unwrap_or(0);
    }
    Ok(tally)
}

/// Forget rows from before `before`, at most `limit` in this call: a message from then asks for no reply any more.
/// Answers how many were removed.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    let oldest = Entity::find()
        .select_only()
        .column(Column::CreatedAt)
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::CreatedAt.lt(before.0))
        .order_by_asc(Column::CreatedAt)
        .limit(limit);
    let done = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::CreatedAt.in_subquery(oldest.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
