//! Connections that were started: what must come back from the platform, once and in time.

use loa_kernel::{AppId, MemberId, Timestamp, WorkspaceId};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use crate::entity::oauth_states;
use crate::{Place, Result, Secret, StoreError, Tx, Vault};

/// A connection in progress; printing it does not show the verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthState {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Random text that the platform sends back.
    pub state: String,
    /// Through which application.
    pub app: AppId,
    /// Who started it.
    pub member: MemberId,
    /// The PKCE verifier that proves it was us.
    pub verifier: Secret,
    /// When it was started.
    pub created_at: Timestamp,
    /// When it is void.
    pub expires_at: Timestamp,
}

/// Keep one that is starting.
pub async fn start(tx: &Tx, vault: &Vault, new: &OauthState) -> Result<()> {
    oauth_states::Model {
        workspace_id: new.workspace.0,
        state: new.state.clone(),
        app_id: new.app.0,
        member_id: new.member.0,
        verifier_sealed: vault.seal(place(new.workspace, &new.state), new.verifier.expose().as_bytes())?,
        created_at: new.created_at.0,
        expires_at: new.expires_at.0,
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// Take one out: it is removed whether it is still valid or not, so the same answer never counts twice.
/// `None` when it is unknown, of another workspace, or void by now.
pub async fn take(
    tx: &Tx,
    vault: &Vault,
    ws: WorkspaceId,
    state: &str,
    now: Timestamp,
) -> Result<Option<OauthState>> {
    let row = oauth_states::Entity::delete_by_id((ws.0, state.to_owned())).exec_with_returning(tx).await?;
    let Some(row) = row.into_iter().next().filter(|row| row.expires_at > now.0) else { return Ok(None) };
    let verifier = vault.open(place(ws, state), &row.verifier_sealed)?;
    let verifier =
        String::from_utf8(verifier).map_err(|_| StoreError::Sealed("oauth_states: not a text".into()))?;
    Ok(Some(OauthState {
        workspace: ws,
        state: row.state,
        app: AppId(row.app_id),
        member: MemberId(row.member_id),
        verifier: Secret::from(verifier),
        created_at: Timestamp(row.created_at),
        expires_at: Timestamp(row.expires_at),
    }))
}

/// Remove those that are void. Crosses workspaces: one worker cleans up for all.
pub async fn prune(tx: &Tx, now: Timestamp) -> Result<u64> {
    let done = oauth_states::Entity::delete_many()
        .filter(oauth_states::Column::ExpiresAt.lte(now.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

fn place(ws: WorkspaceId, state: &str) -> Place {
    Place::named("oauth_states", ws, state)
}
