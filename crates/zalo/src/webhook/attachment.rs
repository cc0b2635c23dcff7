//! Attachments of webhook messages (platform reference §16.5).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One attachment. Addresses of media are temporary: download early.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub enum Attachment {
    /// Still picture.
    Image(Media),
    /// Moving picture.
    Gif(Media),
    /// Link with preview. The media's description is the link's title in some samples.
    Link(Media),
    /// Somebody's contact card. On the wire a link whose description is JSON.
    BusinessCard(BusinessCard),
    /// Voice.
    Audio(Media),
    /// Video.
    Video(Media),
    /// Sticker.
    Sticker {
        /// Id in the public catalogue.
        id: String,
        /// Address of its picture.
        url: Option<String>,
    },
    /// Place.
    Location {
        /// Degrees, as the platform wrote them.
        latitude: String,
        /// Degrees, as the platform wrote them.
        longitude: String,
    },
    /// File.
    File(FileRef),
    /// Echo of a template.
    Template(TemplateEcho),
    /// A type, or a shape of a known type, that the documentation does not show.
    Other {
        /// `type`.
        kind: String,
        /// `payload` as it came.
        payload: Value,
    },
}

/// Address, preview and description of media.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Address of the thing itself.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Address of its preview.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// Description.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Title.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// A contact card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessCard {
    /// Phone, as it came.
    pub phone: String,
    /// Address of the card's QR code.
    pub qr_code_url: Option<String>,
    /// Caption.
    pub caption: Option<String>,
    /// Link and preview of the card.
    pub media: Media,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Where it is, for a while.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Its name.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes; the platform writes a string.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Extension.
    #[serde(
        rename = "type",
        default,
        with = "crate::flex::opt_text",
        skip_serializing_if = "Option::is_none"
    )]
    pub extension: Option<String>,
    /// MD5, hex.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
}

/// Echo of a template message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TemplateEcho {
    /// The platform's id of the rendered message.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub zinstant_id: Option<String>,
    /// Text of it.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Link of it.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub link_url: Option<String>,
    /// Checksum of it.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// List elements, in older samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elements: Option<Value>,
}

impl Attachment {
    /// `type` on the wire.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Self::Image(_) => "image",
            Self::Gif(_) => "gif",
            Self::Link(_) | Self::BusinessCard(_) => "link",
            Self::Audio(_) => "audio",
            Self::Video(_) => "video",
            Self::Sticker { .. } => "sticker",
            Self::Location { .. } => "location",
            Self::File(_) => "file",
            Self::Template(_) => "template",
            Self::Other { kind, .. } => kind,
        }
    }

    /// Address to download from, or to open.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Image(m) | Self::Gif(m) | Self::Link(m) | Self::Audio(m) | Self::Video(m) => {
                m.url.as_deref()
            }
            Self::BusinessCard(card) => card.media.url.as_deref(),
            Self::Sticker { url, .. } => url.as_deref(),
            Self::File(file) => file.url.as_deref(),
            Self::Template(template) => template.link_url.as_deref(),
            Self::Location { .. } | Self::Other { .. } => None,
        }
    }

    /// Latitude and longitude in degrees, when they are numbers within range.
    #[must_use]
    pub fn coordinates(&self) -> Option<(f64, f64)> {
        let Self::Location { latitude, longitude } = self else { return None };
        let (lat, lon) = (latitude.trim().parse::<f64>().ok()?, longitude.trim().parse::<f64>().ok()?);
        (lat.abs() <= 90.0 && lon.abs() <= 180.0).then_some((lat, lon))
    }
}

#[derive(Serialize, Deserialize)]
struct Wire {
    #[serde(rename = "type", default, with = "crate::flex::opt_text")]
    kind: Option<String>,
    #[serde(default)]
    payload: Value,
}

#[derive(Deserialize)]
struct Coordinates {
    #[serde(deserialize_with = "crate::flex::text::deserialize")]
    latitude: String,
    #[serde(deserialize_with = "crate::flex::text::deserialize")]
    longitude: String,
}

#[derive(Deserialize)]
struct CardText {
    #[serde(with = "crate::flex::id")]
    phone: String,
    #[serde(rename = "qrCodeUrl", default, with = "crate::flex::opt_text")]
    qr_code_url: Option<String>,
    #[serde(default, with = "crate::flex::opt_text")]
    caption: Option<String>,
}

fn card(media: &Media) -> Option<BusinessCard> {
    let text = media.description.as_deref()?.trim_start();
    // A description is prose far more often than JSON: look before parsing.
    let read: CardText = text.starts_with('{').then(|| serde_json::from_str(text).ok())??;
    let media = Media { description: None, ..media.clone() };
    Some(BusinessCard { phone: read.phone, qr_code_url: read.qr_code_url, caption: read.caption, media })
}

impl From<Wire> for Attachment {
    fn from(Wire { kind, payload }: Wire) -> Self {
        let kind = kind.unwrap_or_default();
        let media = || Media::deserialize(&payload).ok();
        let read = match kind.as_str() {
            "image" | "photo" => media().map(Self::Image),
            "gif" => media().map(Self::Gif),
            "link" => media().map(|m| card(&m).map_or(Self::Link(m), Self::BusinessCard)),
            "audio" | "voice" => media().map(Self::Audio),
            "video" => media().map(Self::Video),
            "sticker" => {
                let text = |key: &str| payload.get(key).and_then(scalar);
                text("id").map(|id| Self::Sticker { id, url: text("url") })
            }
            "location" => payload
                .get("coordinates")
                .and_then(|c| Coordinates::deserialize(c).ok())
                .map(|c| Self::Location { latitude: c.latitude, longitude: c.longitude }),
            "file" => FileRef::deserialize(&payload).ok().map(Self::File),
            "template" => TemplateEcho::deserialize(&payload).ok().map(Self::Template),
            // Template echoes were seen under other types as well; the id tells.
            _ if payload.get("zinstant_id").is_some() => {
                TemplateEcho::deserialize(&payload).ok().map(Self::Template)
            }
            _ => None,
        };
        read.unwrap_or(Self::Other { kind, payload })
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

impl From<Attachment> for Wire {
    fn from(attachment: Attachment) -> Self {
        let kind = Some(attachment.kind().to_owned());
        let payload = match attachment {
            Attachment::Image(m)
            | Attachment::Gif(m)
            | Attachment::Link(m)
            | Attachment::Audio(m)
            | Attachment::Video(m) => json!(m),
            Attachment::BusinessCard(card) => {
                let mut text = json!({ "phone": card.phone });
                if let Some(url) = card.qr_code_url {
                    text["qrCodeUrl"] = url.into();
                }
                if let Some(caption) = card.caption {
                    text["caption"] = caption.into();
                }
                json!(Media { description: Some(text.to_string()), ..card.media })
            }
            Attachment::Sticker { id, url } => match url {
                Some(url) => json!({ "id": id, "url": url }),
                None => json!({ "id": id }),
            },
            Attachment::Location { latitude, longitude } => {
                json!({ "coordinates": { "latitude": latitude, "longitude": longitude } })
            }
            Attachment::File(file) => json!(file),
            Attachment::Template(template) => json!(template),
            Attachment::Other { payload, .. } => payload,
        };
        Self { kind, payload }
    }
}
