//! The program is asked to end (SIGTERM) in the middle of its work: it answers what is under way, finishes what was
//! begun, exits with 0 in time, and after the next start nothing is lost and nothing was said twice.

#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::cell::Cell;
use std::time::Duration;

use loa_testkit::{
    APP, Customer, Engine, OA, Options, Platform, PlatformConfig, Scene, on_both_engines, wait_until,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const LOA: &str = env!("CARGO_BIN_EXE_loa");
/// Where consultation messages are sent to.
const SEND: &str = "/v3.0/oa/message/cs";
const SOON: Duration = Duration::from_secs(10);
const SETTLED: Duration = Duration::from_secs(60);
/// The program gives what was begun 20 seconds; the rest is for a busy machine.
const STOPPED: Duration = Duration::from_secs(28);
/// Between two messages of customers.
const PAUSE: Duration = Duration::from_millis(40);

/// A shop, and customers whose windows are open, with their threads.
async fn shop(engine: Engine) -> (Scene, Vec<(Customer, String)>) {
    // Redeliveries come after 0.3, 3, 9, 18 and 36 seconds instead of half a minute to an hour.
    let platform = PlatformConfig { webhook_time_scale: 0.01, ..PlatformConfig::default() };
    let scene = Scene::with(engine, LOA, Options { platform, ..Options::default() }).await;
    scene.platform.settings(json!({ "webhook_switches_off": false })).await;
    let customers = scene.customers(3).await;
    (scene, customers)
}

async fn until_sending(scene: &Scene, thread: &str, message: &Value) {
    let client_id = message["client_id"].as_str().unwrap();
    let sending = |m: &Value| m["status"] == "sending";
    scene.api.until_message(thread, client_id, "the platform is being called", SOON, sending).await;
}

fn arrived(message: &Value) -> bool {
    matches!(message["status"].as_str(), Some("sent" | "delivered" | "seen"))
}

/// Calls that tried to send this text.
async fn calls(scene: &Scene, text: &str) -> usize {
    let sends = scene.platform.requests(SEND).await;
    sends.iter().filter(|r| r["body"].as_str().is_some_and(|b| b.contains(text))).count()
}

/// Deliver what the platform has given up.
async fn redeliver(platform: &Platform) {
    platform.hurry().await;
    for failed in platform.deliveries("").await.iter().filter(|d| d["state"] == "failed") {
        platform.redeliver(failed["id"].as_u64().unwrap()).await;
    }
}

/// A webhook of which the program has the head and wants the body.
struct HalfAWebhook {
    stream: TcpStream,
    body: String,
}

impl HalfAWebhook {
    async fn begin(scene: &Scene, customer: &Customer, text: &str) -> Self {
        let body = json!({
            "app_id": APP, "event_name": "user_send_text", "sender": { "id": customer.user_id },
            "recipient": { "id": OA }, "message": { "msg_id": "half-a-webhook", "text": text },
            "timestamp": scene.platform.now_ms().to_string(),
        })
        .to_string();
        let address = scene.loa.base.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /webhooks/zalo HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
             X-ZEvent-Signature: {}\r\nContent-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
            Platform::sign(body.as_bytes()),
            body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut told = Vec::new();
        while !told.ends_with(b"\r\n\r\n") {
            told.push(
                tokio::time::timeout(SOON, stream.read_u8()).await.expect("it wants the body").unwrap(),
            );
        }
        assert!(told.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&told));
        Self { stream, body }
    }

    /// Say the rest; answers the first line of the answer.
    async fn finish(mut self) -> String {
        self.stream.write_all(self.body.as_bytes()).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(SOON, self.stream.read_to_string(&mut answer))
            .await
            .expect("an answer")
            .unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }
}

/// One after the other, until it is over; counts.
async fn customers_write(
    platform: &Platform,
    customers: &[(Customer, String)],
    written: &Cell<usize>,
    over: &Cell<bool>,
) {
    let mut pace = tokio::time::interval(PAUSE);
    for (nth, (customer, _)) in customers.iter().cycle().enumerate() {
        pace.tick().await;
        if over.get() {
            return;
        }
        platform.writes(customer, &format!("Khách viết {nth}")).await;
        written.set(nth + 1);
    }
}

async fn takes_no_more(base: &str) {
    let address = base.trim_start_matches("http://");
    wait_until("the program takes no new connections", SOON, async || {
        TcpStream::connect(address).await.is_err().then_some(())
    })
    .await;
}

on_both_engines! {
    async fn what_is_under_way_is_finished_and_the_rest_comes_after_the_next_start(engine: Engine) {
        let (mut scene, customers) = shop(engine).await;
        let (an, thread) = &customers[0];
        scene.platform.fault(json!({ "api": { "do": "latency", "ms": 3_000 } }), 1, SEND).await;
        let slow = scene.api.say(thread, "Tin chậm").await;
        until_sending(&scene, thread, &slow).await;
        let mut messages = vec![slow];
        for text in ["Tin sau một", "Tin sau hai"] {
            messages.push(scene.api.say(thread, text).await);
        }
        let half = HalfAWebhook::begin(&scene, an, "Nửa chừng").await;

        let (over, written) = (Cell::new(false), Cell::new(0));
        let (platform, loa) = (&scene.platform, &mut scene.loa);
        let stopping = async {
            wait_until("customers write", SOON, async || (written.get() > 5).then_some(())).await;
            let before = written.get();
            loa.ask_to_stop().await;
            takes_no_more(&loa.base).await;
            let answer = half.finish().await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            let status = loa.ended(STOPPED).await;
            assert_eq!(status.code(), Some(0), "{}", loa.log_end());
            over.set(true);
            written.get() - before
        };
        let ((), meanwhile) = tokio::join!(customers_write(platform, &customers, &written, &over), stopping);
        assert!(meanwhile > 5, "only {meanwhile} messages were written while the program stopped");
        // The slow call was waited for: the platform has the message, and Loa knows it.
        assert_eq!(scene.platform.times_sent("Tin chậm").await, 1);
        scene.loa.start_again().await;
        let first = scene.api.thread(thread).await.into_iter().find(|m| m["text"] == "Tin chậm").unwrap();
        assert!(arrived(&first), "{first}");

        let wrote = scene.platform.ledger("user").await;
        for (customer, thread) in &customers {
            let mut expected: Vec<&str> = wrote
                .iter()
                .filter(|m| m["user_id"] == *customer.user_id)
                .filter_map(|m| m["text"].as_str())
                .collect();
            if customer.user_id == an.user_id {
                expected.push("Nửa chừng");
            }
            expected.sort_unstable();
            wait_until(&format!("{} is heard", customer.name), SETTLED, async || {
                let heard = scene.api.thread(thread).await;
                let heard = heard.iter().filter(|m| m["author"] == "customer").count();
                if heard < expected.len() {
                    redeliver(&scene.platform).await;
                }
                (heard >= expected.len()).then_some(())
            })
            .await;
            let heard = scene.api.thread(thread).await;
            let mut heard: Vec<&str> =
                heard.iter().filter(|m| m["author"] == "customer").filter_map(|m| m["text"].as_str()).collect();
            heard.sort_unstable();
            assert_eq!(heard, expected, "{}: each once", customer.name);
        }
        for message in &messages {
            let (id, text) = (message["client_id"].as_str().unwrap(), message["text"].as_str().unwrap());
            scene.api.until_message(thread, id, "the platform has it", SETTLED, arrived).await;
            assert_eq!((scene.platform.times_sent(text).await, calls(&scene, text).await), (1, 1), "{text}");
        }
        let sent = scene.platform.ledger("api").await;
        let sent: Vec<&str> = sent.iter().filter_map(|m| m["text"].as_str()).collect();
        assert_eq!(sent, ["Tin chậm", "Tin sau một", "Tin sau hai"], "in their order");
        let log = scene.loa.log();
        assert!(!log.contains("a call was never settled"), "the call was left behind");
    }

    /// The platform does not answer. The program does not wait for ever; what became of the call is looked up after
    /// the next start and not repeated.
    async fn a_call_without_an_answer_does_not_hold_the_stop_up(engine: Engine) {
        let (mut scene, customers) = shop(engine).await;
        let (_, thread) = &customers[0];
        scene.platform.fault(json!({ "api": { "do": "process_then_hang" } }), 1, SEND).await;
        // Neither echo nor receipt: only the history knows.
        for event in ["oa_send_text", "user_received_message"] {
            scene.platform.fault(json!({ "webhook": { "do": "drop" } }), 1, event).await;
        }
        let message = scene.api.say(thread, "Không ai trả lời").await;
        until_sending(&scene, thread, &message).await;
        scene.loa.ask_to_stop().await;
        let status = scene.loa.ended(STOPPED).await;
        assert_eq!(status.code(), Some(0), "{}", scene.loa.log_end());
        scene.loa.start_again().await;
        let id = message["client_id"].as_str().unwrap();
        let sent = scene.api.until_message(thread, id, "it is found", SETTLED, arrived).await;
        let there = scene.platform.ledger("api").await;
        assert_eq!(there.len(), 1, "said once");
        assert_eq!(sent["platform_id"], there[0]["id"]);
        assert_eq!(calls(&scene, "Không ai trả lời").await, 1);
    }
}
