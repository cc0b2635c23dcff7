//! The next threads of a job, one transaction.

use std::collections::{BTreeMap, HashMap};

use loa_kernel::{BulkAction, ChannelId, ConversationId, MemberId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{BulkState, Job, Outcome, UNDO_FOR_MS, Why, of_job};
use crate::changes::NewChange;
use crate::conversations::{Edit, Visibility, edit_many};
use crate::entity::{bulk_items, bulk_jobs, conversations};
use crate::rows::{Put, update_rows};
use crate::work::Snooze;
use crate::{Result, StoreError, Tx};

/// What a batch may do.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The threads that the job's member may change now; `None`: none.
    pub visibility: Option<&'a Visibility>,
    /// Whom the threads are given to can be given threads.
    pub assignable: bool,
    /// At most so many threads.
    pub limit: u64,
}

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
    fn of(action: BulkAction, row: &conversations::Model, now: Timestamp) -> Self {
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
            BulkAction::Read => Self::Read {
                unread: row.unread_count,
                read_until_at: row.read_until_at,
                set_until_at: row.last_message_at,
            },
        }
    }

    /// Does the thread still stand as the job left it?
    fn untouched(&self, action: BulkAction, row: &conversations::Model) -> bool {
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
fn already(action: BulkAction, row: &conversations::Model) -> bool {
    match action {
        BulkAction::Assign { assignee_id } => row.assignee_id == assignee_id.map(|member| member.0),
        BulkAction::Status { status } => row.status == status.as_str(),
        BulkAction::Read => row.unread_count == 0,
    }
}

/// What becomes of one thread.
struct Verdict {
    conversation: Uuid,
    outcome: Outcome,
    why: Option<Why>,
    before: Option<Before>,
}

/// Do the next threads of a job that was [`claim`](super::claim)ed in this transaction. Answers the changes to append:
/// the threads that were changed, and the job.
pub async fn step(tx: &Tx, job: &Job, step: &Step<'_>, now: Timestamp) -> Result<Vec<NewChange>> {
    let undoing = job.state == BulkState::Undoing;
    let items = next_items(tx, job, undoing, step.limit).await?;
    let ended = (items.len() as u64) < step.limit;
    let ids: Vec<Uuid> = items.iter().map(|item| item.conversation_id).collect();
    let rows = locked(tx, job, &ids).await?;
    let seen = |id: &Uuid| {
        rows.get(id).filter(|row| {
            step.visibility.is_some_and(|v| v.shows(ChannelId(row.channel_id), row.assignee_id.map(MemberId)))
        })
    };
    let mut verdicts = Vec::with_capacity(items.len());
    for item in &items {
        let verdict =
            |outcome, why, before| Verdict { conversation: item.conversation_id, outcome, why, before };
        verdicts.push(match seen(&item.conversation_id) {
            None if undoing => verdict(Outcome::Kept, Some(Why::NotVisible), None),
            None => verdict(Outcome::Skipped, Some(Why::NotVisible), None),
            Some(row) if undoing => {
                let before = before_of(item)?;
                if before.untouched(job.action, row) {
                    verdict(Outcome::Undone, None, Some(before))
                } else {
                    verdict(Outcome::Kept, Some(Why::Changed), None)
                }
            }
            Some(row) if already(job.action, row) => verdict(Outcome::Skipped, Some(Why::Already), None),
            Some(_) if !step.assignable => verdict(Outcome::Skipped, Some(Why::NotAMember), None),
            Some(row) => verdict(Outcome::Done, None, Some(Before::of(job.action, row, now))),
        });
    }
    let touched: Vec<&Verdict> = verdicts.iter().filter(|verdict| verdict.before.is_some()).collect();
    let mut changed = if undoing {
        put_back(tx, job, &touched, now).await?
    } else {
        edit_many(tx, job.workspace, &ids_of(&touched), edit_of(job), now).await?
    };
    note_items(tx, job, undoing, &verdicts).await?;
    note_job(tx, job, &verdicts, ended, now).await?;
    changed.push(NewChange::bulk_job(job.id));
    Ok(changed)
}

fn ids_of(touched: &[&Verdict]) -> Vec<ConversationId> {
    touched.iter().map(|verdict| ConversationId(verdict.conversation)).collect()
}

fn edit_of(job: &Job) -> Edit<'static> {
    let edit = Edit { by: Some(job.member), ..Edit::default() };
    match job.action {
        BulkAction::Assign { assignee_id } => Edit { assignee: Some(assignee_id), ..edit },
        BulkAction::Status { status } => Edit { status: Some(status.as_str()), ..edit },
        BulkAction::Read => Edit { read: true, ..edit },
    }
}

async fn next_items(tx: &Tx, job: &Job, undoing: bool, limit: u64) -> Result<Vec<bulk_items::Model>> {
    use bulk_items::Column as C;
    let wanted = if undoing { Outcome::Done } else { Outcome::Waiting };
    let mut select = of_job(job.workspace, job.id).filter(C::Outcome.eq(wanted.as_str()));
    if let Some(cursor) = job.cursor {
        select = select.filter(C::ConversationId.gt(cursor));
    }
    Ok(select.order_by_asc(C::ConversationId).limit(limit).all(tx).await?)
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

fn before_of(item: &bulk_items::Model) -> Result<Before> {
    let json = item.before.clone().unwrap_or_default();
    serde_json::from_value(json).map_err(|e| StoreError::unreadable("bulk_items.before", e))
}

/// Write what stood there before. Answers the changes: what is put back is told in the threads like any other edit, and
/// then everything that the edit moved by itself (instants, what ends) gets its former value.
async fn put_back(tx: &Tx, job: &Job, touched: &[&Verdict], now: Timestamp) -> Result<Vec<NewChange>> {
    use conversations::Column as C;
    // Few different values: members, statuses, a snooze here and there.
    let mut groups: BTreeMap<String, (Edit<'_>, Vec<ConversationId>)> = BTreeMap::new();
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(touched.len());
    for verdict in touched {
        let mut row: Vec<Value> = vec![job.workspace.0.into(), verdict.conversation.into()];
        let mut edit = Edit { by: Some(job.member), ..Edit::default() };
        let group = match &verdict.before {
            Some(Before::Assign { assignee }) => {
                row.push((*assignee).into());
                edit.assignee = Some(assignee.map(MemberId));
                format!("{assignee:?}")
            }
            Some(Before::Status(before)) => {
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
            Some(Before::Read { unread, read_until_at, .. }) => {
                row.extend([(*unread).into(), (*read_until_at).into()]);
                String::new()
            }
            None => continue,
        };
        row.push(now.0.into());
        rows.push(row);
        groups
            .entry(group)
            .or_insert_with(|| (edit, Vec::new()))
            .1
            .push(ConversationId(verdict.conversation));
    }
    let mut changed = Vec::new();
    for (edit, ids) in groups.into_values() {
        changed.extend(edit_many(tx, job.workspace, &ids, edit, now).await?);
    }
    let columns: &[C] = match job.action {
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
        BulkAction::Read => &[C::UnreadCount, C::ReadUntilAt],
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

async fn note_items(tx: &Tx, job: &Job, undoing: bool, verdicts: &[Verdict]) -> Result<()> {
    use bulk_items::Column as C;
    let mut puts = vec![(C::Outcome, Put::Set), (C::Reason, Put::Set)];
    // What was put back needs no memory of it; what was kept keeps it for whoever asks.
    if !undoing {
        puts.push((C::Before, Put::Set));
    }
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        let mut row: Vec<Value> = vec![
            job.workspace.0.into(),
            job.id.0.into(),
            verdict.conversation.into(),
            verdict.outcome.as_str().into(),
            verdict.why.map(Why::as_str).into(),
        ];
        if !undoing {
            let before = verdict.before.as_ref().map(serde_json::to_value).transpose();
            let before = before.map_err(|e| StoreError::Other(format!("what stood before: {e}")))?;
            row.push(Value::Json(before.map(Box::new)));
        }
        rows.push(row);
    }
    update_rows::<bulk_items::Entity>(tx, &[C::WorkspaceId, C::JobId, C::ConversationId], &puts, rows)
        .await?;
    Ok(())
}

async fn note_job(tx: &Tx, job: &Job, verdicts: &[Verdict], ended: bool, now: Timestamp) -> Result<()> {
    use bulk_jobs::Column as C;
    let count = |outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count() as i64;
    let mut update = bulk_jobs::Entity::update_many().col_expr(C::UpdatedAt, Expr::value(now.0));
    for (column, outcome) in [
        (C::Done, Outcome::Done),
        (C::Skipped, Outcome::Skipped),
        (C::Undone, Outcome::Undone),
        (C::Kept, Outcome::Kept),
    ] {
        update = update.col_expr(column, Expr::col(column).add(count(outcome)));
    }
    if let Some(last) = verdicts.last() {
        update = update.col_expr(C::Cursor, Expr::value(last.conversation));
    }
    if ended && job.state == BulkState::Undoing {
        update = update.col_expr(C::State, Expr::value(BulkState::Undone.as_str()));
    } else if ended {
        update = update
            .col_expr(C::State, Expr::value(BulkState::Done.as_str()))
            .col_expr(C::FinishedAt, Expr::value(now.0))
            .col_expr(C::UndoUntilAt, Expr::value(now.plus_ms(UNDO_FOR_MS).0));
    }
    update.filter(C::WorkspaceId.eq(job.workspace.0)).filter(C::Id.eq(job.id.0)).exec(tx).await?;
    Ok(())
}
