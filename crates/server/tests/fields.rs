//! Fields that a business makes: limits, packages, values, masks, variables, and how they end.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::http::Method;
use loa_channels::reconcile::DueWork;
use loa_channels::{CallError, PlatformAddress, PlatformValues, Profile, ProfileWork, Refusal};
use loa_customers::FieldWork;
use loa_kernel::{Clock, Role};
use loa_store::channels::{self, ChannelPatch};
use loa_store::profiles;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};

fn id(n: u32) -> String {
    format!("fld_01900000000070008000{n:012x}")
}

fn field(n: u32, key: &str, kind: &str) -> Value {
    let mut field = json!({ "id": id(n), "key": key, "label": key, "kind": kind, "privacy": "open" });
    if kind == "table" {
        field["keys"] = json!(["mã", "số tiền"]);
    }
    field
}

async fn make(browser: &mut Browser, field: Value) -> Value {
    let (status, made) = browser.post("/api/customers/fields", field).await;
    assert_eq!(status.as_u16(), 201, "{made}");
    made
}

fn reason(answer: &(axum::http::StatusCode, Value)) -> (u16, String) {
    let (status, body) = answer;
    let said = body["params"]["reason"].as_str().or(body["code"].as_str()).unwrap_or_default();
    (status.as_u16(), said.to_owned())
}

async fn package(world: &World, name: &str) {
    let tx = world.db.store.begin().await.unwrap();
    let patch = ChannelPatch { package_name: Some(Some(name.to_owned())), ..ChannelPatch::default() };
    channels::update(&tx, world.seed.workspace, world.seed.channel, &patch, world.seed.now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn count(browser: &mut Browser, filter: Value) -> Value {
    let (status, page) = browser.post("/api/customers/query", json!({ "filter": filter, "limit": 0 })).await;
    assert_eq!(status.as_u16(), 200, "{page}");
    page["total"].clone()
}

on_both_databases! {
    /// C-12, C-13: ten of a type, five tables, tables with Premium only, key and type for good.
    async fn limits_and_packages_are_kept(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        package(&world, "Gói Premium").await;
        for n in 0..10 {
            make(&mut admin, field(n, &format!("text_{n}"), "text")).await;
        }
        let eleventh = admin.post("/api/customers/fields", field(10, "text_10", "text")).await;
        assert_eq!(reason(&eleventh), (422, "too_many_fields".into()));
        assert_eq!(eleventh.1["params"]["max"], json!(10));
        make(&mut admin, field(10, "so", "number")).await;
        for n in 20..25 {
            make(&mut admin, field(n, &format!("bang_{n}"), "table")).await;
        }
        let sixth = admin.post("/api/customers/fields", field(25, "bang_25", "table")).await;
        assert_eq!((reason(&sixth), &sixth.1["params"]["max"]), ((422, "too_many_fields".into()), &json!(5)));

        // A field is made once, however often its request arrives.
        make(&mut admin, field(0, "text_0", "text")).await;
        assert_eq!(admin.read("/api/customers/fields").await["items"].as_array().unwrap().len(), 16);
        let other = admin.post("/api/customers/fields", field(0, "khac", "text")).await;
        assert_eq!(reason(&other), (409, "field_id".into()));

        for (wrong, said) in [
            (field(30, "TEXT_0", "boolean"), (409, "field_key")),
            (field(30, "phone", "boolean"), (409, "field_key")),
            (json!({ "id": id(30), "key": "x", "label": "TẼXT_0", "kind": "boolean", "privacy": "open" }), (409, "field_label")),
            (field(30, "1x", "boolean"), (422, "wrong_key")),
            (field(30, "tên", "boolean"), (422, "wrong_key")),
            (field(30, "x", "choice"), (422, "unknown_value")),
            (field(30, "x", "colour"), (400, "malformed_body")),
            (json!({ "id": id(30), "key": "x", "label": " ", "kind": "url", "privacy": "open" }), (422, "empty")),
            (json!({ "id": id(30), "key": "x", "label": "x", "kind": "url", "privacy": "open", "keys": ["a"] }), (422, "not_a_table")),
            (json!({ "id": id(30), "key": "x", "label": "x", "kind": "url", "privacy": "masked", "mask": { "style": "first", "count": 0 } }), (422, "out_of_range")),
        ] {
            let answer = admin.post("/api/customers/fields", wrong.clone()).await;
            assert_eq!(reason(&answer), (said.0, said.1.to_owned()), "{wrong}");
        }

        let path = format!("/api/customers/fields/{}", id(20));
        for (patch, said) in [
            (json!({ "kind": "text" }), "immutable"),
            (json!({ "key": "khac" }), "immutable"),
            (json!({ "keys": ["số tiền", "mã"] }), "immutable"),
            (json!({ "keys": ["mã"] }), "immutable"),
            (json!({ "keys": ["mã", "số tiền", "MÃ"] }), "doubled"),
            (json!({ "keys": ["mã", "số tiền", "a", "b", "c", "d"] }), "wrong_count"),
        ] {
            assert_eq!(reason(&admin.call(Method::PATCH, &path, Some(patch.clone())).await), (422, said.to_owned()), "{patch}");
        }
        let (_, grown) = admin.call(Method::PATCH, &path, Some(json!({ "keys": ["mã", "số tiền", "ngày"] }))).await;
        assert_eq!(grown["keys"], json!(["mã", "số tiền", "ngày"]));

        // "Nâng cao" has fields and no tables; "Cơ bản" has none; what there is stays.
        package(&world, "Nâng cao").await;
        admin.call(Method::DELETE, &format!("/api/customers/fields/{}", id(24)), None).await;
        let table = admin.post("/api/customers/fields", field(40, "bang", "table")).await;
        assert_eq!((table.0.as_u16(), &table.1["code"], &table.1["params"]["capability"]),
            (409, &json!("package_required"), &json!("table_fields")));
        assert_eq!(reason(&admin.call(Method::PATCH, &path, Some(json!({ "keys": ["mã", "số tiền", "ngày", "x"] }))).await).0, 409);
        make(&mut admin, field(41, "co", "boolean")).await;
        package(&world, "Cơ bản").await;
        let none = admin.post("/api/customers/fields", field(42, "co_2", "boolean")).await;
        assert_eq!(none.1["params"]["capability"], json!("custom_fields"));
        assert_eq!(admin.read("/api/customers/fields").await["items"].as_array().unwrap().len(), 16);
        assert_eq!(manager.read("/api/customers/capabilities").await["custom_fields"], json!(false));

        // An administrator says what a package with a new name has.
        package(&world, "Gói Tăng Tốc 2027").await;
        assert_eq!(manager.read("/api/customers/capabilities").await["table_fields"], Value::Null);
        let path = "/api/customers/packages/G%C3%B3i%20T%C4%83ng%20T%E1%BB%91c%202027";
        let said = json!({ "custom_fields": true, "table_fields": false });
        let (status, list) = admin.call(Method::PUT, path, Some(said)).await;
        assert_eq!(status.as_u16(), 200, "{list}");
        assert_eq!((&list["items"][0]["name"], &list["items"][0]["said_here"]), (&json!("Gói Tăng Tốc 2027"), &json!(true)));
        assert_eq!(reason(&admin.post("/api/customers/fields", field(43, "bang", "table")).await).0, 409);
        let silly = json!({ "custom_fields": false, "table_fields": true });
        assert_eq!(reason(&admin.call(Method::PUT, path, Some(silly)).await), (422, "needs_custom_fields".into()));
        admin.call(Method::DELETE, path, None).await;
        make(&mut admin, field(43, "bang", "table")).await;
    }

    /// C-07, C-14: values are read, compared and kept; a field that is gone takes its values along.
    async fn values_are_filled_in_and_asked_about(db: TestDb) {
        let world = World::new(db).await;
        let now = world.seed.now;
        let mut admin = world.browser("admin").await;
        let (one, _) = world.thread(&world.seed, "u1", "Đào", now).await;
        world.thread(&world.seed, "u2", "Lan", now).await;
        make(&mut admin, field(1, "diem", "number")).await;
        make(&mut admin, field(2, "hang", "text")).await;
        make(&mut admin, field(3, "don", "table")).await;
        make(&mut admin, field(4, "ngay", "datetime")).await;
        let at_least = json!({ "field": id(1), "op": "ge", "value": 1000 });
        assert_eq!(count(&mut admin, at_least.clone()).await, json!(0));

        let path = format!("/api/customers/{one}");
        let fill = |fields: Value| json!({ "fields": fields });
        let (status, view) = admin.patch(&path, fill(json!({
            id(1): "1000.5", id(2): " Hạng Vàng ", id(3): { "mã": "ĐH1", "số tiền": 5 }, id(4): "25/11/2026",
            "gender": "Nữ", "birthday": "1995-10-20", "address": "12 Lê Lợi, Sài Gòn"
        }))).await;
        assert_eq!(status.as_u16(), 200, "{view}");
        let known = json!({
            id(1): 1000.5, id(2): "Hạng Vàng", id(3): { "mã": "ĐH1", "số tiền": "5" }, id(4): 1_795_539_600_000_i64,
            "gender": "female", "birthday": 814_122_000_000_i64, "address": "12 Lê Lợi, Sài Gòn"
        });
        assert_eq!(view["fields"], known);
        assert_eq!(admin.read(&path).await["fields"], known);

        // The empty one is not at least anything; every kind can be asked about.
        for (filter, total) in [
            (at_least.clone(), 1),
            (json!({ "field": id(1), "op": "empty" }), 1),
            (json!({ "field": id(2), "op": "contains", "value": "vang" }), 1),
            (json!({ "field": id(3), "op": "row_is", "value": { "key": "mã", "value": "đh1" } }), 1),
            (json!({ "field": id(4), "op": "on", "value": "2026-11-25" }), 1),
            (json!({ "field": "gender", "op": "is", "value": "female" }), 1),
            (json!({ "field": "birthday", "op": "day_month", "value": "10-20" }), 1),
            (json!({ "field": "address", "op": "contains", "value": "sai gon" }), 1),
        ] {
            assert_eq!(count(&mut admin, filter.clone()).await, json!(total), "{filter}");
        }
        assert_eq!(admin.read(&format!("/api/customers/fields/{}/usage", id(1))).await["customers"], json!(1));

        // One wrong value, and nothing is changed.
        for (fields, place, said) in [
            (json!({ id(1): "nhiều", id(2): "Bạc" }), format!("fields/{}", id(1)), "not_a_number"),
            (json!({ id(1): 1.2345 }), format!("fields/{}", id(1)), "not_a_number"),
            (json!({ id(2): "ả".repeat(256) }), format!("fields/{}", id(2)), "too_long"),
            (json!({ id(3): { "lạ": "x" } }), format!("fields/{}", id(3)), "unknown_key"),
            (json!({ id(4): "31/02/2026" }), format!("fields/{}", id(4)), "not_a_date"),
            (json!({ "gender": "x" }), "fields/gender".into(), "unknown_option"),
            (json!({ id(9): "x" }), format!("fields/{}", id(9)), "unknown_field"),
            (json!({ "labels": "x" }), "fields/labels".into(), "unknown_field"),
        ] {
            let answer = admin.patch(&path, fill(fields.clone())).await;
            assert_eq!((reason(&answer), &answer.1["params"]["field"]), ((422, said.to_owned()), &json!(place)), "{fields}");
        }
        assert_eq!(admin.read(&path).await["fields"], known);

        // Emptied with null or blank.
        let (_, view) = admin.patch(&path, fill(json!({ id(1): null, id(2): " " }))).await;
        assert_eq!((view["fields"].get(id(1)), view["fields"].get(id(2))), (None, None));
        assert_eq!(count(&mut admin, at_least).await, json!(0));

        // Gone at once, and taken from everybody in the background.
        admin.patch(&path, fill(json!({ id(2): "Hạng Bạc" }))).await;
        let (status, _) = admin.call(Method::DELETE, &format!("/api/customers/fields/{}", id(2)), None).await;
        assert_eq!(status.as_u16(), 204);
        assert_eq!(admin.read(&path).await["fields"].get(id(2)), None);
        let asked = admin.post("/api/customers/query", json!({ "filter": { "field": id(2), "op": "not_empty" } })).await;
        assert_eq!(reason(&asked), (422, "filter_unknown_field".into()));
        // Its name is free for another, which knows nothing.
        make(&mut admin, field(5, "hang", "text")).await;
        assert_eq!(admin.read(&path).await["fields"].get(id(5)), None);
        let work = FieldWork::new(world.db.store.clone(), world.clock.clone());
        assert_eq!(work.run_batch(1).await.unwrap(), 0, "whoever writes into it may not have ended");
        world.clock.advance_ms(61_000);
        for _ in 0..2 {
            assert_eq!(work.run_batch(1).await.unwrap(), 1);
        }
        assert_eq!(work.run_batch(1).await.unwrap(), 0);
        assert_eq!(admin.read(&path).await["fields"][id(3)], json!({ "mã": "ĐH1", "số tiền": "5" }));
    }

    async fn who_may_not_see_a_value_gets_dots(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "agent", Role::Agent).await;
        let (mut admin, mut agent) = (world.browser("admin").await, world.browser("agent").await);
        let (customer, thread) = world.thread(&world.seed, "u1", "Đào", world.seed.now).await;
        let with = |n: u32, key: &str, kind: &str, privacy: &str, mask: Value| {
            json!({ "id": id(n), "key": key, "label": key, "kind": kind, "privacy": privacy, "mask": mask })
        };
        make(&mut admin, with(1, "cccd", "text", "masked", json!({ "style": "after", "skip": 3, "count": 6 }))).await;
        make(&mut admin, with(2, "no", "number", "masked", json!({ "style": "all" }))).await;
        make(&mut admin, with(3, "benh", "text", "hidden", json!({ "style": "all" }))).await;
        make(&mut admin, field(4, "hang", "text")).await;
        let path = format!("/api/customers/{customer}");
        let filled = json!({ id(1): "079123456789", id(2): 5000, id(3): "Tiểu đường", id(4): "Vàng" });
        let (_, view) = admin.patch(&path, json!({ "fields": filled })).await;
        assert_eq!(view["fields"], filled);

        let seen = json!({ id(1): "079••••••789", id(2): "•••••", id(4): "Vàng" });
        assert_eq!(agent.read(&path).await["fields"], seen);
        let listed = agent.read("/api/customers/fields").await;
        let keys: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap()).collect();
        assert_eq!(keys, ["cccd", "no", "hang"]);
        // Writing a new value is allowed, writing the dots is not, and what is hidden is not there.
        for (fields, said) in [
            (json!({ id(1): "079••••••789" }), (422, "masked_value")),
            (json!({ id(3): "x" }), (422, "unknown_field")),
            (json!({ id(4): "Bạc" }), (200, "")),
        ] {
            assert_eq!(reason(&agent.patch(&path, json!({ "fields": fields })).await), (said.0, said.1.to_owned()), "{fields}");
        }
        assert_eq!(admin.read(&path).await["fields"][id(1)], json!("079123456789"));

        // A message is filled with what its writer sees whole.
        let text = "Hạng {{customer.field.hang}}, CCCD {{customer.field.cccd|?}}, chào {{customer.salutation|anh/chị}}";
        let reply = json!({ "shortcut": "hang", "text": text, "personal": false });
        let (status, body) = admin.post("/api/canned-replies", reply).await;
        assert_eq!(status.as_u16(), 201, "{body}");
        let unknown = json!({ "shortcut": "x", "text": "{{customer.field.khong_co}}", "personal": false });
        let refused = admin.post("/api/canned-replies", unknown).await;
        assert_eq!((reason(&refused), &refused.1["params"]["variable"]),
            ((422, "unknown_variable".into()), &json!("customer.field.khong_co")));
        let fill = format!("/api/conversations/{thread}/canned-replies");
        let text_of = |answer: Value| answer["items"][0]["text"].as_str().unwrap().to_owned();
        assert_eq!(text_of(agent.read(&fill).await), "Hạng Bạc, CCCD ?, chào anh/chị");
        admin.patch(&path, json!({ "fields": { "gender": "Nam" } })).await;
        assert_eq!(text_of(admin.read(&fill).await), "Hạng Bạc, CCCD 079123456789, chào anh");
        // The box of the field is open to nobody who could not read it: not by a filter either.
        world.member(&world.seed, "manager", Role::Manager).await;
        let mut manager = world.browser("manager").await;
        assert_eq!(count(&mut manager, json!({ "field": id(1), "op": "starts_with", "value": "079" })).await, json!(1));
    }

    /// The newest statement about a field wins: what the platform says again is no news.
    async fn what_the_platform_tells_fills_in_and_never_undoes(db: TestDb) {
        let world = World::new(db).await;
        world.connect().await;
        let mut admin = world.browser("admin").await;
        let (customer, _) = world.thread(&world.seed, "u1", "Đào", world.seed.now).await;
        make(&mut admin, field(1, "isVip_boolean", "boolean")).await;
        make(&mut admin, field(2, "points_number", "number")).await;
        let path = format!("/api/customers/{customer}");
        admin.patch(&path, json!({ "fields": { id(2): 7 } })).await;
        let read = async || {
            let tx = world.db.store.begin().await.unwrap();
            let (ws, channel) = (world.seed.workspace, world.seed.channel);
            assert!(profiles::mark_due(&tx, ws, channel, "u1", world.clock.now()).await.unwrap());
            tx.commit().await.unwrap();
            ProfileWork(world.channels.clone()).run_batch(10).await.unwrap();
            world.clock.advance_ms(1000);
        };
        let tell = |custom: Value, gender: &str| {
            let values = PlatformValues {
                gender: Some(gender.into()),
                birthday: Some("1995-10-20".parse().unwrap()),
                address: Some(PlatformAddress {
                    line: Some("12 Lê Lợi".into()),
                    city: Some("Hồ Chí Minh".into()),
                    ward: None,
                }),
                custom: custom.as_object().cloned(),
                ..PlatformValues::default()
            };
            world.platform.script().values.insert("u1".into(), values);
        };
        world.platform.script().profile = Ok(Profile::default());
        tell(json!({ "isVip_boolean": "true", "points_number": "2500", "laSo": "x" }), "female");
        read().await;
        // What is empty is filled; what a member has typed before the platform was heard stays.
        let first = json!({ id(1): true, id(2): 7, "gender": "female", "birthday": 814_122_000_000_i64, "address": "12 Lê Lợi, Hồ Chí Minh" });
        assert_eq!(admin.read(&path).await["fields"], first);
        assert_eq!(count(&mut admin, json!({ "field": id(1), "op": "is", "value": true })).await, json!(1));

        // A member corrects it; the platform says the same as before, which is no news.
        admin.patch(&path, json!({ "fields": { "gender": "Nam", id(1): null } })).await;
        read().await;
        let fields = admin.read(&path).await["fields"].clone();
        assert_eq!((&fields["gender"], fields.get(id(1))), (&json!("male"), None));
        // It has changed there since: that is newer. What does not fit the field is left out.
        tell(json!({ "isVip_boolean": "có thể", "points_number": "3000.5" }), "other");
        read().await;
        let fields = admin.read(&path).await["fields"].clone();
        assert_eq!((&fields["gender"], fields.get(id(1)), &fields[id(2)]), (&json!("other"), None, &json!(3000.5)));

        // An account that may not ask for values still has profiles.
        let refused = CallError::Rejected { code: -223, message: "no permission".into(), refusal: Refusal::Parameter };
        world.platform.script().people_faults.push_back(refused);
        world.platform.script().profile = Ok(Profile { phone: Some("0912345678".into()), ..Profile::default() });
        read().await;
        assert_eq!(admin.read(&path).await["phone"], json!("84912345678"));
        assert_eq!(admin.read(&path).await["fields"]["gender"], json!("other"));
    }
}
