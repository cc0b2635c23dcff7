//! From the queue to the platform.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use loa_channels::reconcile::{DueWork, backoff_ms};
use loa_channels::{Outgoing, SendOutcome};
use loa_kernel::{ChannelId, Code, ConversationId, MessageId, Problem, WorkspaceId};
use loa_rulebook::Decision;
use loa_store::changes::NewChange;
use loa_store::entity::{deliveries, messages};
use loa_store::outbound::{self as rows, DeliveryState, Pool};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::Outbound;
use crate::facts::{Facts, message_facts, pool_of};
use crate::outgoing::outgoing;
use crate::retry::{Halt, Patience, again};
use crate::settle::Settlement;
use crate::submit::{json, locked, not_allowed};
use crate::trial::hold_trial;

/// Claims deliveries that are due and sends them. Wake it by `Topic::Deliveries`.
pub struct Dispatcher {
    outbound: Outbound,
    /// Names this process in leases.
    owner: String,
    room: Arc<Semaphore>,
    running: Arc<Mutex<HashMap<ChannelId, usize>>>,
    tasks: TaskTracker,
}

/// What a claimed delivery is about.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) ws: WorkspaceId,
    pub(crate) message: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) channel: ChannelId,
    pub(crate) claimed: deliveries::Model,
}

impl Job {
    pub(crate) fn of(claimed: deliveries::Model) -> Self {
        Self {
            ws: WorkspaceId(claimed.workspace_id),
            message: MessageId(claimed.message_id),
            conversation: ConversationId(claimed.conversation_id),
            channel: ChannelId(claimed.channel_id),
            claimed,
        }
    }

    /// Is the delivery still as it was claimed?
    fn holds(&self, row: &deliveries::Model) -> bool {
        row.state == self.claimed.state
            && row.lease_owner == self.claimed.lease_owner
            && row.lease_until_at == self.claimed.lease_until_at
    }
}

/// What the start of a delivery came to.
enum Started {
    /// To be sent.
    Send(Outgoing),
    /// It was settled without a call, or is somebody else's.
    Over,
}

impl Dispatcher {
    /// A dispatcher; its name in leases is drawn from the ids.
    pub fn new(outbound: Outbound) -> Self {
        let owner = outbound.ids.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
        let room = Arc::new(Semaphore::new(outbound.settings.parallel));
        Self { outbound, owner, room, running: Arc::default(), tasks: TaskTracker::new() }
    }

    /// Accounts that have as many calls under way as they may.
    fn busy(&self) -> Vec<ChannelId> {
        let most = self.outbound.settings.parallel_per_channel;
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().filter(|(_, n)| **n >= most).map(|(channel, _)| *channel).collect()
    }

    /// A place among the calls of this account; `None` when all are taken.
    fn place(&self, channel: ChannelId) -> Option<Place> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let n = running.entry(channel).or_default();
        if *n >= self.outbound.settings.parallel_per_channel {
            return None;
        }
        *n += 1;
        Some(Place { running: self.running.clone(), channel })
    }
}

/// Given back when dropped, also by a panic.
struct Place {
    running: Arc<Mutex<HashMap<ChannelId, usize>>>,
    channel: ChannelId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(n) = running.get_mut(&self.channel) {
            *n -= 1;
            if *n == 0 {
                running.remove(&self.channel);
            }
        }
    }
}

#[async_trait]
impl DueWork for Dispatcher {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let outbound = &self.outbound;
        strand(outbound, limit).await?;
        let limit = limit.min(self.room.available_permits());
        if limit == 0 {
            return Ok(0); // whoever ends wakes us
        }
        let now = outbound.now();
        let until = now.plus_ms(outbound.settings.claim_lease_ms);
        let claimed =
            rows::claim_queued(&outbound.store, &self.owner, &self.busy(), limit as u64, until, now).await?;
        let mut started = 0;
        for row in claimed {
            let job = Job::of(row);
            let (Some(place), Ok(permit)) = (self.place(job.channel), self.room.clone().try_acquire_owned())
            else {
                rows::release_lease(&outbound.store, &job.claimed, now).await?;
                continue;
            };
            started += 1;
            let outbound = outbound.clone();
            self.tasks.spawn(async move {
                outbound.deliver(job).await;
                drop((place, permit));
                // The next of its thread may go, and there is room again.
                outbound.signals.notify(loa_stream::Topic::Deliveries);
            });
        }
        for (state, n) in rows::queue_depth(outbound.store.reader()).await? {
            metrics::gauge!("loa_deliveries", "state" => state.as_str()).set(n as f64);
        }
        Ok(started)
    }

    async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// Calls that nobody settled: their outcome is unknown.
async fn strand(outbound: &Outbound, limit: usize) -> Result<(), Problem> {
    let stranded = rows::stranded(outbound.store.reader(), limit as u64, outbound.now()).await?;
    for row in stranded {
        let job = Job::of(row);
        tracing::warn!(message = %job.message, "a call was never settled; looking what became of it");
        let reason = "the program ended during the call".to_owned();
        outbound.settle(&job, Settlement::Outcome(SendOutcome::Unknown { reason })).await?;
    }
    Ok(())
}

impl Outbound {
    /// Send one claimed delivery and settle it. Errors stay here: the lease runs out and somebody tries again.
    async fn deliver(&self, job: Job) {
        let message = match again(Patience::Settle, || self.start(&job)).await {
            Ok(Started::Send(message)) => message,
            Ok(Started::Over) => return,
            Err(problem) => {
                tracing::error!(message = %job.message, %problem, "a delivery could not be started");
                return;
            }
        };
        let settlement = match self.channels.send(job.ws, job.channel, &message).await {
            Ok(outcome) => Settlement::Outcome(outcome),
            Err(problem) if problem.code == Code::ChannelDisconnected => Settlement::Failed(problem),
            Err(problem) => Settlement::Outcome(SendOutcome::NotSent { reason: problem.to_string() }),
        };
        metrics::counter!("loa_sends_total", "outcome" => settlement.word()).increment(1);
        if let Err(problem) = self.settle(&job, settlement).await {
            // The lease runs out, the outcome counts as unknown, and the platform's history tells.
            tracing::error!(message = %job.message, %problem, "the outcome of a send could not be written down");
        }
    }

    /// Decide again and say that the call is being made, in one transaction.
    async fn start(&self, job: &Job) -> Result<Started, Halt> {
        let (ws, now) = (job.ws, self.now());
        // The bytes first: reading them may take long, and no transaction waits for a disk.
        let prepared = self.prepare(job).await?;
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, job.conversation).await?;
        let Some(row) = rows::lock_message(&tx, ws, job.message).await? else { return Ok(Started::Over) };
        let delivery = rows::lock_delivery(&tx, ws, job.message).await?;
        let Some(delivery) = delivery.filter(|d| job.holds(d)) else { return Ok(Started::Over) };
        let held = rows::reservation(&tx, ws, job.message).await?.filter(|r| r.state == "pending");
        let held: Option<Pool> = held.map(|r| r.pool.parse()).transpose()?;
        let decision = Facts::of(&thread)?.held_by(&thread, job.message, held).decide(
            &self.rules,
            Some(&message_facts(&row)?),
            now,
        );
        let class = decision.class.filter(|class| {
            decision.is_allowed()
                && !costs_more(&decision, &row)
                // What goes out by itself never spends.
                && (row.author != "bot" || *class == loa_rulebook::Class::Reply)
        });
        let (message, class) = match (prepared, class) {
            (Ok(message), Some(class)) => (message, class),
            (Ok(_), None) => {
                self.fail(tx, &thread, row, delivery, not_allowed(&decision), now).await?;
                return Ok(Started::Over);
            }
            (Err(problem), _) => {
                self.fail(tx, &thread, row, delivery, problem, now).await?;
                return Ok(Started::Over);
            }
        };
        if held != Some(pool_of(class)) {
            let (channel, identity) = (thread.channel_id(), thread.identity_id());
            rows::reserve(&tx, ws, job.message, channel, identity, pool_of(class), now).await?;
        }
        let tried = hold_trial(&tx, &thread, job.message, &decision, now).await?;
        let (attempts, owner) = (delivery.attempts, delivery.lease_owner.clone());
        let until = now.plus_ms(self.settings.call_lease_ms);
        rows::hold(&tx, delivery, DeliveryState::Calling, now, |d| {
            d.attempts = attempts.saturating_add(1);
            d.checks = 0;
            d.calling_since_at = Some(now.0);
            d.lease_until_at = Some(until.0);
            d.lease_owner = owner;
        })
        .await?;
        let decided = json(&decision)?;
        rows::update_message(&tx, row, now, |m| {
            m.status = "sending".to_owned();
            m.problem = None;
            m.decision = Some(decided);
        })
        .await?;
        let mut list = vec![NewChange::message(job.message, job.conversation, job.channel)];
        list.extend(tried);
        self.commit(tx, &thread, &list, now).await?;
        self.signals.notify(loa_stream::Topic::ChangesIn(ws));
        Ok(Started::Send(message))
    }

    /// The message with its bytes; an inner error can never be sent.
    async fn prepare(&self, job: &Job) -> Result<Result<Outgoing, Problem>, Halt> {
        let db = self.store.reader();
        let row = loa_store::messages::get(db, job.ws, job.message).await;
        let row = row?;
        let thread = rows::thread(db, job.ws, job.conversation).await?;
        let (Some(row), Some(thread)) = (row, thread) else { return Ok(Err(Problem::not_found("message"))) };
        Ok(outgoing(&self.inbox, &row, &thread.identity.external_id).await)
    }

    /// How long to wait before the next try.
    pub(crate) fn wait_ms(&self, attempts: i32) -> i64 {
        let attempt = u32::try_from(attempts).unwrap_or(1);
        backoff_ms(attempt, self.settings.retry_first_ms, self.settings.retry_most_ms)
    }
}

/// It was free when it was written and would cost money now.
fn costs_more(decision: &Decision, row: &messages::Model) -> bool {
    let then = row.decision.as_ref().and_then(|d| d.get("cost_vnd")).and_then(serde_json::Value::as_i64);
    decision.cost_vnd > then.unwrap_or(0)
}
