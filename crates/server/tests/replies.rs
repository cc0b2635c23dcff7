//! Canned replies over HTTP: whose they are, what they are filled with, and what they are refused for.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_kernel::Role;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};

async fn create(browser: &mut Browser, shortcut: &str, text: &str, personal: bool) -> (u16, Value) {
    let body = json!({ "shortcut": shortcut, "text": text, "personal": personal });
    let (status, answer) = browser.post("/api/canned-replies", body).await;
    (status.as_u16(), answer)
}

fn shortcuts(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["shortcut"].as_str().unwrap()).collect()
}

on_both_databases! {
    async fn personal_ones_are_their_owners_alone(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "an", Role::Agent).await;
        world.member(&world.seed, "binh", Role::Agent).await;
        let (mut admin, mut an, mut binh) =
            (world.browser("admin").await, world.browser("an").await, world.browser("binh").await);
        let (_, shared) = create(&mut admin, "chao", "Dạ chào {{customer.name|anh/chị}}", false).await;
        let (status, own) = create(&mut an, "/Chào", "Em {{agent.name}} nghe ạ", true).await;
        assert_eq!((status, &own["shortcut"], &own["title"]), (201, &json!("Chào"), &json!("Chào")));
        assert_eq!((&own["personal"], &own["editable"], &shared["personal"]), (&json!(true), &json!(true), &json!(false)));

        assert_eq!(shortcuts(&an.read("/api/canned-replies").await).len(), 2);
        for other in [&mut admin, &mut binh] {
            assert_eq!(shortcuts(&other.read("/api/canned-replies").await), ["chao"]);
            let path = format!("/api/canned-replies/{}", own["id"].as_str().unwrap());
            let body = json!({ "shortcut": "x", "text": "x", "personal": true });
            for (method, path, body) in [
                (Method::PUT, path.clone(), Some(body)),
                (Method::DELETE, path.clone(), None),
                (Method::POST, format!("{path}/used"), Some(json!({}))),
            ] {
                assert_eq!(other.call(method, &path, body).await.0.as_u16(), 404);
            }
        }
        let path = format!("/api/canned-replies/{}", shared["id"].as_str().unwrap());
        let list = an.read("/api/canned-replies").await;
        let editable = |shortcut: &str| {
            let item = list["items"].as_array().unwrap().iter().find(|item| item["shortcut"] == shortcut);
            item.unwrap()["editable"].clone()
        };
        assert_eq!((editable("chao"), editable("Chào")), (json!(false), json!(true)));
        for (method, body) in [
            (Method::PUT, Some(json!({ "shortcut": "chao", "text": "x", "personal": false }))),
            (Method::DELETE, None),
        ] {
            assert_eq!(an.call(method, &path, body).await.0.as_u16(), 403);
        }
        // What is mine I cannot make everybody's without the right, nor take everybody's as mine.
        let own_path = format!("/api/canned-replies/{}", own["id"].as_str().unwrap());
        let all = json!({ "shortcut": "x", "text": "x", "personal": false });
        assert_eq!(an.call(Method::PUT, &own_path, Some(all)).await.0.as_u16(), 403);
        assert_eq!(an.call(Method::DELETE, &own_path, None).await.0.as_u16(), 204);
        assert_eq!(shortcuts(&an.read("/api/canned-replies").await), ["chao"]);
    }

    async fn what_is_wrong_is_said_and_nothing_is_kept(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        create(&mut admin, "giá", "Dạ giá…", false).await;
        for (shortcut, text, status, code, param, value) in [
            ("GIA", "x", 409, "conflict", "reason", "shortcut"),
            ("a b", "x", 422, "invalid_field", "reason", "blank_or_slash"),
            ("a/b", "x", 422, "invalid_field", "reason", "blank_or_slash"),
            (" / ", "x", 422, "invalid_field", "reason", "empty"),
            ("b", "Chào {{customer.nam}}", 422, "invalid_field", "variable", "customer.nam"),
            ("b", "Chào {{customer.name", 422, "invalid_field", "reason", "unclosed_variable"),
            ("b", "  ", 422, "empty_message", "", ""),
        ] {
            let (got, answer) = create(&mut admin, shortcut, text, false).await;
            assert_eq!((got, &answer["code"]), (status, &json!(code)), "{shortcut} {text}: {answer}");
            if !param.is_empty() {
                assert_eq!(answer["params"][param], json!(value), "{shortcut} {text}");
            }
        }
        let body = json!({ "shortcut": "b", "text": "x", "personal": false, "file_ids": ["fil_00000000000000000000000000000000"] });
        let (_, answer) = admin.post("/api/canned-replies", body).await;
        assert_eq!(answer["params"]["reason"], json!("unknown_file"));
        assert_eq!(shortcuts(&admin.read("/api/canned-replies").await), ["giá"]);
        // The same shortcut for oneself is another one.
        assert_eq!(create(&mut admin, "gia", "x", true).await.0, 201);
    }

    async fn texts_are_filled_with_what_the_reader_may_see(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "Lê Thị Hạnh", Role::Agent).await;
        let agent_id = world.member(&world.seed, "an", Role::Agent).await;
        let (customer, conversation) = world.thread(&world.seed, "u1", "Nguyễn Thị Đào", world.seed.now).await;
        // Nobody has told this one's name yet.
        let (_, nameless) = world.thread(&world.seed, "512098", "Zalo …512098", world.seed.now).await;
        let (mut admin, mut an) = (world.browser("admin").await, world.browser("an").await);
        admin.patch(&format!("/api/customers/{customer}"), json!({ "phone": "0912345678" })).await;
        admin.patch(&format!("/api/members/{agent_id}"), json!({ "display_name": "Trần Văn An" })).await;
        let text = "{{customer.first_name|anh/chị}} · {{customer.phone|số của mình}} · {{agent.first_name}} · {{workspace.name}} · {{now.date}} {{now.time}}";
        create(&mut admin, "a", text, false).await;
        create(&mut admin, "b", "Chào {{customer.name}}", false).await;

        let read = async |browser: &mut Browser, thread: &str| {
            let list = browser.read(&format!("/api/conversations/{thread}/canned-replies")).await;
            let item = |i: usize, key: &str| list["items"][i][key].clone();
            (item(0, "text"), item(1, "text"), item(1, "missing"))
        };
        let (thread, nameless) = (conversation.to_string(), nameless.to_string());
        let (a, b, missing) = read(&mut an, &thread).await;
        assert_eq!(a, json!("Đào · số của mình · An · Cửa hàng 1 · 15/01/2026 10:00"), "the number stays hidden");
        assert_eq!((b, missing), (json!("Chào Nguyễn Thị Đào"), json!([])));
        let (a, _, _) = read(&mut admin, &thread).await;
        assert_eq!(a, json!("Đào · 84912345678 · trị · Cửa hàng 1 · 15/01/2026 10:00"));
        let (a, b, missing) = read(&mut an, &nameless).await;
        assert!(a.as_str().unwrap().starts_with("anh/chị · "), "{a}");
        assert_eq!((b, missing), (json!("Chào "), json!(["customer.name"])));

        let path = format!("/api/canned-replies/{}/used", admin.read("/api/canned-replies").await["items"][0]["id"].as_str().unwrap());
        for _ in 0..3 {
            assert_eq!(an.post(&path, json!({})).await.0.as_u16(), 204);
        }
        let list = admin.read("/api/canned-replies").await;
        assert_eq!((&list["items"][0]["used_count"], &list["items"][1]["used_count"]), (&json!(3), &json!(0)));
    }

    async fn texts_are_marked_by_what_they_may_go_as(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        let file = admin.upload("bang-gia.csv", b"a,b\n").await.json();
        let file = file["id"].as_str().unwrap();
        let fit = async |admin: &mut Browser, text: &str, files: &[&str]| {
            let (status, body) = admin.post("/api/canned-replies/preview", json!({ "text": text, "file_ids": files })).await;
            assert_eq!(status.as_u16(), 200, "{body}");
            let fit = &body["fit"];
            (fit["messages"].as_u64().unwrap(), fit["as_reply"] == true, fit["as_consultation"] == true, fit["problem"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(fit(&mut admin, "Dạ {{customer.name}}", &[]).await, (1, true, true, String::new()));
        assert_eq!(fit(&mut admin, "Dạ", &[file]).await, (2, true, true, String::new()));
        assert_eq!(fit(&mut admin, "", &[file; 9]).await, (9, false, true, String::new()), "more than eight free ones");
        assert_eq!(fit(&mut admin, &"ạ".repeat(2_001), &[]).await, (1, false, false, "text_too_long".to_owned()));
        let (status, body) = admin.post("/api/canned-replies/preview", json!({ "text": "{{x}}" })).await;
        assert_eq!((status.as_u16(), &body["params"]["variable"]), (422, &json!("x")));
    }
}
