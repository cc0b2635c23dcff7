//! What became of calls whose answer was lost.
//!
//! The platform has no key by which a repeated send is recognised, so nothing is repeated before its own history
//! (platform reference §11) says that the message is not there. The history is asked at least twice, the second
//! time `unknown_grace_ms` after the call ended: a platform that was slow has had time to write it down.
//!
//! A message of the history is ours when it is of the same kind and text, not known here by its id, and later
//! than anything of the thread that was known here when the call began. The platform's own times are compared
//! with each other, never with our clock.

use async_trait::async_trait;
use futures::StreamExt;
use loa_channels::reconcile::DueWork;
use loa_channels::{CallError, SentMessage};
use loa_kernel::{Problem, Timestamp};
use loa_store::entity::messages;
use loa_store::outbound::{self as rows, DeliveryState};

use crate::Outbound;
use crate::dispatch::Job;
use crate::retry::{Halt, Patience, again};
use crate::settle::Accepted;
use crate::submit::locked;

/// Looks at the same time.
const AT_ONCE: usize = 4;
/// How far back the history is read when nothing of the thread was known before: the two clocks may differ.
const SKEW_MS: i64 = 10 * 60_000;
/// The second look, and every later one, must show the message absent.
const LOOKS: i32 = 2;

/// Looks up deliveries of unknown outcome. Wake it by `Topic::Deliveries`.
pub struct UnknownWork {
    outbound: Outbound,
    owner: String,
}

impl UnknownWork {
    /// A worker; its name in leases is drawn from the ids.
    pub fn new(outbound: Outbound) -> Self {
        let owner = outbound.ids.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
        Self { outbound, owner }
    }
}

#[async_trait]
impl DueWork for UnknownWork {
    fn name(&self) -> &'static str {
        "unknown_deliveries"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let outbound = &self.outbound;
        let now = outbound.now();
        let until = now.plus_ms(outbound.settings.call_lease_ms);
        let claimed = rows::claim_unknown(&outbound.store, &self.owner, limit as u64, until, now).await?;
        let n = claimed.len();
        futures::stream::iter(claimed)
            .for_each_concurrent(AT_ONCE, |row| async move {
                let job = Job::of(row);
                if let Err(problem) = outbound.look(&job).await {
                    tracing::warn!(message = %job.message, %problem, "an unknown send was not resolved; looking again");
                }
                outbound.wake(job.ws);
            })
            .await;
        Ok(n)
    }
}

/// What a look came to.
enum Seen {
    /// It is there.
    There(SentMessage),
    /// It is not.
    Absent,
    /// The platform did not tell.
    NoAnswer(String),
}

impl Outbound {
    async fn look(&self, job: &Job) -> Result<(), Problem> {
        let seen = self.search(job).await?;
        let word = match &seen {
            Seen::There(_) => "found",
            Seen::Absent => "absent",
            Seen::NoAnswer(_) => "no_answer",
        };
        metrics::counter!("loa_unknown_looks_total", "outcome" => word).increment(1);
        again(Patience::Settle, || self.conclude(job, &seen)).await
    }

    async fn search(&self, job: &Job) -> Result<Seen, Problem> {
        let db = self.store.reader();
        let row = loa_store::messages::get(db, job.ws, job.message).await?;
        let thread = rows::thread(db, job.ws, job.conversation).await?;
        let (Some(row), Some(thread)) = (row, thread) else { return Ok(Seen::Absent) };
        let began = Timestamp(job.claimed.calling_since_at.unwrap_or(row.created_at));
        let known = rows::platform_time_known_at(db, job.ws, job.conversation, began).await?;
        let since = known.unwrap_or_else(|| began.plus_ms(-SKEW_MS));
        let user = &thread.identity.external_id;
        let sent = match self.channels.recent(job.ws, job.channel, user, since).await {
            Ok(sent) => sent,
            Err(CallError::Unreachable(reason)) => return Ok(Seen::NoAnswer(reason)),
            Err(refused) => return Ok(Seen::NoAnswer(refused.to_string())),
        };
        let ids: Vec<String> = sent.iter().map(|m| m.platform_id.clone()).collect();
        let known = loa_store::messages::by_platform_ids(db, job.ws, &[job.channel], &ids).await?;
        // A row that an echo made while we did not know: it may be ours as well.
        let taken = |m: &SentMessage| {
            known.iter().any(|k| {
                k.platform_id.as_deref() == Some(&m.platform_id)
                    && k.id != row.id
                    && !(k.author == "platform" && Timestamp(k.created_at) >= began)
            })
        };
        // Newest first comes the answer; the oldest that fits is the first call's.
        let found = sent.into_iter().rev().find(|m| is_same(&row, m) && !taken(m));
        Ok(found.map_or(Seen::Absent, Seen::There))
    }

    async fn conclude(&self, job: &Job, seen: &Seen) -> Result<(), Halt> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let thread = locked(&tx, job.ws, job.conversation).await?;
        let Some(row) = rows::lock_message(&tx, job.ws, job.message).await? else { return Ok(()) };
        let Some(delivery) = rows::lock_delivery(&tx, job.ws, job.message).await? else { return Ok(()) };
        if delivery.state != DeliveryState::Unknown.as_str() {
            return Ok(()); // an echo was faster
        }
        match seen {
            Seen::There(found) => {
                let accepted = Accepted {
                    platform_id: found.platform_id.clone(),
                    sent_at: Some(found.sent_at),
                    quota: None,
                };
                self.accept(tx, &thread, row, delivery, &accepted, now).await
            }
            Seen::Absent if delivery.checks + 1 >= LOOKS => {
                tracing::info!(message = %job.message, "a send of unknown outcome did not happen; it waits again");
                self.wait(tx, &thread, row, delivery, "not in the platform's history", None, now).await
            }
            Seen::Absent => {
                let left = self.settings.unknown_grace_ms - self.settings.unknown_first_look_ms;
                let checks = delivery.checks + 1;
                let due = now.plus_ms(left.max(0));
                rows::hold(&tx, delivery, DeliveryState::Unknown, due, |d| d.checks = checks).await?;
                tx.commit().await?;
                Ok(())
            }
            Seen::NoAnswer(reason) => {
                let due = now.plus_ms(self.settings.unknown_first_look_ms.max(1));
                let text = reason.clone();
                rows::hold(&tx, delivery, DeliveryState::Unknown, due, |d| d.last_error = Some(text)).await?;
                tx.commit().await?;
                Ok(())
            }
        }
    }
}

/// Could this message of the history be ours?
fn is_same(row: &messages::Model, sent: &SentMessage) -> bool {
    let trimmed = |text: Option<&str>| text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let kind = row.kind.parse::<loa_channels::MessageKind>();
    kind.is_ok_and(|kind| kind.may_be_told_as(sent.kind))
        && trimmed(row.text.as_deref()) == trimmed(sent.text.as_deref())
}
