//! Values of fields: from what a person typed, a file or a platform said, to how they are kept, and back.
//!
//! A value is kept as a *fact*, the form in which it is compared: a text folded, a number in thousandths, an instant in
//! milliseconds. What a fact cannot say again (the text as it was written) is kept beside it.

use loa_kernel::{Problem, Timestamp, fold_vi, normalise_email, normalise_phone};
use serde_json::{Map, Value as Json};
use url::Url;

use crate::{DateFormat, Field, FieldKind, MAX_TEXT_CHARS, Milli};

/// What is kept of a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// The form in which it is compared.
    pub fact: Json,
    /// As it was written, where the fact cannot say it.
    pub written: Option<Json>,
}

impl Known {
    fn plain(fact: impl Into<Json>) -> Self {
        Self { fact: fact.into(), written: None }
    }
}

/// Why a value is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ValueError {
    /// Not of the form that the field's kind has.
    WrongForm,
    /// A text of more characters than a field holds.
    TooLong,
    /// No number with at most three decimals, or too large a one.
    NotANumber,
    /// No day, or no day and time, in a form that is understood.
    NotADate,
    /// Neither yes nor no.
    NotABoolean,
    /// No e-mail address.
    NotAnEmail,
    /// No phone number.
    NotAPhone,
    /// No address that begins with http:// or https://.
    NotAUrl,
    /// There is no such option.
    UnknownOption,
    /// The table has no such key.
    UnknownKey,
}

impl ValueError {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::WrongForm,
        Self::TooLong,
        Self::NotANumber,
        Self::NotADate,
        Self::NotABoolean,
        Self::NotAnEmail,
        Self::NotAPhone,
        Self::NotAUrl,
        Self::UnknownOption,
        Self::UnknownKey,
    ];

    /// The word as it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongForm => "value_wrong_form",
            Self::TooLong => "too_long",
            Self::NotANumber => "not_a_number",
            Self::NotADate => "not_a_date",
            Self::NotABoolean => "not_a_boolean",
            Self::NotAnEmail => "not_an_email",
            Self::NotAPhone => "not_a_phone_number",
            Self::NotAUrl => "not_a_url",
            Self::UnknownOption => "unknown_option",
            Self::UnknownKey => "unknown_key",
        }
    }

    /// As a problem of this place.
    pub fn at(self, place: &str) -> Problem {
        let problem = Problem::invalid(place, self.as_str());
        if self == Self::TooLong { problem.param("max", MAX_TEXT_CHARS) } else { problem }
    }
}

/// Words for yes and no, folded.
const YES: &[&str] = &["true", "co", "yes", "dung", "1", "x"];
const NO: &[&str] = &["false", "khong", "no", "sai", "0"];

/// Read a value; `None`: there is none (null, blank, an empty table).
///
/// Texts are understood for every kind, because files and the platform have nothing else (platform reference §9.1); a
/// number is an instant in milliseconds where the field holds instants. Choices are named by id or by what they are called.
pub fn read_value(field: &Field, typed: &Json) -> Result<Option<Known>, ValueError> {
    let text = match typed {
        Json::Null => return Ok(None),
        Json::String(text) => Some(text.replace('\0', "").trim().to_owned()),
        _ => None,
    };
    if text.as_deref() == Some("") {
        return Ok(None);
    }
    let text = text.as_deref();
    let known = match field.kind {
        FieldKind::Text => written(text.ok_or(ValueError::WrongForm)?, fold_vi)?,
        FieldKind::Email => {
            let text = text.ok_or(ValueError::WrongForm)?;
            Known::plain(normalise_email(text).map_err(|_| ValueError::NotAnEmail)?)
        }
        FieldKind::Phone => {
            let text = text.ok_or(ValueError::WrongForm)?;
            Known::plain(normalise_phone(text).map_err(|_| ValueError::NotAPhone)?)
        }
        FieldKind::Url => {
            let text = text.ok_or(ValueError::WrongForm)?;
            let url = Url::parse(text).map_err(|_| ValueError::NotAUrl)?;
            if !["http", "https"].contains(&url.scheme()) || url.host_str().is_none() {
                return Err(ValueError::NotAUrl);
            }
            written(text, fold_vi)?
        }
        FieldKind::Number => {
            let number = match (typed, text) {
                (Json::Number(n), _) => n.to_string(),
                (_, Some(text)) => text.to_owned(),
                _ => return Err(ValueError::WrongForm),
            };
            Known::plain(number.parse::<Milli>().map_err(|()| ValueError::NotANumber)?.0)
        }
        FieldKind::Datetime => {
            let at = match (typed, text) {
                (Json::Number(n), _) => n.as_i64().map(Timestamp).filter(|at| DateFormat::holds(*at)),
                (_, Some(text)) => DateFormat::read(text),
                _ => return Err(ValueError::WrongForm),
            };
            Known::plain(at.ok_or(ValueError::NotADate)?.0)
        }
        FieldKind::Boolean => {
            let truth = match (typed, text.map(fold_vi)) {
                (Json::Bool(truth), _) => Some(*truth),
                (_, Some(word)) if YES.contains(&word.as_str()) => Some(true),
                (_, Some(word)) if NO.contains(&word.as_str()) => Some(false),
                _ => None,
            };
            Known::plain(truth.ok_or(ValueError::NotABoolean)?)
        }
        FieldKind::Choice => {
            let text = text.ok_or(ValueError::WrongForm)?;
            let folded = fold_vi(text);
            let named = |label: &crate::Label| fold_vi(&label.vi) == folded || fold_vi(&label.en) == folded;
            let found = field.options.iter().find(|(id, label)| id == text || named(label));
            Known::plain(found.ok_or(ValueError::UnknownOption)?.0.as_str())
        }
        FieldKind::Table => return table(field, typed),
        // A set is made of other tables, never of a value.
        FieldKind::Set => return Err(ValueError::WrongForm),
    };
    Ok(Some(known))
}

/// A text with the form in which it is compared; one that folds to nothing (an emoji) is compared as it stands.
fn written(text: &str, fold: impl Fn(&str) -> String) -> Result<Known, ValueError> {
    if text.chars().count() > MAX_TEXT_CHARS {
        return Err(ValueError::TooLong);
    }
    let folded = fold(text);
    let fact = if folded.is_empty() { text.to_owned() } else { folded };
    let written = (fact != text).then(|| text.into());
    Ok(Known { fact: fact.into(), written })
}

fn table(field: &Field, typed: &Json) -> Result<Option<Known>, ValueError> {
    let rows = typed.as_object().ok_or(ValueError::WrongForm)?;
    let (mut facts, mut texts) = (Map::new(), Map::new());
    for (key, value) in rows {
        if !field.keys.contains(key) {
            return Err(ValueError::UnknownKey);
        }
        let text = match value {
            Json::Null => continue,
            Json::String(text) => text.replace('\0', "").trim().to_owned(),
            Json::Bool(_) | Json::Number(_) => value.to_string(),
            _ => return Err(ValueError::WrongForm),
        };
        if text.is_empty() {
            continue;
        }
        let known = written(&text, fold_vi)?;
        facts.insert(key.clone(), known.fact);
        texts.insert(key.clone(), text.into());
    }
    if facts.is_empty() {
        return Ok(None);
    }
    let written = (facts != texts).then_some(Json::Object(texts));
    Ok(Some(Known { fact: Json::Object(facts), written }))
}

/// A value as programs get it: a number as a number, an instant in milliseconds, a table as an object of texts.
pub fn show_value(kind: FieldKind, known: &Known) -> Json {
    match (kind, &known.fact) {
        (FieldKind::Number, Json::Number(n)) => n.as_i64().map_or(Json::Null, |n| Milli(n).to_json()),
        _ => known.written.clone().unwrap_or_else(|| known.fact.clone()),
    }
}

/// A value as one line of text, for messages, files and the platform. A choice says its id; a table its pairs.
pub fn value_text(kind: FieldKind, format: DateFormat, known: &Known) -> String {
    match (kind, show_value(kind, known)) {
        (FieldKind::Datetime, Json::Number(n)) => {
            n.as_i64().map_or_else(String::new, |ms| format.show(Timestamp(ms)))
        }
        (_, Json::String(text)) => text,
        (_, Json::Object(rows)) => {
            let pairs = rows.iter().filter_map(|(key, value)| Some(format!("{key}: {}", value.as_str()?)));
            pairs.collect::<Vec<_>>().join("; ")
        }
        (_, other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Label, Options};
    use serde_json::json;

    fn field(kind: FieldKind) -> Field {
        let label = |vi: &str, en: &str| Label { vi: vi.into(), en: en.into() };
        Field {
            options: Options::new(vec![("female".into(), label("Nữ", "Female"))]),
            keys: vec!["code".into(), "amount".into()],
            ..Field::plain("f", label("Trường", "Field"), kind)
        }
    }

    #[test]
    fn values_are_read_shown_and_refused() {
        use FieldKind::*;
        use ValueError as E;
        let long = "ả".repeat(MAX_TEXT_CHARS + 1);
        // 25/11/2026 00:00 in Vietnam.
        let day = 1_795_539_600_000_i64;
        for (kind, typed, read) in [
            (Text, json!("  Hà Nội\u{0} "), Ok(Some((json!("ha noi"), json!("Hà Nội"), "Hà Nội")))),
            (Text, json!("🌸"), Ok(Some((json!("🌸"), json!("🌸"), "🌸")))),
            (Text, json!("   "), Ok(None)),
            (Text, json!(null), Ok(None)),
            (Text, json!(7), Err(E::WrongForm)),
            (Text, json!(long), Err(E::TooLong)),
            (Number, json!(1234.5), Ok(Some((json!(1_234_500), json!(1234.5), "1234.5")))),
            (Number, json!("-7"), Ok(Some((json!(-7000), json!(-7), "-7")))),
            (Number, json!(1.2345), Err(E::NotANumber)),
            (Number, json!("nhiều"), Err(E::NotANumber)),
            (Number, json!(true), Err(E::WrongForm)),
            (Datetime, json!("25/11/2026"), Ok(Some((json!(day), json!(day), "25/11/2026")))),
            (Datetime, json!(day), Ok(Some((json!(day), json!(day), "25/11/2026")))),
            (Datetime, json!("31/02/2026"), Err(E::NotADate)),
            (Boolean, json!("Có"), Ok(Some((json!(true), json!(true), "true")))),
            (Boolean, json!(false), Ok(Some((json!(false), json!(false), "false")))),
            (Boolean, json!("có thể"), Err(E::NotABoolean)),
            (
                Email,
                json!(" An@Example.VN"),
                Ok(Some((json!("an@example.vn"), json!("an@example.vn"), "an@example.vn"))),
            ),
            (Email, json!("an"), Err(E::NotAnEmail)),
            (
                Phone,
                json!("0912 345 678"),
                Ok(Some((json!("84912345678"), json!("84912345678"), "84912345678"))),
            ),
            (Phone, json!("••• 678"), Err(E::NotAPhone)),
            (
                Url,
                json!("https://Example.vn/Á"),
                Ok(Some((
                    json!("https://example.vn/a"),
                    json!("https://Example.vn/Á"),
                    "https://Example.vn/Á",
                ))),
            ),
            (Url, json!("javascript:alert(1)"), Err(E::NotAUrl)),
            (Url, json!("example.vn"), Err(E::NotAUrl)),
            (Choice, json!("nữ"), Ok(Some((json!("female"), json!("female"), "female")))),
            (Choice, json!("Bê đê"), Err(E::UnknownOption)),
            (Table, json!({"code": "ĐH1", "amount": 5, "x": null}), Err(E::UnknownKey)),
            (
                Table,
                json!({"amount": 5, "code": "ĐH1"}),
                Ok(Some((
                    json!({"amount": "5", "code": "dh1"}),
                    json!({"amount": "5", "code": "ĐH1"}),
                    "amount: 5; code: ĐH1",
                ))),
            ),
            (Table, json!({"code": " "}), Ok(None)),
            (Table, json!("ĐH1"), Err(E::WrongForm)),
            (Set, json!("x"), Err(E::WrongForm)),
        ] {
            let got = read_value(&field(kind), &typed);
            let got = got.map(|known| {
                known.map(|known| {
                    let text = value_text(kind, DateFormat::default(), &known);
                    (known.fact.clone(), show_value(kind, &known), text)
                })
            });
            let wanted = read.map(|known| known.map(|(fact, shown, text)| (fact, shown, text.to_owned())));
            assert_eq!(got, wanted, "{kind:?} {typed}");
        }
    }

    #[test]
    fn what_is_shown_is_read_as_the_same() {
        use FieldKind::*;
        for (kind, typed) in [
            (Text, json!("Hà Nội")),
            (Number, json!("999999999999.999")),
            (Datetime, json!("1999-12-31T23:59:58")),
            (Boolean, json!(true)),
            (Url, json!("https://example.vn/Á?x=1")),
            (Table, json!({"code": "ĐH1"})),
        ] {
            let known = read_value(&field(kind), &typed).unwrap().unwrap();
            assert_eq!(read_value(&field(kind), &show_value(kind, &known)).unwrap(), Some(known), "{typed}");
        }
    }
}
