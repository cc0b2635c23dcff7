//! Follows that members end ("Xóa quan tâm"). Each wish is one row with what became of it, so that a call whose outcome
//! nobody knows is never made again before somebody looked.

use loa_kernel::{ChannelId, ConversationId, CustomerId, IdentityId, MemberId, Timestamp, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use uuid::Uuid;

use crate::entity::{conversations, customer_identities, follow_removals};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// What became of a wish.
    RemovalState {
        /// The platform is being asked; of a program that died meanwhile nobody knows.
        Calling = "calling",
        /// The platform did it.
        Removed = "removed",
        /// The platform offers no call for it: it is noted here, and has to be done in the platform's own console.
        Noted = "noted",
        /// The platform said no.
        Refused = "refused",
        /// The platform was not reached.
        NotSent = "not_sent",
        /// Nobody knows whether the platform did it.
        Unknown = "unknown",
        /// Somebody looked: the platform had not done it.
        Absent = "absent",
    }
}

/// A wish before it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRemoval {
    /// Made by the browser.
    pub id: Uuid,
    /// Whose follow.
    pub identity: IdentityId,
    /// Who wants it.
    pub member: MemberId,
    /// How it begins.
    pub state: RemovalState,
}

/// The address of a customer on a channel, and the thread on it.
pub async fn address(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customer: CustomerId,
    channel: ChannelId,
) -> Result<Option<(customer_identities::Model, Option<ConversationId>)>> {
    use customer_identities::Column as C;
    let found = customer_identities::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CustomerId.eq(customer.0))
        .filter(C::ChannelId.eq(channel.0))
        .one(conn)
        .await?;
    let Some(identity) = found else { return Ok(None) };
    let thread = conversations::Entity::find()
        .filter(conversations::Column::WorkspaceId.eq(ws.0))
        .filter(conversations::Column::IdentityId.eq(identity.id))
        .one(conn)
        .await?;
    Ok(Some((identity, thread.map(|t| ConversationId(t.id)))))
}

/// An address, locked until the transaction ends.
pub async fn lock_address(
    tx: &Tx,
    ws: WorkspaceId,
    id: IdentityId,
) -> Result<Option<customer_identities::Model>> {
    Ok(customer_identities::Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?)
}

/// Write a wish. Errors: `Unique("follow_removals_pkey")`.
pub async fn begin(tx: &Tx, ws: WorkspaceId, new: NewRemoval, now: Timestamp) -> Result<()> {
    let row = follow_removals::Model {
        workspace_id: ws.0,
        id: new.id,
        identity_id: new.identity.0,
        member_id: new.member.0,
        state: new.state.as_str().to_owned(),
        code: None,
        created_at: now.0,
        ended_at: None,
    };
    insert_rows::<follow_removals::Entity>(tx, [row], None).await?;
    Ok(())
}

/// A wish that came to nothing, made again under its id: it begins now.
pub async fn again(tx: &Tx, ws: WorkspaceId, new: NewRemoval, now: Timestamp) -> Result<()> {
    use follow_removals::Column as C;
    follow_removals::Entity::update_many()
        .col_expr(C::State, Expr::value(new.state.as_str()))
        .col_expr(C::MemberId, Expr::value(new.member.0))
        .col_expr(C::Code, Expr::value(None::<i32>))
        .col_expr(C::CreatedAt, Expr::value(now.0))
        .col_expr(C::EndedAt, Expr::value(None::<i64>))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(new.id))
        .exec(tx)
        .await?;
    Ok(())
}

/// One wish.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: Uuid,
) -> Result<Option<follow_removals::Model>> {
    Ok(follow_removals::Entity::find_by_id((ws.0, id)).one(conn).await?)
}

/// The latest wish about an address.
pub async fn last(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    identity: IdentityId,
) -> Result<Option<follow_removals::Model>> {
    use follow_removals::Column as C;
    Ok(follow_removals::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::IdentityId.eq(identity.0))
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(1)
        .one(conn)
        .await?)
}

/// What became of a wish.
pub async fn end(
    tx: &Tx,
    ws: WorkspaceId,
    id: Uuid,
    state: RemovalState,
    code: Option<i32>,
    now: Timestamp,
) -> Result<()> {
    use follow_removals::Column as C;
    follow_removals::Entity::update_many()
        .col_expr(C::State, Expr::value(state.as_str()))
        .col_expr(C::Code, Expr::value(code))
        .col_expr(C::EndedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}
