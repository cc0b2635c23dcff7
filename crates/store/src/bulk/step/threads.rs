//! What a job does to threads.

use std::collections::{BTreeMap, HashMap};

use loa_kernel::{BulkAction, ChannelId, ConversationId, MemberId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Step, Verdict, before_of, kept};
use crate::bulk::{BulkState, Job, Outcome, Why};
use crate::changes::NewChange;
use crate::conversations::{Edit, edit_many};
use crate::entity::{bulk_items, conversations};
use crate::rows::{Put, update_rows};
use crate::work::Snooze;
use crate::{Result, Tx};

/// What stood in a thread before a job changed it, and by what the job's own change is known again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
enum Before {
    Assign { assignee: Option<Uuid> },
    Status(Box<StatusBefore>),
    Read { unread: i32, read_until_at: Option<i64>, set_until_at: i64 },
}

/// All that a new status moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct StatusBefore {
    /// When the job set its own.
    set_at: i64,
    status: String,
    changed_at: Option<i64>,
    waiting_since_at: Option<i64>,
    snooze_kind: Option<String>,
    snoozed_until_at: Option<i64>,
    snooze_lead_minutes: Option<i32>,
    back_reason: Option<String>,
    back_at: Option<i64>,
    opened_at: Option<i64>,
    asked_at: Option<i64>,
    responded_at: Option<i64>,
    closed_at: Option<i64>,
}

impl Before {
    fn of(action: &BulkAction, row: &conversations::Model, now: Timestamp) -> Self {
        match action {
            BulkAction::Assign { .. } => Self::Assign { assignee: row.assignee_id },
            BulkAction::Status { .. } => Self::Status(Box::new(StatusBefore {
                set_at: now.0,
                status: row.status.clone(),
                changed_at: row.status_changed_at,
                waiting_since_at: row.waiting_since_at,
                snooze_kind: row.snooze_kind.clone(),
                snoozed_until_at: row.snoozed_until_at,
                snooze_lead_minutes: row.snooze_lead_minutes,
                back_reason: row.back_reason.clone(),
                back_at: row.back_at,
                opened_at: row.opened_at,
                asked_at: row.asked_at,
                responded_at: row.responded_at,
                closed_at: row.closed_at,
            })),
            // Labels are customers' business and never come here.
            BulkAction::Read | BulkAction::Label { .. } => Self::Read {
                unread: row.unread_count,
                read_until_at: row.read_until_at,
                set_until_at: row.last_message_at,
            },
        }
    }

    /// Does the thread still stand as the job left it?
    fn untouched(&self, action: &BulkAction, row: &conversations::Model) -> bool {
        match (self, action) {
            (Self::Assign { .. }, BulkAction::Assign { assignee_id }) => {
                row.assignee_id == assignee_id.map(|member| member.0)
            }
            (Self::Status(before), BulkAction::Status { status }) => {
                row.status == status.as_str() && row.status_changed_at == Some(before.set_at)
            }
            (Self::Read { set_until_at, .. }, BulkAction::Read) => {
                row.unread_count == 0 && row.read_until_at == Some(*set_until_at)
            }
            _ => false,
        }
    }
}

/// Is there nothing to change in it?
fn already(action: &BulkAction, row: &conversations::Model) -> bool {
    match action {
        BulkAction::Assign { assignee_id } => row.assignee_id == assignee_id.map(|member| member.0),
        BulkAction::Status { status } => row.status == status.as_str(),
        BulkAction::Read => row.unread_count == 0,
        BulkAction::Label { .. } => true,
    }
}

/// What becomes of these threads, done; and the changes.
pub(super) async fn run(
    tx: &Tx,
    job: &Job,
    step: &Step<'_>,
    items: &[bulk_items::Model],
    now: Timestamp,
) -> Result<(Vec<Verdict>, Vec<NewChange>)> {
    let undoing = job.state == BulkState::Undoing;
    let ids: Vec<Uuid> = items.iter().map(|item| item.item_id).collect();
    let rows = locked(tx, job, &ids).await?;
    let seen = |id: &Uuid| {
        rows.get(id).filter(|row| {
            step.visibility.is_some_and(|v| v.shows(ChannelId(row.channel_id), row.assignee_id.map(MemberId)))
        })
    };
    let mut verdicts = Vec::with_capacity(items.len());
    let mut touched: Vec<(Uuid, Before)> = Vec::new();
    for item in items {
        let id = item.item_id;
        let left = |why| Verdict::left(id, undoing, why);
        verdicts.push(match seen(&id) {
            None => left(Why::NotVisible),
            Some(row) if undoing => {
                let before: Before = before_of(item)?;
                if before.untouched(&job.action, row) {
                    touched.push((id, before));
                    Verdict::of(id, Outcome::Undone, None)
                } else {
                    left(Why::Changed)
                }
            }
            Some(row) if already(&job.action, row) => left(Why::Already),
            Some(_) if !step.assignable => left(Why::NotAMember),
            Some(row) => {
                let before = Before::of(&job.action, row, now);
                let verdict =
                    Verdict { before: Some(kept(&before)?), ..Verdict::of(id, Outcome::Done, None) };
                touched.push((id, before));
                verdict
            }
        });
    }
    let changed = if undoing {
        put_back(tx, job, &touched, now).await?
    } else {
        let ids: Vec<ConversationId> = touched.iter().map(|(id, _)| ConversationId(*id)).collect();
        edit_many(tx, job.workspace, &ids, edit_of(job), now).await?
    };
    Ok((verdicts, changed))
}

fn edit_of(job: &Job) -> Edit<'static> {
    let edit = Edit { by: Some(job.member), ..Edit::default() };
    match &job.action {
        BulkAction::Assign { assignee_id } => Edit { assignee: Some(*assignee_id), ..edit },
        BulkAction::Status { status } => Edit { status: Some(status.as_str()), ..edit },
        BulkAction::Read => Edit { read: true, ..edit },
        BulkAction::Label { .. } => edit,
    }
}

/// The threads, which nobody else changes until this transaction ends; always in the same order, so that two jobs do
/// not wait for each other.
async fn locked(tx: &Tx, job: &Job, ids: &[Uuid]) -> Result<HashMap<Uuid, conversations::Model>> {
    use conversations::Column as C;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = conversations::Entity::find()
        .filter(C::WorkspaceId.eq(job.workspace.0))
        .filter(C::Id.is_in(ids.iter().copied()))
        .order_by_asc(C::Id)
        .lock_exclusive()
        .all(tx)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Write what stood there before. Answers the changes: what is put back is told in the threads like any other edit, and
/// then everything that the edit moved by itself (instants, what ends) gets its former value.
async fn put_back(tx: &Tx, job: &Job, touched: &[(Uuid, Before)], now: Timestamp) -> Result<Vec<NewChange>> {
    use conversations::Column as C;
    // Few different values: members, statuses, a snooze here and there.
    let mut groups: BTreeMap<String, (Edit<'_>, Vec<ConversationId>)> = BTreeMap::new();
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(touched.len());
    for (thread, before) in touched {
        let mut row: Vec<Value> = vec![job.workspace.0.into(), (*thread).into()];
        let mut edit = Edit { by: Some(job.member), ..Edit::default() };
        let group = match before {
            Before::Assign { assignee } => {
                row.push((*assignee).into());
                edit.assignee = Some(assignee.map(MemberId));
                format!("{assignee:?}")
            }
            Before::Status(before) => {
                let b = before.as_ref().clone();
                edit.status = Some(before.status.as_str());
                edit.snooze = snooze_of(&b);
                let group = format!("{} {:?} {:?}", b.status, b.snoozed_until_at, b.snooze_lead_minutes);
                row.extend([
                    b.status.into(),
                    b.changed_at.into(),
                    b.waiting_since_at.into(),
                    b.snooze_kind.into(),
                    b.snoozed_until_at.into(),
                    b.snooze_lead_minutes.into(),
                    b.back_reason.into(),
                    b.back_at.into(),
                    b.opened_at.into(),
                    b.asked_at.into(),
                    b.responded_at.into(),
                    b.closed_at.into(),
                ]);
                group
            }
            Before::Read { unread, read_until_at, .. } => {
                row.extend([(*unread).into(), (*read_until_at).into()]);
                String::new()
            }
        };
        row.push(now.0.into());
        rows.push(row);
        groups.entry(group).or_insert_with(|| (edit, Vec::new())).1.push(ConversationId(*thread));
    }
    let mut changed = Vec::new();
    for (edit, ids) in groups.into_values() {
        changed.extend(edit_many(tx, job.workspace, &ids, edit, now).await?);
    }
    let columns: &[C] = match &job.action {
        BulkAction::Assign { .. } => &[C::AssigneeId],
        BulkAction::Status { .. } => &[
            C::Status,
            C::StatusChangedAt,
            C::WaitingSinceAt,
            C::SnoozeKind,
            C::SnoozedUntilAt,
            C::SnoozeLeadMinutes,
            C::BackReason,
            C::BackAt,
            C::OpenedAt,
            C::AskedAt,
            C::RespondedAt,
            C::ClosedAt,
        ],
        BulkAction::Read | BulkAction::Label { .. } => &[C::UnreadCount, C::ReadUntilAt],
    };
    let puts: Vec<(C, Put)> =
        columns.iter().copied().chain([C::UpdatedAt]).map(|column| (column, Put::Set)).collect();
    update_rows::<conversations::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(changed)
}

/// Until what it was put away.
fn snooze_of(before: &StatusBefore) -> Option<Snooze> {
    Some(Snooze {
        kind: before.snooze_kind.as_deref()?.parse().ok()?,
        until: before.snoozed_until_at.map(Timestamp),
        lead_minutes: before.snooze_lead_minutes.and_then(|minutes| u32::try_from(minutes).ok()),
    })
}
