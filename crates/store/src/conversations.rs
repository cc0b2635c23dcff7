//! Threads: the list an agent works from, and what agents change by hand.
//!
//! The list is read by seeking: per status, from an index that already has the order. A list of several
//! statuses is the merge of one short read a status, so its cost does not grow with the number of threads.

mod closing;

use loa_kernel::{
    Action, Actor, ChannelId, ConversationId, Grant, MemberId, Object, Problem, Scope, Timestamp, WorkspaceId,
};
use sea_orm::sea_query::{Condition, Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::customers::Search;
use crate::entity::conversations;
use crate::{Result, Tx};

pub use closing::{closing, reset_borders};

/// Statuses of a thread that is not done.
pub const OPEN_STATUSES: [&str; 3] = ["open", "pending", "snoozed"];
/// The status of a thread that is done.
pub const CLOSED: &str = "closed";

/// Counting stops here: nobody works differently with 1,000 threads than with more, and the count stays cheap.
pub const COUNT_CAP: u64 = 1000;

/// Which threads somebody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Visibility {
    /// Only threads of these channels; `None` for all.
    pub channels: Option<Vec<ChannelId>>,
    /// Only threads assigned to this member; `None` for all.
    pub only_assignee: Option<MemberId>,
}

impl Visibility {
    /// What `actor` may do this to; `forbidden` when to nothing at all.
    pub fn of(actor: &Actor, object: Object, action: Action) -> Result<Self, Problem> {
        actor.require(object, action)?;
        let asked = |g: &&Grant| g.object == object && g.action == action;
        let all = actor.grants.iter().filter(asked).any(|g| g.scope == Scope::All);
        Ok(Self { channels: actor.channels.clone(), only_assignee: (!all).then_some(actor.member) })
    }

    /// Is this thread within it?
    pub fn shows(&self, channel: ChannelId, assignee: Option<MemberId>) -> bool {
        self.channels.as_ref().is_none_or(|list| list.contains(&channel))
            && self.only_assignee.is_none_or(|member| assignee == Some(member))
    }

    fn condition(&self) -> Condition {
        let channels = self.channels.as_ref().map(|list| {
            conversations::Column::ChannelId.is_in(list.iter().map(|id| id.0).collect::<Vec<_>>())
        });
        let assignee = self.only_assignee.map(|member| conversations::Column::AssigneeId.eq(member.0));
        Condition::all().add_option(channels).add_option(assignee)
    }
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// Everything that is not closed.
    All,
    /// Not closed and assigned to this member.
    Mine(MemberId),
    /// Not closed and assigned to nobody.
    Unassigned,
    /// Not closed and with messages that nobody has read.
    Unread,
    /// Closed.
    Closed,
}

impl Filter {
    fn statuses(self) -> &'static [&'static str] {
        if self == Self::Closed { &[CLOSED] } else { &OPEN_STATUSES }
    }

    fn condition(self) -> Condition {
        use conversations::Column;
        match self {
            Self::All | Self::Closed => Condition::all(),
            Self::Mine(member) => Condition::all().add(Column::AssigneeId.eq(member.0)),
            Self::Unassigned => Condition::all().add(Column::AssigneeId.is_null()),
            // Literally as the partial index has it; a bound value would hide that it fits.
            Self::Unread => Condition::all().add(Expr::cust("unread_count > 0")),
        }
    }
}

/// A place in the list: after the thread with this time and id.
pub type Position = (Timestamp, ConversationId);

/// One page of a list.
#[derive(Debug, Clone)]
pub struct ListQuery<'a> {
    /// What the asker may see.
    pub visibility: &'a Visibility,
    /// Which list.
    pub filter: Filter,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only customers that this finds.
    pub search: Option<&'a Search>,
    /// Go on after this place.
    pub after: Option<Position>,
    /// At most so many rows.
    pub limit: u64,
}

/// Threads of one page, the latest message first; equal times by id, the greater first.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    query: &ListQuery<'_>,
) -> Result<Vec<conversations::Model>> {
    let mut rows = Vec::new();
    for status in partitions(query) {
        rows.extend(list_query(ws, query, status).all(conn).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse((row.last_message_at, row.id)));
    rows.truncate(query.limit as usize);
    Ok(rows)
}

/// The reads whose merge is the list: one a status, because the index orders rows within one status; for unread
/// threads one altogether, because their own small index does not know the status.
fn partitions(query: &ListQuery<'_>) -> Vec<Option<&'static str>> {
    match query.filter {
        Filter::Unread => vec![None],
        filter => filter.statuses().iter().map(|status| Some(*status)).collect(),
    }
}

fn list_query(
    ws: WorkspaceId,
    query: &ListQuery<'_>,
    status: Option<&'static str>,
) -> Select<conversations::Entity> {
    use conversations::Column;
    let mut select = scoped(ws, query.visibility, query.filter, status);
    if let Some(channel) = query.channel {
        select = select.filter(Column::ChannelId.eq(channel.0));
    }
    if let Some(search) = query.search {
        select = select.filter(Column::CustomerId.in_subquery(search.customers(ws)));
    }
    if let Some((at, id)) = query.after {
        select = select.filter(
            Condition::all()
                .add(Column::LastMessageAt.lte(at.0))
                .add(Condition::any().add(Column::LastMessageAt.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    select.order_by_desc(Column::LastMessageAt).order_by_desc(Column::Id).limit(query.limit)
}

fn scoped(
    ws: WorkspaceId,
    visibility: &Visibility,
    filter: Filter,
    status: Option<&'static str>,
) -> Select<conversations::Entity> {
    use conversations::Column;
    let by_status = match status {
        Some(status) => Column::Status.eq(status),
        None => Column::Status.ne(CLOSED),
    };
    conversations::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(by_status)
        .filter(filter.condition())
        .filter(visibility.condition())
}

/// One thread.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: ConversationId,
) -> Result<Option<conversations::Model>> {
    Ok(conversations::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The threads with these ids, in no order.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<conversations::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(conversations::Entity::find()
        .filter(conversations::Column::WorkspaceId.eq(ws.0))
        .filter(conversations::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// How many threads each list has; a number never exceeds [`COUNT_CAP`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of [`Filter::All`].
    pub all: u64,
    /// Of [`Filter::Mine`].
    pub mine: u64,
    /// Of [`Filter::Unassigned`].
    pub unassigned: u64,
    /// Of [`Filter::Unread`].
    pub unread: u64,
    /// Of [`Filter::Closed`].
    pub closed: u64,
}

/// The numbers beside the lists of `member`, in one query.
pub async fn counts(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    visibility: &Visibility,
    member: MemberId,
) -> Result<Counts> {
    let lists = [Filter::All, Filter::Mine(member), Filter::Unassigned, Filter::Unread, Filter::Closed];
    let mut statement = Query::select().to_owned();
    let mut names = Vec::new();
    for (i, filter) in lists.into_iter().enumerate() {
        let statuses: Vec<Option<&'static str>> = match filter {
            Filter::Unread => vec![None],
            other => other.statuses().iter().map(|s| Some(*s)).collect(),
        };
        for (j, status) in statuses.into_iter().enumerate() {
            let name = format!("n{i}_{j}");
            let capped = scoped(ws, visibility, filter, status)
                .select_only()
                .column(conversations::Column::Id)
                .limit(COUNT_CAP)
                .into_query();
            let count =
                Query::select().expr(Expr::cust("COUNT(*)")).from_subquery(capped, "capped").to_owned();
            statement.expr_as(Expr::expr(sea_orm::sea_query::SimpleExpr::from(count)), name.clone());
            names.push((i, name));
        }
    }
    let Some(row) = conn.query_one(&statement).await? else { return Ok(Counts::default()) };
    let mut totals = [0u64; 5];
    for (i, name) in names {
        let n: i64 = row.try_get("", &name)?;
        let sum = totals[i] + u64::try_from(n).unwrap_or(0);
        totals[i] = Ord::min(sum, COUNT_CAP);
    }
    let [all, mine, unassigned, unread, closed] = totals;
    Ok(Counts { all, mine, unassigned, unread, closed })
}

/// What an agent changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Edit<'a> {
    /// The new status.
    pub status: Option<&'a str>,
    /// The new assignee; `Some(None)` takes the thread from everybody.
    pub assignee: Option<Option<MemberId>>,
    /// Everything in it is read.
    pub read: bool,
}

/// Change one thread; false when there is none. The caller appends the change.
pub async fn edit(
    tx: &Tx,
    ws: WorkspaceId,
    id: ConversationId,
    edit: Edit<'_>,
    now: Timestamp,
) -> Result<bool> {
    Ok(edit_many(tx, ws, &[id], edit, now).await? > 0)
}

/// Change these threads in the same way; answers how many there are. The caller appends the changes.
pub async fn edit_many(
    tx: &Tx,
    ws: WorkspaceId,
    ids: &[ConversationId],
    edit: Edit<'_>,
    now: Timestamp,
) -> Result<u64> {
    use conversations::Column;
    if ids.is_empty() {
        return Ok(0);
    }
    let mut update = conversations::Entity::update_many()
        .col_expr(Column::UpdatedAt, Expr::value(now.0))
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    if let Some(status) = edit.status {
        update = update
            .col_expr(Column::Status, Expr::value(status))
            .col_expr(Column::StatusChangedAt, Expr::value(now.0));
    }
    if edit.status == Some(CLOSED) {
        // Nobody waits in a thread that is done.
        update = update.col_expr(Column::WaitingSinceAt, Expr::value(None::<i64>));
    }
    if let Some(assignee) = edit.assignee {
        update = update.col_expr(Column::AssigneeId, Expr::value(assignee.map(|member| member.0)));
    }
    if edit.read {
        update = update
            .col_expr(Column::UnreadCount, Expr::value(0))
            .col_expr(Column::ReadUntilAt, Expr::col(Column::LastMessageAt));
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// Who is responsible for a thread, for deciding who may hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
struct AssigneeRow {
    id: Uuid,
    assignee_id: Option<Uuid>,
}

/// The assignees of these threads.
pub async fn assignees(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<(ConversationId, Option<MemberId>)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = conversations::Entity::find()
        .select_only()
        .columns([conversations::Column::Id, conversations::Column::AssigneeId])
        .filter(conversations::Column::WorkspaceId.eq(ws.0))
        .filter(conversations::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .into_model::<AssigneeRow>()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (ConversationId(row.id), row.assignee_id.map(MemberId))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visibility_is_the_same_in_memory() {
        let id = |n: u8| Uuid::from_bytes([n; 16]);
        let (a, b, member) = (ChannelId(id(1)), ChannelId(id(2)), MemberId(id(3)));
        let everything = Visibility::default();
        let narrow = Visibility { channels: Some(vec![a]), only_assignee: Some(member) };
        for (seen_by_all, seen_by_narrow, channel, assignee) in
            [(true, true, a, Some(member)), (true, false, a, None), (true, false, b, Some(member))]
        {
            assert_eq!(everything.shows(channel, assignee), seen_by_all);
            assert_eq!(narrow.shows(channel, assignee), seen_by_narrow);
        }
    }
}
