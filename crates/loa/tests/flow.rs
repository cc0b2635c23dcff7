//! The main job, from the customer's phone to the inbox and back.

#![allow(clippy::print_stdout, reason = "a person who runs it reads what it met")]
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::{Duration, Instant};

use loa_testkit::{Customer, Engine, Scene, on_both_engines, wait_until};
use serde_json::Value;

const LOA: &str = env!("CARGO_BIN_EXE_loa");
/// From phone to inbox (the product's promise).
const AT_ONCE: Duration = Duration::from_secs(1);
const SOON: Duration = Duration::from_secs(10);

/// So many of 8 free replies are left, by the next message's decision and by the thread in the list.
async fn left(scene: &Scene, thread: &str, n: u32) -> bool {
    let (decision, listed) = (scene.api.decision(thread).await, scene.api.conversation(thread).await);
    [&decision["reply"], &listed["reply"]].iter().all(|r| r["remain"] == n && r["total"] == 8)
}

async fn until_left(scene: &Scene, thread: &str, n: u32) {
    let what = format!("{n} of 8 free replies");
    wait_until(&what, SOON, async || left(scene, thread, n).await.then_some(())).await;
}

fn reasons(decision: &Value) -> Vec<&str> {
    decision["reasons"].as_array().into_iter().flatten().filter_map(|r| r["code"].as_str()).collect()
}

async fn phone_texts(scene: &Scene, customer: &Customer) -> Vec<String> {
    let phone = scene.platform.phone(customer).await;
    phone.iter().filter_map(|m| m["text"].as_str().map(str::to_owned)).collect()
}

/// Customers' pictures come from where the platform is, also when that is not reached by https; nothing else does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_the_platform_may_be_shown() {
    let scene = Scene::start(Engine::Sqlite, LOA).await;
    let policy = scene.api.get("/").await.policy;
    let rule =
        |name: &str| policy.split(';').map(str::trim).find(|r| r.starts_with(name)).unwrap_or_default();
    for name in ["img-src", "media-src"] {
        let sources: Vec<&str> = rule(name).split(' ').filter(|s| s.starts_with("http:")).collect();
        assert_eq!(sources, [scene.platform.base.as_str()], "{policy}");
    }
    assert!(!rule("script-src").contains("http"), "{policy}");
}

on_both_engines! {
    /// Phone, inbox, reply, phone; the counter goes from 8 to 7 and on to nothing; then the next message is a
    /// consultation; then the customer writes and it is 8 again. Another customer's counter stays.
    async fn a_customer_writes_and_an_agent_answers(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let (an, binh) = (scene.platform.customer("An").await, scene.platform.customer("Bình").await);
        // Somebody was here before: what is loaded once is loaded.
        scene.platform.writes(&binh, "Chào shop").await;
        let binhs = scene.api.conversation_with(&binh).await;
        let binhs = binhs["id"].as_str().unwrap();

        let begun = Instant::now();
        scene.platform.writes(&an, "Còn áo size M không shop?").await;
        let thread = wait_until("the message is in the inbox", AT_ONCE, async || {
            scene.api.find_conversation(&an).await
        })
        .await;
        println!("{engine:?}: from phone to inbox in {:?}", begun.elapsed());
        assert_eq!(thread["last_preview"], "Còn áo size M không shop?");
        assert_eq!((&thread["unread_count"], &thread["last_direction"]), (&1.into(), &"in".into()));
        let id = thread["id"].as_str().unwrap();
        let first = &scene.api.thread(id).await[0];
        assert_eq!((&first["author"], &first["status"]), (&"customer".into(), &"received".into()));

        // From the second edition on only followers may be consulted.
        scene.platform.follows(&an).await;
        assert!(left(&scene, id, 8).await);
        assert_eq!(scene.api.decision(id).await["class"], "reply");

        let sent = scene.api.say_and_arrive(id, "Dạ còn ạ").await;
        assert_eq!(sent["decision"]["class"], "reply");
        assert!(phone_texts(&scene, &an).await.contains(&"Dạ còn ạ".to_owned()));
        until_left(&scene, id, 7).await;
        let thread = scene.api.conversation(id).await;
        assert_eq!((&thread["unread_count"], &thread["waiting_since_at"]), (&0.into(), &Value::Null));

        // The phone tells that it has it, and that it was read.
        let client_id = sent["client_id"].as_str().unwrap();
        let is = |status: &'static str| move |m: &Value| m["status"] == status;
        scene.api.until_message(id, client_id, "delivered", SOON, is("delivered")).await;
        scene.platform.opens(&an).await;
        scene.api.until_message(id, client_id, "seen", SOON, is("seen")).await;

        for n in (0..7).rev() {
            scene.api.say_and_arrive(id, &format!("Trả lời, còn {n}")).await;
            until_left(&scene, id, n).await;
        }
        let decision = scene.api.decision(id).await;
        assert_eq!((&decision["verdict"], &decision["class"]), (&"allow".into(), &"package".into()));
        assert_eq!(decision["cost_vnd"], 0);
        assert!(reasons(&decision).contains(&"reply_counter_empty"), "{decision}");
        assert_eq!(reasons(&decision).last(), Some(&"package_left"), "{decision}");
        assert!(left(&scene, binhs, 8).await, "the other customer's counter");

        scene.platform.writes(&an, "Cho mình 2 cái").await;
        until_left(&scene, id, 8).await;
        assert_eq!(scene.api.decision(id).await["class"], "reply");

        let phone = phone_texts(&scene, &an).await;
        let here: Vec<String> =
            scene.api.thread(id).await.iter().filter_map(|m| m["text"].as_str().map(str::to_owned)).collect();
        let here: Vec<String> = here.into_iter().filter(|text| text != "follow").collect();
        assert_eq!(here, phone, "the same conversation on both ends");
    }

    /// A picture and a file reach the phone as what they are, with the platform's own upload between.
    async fn pictures_and_files_reach_the_phone(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let an = scene.platform.customer("An").await;
        scene.platform.writes(&an, "Gửi mình ảnh với báo giá").await;
        let thread = scene.api.conversation_with(&an).await;
        let id = thread["id"].as_str().unwrap();
        for (name, bytes, kind) in [
            ("ao.png", png(), "image"),
            ("bao-gia.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n".to_vec(), "file"),
        ] {
            let file = scene.api.upload(name, bytes.clone()).await.ok();
            let client_id = loa_testkit::client_id();
            let body = serde_json::json!({ "client_id": client_id, "file_id": file["id"] });
            let made = scene.api.post(&format!("/api/conversations/{id}/messages"), body).await.ok();
            assert_eq!((&made["kind"], &made["attachments"][0]["name"]), (&kind.into(), &name.into()));
            scene
                .api
                .until_message(id, &client_id, "the platform has it", SOON, |m| {
                    matches!(m["status"].as_str(), Some("sent" | "delivered"))
                })
                .await;
            let phone = scene.platform.phone(&an).await;
            let last = phone.last().unwrap();
            assert_eq!(last["kind"], kind, "{last}");
            let url = last["attachments"][0]["url"].as_str().unwrap_or_else(|| panic!("no address: {last}"));
            assert_eq!(scene.platform.fetch(url).await, bytes, "{name} as it was sent");
        }
    }
}

/// One red pixel.
fn png() -> Vec<u8> {
    const PIXEL: &str = "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154\
                         789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082";
    (0..PIXEL.len()).step_by(2).map(|i| u8::from_str_radix(&PIXEL[i..i + 2], 16).unwrap()).collect()
}
