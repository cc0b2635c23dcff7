//! Labels written back to the platform as tags: the whole program, the sandbox over real HTTP, both databases.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::time::Duration;

use loa_testkit::{Customer, Engine, Scene, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SOON: Duration = Duration::from_secs(20);
const ADD: &str = "/v2.0/oa/tag/tagfollower";
const REMOVE: &str = "/v2.0/oa/tag/rmfollowerfromtag";

async fn tags(scene: &Scene, customer: &Customer) -> Vec<String> {
    let contact = scene.platform.contact(customer).await;
    contact["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap().to_owned()).collect()
}

async fn until_tags(scene: &Scene, customer: &Customer, wanted: &[&str]) {
    wait_until("the platform has the tags", SOON, async || {
        (tags(scene, customer).await == wanted).then_some(())
    })
    .await;
}

async fn label(scene: &Scene, name: &str) -> String {
    let body = json!({ "name": name, "colour": "teal" });
    let made = scene.api.post("/api/labels", body).await.ok();
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["pushed"], json!(false), "one of our own stays here unless somebody decides otherwise");
    let pushed = scene.api.patch(&format!("/api/labels/{id}"), json!({ "pushed": true })).await.ok();
    assert_eq!(pushed["pushed"], json!(true));
    id
}

async fn customer_of(scene: &Scene, thread: &str) -> String {
    let thread = scene.api.conversation(thread).await;
    thread["customer"]["id"].as_str().unwrap().to_owned()
}

async fn relabel(scene: &Scene, customer: &str, change: Value) -> Value {
    scene.api.patch(&format!("/api/customers/{customer}/labels"), change).await.ok()
}

on_both_engines! {
    /// Put on here it is on there, taken off here it is off there, by one call each; the platform's echo changes nothing and
    /// is told back to nobody. A call that may have been carried out is simply repeated, also after a crash.
    async fn labels_stand_on_the_platform_as_tags(engine: Engine) {
        let mut scene = Scene::start(engine, LOA).await;
        let customers = scene.customers(2).await;
        let (an, thread) = (customers[0].0.clone(), customers[0].1.clone());
        let vip = label(&scene, "Khách VIP").await;
        let id = customer_of(&scene, &thread).await;
        relabel(&scene, &id, json!({ "put": [vip] })).await;
        until_tags(&scene, &an, &["Khách VIP"]).await;
        wait_until("the echo has come", SOON, async || {
            (scene.platform.deliveries("add_user_to_tag").await.iter().any(|d| d["state"] == "delivered" || d["tries"].as_array().is_some_and(|t| !t.is_empty()))).then_some(())
        })
        .await;
        relabel(&scene, &id, json!({ "remove": [vip] })).await;
        until_tags(&scene, &an, &[]).await;
        assert_eq!((scene.platform.requests(ADD).await.len(), scene.platform.requests(REMOVE).await.len()), (1, 1), "no loop");
        assert_eq!(scene.api.conversation(&thread).await["label_ids"], json!([]));

        // The answer is lost after the platform has done it; doing it again is the same.
        scene.platform.fault(json!({ "api": { "do": "process_then_close" } }), 1, ADD).await;
        relabel(&scene, &id, json!({ "put": [vip] })).await;
        until_tags(&scene, &an, &["Khách VIP"]).await;
        wait_until("it was said again", SOON, async || (scene.platform.requests(ADD).await.len() >= 3).then_some(())).await;
        let settled = async || (scene.api.get(&format!("/api/customers/{id}")).await.ok()["label_refusals"] == json!([])).then_some(());
        wait_until("nothing is wrong", SOON, settled).await;

        // Wished, and killed before it was told, between two tries.
        scene.platform.fault(json!({ "api": { "do": "html", "status": 503 } }), 1, ADD).await;
        let (binh, other) = (customers[1].0.clone(), customer_of(&scene, &customers[1].1).await);
        let tries = scene.api.metric("loa_tags_total", &["again"]).await;
        relabel(&scene, &other, json!({ "put": [vip] })).await;
        wait_until("the first try has failed", SOON, async || {
            (scene.api.metric("loa_tags_total", &["again"]).await > tries).then_some(())
        })
        .await;
        assert_eq!(tags(&scene, &binh).await, Vec::<String>::new());
        scene.loa.kill().await;
        scene.loa.start_again().await;
        until_tags(&scene, &binh, &["Khách VIP"]).await;
        until_tags(&scene, &an, &["Khách VIP"]).await;
    }

    /// A refusal for good stands on the customer and the label with the platform's words, until it is told again.
    async fn a_refusal_says_why(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let customers = scene.customers(1).await;
        let (an, thread) = customers[0].clone();
        let vip = label(&scene, "Khách VIP").await;
        let id = customer_of(&scene, &thread).await;
        scene.platform.fault(json!({ "api": { "do": "error", "code": -213 } }), 1, ADD).await;
        relabel(&scene, &id, json!({ "put": [vip] })).await;
        let refused = wait_until("the refusal is shown", SOON, async || {
            let view = scene.api.get(&format!("/api/customers/{id}")).await.ok();
            view["label_refusals"].get(0).cloned()
        })
        .await;
        assert_eq!((&refused["label_id"], &refused["channel_id"], &refused["on"]), (&json!(vip), &json!(scene.channel), &json!(true)));
        assert!(refused["reason"].as_str().unwrap().ends_with("(-213)"), "{refused}");
        assert_eq!(scene.api.get("/api/labels/usage").await.ok()["refused"][&vip], json!(1));
        assert_eq!(tags(&scene, &an).await, Vec::<String>::new());
        let again = scene.api.post(&format!("/api/labels/{vip}/push-again"), json!({})).await.ok();
        assert_eq!(again["count"], json!(1));
        until_tags(&scene, &an, &["Khách VIP"]).await;
    }

    /// Labels of many at once are told one by one; a tag that the platform made is told back when it changes here.
    async fn many_are_told(engine: Engine) {
        let scene = Scene::start(engine, LOA).await;
        let customers = scene.customers(5).await;
        let vip = label(&scene, "Khách VIP").await;
        let job = "blk_00000000000000000000000000000001";
        let body = json!({ "id": job, "list": {}, "add": [vip] });
        let begun = scene.api.post("/api/customers/bulk-labels", body).await;
        assert!(begun.is_ok());
        for (customer, _) in &customers {
            until_tags(&scene, customer, &["Khách VIP"]).await;
        }
        let undone = scene.api.post(&format!("/api/bulk-jobs/{job}/undo"), json!({})).await;
        assert!(undone.is_ok());
        for (customer, _) in &customers {
            until_tags(&scene, customer, &[]).await;
        }
    }
}
