//! How far the index has come.

use loa_kernel::{CustomerId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, OnConflict, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entity::{messages, search_cursors, thread_entries};
use crate::rows::insert_rows;
use crate::{Result, Tx};

/// How far the index of a workspace has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The last change that is in it.
    pub position: i64,
    /// Messages below this id are still to be read; `None`: none are.
    pub messages_before: Option<MessageId>,
    /// Customers above this id are still to be read; `None`: none are.
    pub customers_after: Option<CustomerId>,
}

/// Of one workspace; `None` before the first look at it.
pub async fn cursor(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Option<Cursor>> {
    Ok(search_cursors::Entity::find_by_id(ws.0).one(conn).await?.map(|row| from_row(&row)))
}

/// Of all workspaces. Crosses workspaces because one worker serves all of them.
pub async fn cursors(conn: &impl ConnectionTrait) -> Result<Vec<(WorkspaceId, Cursor)>> {
    let rows = search_cursors::Entity::find().all(conn).await?;
    Ok(rows.iter().map(|row| (WorkspaceId(row.workspace_id), from_row(row))).collect())
}

/// Begin, or begin anew.
pub async fn put_cursor(tx: &Tx, ws: WorkspaceId, cursor: Cursor, now: Timestamp) -> Result<()> {
    use search_cursors::Column as C;
    let row = search_cursors::Model {
        workspace_id: ws.0,
        position: cursor.position,
        messages_before: cursor.messages_before.map(Into::into),
        customers_after: cursor.customers_after.map(Into::into),
        updated_at: now.0,
    };
    let replace = OnConflict::column(C::WorkspaceId)
        .update_columns([C::Position, C::MessagesBefore, C::CustomersAfter, C::UpdatedAt])
        .to_owned();
    insert_rows::<search_cursors::Entity>(tx, [row], Some(replace)).await?;
    Ok(())
}

/// Move from where it was read to where the work has come. `false`: somebody else has moved it meanwhile; undo.
pub async fn advance(tx: &Tx, ws: WorkspaceId, was: Cursor, is: Cursor, now: Timestamp) -> Result<bool> {
    use search_cursors::Column as C;
    let same = |column: C, value: Option<Uuid>| match value {
        Some(id) => column.eq(id),
        None => column.is_null(),
    };
    let update = Query::update()
        .table(search_cursors::Entity)
        .value(C::Position, is.position)
        .value(C::MessagesBefore, Expr::value(is.messages_before.map(Uuid::from)))
        .value(C::CustomersAfter, Expr::value(is.customers_after.map(Uuid::from)))
        .value(C::UpdatedAt, now.0)
        .and_where(C::WorkspaceId.eq(ws.0))
        .and_where(C::Position.eq(was.position))
        .and_where(same(C::MessagesBefore, was.messages_before.map(Into::into)))
        .and_where(same(C::CustomersAfter, was.customers_after.map(Into::into)))
        .to_owned();
    Ok(tx.execute(&update).await?.rows_affected() == 1)
}

/// Ids of messages and notes of the workspace below this id, the greatest first, and below which to go on; at most
/// `limit` messages, with the notes between them.
pub async fn ids_before(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    before: MessageId,
    limit: u64,
) -> Result<(Vec<MessageId>, Option<MessageId>)> {
    use messages::Column as M;
    use thread_entries::Column as E;
    let mut ids: Vec<Uuid> = messages::Entity::find()
        .select_only()
        .column(M::Id)
        .filter(M::WorkspaceId.eq(ws.0))
        .filter(M::Id.lt(before.0))
        .order_by_desc(M::Id)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let next = ids.last().filter(|_| ids.len() as u64 == limit).copied();
    let notes: Vec<Uuid> = thread_entries::Entity::find()
        .select_only()
        .column(E::Id)
        .filter(E::WorkspaceId.eq(ws.0))
        .filter(E::Id.lt(before.0))
        .filter(E::Id.gte(next.unwrap_or(Uuid::nil())))
        .into_tuple()
        .all(conn)
        .await?;
    ids.extend(notes);
    Ok((ids.into_iter().map(MessageId).collect(), next.map(MessageId)))
}

fn from_row(row: &search_cursors::Model) -> Cursor {
    Cursor {
        position: row.position,
        messages_before: row.messages_before.map(MessageId),
        customers_after: row.customers_after.map(CustomerId),
    }
}
