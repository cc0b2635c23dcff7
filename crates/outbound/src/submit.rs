//! What members do: send, try again, take back, ask what would happen.

use loa_channels::Template;
use loa_inbox::views::{Loader, MessageView};
use loa_kernel::{
    Action, Actor, Code, ConversationId, FileId, MemberId, MessageId, Problem, Timestamp, WorkspaceId, clip,
};
use loa_rulebook::{ComposerState, Decision};
use loa_store::Tx;
use loa_store::changes::{self, NewChange};
use loa_store::entity::{conversations, messages};
use loa_store::outbound::{self as rows, NewMessage, Thread};
use loa_stream::Topic;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Outbound;
use crate::content::Content;
use crate::facts::{Facts, message_facts, pool_of};
use crate::retry::{Halt, Patience, again};
use crate::trial::{give_trial_back, hold_trial};

/// The longest preview in the list, in characters.
const PREVIEW_CHARS: usize = 120;
/// As far back it is looked for what is new.
const MOST_NEWS: u64 = 20;
/// So many new messages are shown with a refusal.
const SHOWN_NEWS: usize = 5;

/// A message as a member writes it: text, one file with or without text, one sticker, or cards and buttons.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub struct SendMessage {
    /// Made by the browser, once for each message. The same one is never sent twice.
    #[schema(value_type = String, format = "uuid")]
    pub client_id: Uuid,
    /// Text, or the caption of a picture.
    #[serde(default)]
    pub text: Option<String>,
    /// An uploaded file.
    #[serde(default)]
    pub file_id: Option<FileId>,
    /// A sticker of the platform's catalogue.
    #[serde(default)]
    pub sticker_id: Option<String>,
    /// Cards or buttons; the text of a text with buttons is `text`, the others have none.
    #[serde(default)]
    pub template: Option<Template>,
    /// The message it answers; of the same thread, and known to the platform.
    #[serde(default)]
    pub quoted_message_id: Option<MessageId>,
    /// The newest message that the member had on screen. When the customer or a colleague has written since, the
    /// message is refused with `thread_moved`. Absent: not asked.
    #[serde(default)]
    pub seen_message_id: Option<MessageId>,
    /// Send it although the thread has moved on.
    #[serde(default)]
    pub force: bool,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq)]
pub enum Submitted {
    /// The message waits to be sent.
    New(MessageView),
    /// This client id was submitted before; the message as it is now.
    Known(MessageView),
}

impl Outbound {
    /// Send a message: check it, decide, and put it into the queue.
    ///
    /// Refusals: those of the limits (`empty_message`, `text_too_long`, …), `send_not_allowed` with the decision
    /// (nothing is stored, the draft stays), `thread_moved` with what is new since `seen_message_id`, unless `force`,
    /// `conflict` when the client id belongs to another message,
    /// `not_found` when the actor may not act on the thread.
    pub async fn submit(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        request: &SendMessage,
    ) -> Result<Submitted, Problem> {
        let db = self.store.reader();
        let thread = self.inbox.visible_thread(db, actor, Action::Send, conversation).await?;
        if let Some(known) = rows::by_client_id(db, actor.workspace, request.client_id).await? {
            return self.known(actor, conversation, request, known).await;
        }
        let content = self.content(actor.workspace, ConversationId(thread.id), request).await?;
        let written = again(Patience::Request, || self.enqueue(actor, conversation, request, &content)).await;
        let row = match written {
            Ok(row) => row,
            // Submitted twice at the same time: the other one was first.
            Err(problem) if problem.code == Code::Conflict => {
                let known =
                    rows::by_client_id(self.store.reader(), actor.workspace, request.client_id).await?;
                let Some(known) = known else { return Err(problem) };
                return self.known(actor, conversation, request, known).await;
            }
            Err(problem) => return Err(problem),
        };
        metrics::counter!("loa_messages_submitted_total").increment(1);
        self.wake(actor.workspace);
        Ok(Submitted::New(self.view(actor.workspace, &row).await?))
    }

    async fn enqueue(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        request: &SendMessage,
        content: &Content,
    ) -> Result<messages::Model, Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let client_id = request.client_id;
        let tx = self.store.begin().await?;
        // Whoever writes into the thread waits here, so that of two who send at once the second sees the first.
        let thread = locked(&tx, ws, conversation).await?;
        if let Some(seen) = request.seen_message_id.filter(|_| !request.force) {
            self.not_moved(&tx, actor, conversation, seen).await?;
        }
        let (row, list) = self.write(&tx, &thread, actor, client_id, content, now).await?;
        loa_store::drafts::delete(&tx, ws, conversation, actor.member).await?;
        self.commit(tx, &thread, &list, now).await?;
        Ok(row)
    }

    /// Decide, and put a message of `actor` into the queue of a locked thread. The caller appends the changes and
    /// commits. Refused: `send_not_allowed`, and the transaction is to be dropped.
    pub(crate) async fn write(
        &self,
        tx: &Tx,
        thread: &Thread,
        actor: &Actor,
        client_id: Uuid,
        content: &Content,
        now: Timestamp,
    ) -> Result<(messages::Model, Vec<NewChange>), Halt> {
        let decision = Facts::of(thread)?.decide(&self.rules, Some(&content.facts), now);
        self.place(tx, thread, Some(actor.member), client_id, content, &decision, now).await
    }

    /// Put a message into the queue of a locked thread, when the decision allows it. The caller appends the changes and
    /// commits. `member`: who sends; `None`: it goes out by itself.
    #[allow(
        clippy::too_many_arguments,
        reason = "the parts of one message, used by every way into the queue"
    )]
    pub(crate) async fn place(
        &self,
        tx: &Tx,
        thread: &Thread,
        member: Option<MemberId>,
        client_id: Uuid,
        content: &Content,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<(messages::Model, Vec<NewChange>), Halt> {
        let (ws, conversation) = (WorkspaceId(thread.conversation.workspace_id), thread.conversation_id());
        let Some(class) = decision.class.filter(|_| decision.is_allowed()) else {
            return Err(not_allowed(decision).into());
        };
        let at = rows::next_instant(tx, &thread.conversation, now).await?;
        let id = MessageId::derived(at, &[ws.0.as_bytes(), conversation.0.as_bytes(), client_id.as_bytes()]);
        let new = NewMessage {
            id,
            conversation,
            channel: thread.channel_id(),
            identity: thread.identity_id(),
            member,
            kind: content.kind.as_str().to_owned(),
            text: content.text.clone(),
            attachments: json(&content.attachments)?,
            client_id,
            quoted_platform_id: content.quoted_platform_id.clone(),
            decision: json(decision)?,
            at,
        };
        let row = rows::enqueue(tx, ws, &new, now).await?;
        rows::reserve(tx, ws, id, new.channel, new.identity, pool_of(class), now).await?;
        self.show_last(tx, thread, &row, now).await?;
        let mut list = vec![NewChange::message(id, conversation, new.channel)];
        list.extend(hold_trial(tx, thread, id, decision, now).await?);
        Ok((row, list))
    }

    /// Refuse with `thread_moved` when somebody else has written since `seen`: `count` (at most 20) and `messages`, the
    /// newest of them as the thread shows them, oldest first.
    async fn not_moved(
        &self,
        tx: &Tx,
        actor: &Actor,
        conversation: ConversationId,
        seen: MessageId,
    ) -> Result<(), Problem> {
        let ws = actor.workspace;
        let mut news = rows::news(tx, ws, conversation, seen, actor.member, MOST_NEWS).await?;
        if news.is_empty() {
            return Ok(());
        }
        let count = news.len();
        news.truncate(SHOWN_NEWS);
        news.reverse();
        let loader = Loader { db: tx, workspace: ws, rules: &self.rules, now: self.now() };
        let views = loader.messages(&news).await?;
        Err(Problem::new(Code::ThreadMoved).param("count", count).param("messages", json(&views)?))
    }

    /// Try a failed message again: the same message, decided anew. Any other status is `conflict`.
    pub async fn retry(&self, actor: &Actor, id: MessageId) -> Result<MessageView, Problem> {
        let conversation = self.thread_of(actor, id).await?;
        let row = again(Patience::Request, || self.requeue(actor, conversation, id)).await?;
        self.wake(actor.workspace);
        self.view(actor.workspace, &row).await
    }

    async fn requeue(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        id: MessageId,
    ) -> Result<messages::Model, Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, conversation).await?;
        let row = rows::lock_message(&tx, ws, id).await?.ok_or_else(|| Problem::not_found("message"))?;
        if row.status != "failed" || row.author != "member" {
            return Err(Problem::new(Code::Conflict).param("reason", "not_failed").into());
        }
        let decision = Facts::of(&thread)?.decide(&self.rules, Some(&message_facts(&row)?), now);
        let Some(class) = decision.class.filter(|_| decision.is_allowed()) else {
            return Err(not_allowed(&decision).into());
        };
        let (channel, identity) = (thread.channel_id(), thread.identity_id());
        rows::reserve(&tx, ws, id, channel, identity, pool_of(class), now).await?;
        let at = rows::next_instant(&tx, &thread.conversation, now).await?;
        let row = rows::requeue_failed(&tx, row, identity, json(&decision)?, at, now).await?;
        self.show_last(&tx, &thread, &row, now).await?;
        let mut list = vec![NewChange::message(id, conversation, channel)];
        list.extend(hold_trial(&tx, &thread, id, &decision, now).await?);
        self.commit(tx, &thread, &list, now).await?;
        Ok(row)
    }

    /// Take back a message that waits or has failed. One that is on its way is `conflict`.
    pub async fn cancel(&self, actor: &Actor, id: MessageId) -> Result<(), Problem> {
        let conversation = self.thread_of(actor, id).await?;
        again(Patience::Request, || self.remove(actor, conversation, id)).await?;
        self.wake(actor.workspace);
        Ok(())
    }

    async fn remove(&self, actor: &Actor, conversation: ConversationId, id: MessageId) -> Result<(), Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, conversation).await?;
        let row = rows::lock_message(&tx, ws, id).await?.ok_or_else(|| Problem::not_found("message"))?;
        if row.author != "member" || !matches!(row.status.as_str(), "queued" | "failed") {
            return Err(Problem::new(Code::Conflict).param("reason", "on_its_way").into());
        }
        rows::cancel(&tx, row, now).await?;
        self.forget_last(&tx, &thread, id, now).await?;
        let mut list = vec![NewChange::message_removed(id, conversation, thread.channel_id())];
        list.extend(give_trial_back(&tx, &thread, id, now).await?);
        self.commit(tx, &thread, &list, now).await?;
        Ok(())
    }

    /// The client id is known: the same message is answered again, another one is a conflict.
    async fn known(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        request: &SendMessage,
        row: messages::Model,
    ) -> Result<Submitted, Problem> {
        let text = request.text.as_deref().map(|t| t.replace('\0', "")).filter(|t| !t.trim().is_empty());
        let attachment = crate::facts::attachments(&row)?.into_iter().next();
        let same = row.conversation_id == conversation.0
            && row.member_id == Some(actor.member.0)
            && (row.text == text || (text.is_none() && request.template.is_some()))
            && crate::template::is_same(&row.kind, attachment.as_ref(), request.template.as_ref())
            && attachment.as_ref().and_then(|a| a.file_id) == request.file_id
            && attachment.as_ref().and_then(|a| a.sticker_id.as_deref())
                == request.sticker_id.as_deref().map(str::trim);
        if !same {
            return Err(Problem::new(Code::Conflict).param("reason", "client_id"));
        }
        Ok(Submitted::Known(self.view(actor.workspace, &row).await?))
    }

    pub(crate) async fn thread_of(&self, actor: &Actor, id: MessageId) -> Result<ConversationId, Problem> {
        let db = self.store.reader();
        let row = loa_store::messages::get(db, actor.workspace, id).await;
        let row = row?.ok_or_else(|| Problem::not_found("message"))?;
        let conversation = ConversationId(row.conversation_id);
        self.inbox
            .visible_thread(db, actor, Action::Send, conversation)
            .await
            .map_err(|p| if p.code == Code::NotFound { Problem::not_found("message") } else { p })?;
        Ok(conversation)
    }

    /// The list shows this message as the thread's last. Writing opens a thread that was closed.
    pub(crate) async fn show_last(
        &self,
        tx: &Tx,
        thread: &Thread,
        row: &messages::Model,
        now: Timestamp,
    ) -> Result<(), Halt> {
        let mut new = thread.conversation.clone();
        // Its instant is later than every one in the thread.
        show(&mut new, row)?;
        if new.status == "closed" {
            new.status = "open".to_owned();
        }
        new.updated_at = now.0;
        rows::save_conversation(tx, &thread.conversation, &new).await?;
        Ok(())
    }

    /// This message is no more: if it was the thread's last, the one before it is now.
    pub(crate) async fn forget_last(
        &self,
        tx: &Tx,
        thread: &Thread,
        gone: MessageId,
        now: Timestamp,
    ) -> Result<(), Halt> {
        if thread.conversation.last_message_id != Some(gone.0) {
            return Ok(());
        }
        let mut new = thread.conversation.clone();
        let ws = WorkspaceId(thread.conversation.workspace_id);
        match rows::newest(tx, ws, thread.conversation_id()).await? {
            Some(row) => show(&mut new, &row)?,
            None => {
                new.last_message_id = None;
                new.last_preview = String::new();
            }
        }
        new.updated_at = now.0;
        rows::save_conversation(tx, &thread.conversation, &new).await?;
        Ok(())
    }

    /// Tell what changed, the thread included, and commit.
    pub(crate) async fn commit(
        &self,
        tx: Tx,
        thread: &Thread,
        list: &[NewChange],
        now: Timestamp,
    ) -> Result<(), Halt> {
        let ws = WorkspaceId(thread.conversation.workspace_id);
        let mut list = list.to_vec();
        list.push(NewChange::conversation(thread.conversation_id(), thread.channel_id()));
        changes::append(&tx, ws, &list, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// After a commit: what is live looks, and so does the dispatcher.
    pub(crate) fn wake(&self, ws: WorkspaceId) {
        self.signals.notify(Topic::ChangesIn(ws));
        self.signals.notify(Topic::Deliveries);
    }

    pub(crate) async fn view(&self, ws: WorkspaceId, row: &messages::Model) -> Result<MessageView, Problem> {
        let loader = Loader { db: self.store.reader(), workspace: ws, rules: &self.rules, now: self.now() };
        let views = loader.messages(std::slice::from_ref(row)).await?;
        views.into_iter().next().ok_or_else(|| Problem::internal("a message without a view"))
    }
}

pub(crate) async fn locked(tx: &Tx, ws: WorkspaceId, conversation: ConversationId) -> Result<Thread, Halt> {
    let thread = rows::lock_thread(tx, ws, conversation).await?;
    Ok(thread.ok_or_else(|| Problem::not_found("conversation"))?)
}

/// The refusal that carries the decision, and what the composer shows because of it.
pub(crate) fn not_allowed(decision: &Decision) -> Problem {
    Problem::new(Code::SendNotAllowed)
        .param("decision", serde_json::to_value(decision).unwrap_or_default())
        .param("composer", ComposerState::after_refusal(decision).as_str())
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(Problem::internal)
}

/// Let the list show this message as the thread's last.
pub(crate) fn show(thread: &mut conversations::Model, row: &messages::Model) -> Result<(), Problem> {
    thread.last_message_id = Some(row.id);
    thread.last_message_at = row.sent_at;
    thread.last_preview = preview(row)?;
    thread.last_direction.clone_from(&row.direction);
    thread.last_kind.clone_from(&row.kind);
    Ok(())
}

/// One line for the list: the text, or the file's name; the reader's client names the kind.
pub(crate) fn preview(row: &messages::Model) -> Result<String, Problem> {
    let text = match row.text.clone().filter(|text| !text.is_empty()) {
        Some(text) => text,
        None => crate::facts::attachments(row)?
            .into_iter()
            .find_map(|a| a.name.filter(|_| row.kind == "file"))
            .unwrap_or_default(),
    };
    Ok(clip(&text.split_whitespace().collect::<Vec<_>>().join(" "), PREVIEW_CHARS))
}
