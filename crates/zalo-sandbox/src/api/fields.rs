//! Fields of the OA's own (platform reference §9.3). The bodies are provisional; they stand in `zalo::field`.

use axum::response::Response;
use zalo::error::ErrorCode;
use zalo::field::{FieldDefinition, FieldKey, FieldList, FieldQuery, FieldType};
use zalo::message::Refusal;

use super::call::{Call, Caller, payload};
use crate::domain::fields;
use crate::model::{Oa, Permission, State};
use crate::world::Live;

fn oa<'a>(state: &'a State, caller: &Caller) -> Result<&'a Oa, Refusal> {
    state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))
}

/// `GET /v3.0/oa/userfield/get`.
pub async fn list(call: Call) -> Response {
    call.answer(Permission::Fields, |_, state, caller| {
        let ask: FieldQuery =
            if call.uri.query().is_some() { call.data(state)? } else { FieldQuery::default() };
        let own = oa(state, caller)?.fields.iter().map(|field| field.definition());
        let fields = fields::system()
            .chain(own)
            .filter(|f| ask.field_type.is_none() || f.field_type == ask.field_type)
            .filter(|f| ask.fields_to_get.is_empty() || ask.fields_to_get.contains(&f.key))
            .collect();
        payload(&FieldList { fields })
    })
}

/// `POST /v3.0/oa/userfield/create`.
pub async fn create(call: Call) -> Response {
    call.answer(Permission::Fields, |world, state, caller| {
        let ask: FieldDefinition = call.json()?;
        let known = oa(state, caller)?;
        world.may_have(known, &ask.data_type)?;
        let field = fields::create(&known.fields, &ask, &world.library.people().fields)?;
        if let Some(oa) = state.oa_mut(&caller.oa_id) {
            oa.fields.push(field);
        }
        world.publish(Live::Oa(caller.oa_id.clone()));
        Ok(None)
    })
}

/// `POST /v3.0/oa/userfield/update`.
pub async fn update(call: Call) -> Response {
    call.answer(Permission::Fields, |world, state, caller| {
        let ask: FieldDefinition = call.json()?;
        let owner = oa(state, caller)?;
        world.may_have(owner, &ask.data_type)?;
        let at = owner.fields.iter().position(|f| f.key == ask.key).ok_or_else(|| Refusal::field("key"))?;
        let field = fields::update(&owner.fields[at], &ask, &world.library.people().fields)?;
        if let Some(known) = state.oa_mut(&caller.oa_id).and_then(|oa| oa.fields.get_mut(at)) {
            *known = field;
        }
        world.publish(Live::Oa(caller.oa_id.clone()));
        Ok(None)
    })
}

/// `POST /v3.0/oa/userfield/delete`: the field goes, and everybody's values of it.
pub async fn delete(call: Call) -> Response {
    call.answer(Permission::Fields, |world, state, caller| {
        let ask: FieldKey = call.json()?;
        if ask.field_type != Some(FieldType::OaCustom) {
            return Err(Refusal::field("field_type"));
        }
        if !oa(state, caller)?.fields.iter().any(|f| f.key == ask.key) {
            return Err(Refusal::field("key"));
        }
        if let Some(oa) = state.oa_mut(&caller.oa_id) {
            oa.fields.retain(|f| f.key != ask.key);
        }
        let holders: Vec<String> = state
            .contacts_of(&caller.oa_id)
            .filter(|c| c.custom.contains_key(&ask.key))
            .map(|c| c.user_id.clone())
            .collect();
        for user in holders {
            if let Some(contact) = state.contact_mut(&caller.oa_id, &user) {
                contact.custom.remove(&ask.key);
            }
        }
        world.publish(Live::Oa(caller.oa_id.clone()));
        Ok(None)
    })
}
