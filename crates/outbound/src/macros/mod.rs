//! Macros: several actions under one name, done with one key.
//!
//! Invariants:
//! - A run is one transaction: all of its actions happen, or none. When one of its messages may not go, nothing is done
//!   and the refusal carries the decision.
//! - The same run id never runs twice.
//! - What a preview says of a message is decided by the rule book from the same facts as the run, with the messages
//!   before it counted in.
//! - A macro does what its member may do by hand, and nothing else.
//!
//! How to add an action: a word in [`MacroAction`], its check in [`Outbound::checked_macro`], its step in `plan.rs`, its
//! deed in `run.rs`, and its two texts in the web app's catalogue (`macros.actions`).

mod plan;
pub(crate) mod routes;
mod run;

pub use run::{MacroResult, Ran};

use loa_inbox::ownership::{may, require};
use loa_inbox::replies::known_template;
use loa_kernel::{
    Action, Actor, CannedReplyId, Code, ConversationId, ConversationStatus, LabelId, MacroId, MemberId,
    Object, Problem, Timestamp, fold_vi,
};
use loa_rulebook::Decision;
use loa_store::entity::macros;
use loa_store::macros::{self as rows, Content};
use loa_store::members::{self, MemberStatus};
use loa_store::{ConnectionTrait, StoreError, canned_replies, labels};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Outbound;

/// The longest name, in characters.
const MAX_NAME_CHARS: usize = 80;
/// The longest text of one action, in characters.
const MAX_TEXT_CHARS: usize = 10_000;
/// The most actions of one macro, and the most of them that send.
const MAX_ACTIONS: usize = 20;
const MAX_SENDS: usize = 5;
/// The most labels of one action.
const MAX_LABELS: usize = 20;

/// One action of a macro.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MacroAction {
    /// Send a text, which may have variables.
    SendText {
        /// The text.
        text: String,
    },
    /// Send a canned reply with its files.
    SendReply {
        /// Which.
        reply_id: CannedReplyId,
    },
    /// Put labels on the customer.
    PutLabels {
        /// Which.
        label_ids: Vec<LabelId>,
    },
    /// Take labels off the customer.
    RemoveLabels {
        /// Which.
        label_ids: Vec<LabelId>,
    },
    /// Assign the thread to who runs the macro.
    AssignMe {},
    /// Assign the thread to a member.
    Assign {
        /// To whom.
        member_id: MemberId,
    },
    /// Take the thread from whoever has it.
    Unassign {},
    /// Give the thread a status.
    SetStatus {
        /// Which; not `snoozed`, which needs to know until when.
        status: ConversationStatus,
    },
}

/// A macro as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Macro)]
pub struct MacroView {
    /// Its id.
    pub id: MacroId,
    /// What it is called.
    pub name: String,
    /// What it does, in this order.
    pub actions: Vec<MacroAction>,
    /// Only its owner has it: you.
    pub personal: bool,
    /// May you change and remove it?
    pub editable: bool,
    /// How often it was run.
    pub used_count: i64,
    /// When it was run last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_used_at: Option<Timestamp>,
}

impl MacroView {
    fn of(actor: &Actor, row: &macros::Model) -> Result<Self, Problem> {
        let personal = rows::owner(row).is_some();
        Ok(Self {
            id: MacroId(row.id),
            name: row.name.clone(),
            actions: actions(row)?,
            personal,
            editable: may(actor, Object::Macro, Action::Edit, personal),
            used_count: row.used_count,
            last_used_at: row.last_used_at.map(Timestamp),
        })
    }
}

/// A macro as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MacroInput {
    /// What it is called; unique without regard to diacritics and case.
    pub name: String,
    /// What it does, in this order.
    pub actions: Vec<MacroAction>,
    /// Only for you; otherwise for everybody.
    pub personal: bool,
}

/// What one action would do in a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(clippy::large_enum_variant, reason = "made, written and dropped; never kept in numbers")]
pub enum MacroEffect {
    /// A message would go out.
    Send {
        /// Its text, filled.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        text: Option<String>,
        /// The name of its file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        file: Option<String>,
        /// May it, as what, at what cost?
        decision: Decision,
    },
    /// The customer would carry these, which they do not carry yet.
    PutLabels {
        /// Which.
        label_ids: Vec<LabelId>,
    },
    /// The customer would not carry these any more.
    RemoveLabels {
        /// Which.
        label_ids: Vec<LabelId>,
    },
    /// The thread would be this member's; null: nobody's.
    Assign {
        /// Whose.
        #[schema(required)]
        member_id: Option<MemberId>,
    },
    /// The thread would have this status.
    SetStatus {
        /// Which.
        status: ConversationStatus,
    },
}

/// What a macro would do in a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MacroPreview {
    /// May it run? When not, running it changes nothing.
    pub allowed: bool,
    /// Why it cannot run, when that is not one of its decisions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<Problem>,
    /// What it would do, in order. An action that changes nothing is left out.
    pub effects: Vec<MacroEffect>,
    /// What its messages cost together, whole đồng.
    pub cost_vnd: i64,
}

impl Outbound {
    /// What the actor may use, by name.
    pub async fn macros(&self, actor: &Actor) -> Result<Vec<MacroView>, Problem> {
        actor.require(Object::Macro, Action::View)?;
        let rows = rows::visible(self.store.reader(), actor.workspace, actor.member).await?;
        rows.iter().map(|row| MacroView::of(actor, row)).collect()
    }

    /// Make one. Errors: `invalid_field`, `not_found` for what an action names, `conflict` with the reason `macro_name`,
    /// `forbidden` for everybody's without the right.
    pub async fn create_macro(&self, actor: &Actor, input: &MacroInput) -> Result<MacroView, Problem> {
        require(actor, Object::Macro, Action::Create, input.personal)?;
        let content = self.checked_macro(actor, input).await?;
        let (id, now): (MacroId, _) = (self.ids.next(), self.now());
        let tx = self.store.begin().await?;
        rows::create(&tx, actor.workspace, id, actor.member, &content, now).await.map_err(taken)?;
        let row = self.macro_row(actor, &tx, id).await?;
        tx.commit().await?;
        MacroView::of(actor, &row)
    }

    /// Write one anew. Errors: as of [`Outbound::create_macro`].
    pub async fn edit_macro(
        &self,
        actor: &Actor,
        id: MacroId,
        input: &MacroInput,
    ) -> Result<MacroView, Problem> {
        let row = self.macro_row(actor, self.store.reader(), id).await?;
        require(actor, Object::Macro, Action::Edit, rows::owner(&row).is_some())?;
        require(actor, Object::Macro, Action::Edit, input.personal)?;
        let content = self.checked_macro(actor, input).await?;
        let now = self.now();
        let tx = self.store.begin().await?;
        if !rows::update(&tx, actor.workspace, id, &content, now).await.map_err(taken)? {
            return Err(Problem::not_found("macro"));
        }
        let row = self.macro_row(actor, &tx, id).await?;
        tx.commit().await?;
        MacroView::of(actor, &row)
    }

    /// Remove one.
    pub async fn delete_macro(&self, actor: &Actor, id: MacroId) -> Result<(), Problem> {
        let row = self.macro_row(actor, self.store.reader(), id).await?;
        require(actor, Object::Macro, Action::Delete, rows::owner(&row).is_some())?;
        let tx = self.store.begin().await?;
        rows::delete(&tx, actor.workspace, id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// One that the actor may use; else `not_found`.
    async fn macro_row(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        id: MacroId,
    ) -> Result<macros::Model, Problem> {
        actor.require(Object::Macro, Action::View)?;
        let row = rows::get(db, actor.workspace, actor.member, id).await?;
        row.ok_or_else(|| Problem::not_found("macro"))
    }

    async fn checked_macro(&self, actor: &Actor, input: &MacroInput) -> Result<Content, Problem> {
        let name = loa_kernel::one_line(&input.name);
        if fold_vi(&name).is_empty() {
            return Err(Problem::invalid("name", "empty"));
        }
        if name.chars().count() > MAX_NAME_CHARS {
            return Err(Problem::invalid("name", "too_long").param("max", MAX_NAME_CHARS));
        }
        let wrong = |reason: &str| Problem::invalid("actions", reason);
        let count = |test: fn(&MacroAction) -> bool| input.actions.iter().filter(|a| test(a)).count();
        if input.actions.is_empty() {
            return Err(wrong("empty"));
        }
        if input.actions.len() > MAX_ACTIONS {
            return Err(wrong("too_many").param("max", MAX_ACTIONS));
        }
        if count(MacroAction::sends) > MAX_SENDS {
            return Err(wrong("too_many_messages").param("max", MAX_SENDS));
        }
        // The later one would undo the earlier one: one of them is a mistake.
        if count(MacroAction::assigns) > 1 || count(|a| matches!(a, MacroAction::SetStatus { .. })) > 1 {
            return Err(wrong("repeated"));
        }
        let db = self.store.reader();
        for action in &input.actions {
            match action {
                MacroAction::SendText { text } => {
                    if text.trim().is_empty() {
                        return Err(Problem::new(Code::EmptyMessage));
                    }
                    if text.chars().count() > MAX_TEXT_CHARS {
                        return Err(wrong("too_long").param("max", MAX_TEXT_CHARS));
                    }
                    known_template(db, actor, text).await?;
                }
                MacroAction::SendReply { reply_id } => {
                    let reply = self.inbox.reply(actor, db, *reply_id).await?;
                    // Nobody else has it.
                    if !input.personal && canned_replies::owner(&reply).is_some() {
                        return Err(wrong("personal_reply").param("shortcut", reply.shortcut));
                    }
                }
                MacroAction::PutLabels { label_ids } | MacroAction::RemoveLabels { label_ids } => {
                    if label_ids.is_empty() || label_ids.len() > MAX_LABELS {
                        return Err(wrong("labels").param("max", MAX_LABELS));
                    }
                    let known = labels::by_ids(db, actor.workspace, label_ids).await?;
                    if label_ids.iter().any(|id| known.iter().all(|row| row.id != id.0)) {
                        return Err(Problem::not_found("label"));
                    }
                }
                MacroAction::Assign { member_id } => self.active_member(actor, db, *member_id).await?,
                MacroAction::SetStatus { status: ConversationStatus::Snoozed } => {
                    return Err(wrong("snoozed"));
                }
                MacroAction::AssignMe {} | MacroAction::Unassign {} | MacroAction::SetStatus { .. } => {}
            }
        }
        let mut actions = input.actions.clone();
        for action in &mut actions {
            if let MacroAction::SendText { text } = action {
                *text = text.replace('\0', "").trim().to_owned();
            }
        }
        let owner = input.personal.then_some(actor.member);
        Ok(Content { owner, name, actions: serde_json::to_value(actions).map_err(Problem::internal)? })
    }

    async fn active_member(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        member: MemberId,
    ) -> Result<(), Problem> {
        let found = members::get(db, actor.workspace, member).await?;
        if found.is_some_and(|m| m.status == MemberStatus::Active) {
            return Ok(());
        }
        Err(Problem::invalid("actions", "not_a_member"))
    }
}

impl MacroAction {
    fn sends(&self) -> bool {
        matches!(self, Self::SendText { .. } | Self::SendReply { .. })
    }

    fn assigns(&self) -> bool {
        matches!(self, Self::AssignMe {} | Self::Assign { .. } | Self::Unassign {})
    }

    /// What doing it needs.
    fn needs(&self) -> (Object, Action) {
        match self {
            Self::SendText { .. } | Self::SendReply { .. } => (Object::Conversation, Action::Send),
            Self::PutLabels { .. } | Self::RemoveLabels { .. } => (Object::Customer, Action::Edit),
            Self::AssignMe {} | Self::Assign { .. } | Self::Unassign {} | Self::SetStatus { .. } => {
                (Object::Conversation, Action::Edit)
            }
        }
    }
}

/// A run of a macro.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunMacro {
    /// Made by the browser, once for each run. The same one never runs twice.
    #[schema(value_type = String, format = "uuid")]
    pub client_id: Uuid,
    /// On which thread.
    pub conversation_id: ConversationId,
}

fn actions(row: &macros::Model) -> Result<Vec<MacroAction>, Problem> {
    serde_json::from_value(row.actions.clone())
        .map_err(|e| Problem::internal(format_args!("actions of a macro: {e}")))
}

fn taken(error: StoreError) -> Problem {
    if error.is_unique("macros_name") {
        return Problem::new(Code::Conflict).param("reason", "macro_name");
    }
    error.into()
}
