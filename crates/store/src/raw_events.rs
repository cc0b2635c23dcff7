//! Events that were not understood, for operators. Intake writes them.

use loa_kernel::{EventId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Result;
use crate::entity::raw_events;

/// A place in the list: after the event with this time and id.
pub type Position = (Timestamp, EventId);

/// At most `limit` events, the latest first, older than `after`.
pub async fn page(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    after: Option<Position>,
    limit: u64,
) -> Result<Vec<raw_events::Model>> {
    use raw_events::Column;
    let mut select = raw_events::Entity::find().filter(Column::WorkspaceId.eq(ws.0));
    if let Some((at, id)) = after {
        select = select.filter(
            Condition::all()
                .add(Column::ReceivedAt.lte(at.0))
                .add(Condition::any().add(Column::ReceivedAt.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    Ok(select.order_by_desc(Column::ReceivedAt).order_by_desc(Column::Id).limit(limit).all(conn).await?)
}
