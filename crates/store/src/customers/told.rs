//! What a platform tells of a customer by field, beside name, phone number and tags (features reference §6.6: the newest
//! statement about a field wins).
//!
//! A platform does not say since when something is so. What it told the last time is therefore kept beside the address: a
//! value that is the same again is no news and leaves alone what somebody has typed here since; one that has changed is
//! newer than what is here. What it tells the first time only fills what is empty.

use loa_filter::{Field, FieldKind, Known, Label, Options, read_value, show_value};
use loa_kernel::{CustomerEventId, CustomerId, IdentityId, Timestamp, WorkspaceId};
use serde_json::{Map, Value as Json, json};

use super::details;
use super::events::{self, CustomerEvent, EventKind};
use super::fields;
use super::records::key;
use crate::{Result, Tx};

/// What a platform tells. What is absent is not told.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Told {
    /// `male`, `female` or `other`.
    pub gender: Option<String>,
    /// Birthday as `yyyy-MM-dd`.
    pub birthday: Option<String>,
    /// Address in one line.
    pub address: Option<String>,
    /// The business's own number of the customer.
    pub external_id: Option<String>,
    /// Values of the account's own fields by key, as the platform writes them.
    pub custom: Map<String, Json>,
}

impl Told {
    /// By name, as it is kept for the next time.
    fn values(&self) -> Map<String, Json> {
        let system = [
            (key::GENDER, self.gender.clone()),
            (key::BIRTHDAY, self.birthday.clone()),
            (key::ADDRESS, self.address.clone()),
            (key::EXTERNAL_ID, self.external_id.clone()),
        ];
        let system = system.into_iter().filter_map(|(key, text)| {
            let text = text.filter(|text| !text.trim().is_empty())?;
            Some((key.to_owned(), Json::String(text)))
        });
        // A key of the account may be called like a field of the system.
        let custom = self.custom.iter().map(|(key, value)| (format!("{CUSTOM}{key}"), value.clone()));
        system.chain(custom).collect()
    }
}

/// What the names of the account's own fields begin with, among what was told.
const CUSTOM: &str = "custom.";

/// The fields that values are told of, under the names by which they are told.
async fn told_fields(tx: &Tx, ws: WorkspaceId) -> Result<Vec<(String, Field)>> {
    let system = |key: &str, kind: FieldKind| Field::plain(key, Label::same(key), kind);
    let genders = ["male", "female", "other"].map(|id| (id.to_owned(), Label::same(id)));
    let gender = Field { options: Options::new(genders.to_vec()), ..system(key::GENDER, FieldKind::Choice) };
    let mut all = vec![
        (key::GENDER.to_owned(), gender),
        (key::BIRTHDAY.to_owned(), system(key::BIRTHDAY, FieldKind::Datetime)),
        (key::ADDRESS.to_owned(), system(key::ADDRESS, FieldKind::Text)),
        (key::EXTERNAL_ID.to_owned(), system(key::EXTERNAL_ID, FieldKind::Text)),
    ];
    for made in fields::list(tx, ws).await? {
        let field = Field { keys: made.keys, ..system(&made.id.to_string(), made.kind) };
        all.push((format!("{CUSTOM}{}", made.key), field));
    }
    Ok(all)
}

/// Write down what was told of a customer whose row this transaction has locked. `before` is what was told the last time;
/// answers what to keep for the next time, and whether anything changed here. The caller appends the change.
pub(crate) async fn learn(
    tx: &Tx,
    ws: WorkspaceId,
    customer: CustomerId,
    identity: IdentityId,
    told: &Told,
    before: Option<&Json>,
    now: Timestamp,
) -> Result<(Json, bool)> {
    let values = told.values();
    let before = before.and_then(Json::as_object);
    let is_news = |name: &str| before.and_then(|before| before.get(name)) != values.get(name);
    let mut known = None;
    let mut changed = Map::new();
    for (name, field) in told_fields(tx, ws).await? {
        let Some(value) = values.get(&name).filter(|_| is_news(&name)) else { continue };
        // What does not fit the field is not ours to mend: the platform's own rules let it in.
        let Ok(Some(read)) = read_value(&field, value) else {
            tracing::debug!(%customer, field = name, "the platform tells what the field does not hold");
            continue;
        };
        let details = match &mut known {
            Some(details) => details,
            none => {
                let mut found = details::locked(tx, ws, &[customer]).await?;
                none.insert(found.remove(&customer).unwrap_or_default())
            }
        };
        let here = details.get(&field.key);
        let was_told = before.is_some_and(|before| before.contains_key(&name));
        if here.as_ref() == Some(&read) || (here.is_some() && !was_told) {
            continue;
        }
        let shown = |known: &Known| show_value(field.kind, known);
        changed.insert(field.key.clone(), json!({ "from": here.as_ref().map(shown), "to": shown(&read) }));
        details.set(&field.key, Some(read));
    }
    if let (Some(details), false) = (known, changed.is_empty()) {
        details::put(tx, ws, [(customer, details)], now).await?;
        let event = CustomerEvent {
            id: CustomerEventId::derived(now, &[identity.0.as_bytes(), b"told"]),
            customer,
            kind: EventKind::FieldsChanged,
            at: now,
            member: None,
            detail: json!({ "fields": changed, "source": "platform" }),
        };
        events::append(tx, ws, [event]).await?;
        return Ok((Json::Object(values), true));
    }
    Ok((Json::Object(values), false))
}
