//! Texts with variables: `{{customer.name}}`, or with what stands there when it is not known,
//! `{{customer.name|anh/chị}}`. Pure.
//!
//! How to add a variable: one line in the table, its value in `super::values`, its two texts in the web app's
//! catalogue (`replies.variables`).

use std::borrow::Cow;
use std::collections::BTreeMap;

use loa_kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

macro_rules! variables {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),* $(,)?) => {
        /// What a text can be filled with: a closed table, and the fields that the business made.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Variable {
            $($(#[$doc])* $variant,)*
            /// A field of customers that the business made, by its name for programs.
            Field(String),
        }

        impl Variable {
            /// Every variable of the table, in the order in which they are offered.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is written between the braces.
            pub fn name(&self) -> Cow<'static, str> {
                match self {
                    $(Self::$variant => Cow::Borrowed($text),)*
                    Self::Field(key) => Cow::Owned(format!("{FIELD}{key}")),
                }
            }
        }
    };
}

variables! {
    /// The customer's name.
    CustomerName = "customer.name",
    /// The customer's given name: of a Vietnamese name the last word.
    CustomerFirstName = "customer.first_name",
    /// The customer's phone number; not known to who may not see it whole.
    CustomerPhone = "customer.phone",
    /// How the customer is addressed: anh or chị; not known when their gender is not.
    CustomerSalutation = "customer.salutation",
    /// Their birthday: 25/11/1990.
    CustomerBirthday = "customer.birthday",
    /// Their address in one line.
    CustomerAddress = "customer.address",
    /// The name of the member who writes.
    AgentName = "agent.name",
    /// Their given name.
    AgentFirstName = "agent.first_name",
    /// The account through which the message goes.
    ChannelName = "channel.name",
    /// The business.
    WorkspaceName = "workspace.name",
    /// Today in Vietnam: 25/11/2026.
    NowDate = "now.date",
    /// The time in Vietnam: 09:05.
    NowTime = "now.time",
}

/// What the names of variables begin with that stand for fields.
const FIELD: &str = "customer.field.";

impl ToSchema for Variable {}

impl PartialSchema for Variable {
    fn schema() -> RefOr<Schema> {
        let words =
            Self::ALL.iter().map(|variable| variable.name().into_owned()).collect::<Vec<_>>().join(", ");
        let says = format!("One of {words}; or `{FIELD}` and the key of a field.");
        ObjectBuilder::new().schema_type(Type::String).description(Some(says)).into()
    }
}

impl Serialize for Variable {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Variable {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::of(&name).ok_or_else(|| serde::de::Error::custom(format_args!("no variable: {name}")))
    }
}

impl Variable {
    fn of(name: &str) -> Option<Self> {
        let made = name
            .strip_prefix(FIELD)
            .filter(|key| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        match made {
            Some(key) => Some(Self::Field(key.to_owned())),
            None => Self::ALL.iter().find(|variable| variable.name() == name).cloned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Variable { variable: Variable, fallback: Option<String> },
}

/// A text with variables that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// What variables stand for; one that is absent is not known.
pub type Values = BTreeMap<Variable, String>;

/// A text that was filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// Variables that are not known and have nothing to stand for them; nothing stands in their place.
    pub missing: Vec<Variable>,
}

impl Template {
    /// Read a text.
    ///
    /// Errors: `invalid_field` of `text`; `unknown_variable` with its name as `variable`, or `unclosed_variable`.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let unclosed = || Problem::invalid("text", "unclosed_variable");
            let (inner, behind) = after.split_once("}}").ok_or_else(unclosed)?;
            if inner.contains("{{") {
                return Err(unclosed());
            }
            let (name, fallback) = match inner.split_once('|') {
                Some((name, fallback)) => (name.trim(), Some(fallback.trim().to_owned())),
                None => (inner.trim(), None),
            };
            let variable = Variable::of(name)
                .ok_or_else(|| Problem::invalid("text", "unknown_variable").param("variable", name))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Variable { variable, fallback });
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    /// The fields that it names, by their keys.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Variable { variable: Variable::Field(key), .. } => Some(key.as_str()),
            _ => None,
        })
    }

    /// Fill it.
    pub fn fill(&self, values: &Values) -> Filled {
        let mut filled = Filled { text: String::new(), missing: Vec::new() };
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.text.push_str(text),
                Piece::Variable { variable, fallback } => match (values.get(variable), fallback) {
                    (Some(value), _) => filled.text.push_str(value),
                    (None, Some(fallback)) => filled.text.push_str(fallback),
                    (None, None) if filled.missing.contains(variable) => {}
                    (None, None) => filled.missing.push(variable.clone()),
                },
            }
        }
        filled
    }
}

/// The given name: the last word of a Vietnamese name. Words without a letter (an emoji, a number) are passed over;
/// `None` when no word has one.
pub fn first_name(name: &str) -> Option<&str> {
    name.split_whitespace().rev().find(|word| word.chars().any(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_kernel::Code;
    use proptest::prelude::*;

    fn values() -> Values {
        let list = [(Variable::CustomerName, "Nguyễn Thị Đào"), (Variable::NowDate, "15/01/2026")];
        list.into_iter().map(|(variable, text)| (variable, text.to_owned())).collect()
    }

    #[test]
    fn texts_are_filled() {
        for (text, filled, missing) in [
            ("Dạ chào {{customer.name}}!", "Dạ chào Nguyễn Thị Đào!", vec![]),
            ("{{ customer.name }}{{now.date}}", "Nguyễn Thị Đào15/01/2026", vec![]),
            ("Chào {{customer.first_name|anh/chị}} ạ", "Chào anh/chị ạ", vec![]),
            ("Chào {{customer.name|anh/chị}} ạ", "Chào Nguyễn Thị Đào ạ", vec![]),
            ("a{{customer.phone| }}b", "ab", vec![]),
            ("a{{customer.phone}}b{{customer.phone}}", "ab", vec![Variable::CustomerPhone]),
            ("{{customer.field.rank|mới}}", "mới", vec![]),
            ("x{{customer.field.rank}}", "x", vec![Variable::Field("rank".into())]),
            ("{ giá } } {x}", "{ giá } } {x}", vec![]),
            ("", "", vec![]),
        ] {
            let out = Template::parse(text).unwrap().fill(&values());
            assert_eq!((out.text.as_str(), out.missing), (filled, missing), "{text}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_by_name() {
        for (text, reason, name) in [
            ("{{customer.nam}}", "unknown_variable", Some("customer.nam")),
            ("{{}}", "unknown_variable", Some("")),
            ("{{ tên | x }}", "unknown_variable", Some("tên")),
            ("{{customer.field.}}", "unknown_variable", Some("customer.field.")),
            ("{{customer.field.a b}}", "unknown_variable", Some("customer.field.a b")),
            ("{{customer.name", "unclosed_variable", None),
            ("{{customer.name {{now.date}}", "unclosed_variable", None),
        ] {
            let problem = Template::parse(text).unwrap_err();
            assert_eq!(
                (problem.code, &problem.params["reason"]),
                (Code::InvalidField, &reason.into()),
                "{text}"
            );
            let named = problem.params.get("variable").and_then(|v| v.as_str());
            assert_eq!(named, name, "{text}");
        }
    }

    #[test]
    fn given_names_are_the_last_word() {
        for (name, given) in [
            ("Nguyễn Thị Hồng Đào", Some("Đào")),
            ("  Lan  ", Some("Lan")),
            ("Hoàng Yến 🌸", Some("Yến")),
            ("Minh 1990", Some("Minh")),
            ("🌸 123", None),
            ("", None),
        ] {
            assert_eq!(first_name(name), given, "{name}");
        }
    }

    proptest! {
        /// Whatever is between the braces: refused, or filled without a brace left of a variable.
        #[test]
        fn any_text_is_refused_or_filled(text in "[a-z{}| .đ]{0,40}") {
            if let Ok(template) = Template::parse(&text) {
                let filled = template.fill(&Values::new());
                prop_assert!(!filled.text.contains("{{"), "{}", filled.text);
            }
        }

        /// A text without braces stays as it is.
        #[test]
        fn a_plain_text_stays(text in "[^{}]{0,60}") {
            prop_assert_eq!(Template::parse(&text).unwrap().fill(&values()).text, text);
        }
    }
}
