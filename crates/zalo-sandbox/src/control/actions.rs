//! Acting: as a user on the phone, and as an administrator in Zalo's own tool.

use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use loa_kernel::{Code, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::people::{ContactView, contact_view};
use super::{Body, Refused};
use crate::api::of_upload;
use crate::domain::send::Content;
use crate::media::{STICKERS, photo_path, sticker_path};
use crate::model::{
    Attachment, Author, Kind, Lane, Message, Shared as Info, State as Data, Upload, UploadSort, absolute,
};
use crate::world::{Shared, World};

/// A message to be written. Which parts are needed depends on `kind`.
#[derive(Default, Clone, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewMessage {
    /// `text` when absent.
    pub kind: Option<Kind>,
    /// Text or caption.
    pub text: Option<String>,
    /// Content from `POST /media`.
    pub media_id: Option<String>,
    /// Or its address: image, gif, link, audio, video, file.
    pub url: Option<String>,
    /// Or a drawn product photo, by any number (image).
    pub photo: Option<u64>,
    /// Small picture.
    pub thumbnail: Option<String>,
    /// Description of a link or video.
    pub description: Option<String>,
    /// File name.
    pub name: Option<String>,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// Sticker.
    pub sticker_id: Option<String>,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Business card: name.
    pub caption: Option<String>,
    /// Business card: phone.
    pub phone: Option<String>,
    /// Quoted message.
    pub quoted_id: Option<String>,
}

impl NewMessage {
    /// The content, when everything that the kind needs is there.
    pub fn content(self, state: &Data) -> Result<Content, Problem> {
        let kind = self.kind.unwrap_or(Kind::Text);
        let missing = |field: &str| Problem::invalid(field, "required");
        let mut media = match &self.media_id {
            None => Attachment::default(),
            Some(id) => of_upload(state.upload(id).ok_or_else(|| Problem::invalid("media_id", "unknown"))?),
        };
        media.url = self.url.or(media.url).or(self.photo.map(photo_path));
        media.thumbnail = self.thumbnail.or(media.thumbnail);
        media.description = self.description;
        media.name = self.name.or(media.name);
        media.size = self.size.or(media.size);
        let text = self.text.filter(|t| !t.is_empty());
        let mut content = match kind {
            Kind::Text => Content::text(text.ok_or_else(|| missing("text"))?),
            Kind::Image | Kind::Gif | Kind::Audio | Kind::Video | Kind::Link | Kind::File => {
                media.url.as_ref().ok_or_else(|| missing("url"))?;
                if kind == Kind::File {
                    let name = media.name.clone().ok_or_else(|| missing("name"))?;
                    media.extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase());
                }
                let text = if kind == Kind::Link { text.or(media.url.clone()) } else { text };
                Content::media(kind, text, vec![media])
            }
            Kind::Sticker => {
                let id = self.sticker_id.ok_or_else(|| missing("sticker_id"))?;
                Content::media(kind, None, vec![crate::api::sticker(&id)])
            }
            Kind::Location => {
                media.latitude = Some(self.latitude.ok_or_else(|| missing("latitude"))?);
                media.longitude = Some(self.longitude.ok_or_else(|| missing("longitude"))?);
                Content::media(kind, text, vec![media])
            }
            Kind::BusinessCard => {
                media.phone = Some(self.phone.ok_or_else(|| missing("phone"))?);
                media.caption = self.caption;
                media.url =
                    media.url.or_else(|| media.phone.as_ref().map(|p| format!("https://zalo.me/{p}")));
                Content::media(kind, text, vec![media])
            }
            Kind::List | Kind::Buttons | Kind::RequestInfo => {
                return Err(Problem::invalid("kind", "oa_api_only"));
            }
        };
        content.quoted_id = self.quoted_id.filter(|id| !id.is_empty());
        Ok(content)
    }
}

/// The user writes to the OA.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/messages", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = NewMessage,
    responses((status = 201, body = Message)))]
pub async fn send(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(message): Body<NewMessage>,
) -> Result<(StatusCode, Json<Message>), Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let content = message.content(&state)?;
    let message = world.user_sends(&mut state, &contact, content, false)?;
    Ok((StatusCode::CREATED, Json(message.absolute(world.base()))))
}

/// The administrator writes in Zalo's own tool: quota moves behind the app's back, the echo has `admin_id`.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/tool-messages", tag = "act as the OA",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = NewMessage,
    responses((status = 201, body = Message), (status = 409, body = Problem, description = "platform_refused")))]
pub async fn tool_send(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(message): Body<NewMessage>,
) -> Result<(StatusCode, Json<Message>), Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let content = message.content(&state)?;
    let admin_id = state.oa(&oa).map(|o| o.admin_id.clone()).unwrap_or_default();
    let sent = world.oa_sends(&mut state, &oa, &contact.user_id, Author::Tool { admin_id }, content)?;
    Ok((StatusCode::CREATED, Json(sent.message.absolute(world.base()))))
}

/// Where a follow comes from.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Follow {
    /// `oa_profile` (when absent), `message_invite`, `social_plugin`.
    source: Option<String>,
}

fn follows(
    world: &World,
    oa: &str,
    user: &str,
    on: bool,
    source: Option<&str>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, oa, user)?;
    world.user_follows(&mut state, &contact, on, Some(source.unwrap_or("oa_profile")));
    let contact = world.meet(&mut state, oa, user)?;
    Ok(Json(contact_view(world, &state, &contact)))
}

/// Follow the OA.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/follow", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Follow,
    responses((status = 200, body = ContactView)))]
pub async fn follow(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<Follow>,
) -> Result<Json<ContactView>, Refused> {
    follows(&world, &oa, &user, true, ask.source.as_deref())
}

/// Stop following.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/unfollow", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Follow,
    responses((status = 200, body = ContactView)))]
pub async fn unfollow(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<Follow>,
) -> Result<Json<ContactView>, Refused> {
    follows(&world, &oa, &user, false, ask.source.as_deref())
}

/// Block or unblock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// Blocked from now on.
    blocked: bool,
}

/// Block or unblock the OA.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/block", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Block,
    responses((status = 200, body = ContactView)))]
pub async fn block(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<Block>,
) -> Result<Json<ContactView>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    world.user_blocks(&mut state, &contact, ask.blocked);
    let contact = world.meet(&mut state, &oa, &user)?;
    Ok(Json(contact_view(&world, &state, &contact)))
}

/// How many messages were seen.
#[derive(Serialize, ToSchema)]
pub struct Opened {
    /// Messages that were unseen before.
    seen: usize,
}

/// Open the chat: `user_seen_message` is posted for what was unseen.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/open", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), responses((status = 200, body = Opened)))]
pub async fn open(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
) -> Result<Json<Opened>, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let seen = world.user_opens(&mut state, &contact);
    Ok(Json(Opened { seen }))
}

/// A reaction.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct React {
    /// To which message.
    message_id: String,
    /// Icon token such as `/-heart`; `/-remove` withdraws.
    icon: String,
}

/// React to a message.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/reactions", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = React, responses((status = 204)))]
pub async fn react(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<React>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    world.react(&mut state, (&oa, &contact.user_id), &ask.message_id, &ask.icon, false)?;
    if state.settings().reaction_is_interaction {
        let now = world.now();
        world.touch(&mut state, &contact, |c| c.last_interaction_at = c.last_interaction_at.max(Some(now)));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// A tap on a button or a list entry.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Tap {
    /// `oa.query.show`, `oa.query.hide`, `oa.open.url`, `oa.open.sms`, `oa.open.phone`.
    kind: String,
    /// Text to say, for the queries.
    #[serde(default)]
    value: String,
}

/// Tap: a query is a message of the user; the other actions stay on the phone and answer null.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/tap", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Tap,
    responses((status = 200, body = Option<Message>)))]
pub async fn tap(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(ask): Body<Tap>,
) -> Result<Json<Option<Message>>, Refused> {
    let hidden = match ask.kind.as_str() {
        "oa.query.show" => false,
        "oa.query.hide" => true,
        _ => return Ok(Json(None)),
    };
    if ask.value.is_empty() {
        return Err(Problem::invalid("value", "required").into());
    }
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    let message = world.user_sends(&mut state, &contact, Content::text(ask.value), hidden)?;
    Ok(Json(Some(message.absolute(world.base()))))
}

/// Tap *Nhắn tin* on the OA's page (once, and only before the first message).
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/chatnow", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 409, body = Problem, description = "tapped before, or chatted already")))]
pub async fn chat_now(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    if world.user_clicks_chat(&mut state, &contact) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::Conflict).param("reason", "only_once").into())
    }
}

/// Submit contact data, as an answer to a request for information.
#[utoipa::path(post, path = "/oas/{oa}/users/{user}/info", tag = "act as a user",
    params(("oa" = String, Path), ("user" = String, Path)), request_body = Info, responses((status = 204)))]
pub async fn submit_info(
    State(world): State<Shared>,
    Path((oa, user)): Path<(String, String)>,
    Body(info): Body<Info>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    let contact = world.meet(&mut state, &oa, &user)?;
    world.user_submits(&mut state, &contact, info);
    Ok(StatusCode::NO_CONTENT)
}

/// An event of any kind, for families that cannot be acted here.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEvent {
    /// To which app.
    app_id: String,
    /// Body; `app_id` and `timestamp` are filled in when absent.
    #[serde(default)]
    body: serde_json::Map<String, serde_json::Value>,
    /// Or the exact text, which is signed with the timestamp that it holds.
    #[serde(default)]
    raw: Option<String>,
}

/// Number of the delivery.
#[derive(Serialize, ToSchema)]
pub struct Queued {
    /// For `GET /webhooks`.
    delivery_id: u64,
}

/// Sign and post an event to an app.
#[utoipa::path(post, path = "/events", tag = "act as the platform", request_body = RawEvent,
    responses((status = 202, body = Queued)))]
pub async fn raw_event(
    State(world): State<Shared>,
    Body(ask): Body<RawEvent>,
) -> Result<(StatusCode, Json<Queued>), Refused> {
    let mut state = world.state();
    let app = state.app(&ask.app_id).cloned().ok_or_else(|| Problem::not_found("app"))?;
    let now = world.now();
    let mut body = ask.body;
    body.entry("app_id").or_insert_with(|| app.id.clone().into());
    body.entry("timestamp").or_insert_with(|| now.as_ms().to_string().into());
    let text = match ask.raw {
        Some(raw) => raw,
        None => serde_json::Value::Object(body).to_string(),
    };
    let read: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let field = |name: &str| match read.pointer(name) {
        Some(serde_json::Value::String(s)) => s.clone(),
        Some(serde_json::Value::Number(n)) => n.to_string(),
        _ => String::new(),
    };
    let at = field("/timestamp").parse().map(loa_kernel::Timestamp).unwrap_or(now);
    let (sender, recipient) = (field("/sender/id"), field("/recipient/id"));
    let (oa_id, user_id) =
        if state.oa(&sender).is_some() { (sender, recipient) } else { (recipient, sender) };
    let oa_id = if oa_id.is_empty() { field("/oa_id") } else { oa_id };
    let lane = Lane { app_id: app.id.clone(), oa_id, user_id };
    let delivery_id = world.post_later(&mut state, &app, lane, field("/event_name"), text, (at, now));
    Ok((StatusCode::ACCEPTED, Json(Queued { delivery_id })))
}

/// An uploaded object with its full address.
#[derive(Serialize, ToSchema)]
pub struct Media {
    /// For `media_id` of a message.
    media_id: String,
    /// Full address.
    url: String,
    /// The object.
    #[serde(flatten)]
    upload: Upload,
}

/// Upload what a phone sends: one multipart part named `file`.
#[utoipa::path(post, path = "/media", tag = "act as a user", responses((status = 201, body = Media)))]
pub async fn upload(
    State(world): State<Shared>,
    mut parts: Multipart,
) -> Result<(StatusCode, Json<Media>), Refused> {
    let bad =
        |e: &dyn std::fmt::Display| Refused(Problem::new(Code::MalformedBody).param("at", e.to_string()));
    while let Some(part) = parts.next_field().await.map_err(|e| bad(&e))? {
        if part.name() != Some("file") {
            continue;
        }
        let name = part.file_name().unwrap_or("file").to_owned();
        let bytes = part.bytes().await.map_err(|e| bad(&e))?;
        let mut state = world.state();
        let upload = world.keep_upload(&mut state, world.hex(36), "", UploadSort::Phone, name, bytes)?;
        let url = absolute(world.base(), &upload.path);
        return Ok((StatusCode::CREATED, Json(Media { media_id: upload.id.clone(), url, upload })));
    }
    Err(Problem::invalid("file", "required").into())
}

impl World {
    /// Stickers of the phone page: id, caption and address of the picture.
    pub fn stickers(&self) -> Vec<(&'static str, &'static str, String)> {
        let url = |id: &str| absolute(self.base(), &sticker_path(id));
        STICKERS.iter().map(|(id, caption)| (*id, *caption, url(id))).collect()
    }
}

/// A sticker.
#[derive(Serialize, ToSchema)]
pub struct Sticker {
    /// For `sticker_id`.
    id: &'static str,
    /// Caption.
    caption: &'static str,
    /// Picture.
    url: String,
}

/// Stickers of the phone page.
#[utoipa::path(get, path = "/stickers", tag = "act as a user", responses((status = 200, body = Vec<Sticker>)))]
pub async fn stickers(State(world): State<Shared>) -> Json<Vec<Sticker>> {
    Json(world.stickers().into_iter().map(|(id, caption, url)| Sticker { id, caption, url }).collect())
}
