//! Sends: consultation messages (platform reference §3) and what is left of the old send (§4.7).

use axum::response::Response;
use loa_kernel::Timestamp;
use loa_rulebook::{MessageKind, MessagingRules, TemplateLimits};
use serde_json::Value;
use zalo::attach::{ActionPayload, Button, Element};
use zalo::error::ErrorCode;
use zalo::message::{
    MediaSource, MessageLimits, OutKind, OutMessage, ReactData, RecipientForm, Refusal, SendData, SendRequest,
};

use super::call::{Call, Caller, payload};
use super::template::{check_buttons, check_elements};
use crate::domain::send::Content;
use crate::model::{Action, Attachment, Author, Entry, Kind, Permission, State, Upload, UploadSort};
use crate::world::World;

/// `POST /v3.0/oa/message/cs`.
pub async fn consultation(call: Call) -> Response {
    call.answer(Permission::Send, |world, state, caller| {
        let request: SendRequest = call.json()?;
        let message = request.message.as_ref().ok_or_else(|| Refusal::field("message"))?;
        let content = content(world, state, caller, message)?;
        let user_id = user_of(state, caller, &request)?;
        let author = Author::Api { app_id: caller.app_id.clone() };
        let sent = world.oa_sends(state, &caller.oa_id, &user_id, author, content)?;
        let data = SendData {
            message_id: sent.message.id,
            user_id: Some(user_id),
            sent_time: Some(sent.message.at.as_ms()),
            quota: sent.quota,
            anonymous_id: None,
            conversation_id: None,
            group_id: None,
        };
        let mut data = payload(&data)?;
        if state.settings().quota_numbers
            && let Some(quota) = data.as_mut().and_then(|d| d.get_mut("quota"))
        {
            counters_as_numbers(quota);
        }
        Ok(data)
    })
}

/// `POST /v2.0/oa/message`: reactions; everything else to a user is closed (-240).
pub async fn old(call: Call) -> Response {
    call.answer(Permission::Send, |world, state, caller| {
        let request: SendRequest = call.json()?;
        let Some(action) = &request.sender_action else {
            return Err(match request.recipient.form() {
                Ok(RecipientForm::User(_) | RecipientForm::Message(_)) => Refusal::of(ErrorCode::V2_CLOSED),
                // Web chat visitors and broadcast are not emulated.
                Ok(_) => Refusal::of(ErrorCode::MESSAGE_TYPE_INVALID),
                Err(refusal) => refusal,
            });
        };
        let user_id = user_of(state, caller, &request)?;
        let ends = (caller.oa_id.as_str(), user_id.as_str());
        world.react(state, ends, &action.react_message_id, &action.react_icon, true)?;
        payload(&ReactData { message_id: Some(action.react_message_id.clone()) })
    })
}

/// The user a send is for. An id that the OA has never seen is no user of it.
fn user_of(state: &State, caller: &Caller, request: &SendRequest) -> Result<String, Refusal> {
    match request.recipient.form()? {
        RecipientForm::User(id) => match state.contact(&caller.oa_id, id) {
            Some(_) => Ok(id.to_owned()),
            None => Err(Refusal::field("user_id")),
        },
        RecipientForm::Message(id) => state
            .message(id)
            .filter(|m| m.oa_id == caller.oa_id && !m.author.is_oa())
            .map(|m| m.user_id.clone())
            .ok_or_else(|| Refusal::field("message_id")),
        RecipientForm::Anonymous { .. } | RecipientForm::Group(_) => Err(Refusal::field("user_id")),
    }
}

/// What a message holds, checked against limits and uploads.
fn content(world: &World, state: &State, caller: &Caller, message: &OutMessage) -> Result<Content, Refusal> {
    let now = world.now();
    let oa = state.oa(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
    let rules = oa.edition.rules(&world.library, now);
    let of = |kind| rules.limits.of(kind);
    let list = of(MessageKind::List).and_then(|l| l.template);
    let figure = |pick: fn(&TemplateLimits) -> u32| list.as_ref().map_or(0, |l| pick(l) as usize);
    let limits = MessageLimits {
        text: of(MessageKind::Text).map_or(0, |l| l.text_max as usize),
        title: figure(|l| l.title_max),
        subtitle: figure(|l| l.subtitle_max),
        elements: figure(|l| l.cards_max),
        buttons: figure(|l| l.buttons_max),
        query: figure(|l| l.query_max),
    };
    // A kind that the rules do not have is no kind.
    let template =
        |kind| of(kind).and_then(|l| l.template).ok_or_else(|| Refusal::of(ErrorCode::MESSAGE_TYPE_INVALID));
    let upload = |id: &str, sort, field| uploaded(state, caller, rules, (id, sort, field), now);
    let picture = |source, sort| -> Result<Attachment, Refusal> {
        match source {
            MediaSource::AttachmentId(id) => Ok(of_upload(upload(id, sort, "attachment_id")?)),
            MediaSource::Url(url) if url.starts_with("http://") || url.starts_with("https://") => {
                Ok(Attachment { url: Some(url.to_owned()), ..Attachment::default() })
            }
            MediaSource::Url(_) => Err(Refusal::field("url")),
        }
    };
    let own = |text: Option<&str>| text.map(str::to_owned);
    let mut content = match message.check(&limits)? {
        OutKind::Text(text) => Content::text(text),
        OutKind::Image { source, caption } => {
            Content::media(Kind::Image, own(caption), vec![picture(source, UploadSort::Image)?])
        }
        OutKind::Gif { source, caption, .. } => {
            Content::media(Kind::Gif, own(caption), vec![picture(source, UploadSort::Gif)?])
        }
        OutKind::Sticker(id) => Content::media(Kind::Sticker, None, vec![sticker(id)]),
        OutKind::File(token) => {
            Content::media(Kind::File, None, vec![of_upload(upload(token, UploadSort::File, "token")?)])
        }
        OutKind::RequestUserInfo(element) => {
            check_elements(std::slice::from_ref(element), &template(MessageKind::RequestInfo)?)?;
            Content { entries: vec![entry(element)], ..Content::media(Kind::RequestInfo, None, Vec::new()) }
        }
        OutKind::List { elements, buttons } => {
            let limits = template(MessageKind::List)?;
            check_elements(elements, &limits)?;
            check_buttons(buttons, &limits)?;
            Content {
                entries: elements.iter().map(entry).collect(),
                buttons: buttons.iter().map(button).collect(),
                ..Content::media(Kind::List, own(message.text.as_deref()), Vec::new())
            }
        }
        OutKind::Buttons { text, buttons } => {
            check_buttons(buttons, &template(MessageKind::Buttons)?)?;
            Content {
                buttons: buttons.iter().map(button).collect(),
                ..Content::media(Kind::Buttons, Some(text.to_owned()), Vec::new())
            }
        }
    };
    content.quoted_id = message.quote_message_id.clone().filter(|id| !id.is_empty());
    Ok(content)
}

fn uploaded<'a>(
    state: &'a State,
    caller: &Caller,
    rules: &MessagingRules,
    (id, sort, field): (&str, UploadSort, &str),
    now: Timestamp,
) -> Result<&'a Upload, Refusal> {
    let found = state
        .upload(id)
        .filter(|u| u.oa_id == caller.oa_id && u.sort == sort)
        .ok_or_else(|| Refusal::field(field))?;
    let kept_days = super::upload::limits(rules, sort).map_or(0, |l| i64::from(l.upload_kept_days));
    if now >= found.at.plus_days(kept_days) {
        return Err(Refusal::of(ErrorCode::ATTACHMENT_EXPIRED));
    }
    Ok(found)
}

/// An uploaded object as an attachment.
pub fn of_upload(upload: &Upload) -> Attachment {
    Attachment {
        url: Some(upload.path.clone()),
        name: Some(upload.name.clone()),
        size: Some(upload.size),
        extension: upload.name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()),
        checksum: Some(upload.checksum.clone()),
        ..Attachment::default()
    }
}

/// A sticker as an attachment. There is no call that lists stickers, so any id is taken.
pub fn sticker(id: &str) -> Attachment {
    let url = crate::media::sticker_path(id);
    Attachment { sticker_id: Some(id.to_owned()), url: Some(url), ..Attachment::default() }
}

fn action(title: &str, kind: &str, payload: Option<&ActionPayload>, url: Option<&str>) -> Action {
    let value = match payload {
        Some(ActionPayload::Text(text)) => text.clone(),
        Some(ActionPayload::Object { url, content, phone_code }) => {
            [url, phone_code, content].into_iter().flatten().next().cloned().unwrap_or_default()
        }
        None => url.unwrap_or_default().to_owned(),
    };
    Action { title: title.to_owned(), kind: kind.to_owned(), value }
}

fn button(button: &Button) -> Action {
    action(&button.title, button.kind.as_str(), button.payload.as_ref(), None)
}

fn entry(element: &Element) -> Entry {
    let title = element.title.clone().unwrap_or_default();
    let action = element
        .default_action
        .as_ref()
        .map(|a| action(&title, a.kind.as_str(), a.payload.as_ref(), a.url.as_deref()));
    Entry {
        title,
        subtitle: element.subtitle.clone().unwrap_or_default(),
        image_url: element.image_url.clone().unwrap_or_default(),
        action,
    }
}

fn counters_as_numbers(quota: &mut Value) {
    for key in ["remain", "total"] {
        if let Some(value) = quota.get_mut(key)
            && let Some(n) = value.as_str().and_then(|s| s.parse::<i64>().ok())
        {
            *value = n.into();
        }
    }
}
