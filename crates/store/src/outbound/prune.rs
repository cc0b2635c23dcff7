//! Forgetting deliveries and reservations that are over.

use loa_kernel::{Timestamp, WorkspaceId, first_id_at};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::DeliveryState;
use super::pools::PENDING;
use crate::entity::{deliveries, reservations};
use crate::{Result, Tx};

/// Remove deliveries that are done and were last due before `before`, at most `limit` in this call, so that other
/// writers wait only briefly. Answers how many were removed.
pub async fn prune_deliveries(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use deliveries::Column;
    let over = || {
        Condition::all()
            .add(Column::WorkspaceId.eq(ws.0))
            .add(Column::State.eq(DeliveryState::Done.as_str()))
            .add(Column::DueAt.lt(before.0))
    };
    let oldest = deliveries::Entity::find()
        .select_only()
        .column(Column::MessageId)
        .filter(over())
        .order_by_asc(Column::DueAt)
        .limit(limit);
    // The conditions stand outside too: a row that somebody puts back into the queue meanwhile is looked at again
    // when its lock is free, and only they are asked then.
    let done = deliveries::Entity::delete_many()
        .filter(over())
        .filter(Column::MessageId.in_subquery(oldest.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// Remove reservations that were posted or voided before `before`, at most `limit` in this call. Answers how many
/// were removed.
pub async fn prune_reservations(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use reservations::Column;
    let over = || {
        Condition::all()
            .add(Column::WorkspaceId.eq(ws.0))
            .add(Column::State.ne(PENDING))
            .add(Column::SettledAt.lt(before.0))
    };
    let oldest = reservations::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(over())
        // Ids begin with the instant of their message, which is written before its reservation is settled: what is
        // young is not even looked at.
        .filter(Column::Id.lt(first_id_at(before)))
        .order_by_asc(Column::Id)
        .limit(limit);
    let done = reservations::Entity::delete_many()
        .filter(over())
        .filter(Column::Id.in_subquery(oldest.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
