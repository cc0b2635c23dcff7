//! One workspace's stream of events, while somebody listens.

use std::sync::{Arc, Mutex, PoisonError};

use loa_kernel::{Problem, WorkspaceId};
use loa_store::changes;
use loa_stream::{Topic, Wakeup};
use tokio::sync::broadcast::{Receiver, Sender, channel};

use super::event::Batch;
use super::hub::Shared;
use super::load;

/// One workspace's stream.
pub(super) struct Feed {
    workspace: WorkspaceId,
    /// The number of the last change that was sent; guards the sender, so that joining and sending never overlap.
    position: Mutex<i64>,
    sender: Sender<Arc<Batch>>,
}

impl Feed {
    /// A feed that stands at `position` and has not begun.
    pub fn new(workspace: WorkspaceId, position: i64, buffer: usize) -> Self {
        Self { workspace, position: Mutex::new(position), sender: channel(buffer.max(1)).0 }
    }

    /// Listen: everything after the number answered will be received.
    pub fn join(&self) -> (Receiver<Arc<Batch>>, i64) {
        let position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
        (self.sender.subscribe(), *position)
    }

    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }

    /// Send what is new until nothing is.
    async fn advance(&self, shared: &Shared) -> Result<(), Problem> {
        loop {
            let after = *self.position.lock().unwrap_or_else(PoisonError::into_inner);
            let rows =
                changes::since(shared.store.reader(), self.workspace, after, shared.config.batch).await?;
            if rows.is_empty() {
                return Ok(());
            }
            let batch =
                load::batch(&shared.store, &shared.rules, self.workspace, &rows, shared.clock.now()).await?;
            metrics::counter!("loa_realtime_events_total").increment(batch.events.len() as u64);
            let mut position = self.position.lock().unwrap_or_else(PoisonError::into_inner);
            *position = batch.last_seq;
            // An error means that nobody listens any more.
            let _ = self.sender.send(Arc::new(batch));
        }
    }

    /// Run until nobody listens or the program stops. `wakeup` was subscribed before the position was read.
    pub async fn run(self: Arc<Self>, shared: Arc<Shared>, mut wakeup: Wakeup) {
        loop {
            if let Err(problem) = self.advance(&shared).await {
                tracing::warn!(workspace = %self.workspace, %problem, "changes could not be read; trying again");
            }
            tokio::select! {
                () = wakeup.changed() => {}
                () = tokio::time::sleep(shared.config.poll) => {
                    if shared.end_if_idle(self.workspace, &self) {
                        return;
                    }
                }
                () = shared.stop.cancelled() => return,
            }
        }
    }

    pub fn topic(workspace: WorkspaceId) -> Topic {
        Topic::ChangesIn(workspace)
    }
}
