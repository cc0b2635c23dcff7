//! Faults on calls: what the caller sees, and what was processed all the same.

use serde_json::{Value, json};

use crate::bed::{Bed, config};

const CS: &str = "/v3.0/oa/message/cs";

fn body(bed: &Bed) -> Value {
    json!({"recipient": {"user_id": bed.user}, "message": {"text": "Dạ"}})
}

/// How often the OA's message stands in the ledger.
async fn kept(bed: &Bed) -> usize {
    bed.get("/ledger?by=api").await["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_broken_gateway_before_and_after_processing() {
    let bed = Bed::new().await;
    bed.says("x").await;
    bed.fault(json!({"fault": {"api": {"do": "html", "status": 502}}, "path": CS})).await;
    let answer = bed.post_raw(CS, body(&bed)).await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    assert_eq!(kept(&bed).await, 0);
    bed.fault(json!({"fault": {"api": {"do": "html_after", "status": 504}}})).await;
    assert_eq!(bed.post_raw(CS, body(&bed)).await.unwrap().status(), 504);
    assert_eq!(kept(&bed).await, 1, "processed, and the caller cannot know");
    assert_eq!(bed.text("the fault is gone").await.0, 0);
}

#[tokio::test]
async fn broken_connections_before_and_after_processing() {
    let bed = Bed::with(zalo_sandbox::Config { hang_ms: 50, ..config() }, None).await;
    bed.says("x").await;
    for (fault, processed) in [("reset", 0), ("process_then_close", 1), ("process_then_hang", 2)] {
        bed.fault(json!({"fault": {"api": {"do": fault}}, "path": CS})).await;
        assert!(bed.post_raw(CS, body(&bed)).await.is_err(), "{fault}");
        assert_eq!(kept(&bed).await, processed, "{fault}");
    }
}

#[tokio::test]
async fn injected_codes_and_dead_tokens() {
    let bed = Bed::new().await;
    bed.says("x").await;
    bed.fault(json!({"fault": {"api": {"do": "rate_limit"}}, "when": {"next": 2}})).await;
    assert_eq!((bed.text("a").await.0, bed.text("b").await.0, bed.text("c").await.0), (-32, -32, 0));
    bed.fault(json!({"fault": {"api": {"do": "error", "code": -248}}, "path": "/v3.0"})).await;
    assert_eq!(
        bed.send(json!({"text": "x"})).await,
        json!({"error": -248, "message": "Violates our platform standards"})
    );
    bed.fault(json!({"fault": {"api": {"do": "expire_token"}}})).await;
    assert_eq!(bed.text("x").await.0, -220);
    assert_eq!(bed.text("x").await.0, -220, "dead for good");
    let log = bed.get("/requests?limit=1").await;
    assert_eq!((&log[0]["path"], &log[0]["error"]), (&json!(CS), &json!(-220)));
}

#[tokio::test]
async fn probability_is_a_seeded_die() {
    let run = async || {
        let bed = Bed::new().await;
        bed.says("x").await;
        bed.fault(json!({"fault": {"api": {"do": "error", "code": -200}}, "when": {"probability": 0.5}}))
            .await;
        let mut codes = Vec::new();
        for _ in 0..20 {
            codes.push(bed.post("/v2.0/oa/quota/message", json!({})).await["error"].as_i64().unwrap());
        }
        codes
    };
    let (first, second) = (run().await, run().await);
    assert_eq!(first, second);
    let struck = first.iter().filter(|c| **c == -200).count();
    assert!((3..=17).contains(&struck), "{first:?}");
}
