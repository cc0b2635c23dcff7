//! The body of an event as the wire has it: one loose shape for the families that matter to a chat
//! (platform reference §16.4 and §16.6). [`super::Event`] makes sense of it; an emulator fills it.

use super::attachment::Attachment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Body of an event. Which keys are there depends on `event_name`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// The application that is told.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Flat id of the OA, for events of the OA.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub oa_id: Option<String>,
    /// From whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Party>,
    /// To whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipient: Option<Party>,
    /// The user, for flat events.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The same user, scoped to the app.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id_by_app: Option<String>,
    /// What happened.
    #[serde(default)]
    pub event_name: String,
    /// Who followed or left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub follower: Option<Party>,
    /// Where a follow came from.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The message, receipt or reaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageBody>,
    /// What the user submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub info: Option<SubmittedInfo>,
    /// The product asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<Product>,
    /// The tag that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<TagBody>,
    /// The group.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Members that a group event is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Party>,
    /// What user-data and widget events carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
    /// Epoch milliseconds; the platform writes a string, and signs that text.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
}

/// One side of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// OA, user, visitor or group.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Administrator who typed it in the platform's own tool.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub admin_id: Option<String>,
}

impl Party {
    /// A side by its id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), admin_id: None }
    }
}

/// `message` of an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct MessageBody {
    /// Id of the message.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub msg_id: Option<String>,
    /// Several ids, in receipts.
    #[serde(default, with = "crate::flex::ids", skip_serializing_if = "Vec::is_empty")]
    pub msg_ids: Vec<String>,
    /// Conversation of an anonymous visitor.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Text, caption or link.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The quoted message.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub quote_msg_id: Option<String>,
    /// Everything that is not text.
    #[serde(default, deserialize_with = "list", skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
    /// Icon of a reaction.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub react_icon: Option<String>,
    /// When a ZNS message arrived, epoch milliseconds.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub delivery_time: Option<i64>,
    /// The sender's own id of a ZNS message.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub tracking_id: Option<String>,
}

/// Null instead of an empty list is common in the wild.
fn list<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Vec<Attachment>, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// What a user submitted; both the shape before and after the address reform of 2025.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedInfo {
    /// Name.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone, country code first.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Birthday, `dd/MM/yyyy`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_dob: Option<String>,
    /// `Nam`, `Nữ` or `Khác`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Address, new shape.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_address: Option<FullAddress>,
    /// Street and number, old shape.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City, old shape.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// District, old shape.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// Ward, old shape.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub ward: Option<String>,
}

impl SubmittedInfo {
    /// Street and number, from whichever shape has it.
    #[must_use]
    pub fn street(&self) -> Option<&str> {
        let new = self.full_address.as_ref().and_then(|a| a.user_address.as_deref());
        new.or(self.address.as_deref()).filter(|v| !v.is_empty())
    }

    /// City, from whichever shape has it.
    #[must_use]
    pub fn city_name(&self) -> Option<&str> {
        let new = self.full_address.as_ref().and_then(|a| a.user_city.as_deref());
        new.or(self.city.as_deref()).filter(|v| !v.is_empty())
    }

    /// Ward, from whichever shape has it.
    #[must_use]
    pub fn ward_name(&self) -> Option<&str> {
        let new = self.full_address.as_ref().and_then(|a| a.user_ward.as_deref());
        new.or(self.ward.as_deref()).filter(|v| !v.is_empty())
    }
}

/// An address since the reform of 2025: no districts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FullAddress {
    /// City or province.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_city: Option<String>,
    /// Ward or commune.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_ward: Option<String>,
    /// Street and number.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_address: Option<String>,
}

/// A product of the OA's shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Title.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Address of its picture.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub thumbnail: Option<String>,
    /// Its address.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// `tag` of an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagBody {
    /// Its name.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Users it was put on or taken from; none for a new empty tag.
    #[serde(default, with = "crate::flex::ids", skip_serializing_if = "Vec::is_empty")]
    pub user_ids: Vec<String>,
}
