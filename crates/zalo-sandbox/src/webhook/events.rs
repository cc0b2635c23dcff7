//! What events look like (platform reference §16.4 to §16.6), and queueing them.

use std::sync::PoisonError;

use loa_kernel::Timestamp;
use zalo::webhook::{
    Attachment as WireAttachment, Body, BusinessCard, FileRef, FullAddress, Media, MessageBody, Party,
    SubmittedInfo, TagBody, TemplateEcho,
};

use crate::model::{
    App, Attachment, Author, Contact, Delivery, DeliveryState, Kind, Lane, Message, Shared, State,
    WebhookFault, absolute,
};
use crate::world::{Live, World};

/// How long the fault "reorder" holds an event back when nothing comes after it, in sandbox milliseconds.
const HELD_AT_MOST_MS: i64 = 5_000;

/// The documented method of `update_user_info`: the user visited a dynamic address.
pub const DYNAMIC_URL: &str = "dynamic_url";

/// An event before it is addressed to apps.
pub struct NewEvent<'a> {
    /// The OA it happened to.
    pub oa_id: &'a str,
    /// The user it is about.
    pub contact: Option<&'a Contact>,
    /// Name and content; app id, user id by app and timestamp are filled in.
    pub body: Body,
    /// When it happened.
    pub at: Timestamp,
    /// Not before this.
    pub due_at: Timestamp,
    /// Only to this app.
    pub only_app: Option<&'a str>,
}

impl World {
    /// Queues an event for every app that has the OA's grant and listens to it. Call it under the state's
    /// lock, in the order in which things happen: that is the order of delivery.
    pub fn emit(&self, state: &mut State, event: NewEvent<'_>) {
        let apps: Vec<App> = state
            .apps()
            .filter(|app| event.only_app.is_none_or(|only| only == app.id))
            .filter(|app| state.grant(&app.id, event.oa_id).is_some_and(|g| !g.revoked))
            .filter(|app| app.active && !app.removed && app.webhook_enabled && app.webhook_url.is_some())
            .filter(|app| !app.events_off.contains(&event.body.event_name))
            .cloned()
            .collect();
        for app in apps {
            let mut body = event.body.clone();
            body.app_id = Some(app.id.clone());
            body.timestamp = Some(event.at.as_ms());
            let person = event.contact.and_then(|c| state.person(&c.person_id));
            body.user_id_by_app = person.map(|p| p.id_by_app(&app.id));
            let Ok(text) = serde_json::to_string(&body) else { continue };
            let user_id = event.contact.map(|c| c.user_id.clone()).unwrap_or_default();
            let lane = Lane { app_id: app.id.clone(), oa_id: event.oa_id.to_owned(), user_id };
            self.post_later(state, &app, lane, body.event_name, text, (event.at, event.due_at));
        }
    }

    /// Queues exact bytes for one app, signed with `(at, due_at)`.
    pub fn post_later(
        &self,
        state: &mut State,
        app: &App,
        lane: Lane,
        event_name: String,
        body: String,
        (at, due_at): (Timestamp, Timestamp),
    ) -> u64 {
        let now = self.now();
        let faults = self.roll_webhook(state, &event_name, &lane.oa_id);
        let wrong = faults.contains(&WebhookFault::WrongSignature);
        let secret = if wrong { "wrong-secret" } else { app.oa_secret_key.as_str() };
        let signature =
            zalo::signature::header_value(&app.id, body.as_bytes(), &at.as_ms().to_string(), secret);
        let mut delivery = Delivery {
            id: 0,
            lane,
            event_name,
            body,
            signature,
            at,
            state: DeliveryState::Pending,
            due_at,
            held: false,
            again: false,
            retries: 0,
            attempts: Vec::new(),
            fault: None,
        };
        for fault in &faults {
            match fault {
                WebhookFault::Duplicate => delivery.again = true,
                WebhookFault::Drop => delivery.state = DeliveryState::Dropped,
                WebhookFault::WrongSignature => {}
                WebhookFault::Delay { ms } => delivery.due_at = delivery.due_at.plus_ms((*ms).max(0)),
                WebhookFault::Reorder => {
                    delivery.held = true;
                    delivery.due_at = delivery.due_at.plus_ms(HELD_AT_MOST_MS);
                }
            }
        }
        if !faults.is_empty() {
            delivery.fault = serde_json::to_string(&faults).ok();
        }
        let id = state.push_delivery(delivery);
        if let Some(delivery) = state.delivery(id) {
            if delivery.state == DeliveryState::Pending {
                self.queue.lock().unwrap_or_else(PoisonError::into_inner).add(delivery, now);
            }
            self.publish(Live::Delivery(Box::new(delivery.clone())));
        }
        self.wake.notify_one();
        id
    }

    /// The event of a new message, whoever wrote it.
    pub fn emit_message(&self, state: &mut State, message: &Message, contact: &Contact) {
        let body = message_event(message, contact, self.base());
        self.emit(state, event(message.oa_id.as_str(), contact, body, message.at));
    }

    /// A receipt (`user_received_message`, `user_seen_message`) to the app that sent.
    pub fn emit_receipt(
        &self,
        state: &mut State,
        contact: &Contact,
        app_id: &str,
        seen: bool,
        ids: Vec<String>,
        (at, due_at): (Timestamp, Timestamp),
    ) {
        let (oa, user) = (Party::new(&contact.oa_id), Party::new(&contact.user_id));
        let from_user = state.settings().receipts_from_user;
        let (sender, recipient) = if from_user { (user, oa) } else { (oa, user) };
        let message = match seen {
            true => MessageBody { msg_ids: ids, ..MessageBody::default() },
            false => MessageBody { msg_id: ids.into_iter().next(), ..MessageBody::default() },
        };
        let body = Body {
            sender: Some(sender),
            recipient: Some(recipient),
            event_name: if seen { "user_seen_message" } else { "user_received_message" }.to_owned(),
            message: Some(message),
            ..Body::default()
        };
        let oa_id = contact.oa_id.clone();
        let contact = Some(contact);
        self.emit(state, NewEvent { oa_id: &oa_id, contact, body, at, due_at, only_app: Some(app_id) });
    }

    /// A reaction, by either side.
    pub fn emit_reaction(&self, state: &mut State, contact: &Contact, by_oa: bool, msg_id: &str, icon: &str) {
        let (oa, user) = (Party::new(&contact.oa_id), Party::new(&contact.user_id));
        let (sender, recipient) = if by_oa { (oa, user) } else { (user, oa) };
        let message = MessageBody {
            msg_id: Some(msg_id.to_owned()),
            react_icon: Some(icon.to_owned()),
            ..MessageBody::default()
        };
        let body = Body {
            sender: Some(sender),
            recipient: Some(recipient),
            event_name: if by_oa { "oa_reacted_message" } else { "user_reacted_message" }.to_owned(),
            message: Some(message),
            ..Body::default()
        };
        self.emit(state, event(&contact.oa_id, contact, body, self.now()));
    }

    /// `follow` or `unfollow`.
    pub fn emit_follow(&self, state: &mut State, contact: &Contact, source: Option<&str>) {
        let body = Body {
            oa_id: Some(contact.oa_id.clone()),
            follower: Some(Party::new(&contact.user_id)),
            event_name: if contact.follower { "follow" } else { "unfollow" }.to_owned(),
            source: source.map(str::to_owned),
            ..Body::default()
        };
        self.emit(state, event(&contact.oa_id, contact, body, self.now()));
    }

    /// `user_click_chatnow`.
    pub fn emit_chat_now(&self, state: &mut State, contact: &Contact) {
        let body = Body {
            oa_id: Some(contact.oa_id.clone()),
            user_id: Some(contact.user_id.clone()),
            event_name: "user_click_chatnow".to_owned(),
            ..Body::default()
        };
        self.emit(state, event(&contact.oa_id, contact, body, self.now()));
    }

    /// `user_submit_info`.
    pub fn emit_submit_info(&self, state: &mut State, contact: &Contact, info: &Shared) {
        let address = FullAddress {
            user_city: info.city.clone(),
            user_ward: info.ward.clone(),
            user_address: info.address.clone(),
        };
        let body = Body {
            sender: Some(Party::new(&contact.user_id)),
            recipient: Some(Party::new(&contact.oa_id)),
            event_name: "user_submit_info".to_owned(),
            info: Some(SubmittedInfo {
                name: info.name.clone(),
                phone: info.phone.clone(),
                user_dob: info.user_dob.clone(),
                gender: info.gender.clone(),
                full_address: Some(address),
                ..SubmittedInfo::default()
            }),
            ..Body::default()
        };
        self.emit(state, event(&contact.oa_id, contact, body, self.now()));
    }

    /// `update_user_info`. Only the method `dynamic_url` is documented; the others are ours, and a switch takes them off.
    pub fn emit_user_changed(&self, state: &mut State, contact: &Contact, method: &str) {
        let visited = method == DYNAMIC_URL;
        if !visited && !state.settings().update_events {
            return;
        }
        let mut data = serde_json::json!({ "method": method });
        if visited {
            data["dynamic_param"] = contact.dynamic_param.clone().into();
        }
        let body = Body {
            oa_id: Some(contact.oa_id.clone()),
            user_id: Some(contact.user_id.clone()),
            event_name: "update_user_info".to_owned(),
            data: Some(data),
            ..Body::default()
        };
        self.emit(state, event(&contact.oa_id, contact, body, self.now()));
    }

    /// `add_user_to_tag`, `remove_user_from_tag` (with a contact) or `remove_tag` (without).
    pub fn emit_tag(&self, state: &mut State, oa_id: &str, contact: Option<&Contact>, name: &str, tag: &str) {
        let user_ids = contact.map(|c| vec![c.user_id.clone()]).unwrap_or_default();
        let body = Body {
            oa_id: Some(oa_id.to_owned()),
            event_name: name.to_owned(),
            tag: Some(TagBody { name: Some(tag.to_owned()), user_ids }),
            ..Body::default()
        };
        let at = self.now();
        self.emit(state, NewEvent { oa_id, contact, body, at, due_at: at, only_app: None });
    }
}

fn event<'a>(oa_id: &'a str, contact: &'a Contact, body: Body, at: Timestamp) -> NewEvent<'a> {
    NewEvent { oa_id, contact: Some(contact), body, at, due_at: at, only_app: None }
}

fn message_body(message: &Message, base: &str) -> MessageBody {
    let mut attachments: Vec<WireAttachment> =
        message.attachments.iter().map(|a| attachment(message.kind, a, base)).collect();
    if matches!(message.kind, Kind::List | Kind::RequestInfo) {
        let text = message.entries.first().map(|e| e.title.clone());
        attachments.push(WireAttachment::Template(TemplateEcho {
            zinstant_id: Some(message.id.clone()),
            text,
            ..TemplateEcho::default()
        }));
    }
    MessageBody {
        msg_id: Some(message.id.clone()),
        text: message.text.clone(),
        quote_msg_id: message.quoted_id.clone(),
        attachments,
        ..MessageBody::default()
    }
}

/// One attachment on the wire (platform reference §16.5).
pub fn attachment(kind: Kind, a: &Attachment, base: &str) -> WireAttachment {
    let full = |url: &Option<String>| url.as_deref().map(|u| absolute(base, u));
    let media = Media {
        url: full(&a.url),
        thumbnail: full(&a.thumbnail).or_else(|| full(&a.url)),
        description: a.description.clone(),
        title: None,
    };
    match kind {
        Kind::Image => WireAttachment::Image(media),
        Kind::Gif => WireAttachment::Gif(media),
        Kind::Audio => WireAttachment::Audio(Media { thumbnail: None, ..media }),
        Kind::Video => WireAttachment::Video(media),
        Kind::Sticker => {
            WireAttachment::Sticker { id: a.sticker_id.clone().unwrap_or_default(), url: full(&a.url) }
        }
        Kind::Location => WireAttachment::Location {
            latitude: a.latitude.unwrap_or_default().to_string(),
            longitude: a.longitude.unwrap_or_default().to_string(),
        },
        Kind::BusinessCard => WireAttachment::BusinessCard(BusinessCard {
            phone: a.phone.clone().unwrap_or_default(),
            qr_code_url: None,
            caption: a.caption.clone(),
            media: Media { description: None, ..media },
        }),
        Kind::File => WireAttachment::File(FileRef {
            url: full(&a.url),
            name: a.name.clone(),
            size: a.size.and_then(|n| i64::try_from(n).ok()),
            extension: a.extension.clone(),
            checksum: a.checksum.clone(),
        }),
        Kind::Text | Kind::Link | Kind::List | Kind::Buttons | Kind::RequestInfo => {
            WireAttachment::Link(media)
        }
    }
}

/// Name and content of the event of a message, whoever wrote it.
pub fn message_event(message: &Message, contact: &Contact, base: &str) -> Body {
    let by_oa = message.author.is_oa();
    let (user, mut oa) = (Party::new(&contact.user_id), Party::new(&message.oa_id));
    if let Author::Tool { admin_id } = &message.author {
        oa.admin_id = Some(admin_id.clone());
    }
    let (sender, recipient) = if by_oa { (oa, user) } else { (user, oa) };
    let side = if by_oa { "oa" } else { "user" };
    Body {
        sender: Some(sender),
        recipient: Some(recipient),
        event_name: format!("{side}_send_{}", message.kind.event_suffix(by_oa)),
        message: Some(message_body(message, base)),
        ..Body::default()
    }
}
