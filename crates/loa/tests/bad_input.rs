//! What must not get in, or not get out.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::Duration;

use loa_testkit::{APP, Engine, OA, Platform, Scene, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SOON: Duration = Duration::from_secs(10);
const HOUR_MS: i64 = 3_600_000;

fn event(app: &str, oa: &str, at_ms: i64, id: &str) -> Value {
    json!({
        "app_id": app, "sender": { "id": "5120988712345678901" }, "recipient": { "id": oa },
        "user_id_by_app": "6120988712345678902", "event_name": "user_send_text",
        "message": { "msg_id": id, "text": "Xin chào" }, "timestamp": at_ms.to_string(),
    })
}

fn bytes(event: &Value) -> Vec<u8> {
    serde_json::to_vec(event).unwrap()
}

on_both_engines! {
    /// Each wrong delivery gets its own refusal, is counted, and leaves nothing behind.
    async fn wrong_deliveries_are_refused(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let (api, now) = (&scene.api, scene.platform.now_ms());
        let good = bytes(&event(APP, OA, now, "tin-1"));

        let forged = Platform::sign(&bytes(&event(APP, OA, now, "tin-khac")));
        api.webhook(good.clone(), Some(&forged)).await.refused(401, "bad_signature");
        api.webhook(good.clone(), Some("mac=0000")).await.refused(401, "bad_signature");
        api.webhook(good.clone(), None).await.refused(401, "bad_signature");
        // One byte more than was signed.
        let mut longer = good.clone();
        longer.push(b' ');
        api.webhook(longer, Some(&Platform::sign(&good))).await.refused(401, "bad_signature");
        api.signed_webhook(bytes(&event(APP, OA, now - 3 * HOUR_MS, "tin-2"))).await.refused(401, "stale_event");
        api.signed_webhook(bytes(&event("1", OA, now, "tin-3"))).await.refused(404, "unknown_app");
        api.signed_webhook(bytes(&event(APP, "1", now, "tin-4"))).await.refused(404, "unknown_channel");
        for broken in ["", "{", "[]", "\"x\"", "{\"app_id\":", "không phải JSON", "{\"event_name\":\"user_send_text\"}"] {
            api.webhook(broken, Some("mac=00")).await.refused(400, "malformed_body");
        }
        let mut large = event(APP, OA, now, "tin-5");
        large["message"]["text"] = "a".repeat(1 << 20).into();
        api.signed_webhook(bytes(&large)).await.refused(413, "body_too_large");

        for (reason, n) in [
            ("bad_signature", 4.0), ("stale_event", 1.0), ("unknown_app", 1.0), ("unknown_channel", 1.0),
            ("malformed_body", 7.0), ("body_too_large", 1.0),
        ] {
            let counted = api.metric("loa_webhook_rejected_total", &[&format!("\"{reason}\"")]).await;
            assert_eq!(counted, n, "{reason}");
        }
        assert_eq!(api.metric("loa_webhook_accepted_total", &[]).await, 0.0);

        // What comes after them is there; so were they, if they were kept.
        assert_eq!(api.signed_webhook(good.clone()).await.ok()["status"], "stored");
        assert_eq!(api.signed_webhook(good).await.ok()["status"], "duplicate");
        wait_until("the genuine message arrives", SOON, async || {
            (!api.conversations().await.is_empty()).then_some(())
        })
        .await;
        let threads = api.conversations().await;
        assert_eq!(threads.len(), 1);
        assert_eq!(api.thread(threads[0]["id"].as_str().unwrap()).await.len(), 1);
        assert_eq!(api.raw_events().await, Vec::<Value>::new());
    }

    /// An event that this version does not know is taken, kept as it came, and shown to the operator.
    async fn unknown_events_are_kept_for_the_operator(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let now = scene.platform.now_ms();
        let body = json!({
            "app_id": APP, "oa_id": OA, "event_name": "user_dances", "dance": { "kind": "múa sạp" },
            "timestamp": now.to_string(),
        });
        scene.api.signed_webhook(bytes(&body)).await.ok();
        // A known name in a shape that says nothing.
        let mut shapeless = event(APP, OA, now + 1, "tin-1");
        shapeless["message"] = json!({ "text": "không có msg_id" });
        scene.api.signed_webhook(bytes(&shapeless)).await.ok();
        let rows = wait_until("both are in the operator's list", SOON, async || {
            let rows = scene.api.raw_events().await;
            (rows.len() == 2).then_some(rows)
        })
        .await;
        let of = |name: &str| rows.iter().find(|r| r["event_name"] == name).unwrap_or_else(|| panic!("{name}: {rows:?}"));
        let (unknown, unparsable) = (of("user_dances"), of("user_send_text"));
        assert_eq!((&unknown["reason"], &unparsable["reason"]), (&"unknown_event".into(), &"unparsable".into()));
        assert_eq!(unknown["body"].as_str().unwrap().as_bytes(), bytes(&body), "as it came");
        assert_eq!(unknown["channel_id"], scene.channel);
        assert!(scene.api.conversations().await.is_empty());
    }

    /// A message that the platform would refuse is refused here, before the platform is called, and what was
    /// written stays as a draft.
    async fn messages_over_the_limits_never_leave(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let an = scene.platform.customer("An").await;
        scene.platform.writes(&an, "Chào shop").await;
        let thread = scene.api.conversation_with(&an).await;
        let id = thread["id"].as_str().unwrap();
        let (messages, draft) = (format!("/api/conversations/{id}/messages"), format!("/api/conversations/{id}/draft"));
        let api = &scene.api;
        let new = |rest: Value| {
            let mut body = json!({ "client_id": loa_testkit::client_id() });
            body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            body
        };

        let long = "ă".repeat(2001);
        api.put(&draft, json!({ "text": long, "attachments": [] })).await.ok();
        let told = api.post(&messages, new(json!({ "text": long }))).await.refused(422, "text_too_long");
        assert_eq!((&told["length"], &told["max"]), (&2001.into(), &2000.into()));
        for empty in [json!({}), json!({ "text": "" }), json!({ "text": " \n\t " })] {
            api.post(&messages, new(empty)).await.refused(422, "empty_message");
        }
        // A PNG by its first bytes, larger than the platform takes.
        let mut picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0".to_vec();
        picture.resize(1_048_577, 0);
        let file = api.upload("to.png", picture).await.ok();
        let told = api.post(&messages, new(json!({ "file_id": file["id"] }))).await.refused(422, "file_too_large");
        assert_eq!((&told["size"], &told["max"]), (&1_048_577.into(), &1_048_576.into()));
        let mut paper = b"%PDF-1.4\n".to_vec();
        paper.resize(5 * 1024 * 1024 + 1, b' ');
        let file = api.upload("to.pdf", paper).await.ok();
        api.post(&messages, new(json!({ "file_id": file["id"] }))).await.refused(422, "file_too_large");
        for (name, bytes) in [("a.exe", b"MZ\x90\0".to_vec()), ("a.zip", b"PK\x03\x04".to_vec()), ("a.mp3", b"ID3\x03".to_vec())] {
            let told = api.upload(name, bytes).await.refused(422, "unsupported_file");
            assert!(told["allowed"].as_array().is_some_and(|a| !a.is_empty()), "{told}");
        }
        let file = "fil_01890000-0000-7000-8000-000000000000";
        let odd = api.post(&messages, new(json!({ "text": "x", "file_id": file }))).await;
        assert!(matches!(odd.status, 400 | 404 | 422), "{odd:?}");
        let odd = api.post(&messages, new(json!({ "text": "x", "quoted_message_id": "msg_vô lý" }))).await;
        assert!(matches!(odd.status, 400 | 422), "{odd:?}");
        let none = json!({ "text": "không có client_id" });
        let odd = api.post(&messages, none).await;
        assert!(matches!(odd.status, 400 | 422), "{odd:?}");

        assert_eq!(api.get(&draft).await.ok()["text"], long, "the draft is kept");
        let calls: Vec<Value> = [scene.platform.requests("/v3.0/oa/message").await, scene.platform.requests("/v2.0/oa/upload").await].concat();
        assert!(calls.is_empty(), "the platform was called: {calls:?}");
        assert_eq!(scene.api.thread(id).await.len(), 1, "only what the customer wrote");

        // The longest that goes.
        scene.api.say_and_arrive(id, &"ă".repeat(2000)).await;
        assert_eq!(scene.platform.requests("/v3.0/oa/message").await.len(), 1);
    }
}
