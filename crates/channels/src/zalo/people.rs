//! Between the platform's words for fields, values and lists of people, and Loa's (platform reference §8.2, §9).

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Map, Value as Json};
use zalo::custom::{AddressCodes, CustomInfo, CustomInfoUpdate, CustomValue};
use zalo::date::Day;
use zalo::field::{DataType, FieldDefinition, FieldType};
use zalo::user::{Period, UserList, UserListQuery};

use crate::{PeoplePage, PeopleQuery, PlatformAddress, PlatformField, PlatformFieldKind, PlatformValues};

/// The platform's word for a gender and Loa's.
const GENDERS: &[(&str, &str)] = &[("Nam", "male"), ("Nữ", "female"), ("Khác", "other")];

fn data_type(kind: PlatformFieldKind) -> DataType {
    match kind {
        PlatformFieldKind::Text => DataType::Text,
        PlatformFieldKind::Number => DataType::Number,
        PlatformFieldKind::Boolean => DataType::Boolean,
        PlatformFieldKind::Datetime => DataType::Datetime,
        PlatformFieldKind::Table => DataType::Table,
        PlatformFieldKind::Email => DataType::Email,
        PlatformFieldKind::Phone => DataType::Phone,
        PlatformFieldKind::Url => DataType::Url,
    }
}

/// `None`: a type that this version does not know. Such a field is left out, because nothing could be done with it.
pub(super) fn field(wire: FieldDefinition) -> Option<PlatformField> {
    let kind = match wire.data_type {
        DataType::Text => PlatformFieldKind::Text,
        DataType::Number => PlatformFieldKind::Number,
        DataType::Boolean => PlatformFieldKind::Boolean,
        DataType::Datetime => PlatformFieldKind::Datetime,
        DataType::Table => PlatformFieldKind::Table,
        DataType::Email => PlatformFieldKind::Email,
        DataType::Phone => PlatformFieldKind::Phone,
        DataType::Url => PlatformFieldKind::Url,
        DataType::Other(word) => {
            tracing::info!(word, "a field of a type that is not known here is left out");
            return None;
        }
    };
    Some(PlatformField {
        label: wire.name.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| wire.key.clone()),
        help: wire.description.unwrap_or_default(),
        kind,
        keys: wire.keys,
        format: wire.format.filter(|format| !format.is_empty()),
        system: wire.field_type == Some(FieldType::System),
        key: wire.key,
    })
}

pub(super) fn definition(field: &PlatformField) -> FieldDefinition {
    FieldDefinition {
        key: field.key.clone(),
        name: Some(field.label.clone()),
        description: Some(field.help.clone()),
        data_type: data_type(field.kind),
        field_type: None,
        format: field.format.clone(),
        keys: field.keys.clone(),
    }
}

pub(super) fn values(info: CustomInfo) -> PlatformValues {
    let some = |text: Option<String>| text.filter(|t| !t.trim().is_empty());
    let address = info.full_address.map(|a| PlatformAddress {
        city: some(a.user_city),
        ward: some(a.user_ward),
        line: some(a.user_address),
    });
    let custom = |all: BTreeMap<String, CustomValue>| {
        let json = |value| match value {
            CustomValue::Text(text) => Json::String(text),
            CustomValue::Table(cells) => {
                Json::Object(cells.into_iter().map(|(k, v)| (k, Json::String(v))).collect())
            }
        };
        // An empty text is "no value" here, as everywhere on this wire.
        let filled = all.into_iter().filter(|(_, value)| *value != CustomValue::Text(String::new()));
        filled.map(|(key, value)| (key, json(value))).collect::<Map<_, _>>()
    };
    PlatformValues {
        name: some(info.name),
        phone: some(info.phone),
        birthday: info.user_dob.and_then(|text| date(&text)),
        gender: info.gender.and_then(|word| {
            let known = GENDERS.iter().find(|(theirs, _)| *theirs == word.trim());
            known.map(|(_, ours)| (*ours).to_owned())
        }),
        address: address.filter(|a| *a != PlatformAddress::default()),
        external_id: some(info.user_external_id),
        dynamic_param: some(info.dynamic_param),
        custom: info.custom_info.map(custom),
    }
}

/// What cannot be written, for the operator.
pub(super) fn update(user: &str, values: &PlatformValues) -> Result<CustomInfoUpdate, String> {
    let code = |name: &str, text: &Option<String>| match text {
        Some(text) if !text.is_empty() && !text.bytes().all(|b| b.is_ascii_digit()) => {
            Err(format!("{name} must be a code of the administrative units, not a name"))
        }
        other => Ok(other.clone()),
    };
    let full_address = match &values.address {
        None => None,
        Some(address) => Some(AddressCodes {
            user_city_id: code("city", &address.city)?,
            user_ward_id: code("ward", &address.ward)?,
            user_address: address.line.clone(),
        }),
    };
    let gender = match values.gender.as_deref() {
        None => None,
        Some(word) => {
            let known = GENDERS.iter().find(|(_, ours)| *ours == word);
            Some(known.ok_or_else(|| format!("{word:?} is no gender"))?.0.to_owned())
        }
    };
    let custom_info = match &values.custom {
        None => None,
        Some(all) => Some(
            all.iter()
                .map(|(key, value)| {
                    let value = match value {
                        Json::Null => CustomValue::Text(String::new()),
                        value => CustomValue::read(value)
                            .ok_or_else(|| format!("{key} is neither a value nor a table of values"))?,
                    };
                    Ok((key.clone(), value))
                })
                .collect::<Result<BTreeMap<_, _>, String>>()?,
        ),
    };
    Ok(CustomInfoUpdate {
        user_id: user.to_owned(),
        name: values.name.clone(),
        phone: values.phone.clone(),
        user_dob: values.birthday.map(|date| day(date).to_string()),
        gender,
        full_address,
        user_external_id: values.external_id.clone(),
        custom_info,
    })
}

pub(super) fn list_query(query: &PeopleQuery) -> UserListQuery {
    UserListQuery {
        offset: query.offset.into(),
        count: query.count.into(),
        tag_name: query.tag.clone(),
        last_interaction_period: query
            .period
            .map(|(first, last)| Period::Range(day(first), day(last)).to_string()),
        is_follower: query.follower,
    }
}

pub(super) fn page(list: UserList) -> PeoplePage {
    PeoplePage {
        total: u64::try_from(list.total).unwrap_or_default(),
        users: list.users.into_iter().map(|user| user.user_id).collect(),
    }
}

fn date(text: &str) -> Option<Date> {
    let day: Day = text.parse().ok()?;
    Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()
}

fn day(date: Date) -> Day {
    Day { year: date.year(), month: date.month().unsigned_abs(), day: date.day().unsigned_abs() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_read_as_texts_and_written_back() {
        let info: CustomInfo = serde_json::from_value(json!({
            "user_id": 5120988712345678901_u64, "name": "An", "phone": 84900000000_u64, "user_dob": "31/12/1999",
            "gender": "Nữ", "user_external_id": "", "dynamic_param": "qr-3",
            "full_address": { "user_city": "Hồ Chí Minh", "user_ward": "", "user_address": "12 Lê Lợi" },
            "custom_info": { "vip": "true", "points": 2500, "empty": "", "gone": null,
                "order": { "code": "DH1", "amount": 100000 } },
        }))
        .unwrap();
        let read = values(info);
        let custom =
            json!({ "vip": "true", "points": "2500", "order": { "code": "DH1", "amount": "100000" } });
        let want = PlatformValues {
            name: Some("An".into()),
            phone: Some("84900000000".into()),
            birthday: Some(jiff::civil::date(1999, 12, 31)),
            gender: Some("female".into()),
            address: Some(PlatformAddress {
                city: Some("Hồ Chí Minh".into()),
                ward: None,
                line: Some("12 Lê Lợi".into()),
            }),
            external_id: None,
            dynamic_param: Some("qr-3".into()),
            custom: custom.as_object().cloned(),
        };
        assert_eq!(read, want);

        let given = PlatformValues {
            address: Some(PlatformAddress { city: Some("79".into()), ward: None, line: None }),
            custom: json!({ "vip": true, "points": 2.5, "gone": null, "order": { "code": 1 } })
                .as_object()
                .cloned(),
            name: None,
            phone: None,
            ..want.clone()
        };
        let wire = serde_json::to_value(update("5", &given).unwrap()).unwrap();
        assert_eq!(
            wire,
            json!({ "user_id": "5", "user_dob": "31/12/1999", "gender": "Nữ",
                "full_address": { "user_city_id": "79" },
                "custom_info": { "vip": "true", "points": "2.5", "gone": "", "order": { "code": "1" } } })
        );
    }

    #[test]
    fn what_the_platform_cannot_take_is_refused_here() {
        let nothing = PlatformValues::default();
        let city = PlatformAddress { city: Some("Hồ Chí Minh".into()), ..PlatformAddress::default() };
        for wrong in [
            PlatformValues { address: Some(city), ..nothing.clone() },
            PlatformValues { gender: Some("Nam".into()), ..nothing.clone() },
            PlatformValues { custom: json!({ "a": [1] }).as_object().cloned(), ..nothing.clone() },
            PlatformValues { custom: json!({ "a": { "b": {} } }).as_object().cloned(), ..nothing.clone() },
        ] {
            assert!(update("5", &wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(serde_json::to_value(update("5", &nothing).unwrap()).unwrap(), json!({ "user_id": "5" }));
    }

    #[test]
    fn fields_keep_what_they_hold() {
        for kind in PlatformFieldKind::ALL {
            let ours = PlatformField {
                key: format!("x_{}", kind.as_str()),
                label: "Tên".into(),
                help: String::new(),
                kind,
                keys: vec!["a".into()],
                format: Some("dd/MM/yyyy".into()),
                system: false,
            };
            assert_eq!(definition(&ours).data_type.as_str(), kind.as_str());
            assert_eq!(field(definition(&ours)), Some(ours));
        }
        let odd = |word: &str| {
            let wire = json!({ "key": "k", "data_type": word, "field_type": "SYSTEM" });
            field(serde_json::from_value(wire).unwrap())
        };
        assert_eq!(odd("colour"), None);
        let bare = odd("text").unwrap();
        assert_eq!((bare.label.as_str(), bare.system), ("k", true));
    }
}
