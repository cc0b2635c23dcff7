//! Definitions of the fields that an OA keeps of its users (platform reference §9.3).
//!
//! **Provisional.** The paths, the types and the limits are documented; the JSON of these bodies was found nowhere
//! verbatim. Every key that had to be assumed stands in this file and nowhere else, so that one file changes when
//! the real bodies are seen: see [`FieldDefinition`], [`FieldQuery`], [`FieldList`] and [`FieldKey`].

use crate::flex::words;
use serde::{Deserialize, Serialize};

words! {
    /// What a field holds.
    DataType {
        /// `true` or `false`.
        Boolean = "boolean",
        /// A whole number, or a decimal.
        Number = "number",
        /// A text.
        Text = "text",
        /// A date or an instant.
        Datetime = "datetime",
        /// Pairs of key and text, one level deep.
        Table = "table",
        /// A mail address.
        Email = "email",
        /// A phone number, country code first.
        Phone = "phone",
        /// A web address.
        Url = "url",
    }
}

impl DataType {
    /// The types that the documentation lists.
    pub const ALL: [Self; 8] = [
        Self::Boolean,
        Self::Number,
        Self::Text,
        Self::Datetime,
        Self::Table,
        Self::Email,
        Self::Phone,
        Self::Url,
    ];
}

words! {
    /// Who made a field.
    FieldType {
        /// The platform.
        System = "system",
        /// The OA; only these can be changed and deleted.
        OaCustom = "oa_custom",
    }
}

/// A field, as it is created, updated (always whole) and told. Provisional: `name`, `description`, `format` and `keys`
/// are assumed names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDefinition {
    /// Its key; never changes. Samples end with the type (`isVip_boolean`); whether the platform adds that is unknown.
    #[serde(with = "crate::flex::id")]
    pub key: String,
    /// What people call it.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it holds; never changes.
    pub data_type: DataType,
    /// Who made it; told, not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
    /// How a datetime is shown, such as `dd/MM/yyyy`.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Keys of a table. They can be added, not removed or renamed.
    #[serde(default, with = "crate::flex::ids", skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// `data` of the query for definitions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldQuery {
    /// Only these; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
    /// Only fields with these keys; all when empty.
    #[serde(default, with = "crate::flex::ids", skip_serializing_if = "Vec::is_empty")]
    pub fields_to_get: Vec<String>,
}

/// Definitions. Provisional: read from a bare list and from an object with `fields`; written as the object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "FieldListWire")]
pub struct FieldList {
    /// The fields; their order is not documented.
    pub fields: Vec<FieldDefinition>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum FieldListWire {
    Bare(Vec<FieldDefinition>),
    Object {
        #[serde(default)]
        fields: Vec<FieldDefinition>,
    },
}

impl From<FieldListWire> for FieldList {
    fn from(wire: FieldListWire) -> Self {
        match wire {
            FieldListWire::Bare(fields) | FieldListWire::Object { fields } => Self { fields },
        }
    }
}

/// Body of a deletion. Provisional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldKey {
    /// Which field.
    #[serde(with = "crate::flex::id")]
    pub key: String,
    /// Whose; anything but [`FieldType::OaCustom`] is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
}

impl FieldKey {
    /// A field of the OA's own.
    #[must_use]
    pub fn custom(key: impl Into<String>) -> Self {
        Self { key: key.into(), field_type: Some(FieldType::OaCustom) }
    }
}
