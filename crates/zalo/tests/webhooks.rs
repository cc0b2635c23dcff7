//! Every body of the corpus lands as the right thing.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::collections::{BTreeMap, HashSet};
use zalo::corpus::{APP_ID, OA_ID, USER_ID, all};
use zalo::webhook::*;

fn event(name: &str) -> Event {
    let (_, body, _) = all().iter().find(|(n, ..)| *n == name).unwrap_or_else(|| panic!("no body {name}"));
    Event::parse(body).unwrap()
}

#[test]
fn families() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, body, family) in all() {
        let event = Event::parse(body).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(event.kind.family().as_str(), *family, "{name}: {:?}", event.kind);
        assert_eq!(event.app_id.as_deref(), Some(APP_ID), "{name}");
        assert!(event.timestamp.is_some_and(|t| t > 1_790_000_000_000), "{name}");
        assert_eq!(event.oa(|id| id == OA_ID), Some(OA_ID), "{name}");
        let peek = Peek::parse(body).unwrap();
        assert_eq!(peek.oa(|id| id == OA_ID), Some(OA_ID), "{name}");
        assert_eq!(peek.event_name, event.event_name, "{name}");
        assert_eq!(peek.timestamp.parse().ok(), event.timestamp, "{name}");
        assert_eq!(
            (peek.sender.as_deref(), peek.recipient.as_deref(), peek.oa_id.as_deref()),
            event.accounts(),
            "{name}"
        );
        *seen.entry(family).or_default() += 1;
    }
    assert!(all().len() >= 60);
    for family in Family::ALL {
        assert!(seen.contains_key(family.as_str()), "no body of family {family}");
    }
}

#[test]
fn the_list_is_the_folder() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let files: HashSet<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap().trim_end_matches(".json").to_owned())
        .collect();
    let listed: HashSet<String> = all().iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(listed, files);
}

/// Every name of the catalogue has a body.
#[test]
fn names() {
    let ours: HashSet<String> =
        all().iter().map(|(_, body, _)| Peek::parse(body).unwrap().event_name).collect();
    let groups = "text image link audio video location business_card sticker gif file"
        .split(' ')
        .map(|k| format!("user_send_group_{k}"));
    let catalogue = "user_send_text user_send_image user_send_link user_send_audio user_send_video \
        user_send_sticker user_send_location user_send_business_card user_send_file user_send_gif \
        oa_send_text oa_send_image oa_send_gif oa_send_list oa_send_file oa_send_sticker oa_send_template \
        anonymous_send_text anonymous_send_image anonymous_send_file anonymous_send_sticker \
        oa_send_anonymous_text oa_send_anonymous_image oa_send_anonymous_file oa_send_anonymous_sticker \
        user_seen_message user_received_message user_reacted_message oa_reacted_message follow unfollow \
        user_click_chatnow user_submit_info user_asking_product add_user_to_tag remove_user_from_tag \
        remove_tag update_user_info user_withdraw permission_revoked extension_purchased \
        widget_interaction_accepted widget_failed_to_sync_user_external_id shop_has_order oa_send_consent \
        user_reply_consent user_call_oa oa_call_user create_group user_join_group user_request_join_group \
        accept_request_join_group react_request_join_group reject_request_join_group add_group_admin \
        remove_group_admin update_group_info user_out_group user_leave_group delete_group disperse_group \
        change_template_status change_template_quality change_template_quota change_oa_daily_quota \
        change_oa_template_tags user_feedback user_click_response_button event_journey_acknowledged \
        event_journey_time_out";
    for name in catalogue.split_whitespace().map(str::to_owned).chain(groups) {
        assert!(ours.contains(&name), "no body for {name}");
    }
}

#[test]
fn content() {
    for (name, kind, attachment) in [
        ("user_message--text", "text", None),
        ("user_message--image", "image", Some("image")),
        ("user_message--link", "link", Some("link")),
        ("user_message--link_title", "link", Some("link")),
        ("user_message--audio", "audio", Some("audio")),
        ("user_message--video", "video", Some("video")),
        ("user_message--sticker", "sticker", Some("sticker")),
        ("user_message--location", "location", Some("location")),
        ("user_message--business_card", "business_card", Some("link")),
        ("user_message--business_card_as_link", "business_card", Some("link")),
        ("user_message--file", "file", Some("file")),
        ("user_message--gif", "gif", Some("gif")),
        ("user_message--image_new_attachment", "image", Some("hologram")),
        ("user_message--text_unknown_keys", "text", None),
        ("oa_message--text_buttons", "text", Some("template")),
        ("oa_message--list", "list", Some("template")),
        ("oa_message--template", "template", Some("template")),
        ("anonymous_message--file", "file", Some("file")),
        ("oa_anonymous_message--sticker", "sticker", Some("sticker")),
        ("group_message--user_business_card", "business_card", Some("link")),
        ("asking_product--text", "text", None),
    ] {
        let event = event(name);
        let message = event.kind.message().unwrap();
        assert_eq!(message.kind.as_str(), kind, "{name}");
        assert_eq!(message.attachments.first().map(Attachment::kind), attachment, "{name}");
        assert_eq!(message.msg_id.len(), 20, "{name}");
        assert!(event.label().ends_with(&format!("/{kind}")), "{name}");
    }
}

#[test]
fn details() {
    let message = |name: &str| event(name).kind.message().cloned().unwrap();
    let first = |name: &str| message(name).attachments.remove(0);

    assert_eq!(message("user_message--text_quote").quote_msg_id.as_deref(), Some("9b02f61c77de40a1538c"));
    assert_eq!(message("user_message--image_two").attachments.len(), 2);
    assert_eq!(message("anonymous_message--text").conversation_id.as_deref(), Some("19ce77ab6d0f42e5813b"));

    let Attachment::BusinessCard(card) = first("user_message--business_card") else { panic!() };
    assert_eq!((card.phone.as_str(), card.caption.as_deref()), ("84900000000", Some("Anh Tư")));
    assert!(card.qr_code_url.is_some() && card.media.thumbnail.is_some());

    for name in ["user_message--location", "user_message--location_numbers"] {
        assert_eq!(first(name).coordinates(), Some((10.7721, 106.6983)), "{name}");
    }
    for (name, size) in [("user_message--file", 20480), ("user_message--file_numeric_size", 40960)] {
        let Attachment::File(file) = first(name) else { panic!() };
        assert_eq!(file.size, Some(size), "{name}");
    }
    let Attachment::Sticker { id, .. } = first("user_message--sticker_integer_id") else { panic!() };
    assert_eq!(id, "46021");
    let Attachment::Template(list) = first("oa_message--list_old_elements") else { panic!() };
    assert!(list.elements.is_some());

    let admin = |name: &str| match event(name).kind {
        EventKind::OaMessage { admin_id, .. } => admin_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(admin("oa_message--text"), None);
    assert_eq!(admin("oa_message--text_admin").as_deref(), Some("7770000000000000001"));

    for (name, ids) in [("seen--msg_ids", 1), ("seen--several", 2), ("seen--old_msg_id", 1)] {
        let EventKind::Seen(receipt) = event(name).kind else { panic!() };
        assert_eq!(receipt.msg_ids.len(), ids, "{name}");
    }
    let EventKind::ZnsReceived(zns) = event("zns_received--phone").kind else { panic!() };
    assert_eq!(zns.tracking_id.as_deref(), Some("don-1001"));
    assert_eq!(zns.delivery_time, Some(1_790_000_041_000));

    for (name, ward) in
        [("new_address", Some("Bến Nghé")), ("old_district", None), ("old_ward", Some("Bến Nghé"))]
    {
        let EventKind::SubmitInfo(info) = event(&format!("submit_info--{name}")).kind else { panic!() };
        assert_eq!(info.phone.as_deref(), Some("84900000000"), "{name}");
        assert_eq!(info.street(), Some("12 Lê Lợi"), "{name}");
        assert_eq!(info.city_name(), Some("Hồ Chí Minh"), "{name}");
        assert_eq!(info.ward_name(), ward, "{name}");
    }
    for (name, users) in [("added", 1), ("added_several", 2), ("added_empty", 0), ("deleted", 0)] {
        let EventKind::Tag { user_ids, .. } = event(&format!("tag--{name}")).kind else { panic!() };
        assert_eq!(user_ids.len(), users, "{name}");
    }
    for (name, step) in [
        ("join_accepted", GroupStep::JoinAccepted),
        ("join_accepted_old", GroupStep::JoinAccepted),
        ("left_other_name", GroupStep::Left),
        ("deleted_old", GroupStep::Deleted),
    ] {
        let EventKind::Group { step: got, .. } = event(&format!("group--{name}")).kind else { panic!() };
        assert_eq!(got, step, "{name}");
    }
    for (name, step, before, after) in [
        ("status", TemplateStep::Status, Some("PENDING_REVIEW"), Some("ENABLE")),
        ("quota", TemplateStep::Quota, Some("500"), Some("2000")),
        ("oa_daily_quota", TemplateStep::OaDailyQuota, Some("5000"), Some("10000")),
        ("oa_tags", TemplateStep::OaTags, None, None),
    ] {
        let EventKind::Template(t) = event(&format!("template--{name}")).kind else { panic!() };
        assert_eq!((t.step, t.previous.as_deref(), t.new.as_deref()), (step, before, after), "{name}");
    }
    let EventKind::Call { step, call } = event("call--oa_call").kind else { panic!() };
    assert_eq!((step, call.waiting_time, call.status_code), (CallStep::OaCalled, Some(30), Some(1)));
    let EventKind::ExtensionPurchased(bought) = event("lifecycle--extension_purchased").kind else {
        panic!()
    };
    assert_eq!(bought.extension_sub_info.unwrap().duration_month, Some(6));
    for (name, listed) in [("future_event", false), ("not_real_contact", false), ("message_without_id", true)]
    {
        let EventKind::Unknown(unknown) = event(&format!("unknown--{name}")).kind else { panic!() };
        assert_eq!(unknown.reason != UnknownReason::NotListed, listed, "{name}");
        assert!(serde_json::from_str::<serde_json::Value>(&unknown.raw).is_ok(), "{name}");
    }
}

#[test]
fn whose_event() {
    for (name, user) in [
        ("user_message--text", Some(USER_ID)),
        ("user_message--text_integer_ids", Some(USER_ID)),
        ("oa_message--text", Some(USER_ID)),
        ("seen--msg_ids", Some(USER_ID)),
        ("seen--user_as_sender", Some(USER_ID)),
        ("received--user_as_sender", Some(USER_ID)),
        ("user_reaction--heart", Some(USER_ID)),
        ("oa_reaction--strong", Some(USER_ID)),
        ("follow--old_without_source", Some(USER_ID)),
        ("unfollow--social_plugin", Some(USER_ID)),
        ("click_chatnow--flat", Some(USER_ID)),
        ("submit_info--new_address", Some(USER_ID)),
        ("user_data--withdraw", Some(USER_ID)),
        ("widget--accepted", Some(USER_ID)),
        ("call--user_call", Some(USER_ID)),
        ("group_message--user_text", Some(USER_ID)),
        ("anonymous_message--text", Some("4a61ce20b1097fd3e852")),
        ("oa_anonymous_message--text", Some("4a61ce20b1097fd3e852")),
        ("group_message--oa_text", None),
        ("zns_received--phone", None),
        ("tag--added", None),
        ("group--joined", None),
        ("lifecycle--permission_revoked", None),
    ] {
        assert_eq!(event(name).user_of(OA_ID), user, "{name}");
        assert_eq!(event(name).user_of("999").filter(|_| !name.starts_with("group_message")), None, "{name}");
    }
}

#[test]
fn keys_tell_events_apart() {
    let keys: HashSet<String> =
        all().iter().map(|(_, b, _)| Event::parse(b).unwrap().dedupe_key().to_owned()).collect();
    assert_eq!(keys.len(), all().len(), "two bodies of the corpus share a key");
    assert!(keys.iter().all(|k| k.len() <= 200));

    let key = |body: &str| Event::parse(body.as_bytes()).unwrap().dedupe_key().to_owned();
    let react = |icon: &str, time: u32| {
        key(&format!(
            r#"{{"event_name":"user_reacted_message","sender":{{"id":"1"}},"recipient":{{"id":"2"}},"message":{{"msg_id":"m","react_icon":"{icon}"}},"timestamp":"{time}"}}"#
        ))
    };
    assert_eq!(react("/-heart", 1), react("/-heart", 1));
    assert_ne!(react("/-heart", 1), react("/-remove", 1));
    assert_ne!(react("/-heart", 1), react("/-heart", 2));
    // The same message, posted again with other spaces or a later timestamp, is the same event.
    let text = |body: &str| {
        key(&format!(
            r#"{{"event_name":"user_send_text","sender":{{"id":"1"}},"recipient":{{"id":"2"}},{body}}}"#
        ))
    };
    assert_eq!(
        text(r#""message":{"msg_id":"m","text":"a"},"timestamp":"1""#),
        text(r#""message" : {"text":"a","msg_id":"m"},"timestamp":2"#)
    );
    // A receipt for hundreds of messages still has a short key of its own.
    let seen = |n: usize| {
        let ids = vec![r#""0123456789abcdef0123""#; n].join(",");
        key(&format!(r#"{{"event_name":"user_seen_message","message":{{"msg_ids":[{ids}]}}}}"#))
    };
    assert!(seen(500).len() <= 200 && seen(500) != seen(501));
}

#[test]
fn what_is_no_event() {
    for (body, want) in [
        ("", "json"),
        ("<html>", "json"),
        ("{\"event_name\":", "json"),
        ("[]", "object"),
        (" [\"a\"]", "object"),
        ("5", "object"),
        ("null", "object"),
        ("{}", "name"),
        (r#"{"event_name":""}"#, "name"),
        (r#"{"event_name":null}"#, "name"),
        (r#"{"event_name":{"a":1}}"#, "name"),
        (r#"{"event_name":"a","event_name":"b"}"#, "object"),
    ] {
        let got = match Event::parse(body.as_bytes()) {
            Err(ParseError::NotJson(_)) => "json",
            Err(ParseError::NotAnObject) => "object",
            Err(ParseError::NoEventName) => "name",
            Ok(event) => panic!("{body}: {event:?}"),
        };
        assert_eq!(got, want, "{body}");
        assert!(Peek::parse(body.as_bytes()).is_err(), "{body}");
    }
    assert!(Event::parse(b"{\"event_name\":\"\xff\"}").is_err(), "not UTF-8");
}

/// An emulator fills `Body`; what it writes reads back as the same event.
#[test]
fn bodies_survive_writing() {
    for (name, raw, family) in all() {
        let Ok(body) = serde_json::from_slice::<Body>(raw) else {
            assert_eq!(*family, "unknown", "{name}");
            continue;
        };
        let written = serde_json::to_vec(&body).unwrap();
        assert_eq!(serde_json::from_slice::<Body>(&written).unwrap(), body, "{name}");
        // Calls, templates and the like have their own shapes and are not written through `Body`.
        if !["lifecycle", "shop", "call", "template", "unknown"].contains(family) {
            let (before, after) = (Event::parse(raw).unwrap(), Event::parse(&written).unwrap());
            assert_eq!(before.kind, after.kind, "{name}");
        }
    }
}
