//! The phone numbers of the two groups "Ưu tiên" and "Hạn chế", and whom they change.
//!
//! Invariants:
//! - A number stands in a group whether anybody with it is known or not; who gets it later is shown the group then.
//! - Whoever's group changes is in the list of changes of the same transaction, and nobody else ([`announce`]).
//! - One transaction at a time changes the groups of a workspace ([`lock`]), so what was planned is what happens.
//! - A number counts until it expires ([`of_phones`], [`super::select`]); it is taken out soon after ([`expired`]), and the
//!   changes go out with that.

mod uploads;

use std::collections::{HashMap, HashSet};

use loa_kernel::{CustomerId, MemberId, PhoneGroup, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, LikeExpr, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value,
};
use uuid::Uuid;

use crate::changes::{self, NewChange};
use crate::entity::group_phones::{Column, Entity, Model};
use crate::entity::{customers, group_phones};
use crate::rows::{insert_rows, remove_keys, rows_of_keys};
use crate::{Result, StoreError, Tx, dialect};

pub use uploads::{RowKind, Upload, UploadRow, insert_upload, upload, upload_rows, uploads};

/// Nobody else changes the groups of this workspace until the transaction ends. First statement of whoever does.
pub async fn lock(tx: &Tx, ws: WorkspaceId) -> Result<()> {
    let (_, low) = ws.0.as_u64_pair();
    dialect::lock_groups(tx, low.cast_signed()).await
}

/// What somebody with each of these numbers is shown; those in no group are not in it. Expired ones do not count.
pub async fn of_phones(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    phones: &[String],
    now: Timestamp,
) -> Result<HashMap<String, PhoneGroup>> {
    let mut found = HashMap::new();
    for row in rows_of(conn, ws, phones).await? {
        if row.expires_at.is_some_and(|at| at <= now.0) {
            continue;
        }
        let group = known(&row.group)?;
        let shown = found.entry(row.phone).or_insert(group);
        if group == PhoneGroup::Restricted {
            *shown = group;
        }
    }
    Ok(found)
}

/// What each of these customers is shown; those in no group are not in it. One query for many.
pub async fn of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    rows: &[customers::Model],
    now: Timestamp,
) -> Result<HashMap<CustomerId, PhoneGroup>> {
    let mut phones: Vec<String> = rows.iter().filter_map(|row| row.phone.clone()).collect();
    phones.sort_unstable();
    phones.dedup();
    let groups = of_phones(conn, ws, &phones, now).await?;
    let group = |row: &customers::Model| Some((CustomerId(row.id), *groups.get(row.phone.as_ref()?)?));
    Ok(rows.iter().filter_map(group).collect())
}

async fn rows_of(conn: &impl ConnectionTrait, ws: WorkspaceId, phones: &[String]) -> Result<Vec<Model>> {
    rows_of_keys::<Entity>(conn, ws, Column::Phone, &keys(phones)).await
}

fn keys(phones: &[String]) -> Vec<Value> {
    phones.iter().map(|phone| phone.as_str().into()).collect()
}

fn known(group: &str) -> Result<PhoneGroup> {
    group.parse().map_err(|_| StoreError::unreadable("group_phones.group", format_args!("{group:?}")))
}

/// Numbers that are to stand in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted<'a> {
    /// The group.
    pub group: PhoneGroup,
    /// The numbers, each once.
    pub phones: &'a [String],
    /// No others stay in it.
    pub replace: bool,
}

/// What putting numbers into a group would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Those that stand in it already.
    pub already: HashSet<String>,
    /// Those that stand in the other group too.
    pub conflicts: HashSet<String>,
    /// Those that would go out of it.
    pub removed: Vec<String>,
    /// The numbers of which somebody would be shown another group than before.
    pub changed: Vec<String>,
    /// Customers who have one of the numbers now.
    pub recognised: u64,
}

/// What would happen; changes nothing.
pub async fn plan(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    wanted: Wanted<'_>,
    now: Timestamp,
) -> Result<Plan> {
    let mut plan = Plan::default();
    let new: HashSet<&str> = wanted.phones.iter().map(String::as_str).collect();
    if wanted.replace {
        plan.removed = all(conn, ws, wanted.group).await?;
        plan.removed.retain(|phone| !new.contains(phone.as_str()));
    }
    let (mut here, mut there) = (HashMap::new(), HashMap::new());
    for row in rows_of(conn, ws, &[wanted.phones, &plan.removed].concat()).await? {
        let counts = row.expires_at.is_none_or(|at| at > now.0);
        let is_here = known(&row.group)? == wanted.group;
        if counts && new.contains(row.phone.as_str()) {
            let noted = if is_here { &mut plan.already } else { &mut plan.conflicts };
            noted.insert(row.phone.clone());
        }
        if is_here { &mut here } else { &mut there }.insert(row.phone, counts);
    }
    let shown = |is_here: bool, is_there: bool| match wanted.group {
        PhoneGroup::Priority => PhoneGroup::shown(is_here, is_there),
        PhoneGroup::Restricted => PhoneGroup::shown(is_there, is_here),
    };
    let after = wanted.phones.iter().map(|phone| (phone, true));
    for (phone, stays) in after.chain(plan.removed.iter().map(|phone| (phone, false))) {
        let (here, there) = (here.get(phone), there.get(phone));
        // Until it is taken out, some were told of a number that has expired and others read that it does not count.
        let told = shown(here.is_some(), there.is_some()) != shown(stays, there.is_some());
        let read = shown(here == Some(&true), there == Some(&true)) != shown(stays, there == Some(&true));
        if told || read {
            plan.changed.push(phone.clone());
        }
    }
    plan.recognised = super::with_phones(conn, ws, wanted.phones).await?.len() as u64;
    Ok(plan)
}

/// Do what was planned in this transaction, which has the [`lock`]. The caller [`announce`]s [`Plan::changed`].
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    wanted: Wanted<'_>,
    plan: &Plan,
    expires_at: Option<Timestamp>,
    by: MemberId,
    now: Timestamp,
) -> Result<()> {
    delete(tx, ws, wanted.group, &plan.removed).await?;
    let rows: Vec<Model> = wanted
        .phones
        .iter()
        .map(|phone| Model {
            workspace_id: ws.0,
            phone: phone.clone(),
            group: wanted.group.as_str().to_owned(),
            expires_at: expires_at.map(|at| at.0),
            member_id: Some(by.0),
            created_at: now.0,
        })
        .collect();
    let again = OnConflict::columns([Column::WorkspaceId, Column::Phone, Column::Group])
        .update_columns([Column::ExpiresAt, Column::MemberId])
        .to_owned();
    insert_rows::<Entity>(tx, rows, Some(again)).await?;
    Ok(())
}

/// Numbers that were taken out of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Removed {
    /// How many.
    pub count: usize,
    /// Those of which somebody is shown another group now: the other group does not hide it. To be [`announce`]d.
    pub changed: Vec<String>,
}

/// Take these numbers out of a group; those that are not in it stay out.
pub async fn remove(tx: &Tx, ws: WorkspaceId, group: PhoneGroup, phones: &[String]) -> Result<Removed> {
    let (mut here, mut there) = (Vec::new(), HashSet::new());
    for row in rows_of(tx, ws, phones).await? {
        if known(&row.group)? == group {
            here.push(row.phone);
        } else {
            there.insert(row.phone);
        }
    }
    delete(tx, ws, group, &here).await?;
    let count = here.len();
    if group == PhoneGroup::Priority {
        here.retain(|phone| !there.contains(phone));
    }
    Ok(Removed { count, changed: here })
}

async fn delete(tx: &Tx, ws: WorkspaceId, group: PhoneGroup, phones: &[String]) -> Result<()> {
    let fixed = (Column::Group, group.as_str().into());
    remove_keys::<Entity>(tx, ws, fixed, Column::Phone, &keys(phones)).await?;
    Ok(())
}

/// All numbers of a group, expired ones too.
pub async fn all(conn: &impl ConnectionTrait, ws: WorkspaceId, group: PhoneGroup) -> Result<Vec<String>> {
    Ok(of(ws, group)
        .select_only()
        .column(Column::Phone)
        .order_by_asc(Column::Phone)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Record the changes of those who have one of these numbers: the customers, and their threads, which show it too. Last
/// statement of the transaction; nobody who gets such a number meanwhile is missed ([`changes::lock`]).
pub async fn announce(tx: &Tx, ws: WorkspaceId, phones: &[String], now: Timestamp) -> Result<usize> {
    if phones.is_empty() {
        return Ok(0);
    }
    changes::lock(tx, ws).await?;
    let mut ids: Vec<CustomerId> =
        super::with_phones(tx, ws, phones).await?.into_iter().map(|row| CustomerId(row.id)).collect();
    ids.sort_unstable();
    let threads = crate::conversations::of_customers(tx, ws, &ids).await?;
    let threads = threads.iter().map(|thread| NewChange::conversation(thread.id, thread.channel));
    let list: Vec<NewChange> = ids.iter().copied().map(NewChange::customer).chain(threads).collect();
    changes::append(tx, ws, &list, now).await?;
    Ok(ids.len())
}

fn of(ws: WorkspaceId, group: PhoneGroup) -> sea_orm::Select<Entity> {
    Entity::find().filter(Column::WorkspaceId.eq(ws.0)).filter(Column::Group.eq(group.as_str()))
}

/// Which numbers of a group are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Those with this part, for who sees numbers whole.
    Part(String),
    /// This one.
    Whole(String),
}

/// A page of a group by number, expired ones left out.
pub async fn page(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    group: PhoneGroup,
    look: Option<&Look>,
    (skip, limit): (u64, u64),
    now: Timestamp,
) -> Result<Vec<group_phones::Model>> {
    let mut select = of(ws, group).filter(counts_at(now));
    match look {
        Some(Look::Part(digits)) => {
            select = select.filter(Expr::col(Column::Phone).like(LikeExpr::new(format!("%{digits}%"))));
        }
        Some(Look::Whole(phone)) => select = select.filter(Column::Phone.eq(phone.as_str())),
        None => {}
    }
    Ok(select.order_by_asc(Column::Phone).offset(skip).limit(limit).all(conn).await?)
}

fn counts_at(now: Timestamp) -> Condition {
    Condition::any().add(Column::ExpiresAt.is_null()).add(Column::ExpiresAt.gt(now.0))
}

/// A group in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// The group.
    pub group: PhoneGroup,
    /// Numbers in it.
    pub numbers: u64,
    /// Of these, how many end some day.
    pub expiring: u64,
    /// Customers who are shown it.
    pub customers: u64,
}

/// Both groups in numbers.
pub async fn counts(conn: &impl ConnectionTrait, ws: WorkspaceId, now: Timestamp) -> Result<Vec<Counts>> {
    let mut both = Vec::new();
    for group in PhoneGroup::ALL.iter().copied() {
        let numbers = of(ws, group).filter(counts_at(now));
        let expiring = numbers.clone().filter(Column::ExpiresAt.is_not_null()).count(conn).await?;
        let numbers = numbers.count(conn).await?;
        let phones = |group: PhoneGroup| {
            Query::select()
                .column(Column::Phone)
                .from(Entity)
                .and_where(Column::WorkspaceId.eq(ws.0))
                .and_where(Column::Group.eq(group.as_str()))
                .cond_where(counts_at(now))
                .to_owned()
        };
        let mut people = customers::Entity::find()
            .filter(customers::Column::WorkspaceId.eq(ws.0))
            .filter(customers::Column::Phone.in_subquery(phones(group)));
        if group == PhoneGroup::Priority {
            let hidden = phones(PhoneGroup::Restricted);
            people = people.filter(customers::Column::Phone.not_in_subquery(hidden));
        }
        both.push(Counts { group, numbers, expiring, customers: people.count(conn).await? });
    }
    Ok(both)
}

/// Take everything out of a group, and the rows of its reports, which hold numbers too.
pub async fn empty(tx: &Tx, ws: WorkspaceId, group: PhoneGroup) -> Result<Removed> {
    uploads::forget_rows(tx, ws, group).await?;
    remove(tx, ws, group, &all(tx, ws, group).await?).await
}

/// A workspace with numbers that have expired.
pub async fn any_expired(conn: &impl ConnectionTrait, now: Timestamp) -> Result<Option<WorkspaceId>> {
    let row: Option<Uuid> = Entity::find()
        .select_only()
        .column(Column::WorkspaceId)
        .filter(Column::ExpiresAt.lte(now.0))
        .limit(1)
        .into_tuple()
        .one(conn)
        .await?;
    Ok(row.map(WorkspaceId))
}

/// At most `limit` numbers of a workspace that have expired, by group.
pub async fn expired(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<(PhoneGroup, Vec<String>)>> {
    let rows: Vec<(String, String)> = Entity::find()
        .select_only()
        .columns([Column::Group, Column::Phone])
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ExpiresAt.lte(now.0))
        .order_by_asc(Column::ExpiresAt)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    let mut by_group: HashMap<PhoneGroup, Vec<String>> = HashMap::new();
    for (group, phone) in rows {
        by_group.entry(known(&group)?).or_default().push(phone);
    }
    // "Hạn chế" last: then what it hid is out of "Ưu tiên" already, or is shown.
    Ok(PhoneGroup::ALL.iter().filter_map(|group| Some((*group, by_group.remove(group)?))).collect())
}
