//! Reading from the platform what it does not push: accounts, quotas, profiles, and keeping tokens alive.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::StreamExt;
use loa_kernel::{ChannelId, Problem, Timestamp, normalise_phone};
use loa_store::changes::{self, NewChange};
use loa_store::channels::{self as rows, BillingState, Channel, ChannelPatch, ChannelStatus, Quota};
use loa_store::customers::told::Told;
use loa_store::profiles::{self, DueProfile};
use loa_store::{Result, Tx};
use loa_stream::Topic;

use crate::facts::EXTRA_REMAIN;
use crate::people::PlatformValues;
use crate::reconcile::DueWork;
use crate::{AccountReport, CallError, Channels, Refusal};

/// Which accounts are being asked about, or were a moment ago.
pub(crate) type Refreshing = Arc<Mutex<HashMap<ChannelId, Timestamp>>>;

/// Profiles asked for at the same time.
const PROFILES_AT_ONCE: usize = 4;
/// A profile that somebody fetches is nobody else's for so long.
const PROFILE_LEASE_MS: i64 = 120_000;
/// After a failure a profile is due again then.
const PROFILE_AGAIN_MS: i64 = 5 * 60_000;

/// Write what the platform says about an account; true when something changed. `checked` means that somebody
/// asked on purpose: then an account without money gets one more try (features reference §4.8, "Kiểm tra lại"),
/// because no call tells the balance: one message may then try, and no more until it is settled.
pub(crate) async fn apply(
    tx: &Tx,
    channel: &Channel,
    report: &AccountReport,
    checked: bool,
    now: Timestamp,
) -> Result<bool> {
    let (ws, id) = (channel.workspace, channel.id);
    let mut changed = false;
    let mut settings = channel.settings.clone();
    if let (Some(extra), Some(map)) = (report.extra_remain, settings.as_object_mut()) {
        map.insert(EXTRA_REMAIN.to_owned(), extra.into());
    }
    let patch = ChannelPatch {
        // The name that people here gave stays; only a nameless account is named.
        name: (channel.name.is_empty() && !report.name.is_empty()).then(|| report.name.clone()),
        avatar_url: (channel.avatar_url != report.avatar_url).then(|| report.avatar_url.clone()),
        package_name: (channel.package_name != report.package_name).then(|| report.package_name.clone()),
        settings: (settings != channel.settings).then_some(settings),
        edition: None,
    };
    if patch != ChannelPatch::default() {
        rows::update(tx, ws, id, &patch, now).await?;
        changed = true;
    }
    let billing = match (report.billing_linked, channel.billing) {
        // That it is linked says nothing about its money.
        (Some(true), BillingState::OutOfMoney) => BillingState::OutOfMoney,
        (Some(true), _) => BillingState::Linked,
        (Some(false), _) => BillingState::NotLinked,
        // It used to be there and is not told any more.
        (None, BillingState::Linked) => BillingState::Unknown,
        (None, same) => same,
    };
    changed |= rows::set_billing(tx, ws, id, billing, now).await?;
    let refused = matches!(billing, BillingState::OutOfMoney | BillingState::NotLinked);
    if checked && refused && report.billing_linked != Some(false) {
        changed |= rows::open_trial(tx, ws, id, now).await?;
    }
    if let Some(pool) = report.quota {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let quota = Quota {
            total: count(pool.total),
            remain: count(pool.remain),
            as_of: now,
            valid_through: report.quota_valid_through.clone(),
        };
        if rows::set_quota(tx, ws, id, &quota, now).await? {
            changed = true;
            let number = loa_store::quota::Number {
                used: (quota.total - quota.remain).max(0),
                total: quota.total,
                valid_through: quota.valid_through.clone(),
                under_way: channel.quota_reserved,
            };
            loa_store::quota::heard(tx, ws, id, &number, now).await?;
        }
    }
    Ok(changed)
}

impl Channels {
    /// Ask the platform about an account and write down what it says.
    pub(crate) async fn refresh_account(&self, channel: &Channel, checked: bool) -> Result<(), CallError> {
        let (ws, id) = (channel.workspace, channel.id);
        let connector = self.connector_of(ws, id).await.map_err(|p| CallError::Unreachable(p.to_string()))?;
        let report = self
            .ask(ws, id, |account| {
                let connector = connector.clone();
                async move { connector.account(&account).await }
            })
            .await;
        if let Err(CallError::Rejected { refusal: Refusal::Reconnect, message, .. }) = &report {
            tracing::warn!(channel = %id, message, "the platform no longer lets us act for the account");
            let _ = self.tokens.mark_reconnect(ws, id, "not_authorized").await;
        }
        let report = match report {
            Ok(report) => report,
            Err(error) => {
                self.not_heard(channel).await;
                return Err(error);
            }
        };
        let written = async {
            let now = self.now();
            let tx = self.store.begin().await?;
            // Read again: the report may have taken seconds.
            let Some(channel) = rows::get(&tx, ws, id).await? else { return Ok(()) };
            apply(&tx, &channel, &report, checked, now).await?;
            changes::append(&tx, ws, &[NewChange::channel(id)], now).await?;
            tx.commit().await
        };
        written.await.map_err(|e| CallError::Unreachable(e.to_string()))?;
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(())
    }

    /// The platform did not tell its number: the last one stays, and is shown as old.
    async fn not_heard(&self, channel: &Channel) {
        let (ws, id, now) = (channel.workspace, channel.id, self.now());
        let written = async {
            let tx = self.store.begin().await?;
            let news = rows::quota_failed(&tx, ws, id, now).await?;
            if news {
                changes::append(&tx, ws, &[NewChange::channel(id)], now).await?;
            }
            tx.commit().await?;
            Ok::<bool, loa_store::StoreError>(news)
        };
        match written.await {
            Ok(true) => self.signals.notify(Topic::ChangesIn(ws)),
            Ok(false) => {}
            Err(error) => tracing::warn!(channel = %id, %error, "it was not noted that a number is old"),
        }
    }

    /// A thread of this account was opened: read the quota again in the background when the number is old
    /// (features reference §4.7). Does nothing when that is switched off, or was done a moment ago.
    pub fn opened(&self, channel: &Channel) {
        let Some(max_age) = self.settings.quota_on_open_ms else { return };
        let as_of = channel.quota.as_ref().map_or(Timestamp::EPOCH, |quota| quota.as_of);
        if channel.status != ChannelStatus::Connected
            || self.now().since(as_of) <= max_age
            || !self.take_turn(channel.id, max_age)
        {
            return;
        }
        let (channels, channel) = (self.clone(), channel.clone());
        tokio::spawn(async move {
            if let Err(error) = channels.refresh_account(&channel, false).await {
                tracing::info!(channel = %channel.id, %error, "the quota could not be read");
            }
        });
    }

    /// True for the first who asks about this account in `span_ms`.
    fn take_turn(&self, channel: ChannelId, span_ms: i64) -> bool {
        let now = self.now();
        let mut asked = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.get(&channel).is_some_and(|at| now.since(*at) < span_ms) {
            return false;
        }
        asked.insert(channel, now);
        true
    }

    async fn fetch_profile(&self, due: DueProfile) {
        let (ws, channel) = (due.workspace, due.channel);
        let fetched = match self.connector_of(ws, channel).await {
            Err(problem) => Err(CallError::Unreachable(problem.to_string())),
            Ok(connector) => {
                self.ask(ws, channel, |account| {
                    let (connector, user) = (connector.clone(), due.external_id.clone());
                    async move {
                        let profile = connector.profile(&account, &user).await?;
                        // What is told by field is asked apart; an account may not be allowed to ask.
                        let told = match connector.values(&account, &user).await {
                            Ok(values) => Some(told(values)),
                            Err(error @ CallError::Unreachable(_)) => return Err(error),
                            Err(CallError::Rejected { code, message, .. }) => {
                                tracing::debug!(code, message, "the platform does not tell values of fields");
                                None
                            }
                        };
                        Ok((profile, told))
                    }
                })
                .await
            }
        };
        let outcome = if fetched.is_ok() { "fetched" } else { "failed" };
        metrics::counter!("loa_profiles_total", "outcome" => outcome).increment(1);
        if let Err(problem) = self.write_profile(&due, fetched).await {
            tracing::warn!(identity = %due.identity, %problem, "a profile was not written; it is due again later");
        }
    }

    async fn write_profile(
        &self,
        due: &DueProfile,
        fetched: Result<(crate::Profile, Option<Told>), CallError>,
    ) -> Result<(), Problem> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let changed = match fetched {
            Ok((profile, told)) => {
                let news = profiles::News {
                    display_name: profile.display_name,
                    avatar_url: profile.avatar_url,
                    phone: profile.phone.map(|said| normalise_phone(&said).unwrap_or(said)),
                    is_follower: profile.is_follower,
                    app_user_id: profile.app_user_id,
                    tags: profile.tags,
                    told,
                    raw: profile.raw,
                };
                profiles::write(&tx, due, &news, now).await?
            }
            Err(CallError::Unreachable(_)) => {
                profiles::put_off(&tx, due, Some(now.plus_ms(PROFILE_AGAIN_MS))).await?;
                Vec::new()
            }
            Err(CallError::Rejected { refusal, code, .. }) => {
                let again = match refusal {
                    Refusal::RateLimited | Refusal::Temporary => Some(now.plus_ms(PROFILE_AGAIN_MS / 5)),
                    Refusal::Token | Refusal::Reconnect => Some(now.plus_ms(PROFILE_AGAIN_MS)),
                    // Asking again would be answered the same; the next message of the customer makes it due.
                    _ => None,
                };
                tracing::debug!(identity = %due.identity, code, "the platform does not tell this profile");
                profiles::put_off(&tx, due, again).await?;
                Vec::new()
            }
        };
        if changed.is_empty() {
            tx.commit().await?;
            return Ok(());
        }
        changes::append(&tx, due.workspace, &changed, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(due.workspace));
        Ok(())
    }
}

/// What a platform tells by field, as it is written down.
fn told(values: PlatformValues) -> Told {
    let address = values.address.map(|address| {
        let parts = [address.line, address.ward, address.city];
        parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect::<Vec<_>>().join(", ")
    });
    Told {
        gender: values.gender,
        birthday: values.birthday.map(|day| day.to_string()),
        address: address.filter(|address| !address.is_empty()),
        external_id: values.external_id,
        custom: values.custom.unwrap_or_default(),
    }
}

/// Renews access tokens long before they end.
pub struct TokenWork(pub Channels);

#[async_trait]
impl DueWork for TokenWork {
    fn name(&self) -> &'static str {
        "tokens"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let before = self.0.now().plus_ms(self.0.settings.renew_early_ms);
        self.0.tokens.renew_due(before, limit as u64).await
    }
}

/// Fetches the profiles of customers that are due.
pub struct ProfileWork(pub Channels);

#[async_trait]
impl DueWork for ProfileWork {
    fn name(&self) -> &'static str {
        "profiles"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let now = self.0.now();
        let due = profiles::claim(&self.0.store, limit as u64, now.plus_ms(PROFILE_LEASE_MS), now).await?;
        let claimed = due.len();
        futures::stream::iter(due)
            .for_each_concurrent(PROFILES_AT_ONCE, |due| self.0.fetch_profile(due))
            .await;
        Ok(claimed)
    }
}

/// Reads the quotas of connected accounts from time to time while somebody of their workspace is online, when that is
/// switched on (features reference §4.7).
pub struct QuotaWork(pub Channels);

#[async_trait]
impl DueWork for QuotaWork {
    fn name(&self) -> &'static str {
        "quotas"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let Some(every) = self.0.settings.quota_every_ms else { return Ok(0) };
        let now = self.0.now();
        for channel in rows::list_connected(self.0.store.reader()).await? {
            let as_of = channel.quota.as_ref().map_or(Timestamp::EPOCH, |quota| quota.as_of);
            if !self.0.online.is_anybody(channel.workspace)
                || now.since(as_of) < every
                || !self.0.take_turn(channel.id, every)
            {
                continue;
            }
            if let Err(error) = self.0.refresh_account(&channel, false).await {
                tracing::info!(channel = %channel.id, %error, "the quota could not be read");
            }
        }
        Ok(0)
    }
}
