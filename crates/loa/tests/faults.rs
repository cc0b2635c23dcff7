//! The platform fails in every way that it can. Nothing is lost and nothing is said twice.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::Duration;

use loa_testkit::{Customer, Engine, OA, Scene, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SOON: Duration = Duration::from_secs(10);
/// Looking twice with the grace between, and the waits between tries.
const SETTLED: Duration = Duration::from_secs(30);
/// Where consultation messages are sent to.
const SEND: &str = "/v3.0/oa/message/cs";

/// A customer who follows and has just written, and the thread with them.
async fn customer(scene: &Scene, name: &str) -> (Customer, String) {
    let customer = scene.platform.customer(name).await;
    scene.platform.follows(&customer).await;
    scene.platform.writes(&customer, "Chào shop").await;
    // The thread stands there from the follow on; the message opens the window.
    let thread = wait_until("the window is open", SOON, async || {
        scene.api.find_conversation(&customer).await.filter(|c| !c["reply"].is_null())
    })
    .await;
    (customer, thread["id"].as_str().unwrap().to_owned())
}

fn arrived(message: &Value) -> bool {
    matches!(message["status"].as_str(), Some("sent" | "delivered" | "seen"))
}

async fn until_arrived(scene: &Scene, thread: &str, message: &Value) -> Value {
    let client_id = message["client_id"].as_str().unwrap();
    scene.api.until_message(thread, client_id, "the platform has the message", SETTLED, arrived).await
}

/// Calls that tried to send this text.
async fn calls(scene: &Scene, text: &str) -> usize {
    let sends = scene.platform.requests(SEND).await;
    sends.iter().filter(|r| r["body"].as_str().is_some_and(|b| b.contains(text))).count()
}

fn texts(thread: &[Value]) -> Vec<&str> {
    thread.iter().filter(|m| m["kind"] != "event").filter_map(|m| m["text"].as_str()).collect()
}

async fn use_all_replies(scene: &Scene, thread: &str) {
    for n in 1..=8 {
        scene.api.say_and_arrive(thread, &format!("Trả lời {n}")).await;
    }
    wait_until("the free replies are used", SOON, async || {
        (scene.api.decision(thread).await["reply"]["remain"] == 0).then_some(())
    })
    .await;
}

on_both_engines! {
    /// Whether the call was processed or not, the caller only sees a broken connection or a gateway's page. What
    /// was processed is found and not said again; what was not goes out once.
    async fn lost_answers_are_looked_up_and_never_repeated_blindly(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let cases = [
            (json!({ "do": "process_then_hang" }), true, false),
            (json!({ "do": "process_then_close" }), true, false),
            (json!({ "do": "process_then_close" }), true, true),
            (json!({ "do": "html_after", "status": 502 }), true, false),
            (json!({ "do": "reset" }), false, false),
            (json!({ "do": "html", "status": 503 }), false, false),
        ];
        let (lost, mut first) = (cases.len(), None);
        for (nth, (fault, processed, echo)) in cases.into_iter().enumerate() {
            let (_, thread) = customer(&scene, &format!("Khách {nth}")).await;
            let text = format!("Tin thứ {nth}");
            scene.platform.fault(json!({ "api": fault }), 1, SEND).await;
            if processed && !echo {
                // Neither echo nor receipt: only the history knows.
                scene.platform.fault(json!({ "webhook": { "do": "drop" } }), 1, "oa_send_text").await;
                scene.platform.fault(json!({ "webhook": { "do": "drop" } }), 1, "user_received_message").await;
            }
            let message = scene.api.say(&thread, &text).await;
            if !echo {
                let client_id = message["client_id"].as_str().unwrap();
                let unknown = |m: &Value| m["status"] == "unknown";
                scene.api.until_message(&thread, client_id, &format!("{fault}: unknown"), SOON, unknown).await;
            }
            let sent = until_arrived(&scene, &thread, &message).await;
            assert_eq!(scene.platform.times_sent(&text).await, 1, "{fault}");
            assert_eq!(calls(&scene, &text).await, if processed { 1 } else { 2 }, "{fault}");
            assert_eq!(scene.platform.faults_left().await, 0, "{fault} struck");
            let there = scene.platform.ledger("api").await.into_iter().find(|m| m["text"] == *text).unwrap();
            assert_eq!(sent["platform_id"], there["id"], "{fault}");
            let again = scene.api.thread(&thread).await;
            assert_eq!(texts(&again), ["Chào shop", &text], "{fault}: once in the thread");
            let decision = scene.api.decision(&thread).await;
            assert_eq!(decision["reply"]["remain"], 7, "{fault}: counted once: {decision}");
            first.get_or_insert((thread, text));
        }
        // The first call is given up long after its message was found. That changes nothing any more.
        wait_until("every call has ended", SETTLED, async || {
            (scene.api.metric("loa_sends_total", &["\"unknown\""]).await == lost as f64).then_some(())
        })
        .await;
        let (thread, text) = first.unwrap();
        let message = scene.api.thread(&thread).await.pop().unwrap();
        assert_eq!((&message["text"], arrived(&message)), (&text.as_str().into(), true), "{message}");
        assert_eq!(scene.api.decision(&thread).await["reply"]["remain"], 7);
        assert_eq!(scene.platform.times_sent(&text).await, 1);
    }

    /// The platform says "not now": the message waits, shows why, and goes out once.
    async fn what_is_refused_for_now_waits(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        for (fault, times) in [
            (json!({ "do": "rate_limit" }), 2),
            (json!({ "do": "error", "code": -200 }), 2),
        ] {
            let (_, thread) = customer(&scene, "An").await;
            let text = format!("Sau {fault}");
            scene.platform.fault(json!({ "api": fault }), times, SEND).await;
            let message = scene.api.say(&thread, &text).await;
            let client_id = message["client_id"].as_str().unwrap();
            let waits = |m: &Value| m["status"] == "queued" && m["error"]["problem"]["code"] == "platform_refused";
            scene.api.until_message(&thread, client_id, &format!("{fault}: waits"), SOON, waits).await;
            let sent = until_arrived(&scene, &thread, &message).await;
            assert_eq!(sent["error"], Value::Null, "{fault}: no trace of it stays");
            assert_eq!(scene.platform.times_sent(&text).await, 1, "{fault}");
            assert_eq!(scene.platform.faults_left().await, 0, "{fault} struck");
        }
    }

    /// The platform is down: messages stay queued, say so, survive a restart, and go out once, in their order, when
    /// it is back.
    async fn a_platform_that_is_down_loses_nothing(engine: Engine) {
        let mut scene = Scene::start(engine, LOA).await;
        let (an, thread) = customer(&scene, "An").await;
        scene.platform.stop().await;
        let said = ["Một", "Hai", "Ba"];
        let mut messages = Vec::new();
        for text in said {
            messages.push(scene.api.say(&thread, text).await);
        }
        let waits = |m: &Value| m["status"] == "queued" && m["error"]["problem"]["code"] == "platform_unavailable";
        let first = messages[0]["client_id"].as_str().unwrap();
        scene.api.until_message(&thread, first, "it waits and says why", SOON, waits).await;
        scene.loa.kill().await;
        scene.loa.start_again().await;
        let queued = scene.api.thread(&thread).await;
        assert_eq!(texts(&queued), ["Chào shop", "Một", "Hai", "Ba"]);
        scene.platform.start_again().await;
        for message in &messages {
            until_arrived(&scene, &thread, message).await;
        }
        let phone = scene.platform.phone(&an).await;
        let phone: Vec<&str> = phone.iter().filter_map(|m| m["text"].as_str()).collect();
        assert_eq!(phone, ["Chào shop", "Một", "Hai", "Ba"]);
    }

    /// Events come twice, in another order, or not at all; a forged one is not believed.
    async fn events_that_come_badly(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let (an, thread) = customer(&scene, "An").await;
        let (platform, api) = (&scene.platform, &scene.api);
        let fault = async |what: &str| platform.fault(json!({ "webhook": { "do": what } }), 1, "user_send_text").await;

        // Two messages of one millisecond have no order; these have one.
        let writes = async |text: &str| {
            let before = platform.now_ms();
            platform.writes(&an, text).await;
            wait_until("a millisecond", SOON, async || (platform.now_ms() > before + 1).then_some(())).await;
        };

        fault("duplicate").await;
        writes("hai lần").await;
        fault("reorder").await;
        writes("trước").await;
        writes("sau").await;
        fault("drop").await;
        writes("mất").await;
        fault("wrong_signature").await;
        writes("giả").await;
        let refused = wait_until("the forged event was tried", SOON, async || {
            let tried = platform.deliveries("user_send_text").await;
            tried.into_iter().find(|d| d["body"].as_str().unwrap().contains("giả") && d["attempts"][0].is_object())
        })
        .await;
        assert_eq!(refused["attempts"][0]["status"], 401, "{refused}");
        writes("cuối").await;

        wait_until("the last one is there", SOON, async || {
            let thread = api.thread(&thread).await;
            (texts(&thread).contains(&"cuối") && texts(&thread).contains(&"trước")).then_some(())
        })
        .await;
        let tried = platform.deliveries("user_send_text").await;
        let twice = tried.iter().find(|d| d["body"].as_str().unwrap().contains("hai lần")).unwrap();
        assert_eq!(twice["attempts"].as_array().unwrap().len(), 2, "{twice}");
        assert!(twice["attempts"].as_array().unwrap().iter().all(|a| a["status"] == 200), "{twice}");
        assert_eq!(texts(&api.thread(&thread).await), ["Chào shop", "hai lần", "trước", "sau", "cuối"]);
        assert_eq!(api.raw_events().await, Vec::<Value>::new());
        let unread = api.conversation(&thread).await["unread_count"].clone();
        assert_eq!(unread, 5);
    }

    /// An access token that ended is renewed and the message goes out once; when the renewal ends too, the account
    /// must be connected again, and then the same message goes.
    async fn tokens_end(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let (_, thread) = customer(&scene, "An").await;
        scene.platform.expire_tokens(false).await;
        scene.api.say_and_arrive(&thread, "Sau khi hết hạn").await;
        scene.platform.fault(json!({ "api": { "do": "expire_token" } }), 1, SEND).await;
        scene.api.say_and_arrive(&thread, "Hết hạn giữa chừng").await;
        for text in ["Sau khi hết hạn", "Hết hạn giữa chừng"] {
            assert_eq!(scene.platform.times_sent(text).await, 1, "{text}");
        }
        assert_eq!(scene.account().await["status"], "connected");

        scene.platform.expire_tokens(true).await;
        let message = scene.api.say(&thread, "Không còn quyền").await;
        let client_id = message["client_id"].as_str().unwrap();
        let failed = |m: &Value| m["status"] == "failed";
        scene.api.until_message(&thread, client_id, "it fails", SOON, failed).await;
        wait_until("the account asks to be connected again", SOON, async || {
            (scene.account().await["status"] == "reconnect_required").then_some(())
        })
        .await;
        let decision = scene.api.decision(&thread).await;
        assert_eq!(decision["verdict"], "deny", "{decision}");
        let answer = scene.api.try_text(&thread, &loa_testkit::client_id(), "Chưa được").await.unwrap();
        answer.refused(409, "send_not_allowed");

        assert_eq!(scene.api.connect(OA).await, scene.channel, "the same account");
        assert_eq!(scene.account().await["status"], "connected");
        let id = message["id"].as_str().unwrap();
        scene.api.post(&format!("/api/messages/{id}/retry"), json!({})).await.ok();
        until_arrived(&scene, &thread, &message).await;
        assert_eq!(scene.platform.times_sent("Không còn quyền").await, 1);
    }

    /// The package is used up elsewhere and nobody can pay: the message fails with the platform's own number, and
    /// the account says so before the next one is tried.
    async fn nobody_pays(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let (_, thread) = customer(&scene, "An").await;
        use_all_replies(&scene, &thread).await;
        let decisive = async || {
            let decision = scene.api.decision(&thread).await;
            let reasons = decision["reasons"].as_array().unwrap();
            (decision["verdict"].clone(), reasons.last().unwrap()["code"].as_str().unwrap().to_owned())
        };
        let allow = |code: &str| (Value::from("allow"), code.to_owned());
        let deny = |code: &str| (Value::from("deny"), code.to_owned());
        assert_eq!(decisive().await, allow("package_left"));

        // Behind Loa's back.
        scene.platform.change_oa(json!({ "package": { "used": 1_000_000 } })).await;
        let fails = async |text: &str, code: i32, billing: &str| {
            let message = scene.api.say(&thread, text).await;
            let client_id = message["client_id"].as_str().unwrap().to_owned();
            let failed = |m: &Value| m["status"] == "failed";
            let message = scene.api.until_message(&thread, &client_id, "it fails", SOON, failed).await;
            assert_eq!(message["error"]["code"], code, "{message}");
            assert_eq!(scene.account().await["billing"], billing);
            assert_eq!(scene.platform.times_sent(text).await, 0);
        };
        fails("Không ai trả tiền", -320, "not_linked").await;
        assert_eq!(decisive().await, deny("zca_not_linked"));

        let refresh = format!("/api/channels/{}/refresh", scene.channel);
        scene.platform.change_oa(json!({ "zca": { "linked": true, "balance_vnd": 54 } })).await;
        assert_eq!(scene.api.post(&refresh, json!({})).await.ok()["billing"], "linked");
        assert_eq!(decisive().await, allow("paid_through_zca"));
        fails("Thiếu một đồng", -321, "out_of_money").await;
        assert_eq!(decisive().await, deny("zca_out_of_money"));

        scene.platform.change_oa(json!({ "zca": { "balance_vnd": 60 } })).await;
        scene.api.post(&refresh, json!({})).await.ok();
        let sent = scene.api.say_and_arrive(&thread, "Đủ tiền").await;
        assert_eq!(sent["decision"]["class"], "paid");
        assert_eq!(scene.platform.oa().await["zca"]["balance_vnd"], 5);
    }
}
