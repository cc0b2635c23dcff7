//! Labels: words that members put on customers, and that come from the tags of a platform.
//!
//! A label is known by its name without diacritics and case, so that "VIP" of one account and "vip" of another are
//! one label ([`platform`]).

pub mod platform;
pub mod pushes;
pub mod relabel;

use std::collections::HashMap;

use loa_kernel::{
    CustomerId, LabelColour, LabelId, LabelKind, MemberId, Problem, Timestamp, WorkspaceId, fold_vi,
};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::changes::NewChange;
use crate::entity::{conversations, customer_labels, labels};
use crate::rows::{Put, in_chunks, insert_rows, update_rows};
use crate::{Result, Tx};

/// The longest name, in characters.
pub const MAX_NAME_CHARS: usize = 60;

/// So many labels are put and taken off in one call at most.
pub const MAX_AT_ONCE: usize = 50;

/// A label of fewer customers than this is looked up from the customers; of more, from the threads: then a page is
/// full after few of them.
const FEW: usize = 1_000;

/// A label, before it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLabel {
    /// Its id.
    pub id: LabelId,
    /// Its name, clean and not blank.
    pub name: String,
    /// Its colour.
    pub colour: LabelColour,
    /// What it is for.
    pub kind: LabelKind,
    /// Who makes it; `None`: a platform.
    pub created_by: Option<MemberId>,
}

/// Add a label behind the others. Errors: `Unique("labels_name")`.
pub async fn create(tx: &Tx, ws: WorkspaceId, new: &NewLabel, now: Timestamp) -> Result<()> {
    let position = next_position(tx, ws).await?;
    insert_rows::<labels::Entity>(tx, [row(ws, new, position, now)], None).await?;
    Ok(())
}

fn row(ws: WorkspaceId, new: &NewLabel, position: i64, now: Timestamp) -> labels::Model {
    labels::Model {
        workspace_id: ws.0,
        id: new.id.0,
        name: new.name.clone(),
        name_folded: fold_vi(&new.name),
        colour: new.colour.as_str().to_owned(),
        kind: new.kind.as_str().to_owned(),
        position,
        archived_at: None,
        created_by: new.created_by.map(|member| member.0),
        pushed: None,
        created_at: now.0,
        updated_at: now.0,
    }
}

async fn next_position(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<i64> {
    let last: Option<Option<i64>> = labels::Entity::find()
        .select_only()
        .column_as(labels::Column::Position.max(), "last")
        .filter(labels::Column::WorkspaceId.eq(ws.0))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(last.flatten().map_or(0, |last| last + 1))
}

/// All labels of a workspace in their order. A workspace has few.
pub async fn list(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<labels::Model>> {
    Ok(labels::Entity::find()
        .filter(labels::Column::WorkspaceId.eq(ws.0))
        .order_by_asc(labels::Column::Position)
        .order_by_asc(labels::Column::Id)
        .all(conn)
        .await?)
}

/// One label.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: LabelId) -> Result<Option<labels::Model>> {
    Ok(labels::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The labels with these ids, in no order.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[LabelId],
) -> Result<Vec<labels::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(labels::Entity::find()
        .filter(labels::Column::WorkspaceId.eq(ws.0))
        .filter(labels::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// The label of this name, however it is written.
pub async fn by_name(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    name: &str,
) -> Result<Option<labels::Model>> {
    Ok(labels::Entity::find()
        .filter(labels::Column::WorkspaceId.eq(ws.0))
        .filter(labels::Column::NameFolded.eq(fold_vi(name)))
        .one(conn)
        .await?)
}

/// What is changed about a label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelEdit {
    /// The new name, clean and not blank.
    pub name: Option<String>,
    /// The new colour.
    pub colour: Option<LabelColour>,
    /// It is not put on anybody any more, or is again.
    pub archived: Option<bool>,
    /// It is written back to the platform as a tag, or is not.
    pub pushed: Option<bool>,
}

/// Change a label; false when there is none. The caller appends the change. Errors: `Unique("labels_name")`.
pub async fn edit(tx: &Tx, ws: WorkspaceId, id: LabelId, edit: &LabelEdit, now: Timestamp) -> Result<bool> {
    use labels::Column as C;
    let mut update = labels::Entity::update_many()
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0));
    if let Some(name) = &edit.name {
        update = update
            .col_expr(C::Name, Expr::value(name.as_str()))
            .col_expr(C::NameFolded, Expr::value(fold_vi(name)));
    }
    if let Some(colour) = edit.colour {
        update = update.col_expr(C::Colour, Expr::value(colour.as_str()));
    }
    if let Some(archived) = edit.archived {
        update = update.col_expr(C::ArchivedAt, Expr::value(archived.then_some(now.0)));
    }
    if let Some(pushed) = edit.pushed {
        update = update.col_expr(C::Pushed, Expr::value(pushed));
        if !pushed {
            pushes::forget(tx, ws, id).await?;
        }
    }
    Ok(update.exec(tx).await?.rows_affected > 0)
}

/// Put the labels into this order; those that are not named follow as they stood. Answers which of them moved.
pub async fn reorder(tx: &Tx, ws: WorkspaceId, order: &[LabelId], now: Timestamp) -> Result<Vec<LabelId>> {
    use labels::Column as C;
    let all = list(tx, ws).await?;
    let place = |row: &labels::Model| order.iter().position(|id| id.0 == row.id).unwrap_or(usize::MAX);
    let mut wanted: Vec<&labels::Model> = all.iter().collect();
    wanted.sort_by_key(|row| place(row));
    let moved: Vec<(Uuid, i64)> = wanted
        .iter()
        .zip(0i64..)
        .filter(|(row, position)| row.position != *position)
        .map(|(row, position)| (row.id, position))
        .collect();
    let rows =
        moved.iter().map(|(id, at)| vec![ws.0.into(), (*id).into(), (*at).into(), now.0.into()]).collect();
    let puts = [(C::Position, Put::Set), (C::UpdatedAt, Put::Set)];
    update_rows::<labels::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(moved.into_iter().map(|(id, _)| LabelId(id)).collect())
}

/// Remove a label, from every customer too; false when there is none. The caller appends the change.
pub async fn delete(tx: &Tx, ws: WorkspaceId, id: LabelId) -> Result<bool> {
    pushes::forget(tx, ws, id).await?;
    customer_labels::Entity::delete_many()
        .filter(customer_labels::Column::WorkspaceId.eq(ws.0))
        .filter(customer_labels::Column::LabelId.eq(id.0))
        .exec(tx)
        .await?;
    Ok(labels::Entity::delete_by_id((ws.0, id.0)).exec(tx).await?.rows_affected > 0)
}

/// How many customers carry each label; labels that nobody carries are not in it.
pub async fn customer_counts(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<HashMap<LabelId, u64>> {
    let rows: Vec<(Uuid, i64)> = customer_labels::Entity::find()
        .select_only()
        .column(customer_labels::Column::LabelId)
        .column_as(Expr::cust("COUNT(*)"), "n")
        .filter(customer_labels::Column::WorkspaceId.eq(ws.0))
        .group_by(customer_labels::Column::LabelId)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|(id, n)| (LabelId(id), u64::try_from(n).unwrap_or(0))).collect())
}

/// The labels of these customers, those of each in the order of their ids.
pub async fn of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Vec<LabelId>>> {
    let mut found: HashMap<CustomerId, Vec<LabelId>> = HashMap::new();
    for part in in_chunks(conn, customers, 1) {
        let rows: Vec<(Uuid, Uuid)> = customer_labels::Entity::find()
            .select_only()
            .columns([customer_labels::Column::CustomerId, customer_labels::Column::LabelId])
            .filter(customer_labels::Column::WorkspaceId.eq(ws.0))
            .filter(customer_labels::Column::CustomerId.is_in(part.iter().map(|id| id.0)))
            .order_by_asc(customer_labels::Column::CustomerId)
            .order_by_asc(customer_labels::Column::LabelId)
            .into_tuple()
            .all(conn)
            .await?;
        for (customer, label) in rows {
            found.entry(CustomerId(customer)).or_default().push(LabelId(label));
        }
    }
    Ok(found)
}

/// Are all of these there, and none of them archived?
pub async fn are_in_use(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[LabelId]) -> Result<bool> {
    let rows = by_ids(conn, ws, ids).await?;
    Ok(ids.iter().all(|id| rows.iter().any(|row| row.id == id.0 && row.archived_at.is_none())))
}

/// Are these labels that can be put on and taken off together? Errors: `invalid_field`: `add` and `remove` are empty, or
/// too many, or name the same one, or one that is archived, or two steps of the process; `not_found` for a label to be
/// put on that is not there.
pub async fn check_choice(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    add: &[LabelId],
    remove: &[LabelId],
) -> std::result::Result<(), Problem> {
    if add.is_empty() && remove.is_empty() {
        return Err(Problem::invalid("add", "empty"));
    }
    if add.len() + remove.len() > MAX_AT_ONCE {
        return Err(Problem::invalid("add", "too_many").param("max", MAX_AT_ONCE));
    }
    if add.iter().any(|id| remove.contains(id)) {
        return Err(Problem::invalid("remove", "also_put"));
    }
    let known = by_ids(conn, ws, add).await?;
    for id in add {
        match known.iter().find(|row| row.id == id.0) {
            None => return Err(Problem::not_found("label")),
            Some(row) if row.archived_at.is_some() => {
                return Err(Problem::invalid("add", "archived").param("name", row.name.as_str()));
            }
            Some(_) => {}
        }
    }
    if known.iter().filter(|row| row.kind == LabelKind::Process.as_str()).count() > 1 {
        return Err(Problem::invalid("add", "two_process_labels"));
    }
    Ok(())
}

/// The changes to append when what these customers carry has changed: their labels stand in their threads too.
pub async fn changes_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<Vec<NewChange>> {
    let mut changed: Vec<NewChange> = customers.iter().copied().map(NewChange::customer).collect();
    let threads = crate::conversations::of_customers(conn, ws, customers).await?;
    changed.extend(threads.into_iter().map(|thread| NewChange::conversation(thread.id, thread.channel)));
    Ok(changed)
}

/// At most `limit` of the customers who carry one of these labels, each once, in no order.
pub async fn carriers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    labels: &[LabelId],
    limit: u64,
) -> Result<Vec<CustomerId>> {
    let rows: Vec<Uuid> = customer_labels::Entity::find()
        .select_only()
        .column(customer_labels::Column::CustomerId)
        .distinct()
        .filter(customer_labels::Column::WorkspaceId.eq(ws.0))
        .filter(customer_labels::Column::LabelId.is_in(labels.iter().map(|id| id.0)))
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(CustomerId).collect())
}

/// Put labels on customers; what they carry already stays as it is. Answers how many were put. The caller has looked
/// that the labels and customers are there, and appends the changes.
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    pairs: &[(CustomerId, LabelId)],
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<u64> {
    let mut pairs = pairs.to_vec();
    // In one order, so that two who put the same ones do not wait for each other.
    pairs.sort_unstable();
    pairs.dedup();
    let rows: Vec<customer_labels::Model> = pairs
        .into_iter()
        .map(|(customer, label)| customer_labels::Model {
            workspace_id: ws.0,
            customer_id: customer.0,
            label_id: label.0,
            member_id: by.map(|member| member.0),
            created_at: now.0,
        })
        .collect();
    insert_rows::<customer_labels::Entity>(tx, rows, Some(OnConflict::new().do_nothing().to_owned())).await
}

/// Take labels off customers. Answers how many were taken off. The caller appends the changes.
pub async fn remove(tx: &Tx, ws: WorkspaceId, pairs: &[(CustomerId, LabelId)]) -> Result<u64> {
    use customer_labels::Column as C;
    let mut by_label: HashMap<LabelId, Vec<Uuid>> = HashMap::new();
    for (customer, label) in pairs {
        by_label.entry(*label).or_default().push(customer.0);
    }
    let mut by_label: Vec<(LabelId, Vec<Uuid>)> = by_label.into_iter().collect();
    by_label.sort_unstable();
    let mut removed = 0;
    for (label, mut customers) in by_label {
        customers.sort_unstable();
        for part in in_chunks(tx, &customers, 2) {
            let done = customer_labels::Entity::delete_many()
                .filter(C::WorkspaceId.eq(ws.0))
                .filter(C::LabelId.eq(label.0))
                .filter(C::CustomerId.is_in(part.iter().copied()))
                .exec(tx)
                .await?;
            removed += done.rows_affected;
        }
    }
    Ok(removed)
}

/// Of a thread: does its customer carry one of these? Asked of each thread, along the key of what customers carry.
pub(crate) fn carries_one_of(ws: WorkspaceId, labels: &[LabelId]) -> SimpleExpr {
    use customer_labels::Column as C;
    let carried = Query::select()
        .expr(Expr::value(1))
        .from(customer_labels::Entity)
        .and_where(C::WorkspaceId.eq(ws.0))
        .and_where(
            Expr::col((customer_labels::Entity, C::CustomerId))
                .equals((conversations::Entity, conversations::Column::CustomerId)),
        )
        .and_where(C::LabelId.is_in(labels.iter().map(|id| id.0)))
        .to_owned();
    Expr::exists(carried)
}

/// How the threads of customers with a label are found ([`Carriers::find`]).
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Carriers {
    /// These customers carry it.
    Few(Vec<Uuid>),
    /// Many do: each thread is asked.
    Many(WorkspaceId, LabelId),
}

impl Carriers {
    /// Those who carry `label`. A read along its index, of [`FEW`] rows at most.
    pub(crate) async fn find(conn: &impl ConnectionTrait, ws: WorkspaceId, label: LabelId) -> Result<Self> {
        let customers: Vec<Uuid> = customer_labels::Entity::find()
            .select_only()
            .column(customer_labels::Column::CustomerId)
            .filter(customer_labels::Column::WorkspaceId.eq(ws.0))
            .filter(customer_labels::Column::LabelId.eq(label.0))
            .limit(FEW as u64)
            .into_tuple()
            .all(conn)
            .await?;
        Ok(if customers.len() < FEW { Self::Few(customers) } else { Self::Many(ws, label) })
    }

    /// A query of threads limited to them. Of few customers it reads all that fit, and the caller puts them into their
    /// order and cuts the page: with an order and a limit the databases walk along the whole list in the hope of meeting
    /// them soon.
    pub(crate) fn narrow(&self, select: Select<conversations::Entity>) -> Select<conversations::Entity> {
        match self {
            Self::Few(customers) => {
                let mut select =
                    select.filter(conversations::Column::CustomerId.is_in(customers.iter().copied()));
                QueryTrait::query(&mut select).clear_order_by().reset_limit();
                select
            }
            Self::Many(ws, label) => select.filter(carries_one_of(*ws, &[*label])),
        }
    }
}
