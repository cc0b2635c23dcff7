//! How far each partition of the event log has been folded in.

use loa_kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query};
use sea_orm::{ConnectionTrait, EntityTrait};

use crate::entity::partition_cursors::{Column, Entity, Model};
use crate::rows::insert_rows;
use crate::{Result, Tx};

/// Make the cursor rows of partitions `0..partitions` that do not exist yet.
pub async fn prepare(tx: &Tx, partitions: u16, now: Timestamp) -> Result<()> {
    let rows =
        (0..partitions).map(|p| Model { partition: i32::from(p), position: 0, updated_at: now.as_ms() });
    let keep = OnConflict::column(Column::Partition).do_nothing().to_owned();
    insert_rows::<Entity>(tx, rows, Some(keep)).await?;
    Ok(())
}

/// Every partition with its position, as far as it is committed. Of all workspaces: a partition is shared.
pub async fn cursors(conn: &impl ConnectionTrait) -> Result<Vec<(u16, i64)>> {
    let rows = Entity::find().all(conn).await?;
    Ok(rows.into_iter().filter_map(|row| Some((u16::try_from(row.partition).ok()?, row.position))).collect())
}

/// Move a partition's cursor from `from` to `to`. False: it does not stand at `from`, somebody else has folded
/// these events (or is about to); undo the transaction and read the cursor again. Make it the first statement:
/// it holds the row until the end, so that of two programs one waits here.
pub async fn advance(tx: &Tx, partition: u16, from: i64, to: i64, now: Timestamp) -> Result<bool> {
    let update = Query::update()
        .table(Entity)
        .value(Column::Position, to)
        .value(Column::UpdatedAt, now.as_ms())
        .and_where(Expr::col(Column::Partition).eq(i32::from(partition)))
        .and_where(Expr::col(Column::Position).eq(from))
        .to_owned();
    Ok(tx.execute(&update).await?.rows_affected() == 1)
}
