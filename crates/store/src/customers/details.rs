//! What is known of customers by field, beside name, phone number and note.
//!
//! One row a customer holds all of it. Facts are what is compared; where a fact cannot say how the value was written, that
//! stands beside it (`loa_filter::Known`).

use std::collections::{BTreeMap, HashMap};

use loa_filter::{DateFormat, FieldKind, Known, value_text};
use loa_kernel::{CustomerId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::fields::Privacy;
use super::records::key;
use crate::entity::customer_details;
use crate::rows::{in_chunks, insert_rows};
use crate::{Result, Tx};

/// The key under which the value of a field is kept: of a field that a business made, the end of its id (which is random).
/// The whole id twenty times in every customer would be half of the database.
pub fn stored_key(key: &str) -> &str {
    match key.strip_prefix("fld_") {
        Some(id) if id.len() > STORED_CHARS && id.is_ascii() => &id[id.len() - STORED_CHARS..],
        _ => key,
    }
}

/// Forty bits tell the few fields of a workspace apart; [`super::fields::create`] refuses one that would not.
const STORED_CHARS: usize = 10;

/// What is known of one customer, by key of the field as filters name it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Details {
    facts: Map<String, Json>,
    written: Map<String, Json>,
}

impl Details {
    /// What is known of a field.
    pub fn get(&self, key: &str) -> Option<Known> {
        let key = stored_key(key);
        let fact = self.facts.get(key)?.clone();
        Some(Known { fact, written: self.written.get(key).cloned() })
    }

    /// Know this of a field, or nothing more; answers what was known before.
    pub fn set(&mut self, key: &str, known: Option<Known>) -> Option<Known> {
        let before = self.get(key);
        let key = stored_key(key);
        self.facts.remove(key);
        self.written.remove(key);
        if let Some(Known { fact, written }) = known {
            self.facts.insert(key.to_owned(), fact);
            if let Some(written) = written {
                self.written.insert(key.to_owned(), written);
            }
        }
        before
    }

    /// The business's own number of the customer, in the form in which it is compared.
    pub(crate) fn external_key(&self) -> Option<String> {
        self.facts.get(key::EXTERNAL_ID).and_then(Json::as_str).map(str::to_owned)
    }

    /// The fields of which something is known, by the key under which it is kept.
    pub(crate) fn stored_keys(&self) -> impl Iterator<Item = &String> {
        self.facts.keys()
    }

    /// Nothing at all is known.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    fn of(row: customer_details::Model) -> Self {
        let map = |json: Json| if let Json::Object(map) = json { map } else { Map::new() };
        Self { facts: map(row.facts), written: map(row.details) }
    }
}

/// What is known of these customers; of whom nothing is, is not in it.
pub async fn of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Details>> {
    let mut found = HashMap::new();
    for part in in_chunks(conn, customers, 1) {
        let rows = chosen(ws, part).all(conn).await?;
        found.extend(rows.into_iter().map(|row| (CustomerId(row.customer_id), Details::of(row))));
    }
    Ok(found)
}

/// The same, and nobody else changes it before this transaction ends. Who is not in it yet is guarded by their row of
/// `customers`, which the caller has locked or changed.
pub async fn locked(
    tx: &Tx,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<HashMap<CustomerId, Details>> {
    let mut found = HashMap::new();
    for part in in_chunks(tx, customers, 1) {
        let rows = chosen(ws, part).lock_exclusive().all(tx).await?;
        found.extend(rows.into_iter().map(|row| (CustomerId(row.customer_id), Details::of(row))));
    }
    Ok(found)
}

/// What is known of a customer as texts, for messages to them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownTexts {
    /// Of fields that the business made, by their names for programs.
    pub made: BTreeMap<String, String>,
    /// The option's id.
    pub gender: Option<String>,
    /// As a day.
    pub birthday: Option<String>,
    /// In one line.
    pub address: Option<String>,
}

/// What is known of a customer as texts. Without `unmasked`, nothing of fields that are not open to everybody.
pub async fn texts(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customer: CustomerId,
    unmasked: bool,
) -> Result<KnownTexts> {
    let Some(details) = of_customers(conn, ws, &[customer]).await?.remove(&customer) else {
        return Ok(KnownTexts::default());
    };
    let text = |key: &str, kind: FieldKind, format: DateFormat| {
        details.get(key).map(|known| value_text(kind, format, &known))
    };
    let fields = super::fields::list(conn, ws).await?;
    let seen = fields.iter().filter(|field| unmasked || field.privacy == Privacy::Open);
    let made = seen.filter_map(|field| {
        Some((field.key.clone(), text(&field.id.to_string(), field.kind, field.format)?))
    });
    Ok(KnownTexts {
        made: made.collect(),
        gender: text(key::GENDER, FieldKind::Choice, DateFormat::default()),
        birthday: text(key::BIRTHDAY, FieldKind::Datetime, DateFormat::Day),
        address: text(key::ADDRESS, FieldKind::Text, DateFormat::default()),
    })
}

fn chosen(ws: WorkspaceId, customers: &[CustomerId]) -> sea_orm::Select<customer_details::Entity> {
    customer_details::Entity::find()
        .filter(customer_details::Column::WorkspaceId.eq(ws.0))
        .filter(customer_details::Column::CustomerId.is_in(customers.iter().map(|id| id.0)))
}

/// Write down what is known of these customers, each of whom stands in it once, instead of what was. The caller appends
/// the changes.
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    known: impl IntoIterator<Item = (CustomerId, Details)>,
    now: Timestamp,
) -> Result<()> {
    use customer_details::Column as C;
    let rows = known.into_iter().map(|(customer, details)| customer_details::Model {
        workspace_id: ws.0,
        customer_id: customer.0,
        external_key: details.external_key(),
        details: Json::Object(details.written),
        facts: Json::Object(details.facts),
        updated_at: now.0,
    });
    let newest = OnConflict::columns([C::WorkspaceId, C::CustomerId])
        .update_columns([C::Details, C::Facts, C::ExternalKey, C::UpdatedAt])
        .to_owned();
    insert_rows::<customer_details::Entity>(tx, rows, Some(newest)).await?;
    Ok(())
}
