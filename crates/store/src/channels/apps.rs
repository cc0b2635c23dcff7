//! Applications registered with a platform, and their secrets.

use loa_kernel::{AppId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::ChannelKind;
use crate::entity::platform_apps;
use crate::{Place, Result, Secret, Tx, Vault};

/// An application with its secrets; printing it does not show them.
#[derive(Debug, Clone, PartialEq)]
pub struct App {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: AppId,
    /// Which platform.
    pub kind: ChannelKind,
    /// The platform's id of the application.
    pub external_id: String,
    /// What it signs in to the platform with; `None` until set.
    pub app_secret: Option<Secret>,
    /// What the platform signs its events with; `None` until set.
    pub oa_secret_key: Option<Secret>,
    /// What only its connector understands.
    pub settings: serde_json::Value,
    /// When it was set up.
    pub created_at: Timestamp,
    /// When the row last changed.
    pub updated_at: Timestamp,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct Secrets {
    app_secret: Option<String>,
    oa_secret_key: Option<String>,
}

/// Keep an application as given, new or changed (`created_at` only counts when it is new).
///
/// Errors: `Unique("platform_apps_external")` when another one has the same platform id, in any workspace.
pub async fn save(tx: &Tx, vault: &Vault, app: &App) -> Result<()> {
    use platform_apps::Column as C;
    let plain = |secret: &Option<Secret>| secret.as_ref().map(|s| s.expose().to_owned());
    let secrets = Secrets { app_secret: plain(&app.app_secret), oa_secret_key: plain(&app.oa_secret_key) };
    let row = platform_apps::Model {
        workspace_id: app.workspace.0,
        id: app.id.0,
        kind: app.kind.as_str().to_owned(),
        external_id: app.external_id.clone(),
        secrets_sealed: vault.seal_json(place(app.workspace, app.id), &secrets)?,
        settings: app.settings.clone(),
        created_at: app.created_at.0,
        updated_at: app.updated_at.0,
    };
    platform_apps::Entity::insert(row.into_active_model())
        .on_conflict(
            OnConflict::columns([C::WorkspaceId, C::Id])
                .update_columns([C::Kind, C::ExternalId, C::SecretsSealed, C::Settings, C::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// One by id.
pub async fn get(
    conn: &impl ConnectionTrait,
    vault: &Vault,
    ws: WorkspaceId,
    id: AppId,
) -> Result<Option<App>> {
    let row = platform_apps::Entity::find_by_id((ws.0, id.0)).one(conn).await?;
    row.map(|row| from_row(vault, row)).transpose()
}

/// The applications a workspace has for a platform, oldest first.
pub async fn list(
    conn: &impl ConnectionTrait,
    vault: &Vault,
    ws: WorkspaceId,
    kind: ChannelKind,
) -> Result<Vec<App>> {
    platform_apps::Entity::find()
        .filter(platform_apps::Column::WorkspaceId.eq(ws.0))
        .filter(platform_apps::Column::Kind.eq(kind.as_str()))
        .order_by_asc(platform_apps::Column::CreatedAt)
        .order_by_asc(platform_apps::Column::Id)
        .all(conn)
        .await?
        .into_iter()
        .map(|row| from_row(vault, row))
        .collect()
}

/// The application with this platform id. Crosses workspaces: an event names only the application, and its
/// signature can be checked only with the secret found here.
pub async fn find_by_external(
    conn: &impl ConnectionTrait,
    vault: &Vault,
    kind: ChannelKind,
    external_id: &str,
) -> Result<Option<App>> {
    let row = platform_apps::Entity::find()
        .filter(platform_apps::Column::Kind.eq(kind.as_str()))
        .filter(platform_apps::Column::ExternalId.eq(external_id))
        .one(conn)
        .await?;
    row.map(|row| from_row(vault, row)).transpose()
}

fn place(ws: WorkspaceId, id: AppId) -> Place {
    Place::new("platform_apps", ws, id)
}

fn from_row(vault: &Vault, row: platform_apps::Model) -> Result<App> {
    let (workspace, id) = (WorkspaceId(row.workspace_id), AppId(row.id));
    let secrets: Secrets = vault.open_json(place(workspace, id), &row.secrets_sealed)?;
    Ok(App {
        workspace,
        id,
        kind: row.kind.parse()?,
        external_id: row.external_id,
        app_secret: secrets.app_secret.map(Secret::from),
        oa_secret_key: secrets.oa_secret_key.map(Secret::from),
        settings: row.settings,
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
    })
}
