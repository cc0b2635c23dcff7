//! Fields that an OA keeps of its users, and their values (platform reference §9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zalo::field::{DataType, FieldDefinition, FieldType};

/// A field of an OA's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CustomField {
    /// Its key; never changes.
    pub key: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it holds: `boolean`, `number`, `text`, `datetime`, `table`, `email`, `phone`, `url`; never changes.
    pub data_type: String,
    /// How a datetime is shown.
    #[serde(default)]
    pub format: Option<String>,
    /// Keys of a table.
    #[serde(default)]
    pub keys: Vec<String>,
}

impl CustomField {
    /// What it holds.
    pub fn data_type(&self) -> DataType {
        DataType::from(self.data_type.as_str())
    }

    /// As the platform tells it.
    pub fn definition(&self) -> FieldDefinition {
        FieldDefinition {
            key: self.key.clone(),
            name: Some(self.name.clone()),
            description: Some(self.description.clone()),
            data_type: self.data_type(),
            field_type: Some(FieldType::OaCustom),
            format: self.format.clone(),
            keys: self.keys.clone(),
        }
    }
}

/// A value: a text for every type but a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum FieldValue {
    /// `true`, `2500`, `31/12/1999` …
    Text(String),
    /// Cells by key.
    Table(BTreeMap<String, String>),
}
