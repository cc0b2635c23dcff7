//! The list of customers over HTTP: filters, counts, pages, what a member keeps of it.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_kernel::Role;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};

async fn query(browser: &mut Browser, body: Value) -> Value {
    let (status, page) = browser.post("/api/customers/query", body).await;
    assert_eq!(status.as_u16(), 200, "{page}");
    page
}

fn names(page: &Value) -> Vec<String> {
    let name = |row: &Value| row["customer"]["display_name"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(name).collect()
}

on_both_databases! {
    async fn a_filter_is_counted_paged_and_current(db: TestDb) {
        let world = World::new(db).await;
        let now = world.seed.now;
        let agent = world.member(&world.seed, "agent", Role::Agent).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let mut admin = world.browser("admin").await;
        let mut people = Vec::new();
        for (n, name) in ["Nguyễn Thị Đào", "Trần Văn Đạo", "Lê Lan", "Đào Ngọc"].into_iter().enumerate() {
            people.push(world.thread(&world.seed, &format!("u{n}"), name, now.plus_secs(n as i64)).await);
        }
        let (_, label) = admin.post("/api/labels", json!({ "name": "VIP", "colour": "teal" })).await;
        let vip = label["id"].as_str().unwrap().to_owned();
        let labelled = json!({ "field": "labels", "op": "any_of", "value": [vip] });

        // Everybody, the newest interaction first.
        let page = query(&mut admin, json!({})).await;
        assert_eq!(names(&page), ["Đào Ngọc", "Lê Lan", "Trần Văn Đạo", "Nguyễn Thị Đào"]);
        assert_eq!((&page["total"], page.get("next")), (&json!(4), None));
        assert_eq!(page["items"][0]["threads"][0]["id"], json!(people[3].1));

        // What was committed before the question is in the answer: labels, names, assignees.
        assert_eq!(query(&mut admin, json!({ "filter": labelled })).await["total"], json!(0));
        let on = format!("/api/customers/{}/labels", people[0].0);
        admin.patch(&on, json!({ "put": [vip] })).await;
        let page = query(&mut admin, json!({ "filter": labelled })).await;
        assert_eq!(names(&page), ["Nguyễn Thị Đào"]);
        assert_eq!(page["items"][0]["customer"]["label_ids"], json!([vip]));
        admin.patch(&format!("/api/customers/{}", people[2].0), json!({ "display_name": "Lê Thị Đào" })).await;
        let named = json!({ "field": "name", "op": "contains", "value": "dao" });
        let page = query(&mut admin, json!({ "filter": { "all": [named] }, "sort": { "field": "name", "descending": false } })).await;
        assert_eq!(names(&page), ["Đào Ngọc", "Lê Thị Đào", "Nguyễn Thị Đào", "Trần Văn Đạo"]);
        admin.patch(&format!("/api/conversations/{}", people[1].1), json!({ "assignee_id": agent })).await;
        let theirs = json!({ "field": "assignees", "op": "any_of", "value": [agent] });
        let both = json!({ "any": [theirs, labelled] });
        let page = query(&mut admin, json!({ "filter": both })).await;
        assert_eq!(names(&page), ["Trần Văn Đạo", "Nguyễn Thị Đào"]);
        assert_eq!(page["items"][0]["threads"][0]["assignee_id"], json!(agent));
        // A label that is gone takes its condition with it, and its carriers.
        admin.call(Method::DELETE, &format!("/api/labels/{vip}"), None).await;
        let (status, body) = admin.post("/api/customers/query", json!({ "filter": both })).await;
        assert_eq!((status.as_u16(), &body["code"], &body["params"]), (422, &json!("invalid_field"),
            &json!({ "field": "filter/any/1", "reason": "filter_unknown_option" })));
        let bare = json!({ "field": "labels", "op": "empty" });
        assert_eq!(query(&mut admin, json!({ "filter": bare })).await["total"], json!(4));

        // Pages fit together; a limit of nothing only counts.
        let mut seen = Vec::new();
        let mut cursor = None;
        loop {
            let mut body = json!({ "limit": 3, "sort": { "field": "name", "descending": true } });
            if let Some(cursor) = cursor {
                body["cursor"] = cursor;
            }
            let page = query(&mut admin, body).await;
            assert_eq!(page["total"], json!(4));
            seen.extend(names(&page));
            cursor = page.get("next").cloned();
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["Trần Văn Đạo", "Nguyễn Thị Đào", "Lê Thị Đào", "Đào Ngọc"]);
        let counted = query(&mut admin, json!({ "limit": 0 })).await;
        assert_eq!((&counted["total"], names(&counted).len(), counted.get("next")), (&json!(4), 0, None));

        // The box: parts of names, and of numbers for who sees them whole.
        admin.patch(&format!("/api/customers/{}", people[3].0), json!({ "phone": "0912 345 678" })).await;
        for (typed, total) in [("thi dao", 2), ("đào nguyễn", 1), ("Đạo", 4), ("0912", 1), ("345 67", 1), ("999", 0), ("  ", 4)] {
            assert_eq!(query(&mut admin, json!({ "q": typed })).await["total"], json!(total), "{typed}");
        }
        let mut manager = world.browser("manager").await;
        assert_eq!(query(&mut manager, json!({})).await["total"], json!(4));
        let said = manager.post("/api/customers/filter-sentence", theirs).await.1;
        assert_eq!(said["vi"], json!("Nhân viên CSKH có “agent”"));
    }

    async fn wrong_questions_are_refused(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "agent", Role::Agent).await;
        let (mut admin, mut agent) = (world.browser("admin").await, world.browser("agent").await);
        let (status, body) = agent.post("/api/customers/query", json!({})).await;
        assert_eq!((status.as_u16(), &body["code"], &body["params"]["action"]), (403, &json!("forbidden"), &json!("browse")));
        for (body, status, code, field) in [
            (json!({ "filter": { "all": [{ "field": "shoe", "op": "is", "value": "x" }] } }), 422, "invalid_field", "filter/all/0"),
            (json!({ "filter": { "field": "name", "op": "ge", "value": 5 } }), 422, "invalid_field", "filter"),
            (json!({ "filter": { "every": [] } }), 400, "malformed_body", ""),
            (json!({ "sort": { "field": "labels", "descending": true } }), 422, "invalid_field", "sort"),
            (json!({ "sort": { "field": "shoe", "descending": true } }), 422, "invalid_field", "sort"),
            (json!({ "cursor": "zz" }), 400, "bad_cursor", ""),
        ] {
            let (answered, problem) = admin.post("/api/customers/query", body.clone()).await;
            assert_eq!((answered.as_u16(), &problem["code"]), (status, &json!(code)), "{body}: {problem}");
            if !field.is_empty() {
                assert_eq!(problem["params"]["field"], json!(field), "{body}");
            }
        }
    }

    async fn a_layout_is_kept_for_its_member_alone(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        let path = "/api/customers/layout";
        let before = admin.read(path).await;
        let keys: Vec<&str> = before["columns"].as_array().unwrap().iter().map(|c| c["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["actions", "name", "assignees", "process_labels"]);
        let kept = json!({
            "columns": [{ "key": "name", "width": 240 }, { "key": "phone" }],
            "filter": { "all": [{ "field": "groups", "op": "any_of", "value": ["following"] }] },
            "sort": { "field": "name", "descending": false },
        });
        let (status, _) = admin.call(Method::PUT, path, Some(kept.clone())).await;
        assert_eq!(status.as_u16(), 204);
        assert_eq!(admin.read(path).await, kept);
        assert_eq!(manager.read(path).await, before, "nobody else's");
        for (wrong, field) in [
            (json!({ "columns": [], "filter": { "all": [] } }), "columns"),
            (json!({ "columns": [{ "key": "name" }, { "key": "name" }], "filter": { "all": [] } }), "columns/1"),
            (json!({ "columns": [{ "key": "name", "width": 5 }], "filter": { "all": [] } }), "columns/0/width"),
            (json!({ "columns": [{ "key": "name" }], "filter": { "any": [] } }), "filter"),
            (json!({ "columns": [{ "key": "name" }], "filter": { "all": [] }, "sort": { "field": "labels", "descending": false } }), "sort"),
        ] {
            let (status, problem) = admin.call(Method::PUT, path, Some(wrong.clone())).await;
            assert_eq!((status.as_u16(), &problem["params"]["field"]), (422, &json!(field)), "{wrong}");
        }
        assert_eq!(admin.read(path).await, kept, "a refused layout changes nothing");
        admin.call(Method::DELETE, path, None).await;
        assert_eq!(admin.read(path).await, before);
    }

    async fn another_workspace_is_never_counted(db: TestDb) {
        let world = World::new(db).await;
        let (shown, _) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let other = loa_testdb::Seed::another(&world.db.store, 2).await;
        world.thread(&other, "u2", "Của nơi khác", other.now).await;
        let mut admin = world.browser("admin").await;
        let page = query(&mut admin, json!({})).await;
        assert_eq!((page["total"].as_u64(), &page["items"][0]["customer"]["id"]), (Some(1), &json!(shown)));
    }
}
