//! History (platform reference §11): the way to find out what became of a send whose answer was lost.

use axum::response::Response;
use zalo::conversation::{ConversationQuery, HistoryMessage, RecentChatQuery};
use zalo::message::Refusal;

use super::call::{Call, page, payload};
use crate::media::{avatar_path, oa_avatar_path};
use crate::model::{Kind, Message, Permission, State, absolute};
use crate::platform::platform;
use crate::world::World;

/// `GET /v2.0/oa/conversation`: messages of one user, newest first.
pub async fn conversation(call: Call) -> Response {
    call.answer(Permission::ReadMessages, |world, state, caller| {
        let ask: ConversationQuery = call.data(state)?;
        let (offset, count) = page(ask.offset, ask.count, platform().pages.history_max)?;
        state.contact(&caller.oa_id, &ask.user_id).ok_or_else(|| Refusal::field("user_id"))?;
        let messages: Vec<_> = state
            .thread(&caller.oa_id, &ask.user_id)
            .rev()
            .skip(offset)
            .take(count)
            .map(|m| shown(world, state, m))
            .collect();
        payload(&messages)
    })
}

/// `GET /v2.0/oa/listrecentchat`: the last message of each conversation, latest first.
pub async fn recent(call: Call) -> Response {
    call.answer(Permission::ReadMessages, |world, state, caller| {
        let ask: RecentChatQuery = call.data(state)?;
        let (offset, count) = page(ask.offset, ask.count, platform().pages.history_max)?;
        let mut last: Vec<&Message> = state
            .contacts_of(&caller.oa_id)
            .filter_map(|c| state.thread(&c.oa_id, &c.user_id).next_back())
            .collect();
        last.sort_by_key(|m| std::cmp::Reverse((m.at, m.seq)));
        let messages: Vec<_> =
            last.into_iter().skip(offset).take(count).map(|m| shown(world, state, m)).collect();
        payload(&messages)
    })
}

fn shown(world: &World, state: &State, m: &Message) -> HistoryMessage {
    let base = world.base();
    let person = state.contact(&m.oa_id, &m.user_id).and_then(|c| state.person(&c.person_id));
    let user = (
        Some(m.user_id.clone()),
        person.map(|p| p.name.clone()),
        person.map(|p| absolute(base, &avatar_path(&p.id))),
    );
    let oa = (
        Some(m.oa_id.clone()),
        state.oa(&m.oa_id).map(|o| o.name.clone()),
        Some(absolute(base, &oa_avatar_path(&m.oa_id))),
    );
    let from_oa = m.author.is_oa();
    let (from, to) = if from_oa { (oa, user) } else { (user, oa) };
    let media = m.attachments.first();
    let full = |url: Option<&String>| url.map(|u| absolute(base, u));
    let location = media.and_then(|a| a.latitude.zip(a.longitude)).map(|(latitude, longitude)| {
        let place = serde_json::json!({"latitude": latitude.to_string(), "longitude": longitude.to_string()});
        serde_json::Value::String(place.to_string())
    });
    let links = (m.kind == Kind::List).then(|| {
        let entries: Vec<_> = m
            .entries
            .iter()
            .map(|e| serde_json::json!({"title": e.title, "description": e.subtitle, "thumb": e.image_url}))
            .collect();
        serde_json::Value::String(serde_json::Value::Array(entries).to_string())
    });
    HistoryMessage {
        message_id: m.id.clone(),
        from_oa,
        time: m.at.as_ms(),
        kind: m.kind.history_name().to_owned(),
        text: m.text.clone().or_else(|| m.entries.first().map(|e| e.title.clone())),
        from_id: from.0,
        from_display_name: from.1,
        from_avatar: from.2,
        to_id: to.0,
        to_display_name: to.1,
        to_avatar: to.2,
        url: full(media.and_then(|a| a.url.as_ref())),
        thumb: full(media.and_then(|a| a.thumbnail.as_ref().or(a.url.as_ref()))),
        description: media.and_then(|a| a.description.clone().or_else(|| a.name.clone())),
        links,
        location,
    }
}
