//! The feeds of all workspaces that have listeners.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use loa_kernel::{Clock, Problem, WorkspaceId};
use loa_rulebook::Library;
use loa_store::{Store, changes};
use loa_stream::Signals;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use super::event::Batch;
use super::feed::Feed;
use super::load;
use crate::config::RealtimeConfig;

/// Hands out streams of events. Clone it freely; all clones are one.
#[derive(Clone)]
pub(crate) struct Hub(Arc<Shared>);

pub(super) struct Shared {
    pub store: Store,
    pub rules: Arc<Library>,
    pub signals: Signals,
    pub clock: Arc<dyn Clock>,
    pub config: RealtimeConfig,
    pub stop: CancellationToken,
    feeds: Mutex<HashMap<WorkspaceId, Arc<Feed>>>,
}

/// A listener's beginning.
pub(super) struct Joined {
    /// Everything after `position`.
    pub events: Receiver<Arc<Batch>>,
    pub position: i64,
}

/// How a listener who was away catches up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resume {
    /// By reading what lies between.
    Read,
    /// Not at all: too much, or no longer kept, or a number that was never given out.
    TooOld,
}

impl Hub {
    pub fn new(
        store: Store,
        rules: Arc<Library>,
        signals: Signals,
        clock: Arc<dyn Clock>,
        config: RealtimeConfig,
        stop: CancellationToken,
    ) -> Self {
        Self(Arc::new(Shared { store, rules, signals, clock, config, stop, feeds: Mutex::default() }))
    }

    pub(super) fn config(&self) -> &RealtimeConfig {
        &self.0.config
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.0.stop
    }

    /// Listen to a workspace.
    pub(super) async fn join(&self, workspace: WorkspaceId) -> Result<Joined, Problem> {
        if let Some((events, position)) = self.0.with_feeds(|feeds| feeds.get(&workspace).map(|f| f.join())) {
            return Ok(Joined { events, position });
        }
        // Subscribe before reading the position, so that nothing between is missed.
        let wakeup = self.0.signals.subscribe(Feed::topic(workspace));
        let position = changes::last_seq(self.0.store.reader(), workspace).await?;
        let mut begun = None;
        let (events, position) = self.0.with_feeds(|feeds| {
            // Somebody else may have been faster.
            let feed = feeds.entry(workspace).or_insert_with(|| {
                let feed = Arc::new(Feed::new(workspace, position, self.0.config.buffer));
                begun = Some(feed.clone());
                feed
            });
            feed.join()
        });
        if let Some(feed) = begun {
            tokio::spawn(feed.run(self.0.clone(), wakeup));
        }
        Ok(Joined { events, position })
    }

    /// Can a listener who has everything up to `since` catch up to `position`?
    pub(super) async fn resume(
        &self,
        workspace: WorkspaceId,
        since: i64,
        position: i64,
    ) -> Result<Resume, Problem> {
        if since > position || position - since > self.0.config.catch_up {
            return Ok(Resume::TooOld);
        }
        if since == position {
            return Ok(Resume::Read);
        }
        let oldest = changes::oldest_seq(self.0.store.reader(), workspace).await?;
        Ok(if oldest.is_some_and(|oldest| oldest <= since + 1) { Resume::Read } else { Resume::TooOld })
    }

    /// The next events after `after`, not beyond `until`.
    pub(super) async fn between(
        &self,
        workspace: WorkspaceId,
        after: i64,
        until: i64,
    ) -> Result<Batch, Problem> {
        let limit = self.0.config.batch.min(u64::try_from(until - after).unwrap_or(0));
        let rows = changes::since(self.0.store.reader(), workspace, after, limit).await?;
        // Pruned between asking and reading.
        if rows.first().is_none_or(|row| row.seq != after + 1) {
            return Err(Problem::new(loa_kernel::Code::TooOld));
        }
        load::batch(&self.0.store, &self.0.rules, workspace, &rows, self.0.clock.now()).await
    }
}

impl Shared {
    fn with_feeds<T>(&self, f: impl FnOnce(&mut HashMap<WorkspaceId, Arc<Feed>>) -> T) -> T {
        f(&mut self.feeds.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forget a feed that nobody listens to. Joining holds the same lock, so nobody joins a feed that ends.
    pub(super) fn end_if_idle(&self, workspace: WorkspaceId, feed: &Arc<Feed>) -> bool {
        self.with_feeds(|feeds| {
            let idle = feed.listeners() == 0;
            if idle {
                feeds.remove(&workspace);
            }
            idle
        })
    }
}
