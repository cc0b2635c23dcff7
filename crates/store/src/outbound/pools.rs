//! Reservations and the counters that show them.

use loa_kernel::{ChannelId, IdentityId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect,
};

use crate::entity::{channels, customer_identities, reservations};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// What a message takes from.
    Pool {
        /// Free replies of the customer's window.
        Reply = "reply",
        /// Free greetings to a follower.
        Welcome = "welcome",
        /// The account's package.
        Package = "package",
        /// Bought and given packs.
        Extra = "extra",
        /// Money.
        Paid = "paid",
    }
}

const PENDING: &str = "pending";
const POSTED: &str = "posted";
const VOIDED: &str = "voided";

/// The reservation of a message, if it has one.
pub async fn reservation(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    message: MessageId,
) -> Result<Option<reservations::Model>> {
    Ok(reservations::Entity::find_by_id((ws.0, message.0)).one(conn).await?)
}

/// Hold one message's worth of `pool` for `message`, and count it as under way. A message that held another
/// pool before (voided, or still pending) holds this one now. The caller has decided under [`super::lock_thread`]
/// that the pool has room.
pub async fn reserve(
    tx: &Tx,
    ws: WorkspaceId,
    message: MessageId,
    channel: ChannelId,
    identity: IdentityId,
    pool: Pool,
    now: Timestamp,
) -> Result<()> {
    void(tx, ws, message, now).await?;
    let row = reservations::Model {
        workspace_id: ws.0,
        id: message.0,
        channel_id: channel.0,
        identity_id: identity.0,
        pool: pool.as_str().to_owned(),
        amount: 1,
        state: PENDING.to_owned(),
        created_at: now.0,
        settled_at: None,
    };
    let known = reservations::Entity::find_by_id((ws.0, message.0)).one(tx).await?;
    match known {
        Some(_) => {
            row.into_active_model().reset_all().update(tx).await?;
        }
        None => {
            insert_rows::<reservations::Entity>(tx, [row], None).await?;
        }
    }
    under_way(tx, ws, channel, identity, pool, 1).await
}

/// The message went out and `paid_by` is what the platform took it from. Answers false, and changes nothing,
/// when the reservation was settled before (by an echo, or by another process).
pub async fn post(
    tx: &Tx,
    ws: WorkspaceId,
    message: MessageId,
    paid_by: Option<Pool>,
    now: Timestamp,
) -> Result<bool> {
    let Some(row) = settle(tx, ws, message, POSTED, now).await? else { return Ok(false) };
    let identity = IdentityId(row.identity_id);
    let paid_by = match paid_by {
        Some(pool) => pool,
        None => row.pool.parse()?,
    };
    if paid_by.as_str() != row.pool {
        let mut changed = row.into_active_model();
        changed.pool = Set(paid_by.as_str().to_owned());
        changed.update(tx).await?;
    }
    use customer_identities::Column;
    let used = match paid_by {
        Pool::Reply => Column::RepliesUsed,
        Pool::Welcome => Column::WelcomeUsed,
        // What is left of these is the platform's number only (features reference §4.7: never used + 1).
        Pool::Package | Pool::Extra | Pool::Paid => return Ok(true),
    };
    customer_identities::Entity::update_many()
        .col_expr(used, Expr::col(used).add(1))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.eq(identity.0))
        .exec(tx)
        .await?;
    Ok(true)
}

/// The message did not go out. Answers false, and changes nothing, when there was nothing pending.
pub async fn void(tx: &Tx, ws: WorkspaceId, message: MessageId, now: Timestamp) -> Result<bool> {
    Ok(settle(tx, ws, message, VOIDED, now).await?.is_some())
}

/// A pending reservation becomes `state` and is no longer under way; answers it as it is now.
async fn settle(
    tx: &Tx,
    ws: WorkspaceId,
    message: MessageId,
    state: &str,
    now: Timestamp,
) -> Result<Option<reservations::Model>> {
    let found = reservations::Entity::find_by_id((ws.0, message.0)).lock_exclusive().one(tx).await?;
    let Some(row) = found.filter(|row| row.state == PENDING) else { return Ok(None) };
    let (channel, identity) = (ChannelId(row.channel_id), IdentityId(row.identity_id));
    let pool: Pool = row.pool.parse()?;
    let mut changed = row.into_active_model();
    changed.state = Set(state.to_owned());
    changed.settled_at = Set(Some(now.0));
    let row = changed.update(tx).await?;
    under_way(tx, ws, channel, identity, pool, -1).await?;
    Ok(Some(row))
}

/// Count what is under way: by `n` more, never below nothing.
async fn under_way(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    identity: IdentityId,
    pool: Pool,
    n: i32,
) -> Result<()> {
    match pool {
        Pool::Reply => {
            use customer_identities::Column;
            customer_identities::Entity::update_many()
                .col_expr(Column::RepliesReserved, Expr::col(Column::RepliesReserved).add(n))
                .filter(Column::WorkspaceId.eq(ws.0))
                .filter(Column::Id.eq(identity.0))
                .filter(Expr::col(Column::RepliesReserved).add(n).gte(0))
                .exec(tx)
                .await?;
        }
        Pool::Package => {
            use channels::Column;
            channels::Entity::update_many()
                .col_expr(Column::QuotaReserved, Expr::col(Column::QuotaReserved).add(i64::from(n)))
                .filter(Column::WorkspaceId.eq(ws.0))
                .filter(Column::Id.eq(channel.0))
                .filter(Expr::col(Column::QuotaReserved).add(i64::from(n)).gte(0))
                .exec(tx)
                .await?;
        }
        // Counted from the reservations themselves where they are asked for: they are rare.
        Pool::Welcome | Pool::Extra | Pool::Paid => {}
    }
    Ok(())
}
