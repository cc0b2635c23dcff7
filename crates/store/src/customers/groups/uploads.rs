//! Reports of what was put into a group at once.

use loa_kernel::{GroupUploadId, PhoneGroup, WorkspaceId};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

pub use crate::entity::group_upload_rows::Model as UploadRow;
pub use crate::entity::group_uploads::Model as Upload;
use crate::entity::{group_upload_rows, group_uploads};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// Why a row needs a look.
    RowKind {
        /// No phone number.
        Bad = "bad",
        /// A number that stood further above.
        Double = "double",
        /// A number that is in the other group too.
        Conflict = "conflict",
    }
}

/// Keep a report with its rows. Errors: `Unique("group_uploads_pkey")` when its id is known.
pub async fn insert_upload(tx: &Tx, upload: Upload, rows: Vec<UploadRow>) -> Result<()> {
    insert_rows::<group_uploads::Entity>(tx, [upload], None).await?;
    insert_rows::<group_upload_rows::Entity>(tx, rows, None).await?;
    Ok(())
}

/// One report.
pub async fn upload(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: GroupUploadId,
) -> Result<Option<Upload>> {
    Ok(group_uploads::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The newest reports of a group.
pub async fn uploads(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    group: PhoneGroup,
    limit: u64,
) -> Result<Vec<Upload>> {
    use group_uploads::Column;
    Ok(group_uploads::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Group.eq(group.as_str()))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?)
}

/// At most `limit` rows of a report behind a row, in their order; of one kind, or all.
pub async fn upload_rows(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: GroupUploadId,
    kind: Option<RowKind>,
    after: i64,
    limit: u64,
) -> Result<Vec<UploadRow>> {
    use group_upload_rows::Column;
    let mut select = group_upload_rows::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::UploadId.eq(id.0))
        .filter(Column::Row.gt(after));
    if let Some(kind) = kind {
        select = select.filter(Column::Kind.eq(kind.as_str()));
    }
    Ok(select.order_by_asc(Column::Row).limit(limit).all(conn).await?)
}

/// The rows of all reports of a group go; how many there were stays.
pub(super) async fn forget_rows(tx: &Tx, ws: WorkspaceId, group: PhoneGroup) -> Result<()> {
    let theirs = Query::select()
        .column(group_uploads::Column::Id)
        .from(group_uploads::Entity)
        .and_where(group_uploads::Column::WorkspaceId.eq(ws.0))
        .and_where(group_uploads::Column::Group.eq(group.as_str()))
        .to_owned();
    group_upload_rows::Entity::delete_many()
        .filter(group_upload_rows::Column::WorkspaceId.eq(ws.0))
        .filter(group_upload_rows::Column::UploadId.in_subquery(theirs))
        .exec(tx)
        .await?;
    Ok(())
}
