//! Tokens of channels.
//!
//! A refresh token works once: whoever uses it must be the only one, and must keep what it got. So a refresher
//! first claims the lease, then calls the platform, then replaces the tokens only if their generation is still
//! the one it read ([`replace`]).

use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entity::channel_credentials as credentials;
use crate::{Place, Result, Secret, Tx, Vault};

/// A pair of tokens; printing it does not show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Goes with every call.
    pub access: Secret,
    /// Buys the next pair, once.
    pub refresh: Secret,
    /// When the first ends.
    pub access_expires_at: Timestamp,
    /// When the second ends; after that only an administrator can help.
    pub refresh_expires_at: Timestamp,
}

/// The tokens of a channel as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The pair.
    pub tokens: Tokens,
    /// Grows with every replacement.
    pub generation: i64,
    /// Who is replacing it right now, until when.
    pub lease: Option<(String, Timestamp)>,
}

/// When the tokens of a channel end; without the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expiry {
    /// Whose workspace.
    pub workspace: WorkspaceId,
    /// Which channel.
    pub channel: ChannelId,
    /// When the access token ends.
    pub access_expires_at: Timestamp,
    /// When the refresh token ends.
    pub refresh_expires_at: Timestamp,
    /// Which pair it is.
    pub generation: i64,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Sealed {
    access_token: String,
    refresh_token: String,
}

/// The tokens of a channel.
pub async fn load(
    conn: &impl ConnectionTrait,
    vault: &Vault,
    ws: WorkspaceId,
    channel: ChannelId,
) -> Result<Option<Credentials>> {
    let Some(row) = credentials::Entity::find_by_id((ws.0, channel.0)).one(conn).await? else {
        return Ok(None);
    };
    let sealed: Sealed = vault.open_json(place(ws, channel), &row.sealed)?;
    Ok(Some(Credentials {
        tokens: Tokens {
            access: sealed.access_token.into(),
            refresh: sealed.refresh_token.into(),
            access_expires_at: Timestamp(row.access_expires_at),
            refresh_expires_at: Timestamp(row.refresh_expires_at),
        },
        generation: row.generation,
        lease: row.lease_owner.zip(row.lease_until_at.map(Timestamp)),
    }))
}

/// Keep the tokens of a channel that was just connected, whatever was there before; ends any lease.
pub async fn store(
    tx: &Tx,
    vault: &Vault,
    ws: WorkspaceId,
    channel: ChannelId,
    tokens: &Tokens,
) -> Result<()> {
    use credentials::Column as C;
    let row = credentials::Model {
        workspace_id: ws.0,
        channel_id: channel.0,
        sealed: seal(vault, ws, channel, tokens)?,
        access_expires_at: tokens.access_expires_at.0,
        refresh_expires_at: tokens.refresh_expires_at.0,
        generation: 1,
        lease_until_at: None,
        lease_owner: None,
    };
    let mut conflict = OnConflict::columns([C::WorkspaceId, C::ChannelId]);
    conflict
        .update_columns([C::Sealed, C::AccessExpiresAt, C::RefreshExpiresAt, C::LeaseUntilAt, C::LeaseOwner])
        .value(C::Generation, Expr::col((credentials::Entity, C::Generation)).add(1));
    credentials::Entity::insert(row.into_active_model())
        .on_conflict(conflict)
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Replace the pair of the given generation and end the lease; false when the tokens are of another generation
/// by now (somebody connected anew): then the new pair must be thrown away.
pub async fn replace(
    tx: &Tx,
    vault: &Vault,
    ws: WorkspaceId,
    channel: ChannelId,
    generation: i64,
    tokens: &Tokens,
) -> Result<bool> {
    use credentials::Column as C;
    let done = credentials::Entity::update_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ChannelId.eq(channel.0))
        .filter(C::Generation.eq(generation))
        .col_expr(C::Sealed, Expr::value(seal(vault, ws, channel, tokens)?))
        .col_expr(C::AccessExpiresAt, Expr::value(tokens.access_expires_at.0))
        .col_expr(C::RefreshExpiresAt, Expr::value(tokens.refresh_expires_at.0))
        .col_expr(C::Generation, Expr::value(generation + 1))
        .col_expr(C::LeaseUntilAt, Expr::value(None::<i64>))
        .col_expr(C::LeaseOwner, Expr::value(None::<String>))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Claim the right to refresh the pair of the given generation until `until`; false when somebody else holds
/// it or the pair is another by now.
pub async fn claim_refresh(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    generation: i64,
    owner: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<bool> {
    use credentials::Column as C;
    let done = credentials::Entity::update_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ChannelId.eq(channel.0))
        .filter(C::Generation.eq(generation))
        .filter(Condition::any().add(C::LeaseUntilAt.is_null()).add(C::LeaseUntilAt.lte(now.0)))
        .col_expr(C::LeaseUntilAt, Expr::value(until.0))
        .col_expr(C::LeaseOwner, Expr::value(owner))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Give the right back unused, after a failure.
pub async fn release_refresh(tx: &Tx, ws: WorkspaceId, channel: ChannelId, owner: &str) -> Result<()> {
    use credentials::Column as C;
    credentials::Entity::update_many()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ChannelId.eq(channel.0))
        .filter(C::LeaseOwner.eq(owner))
        .col_expr(C::LeaseUntilAt, Expr::value(None::<i64>))
        .col_expr(C::LeaseOwner, Expr::value(None::<String>))
        .exec(tx)
        .await?;
    Ok(())
}

/// Forget the tokens.
pub async fn delete(tx: &Tx, ws: WorkspaceId, channel: ChannelId) -> Result<()> {
    credentials::Entity::delete_by_id((ws.0, channel.0)).exec(tx).await?;
    Ok(())
}

/// When the tokens of a workspace's channels end.
pub async fn expiries(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<Expiry>> {
    read_expiries(conn, Condition::all().add(credentials::Column::WorkspaceId.eq(ws.0)), None).await
}

/// Tokens that end before `before` and that nobody is refreshing, soonest first. Crosses workspaces: one worker
/// refreshes for all.
pub async fn due(
    conn: &impl ConnectionTrait,
    before: Timestamp,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Expiry>> {
    use credentials::Column as C;
    let free = Condition::any().add(C::LeaseUntilAt.is_null()).add(C::LeaseUntilAt.lte(now.0));
    read_expiries(conn, Condition::all().add(C::AccessExpiresAt.lt(before.0)).add(free), Some(limit)).await
}

async fn read_expiries(
    conn: &impl ConnectionTrait,
    which: Condition,
    limit: Option<u64>,
) -> Result<Vec<Expiry>> {
    use credentials::Column as C;
    let rows: Vec<(Uuid, Uuid, i64, i64, i64)> = credentials::Entity::find()
        .select_only()
        .columns([C::WorkspaceId, C::ChannelId, C::AccessExpiresAt, C::RefreshExpiresAt, C::Generation])
        .filter(which)
        .order_by_asc(C::AccessExpiresAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(workspace, channel, access, refresh, generation)| Expiry {
            workspace: WorkspaceId(workspace),
            channel: ChannelId(channel),
            access_expires_at: Timestamp(access),
            refresh_expires_at: Timestamp(refresh),
            generation,
        })
        .collect())
}

fn seal(vault: &Vault, ws: WorkspaceId, channel: ChannelId, tokens: &Tokens) -> Result<Vec<u8>> {
    vault.seal_json(
        place(ws, channel),
        &Sealed {
            access_token: tokens.access.expose().to_owned(),
            refresh_token: tokens.refresh.expose().to_owned(),
        },
    )
}

fn place(ws: WorkspaceId, channel: ChannelId) -> Place {
    Place::new("channel_credentials", ws, channel)
}
