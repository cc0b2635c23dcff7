//! What an OA sends: consultation messages (platform reference §3), reactions and anonymous visitors (§4).
//! The answers are in [`crate::sent`].

use crate::attach::{Button, Element, OutAttachment, OutPayload};
use crate::error::{ErrorCode, invalid_field};
use serde::{Deserialize, Serialize};

pub use crate::sent::{QuotaBlock, QuotaType, ReactData, SendData};

/// Body of a send. A consultation message has `message`, a reaction has `sender_action`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRequest {
    /// To whom.
    pub recipient: Recipient,
    /// What, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<OutMessage>,
    /// What, for reactions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_action: Option<SenderAction>,
}

impl SendRequest {
    /// A message to a user.
    #[must_use]
    pub fn to_user(user_id: &str, message: OutMessage) -> Self {
        Self { recipient: Recipient::user(user_id), message: Some(message), sender_action: None }
    }

    /// A reaction to a user's or the OA's own message. [`SenderAction::REMOVE`] withdraws it.
    #[must_use]
    pub fn reaction(user_id: &str, message_id: &str, icon: &str) -> Self {
        let action = SenderAction { react_icon: icon.into(), react_message_id: message_id.into() };
        Self { recipient: Recipient::user(user_id), message: None, sender_action: Some(action) }
    }
}

/// Whom a send is for. Exactly one form is used; see [`Recipient::form`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// The user, scoped to the OA.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Old addressing: reply to this message of a user.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Visitor of the web chat without sign-in, with `conversation_id`.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// Conversation of that visitor.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Group.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// The one form of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecipientForm<'a> {
    /// By user id.
    User(&'a str),
    /// As a reply to a message.
    Message(&'a str),
    /// Visitor of the web chat.
    Anonymous {
        /// The visitor.
        anonymous_id: &'a str,
        /// The conversation.
        conversation_id: &'a str,
    },
    /// Group.
    Group(&'a str),
}

impl Recipient {
    /// A user.
    #[must_use]
    pub fn user(user_id: &str) -> Self {
        Self { user_id: Some(user_id.into()), ..Self::default() }
    }

    /// The form that is used.
    ///
    /// # Errors
    /// -201 with the missing field, when no form is complete.
    pub fn form(&self) -> Result<RecipientForm<'_>, Refusal> {
        if let Some(id) = &self.user_id {
            return Ok(RecipientForm::User(id));
        }
        if let Some(id) = &self.message_id {
            return Ok(RecipientForm::Message(id));
        }
        if let Some(id) = &self.group_id {
            return Ok(RecipientForm::Group(id));
        }
        match (&self.anonymous_id, &self.conversation_id) {
            (Some(anonymous_id), Some(conversation_id)) => {
                Ok(RecipientForm::Anonymous { anonymous_id, conversation_id })
            }
            (Some(_), None) => Err(Refusal::field("conversation_id")),
            _ => Err(Refusal::field("user_id")),
        }
    }
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SenderAction {
    /// Icon token, such as `/-heart`.
    pub react_icon: String,
    /// The message that is reacted to.
    #[serde(with = "crate::flex::id")]
    pub react_message_id: String,
}

impl SenderAction {
    /// Like.
    pub const LIKE: &'static str = "/-strong";
    /// Love.
    pub const LOVE: &'static str = "/-heart";
    /// Withdraws the reaction.
    pub const REMOVE: &'static str = "/-remove";
}

/// `message` of a send, as the wire has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutMessage {
    /// The text, or the caption of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The quoted message; some clients send an empty one, which means none.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub quote_message_id: Option<String>,
    /// Everything that is not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<OutAttachment>,
}

/// Where a picture comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaSource<'a> {
    /// Public HTTPS address.
    Url(&'a str),
    /// Id from the upload call; lives 7 days.
    AttachmentId(&'a str),
}

/// What a message is, once its shape is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutKind<'a> {
    /// Text alone.
    Text(&'a str),
    /// Still picture.
    Image {
        /// Where it comes from.
        source: MediaSource<'a>,
        /// Caption.
        caption: Option<&'a str>,
    },
    /// Moving picture.
    Gif {
        /// Where it comes from.
        source: MediaSource<'a>,
        /// Width in pixels.
        width: i64,
        /// Height in pixels.
        height: i64,
        /// Caption.
        caption: Option<&'a str>,
    },
    /// Sticker of the public catalogue.
    Sticker(&'a str),
    /// Uploaded file, by token.
    File(&'a str),
    /// Question for name, phone and address.
    RequestUserInfo(&'a Element),
    /// List with pictures and actions.
    List {
        /// Entries.
        elements: &'a [Element],
        /// Buttons under it.
        buttons: &'a [Button],
    },
    /// Text with buttons.
    Buttons {
        /// The text.
        text: &'a str,
        /// The buttons.
        buttons: &'a [Button],
    },
}

impl OutKind<'_> {
    /// Name of the echo that the platform posts for it (platform reference §16.6).
    #[must_use]
    pub fn echo_event(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Buttons { .. } => "oa_send_text",
            Self::Image { .. } => "oa_send_image",
            Self::Gif { .. } => "oa_send_gif",
            Self::Sticker(_) => "oa_send_sticker",
            Self::File(_) => "oa_send_file",
            Self::RequestUserInfo(_) => "oa_send_template",
            Self::List { .. } => "oa_send_list",
        }
    }
}

/// A refusal that the platform would give: code and literal text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// The code.
    pub code: ErrorCode,
    /// The text.
    pub message: String,
}

impl Refusal {
    /// The refusal with the code's usual text.
    #[must_use]
    pub fn of(code: ErrorCode) -> Self {
        Self { code, message: code.message().into() }
    }

    /// -201 for a field.
    #[must_use]
    pub fn field(name: &str) -> Self {
        Self { code: ErrorCode::INVALID_PARAMETER, message: invalid_field(name) }
    }
}

/// Limits of message content. The figures are documented (platform reference §3), the default is those.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageLimits {
    /// Characters of a text or caption.
    pub text: usize,
    /// Characters of a title.
    pub title: usize,
    /// Characters of a subtitle.
    pub subtitle: usize,
    /// Entries of a list.
    pub elements: usize,
    /// Buttons of a message.
    pub buttons: usize,
    /// Characters of a query payload.
    pub query: usize,
}

impl Default for MessageLimits {
    fn default() -> Self {
        Self { text: 2000, title: 100, subtitle: 500, elements: 5, buttons: 5, query: 1000 }
    }
}

impl OutMessage {
    /// Text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }

    /// The same message, quoting another.
    #[must_use]
    pub fn quoting(mut self, message_id: impl Into<String>) -> Self {
        self.quote_message_id = Some(message_id.into());
        self
    }

    /// Picture with an optional caption.
    #[must_use]
    pub fn image(source: MediaSource<'_>, caption: Option<&str>) -> Self {
        Self::media("image", source, None, caption)
    }

    /// Moving picture; the platform wants its size.
    #[must_use]
    pub fn gif(source: MediaSource<'_>, width: i64, height: i64, caption: Option<&str>) -> Self {
        Self::media("gif", source, Some((width, height)), caption)
    }

    /// Sticker of the public catalogue.
    #[must_use]
    pub fn sticker(sticker_id: &str) -> Self {
        Self::media("sticker", MediaSource::AttachmentId(sticker_id), None, None)
    }

    /// Uploaded file. It takes no text.
    #[must_use]
    pub fn file(token: impl Into<String>) -> Self {
        let payload = OutPayload { token: Some(token.into()), ..OutPayload::default() };
        Self { attachment: Some(OutAttachment { kind: "file".into(), payload }), ..Self::default() }
    }

    /// Question for the customer's name, phone and address.
    #[must_use]
    pub fn request_user_info(title: &str, subtitle: &str, image_url: &str) -> Self {
        Self::request_info(Element {
            title: Some(title.into()),
            subtitle: Some(subtitle.into()),
            image_url: Some(image_url.into()),
            ..Element::default()
        })
    }

    /// The same from an element.
    #[must_use]
    pub fn request_info(element: Element) -> Self {
        Self::template(Some("request_user_info"), vec![element], Vec::new(), None)
    }

    /// List. **Unsure** on the current version of the send: it works in practice, no page describes it.
    #[must_use]
    pub fn list(elements: Vec<Element>, buttons: Vec<Button>) -> Self {
        Self::template(Some("list"), elements, buttons, None)
    }

    /// Text with buttons.
    #[must_use]
    pub fn buttons(text: &str, buttons: Vec<Button>) -> Self {
        Self::template(None, Vec::new(), buttons, Some(text))
    }

    fn media(kind: &str, source: MediaSource<'_>, size: Option<(i64, i64)>, caption: Option<&str>) -> Self {
        let mut element = Element { media_type: Some(kind.into()), ..Element::default() };
        match source {
            MediaSource::Url(url) => element.url = Some(url.into()),
            MediaSource::AttachmentId(id) => element.attachment_id = Some(id.into()),
        }
        (element.width, element.height) = size.unzip();
        Self::template(Some("media"), vec![element], Vec::new(), caption)
    }

    fn template(
        kind: Option<&str>,
        elements: Vec<Element>,
        buttons: Vec<Button>,
        text: Option<&str>,
    ) -> Self {
        let payload = OutPayload { template_type: kind.map(Into::into), elements, buttons, token: None };
        Self {
            text: text.map(Into::into),
            quote_message_id: None,
            attachment: Some(OutAttachment { kind: "template".into(), payload }),
        }
    }

    /// What this message is.
    ///
    /// # Errors
    /// The refusal that the platform gives for the shape: -201 with the field, -233 for an unknown kind,
    /// -210 for several pictures.
    pub fn kind(&self) -> Result<OutKind<'_>, Refusal> {
        let text = self.text.as_deref().filter(|text| !text.is_empty());
        let Some(attachment) = &self.attachment else {
            return text.map(OutKind::Text).ok_or_else(|| Refusal::field("text"));
        };
        let payload = &attachment.payload;
        match (attachment.kind.as_str(), payload.template_type.as_deref()) {
            ("file", _) => {
                let token = payload.token.as_deref().filter(|token| !token.is_empty());
                token.map(OutKind::File).ok_or_else(|| Refusal::field("token"))
            }
            ("template", Some("media")) => media_kind(payload, text),
            ("template", Some("request_user_info")) => one(&payload.elements).map(OutKind::RequestUserInfo),
            ("template", Some("list")) if !payload.elements.is_empty() => {
                Ok(OutKind::List { elements: &payload.elements, buttons: &payload.buttons })
            }
            ("template", None | Some("" | "button" | "list")) => match text {
                _ if payload.buttons.is_empty() => Err(Refusal::field("buttons")),
                Some(text) => Ok(OutKind::Buttons { text, buttons: &payload.buttons }),
                None => Err(Refusal::field("text")),
            },
            _ => Err(Refusal::of(ErrorCode::MESSAGE_TYPE_INVALID)),
        }
    }

    /// [`Self::kind`], with the lengths checked as well (counted in characters).
    ///
    /// # Errors
    /// As [`Self::kind`], and -210 for what is too long or too many. **Unsure**: the platform's code for a
    /// text that is too long is inferred, not observed.
    pub fn check(&self, limits: &MessageLimits) -> Result<OutKind<'_>, Refusal> {
        let kind = self.kind()?;
        let too_long = |text: &str, most: usize| text.chars().count() > most;
        let elements = self.attachment.as_ref().map_or(&[][..], |a| &a.payload.elements);
        let buttons = self.attachment.as_ref().map_or(&[][..], |a| &a.payload.buttons);
        let exceeded = self.text.as_deref().is_some_and(|t| too_long(t, limits.text))
            || elements.len() > limits.elements
            || buttons.len() > limits.buttons
            || elements.iter().any(|e| {
                e.title.as_deref().is_some_and(|t| too_long(t, limits.title))
                    || e.subtitle.as_deref().is_some_and(|t| too_long(t, limits.subtitle))
            })
            || buttons.iter().any(|b| {
                too_long(&b.title, limits.title)
                    || b.payload.as_ref().and_then(|p| p.text()).is_some_and(|t| too_long(t, limits.query))
            });
        if exceeded { Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED)) } else { Ok(kind) }
    }
}

fn one(elements: &[Element]) -> Result<&Element, Refusal> {
    match elements {
        [element] => Ok(element),
        [] => Err(Refusal::field("elements")),
        _ => Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED)),
    }
}

fn media_kind<'a>(payload: &'a OutPayload, caption: Option<&'a str>) -> Result<OutKind<'a>, Refusal> {
    let element = one(&payload.elements)?;
    // An upload wins over an address: some clients leave an empty or stale `url` beside the id.
    let id = element.attachment_id.as_deref().map(MediaSource::AttachmentId);
    let url = element.url.as_deref().filter(|url| !url.is_empty()).map(MediaSource::Url);
    match element.media_type.as_deref() {
        Some("image") => {
            let source = id.or(url).ok_or_else(|| Refusal::field("url"))?;
            Ok(OutKind::Image { source, caption })
        }
        Some("gif") => {
            let source = id.or(url).ok_or_else(|| Refusal::field("url"))?;
            let side =
                |value: Option<i64>, name| value.filter(|n| *n > 0).ok_or_else(|| Refusal::field(name));
            let (width, height) = (side(element.width, "width")?, side(element.height, "height")?);
            Ok(OutKind::Gif { source, width, height, caption })
        }
        Some("sticker") => {
            let id = element.attachment_id.as_deref().ok_or_else(|| Refusal::field("attachment_id"))?;
            Ok(OutKind::Sticker(id))
        }
        Some(_) => Err(Refusal::of(ErrorCode::MESSAGE_TYPE_INVALID)),
        None => Err(Refusal::field("media_type")),
    }
}
