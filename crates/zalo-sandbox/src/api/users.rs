//! Users (platform reference §8).

use std::collections::BTreeMap;

use axum::response::Response;
use jiff::civil::Date;
use loa_kernel::Timestamp;
use zalo::error::ErrorCode;
use zalo::message::Refusal;
use zalo::user::{
    SharedInfo, TagsAndNotes, UserDetail, UserDetailQuery, UserList, UserListQuery, UserRef, UserUpdate,
};

use super::call::{Call, page, payload};
use crate::domain::pay::day;
use crate::media::avatar_path;
use crate::model::{Contact, Permission, absolute};
use crate::platform::platform;

/// `GET /v3.0/oa/user/detail`.
pub async fn detail(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserDetailQuery = call.data(state)?;
        let contact = state.contact(&caller.oa_id, &ask.user_id).ok_or_else(|| Refusal::field("user_id"))?;
        if !contact.related() {
            return Err(Refusal::of(ErrorCode::NOT_FOLLOWER));
        }
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
            dynamic_param: Some(String::new()),
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
        let figures = &platform().pages;
        if ask.offset > figures.users_offset_max {
            return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
        }
        let (offset, count) = page(ask.offset, ask.count, figures.users_max)?;
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
    match text {
        "TODAY" => Some((start(today), tomorrow)),
        "YESTERDAY" => Some((days_ago(1)?, start(today))),
        "L7D" => Some((days_ago(7)?, tomorrow)),
        "L30D" => Some((days_ago(30)?, tomorrow)),
        range => {
            let (from, until) = range.split_once(':')?;
            let date = |text: &str| Date::strptime("%Y_%m_%d", text).ok();
            Some((start(date(from)?), start(date(until)?.tomorrow().ok()?)))
        }
    }
}

/// `POST /v3.0/oa/user/update`.
pub async fn update(call: Call) -> Response {
    call.answer(Permission::UserInfo, |world, state, caller| {
        let ask: UserUpdate = call.json()?;
        let contact =
            state.contact(&caller.oa_id, &ask.user_id).ok_or_else(|| Refusal::field("user_id"))?.clone();
        if !contact.related() {
            return Err(Refusal::of(ErrorCode::NOT_FOLLOWER));
        }
        world.touch(state, &contact, |c| {
            if let Some(alias) = &ask.user_alias {
                c.alias.clone_from(alias);
            }
            if let Some(id) = &ask.user_external_id {
                c.external_id.clone_from(id);
            }
            if let Some(new) = &ask.shared_info {
                let shared = &mut c.shared;
                for (old, new) in [
                    (&mut shared.name, &new.name),
                    (&mut shared.phone, &new.phone),
                    (&mut shared.address, &new.address),
                    (&mut shared.user_dob, &new.user_dob),
                ] {
                    if new.is_some() {
                        old.clone_from(new);
                    }
                }
            }
        });
        Ok(None)
    })
}
