//! The fields that may be asked about.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Op;

/// The languages a condition is said in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

/// What something is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl Label {
    /// The same in both languages, for what people named themselves.
    pub fn same(name: impl Into<String>) -> Self {
        let name = name.into();
        Self { vi: name.clone(), en: name }
    }

    /// In this language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }
}

/// What a field holds. The eight types of the platform's customer fields (features reference §2.4), and what only
/// system fields are: one of several, and any number of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Yes or no.
    Boolean,
    /// A number with at most three decimals.
    Number,
    /// A text of at most 255 characters.
    Text,
    /// An instant.
    Datetime,
    /// Up to five pairs of key and value.
    Table,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// One of a list.
    Choice,
    /// Any number of a list.
    Set,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Boolean,
        Self::Number,
        Self::Text,
        Self::Datetime,
        Self::Table,
        Self::Email,
        Self::Phone,
        Self::Url,
        Self::Choice,
        Self::Set,
    ];

    /// What may be asked of it, in the order in which it is offered.
    pub const fn ops(self) -> &'static [Op] {
        match self {
            Self::Text | Self::Email | Self::Phone | Self::Url => &[
                Op::Is,
                Op::IsNot,
                Op::In,
                Op::NotIn,
                Op::Contains,
                Op::NotContains,
                Op::StartsWith,
                Op::Empty,
                Op::NotEmpty,
            ],
            Self::Number => {
                &[Op::Is, Op::IsNot, Op::Lt, Op::Le, Op::Gt, Op::Ge, Op::Between, Op::Empty, Op::NotEmpty]
            }
            Self::Datetime => &[
                Op::On,
                Op::Before,
                Op::After,
                Op::Between,
                Op::InLast,
                Op::InNext,
                Op::DayMonth,
                Op::DayMonthInNext,
                Op::Empty,
                Op::NotEmpty,
            ],
            Self::Boolean => &[Op::Is, Op::Empty, Op::NotEmpty],
            Self::Table => &[Op::RowIs, Op::Empty, Op::NotEmpty],
            Self::Choice => &[Op::Is, Op::IsNot, Op::In, Op::NotIn, Op::Empty, Op::NotEmpty],
            Self::Set => &[Op::AnyOf, Op::AllOf, Op::NoneOf, Op::Empty, Op::NotEmpty],
        }
    }
}

impl FieldKind {
    /// May only what is listed as an option stand in it?
    pub const fn is_listed(self) -> bool {
        matches!(self, Self::Choice | Self::Set)
    }
}

/// What may stand in a choice or a set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    listed: Vec<(String, Label)>,
    at: HashMap<String, usize>,
}

impl Options {
    /// These, by id, in the order in which they are offered.
    pub fn new(listed: Vec<(String, Label)>) -> Self {
        let at = listed.iter().enumerate().map(|(at, (id, _))| (id.clone(), at)).collect();
        Self { listed, at }
    }

    /// What the option with this id is called; `None`: there is none.
    pub fn label(&self, id: &str) -> Option<&Label> {
        self.at.get(id).and_then(|at| self.listed.get(*at)).map(|(_, label)| label)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(String, Label)> {
        self.listed.iter()
    }
}

/// A field that may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name in trees; never changes.
    pub key: String,
    /// What it is called.
    pub label: Label,
    /// What it holds; never changes.
    pub kind: FieldKind,
    /// Of a choice or a set: what may stand in it. Empty otherwise.
    pub options: Options,
    /// Of a table: its keys. Empty otherwise.
    pub keys: Vec<String>,
}

impl Field {
    /// A field that is neither choice, set nor table.
    pub fn plain(key: impl Into<String>, label: Label, kind: FieldKind) -> Self {
        Self { key: key.into(), label, kind, options: Options::default(), keys: Vec::new() }
    }
}

/// All fields that somebody may ask about. What they may not see does not stand in it: a condition would tell them.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    fields: Vec<Arc<Field>>,
    at: HashMap<String, usize>,
}

impl Catalogue {
    /// These, in the order in which they are offered. A key that comes twice means the first.
    pub fn new(fields: Vec<Field>) -> Self {
        let fields: Vec<Arc<Field>> = fields.into_iter().map(Arc::new).collect();
        let mut at = HashMap::new();
        for (n, field) in fields.iter().enumerate() {
            at.entry(field.key.clone()).or_insert(n);
        }
        Self { fields, at }
    }

    /// The field with this key.
    pub fn field(&self, key: &str) -> Option<&Arc<Field>> {
        self.at.get(key).and_then(|at| self.fields.get(*at))
    }

    /// All fields in order.
    pub fn iter(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().map(AsRef::as_ref)
    }
}
