//! Which definitions and values of an OA's own fields the platform takes (platform reference §9). Pure: limits come from
//! the rule book of people.

use std::collections::BTreeMap;

use loa_rulebook::{FieldLimits, PackageCapabilities};
use zalo::custom::CustomValue;
use zalo::date::Day;
use zalo::error::ErrorCode;
use zalo::field::{DataType, FieldDefinition, FieldType};
use zalo::message::Refusal;

use crate::model::{CustomField, FieldValue, Oa};
use crate::platform::platform;
use crate::world::World;

/// Words for a gender.
pub const GENDERS: [&str; 3] = ["Nam", "Nữ", "Khác"];

/// The platform's own fields: key, name, what they hold. The type of an address is not documented; it is told as a
/// table of its parts.
const SYSTEM: &[(&str, &str, DataType, &[&str])] = &[
    ("name", "Tên", DataType::Text, &[]),
    ("phone", "Số điện thoại", DataType::Phone, &[]),
    ("user_dob", "Ngày sinh", DataType::Datetime, &[]),
    ("gender", "Giới tính", DataType::Text, &[]),
    ("full_address", "Địa chỉ", DataType::Table, &["user_city", "user_ward", "user_address"]),
    ("user_external_id", "Mã khách hàng", DataType::Text, &[]),
    ("dynamic_param", "Tham số liên kết động", DataType::Text, &[]),
];

/// Is it a key of the platform's own?
pub fn is_system(key: &str) -> bool {
    SYSTEM.iter().any(|(known, ..)| *known == key)
}

/// The platform's own fields.
pub fn system() -> impl Iterator<Item = FieldDefinition> {
    SYSTEM.iter().map(|(key, name, data_type, keys)| FieldDefinition {
        key: (*key).to_owned(),
        name: Some((*name).to_owned()),
        description: None,
        data_type: data_type.clone(),
        field_type: Some(FieldType::System),
        format: None,
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
    })
}

impl World {
    /// What the OA's package allows. What is not published is allowed here: the sandbox must not be stricter than the
    /// platform may be.
    pub fn capabilities(&self, oa: &Oa) -> PackageCapabilities {
        self.library.packages().capabilities(&oa.package.name, self.now())
    }

    /// -224 when the package has no field of this type.
    ///
    /// # Errors
    /// [`ErrorCode::PACKAGE_TOO_LOW`].
    pub fn may_have(&self, oa: &Oa, data_type: &DataType) -> Result<(), Refusal> {
        let can = self.capabilities(oa);
        let refused = can.custom_fields == Some(false)
            || (*data_type == DataType::Table && can.table_fields == Some(false));
        if refused { Err(Refusal::of(ErrorCode::PACKAGE_TOO_LOW)) } else { Ok(()) }
    }
}

fn exceeded() -> Refusal {
    Refusal::of(ErrorCode::LIMIT_EXCEEDED)
}

/// A new field, checked against those that are there.
///
/// # Errors
/// -201 with what is wrong; -210 for what is too long or too many.
pub fn create(
    fields: &[CustomField],
    wanted: &FieldDefinition,
    limits: &FieldLimits,
) -> Result<CustomField, Refusal> {
    let key = wanted.key.trim();
    let fits = key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !fits || is_system(key) || fields.iter().any(|f| f.key == key) {
        return Err(Refusal::field("key"));
    }
    if key.len() > platform().fields.key_max {
        return Err(exceeded());
    }
    if matches!(wanted.data_type, DataType::Other(_)) {
        return Err(Refusal::field("data_type"));
    }
    let field = described(key, wanted, limits)?;
    let alike = fields.iter().filter(|f| f.data_type == field.data_type).count();
    let most = if wanted.data_type == DataType::Table { limits.tables } else { limits.per_type };
    if alike >= most as usize {
        return Err(Refusal::of(ErrorCode(platform().fields.too_many)));
    }
    Ok(field)
}

/// A changed field. The definition is whole; key and type must be those that are there, and a table keeps its keys.
///
/// # Errors
/// As [`create`].
pub fn update(
    known: &CustomField,
    wanted: &FieldDefinition,
    limits: &FieldLimits,
) -> Result<CustomField, Refusal> {
    if wanted.data_type != known.data_type() {
        return Err(Refusal::field("data_type"));
    }
    let field = described(&known.key, wanted, limits)?;
    if known.keys.iter().any(|key| !field.keys.contains(key)) {
        return Err(Refusal::field("keys"));
    }
    Ok(field)
}

fn described(key: &str, wanted: &FieldDefinition, limits: &FieldLimits) -> Result<CustomField, Refusal> {
    let name = wanted.name.as_deref().unwrap_or_default().trim().to_owned();
    let description = wanted.description.clone().unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::field("name"));
    }
    for text in [&name, &description] {
        if text.chars().count() > limits.text_max as usize {
            return Err(exceeded());
        }
    }
    let is_table = wanted.data_type == DataType::Table;
    let mut keys: Vec<String> = Vec::new();
    for key in &wanted.keys {
        let key = key.trim();
        if key.is_empty() || keys.iter().any(|k| k == key) {
            return Err(Refusal::field("keys"));
        }
        keys.push(key.to_owned());
    }
    if is_table == keys.is_empty() {
        return Err(Refusal::field("keys"));
    }
    if keys.len() > limits.table_keys as usize {
        return Err(exceeded());
    }
    let format = wanted.format.clone().filter(|format| !format.is_empty());
    if let Some(format) = &format
        && (wanted.data_type != DataType::Datetime || limits.datetime_format(format).is_none())
    {
        return Err(Refusal::field("format"));
    }
    Ok(CustomField {
        key: key.to_owned(),
        name,
        description,
        data_type: wanted.data_type.to_string(),
        format,
        keys,
    })
}

/// A value as it is kept; `None` takes it away.
///
/// # Errors
/// -201 with the field's key, -210 for a text that is too long.
pub fn value(
    field: &CustomField,
    given: &CustomValue,
    limits: &FieldLimits,
) -> Result<Option<FieldValue>, Refusal> {
    let wrong = || Refusal::field(&field.key);
    match (field.data_type(), given) {
        (_, CustomValue::Text(text)) if text.is_empty() => Ok(None),
        (DataType::Table, CustomValue::Table(cells)) => {
            let mut kept = BTreeMap::new();
            for (key, cell) in cells {
                if !field.keys.contains(key) {
                    return Err(wrong());
                }
                kept.insert(key.clone(), short(cell, limits)?);
            }
            Ok(Some(FieldValue::Table(kept)))
        }
        (DataType::Table, _) | (_, CustomValue::Table(_)) => Err(wrong()),
        (kind, CustomValue::Text(text)) => {
            let kept = match kind {
                DataType::Boolean => matches!(text.as_str(), "true" | "false").then(|| text.clone()),
                DataType::Number => is_number(text, limits).then(|| text.trim().to_owned()),
                DataType::Datetime => limits.read_datetime(text).and_then(|at| {
                    let format = field.format.as_deref().and_then(|f| limits.datetime_format(f));
                    Some(format.or(limits.datetime_formats.first())?.write(at))
                }),
                DataType::Email => is_email(text).then(|| text.clone()),
                DataType::Phone => is_phone(text).then(|| text.clone()),
                DataType::Url => is_url(text).then(|| text.clone()),
                DataType::Text | DataType::Table | DataType::Other(_) => Some(text.clone()),
            };
            let kept = short(&kept.ok_or_else(wrong)?, limits)?;
            Ok(Some(FieldValue::Text(kept)))
        }
    }
}

/// A text that is not too long.
///
/// # Errors
/// -210.
pub fn short(text: &str, limits: &FieldLimits) -> Result<String, Refusal> {
    if text.chars().count() > limits.text_max as usize { Err(exceeded()) } else { Ok(text.to_owned()) }
}

/// A whole number, or a decimal that is not too fine.
fn is_number(text: &str, limits: &FieldLimits) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match digits.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (digits, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && part.is_none_or(|p| all_digits(p) && p.len() <= limits.number_decimals as usize)
}

/// Country code and number, digits only: never a leading zero.
pub fn is_phone(text: &str) -> bool {
    // E.164: at most fifteen digits.
    (8..=15).contains(&text.len()) && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.split_once('@') else { return false };
    let plain = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c == '@');
    plain(user)
        && plain(host)
        && host.split('.').count() > 1
        && host.split('.').all(|label| !label.is_empty())
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.chars().any(char::is_whitespace))
}

/// A birthday that the platform takes: `dd/MM/yyyy`, not before the first day of the book.
pub fn is_birthday(text: &str, limits: &FieldLimits) -> bool {
    let Ok(day) = text.parse::<Day>() else { return false };
    let (month, of_month) = (i8::try_from(day.month), i8::try_from(day.day));
    let (Ok(month), Ok(of_month)) = (month, of_month) else { return false };
    jiff::civil::Date::new(day.year, month, of_month).is_ok_and(|date| date >= limits.born_from)
}
