//! The program is killed between the claim of a message and its settlement, a hundred times: in turn before the platform
//! has processed the call and after it has, without an answer. No message is lost and none is there twice.
//!
//! `kill.rs` kills at any moment; here every kill meets a call.

#![allow(clippy::print_stdout, reason = "a person who runs it reads what it met")]
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::{Duration, Instant};

use loa_kernel::SeededRandom;
use loa_testkit::{Engine, Options, PlatformConfig, Scene, client_id, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SEED: u64 = 7_107;
const KILLS: usize = 100;
/// A thread answers one message at a time, so a message must not wait for one that is still in doubt: enough threads
/// that each has its turn only after the last one's lease and looks are over.
const CUSTOMERS: usize = 34;
/// Where consultation messages are sent to.
const SEND: &str = "/v3.0/oa/message/cs";
/// The platform takes so long before it processes a call.
const UNPROCESSED_MS: u64 = 700;
const SOON: Duration = Duration::from_secs(30);
/// From the last start until everything has an end.
const SETTLED: Duration = Duration::from_secs(90);

/// A message that was on its way when the program died.
struct Met {
    thread: String,
    client_id: String,
    text: String,
}

on_both_engines! {
    /// Every one of the messages that a kill met is there once, at the platform and in its thread.
    async fn a_call_that_was_never_settled_is_never_repeated(engine: Engine) {
        let begun = Instant::now();
        // A call that was processed hangs until its caller is gone or gives up.
        let platform = PlatformConfig { seed: Some(SEED), ..PlatformConfig::default() };
        let oa = json!({ "package": { "total": 1_000_000, "used": 0 } });
        let mut scene = Scene::with(engine, LOA, Options { platform, oa, ..Options::default() }).await;
        let customers = scene.customers(CUSTOMERS).await;
        let random = SeededRandom::new(SEED);
        scene.platform.fault_at_random(json!({ "api": { "do": "latency", "ms": UNPROCESSED_MS } }), 1.0, SEND).await;
        scene.platform.fault_at_random(json!({ "api": { "do": "process_then_hang" } }), 1.0, SEND).await;

        let mut met = Vec::new();
        for n in 0..KILLS {
            let (customer, thread) = &customers[n % CUSTOMERS];
            let one = Met { thread: thread.clone(), client_id: client_id(), text: format!("Lần {n}") };
            let answer = scene.api.try_text(thread, &one.client_id, &one.text).await.unwrap();
            assert_eq!(answer.status, 201, "{}", answer.text);
            let sending = |m: &Value| m["status"] == "sending";
            scene.api.until_message(thread, &one.client_id, "the platform is called", SOON, sending).await;
            if n % 2 == 0 {
                // The moment is what is tested; nothing waits for it.
                tokio::time::sleep(Duration::from_millis(random.below(UNPROCESSED_MS / 4))).await;
            } else {
                wait_until("the platform has processed it", SOON, async || {
                    let phone = scene.platform.phone(customer).await;
                    phone.iter().any(|m| m["text"] == one.text).then_some(())
                })
                .await;
            }
            scene.loa.kill().await;
            scene.loa.start_again().await;
            met.push(one);
        }
        scene.platform.no_faults().await;

        let mut wrong = Vec::new();
        for one in &met {
            let arrived = |m: &Value| matches!(m["status"].as_str(), Some("sent" | "delivered" | "seen" | "failed"));
            let message =
                scene.api.until_message(&one.thread, &one.client_id, "the message has an end", SETTLED, arrived).await;
            let there = scene.platform.times_sent(&one.text).await;
            if message["status"] == "failed" || there != 1 {
                wrong.push(format!("{}: {there} times at the platform, here {message}", one.text));
            }
        }
        let log = scene.loa.log();
        let (unsettled, absent) = (
            log.matches("a call was never settled").count(),
            log.matches("a send of unknown outcome did not happen").count(),
        );
        println!(
            "{engine:?}, seed {SEED}: {KILLS} kills, {unsettled} calls met, {absent} of them had not happened; {} wrong; \
             {:.0?} in all",
            wrong.len(),
            begun.elapsed(),
        );
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(scene.platform.ledger("api").await.len(), KILLS, "messages that nobody wrote");
        // Every kill met a call, as its message was seen to be on its way. Of what was processed, the platform's echo may
        // settle a part before the lease runs out; what was not processed only the looks can tell.
        assert!(unsettled >= KILLS / 2, "only {unsettled} calls were left to the looks by {KILLS} kills");
        assert!(absent >= KILLS / 4, "only {absent} of {unsettled} calls had not happened");
    }
}
