//! Events: shape, signature, order, redelivery, faults.

use serde_json::json;
use zalo::webhook::{ContentKind, Event, EventKind};

use crate::bed::{APP, Answer, Bed, HOUR, OA, Receiver, config};

async fn bed() -> (Bed, Receiver) {
    let (receiver, url) = Receiver::start().await;
    (Bed::with(config(), Some(&url)).await, receiver)
}

#[tokio::test]
async fn every_kind_of_message_is_posted_signed_and_understood() {
    let (bed, receiver) = bed().await;
    let first = bed.says("Còn hàng không shop?").await;
    let said = [
        (json!({"kind": "text", "text": "trả lời", "quoted_id": first["id"]}), ContentKind::Text),
        (json!({"kind": "image", "photo": 4, "text": "mẫu này"}), ContentKind::Image),
        (json!({"kind": "gif", "url": "https://x.example/a.gif"}), ContentKind::Gif),
        (
            json!({"kind": "file", "url": "https://x.example/a.pdf", "name": "a.pdf", "size": 10}),
            ContentKind::File,
        ),
        (json!({"kind": "sticker", "sticker_id": "a1f0c3d95b7e42868d01"}), ContentKind::Sticker),
        (json!({"kind": "link", "url": "https://x.example"}), ContentKind::Link),
        (json!({"kind": "location", "latitude": 10.5, "longitude": 106.7}), ContentKind::Location),
        (
            json!({"kind": "business_card", "phone": "84900000000", "caption": "An"}),
            ContentKind::BusinessCard,
        ),
        (json!({"kind": "audio", "url": "https://x.example/a.aac"}), ContentKind::Audio),
        (json!({"kind": "video", "url": "https://x.example/a.mp4"}), ContentKind::Video),
    ];
    for (message, _) in &said {
        bed.does("messages", message.clone()).await;
    }
    let got = receiver.wait(said.len() + 1).await;
    for (event, (message, kind)) in got[1..].iter().zip(&said) {
        assert!(event.signed_with("oa-secret") && !event.signed_with("app-secret"));
        let event = Event::parse(&event.body).unwrap();
        let EventKind::UserMessage(read) = &event.kind else { panic!("{message}: {event:?}") };
        assert_eq!(read.kind, *kind, "{message}");
    }
    assert_eq!(got[1].json()["message"]["quote_msg_id"], first["id"]);
    assert_eq!(got[0].json()["sender"]["id"], bed.user.as_str());
    assert_eq!(got[0].json()["recipient"]["id"], OA);
}

#[tokio::test]
async fn echoes_receipts_and_everything_a_user_does() {
    let (bed, receiver) = bed().await;
    bed.does("chatnow", json!({})).await;
    bed.does("follow", json!({})).await;
    let said = bed.says("x").await;
    bed.text("Dạ").await;
    bed.tool("Dạ em đây").await;
    bed.does("open", json!({})).await;
    bed.does("reactions", json!({"message_id": said["id"], "icon": "/-heart"})).await;
    bed.does("tap", json!({"kind": "oa.query.hide", "value": "#tuvan"})).await;
    bed.does("info", json!({"name": "An", "phone": "84900000000"})).await;
    bed.does("unfollow", json!({})).await;
    bed.post("/v2.0/oa/tag/tagfollower", json!({"user_id": bed.user, "tag_name": "VIP"})).await;
    bed.control("DELETE", &format!("/oas/{OA}/grants/{APP}"), json!({})).await;
    let names = [
        "user_click_chatnow",
        "follow",
        "user_send_text",
        "oa_send_text",
        "user_received_message",
        "oa_send_text",
        "user_seen_message",
        "user_reacted_message",
        "user_send_text",
        "user_submit_info",
        "unfollow",
        "add_user_to_tag",
        "permission_revoked",
    ];
    let got = receiver.wait(names.len()).await;
    // The event of the OA itself has a lane of its own: it may overtake those of the user.
    let mut user_events: Vec<String> =
        got.iter().map(|g| g.event()).filter(|n| n != "permission_revoked").collect();
    user_events.push("permission_revoked".into());
    assert_eq!(user_events, names);
    for event in &got {
        assert!(event.signed_with("oa-secret"));
        let event = Event::parse(&event.body).unwrap();
        assert!(!matches!(event.kind, EventKind::Unknown(_)), "{event:?}");
    }
    let sent: Vec<_> = got.iter().filter(|g| g.event() == "oa_send_text").collect();
    assert!(sent[0].json()["sender"].get("admin_id").is_none());
    assert!(sent[1].json()["sender"]["admin_id"].is_string(), "Zalo's own tool names the administrator");
    let seen = got.iter().find(|g| g.event() == "user_seen_message").unwrap().json();
    assert_eq!(
        seen["message"]["msg_ids"],
        json!([sent[0].json()["message"]["msg_id"]]),
        "only to the app that sent"
    );
}

#[tokio::test]
async fn the_ladder_is_climbed_then_the_webhook_is_switched_off() {
    let (bed, receiver) = bed().await;
    receiver.answer([Answer::Status(500); 6]);
    bed.says("x").await;
    let first = receiver.wait(1).await[0].clone();
    assert_eq!(first.retry(), None);
    for (n, seconds) in [30, 300, 900, 1800, 3600].into_iter().enumerate() {
        // Booked before the clock moves.
        bed.until("/webhooks", |w| w[0]["retries"] == n + 1).await;
        bed.advance(seconds * 1000 - 1).await;
        assert_eq!(receiver.all().len(), n + 1, "not before its time");
        bed.advance(1).await;
        let got = receiver.wait(n + 2).await;
        assert_eq!(got[n + 1].retry(), Some((n + 1).to_string().as_str()));
        assert_eq!(got[n + 1].body, first.body, "the same bytes");
    }
    bed.until(&format!("/apps/{APP}"), |a| a["webhook_enabled"] == false).await;
    bed.says("nobody hears this").await;
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"webhook_enabled": true})).await;
    bed.says("again").await;
    let got = receiver.wait(7).await;
    assert_eq!(got[6].json()["message"]["text"], "again");
    assert_eq!(receiver.all().len(), 7);
}

#[tokio::test]
async fn a_slow_answer_is_a_failed_one_and_others_do_not_wait_for_its_repetition() {
    let (receiver, url) = Receiver::start().await;
    let bed = Bed::with(zalo_sandbox::Config { webhook_timeout_ms: 100, ..config() }, Some(&url)).await;
    receiver.answer([Answer::Hang]);
    bed.says("1").await;
    bed.says("2").await;
    let got = receiver.wait(2).await;
    assert_eq!(got[1].json()["message"]["text"], "2");
    let log = bed.until("/webhooks?after=0", |w| w[0]["retries"] == 1 && w[1]["state"] == "delivered").await;
    assert!(log[0]["attempts"][0]["error"].as_str().unwrap().contains("100 ms"), "{log}");
    bed.control("POST", "/webhooks/hurry", json!({})).await;
    assert_eq!(receiver.wait(3).await[2].retry(), Some("1"));
}

#[tokio::test]
async fn without_the_switch_only_a_dead_connection_is_tried_again() {
    let (bed, receiver) = bed().await;
    bed.control("PUT", "/settings", json!({"retry_webhooks_on_bad_answer": false})).await;
    receiver.answer([Answer::Status(500)]);
    bed.says("1").await;
    bed.until("/webhooks", |w| w[0]["state"] == "failed").await;
    // Port 9 of the local machine: nobody listens.
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"webhook_url": "http://127.0.0.1:9/"})).await;
    bed.says("2").await;
    bed.until("/webhooks", |w| w[0]["retries"] == 1).await;
    assert_eq!(receiver.all().len(), 1);
}

#[tokio::test]
async fn faults_on_events() {
    let (bed, receiver) = bed().await;
    let texts = |got: &[crate::bed::Got]| {
        got.iter().map(|g| g.json()["message"]["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    bed.fault(json!({"fault": {"webhook": {"do": "duplicate"}}})).await;
    bed.says("1").await;
    let got = receiver.wait(2).await;
    assert_eq!((got[0].body.clone(), got[1].retry()), (got[1].body.clone(), None));

    bed.fault(json!({"fault": {"webhook": {"do": "reorder"}}})).await;
    bed.says("2").await;
    bed.says("3").await;
    assert_eq!(texts(&receiver.wait(4).await)[2..], ["3", "2"]);

    bed.fault(json!({"fault": {"webhook": {"do": "drop"}}, "path": "user_send"})).await;
    bed.says("4").await;
    bed.says("5").await;
    assert_eq!(texts(&receiver.wait(5).await)[4..], ["5"]);

    bed.fault(json!({"fault": {"webhook": {"do": "delay", "ms": HOUR}}})).await;
    bed.says("6").await;
    bed.says("7").await;
    assert_eq!(texts(&receiver.wait(6).await)[5..], ["7"]);
    bed.advance(HOUR).await;
    assert_eq!(texts(&receiver.wait(7).await)[6..], ["6"]);

    bed.fault(json!({"fault": {"webhook": {"do": "wrong_signature"}}})).await;
    bed.says("8").await;
    assert!(!receiver.wait(8).await[7].signed_with("oa-secret"));
    bed.says("9").await;
    assert!(receiver.wait(9).await[8].signed_with("oa-secret"));
}

#[tokio::test]
async fn any_body_can_be_posted_and_unticked_events_are_not() {
    let (bed, receiver) = bed().await;
    let raw = r#"{"timestamp":"1733108400000","event_name":"shop_has_order","oa_id":"3330000000000000001"}"#;
    bed.control("POST", "/events", json!({"app_id": APP, "raw": raw})).await;
    let got = receiver.wait(1).await;
    assert_eq!(got[0].body, raw);
    assert!(got[0].signed_with("oa-secret"));
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"events_off": ["user_send_text"]})).await;
    bed.says("unheard").await;
    bed.does("messages", json!({"kind": "image", "photo": 1})).await;
    assert_eq!(receiver.wait(2).await[1].event(), "user_send_image");
}
