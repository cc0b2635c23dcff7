//! Threads by what ends next in them: the free replies that are left, then sending at all.

use loa_kernel::{ChannelId, ConversationId, Timestamp, WorkspaceId};
use loa_rulebook::MessagingRules;
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select, Value,
};
use uuid::Uuid;

use super::{ListQuery, Position, searched};
use crate::customers::recipient_facts;
use crate::entity::{conversations, customer_identities};
use crate::labels::Carriers;
use crate::rows::{Put, update_rows};
use crate::{Result, Tx};

/// Addresses read at once by [`reset_borders`].
const AT_ONCE: u64 = 2_000;

/// Instants after `now` at which a thread gets dearer or closes, the next one first: while free replies are left their
/// end, then the end of what the platform takes. Closed threads, and those to which nothing happens by itself any
/// more, are not in it. Answers each thread with its instant; equal instants by id.
///
/// Two reads, each along its own small index. A thread's free replies end before its permission, so those of the
/// second read whose free replies still last come late in it.
pub async fn closing(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    query: &ListQuery<'_>,
    now: Timestamp,
) -> Result<Vec<(Timestamp, conversations::Model)>> {
    use conversations::Column;
    let mut base = conversations::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::Status.is_in(query.filter.statuses().iter().copied()))
        .filter(query.filter.condition())
        .filter(query.visibility.condition());
    if let Some(channel) = query.channel {
        base = base.filter(Column::ChannelId.eq(channel.0));
    }
    let few = searched::few(conn, ws, query).await?;
    if let Some(found) = searched::condition(ws, query, few.as_deref()) {
        base = base.filter(found);
    }
    let carriers = super::carriers(conn, ws, query).await?;
    closing_from(conn, &base, carriers.as_ref(), query.after, query.limit, now).await
}

/// [`closing`] of the threads that `base` finds, limited to those of `carriers`.
pub(super) async fn closing_from(
    conn: &impl ConnectionTrait,
    base: &Select<conversations::Entity>,
    carriers: Option<&Carriers>,
    after: Option<Position>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<(Timestamp, conversations::Model)>> {
    use conversations::Column;
    let mut found = Vec::new();
    for column in [Column::FreeUntilAt, Column::PermittedUntilAt] {
        let after = after.map_or((now, ConversationId(Uuid::nil())), |after| after.max((now, after.1)));
        // Literally as the partial index has it.
        let mut select = base
            .clone()
            .filter(Expr::cust("status <> 'closed'"))
            .filter(column.gte(after.0.0))
            .filter(Condition::any().add(column.gt(after.0.0)).add(Column::Id.gt(after.1.0)));
        if matches!(column, Column::PermittedUntilAt) {
            let over = Condition::any().add(Column::FreeUntilAt.is_null()).add(Column::FreeUntilAt.lt(now.0));
            select = select.filter(over);
        }
        let mut select = select.order_by_asc(column).order_by_asc(Column::Id).limit(limit);
        if let Some(carriers) = carriers {
            select = carriers.narrow(select);
        }
        let rows = select.all(conn).await?;
        found.extend(rows.into_iter().filter_map(|row| {
            let at = if matches!(column, Column::FreeUntilAt) {
                row.free_until_at
            } else {
                row.permitted_until_at
            };
            Some((Timestamp(at?), row))
        }));
    }
    found.sort_by_key(|(at, row)| (*at, row.id));
    found.truncate(limit as usize);
    Ok(found)
}

/// The account follows other rules now: write when its threads close by these. Threads whose customer was silent since
/// before `since` have nothing that ends any more and are passed over.
pub async fn reset_borders(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    rules: &MessagingRules,
    since: Timestamp,
) -> Result<()> {
    use conversations::Column as C;
    use customer_identities::Column as I;
    let mut after = Uuid::nil();
    loop {
        let people = customer_identities::Entity::find()
            .filter(I::WorkspaceId.eq(ws.0))
            .filter(I::ChannelId.eq(channel.0))
            .filter(I::LastInteractionAt.gte(since.0))
            .filter(I::Id.gt(after))
            .order_by_asc(I::Id)
            .limit(AT_ONCE)
            .all(tx)
            .await?;
        let Some(last) = people.last() else { return Ok(()) };
        after = last.id;
        let rows: Vec<Vec<Value>> = people
            .iter()
            .map(|person| {
                let borders = rules.borders(&recipient_facts(person));
                vec![
                    ws.0.into(),
                    person.id.into(),
                    borders.free_until.map(Timestamp::as_ms).into(),
                    borders.permitted_until.map(Timestamp::as_ms).into(),
                ]
            })
            .collect();
        let puts = [(C::FreeUntilAt, Put::Set), (C::PermittedUntilAt, Put::Set)];
        update_rows::<conversations::Entity>(tx, &[C::WorkspaceId, C::IdentityId], &puts, rows).await?;
    }
}
