//! Customers from files over HTTP: mapping, check, what becomes of rows, and going on after a death.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::fmt::Write;

use axum::body::Body;
use axum::http::Request;
use loa_channels::reconcile::DueWork;
use loa_customers::CustomerImportWork;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Answer, Browser, World};

const IMPORTS: &str = "/api/customers/imports";

fn id(n: u32) -> String {
    format!("cim_{n:032x}")
}

async fn upload(browser: &mut Browser, n: u32, bytes: &[u8]) -> Answer {
    browser.upload_customers(&id(n), bytes).await
}

async fn work(world: &World) {
    let work = CustomerImportWork::new(world.state.customers().clone());
    while work.run_batch(1).await.unwrap() > 0 {}
}

/// With the columns as suggested.
async fn go(world: &World, browser: &mut Browser, n: u32, what: &str, more: Value) -> Value {
    let import = browser.read(&format!("{IMPORTS}/{}", id(n))).await;
    let columns = import.get("suggested").unwrap_or(&import["plan"]["columns"]);
    let mut plan = json!({ "columns": columns, "key": "phone", "policy": "both", "overwrite": false });
    plan.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let (status, answer) = browser.post(&format!("{IMPORTS}/{}/{what}", id(n)), plan).await;
    assert_eq!(status.as_u16(), 200, "{answer}");
    work(world).await;
    browser.read(&format!("{IMPORTS}/{}", id(n))).await
}

fn counts(created: u64, updated: u64, unchanged: u64, skipped: u64) -> Value {
    json!({ "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped })
}

/// The lines of the report without its mark and header, and without ids of customers.
async fn report(browser: &mut Browser, n: u32) -> Vec<String> {
    let request = Request::get(format!("{IMPORTS}/{}/file", id(n))).body(Body::empty()).unwrap();
    let answer = browser.send(request).await;
    assert_eq!(answer.status.as_u16(), 200);
    let text = String::from_utf8(answer.body).unwrap();
    let line = |line: &str| {
        let cells = line.split(',').enumerate().filter(|(at, _)| *at != 2).map(|(_, cell)| cell);
        cells.collect::<Vec<_>>().join("|")
    };
    text.lines().skip(1).map(line).collect()
}

/// All customers by name: number, note, fields.
async fn people(browser: &mut Browser) -> Vec<Value> {
    let page = browser.read("/api/customers?limit=100").await;
    page["items"].as_array().unwrap().clone()
}

const FILE: &str = "Họ tên,SĐT,Ngày sinh,Giới tính,Mã KH,Nhãn,Ghi chú
Lan,0912345678,25/11/1990,nữ,KH-1,VIP,Khách quen
Đào,912345679,,,KH-2,,
Mai,không có,,,,,
Cúc,0912345680,31/02/1990,,,,
Trúc,0912345681,,bê đê,,,
Sen,0912345682,,,,Không có nhãn,
,0912345683,,,,,
Huệ,,,,,,
Lan hai,84912345678,,,,,
";

on_both_databases! {
    async fn every_row_says_what_became_of_it(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        admin.post("/api/labels", json!({ "name": "VIP", "colour": "teal" })).await;

        let first = upload(&mut admin, 1, FILE.as_bytes()).await;
        assert_eq!(first.status.as_u16(), 201, "{}", first.json());
        let first = first.json();
        assert_eq!((&first["state"], &first["rows"], &first["file_name"]), (&"draft".into(), &9.into(), &"khách.csv".into()));
        let suggested = json!(["name", "phone", "birthday", "gender", "external_id", "labels", "note"]);
        assert_eq!((&first["suggested"], &first["sample"][0]["cells"][0]), (&suggested, &"Lan".into()));
        // The same upload again is the same import; another file under its id is refused.
        assert_eq!(upload(&mut admin, 1, FILE.as_bytes()).await.status.as_u16(), 200);
        assert_eq!(upload(&mut admin, 1, b"a\nb\n").await.status.as_u16(), 409);

        // A check counts and changes nothing.
        let before = world.last_seq().await;
        let checked = go(&world, &mut admin, 1, "check", json!({})).await;
        assert_eq!((&checked["state"], &checked["counts"]), (&"checked".into(), &counts(2, 0, 0, 7)));
        assert_eq!((people(&mut admin).await.len(), world.last_seq().await), (0, before));
        assert_eq!(report(&mut admin, 1).await[0], "2|Sẽ thêm|||");

        let done = go(&world, &mut admin, 1, "run", json!({})).await;
        assert_eq!((&done["state"], &done["counts"]), (&"done".into(), &counts(2, 0, 0, 7)));
        assert_eq!(report(&mut admin, 1).await, [
            "2|Đã thêm|||",
            "3|Đã thêm|||",
            "4|Bỏ qua|Không phải số điện thoại|SĐT|",
            "5|Bỏ qua|Không phải ngày hợp lệ|Ngày sinh|",
            "6|Bỏ qua|Không có lựa chọn này|Giới tính|",
            "7|Bỏ qua|Không có nhãn này|Nhãn|",
            "8|Bỏ qua|Thiếu tên||",
            "9|Bỏ qua|Thiếu khóa để tìm khách||",
            "10|Bỏ qua|Trùng khóa với dòng phía trên||2",
        ]);
        let all = people(&mut admin).await;
        let lan = all.iter().find(|one| one["display_name"] == "Lan").unwrap();
        assert_eq!((&lan["phone"], &lan["note"]), (&"84912345678".into(), &"Khách quen".into()));
        assert_eq!((&lan["fields"]["gender"], &lan["fields"]["external_id"]), (&"female".into(), &"KH-1".into()));
        assert_eq!(lan["label_ids"].as_array().unwrap().len(), 1, "{lan}");

        // The same file with the same plan again changes nothing, and neither does the same wish.
        let seq = world.last_seq().await;
        upload(&mut admin, 2, FILE.as_bytes()).await;
        let again = go(&world, &mut admin, 2, "run", json!({})).await;
        assert_eq!(again["counts"], counts(0, 0, 2, 7));
        let again = go(&world, &mut admin, 2, "run", json!({})).await;
        assert_eq!((&again["state"], world.last_seq().await), (&"done".into(), seq));
    }

    async fn policies_decide_what_changes(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        upload(&mut admin, 1, "name,phone,external_id\nLan,0912345678,KH-1\n".as_bytes()).await;
        go(&world, &mut admin, 1, "run", json!({})).await;
        let file = "name,phone,external_id,note\nLan Anh,0912345678,kh-1,Mới\nMai,0912345679,KH-2,\n".as_bytes();
        for (n, plan, expected, name, note) in [
            (2, json!({ "policy": "create_only" }), counts(1, 0, 0, 1), "Lan", None),
            (3, json!({ "policy": "update_only" }), counts(0, 1, 1, 0), "Lan", Some("Mới")),
            (4, json!({ "overwrite": true }), counts(0, 1, 1, 0), "Lan Anh", Some("Mới")),
            (5, json!({ "overwrite": true, "key": "external_id" }), counts(0, 0, 2, 0), "Lan Anh", Some("Mới")),
        ] {
            upload(&mut admin, n, file).await;
            let check = go(&world, &mut admin, n, "check", plan.clone()).await;
            assert_eq!(check["counts"], expected, "{plan}");
            let done = go(&world, &mut admin, n, "run", plan.clone()).await;
            assert_eq!(done["counts"], expected, "{plan}");
            let all = people(&mut admin).await;
            let lan = all.iter().find(|one| one["phone"] == "84912345678").unwrap();
            assert_eq!((lan["display_name"].as_str(), lan["note"].as_str()), (Some(name), note), "{plan}");
        }
    }

    async fn a_bad_file_is_refused_with_its_place(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        for (file, reason, row, column) in [
            (&b""[..], "sheet_empty", json!(null), json!(null)),
            (b"name,phone\n", "sheet_header_only", json!(null), json!(null)),
            (b"phone,Phone\n1,2\n", "sheet_duplicate_header", json!(1), json!("B")),
            (b"name,phone\nLan,0912345678\nT\xEAn,0912345679\n", "sheet_wrong_encoding", json!(3), json!("name")),
        ] {
            let answer = upload(&mut admin, 9, file).await;
            let body = answer.json();
            assert_eq!(answer.status.as_u16(), 422, "{body}");
            let params = &body["params"];
            assert_eq!((&params["reason"], &params["row"], &params["column"]), (&json!(reason), &row, &column), "{body}");
        }
        assert_eq!(admin.read(IMPORTS).await["items"], json!([]));
        upload(&mut admin, 1, b"name,phone\nLan,0912345678\n").await;
        for (plan, field, reason) in [
            (json!({ "columns": ["name"] }), "columns", "wrong_length"),
            (json!({ "columns": ["name", null] }), "columns", "key_not_mapped"),
            (json!({ "columns": ["phone", "phone"] }), "columns/1", "twice"),
            (json!({ "columns": ["mood", "phone"] }), "columns/0", "unknown_field"),
        ] {
            let mut whole = json!({ "key": "phone", "policy": "both", "overwrite": false });
            whole["columns"] = plan["columns"].clone();
            let (status, body) = admin.post(&format!("{IMPORTS}/{}/run", id(1)), whole).await;
            let params = &body["params"];
            assert_eq!((status.as_u16(), &params["field"], &params["reason"]), (422, &field.into(), &reason.into()), "{body}");
        }
    }

    async fn another_worker_goes_on_and_no_row_comes_twice(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        let mut file = "name,phone\n".to_owned();
        for n in 0..20_000 {
            let bad = n % 100 == 99;
            writeln!(file, "Khách {n},{}", if bad { "sai".to_owned() } else { format!("09{n:08}") }).unwrap();
        }
        upload(&mut admin, 1, file.as_bytes()).await;
        let run = format!("{IMPORTS}/{}/run", id(1));
        let plan = json!({ "columns": ["name", "phone"], "key": "phone", "policy": "both", "overwrite": false });
        assert_eq!(admin.post(&run, plan).await.0.as_u16(), 200);
        let one = format!("{IMPORTS}/{}", id(1));
        // Two workers die, each with a batch done; nobody else takes it before their time is over.
        for so_far in [8_000, 16_000] {
            let dies = CustomerImportWork::new(world.state.customers().clone());
            assert_eq!(dies.run_batch(1).await.unwrap(), 1);
            drop(dies);
            let at = admin.read(&one).await["counts"].clone();
            assert_eq!(at["created"].as_u64().unwrap() + at["skipped"].as_u64().unwrap(), so_far);
            let next = CustomerImportWork::new(world.state.customers().clone());
            assert_eq!(next.run_batch(1).await.unwrap(), 0);
            world.clock.advance_ms(16_000);
        }
        // A member holds it meanwhile.
        assert_eq!(admin.patch(&one, json!({ "action": "pause" })).await.1["state"], "paused");
        work(&world).await;
        assert_eq!(admin.patch(&one, json!({ "action": "resume" })).await.1["state"], "running");
        work(&world).await;
        let done = admin.read(&one).await;
        assert_eq!((&done["state"], &done["counts"]), (&"done".into(), &counts(19_800, 0, 0, 200)));
        let (_, all) = admin.post("/api/customers/query", json!({ "limit": 0 })).await;
        assert_eq!(all["total"], 19_800, "{all}");
        let rows = report(&mut admin, 1).await;
        assert_eq!(rows.len(), 20_000);
        assert_eq!((rows[0].as_str(), rows[99].as_str()), ("2|Đã thêm|||", "101|Bỏ qua|Không phải số điện thoại|phone|"));
    }
}
