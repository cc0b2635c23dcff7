//! Threads by the conditions of a saved view.
//!
//! What leads into an index: the status (always), the assignee, one channel, unread, the wait, and what closes. The other
//! conditions, and a second one of these, are looked at row by row among the threads that the first has found; the text
//! is looked for among the customers. Threads that are not closed are few whatever the size of the business, so only a
//! view over closed threads with a rare condition reads much.

use loa_kernel::{
    AssigneeIs, ConversationStatus, Criteria, LabelId, MemberId, Timestamp, ViewSort, WorkspaceId,
};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::closing::closing_from;
use super::{COUNT_CAP, IS_BACK, Position, Visibility, position};
use crate::Result;
use crate::customers::Search;
use crate::entity::conversations;
use crate::labels::carries_one_of;

/// Which threads: conditions with who asks and when.
#[derive(Debug, Clone, Copy)]
pub struct Chosen<'a> {
    /// What the asker may see.
    pub visibility: &'a Visibility,
    /// The conditions, [`Criteria::checked`].
    pub criteria: &'a Criteria,
    /// In which order; an order that shows only threads in which somebody waits, or something closes, is a condition too.
    pub sort: ViewSort,
    /// A label that the customer has to carry besides: it was chosen beside the conditions.
    pub label: Option<LabelId>,
    /// What the customer has to be found by: the text of the conditions, and what was typed beside them.
    pub searches: &'a [Search],
    /// Who asks.
    pub me: MemberId,
    /// The present.
    pub now: Timestamp,
}

/// One read along one index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Status(ConversationStatus),
    /// All statuses; the condition has an index of its own.
    Unread,
    Waiting,
    /// Free replies end within the span.
    Free,
    /// Free replies are over, and sending at all ends within the span.
    Permitted,
}

impl Chosen<'_> {
    fn base(&self, ws: WorkspaceId) -> Select<conversations::Entity> {
        use conversations::Column as C;
        let Criteria {
            statuses: _,
            assignee,
            channels,
            labels,
            unread,
            waiting_minutes,
            closing_minutes,
            text: _,
        } = self.criteria;
        let mut all = Condition::all().add(C::WorkspaceId.eq(ws.0)).add(self.visibility.condition());
        all = match assignee {
            None => all,
            Some(AssigneeIs::Me) => all.add(C::AssigneeId.eq(self.me.0)),
            Some(AssigneeIs::Nobody) => all.add(C::AssigneeId.is_null()),
            Some(AssigneeIs::Anyone) => all.add(C::AssigneeId.is_not_null()),
            Some(AssigneeIs::Member { member_id }) => all.add(C::AssigneeId.eq(member_id.0)),
        };
        all = match channels.as_slice() {
            [] => all,
            [one] => all.add(C::ChannelId.eq(one.0)),
            many => all.add(C::ChannelId.is_in(many.iter().map(|id| id.0))),
        };
        for labels in [labels.as_slice(), self.label.as_slice()] {
            if !labels.is_empty() {
                all = all.add(carries_one_of(ws, labels));
            }
        }
        if *unread {
            // Literally as the partial index has it; a bound value would hide that it fits.
            all = all.add(Expr::cust("unread_count > 0"));
        }
        if let Some(minutes) = waiting_minutes {
            let since = self.now.plus_ms(-span(*minutes));
            all = all.add(Expr::cust("waiting_since_at IS NOT NULL")).add(C::WaitingSinceAt.lte(since.0));
        }
        if closing_minutes.is_some() || self.sort == ViewSort::Closing {
            // A closed thread closes no more. Literally as the partial indexes have it.
            all = all.add(Expr::cust("status <> 'closed'"));
            all = all.add(Condition::any().add(self.free()).add(self.permitted()));
        }
        if self.sort == ViewSort::Waiting && waiting_minutes.is_none() {
            all = all.add(Expr::cust("waiting_since_at IS NOT NULL"));
        }
        for search in self.searches {
            all = all.add(search.people().in_any_order(ws, (conversations::Entity, C::CustomerId)));
        }
        conversations::Entity::find().filter(all)
    }

    fn until(&self) -> i64 {
        self.now.plus_ms(self.criteria.closing_minutes.map_or(i64::MAX, span)).0
    }

    fn free(&self) -> SimpleExpr {
        conversations::Column::FreeUntilAt.between(self.now.0, self.until())
    }

    fn permitted(&self) -> SimpleExpr {
        use conversations::Column as C;
        let over = C::FreeUntilAt.is_null().or(C::FreeUntilAt.lt(self.now.0));
        C::PermittedUntilAt.between(self.now.0, self.until()).and(over)
    }

    fn any_status(&self) -> SimpleExpr {
        conversations::Column::Status.is_in(self.criteria.statuses.iter().map(|status| status.as_str()))
    }

    /// The reads that together find the threads, each once.
    fn parts(&self) -> Vec<Part> {
        match (self.criteria, self.sort) {
            (Criteria { unread: true, .. }, _) => vec![Part::Unread],
            (Criteria { waiting_minutes: Some(_), .. }, _) | (_, ViewSort::Waiting) => vec![Part::Waiting],
            (Criteria { closing_minutes: Some(_), .. }, _) | (_, ViewSort::Closing) => {
                vec![Part::Free, Part::Permitted]
            }
            (Criteria { statuses, .. }, _) => statuses.iter().map(|status| Part::Status(*status)).collect(),
        }
    }

    fn part(&self, ws: WorkspaceId, part: Part) -> Select<conversations::Entity> {
        let base = self.base(ws);
        match part {
            Part::Status(status) => base.filter(conversations::Column::Status.eq(status.as_str())),
            Part::Unread | Part::Waiting => base.filter(self.any_status()),
            Part::Free => base.filter(self.any_status()).filter(self.free()),
            Part::Permitted => base.filter(self.any_status()).filter(self.permitted()),
        }
    }

    /// The ids of at most `most` of the threads, in no order.
    fn ids(&self, ws: WorkspaceId, part: Part, most: u64) -> SelectStatement {
        self.part(ws, part).select_only().column(conversations::Column::Id).limit(most).into_query()
    }

    /// The ids of all of the threads, as one statement.
    pub(crate) fn all_ids(&self, ws: WorkspaceId) -> SelectStatement {
        let chosen = self.base(ws).filter(self.any_status());
        chosen.select_only().column(conversations::Column::Id).into_query()
    }

    /// The customers of all of them, each once.
    pub(crate) fn all_customers(&self, ws: WorkspaceId) -> SelectStatement {
        let chosen = self.base(ws).filter(self.any_status());
        // Under the name by which [`Self::all_ids`] gives what it finds.
        let column = conversations::Column::CustomerId;
        chosen.select_only().column_as(column, "id").distinct().into_query()
    }

    /// Threads after the place `after`, each with the instant that the order goes by; equal instants by id, as the order
    /// goes.
    pub async fn page(
        &self,
        conn: &impl ConnectionTrait,
        ws: WorkspaceId,
        after: Option<Position>,
        limit: u64,
    ) -> Result<Vec<(Timestamp, conversations::Model)>> {
        use conversations::Column as C;
        match self.sort {
            ViewSort::Latest => {
                let parts: Vec<Part> = match self.criteria.unread {
                    true => vec![Part::Unread],
                    false => self.criteria.statuses.iter().map(|status| Part::Status(*status)).collect(),
                };
                // Those that came back stand above their last message and have an index of their own.
                let at_message = Expr::cust("(back_at IS NULL OR back_at <= last_message_at)");
                let reads = parts.into_iter().map(|part| {
                    let read = self.part(ws, part).filter(at_message.clone());
                    seek_latest(read, C::LastMessageAt, after, limit)
                });
                // Not in the words of the index of unread threads: it does not have this order.
                let any = Criteria { unread: false, ..self.criteria.clone() };
                let mut back = Chosen { criteria: &any, ..*self }.base(ws).filter(self.any_status());
                if self.criteria.unread {
                    back = back.filter(Expr::cust("unread_count + 0 > 0"));
                }
                let back = back.filter(Expr::cust(IS_BACK));
                let reads = reads.chain([seek_latest(back, C::BackAt, after, limit)]).collect();
                let rows = merged(conn, reads, limit).await?;
                Ok(rows.into_iter().map(|row| (position(&row).0, row)).collect())
            }
            ViewSort::Closing => {
                let base = self.base(ws).filter(self.any_status());
                closing_from(conn, &base, None, after, limit, self.now).await
            }
            ViewSort::Waiting => {
                let mut read = self.base(ws).filter(self.any_status());
                if let Some((at, id)) = after {
                    read = read
                        .filter(C::WaitingSinceAt.gte(at.0))
                        .filter(Condition::any().add(C::WaitingSinceAt.gt(at.0)).add(C::Id.gt(id.0)));
                }
                let rows =
                    read.order_by_asc(C::WaitingSinceAt).order_by_asc(C::Id).limit(limit).all(conn).await?;
                Ok(rows.into_iter().filter_map(|row| Some((Timestamp(row.waiting_since_at?), row))).collect())
            }
        }
    }
}

const fn span(minutes: u32) -> i64 {
    minutes as i64 * 60_000
}

/// How many threads each of these has, in one query; a number never exceeds `most`.
pub async fn count_chosen(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    lists: &[Chosen<'_>],
    most: u64,
) -> Result<Vec<u64>> {
    let mut statement = Query::select().to_owned();
    let mut names = Vec::new();
    for (i, chosen) in lists.iter().enumerate() {
        for (j, part) in chosen.parts().into_iter().enumerate() {
            let name = format!("n{i}_{j}");
            let count = Query::select()
                .expr(Expr::cust("COUNT(*)"))
                .from_subquery(chosen.ids(ws, part, most), "capped")
                .to_owned();
            statement.expr_as(Expr::expr(SimpleExpr::from(count)), name.clone());
            names.push((i, name));
        }
    }
    let mut totals = vec![0; lists.len()];
    if names.is_empty() {
        return Ok(totals);
    }
    let Some(row) = conn.query_one(&statement).await? else { return Ok(totals) };
    for (i, name) in names {
        let n: i64 = row.try_get("", &name)?;
        totals[i] = Ord::min(totals[i] + u64::try_from(n).unwrap_or(0), most);
    }
    Ok(totals)
}

/// [`count_chosen`] up to [`COUNT_CAP`].
pub async fn counters(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    lists: &[Chosen<'_>],
) -> Result<Vec<u64>> {
    count_chosen(conn, ws, lists, COUNT_CAP).await
}

/// The first of what these reads find, in the order of the list.
async fn merged(
    conn: &impl ConnectionTrait,
    reads: Vec<Select<conversations::Entity>>,
    limit: u64,
) -> Result<Vec<conversations::Model>> {
    let mut rows = Vec::new();
    for read in reads {
        rows.extend(read.all(conn).await?);
    }
    rows.sort_by_key(|row| std::cmp::Reverse(position(row)));
    rows.truncate(limit as usize);
    Ok(rows)
}

/// The latest first, after a place in that order.
fn seek_latest(
    mut select: Select<conversations::Entity>,
    column: conversations::Column,
    after: Option<Position>,
    limit: u64,
) -> Select<conversations::Entity> {
    use conversations::Column;
    if let Some((at, id)) = after {
        select = select.filter(
            Condition::all()
                .add(column.lte(at.0))
                .add(Condition::any().add(column.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    select.order_by_desc(column).order_by_desc(Column::Id).limit(limit)
}
