//! Users (platform reference §8.1 to §8.4).

use crate::date::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::{fmt, str::FromStr};

/// `data` of the detail query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetailQuery {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
}

/// A user as the OA sees them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserDetail {
    /// Scoped to the OA.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// The same person, scoped to the app.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id_by_app: Option<String>,
    /// The business's own id; empty until set.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_external_id: Option<String>,
    /// Name that the user chose.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Name that the OA gave.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_alias: Option<String>,
    /// Under 18.
    #[serde(default, with = "crate::flex::opt_bool", skip_serializing_if = "Option::is_none")]
    pub is_sensitive: Option<bool>,
    /// `dd/MM/yyyy`: too coarse for windows, which use the quota call.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_last_interaction_date: Option<String>,
    /// Follows the OA.
    #[serde(default, with = "crate::flex::opt_bool", skip_serializing_if = "Option::is_none")]
    pub user_is_follower: Option<bool>,
    /// Address of the picture.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub avatar: Option<String>,
    /// Addresses by size in pixels.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub avatars: Option<BTreeMap<String, String>>,
    /// Parameter of the last dynamic address visited.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub dynamic_param: Option<String>,
    /// Tags and notes.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub tags_and_notes_info: Option<TagsAndNotes>,
    /// What the user submitted. Old samples have other shapes, which read as absent.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub shared_info: Option<SharedInfo>,
}

/// Tags and notes on a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagsAndNotes {
    /// Notes.
    #[serde(default, with = "crate::flex::ids")]
    pub notes: Vec<String>,
    /// Names of tags.
    #[serde(default, with = "crate::flex::ids")]
    pub tag_names: Vec<String>,
}

/// Contact data that the user submitted or the OA wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedInfo {
    /// Name.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Phone, country code first.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street and number.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City by name, in answers.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// District by name, in answers.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub district: Option<String>,
    /// Ward by name.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub ward: Option<String>,
    /// City by number, in updates.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub city_id: Option<i64>,
    /// District by number, in updates.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub district_id: Option<i64>,
    /// Birthday, `dd/MM/yyyy`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_dob: Option<String>,
}

/// Body of an update: what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserUpdate {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// New contact data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_info: Option<SharedInfo>,
    /// New name given by the OA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_alias: Option<String>,
    /// New own id.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_external_id: Option<String>,
}

/// Body of the call that erases what the OA keeps of a user.
pub type UserForget = UserDetailQuery;

/// `data` of the list query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserListQuery {
    /// From 0 to 9951.
    #[serde(with = "crate::flex::int")]
    pub offset: i64,
    /// 1 to 50.
    #[serde(with = "crate::flex::int")]
    pub count: i64,
    /// Only users with this tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_name: Option<String>,
    /// Only users whose last interaction was then; see [`Period`] for the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_interaction_period: Option<String>,
    /// Only followers, or only others; written as a string.
    #[serde(default, with = "crate::flex::opt_bool_text", skip_serializing_if = "Option::is_none")]
    pub is_follower: Option<bool>,
}

impl UserListQuery {
    /// A page without filters.
    #[must_use]
    pub fn page(offset: i64, count: i64) -> Self {
        Self { offset, count, tag_name: None, last_interaction_period: None, is_follower: None }
    }
}

/// When a user last interacted, in days of Vietnam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `TODAY`.
    Today,
    /// `YESTERDAY`.
    Yesterday,
    /// `L7D`.
    Last7Days,
    /// `L30D`.
    Last30Days,
    /// `YYYY_MM_DD:YYYY_MM_DD`: first and last day, both included.
    Range(Day, Day),
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |d: &Day| format!("{:04}_{:02}_{:02}", d.year, d.month, d.day);
        match self {
            Self::Today => f.write_str("TODAY"),
            Self::Yesterday => f.write_str("YESTERDAY"),
            Self::Last7Days => f.write_str("L7D"),
            Self::Last30Days => f.write_str("L30D"),
            Self::Range(first, last) => write!(f, "{}:{}", day(first), day(last)),
        }
    }
}

/// The text is no [`Period`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not TODAY, YESTERDAY, L7D, L30D or YYYY_MM_DD:YYYY_MM_DD")]
pub struct NotAPeriod;

impl FromStr for Period {
    type Err = NotAPeriod;

    /// The words of the platform, and a range whose first day is not after its last.
    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let day = |text: &str| -> Result<Day, NotAPeriod> {
            let mut parts = text.split('_');
            let (Some(year), Some(month), Some(day), None) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                return Err(NotAPeriod);
            };
            format!("{day}/{month}/{year}").parse().map_err(|_| NotAPeriod)
        };
        match text {
            "TODAY" => Ok(Self::Today),
            "YESTERDAY" => Ok(Self::Yesterday),
            "L7D" => Ok(Self::Last7Days),
            "L30D" => Ok(Self::Last30Days),
            range => {
                let (first, last) = range.split_once(':').ok_or(NotAPeriod)?;
                let (first, last) = (day(first)?, day(last)?);
                if first <= last { Ok(Self::Range(first, last)) } else { Err(NotAPeriod) }
            }
        }
    }
}

/// A page of users. The order is documented nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserList {
    /// How many there are in all.
    #[serde(default, with = "crate::flex::int")]
    pub total: i64,
    /// What was asked for, not what came.
    #[serde(default, with = "crate::flex::int")]
    pub count: i64,
    /// Where the page begins.
    #[serde(default, with = "crate::flex::int")]
    pub offset: i64,
    /// The users.
    #[serde(default)]
    pub users: Vec<UserRef>,
}

/// A user by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRef {
    /// Scoped to the OA.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
}
