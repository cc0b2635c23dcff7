//! Messages, as the platform keeps them.

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    Text,
    /// Still picture.
    Image,
    /// Moving picture.
    Gif,
    /// File.
    File,
    /// Sticker.
    Sticker,
    /// Link.
    Link,
    /// Place.
    Location,
    /// Business card: travels as a link.
    BusinessCard,
    /// Voice.
    Audio,
    /// Video.
    Video,
    /// List with pictures and actions; OA only.
    List,
    /// Text with buttons; OA only.
    Buttons,
    /// Question for name, phone and address; OA only.
    RequestInfo,
}

impl Kind {
    /// Last part of the event's name.
    pub const fn event_suffix(self, by_oa: bool) -> &'static str {
        match self {
            Self::Text | Self::Buttons => "text",
            Self::Image => "image",
            Self::Gif => "gif",
            Self::File => "file",
            Self::Sticker => "sticker",
            Self::Link => "link",
            Self::Location => "location",
            Self::BusinessCard => "business_card",
            Self::Audio => "audio",
            Self::Video => "video",
            Self::List => "list",
            Self::RequestInfo if by_oa => "template",
            Self::RequestInfo => "text",
        }
    }

    /// Name in the history calls, which is not the webhook's (platform reference §11).
    pub const fn history_name(self) -> &'static str {
        match self {
            Self::Text | Self::Buttons | Self::RequestInfo => "text",
            Self::Image => "photo",
            Self::Gif => "GIF",
            Self::File => "file",
            Self::Sticker => "sticker",
            Self::Link | Self::BusinessCard => "link",
            Self::Location => "location",
            Self::Audio => "voice",
            Self::Video => "video",
            Self::List => "links",
        }
    }
}

/// Who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Author {
    /// The user.
    User,
    /// The OA, through an app.
    Api {
        /// The app.
        app_id: String,
    },
    /// The OA, in Zalo's own tool.
    Tool {
        /// The administrator who typed it.
        admin_id: String,
    },
}

impl Author {
    /// The OA's side.
    pub const fn is_oa(&self) -> bool {
        !matches!(self, Self::User)
    }
}

/// Who paid for an OA's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// Free reply.
    Reply,
    /// Free welcome message.
    WelcomeMsg,
    /// The package.
    SubQuota,
    /// A bought pack.
    PurchaseQuota,
    /// A bonus pack.
    RewardQuota,
    /// The Zalo Cloud Account.
    Charged,
}

/// One attachment. Addresses that begin with a slash are of the sandbox itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Attachment {
    /// Address of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Address of a small picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// File name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// Digest of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// Description of a link or video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Sticker id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sticker_id: Option<String>,
    /// Degrees north.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Business card: name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Business card: phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

/// What a tap on a button or entry does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Action {
    /// Label.
    pub title: String,
    /// `oa.open.url`, `oa.query.show`, `oa.query.hide`, `oa.open.sms`, `oa.open.phone`.
    pub kind: String,
    /// Text to say, address to open, or number to call.
    pub value: String,
}

/// Entry of a list, or the one question of a request for information.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Title.
    pub title: String,
    /// Second line.
    pub subtitle: String,
    /// Picture.
    pub image_url: String,
    /// What a tap does.
    pub action: Option<Action>,
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reaction {
    /// Icon token.
    pub icon: String,
    /// By the OA; otherwise by the user.
    pub by_oa: bool,
}

/// A message that the platform accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Place in the ledger, from 1, without gaps.
    pub seq: u64,
    /// The platform's id.
    pub id: String,
    /// The OA.
    pub oa_id: String,
    /// The user, scoped to the OA.
    pub user_id: String,
    /// Who wrote it.
    pub author: Author,
    /// Kind.
    pub kind: Kind,
    /// Text or caption.
    pub text: Option<String>,
    /// Media.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Action>,
    /// Entries of a list or a question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
    /// Quoted message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// Who paid; only for the OA's messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Payer>,
    /// What was charged, đồng.
    #[serde(default)]
    pub cost_vnd: i64,
    /// Reactions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
    /// Arrived on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// Seen on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<Timestamp>,
    /// Hidden in the user's chat (`oa.query.hide`).
    #[serde(default)]
    pub hidden: bool,
    /// Made by seeding: history without events.
    #[serde(default)]
    pub seeded: bool,
}

impl Message {
    /// The same with full addresses.
    #[must_use]
    pub fn absolute(&self, base: &str) -> Self {
        let mut message = self.clone();
        for a in &mut message.attachments {
            for url in [&mut a.url, &mut a.thumbnail].into_iter().flatten() {
                *url = absolute(base, url);
            }
        }
        for entry in &mut message.entries {
            entry.image_url = absolute(base, &entry.image_url);
        }
        message
    }
}

/// `url`, with the sandbox's address in front when it has none.
pub fn absolute(base: &str, url: &str) -> String {
    if url.starts_with('/') { format!("{base}{url}") } else { url.to_owned() }
}
