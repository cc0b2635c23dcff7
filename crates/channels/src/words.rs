//! Small closed vocabularies and the attachment, shared by what comes in and what goes out.

use loa_kernel::{FileId, Problem};
use serde::{Deserialize, Serialize};

use crate::template::{Button, Card};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl std::str::FromStr for $name {
            type Err = Problem;
            fn from_str(s: &str) -> Result<Self, Problem> {
                match s { $($text => Ok(Self::$variant),)* _ => Err(Problem::invalid(stringify!($name), "unknown_value")) }
            }
        }
    };
}

words! {
    /// What a message is. The first five can be sent, and `List`, `Buttons` and `RequestInfo`; the others only arrive.
    MessageKind {
        /// Plain text.
        Text = "text",
        /// One picture, with or without a caption.
        Image = "image",
        /// One moving picture.
        Gif = "gif",
        /// One document.
        File = "file",
        /// One sticker of the platform's catalogue.
        Sticker = "sticker",
        /// A web address with preview.
        Link = "link",
        /// A place.
        Location = "location",
        /// Somebody's contact.
        BusinessCard = "business_card",
        /// A voice message.
        Audio = "audio",
        /// A film.
        Video = "video",
        /// A list of cards.
        List = "list",
        /// Text with buttons.
        Buttons = "buttons",
        /// A request for contact data.
        RequestInfo = "request_info",
        /// Something that happened, told as a line in the thread; its text is a code.
        Event = "event",
        /// A private note of a member. It stands in the thread and is never sent.
        Note = "note",
        /// A kind this version does not know; the raw event is kept.
        Unsupported = "unsupported",
    }
}

impl MessageKind {
    /// May the platform tell of a message of this kind as one of `told`? Echoes and history know fewer words: a text
    /// with buttons and a request for contact data come as text, a list as links (platform reference §11, §16.6).
    pub fn may_be_told_as(self, told: Self) -> bool {
        self == told
            || matches!(
                (self, told),
                (Self::Buttons, Self::Text | Self::RequestInfo)
                    | (Self::RequestInfo, Self::Text | Self::Buttons)
                    | (Self::List, Self::Link | Self::Text)
                    | (Self::Text, Self::Link)
            )
    }
}

words! {
    /// A reaction that a member can give to a message.
    ReactionIcon {
        /// A thumb.
        Like = "like",
        /// A heart.
        Love = "love",
        /// Laughter.
        Laugh = "laugh",
        /// Surprise.
        Wow = "wow",
        /// Tears.
        Cry = "cry",
        /// Anger.
        Angry = "angry",
    }
}

/// One thing attached to a message. Stored with the message as JSON and sent to the browser in this form.
///
/// Exactly the fields that its `kind` has are present. `url` and `thumbnail_url` are the platform's
/// (temporary) addresses for what arrived; `file_id` names our own file for what we sent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attachment {
    /// What it is: a word of [`MessageKind`].
    pub kind: String,
    /// Where the platform keeps it, for a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A small picture of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thumbnail_url: Option<String>,
    /// Our own stored file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<FileId>,
    /// File name, or the title of a link or card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Media type (`image/png`) where it is known; the platform tells only a file name ending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Free text that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Degrees north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Id in the platform's sticker catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticker_id: Option<String>,
    /// The phone number on a business card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Cards of a list, or the question of a request for contact data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub cards: Vec<Card>,
    /// Buttons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub buttons: Vec<Button>,
}

impl Attachment {
    /// An attachment of this kind with nothing else known.
    pub fn of(kind: MessageKind) -> Self {
        Self { kind: kind.as_str().to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_round_trip() {
        for kind in MessageKind::ALL {
            assert_eq!(kind.as_str().parse::<MessageKind>().unwrap(), *kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!("fax".parse::<MessageKind>().is_err());
    }

    #[test]
    fn absent_fields_are_not_written() {
        let json = serde_json::to_value(Attachment::of(MessageKind::Image)).unwrap();
        assert_eq!(json, serde_json::json!({"kind": "image"}));
        assert_eq!(serde_json::from_value::<Attachment>(json).unwrap(), Attachment::of(MessageKind::Image));
    }
}
