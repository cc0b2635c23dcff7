//! Threads: the list an agent works from, and what agents change by hand.
//!
//! The list is read by seeking: per status, from an index that already has the order. A list of several
//! statuses is the merge of one short read a status, so its cost does not grow with the number of threads.

mod closing;
mod criteria;
mod edit;
mod people;
mod searched;

use loa_kernel::{
    Action, Actor, ChannelId, ConversationId, CustomerId, Grant, LabelId, MemberId, Object, Problem, Scope,
    Timestamp, WorkspaceId,
};
use sea_orm::sea_query::{Condition, Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
};
use uuid::Uuid;

use crate::Result;
use crate::customers::Search;
use crate::entity::conversations;
use crate::labels::Carriers;

pub use closing::{closing, reset_borders};
pub use criteria::{Chosen, count_chosen, counters};
#[cfg(test)]
pub(crate) use edit::due;
pub use edit::{Edit, Edited, edit, edit_many, is_any_due, wake};
pub use people::{ThreadOf, customers_of, of_customers};

/// Statuses of a thread that is not done.
pub const OPEN_STATUSES: [&str; 3] = ["open", "pending", "snoozed"];
/// Statuses of a thread that somebody should look at: what is snoozed has left these lists until it comes back.
const WORKING: [&str; 2] = ["open", "pending"];
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
    /// Open and pending.
    All,
    /// Of these, those assigned to this member.
    Mine(MemberId),
    /// Of these, those assigned to nobody.
    Unassigned,
    /// Of these, those with messages that nobody has read.
    Unread,
    /// Waiting for the customer or for a colleague.
    Pending,
    /// Put away for a time.
    Snoozed,
    /// Closed.
    Closed,
}

impl Filter {
    fn statuses(self) -> &'static [&'static str] {
        match self {
            Self::Closed => &[CLOSED],
            Self::Pending => &["pending"],
            Self::Snoozed => &["snoozed"],
            Self::All | Self::Mine(_) | Self::Unassigned | Self::Unread => &WORKING,
        }
    }

    fn condition(self) -> Condition {
        use conversations::Column;
        match self {
            Self::All | Self::Pending | Self::Snoozed | Self::Closed => Condition::all(),
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
    /// Only customers who carry this label.
    pub label: Option<LabelId>,
    /// Go on after this place.
    pub after: Option<Position>,
    /// At most so many rows.
    pub limit: u64,
}

/// Threads of one page, in the order of [`position`], the latest first; equal times by id, the greater first.
pub async fn list(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    query: &ListQuery<'_>,
) -> Result<Vec<conversations::Model>> {
    let carriers = carriers(conn, ws, query).await?;
    let few = searched::few(conn, ws, query).await?;
    let mut rows = Vec::new();
    for part in partitions(query.filter) {
        let mut select = list_query(ws, query, part);
        if let Some(carriers) = &carriers {
            select = carriers.narrow(select);
        }
        rows.extend(searched::all(conn, ws, select, query, &few).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(position(row)));
    rows.truncate(query.limit as usize);
    Ok(rows)
}

/// Who carries the label that the list is limited to.
async fn carriers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    query: &ListQuery<'_>,
) -> Result<Option<Carriers>> {
    Ok(match query.label {
        Some(label) => Some(Carriers::find(conn, ws, label).await?),
        None => None,
    })
}

/// Where a thread stands in a list: at its last message, or above it where it came back later.
pub fn position(row: &conversations::Model) -> (Timestamp, ConversationId) {
    (Timestamp(Ord::max(row.last_message_at, row.back_at.unwrap_or(i64::MIN))), ConversationId(row.id))
}

/// One of the reads whose merge is a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Those of this status that stand at their last message, because the index orders rows within one status.
    Status(&'static str),
    /// Unread threads: one read, because their own small index does not know the status.
    Unread,
    /// Those that came back and stand above their last message.
    Back,
}

fn partitions(filter: Filter) -> Vec<Part> {
    let by_status = filter.statuses().iter().map(|status| Part::Status(status));
    match filter {
        Filter::Unread => vec![Part::Unread, Part::Back],
        Filter::Closed | Filter::Snoozed => by_status.collect(),
        _ => by_status.chain([Part::Back]).collect(),
    }
}

/// The words of the partial index `conversations_back`.
const IS_BACK: &str = "back_at > last_message_at";

fn list_query(ws: WorkspaceId, query: &ListQuery<'_>, part: Part) -> Select<conversations::Entity> {
    use conversations::Column;
    let mut select = scoped(ws, query.visibility, query.filter, part);
    if let Some(channel) = query.channel {
        select = select.filter(Column::ChannelId.eq(channel.0));
    }
    let at = if part == Part::Back { Column::BackAt } else { Column::LastMessageAt };
    if let Some((after, id)) = query.after {
        select = select.filter(
            Condition::all()
                .add(at.lte(after.0))
                .add(Condition::any().add(at.lt(after.0)).add(Column::Id.lt(id.0))),
        );
    }
    select.order_by_desc(at).order_by_desc(Column::Id).limit(query.limit)
}

fn scoped(
    ws: WorkspaceId,
    visibility: &Visibility,
    filter: Filter,
    part: Part,
) -> Select<conversations::Entity> {
    use conversations::Column;
    let mine = match part {
        Part::Status(status) => Condition::all().add(Column::Status.eq(status)),
        Part::Unread | Part::Back => {
            Condition::all().add(Column::Status.is_in(filter.statuses().iter().copied()))
        }
    };
    let place = match part {
        Part::Back => Expr::cust(IS_BACK),
        _ => Expr::cust("(back_at IS NULL OR back_at <= last_message_at)"),
    };
    let of_filter = match (filter, part) {
        // Not in the words of the index of unread threads: few are back, and their own index has their order.
        (Filter::Unread, Part::Back) => Condition::all().add(Expr::cust("unread_count + 0 > 0")),
        _ => filter.condition(),
    };
    let select = conversations::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(mine)
        .filter(of_filter)
        .filter(visibility.condition());
    // A list without a part of its own for those that are back holds them where their message is.
    if partitions(filter).contains(&Part::Back) { select.filter(place) } else { select }
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

/// Ids of the threads of these customers, in no order.
pub async fn ids_of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<Vec<ConversationId>> {
    Ok(of_customers(conn, ws, customers).await?.into_iter().map(|thread| thread.id).collect())
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
    /// Of [`Filter::Pending`].
    pub pending: u64,
    /// Of [`Filter::Snoozed`].
    pub snoozed: u64,
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
    let lists = [
        Filter::All,
        Filter::Mine(member),
        Filter::Unassigned,
        Filter::Unread,
        Filter::Pending,
        Filter::Snoozed,
        Filter::Closed,
    ];
    let mut statement = Query::select().to_owned();
    let mut names = Vec::new();
    for (i, filter) in lists.into_iter().enumerate() {
        for (j, part) in partitions(filter).into_iter().enumerate() {
            let name = format!("n{i}_{j}");
            let capped = scoped(ws, visibility, filter, part)
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
    let mut totals = [0u64; 7];
    for (i, name) in names {
        let n: i64 = row.try_get("", &name)?;
        let sum = totals[i] + u64::try_from(n).unwrap_or(0);
        totals[i] = Ord::min(sum, COUNT_CAP);
    }
    let [all, mine, unassigned, unread, pending, snoozed, closed] = totals;
    Ok(Counts { all, mine, unassigned, unread, pending, snoozed, closed })
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
