//! Loa learns of what was used elsewhere by the answer to its own next message, and not before (seed 000).
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::Duration;

use loa_testkit::{Engine, Options, Scene, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SOON: Duration = Duration::from_secs(10);

fn used(channel: &Value) -> (Option<i64>, Option<i64>) {
    (channel["quota"]["used"].as_i64(), channel["quota"]["total"].as_i64())
}

on_both_engines! {
    /// 37/1000 here; three consultations in the platform's own tool; still 37/1000; one from here: 41/1000.
    async fn the_next_message_brings_the_true_number(engine: Engine) {
        let oa = json!({ "package": { "total": 1000, "used": 37 } });
        let scene = Scene::with(engine, LOA, Options { oa, ..Options::default() }).await;
        let an = scene.platform.customer("An").await;
        scene.platform.follows(&an).await;
        scene.platform.writes(&an, "Tư vấn giúp mình").await;
        let thread = scene.api.conversation_with(&an).await;
        let id = thread["id"].as_str().unwrap();
        for n in 1..=8 {
            scene.api.say_and_arrive(id, &format!("Trả lời {n}")).await;
        }
        wait_until("the free replies are used", SOON, async || {
            (scene.api.decision(id).await["reply"]["remain"] == 0).then_some(())
        })
        .await;
        assert_eq!(used(&scene.account().await), (Some(37), Some(1000)));

        for n in 1..=3 {
            let sent = scene.platform.tool_writes(&an, &format!("Từ OA Manager {n}")).await;
            assert_eq!(sent["payer"], "sub_quota", "{sent}");
        }
        // They are all in the thread, so whatever they could have told has been told.
        wait_until("the tool's messages are in the thread", SOON, async || {
            let thread = scene.api.thread(id).await;
            (thread.iter().filter(|m| m["author"] == "platform").count() == 3).then_some(())
        })
        .await;
        assert_eq!(scene.platform.oa().await["package"]["used"], 40);
        assert_eq!(used(&scene.account().await), (Some(37), Some(1000)), "nothing pushes quota");
        assert_eq!(scene.api.decision(id).await["package"]["used"], 37);

        let sent = scene.api.say_and_arrive(id, "Tin tư vấn").await;
        assert_eq!(sent["decision"]["class"], "package");
        wait_until("the answer's number is shown", SOON, async || {
            (used(&scene.account().await) == (Some(41), Some(1000))).then_some(())
        })
        .await;
        let decision = scene.api.decision(id).await;
        assert_eq!((&decision["package"]["used"], &decision["package"]["reserved"]), (&41.into(), &0.into()));
    }
}
