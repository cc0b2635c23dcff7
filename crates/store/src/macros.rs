//! Macros: several actions under one name, of one member or of the whole workspace; and their runs.

use loa_kernel::{ConversationId, MacroId, MemberId, MessageId, Timestamp, WorkspaceId, fold_vi};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::entity::{macro_runs, macros};
use crate::rows::insert_rows;
use crate::{Result, StoreError, Tx, owned};

/// What is written of a macro.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Whose; `None`: everybody's.
    pub owner: Option<MemberId>,
    /// What it is called; unique for its owner without regard to diacritics and case.
    pub name: String,
    /// In their order.
    pub actions: Json,
}

/// The owner of a row; `None`: everybody.
pub fn owner(row: &macros::Model) -> Option<MemberId> {
    owned::meant(row.owner_id)
}

/// Those that `member` may use: everybody's and their own, by name.
pub async fn visible(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
) -> Result<Vec<macros::Model>> {
    use macros::Column as C;
    Ok(macros::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::OwnerId.is_in(owned::usable_by(member)))
        .order_by_asc(C::NameFolded)
        .order_by_asc(C::Id)
        .all(conn)
        .await?)
}

/// One of those that `member` may use.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    id: MacroId,
) -> Result<Option<macros::Model>> {
    use macros::Column as C;
    Ok(macros::Entity::find_by_id((ws.0, id.0))
        .filter(C::OwnerId.is_in(owned::usable_by(member)))
        .one(conn)
        .await?)
}

/// Add one. Errors: `Unique("macros_name")`.
pub async fn create(
    tx: &Tx,
    ws: WorkspaceId,
    id: MacroId,
    by: MemberId,
    content: &Content,
    now: Timestamp,
) -> Result<()> {
    let row = macros::Model {
        workspace_id: ws.0,
        id: id.0,
        owner_id: owned::stored(content.owner),
        name: content.name.clone(),
        name_folded: fold_vi(&content.name),
        actions: content.actions.clone(),
        used_count: 0,
        last_used_at: None,
        created_by: Some(by.0),
        created_at: now.0,
        updated_at: now.0,
    };
    insert_rows::<macros::Entity>(tx, [row], None).await?;
    Ok(())
}

/// Write one anew; false when there is none. Errors: `Unique("macros_name")`.
pub async fn update(
    tx: &Tx,
    ws: WorkspaceId,
    id: MacroId,
    content: &Content,
    now: Timestamp,
) -> Result<bool> {
    use macros::Column as C;
    let done = macros::Entity::update_many()
        .col_expr(C::OwnerId, Expr::value(owned::stored(content.owner)))
        .col_expr(C::Name, Expr::value(content.name.as_str()))
        .col_expr(C::NameFolded, Expr::value(fold_vi(&content.name)))
        .col_expr(C::Actions, Expr::value(content.actions.clone()))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Remove one; false when there is none. Its runs stay: what was run must not run again.
pub async fn delete(tx: &Tx, ws: WorkspaceId, id: MacroId) -> Result<bool> {
    Ok(macros::Entity::delete_by_id((ws.0, id.0)).exec(tx).await?.rows_affected > 0)
}

/// A run, by the id that the browser made.
pub async fn run(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: Uuid,
) -> Result<Option<macro_runs::Model>> {
    Ok(macro_runs::Entity::find_by_id((ws.0, id)).one(conn).await?)
}

/// A run that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Made by the browser, once for each run.
    pub id: Uuid,
    /// What runs.
    pub macro_id: MacroId,
    /// On which thread.
    pub conversation: ConversationId,
    /// Who runs it.
    pub member: MemberId,
    /// The messages it sends.
    pub messages: Vec<MessageId>,
}

/// Record a run and count it. Errors: `Unique("macro_runs_pkey")` when it is there already.
pub async fn record(tx: &Tx, ws: WorkspaceId, run: &NewRun, now: Timestamp) -> Result<()> {
    let row = macro_runs::Model {
        workspace_id: ws.0,
        id: run.id,
        macro_id: run.macro_id.0,
        conversation_id: run.conversation.0,
        member_id: run.member.0,
        messages: serde_json::to_value(&run.messages).map_err(|e| StoreError::Other(e.to_string()))?,
        created_at: now.0,
    };
    insert_rows::<macro_runs::Entity>(tx, [row], None).await?;
    use macros::Column as C;
    macros::Entity::update_many()
        .col_expr(C::UsedCount, Expr::col(C::UsedCount).add(1))
        .col_expr(C::LastUsedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(run.macro_id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// The messages of a run.
pub fn messages(row: &macro_runs::Model) -> Result<Vec<MessageId>> {
    serde_json::from_value(row.messages.clone()).map_err(|e| StoreError::unreadable("macro_runs.messages", e))
}

/// Forget runs of before `before`, at most `limit` in this call: nobody repeats a request after so long. Answers how
/// many.
pub async fn prune_runs(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use macro_runs::Column as C;
    let old: Vec<Uuid> = macro_runs::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CreatedAt.lt(before.0))
        .order_by_asc(C::CreatedAt)
        .limit(limit)
        .into_tuple()
        .all(tx)
        .await?;
    if old.is_empty() {
        return Ok(0);
    }
    let done = macro_runs::Entity::delete_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.is_in(old))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
