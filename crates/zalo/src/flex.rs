//! Serde helpers for the platform's loose typing (platform reference §1.5): an id may come as a string or
//! as an integer, a counter as a number or as a string, a flag as `true`, `"true"` or `1`.
//!
//! The read side of the pairs is the same; they differ in how they write: [`int`] writes a number,
//! [`int_text`] a string, because the platform itself does both, depending on the field.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// A scalar of any JSON type.
enum Scalar {
    Null,
    Text(String),
    Float(f64),
}

impl Scalar {
    fn text(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(text),
            Self::Float(number) => Some(number.to_string()),
        }
    }

    /// An id of more digits than an integer holds comes as a rounded float: better no id than a wrong one.
    fn id<E: Error>(self) -> Result<Option<String>, E> {
        match self {
            Self::Float(number) => Err(E::invalid_type(Unexpected::Float(number), &"an id")),
            other => Ok(other.text()),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string, a number, a boolean or null")
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(v.to_owned()))
            }
            fn visit_string<E: Error>(self, v: String) -> Result<Scalar, E> {
                Ok(Scalar::Text(v))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Scalar, E> {
                Ok(Scalar::Text(v.to_string()))
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Scalar, E> {
                Ok(Scalar::Text(v.to_string()))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Scalar, E> {
                Ok(Scalar::Float(v))
            }
            fn visit_bool<E: Error>(self, v: bool) -> Result<Scalar, E> {
                Ok(Scalar::Text(v.to_string()))
            }
            fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
                Ok(Scalar::Null)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// Whole number of a text: `8`, `" 8 "`, `8.0`, `1.79e12`. `None` for anything else.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(n) = text.parse::<i64>() {
        return Some(n);
    }
    let n = text.parse::<f64>().ok()?;
    // 2^53: above it a float no longer tells neighbours apart, so it is not a count any more.
    (n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0).then_some(n as i64)
}

fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Id: read from a string or an integer, written as a string.
pub mod id {
    use super::*;

    /// Reads the id; null is an error.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
        Scalar::deserialize(d)?.id()?.ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &"an id"))
    }

    /// Writes the id as a string.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &str, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(v)
    }
}

/// Text that tolerates a number or a boolean in its place, fractions included; null is an error.
pub mod text {
    use super::*;

    /// Reads the text.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<String, D::Error> {
        Scalar::deserialize(d)?.text().ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &"a text"))
    }
}

/// Optional id: null and the empty string are `None`.
pub mod opt_id {
    use super::*;

    /// Reads the id.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
        Ok(Scalar::deserialize(d)?.id()?.filter(|v| !v.is_empty()))
    }

    /// Writes a string or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<String>, s: S) -> Result<S::Ok, S::Error> {
        v.serialize(s)
    }
}

/// List of ids, each a string or an integer; null is an empty list.
pub mod ids {
    use super::*;

    /// Reads the list.
    ///
    /// # Errors
    /// When the value is neither null nor an array of scalars.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
        let list: Option<Vec<Scalar>> = Option::deserialize(d)?;
        let ids: Result<Vec<_>, _> = list.unwrap_or_default().into_iter().map(Scalar::id).collect();
        Ok(ids?.into_iter().flatten().collect())
    }

    /// Writes an array of strings.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &[String], s: S) -> Result<S::Ok, S::Error> {
        v.serialize(s)
    }
}

fn read_int<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
    let text = Scalar::deserialize(d)?.text().unwrap_or_default();
    whole(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &"a whole number"))
}

/// An unreadable optional counter is "not told": it must never spoil the answer around it.
fn read_opt_int<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
    Ok(Scalar::deserialize(d)?.text().as_deref().and_then(whole))
}

/// Whole number, written as a number.
pub mod int {
    use super::*;

    /// Reads a number or a string of digits.
    ///
    /// # Errors
    /// When the value is not a whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
        read_int(d)
    }

    /// Writes a number.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &i64, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_i64(*v)
    }
}

/// Whole number, written as a string.
pub mod int_text {
    use super::*;

    /// Reads a number or a string of digits.
    ///
    /// # Errors
    /// When the value is not a whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<i64, D::Error> {
        read_int(d)
    }

    /// Writes a string of digits.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &i64, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(v)
    }
}

/// Optional whole number, written as a number; unreadable is `None`.
pub mod opt_int {
    use super::*;

    /// Reads a number or a string of digits.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
        read_opt_int(d)
    }

    /// Writes a number or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<i64>, s: S) -> Result<S::Ok, S::Error> {
        v.serialize(s)
    }
}

/// Optional whole number, written as a string; unreadable is `None`.
pub mod opt_int_text {
    use super::*;

    /// Reads a number or a string of digits.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<i64>, D::Error> {
        read_opt_int(d)
    }

    /// Writes a string of digits or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<i64>, s: S) -> Result<S::Ok, S::Error> {
        v.map(|n| n.to_string()).serialize(s)
    }
}

/// Optional flag from a boolean, `"true"`/`"false"` or 1/0; unreadable is `None`.
pub mod opt_bool {
    use super::*;

    /// Reads the flag.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
        Ok(Scalar::deserialize(d)?.text().as_deref().and_then(flag))
    }

    /// Writes a boolean or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<bool>, s: S) -> Result<S::Ok, S::Error> {
        v.serialize(s)
    }
}

/// Optional flag written as the strings `"true"` and `"false"`, as the user list wants it.
pub mod opt_bool_text {
    use super::*;

    /// Reads the flag.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<bool>, D::Error> {
        super::opt_bool::deserialize(d)
    }

    /// Writes a string or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<bool>, s: S) -> Result<S::Ok, S::Error> {
        v.map(|b| b.to_string()).serialize(s)
    }
}

/// Optional text that tolerates a number or a boolean in its place; empty stays empty.
pub mod opt_text {
    use super::*;

    /// Reads the text.
    ///
    /// # Errors
    /// When the value is not a scalar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
        Ok(Scalar::deserialize(d)?.text())
    }

    /// Writes a string or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(v: &Option<String>, s: S) -> Result<S::Ok, S::Error> {
        v.serialize(s)
    }
}

/// Reads a part that may be absent, null or of a shape nobody documented: whatever does not fit is `None`.
///
/// For the parts of an answer that must not spoil the rest (the quota block of an accepted send).
///
/// # Errors
/// Only when the JSON itself is broken.
pub fn lenient<'de, D: Deserializer<'de>, T: serde::de::DeserializeOwned>(
    d: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(d)?;
    Ok(serde_json::from_value(value).ok())
}

/// A closed word list of the platform that may grow: known words are variants, any other is kept.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
            /// A word that the documentation does not list, as it came.
            Other(String),
        }

        impl $name {
            /// The word on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $word,)+ Self::Other(word) => word }
            }
        }

        impl From<&str> for $name {
            /// Ignores the case of known words, because sources differ in it.
            fn from(word: &str) -> Self {
                $(if word.eq_ignore_ascii_case($word) { return Self::$variant; })+
                Self::Other(word.to_owned())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                $crate::flex::id::deserialize(d).map(|word| Self::from(word.as_str()))
            }
        }
    };
}
pub(crate) use words;
