//! Workspaces: one business each.

use std::collections::HashSet;

use loa_kernel::{Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::entity::workspaces;
use crate::{Result, StoreError, Tx};

/// One business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// As people call it.
    pub name: String,
    /// Language of new members: `vi` or `en`.
    pub locale: String,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// Make one. Errors: `Unique` when the id exists.
pub async fn create(tx: &Tx, new: &Workspace) -> Result<()> {
    workspaces::Model {
        id: new.id.0,
        name: new.name.clone(),
        locale: new.locale.clone(),
        created_at: new.created_at.0,
        last_seq: 0,
        courtesy_stays_closed: None,
        strict_zalo_limit: None,
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// One by its id.
pub async fn get(conn: &impl ConnectionTrait, id: WorkspaceId) -> Result<Option<Workspace>> {
    Ok(workspaces::Entity::find_by_id(id.0).one(conn).await?.map(from_row))
}

/// What members decide about their inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InboxSettings {
    /// A thread that is closed stays closed when the customer only says thank you.
    pub courtesy_stays_closed: bool,
}

/// The settings of the inbox. Errors: `NotFound("workspace")`.
pub async fn inbox_settings(conn: &impl ConnectionTrait, id: WorkspaceId) -> Result<InboxSettings> {
    let row = workspaces::Entity::find_by_id(id.0).one(conn).await?;
    let row = row.ok_or(StoreError::NotFound("workspace"))?;
    Ok(InboxSettings { courtesy_stays_closed: row.courtesy_stays_closed.unwrap_or(false) })
}

/// Change the settings of the inbox.
pub async fn set_inbox_settings(tx: &Tx, id: WorkspaceId, settings: InboxSettings) -> Result<()> {
    use workspaces::Column;
    workspaces::Entity::update_many()
        .col_expr(Column::CourtesyStaysClosed, Expr::value(settings.courtesy_stays_closed))
        .filter(Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Are no more customers labelled at once than the platform's own page allows? Errors: `NotFound("workspace")`.
pub async fn strict_zalo_limit(conn: &impl ConnectionTrait, id: WorkspaceId) -> Result<bool> {
    let row = workspaces::Entity::find_by_id(id.0).one(conn).await?;
    Ok(row.ok_or(StoreError::NotFound("workspace"))?.strict_zalo_limit.unwrap_or(false))
}

/// Decide it.
pub async fn set_strict_zalo_limit(tx: &Tx, id: WorkspaceId, strict: bool) -> Result<()> {
    workspaces::Entity::update_many()
        .col_expr(workspaces::Column::StrictZaloLimit, Expr::value(strict))
        .filter(workspaces::Column::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// Those of the given ones in which a message that only thanks asks for nothing.
pub(crate) async fn courteous(
    conn: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = WorkspaceId>,
) -> Result<HashSet<WorkspaceId>> {
    use workspaces::Column;
    let found: Vec<Uuid> = workspaces::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids.into_iter().map(|id| id.0)))
        .filter(Column::CourtesyStaysClosed.eq(true))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.into_iter().map(WorkspaceId).collect())
}

/// All of them, oldest first. Crosses workspaces: set-up asks whether there is any, and background work goes
/// through all.
pub async fn list(conn: &impl ConnectionTrait) -> Result<Vec<Workspace>> {
    let rows = workspaces::Entity::find()
        .order_by_asc(workspaces::Column::CreatedAt)
        .order_by_asc(workspaces::Column::Id)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

pub(crate) fn from_row(row: workspaces::Model) -> Workspace {
    Workspace {
        id: WorkspaceId(row.id),
        name: row.name,
        locale: row.locale,
        created_at: Timestamp(row.created_at),
    }
}
