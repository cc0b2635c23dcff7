//! Workspaces: one business each.

use loa_kernel::{Timestamp, WorkspaceId};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder};

use crate::entity::workspaces;
use crate::{Result, Tx};

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
