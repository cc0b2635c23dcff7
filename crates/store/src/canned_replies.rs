//! Canned replies: texts that are written once and sent often, of one member or of the whole workspace.

use loa_kernel::{CannedReplyId, FileId, MemberId, Timestamp, WorkspaceId, fold_vi};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::entity::canned_replies;
use crate::rows::insert_rows;
use crate::{Result, StoreError, Tx, owned};

/// What is written of a canned reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Whose; `None`: everybody's.
    pub owner: Option<MemberId>,
    /// What is typed to find it; unique for its owner without regard to diacritics and case.
    pub shortcut: String,
    /// What it is called.
    pub title: String,
    /// With its variables.
    pub text: String,
    /// In their order.
    pub files: Vec<FileId>,
}

/// The owner of a row; `None`: everybody.
pub fn owner(row: &canned_replies::Model) -> Option<MemberId> {
    owned::meant(row.owner_id)
}

/// The files of a row.
pub fn files(row: &canned_replies::Model) -> Result<Vec<FileId>> {
    serde_json::from_value(row.files.clone()).map_err(|e| StoreError::unreadable("canned_replies.files", e))
}

/// Those that `member` may use: everybody's and their own, by shortcut.
pub async fn visible(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
) -> Result<Vec<canned_replies::Model>> {
    use canned_replies::Column as C;
    Ok(canned_replies::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::OwnerId.is_in(owned::usable_by(member)))
        .order_by_asc(C::ShortcutFolded)
        .order_by_asc(C::Id)
        .all(conn)
        .await?)
}

/// One of those that `member` may use.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    id: CannedReplyId,
) -> Result<Option<canned_replies::Model>> {
    use canned_replies::Column as C;
    Ok(canned_replies::Entity::find_by_id((ws.0, id.0))
        .filter(C::OwnerId.is_in(owned::usable_by(member)))
        .one(conn)
        .await?)
}

/// Add one. Errors: `Unique("canned_replies_shortcut")`.
pub async fn create(
    tx: &Tx,
    ws: WorkspaceId,
    id: CannedReplyId,
    by: MemberId,
    content: &Content,
    now: Timestamp,
) -> Result<()> {
    let row = canned_replies::Model {
        workspace_id: ws.0,
        id: id.0,
        owner_id: owned::stored(content.owner),
        shortcut: content.shortcut.clone(),
        shortcut_folded: fold_vi(&content.shortcut),
        title: content.title.clone(),
        text: content.text.clone(),
        files: as_json(&content.files)?,
        used_count: 0,
        last_used_at: None,
        created_by: Some(by.0),
        created_at: now.0,
        updated_at: now.0,
    };
    insert_rows::<canned_replies::Entity>(tx, [row], None).await?;
    Ok(())
}

/// Write one anew; false when there is none. Errors: `Unique("canned_replies_shortcut")`.
pub async fn update(
    tx: &Tx,
    ws: WorkspaceId,
    id: CannedReplyId,
    content: &Content,
    now: Timestamp,
) -> Result<bool> {
    use canned_replies::Column as C;
    let done = canned_replies::Entity::update_many()
        .col_expr(C::OwnerId, Expr::value(owned::stored(content.owner)))
        .col_expr(C::Shortcut, Expr::value(content.shortcut.as_str()))
        .col_expr(C::ShortcutFolded, Expr::value(fold_vi(&content.shortcut)))
        .col_expr(C::Title, Expr::value(content.title.as_str()))
        .col_expr(C::Text, Expr::value(content.text.as_str()))
        .col_expr(C::Files, Expr::value(as_json(&content.files)?))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Remove one; false when there is none.
pub async fn delete(tx: &Tx, ws: WorkspaceId, id: CannedReplyId) -> Result<bool> {
    Ok(canned_replies::Entity::delete_by_id((ws.0, id.0)).exec(tx).await?.rows_affected > 0)
}

/// Count one use.
pub async fn used(tx: &Tx, ws: WorkspaceId, id: CannedReplyId, now: Timestamp) -> Result<()> {
    use canned_replies::Column as C;
    canned_replies::Entity::update_many()
        .col_expr(C::UsedCount, Expr::col(C::UsedCount).add(1))
        .col_expr(C::LastUsedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .exec(tx)
        .await?;
    Ok(())
}

fn as_json(files: &[FileId]) -> Result<serde_json::Value> {
    serde_json::to_value(files).map_err(|e| StoreError::Other(e.to_string()))
}
