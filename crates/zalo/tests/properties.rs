//! Properties that hold for all input, not only for samples.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use proptest::prelude::*;
use serde_json::json;
use zalo::message::{QuotaBlock, SendData};
use zalo::signature::{header_value, verify};
use zalo::webhook::{Event, Peek};

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec((key(), inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "id",
        "admin_id",
        "msg_id",
        "msg_ids",
        "text",
        "attachments",
        "type",
        "payload",
        "url",
        "name",
        "user_ids",
        "coordinates",
        "description",
        "user_id",
        "x",
    ])
    .prop_map(str::to_owned)
}

fn name() -> impl Strategy<Value = String> {
    let listed = zalo::corpus::all().iter().map(|(_, b, _)| Peek::parse(b).unwrap().event_name);
    prop_oneof![4 => prop::sample::select(listed.collect::<Vec<_>>()), 1 => "[a-z_]{1,20}"]
}

proptest! {
    #[test]
    fn exactly_the_right_signature(
        app in "[0-9]{1,19}", body in prop::collection::vec(any::<u8>(), 1..200), time in "[0-9]{1,13}",
        secret in "[A-Za-z0-9]{1,32}", at in any::<prop::sample::Index>(), flip in 1u8..,
    ) {
        let header = header_value(&app, &body, &time, &secret);
        prop_assert!(verify(&header, &app, &body, &time, &secret));
        prop_assert!(verify(&header[4..], &app, &body, &time, &secret));

        let mut other = body.clone();
        let i = at.index(other.len());
        other[i] ^= flip;
        prop_assert!(!verify(&header, &app, &other, &time, &secret));

        let digits = &header.as_bytes()[4..];
        let i = at.index(digits.len());
        let mut bytes = digits.to_vec();
        bytes[i] = if bytes[i] == b'0' { b'1' } else { b'0' };
        prop_assert!(!verify(std::str::from_utf8(&bytes).unwrap(), &app, &body, &time, &secret));
        let longer = secret.clone() + "x";
        prop_assert!(!verify(&header, &app, &body, &time, &longer));
    }

    #[test]
    fn numbers_and_strings_read_alike(remain in any::<i32>(), total in any::<i32>(), time in 0i64..1 << 52, id in any::<u64>()) {
        let block = |remain: serde_json::Value, total: serde_json::Value| {
            serde_json::from_value::<QuotaBlock>(json!({"quota_type": "reply", "remain": remain, "total": total})).unwrap()
        };
        let (numbers, strings) = (block(remain.into(), total.into()), block(remain.to_string().into(), total.to_string().into()));
        prop_assert_eq!(&numbers, &strings);
        prop_assert_eq!((numbers.remain, numbers.total), (Some(remain.into()), Some(total.into())));

        let sent = |time: serde_json::Value, id: serde_json::Value| {
            serde_json::from_value::<SendData>(json!({"message_id": id, "user_id": id, "sent_time": time})).unwrap()
        };
        let numbers = sent(time.into(), id.into());
        prop_assert_eq!(&numbers, &sent(time.to_string().into(), id.to_string().into()));
        prop_assert_eq!(numbers.message_id, id.to_string());
        prop_assert_eq!(numbers.sent_time, Some(time));
    }

    #[test]
    fn a_strange_quota_never_spoils_an_accepted_send(quota in json_value()) {
        let data = json!({"message_id": "m", "user_id": "5", "sent_time": "1", "quota": quota});
        prop_assert_eq!(serde_json::from_value::<SendData>(data).unwrap().message_id, "m");
    }

    #[test]
    fn bytes_never_panic(raw in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Peek::parse(&raw);
        let _ = Event::parse(&raw);
        let _ = zalo::Envelope::<SendData>::parse(&raw);
        let _ = zalo::oauth::parse_token_answer(&raw);
    }

    /// Whatever hangs on a named event, it parses: as its family, or as unknown with the body kept.
    #[test]
    fn every_named_object_parses(
        name in name(), message in json_value(), sender in json_value(), recipient in json_value(),
        data in json_value(), tag in json_value(), time in json_value(),
    ) {
        let body = json!({
            "event_name": name, "message": message, "sender": sender, "recipient": recipient, "data": data,
            "tag": tag, "timestamp": time,
        });
        let raw = body.to_string();
        let event = Event::parse(raw.as_bytes()).unwrap();
        prop_assert_eq!(&event.event_name, &name);
        prop_assert!(event.dedupe_key().len() <= 200);
        prop_assert_eq!(Peek::parse(raw.as_bytes()).unwrap().event_name, name);
        let again = Event::parse(raw.as_bytes()).unwrap();
        prop_assert_eq!(again.dedupe_key(), event.dedupe_key());
    }

    /// A body of the corpus that was cut or damaged anywhere is refused or understood, never a panic; and
    /// the header says the same as the whole.
    #[test]
    fn damaged_bodies(which in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (_, body, _) = zalo::corpus::all()[which.index(zalo::corpus::all().len())];
        let mut raw = body.to_vec();
        let i = at.index(raw.len());
        let _ = Event::parse(&raw[..i]);
        raw[i] = byte;
        if let (Ok(event), Ok(peek)) = (Event::parse(&raw), Peek::parse(&raw)) {
            prop_assert_eq!(event.event_name, peek.event_name);
        }
    }
}
