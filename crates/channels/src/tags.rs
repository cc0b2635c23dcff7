//! Labels told to the platform as tags: one call an address and label, at the pace that leaves others room.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures::StreamExt;
use loa_kernel::{ChannelId, Problem, Timestamp, WorkspaceId};
use loa_store::changes::{self, NewChange};
use loa_store::labels::pushes::{self, DuePush, Pushed};
use loa_stream::Topic;

use crate::reconcile::{DueWork, backoff_ms};
use crate::{CallError, Channels, Refusal};

/// A wish that somebody tells is nobody else's for so long; after a crash it waits until then.
const LEASE_MS: i64 = 2 * 60_000;
/// No call begins when the lease ends sooner than this: longer than the longest call.
const CALL_MS: i64 = 40_000;
/// Accounts that are told at the same time.
const ACCOUNTS_AT_ONCE: usize = 4;
/// The first wait after a call that failed, and the longest.
const FIRST_MS: i64 = 5_000;
const LONGEST_MS: i64 = 15 * 60_000;

/// Tells the platform which labels customers carry, where that is wished.
pub struct TagWork(pub Channels);

#[async_trait]
impl DueWork for TagWork {
    fn name(&self) -> &'static str {
        "tags"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let now = self.0.now();
        let until = now.plus_ms(LEASE_MS);
        let due = pushes::claim(&self.0.store, limit as u64, until, now).await?;
        let claimed = due.len();
        let mut accounts: BTreeMap<(WorkspaceId, ChannelId), Vec<DuePush>> = BTreeMap::new();
        for push in due {
            accounts.entry((push.workspace, push.channel)).or_default().push(push);
        }
        futures::stream::iter(accounts)
            .for_each_concurrent(ACCOUNTS_AT_ONCE, |((ws, channel), pushes)| async move {
                if let Err(problem) = self.0.tell(ws, channel, &pushes, until).await {
                    // Their lease runs out, and they are told again.
                    tracing::warn!(%channel, %problem, "labels were not written back");
                }
            })
            .await;
        Ok(claimed)
    }
}

impl Channels {
    async fn tell(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        list: &[DuePush],
        until: Timestamp,
    ) -> Result<(), Problem> {
        let pace = self.spare_pace(ws, channel).await?;
        for (nth, push) in list.iter().enumerate() {
            if nth > 0 && !pace.is_zero() {
                tokio::time::sleep(pace).await;
            }
            if self.now().plus_ms(CALL_MS) > until {
                // Slow calls: the rest is somebody's again when the lease runs out.
                return Ok(());
            }
            let pushed = self.tag(push).await?;
            let outcome = match &pushed {
                Pushed::Done => "done",
                Pushed::Again(..) => "again",
                Pushed::Failed(_) => "failed",
            };
            let now = self.now();
            let tx = self.store.begin().await?;
            let told = pushes::settle(&tx, push, &pushed).await?;
            if told {
                changes::append(&tx, ws, &[NewChange::customer(push.customer)], now).await?;
            }
            tx.commit().await?;
            metrics::counter!("loa_tags_total", "outcome" => outcome).increment(1);
            if told {
                self.signals.notify(Topic::ChangesIn(ws));
            }
        }
        Ok(())
    }

    async fn tag(&self, push: &DuePush) -> Result<Pushed, Problem> {
        // Nobody is left to carry it.
        let Some(user) = &push.external_id else { return Ok(Pushed::Done) };
        let connector = self.connector_of(push.workspace, push.channel).await?;
        let answer = self
            .ask(push.workspace, push.channel, |account| {
                let (connector, user, tag) = (connector.clone(), user.clone(), push.tag.clone());
                async move { connector.tag(&account, &user, &tag, push.wished).await }
            })
            .await;
        let wait = backoff_ms(push.attempts + 1, FIRST_MS, LONGEST_MS);
        let again = |reason: String| Pushed::Again(self.now().plus_ms(wait), reason);
        Ok(match answer {
            Ok(()) => Pushed::Done,
            // It may have been carried out; then doing it again changes nothing.
            Err(CallError::Unreachable(reason)) => again(reason),
            Err(CallError::Rejected { refusal, code, message }) => match refusal {
                Refusal::RateLimited | Refusal::Temporary | Refusal::Token | Refusal::Reconnect => {
                    again(message)
                }
                // What is to be taken off is not there.
                Refusal::Parameter if !push.wished => Pushed::Done,
                _ => Pushed::Failed(format!("{message} ({code})")),
            },
        })
    }
}
