//! Notices to members: what somebody should look at, kept until it is read and a while longer.
//!
//! A notice is one row for each member who is told. It says what happened as a stable word with parameters, and
//! what it is about as ids; the reader's client makes the text. What must not be told again and again is asked of
//! [`may_tell`] first.
//!
//! How to add a kind: a word in [`NotificationKind`], whoever causes it calls [`notify`] inside the transaction that
//! makes it true, and the web app gets its texts.

use loa_kernel::{
    ChannelId, ConversationId, Ids, MemberId, MessageId, NotificationId, Timestamp, WorkspaceId, first_id_at,
};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Set,
};
use serde_json::Value;
use uuid::Uuid;

use crate::changes::NewChange;
use crate::entity::{notification_limits, notifications};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, Tx};

words! {
    /// What a notice is about.
    NotificationKind {
        /// A member who may not configure an account says that somebody has to: `reason`, `channel_name`.
        ChannelReport = "channel_report",
        /// A colleague mentions the member in a private note: `by_name`, `text`.
        Mention = "mention",
        /// A message that was to be sent later was not: `reason`, `customer_name`.
        ScheduledReturned = "scheduled_returned",
    }
}

/// A notice, before it is known whom it tells.
#[derive(Debug, Clone, PartialEq)]
pub struct NewNotification {
    /// What about.
    pub kind: NotificationKind,
    /// What the text needs. Nothing that one of the members told may not see.
    pub params: Value,
    /// The member who caused it.
    pub actor: Option<MemberId>,
    /// The account it is about.
    pub channel: Option<ChannelId>,
    /// The thread it is about.
    pub conversation: Option<ConversationId>,
    /// The message it is about.
    pub message: Option<MessageId>,
}

/// Tell each member of the audience. Answers the changes to append, one a member.
pub async fn notify(
    tx: &Tx,
    ws: WorkspaceId,
    ids: &Ids,
    audience: &[MemberId],
    new: &NewNotification,
    now: Timestamp,
) -> Result<Vec<NewChange>> {
    let rows: Vec<notifications::Model> = audience
        .iter()
        .map(|member| notifications::Model {
            workspace_id: ws.0,
            id: ids.next::<NotificationId>().0,
            member_id: member.0,
            kind: new.kind.as_str().to_owned(),
            params: new.params.clone(),
            actor_id: new.actor.map(|id| id.0),
            channel_id: new.channel.map(|id| id.0),
            conversation_id: new.conversation.map(|id| id.0),
            message_id: new.message.map(|id| id.0),
            created_at: now.0,
            read_at: None,
        })
        .collect();
    let changes = rows.iter().map(|row| NewChange::notification(NotificationId(row.id))).collect();
    insert_rows::<notifications::Entity>(tx, rows, None).await?;
    Ok(changes)
}

/// May this subject be told about again? True at most once in `span_ms`, whoever asks; a true answer counts as told.
/// `subject` holds everything that makes it another matter.
pub async fn may_tell(tx: &Tx, ws: WorkspaceId, subject: &str, span_ms: i64, now: Timestamp) -> Result<bool> {
    use notification_limits::{Column, Entity};
    let row = notification_limits::ActiveModel {
        workspace_id: Set(ws.0),
        subject: Set(subject.to_owned()),
        last_at: Set(now.0),
    };
    let long_enough_ago = Expr::col((Entity, Column::LastAt)).lte(now.plus_ms(-span_ms).0);
    let written = Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::WorkspaceId, Column::Subject])
                .update_column(Column::LastAt)
                .action_and_where(long_enough_ago)
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(written > 0)
}

/// When this subject was last told about.
pub async fn told_at(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    subject: &str,
) -> Result<Option<Timestamp>> {
    let found = notification_limits::Entity::find_by_id((ws.0, subject.to_owned())).one(conn).await?;
    Ok(found.map(|row| Timestamp(row.last_at)))
}

/// Notices to a member, the newest first, after the place `after`.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    unread_only: bool,
    after: Option<NotificationId>,
    limit: u64,
) -> Result<Vec<notifications::Model>> {
    use notifications::Column;
    let mut select = of_member(ws, member);
    if unread_only {
        // Literally as the partial index has it.
        select = select.filter(Expr::cust("read_at IS NULL"));
    }
    if let Some(after) = after {
        select = select.filter(Column::Id.lt(after.0));
    }
    Ok(select.order_by_desc(Column::Id).limit(limit).all(conn).await?)
}

/// How many notices a member has not read; counting stops at `most`.
pub async fn unread(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    most: u64,
) -> Result<u64> {
    let found: Vec<Uuid> = of_member(ws, member)
        .filter(Expr::cust("read_at IS NULL"))
        .select_only()
        .column(notifications::Column::Id)
        .limit(most)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found.len() as u64)
}

/// The notices with these ids, in no order, whomever they tell. For the live view.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[NotificationId],
) -> Result<Vec<notifications::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(notifications::Entity::find()
        .filter(notifications::Column::WorkspaceId.eq(ws.0))
        .filter(notifications::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// A member has read one notice, or (`None`) all of theirs. Answers those that were unread; at most a thousand in
/// this call.
pub async fn mark_read(
    tx: &Tx,
    ws: WorkspaceId,
    member: MemberId,
    id: Option<NotificationId>,
    now: Timestamp,
) -> Result<Vec<NotificationId>> {
    use notifications::Column;
    let mut select = of_member(ws, member).filter(Expr::cust("read_at IS NULL"));
    if let Some(id) = id {
        select = select.filter(Column::Id.eq(id.0));
    }
    let found: Vec<Uuid> = select
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .limit(1_000)
        .into_tuple()
        .all(tx)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    notifications::Entity::update_many()
        .col_expr(Column::ReadAt, Expr::value(now.0))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.is_in(found.iter().copied()))
        .exec(tx)
        .await?;
    Ok(found.into_iter().map(NotificationId).collect())
}

/// Remove notices from before `before`, read or not, at most `limit` in this call. Answers how many were removed.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use notifications::Column;
    let oldest = notifications::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.lt(first_id_at(before)))
        .order_by_asc(Column::Id)
        .limit(limit);
    let done = notifications::Entity::delete_many()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.in_subquery(oldest.into_query()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

fn of_member(ws: WorkspaceId, member: MemberId) -> sea_orm::Select<notifications::Entity> {
    notifications::Entity::find()
        .filter(notifications::Column::WorkspaceId.eq(ws.0))
        .filter(notifications::Column::MemberId.eq(member.0))
}
