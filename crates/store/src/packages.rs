//! What administrators say the platform's packages allow, where they know better than the rule book (features reference §6.6:
//! new names of packages must be mapped by a table that can be edited).

use loa_kernel::{MemberId, Timestamp, WorkspaceId, fold_vi};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::Value as Json;

pub use crate::entity::package_capabilities::Model as SaidPackage;

use crate::entity::package_capabilities as rows;
use crate::rows::insert_rows;
use crate::{Result, Tx};

/// The form in which names of packages are compared.
pub fn folded(name: &str) -> String {
    let folded = fold_vi(name);
    folded.strip_prefix("goi ").map_or_else(|| folded.clone(), str::to_owned)
}

/// All of a workspace, by name.
pub async fn list(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<SaidPackage>> {
    let select = rows::Entity::find().filter(rows::Column::WorkspaceId.eq(ws.0));
    Ok(select.order_by_asc(rows::Column::Package).all(conn).await?)
}

/// Say what a package allows, instead of what was said before.
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    name: &str,
    capabilities: Json,
    member: MemberId,
    now: Timestamp,
) -> Result<()> {
    use rows::Column as C;
    let row = SaidPackage {
        workspace_id: ws.0,
        package: folded(name),
        name: name.to_owned(),
        capabilities,
        member_id: Some(member.0),
        updated_at: now.0,
    };
    let newest = OnConflict::columns([C::WorkspaceId, C::Package])
        .update_columns([C::Name, C::Capabilities, C::MemberId, C::UpdatedAt])
        .to_owned();
    insert_rows::<rows::Entity>(tx, [row], Some(newest)).await?;
    Ok(())
}

/// Back to what the rule book says; false when nothing else was said.
pub async fn remove(tx: &Tx, ws: WorkspaceId, name: &str) -> Result<bool> {
    let done = rows::Entity::delete_many()
        .filter(rows::Column::WorkspaceId.eq(ws.0))
        .filter(rows::Column::Package.eq(folded(name)))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}
