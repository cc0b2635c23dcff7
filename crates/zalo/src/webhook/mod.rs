//! Events that the platform posts (platform reference §16).
//!
//! An endpoint works in this order: [`Peek::parse`] to learn the app and the OA, then
//! [`crate::signature::verify`] over the raw bytes, then [`Event::parse`].
//!
//! Invariant: every JSON object with an `event_name` parses. What the catalogue does not list, or what lacks
//! its family's shape, becomes [`EventKind::Unknown`] with the whole body.

mod attachment;
mod body;
mod kind;
mod names;
mod peek;
mod rare;

pub use attachment::{Attachment, BusinessCard, FileRef, Media, TemplateEcho};
pub use body::{Body, FullAddress, MessageBody, Party, Product, SubmittedInfo, TagBody};
pub use kind::{EventKind, Message, Reaction, Receipt, UnknownEvent, UnknownReason, ZnsReceipt};
pub use names::{ContentKind, Family, GroupStep, TagStep};
pub use peek::Peek;
pub use rare::{CallBody, CallStep, ExtensionBody, ExtensionTerm, TemplateEvent, TemplateStep, WidgetData};

use sha2::{Digest, Sha256};

/// Why a body is not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not JSON.
    #[error("not JSON: {0}")]
    NotJson(String),
    /// JSON, but not an object, or with a key twice.
    #[error("not a JSON object with distinct keys")]
    NotAnObject,
    /// No `event_name`.
    #[error("no event_name")]
    NoEventName,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The application that is told.
    pub app_id: Option<String>,
    /// The name on the wire.
    pub event_name: String,
    /// Epoch milliseconds.
    pub timestamp: Option<i64>,
    /// The user, scoped to the app; missing for some kinds.
    pub user_id_by_app: Option<String>,
    /// What it means.
    pub kind: EventKind,
    sender: Option<String>,
    recipient: Option<String>,
    oa_id: Option<String>,
    flat_user: Option<String>,
    dedupe_key: String,
}

impl Event {
    /// Reads an event from its raw bytes.
    ///
    /// # Errors
    /// [`ParseError`] when the body is not a JSON object that names an event. Nothing else is an error.
    pub fn parse(raw: &[u8]) -> Result<Self, ParseError> {
        // One pass for the usual case; the header alone when a part of the body has an odd type.
        let (mut body, problem) = match serde_json::from_slice::<Body>(raw) {
            Ok(body) if !body.event_name.is_empty() => (body, None),
            Ok(_) => (header(raw)?, None),
            Err(e) => (header(raw)?, Some(e.to_string())),
        };
        let flat_user = flat_user(&body).map(str::to_owned);
        let read = match problem {
            Some(problem) => Err(Some(problem)),
            None => kind::read(&mut body, raw),
        };
        let kind = read.unwrap_or_else(|problem| {
            let reason = problem.map_or(UnknownReason::NotListed, UnknownReason::Shape);
            EventKind::Unknown(UnknownEvent { reason, raw: String::from_utf8_lossy(raw).into_owned() })
        });
        let mut event = Self {
            app_id: body.app_id,
            event_name: body.event_name,
            timestamp: body.timestamp,
            user_id_by_app: body.user_id_by_app,
            kind,
            sender: body.sender.and_then(|p| p.id),
            recipient: body.recipient.and_then(|p| p.id),
            oa_id: body.oa_id,
            flat_user,
            dedupe_key: String::new(),
        };
        event.dedupe_key = event.make_key(raw);
        Ok(event)
    }

    /// Sender, recipient and flat OA id, as the body has them. Which of the first two is the OA depends on
    /// the kind, and for receipts on the source one believes: see [`Self::user_of`].
    #[must_use]
    pub fn accounts(&self) -> (Option<&str>, Option<&str>, Option<&str>) {
        (self.sender.as_deref(), self.recipient.as_deref(), self.oa_id.as_deref())
    }

    /// The OA, when the caller knows its OAs: the first recognised of flat id, expected side, other side.
    pub fn oa(&self, known: impl Fn(&str) -> bool) -> Option<&str> {
        let (sender, recipient, oa_id) = self.accounts();
        [oa_id, self.expected_oa(), recipient, sender].into_iter().flatten().find(|id| known(id))
    }

    /// The OA by the usual direction of the kind. Unsure for receipts, where sources disagree.
    #[must_use]
    pub fn expected_oa(&self) -> Option<&str> {
        let (sender, recipient, oa_id) = self.accounts();
        let side = match self.kind.family() {
            Family::OaMessage
            | Family::OaAnonymousMessage
            | Family::OaReaction
            | Family::Received
            | Family::Seen
            | Family::ZnsReceived => sender,
            _ => recipient,
        };
        oa_id.or(side)
    }

    /// The user (or web chat visitor) of this event, given its OA: whichever side is not the OA, or the flat
    /// user id. `None` when there is no one user: tags, groups, ZNS by phone, an OA that is not in the event.
    ///
    /// In group messages it is the member who wrote.
    #[must_use]
    pub fn user_of(&self, oa_id: &str) -> Option<&str> {
        match (&self.kind, self.accounts()) {
            (EventKind::ZnsReceived(_) | EventKind::Tag { .. } | EventKind::Group { .. }, _) => None,
            (EventKind::GroupMessage { from_user, .. }, (sender, _, _)) => {
                sender.filter(|id| *from_user && *id != oa_id)
            }
            (_, (Some(sender), Some(recipient), _)) => {
                if sender == oa_id {
                    Some(recipient).filter(|id| *id != oa_id)
                } else {
                    Some(sender).filter(|_| recipient == oa_id)
                }
            }
            (_, (_, _, flat)) => self.flat_user.as_deref().filter(|_| flat.is_none_or(|id| id == oa_id)),
        }
    }

    /// Same for two deliveries of one event, different for two events (platform reference §16.2). Short
    /// enough for an index.
    ///
    /// Messages: name, message, sender. Receipts: name, messages, both sides. Reactions also icon and
    /// timestamp, because a user may react again. Everything else: name and a hash of the body.
    #[must_use]
    pub fn dedupe_key(&self) -> &str {
        &self.dedupe_key
    }

    /// Family, and for messages the content: `user_message/image`. For metrics and tests.
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind.message() {
            Some(message) => format!("{}/{}", self.kind.family(), message.kind),
            None => self.kind.family().to_string(),
        }
    }

    fn make_key(&self, raw: &[u8]) -> String {
        let name = &self.event_name;
        let sender = self.sender.as_deref().unwrap_or_default();
        let recipient = self.recipient.as_deref().unwrap_or_default();
        let key = match &self.kind {
            EventKind::Received(r) | EventKind::Seen(r) => {
                format!("{name}:{}:{sender}:{recipient}", r.msg_ids.join(","))
            }
            EventKind::ZnsReceived(r) => format!("{name}:{}:{sender}:{recipient}", r.msg_id),
            EventKind::UserReaction(r) | EventKind::OaReaction(r) => {
                let time = self.timestamp.unwrap_or_default();
                format!("{name}:{}:{sender}:{}:{time}", r.msg_id, r.icon)
            }
            kind => match kind.message() {
                Some(message) => format!("{name}:{}:{sender}", message.msg_id),
                None => return format!("{}:{}", clip(name), hex::encode(Sha256::digest(raw))),
            },
        };
        // Ids are short, but nobody promises it; a receipt may list hundreds.
        if key.len() <= 200 {
            key
        } else {
            format!("{}:{}", clip(name), hex::encode(Sha256::digest(key.as_bytes())))
        }
    }
}

/// A forged or future name may have any length.
fn clip(name: &str) -> &str {
    let end = (0..=name.len().min(64)).rev().find(|i| name.is_char_boundary(*i)).unwrap_or(0);
    &name[..end]
}

/// The user of an event without sender and recipient.
fn flat_user(body: &Body) -> Option<&str> {
    let follower = body.follower.as_ref().and_then(|p| p.id.as_deref());
    let data = body.data.as_ref().and_then(|d| d.get("user_id")).and_then(serde_json::Value::as_str);
    follower.or(body.user_id.as_deref()).or(data)
}

/// The header as a body without contents.
fn header(raw: &[u8]) -> Result<Body, ParseError> {
    let peek = Peek::parse(raw)?;
    Ok(Body {
        app_id: peek.app_id,
        event_name: peek.event_name,
        timestamp: peek.timestamp.parse().ok(),
        sender: peek.sender.map(Party::new),
        recipient: peek.recipient.map(Party::new),
        oa_id: peek.oa_id,
        ..Body::default()
    })
}
