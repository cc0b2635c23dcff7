//! A stop forgets nothing; HTTPS under the platform's names.

use serde_json::json;
use zalo_sandbox::{Config, Sandbox};

use crate::bed::{APP, Answer, Bed, OA, Receiver, config};

#[tokio::test]
async fn the_state_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let kept = || Config { data: Some(folder.path().to_owned()), ..config() };
    let (receiver, url) = Receiver::start().await;
    let bed = Bed::with(kept(), Some(&url)).await;
    receiver.answer([Answer::Status(500)]);
    bed.says("trước khi tắt").await;
    bed.until("/webhooks", |w| w[0]["retries"] == 1).await;
    bed.text("Dạ").await;
    bed.until("/webhooks?state=pending", |w| w.as_array().unwrap().len() == 1).await;
    bed.advance(5000).await;
    bed.fault(json!({"fault": {"api": {"do": "latency", "ms": 1}}, "when": {"probability": 0.0}})).await;
    let media = reqwest::multipart::Form::new()
        .part("file", reqwest::multipart::Part::bytes(b"\x89PNG1234".to_vec()).file_name("a.png"));
    let media: serde_json::Value = bed
        .http
        .post(bed.url("/_sandbox/api/media"))
        .multipart(media)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let before =
        (bed.ledger().await, bed.get("/tokens").await, bed.get("/clock").await, bed.get("/faults").await);
    let heard = receiver.all().len();
    let bed = bed.restarted(kept()).await;
    let after =
        (bed.ledger().await, bed.get("/tokens").await, bed.get("/clock").await, bed.get("/faults").await);
    assert_eq!(before, after);
    let path = media["path"].as_str().unwrap();
    assert_eq!(bed.http.get(bed.url(path)).send().await.unwrap().bytes().await.unwrap().len(), 8);
    assert_eq!(bed.text("tiếp").await.1["remain"], "6", "the counter goes on where it stood");
    let ids: std::collections::HashSet<_> = bed.ledger().await.iter().map(|m| m["id"].to_string()).collect();
    assert_eq!(ids.len(), 3, "a restart gives no id out again");
    // The event that waited for its repetition still does.
    bed.advance(30_000).await;
    let got = receiver.wait(heard + 3).await;
    assert!(got[heard..].iter().any(|g| g.retry() == Some("1") && g.event() == "user_send_text"));

    bed.control("POST", "/reset", json!({})).await;
    let health = bed.restarted(kept()).await.get("/health").await;
    assert_eq!((&health["last_seq"], &health["oas"]), (&json!(0), &json!(0)), "a reset is kept too");
}

#[tokio::test]
async fn https_under_the_platforms_names_with_a_ca_that_stays() {
    let folder = tempfile::tempdir().unwrap();
    let secure = || Config { data: Some(folder.path().to_owned()), tls: true, ..config() };
    let run = Sandbox::start(secure()).await.unwrap();
    let ca_file = run.ca_file.clone().unwrap();
    let client = || {
        let ca = reqwest::Certificate::from_pem(&std::fs::read(&ca_file).unwrap()).unwrap();
        let mut client = reqwest::Client::builder().tls_certs_only([ca]);
        for host in zalo_sandbox::HOSTS {
            client = client.resolve(host, run.addr);
        }
        client.build().unwrap()
    };
    let http = client();
    let base = run.base_url.clone();
    for (path, body) in [("/apps", json!({"id": APP})), ("/oas", json!({"id": OA}))] {
        http.post(format!("{base}/_sandbox/api{path}")).json(&body).send().await.unwrap();
    }
    let grant = format!("{base}/_sandbox/api/oas/{OA}/grants/{APP}");
    let pair: serde_json::Value =
        http.put(grant).json(&json!({})).send().await.unwrap().json().await.unwrap();
    let getoa = format!("https://openapi.zalo.me:{}/v2.0/oa/getoa", run.addr.port());
    let token = pair["access_token"].as_str().unwrap();
    let answer: serde_json::Value =
        http.get(getoa).header("access_token", token).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["oaid"], OA);
    let oauth = format!("https://oauth.zaloapp.com:{}/v4/oa/access_token", run.addr.port());
    let refused: serde_json::Value =
        http.post(oauth).form(&[("app_id", "1")]).send().await.unwrap().json().await.unwrap();
    assert!(refused["error"].is_number());

    let pem = run.ca_pem.clone();
    run.shutdown().await.unwrap();
    let again = Sandbox::start(secure()).await.unwrap();
    assert_eq!(again.ca_pem, pem, "the CA has to be trusted once");
    let ca = reqwest::Certificate::from_pem(pem.unwrap().as_bytes()).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_only([ca])
        .resolve("openapi.zalo.me", again.addr)
        .build()
        .unwrap();
    let page = http.get(format!("https://openapi.zalo.me:{}/", again.addr.port())).send().await.unwrap();
    assert_eq!(page.status(), 200);
}
