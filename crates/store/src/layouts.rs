//! How each member wants a list to look next time: nobody else's business.

use loa_kernel::{MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::Value;

use crate::entity::list_layouts;
use crate::rows::insert_rows;
use crate::{Result, Tx};

/// What a member kept of a list.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    list: &str,
) -> Result<Option<Value>> {
    let row = list_layouts::Entity::find_by_id((ws.0, member.0, list.to_owned())).one(conn).await?;
    Ok(row.map(|row| row.layout))
}

/// Keep it, instead of what was kept before.
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    member: MemberId,
    list: &str,
    layout: Value,
    now: Timestamp,
) -> Result<()> {
    use list_layouts::Column as C;
    let row = list_layouts::Model {
        workspace_id: ws.0,
        member_id: member.0,
        list: list.to_owned(),
        layout,
        updated_at: now.0,
    };
    let newest = OnConflict::columns([C::WorkspaceId, C::MemberId, C::List])
        .update_columns([C::Layout, C::UpdatedAt])
        .to_owned();
    insert_rows::<list_layouts::Entity>(tx, [row], Some(newest)).await?;
    Ok(())
}

/// Back to how the list looks for everybody.
pub async fn remove(tx: &Tx, ws: WorkspaceId, member: MemberId, list: &str) -> Result<()> {
    list_layouts::Entity::delete_many()
        .filter(list_layouts::Column::WorkspaceId.eq(ws.0))
        .filter(list_layouts::Column::MemberId.eq(member.0))
        .filter(list_layouts::Column::List.eq(list))
        .exec(tx)
        .await?;
    Ok(())
}
