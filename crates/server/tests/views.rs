//! Saved views and what is done to many threads at once, over HTTP.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_kernel::{ConversationId, Role};
use loa_store::members::{self, MemberPatch, MemberStatus};
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World, ids};

fn view_id(n: u8) -> String {
    format!("viw_{n:032}")
}

fn job_id(n: u8) -> String {
    format!("blk_{n:032}")
}

/// Threads whose last message is `n` minutes old.
async fn threads(world: &World, many: usize) -> Vec<ConversationId> {
    let people: Vec<_> = (0..many)
        .map(|n| (format!("u{n}"), format!("Khách {n}"), world.seed.now.plus_ms(-(n as i64) * 60_000)))
        .collect();
    let threads = world.threads(&world.seed, &people).await;
    world.index().await;
    threads.into_iter().map(|(_, thread)| thread).collect()
}

async fn disable(world: &World, member: loa_kernel::MemberId) {
    let patch = MemberPatch { status: Some(MemberStatus::Disabled), ..Default::default() };
    let tx = world.db.store.begin().await.unwrap();
    members::update(&tx, world.seed.workspace, member, &patch, world.seed.now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn delete(browser: &mut Browser, path: &str) -> u16 {
    browser.call(Method::DELETE, path, None).await.0.as_u16()
}

on_both_databases! {
    async fn private_views_are_private_and_shared_ones_are_kept_by_those_who_may(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "sep", Role::Manager).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        world.member(&world.seed, "mai", Role::Agent).await;
        let threads = threads(&world, 3).await;
        let (mut boss, mut lan, mut mai) =
            (world.browser("sep").await, world.browser("lan").await, world.browser("mai").await);
        let mine = json!({ "id": view_id(1), "name": "  Chờ   lâu ", "sort": "waiting",
            "criteria": { "statuses": ["open"], "waiting_minutes": 1 } });
        let (status, made) = lan.post("/api/views", mine.clone()).await;
        assert_eq!((status.as_u16(), &made["name"], &made["pinned"], &made["editable"]),
            (201, &json!("Chờ lâu"), &json!(true), &json!(true)), "{made}");
        assert_eq!(lan.post("/api/views", mine.clone()).await.1, made, "asked twice, made once");
        assert_eq!(lan.read("/api/views").await["items"], json!([made]));
        assert_eq!(mai.read("/api/views").await["items"], json!([]));
        let path = format!("/api/views/{}", view_id(1));
        let page = format!("/api/conversations?view={}", view_id(1));
        for browser in [&mut mai, &mut boss] {
            assert_eq!(browser.patch(&path, json!({ "name": "x" })).await.0.as_u16(), 404);
            assert_eq!(delete(browser, &path).await, 404);
            assert_eq!(browser.get(&page).await.0.as_u16(), 404);
            // The id of another's private view cannot be taken, nor found out.
            let (status, refused) = browser.post("/api/views", mine.clone()).await;
            assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("conflict")));
        }
        // Who has waited longest first; the latest has not waited a minute.
        assert_eq!(ids(&lan.read(&page).await), [threads[2].to_string(), threads[1].to_string()]);
        assert_eq!(lan.read("/api/views/counts").await["items"], json!([{ "id": view_id(1), "count": 2 }]));
        let first = lan.read(&format!("{page}&limit=1")).await;
        let next = format!("{page}&limit=1&cursor={}", first["next"].as_str().unwrap());
        assert_eq!(ids(&lan.read(&next).await), [threads[1].to_string()]);
        assert_eq!(ids(&lan.read(&format!("{page}&q=khach%201")).await), [threads[1].to_string()]);

        // Sharing is a grant of its own.
        assert_eq!(lan.patch(&path, json!({ "shared": true })).await.0.as_u16(), 403);
        let shared = json!({ "id": view_id(2), "name": "Chung", "shared": true, "criteria": { "statuses": ["open"] } });
        assert_eq!(lan.post("/api/views", shared.clone()).await.0.as_u16(), 403);
        assert_eq!(boss.post("/api/views", shared).await.0.as_u16(), 201);
        let list = mai.read("/api/views").await;
        assert_eq!((&list["items"][0]["name"], &list["items"][0]["editable"]), (&json!("Chung"), &json!(false)));
        let chung = format!("/api/views/{}", view_id(2));
        assert_eq!(mai.patch(&chung, json!({ "name": "Của Mai" })).await.0.as_u16(), 403);
        assert_eq!(delete(&mut mai, &chung).await, 403);
        // Each their own order.
        let order = json!({ "items": [{ "id": view_id(2), "pinned": false }, { "id": view_id(9), "pinned": true }] });
        let (_, placed) = lan.call(Method::PUT, "/api/views/order", Some(order)).await;
        let names: Vec<_> = placed["items"].as_array().unwrap().iter().map(|v| (&v["name"], &v["pinned"])).collect();
        assert_eq!(names, [(&json!("Chung"), &json!(false)), (&json!("Chờ lâu"), &json!(true))]);
        // Taken back, it is its owner's alone; somebody else's cannot be taken back.
        let mut admin = world.browser("admin").await;
        assert_eq!(admin.patch(&chung, json!({ "shared": false })).await.0.as_u16(), 422);
        assert_eq!(boss.patch(&chung, json!({ "shared": false })).await.0.as_u16(), 200);
        assert_eq!(mai.read("/api/views").await["items"], json!([]));
        assert_eq!(delete(&mut boss, &chung).await, 204);
        assert_eq!(delete(&mut boss, &chung).await, 404);
    }

    async fn conditions_are_checked_when_saved_and_told_when_they_die(db: TestDb) {
        let theirs = loa_testdb::Seed::another(&db.store, 2).await;
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        threads(&world, 2).await;
        let mut admin = world.browser("admin").await;
        for (criteria, field, reason) in [
            (json!({ "statuses": [] }), "statuses", "empty"),
            (json!({ "statuses": ["open"], "channels": [theirs.channel.to_string()] }), "channels", "not_there"),
            (json!({ "statuses": ["open"], "labels": [format!("lbl_{:032}", 9)] }), "labels", "not_there"),
            (json!({ "statuses": ["open"], "closing_minutes": 99_999 }), "closing_minutes", "out_of_range"),
            (json!({ "statuses": ["open"], "assignee": { "is": "member", "member_id": format!("mem_{:032}", 9) } }), "assignee", "not_there"),
        ] {
            let new = json!({ "id": view_id(1), "name": "x", "criteria": criteria });
            let (status, refused) = admin.post("/api/views", new).await;
            assert_eq!((status.as_u16(), &refused["params"]["field"], &refused["params"]["reason"]),
                (422, &json!(field), &json!(reason)), "{refused}");
        }
        for (name, reason) in [("  ", "empty"), (&*"đ".repeat(61), "too_long")] {
            let new = json!({ "id": view_id(1), "name": name, "criteria": { "statuses": ["open"] } });
            assert_eq!(admin.post("/api/views", new).await.1["params"]["reason"], reason);
        }
        // A condition of a later version is refused, never dropped.
        let new = json!({ "id": view_id(1), "name": "x", "criteria": { "statuses": ["open"], "label": "vip" } });
        assert_eq!(admin.post("/api/views", new).await.1["code"], "malformed_body");
        assert_eq!(admin.read("/api/views").await["items"], json!([]), "nothing was made");

        let (status, label) = admin.post("/api/labels", json!({ "name": "VIP", "colour": "red" })).await;
        assert_eq!(status.as_u16(), 201, "{label}");
        let label = label["id"].as_str().unwrap().to_owned();
        let criteria = json!({ "statuses": ["open"], "channels": [world.seed.channel.to_string()], "labels": [label],
            "assignee": { "is": "member", "member_id": lan.to_string() } });
        let new = json!({ "id": view_id(1), "name": "Của Lan", "criteria": criteria });
        let (_, made) = admin.post("/api/views", new).await;
        assert_eq!(made["dead"], json!([]));
        disable(&world, lan).await;
        admin.patch(&format!("/api/labels/{label}"), json!({ "archived": true })).await;
        assert_eq!(delete(&mut admin, &format!("/api/channels/{}", world.seed.channel)).await, 200);
        let view = admin.read("/api/views").await["items"][0].clone();
        let dead: Vec<_> = view["dead"].as_array().unwrap().iter().map(|d| (&d["condition"], &d["name"], &d["why"])).collect();
        assert_eq!(dead, [
            (&json!("channel"), &json!("OA 1"), &json!("off")),
            (&json!("label"), &json!("VIP"), &json!("off")),
            (&json!("assignee"), &json!("lan"), &json!("off")),
        ]);
        // It opens, and it is as narrow as before.
        assert_eq!(admin.read(&format!("/api/conversations?view={}", view_id(1))).await["items"], json!([]));
        // Saved again it must name what is there.
        let path = format!("/api/views/{}", view_id(1));
        let (status, refused) = admin.patch(&path, json!({ "criteria": criteria })).await;
        assert_eq!((status.as_u16(), &refused["params"]["reason"]), (422, &json!("switched_off")));
        assert_eq!(admin.patch(&path, json!({ "name": "Cũ của Lan" })).await.0.as_u16(), 200);
    }

    async fn all_that_match_are_changed_and_put_back(db: TestDb) {
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let threads = threads(&world, 7).await;
        let mut admin = world.browser("admin").await;
        let mut agent = world.browser("lan").await;
        admin.patch(&format!("/api/conversations/{}", threads[0]), json!({ "assignee_id": lan.to_string() })).await;
        admin.patch(&format!("/api/conversations/{}", threads[6]), json!({ "status": "closed" })).await;
        let list = json!({ "filter": "all", "q": "khach" });
        assert_eq!(admin.post("/api/bulk-jobs/count", list.clone()).await.1, json!({ "count": 6, "max": 50_000 }));
        let body = json!({ "id": job_id(1), "list": list, "action": { "do": "assign", "assignee_id": lan.to_string() } });
        let (status, begun) = admin.post("/api/bulk-jobs", body.clone()).await;
        assert_eq!((status.as_u16(), &begun["state"], &begun["total"]), (202, &json!("running"), &json!(6)));
        assert_eq!(admin.post("/api/bulk-jobs", body.clone()).await.1, begun, "asked twice, done once");
        world.work().await;
        let path = format!("/api/bulk-jobs/{}", job_id(1));
        let done = admin.read(&path).await;
        assert_eq!((&done["state"], &done["done"], &done["skipped"]), (&json!("done"), &json!(5), &json!(1)));
        assert_eq!(done["reasons"], json!([{ "why": "already", "count": 1 }]));
        assert_eq!(agent.read("/api/conversations?filter=mine").await["items"].as_array().unwrap().len(), 6);
        // It is its author's business.
        for answer in [agent.get(&path).await, agent.post(&format!("{path}/undo"), json!({})).await, agent.post(&format!("{path}/cancel"), json!({})).await] {
            assert_eq!(answer.0.as_u16(), 404);
        }
        assert_eq!(agent.read("/api/bulk-jobs").await["items"], json!([]));
        assert_eq!(agent.post("/api/bulk-jobs", body).await.1["params"]["reason"], "id_taken");
        assert_eq!(admin.post(&format!("{path}/cancel"), json!({})).await.1["params"]["reason"], "not_running");
        // Somebody goes on working; their change stays.
        agent.patch(&format!("/api/conversations/{}", threads[3]), json!({ "assignee_id": null })).await;
        let (status, undoing) = admin.post(&format!("{path}/undo"), json!({})).await;
        assert_eq!((status.as_u16(), &undoing["state"]), (200, &json!("undoing")));
        world.work().await;
        let undone = admin.read(&path).await;
        assert_eq!((&undone["state"], &undone["undone"], &undone["kept"]), (&json!("undone"), &json!(4), &json!(1)));
        assert_eq!(ids(&agent.read("/api/conversations?filter=mine").await), [threads[0].to_string()]);
        let items = admin.read(&format!("{path}/items")).await;
        let kept: Vec<&Value> = items["items"].as_array().unwrap().iter().filter(|i| i["outcome"] == "kept").collect();
        assert_eq!((&kept[0]["conversation_id"], &kept[0]["why"]), (&json!(threads[3].to_string()), &json!("changed")));
        assert_eq!(admin.post(&format!("{path}/undo"), json!({})).await.1["params"]["reason"], "cannot_be_undone");
    }

    async fn who_may_not_any_more_does_not(db: TestDb) {
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let threads = threads(&world, 3).await;
        let named: Vec<String> = threads.iter().map(ToString::to_string).collect();
        let mut agent = world.browser("lan").await;
        let close = json!({ "do": "status", "status": "closed" });
        for (body, field, reason) in [
            (json!({ "id": job_id(1), "action": close, "ids": [] }), "ids", "empty"),
            (json!({ "id": job_id(1), "action": close }), "ids", "ids_or_list"),
            (json!({ "id": job_id(1), "action": close, "ids": named, "list": {} }), "ids", "ids_or_list"),
            (json!({ "id": job_id(1), "action": { "do": "status", "status": "snoozed" }, "ids": named }), "status", "not_for_many"),
            (json!({ "id": job_id(1), "action": { "do": "assign", "assignee_id": format!("mem_{:032}", 9) }, "ids": named }), "assignee_id", "not_a_member"),
        ] {
            let (status, refused) = agent.post("/api/bulk-jobs", body).await;
            assert_eq!((status.as_u16(), &refused["params"]["field"], &refused["params"]["reason"]),
                (422, &json!(field), &json!(reason)), "{refused}");
        }
        assert_eq!(agent.read("/api/bulk-jobs").await["items"], json!([]), "nothing was begun");
        let body = json!({ "id": job_id(1), "action": close, "ids": named });
        assert_eq!(agent.post("/api/bulk-jobs", body).await.0.as_u16(), 202);
        disable(&world, lan).await;
        world.work().await;
        let mut admin = world.browser("admin").await;
        assert_eq!(admin.read("/api/conversations?filter=all").await["items"].as_array().unwrap().len(), 3);
        let job = loa_store::bulk::get(world.db.store.reader(), world.seed.workspace, job_id(1).parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((job.done, job.skipped), (0, 3));
        // Given to somebody who was disabled meanwhile: nobody gets them.
        let mai = world.member(&world.seed, "mai", Role::Agent).await;
        let body = json!({ "id": job_id(2), "action": { "do": "assign", "assignee_id": mai.to_string() }, "ids": named });
        assert_eq!(admin.post("/api/bulk-jobs", body).await.0.as_u16(), 202);
        disable(&world, mai).await;
        world.work().await;
        let done = admin.read(&format!("/api/bulk-jobs/{}", job_id(2))).await;
        assert_eq!(done["reasons"], json!([{ "why": "not_a_member", "count": 3 }]), "{done}");
    }
}
