//! What is known about stored files. The bytes lie in the file store under `store_key`.

use loa_kernel::{FileId, MemberId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::entity::files;
use crate::{Result, Tx};

/// A file to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its id.
    pub id: FileId,
    /// Name as the sender had it.
    pub name: String,
    /// Media type as its bytes show, not as the sender said.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal SHA-256 of the bytes.
    pub sha256: String,
    /// Key in the file store.
    pub store_key: String,
    /// Who uploaded it; `None` when it came from a platform.
    pub created_by: Option<MemberId>,
    /// Width and height in pixels, of pictures.
    pub pixels: Option<(u32, u32)>,
}

/// Enter a file.
pub async fn insert(tx: &Tx, ws: WorkspaceId, file: &NewFile, now: Timestamp) -> Result<()> {
    let pixels = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    files::Entity::insert(files::ActiveModel {
        workspace_id: Set(ws.0),
        id: Set(file.id.0),
        name: Set(file.name.clone()),
        media_type: Set(file.media_type.clone()),
        size: Set(i64::try_from(file.size).unwrap_or(i64::MAX)),
        sha256: Set(file.sha256.clone()),
        store_key: Set(file.store_key.clone()),
        created_by: Set(file.created_by.map(|m| m.0)),
        created_at: Set(now.0),
        width: Set(file.pixels.map(|(w, _)| pixels(w))),
        height: Set(file.pixels.map(|(_, h)| pixels(h))),
    })
    .exec_without_returning(tx)
    .await?;
    Ok(())
}

/// One file.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: FileId) -> Result<Option<files::Model>> {
    Ok(files::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The files with these ids, in no order.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[FileId],
) -> Result<Vec<files::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(files::Entity::find()
        .filter(files::Column::WorkspaceId.eq(ws.0))
        .filter(files::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}
