//! What a macro comes to in one thread: its texts filled, its files found, its names looked up.

use loa_inbox::replies::filled;
use loa_inbox::replies::fit::split;
use loa_inbox::replies::template::{Filled, Values};
use loa_kernel::{
    Actor, CannedReplyId, ConversationId, ConversationStatus, CustomerId, FileId, LabelId, MacroId, MemberId,
    Problem, Timestamp,
};
use loa_store::entity::conversations;
use loa_store::{canned_replies, files, labels};
use uuid::Uuid;

use super::{MacroAction, MacroEffect, MacroPreview, actions};
use crate::content::Content;
use crate::facts::Facts;
use crate::{Outbound, SendMessage};

/// One thing to do.
pub(super) enum Step {
    Send { client_id: Uuid, content: Content },
    Put(Vec<LabelId>),
    Remove(Vec<LabelId>),
    Assign(Option<MemberId>),
    Status(ConversationStatus),
}

/// What to do in one thread.
pub(super) struct Plan {
    pub thread: conversations::Model,
    pub steps: Vec<Step>,
    /// Canned replies that are used.
    pub replies: Vec<CannedReplyId>,
}

impl Outbound {
    /// What the macro comes to. `run` names the run; the ids of its messages follow from it.
    ///
    /// Errors: `not_found` for a thread that the actor may not act on in each of the ways the macro needs, and for a
    /// reply or label that is gone; `invalid_field` with `missing_value` for a variable that is not known here; what
    /// the limits say to a message.
    pub(super) async fn plan(
        &self,
        actor: &Actor,
        id: MacroId,
        conversation: ConversationId,
        run: Uuid,
    ) -> Result<Plan, Problem> {
        let db = self.store.reader();
        let row = self.macro_row(actor, db, id).await?;
        let actions = actions(&row)?;
        let mut thread = self.inbox.visible_thread(db, actor, loa_kernel::Action::View, conversation).await?;
        for action in &actions {
            let (object, action) = action.needs();
            actor.require(object, action)?;
            if object == loa_kernel::Object::Conversation {
                thread = self.inbox.visible_thread(db, actor, action, conversation).await?;
            }
        }
        let values = self.inbox.values(actor, db, &thread).await?;
        let mut plan = Plan { thread, steps: Vec::new(), replies: Vec::new() };
        for action in &actions {
            match action {
                MacroAction::SendText { text } => {
                    let text = known(text, &values)?;
                    self.plan_message(actor, conversation, run, &mut plan, &text, &[]).await?;
                }
                MacroAction::SendReply { reply_id } => {
                    let reply = self.inbox.reply(actor, db, *reply_id).await?;
                    let text = known(&reply.text, &values)?;
                    let files = canned_replies::files(&reply)?;
                    self.plan_message(actor, conversation, run, &mut plan, &text, &files).await?;
                    plan.replies.push(*reply_id);
                }
                MacroAction::PutLabels { label_ids } => plan.steps.push(Step::Put(label_ids.clone())),
                MacroAction::RemoveLabels { label_ids } => plan.steps.push(Step::Remove(label_ids.clone())),
                MacroAction::AssignMe {} => plan.steps.push(Step::Assign(Some(actor.member))),
                MacroAction::Assign { member_id } => {
                    self.active_member(actor, db, *member_id).await?;
                    plan.steps.push(Step::Assign(Some(*member_id)));
                }
                MacroAction::Unassign {} => plan.steps.push(Step::Assign(None)),
                MacroAction::SetStatus { status } => plan.steps.push(Step::Status(*status)),
            }
        }
        Ok(plan)
    }

    async fn plan_message(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        run: Uuid,
        plan: &mut Plan,
        text: &str,
        file_ids: &[FileId],
    ) -> Result<(), Problem> {
        let rows = files::by_ids(self.store.reader(), actor.workspace, file_ids).await?;
        let found: Vec<_> = file_ids.iter().filter_map(|id| rows.iter().find(|row| row.id == id.0)).collect();
        if found.len() < file_ids.len() {
            return Err(Problem::not_found("file"));
        }
        for part in split(text, &found) {
            let nth = u64::try_from(plan.steps.len()).unwrap_or(u64::MAX);
            let parts: [&[u8]; 3] = [b"macro", run.as_bytes(), &nth.to_be_bytes()];
            let client_id = loa_kernel::MessageId::derived(Timestamp(0), &parts).0;
            let message = SendMessage {
                client_id,
                text: part.text.map(str::to_owned),
                file_id: part.file.map(|file| FileId(file.id)),
                sticker_id: None,
                template: None,
                quoted_message_id: None,
                seen_message_id: None,
                // Who runs a macro does not write on something: there is nothing that could have moved.
                force: true,
            };
            let content = self.content(actor.workspace, conversation, &message).await?;
            plan.steps.push(Step::Send { client_id, content });
        }
        Ok(())
    }

    /// What a macro would do in a thread. Why it cannot run stands in the answer; a thread or macro that the actor may
    /// not see is `not_found`.
    pub async fn preview_macro(
        &self,
        actor: &Actor,
        id: MacroId,
        conversation: ConversationId,
    ) -> Result<MacroPreview, Problem> {
        let db = self.store.reader();
        self.macro_row(actor, db, id).await?;
        self.inbox.visible_thread(db, actor, loa_kernel::Action::View, conversation).await?;
        let plan = match self.plan(actor, id, conversation, Uuid::nil()).await {
            Ok(plan) => plan,
            Err(problem) if problem.code.status() >= 500 => return Err(problem),
            Err(problem) => {
                let problem = Some(problem);
                return Ok(MacroPreview { allowed: false, problem, effects: Vec::new(), cost_vnd: 0 });
            }
        };
        let thread = loa_store::outbound::thread(db, actor.workspace, conversation).await?;
        let thread = thread.ok_or_else(|| Problem::not_found("conversation"))?;
        let mut facts = Facts::of(&thread)?;
        let customer = CustomerId(plan.thread.customer_id);
        let carried = labels::of_customers(db, actor.workspace, &[customer]).await?.remove(&customer);
        let mut carried = carried.unwrap_or_default();
        let mut preview = MacroPreview { allowed: true, problem: None, effects: Vec::new(), cost_vnd: 0 };
        for step in &plan.steps {
            match step {
                Step::Send { content, .. } => {
                    let decision = facts.decide(&self.rules, Some(&content.facts), self.now());
                    preview.allowed &= decision.is_allowed();
                    preview.cost_vnd += decision.cost_vnd;
                    facts = facts.after(&decision);
                    let file = content.attachments.first().and_then(|attachment| attachment.name.clone());
                    preview.effects.push(MacroEffect::Send { text: content.text.clone(), file, decision });
                }
                Step::Put(ids) => {
                    let (label_ids, archived) = self.puttable(actor, ids, &carried).await?;
                    if let Some(name) = archived {
                        preview.allowed = false;
                        preview.problem = Some(Problem::invalid("put", "archived").param("name", name));
                    }
                    carried.extend(&label_ids);
                    if !label_ids.is_empty() {
                        preview.effects.push(MacroEffect::PutLabels { label_ids });
                    }
                }
                Step::Remove(ids) => {
                    let label_ids: Vec<LabelId> =
                        ids.iter().copied().filter(|id| carried.contains(id)).collect();
                    carried.retain(|id| !label_ids.contains(id));
                    if !label_ids.is_empty() {
                        preview.effects.push(MacroEffect::RemoveLabels { label_ids });
                    }
                }
                Step::Assign(member_id) if member_id.map(|m| m.0) == plan.thread.assignee_id => {}
                Step::Assign(member_id) => {
                    preview.effects.push(MacroEffect::Assign { member_id: *member_id });
                }
                Step::Status(status) if status.as_str() == plan.thread.status => {}
                Step::Status(status) => preview.effects.push(MacroEffect::SetStatus { status: *status }),
            }
        }
        Ok(preview)
    }

    /// Of these labels those that the customer does not carry, and the name of one that is archived.
    async fn puttable(
        &self,
        actor: &Actor,
        ids: &[LabelId],
        carried: &[LabelId],
    ) -> Result<(Vec<LabelId>, Option<String>), Problem> {
        let rows = labels::by_ids(self.store.reader(), actor.workspace, ids).await?;
        let archived = rows.iter().find(|row| row.archived_at.is_some()).map(|row| row.name.clone());
        Ok((ids.iter().copied().filter(|id| !carried.contains(id)).collect(), archived))
    }
}

/// The text filled; a message with a hole in it is not sent.
fn known(text: &str, values: &Values) -> Result<String, Problem> {
    let Filled { text, missing } = filled(text, values);
    match missing.first() {
        None => Ok(text),
        Some(variable) => {
            Err(Problem::invalid("text", "missing_value").param("variable", variable.name().into_owned()))
        }
    }
}
