//! Users (platform reference §8), and a call that the platform does not have.

use std::collections::BTreeMap;

use axum::response::Response;
use jiff::civil::Date;
use loa_kernel::Timestamp;
use zalo::date::Day;
use zalo::error::ErrorCode;
use zalo::message::Refusal;
use zalo::user::{
    Period, SharedInfo, TagsAndNotes, UserDetail, UserDetailQuery, UserForget, UserList, UserListQuery,
    UserRef, UserUpdate,
};

use super::call::{Call, Caller, page, payload};
use crate::domain::fields::{is_birthday, is_phone, short};
use crate::domain::pay::day;
use crate::media::avatar_path;
use crate::model::{Contact, Permission, State, absolute};
use crate::platform::platform;

/// `GET /v3.0/oa/user/detail`.
pub async fn detail(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserDetailQuery = call.data(state)?;
        let contact = &known(state, caller, &ask.user_id)?;
        let person = state.person(&contact.person_id).ok_or_else(|| Refusal::field("user_id"))?;
        let avatar = absolute(world.base(), &avatar_path(&person.id));
        let shared = &contact.shared;
        payload(&UserDetail {
            user_id: contact.user_id.clone(),
            user_id_by_app: Some(person.id_by_app(&caller.app_id)),
            user_external_id: Some(contact.external_id.clone()),
            display_name: Some(person.name.clone()),
            user_alias: Some(if contact.alias.is_empty() { &person.name } else { &contact.alias }.clone()),
            is_sensitive: Some(person.minor),
            user_last_interaction_date: contact.last_interaction_at.map(day),
            user_is_follower: Some(contact.follower),
            avatar: Some(avatar.clone()),
            avatars: Some(BTreeMap::from([("120".to_owned(), avatar.clone()), ("240".to_owned(), avatar)])),
            dynamic_param: Some(contact.dynamic_param.clone()),
            tags_and_notes_info: Some(TagsAndNotes {
                notes: contact.notes.clone(),
                tag_names: contact.tags.iter().cloned().collect(),
            }),
            shared_info: Some(SharedInfo {
                name: shared.name.clone(),
                phone: shared.phone.clone(),
                address: shared.address.clone(),
                city: shared.city.clone(),
                district: shared.district.clone(),
                ward: shared.ward.clone(),
                user_dob: shared.user_dob.clone(),
                ..SharedInfo::default()
            }),
        })
    })
}

/// `GET /v3.0/oa/user/getlist`.
pub async fn list(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserListQuery = call.data(state)?;
        let limits = world.library.people().list;
        if ask.offset > i64::from(limits.offset_max) {
            return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
        }
        let (offset, count) = page(ask.offset, ask.count, limits.count_max.into())?;
        let period = match ask.last_interaction_period.as_deref().filter(|p| !p.is_empty()) {
            None => None,
            Some(text) => {
                Some(period(text, world.now()).ok_or_else(|| Refusal::field("last_interaction_period"))?)
            }
        };
        let fits = |c: &&Contact| {
            c.related()
                && ask.tag_name.as_ref().is_none_or(|t| c.tags.contains(t))
                && ask.is_follower.is_none_or(|wanted| c.follower == wanted)
                && period.is_none_or(|(from, until)| {
                    c.last_interaction_at.is_some_and(|at| from <= at && at < until)
                })
        };
        let all: Vec<&Contact> = state.contacts_of(&caller.oa_id).filter(fits).collect();
        payload(&UserList {
            total: i64::try_from(all.len()).unwrap_or(i64::MAX),
            count: ask.count,
            offset: ask.offset,
            users: all
                .iter()
                .skip(offset)
                .take(count)
                .map(|c| UserRef { user_id: c.user_id.clone() })
                .collect(),
        })
    })
}

/// From (included) and until (not included), days of Vietnam.
fn period(text: &str, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = now.vietnam_date();
    let start = Timestamp::from_vietnam_date;
    let days_ago = |n: i64| today.checked_sub(jiff::Span::new().days(n)).ok().map(start);
    let tomorrow = start(today.tomorrow().ok()?);
    let date =
        |day: Day| Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok();
    match text.parse::<Period>().ok()? {
        Period::Today => Some((start(today), tomorrow)),
        Period::Yesterday => Some((days_ago(1)?, start(today))),
        Period::Last7Days => Some((days_ago(7)?, tomorrow)),
        Period::Last30Days => Some((days_ago(30)?, tomorrow)),
        Period::Range(first, last) => Some((start(date(first)?), start(date(last)?.tomorrow().ok()?))),
    }
}

/// The contact that a call is about.
///
/// # Errors
/// -201 for an unknown user, -213 for one who has no relation with the OA.
pub fn known(state: &State, caller: &Caller, user_id: &str) -> Result<Contact, Refusal> {
    let contact = state.contact(&caller.oa_id, user_id).ok_or_else(|| Refusal::field("user_id"))?;
    if contact.related() { Ok(contact.clone()) } else { Err(Refusal::of(ErrorCode::NOT_FOLLOWER)) }
}

/// `POST /v2.0/oa/deletefollowerinfo`: what the OA keeps goes, the follow stays.
pub async fn forget(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserForget = call.json()?;
        let contact = known(state, caller, &ask.user_id)?;
        let contact = world.touch(state, &contact, Contact::forget);
        world.emit_user_changed(state, &contact, "delete_info");
        Ok(None)
    })
}

/// The OA ends a follow. The real platform does this in its console only (platform reference §8.6): the path, which is
/// one of [`crate::Config`], is ours.
pub async fn remove_follower(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserDetailQuery = call.json()?;
        let contact = known(state, caller, &ask.user_id)?;
        if !world.oa_removes_follower(state, &contact) {
            return Err(Refusal::of(ErrorCode::NOT_FOLLOWER));
        }
        Ok(None)
    })
}

/// `POST /v3.0/oa/user/update`.
pub async fn update(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserUpdate = call.json()?;
        let contact = known(state, caller, &ask.user_id)?;
        let limits = &world.library.people().fields;
        let mut after = contact.clone();
        for (old, new) in
            [(&mut after.alias, &ask.user_alias), (&mut after.external_id, &ask.user_external_id)]
        {
            if let Some(new) = new {
                *old = short(new, limits)?;
            }
        }
        if let Some(new) = &ask.shared_info {
            if new.user_dob.as_ref().is_some_and(|day| !is_birthday(day, limits)) {
                return Err(Refusal::field("user_dob"));
            }
            if new.phone.as_ref().is_some_and(|phone| !is_phone(phone)) {
                return Err(Refusal::field("phone"));
            }
            // The numbers are those of the old units; a code that is a province's today gets its name.
            let unit = |id: Option<i64>| id.map(|id| format!("{id:02}"));
            let city = unit(new.city_id).map(|code| platform().provinces.get(&code).cloned().unwrap_or(code));
            let shared = &mut after.shared;
            for (old, new) in [
                (&mut shared.name, new.name.clone()),
                (&mut shared.phone, new.phone.clone()),
                (&mut shared.address, new.address.clone()),
                (&mut shared.city, city),
                (&mut shared.district, unit(new.district_id)),
                (&mut shared.user_dob, new.user_dob.clone()),
            ] {
                if let Some(new) = new {
                    *old = Some(short(&new, limits)?);
                }
            }
        }
        let contact = world.touch(state, &contact, |c| *c = after);
        world.emit_user_changed(state, &contact, "update_info");
        Ok(None)
    })
}
