//! What is done to a list of customers as a whole, over HTTP: labels for many, views under a name.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_kernel::{ConversationId, CustomerId, Role};
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};

fn job_id(n: u8) -> String {
    format!("blk_{n:032}")
}

fn view_id(n: u8) -> String {
    format!("viw_{n:032}")
}

async fn people(world: &World, many: usize) -> Vec<(CustomerId, ConversationId)> {
    let mut people = Vec::new();
    for n in 0..many {
        people.push(
            world.thread(&world.seed, &format!("u{n}"), &format!("Khách {n:03}"), world.seed.now).await,
        );
    }
    people
}

async fn label(admin: &mut Browser, name: &str, kind: &str) -> String {
    let body = json!({ "name": name, "colour": "teal", "kind": kind });
    admin.post("/api/labels", body).await.1["id"].as_str().unwrap().to_owned()
}

async fn carriers(browser: &mut Browser, label: &str) -> u64 {
    let filter = json!({ "field": "labels", "op": "any_of", "value": [label] });
    let (status, page) = browser.post("/api/customers/query", json!({ "filter": filter, "limit": 0 })).await;
    assert_eq!(status.as_u16(), 200, "{page}");
    page["total"].as_u64().unwrap()
}

on_both_databases! {
    /// C-08: with the platform's limit 101 are refused and 100 are done; without it all are.
    async fn the_limit_of_the_platform_holds_where_it_is_asked_for(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        let people = people(&world, 101).await;
        let vip = label(&mut admin, "VIP", "normal").await;
        let path = "/api/customers/settings";
        let before = admin.read(path).await;
        assert_eq!(before, json!({ "strict_zalo_limit": false, "zalo_limit": 100, "max_labelled": 100_000 }));
        let strict = json!({ "strict_zalo_limit": true });
        assert_eq!(manager.call(Method::PUT, path, Some(strict.clone())).await.0.as_u16(), 403);
        for _ in 0..2 {
            let (status, after) = admin.call(Method::PUT, path, Some(strict.clone())).await;
            assert_eq!((status.as_u16(), &after["max_labelled"]), (200, &json!(100)));
        }
        let log = loa_store::audit::list(world.db.store.reader(), world.seed.workspace, None, 50).await.unwrap().items;
        let told = log.iter().filter(|entry| entry.action == "customer_settings.edited");
        assert_eq!(told.map(|entry| entry.detail.clone()).collect::<Vec<_>>(), [strict], "once, as it changed once");

        let ids: Vec<String> = people.iter().map(|(id, _)| id.to_string()).collect();
        let everybody = json!({ "q": "khach" });
        for (id, whom) in [(1, json!({ "ids": ids })), (2, json!({ "list": everybody }))] {
            let mut body = json!({ "id": job_id(id), "add": [vip] });
            body.as_object_mut().unwrap().extend(whom.as_object().unwrap().clone());
            let (status, refused) = manager.post("/api/customers/bulk-labels", body).await;
            let params = &refused["params"];
            assert_eq!((status.as_u16(), &refused["code"], &params["reason"], &params["max"], &params["count"]),
                (422, &json!("invalid_field"), &json!("zalo_limit"), &json!(100), &json!(101)));
        }
        world.work().await;
        assert_eq!(carriers(&mut admin, &vip).await, 0, "refused as a whole");

        // One named twice is one.
        let mut hundred = ids[..100].to_vec();
        hundred.push(ids[0].clone());
        let body = json!({ "id": job_id(3), "ids": hundred, "add": [vip] });
        let (status, begun) = manager.post("/api/customers/bulk-labels", body.clone()).await;
        assert_eq!((status.as_u16(), &begun), (202, &json!({ "id": job_id(3), "total": 100 })));
        assert_eq!(manager.post("/api/customers/bulk-labels", body).await.1, begun, "asked twice, done once");
        world.work().await;
        let done = manager.read(&format!("/api/bulk-jobs/{}", job_id(3))).await;
        assert_eq!((&done["state"], &done["total"], &done["done"]), (&json!("done"), &json!(100), &json!(100)));
        assert_eq!(carriers(&mut admin, &vip).await, 100);

        admin.call(Method::PUT, path, Some(json!({ "strict_zalo_limit": false }))).await;
        let body = json!({ "id": job_id(4), "list": everybody, "add": [vip] });
        assert_eq!(manager.post("/api/customers/bulk-labels", body).await.1["total"], json!(101));
        world.work().await;
        let done = manager.read(&format!("/api/bulk-jobs/{}", job_id(4))).await;
        assert_eq!((&done["done"], &done["reasons"]), (&json!(1), &json!([{ "why": "already", "count": 100 }])));
    }

    /// A list is taken as it is when it is asked for; a step of the process takes the place of another; what is undone is
    /// what nobody changed; it shows in lists, threads and live changes.
    async fn many_are_labelled_and_put_back(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let (mut admin, mut agent) = (world.browser("admin").await, world.browser("lan").await);
        let some = people(&world, 6).await;
        let (new, paid) = (label(&mut admin, "Mới", "process").await, label(&mut admin, "Đã trả", "process").await);
        let vip = label(&mut admin, "VIP", "normal").await;
        for (customer, _) in &some[..2] {
            admin.patch(&format!("/api/customers/{customer}/labels"), json!({ "put": [new] })).await;
        }
        let filter = json!({ "field": "labels", "op": "any_of", "value": [new] });
        let body = json!({ "id": job_id(1), "list": { "filter": filter }, "add": [paid, vip] });
        assert_eq!(agent.post("/api/customers/bulk-labels", body.clone()).await.0.as_u16(), 403);
        assert_eq!(admin.post("/api/customers/bulk-labels", body).await.1["total"], json!(2));
        // Whoever begins to fulfil it later is not in it.
        admin.patch(&format!("/api/customers/{}/labels", some[2].0), json!({ "put": [new] })).await;
        world.work().await;
        assert_eq!([carriers(&mut admin, &new).await, carriers(&mut admin, &paid).await, carriers(&mut admin, &vip).await], [1, 2, 2]);
        let thread = agent.read(&format!("/api/conversations/{}", some[0].1)).await;
        let mut worn: Vec<&str> = thread["label_ids"].as_array().unwrap().iter().map(|l| l.as_str().unwrap()).collect();
        worn.sort_unstable();
        let mut wanted = [paid.as_str(), vip.as_str()];
        wanted.sort_unstable();
        assert_eq!(worn, wanted);
        // An agent moves one of them on by hand: the same rule holds there, and undoing leaves them alone.
        agent.patch(&format!("/api/customers/{}/labels", some[1].0), json!({ "put": [new] })).await;
        assert_eq!(carriers(&mut admin, &paid).await, 1);
        let path = format!("/api/bulk-jobs/{}", job_id(1));
        admin.post(&format!("{path}/undo"), json!({})).await;
        world.work().await;
        let undone = admin.read(&path).await;
        assert_eq!((&undone["state"], &undone["undone"], &undone["kept"]), (&json!("undone"), &json!(1), &json!(1)));
        assert_eq!([carriers(&mut admin, &new).await, carriers(&mut admin, &paid).await, carriers(&mut admin, &vip).await], [3, 0, 1]);
        let told = admin.read(&format!("{path}/items?told=true")).await;
        assert_eq!(told["items"], json!([{ "customer_id": some[1].0, "name": "Khách 001", "outcome": "kept", "why": "changed" }]));

        // From the inbox: the customers of threads, of named ones and of a whole list.
        let threads = [some[3].1.to_string(), some[4].1.to_string()];
        let action = json!({ "do": "label", "add": [vip], "remove": [] });
        let body = json!({ "id": job_id(2), "action": action, "ids": threads });
        assert_eq!(agent.post("/api/bulk-jobs", body.clone()).await.0.as_u16(), 403);
        assert_eq!(admin.post("/api/bulk-jobs", body).await.1["total"], json!(2));
        world.work().await;
        assert_eq!(carriers(&mut admin, &vip).await, 3);
        let body = json!({ "id": job_id(3), "action": { "do": "label", "add": [], "remove": [vip] }, "list": { "filter": "all" } });
        assert_eq!(admin.post("/api/bulk-jobs", body).await.1["total"], json!(6));
        world.work().await;
        assert_eq!(carriers(&mut admin, &vip).await, 0);

        for (body, reason) in [
            (json!({ "ids": [some[0].0] }), "empty"),
            (json!({ "ids": [], "add": [vip] }), "empty"),
            (json!({ "add": [vip] }), "ids_or_list"),
            (json!({ "ids": [some[0].0], "add": [vip], "remove": [vip] }), "also_put"),
            (json!({ "ids": [some[0].0], "add": [new, paid] }), "two_process_labels"),
            (json!({ "list": { "filter": { "field": "shoe", "op": "empty" } }, "add": [vip] }), "filter_unknown_field"),
        ] {
            let mut body = body;
            body["id"] = json!(job_id(9));
            let (status, refused) = admin.post("/api/customers/bulk-labels", body.clone()).await;
            assert_eq!((status.as_u16(), &refused["params"]["reason"]), (422, &json!(reason)), "{body}: {refused}");
        }
        assert_eq!(admin.get(&format!("/api/bulk-jobs/{}", job_id(9))).await.0.as_u16(), 404, "nothing was begun");
    }

    async fn views_are_ones_own_or_everybodys(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "minh", Role::Manager).await;
        world.member(&world.seed, "hoa", Role::Manager).await;
        let (mut admin, mut minh, mut hoa) =
            (world.browser("admin").await, world.browser("minh").await, world.browser("hoa").await);
        people(&world, 2).await;
        let vip = label(&mut admin, "VIP", "normal").await;
        let layout = json!({
            "columns": [{ "key": "name", "width": 300 }, { "key": "labels" }],
            "filter": { "all": [{ "field": "labels", "op": "any_of", "value": [vip] }] },
            "sort": { "field": "name", "descending": false },
        });
        let path = "/api/customers/views";
        let one = |n: u8| format!("{path}/{}", view_id(n));
        let names = |list: Value| -> Vec<String> {
            list["items"].as_array().unwrap().iter().map(|v| v["name"].as_str().unwrap().to_owned()).collect()
        };
        let body = json!({ "id": view_id(1), "name": " Khách  VIP ", "layout": layout });
        let (status, made) = minh.post(path, body.clone()).await;
        assert_eq!((status.as_u16(), &made["name"], &made["layout"], &made["shared"], &made["broken"]),
            (201, &json!("Khách VIP"), &layout, &json!(false), &json!([])), "{made}");
        assert_eq!(minh.post(path, body).await.1, made, "asked twice, made once");
        assert_eq!(names(hoa.read(path).await), Vec::<String>::new());
        assert_eq!(hoa.patch(&one(1), json!({ "name": "x" })).await.0.as_u16(), 404);
        // Among the views of threads it is nobody's.
        assert_eq!(minh.read("/api/views").await["items"], json!([]));
        // Shared, it is everybody's to open and its owner's and the administrators' to change.
        assert_eq!(minh.patch(&one(1), json!({ "shared": true })).await.1["shared"], json!(true));
        let seen = hoa.read(path).await;
        assert_eq!((&seen["items"][0]["layout"], &seen["items"][0]["editable"]), (&layout, &json!(false)));
        assert_eq!(hoa.patch(&one(1), json!({ "name": "x" })).await.0.as_u16(), 403);
        assert_eq!(admin.patch(&one(1), json!({ "name": "Khách quý" })).await.1["name"], json!("Khách quý"));
        assert_eq!(admin.patch(&one(1), json!({ "shared": false })).await.1["params"]["reason"], json!("not_yours"));
        // Each their own order and pins; opening changes nobody's layout.
        let plain = json!({ "columns": [{ "key": "name" }], "filter": { "all": [] } });
        hoa.post(path, json!({ "id": view_id(2), "name": "Của Hoa", "layout": plain })).await;
        let order = json!({ "items": [{ "id": view_id(2), "pinned": false }, { "id": view_id(1), "pinned": true }] });
        let placed = hoa.call(Method::PUT, "/api/customers/views/order", Some(order)).await.1;
        assert_eq!((names(placed.clone()), &placed["items"][0]["pinned"]), (vec!["Của Hoa".into(), "Khách quý".into()], &json!(false)));
        assert_eq!(names(minh.read(path).await), ["Khách quý"]);
        assert_eq!(hoa.read("/api/customers/layout").await["columns"].as_array().unwrap().len(), 4);

        // The label goes: the view names it, and shows nobody rather than everybody, until it is mended.
        admin.call(Method::DELETE, &format!("/api/labels/{vip}"), None).await;
        let broken = hoa.read(path).await["items"][1].clone();
        assert_eq!(broken["broken"], json!([{ "why": "option_gone", "field": { "vi": "Nhãn", "en": "Labels" }, "option": { "vi": "VIP", "en": "VIP" } }]));
        let (status, refused) = hoa.post("/api/customers/query", json!({ "filter": broken["layout"]["filter"] })).await;
        assert_eq!((status.as_u16(), &refused["params"]["reason"]), (422, &json!("filter_unknown_option")));
        assert_eq!(minh.patch(&one(1), json!({ "layout": layout })).await.0.as_u16(), 422, "kept anew it must be whole");
        assert_eq!(minh.patch(&one(1), json!({ "layout": plain })).await.1["broken"], json!([]));

        for (body, field, reason) in [
            (json!({ "id": view_id(5), "name": "  ", "layout": plain }), "name", "empty"),
            (json!({ "id": view_id(5), "name": "x".repeat(61), "layout": plain }), "name", "too_long"),
            (json!({ "id": view_id(5), "name": "x", "layout": { "columns": [], "filter": { "all": [] } } }), "columns", "wrong_count"),
            (json!({ "id": view_id(5), "name": "x", "layout": layout }), "filter/all/0", "filter_unknown_option"),
        ] {
            let (status, refused) = minh.post(path, body).await;
            assert_eq!((status.as_u16(), &refused["params"]["field"], &refused["params"]["reason"]),
                (422, &json!(field), &json!(reason)), "{refused}");
        }
        assert_eq!(hoa.call(Method::DELETE, &one(1), None).await.0.as_u16(), 403);
        assert_eq!(admin.call(Method::DELETE, &one(1), None).await.0.as_u16(), 204);
        assert_eq!(names(minh.read(path).await), Vec::<String>::new());
    }
}
