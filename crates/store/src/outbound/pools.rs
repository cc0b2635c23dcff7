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

pub(super) const PENDING: &str = "pending";
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

/// The message went out, and `paid_by` is what the platform took it from, when it said so. `None`, and nothing
/// changed, when the reservation was settled before (by an echo, or by another process): then whoever did it has
/// counted the message as well.
pub async fn post(
    tx: &Tx,
    ws: WorkspaceId,
    message: MessageId,
    paid_by: Option<Pool>,
    now: Timestamp,
) -> Result<Option<Posted>> {
    let Some(row) = settle(tx, ws, message, POSTED, now).await? else { return Ok(None) };
    let reserved: Pool = row.pool.parse()?;
    let paid_by = paid_by.unwrap_or(reserved);
    if paid_by != reserved {
        if reserved == Pool::Welcome {
            under_way(tx, ws, ChannelId(row.channel_id), IdentityId(row.identity_id), reserved, -1).await?;
        }
        let mut changed = row.into_active_model();
        changed.pool = Set(paid_by.as_str().to_owned());
        changed.update(tx).await?;
    }
    Ok(Some(Posted { reserved, paid_by }))
}

/// A reservation that was just settled by a message that went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posted {
    /// What was held.
    pub reserved: Pool,
    /// What paid.
    pub paid_by: Pool,
}

/// The message did not go out. Answers false, and changes nothing, when there was nothing pending.
pub async fn void(tx: &Tx, ws: WorkspaceId, message: MessageId, now: Timestamp) -> Result<bool> {
    let Some(row) = settle(tx, ws, message, VOIDED, now).await? else { return Ok(false) };
    if row.pool == Pool::Welcome.as_str() {
        under_way(tx, ws, ChannelId(row.channel_id), IdentityId(row.identity_id), Pool::Welcome, -1).await?;
    }
    Ok(true)
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
    // A welcome is counted when it is reserved and stays counted when it went out.
    if pool != Pool::Welcome {
        under_way(tx, ws, channel, identity, pool, -1).await?;
    }
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
        Pool::Reply | Pool::Welcome => {
            use customer_identities::Column;
            let counter = if pool == Pool::Reply { Column::RepliesReserved } else { Column::WelcomeUsed };
            customer_identities::Entity::update_many()
                .col_expr(counter, Expr::col(counter).add(n))
                .filter(Column::WorkspaceId.eq(ws.0))
                .filter(Column::Id.eq(identity.0))
                .filter(Expr::col(counter).add(n).gte(0))
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
        // What is left of these is known only from the platform.
        Pool::Extra | Pool::Paid => {}
    }
    Ok(())
}
