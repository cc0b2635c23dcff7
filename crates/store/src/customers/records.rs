//! Customers as filters ask about them.
//!
//! The system fields stand here by key; fields that a business made are known by their id (`fld_…`). How each is found in
//! the database is told twice: for one customer in memory here, and for all by SQL in [`super::select`]. A test holds
//! both against each other.

use std::collections::HashMap;

use loa_filter::{Field, FieldKind, Milli, Record, Value};
use loa_kernel::{ChannelId, CustomerId, LabelId, Timestamp, WorkspaceId};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::details::stored_key;
use super::groups;
use crate::Result;
use crate::entity::{customer_details, customer_identities, customers};
use crate::rows::in_chunks;

/// Keys of the system fields (features reference §6.2, §6.3, §6.6).
pub mod key {
    /// "Tên người dùng".
    pub const NAME: &str = "name";
    /// "Số điện thoại".
    pub const PHONE: &str = "phone";
    /// "Nhãn".
    pub const LABELS: &str = "labels";
    /// "Nhân viên CSKH": the members who have a thread of theirs.
    pub const ASSIGNEES: &str = "assignees";
    /// The accounts that know them.
    pub const CHANNELS: &str = "channels";
    /// "Nhóm khách hàng": following, not following, priority, restricted.
    pub const GROUPS: &str = "groups";
    /// "Giới tính".
    pub const GENDER: &str = "gender";
    /// "Ngày sinh".
    pub const BIRTHDAY: &str = "birthday";
    /// "Vị trí".
    pub const ADDRESS: &str = "address";
    /// The business's own number of a customer.
    pub const EXTERNAL_ID: &str = "external_id";
    /// When Loa first knew of them.
    pub const CREATED_AT: &str = "created_at";
    /// Their newest interaction of any kind.
    pub const LAST_INTERACTION_AT: &str = "last_interaction_at";
}

/// Groups of customers.
pub mod group {
    /// Follows at least one account.
    pub const FOLLOWING: &str = "following";
    /// Follows none, as far as is known.
    pub const NOT_FOLLOWING: &str = "not_following";
    /// "Ưu tiên", and not "Hạn chế", which wins.
    pub const PRIORITY: &str = loa_kernel::PhoneGroup::Priority.as_str();
    /// "Hạn chế".
    pub const RESTRICTED: &str = loa_kernel::PhoneGroup::Restricted.as_str();
}

/// A customer with everything that may be asked about.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerRecord {
    /// Their id.
    pub id: CustomerId,
    name: String,
    phone: Option<String>,
    labels: Vec<String>,
    assignees: Vec<String>,
    channels: Vec<String>,
    groups: Vec<&'static str>,
    created_at: Timestamp,
    last_interaction_at: Option<Timestamp>,
    facts: Map<String, Json>,
}

impl Record for CustomerRecord {
    fn value(&self, field: &Field) -> Value<'_> {
        match field.key.as_str() {
            key::NAME => text(&self.name),
            key::PHONE => text(self.phone.as_deref().unwrap_or_default()),
            key::LABELS => ids(&self.labels),
            key::ASSIGNEES => ids(&self.assignees),
            key::CHANNELS => ids(&self.channels),
            key::GROUPS => Value::Ids(self.groups.clone()),
            key::CREATED_AT => Value::Time(self.created_at),
            key::LAST_INTERACTION_AT => self.last_interaction_at.map_or(Value::Empty, Value::Time),
            other => self.facts.get(stored_key(other)).map_or(Value::Empty, |fact| known(field.kind, fact)),
        }
    }
}

fn text(text: &str) -> Value<'_> {
    if text.is_empty() { Value::Empty } else { Value::Texts(vec![text]) }
}

fn ids(ids: &[String]) -> Value<'_> {
    Value::Ids(ids.iter().map(String::as_str).collect())
}

/// What a fact says, if it is of its field's kind.
fn known(kind: FieldKind, fact: &Json) -> Value<'_> {
    match (kind, fact) {
        (FieldKind::Number, Json::Number(n)) => n.as_i64().map_or(Value::Empty, |n| Value::Number(Milli(n))),
        (FieldKind::Datetime, Json::Number(n)) => {
            n.as_i64().map_or(Value::Empty, |ms| Value::Time(Timestamp(ms)))
        }
        (FieldKind::Boolean, Json::Bool(truth)) => Value::Truth(*truth),
        (FieldKind::Choice, Json::String(id)) => Value::Ids(vec![id]),
        (FieldKind::Table, Json::Object(rows)) => {
            Value::Rows(rows.iter().filter_map(|(key, text)| Some((key.as_str(), text.as_str()?))).collect())
        }
        (FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url, Json::String(text)) => {
            Value::Texts(vec![text])
        }
        _ => Value::Empty,
    }
}

/// At most `limit` customers in the order of their ids, after one of them: a way through all of them.
pub async fn walk(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    after: Option<CustomerId>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<CustomerRecord>> {
    let mut select = customers::Entity::find().filter(customers::Column::WorkspaceId.eq(ws.0));
    if let Some(after) = after {
        select = select.filter(customers::Column::Id.gt(after.0));
    }
    let rows = select.order_by_asc(customers::Column::Id).limit(limit).all(conn).await?;
    complete(conn, ws, rows, now).await
}

/// The customers with these ids, in no order; those that are gone are not in it.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[CustomerId],
    now: Timestamp,
) -> Result<Vec<CustomerRecord>> {
    let mut records = Vec::with_capacity(ids.len());
    for part in in_chunks(conn, ids, 1) {
        let rows = super::by_ids(conn, ws, part).await?;
        records.extend(complete(conn, ws, rows, now).await?);
    }
    Ok(records)
}

async fn complete(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    rows: Vec<customers::Model>,
    now: Timestamp,
) -> Result<Vec<CustomerRecord>> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let people: Vec<CustomerId> = ids.iter().copied().map(CustomerId).collect();
    let mut labels = crate::labels::of_customers(conn, ws, &people).await?;
    let mut assignees: HashMap<Uuid, Vec<String>> = HashMap::new();
    for thread in crate::conversations::of_customers(conn, ws, &people).await? {
        let Some(member) = thread.assignee.map(|member| member.to_string()) else { continue };
        let theirs = assignees.entry(thread.customer.0).or_default();
        if !theirs.contains(&member) {
            theirs.push(member);
        }
    }
    let mut addresses: HashMap<Uuid, Vec<Address>> = HashMap::new();
    let mut facts: HashMap<Uuid, Map<String, Json>> = HashMap::new();
    for part in in_chunks(conn, &ids, 1) {
        for row in addresses_of(conn, ws, part).await? {
            addresses.entry(row.customer_id).or_default().push(row);
        }
        let known = customer_details::Entity::find()
            .filter(customer_details::Column::WorkspaceId.eq(ws.0))
            .filter(customer_details::Column::CustomerId.is_in(part.iter().copied()))
            .all(conn)
            .await?;
        for row in known {
            if let Json::Object(map) = row.facts {
                facts.insert(row.customer_id, map);
            }
        }
    }
    let phones: Vec<String> = rows.iter().filter_map(|row| row.phone.clone()).collect();
    let groups = groups::of_phones(conn, ws, &phones, now).await?;
    let record = |row: customers::Model| {
        let theirs = addresses.remove(&row.id).unwrap_or_default();
        let follows = theirs.iter().any(|address| address.is_follower == Some(true));
        let mut in_groups = vec![if follows { group::FOLLOWING } else { group::NOT_FOLLOWING }];
        in_groups.extend(row.phone.as_ref().and_then(|phone| groups.get(phone)).map(|group| group.as_str()));
        let mut channels: Vec<String> =
            theirs.iter().map(|address| ChannelId(address.channel_id).to_string()).collect();
        channels.sort();
        channels.dedup();
        CustomerRecord {
            id: CustomerId(row.id),
            name: row.name_folded,
            phone: row.phone,
            labels: labels
                .remove(&CustomerId(row.id))
                .unwrap_or_default()
                .iter()
                .map(LabelId::to_string)
                .collect(),
            assignees: assignees.remove(&row.id).unwrap_or_default(),
            channels,
            groups: in_groups,
            created_at: Timestamp(row.created_at),
            last_interaction_at: theirs
                .iter()
                .filter_map(|address| address.last_interaction_at)
                .max()
                .map(Timestamp),
            facts: facts.remove(&row.id).unwrap_or_default(),
        }
    };
    Ok(rows.into_iter().map(record).collect())
}

/// An address of a customer, as far as it is asked about.
#[derive(FromQueryResult)]
struct Address {
    customer_id: Uuid,
    channel_id: Uuid,
    is_follower: Option<bool>,
    last_interaction_at: Option<i64>,
}

async fn addresses_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[Uuid],
) -> Result<Vec<Address>> {
    use customer_identities::Column as C;
    Ok(customer_identities::Entity::find()
        .select_only()
        .columns([C::CustomerId, C::ChannelId, C::IsFollower, C::LastInteractionAt])
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CustomerId.is_in(customers.iter().copied()))
        .into_model()
        .all(conn)
        .await?)
}
