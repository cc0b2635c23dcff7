//! Every family of events of the platform, delivered as the platform delivers, lands as the right thing.

#![allow(clippy::print_stdout, reason = "a person who runs it reads what it met")]
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::collections::BTreeMap;
use std::time::Duration;

use loa_testkit::{Client, Engine, Platform, Scene, corpus, on_both_engines, wait_until};
use serde_json::Value;

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SOON: Duration = Duration::from_secs(20);
/// Sent by hand before the replay: receipts and reactions of the corpus speak of them.
const OURS: [&str; 2] = ["9b02f61c77de40a1538c", "0c13a72d88ef51b2649d"];

/// Where a body must be found.
#[derive(Debug, PartialEq)]
enum Place {
    /// A message in a thread: author and kind.
    Thread(&'static str, &'static str),
    /// A line in a thread about something that happened.
    Line,
    /// The operator's list, for this reason.
    Operator(&'static str),
    /// A message in a thread and the operator's list.
    LineAndOperator(&'static str),
    /// A message that was there before, the customer's record, or the account's state.
    Elsewhere,
}

/// By its name, else by its family.
fn place(name: &str, family: &str) -> Place {
    use Place::{Elsewhere, Line, LineAndOperator, Operator, Thread};
    let variant = name.split("--").nth(1).unwrap();
    let kind = match variant {
        "image" | "image_caption" | "image_two" | "image_new_attachment" => "image",
        "link" | "link_title" => "link",
        "audio" | "audio_aac" => "audio",
        "video" => "video",
        "sticker" | "sticker_integer_id" => "sticker",
        "location" | "location_numbers" => "location",
        "business_card" | "business_card_as_link" => "business_card",
        "file" | "file_numeric_size" => "file",
        "gif" => "gif",
        "list" | "list_old_elements" => "list",
        "text_buttons" => "buttons",
        "template" => "request_info",
        _ => "text",
    };
    match (family, variant) {
        ("user_message" | "anonymous_message" | "asking_product", _) => Thread("customer", kind),
        ("oa_message" | "oa_anonymous_message", _) => Thread("platform", kind),
        ("submit_info", _) => Thread("customer", "request_info"),
        ("follow" | "unfollow" | "click_chatnow", _) | ("call", "user_call") | ("widget", "accepted") => Line,
        ("user_data", "withdraw") => LineAndOperator("data_request"),
        ("tag", "added_empty" | "deleted") => Operator("no_handler"),
        ("tag" | "user_data" | "seen" | "received" | "user_reaction" | "oa_reaction", _) => Elsewhere,
        ("lifecycle", "permission_revoked") => Elsewhere,
        ("unknown", "message_of_odd_type" | "message_without_id") => Operator("unparsable"),
        ("unknown", _) => Operator("unknown_event"),
        (
            "call" | "group" | "group_message" | "lifecycle" | "shop" | "template" | "widget"
            | "zns_received",
            _,
        ) => Operator("no_handler"),
        other => panic!("{other:?}: a family without its line here"),
    }
}

/// Instant of an event.
fn timestamp(body: &[u8]) -> i64 {
    let parsed: Value = serde_json::from_slice(body).unwrap();
    parsed["timestamp"].as_i64().unwrap_or_else(|| parsed["timestamp"].as_str().unwrap().parse().unwrap())
}

/// The body as if it had happened at `at_ms`: nothing but its timestamp is changed, byte by byte.
fn happened(body: &[u8], at_ms: i64) -> String {
    std::str::from_utf8(body).unwrap().replace(&timestamp(body).to_string(), &at_ms.to_string())
}

async fn every_message(api: &Client) -> Vec<Value> {
    let mut all = Vec::new();
    for thread in api.conversations().await {
        all.extend(api.thread(thread["id"].as_str().unwrap()).await);
    }
    all
}

fn by_platform_id<'a>(all: &'a [Value], id: &str) -> Vec<&'a Value> {
    all.iter().filter(|m| m["platform_id"] == id).collect()
}

on_both_engines! {
    /// All bodies, once; then all again, which changes nothing.
    async fn every_family_lands_as_the_right_thing(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let api = &scene.api;
        let bodies = corpus::all();
        assert!(bodies.len() >= 60, "{} bodies", bodies.len());

        // They happen now, after the account was connected, in their order: a second of the corpus is a millisecond.
        let (oldest, now) = (bodies.iter().map(|(_, body, _)| timestamp(body)).min().unwrap(), scene.platform.now_ms());
        let lately = |body: &[u8]| happened(body, now + (timestamp(body) - oldest) / 1000);
        let by_hand = bodies.iter().find(|(name, ..)| *name == "oa_message--text_admin").unwrap().1;
        let text = happened(by_hand, now - 1000);
        let id = serde_json::from_str::<Value>(&text).unwrap()["message"]["msg_id"].as_str().unwrap().to_owned();
        for ours in OURS {
            api.signed_webhook(text.replace(&id, ours)).await.ok();
        }

        let mut all: Vec<(&str, Vec<u8>, Place)> = bodies
            .iter()
            .map(|(name, body, family)| (*name, lately(body).into_bytes(), place(name, family)))
            .collect();
        // After it nothing else could be told from the account's state.
        all.sort_by_key(|(name, ..)| *name == "lifecycle--permission_revoked");
        for (name, body, _) in &all {
            let answer = api.webhook(body.clone(), Some(&Platform::sign(body))).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        }
        wait_until("the last event is understood", SOON, async || {
            (scene.account().await["status"] == "reconnect_required").then_some(())
        })
        .await;
        // The last event is of the same partition as all others, so they are there too.
        let messages = every_message(api).await;
        let operator = api.raw_events().await;

        let mut wrong = Vec::new();
        let mut lines: BTreeMap<String, i32> = BTreeMap::new();
        let mut listed: Vec<(String, &str)> = Vec::new();
        let mut forms = 0;
        for (name, body, place) in &all {
            let parsed: Value = serde_json::from_slice(body).unwrap();
            let event = parsed["event_name"].as_str().unwrap_or_default().to_owned();
            let body = String::from_utf8(body.clone()).unwrap();
            match place {
                Place::Thread(_, "request_info") if event == "user_submit_info" => forms += 1,
                Place::Thread(author, kind) => {
                    let id = parsed["message"]["msg_id"].as_str().unwrap();
                    let found = by_platform_id(&messages, id);
                    let [message] = found[..] else {
                        wrong.push(format!("{name}: {} times in the threads", found.len()));
                        continue;
                    };
                    let direction = if *author == "customer" { "in" } else { "out" };
                    let is = (&message["author"], &message["kind"], &message["direction"]);
                    if is != (&(*author).into(), &(*kind).into(), &direction.into()) {
                        wrong.push(format!("{name}: {is:?}, expected {author} {kind} {direction}"));
                    }
                    let said = &parsed["message"]["text"];
                    if said.is_string() && said != "" && message["text"] != *said {
                        wrong.push(format!("{name}: says {}, expected {said}", message["text"]));
                    }
                    let attached = !message["attachments"].as_array().unwrap().is_empty();
                    let shown = match *kind {
                        "text" => message["text"].is_string(),
                        "list" | "buttons" | "request_info" => attached || message["text"].is_string(),
                        _ => attached,
                    };
                    if !shown {
                        wrong.push(format!("{name}: nothing to show: {message}"));
                    }
                }
                Place::Line => *lines.entry(event).or_default() += 1,
                Place::Operator(reason) => listed.push((body, reason)),
                Place::LineAndOperator(reason) => {
                    *lines.entry(event).or_default() += 1;
                    listed.push((body, reason));
                }
                Place::Elsewhere => {}
            }
        }
        let mut found: BTreeMap<String, i32> = BTreeMap::new();
        for line in messages.iter().filter(|m| m["kind"] == "event") {
            *found.entry(line["text"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), all.len(), wrong.join("\n"));
        assert_eq!(found, lines, "lines about what happened");
        assert_eq!(messages.iter().filter(|m| m["kind"] == "request_info" && m["author"] == "customer").count(), forms);
        let mut rows: Vec<(String, &str)> =
            operator.iter().map(|r| (r["body"].as_str().unwrap().to_owned(), r["reason"].as_str().unwrap())).collect();
        rows.sort_unstable();
        listed.sort_unstable();
        assert_eq!(rows, listed, "the operator's list");

        // Receipts and reactions stand on the messages they speak of.
        for id in OURS {
            assert_eq!(by_platform_id(&messages, id)[0]["status"], "seen", "{id}");
        }
        assert_eq!(by_platform_id(&messages, OURS[0])[0]["reactions"], serde_json::json!([]), "given and taken back");
        let reacted = by_platform_id(&messages, "d456fd65e923c42db164")[0];
        assert_eq!(reacted["reactions"][0]["by"], "us", "{reacted}");
        let quoting = by_platform_id(&messages, "ea0f3a6877025c0ee1f3")[0];
        assert_eq!((&quoting["quoted"]["platform_id"], &quoting["quoted"]["direction"]), (&OURS[0].into(), &"out".into()));
        // What the forms said is on the customer's record.
        let last = &corpus::USER_ID[corpus::USER_ID.len() - 6..];
        let threads = api.conversations().await;
        let theirs = threads.iter().find(|c| c["customer"]["display_name"].as_str().unwrap().ends_with(last)).unwrap();
        let customer = theirs["customer"]["id"].as_str().unwrap();
        assert!(api.get(&format!("/api/customers/{customer}")).await.ok()["phone"].is_string());

        for (name, body, _) in &all {
            let answer = api.webhook(body.clone(), Some(&Platform::sign(body))).await;
            assert_eq!((answer.status, &answer.body["status"]), (200, &"duplicate".into()), "{name}: {}", answer.text);
        }
        assert_eq!(every_message(api).await, messages, "the second time changed something");
        assert_eq!(api.raw_events().await, operator);
        println!("{engine:?}: {} bodies, {} messages, {} for the operator", all.len(), messages.len(), operator.len());
    }
}
