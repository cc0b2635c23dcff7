//! Channels as clients see them. No secret has a place here.

use std::collections::HashMap;

use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_store::channels::{self as rows, Trial, credentials};
use loa_store::imports::{self, Import};
use loa_store::{ConnectionTrait, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ImportView;

/// A connected account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Which platform: `zalo`.
    pub kind: String,
    /// The platform's id of the account.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// `connected`, `reconnect_required` or `disconnected`.
    pub status: String,
    /// Why it does not work, as a short stable word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// Edition of the messaging rules, or `auto`.
    pub edition: String,
    /// Name of the package the business has bought.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// Can it pay for messages? `unknown`, `linked`, `not_linked` or `out_of_money`.
    pub billing: String,
    /// The account could not pay when it was last asked; this says whether one message may try again: `open`, or
    /// `held` by a message that is trying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub trial: Option<String>,
    /// The package's allowance, when the platform has told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<ChannelQuota>,
    /// The last import of the account's history.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub import: Option<ImportView>,
    /// When the access token ends. It is renewed long before; an instant in the past means that this fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expires_at: Option<Timestamp>,
}

/// The allowance of the package in this period, as the platform said it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChannelQuota {
    /// Used, counting up.
    pub used: i64,
    /// Of how many.
    pub total: i64,
    /// When the platform said so.
    pub as_of: Timestamp,
    /// The platform could not be asked since then: the number may be old.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    pub stale: bool,
    /// Last day of the period, in the platform's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_through: Option<String>,
}

/// The application through which Zalo accounts are connected. Secrets are only said to be there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ZaloApp {
    /// The platform's id of the application.
    pub app_id: String,
    /// Is the application's secret set?
    pub has_app_secret: bool,
    /// Is the key that signs webhooks set?
    pub has_oa_secret_key: bool,
    /// To be entered in the platform's console as the webhook's address.
    pub webhook_url: String,
    /// To be entered in the platform's console as the account's callback address.
    pub callback_url: String,
}

/// The view of a row.
pub fn view(
    channel: &rows::Channel,
    import: Option<&Import>,
    token_expires_at: Option<Timestamp>,
) -> Channel {
    Channel {
        id: channel.id,
        kind: channel.kind.to_string(),
        external_id: channel.external_id.clone(),
        name: channel.name.clone(),
        avatar_url: channel.avatar_url.clone(),
        status: channel.status.to_string(),
        status_reason: channel.status_reason.clone(),
        edition: channel.edition.clone(),
        package_name: channel.package_name.clone(),
        billing: channel.billing.to_string(),
        trial: match channel.trial {
            Trial::None => None,
            Trial::Open => Some("open".to_owned()),
            Trial::Held(_) => Some("held".to_owned()),
        },
        quota: channel.quota.as_ref().map(|quota| ChannelQuota {
            used: (quota.total - quota.remain).max(0),
            total: quota.total,
            as_of: quota.as_of,
            stale: channel.quota_is_stale(),
            valid_through: quota.valid_through.clone(),
        }),
        import: import.map(ImportView::new),
        token_expires_at,
    }
}

/// Views of all channels of a workspace, oldest first.
pub async fn all(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<Channel>> {
    let ends: HashMap<ChannelId, Timestamp> = credentials::expiries(conn, ws)
        .await?
        .into_iter()
        .map(|e| (e.channel, e.access_expires_at))
        .collect();
    let imports = imports::latest(conn, ws).await?;
    let import_of = |id: ChannelId| imports.iter().find(|import| import.channel_id == id.0);
    let all = rows::list(conn, ws).await?;
    Ok(all.iter().map(|row| view(row, import_of(row.id), ends.get(&row.id).copied())).collect())
}

/// Views of these channels, for the realtime hub. A workspace has few, so all are read.
pub async fn by_ids(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[ChannelId]) -> Result<Vec<Channel>> {
    Ok(all(conn, ws).await?.into_iter().filter(|channel| ids.contains(&channel.id)).collect())
}
