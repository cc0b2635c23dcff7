//! Messages that are to be sent later ("Gửi sau").
//!
//! Invariants:
//! - It goes once: the row's end and the message in the queue are one transaction, and both carry the same client id.
//! - At its time it is decided anew. What would cost more than its writer saw is not sent: they get it back with a
//!   notice, and the text is kept. So is what may not go at all, and what its writer may not send any more.
//! - With `cancel_on_reply` it is not sent when the customer has written since, whenever that is noticed.

pub(crate) mod routes;
pub(crate) mod view;

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_inbox::views::Loader;
use loa_kernel::{
    Action, Actor, ChannelId, Code, ConversationId, CustomerId, FileId, MemberId, MessageId, Object, Problem,
    ScheduledId, Timestamp, WorkspaceId,
};
use loa_rulebook::{Class, Decision};
use loa_store::changes::NewChange;
use loa_store::conversations::Visibility;
use loa_store::members::{self, MemberStatus};
use loa_store::notifications::{self, NewNotification, NotificationKind};
use loa_store::outbound::{self as rows, Thread};
use loa_store::scheduled::{self, Scheduled, ScheduledState};
use loa_store::{Tx, customers};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::content::Content;
use crate::facts::Facts;
use crate::retry::{Halt, Patience, again};
use crate::submit::{json as to_json, locked, not_allowed};
use crate::{Outbound, SendMessage};

use view::{ReturnReason, ScheduledView, views};

/// No later than this many days from now.
const FARTHEST_DAYS: i64 = 90;

/// A message to be sent later.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct ScheduleMessage {
    /// What is to be sent.
    #[serde(flatten)]
    pub message: SendMessage,
    /// When; in the future, at most 90 days.
    pub send_at: Timestamp,
    /// Do not send it when the customer writes first.
    #[serde(default = "yes")]
    pub cancel_on_reply: bool,
    /// The class that the writer was shown for that time. Absent: what the server computes now.
    #[serde(default)]
    pub seen_class: Option<Class>,
}

const fn yes() -> bool {
    true
}

/// What may be changed of it; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditScheduled {
    /// Text, or the caption of a picture.
    #[serde(default)]
    pub text: Option<String>,
    /// When.
    #[serde(default)]
    pub send_at: Option<Timestamp>,
    /// Do not send it when the customer writes first.
    #[serde(default)]
    pub cancel_on_reply: Option<bool>,
    /// The class that the writer was shown.
    #[serde(default)]
    pub seen_class: Option<Class>,
}

/// Claims what is due and sends it, or gives it back. Wake it by `Topic::Scheduled`.
pub struct ScheduledWork(Outbound);

impl ScheduledWork {
    /// The work over what sends.
    pub fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }
}

#[async_trait]
impl DueWork for ScheduledWork {
    fn name(&self) -> &'static str {
        "scheduled_messages"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let outbound = &self.0;
        let now = outbound.now();
        let until = now.plus_ms(outbound.settings.claim_lease_ms);
        let claimed = scheduled::claim_due(&outbound.store, limit as u64, until, now).await?;
        for row in &claimed {
            let ws = WorkspaceId(row.workspace_id);
            let content = outbound.content(ws, ConversationId(row.conversation_id), &request(row)).await;
            match again(Patience::Request, || outbound.send_due(row, &content)).await {
                Ok(()) => outbound.wake(ws),
                // The lease runs out and somebody tries again.
                Err(problem) => tracing::error!(%problem, "a scheduled message could not be looked at"),
            }
        }
        Ok(claimed.len())
    }
}

/// What it asks to be sent.
fn request(row: &Scheduled) -> SendMessage {
    SendMessage {
        client_id: row.client_id,
        text: row.text.clone(),
        file_id: row.file_id.map(FileId),
        sticker_id: row.sticker_id.clone(),
        template: None,
        quoted_message_id: row.quoted_message_id.map(MessageId),
        seen_message_id: None,
        // Whether the customer wrote since is asked by `cancel_on_reply`.
        force: true,
    }
}

/// From free to dear; both free classes are the same to whoever pays.
fn rank(class: Class) -> usize {
    if class == Class::Welcome { 0 } else { Class::ALL.iter().position(|c| *c == class).unwrap_or(0) }
}

/// Would it cost more than its writer saw?
fn costs_more(decision: &Decision, row: &Scheduled) -> bool {
    let seen = Class::ALL.iter().find(|class| class.as_str() == row.seen_class);
    let cost = row.decision.get("cost_vnd").and_then(serde_json::Value::as_i64).unwrap_or(0);
    decision.class.map(rank) > seen.copied().map(rank) || decision.cost_vnd > cost
}

fn customer_wrote(thread: &Thread, row: &Scheduled) -> bool {
    thread.identity.last_message_at > row.customer_until_at
}

impl Outbound {
    /// Keep a message to be sent later. The same client id again answers what became of it (false: it was known).
    ///
    /// Refusals: those of sending, for the time at which it is to go; `invalid_field` (`send_at`: `past`, `too_far`;
    /// `template`: `not_later`);
    /// `conflict` when the client id belongs to another message (`client_id`), or when too many wait in the thread
    /// (`too_many_scheduled`).
    pub async fn schedule(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        request: &ScheduleMessage,
    ) -> Result<(bool, ScheduledView), Problem> {
        let (db, ws) = (self.store.reader(), actor.workspace);
        self.inbox.visible_thread(db, actor, Action::Send, conversation).await?;
        let client_id = request.message.client_id;
        if let Some(known) = scheduled::by_client_id(db, ws, client_id).await? {
            return Ok((false, self.known_scheduled(actor, conversation, known).await?));
        }
        if rows::by_client_id(db, ws, client_id).await?.is_some() {
            return Err(Problem::new(Code::Conflict).param("reason", "client_id"));
        }
        self.check_time(request.send_at)?;
        if request.message.template.is_some() {
            return Err(Problem::invalid("template", "not_later"));
        }
        let content = self.content(ws, conversation, &request.message).await?;
        let written = again(Patience::Request, || self.keep(actor, conversation, request, &content)).await;
        let row = match written {
            Ok(row) => row,
            // Twice at the same time: the other one was first.
            Err(problem) if problem.code == Code::Conflict => {
                let known = scheduled::by_client_id(self.store.reader(), ws, client_id).await?;
                let Some(known) = known else { return Err(problem) };
                return Ok((false, self.known_scheduled(actor, conversation, known).await?));
            }
            Err(problem) => return Err(problem),
        };
        metrics::counter!("loa_scheduled_messages_total").increment(1);
        self.wake(ws);
        Ok((true, self.scheduled_view(ws, row).await?))
    }

    async fn known_scheduled(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        row: Scheduled,
    ) -> Result<ScheduledView, Problem> {
        if row.conversation_id != conversation.0 || row.member_id != actor.member.0 {
            return Err(Problem::new(Code::Conflict).param("reason", "client_id"));
        }
        self.scheduled_view(actor.workspace, row).await
    }

    fn check_time(&self, send_at: Timestamp) -> Result<(), Problem> {
        if send_at <= self.now() {
            return Err(Problem::invalid("send_at", "past"));
        }
        if send_at > self.now().plus_days(FARTHEST_DAYS) {
            return Err(Problem::invalid("send_at", "too_far").param("days", FARTHEST_DAYS));
        }
        Ok(())
    }

    async fn keep(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        request: &ScheduleMessage,
        content: &Content,
    ) -> Result<Scheduled, Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, conversation).await?;
        if scheduled::open(&tx, ws, conversation).await?.len() as u64 >= scheduled::MAX_OPEN {
            return Err(Problem::new(Code::Conflict).param("reason", "too_many_scheduled").into());
        }
        let (decision, class) = self.decide_at(&thread, content, request.send_at)?;
        let message = &request.message;
        let row = Scheduled {
            workspace_id: ws.0,
            id: self.ids.next::<ScheduledId>().0,
            conversation_id: conversation.0,
            channel_id: thread.channel.id,
            member_id: actor.member.0,
            client_id: message.client_id,
            text: content.text.clone(),
            file_id: message.file_id.map(|id| id.0),
            sticker_id: message.sticker_id.as_deref().map(|id| id.trim().to_owned()),
            quoted_message_id: message.quoted_message_id.map(|id| id.0),
            send_at: request.send_at.0,
            cancel_on_reply: request.cancel_on_reply,
            customer_until_at: thread.identity.last_message_at,
            seen_class: request.seen_class.unwrap_or(class).as_str().to_owned(),
            decision: to_json(&decision)?,
            state: ScheduledState::Waiting.as_str().to_owned(),
            reason: None,
            problem: None,
            message_id: None,
            due_at: request.send_at.0,
            lease_until_at: None,
            created_at: now.0,
            updated_at: now.0,
        };
        scheduled::insert(&tx, &row).await?;
        loa_store::drafts::delete(&tx, ws, conversation, actor.member).await?;
        self.commit(tx, &thread, &[change(&row)], now).await?;
        Ok(row)
    }

    /// The decision for a later time; one that refuses is a refusal.
    fn decide_at(
        &self,
        thread: &Thread,
        content: &Content,
        at: Timestamp,
    ) -> Result<(Decision, Class), Problem> {
        let decision = Facts::of(thread)?.decide(&self.rules, Some(&content.facts), at);
        match decision.class.filter(|_| decision.is_allowed()) {
            Some(class) => Ok((decision, class)),
            None => Err(not_allowed(&decision)),
        }
    }

    /// What waits in a thread, and what was returned there; by time.
    pub async fn scheduled_in(
        &self,
        actor: &Actor,
        conversation: ConversationId,
    ) -> Result<Vec<ScheduledView>, Problem> {
        let db = self.store.reader();
        self.inbox.visible_thread(db, actor, Action::View, conversation).await?;
        let rows = scheduled::open(db, actor.workspace, conversation).await?;
        views(&self.loader(actor.workspace), &rows).await
    }

    /// Change text, time or both; its writer only. One that was returned waits again.
    pub async fn edit_scheduled(
        &self,
        actor: &Actor,
        id: ScheduledId,
        edit: &EditScheduled,
    ) -> Result<ScheduledView, Problem> {
        let row = self.visible_scheduled(actor, id).await?;
        if row.member_id != actor.member.0 {
            let forbidden = Problem::new(Code::Forbidden).param("object", "conversation");
            return Err(forbidden.param("action", Action::Edit.as_str()));
        }
        let mut wanted = row.clone();
        wanted.text = edit.text.clone().or(wanted.text);
        wanted.send_at = edit.send_at.map_or(row.send_at, |at| at.0);
        wanted.cancel_on_reply = edit.cancel_on_reply.unwrap_or(row.cancel_on_reply);
        self.check_time(Timestamp(wanted.send_at))?;
        let conversation = ConversationId(row.conversation_id);
        let content = self.content(actor.workspace, conversation, &request(&wanted)).await?;
        wanted.text.clone_from(&content.text);
        let row = again(Patience::Request, || self.put(&row, &wanted, edit.seen_class, &content)).await?;
        self.wake(actor.workspace);
        self.scheduled_view(actor.workspace, row).await
    }

    async fn put(
        &self,
        known: &Scheduled,
        wanted: &Scheduled,
        seen: Option<Class>,
        content: &Content,
    ) -> Result<Scheduled, Halt> {
        let now = self.now();
        let (tx, thread, _) = self.lock_open(known).await?;
        let (decision, class) = self.decide_at(&thread, content, Timestamp(wanted.send_at))?;
        let row = Scheduled {
            state: ScheduledState::Waiting.as_str().to_owned(),
            reason: None,
            problem: None,
            // Whoever edits it has seen what is in the thread.
            customer_until_at: thread.identity.last_message_at,
            seen_class: seen.unwrap_or(class).as_str().to_owned(),
            decision: to_json(&decision)?,
            due_at: wanted.send_at,
            lease_until_at: None,
            updated_at: later(now, known),
            ..wanted.clone()
        };
        scheduled::save(&tx, &row).await?;
        self.commit(tx, &thread, &[change(&row)], now).await?;
        Ok(row)
    }

    /// Send it now, whatever it costs now: whoever asks has seen it.
    pub async fn send_scheduled(&self, actor: &Actor, id: ScheduledId) -> Result<ScheduledView, Problem> {
        let known = self.visible_scheduled(actor, id).await?;
        let conversation = ConversationId(known.conversation_id);
        let content = self.content(actor.workspace, conversation, &request(&known)).await?;
        let row = again(Patience::Request, || self.send_open(actor, &known, &content)).await?;
        self.wake(actor.workspace);
        self.scheduled_view(actor.workspace, row).await
    }

    async fn send_open(
        &self,
        actor: &Actor,
        known: &Scheduled,
        content: &Content,
    ) -> Result<Scheduled, Halt> {
        let now = self.now();
        let (tx, thread, row) = self.lock_open(known).await?;
        let (decision, _) = self.decide_at(&thread, content, now)?;
        self.send_row(tx, &thread, row, actor.member, content, &decision, now).await
    }

    /// Take it back.
    pub async fn cancel_scheduled(&self, actor: &Actor, id: ScheduledId) -> Result<(), Problem> {
        let known = self.visible_scheduled(actor, id).await?;
        again(Patience::Request, || self.take_back(&known)).await?;
        self.wake(actor.workspace);
        Ok(())
    }

    async fn take_back(&self, known: &Scheduled) -> Result<(), Halt> {
        let now = self.now();
        let (tx, thread, mut row) = self.lock_open(known).await?;
        row.state = ScheduledState::Canceled.as_str().to_owned();
        row.updated_at = now.0;
        scheduled::save(&tx, &row).await?;
        self.commit(tx, &thread, &[change(&row)], now).await
    }

    /// The row, of a thread in which the actor may send.
    async fn visible_scheduled(&self, actor: &Actor, id: ScheduledId) -> Result<Scheduled, Problem> {
        let db = self.store.reader();
        let missing = || Problem::not_found("scheduled_message");
        let row = scheduled::get(db, actor.workspace, id).await?.ok_or_else(missing)?;
        let thread = ConversationId(row.conversation_id);
        match self.inbox.visible_thread(db, actor, Action::Send, thread).await {
            Ok(_) => Ok(row),
            Err(problem) if problem.code == Code::NotFound => Err(missing()),
            Err(problem) => Err(problem),
        }
    }

    /// Thread and row, locked; `conflict` when it is over, or was changed since it was read.
    async fn lock_open(&self, known: &Scheduled) -> Result<(Tx, Thread, Scheduled), Halt> {
        let ws = WorkspaceId(known.workspace_id);
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, ConversationId(known.conversation_id)).await?;
        let row = scheduled::lock(&tx, ws, ScheduledId(known.id)).await?;
        let row = row.ok_or_else(|| Problem::not_found("scheduled_message"))?;
        let conflict = |reason: &str| Halt::Problem(Problem::new(Code::Conflict).param("reason", reason));
        match row.state.parse::<ScheduledState>()? {
            ScheduledState::Sent => Err(conflict("sent")),
            ScheduledState::Canceled => Err(conflict("canceled")),
            _ if row.updated_at != known.updated_at => Err(conflict("changed")),
            ScheduledState::Waiting | ScheduledState::Returned => Ok((tx, thread, row)),
        }
    }

    /// One that is due: send it, give it back, or leave it until its time. `content`: what it is now, or why it is
    /// nothing that can be sent.
    async fn send_due(&self, claimed: &Scheduled, content: &Result<Content, Problem>) -> Result<(), Halt> {
        let now = self.now();
        let ws = WorkspaceId(claimed.workspace_id);
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, ConversationId(claimed.conversation_id)).await?;
        let Some(mut row) = scheduled::lock(&tx, ws, ScheduledId(claimed.id)).await? else { return Ok(()) };
        if row.state != ScheduledState::Waiting.as_str() {
            return Ok(());
        }
        row.lease_until_at = None;
        if row.updated_at != claimed.updated_at {
            // Edited meanwhile: somebody looks again, at what it is now.
            scheduled::save(&tx, &row).await?;
            return Ok(tx.commit().await?);
        }
        if row.cancel_on_reply && customer_wrote(&thread, &row) {
            return self.give_back(tx, &thread, row, ReturnReason::CustomerWrote, None, now).await;
        }
        if row.send_at > now.0 {
            row.due_at = row.send_at;
            scheduled::save(&tx, &row).await?;
            return Ok(tx.commit().await?);
        }
        let writer = MemberId(row.member_id);
        if !may_send(&tx, &thread, writer).await? {
            return self.give_back(tx, &thread, row, ReturnReason::NotYours, None, now).await;
        }
        let content = match content {
            Ok(content) => content,
            Err(problem) => {
                let problem = Some(problem.clone());
                return self.give_back(tx, &thread, row, ReturnReason::NotAllowed, problem, now).await;
            }
        };
        let decision = Facts::of(&thread)?.decide(&self.rules, Some(&content.facts), now);
        if !decision.is_allowed() {
            let problem = Some(not_allowed(&decision));
            return self.give_back(tx, &thread, row, ReturnReason::NotAllowed, problem, now).await;
        }
        if costs_more(&decision, &row) {
            let problem = Some(not_allowed(&decision));
            return self.give_back(tx, &thread, row, ReturnReason::CostsMore, problem, now).await;
        }
        self.send_row(tx, &thread, row, writer, content, &decision, now).await?;
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one message, used twice")]
    async fn send_row(
        &self,
        tx: Tx,
        thread: &Thread,
        mut row: Scheduled,
        member: MemberId,
        content: &Content,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<Scheduled, Halt> {
        let (message, mut list) =
            self.place(&tx, thread, Some(member), row.client_id, content, decision, now).await?;
        row.state = ScheduledState::Sent.as_str().to_owned();
        row.message_id = Some(message.id);
        row.updated_at = now.0;
        scheduled::save(&tx, &row).await?;
        list.push(change(&row));
        self.commit(tx, thread, &list, now).await?;
        Ok(row)
    }

    /// Not sent: its writer has it back, and is told.
    async fn give_back(
        &self,
        tx: Tx,
        thread: &Thread,
        mut row: Scheduled,
        reason: ReturnReason,
        problem: Option<Problem>,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let ws = WorkspaceId(row.workspace_id);
        metrics::counter!("loa_scheduled_returned_total", "reason" => reason.as_str()).increment(1);
        row.state = ScheduledState::Returned.as_str().to_owned();
        row.reason = Some(reason.as_str().to_owned());
        row.problem = problem.as_ref().map(to_json).transpose()?;
        row.updated_at = later(now, &row);
        scheduled::save(&tx, &row).await?;
        let customer = CustomerId(thread.conversation.customer_id);
        let name = customers::by_ids(&tx, ws, &[customer]).await?.into_iter().next().map(|c| c.display_name);
        let notice = NewNotification {
            kind: NotificationKind::ScheduledReturned,
            params: json!({ "reason": reason.as_str(), "customer_name": name.unwrap_or_default() }),
            actor: None,
            channel: Some(thread.channel_id()),
            conversation: Some(thread.conversation_id()),
            message: None,
        };
        let told = [MemberId(row.member_id)];
        let mut list = notifications::notify(&tx, ws, &self.ids, &told, &notice, now).await?;
        list.push(change(&row));
        self.commit(tx, thread, &list, now).await
    }

    fn loader(&self, ws: WorkspaceId) -> Loader<'_, impl loa_store::ConnectionTrait> {
        Loader { db: self.store.reader(), workspace: ws, rules: &self.rules, now: self.now() }
    }

    async fn scheduled_view(&self, ws: WorkspaceId, row: Scheduled) -> Result<ScheduledView, Problem> {
        let views = views(&self.loader(ws), &[row]).await?;
        views.into_iter().next().ok_or_else(|| Problem::internal("a scheduled message without a view"))
    }
}

/// An instant of change that differs from the one before, so that nobody takes one row for the other.
fn later(now: Timestamp, row: &Scheduled) -> i64 {
    now.0.max(row.updated_at.saturating_add(1))
}

fn change(row: &Scheduled) -> NewChange {
    let thread = ConversationId(row.conversation_id);
    NewChange::scheduled(ScheduledId(row.id), thread, ChannelId(row.channel_id))
}

/// May this member still send in this thread?
async fn may_send(tx: &Tx, thread: &Thread, member: MemberId) -> Result<bool, Halt> {
    let ws = WorkspaceId(thread.conversation.workspace_id);
    let found = members::get(tx, ws, member).await?;
    let Some(found) = found.filter(|m| m.status == MemberStatus::Active) else { return Ok(false) };
    let actor = Actor::with_role(ws, found.id, found.role);
    let assignee = thread.conversation.assignee_id.map(MemberId);
    Ok(Visibility::of(&actor, Object::Conversation, Action::Send)
        .is_ok_and(|visible| visible.shows(thread.channel_id(), assignee)))
}
