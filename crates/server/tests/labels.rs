//! Labels over HTTP and over the socket.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_kernel::Role;
use loa_testdb::{Seed, on_both_databases};
use serde_json::{Value, json};
use support::{Browser, World, ids};

async fn label(browser: &mut Browser, name: &str) -> String {
    let (status, body) = browser.post("/api/labels", json!({ "name": name, "colour": "teal" })).await;
    assert_eq!(status.as_u16(), 201, "{body}");
    body["id"].as_str().unwrap().to_owned()
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn labels_are_kept_and_put_on_customers(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "agent", Role::Agent).await;
        let (customer, conversation) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let (_, plain) = world.thread(&world.seed, "u2", "Khác", world.seed.now.plus_secs(1)).await;
        let (mut admin, mut agent) = (world.browser("admin").await, world.browser("agent").await);
        let (vip, debt) = (label(&mut admin, " Khách  VIP ").await, label(&mut admin, "Nợ").await);

        let (status, body) = admin.post("/api/labels", json!({ "name": "khach vip", "colour": "red" })).await;
        assert_eq!((status.as_u16(), &body["code"], &body["params"]["reason"], &body["params"]["name"]),
            (409, &json!("conflict"), &json!("label_name"), &json!("Khách VIP")));
        let (status, body) = admin.post("/api/labels", json!({ "name": "x", "colour": "ultraviolet" })).await;
        assert_eq!((status.as_u16(), &body["code"]), (400, &json!("malformed_body")));
        let (status, _) = admin.patch(&format!("/api/labels/{debt}"), json!({ "name": "Khách ViP" })).await;
        assert_eq!(status.as_u16(), 409);
        let (status, _) = admin.patch(&format!("/api/labels/{vip}"), json!({ "name": "KHÁCH VIP" })).await;
        assert_eq!(status.as_u16(), 200, "its own name, written otherwise");
        let (_, ordered) = admin.call(Method::PUT, "/api/labels/order", Some(json!({ "ids": [debt] }))).await;
        assert_eq!(names(&ordered), ["Nợ", "KHÁCH VIP"]);

        let on = format!("/api/customers/{customer}/labels");
        let (status, body) = agent.patch(&on, json!({ "put": [vip, debt] })).await;
        assert_eq!((status.as_u16(), body["label_ids"].as_array().unwrap().len()), (200, 2), "{body}");
        let (_, body) = agent.patch(&on, json!({ "put": [vip], "remove": [debt] })).await;
        assert_eq!(body["label_ids"], json!([vip]));
        assert_eq!(agent.read(&format!("/api/conversations/{conversation}")).await["label_ids"], json!([vip]));
        assert_eq!(agent.read(&format!("/api/customers/{customer}")).await["label_ids"], json!([vip]));
        assert_eq!(agent.read("/api/labels/usage").await["customers"], json!({ vip.as_str(): 1 }));

        let listed = agent.read(&format!("/api/conversations?label={vip}")).await;
        assert_eq!(ids(&listed), [conversation.to_string()]);
        assert_eq!(ids(&agent.read(&format!("/api/conversations?label={debt}")).await), Vec::<String>::new());
        // A view over either label, alone and narrowed by one chosen beside it; what is done to all means the same.
        let criteria = json!({ "statuses": ["open"], "labels": [debt, vip] });
        let new = json!({ "id": format!("viw_{:032}", 1), "name": "Có nhãn", "criteria": criteria });
        let (status, view) = agent.post("/api/views", new).await;
        assert_eq!((status.as_u16(), view["criteria"]["labels"].as_array().unwrap().len()), (201, 2), "{view}");
        let view = view["id"].as_str().unwrap();
        let labelled = [conversation.to_string()];
        assert_eq!(ids(&agent.read(&format!("/api/conversations?view={view}")).await), labelled);
        assert_eq!(ids(&agent.read(&format!("/api/conversations?view={view}&label={vip}")).await), labelled);
        assert_eq!(ids(&agent.read(&format!("/api/conversations?view={view}&label={debt}")).await), Vec::<String>::new());
        for (list, count) in [
            (json!({ "filter": "all", "label": vip }), 1),
            (json!({ "filter": "all", "label": debt }), 0),
            (json!({ "filter": "all" }), 2),
            (json!({ "view": view }), 1),
            (json!({ "view": view, "label": debt }), 0),
        ] {
            assert_eq!(agent.post("/api/bulk-jobs/count", list).await.1["count"], json!(count));
        }
        assert_eq!(ids(&agent.read("/api/conversations").await).len(), 2);
        assert_eq!(agent.read(&format!("/api/conversations/{plain}")).await["label_ids"], json!([]));

        for (body, status, code) in [
            (json!({ "put": [vip], "remove": [vip] }), 422, "invalid_field"),
            (json!({ "put": ["lbl_00000000000000000000000000000000"] }), 404, "not_found"),
            (json!({ "put": ["cus_00000000000000000000000000000000"] }), 400, "malformed_body"),
        ] {
            let (got, answer) = agent.patch(&on, body).await;
            assert_eq!((got.as_u16(), &answer["code"]), (status, &json!(code)), "{answer}");
        }
        // An archived label stays where it is and is not put on anybody any more.
        admin.patch(&format!("/api/labels/{vip}"), json!({ "archived": true })).await;
        assert_eq!(agent.read(&format!("/api/customers/{customer}")).await["label_ids"], json!([vip]));
        let (status, _) = agent.patch(&on, json!({ "put": [vip] })).await;
        assert_eq!(status.as_u16(), 422);
        let (status, _) = agent.patch(&on, json!({ "remove": [vip] })).await;
        assert_eq!(status.as_u16(), 200);

        admin.patch(&format!("/api/labels/{vip}"), json!({ "archived": false })).await;
        agent.patch(&on, json!({ "put": [vip] })).await;
        let (status, _) = admin.call(Method::DELETE, &format!("/api/labels/{vip}"), None).await;
        assert_eq!(status.as_u16(), 204);
        assert_eq!(agent.read(&format!("/api/customers/{customer}")).await["label_ids"], json!([]));
        assert_eq!(names(&agent.read("/api/labels").await), ["Nợ"]);
    }

    async fn a_label_of_another_workspace_is_not_there(db: TestDb) {
        let world = World::new(db).await;
        let other = Seed::another(&world.db.store, 2).await;
        world.member(&other, "khac", Role::Admin).await;
        let (customer, _) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let vip = label(&mut world.browser("admin").await, "VIP").await;
        let mut stranger = world.browser("khac").await;
        assert!(names(&stranger.read("/api/labels").await).is_empty());
        let (theirs, _) = world.thread(&other, "u1", "Khách", world.seed.now).await;
        for (method, path, body) in [
            (Method::PATCH, format!("/api/labels/{vip}"), Some(json!({ "colour": "red" }))),
            (Method::DELETE, format!("/api/labels/{vip}"), None),
            (Method::PATCH, format!("/api/customers/{customer}/labels"), Some(json!({}))),
            (Method::PATCH, format!("/api/customers/{theirs}/labels"), Some(json!({ "put": [vip] }))),
        ] {
            let (status, body) = stranger.call(method, &path, body).await;
            assert_eq!((status.as_u16(), &body["code"]), (404, &json!("not_found")), "{path}");
        }
        assert_eq!(stranger.read(&format!("/api/customers/{theirs}")).await["label_ids"], json!([]));
    }
}
