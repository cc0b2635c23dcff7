//! Running a macro: one transaction.

use loa_inbox::views::{ConversationView, Loader, MessageView};
use loa_kernel::{Actor, Code, CustomerId, MacroId, MessageId, Problem};
use loa_store::changes::NewChange;
use loa_store::conversations::{self as threads, Edit};
use loa_store::entity::macro_runs;
use loa_store::{canned_replies, macros as rows};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::plan::{Plan, Step};
use super::{RunMacro, actions};
use crate::Outbound;
use crate::retry::{Halt, Patience, again};
use crate::submit::locked;

/// What a run left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MacroResult {
    /// The thread as it is.
    pub conversation: ConversationView,
    /// The messages that were sent, in order, as they are. One that was taken back since is not among them.
    pub messages: Vec<MessageView>,
}

/// What became of a request to run a macro.
#[derive(Debug, Clone, PartialEq)]
pub enum Ran {
    /// It ran.
    Now(MacroResult),
    /// It ran before.
    Before(MacroResult),
}

impl Outbound {
    /// Run a macro: all of it, or nothing.
    ///
    /// Errors: as of [`Outbound::plan`]; `send_not_allowed` with the decision of the first message that may not go;
    /// `conflict` when the id belongs to another run. After any of them nothing has changed.
    pub async fn run_macro(&self, actor: &Actor, id: MacroId, request: &RunMacro) -> Result<Ran, Problem> {
        let known = async || rows::run(self.store.reader(), actor.workspace, request.client_id).await;
        if let Some(run) = known().await? {
            return Ok(Ran::Before(self.known_run(actor, id, request, &run).await?));
        }
        let plan = self.plan(actor, id, request.conversation_id, request.client_id).await?;
        let done = again(Patience::Request, || self.do_all(actor, id, request, &plan)).await;
        let messages = match done {
            Ok(messages) => messages,
            // Asked for twice at the same time: the other one was first.
            Err(problem) if problem.code == Code::Conflict => {
                let Some(run) = known().await? else { return Err(problem) };
                return Ok(Ran::Before(self.known_run(actor, id, request, &run).await?));
            }
            Err(problem) => return Err(problem),
        };
        metrics::counter!("loa_macros_run_total").increment(1);
        self.wake(actor.workspace);
        Ok(Ran::Now(self.result(actor, request, &messages).await?))
    }

    async fn do_all(
        &self,
        actor: &Actor,
        id: MacroId,
        request: &RunMacro,
        plan: &Plan,
    ) -> Result<Vec<MessageId>, Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let conversation = request.conversation_id;
        let tx = self.store.begin().await?;
        let mut thread = locked(&tx, ws, conversation).await?;
        // Looked at again now that nobody else changes it: it may have become somebody else's.
        let row = rows::get(&tx, ws, actor.member, id).await?.ok_or_else(|| Problem::not_found("macro"))?;
        for action in actions(&row)? {
            let (object, action) = action.needs();
            if object == loa_kernel::Object::Conversation {
                self.inbox.visible_thread(&tx, actor, action, conversation).await?;
            }
        }
        let customer = CustomerId(thread.conversation.customer_id);
        let visibility =
            threads::Visibility::of(actor, loa_kernel::Object::Customer, loa_kernel::Action::View)?;
        let mut list = Vec::new();
        let mut messages = Vec::new();
        let mut relabelled = false;
        for step in &plan.steps {
            match step {
                Step::Send { client_id, content } => {
                    // What the step before has taken counts.
                    thread = locked(&tx, ws, conversation).await?;
                    let (row, told) = self.write(&tx, &thread, actor, *client_id, content, now).await?;
                    messages.push(MessageId(row.id));
                    list.extend(told);
                }
                Step::Put(_) | Step::Remove(_) => {
                    if loa_store::customers::get(&tx, ws, &visibility, customer).await?.is_none() {
                        return Err(Problem::not_found("customer").into());
                    }
                    let (put, remove) = match step {
                        Step::Put(ids) => (ids.as_slice(), [].as_slice()),
                        Step::Remove(ids) => ([].as_slice(), ids.as_slice()),
                        _ => ([].as_slice(), [].as_slice()),
                    };
                    relabelled |=
                        loa_customers::labels::relabel(&tx, actor, customer, put, remove, now).await?;
                }
                Step::Assign(member) => {
                    let edit = Edit { by: Some(actor.member), assignee: Some(*member), ..Edit::default() };
                    list.extend(threads::edit(&tx, ws, conversation, edit, now).await?);
                }
                Step::Status(status) => {
                    let edit =
                        Edit { by: Some(actor.member), status: Some(status.as_str()), ..Edit::default() };
                    list.extend(threads::edit(&tx, ws, conversation, edit, now).await?);
                }
            }
        }
        for reply in &plan.replies {
            canned_replies::used(&tx, ws, *reply, now).await?;
        }
        let run = rows::NewRun {
            id: request.client_id,
            macro_id: id,
            conversation,
            member: actor.member,
            messages: messages.clone(),
        };
        rows::record(&tx, ws, &run, now).await?;
        if relabelled {
            let told: Vec<NewChange> = loa_customers::labels::of_customer(&tx, actor, customer).await?;
            list.extend(told.into_iter().filter(|change| change.entity != conversation.0));
        }
        self.commit(tx, &thread, &list, now).await?;
        Ok(messages)
    }

    async fn known_run(
        &self,
        actor: &Actor,
        id: MacroId,
        request: &RunMacro,
        run: &macro_runs::Model,
    ) -> Result<MacroResult, Problem> {
        let same = run.macro_id == id.0
            && run.conversation_id == request.conversation_id.0
            && run.member_id == actor.member.0;
        if !same {
            return Err(Problem::new(Code::Conflict).param("reason", "client_id"));
        }
        self.result(actor, request, &rows::messages(run)?).await
    }

    async fn result(
        &self,
        actor: &Actor,
        request: &RunMacro,
        messages: &[MessageId],
    ) -> Result<MacroResult, Problem> {
        let db = self.store.reader();
        let loader = Loader { db, workspace: actor.workspace, rules: &self.rules, now: self.now() };
        let mut conversation = loader.conversations_by_ids(&[request.conversation_id]).await?;
        let conversation = conversation.pop().ok_or_else(|| Problem::not_found("conversation"))?;
        let mut views = loader.messages_by_ids(messages).await?;
        views.sort_by_key(|view| messages.iter().position(|id| *id == view.id));
        Ok(MacroResult { conversation, messages: views })
    }
}
