//! Every documented family of events lands as the right thing (platform reference §16.6).
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::collections::BTreeSet;

use bytes::Bytes;
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{ChannelKind, Connector, Connectors};
use loa_intake::fold::{Event, fold, wanted};
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::intake::{Batch, ChannelRow, Slice};
use std::sync::Arc;
use uuid::Uuid;
use zalo::corpus::OA_ID;

/// What an event did to an empty house, in short words.
fn effects(batch: &Batch) -> String {
    let mut said = BTreeSet::new();
    said.extend(batch.new_messages.iter().map(|m| format!("{} {}", m.author, m.kind)));
    said.extend(batch.marks.iter().map(|(_, _, _, mark)| match mark.kind {
        loa_store::intake::MarkKind::Status => mark.value.clone(),
        _ => format!("reaction {}", mark.kind.as_str().trim_start_matches("reaction_")),
    }));
    said.extend(batch.raw.iter().map(|raw| format!("raw {}", raw.reason)));
    said.extend(batch.channels.iter().map(|channel| format!("channel {}", channel.status)));
    for person in &batch.new_identities {
        said.extend(person.facts.as_object().unwrap().keys().map(|fact| format!("fact {fact}")));
        said.extend(person.window_started_at.map(|_| "window".to_owned()));
        said.extend(person.is_follower.map(|f| if f { "follower" } else { "no follower" }.to_owned()));
    }
    said.extend(batch.phones.iter().map(|_| "phone".to_owned()));
    said.extend(batch.new_customers.iter().filter(|(.., phone)| phone.is_some()).map(|_| "phone".to_owned()));
    said.into_iter().collect::<Vec<_>>().join(", ")
}

fn fold_one(connector: &dyn Connector, name: &str, body: &'static [u8]) -> Batch {
    let (workspace, channel) = (WorkspaceId(Uuid::from_u128(1)), ChannelId(Uuid::from_u128(2)));
    let events = [Event {
        workspace,
        channel,
        key: name.to_owned(),
        received_at: Timestamp(1_790_000_000_000),
        body: Bytes::from_static(body),
        said: connector.parse(OA_ID, body),
    }];
    let mut slice = Slice::default();
    assert!(wanted(&events).channels.len() <= 1);
    slice.channels.insert(
        channel,
        ChannelRow {
            workspace,
            id: channel,
            kind: "zalo".into(),
            status: "connected".into(),
            status_reason: None,
            status_changed_at: None,
            edition: "messaging-2024-11".into(),
        },
    );
    fold(&events, slice, &Library::embedded(), Timestamp(1_790_000_000_000))
}

/// What each body does: by its name, else by its family.
fn expected(name: &str, family: &str) -> &'static str {
    match name {
        "user_message--image" | "user_message--image_caption" | "user_message--image_two" => {
            "customer image, window"
        }
        "user_message--image_new_attachment" => "customer image, window",
        "user_message--link" | "user_message--link_title" => "customer link, window",
        "user_message--audio" | "user_message--audio_aac" => "customer audio, window",
        "user_message--video" => "customer video, window",
        "user_message--sticker" | "user_message--sticker_integer_id" => "customer sticker, window",
        "user_message--location" | "user_message--location_numbers" => "customer location, window",
        "user_message--business_card" | "user_message--business_card_as_link" => {
            "customer business_card, window"
        }
        "user_message--file" | "user_message--file_numeric_size" => "customer file, window",
        "user_message--gif" => "customer gif, window",
        "oa_message--image" | "oa_anonymous_message--image" => "platform image",
        "oa_message--gif" => "platform gif",
        "oa_message--list" | "oa_message--list_old_elements" => "platform list",
        "oa_message--file" | "oa_anonymous_message--file" => "platform file",
        "oa_message--sticker" | "oa_anonymous_message--sticker" => "platform sticker",
        "oa_message--template" => "platform request_info",
        "oa_message--text_buttons" => "platform buttons",
        "anonymous_message--image" => "customer image, window",
        "anonymous_message--file" => "customer file, window",
        "anonymous_message--sticker" => "customer sticker, window",
        // A call of the customer; the account's own was not taken, so it is no interaction.
        "call--user_call" => "system event",
        "tag--added_empty" | "tag--deleted" => "raw no_handler",
        "user_data--withdraw" => "fact withdrew, raw data_request, system event",
        "lifecycle--permission_revoked" => "channel reconnect_required",
        "widget--accepted" => "system event",
        "unknown--message_of_odd_type" | "unknown--message_without_id" => "raw unparsable",
        _ => match family {
            "user_message" | "anonymous_message" | "asking_product" => "customer text, window",
            "oa_message" | "oa_anonymous_message" => "platform text",
            "seen" => "seen",
            "received" => "delivered",
            "user_reaction" => "reaction customer",
            "oa_reaction" => "reaction us",
            "follow" => "fact follow, follower, system event",
            "unfollow" => "no follower, system event",
            "click_chatnow" => "system event",
            "submit_info" => "customer request_info, fact shared, fact shared_phone, phone",
            "tag" => "fact tags",
            "user_data" => "fact changed",
            "call" | "group" | "group_message" | "lifecycle" | "shop" | "template" | "widget"
            | "zns_received" => "raw no_handler",
            "unknown" => "raw unknown_event",
            other => panic!("{other}: a family without its line here"),
        },
    }
}

#[test]
fn every_family_lands_as_the_right_thing() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let zalo = ZaloConnector::new(ZaloConnector::http().unwrap(), ZaloSettings::default());
    let connectors = Connectors::new([Arc::new(zalo) as Arc<dyn Connector>]);
    let connector = connectors.get(ChannelKind::Zalo).unwrap();
    let bodies = zalo::corpus::all();
    assert!(bodies.len() >= 60, "{} bodies", bodies.len());
    let mut wrong = Vec::new();
    for (name, body, family) in bodies {
        let batch = fold_one(connector.as_ref(), name, body);
        let found = effects(&batch);
        let expected = expected(name, family);
        if found != expected {
            wrong.push(format!("{name}: {found:?}, expected {expected:?}"));
        }
        // What a person should see is told to the browsers; what only an operator needs is not.
        let told: usize = batch.changes.values().map(Vec::len).sum();
        let shown = !(batch.new_identities.is_empty() && batch.channels.is_empty());
        assert_eq!(told > 0, shown, "{name}: {found}");
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), bodies.len(), wrong.join("\n"));
}
