//! The attachment of an outgoing message, as the wire has it (platform reference §3.3 to §3.8). One loose
//! shape for all kinds; [`crate::message::OutMessage::kind`] makes sense of it.

use crate::flex::words;
use serde::{Deserialize, Serialize};

/// `message.attachment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutAttachment {
    /// `template` or `file`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it holds.
    #[serde(default)]
    pub payload: OutPayload,
}

/// `message.attachment.payload`, the union of all kinds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutPayload {
    /// `media`, `list`, `request_user_info`, `button`, or absent for buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_type: Option<String>,
    /// Media, list entries, or the one question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<Element>,
    /// Buttons under the message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Token of an uploaded file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// One element of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element {
    /// `image`, `gif`, `sticker`, `article`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Public address. Some clients leave it empty beside an `attachment_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Id of an upload, of a sticker or of an article.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub attachment_id: Option<String>,
    /// Pixels; required for a GIF.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub width: Option<i64>,
    /// Pixels; required for a GIF.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub height: Option<i64>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Second line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtitle: Option<String>,
    /// Picture of a list entry or question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// What a tap does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_action: Option<DefaultAction>,
}

words! {
    /// What a tap does (platform reference §3.8).
    ActionType {
        /// Opens an address.
        OpenUrl = "oa.open.url",
        /// Says a text as the user, visibly.
        QueryShow = "oa.query.show",
        /// Says a text as the user, hidden in the user's chat.
        QueryHide = "oa.query.hide",
        /// Opens the SMS composer.
        OpenSms = "oa.open.sms",
        /// Opens the dialler.
        OpenPhone = "oa.open.phone",
    }
}

/// Action of a list entry. Unlike in a button, the link is a direct key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultAction {
    /// Kind of action.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// Address, for `oa.open.url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Payload, for the other kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<ActionPayload>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Its label.
    #[serde(default)]
    pub title: String,
    /// Kind of action.
    #[serde(rename = "type")]
    pub kind: ActionType,
    /// What the action needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<ActionPayload>,
}

/// Payload of an action: a text for the queries, an object for the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ActionPayload {
    /// Text to say.
    Text(String),
    /// Address, SMS or phone.
    Object {
        /// Address to open.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        url: Option<String>,
        /// Text of the SMS.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        content: Option<String>,
        /// Number to call or write to.
        #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
        phone_code: Option<String>,
    },
}

impl ActionPayload {
    /// The text, when it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object { .. } => None,
        }
    }
}

impl Button {
    /// Opens an address.
    #[must_use]
    pub fn open_url(title: &str, url: &str) -> Self {
        let payload = ActionPayload::Object { url: Some(url.into()), content: None, phone_code: None };
        Self { title: title.into(), kind: ActionType::OpenUrl, payload: Some(payload) }
    }

    /// Says a text as the user.
    #[must_use]
    pub fn query(title: &str, text: &str) -> Self {
        Self {
            title: title.into(),
            kind: ActionType::QueryShow,
            payload: Some(ActionPayload::Text(text.into())),
        }
    }

    /// Dials a number.
    #[must_use]
    pub fn phone(title: &str, number: &str) -> Self {
        let payload = ActionPayload::Object { url: None, content: None, phone_code: Some(number.into()) };
        Self { title: title.into(), kind: ActionType::OpenPhone, payload: Some(payload) }
    }
}
