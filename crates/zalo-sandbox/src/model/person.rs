//! People with a Zalo account, and what one OA knows of each.

use std::collections::{BTreeMap, BTreeSet};

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::FieldValue;

/// A person. An OA sees them under an id of its own ([`Person::id_for`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The sandbox's id of the person; no OA ever sees it.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Hue of the picture, 0 to 359.
    pub hue: u16,
    /// Phone, country code first.
    pub phone: Option<String>,
    /// Under 18.
    #[serde(default)]
    pub minor: bool,
    /// When they joined.
    pub created_at: Timestamp,
}

impl Person {
    /// The person's id in the eyes of an OA: ids are scoped (platform reference §1.5), so two OAs never see
    /// the same one.
    pub fn id_for(&self, oa_id: &str) -> String {
        scoped('5', &[oa_id, &self.id])
    }

    /// The person's id in the eyes of an app.
    pub fn id_by_app(&self, app_id: &str) -> String {
        scoped('6', &[app_id, &self.id])
    }
}

/// 19 digits that follow from the parts.
fn scoped(first: char, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut n = [0u8; 8];
    n.copy_from_slice(&digest[..8]);
    format!("{first}{:018}", u64::from_be_bytes(n) % 1_000_000_000_000_000_000)
}

/// What a user told the OA, or the OA wrote down (platform reference §8.1).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Shared {
    /// Name.
    pub name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Street and number.
    pub address: Option<String>,
    /// City.
    pub city: Option<String>,
    /// District.
    pub district: Option<String>,
    /// Ward.
    pub ward: Option<String>,
    /// `dd/MM/yyyy`.
    pub user_dob: Option<String>,
    /// `Nam`, `Nữ`, `Khác`.
    pub gender: Option<String>,
}

/// One person and one OA.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contact {
    /// The OA.
    pub oa_id: String,
    /// The person's id in the eyes of the OA.
    pub user_id: String,
    /// The person.
    pub person_id: String,
    /// Follows the OA.
    pub follower: bool,
    /// Blocks the OA; sends get -244.
    pub blocked: bool,
    /// Banned or idle for more than 45 days; sends get -227.
    #[serde(default)]
    pub banned: bool,
    /// Last message of the user to the OA.
    pub last_message_at: Option<Timestamp>,
    /// Last interaction of any kind.
    pub last_interaction_at: Option<Timestamp>,
    /// Free replies used since the last message of the user.
    pub replies_used: u32,
    /// Welcome messages used.
    pub welcome_used: u32,
    /// Tapped *Nhắn tin* before (the event comes once).
    #[serde(default)]
    pub clicked_chat: bool,
    /// Name given by the OA.
    #[serde(default)]
    pub alias: String,
    /// Own id of the business.
    #[serde(default)]
    pub external_id: String,
    /// Tags.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Notes.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Submitted information.
    #[serde(default)]
    pub shared: Shared,
    /// Values of the OA's own fields, by key.
    #[serde(default)]
    pub custom: BTreeMap<String, FieldValue>,
    /// Parameter of the last dynamic address that the user visited.
    #[serde(default)]
    pub dynamic_param: String,
    /// OA messages the user has not seen.
    #[serde(default)]
    pub unread: u32,
}

impl Contact {
    /// A first contact: no relation yet.
    pub fn new(oa_id: &str, person: &Person) -> Self {
        Self {
            oa_id: oa_id.to_owned(),
            user_id: person.id_for(oa_id),
            person_id: person.id.clone(),
            follower: false,
            blocked: false,
            banned: false,
            last_message_at: None,
            last_interaction_at: None,
            replies_used: 0,
            welcome_used: 0,
            clicked_chat: false,
            alias: String::new(),
            external_id: String::new(),
            tags: BTreeSet::new(),
            notes: Vec::new(),
            shared: Shared::default(),
            custom: BTreeMap::new(),
            dynamic_param: String::new(),
            unread: 0,
        }
    }

    /// Forget what the OA wrote down or was told (platform reference §8.4). Tags stay: they have calls of their own.
    pub fn forget(&mut self) {
        self.alias.clear();
        self.external_id.clear();
        self.notes.clear();
        self.shared = Shared::default();
        self.custom.clear();
        self.dynamic_param.clear();
    }

    /// Whether the OA may know of the person at all.
    pub const fn related(&self) -> bool {
        self.follower || self.last_interaction_at.is_some()
    }
}
