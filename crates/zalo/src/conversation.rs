//! History (platform reference §11): the only way to find out what became of a send whose answer was lost.
//! The kinds of message are named differently here than in webhooks (`photo`, `voice`).

use serde::{Deserialize, Serialize};

/// `data` of the query for recent conversations; `count` at most 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentChatQuery {
    /// From 0.
    #[serde(with = "crate::flex::int")]
    pub offset: i64,
    /// 1 to 10.
    #[serde(with = "crate::flex::int")]
    pub count: i64,
}

/// `data` of the query for one conversation; `count` at most 10.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationQuery {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// From 0.
    #[serde(with = "crate::flex::int")]
    pub offset: i64,
    /// 1 to 10.
    #[serde(with = "crate::flex::int")]
    pub count: i64,
}

/// One message of the history. Samples are newest first; the order is not promised.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct HistoryMessage {
    /// Its id (`msg_id` in older samples).
    pub message_id: String,
    /// True when the OA sent it (`src` 0), false when the user did (`src` 1).
    pub from_oa: bool,
    /// Epoch milliseconds.
    pub time: i64,
    /// `text`, `voice`, `photo`, `GIF`, `link`, `links`, `sticker`, `location`, `file`.
    pub kind: String,
    /// Its text.
    pub text: Option<String>,
    /// Author.
    pub from_id: Option<String>,
    /// Author's name.
    pub from_display_name: Option<String>,
    /// Author's picture.
    pub from_avatar: Option<String>,
    /// Receiver.
    pub to_id: Option<String>,
    /// Receiver's name.
    pub to_display_name: Option<String>,
    /// Receiver's picture.
    pub to_avatar: Option<String>,
    /// Address of the media.
    pub url: Option<String>,
    /// Address of the preview.
    pub thumb: Option<String>,
    /// Description of a link.
    pub description: Option<String>,
    /// Several links; JSON, sometimes as a string.
    pub links: Option<serde_json::Value>,
    /// Place; JSON, sometimes as a string.
    pub location: Option<serde_json::Value>,
}

impl HistoryMessage {
    /// The user of this conversation.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        if self.from_oa { self.to_id.as_deref() } else { self.from_id.as_deref() }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    message_id: Option<String>,
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    msg_id: Option<String>,
    #[serde(default, with = "crate::flex::opt_int")]
    src: Option<i64>,
    #[serde(default, with = "crate::flex::opt_int")]
    time: Option<i64>,
    #[serde(rename = "type", default, with = "crate::flex::opt_text")]
    kind: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    from_id: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    from_display_name: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    from_avatar: Option<String>,
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    to_id: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    to_display_name: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    to_avatar: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    thumb: Option<String>,
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    links: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<serde_json::Value>,
}

impl From<Wire> for HistoryMessage {
    fn from(w: Wire) -> Self {
        Self {
            message_id: w.message_id.or(w.msg_id).unwrap_or_default(),
            from_oa: w.src == Some(0),
            time: w.time.unwrap_or_default(),
            kind: w.kind.unwrap_or_default(),
            text: w.message,
            from_id: w.from_id,
            from_display_name: w.from_display_name,
            from_avatar: w.from_avatar,
            to_id: w.to_id,
            to_display_name: w.to_display_name,
            to_avatar: w.to_avatar,
            url: w.url,
            thumb: w.thumb,
            description: w.description,
            links: w.links,
            location: w.location,
        }
    }
}

impl From<HistoryMessage> for Wire {
    fn from(m: HistoryMessage) -> Self {
        Self {
            message_id: Some(m.message_id),
            msg_id: None,
            src: Some(if m.from_oa { 0 } else { 1 }),
            time: Some(m.time),
            kind: Some(m.kind),
            message: m.text,
            from_id: m.from_id,
            from_display_name: m.from_display_name,
            from_avatar: m.from_avatar,
            to_id: m.to_id,
            to_display_name: m.to_display_name,
            to_avatar: m.to_avatar,
            url: m.url,
            thumb: m.thumb,
            description: m.description,
            links: m.links,
            location: m.location,
        }
    }
}
