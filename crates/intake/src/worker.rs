//! Carries events from the log into the database, partition by partition.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use loa_channels::{ChannelKind, Connectors, Inbound, NotUnderstood};
use loa_kernel::{ChannelId, Clock, Timestamp};
use loa_rulebook::Library;
use loa_store::intake::{Account, Batch};
use loa_store::{Store, StoreError, intake as rows};
use loa_stream::{EventLog, LogError, PARTITIONS, Signals, StoredEvent, Topic};
use tokio_util::sync::CancellationToken;

use crate::fold::{self, Event, reason};

/// Settings of the worker. [`IntakeConfig::default`] has the values to run with.
#[derive(Debug, Clone)]
pub struct IntakeConfig {
    /// Events folded in one transaction at most.
    pub batch: usize,
    /// How often a partition is looked at when nobody wakes it.
    pub tick: Duration,
    /// First and longest wait after a failure; doubled in between.
    pub backoff: (Duration, Duration),
    /// Failures of one single event, other than a busy database, before it is set aside.
    pub patience: u32,
    /// How long events stay in the log after they were folded. Redeliveries within this time are recognised by
    /// the log itself.
    pub keep_events_ms: i64,
    /// How long a receipt waits for its message.
    pub keep_marks_ms: i64,
    /// How often both are cleaned.
    pub clean_every: Duration,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        const DAY_MS: i64 = 86_400_000;
        Self {
            batch: 500,
            tick: Duration::from_secs(2),
            backoff: (Duration::from_millis(50), Duration::from_secs(10)),
            patience: 5,
            keep_events_ms: 3 * DAY_MS,
            keep_marks_ms: 7 * DAY_MS,
            clean_every: Duration::from_secs(600),
        }
    }
}

/// Why a batch was not folded. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cursor stands elsewhere: another program folds this partition too.
    #[error("the cursor has moved")]
    Moved,
    /// The fold panicked: a fault of ours.
    #[error("folding failed: {0}")]
    Fold(String),
}

/// What a look at a partition did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// There was nothing after the cursor.
    Idle,
    /// Events were folded; the cursor stands here now.
    Folded {
        /// Position of the last event.
        to: i64,
        /// How many.
        events: usize,
    },
}

/// The worker. Make one, share it in an `Arc`, [`run`](Intake::run) it.
pub struct Intake {
    store: Store,
    log: Arc<dyn EventLog>,
    connectors: Connectors,
    library: Arc<Library>,
    clock: Arc<dyn Clock>,
    signals: Signals,
    config: IntakeConfig,
    /// What of channels never changes.
    accounts: Mutex<HashMap<ChannelId, Account>>,
}

impl Intake {
    /// A worker over this log and database.
    pub fn new(
        store: Store,
        log: Arc<dyn EventLog>,
        connectors: Connectors,
        library: Arc<Library>,
        clock: Arc<dyn Clock>,
        signals: Signals,
        config: IntakeConfig,
    ) -> Self {
        Self { store, log, connectors, library, clock, signals, config, accounts: Mutex::default() }
    }

    /// Fold everything that comes until `stop`; a batch that was begun is finished. One task a partition.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut tasks = tokio::task::JoinSet::new();
        for partition in 0..PARTITIONS {
            tasks.spawn(self.clone().run_partition(partition, stop.clone()));
        }
        tasks.spawn(self.clone().run_cleaning(stop));
        tasks.join_all().await;
    }

    /// Fold until no partition has anything left; answers how many events. For tools and tests; [`run`](Self::run)
    /// does the same for ever.
    ///
    /// # Errors
    /// The first failure; what was folded before it stays.
    pub async fn catch_up(&self) -> Result<usize, IntakeError> {
        self.prepare().await?;
        let mut total = 0;
        for partition in 0..PARTITIONS {
            let mut from = self.cursor(partition).await?;
            while let Step::Folded { to, events } = self.step(partition, from, self.config.batch).await? {
                from = to;
                total += events;
            }
        }
        Ok(total)
    }

    /// Fold one batch of up to `limit` events after `from`, where the cursor must stand.
    ///
    /// # Errors
    /// [`IntakeError`]; nothing of the batch was written then, except when a commit's answer was lost, and then
    /// the next try finds the cursor moved.
    pub async fn step(&self, partition: u16, from: i64, limit: usize) -> Result<Step, IntakeError> {
        self.fold_batch(partition, from, limit, false).await
    }

    async fn fold_batch(
        &self,
        partition: u16,
        from: i64,
        limit: usize,
        set_aside: bool,
    ) -> Result<Step, IntakeError> {
        let stored = self.log.read(partition, from, limit).await?;
        let (Some(first), Some(last)) = (stored.first(), stored.last()) else {
            metrics::gauge!("loa_intake_lag_seconds", "partition" => partition.to_string()).set(0.0);
            return Ok(Step::Idle);
        };
        let now = self.clock.now();
        let waited = now.since(first.event.received_at).max(0);
        metrics::gauge!("loa_intake_lag_seconds", "partition" => partition.to_string())
            .set(waited as f64 / 1000.0);
        let (to, count) = (last.position, stored.len());
        let events = self.understand(stored).await?;
        let wanted = fold::wanted(&events);

        let begun = Instant::now();
        let tx = self.store.begin().await?;
        if !rows::advance(&tx, partition, from, to, now).await? {
            tx.rollback().await?;
            return Err(IntakeError::Moved);
        }
        let batch = if set_aside {
            let raw = events.iter().map(|event| fold::raw(event, "", reason::FAILED)).collect();
            Batch { raw, ..Batch::default() }
        } else {
            let slice = rows::load(&tx, &wanted).await?;
            let folding = Instant::now();
            let batch =
                guarded(|| fold::fold(&events, slice, &self.library, now)).map_err(IntakeError::Fold)?;
            metrics::histogram!("loa_intake_fold_seconds").record(folding.elapsed().as_secs_f64());
            batch
        };
        let due = batch.due;
        let workspaces: Vec<_> = batch.changes.keys().copied().collect();
        let raw = batch.raw.len();
        let customers_wrote = rows::apply(&tx, batch, now).await?;
        tx.commit().await?;
        metrics::histogram!("loa_intake_commit_seconds").record(begun.elapsed().as_secs_f64());
        metrics::histogram!("loa_intake_batch_events").record(count as f64);
        metrics::counter!("loa_intake_events_total").increment(count as u64);
        metrics::counter!("loa_intake_raw_total").increment(raw as u64);

        for workspace in workspaces {
            self.signals.notify(Topic::ChangesIn(workspace));
        }
        for (is_due, topic) in [
            (due.deliveries, Topic::Deliveries),
            (due.scheduled || customers_wrote, Topic::Scheduled),
            (due.profiles, Topic::Profiles),
            (due.channels, Topic::Channels),
        ] {
            if is_due {
                self.signals.notify(topic);
            }
        }
        Ok(Step::Folded { to, events: count })
    }

    /// Parse the bodies, outside of any transaction.
    async fn understand(&self, stored: Vec<StoredEvent>) -> Result<Vec<Event>, IntakeError> {
        let unknown: Vec<ChannelId> = {
            let known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
            let mut ids: Vec<_> =
                stored.iter().map(|s| s.event.channel).filter(|id| !known.contains_key(id)).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        if !unknown.is_empty() {
            let found = rows::accounts(self.store.reader(), &unknown).await?;
            self.accounts.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        }
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(stored
            .into_iter()
            .map(|StoredEvent { event, .. }| {
                let not = |why: &str| NotUnderstood { event_name: String::new(), reason: why.to_owned() };
                let said = match accounts.get(&event.channel).filter(|a| a.workspace == event.workspace) {
                    None => Err(not("no such channel")),
                    Some(account) => self.parse(account, &event.body).unwrap_or_else(|why| Err(not(&why))),
                };
                Event::new(event, said)
            })
            .collect())
    }

    /// What the account's connector understands, or why it was not asked.
    fn parse(&self, account: &Account, body: &[u8]) -> Result<Result<Inbound, NotUnderstood>, String> {
        let kind: ChannelKind = account.kind.parse().map_err(|_| format!("no platform {}", account.kind))?;
        let connector = self.connectors.get(kind).map_err(|problem| problem.to_string())?;
        guarded(|| connector.parse(&account.external_id, body))
    }

    async fn prepare(&self) -> Result<(), IntakeError> {
        let tx = self.store.begin().await?;
        rows::prepare(&tx, PARTITIONS, self.clock.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn cursor(&self, partition: u16) -> Result<i64, IntakeError> {
        let cursors = rows::cursors(self.store.reader()).await?;
        Ok(cursors.into_iter().find(|(p, _)| *p == partition).map_or(0, |(_, position)| position))
    }

    async fn run_partition(self: Arc<Self>, partition: u16, stop: CancellationToken) {
        // Subscribe first, look then: nothing that comes in between is missed.
        let Ok(mut wakeup) = self.log.subscribe(partition) else { return };
        let mut from = None;
        let mut failures = 0_u32;
        let mut wait = self.config.backoff.0;
        // After a failure events go one by one, until those that stood in the failed batch are through.
        let mut careful = 0_usize;
        while !stop.is_cancelled() {
            let limit = if careful > 0 { 1 } else { self.config.batch };
            let result = match from {
                Some(from) => self.fold_batch(partition, from, limit, failures > self.config.patience).await,
                None => self.begin(partition).await.map(|position| {
                    from = Some(position);
                    Step::Folded { to: position, events: 0 }
                }),
            };
            match result {
                Ok(Step::Folded { to, events }) => {
                    from = Some(to);
                    careful = careful.saturating_sub(events);
                    failures = 0;
                    wait = self.config.backoff.0;
                }
                Ok(Step::Idle) => tokio::select! {
                    () = wakeup.changed() => {}
                    () = tokio::time::sleep(self.config.tick) => {}
                    () = stop.cancelled() => {}
                },
                Err(IntakeError::Moved) => from = None,
                Err(error) => {
                    let ours = match &error {
                        IntakeError::Store(e) => !e.is_retryable(),
                        IntakeError::Fold(_) => true,
                        IntakeError::Log(_) | IntakeError::Moved => false,
                    };
                    metrics::counter!("loa_intake_failures_total", "ours" => if ours { "yes" } else { "no" })
                        .increment(1);
                    if ours {
                        tracing::error!(partition, %error, failures, "a batch was not folded");
                        // A batch may fail by a row that somebody else wrote meanwhile: the next try loads it.
                        failures = if careful > 0 { failures + 1 } else { 0 };
                        careful = self.config.batch;
                    } else {
                        tracing::warn!(partition, %error, "a batch waits");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(wait) => {}
                        () = stop.cancelled() => {}
                    }
                    wait = (wait * 2).min(self.config.backoff.1);
                }
            }
        }
    }

    async fn begin(&self, partition: u16) -> Result<i64, IntakeError> {
        let cursors = rows::cursors(self.store.reader()).await?;
        if cursors.len() < usize::from(PARTITIONS) {
            self.prepare().await?;
        }
        self.cursor(partition).await
    }

    async fn run_cleaning(self: Arc<Self>, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.config.clean_every) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.clean(self.clock.now()).await {
                tracing::warn!(%error, "cleaning waits for the next time");
            }
        }
    }

    /// Forget folded events and marks that are older than their retention before `now`.
    ///
    /// # Errors
    /// The log's or the database's; trying again later is harmless.
    pub async fn clean(&self, now: Timestamp) -> Result<u64, IntakeError> {
        let cursors = rows::cursors(self.store.reader()).await?;
        let gone = self.log.prune(now.plus_ms(-self.config.keep_events_ms), &cursors).await?;
        let tx = self.store.begin().await?;
        rows::prune_marks(&tx, now.plus_ms(-self.config.keep_marks_ms)).await?;
        loa_store::imports::prune(&tx, now.plus_ms(-self.config.keep_marks_ms)).await?;
        tx.commit().await?;
        Ok(gone)
    }
}

/// Run pure code; a panic becomes an error, so that one event cannot stop its partition.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned())
    })
}
