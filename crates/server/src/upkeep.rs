//! Forgetting what nobody needs any more: old changes, deliveries and reservations that are long over, scheduled messages and
//! automatic replies too, old notices, old bulk jobs, ended sessions, old failures to sign in.

use std::time::Duration;

use loa_kernel::Problem;
use loa_store::{
    auto_replies, bulk, changes, labels, macros, notifications, outbound, saved_views, scheduled, sessions,
    sign_in, workspaces,
};

use crate::state::AppState;

const EVERY: Duration = Duration::from_secs(600);
/// Rows of a kind removed by one transaction, so that writers wait only briefly.
const AT_ONCE: u64 = 2_000;
/// Failures to sign in are kept for a day, long after they have stopped counting.
const KEEP_FAILURES_MS: i64 = 86_400_000;

impl AppState {
    /// Clean up now and then until the program stops. Run it in one task of the program.
    pub async fn upkeep(self) {
        let stop = self.hub.stop().clone();
        loop {
            if let Err(problem) = self.clean_up().await {
                tracing::warn!(%problem, "cleaning up failed; trying again later");
            }
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Clean up once. Readers of the live view who are further behind than what is kept read everything again.
    pub async fn clean_up(&self) -> Result<(), Problem> {
        let now = self.now();
        let (realtime, retention) = (&self.config.realtime, &self.config.retention);
        let changes_before = now.plus_ms(-realtime.keep_ms);
        let deliveries_before = now.plus_days(-retention.deliveries_days);
        let bulk_before = now.plus_days(-retention.bulk_days);
        let notices_before = now.plus_days(-retention.notifications_days);
        let reservations_before = now.plus_days(-retention.reservations_days);
        for workspace in workspaces::list(self.store.reader()).await? {
            let ws = workspace.id;
            loop {
                let tx = self.store.begin().await?;
                let gone = [
                    changes::prune(&tx, ws, changes_before, realtime.keep_rows, AT_ONCE).await?,
                    outbound::prune_deliveries(&tx, ws, deliveries_before, AT_ONCE).await?,
                    outbound::prune_reservations(&tx, ws, reservations_before, AT_ONCE).await?,
                    notifications::prune(&tx, ws, notices_before, AT_ONCE).await?,
                    // Whoever was away so long reads everything again anyway.
                    saved_views::prune(&tx, ws, changes_before, AT_ONCE).await?,
                    bulk::prune(&tx, ws, bulk_before, AT_ONCE).await?,
                    labels::pushes::prune(&tx, ws, now.plus_days(-1), AT_ONCE).await?,
                    macros::prune_runs(&tx, ws, deliveries_before, AT_ONCE).await?,
                    scheduled::prune(&tx, ws, deliveries_before, AT_ONCE).await?,
                    auto_replies::prune(&tx, ws, reservations_before, AT_ONCE).await?,
                ];
                tx.commit().await?;
                if gone.iter().all(|n| *n < AT_ONCE) {
                    break;
                }
            }
        }
        let tx = self.store.begin().await?;
        sessions::prune(&tx, now).await?;
        sign_in::prune(&tx, now.plus_ms(-KEEP_FAILURES_MS)).await?;
        tx.commit().await?;
        Ok(())
    }
}
