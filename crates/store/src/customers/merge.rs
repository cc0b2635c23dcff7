//! Two customers are made one, and that is undone.
//!
//! One transaction and a few statements, however long their history is: messages belong to threads, threads and
//! addresses to a customer. What both were before is written down ([`Before`]). Undoing gives the other one back what was
//! theirs, and the survivor what they had wherever it stands as the merge left it; what somebody changed since stays, and
//! is named. The id of the other one goes on leading to whoever has them.
//!
//! Locks: addresses, threads, customers, each by id: the order of whoever takes in events. The numbers of changes last.

mod join;

use std::collections::BTreeSet;

use loa_kernel::{
    ContactId, CustomerEventId, CustomerId, IdentityId, LabelId, LabelKind, MemberId, MergeId, Timestamp,
    WorkspaceId, fold_vi,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::contacts::ContactKind;
use super::details::{self, Details};
use super::events::{self, CustomerEvent, EventKind};
use crate::entity::{
    conversations, customer_contacts, customer_details, customer_events, customer_identities,
    customer_labels, customer_merges, customer_redirects, customers, label_pushes, labels as label_rows,
};
use crate::labels::{self, pushes, relabel};
use crate::rows::{in_chunks, insert_rows};
use crate::{Result, StoreError, Tx};
use join::{Row, join_details, join_rows, part_details, part_rows};

/// The fields of the row that one may choose from the other one; every other choice is the key of a field.
pub const OWN_FIELDS: &[&str] = &["display_name", "avatar_url", "phone", "note"];

/// A merge before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMerge {
    /// Made by the browser.
    pub id: MergeId,
    /// Who stays.
    pub survivor: CustomerId,
    /// Who becomes part of them.
    pub other: CustomerId,
    /// Who does it.
    pub by: MemberId,
    /// Fields in which the other one's value is wanted where both have one: [`OWN_FIELDS`], or keys of fields.
    pub take: BTreeSet<String>,
    /// For a second phone number.
    pub contact: ContactId,
    /// For the line in the history.
    pub event: CustomerEventId,
}

/// A merge that was done.
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Its id.
    pub id: MergeId,
    /// Who stayed.
    pub survivor: CustomerId,
    /// Who became part of them.
    pub other: CustomerId,
    /// What the other one was called.
    pub other_name: String,
    /// Who did it.
    pub by: MemberId,
    /// When.
    pub at: Timestamp,
    /// When it was undone.
    pub undone_at: Option<Timestamp>,
    /// Of an undone one: what stayed as it was, because somebody had changed it since: names of [`OWN_FIELDS`], keys under
    /// which fields are kept.
    pub kept: Vec<String>,
}

/// What became of a wish to merge.
#[derive(Debug, Clone, PartialEq)]
pub enum Merged {
    /// They are one.
    Done(Merge),
    /// They were merged under this id before.
    Already(Merge),
    /// The id stands for another merge.
    IdTaken,
    /// One of them is not there.
    Gone,
}

/// What became of a wish to undo.
#[derive(Debug, Clone, PartialEq)]
pub enum Undone {
    /// They are two again.
    Done(Merge),
    /// It was undone before.
    Already(Merge),
    /// It was too long ago.
    TooLate,
    /// This later merge is undone first: the survivor took in another one by it, or became part of another one.
    After(MergeId),
    /// There is no such merge, or the survivor is gone.
    Gone,
}

/// A label as it was carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Worn {
    label: LabelId,
    by: Option<MemberId>,
    at: i64,
}

/// What both were before, and what the merge made of the survivor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Before {
    survivor: Row,
    merged: Row,
    survivor_details: Details,
    merged_details: Details,
    other: Row,
    other_details: Details,
    other_labels: Vec<Worn>,
    /// Labels that the survivor has carried since.
    put: Vec<LabelId>,
    /// Wished for the other one's addresses: put on, taken off.
    told_on: Vec<LabelId>,
    told_off: Vec<LabelId>,
    identities: Vec<IdentityId>,
    events: Vec<CustomerEventId>,
    contacts: Vec<ContactId>,
    /// The second phone number, when there was one.
    new_contact: Option<ContactId>,
    /// Ids that led to the other one.
    redirects: Vec<CustomerId>,
}

/// Where the id of somebody who became part of another one leads to.
pub async fn redirect(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: CustomerId,
) -> Result<Option<CustomerId>> {
    let found = customer_redirects::Entity::find_by_id((ws.0, id.0)).one(conn).await?;
    Ok(found.map(|row| CustomerId(row.to_id)))
}

/// One merge.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: MergeId) -> Result<Option<Merge>> {
    customer_merges::Entity::find_by_id((ws.0, id.0)).one(conn).await?.map(read).transpose()
}

/// The latest merges into this customer, at most `limit`, the newest first.
pub async fn into_customer(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    survivor: CustomerId,
    limit: u64,
) -> Result<Vec<Merge>> {
    use customer_merges::Column as C;
    let rows = customer_merges::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::SurvivorId.eq(survivor.0))
        .order_by_desc(C::At)
        .order_by_desc(C::Id)
        .limit(limit)
        .all(conn)
        .await?;
    rows.into_iter().map(read).collect()
}

fn read(row: customer_merges::Model) -> Result<Merge> {
    let kept = row.kept.clone().map(serde_json::from_value).transpose();
    let kept = kept.map_err(|e| StoreError::unreadable("customer_merges.kept", e))?.unwrap_or_default();
    let other_name = before_of(&row)?.other.display_name;
    Ok(Merge {
        id: MergeId(row.id),
        survivor: CustomerId(row.survivor_id),
        other: CustomerId(row.other_id),
        other_name,
        by: MemberId(row.member_id),
        at: Timestamp(row.at),
        undone_at: row.undone_at.map(Timestamp),
        kept,
    })
}

fn before_of(row: &customer_merges::Model) -> Result<Before> {
    serde_json::from_value(row.before.clone())
        .map_err(|e| StoreError::unreadable("customer_merges.before", e))
}

/// Make `new.other` part of `new.survivor`, who are two. The caller has looked that the actor may, and appends the changes
/// of both ([`labels::changes_of`]).
pub async fn merge(tx: &Tx, ws: WorkspaceId, new: &NewMerge, now: Timestamp) -> Result<Merged> {
    let there = lock(tx, ws, &[new.survivor, new.other]).await?;
    if let Some(done) = get(tx, ws, new.id).await? {
        let same = done.survivor == new.survivor && done.other == new.other;
        return Ok(if same { Merged::Already(done) } else { Merged::IdTaken });
    }
    let row = |id: CustomerId| there.iter().find(|row| row.id == id.0).cloned();
    let (Some(survivor), Some(other)) = (row(new.survivor), row(new.other)) else { return Ok(Merged::Gone) };
    // Merges of a customer are in order, also when the clock stepped back: the last one is undone first.
    let last = stands(tx, ws, customer_merges::Column::SurvivorId, new.survivor).await?;
    let now = last.map_or(now, |(_, at)| now.max(Timestamp(at + 1)));

    let (put, told_on, told_off, other_labels) = join_labels(tx, ws, new, now).await?;
    let mut known = details::locked(tx, ws, &[new.survivor, new.other]).await?;
    let survivor_details = known.remove(&new.survivor).unwrap_or_default();
    let other_details = known.remove(&new.other).unwrap_or_default();
    let merged_details = join_details(&survivor_details, &other_details, &new.take);
    let merged = join_rows(&Row::of(&survivor), &Row::of(&other), &new.take);
    if merged_details != survivor_details {
        details::put(tx, ws, [(new.survivor, merged_details.clone())], now).await?;
    }
    let new_contact = keep_second_phone(tx, ws, new, &survivor, &other, &merged, now).await?;
    let before = Before {
        survivor: Row::of(&survivor),
        other: Row::of(&other),
        put,
        told_on,
        told_off,
        other_labels,
        survivor_details,
        other_details,
        merged_details,
        new_contact,
        identities: identities_of(tx, ws, new.other).await?,
        events: events_of(tx, ws, new.other).await?,
        contacts: contacts_of(tx, ws, new.other).await?,
        redirects: redirects_to(tx, ws, new.other).await?,
        merged: merged.clone(),
    };
    write_row(tx, survivor, merged, now).await?;
    move_all(tx, ws, new.other, new.survivor).await?;
    remove_customer(tx, ws, new.other).await?;
    let redirect =
        customer_redirects::Model { workspace_id: ws.0, from_id: new.other.0, to_id: new.survivor.0 };
    insert_rows::<customer_redirects::Entity>(tx, [redirect], None).await?;
    let row = customer_merges::Model {
        workspace_id: ws.0,
        id: new.id.0,
        survivor_id: new.survivor.0,
        other_id: new.other.0,
        member_id: new.by.0,
        at: now.0,
        before: serde_json::to_value(&before).map_err(|e| StoreError::Other(e.to_string()))?,
        undone_at: None,
        undone_by: None,
        kept: None,
    };
    insert_rows::<customer_merges::Entity>(tx, [row.clone()], None).await?;
    let event = CustomerEvent {
        id: new.event,
        customer: new.survivor,
        kind: EventKind::Merged,
        at: now,
        member: Some(new.by),
        detail: json!({ "merge": new.id, "other": new.other, "name": other.display_name }),
    };
    events::append(tx, ws, [event]).await?;
    Ok(Merged::Done(read(row)?))
}

/// Who wants a merge to be undone, and what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undo {
    /// Which one.
    pub id: MergeId,
    /// Who.
    pub by: MemberId,
    /// Merges before this are not undone any more.
    pub not_before: Timestamp,
    /// For the lines in the histories of the survivor and of the other one.
    pub events: [CustomerEventId; 2],
}

/// Make two of one again. The caller has looked that the actor may, and appends the changes of both.
pub async fn undo(tx: &Tx, ws: WorkspaceId, wish: &Undo, now: Timestamp) -> Result<Undone> {
    let Some(found) = get(tx, ws, wish.id).await? else { return Ok(Undone::Gone) };
    let there = lock(tx, ws, &[found.survivor, found.other]).await?;
    // Read again: whoever was faster held the same locks.
    let row = customer_merges::Entity::find_by_id((ws.0, wish.id.0)).lock_exclusive().one(tx).await?;
    let Some(row) = row else { return Ok(Undone::Gone) };
    if row.undone_at.is_some() {
        return Ok(Undone::Already(read(row)?));
    }
    if row.at < wish.not_before.0 {
        return Ok(Undone::TooLate);
    }
    use customer_merges::Column as C;
    let (survivor_id, other_id) = (found.survivor, found.other);
    let Some(survivor) = there.into_iter().find(|row| row.id == survivor_id.0) else {
        return Ok(stands(tx, ws, C::OtherId, survivor_id)
            .await?
            .map_or(Undone::Gone, |(id, _)| Undone::After(id)));
    };
    // What a later merge found here already it did not bring: it would go with this one.
    if let Some((last, _)) = stands(tx, ws, C::SurvivorId, survivor_id).await?
        && last != wish.id
    {
        return Ok(Undone::After(last));
    }
    let before = before_of(&row)?;
    let other = customers::Model {
        workspace_id: ws.0,
        id: other_id.0,
        display_name: before.other.display_name.clone(),
        name_folded: fold_vi(&before.other.display_name),
        avatar_url: before.other.avatar_url.clone(),
        phone: before.other.phone.clone(),
        note: before.other.note.clone(),
        created_at: before.other.created_at,
        updated_at: now.0,
    };
    let names = (survivor.display_name.clone(), other.display_name.clone());
    insert_rows::<customers::Entity>(tx, [other], None).await?;
    give_back(tx, ws, &before, survivor_id, other_id).await?;
    if !before.other_details.is_empty() {
        details::put(tx, ws, [(other_id, before.other_details.clone())], now).await?;
    }
    part_labels(tx, ws, &row, &before, now).await?;

    let mut kept = Vec::new();
    let back = part_rows(&Row::of(&survivor), &before.survivor, &before.merged, &mut kept);
    write_row(tx, survivor, back, now).await?;
    let current = details::locked(tx, ws, &[survivor_id]).await?.remove(&survivor_id).unwrap_or_default();
    let back = part_details(&current, &before.survivor_details, &before.merged_details, &mut kept);
    if back != current {
        details::put(tx, ws, [(survivor_id, back)], now).await?;
    }
    let mut row = row.into_active_model();
    row.undone_at = Set(Some(now.0));
    row.undone_by = Set(Some(wish.by.0));
    row.kept = Set(Some(json!(kept)));
    let row = row.update(tx).await?;
    let told = |id, customer: CustomerId, with: CustomerId, name: &str| CustomerEvent {
        id,
        customer,
        kind: EventKind::MergeUndone,
        at: now,
        member: Some(wish.by),
        detail: json!({ "merge": wish.id, "other": with, "name": name }),
    };
    let [first, second] = wish.events;
    let both = [told(first, survivor_id, other_id, &names.1), told(second, other_id, survivor_id, &names.0)];
    events::append(tx, ws, both).await?;
    Ok(Undone::Done(read(row)?))
}

/// The last merge that was not undone, with this customer in this role; and when it was.
async fn stands(
    tx: &Tx,
    ws: WorkspaceId,
    role: customer_merges::Column,
    customer: CustomerId,
) -> Result<Option<(MergeId, i64)>> {
    use customer_merges::Column as C;
    let found: Option<(Uuid, i64)> = customer_merges::Entity::find()
        .select_only()
        .columns([C::Id, C::At])
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(role.eq(customer.0))
        .filter(C::UndoneAt.is_null())
        .order_by_desc(C::At)
        .order_by_desc(C::Id)
        .limit(1)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(found.map(|(id, at)| (MergeId(id), at)))
}

/// Lock what these customers have and themselves, each by id; answers those who are there.
async fn lock(tx: &Tx, ws: WorkspaceId, ids: &[CustomerId; 2]) -> Result<Vec<customers::Model>> {
    let both = || ids.iter().map(|id| id.0);
    // By their keys, and not by customer and in order: SQLite would walk the whole workspace to save a sort.
    let mut addresses: Vec<Uuid> = Vec::new();
    for id in ids {
        addresses.extend(identities_of(tx, ws, *id).await?.into_iter().map(|id| id.0));
    }
    for part in in_chunks(tx, &addresses, 1) {
        use customer_identities::Column as C;
        customer_identities::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::Id.is_in(part.iter().copied()))
            .order_by_asc(C::Id)
            .lock_exclusive()
            .into_tuple::<Uuid>()
            .all(tx)
            .await?;
    }
    use conversations::Column as V;
    let threads: Vec<Uuid> = conversations::Entity::find()
        .select_only()
        .column(V::Id)
        .filter(V::WorkspaceId.eq(ws.0))
        .filter(V::CustomerId.is_in(both()))
        .into_tuple()
        .all(tx)
        .await?;
    for part in in_chunks(tx, &threads, 1) {
        conversations::Entity::find()
            .select_only()
            .column(V::Id)
            .filter(V::WorkspaceId.eq(ws.0))
            .filter(V::Id.is_in(part.iter().copied()))
            .order_by_asc(V::Id)
            .lock_exclusive()
            .into_tuple::<Uuid>()
            .all(tx)
            .await?;
    }
    use customers::Column as C;
    Ok(customers::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.is_in(both()))
        .order_by_asc(C::Id)
        .lock_exclusive()
        .all(tx)
        .await?)
}

/// Ids of the rows of a table that belong to a customer.
macro_rules! ids_of {
    ($name:ident, $entity:ident, $column:ident, $of:ident, $id:ident) => {
        async fn $name(tx: &Tx, ws: WorkspaceId, customer: CustomerId) -> Result<Vec<$id>> {
            use $entity::Column as C;
            let rows: Vec<Uuid> = $entity::Entity::find()
                .select_only()
                .column(C::$column)
                .filter(C::WorkspaceId.eq(ws.0))
                .filter(C::$of.eq(customer.0))
                .into_tuple()
                .all(tx)
                .await?;
            let mut ids: Vec<$id> = rows.into_iter().map($id).collect();
            ids.sort_unstable();
            Ok(ids)
        }
    };
}

ids_of!(identities_of, customer_identities, Id, CustomerId, IdentityId);
ids_of!(events_of, customer_events, Id, CustomerId, CustomerEventId);
ids_of!(contacts_of, customer_contacts, Id, CustomerId, ContactId);
ids_of!(redirects_to, customer_redirects, FromId, ToId, CustomerId);

/// Everything of `from` belongs to `to`.
async fn move_all(tx: &Tx, ws: WorkspaceId, from: CustomerId, to: CustomerId) -> Result<()> {
    macro_rules! move_rows {
        ($($entity:ident.$of:ident),*) => {$(
            $entity::Entity::update_many()
                .col_expr($entity::Column::$of, Expr::value(to.0))
                .filter($entity::Column::WorkspaceId.eq(ws.0))
                .filter($entity::Column::$of.eq(from.0))
                .exec(tx)
                .await?;
        )*};
    }
    move_rows!(
        customer_identities.CustomerId,
        conversations.CustomerId,
        label_pushes.CustomerId,
        customer_events.CustomerId,
        customer_contacts.CustomerId,
        customer_redirects.ToId
    );
    Ok(())
}

async fn remove_customer(tx: &Tx, ws: WorkspaceId, id: CustomerId) -> Result<()> {
    macro_rules! remove_rows {
        ($($entity:ident.$of:ident),*) => {$(
            $entity::Entity::delete_many()
                .filter($entity::Column::WorkspaceId.eq(ws.0))
                .filter($entity::Column::$of.eq(id.0))
                .exec(tx)
                .await?;
        )*};
    }
    remove_rows!(customer_labels.CustomerId, customer_details.CustomerId, customers.Id);
    Ok(())
}

/// What was the other one's, where it is still the survivor's, with threads that are new on their addresses.
async fn give_back(
    tx: &Tx,
    ws: WorkspaceId,
    before: &Before,
    survivor: CustomerId,
    other: CustomerId,
) -> Result<()> {
    macro_rules! give_rows {
        ($($entity:ident.$of:ident by $key:ident in $ids:expr),* $(,)?) => {$(
            for part in in_chunks(tx, $ids, 3) {
                $entity::Entity::update_many()
                    .col_expr($entity::Column::$of, Expr::value(other.0))
                    .filter($entity::Column::WorkspaceId.eq(ws.0))
                    .filter($entity::Column::$of.eq(survivor.0))
                    .filter($entity::Column::$key.is_in(part.iter().map(|id| id.0)))
                    .exec(tx)
                    .await?;
            }
        )*};
    }
    give_rows!(
        customer_identities.CustomerId by Id in &before.identities,
        conversations.CustomerId by IdentityId in &before.identities,
        label_pushes.CustomerId by IdentityId in &before.identities,
        customer_events.CustomerId by Id in &before.events,
        customer_contacts.CustomerId by Id in &before.contacts,
        customer_redirects.ToId by FromId in &before.redirects,
    );
    customer_redirects::Entity::delete_by_id((ws.0, other.0)).exec(tx).await?;
    if let Some(contact) = before.new_contact {
        customer_contacts::Entity::delete_by_id((ws.0, contact.0)).exec(tx).await?;
    }
    Ok(())
}

/// Give the survivor the other one's labels, and the other one's addresses the survivor's as tags, while they still are
/// the other one's. Of two steps of the process the survivor's counts.
async fn join_labels(
    tx: &Tx,
    ws: WorkspaceId,
    new: &NewMerge,
    now: Timestamp,
) -> Result<(Vec<LabelId>, Vec<LabelId>, Vec<LabelId>, Vec<Worn>)> {
    let known = labels::list(tx, ws).await?;
    let theirs = worn(tx, ws, new.other).await?;
    let ours = worn(tx, ws, new.survivor).await?;
    let is_step = |label: LabelId| is_step(&known, label);
    let has_step = ours.iter().any(|one| is_step(one.label));
    let carries = |list: &[Worn], label: LabelId| list.iter().any(|one| one.label == label);
    let left = |one: &&Worn| has_step && is_step(one.label) && !carries(&ours, one.label);
    let add: Vec<LabelId> = theirs.iter().filter(|one| !left(one)).map(|one| one.label).collect();
    let told_off: Vec<LabelId> = theirs.iter().filter(left).map(|one| one.label).collect();
    let told_on: Vec<LabelId> =
        ours.iter().filter(|one| !carries(&theirs, one.label)).map(|one| one.label).collect();
    let done = relabel::relabel(tx, ws, &[new.survivor], &add, &[], Some(new.by), now).await?;
    let put = done.into_iter().flat_map(|one| one.put).collect();
    let pairs = |list: &[LabelId]| list.iter().map(|label| (new.other, *label)).collect::<Vec<_>>();
    pushes::wish(tx, ws, &known, &pairs(&told_on), true, now).await?;
    pushes::wish(tx, ws, &known, &pairs(&told_off), false, now).await?;
    Ok((put, told_on, told_off, theirs))
}

fn is_step(known: &[label_rows::Model], label: LabelId) -> bool {
    known.iter().any(|row| row.id == label.0 && row.kind == LabelKind::Process.as_str())
}

/// Take from the survivor the labels that the merge gave them and nobody has touched since, and give the other one back
/// what they carried; both addresses and threads are each one's own again.
async fn part_labels(
    tx: &Tx,
    ws: WorkspaceId,
    row: &customer_merges::Model,
    before: &Before,
    now: Timestamp,
) -> Result<()> {
    let (survivor, other) = (CustomerId(row.survivor_id), CustomerId(row.other_id));
    let known = labels::list(tx, ws).await?;
    let by = Some(MemberId(row.member_id));
    let one = |label: &LabelId| relabel::Relabelled {
        customer: survivor,
        put: vec![*label],
        taken: Vec::new(),
        at: Timestamp(row.at),
        by,
    };
    let each: Vec<relabel::Relabelled> = before.put.iter().map(one).collect();
    relabel::put_back(tx, ws, &each, now).await?;
    let exists = |label: LabelId| known.iter().any(|row| row.id == label.0);
    let again =
        before.other_labels.iter().filter(|one| exists(one.label)).map(|one| customer_labels::Model {
            workspace_id: ws.0,
            customer_id: other.0,
            label_id: one.label.0,
            member_id: one.by.map(|member| member.0),
            created_at: one.at,
        });
    insert_rows::<customer_labels::Entity>(tx, again.collect::<Vec<_>>(), None).await?;
    let pairs = |list: &[LabelId]| list.iter().map(|label| (other, *label)).collect::<Vec<_>>();
    pushes::wish(tx, ws, &known, &pairs(&before.told_on), false, now).await?;
    pushes::wish(tx, ws, &known, &pairs(&before.told_off), true, now).await?;
    Ok(())
}

async fn worn(tx: &Tx, ws: WorkspaceId, customer: CustomerId) -> Result<Vec<Worn>> {
    use customer_labels::Column as C;
    let rows = customer_labels::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CustomerId.eq(customer.0))
        .order_by_asc(C::LabelId)
        .all(tx)
        .await?;
    let worn = |row: customer_labels::Model| Worn {
        label: LabelId(row.label_id),
        by: row.member_id.map(MemberId),
        at: row.created_at,
    };
    Ok(rows.into_iter().map(worn).collect())
}

async fn write_row(tx: &Tx, was: customers::Model, row: Row, now: Timestamp) -> Result<()> {
    let mut new = was.into_active_model();
    new.name_folded = Set(fold_vi(&row.display_name));
    new.display_name = Set(row.display_name);
    new.avatar_url = Set(row.avatar_url);
    new.phone = Set(row.phone);
    new.note = Set(row.note);
    new.created_at = Set(row.created_at);
    new.updated_at = Set(now.0);
    new.update(tx).await?;
    Ok(())
}

/// Of two phone numbers the one that was not chosen is kept as a further one.
async fn keep_second_phone(
    tx: &Tx,
    ws: WorkspaceId,
    new: &NewMerge,
    survivor: &customers::Model,
    other: &customers::Model,
    merged: &Row,
    now: Timestamp,
) -> Result<Option<ContactId>> {
    let both = [&survivor.phone, &other.phone];
    let Some(second) = both.into_iter().flatten().find(|phone| Some(*phone) != merged.phone.as_ref()) else {
        return Ok(None);
    };
    use customer_contacts::Column as C;
    let known = customer_contacts::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CustomerId.is_in([new.survivor.0, new.other.0]))
        .filter(C::Kind.eq(ContactKind::Phone.as_str()))
        .filter(C::Value.eq(second.as_str()))
        .limit(1)
        .one(tx)
        .await?;
    if known.is_some() {
        return Ok(None);
    }
    let row = customer_contacts::Model {
        workspace_id: ws.0,
        id: new.contact.0,
        customer_id: new.survivor.0,
        kind: ContactKind::Phone.as_str().to_owned(),
        value: second.clone(),
        label: None,
        verified_at: None,
        member_id: Some(new.by.0),
        created_at: now.0,
    };
    insert_rows::<customer_contacts::Entity>(tx, [row], None).await?;
    Ok(Some(new.contact))
}
