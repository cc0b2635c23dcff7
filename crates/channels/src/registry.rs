//! Which connectors there are, and who is who among applications and accounts.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use loa_kernel::{Code, Problem, Timestamp};
use loa_store::channels::{self, Channel, apps};
use loa_store::{Store, Vault};
use moka::future::Cache;

use crate::{ChannelKind, Connector, Verified};

/// Another process may have changed a secret or connected an account; so old may an answer be.
const REMEMBERED: Duration = Duration::from_secs(20);
const REMEMBERED_MOST: u64 = 10_000;

/// The connectors by platform. Clone it freely.
#[derive(Clone)]
pub struct Connectors(Arc<HashMap<ChannelKind, Arc<dyn Connector>>>);

impl Connectors {
    /// These connectors; of two for the same platform the later one counts.
    pub fn new(connectors: impl IntoIterator<Item = Arc<dyn Connector>>) -> Self {
        Self(Arc::new(connectors.into_iter().map(|c| (c.kind(), c)).collect()))
    }

    /// The connector of a platform.
    pub fn get(&self, kind: ChannelKind) -> Result<&Arc<dyn Connector>, Problem> {
        self.0.get(&kind).ok_or_else(|| Problem::internal(format!("no connector for {kind}")))
    }
}

/// Answers who an application or account is, quickly: every webhook asks.
#[derive(Clone)]
pub(crate) struct Registry {
    store: Store,
    vault: Vault,
    apps: Cache<(ChannelKind, String), Arc<apps::App>>,
    channels: Cache<(ChannelKind, String), Arc<Channel>>,
}

impl Registry {
    pub(crate) fn new(store: Store, vault: Vault) -> Self {
        let apps = Cache::builder().max_capacity(REMEMBERED_MOST).time_to_live(REMEMBERED).build();
        let channels = Cache::builder().max_capacity(REMEMBERED_MOST).time_to_live(REMEMBERED).build();
        Self { store, vault, apps, channels }
    }

    /// Forget everything: something was changed here.
    pub(crate) fn forget(&self) {
        self.apps.invalidate_all();
        self.channels.invalidate_all();
    }

    async fn app(
        &self,
        kind: ChannelKind,
        external_id: &str,
        fresh: bool,
    ) -> Result<Option<Arc<apps::App>>, Problem> {
        let key = (kind, external_id.to_owned());
        if !fresh && let Some(app) = self.apps.get(&key).await {
            return Ok(Some(app));
        }
        let found = apps::find_by_external(self.store.reader(), &self.vault, kind, external_id).await?;
        let Some(app) = found.map(Arc::new) else { return Ok(None) };
        self.apps.insert(key, app.clone()).await;
        Ok(Some(app))
    }

    async fn channel(&self, kind: ChannelKind, external_id: &str) -> Result<Option<Arc<Channel>>, Problem> {
        let key = (kind, external_id.to_owned());
        if let Some(channel) = self.channels.get(&key).await {
            return Ok(Some(channel));
        }
        let found = channels::find_by_external(self.store.reader(), kind, external_id).await?;
        let Some(channel) = found.map(Arc::new) else { return Ok(None) };
        self.channels.insert(key, channel.clone()).await;
        Ok(Some(channel))
    }

    /// Is this webhook the platform's, about an account of ours, and not too old? In this order, each with its
    /// own refusal: `malformed_body`, `unknown_app`, `bad_signature`, `stale_event`, `unknown_channel`.
    ///
    /// Events of a disconnected account pass: refusing them makes the platform switch off the application's
    /// webhook for all its accounts (platform reference §16.2).
    pub(crate) async fn verify(
        &self,
        connector: &dyn Connector,
        headers: &HeaderMap,
        raw: &[u8],
        max_age_ms: i64,
        now: Timestamp,
    ) -> Result<Verified, Problem> {
        let kind = connector.kind();
        let peeked = connector
            .peek(raw)
            .map_err(|e| Problem::new(Code::MalformedBody).param("at", e.reason.clone()).detail(e))?;
        let unknown_app = || Problem::new(Code::UnknownApp);
        let mut app = self.app(kind, &peeked.app, false).await?.ok_or_else(unknown_app)?;
        let genuine = |app: &apps::App| {
            app.oa_secret_key.as_ref().is_some_and(|key| connector.is_genuine(headers, raw, &peeked, key))
        };
        if !genuine(&app) {
            // The key may have been changed a moment ago by another process.
            app = self.app(kind, &peeked.app, true).await?.ok_or_else(unknown_app)?;
            if !genuine(&app) {
                return Err(Problem::new(Code::BadSignature));
            }
        }
        if now.since(peeked.occurred_at) > max_age_ms {
            return Err(Problem::new(Code::StaleEvent));
        }
        for account in &peeked.accounts {
            let Some(channel) = self.channel(kind, account).await? else { continue };
            if channel.workspace != app.workspace {
                continue;
            }
            return Ok(Verified {
                kind,
                workspace: channel.workspace,
                app: app.id,
                channel: channel.id,
                account: channel.external_id.clone(),
                event_name: peeked.event_name,
                key: connector.key(raw),
                occurred_at: peeked.occurred_at,
            });
        }
        Err(Problem::new(Code::UnknownChannel))
    }
}
