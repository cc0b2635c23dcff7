//! Who did what to the settings. Written in the transaction that does it; never changed.

use loa_kernel::{AuditId, MemberId, Page, PageCursor, Timestamp, WorkspaceId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::entity::audit_log;
use crate::{Result, Tx};

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who; `None`: the system.
    pub actor: Option<MemberId>,
    /// What was done, for example `member.role_changed`.
    pub action: String,
    /// The kind of what it was done to, for example `member`.
    pub object: String,
    /// Its id, or another stable name.
    pub object_id: String,
    /// What else matters. Never secrets.
    pub detail: serde_json::Value,
}

/// Add an entry.
pub async fn append(tx: &Tx, ws: WorkspaceId, entry: &AuditEntry) -> Result<()> {
    audit_log::Model {
        workspace_id: ws.0,
        id: entry.id.0,
        at: entry.at.0,
        actor_id: entry.actor.map(Into::into),
        action: entry.action.clone(),
        object: entry.object.clone(),
        object_id: entry.object_id.clone(),
        detail: entry.detail.clone(),
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// Entries, newest first; at most `limit` after the one that `before` names.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    before: Option<AuditId>,
    limit: usize,
) -> Result<Page<AuditEntry>> {
    let mut find = audit_log::Entity::find().filter(audit_log::Column::WorkspaceId.eq(ws.0));
    if let Some(before) = before {
        find = find.filter(audit_log::Column::Id.lt(before.0));
    }
    // Ids are ordered in time, so the key is the order.
    let rows = find.order_by_desc(audit_log::Column::Id).limit(limit as u64 + 1).all(conn).await?;
    let entries = rows.into_iter().map(from_row).collect();
    Ok(Page::cut(entries, limit, |last: &AuditEntry| PageCursor::encode(&last.id)))
}

fn from_row(row: audit_log::Model) -> AuditEntry {
    AuditEntry {
        id: AuditId(row.id),
        at: Timestamp(row.at),
        actor: row.actor_id.map(MemberId),
        action: row.action,
        object: row.object,
        object_id: row.object_id,
        detail: row.detail,
    }
}
