//! The program is killed twice while it brings a file of customers in. Every row came to what the report says, and none
//! twice.

#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::fmt::Write;
use std::time::Duration;

use loa_testkit::{Engine, Scene, on_both_engines, wait_until};
use serde_json::{Value, json};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const ROWS: u64 = 30_000;
/// One of so many rows is bad.
const BAD_EVERY: u64 = 100;
const ID: &str = "cim_0190a000000070008000000000000001";
/// A claim that was left behind lasts 15 seconds; a build without optimisation is slow.
const SOON: Duration = Duration::from_secs(120);

fn file() -> String {
    let mut file = "Họ tên,SĐT,Mã KH\n".to_owned();
    for n in 0..ROWS {
        let phone = if n % BAD_EVERY == BAD_EVERY - 1 { "sai".to_owned() } else { format!("09{n:08}") };
        writeln!(file, "Khách {n},{phone},KH-{n}").unwrap();
    }
    file
}

async fn import(scene: &Scene) -> Value {
    scene.api.get(&format!("/api/customers/imports/{ID}")).await.ok()
}

fn dealt_with(import: &Value) -> u64 {
    ["created", "updated", "unchanged", "skipped"]
        .iter()
        .map(|kind| import["counts"][kind].as_u64().unwrap())
        .sum()
}

async fn until(scene: &Scene, what: &str, mut is: impl FnMut(&Value) -> bool) -> Value {
    wait_until(what, SOON, async || Some(import(scene).await).filter(&mut is)).await
}

on_both_engines! {
    /// A million rows are the same with another number.
    async fn no_row_comes_twice(engine: Engine) {
        let mut scene = Scene::start(engine, LOA).await;
        let before = scene.api.post("/api/customers/query", json!({ "limit": 0 })).await.ok()["total"].as_u64().unwrap();
        let uploaded = scene.api.upload_customers(ID, "khách.csv", file().into_bytes()).await.ok();
        let plan = json!({ "columns": uploaded["suggested"], "key": "phone", "policy": "both", "overwrite": false });
        let run = format!("/api/customers/imports/{ID}/run");
        scene.api.post(&run, plan.clone()).await.ok();
        let mut so_far = 0;
        for _ in 0..2 {
            let at = until(&scene, "it has gone on", |import| dealt_with(import) > so_far).await;
            so_far = dealt_with(&at);
            assert_eq!(at["state"], "running", "it was killed in the middle");
            scene.loa.kill().await;
            scene.loa.start_again().await;
        }
        // Asked for again by somebody who saw no answer.
        scene.api.post(&run, plan).await.ok();
        let done = until(&scene, "it is done", |import| import["state"] == "done").await;
        let bad = ROWS / BAD_EVERY;
        let counts = json!({ "created": ROWS - bad, "updated": 0, "unchanged": 0, "skipped": bad });
        assert_eq!(done["counts"], counts);
        let after = scene.api.post("/api/customers/query", json!({ "limit": 0 })).await.ok()["total"].as_u64().unwrap();
        assert_eq!(after - before, ROWS - bad);
    }
}
