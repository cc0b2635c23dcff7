//! Writing down what became of a call: one transaction, whatever the outcome.

use loa_channels::{PoolReport, QuotaReport, Refusal, SendOutcome};
use loa_inbox::views::{CHARGED, Charged};
use loa_kernel::{Code, MemberId, MessageId, Problem, Timestamp};
use loa_rulebook::{Borders, Class, PlatformReply, RecipientFacts};
use loa_store::Tx;
use loa_store::changes::NewChange;
use loa_store::channels::BillingState;
use loa_store::customers::recipient_facts;
use loa_store::entity::{channels, conversations, customer_identities, deliveries, messages};
use loa_store::intake::{Mark, MarkKind, take_marks};
use loa_store::outbound::{self as rows, DeliveryState, Pool, Thread, status_rank};
use loa_store::quota::{self, Spent};
use loa_store::work::Work;
use serde_json::{Value, json};

use crate::Outbound;
use crate::dispatch::Job;
use crate::facts::{Facts, class_of};
use crate::refusals::{Remedy, consequence};
use crate::retry::{Halt, Patience, again};
use crate::submit::{json as to_json, locked};
use crate::trial::{end_trial, give_trial_back, reopen_trial};

/// How a delivery ends, or does not.
#[derive(Debug, Clone)]
pub(crate) enum Settlement {
    /// The platform was called.
    Outcome(SendOutcome),
    /// It can never be sent, for a reason of ours.
    Failed(Problem),
}

impl Settlement {
    /// For metrics.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Outcome(SendOutcome::Accepted { .. }) => "accepted",
            Self::Outcome(SendOutcome::Rejected { .. }) => "rejected",
            Self::Outcome(SendOutcome::NotSent { .. }) => "not_sent",
            Self::Outcome(SendOutcome::Unknown { .. }) => "unknown",
            Self::Failed(_) => "failed",
        }
    }
}

/// What an accepted message is known by.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) platform_id: String,
    pub(crate) sent_at: Option<Timestamp>,
    /// `None` when it was found in the history, which does not tell.
    pub(crate) quota: Option<QuotaReport>,
}

impl Outbound {
    /// Settle a call. Tried again while the database is busy: the platform has acted.
    pub(crate) async fn settle(&self, job: &Job, settlement: Settlement) -> Result<(), Problem> {
        let news = again(Patience::Settle, || self.settle_once(job, &settlement)).await?;
        if let Some(reconnect) = news {
            self.channels.tokens().mark_reconnect(job.ws, job.channel, reconnect).await?;
        }
        self.wake(job.ws);
        Ok(())
    }

    /// Answers why the account must be connected again, if so.
    async fn settle_once(&self, job: &Job, settlement: &Settlement) -> Result<Option<&'static str>, Halt> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let thread = locked(&tx, job.ws, job.conversation).await?;
        let Some(row) = rows::lock_message(&tx, job.ws, job.message).await? else { return Ok(None) };
        let Some(delivery) = rows::lock_delivery(&tx, job.ws, job.message).await? else { return Ok(None) };
        if let Some(since) = delivery.calling_since_at {
            metrics::histogram!("loa_send_settle_seconds")
                .record(now.since(Timestamp(since)) as f64 / 1000.0);
        }
        let outcome = match settlement {
            Settlement::Failed(problem) => {
                if delivery.state != DeliveryState::Done.as_str() {
                    self.fail(tx, &thread, row, delivery, problem.clone(), now).await?;
                }
                return Ok(None);
            }
            Settlement::Outcome(outcome) => outcome,
        };
        if let SendOutcome::Accepted { platform_id, sent_at, quota } = outcome {
            let accepted =
                Accepted { platform_id: platform_id.clone(), sent_at: *sent_at, quota: Some(quota.clone()) };
            self.accept(tx, &thread, row, delivery, &accepted, now).await?;
            return Ok(None);
        }
        // The echo was faster: it is sent, whatever else we heard.
        if delivery.state == DeliveryState::Done.as_str() {
            return Ok(None);
        }
        match outcome {
            SendOutcome::Accepted { .. } => Ok(None),
            SendOutcome::Rejected { code, message, refusal } => {
                self.reject(tx, &thread, row, delivery, *code, message, *refusal, now).await
            }
            SendOutcome::NotSent { reason } => {
                let why = Problem::new(Code::PlatformUnavailable);
                self.wait(tx, &thread, row, delivery, reason, Some(why), now).await?;
                Ok(None)
            }
            SendOutcome::Unknown { reason } => {
                metrics::counter!("loa_sends_unknown_total").increment(1);
                let due = now.plus_ms(self.settings.unknown_first_look_ms);
                let text = reason.clone();
                rows::hold(&tx, delivery, DeliveryState::Unknown, due, |d| {
                    d.checks = 0;
                    d.last_error = Some(text);
                })
                .await?;
                rows::update_message(&tx, row, now, |m| m.status = "unknown".to_owned()).await?;
                let change = NewChange::message(job.message, job.conversation, job.channel);
                self.commit(tx, &thread, &[change], now).await?;
                Ok(None)
            }
        }
    }

    /// The platform has it. `delivery` may be done already: an echo was faster, and has counted it.
    pub(crate) async fn accept(
        &self,
        tx: Tx,
        thread: &Thread,
        row: messages::Model,
        delivery: deliveries::Model,
        accepted: &Accepted,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let (ws, id) = (loa_kernel::WorkspaceId(row.workspace_id), MessageId(row.id));
        let mut changed = vec![NewChange::message(id, thread.conversation_id(), thread.channel_id())];
        let sent_at = accepted.sent_at.unwrap_or(Timestamp(row.sent_at));
        let other = rows::adopt_platform_row(&tx, &row, &accepted.platform_id).await?;
        let marks = take_marks(&tx, ws, thread.channel_id(), &accepted.platform_id).await?;
        let (status, reactions) = merged(&row, other.as_ref(), &marks);
        let platform_id = accepted.platform_id.clone();
        let paid_by = accepted.quota.as_ref().and_then(payer);
        let decision = match (&row.decision, paid_by) {
            (Some(decision), Some(pool)) => Some(self.charged(thread, decision, pool, sent_at)?),
            _ => row.decision.clone(),
        };
        let row = rows::update_message(&tx, row, now, |m| {
            m.status = status;
            m.reactions = reactions;
            m.platform_id = Some(platform_id);
            m.decision = decision;
            m.sent_at = sent_at.0;
            m.error_code = None;
            m.error_text = None;
            m.problem = None;
        })
        .await?;
        if let Some(other) = &other {
            let gone = MessageId(other.id);
            changed.push(NewChange::message_removed(gone, thread.conversation_id(), thread.channel_id()));
        }
        rows::finish(&tx, delivery).await?;
        let posted = rows::post(&tx, ws, id, paid_by, now).await?;
        if let Some(posted) = posted {
            let spent = Spent {
                pool: posted.paid_by,
                member: row.member_id.map(MemberId),
                messages: 1,
                cost_vnd: self.price_of(thread, posted.paid_by, sent_at)?,
                at: sent_at,
            };
            quota::spent(&tx, ws, thread.channel_id(), spent).await?;
        }
        // The row that an echo made was counted when it was made.
        let counted = posted.filter(|_| other.is_none());
        let facts = self
            .count(&tx, thread, accepted.quota.as_ref(), counted.map(|p| p.paid_by), sent_at, now)
            .await?;
        let released = posted.is_some_and(|p| p.reserved == Pool::Package);
        if count_account(&tx, thread, id, accepted.quota.as_ref(), released, now).await? {
            changed.push(NewChange::channel(thread.channel_id()));
        }
        let borders = self.rules.resolve(&Facts::of(thread)?.edition, now).borders(&facts);
        self.answered(&tx, thread, &row, other.map(|o| o.id), borders, now).await?;
        self.commit(tx, thread, &changed, now).await
    }

    /// The decision with what the platform took besides: the one says why it might go, the other what it was. They
    /// differ when somebody else used up what we counted on, or when the platform knows a customer's window better.
    fn charged(
        &self,
        thread: &Thread,
        decision: &Value,
        pool: Pool,
        sent_at: Timestamp,
    ) -> Result<Value, Problem> {
        let class = class_of(pool);
        let cost_vnd = self.price_of(thread, pool, sent_at)?;
        let mut decision = decision.clone();
        if let Some(map) = decision.as_object_mut() {
            map.insert(CHARGED.to_owned(), to_json(&Charged { class, cost_vnd })?);
        }
        Ok(decision)
    }

    /// What a message costs that this pool pays.
    fn price_of(&self, thread: &Thread, pool: Pool, sent_at: Timestamp) -> Result<i64, Problem> {
        Ok(match class_of(pool) {
            Class::Paid => self.rules.resolve(&Facts::of(thread)?.edition, sent_at).paid.price_vnd,
            _ => 0,
        })
    }

    /// The customer's counters after a message went out; answers what is known of the customer then.
    async fn count(
        &self,
        tx: &Tx,
        thread: &Thread,
        quota: Option<&QuotaReport>,
        paid_by: Option<Pool>,
        sent_at: Timestamp,
        now: Timestamp,
    ) -> Result<RecipientFacts, Halt> {
        let rules = self.rules.resolve(&Facts::of(thread)?.edition, now);
        let before = recipient_facts(&thread.identity);
        let mut facts = before;
        if let Some(QuotaReport::Reply(Some(PoolReport { remain, total }))) = quota {
            let small = |n: &u64| u32::try_from(*n).unwrap_or(u32::MAX);
            let told = PlatformReply { remain: small(remain), total: small(total), as_of: sent_at };
            rules.on_platform_reply(&mut facts, told);
        }
        if paid_by == Some(Pool::Reply) {
            rules.on_sent(&mut facts, Class::Reply, sent_at);
        }
        if facts == before {
            return Ok(facts);
        }
        let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
        let mut new = thread.identity.clone();
        new.replies_used = number(facts.replies_used);
        if let Some(told) = facts.platform_reply {
            new.platform_reply_remain = Some(number(told.remain));
            new.platform_reply_total = Some(number(told.total));
            new.platform_as_of_at = Some(told.as_of.0);
        }
        new.updated_at = now.0;
        rows::save_identity(tx, &thread.identity, &new).await?;
        Ok(facts)
    }

    /// A person of ours has answered: what the customer wrote before is read, and waits no longer.
    async fn answered(
        &self,
        tx: &Tx,
        thread: &Thread,
        row: &messages::Model,
        gone: Option<uuid::Uuid>,
        borders: Borders,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let old = &thread.conversation;
        let mut new = old.clone();
        set_borders(&mut new, borders);
        let ws = loa_kernel::WorkspaceId(row.workspace_id);
        let shows = old.last_message_id == Some(row.id) || (gone.is_some() && old.last_message_id == gone);
        if shows && row.sent_at < old.last_message_at {
            // The platform's instant is earlier than the one under which it stood there: another may be the last now.
            let last = rows::newest(tx, ws, thread.conversation_id()).await?;
            crate::submit::show(&mut new, last.as_ref().unwrap_or(row))?;
        } else if shows || is_after(row, old) {
            crate::submit::show(&mut new, row)?;
        }
        // What went out by itself answers nobody: the customer still waits.
        let by_person = row.author != "bot";
        if by_person && old.answered_at.is_none_or(|at| at < row.sent_at) {
            let later = rows::inbound_after(tx, ws, thread.conversation_id(), Timestamp(row.sent_at)).await?;
            let unread =
                later.iter().filter(|one| old.read_until_at.is_none_or(|read| read < one.at.0)).count();
            new.answered_at = Some(row.sent_at);
            new.unread_count = i32::try_from(unread).unwrap_or(i32::MAX);
            new.waiting_since_at = later.iter().find(|one| one.asks).map(|one| one.at.0);
        }
        if by_person {
            let mut work = Work::of(old);
            work.answered(Timestamp(row.sent_at));
            work.put(&mut new);
        }
        new.updated_at = now.0;
        rows::save_conversation(tx, old, &new).await?;
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one refusal, used once")]
    async fn reject(
        &self,
        tx: Tx,
        thread: &Thread,
        row: messages::Model,
        delivery: deliveries::Model,
        code: i32,
        message: &str,
        refusal: Refusal,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Halt> {
        let follows = consequence(refusal);
        let attempts = u32::try_from(delivery.attempts).unwrap_or(u32::MAX);
        let wait = match follows.remedy {
            Remedy::Fail => false,
            Remedy::Wait => true,
            Remedy::WaitLimited => attempts < self.settings.temporary_attempts,
        };
        let mut problem = Problem::new(Code::PlatformRefused)
            .param("platform_code", code)
            .param("platform_message", message)
            .param("reason", follows.reason)
            .param("remedy", follows.act.as_str());
        if let Some(state) = follows.composer {
            problem = problem.param("composer", state.as_str());
        }
        if wait {
            let reason = format!("{code}: {message}");
            self.wait(tx, thread, row, delivery, &reason, Some(problem), now).await?;
            return Ok(None);
        }
        let mut channel = thread.channel.clone();
        if let Some(billing) = follows.billing {
            channel.billing_state = billing.as_str().to_owned();
            // The platform asks for money only when the package is empty.
            empty_package(&mut channel, now);
            // A try that came to this was the one.
            end_trial(&mut channel);
            channel.updated_at = now.0;
        } else if reopen_trial(&mut channel, MessageId(row.id)) {
            channel.updated_at = now.0;
        }
        let mut identity = thread.identity.clone();
        if follows.not_follower {
            identity.is_follower = Some(false);
            identity.follow_changed_at = Some(now.0);
        }
        if follows.blocked {
            identity.is_blocked = true;
            identity.blocked_changed_at = Some(now.0);
        }
        if follows.window_closed {
            self.close_window(thread, &mut identity, now)?;
        }
        if identity != thread.identity {
            identity.updated_at = now.0;
        }
        let (ws, id) = (loa_kernel::WorkspaceId(row.workspace_id), MessageId(row.id));
        let mut changed = vec![NewChange::message(id, thread.conversation_id(), thread.channel_id())];
        if rows::save_channel(&tx, &thread.channel, &channel).await? {
            changed.push(NewChange::channel(thread.channel_id()));
        }
        if rows::save_identity(&tx, &thread.identity, &identity).await? {
            let rules = self.rules.resolve(&Facts::of(thread)?.edition, now);
            let mut conversation = thread.conversation.clone();
            set_borders(&mut conversation, rules.borders(&recipient_facts(&identity)));
            rows::save_conversation(&tx, &thread.conversation, &conversation).await?;
        }
        let held = rows::reservation(&tx, ws, id).await?;
        rows::void(&tx, ws, id, now).await?;
        if follows.billing.is_some() {
            let released = held.is_some_and(|r| r.state == "pending" && r.pool == Pool::Package.as_str());
            heard(&tx, ws, thread, &channel, i64::from(released), now).await?;
        }
        rows::finish(&tx, delivery).await?;
        let (text, problem) = (message.to_owned(), to_json(&problem)?);
        rows::update_message(&tx, row, now, |m| {
            m.status = "failed".to_owned();
            m.error_code = Some(code);
            m.error_text = Some(text);
            m.problem = Some(problem);
        })
        .await?;
        self.commit(tx, thread, &changed, now).await?;
        Ok(follows.reconnect.then_some("not_authorized"))
    }

    /// The platform says that the customer's last interaction is older than the border: that stands beside what we know
    /// until they interact again.
    fn close_window(
        &self,
        thread: &Thread,
        identity: &mut customer_identities::Model,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let rules = self.rules.resolve(&Facts::of(thread)?.edition, now);
        if rules.consultation.allowed_until_days.is_some() {
            identity.window_refused_at = Some(now.0);
        }
        Ok(())
    }

    /// It waits and is tried again: nothing was sent.
    #[allow(clippy::too_many_arguments, reason = "the parts of one delivery, used twice")]
    pub(crate) async fn wait(
        &self,
        tx: Tx,
        thread: &Thread,
        row: messages::Model,
        delivery: deliveries::Model,
        reason: &str,
        problem: Option<Problem>,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let due = now.plus_ms(self.wait_ms(delivery.attempts));
        let text = reason.to_owned();
        rows::hold(&tx, delivery, DeliveryState::Queued, due, |d| d.last_error = Some(text)).await?;
        let problem = problem.map(|p| to_json(&p)).transpose()?;
        let id = MessageId(row.id);
        rows::requeue_unsent(&tx, row, problem, now).await?;
        let change = NewChange::message(id, thread.conversation_id(), thread.channel_id());
        self.commit(tx, thread, &[change], now).await
    }

    /// It can not be sent, for a reason of ours.
    pub(crate) async fn fail(
        &self,
        tx: Tx,
        thread: &Thread,
        row: messages::Model,
        delivery: deliveries::Model,
        problem: Problem,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let (ws, id) = (loa_kernel::WorkspaceId(row.workspace_id), MessageId(row.id));
        tracing::info!(message = %id, %problem, "a message cannot be sent");
        rows::void(&tx, ws, id, now).await?;
        rows::finish(&tx, delivery).await?;
        let problem = to_json(&problem)?;
        rows::update_message(&tx, row, now, |m| {
            m.status = "failed".to_owned();
            m.problem = Some(problem);
        })
        .await?;
        let mut list = vec![NewChange::message(id, thread.conversation_id(), thread.channel_id())];
        list.extend(give_trial_back(&tx, thread, id, now).await?);
        self.commit(tx, thread, &list, now).await?;
        self.wake(ws);
        Ok(())
    }
}

fn set_borders(thread: &mut conversations::Model, borders: Borders) {
    thread.free_until_at = borders.free_until.map(Timestamp::as_ms);
    thread.permitted_until_at = borders.permitted_until.map(Timestamp::as_ms);
}

/// Does it stand behind the thread's last entry? By instant, then by id, as threads are read; and any message comes
/// before a line about something that happened.
fn is_after(row: &messages::Model, thread: &conversations::Model) -> bool {
    thread.last_kind == "event"
        || thread.last_message_id.is_none_or(|id| (row.sent_at, row.id) > (thread.last_message_at, id))
}

/// Which pool the platform says it took the message from; `None` when it does not say.
fn payer(quota: &QuotaReport) -> Option<Pool> {
    match quota {
        QuotaReport::Reply(_) => Some(Pool::Reply),
        QuotaReport::Welcome(_) => Some(Pool::Welcome),
        QuotaReport::Package { .. } => Some(Pool::Package),
        QuotaReport::Extra => Some(Pool::Extra),
        QuotaReport::Charged => Some(Pool::Paid),
        QuotaReport::Other(_) => None,
    }
}

/// The account's numbers after a message went out: the platform's own overwrite ours. `released`: the message held one
/// of the package until now. True when they changed.
async fn count_account(
    tx: &Tx,
    thread: &Thread,
    message: MessageId,
    quota: Option<&QuotaReport>,
    released: bool,
    now: Timestamp,
) -> Result<bool, Halt> {
    let mut new: channels::Model = thread.channel.clone();
    if new.trial_message_id == Some(message.0) {
        end_trial(&mut new);
    }
    let told = matches!(quota, Some(QuotaReport::Package { pool: Some(_), .. } | QuotaReport::Charged));
    match quota {
        Some(QuotaReport::Package { pool: Some(pool), valid_through }) => {
            let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            new.quota_total = Some(number(pool.total));
            new.quota_remain = Some(number(pool.remain));
            new.quota_as_of_at = Some(now.0);
            if valid_through.is_some() {
                new.quota_valid_through = valid_through.clone();
            }
        }
        Some(QuotaReport::Charged) => {
            new.billing_state = BillingState::Linked.as_str().to_owned();
            empty_package(&mut new, now);
        }
        Some(QuotaReport::Extra) => {
            let left = new.settings.get("extra_remain").and_then(Value::as_u64);
            if let (Some(left), Some(settings)) = (left, new.settings.as_object_mut()) {
                settings.insert("extra_remain".to_owned(), left.saturating_sub(1).into());
            }
        }
        _ => {}
    }
    if told {
        let ws = loa_kernel::WorkspaceId(thread.channel.workspace_id);
        heard(tx, ws, thread, &new, i64::from(released), now).await?;
    }
    if new == thread.channel {
        return Ok(false);
    }
    new.updated_at = now.0;
    Ok(rows::save_channel(tx, &thread.channel, &new).await?)
}

/// The package's number as the platform has just told it, or as its asking for money shows it, for the history. `over`:
/// messages that were under way when the thread was read and are not any more.
async fn heard(
    tx: &Tx,
    ws: loa_kernel::WorkspaceId,
    thread: &Thread,
    channel: &channels::Model,
    over: i64,
    now: Timestamp,
) -> Result<(), Halt> {
    let (Some(total), Some(remain)) = (channel.quota_total, channel.quota_remain) else { return Ok(()) };
    let number = quota::Number {
        used: (total - remain).max(0),
        total,
        valid_through: channel.quota_valid_through.clone(),
        under_way: (thread.channel.quota_reserved - over).max(0),
    };
    quota::heard(tx, ws, thread.channel_id(), &number, now).await?;
    Ok(())
}

fn empty_package(channel: &mut channels::Model, now: Timestamp) {
    if channel.quota_total.is_some() {
        channel.quota_remain = Some(0);
        channel.quota_as_of_at = Some(now.0);
    }
}

/// Status and reactions of a message that is sent, with what was known of the row an echo had made and the
/// marks that came before it.
fn merged(row: &messages::Model, other: Option<&messages::Model>, marks: &[Mark]) -> (String, Value) {
    let told = marks.iter().filter(|m| m.kind == MarkKind::Status).map(|m| m.value.as_str());
    let known = [Some("sent"), Some(row.status.as_str()), other.map(|o| o.status.as_str())];
    let status = known
        .into_iter()
        .flatten()
        .chain(told)
        .filter(|s| matches!(*s, "sent" | "delivered" | "seen"))
        .max_by_key(|s| status_rank(s))
        .unwrap_or("sent");
    let mut reactions = match other {
        Some(other) if other.reactions.as_array().is_some_and(|list| !list.is_empty()) => {
            other.reactions.clone()
        }
        _ => row.reactions.clone(),
    };
    for mark in marks {
        let by = match mark.kind {
            MarkKind::Status => continue,
            MarkKind::ReactionCustomer => "customer",
            MarkKind::ReactionUs => "us",
        };
        if let Some(list) = reactions.as_array_mut() {
            list.retain(|r| r.get("by").and_then(Value::as_str) != Some(by));
            list.push(json!({ "by": by, "icon": mark.value, "at": mark.at }));
        }
    }
    (status.to_owned(), reactions)
}
