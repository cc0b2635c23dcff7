//! What the webhook refuses, and that a refusal leaves nothing.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

mod ground;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use ground::{Ground, NOW, SECRET, user_text};
use loa_stream::{EventLog, PARTITIONS, partition_of};
use loa_testdb::{TestDb, on_both_databases};
use serde_json::{Value as Json, json};
use tower::ServiceExt;
use zalo::corpus::{APP_ID, OA_ID};

/// A signature as the platform makes it.
fn sign(body: &[u8], secret: &str) -> String {
    let json: Json = serde_json::from_slice(body).unwrap_or_default();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    zalo::signature::header_value(&text("app_id"), body, &text("timestamp"), secret)
}

async fn post(router: &axum::Router, body: Vec<u8>, signature: Option<String>) -> (StatusCode, Json) {
    let mut request = Request::post("/webhooks/zalo").header("content-type", "application/json");
    if let Some(signature) = signature {
        request = request.header("X-ZEvent-Signature", signature);
    }
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 100_000).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap())
}

async fn stored(ground: &Ground) -> u64 {
    let mut total = 0;
    for partition in 0..PARTITIONS {
        total += ground.log.count_after(partition, 0).await.unwrap();
    }
    total
}

on_both_databases! {
    async fn refusals_store_nothing(db: TestDb) {
        let ground = Ground::new(db).await;
        let router = ground.webhooks();
        let good = user_text("1", "m1", "xin chào", NOW);
        let edited = |change: &dyn Fn(&mut Json)| {
            let mut json: Json = serde_json::from_slice(&good).unwrap();
            change(&mut json);
            serde_json::to_vec(&json).unwrap()
        };
        let signed = |body: Vec<u8>| { let s = sign(&body, SECRET); (body, Some(s)) };
        let mut large = good.clone();
        large.extend(std::iter::repeat_n(b' ', 1 << 20));
        let tampered = (edited(&|j| j["message"]["text"] = "khác".into()), Some(sign(&good, SECRET)));
        type Request = (Vec<u8>, Option<String>);
        let table: Vec<(&str, Request, u16)> = vec![
            ("bad_signature", (good.clone(), None), 401),
            ("bad_signature", (good.clone(), Some("mac=00".into())), 401),
            ("bad_signature", (good.clone(), Some(sign(&good, "another key"))), 401),
            ("bad_signature", tampered, 401),
            // One byte of white space: the body is compared as it came, not as it reads.
            ("bad_signature", ([good.clone(), b" ".to_vec()].concat(), Some(sign(&good, SECRET))), 401),
            ("stale_event", signed(user_text("1", "m2", "cũ", NOW.plus_hours(-4))), 401),
            ("unknown_app", signed(edited(&|j| j["app_id"] = "999".into())), 404),
            ("unknown_channel", signed(edited(&|j| j["recipient"] = json!({"id": "999"}))), 404),
            ("malformed_body", (b"{\"app_id\":".to_vec(), Some("mac=00".into())), 400),
            ("malformed_body", (Vec::new(), None), 400),
            ("malformed_body", (b"[]".to_vec(), None), 400),
            ("malformed_body", (edited(&|j| j["timestamp"] = "soon".into()), None), 400),
            ("body_too_large", signed(large), 413),
        ];
        for (code, (body, signature), status) in table {
            let text = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            let (found, answer) = post(&router, body, signature).await;
            assert_eq!((found.as_u16(), answer["code"].as_str().unwrap_or_default()), (status, code), "{text}");
        }
        assert_eq!(stored(&ground).await, 0);
    }

    async fn a_genuine_event_is_stored_once_as_it_came(db: TestDb) {
        let ground = Ground::new(db).await;
        let router = ground.webhooks();
        // Unusual but genuine: spaces, and an escape where the writer had a choice.
        let body = format!(
            "{{ \"app_id\": \"{APP_ID}\",\"sender\":{{\"id\":\"5\"}}, \"recipient\":{{\"id\":\"{OA_ID}\"}},\"event_name\":\"user_send_text\",\
             \"message\":{{\"msg_id\":\"w1\",\"text\":\"ch\\u00e0o\"}},\"timestamp\":\"{}\"}}\n", NOW.as_ms()).into_bytes();
        let mac = sign(&body, SECRET);
        for (i, status) in ["stored", "duplicate", "duplicate"].into_iter().enumerate() {
            // The bare digits are accepted too.
            let mac = if i == 2 { mac.trim_start_matches("mac=").to_owned() } else { mac.clone() };
            let (found, answer) = post(&router, body.clone(), Some(mac)).await;
            assert_eq!((found, answer), (StatusCode::OK, json!({ "status": status })));
        }
        let read = ground.log.read(partition_of(ground.channel), 0, 10).await.unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].event.body, body);
        assert_eq!((read[0].event.channel, read[0].event.workspace), (ground.channel, ground.seed.workspace));
    }

    async fn a_disconnected_account_keeps_its_history(db: TestDb) {
        let ground = Ground::new(db).await;
        let router = ground.webhooks();
        let tx = ground.db.store.begin().await.unwrap();
        loa_store::channels::disconnect(&tx, ground.seed.workspace, ground.channel, None, NOW).await.unwrap();
        tx.commit().await.unwrap();
        let body = user_text("1", "m1", "còn đó không?", NOW);
        let (status, _) = post(&router, body.clone(), Some(sign(&body, SECRET))).await;
        assert_eq!(status, StatusCode::OK, "a refusal would switch off the webhook of every account of the app");
        assert_eq!(stored(&ground).await, 1);
    }
}

#[tokio::test]
async fn an_overloaded_log_asks_to_come_again() {
    let ground = Ground::new(TestDb::new(loa_testdb::Engine::Sqlite).await).await;
    let router = ground.webhooks();
    ground.log.close().await.unwrap();
    let body = user_text("1", "m1", "xin chào", NOW);
    let (status, answer) = post(&router, body.clone(), Some(sign(&body, SECRET))).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("overloaded")));
}
