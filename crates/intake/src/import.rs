//! Reads the platform's history of accounts: what was said before Loa was connected.
//!
//! An import is a row that is due (`loa_store::imports`). One step is one call of the platform and one transaction
//! with what it brought and where the import stands, so that a program that dies repeats a page, and a page that comes
//! twice changes nothing: messages are known by the platform's ids, which events and imports share.
//!
//! An import never uses more than half of the calls a minute that the account's package has: the other half is for
//! people who write.

use std::time::Duration;

use async_trait::async_trait;
use loa_channels::reconcile::{DueWork, backoff_ms};
use loa_channels::{CallError, Channels, ChatPage, PastPage, Refusal};
use loa_kernel::{ChannelId, Clock, Ids, Problem, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::changes::{self, NewChange};
use loa_store::imports::{self as rows, Import, ImportThread, stage, state};
use loa_store::{Store, StoreError, Tx, intake};
use loa_stream::{Signals, Topic};
use std::sync::Arc;

use crate::fold::{Page, fold_past};

/// Nobody else takes an import for so long after its last step.
const LEASE_MS: i64 = 120_000;
/// First and longest wait after a failure.
const WAIT_MS: (i64, i64) = (2_000, 300_000);
/// So long an import goes on before another one gets its turn, and before a stopping program is obeyed.
const TURN: Duration = Duration::from_secs(3);
/// Most steps in a turn.
const STEPS: u32 = 20;
/// The front of the list is looked at again at most so many times; new threads come as events anyway.
const AGAIN_MOST: i64 = 1_000;

/// Carries imports on. Wake it by `Topic::Imports`.
pub struct ImportWork {
    store: Store,
    channels: Channels,
    library: Arc<Library>,
    clock: Arc<dyn Clock>,
    signals: Signals,
    owner: String,
}

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// There is more to do at once.
    More,
    /// It waits, has ended, or is no longer ours.
    Over,
}

impl ImportWork {
    /// A worker; its name in leases is drawn from the ids.
    pub fn new(store: Store, channels: Channels, library: Arc<Library>, ids: &Ids, signals: Signals) -> Self {
        let owner = ids.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
        Self { store, channels, library, clock: ids.clock().clone(), signals, owner }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A turn of one import.
    async fn turn(&self, mut import: Import) -> Result<(), Problem> {
        let channel = ChannelId(import.channel_id);
        let pace = self.channels.spare_pace(WorkspaceId(import.workspace_id), channel).await?;
        let most = (TURN.as_millis() / pace.as_millis().max(1)).clamp(1, u128::from(STEPS));
        for _ in 0..most {
            match self.step(&mut import).await? {
                Step::More => tokio::time::sleep(pace).await,
                Step::Over => return Ok(()),
            }
        }
        self.give_back(&import).await
    }

    async fn step(&self, import: &mut Import) -> Result<Step, Problem> {
        if import.stage == stage::READING {
            match rows::next_thread(self.store.reader(), import).await? {
                Some(thread) => self.read(import, thread).await,
                None => self.finish(import).await,
            }
        } else {
            self.list(import).await
        }
    }

    /// Read a page of the list of threads.
    async fn list(&self, import: &mut Import) -> Result<Step, Problem> {
        let (ws, channel) = (WorkspaceId(import.workspace_id), ChannelId(import.channel_id));
        let page = match self.channels.chats(ws, channel, import.list_offset).await {
            Ok(page) => page,
            // The platform shows no list that far.
            Err(CallError::Rejected { refusal: Refusal::Parameter, .. }) if import.list_offset > 0 => {
                import.is_limited = true;
                ChatPage::default()
            }
            Err(error) => return self.put_off(import, &error).await,
        };
        let Some((tx, mut row)) = self.open(import).await? else { return Ok(Step::Over) };
        let new = rows::add_threads(&tx, &row, &page.users).await?;
        row.is_limited |= import.is_limited;
        row.threads_found = row.threads_found.saturating_add_unsigned(new);
        row.list_offset = row.list_offset.saturating_add_unsigned(page.read as u64);
        let first_time = row.stage == stage::LISTING;
        if first_time && page.is_last {
            row.stage = stage::AGAIN.to_owned();
            row.list_offset = 0;
        } else if !first_time && (page.is_last || new == 0 || row.list_offset >= AGAIN_MOST) {
            row.stage = stage::READING.to_owned();
        }
        *import = self.close(tx, row, intake::Batch::default()).await?;
        Ok(Step::More)
    }

    /// Read a page of a thread.
    async fn read(&self, import: &mut Import, mut thread: ImportThread) -> Result<Step, Problem> {
        let (ws, channel) = (WorkspaceId(import.workspace_id), ChannelId(import.channel_id));
        let answer = self.channels.past(ws, channel, &thread.external_id, thread.next_offset).await;
        let (mut refused, mut limited) = (None, false);
        let page = match answer {
            Ok(page) => page,
            Err(error) => match &error {
                CallError::Unreachable(_)
                | CallError::Rejected {
                    refusal: Refusal::RateLimited | Refusal::Temporary | Refusal::Token | Refusal::Reconnect,
                    ..
                } => return self.put_off(import, &error).await,
                CallError::Rejected { refusal: Refusal::Parameter, .. } if thread.next_offset > 0 => {
                    limited = true;
                    PastPage::default()
                }
                CallError::Rejected { .. } => {
                    refused = Some(error.to_string());
                    PastPage::default()
                }
            },
        };
        let since = import.since_at.map(Timestamp);
        let is_old = |at: Timestamp| since.is_some_and(|since| at < since);
        let ends = page.is_last || page.messages.iter().all(|past| is_old(past.at));
        let read = page.read;
        let wanted = page.messages.into_iter().filter(|past| !is_old(past.at)).collect::<Vec<_>>();
        let shown = wanted.len() as u64;
        let page = Page::new(ws, channel, wanted);
        thread.next_offset = thread.next_offset.saturating_add_unsigned(read as u64);
        thread.last_error.clone_from(&refused);
        if ends {
            thread.state = if refused.is_some() { "refused" } else { "done" }.to_owned();
        }
        let Some((tx, mut row)) = self.open(import).await? else { return Ok(Step::Over) };
        let slice = intake::load(&tx, &page.wanted()).await?;
        let (batch, new) = fold_past(&page, slice, &self.library, self.now());
        rows::save_thread(&tx, &thread).await?;
        row.is_limited |= limited;
        row.messages_read = row.messages_read.saturating_add_unsigned(shown);
        row.messages_new = row.messages_new.saturating_add_unsigned(new);
        row.threads_done += i64::from(ends);
        row.threads_refused += i64::from(ends && refused.is_some());
        *import = self.close(tx, row, batch).await?;
        Ok(Step::More)
    }

    async fn finish(&self, import: &mut Import) -> Result<Step, Problem> {
        let Some((tx, mut row)) = self.open(import).await? else { return Ok(Step::Over) };
        row.state = state::DONE.to_owned();
        row.finished_at = Some(self.now().0);
        rows::forget_threads(&tx, &row).await?;
        *import = self.close(tx, row, intake::Batch::default()).await?;
        tracing::info!(
            import = %import.id, threads = import.threads_done, messages = import.messages_new,
            limited = import.is_limited, "history was read"
        );
        Ok(Step::Over)
    }

    /// The transaction of a step, with the import as it is now; `None` when a member paused or ended it meanwhile, or
    /// another program has it: then nothing is written.
    async fn open(&self, import: &Import) -> Result<Option<(Tx, Import)>, StoreError> {
        let tx = self.store.begin().await?;
        match rows::lock_mine(&tx, import, &self.owner).await? {
            Some(row) => Ok(Some((tx, row))),
            None => {
                tx.rollback().await?;
                Ok(None)
            }
        }
    }

    /// Write where the import stands and what was read, and tell that it moved.
    async fn close(&self, tx: Tx, mut row: Import, mut batch: intake::Batch) -> Result<Import, StoreError> {
        let (ws, channel) = (WorkspaceId(row.workspace_id), ChannelId(row.channel_id));
        let now = self.now();
        row.failures = 0;
        row.last_error = None;
        row.due_at = now.0;
        let over = row.state != state::RUNNING;
        row.lease_until_at = (!over).then_some(now.plus_ms(LEASE_MS).0);
        rows::save(&tx, &row, now).await?;
        let profiles = batch.due.profiles;
        batch.changes.entry(ws).or_default().insert(0, NewChange::channel(channel));
        intake::apply(&tx, batch, now).await?;
        tx.commit().await?;
        metrics::counter!("loa_import_steps_total", "stage" => row.stage.clone()).increment(1);
        self.signals.notify(Topic::ChangesIn(ws));
        if profiles {
            self.signals.notify(Topic::Profiles);
        }
        Ok(row)
    }

    /// The platform did not answer: later, and say so.
    async fn put_off(&self, import: &Import, error: &CallError) -> Result<Step, Problem> {
        let (ws, channel) = (WorkspaceId(import.workspace_id), ChannelId(import.channel_id));
        let now = self.now();
        let Some((tx, mut row)) = self.open(import).await? else { return Ok(Step::Over) };
        row.failures = row.failures.saturating_add(1);
        row.last_error = Some(error.to_string());
        let wait = backoff_ms(row.failures.unsigned_abs(), WAIT_MS.0, WAIT_MS.1);
        row.due_at = now.plus_ms(wait).0;
        row.lease_until_at = None;
        row.lease_owner = None;
        rows::save(&tx, &row, now).await?;
        changes::append(&tx, ws, &[NewChange::channel(channel)], now).await?;
        tx.commit().await?;
        tracing::info!(import = %row.id, %error, wait, "history could not be read; trying again later");
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(Step::Over)
    }

    /// Its turn is over: whoever is free may go on.
    async fn give_back(&self, import: &Import) -> Result<(), Problem> {
        let tx = self.store.begin().await?;
        if let Some(mut row) = rows::lock_mine(&tx, import, &self.owner).await? {
            row.lease_until_at = None;
            row.lease_owner = None;
            rows::save(&tx, &row, self.now()).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl DueWork for ImportWork {
    fn name(&self) -> &'static str {
        "imports"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let now = self.now();
        let Some(import) = rows::claim(&self.store, &self.owner, now.plus_ms(LEASE_MS), now).await? else {
            return Ok(0);
        };
        if let Err(problem) = self.turn(import.clone()).await {
            // A page that somebody else wrote a part of meanwhile is read again.
            tracing::warn!(import = %import.id, %problem, "a step of an import was not written; trying again");
            self.give_back(&import).await?;
            return Err(problem);
        }
        Ok(1)
    }
}
