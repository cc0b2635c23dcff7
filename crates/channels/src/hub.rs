//! Everything about channels behind one handle.

use std::future::Future;
use std::sync::Arc;

use axum::http::HeaderMap;
use loa_kernel::{ChannelId, Ids, Problem, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::{Store, Vault};
use loa_stream::{Online, Signals};
use url::Url;

use crate::registry::{Connectors, Registry};
use crate::tokens::TokenKeeper;
use crate::{
    Account, CallError, ChannelKind, Inbound, NotUnderstood, Outgoing, ReactionIcon, RecipientReport,
    Refusal, SendOutcome, SentMessage, Verified,
};

/// What the operator decides about channels.
#[derive(Debug, Clone)]
pub struct ChannelsSettings {
    /// Where this program is reached from outside, without a path: webhook and callback addresses are made of it.
    pub public_url: Url,
    /// A webhook about something older is refused as stale. The platform's last repetition comes within two
    /// hours (platform reference §16.2).
    pub webhook_max_age_ms: i64,
    /// A connection that was started must be finished within this time.
    pub connect_within_ms: i64,
    /// Access tokens are renewed when they end within this time.
    pub renew_early_ms: i64,
    /// Read the account's quota again when a thread is opened and the number is older; `None`: never
    /// (features reference §4.7).
    pub quota_on_open_ms: Option<i64>,
    /// Read the quota of every connected account this often while somebody is online; `None`: never.
    pub quota_every_ms: Option<i64>,
    /// Read the history of an account when it is connected.
    pub import_on_connect: bool,
    /// Where the browser goes after connecting, a path of the web app.
    pub settings_path: String,
    /// The platform's own console, for what it offers no call for; `None`: nothing is linked.
    pub console_url: Option<String>,
}

/// The console of Official Accounts.
pub const CONSOLE: &str = "https://oa.zalo.me";

impl ChannelsSettings {
    /// With the usual values.
    pub fn new(public_url: Url) -> Self {
        Self {
            public_url,
            webhook_max_age_ms: 2 * 3_600_000 + 600_000,
            connect_within_ms: 15 * 60_000,
            renew_early_ms: 3_600_000,
            quota_on_open_ms: Some(60_000),
            quota_every_ms: Some(5 * 60_000),
            import_on_connect: true,
            settings_path: "/settings/channels".to_owned(),
            console_url: Some(CONSOLE.to_owned()),
        }
    }
}

/// The use cases of channels with what they need. Clone it freely; all clones are one.
#[derive(Clone)]
pub struct Channels {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) ids: Ids,
    pub(crate) signals: Signals,
    pub(crate) rules: Arc<Library>,
    pub(crate) connectors: Connectors,
    pub(crate) registry: Registry,
    pub(crate) tokens: TokenKeeper,
    pub(crate) settings: Arc<ChannelsSettings>,
    pub(crate) refreshing: crate::sync::Refreshing,
    pub(crate) online: Online,
}

impl Channels {
    /// Wire it.
    pub fn new(
        store: Store,
        vault: Vault,
        ids: Ids,
        signals: Signals,
        rules: Arc<Library>,
        connectors: Connectors,
        settings: ChannelsSettings,
    ) -> Self {
        let tokens = TokenKeeper::new(
            store.clone(),
            vault.clone(),
            ids.clone(),
            signals.clone(),
            rules.clone(),
            connectors.clone(),
        );
        Self {
            registry: Registry::new(store.clone(), vault.clone()),
            store,
            vault,
            ids,
            signals,
            rules,
            connectors,
            tokens,
            settings: Arc::new(settings),
            refreshing: Default::default(),
            online: Online::default(),
        }
    }

    /// The keeper of tokens.
    pub fn tokens(&self) -> &TokenKeeper {
        &self.tokens
    }

    /// Who is online; the live view notes it here.
    pub fn online(&self) -> &Online {
        &self.online
    }

    /// Is this webhook the platform's, about an account of ours, and not too old? Refusals, in this order:
    /// `malformed_body`, `unknown_app`, `bad_signature`, `stale_event`, `unknown_channel`.
    pub async fn verify(
        &self,
        kind: ChannelKind,
        headers: &HeaderMap,
        raw: &[u8],
    ) -> Result<Verified, Problem> {
        let connector = self.connectors.get(kind)?;
        let max_age = self.settings.webhook_max_age_ms;
        self.registry.verify(connector.as_ref(), headers, raw, max_age, self.now()).await
    }

    /// Understand a body that was verified, about `account` (the platform's id). Pure.
    pub fn parse(&self, kind: ChannelKind, account: &str, raw: &[u8]) -> Result<Inbound, NotUnderstood> {
        match self.connectors.get(kind) {
            Ok(connector) => connector.parse(account, raw),
            Err(problem) => Err(NotUnderstood { event_name: String::new(), reason: problem.to_string() }),
        }
    }

    /// Send a message. A refusal because of the token is followed by one renewal and one repetition, which is
    /// safe because nothing was sent; refused again, the account must be connected again.
    ///
    /// `Err` means that nothing was asked of the platform: `channel_disconnected`, or `platform_unavailable` when
    /// there is no usable token at the moment.
    pub async fn send(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        message: &Outgoing,
    ) -> Result<SendOutcome, Problem> {
        let connector = self.connector_of(ws, channel).await?;
        let account = self.tokens.access(ws, channel).await?;
        let first = connector.send(&account, message).await;
        if !is_token(&first) {
            return Ok(first);
        }
        let account = self.tokens.renew(ws, channel, account.generation).await?;
        let second = connector.send(&account, message).await;
        if is_token(&second) {
            self.tokens.mark_reconnect(ws, channel, "token_refused").await?;
        }
        Ok(second)
    }

    /// The account's own messages to a customer since `since`, newest first.
    pub async fn recent(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
        since: Timestamp,
    ) -> Result<Vec<SentMessage>, CallError> {
        let connector = self.connector_of(ws, channel).await.map_err(unreachable)?;
        self.ask(ws, channel, |account| {
            let (connector, user) = (connector.clone(), user.to_owned());
            async move { connector.recent(&account, &user, since).await }
        })
        .await
    }

    /// React to a message of the thread with `user`, or take the reaction back; see [`crate::Connector::react`].
    pub async fn react(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
        platform_id: &str,
        icon: Option<ReactionIcon>,
    ) -> Result<String, CallError> {
        let connector = self.connector_of(ws, channel).await.map_err(unreachable)?;
        self.ask(ws, channel, |account| {
            let (connector, user, platform_id) = (connector.clone(), user.to_owned(), platform_id.to_owned());
            async move { connector.react(&account, &user, &platform_id, icon).await }
        })
        .await
    }

    /// The platform's own counters of one customer.
    pub async fn recipient(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
    ) -> Result<RecipientReport, CallError> {
        let connector = self.connector_of(ws, channel).await.map_err(unreachable)?;
        self.ask(ws, channel, |account| {
            let (connector, user) = (connector.clone(), user.to_owned());
            async move { connector.recipient(&account, &user).await }
        })
        .await
    }

    /// Ask a question with the account's token, once more after a renewal when the token is refused.
    pub(crate) async fn ask<T, F, Fut>(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        question: F,
    ) -> Result<T, CallError>
    where
        F: Fn(Account) -> Fut,
        Fut: Future<Output = Result<T, CallError>>,
    {
        let account = self.tokens.access(ws, channel).await.map_err(unreachable)?;
        let generation = account.generation;
        let first = question(account).await;
        let Err(refused) = &first else { return first };
        if !refused.is_token() {
            return first;
        }
        let account = self.tokens.renew(ws, channel, generation).await.map_err(unreachable)?;
        let second = question(account).await;
        if second.as_ref().is_err_and(CallError::is_token) {
            let _ = self.tokens.mark_reconnect(ws, channel, "token_refused").await;
        }
        second
    }

    pub(crate) async fn connector_of(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
    ) -> Result<Arc<dyn crate::Connector>, Problem> {
        let found = loa_store::channels::get(self.store.reader(), ws, channel).await?;
        let channel = found.ok_or_else(|| Problem::not_found("channel"))?;
        Ok(self.connectors.get(channel.kind)?.clone())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }
}

fn is_token(outcome: &SendOutcome) -> bool {
    matches!(outcome, SendOutcome::Rejected { refusal: Refusal::Token, .. })
}

pub(crate) fn unreachable(problem: Problem) -> CallError {
    CallError::Unreachable(problem.to_string())
}
