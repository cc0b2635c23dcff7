//! Deliveries as a queue: who works on which, and for how long.

use loa_kernel::{ChannelId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use super::DeliveryState;
use super::thread::save_delivery;
use crate::dialect::skip_locked;
use crate::entity::deliveries::{Column, Entity, Model};
use crate::rows::{Put, update_rows};
use crate::{Result, Store, Tx};

/// Nothing before it in its thread is still under way.
const FIRST_OF_ITS_THREAD: &str = "NOT EXISTS (SELECT 1 FROM deliveries AS earlier \
     WHERE earlier.workspace_id = deliveries.workspace_id \
     AND earlier.conversation_id = deliveries.conversation_id \
     AND earlier.state IN ('queued', 'calling', 'unknown') \
     AND earlier.message_id < deliveries.message_id)";

/// Take at most `limit` queued deliveries that are due, each the first of its thread, for all workspaces
/// (one worker serves them all), leaving out accounts that are `busy`. They are `owner`'s until `lease_until`.
pub async fn claim_queued(
    store: &Store,
    owner: &str,
    busy: &[ChannelId],
    limit: u64,
    lease_until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Model>> {
    claim(store, DeliveryState::Queued, owner, busy, limit, lease_until, now).await
}

/// The same for deliveries of unknown outcome that are due for a look at the platform.
pub async fn claim_unknown(
    store: &Store,
    owner: &str,
    limit: u64,
    lease_until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Model>> {
    claim(store, DeliveryState::Unknown, owner, &[], limit, lease_until, now).await
}

async fn claim(
    store: &Store,
    state: DeliveryState,
    owner: &str,
    busy: &[ChannelId],
    limit: u64,
    lease_until: Timestamp,
    now: Timestamp,
) -> Result<Vec<Model>> {
    // Most looks find nothing: do not take the one writer of SQLite for them.
    if due(state, busy, limit, now).one(store.reader()).await?.is_none() {
        return Ok(Vec::new());
    }
    let tx = store.begin().await?;
    let mut select = due(state, busy, limit, now);
    skip_locked(QueryTrait::query(&mut select));
    let mut rows = select.all(&tx).await?;
    let keys = rows
        .iter()
        .map(|row| {
            vec![
                row.workspace_id.into(),
                row.message_id.into(),
                lease_until.0.into(),
                owner.to_owned().into(),
            ]
        })
        .collect();
    update_rows::<Entity>(
        &tx,
        &[Column::WorkspaceId, Column::MessageId],
        &[(Column::LeaseUntilAt, Put::Set), (Column::LeaseOwner, Put::Set)],
        keys,
    )
    .await?;
    tx.commit().await?;
    for row in &mut rows {
        row.lease_until_at = Some(lease_until.0);
        row.lease_owner = Some(owner.to_owned());
    }
    Ok(rows)
}

pub(crate) fn due(
    state: DeliveryState,
    busy: &[ChannelId],
    limit: u64,
    now: Timestamp,
) -> sea_orm::Select<Entity> {
    let mut select = Entity::find()
        .filter(Column::State.eq(state.as_str()))
        .filter(Column::DueAt.lte(now.0))
        .filter(Condition::any().add(Column::LeaseUntilAt.is_null()).add(Column::LeaseUntilAt.lt(now.0)))
        .order_by_asc(Column::DueAt)
        .order_by_asc(Column::MessageId)
        .limit(limit);
    if state == DeliveryState::Queued {
        select = select.filter(Expr::cust(FIRST_OF_ITS_THREAD));
    }
    if !busy.is_empty() {
        select = select.filter(Column::ChannelId.is_not_in(busy.iter().map(|id| id.0)));
    }
    select
}

/// Calls whose lease has run out: the program died, or lost its database, between asking the platform and
/// writing down the answer. What became of them is unknown. Of all workspaces.
pub async fn stranded(conn: &impl ConnectionTrait, limit: u64, now: Timestamp) -> Result<Vec<Model>> {
    Ok(Entity::find()
        .filter(Column::State.eq(DeliveryState::Calling.as_str()))
        .filter(Condition::any().add(Column::LeaseUntilAt.is_null()).add(Column::LeaseUntilAt.lt(now.0)))
        .limit(limit)
        .all(conn)
        .await?)
}

/// The delivery, locked until the transaction ends.
pub async fn lock_delivery(tx: &Tx, ws: WorkspaceId, message: MessageId) -> Result<Option<Model>> {
    Ok(Entity::find_by_id((ws.0, message.0)).lock_exclusive().one(tx).await?)
}

/// Put a locked delivery into `state`, due at `due_at`, with the counters and lease that `change` sets; without
/// any lease when it sets none.
pub async fn hold(
    tx: &Tx,
    row: Model,
    state: DeliveryState,
    due_at: Timestamp,
    change: impl FnOnce(&mut Model),
) -> Result<Model> {
    let mut new = row.clone();
    new.state = state.as_str().to_owned();
    new.due_at = due_at.0;
    new.lease_until_at = None;
    new.lease_owner = None;
    change(&mut new);
    save_delivery(tx, &row, &new).await?;
    Ok(new)
}

/// Nothing more to do for this delivery.
pub async fn finish(tx: &Tx, row: Model) -> Result<()> {
    let due_at = Timestamp(row.due_at);
    hold(tx, row, DeliveryState::Done, due_at, |_| {}).await?;
    Ok(())
}

/// Give up a claim that led to nothing: the delivery is due again at `due_at`, unless somebody else has it.
pub async fn release_lease(store: &Store, claimed: &Model, due_at: Timestamp) -> Result<()> {
    let tx = store.begin().await?;
    Entity::update_many()
        .col_expr(Column::LeaseUntilAt, Expr::value(None::<i64>))
        .col_expr(Column::LeaseOwner, Expr::value(None::<String>))
        .col_expr(Column::DueAt, Expr::value(due_at.0))
        .filter(Column::WorkspaceId.eq(claimed.workspace_id))
        .filter(Column::MessageId.eq(claimed.message_id))
        .filter(Column::State.eq(claimed.state.as_str()))
        .filter(Column::LeaseOwner.eq(claimed.lease_owner.clone()))
        .exec(&tx)
        .await?;
    tx.commit().await
}

/// How many deliveries are in each state that is not done, for metrics.
pub async fn queue_depth(conn: &impl ConnectionTrait) -> Result<Vec<(DeliveryState, u64)>> {
    let mut depth = Vec::new();
    for state in [DeliveryState::Queued, DeliveryState::Calling, DeliveryState::Unknown] {
        let n = Entity::find().filter(Column::State.eq(state.as_str())).count(conn).await?;
        depth.push((state, n));
    }
    Ok(depth)
}
