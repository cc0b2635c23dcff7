//! The two phone groups over HTTP: C-06, C-09, C-10, C-11, expiry, and who is told.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::body::Body;
use axum::http::{Method, Request, header};
use loa_channels::reconcile::DueWork;
use loa_customers::GroupExpiry;
use loa_kernel::{Ids, Role, SeededRandom};
use loa_store::changes::{self, ChangeKind};
use loa_testdb::{Seed, on_both_databases};
use serde_json::{Value, json};
use support::{Answer, Browser, World};

const GROUPS: &str = "/api/customers/groups";

/// Send a form; a part called `file` is a file.
async fn form(browser: &mut Browser, path: &str, parts: &[(&str, &[u8])]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in parts {
        let file = if *name == "file" { "; filename=\"khách.csv\"" } else { "" };
        body.extend(
            format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes(),
        );
        body.extend(*value);
        body.extend(b"\r\n");
    }
    body.extend(b"--xx--\r\n");
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{GROUPS}/{path}"))
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

fn id(n: u32) -> String {
    format!("gup_{n:032x}")
}

/// Put numbers into a group.
async fn put(browser: &mut Browser, group: &str, n: u32, more: &[(&str, &str)], numbers: &str) -> Value {
    let id = id(n);
    let mut parts: Vec<(&str, &[u8])> = vec![("id", id.as_bytes()), ("numbers", numbers.as_bytes())];
    parts.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
    let answer = form(browser, &format!("{group}/uploads"), &parts).await;
    assert_eq!(answer.status.as_u16(), 201, "{}", answer.json());
    answer.json()
}

async fn phone(browser: &mut Browser, customer: &impl std::fmt::Display, phone: &str) {
    let (status, body) =
        browser.patch(&format!("/api/customers/{customer}"), json!({ "phone": phone })).await;
    assert_eq!(status.as_u16(), 200, "{body}");
}

/// Names of those whom a filter by group finds.
async fn found(browser: &mut Browser, group: &str) -> Vec<String> {
    let filter = json!({ "field": "groups", "op": "any_of", "value": [group] });
    let sort = json!({ "field": "name", "descending": false });
    let (status, page) =
        browser.post("/api/customers/query", json!({ "filter": filter, "sort": sort })).await;
    assert_eq!(status.as_u16(), 200, "{page}");
    let name = |row: &Value| row["customer"]["display_name"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(name).collect()
}

/// Customers and threads that were told since.
async fn told(world: &World, since: i64) -> (Vec<String>, usize) {
    let list = changes::since(world.db.store.reader(), world.seed.workspace, since, 1_000).await.unwrap();
    let of = |kind| list.iter().filter(move |change| change.what.kind == kind);
    let customers = of(ChangeKind::CustomerUpserted)
        .map(|change| loa_kernel::CustomerId(change.what.entity).to_string())
        .collect();
    (customers, of(ChangeKind::ConversationUpserted).count())
}

fn expiry(world: &World) -> GroupExpiry {
    let ids = Ids::new(world.clock.clone(), std::sync::Arc::new(SeededRandom::new(7)));
    GroupExpiry::new(world.db.store.clone(), ids, world.signals.clone())
}

on_both_databases! {
    async fn an_upload_is_reported_and_happens_once(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        let (lan, thread) = world.thread(&world.seed, "u1", "Lan", world.seed.now).await;
        let (dao, _) = world.thread(&world.seed, "u2", "Đào", world.seed.now).await;
        phone(&mut admin, &lan, "0912345678").await;
        phone(&mut admin, &dao, "0987654321").await;

        // What would happen changes nothing (C-09: one number in three forms).
        let file = "SĐT\n0912345678\n84912345678\n912345678\nkhông có\n0909090909\n".as_bytes();
        let before = world.last_seq().await;
        let preview = form(&mut admin, "priority/uploads", &[("file", file)]).await;
        assert_eq!(preview.status.as_u16(), 200);
        let counts = json!({ "rows": 5, "accepted": 2, "already": 0, "removed": 0, "doubled": 2, "bad": 1, "conflicts": 0, "recognised": 1 });
        assert_eq!((&preview.json()["counts"], preview.json().get("id")), (&counts, None));
        let rows = json!([
            { "row": 5, "kind": "bad", "value": "không có", "reason": "not_a_phone_number" },
            { "row": 3, "kind": "double", "value": "84912345678", "first_row": 2 },
            { "row": 4, "kind": "double", "value": "912345678", "first_row": 2 },
        ]);
        assert_eq!(preview.json()["rows"], rows);
        assert_eq!(world.last_seq().await, before);
        assert_eq!(admin.read(GROUPS).await["items"][0]["numbers"], 0);

        // The real thing says the same, and tells exactly whom it changed.
        let parts: &[(&str, &[u8])] = &[("id", id(1).into_bytes().leak()), ("file", file)];
        let done = form(&mut admin, "priority/uploads", parts).await;
        assert_eq!((done.status.as_u16(), &done.json()["counts"], &done.json()["rows"]), (201, &counts, &rows));
        assert_eq!(done.json()["file_name"], "khách.csv");
        assert_eq!(told(&world, before).await, (vec![lan.to_string()], 1));
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await["group"], "priority");
        assert_eq!(admin.read(&format!("/api/customers/{dao}")).await.get("group"), None);
        assert_eq!(admin.read(&format!("/api/conversations/{thread}")).await["customer"]["group"], "priority");
        assert_eq!(found(&mut admin, "priority").await, ["Lan"]);

        // The same id again answers the same report and does nothing.
        let after = world.last_seq().await;
        let other: &[(&str, &[u8])] = &[("id", id(1).into_bytes().leak()), ("numbers", b"0987654321")];
        let again = form(&mut admin, "priority/uploads", other).await;
        assert_eq!((again.status.as_u16(), again.json()), (200, done.json()));
        let elsewhere = form(&mut admin, "restricted/uploads", other).await;
        assert_eq!((elsewhere.status.as_u16(), &elsewhere.json()["params"]["reason"]), (409, &json!("upload_id")));
        assert_eq!(world.last_seq().await, after);

        // Adding what is there tells nobody; replacing tells who goes and who comes.
        let added = put(&mut admin, "priority", 2, &[], "0912345678").await;
        assert_eq!((&added["counts"]["already"], world.last_seq().await), (&json!(1), after));
        let replaced = put(&mut admin, "priority", 3, &[("mode", "replace")], "0987654321, 0909090909").await;
        let counts = &replaced["counts"];
        assert_eq!((&counts["accepted"], &counts["already"], &counts["removed"]), (&json!(2), &json!(1), &json!(1)));
        let (mut people, threads) = told(&world, after).await;
        people.sort();
        let mut both = vec![lan.to_string(), dao.to_string()];
        both.sort();
        assert_eq!((people, threads), (both, 2));
        assert_eq!(found(&mut admin, "priority").await, ["Đào"]);

        // Its rows as a file, and what is known of all uploads.
        let listed = admin.read(&format!("{GROUPS}/priority/uploads")).await;
        let ids: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), 3);
        let path = format!("{GROUPS}/priority/uploads/{}", id(1));
        assert_eq!(admin.read(&path).await, done.json());
        let request = |format: &str| Request::get(format!("{path}/file?format={format}")).body(Body::empty()).unwrap();
        let csv = admin.send(request("csv")).await;
        let text = String::from_utf8(csv.body).unwrap();
        assert_eq!(
            text,
            "\u{feff}Dòng,Giá trị,Kết quả,Trùng với dòng\r\n3,84912345678,Trùng số,2\r\n4,912345678,Trùng số,2\r\n5,không có,Không phải số điện thoại,\r\n"
        );
        let xlsx = admin.send(request("xlsx")).await;
        assert!(xlsx.body.starts_with(b"PK"));

        // What cannot be read changes nothing and says where.
        for (parts, reason) in [
            (&[("id", id(9).into_bytes()), ("file", b"sdt\nT\xEAn\n".to_vec())][..], "sheet_wrong_encoding"),
            (&[("id", id(9).into_bytes()), ("numbers", b"  ".to_vec())], "no_numbers"),
            (&[("id", id(9).into_bytes()), ("numbers", b"0912345678".to_vec()), ("expires_at", b"1".to_vec())], "past"),
            (&[("id", id(9).into_bytes()), ("numbers", b"0912345678".to_vec()), ("mode", b"x".to_vec())], "unknown_value"),
            (&[("id", id(9).into_bytes())], "missing"),
        ] {
            let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, value)| (*name, value.as_slice())).collect();
            let answer = form(&mut admin, "priority/uploads", &parts).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["params"]["reason"]), (422, &json!(reason)));
        }
        assert_eq!(admin.read(&format!("{GROUPS}/priority/uploads")).await["items"].as_array().unwrap().len(), 3);

        // The log of what was done knows counts and no numbers.
        let log = loa_store::audit::list(world.db.store.reader(), world.seed.workspace, None, 50).await.unwrap();
        let log: Vec<_> = log.items.iter().filter(|entry| entry.object == "customer_group").collect();
        assert_eq!(log.len(), 3);
        assert!(log.iter().all(|entry| !entry.detail.to_string().contains("912345678")));
    }

    async fn restricted_wins_and_leaves(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        let (lan, _) = world.thread(&world.seed, "u1", "Lan", world.seed.now).await;
        let (dao, _) = world.thread(&world.seed, "u2", "Đào", world.seed.now).await;
        phone(&mut admin, &lan, "0912345678").await;
        put(&mut admin, "priority", 1, &[], "0912345678\n0987654321").await;

        // C-11: a number in both groups warns, and is shown as restricted. C-06: the filter knows.
        let report = put(&mut admin, "restricted", 2, &[], "0900000000\n0912345678").await;
        assert_eq!((&report["counts"]["conflicts"], &report["rows"][0]["row"]), (&json!(1), &json!(2)));
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await["group"], "restricted");
        assert_eq!((found(&mut admin, "restricted").await, found(&mut admin, "priority").await), (vec!["Lan".to_owned()], vec![]));
        let before = world.last_seq().await;
        let report = put(&mut admin, "priority", 3, &[], "0912345678").await;
        assert_eq!(report["counts"]["conflicts"], 1);
        assert_eq!(world.last_seq().await, before, "nobody is shown anything else");

        // C-10: whoever gets a number later is shown its group then.
        phone(&mut admin, &dao, "0987 654 321").await;
        assert_eq!(admin.read(&format!("/api/customers/{dao}")).await["group"], "priority");
        assert_eq!(found(&mut admin, "priority").await, ["Đào"]);

        // The list: pages, parts of numbers, who has them.
        let numbers = |group: &str, more: &str| format!("{GROUPS}/{group}/numbers{more}");
        let page = manager.read(&numbers("priority", "?limit=1")).await;
        assert_eq!(page["items"][0]["phone"], "84912345678");
        assert_eq!((&page["items"][0]["in_both"], &page["items"][0]["customers"][0]["display_name"]), (&json!(true), &json!("Lan")));
        let rest = manager.read(&numbers("priority", &format!("?limit=1&cursor={}", page["next"].as_str().unwrap()))).await;
        assert_eq!((&rest["items"][0]["phone"], rest.get("next")), (&json!("84987654321"), None));
        for (q, count) in [("0987", 1), ("345", 1), ("999", 0), ("Lan", 0), ("", 2)] {
            let found = manager.read(&numbers("priority", &format!("?q={q}"))).await;
            assert_eq!(found["items"].as_array().unwrap().len(), count, "{q}");
        }
        let counts = manager.read(GROUPS).await;
        assert_eq!(counts["items"], json!([
            { "group": "priority", "numbers": 2, "expiring": 0, "customers": 1 },
            { "group": "restricted", "numbers": 2, "expiring": 0, "customers": 1 },
        ]));

        // One number out: what it hid shows again.
        let remove = |phone: &str| json!({ "phone": phone });
        let (status, _) = admin.post(&numbers("restricted", "/remove"), remove("0912345678")).await;
        assert_eq!(status.as_u16(), 204);
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await["group"], "priority");
        assert_eq!(found(&mut admin, "priority").await, ["Đào", "Lan"]);
        for (typed, status) in [("0912345678", 404), ("Lan", 422)] {
            assert_eq!(admin.post(&numbers("restricted", "/remove"), remove(typed)).await.0.as_u16(), status);
        }
        // All out.
        let (status, body) = admin.call(Method::DELETE, &numbers("priority", ""), None).await;
        assert_eq!((status.as_u16(), &body["removed"]), (200, &json!(2)));
        assert_eq!(found(&mut admin, "priority").await, Vec::<String>::new());
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await.get("group"), None);
        let report = admin.read(&format!("{GROUPS}/priority/uploads/{}", id(3))).await;
        assert_eq!((&report["counts"]["conflicts"], &report["rows"]), (&json!(1), &json!([])), "the numbers are gone, the counts stay");
    }

    async fn a_number_counts_until_it_expires(db: TestDb) {
        let world = World::new(db).await;
        let (lan, thread) = world.thread(&world.seed, "u1", "Lan", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        phone(&mut admin, &lan, "0912345678").await;
        let until = world.clock_now().plus_secs(60).0.to_string();
        put(&mut admin, "priority", 1, &[], "0912345678").await;
        put(&mut admin, "restricted", 2, &[("expires_at", &until)], "0912345678\n0987654321").await;
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await["group"], "restricted");
        let work = expiry(&world);
        assert_eq!(work.run_batch(32).await.unwrap(), 0, "not yet");
        world.clock.advance_ms(60_000);
        let before = world.last_seq().await;
        assert_eq!(admin.read(GROUPS).await["items"][1]["numbers"], 0);
        assert_eq!(work.run_batch(32).await.unwrap(), 2);
        assert_eq!(work.run_batch(32).await.unwrap(), 0);
        assert_eq!(told(&world, before).await, (vec![lan.to_string()], 1));
        assert_eq!(admin.read(&format!("/api/conversations/{thread}")).await["customer"]["group"], "priority");
        assert_eq!((found(&mut admin, "priority").await, found(&mut admin, "restricted").await), (vec!["Lan".to_owned()], vec![]));

        // Uploaded again after it expired and before it was taken out: it counts again, and that is told.
        let until = world.clock_now().plus_secs(60).0.to_string();
        put(&mut admin, "restricted", 3, &[("expires_at", &until)], "0912345678").await;
        world.clock.advance_ms(60_000);
        let before = world.last_seq().await;
        put(&mut admin, "restricted", 4, &[], "0912345678").await;
        assert_eq!(told(&world, before).await, (vec![lan.to_string()], 1));
        assert_eq!(work.run_batch(32).await.unwrap(), 0);
        assert_eq!(admin.read(&format!("/api/customers/{lan}")).await["group"], "restricted");
    }

    async fn the_groups_of_another_workspace_are_not_there(db: TestDb) {
        let world = World::new(db).await;
        let other = Seed::another(&world.db.store, 2).await;
        world.member(&other, "khac", Role::Admin).await;
        let (theirs, _) = world.thread(&other, "u1", "Khách", world.seed.now).await;
        let (mut admin, mut stranger) = (world.browser("admin").await, world.browser("khac").await);
        phone(&mut stranger, &theirs, "0912345678").await;
        let before = changes::last_seq(world.db.store.reader(), other.workspace).await.unwrap();
        let report = put(&mut admin, "priority", 1, &[], "0912345678").await;
        assert_eq!(report["counts"]["recognised"], 0);
        assert_eq!(changes::last_seq(world.db.store.reader(), other.workspace).await.unwrap(), before);
        assert_eq!(stranger.read(&format!("/api/customers/{theirs}")).await.get("group"), None);
        assert_eq!(stranger.read(GROUPS).await["items"][0]["numbers"], 0);
        assert_eq!(stranger.get(&format!("{GROUPS}/priority/uploads/{}", id(1))).await.0.as_u16(), 404);
        // The same id is another upload there.
        put(&mut stranger, "restricted", 1, &[], "0912345678").await;
        assert_eq!(stranger.read(&format!("/api/customers/{theirs}")).await["group"], "restricted");
    }

    async fn a_hundred_thousand_numbers_are_one_transaction(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        let (lan, _) = world.thread(&world.seed, "u1", "Lan", world.seed.now).await;
        phone(&mut admin, &lan, "0900099999").await;
        let numbers: String = (0..100_000).map(|n| format!("09{n:08}\n")).collect();
        let report = put(&mut admin, "priority", 1, &[], &numbers).await;
        assert_eq!((&report["counts"]["accepted"], &report["counts"]["recognised"]), (&json!(100_000), &json!(1)));
        assert_eq!(found(&mut admin, "priority").await, ["Lan"]);
        let report = put(&mut admin, "priority", 2, &[("mode", "replace")], "0900000000").await;
        assert_eq!(report["counts"]["removed"], 99_999);
        assert_eq!(admin.read(GROUPS).await["items"][0]["numbers"], 1);
        assert_eq!(found(&mut admin, "priority").await, Vec::<String>::new());
    }
}
