//! Threads of customers that are looked for.
//!
//! A rare name leads: its customers are collected and their threads read, however many threads there are. A common one
//! follows: the list is walked in its order until the page is full, however many customers have that name.

use loa_kernel::{CustomerId, WorkspaceId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait, Select};

use super::ListQuery;
use crate::entity::conversations;
use crate::rows::in_chunks;
use crate::search::Found;
use crate::{Result, dialect};

/// The customers that a search finds, when they are few; `None` without a search, and when they are many.
pub(super) async fn few(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    query: &ListQuery<'_>,
) -> Result<Option<Vec<CustomerId>>> {
    let Some(search) = query.search else { return Ok(None) };
    let Found::Few(ids) = search.find(conn, ws).await? else { return Ok(None) };
    let mut found = Vec::new();
    for row in crate::customers::by_ids(conn, ws, &ids).await? {
        if search.finds(&row) {
            found.push(CustomerId(row.id));
        }
    }
    Ok(Some(found))
}

/// Threads that the search of `query` finds, for a list of which little is read in any case.
pub(super) fn condition(
    ws: WorkspaceId,
    query: &ListQuery<'_>,
    few: Option<&[CustomerId]>,
) -> Option<Condition> {
    let customer = conversations::Column::CustomerId;
    let search = query.search?;
    Some(match few {
        Some(ids) => Condition::all().add(customer.is_in(ids.iter().map(|id| id.0))),
        None => search.people().each_row(ws, (conversations::Entity, customer)),
    })
}

/// What `select` gives of the threads that the search of `query` finds.
pub(super) async fn all(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    select: Select<conversations::Entity>,
    query: &ListQuery<'_>,
    few: &Option<Vec<CustomerId>>,
) -> Result<Vec<conversations::Model>> {
    let customer = conversations::Column::CustomerId;
    match (query.search, few) {
        (None, _) => Ok(select.all(conn).await?),
        (Some(search), None) => {
            let customer = (conversations::Entity, customer);
            Ok(select.filter(search.people().each_row(ws, customer)).all(conn).await?)
        }
        (Some(_), Some(customers)) => {
            let mut rows = Vec::new();
            for ids in in_chunks(conn, customers, 100) {
                let statement = select
                    .clone()
                    .filter(customer.is_in(ids.iter().map(|id| id.0)))
                    .build(conn.get_database_backend());
                let led = dialect::led_by(statement, "conversations", "conversations_customer");
                rows.extend(conversations::Entity::find().from_raw_sql(led).all(conn).await?);
            }
            Ok(rows)
        }
    }
}
