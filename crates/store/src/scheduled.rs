//! Messages that are to be sent later.
//!
//! A row waits until its time, or until the customer writes before it. Then whoever claims it decides in one
//! transaction: it becomes a message with the same client id, or it is returned to its writer.

use loa_kernel::{ConversationId, ScheduledId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

pub use crate::entity::scheduled_messages::Model as Scheduled;
use crate::entity::scheduled_messages::{Column, Entity, Model};
use crate::lease;
use crate::rows::{in_chunks, insert_rows};
use crate::words::words;
use crate::{Result, Store, Tx};

words! {
    /// Where a message that is to be sent later stands.
    ScheduledState {
        /// Until its time.
        Waiting = "waiting",
        /// It was not sent, and its writer has it back.
        Returned = "returned",
        /// It is a message of its thread.
        Sent = "sent",
        /// Somebody took it back.
        Canceled = "canceled",
    }
}

/// The most that are open in one thread; more are refused.
pub const MAX_OPEN: u64 = 50;

const OPEN: &str = "state IN ('waiting', 'returned')";

/// Keep a new one. Errors: `Unique("scheduled_messages_client")` when its client id is known.
pub async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    insert_rows::<Entity>(tx, [row.clone()], None).await?;
    Ok(())
}

/// Write a locked row.
pub async fn save(tx: &Tx, row: &Model) -> Result<()> {
    row.clone().into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// One by id.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: ScheduledId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The row, locked until the transaction ends.
pub async fn lock(tx: &Tx, ws: WorkspaceId, id: ScheduledId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?)
}

/// The one with this client id.
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

/// Those with these ids, in no order.
pub async fn by_ids(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[ScheduledId]) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// Those of a thread that wait or were returned, by their time; at most [`MAX_OPEN`].
pub async fn open(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Expr::cust(OPEN))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .order_by_asc(Column::SendAt)
        .order_by_asc(Column::Id)
        .limit(MAX_OPEN)
        .all(conn)
        .await?)
}

/// Customers wrote in these threads: what waits there and would not be sent then is to be looked at. Answers how many
/// that is. In the transaction that brings the messages.
pub(crate) async fn customers_wrote(
    tx: &Tx,
    ws: WorkspaceId,
    conversations: &[Uuid],
    now: Timestamp,
) -> Result<u64> {
    let open = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::cust(OPEN))
        .filter(Column::WorkspaceId.eq(ws.0))
        .into_tuple::<Uuid>();
    // Mostly nothing waits, and then a batch is not looked up thread by thread.
    if conversations.is_empty() || open.one(tx).await?.is_none() {
        return Ok(0);
    }
    let mut looked_at = 0;
    for part in in_chunks(tx, conversations, 6) {
        looked_at += look_at(tx, ws, part, now).await?;
    }
    Ok(looked_at)
}

async fn look_at(tx: &Tx, ws: WorkspaceId, conversations: &[Uuid], now: Timestamp) -> Result<u64> {
    let done = Entity::update_many()
        .col_expr(Column::DueAt, Expr::value(now.0))
        .filter(Expr::cust(OPEN))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.is_in(conversations.iter().copied()))
        .filter(Column::State.eq(ScheduledState::Waiting.as_str()))
        .filter(Column::CancelOnReply.eq(true))
        .filter(Column::DueAt.gt(now.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Take at most `limit` that are due, of all workspaces, until `until`.
pub async fn claim_due(store: &Store, limit: u64, until: Timestamp, now: Timestamp) -> Result<Vec<Model>> {
    let keys = [Column::WorkspaceId, Column::Id];
    lease::claim(store, due(limit, now), &keys, Column::LeaseUntilAt, until, |row| {
        vec![row.workspace_id.into(), row.id.into()]
    })
    .await
}

pub(crate) fn due(limit: u64, now: Timestamp) -> sea_orm::Select<Entity> {
    Entity::find()
        // Literally as the partial index has it.
        .filter(Expr::cust("state = 'waiting'"))
        .filter(Column::DueAt.lte(now.0))
        .filter(lease::is_free(Column::LeaseUntilAt, now))
        .order_by_asc(Column::DueAt)
        .limit(limit)
}

/// Forget what was sent or taken back before `before`, at most `limit` in this call. Answers how many were removed.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    const OVER: &str = "state IN ('sent', 'canceled')";
    let oldest = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Expr::cust(OVER))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::UpdatedAt.lt(before.0))
        .order_by_asc(Column::UpdatedAt)
        .limit(limit);
    let done = Entity::delete_many()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.in_subquery(oldest.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
