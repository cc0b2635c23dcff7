//! What administrators do in the platform's own console with people and fields, and what users do with dynamic
//! addresses.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use loa_kernel::{Code, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zalo::custom::CustomValue;

use super::people::{ContactView, contact_view};
use super::{Body, Refused};
use crate::api::merged;
use crate::domain::fields;
use crate::model::{Contact, CustomField, FieldValue, Oa, Shared as Info};
use crate::world::{Live, Shared, World};

/// What the OA keeps of a person; what is absent stays.
#[derive(Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Knowledge {
    /// Shared information, whole.
    pub shared: Option<Info>,
    /// Values of the OA's own fields by key; null takes one away.
    pub custom: Option<BTreeMap<String, Value>>,
    /// Name given by the OA.
    pub alias: Option<String>,
    /// Own id of the business.
    pub external_id: Option<String>,
    /// Notes, whole.
    pub notes: Option<Vec<String>>,
}

impl Knowledge {
    /// What is kept of `contact` with this.
    ///
    /// # Errors
    /// `platform_refused` for values that the platform would not take.
    pub fn put(&self, world: &World, oa: &Oa, contact: &mut Contact) -> Result<(), Refused> {
        if let Some(new) = &self.custom {
            let mut given: BTreeMap<String, CustomValue> = BTreeMap::new();
            for (key, value) in new {
                let value = match value {
                    Value::Null => Some(CustomValue::Text(String::new())),
                    value => CustomValue::read(value),
                };
                given.insert(key.clone(), value.ok_or_else(|| Problem::invalid(key, "not_a_value"))?);
            }
            contact.custom = merged(world, oa, &contact.custom, &given)?;
        }
        if let Some(shared) = &self.shared {
            contact.shared.clone_from(shared);
        }
        if let Some(notes) = &self.notes {
            contact.notes.clone_from(notes);
        }
        for (old, new) in [(&mut contact.alias, &self.alias), (&mut contact.external_id, &self.external_id)] {
            if let Some(new) = new {
                old.clone_from(new);
            }
        }
        Ok(())
    }
}

/// Change in the console what the OA keeps of a person; `update_user_info` is posted.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/details", tag = "act as the OA",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Knowledge,
    responses((status = 200, body = ContactView)))]
pub async fn details(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(change): Body<Knowledge>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let account = state.oa(&oa).ok_or_else(|| Problem::not_found("oa"))?;
    let mut after = contact.clone();
    change.put(&world, account, &mut after)?;
    let contact = world.touch(&mut state, &contact, |c| *c = after);
    world.emit_user_changed(&mut state, &contact, "console");
    Ok(Json(contact_view(&world, &state, &contact)))
}

/// The OA removes a follower ("Xóa quan tâm"), which at the real platform only its console does.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/remove-follow", tag = "act as the OA",
    params(("oa" = String, Path), ("user" = String, Path)),
    responses((status = 200, body = ContactView), (status = 409, body = Problem, description = "does not follow")))]
pub async fn remove_follow(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    if !world.oa_removes_follower(&mut state, &contact) {
        return Err(Problem::new(Code::Conflict).param("reason", "not_a_follower").into());
    }
    let contact = world.meet(&mut state, &oa, &user)?;
    Ok(Json(contact_view(&world, &state, &contact)))
}

/// A visit of a dynamic address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// What stood in it.
    param: String,
}

/// Visit a dynamic address of the OA: `update_user_info` is posted.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/visit", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Visit, responses((status = 204)))]
pub async fn visit(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<Visit>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    world.user_visits(&mut state, &contact, &ask.param);
    Ok(StatusCode::NO_CONTENT)
}

/// Set the OA's own fields, whatever its package allows. Limits and types hold; values of fields that go, go too.
#[utoipa::path(put, path = "/oas/{oa}/fields", tag = "accounts", params(("oa" = String, Path)),
    request_body = Vec<CustomField>, responses((status = 200, body = Vec<CustomField>)))]
pub async fn put_fields(
    State(world): State<Shared>,
    Path(oa): Path<String>,
    Body(wanted): Body<Vec<CustomField>>,
) -> Result<Json<Vec<CustomField>>, Refused> {
    let mut made: Vec<CustomField> = Vec::new();
    for field in &wanted {
        made.push(fields::create(&made, &field.definition(), &world.library.people().fields)?);
    }
    let mut state = world.state();
    let account = state.oa_mut(&oa).ok_or_else(|| Problem::not_found("oa"))?;
    account.fields.clone_from(&made);
    let keeps = |key: &String, value: &FieldValue| {
        made.iter()
            .any(|f| f.key == *key && (f.data_type == "table") == matches!(value, FieldValue::Table(_)))
    };
    let users: Vec<String> = state
        .contacts_of(&oa)
        .filter(|c| c.custom.iter().any(|(key, value)| !keeps(key, value)))
        .map(|c| c.user_id.clone())
        .collect();
    for user in users {
        if let Some(contact) = state.contact_mut(&oa, &user) {
            contact.custom.retain(|key, value| keeps(key, value));
        }
    }
    world.publish(Live::Oa(oa));
    Ok(Json(made))
}
