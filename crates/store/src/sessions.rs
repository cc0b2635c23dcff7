//! Signed-in browsers. The browser holds a random token; the database only its SHA-256.

use loa_kernel::{MemberId, SessionId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};

use crate::entity::{members, sessions, workspaces};
use crate::members::{Member, MemberStatus};
use crate::workspaces::Workspace;
use crate::{Result, StoreError, Tx};

/// A signed-in browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The member's workspace.
    pub workspace: WorkspaceId,
    /// Its id; safe to show, unlike the token.
    pub id: SessionId,
    /// Who signed in.
    pub member: MemberId,
    /// When they did.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// Where it came from.
    pub ip: Option<String>,
}

/// A valid session with whom it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The browser.
    pub session: Session,
    /// The member; always active.
    pub member: Member,
    /// Their workspace.
    pub workspace: Workspace,
}

/// Keep a new session under the SHA-256 of its token.
pub async fn create(tx: &Tx, new: &Session, token_hash: [u8; 32]) -> Result<()> {
    sessions::Model {
        workspace_id: new.workspace.0,
        id: new.id.0,
        token_hash: token_hash.to_vec(),
        member_id: new.member.0,
        created_at: new.created_at.0,
        expires_at: new.expires_at.0,
        last_seen_at: new.last_seen_at.0,
        user_agent: new.user_agent.clone(),
        ip: new.ip.clone(),
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// The session with this token, unless it has ended or its member is disabled. Crosses workspaces: the token
/// is what names the workspace.
pub async fn find_by_token(
    conn: &impl ConnectionTrait,
    token_hash: [u8; 32],
    now: Timestamp,
) -> Result<Option<SignedIn>> {
    let session = sessions::Entity::find()
        .filter(sessions::Column::TokenHash.eq(token_hash.to_vec()))
        .filter(sessions::Column::ExpiresAt.gt(now.0))
        .one(conn)
        .await?;
    let Some(session) = session else { return Ok(None) };
    // Both look-ups go by key; a join would have to name every column of three tables.
    let member = members::Entity::find_by_id((session.workspace_id, session.member_id))
        .filter(members::Column::Status.eq(MemberStatus::Active.as_str()))
        .one(conn)
        .await?;
    let Some(member) = member else { return Ok(None) };
    let workspace = workspaces::Entity::find_by_id(session.workspace_id)
        .one(conn)
        .await?
        .ok_or(StoreError::NotFound("workspace"))?;
    Ok(Some(SignedIn {
        session: from_row(session),
        member: crate::members::from_row(member)?,
        workspace: crate::workspaces::from_row(workspace),
    }))
}

/// Note that a session was used, and when it now ends.
pub async fn touch(
    tx: &Tx,
    ws: WorkspaceId,
    id: SessionId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    sessions::Entity::update_many()
        .filter(sessions::Column::WorkspaceId.eq(ws.0))
        .filter(sessions::Column::Id.eq(id.0))
        .col_expr(sessions::Column::LastSeenAt, Expr::value(now.0))
        .col_expr(sessions::Column::ExpiresAt, Expr::value(expires_at.0))
        .exec(tx)
        .await?;
    Ok(())
}

/// The sessions of a member that have not ended, last used first.
pub async fn list_of_member(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let rows = sessions::Entity::find()
        .filter(sessions::Column::WorkspaceId.eq(ws.0))
        .filter(sessions::Column::MemberId.eq(member.0))
        .filter(sessions::Column::ExpiresAt.gt(now.0))
        .order_by_desc(sessions::Column::LastSeenAt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(from_row).collect())
}

/// End one session; true if there was one.
pub async fn delete(tx: &Tx, ws: WorkspaceId, id: SessionId) -> Result<bool> {
    let done = sessions::Entity::delete_by_id((ws.0, id.0)).exec(tx).await?;
    Ok(done.rows_affected > 0)
}

/// End all sessions of a member, save perhaps the one they are using; answers how many.
pub async fn delete_of_member(
    tx: &Tx,
    ws: WorkspaceId,
    member: MemberId,
    except: Option<SessionId>,
) -> Result<u64> {
    let mut delete = sessions::Entity::delete_many()
        .filter(sessions::Column::WorkspaceId.eq(ws.0))
        .filter(sessions::Column::MemberId.eq(member.0));
    if let Some(except) = except {
        delete = delete.filter(sessions::Column::Id.ne(except.0));
    }
    Ok(delete.exec(tx).await?.rows_affected)
}

/// Remove sessions that have ended. Crosses workspaces: one worker cleans up for all.
pub async fn prune(tx: &Tx, now: Timestamp) -> Result<u64> {
    let done =
        sessions::Entity::delete_many().filter(sessions::Column::ExpiresAt.lte(now.0)).exec(tx).await?;
    Ok(done.rows_affected)
}

fn from_row(row: sessions::Model) -> Session {
    Session {
        workspace: WorkspaceId(row.workspace_id),
        id: SessionId(row.id),
        member: MemberId(row.member_id),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
        last_seen_at: Timestamp(row.last_seen_at),
        user_agent: row.user_agent,
        ip: row.ip,
    }
}
