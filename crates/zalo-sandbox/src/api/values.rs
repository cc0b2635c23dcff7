//! Values of a user's fields (platform reference §9.1, §9.2).

use std::collections::BTreeMap;

use axum::response::Response;
use loa_rulebook::FieldLimits;
use zalo::custom::{CustomInfo, CustomInfoQuery, CustomInfoUpdate, CustomValue};
use zalo::error::ErrorCode;
use zalo::field::DataType;
use zalo::message::Refusal;
use zalo::webhook::FullAddress;

use super::call::{Call, payload};
use super::users::known;
use crate::domain::fields::{GENDERS, is_birthday, is_phone, is_system, short, value};
use crate::model::{Contact, CustomField, FieldValue, Oa, Permission, Shared};
use crate::platform::platform;
use crate::world::World;

/// `GET /v3.0/oa/user/detail/custominfo`.
pub async fn read(call: Call) -> Response {
    call.answer(Permission::FieldValues, |_, state, caller| {
        let ask: CustomInfoQuery = call.data(state)?;
        let contact = known(state, caller, &ask.user_id)?;
        let oa = state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        let wanted = &ask.fields_to_export;
        if wanted.iter().any(|key| !is_system(key) && !oa.fields.iter().any(|f| f.key == *key)) {
            return Err(Refusal::field("fields_to_export"));
        }
        payload(&told(&contact, |key| wanted.is_empty() || wanted.iter().any(|w| w == key)))
    })
}

fn told(contact: &Contact, wanted: impl Fn(&str) -> bool) -> CustomInfo {
    let shared = &contact.shared;
    // What is not there is told as an empty text, except what a user shares or not.
    let text = |key: &str, text: &Option<String>| if wanted(key) { text.clone() } else { None };
    let own: BTreeMap<String, CustomValue> = contact
        .custom
        .iter()
        .filter(|(key, _)| wanted(key))
        .map(|(key, value)| {
            let value = match value {
                FieldValue::Text(text) => CustomValue::Text(text.clone()),
                FieldValue::Table(cells) => CustomValue::Table(cells.clone()),
            };
            (key.clone(), value)
        })
        .collect();
    let address = FullAddress {
        user_city: shared.city.clone(),
        user_ward: shared.ward.clone(),
        user_address: shared.address.clone(),
    };
    CustomInfo {
        user_id: Some(contact.user_id.clone()),
        name: text("name", &shared.name),
        phone: text("phone", &shared.phone),
        user_dob: text("user_dob", &shared.user_dob),
        gender: text("gender", &shared.gender),
        full_address: (wanted("full_address") && address != FullAddress::default()).then_some(address),
        user_external_id: text("user_external_id", &Some(contact.external_id.clone())),
        dynamic_param: text("dynamic_param", &Some(contact.dynamic_param.clone())),
        custom_info: Some(own),
    }
}

/// `POST /v3.0/oa/user/update/custominfo`: everything or nothing.
pub async fn write(call: Call) -> Response {
    call.answer(Permission::FieldValues, |world, state, caller| {
        let ask: CustomInfoUpdate = call.json()?;
        let contact = known(state, caller, &ask.user_id)?;
        let oa = state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        let limits = &world.library.people().fields;
        let mut shared = contact.shared.clone();
        system(&mut shared, &ask, limits)?;
        let custom = match &ask.custom_info {
            None => contact.custom.clone(),
            Some(new) => merged(world, oa, &contact.custom, new)?,
        };
        let external_id = ask.user_external_id.clone();
        let contact = world.touch(state, &contact, |c| {
            c.shared = shared;
            c.custom = custom;
            c.external_id = external_id.unwrap_or_else(|| c.external_id.clone());
        });
        world.emit_user_changed(state, &contact, "update_custom_info");
        Ok(None)
    })
}

/// The values afterwards.
///
/// # Errors
/// -201 with the key of an unknown field or a value that does not fit it, -224 for a type that the package lacks.
pub fn merged(
    world: &World,
    oa: &Oa,
    known: &BTreeMap<String, FieldValue>,
    new: &BTreeMap<String, CustomValue>,
) -> Result<BTreeMap<String, FieldValue>, Refusal> {
    let limits = &world.library.people().fields;
    let mut merged = known.clone();
    for (key, given) in new {
        let field: &CustomField =
            oa.fields.iter().find(|f| f.key == *key).ok_or_else(|| Refusal::field(key))?;
        world.may_have(oa, &field.data_type())?;
        match value(field, given, limits)? {
            // Cells that are not named stay.
            Some(FieldValue::Table(cells)) if field.data_type() == DataType::Table => {
                let FieldValue::Table(kept) =
                    merged.entry(key.clone()).or_insert_with(|| FieldValue::Table(BTreeMap::new()))
                else {
                    return Err(Refusal::field(key));
                };
                kept.extend(cells);
            }
            Some(value) => {
                merged.insert(key.clone(), value);
            }
            None => {
                merged.remove(key);
            }
        }
    }
    Ok(merged)
}

fn system(shared: &mut Shared, ask: &CustomInfoUpdate, limits: &FieldLimits) -> Result<(), Refusal> {
    put("name", &mut shared.name, &ask.name, limits, |_| true)?;
    put("phone", &mut shared.phone, &ask.phone, limits, is_phone)?;
    put("user_dob", &mut shared.user_dob, &ask.user_dob, limits, |text| is_birthday(text, limits))?;
    put("gender", &mut shared.gender, &ask.gender, limits, |word| GENDERS.contains(&word))?;
    if let Some(address) = &ask.full_address {
        let mut city = address.user_city_id.clone();
        if let Some(code) = city.as_mut().filter(|code| !code.is_empty()) {
            let name =
                platform().provinces.get(code.as_str()).ok_or_else(|| Refusal::field("user_city_id"))?;
            code.clone_from(name);
        }
        let is_code = |text: &str| text.len() == 5 && text.bytes().all(|b| b.is_ascii_digit());
        put("user_city_id", &mut shared.city, &city, limits, |_| true)?;
        put("user_ward_id", &mut shared.ward, &address.user_ward_id, limits, is_code)?;
        put("user_address", &mut shared.address, &address.user_address, limits, |_| true)?;
    }
    Ok(())
}

/// Absent leaves, empty takes away.
fn put(
    name: &str,
    old: &mut Option<String>,
    new: &Option<String>,
    limits: &FieldLimits,
    fits: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    match new {
        None => {}
        Some(text) if text.is_empty() => *old = None,
        Some(text) if fits(text) => *old = Some(short(text, limits)?),
        Some(_) => return Err(Refusal::field(name)),
    }
    Ok(())
}
