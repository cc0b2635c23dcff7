//! Values of a user's fields, those of the system and those of the OA's own (platform reference §9.1, §9.2).
//!
//! All values come back as texts, booleans and numbers too; a table is an object of texts. The shape of
//! `full_address` in the answer is inferred from the `user_submit_info` event, and that an empty text takes a value
//! away is assumed: both are provisional.

use crate::webhook::FullAddress;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// `data` of the query for values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomInfoQuery {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// Only these fields, system or own; everything when empty. A table is asked for by its own key.
    #[serde(default, with = "crate::flex::ids", skip_serializing_if = "Vec::is_empty")]
    pub fields_to_export: Vec<String>,
}

/// A user's values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomInfo {
    /// The user.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
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
    /// Address by names. Provisional, see the module.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub full_address: Option<FullAddress>,
    /// The business's own id; empty until set.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_external_id: Option<String>,
    /// Parameter of the last dynamic address visited.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub dynamic_param: Option<String>,
    /// Values of the OA's own fields, by key.
    #[serde(default, deserialize_with = "values", skip_serializing_if = "Option::is_none")]
    pub custom_info: Option<BTreeMap<String, CustomValue>>,
}

/// Body of a change: what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomInfoUpdate {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
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
    /// Address by codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_address: Option<AddressCodes>,
    /// The business's own id.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_external_id: Option<String>,
    /// Values of the OA's own fields, by key.
    #[serde(default, deserialize_with = "values", skip_serializing_if = "Option::is_none")]
    pub custom_info: Option<BTreeMap<String, CustomValue>>,
}

/// An address to write: codes of the administrative units since 2025, as texts, because they begin with zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressCodes {
    /// City or province: `79`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_city_id: Option<String>,
    /// Ward or commune: `27343`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_ward_id: Option<String>,
    /// Street and number.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub user_address: Option<String>,
}

/// A value of one of the OA's own fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum CustomValue {
    /// Everything but a table, as a text.
    Text(String),
    /// A table.
    Table(BTreeMap<String, String>),
}

impl CustomValue {
    /// From JSON of any scalar type, or an object of such. `None`: null, a list, or something deeper.
    #[must_use]
    pub fn read(value: &serde_json::Value) -> Option<Self> {
        match value {
            serde_json::Value::Object(pairs) => {
                let cells = pairs.iter().filter(|(_, cell)| !cell.is_null());
                let read = cells.map(|(key, cell)| Some((key.clone(), scalar(cell)?)));
                read.collect::<Option<_>>().map(Self::Table)
            }
            other => scalar(other).map(Self::Text),
        }
    }
}

fn scalar(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

impl<'de> Deserialize<'de> for CustomValue {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(d)?;
        Self::read(&value).ok_or_else(|| serde::de::Error::custom("expected a value or a table of values"))
    }
}

/// Null stands for "no value" and is left out.
fn values<'de, D: Deserializer<'de>>(d: D) -> Result<Option<BTreeMap<String, CustomValue>>, D::Error> {
    let read = Option::<BTreeMap<String, Option<CustomValue>>>::deserialize(d)?;
    Ok(read.map(|all| all.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()))
}
