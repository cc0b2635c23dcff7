//! Tags (platform reference §10).

use axum::response::Response;
use serde::Deserialize;
use zalo::error::ErrorCode;
use zalo::message::Refusal;

use super::call::{Call, payload};
use crate::model::{Contact, Permission, State};

#[derive(Deserialize)]
struct Tag {
    #[serde(default, with = "zalo::flex::opt_id")]
    user_id: Option<String>,
    tag_name: String,
}

impl Tag {
    fn name(&self) -> Result<&str, Refusal> {
        Some(self.tag_name.trim()).filter(|t| !t.is_empty()).ok_or_else(|| Refusal::field("tag_name"))
    }

    fn contact(&self, state: &State, oa_id: &str) -> Result<Contact, Refusal> {
        let user = self.user_id.as_deref().unwrap_or_default();
        let found = state.contact(oa_id, user).ok_or_else(|| Refusal::field("user_id"))?;
        if found.related() { Ok(found.clone()) } else { Err(Refusal::of(ErrorCode::NOT_FOLLOWER)) }
    }
}

/// `POST /v2.0/oa/tag/tagfollower`: makes the tag when it is new.
pub async fn add(call: Call) -> Response {
    call.answer(Permission::OaInfo, |world, state, caller| {
        let ask: Tag = call.json()?;
        let (name, contact) = (ask.name()?, ask.contact(state, &caller.oa_id)?);
        if let Some(oa) = state.oa_mut(&caller.oa_id) {
            oa.tags.insert(name.to_owned());
        }
        let contact = world.touch(state, &contact, |c| {
            c.tags.insert(name.to_owned());
        });
        world.emit_tag(state, &caller.oa_id, Some(&contact), "add_user_to_tag", name);
        Ok(None)
    })
}

/// `POST /v2.0/oa/tag/rmfollowerfromtag`.
pub async fn remove(call: Call) -> Response {
    call.answer(Permission::OaInfo, |world, state, caller| {
        let ask: Tag = call.json()?;
        let (name, contact) = (ask.name()?, ask.contact(state, &caller.oa_id)?);
        if !contact.tags.contains(name) {
            return Err(Refusal::field("tag_name"));
        }
        let contact = world.touch(state, &contact, |c| {
            c.tags.remove(name);
        });
        world.emit_tag(state, &caller.oa_id, Some(&contact), "remove_user_from_tag", name);
        Ok(None)
    })
}

/// `POST /v2.0/oa/tag/rmtag`: the tag goes, from everybody.
pub async fn delete(call: Call) -> Response {
    call.answer(Permission::OaInfo, |world, state, caller| {
        let ask: Tag = call.json()?;
        let name = ask.name()?;
        let existed = state.oa_mut(&caller.oa_id).is_some_and(|oa| oa.tags.remove(name));
        if !existed {
            return Err(Refusal::field("tag_name"));
        }
        let tagged: Vec<String> = state
            .contacts_of(&caller.oa_id)
            .filter(|c| c.tags.contains(name))
            .map(|c| c.user_id.clone())
            .collect();
        for user in tagged {
            if let Some(contact) = state.contact_mut(&caller.oa_id, &user) {
                contact.tags.remove(name);
            }
        }
        world.emit_tag(state, &caller.oa_id, None, "remove_tag", name);
        Ok(None)
    })
}

/// `GET /v2.0/oa/tag/gettagsofoa`.
pub async fn list(call: Call) -> Response {
    call.answer(Permission::OaInfo, |_, state, caller| {
        let oa = state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        payload(&oa.tags)
    })
}
