//! Keeping the tokens of accounts alive.
//!
//! A refresh token works once (platform reference §2.5). Two refreshes at the same time lose the account, and
//! so does one whose answer is not kept. Therefore:
//! - in this process one task at a time renews a channel's tokens, across processes a lease in the database
//!   guards it, and the generation of the pair decides who was first;
//! - the new pair is stored before anybody uses it, and storing is tried again and again;
//! - a lost answer is followed by one more try with the old token. Refused then, the account is lost and
//!   says so: `reconnect_required`;
//! - a program that dies between the platform's answer and our commit takes the new pair with it; nothing on either
//!   side can bring it back. Its lease keeps everybody from the old token until it ends; then the old token is tried
//!   once, for the call may not have been made. Refused, the account says `refresh_interrupted`;
//! - one that is slower than its lease, and stores its pair after another was refused, sets the account right again.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use loa_kernel::{ChannelId, Code, Ids, Problem, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::changes::{self, NewChange};
use loa_store::channels::{Channel, ChannelStatus, apps, credentials};
use loa_store::{Store, StoreError, Vault};
use loa_stream::{Signals, Topic};

use crate::{Account, AppKeys, Connectors, Grant, GrantOutcome};

/// A refresh takes a second, and two calls that time out less than a minute; after this the one who holds the lease is
/// taken for dead.
const LEASE: Duration = Duration::from_secs(120);
/// A token that ends so soon is renewed before it is used.
const USABLE_MS: i64 = 60_000;
/// The platform refused the refresh token.
const REFUSED: &str = "refresh_refused";
/// It did so after a refresh that nobody finished.
const INTERRUPTED: &str = "refresh_interrupted";
/// So long a caller waits for another's refresh before it is told to come again.
const WAIT: Duration = Duration::from_secs(60);
/// How often one who waits for another's refresh looks.
const LOOK: Duration = Duration::from_millis(100);

/// Opens tokens and renews them. Clone it freely; all clones are one.
#[derive(Clone)]
pub struct TokenKeeper {
    store: Store,
    vault: Vault,
    ids: Ids,
    signals: Signals,
    rules: Arc<Library>,
    connectors: Connectors,
    owner: Arc<str>,
    renewing: Arc<Mutex<HashMap<ChannelId, Arc<tokio::sync::Mutex<()>>>>>,
}

impl TokenKeeper {
    /// A keeper. Its name in leases is drawn from `ids`.
    pub fn new(
        store: Store,
        vault: Vault,
        ids: Ids,
        signals: Signals,
        rules: Arc<Library>,
        connectors: Connectors,
    ) -> Self {
        let owner = ids.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect::<String>();
        Self { store, vault, ids, signals, rules, connectors, owner: owner.into(), renewing: Arc::default() }
    }

    /// The account with a token that can be used now. `channel_disconnected` when an administrator must connect
    /// it again, `platform_unavailable` when the token has ended and cannot be renewed at the moment.
    pub async fn access(&self, ws: WorkspaceId, channel: ChannelId) -> Result<Account, Problem> {
        let channel = self.usable_channel(ws, channel).await?;
        let Some(kept) = credentials::load(self.store.reader(), &self.vault, ws, channel.id).await? else {
            return Err(disconnected(&channel));
        };
        if kept.tokens.access_expires_at <= self.now().plus_ms(USABLE_MS) {
            return self.renew(ws, channel.id, kept.generation).await;
        }
        Ok(self.account(&channel, &kept))
    }

    /// Renew the pair of `generation` and answer the account with the new token. When the pair is another one by
    /// now, that one is answered and nothing is renewed: it is always safe to ask.
    pub async fn renew(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        generation: i64,
    ) -> Result<Account, Problem> {
        let mine = self.one_at_a_time(channel);
        let _renewing = mine.lock().await;
        let channel = self.usable_channel(ws, channel).await?;
        let kept = match self.claim(&channel, generation).await? {
            Claim::Other(account) => return Ok(account),
            Claim::Mine(kept) => kept,
        };
        // A lease that was still there when it was claimed had run out: its holder died, or is very slow.
        let interrupted = kept.lease.is_some();
        let outcome = self.call(&channel, &kept).await;
        metrics::counter!("loa_token_refreshes_total", "outcome" => outcome_word(&outcome)).increment(1);
        match outcome {
            Ok(GrantOutcome::Granted(grant)) => self.keep(&channel, generation, grant).await,
            Ok(GrantOutcome::Refused { code, message }) => {
                let reason = if interrupted { INTERRUPTED } else { REFUSED };
                self.lost(&channel, generation, code, &message, reason).await
            }
            Ok(GrantOutcome::NotSent { reason } | GrantOutcome::Unknown { reason }) => {
                self.release(&channel).await;
                Err(Problem::new(Code::PlatformUnavailable).detail(reason))
            }
            Err(problem) => {
                self.release(&channel).await;
                Err(problem)
            }
        }
    }

    /// The account cannot be used until an administrator connects it again. True when that is news.
    pub async fn mark_reconnect(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        reason: &str,
    ) -> Result<bool, Problem> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let news = loa_store::channels::set_status(
            &tx,
            ws,
            channel,
            ChannelStatus::ReconnectRequired,
            Some(reason),
            now,
        )
        .await?;
        if news {
            changes::append(&tx, ws, &[NewChange::channel(channel)], now).await?;
        }
        tx.commit().await?;
        if news {
            tracing::warn!(%channel, reason, "the account must be connected again");
            self.signals.notify(Topic::ChangesIn(ws));
            self.signals.notify(Topic::Channels);
        }
        Ok(news)
    }

    /// Renew the tokens that end before `before`, at most `limit`; answers how many were tried.
    pub async fn renew_due(&self, before: Timestamp, limit: u64) -> Result<usize, Problem> {
        let due = credentials::due(self.store.reader(), before, self.now(), limit).await?;
        let mut tried = 0;
        for expiry in &due {
            match self.renew(expiry.workspace, expiry.channel, expiry.generation).await {
                Ok(_) => tried += 1,
                // It waits for an administrator; the tokens stay due, but that is no work.
                Err(problem) if problem.code == Code::ChannelDisconnected => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(tried)
    }

    fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }

    /// The package stands in the channel's row, so that its figure is known again after every start.
    fn account(&self, channel: &Channel, kept: &credentials::Credentials) -> Account {
        let package = channel.package_name.as_deref();
        let package = package.and_then(|name| self.rules.packages().find(name, self.now()));
        Account {
            workspace: channel.workspace,
            channel: channel.id,
            app: channel.app,
            external_id: channel.external_id.clone(),
            access_token: kept.tokens.access.clone(),
            generation: kept.generation,
            // None at all is what packages without the interface have; whether that holds for this account, the
            // platform itself says when it is called.
            calls_per_minute: package.and_then(|p| p.requests_per_minute).and_then(NonZeroU32::new),
        }
    }

    fn one_at_a_time(&self, channel: ChannelId) -> Arc<tokio::sync::Mutex<()>> {
        let mut renewing = self.renewing.lock().unwrap_or_else(PoisonError::into_inner);
        renewing.retain(|_, lock| Arc::strong_count(lock) > 1);
        renewing.entry(channel).or_default().clone()
    }

    async fn usable_channel(&self, ws: WorkspaceId, id: ChannelId) -> Result<Channel, Problem> {
        let found = loa_store::channels::get(self.store.reader(), ws, id).await?;
        let channel = found.ok_or_else(|| Problem::not_found("channel"))?;
        if channel.status == ChannelStatus::Connected { Ok(channel) } else { Err(disconnected(&channel)) }
    }

    /// Get the right to renew, or what somebody else made meanwhile.
    async fn claim(&self, channel: &Channel, generation: i64) -> Result<Claim, Problem> {
        // Counted, not timed: the lease is in the clock's time, which tests hold still.
        let most = WAIT.as_millis() / LOOK.as_millis();
        for _ in 0..most {
            let kept =
                credentials::load(self.store.reader(), &self.vault, channel.workspace, channel.id).await?;
            let Some(kept) = kept else { return Err(disconnected(channel)) };
            if kept.generation != generation {
                return Ok(Claim::Other(self.account(channel, &kept)));
            }
            let now = self.now();
            let until = now.plus_ms(LEASE.as_millis() as i64);
            let tx = self.store.begin().await?;
            let claimed = credentials::claim_refresh(
                &tx,
                channel.workspace,
                channel.id,
                generation,
                &self.owner,
                now,
                until,
            )
            .await?;
            tx.commit().await?;
            if claimed {
                return Ok(Claim::Mine(kept));
            }
            tokio::time::sleep(LOOK).await;
        }
        Err(Problem::new(Code::PlatformUnavailable)
            .detail("another process holds the right to renew the token"))
    }

    async fn call(
        &self,
        channel: &Channel,
        kept: &credentials::Credentials,
    ) -> Result<GrantOutcome, Problem> {
        let app = apps::get(self.store.reader(), &self.vault, channel.workspace, channel.app).await?;
        let Some((app, app_secret)) = app.and_then(|app| app.app_secret.clone().map(|secret| (app, secret)))
        else {
            return Err(Problem::internal("the channel's application has no secret"));
        };
        let keys = AppKeys { external_id: app.external_id, app_secret };
        let connector = self.connectors.get(channel.kind)?;
        let first = connector.renew(&keys, &kept.tokens.refresh).await;
        let GrantOutcome::Unknown { reason } = &first else { return Ok(first) };
        tracing::warn!(channel = %channel.id, reason, "the answer to a token refresh was lost; trying once more");
        Ok(connector.renew(&keys, &kept.tokens.refresh).await)
    }

    /// Store the new pair, whatever it takes, then use it.
    async fn keep(&self, channel: &Channel, generation: i64, grant: Grant) -> Result<Account, Problem> {
        let tokens = tokens_of(&grant, self.now());
        let mut wait = Duration::from_millis(50);
        loop {
            match self.store_pair(channel, generation, &tokens).await {
                Ok(true) => break,
                // Somebody connected the account anew while we asked: theirs is the valid pair.
                Ok(false) => break,
                Err(error) if wait < Duration::from_secs(60) => {
                    tracing::error!(channel = %channel.id, %error, "a new token could not be stored; trying again");
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let kept = credentials::load(self.store.reader(), &self.vault, channel.workspace, channel.id).await?;
        kept.map(|kept| self.account(channel, &kept)).ok_or_else(|| disconnected(channel))
    }

    async fn store_pair(
        &self,
        channel: &Channel,
        generation: i64,
        tokens: &credentials::Tokens,
    ) -> Result<bool, StoreError> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let (ws, id) = (channel.workspace, channel.id);
        let mine = credentials::replace(&tx, &self.vault, ws, id, generation, tokens).await?;
        if mine {
            loa_store::channels::heal(&tx, ws, id, &[REFUSED, INTERRUPTED], now).await?;
        }
        changes::append(&tx, ws, &[NewChange::channel(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(mine)
    }

    /// The platform refused the refresh token: unless the pair is another one by now, only an administrator helps.
    async fn lost(
        &self,
        channel: &Channel,
        generation: i64,
        code: Option<i64>,
        message: &str,
        reason: &str,
    ) -> Result<Account, Problem> {
        let kept = credentials::load(self.store.reader(), &self.vault, channel.workspace, channel.id).await?;
        if let Some(kept) = kept.filter(|kept| kept.generation != generation) {
            return Ok(self.account(channel, &kept));
        }
        tracing::warn!(channel = %channel.id, code, message, "the platform refused to renew the token");
        self.mark_reconnect(channel.workspace, channel.id, reason).await?;
        self.release(channel).await;
        Err(disconnected(channel))
    }

    async fn release(&self, channel: &Channel) {
        let released = async {
            let tx = self.store.begin().await?;
            credentials::release_refresh(&tx, channel.workspace, channel.id, &self.owner).await?;
            tx.commit().await
        };
        if let Err(error) = released.await {
            tracing::warn!(channel = %channel.id, %error, "a lease was not given back; it ends by itself");
        }
    }
}

enum Claim {
    Mine(credentials::Credentials),
    Other(Account),
}

/// The pair of a grant, with its ends by our clock.
pub(crate) fn tokens_of(grant: &Grant, now: Timestamp) -> credentials::Tokens {
    credentials::Tokens {
        access: grant.access_token.clone(),
        refresh: grant.refresh_token.clone(),
        access_expires_at: now.plus_secs(grant.access_secs),
        refresh_expires_at: now.plus_secs(grant.refresh_secs),
    }
}

fn disconnected(channel: &Channel) -> Problem {
    Problem::new(Code::ChannelDisconnected).param("channel_id", channel.id.to_string())
}

fn outcome_word(outcome: &Result<GrantOutcome, Problem>) -> &'static str {
    match outcome {
        Ok(GrantOutcome::Granted(_)) => "granted",
        Ok(GrantOutcome::Refused { .. }) => "refused",
        Ok(GrantOutcome::NotSent { .. }) => "not_sent",
        Ok(GrantOutcome::Unknown { .. }) => "unknown",
        Err(_) => "failed",
    }
}
