//! What members do to threads, and what becomes due in them by itself.

use std::collections::BTreeMap;

use loa_kernel::{ChannelId, ConversationId, MemberId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    Value,
};

use super::CLOSED;
use crate::changes::{self, NewChange};
use crate::dialect::skip_locked;
use crate::entity::{conversations, episodes};
use crate::entries::{self, Done, EntryKind, NewEntry};
use crate::rows::{Put, in_chunks, insert_rows, update_rows};
use crate::work::{self, BackReason, Due, Snooze, Work};
use crate::{Result, Tx};

/// What an agent changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edit<'a> {
    /// Who; `None`: Loa itself.
    pub by: Option<MemberId>,
    /// The new status.
    pub status: Option<&'a str>,
    /// Until what it is put away; with the status `snoozed`.
    pub snooze: Option<Snooze>,
    /// The new assignee; `Some(None)` takes the thread from everybody.
    pub assignee: Option<Option<MemberId>>,
    /// Everything in it is read.
    pub read: bool,
}

/// A thread before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// As it was.
    pub before: conversations::Model,
    /// As it is.
    pub after: conversations::Model,
    /// An episode that ended, by its beginning.
    ended: Option<Timestamp>,
    /// An episode that goes on, by its beginning.
    resumed: Option<Timestamp>,
}

impl Edited {
    /// What an edit makes of a thread. Pure.
    pub fn of(before: conversations::Model, edit: Edit<'_>, now: Timestamp) -> Self {
        let mut after = before.clone();
        let (mut ended, mut resumed) = (None, None);
        after.updated_at = now.0;
        if let Some(status) = edit.status {
            let mut work = Work::of(&before);
            match (before.status == CLOSED, status == CLOSED) {
                (false, true) => ended = work.close(now),
                (true, false) => resumed = work.reopen(),
                _ => work.back = None,
            }
            work.put(&mut after);
            after.status = status.to_owned();
            after.status_changed_at = Some(now.0);
            after.snooze_kind = edit.snooze.map(|snooze| snooze.kind.as_str().to_owned());
            after.snoozed_until_at = edit.snooze.and_then(|snooze| snooze.until).map(Timestamp::as_ms);
            let lead = edit.snooze.and_then(|snooze| snooze.lead_minutes);
            after.snooze_lead_minutes = lead.and_then(|minutes| i32::try_from(minutes).ok());
            if status == CLOSED {
                // Nobody waits in a thread that is done.
                after.waiting_since_at = None;
            }
        }
        if let Some(assignee) = edit.assignee {
            after.assignee_id = assignee.map(|member| member.0);
        }
        if edit.read {
            after.unread_count = 0;
            after.read_until_at = Some(before.last_message_at);
        }
        Self { before, after, ended, resumed }
    }

    /// What is to be told of it in the thread.
    pub fn done(&self, edit: Edit<'_>) -> Vec<Done> {
        let mut list = Vec::new();
        match edit.status {
            Some("snoozed") => {
                let kind = work::SnoozeKind::Reply;
                list.push(Done::Snoozed(edit.snooze.unwrap_or(Snooze {
                    kind,
                    until: None,
                    lead_minutes: None,
                })));
            }
            Some(status) if self.before.status != status => {
                let words = super::OPEN_STATUSES.into_iter().chain([CLOSED]);
                list.extend(words.into_iter().find(|word| *word == status).map(Done::Status));
            }
            _ => {}
        }
        if self.before.assignee_id != self.after.assignee_id {
            list.push(Done::Assigned(self.after.assignee_id.map(MemberId)));
        }
        list
    }
}

/// Change one thread: [`edit_many`] of one. Empty when there is none.
pub async fn edit(
    tx: &Tx,
    ws: WorkspaceId,
    id: ConversationId,
    edit: Edit<'_>,
    now: Timestamp,
) -> Result<Vec<NewChange>> {
    edit_many(tx, ws, &[id], edit, now).await
}

/// Change these threads in the same way, by sets. Writes the episodes that end and the lines that tell of it in the
/// threads, and answers the changes, which the caller appends: one for each thread that there is, and its lines.
pub async fn edit_many(
    tx: &Tx,
    ws: WorkspaceId,
    ids: &[ConversationId],
    edit: Edit<'_>,
    now: Timestamp,
) -> Result<Vec<NewChange>> {
    use conversations::Column as C;
    let mut all = Vec::with_capacity(ids.len());
    for part in in_chunks(tx, ids, 1) {
        let rows = conversations::Entity::find()
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::Id.is_in(part.iter().map(|id| id.0)))
            .lock_exclusive()
            .all(tx)
            .await?;
        all.extend(rows.into_iter().map(|row| Edited::of(row, edit, now)));
    }
    put(tx, &all).await?;
    keep_episodes(tx, &all, edit.by).await?;
    let (mut lines, mut list) = (Vec::new(), Vec::new());
    for edited in &all {
        let (id, channel) = (ConversationId(edited.after.id), ChannelId(edited.after.channel_id));
        // A millisecond apart, so that they stand in the order in which they are told.
        for (done, n) in edited.done(edit).into_iter().zip(0..) {
            let line = line(&edited.before, edit.by, done, now.plus_ms(n));
            list.push(NewChange::message(line.id, id, channel));
            lines.push(line);
        }
        list.push(NewChange::conversation(id, channel));
    }
    entries::add(tx, ws, lines).await?;
    Ok(list)
}

/// Write what an edit can move.
async fn put(tx: &Tx, all: &[Edited]) -> Result<()> {
    use conversations::Column as C;
    let puts = [
        C::Status,
        C::StatusChangedAt,
        C::AssigneeId,
        C::UnreadCount,
        C::ReadUntilAt,
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
        C::UpdatedAt,
    ]
    .map(|column| (column, Put::Set));
    let rows = all
        .iter()
        .map(|edited| -> Vec<Value> {
            let row = edited.after.clone();
            vec![
                row.workspace_id.into(),
                row.id.into(),
                row.status.into(),
                row.status_changed_at.into(),
                row.assignee_id.into(),
                row.unread_count.into(),
                row.read_until_at.into(),
                row.waiting_since_at.into(),
                row.snooze_kind.into(),
                row.snoozed_until_at.into(),
                row.snooze_lead_minutes.into(),
                row.back_reason.into(),
                row.back_at.into(),
                row.opened_at.into(),
                row.asked_at.into(),
                row.responded_at.into(),
                row.closed_at.into(),
                row.updated_at.into(),
            ]
        })
        .collect();
    update_rows::<conversations::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

/// A line about what was done at `at` to a thread. Its id is made of that and of where the thread stood, so that a
/// repetition is the same line.
fn line(row: &conversations::Model, member: Option<MemberId>, done: Done, at: Timestamp) -> NewEntry {
    let (detail, seq) = (done.detail(), row.change_seq.to_be_bytes());
    let told = detail.to_string();
    let parts: [&[u8]; 4] = [row.workspace_id.as_bytes(), row.id.as_bytes(), &seq, told.as_bytes()];
    let (conversation, channel) = (ConversationId(row.id), ChannelId(row.channel_id));
    NewEntry {
        id: MessageId::derived(at, &parts),
        conversation,
        channel,
        kind: EntryKind::Line,
        member,
        text: None,
        detail,
        client_id: None,
        at,
    }
}

/// An episode that ended is kept; one that goes on is no longer over.
async fn keep_episodes(tx: &Tx, all: &[Edited], by: Option<MemberId>) -> Result<()> {
    use episodes::Column as C;
    // Few: what was closed by mistake.
    let resumed: Vec<(uuid::Uuid, uuid::Uuid, i64)> = all
        .iter()
        .filter_map(|edited| {
            edited.resumed.map(|opened| (edited.after.workspace_id, edited.after.id, opened.0))
        })
        .collect();
    for part in resumed.chunks(500) {
        let mut any = Condition::any();
        for (ws, id, opened) in part {
            any = any.add(
                Condition::all()
                    .add(C::WorkspaceId.eq(*ws))
                    .add(C::ConversationId.eq(*id))
                    .add(C::OpenedAt.eq(*opened)),
            );
        }
        episodes::Entity::delete_many().filter(any).exec(tx).await?;
    }
    let ended: Vec<episodes::Model> = all
        .iter()
        .filter_map(|edited| {
            let row = &edited.after;
            edited.ended.map(|opened| episodes::Model {
                workspace_id: row.workspace_id,
                conversation_id: row.id,
                opened_at: opened.0,
                channel_id: row.channel_id,
                assignee_id: row.assignee_id,
                asked_at: row.asked_at,
                responded_at: row.responded_at,
                resolved_at: row.closed_at.unwrap_or(row.updated_at),
                resolved_by: by.map(|member| member.0),
            })
        })
        .collect();
    insert_rows::<episodes::Entity>(tx, ended, None).await?;
    Ok(())
}

/// Threads whose snooze is due, of all workspaces: one worker wakes them all.
pub(crate) fn due(limit: u64, now: Timestamp) -> Select<conversations::Entity> {
    use conversations::Column;
    conversations::Entity::find()
        // Literally as the partial index has it.
        .filter(Expr::cust("status = 'snoozed'"))
        .filter(Column::SnoozedUntilAt.lte(now.0))
        .order_by_asc(Column::SnoozedUntilAt)
        .order_by_asc(Column::Id)
        .limit(limit)
}

/// Is any snooze due? A look that takes no lock.
pub async fn is_any_due(conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    Ok(due(1, now).one(conn).await?.is_some())
}

/// Wake at most `limit` threads whose snooze is due: open again, with the reason and a line that tells it, or asleep
/// until the window that they wait for, when that has moved. All in this transaction: what was woken is not due any
/// more, so that a repetition or a second program changes nothing. Appends the changes. Answers how many were due, and
/// the workspaces in which something changed.
pub async fn wake(tx: &Tx, limit: u64, now: Timestamp) -> Result<(usize, Vec<WorkspaceId>)> {
    use conversations::Column as C;
    let mut select = due(limit, now);
    skip_locked(QueryTrait::query(&mut select));
    let rows = select.all(tx).await?;
    let count = rows.len();
    let (mut later, mut back) = (Vec::new(), Vec::new());
    // Ordered, so that two programs lock the workspaces in one order.
    let mut told: BTreeMap<WorkspaceId, (Vec<NewEntry>, Vec<NewChange>)> = BTreeMap::new();
    for row in rows {
        let (ws, id, channel) =
            (WorkspaceId(row.workspace_id), ConversationId(row.id), ChannelId(row.channel_id));
        let (lines, list) = told.entry(ws).or_default();
        list.push(NewChange::conversation(id, channel));
        let reason: BackReason = match work::due(&row, now) {
            Due::Later(until) => {
                later.push(vec![row.workspace_id.into(), row.id.into(), until.0.into()]);
                continue;
            }
            Due::Back(reason) => reason,
        };
        back.push(vec![
            row.workspace_id.into(),
            row.id.into(),
            "open".into(),
            reason.as_str().into(),
            now.0.into(),
            now.0.into(),
        ]);
        let line = line(&row, None, Done::Back(reason), now);
        list.push(NewChange::message(line.id, id, channel));
        lines.push(line);
    }
    let key = [C::WorkspaceId, C::Id];
    update_rows::<conversations::Entity>(tx, &key, &[(C::SnoozedUntilAt, Put::Set)], later).await?;
    let puts = [C::Status, C::BackReason, C::BackAt, C::UpdatedAt].map(|column| (column, Put::Set));
    update_rows::<conversations::Entity>(tx, &key, &puts, back).await?;
    let workspaces = told.keys().copied().collect();
    let mut changes_of = Vec::with_capacity(told.len());
    for (ws, (lines, list)) in told {
        entries::add(tx, ws, lines).await?;
        changes_of.push((ws, list));
    }
    for (ws, list) in changes_of {
        changes::append(tx, ws, &list, now).await?;
    }
    Ok((count, workspaces))
}
