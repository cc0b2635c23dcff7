//! What was committed, in order: the source of the live view.
//!
//! Each workspace counts its changes without gaps. The counter is a column of the workspace's row, so taking
//! numbers locks that row until commit: whoever commits first has the smaller numbers, and a reader that has
//! seen number n will never be shown a smaller one later. Therefore take them as late in the transaction as
//! possible ([`append`] as its last statement): between taking and commit nobody else in the workspace can.

use loa_kernel::{
    BulkJobId, ChannelId, ConversationId, CustomerId, LabelId, MemberId, MessageId, NotificationId,
    SavedViewId, ScheduledId, Timestamp, WorkspaceId,
};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use crate::entity::{changes, conversations, workspaces};
use crate::rows::{Put, insert_rows, update_rows};
use crate::words::words;
use crate::{Result, StoreError, Tx};

words! {
    /// What happened to what.
    ChangeKind {
        /// A message is new or changed.
        MessageUpserted = "message.upserted",
        /// A message is gone.
        MessageRemoved = "message.removed",
        /// A thread is new or changed.
        ConversationUpserted = "conversation.upserted",
        /// A customer is new or changed.
        CustomerUpserted = "customer.upserted",
        /// A channel is new or changed.
        ChannelUpserted = "channel.upserted",
        /// A member is new or changed.
        MemberUpserted = "member.upserted",
        /// A notice to one member is new or was read.
        NotificationUpserted = "notification.upserted",
        /// A saved view is new, changed or gone.
        SavedViewChanged = "saved_view.changed",
        /// Something that one member does to many threads has moved on.
        BulkJobUpserted = "bulk_job.upserted",
        /// A label is new or changed.
        LabelUpserted = "label.upserted",
        /// A label is gone, from every customer too.
        LabelRemoved = "label.removed",
        /// The fields of customers are others than they were: one is new, changed or gone.
        FieldsChanged = "fields.changed",
        /// A message that is to be sent later is new or changed.
        ScheduledUpserted = "scheduled.upserted",
    }
}

/// A change to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NewChange {
    /// What happened.
    pub kind: ChangeKind,
    /// The id of what changed, without its kind.
    pub entity: Uuid,
    /// The channel it belongs to; decides who may see it. `None`: everybody in the workspace.
    pub channel: Option<ChannelId>,
    /// The thread it belongs to.
    pub conversation: Option<ConversationId>,
}

impl NewChange {
    /// A message is new or changed.
    pub fn message(id: MessageId, conversation: ConversationId, channel: ChannelId) -> Self {
        Self {
            kind: ChangeKind::MessageUpserted,
            entity: id.0,
            channel: Some(channel),
            conversation: Some(conversation),
        }
    }

    /// A message is gone.
    pub fn message_removed(id: MessageId, conversation: ConversationId, channel: ChannelId) -> Self {
        Self { kind: ChangeKind::MessageRemoved, ..Self::message(id, conversation, channel) }
    }

    /// A thread is new or changed.
    pub fn conversation(id: ConversationId, channel: ChannelId) -> Self {
        Self {
            kind: ChangeKind::ConversationUpserted,
            entity: id.0,
            channel: Some(channel),
            conversation: Some(id),
        }
    }

    /// A customer is new or changed.
    pub fn customer(id: CustomerId) -> Self {
        Self { kind: ChangeKind::CustomerUpserted, entity: id.0, channel: None, conversation: None }
    }

    /// A channel is new or changed.
    pub fn channel(id: ChannelId) -> Self {
        Self { kind: ChangeKind::ChannelUpserted, entity: id.0, channel: Some(id), conversation: None }
    }

    /// A member is new or changed.
    pub fn member(id: MemberId) -> Self {
        Self { kind: ChangeKind::MemberUpserted, entity: id.0, channel: None, conversation: None }
    }

    /// A label is new or changed.
    pub fn label(id: LabelId) -> Self {
        Self { kind: ChangeKind::LabelUpserted, entity: id.0, channel: None, conversation: None }
    }

    /// A label is gone.
    pub fn label_removed(id: LabelId) -> Self {
        Self { kind: ChangeKind::LabelRemoved, ..Self::label(id) }
    }

    /// The fields of customers are others than they were.
    pub fn fields(ws: WorkspaceId) -> Self {
        Self { kind: ChangeKind::FieldsChanged, entity: ws.0, channel: None, conversation: None }
    }

    /// A message that is to be sent later is new or changed.
    pub fn scheduled(id: ScheduledId, conversation: ConversationId, channel: ChannelId) -> Self {
        Self {
            kind: ChangeKind::ScheduledUpserted,
            entity: id.0,
            channel: Some(channel),
            conversation: Some(conversation),
        }
    }

    /// A notice is new or was read. Only the member whom it tells hears of it.
    pub fn notification(id: NotificationId) -> Self {
        Self { kind: ChangeKind::NotificationUpserted, entity: id.0, channel: None, conversation: None }
    }

    /// A saved view is new, changed or gone. Who has it hears of it.
    pub fn saved_view(id: SavedViewId) -> Self {
        Self { kind: ChangeKind::SavedViewChanged, entity: id.0, channel: None, conversation: None }
    }

    /// What a member does to many threads has moved on. Only they hear of it.
    pub fn bulk_job(id: BulkJobId) -> Self {
        Self { kind: ChangeKind::BulkJobUpserted, entity: id.0, channel: None, conversation: None }
    }
}

/// A recorded change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its number in the workspace, from 1.
    pub seq: i64,
    /// What happened to what.
    pub what: NewChange,
    /// When it was recorded.
    pub at: Timestamp,
}

/// Record changes and answer the last number given out. Make it the last statement before commit.
///
/// Also writes the number into `change_seq` of every thread that is among them. Without changes it only reads
/// the last number and locks nothing. Errors: `NotFound("workspace")`.
pub async fn append(tx: &Tx, ws: WorkspaceId, list: &[NewChange], now: Timestamp) -> Result<i64> {
    if list.is_empty() {
        return last_seq(tx, ws).await;
    }
    let taken = take(tx, ws, list.len()).await?;
    let threads: std::collections::BTreeMap<Uuid, i64> = list
        .iter()
        .zip(taken.first..)
        .filter(|(change, _)| change.kind == ChangeKind::ConversationUpserted)
        .map(|(change, seq)| (change.entity, seq))
        .collect();
    update_rows::<conversations::Entity>(
        tx,
        &[conversations::Column::WorkspaceId, conversations::Column::Id],
        &[(conversations::Column::ChangeSeq, Put::Set)],
        threads
            .into_iter()
            .map(|(id, seq)| vec![Value::from(ws.0), Value::from(id), Value::from(seq)])
            .collect(),
    )
    .await?;
    let last = taken.first + list.len() as i64 - 1;
    record(tx, taken, list, now).await?;
    Ok(last)
}

/// Let nobody else record changes until the transaction ends. For who has to find out what changes: whatever others
/// committed is seen by the statements that follow, and what they have not recorded yet is recorded after us.
pub(crate) async fn lock(tx: &Tx, ws: WorkspaceId) -> Result<()> {
    let locked = workspaces::Entity::find_by_id(ws.0).lock_exclusive().one(tx).await?;
    locked.map(|_| ()).ok_or(StoreError::NotFound("workspace"))
}

/// Numbers that were taken and must be [`record`]ed in the same transaction.
#[derive(Debug)]
#[must_use = "numbers that are not recorded leave a gap"]
pub(crate) struct Taken {
    workspace: WorkspaceId,
    /// The first of them; the others follow without gaps.
    pub first: i64,
    count: usize,
}

/// Take the next `count` numbers. For writers of whole batches, which can put them into the rows they are
/// about to write instead of having [`append`] write those rows again; everybody else calls [`append`].
pub(crate) async fn take(tx: &Tx, ws: WorkspaceId, count: usize) -> Result<Taken> {
    let n = count as i64;
    let update = Query::update()
        .table(workspaces::Entity)
        .value(workspaces::Column::LastSeq, Expr::col(workspaces::Column::LastSeq).add(n))
        .and_where(workspaces::Column::Id.eq(ws.0))
        .returning_col(workspaces::Column::LastSeq)
        .to_owned();
    let row = tx.query_one(&update).await?.ok_or(StoreError::NotFound("workspace"))?;
    let last: i64 = row.try_get_by_index(0)?;
    Ok(Taken { workspace: ws, first: last - n + 1, count })
}

/// Record exactly as many changes as were taken, in the order of their numbers.
pub(crate) async fn record(tx: &Tx, taken: Taken, list: &[NewChange], now: Timestamp) -> Result<()> {
    if list.len() != taken.count {
        return Err(StoreError::Other(format!("{} changes for {} numbers", list.len(), taken.count)));
    }
    let rows = list.iter().zip(taken.first..).map(|(change, seq)| changes::Model {
        workspace_id: taken.workspace.0,
        seq,
        kind: change.kind.as_str().to_owned(),
        channel_id: change.channel.map(Into::into),
        entity_id: change.entity,
        conversation_id: change.conversation.map(Into::into),
        created_at: now.0,
    });
    // Collected, because a borrowing iterator held across an await makes the future unfit for axum's handlers.
    let rows: Vec<changes::Model> = rows.collect();
    insert_rows::<changes::Entity>(tx, rows, None).await?;
    Ok(())
}

/// Changes with numbers above `after`, in order, at most `limit`.
///
/// When `after` is smaller than [`oldest_seq`]` - 1`, some are gone: the reader must start anew.
pub async fn since(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    after: i64,
    limit: u64,
) -> Result<Vec<Change>> {
    changes::Entity::find()
        .filter(changes::Column::WorkspaceId.eq(ws.0))
        .filter(changes::Column::Seq.gt(after))
        .order_by_asc(changes::Column::Seq)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// The smallest number that is still kept; `None` when none is.
pub async fn oldest_seq(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Option<i64>> {
    Ok(changes::Entity::find()
        .select_only()
        .column(changes::Column::Seq)
        .filter(changes::Column::WorkspaceId.eq(ws.0))
        .order_by_asc(changes::Column::Seq)
        .into_tuple()
        .one(conn)
        .await?)
}

/// The last number given out; 0 before the first. Errors: `NotFound("workspace")`.
pub async fn last_seq(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<i64> {
    workspaces::Entity::find_by_id(ws.0)
        .select_only()
        .column(workspaces::Column::LastSeq)
        .into_tuple()
        .one(conn)
        .await?
        .ok_or(StoreError::NotFound("workspace"))
}

/// The last numbers of all workspaces. Crosses workspaces because one hub serves all of them.
pub async fn last_seqs(conn: &impl ConnectionTrait) -> Result<Vec<(WorkspaceId, i64)>> {
    let rows: Vec<(Uuid, i64)> = workspaces::Entity::find()
        .select_only()
        .columns([workspaces::Column::Id, workspaces::Column::LastSeq])
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, seq)| (WorkspaceId(id), seq)).collect())
}

/// Remove the oldest changes: those recorded before `before`, and what exceeds the newest `keep`; at most
/// `limit` in this call, so that other writers wait only briefly. Answers how many were removed.
///
/// The rest stays without gaps, also when the clock has stepped back in between.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, keep: u64, limit: u64) -> Result<u64> {
    let Some(oldest) = oldest_seq(tx, ws).await? else { return Ok(0) };
    let last = last_seq(tx, ws).await?;
    let first_young: Option<i64> = changes::Entity::find()
        .select_only()
        .column(changes::Column::Seq)
        .filter(changes::Column::WorkspaceId.eq(ws.0))
        .filter(changes::Column::CreatedAt.gte(before.0))
        .order_by_asc(changes::Column::Seq)
        .into_tuple()
        .one(tx)
        .await?;
    let by_age = first_young.unwrap_or(last + 1);
    let by_count = (last + 1).saturating_sub_unsigned(keep);
    let by_limit = oldest.saturating_add_unsigned(limit);
    let border = Ord::min(Ord::max(by_age, by_count), by_limit);
    let done = changes::Entity::delete_many()
        .filter(changes::Column::WorkspaceId.eq(ws.0))
        .filter(changes::Column::Seq.lt(border))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

fn from_row(row: changes::Model) -> Result<Change> {
    Ok(Change {
        seq: row.seq,
        what: NewChange {
            kind: row.kind.parse()?,
            entity: row.entity_id,
            channel: row.channel_id.map(ChannelId),
            conversation: row.conversation_id.map(ConversationId),
        },
        at: Timestamp(row.created_at),
    })
}
