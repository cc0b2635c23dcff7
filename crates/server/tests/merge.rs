//! Two customers made one, and two again: by hand, at random, by several at once, and with an event that comes in between.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use loa_channels::{Author, Inbound, InboundKind, InboundMessage, MessageKind};
use loa_intake::fold::{Event, fold, wanted};
use loa_kernel::{CustomerId, Role, SeededRandom};
use loa_rulebook::Library;
use loa_store::customers::events::{self, EventKind};
use loa_store::{audit, intake};
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};
use tokio_util::bytes::Bytes;

const DAY: i64 = 24 * 3_600;

fn merge_id(n: u64) -> String {
    format!("mrg_{n:032x}")
}

async fn people(world: &World, n: usize) -> Vec<CustomerId> {
    let at = world.seed.now.plus_ms(-60_000);
    let people: Vec<_> = (0..n).map(|i| (format!("u{i}"), format!("Khách {i}"), at)).collect();
    world.threads(&world.seed, &people).await.into_iter().map(|(customer, _)| customer).collect()
}

async fn merge(
    browser: &mut Browser,
    n: u64,
    into: CustomerId,
    other: CustomerId,
    take: &[&str],
) -> (u16, Value) {
    let body = json!({ "id": merge_id(n), "other": other, "take": take });
    let (status, answer) = browser.post(&format!("/api/customers/{into}/merge"), body).await;
    (status.as_u16(), answer)
}

async fn undo(browser: &mut Browser, n: u64) -> (u16, Value) {
    let (status, answer) =
        browser.post(&format!("/api/customers/merges/{}/undo", merge_id(n)), json!({})).await;
    (status.as_u16(), answer)
}

async fn customer(browser: &mut Browser, id: CustomerId) -> Value {
    browser.read(&format!("/api/customers/{id}")).await
}

async fn total(browser: &mut Browser) -> Value {
    browser.post("/api/customers/query", json!({ "filter": { "all": [] }, "limit": 0 })).await.1["total"]
        .clone()
}

async fn label(browser: &mut Browser, name: &str, kind: &str) -> String {
    let (status, made) =
        browser.post("/api/labels", json!({ "name": name, "colour": "teal", "kind": kind })).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

fn texts(list: &Value) -> BTreeSet<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn two_are_one_and_two_again(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let ids = people(&world, 3).await;
        let (lan, other) = (ids[0], ids[1]);
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        let field = "fld_0190000000007000800000000000000a";
        let second = "fld_0190000000007000800000000000000b";
        for (id, key) in [(field, "rank"), (second, "city")] {
            let body = json!({ "id": id, "key": key, "label": key, "kind": "text", "privacy": "open" });
            assert_eq!(admin.post("/api/customers/fields", body).await.0, 201);
        }
        let vip = label(&mut admin, "Khách VIP", "normal").await;
        let (asked, paid) = (label(&mut admin, "Đã hỏi", "process").await, label(&mut admin, "Đã trả", "process").await);
        for (id, labels) in [(lan, json!([asked])), (other, json!([vip, paid]))] {
            assert_eq!(admin.patch(&format!("/api/customers/{id}/labels"), json!({ "put": labels })).await.0, 200);
        }
        for (id, body) in [
            (lan, json!({ "phone": "0912345678", "note": "Thích màu xanh", "fields": { field: "Vàng" } })),
            (other, json!({ "phone": "0987654321", "note": "Ở Huế", "fields": { field: "Bạc", second: "Huế" } })),
        ] {
            let (status, answer) = admin.patch(&format!("/api/customers/{id}"), body).await;
            assert_eq!(status, 200, "{answer}");
        }
        let before = (customer(&mut admin, lan).await, customer(&mut admin, other).await);
        assert_eq!(total(&mut admin).await, json!(3));

        // What is wrong changes nothing.
        for (into, of, take, status, reason) in [
            (lan, lan, "note", 422, "same_customer"),
            (lan, other, "shoe_size", 422, "unknown_field"),
        ] {
            let (answered, problem) = merge(&mut manager, 1, into, of, &[take]).await;
            assert_eq!((answered, &problem["params"]["reason"]), (status, &json!(reason)));
        }
        let nobody = CustomerId(loa_kernel::MergeId::derived(world.seed.now, &[]).0);
        assert_eq!(merge(&mut manager, 1, lan, nobody, &[]).await.0, 404);
        assert_eq!(merge(&mut manager, 1, nobody, lan, &[]).await.0, 404);
        assert_eq!((customer(&mut admin, lan).await, customer(&mut admin, other).await), before);

        let seq = world.last_seq().await;
        let (status, answer) = merge(&mut manager, 1, lan, other, &[field, "display_name"]).await;
        assert_eq!(status, 200, "{answer}");
        let one = &answer["customer"];
        assert_eq!((&one["id"], &one["display_name"], &one["phone"]), (&json!(lan), &json!("Khách 1"), &json!("84912345678")));
        assert_eq!(one["contacts"][0]["value"], json!("84987654321"));
        assert_eq!(one["note"], json!("Thích màu xanh\n\nỞ Huế"));
        assert_eq!(one["fields"], json!({ field: "Bạc", second: "Huế" }));
        assert_eq!(one["identities"].as_array().unwrap().len(), 2);
        assert_eq!(texts(&one["label_ids"]), BTreeSet::from([asked.clone(), vip.clone()]), "one step of the process: the survivor's");
        assert_eq!(customer(&mut admin, other).await, *one, "the old id leads to them");
        assert_eq!(total(&mut admin).await, json!(2), "the list follows");
        let threads = admin.read("/api/conversations?filter=all").await;
        let named = |t: &&Value| t["customer"]["id"] == json!(lan);
        assert_eq!(threads["items"].as_array().unwrap().iter().filter(named).count(), 2, "{threads}");
        assert!(world.last_seq().await > seq);

        // The same again is the same; the id stands for nothing else.
        let seq = world.last_seq().await;
        assert_eq!(merge(&mut manager, 1, lan, other, &[]).await, (200, answer.clone()));
        let (status, problem) = merge(&mut manager, 1, lan, ids[2], &[]).await;
        assert_eq!((status, &problem["params"]["reason"]), (409, &json!("merge_id_taken")));
        assert_eq!(world.last_seq().await, seq);
        let listed = manager.read(&format!("/api/customers/{lan}/merges")).await;
        assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["other_name"]), (&json!(merge_id(1)), &json!("Khách 1")));

        // What somebody changed since stays, and is named.
        let patch = json!({ "note": "Mới", "fields": { second: "Đà Nẵng" } });
        assert_eq!(admin.patch(&format!("/api/customers/{lan}"), patch).await.0, 200);
        let (status, parted) = undo(&mut manager, 1).await;
        assert_eq!(status, 200, "{parted}");
        assert_eq!(texts(&parted["kept"]), BTreeSet::from(["note".to_owned(), second.to_owned()]));
        assert_eq!(parted["other"], before.1, "the other one has everything again");
        let mut want = before.0.clone();
        want["note"] = json!("Mới");
        want["fields"][second] = json!("Đà Nẵng");
        assert_eq!(parted["customer"], want);
        assert_eq!(undo(&mut manager, 1).await.1["kept"], parted["kept"], "again is the same");
        assert_eq!(total(&mut admin).await, json!(3));
        let kinds = |of| {
            let db = world.db.store.reader();
            let ws = world.seed.workspace;
            async move { events::list(db, ws, of, None, 10).await.unwrap().into_iter().map(|e| e.kind).collect::<Vec<_>>() }
        };
        use EventKind::{FieldsChanged, MergeUndone, Merged};
        assert_eq!(kinds(other).await, [MergeUndone, FieldsChanged]);
        assert_eq!(kinds(lan).await.into_iter().filter(|k| [Merged, MergeUndone].contains(k)).count(), 2);
        let log = audit::list(world.db.store.reader(), world.seed.workspace, None, 100).await.unwrap();
        let merges = log.items.iter().filter(|e| e.action.starts_with("customer.merge")).count();
        assert_eq!(merges, 2);
    }

    async fn a_merge_is_undone_for_thirty_days_and_the_last_one_first(db: TestDb) {
        let world = World::new(db).await;
        let ids = people(&world, 4).await;
        let mut admin = world.browser("admin").await;
        for (n, into, other) in [(1, 0, 1), (2, 0, 2), (3, 3, 0)] {
            assert_eq!(merge(&mut admin, n, ids[into], ids[other], &[]).await.0, 200);
        }
        for id in &ids {
            assert_eq!(customer(&mut admin, *id).await["id"], json!(ids[3]), "every id leads to the last one");
        }
        let first = |later: u64| json!({ "reason": "undo_later_first", "merge": merge_id(later) });
        for (n, later) in [(1, 3), (2, 3)] {
            let (status, problem) = undo(&mut admin, n).await;
            assert_eq!((status, &problem["params"]), (409, &first(later)));
        }
        assert_eq!(undo(&mut admin, 3).await.0, 200);
        assert_eq!(undo(&mut admin, 1).await.1["params"], first(2));
        world.clock.set(world.seed.now.plus_secs(30 * DAY));
        let mut admin = world.browser("admin").await;
        assert_eq!(undo(&mut admin, 2).await.0, 200, "in the last instant");
        world.clock.set(world.seed.now.plus_secs(30 * DAY + 1));
        let (status, problem) = undo(&mut admin, 1).await;
        assert_eq!((status, &problem["params"]["reason"]), (409, &json!("undo_expired")));
        assert_eq!(customer(&mut admin, ids[1]).await["id"], json!(ids[0]), "and they stay one");
    }

    async fn an_event_for_the_merged_address_lands_on_the_survivor(db: TestDb) {
        let world = World::new(db).await;
        let ids = people(&world, 2).await;
        let mut admin = world.browser("admin").await;
        assert_eq!(merge(&mut admin, 1, ids[0], ids[1], &[]).await.0, 200);
        let now = world.clock_now();
        let message = InboundMessage {
            platform_id: "m1".into(),
            kind: MessageKind::Text,
            text: Some("Còn hàng không?".into()),
            attachments: Vec::new(),
            quoted_platform_id: None,
            author: Author::Customer,
        };
        let events = [Event {
            workspace: world.seed.workspace,
            channel: world.seed.channel,
            key: "m1".into(),
            received_at: now,
            body: Bytes::new(),
            said: Ok(Inbound {
                kind: InboundKind::Message(message),
                external_account: "oa-1".into(),
                external_user: Some("u1".into()),
                app_user_id: None,
                occurred_at: now,
                dedupe_key: "m1".into(),
            }),
        }];
        let tx = world.db.store.begin().await.unwrap();
        let slice = intake::load(&tx, &wanted(&events)).await.unwrap();
        let batch = fold(&events, slice, &Library::embedded(), now);
        assert!(batch.new_customers.is_empty() && batch.new_identities.is_empty());
        intake::apply(&tx, batch, now).await.unwrap();
        tx.commit().await.unwrap();
        let threads = admin.read("/api/conversations?filter=all").await;
        let thread = threads["items"].as_array().unwrap().iter().find(|t| t["last_preview"] == json!("Còn hàng không?"));
        assert_eq!(thread.unwrap()["customer"]["id"], json!(ids[0]), "{threads}");
        // It goes with the address when they part.
        assert_eq!(undo(&mut admin, 1).await.0, 200);
        let threads = admin.read("/api/conversations?filter=all").await;
        let thread = threads["items"].as_array().unwrap().iter().find(|t| t["last_preview"] == json!("Còn hàng không?"));
        assert_eq!(thread.unwrap()["customer"]["id"], json!(ids[1]));
    }

    async fn overlapping_merges_at_once_lose_nobody(db: TestDb) {
        let world = World::new(db).await;
        let ids = people(&world, 6).await;
        let admin = world.browser("admin").await;
        let mut running = Vec::new();
        for n in 0..24u64 {
            let (into, other) = (ids[(n % 6) as usize], ids[((n * 5 + 1) % 6) as usize]);
            let mut browser = admin.clone();
            running.push(tokio::spawn(async move { merge(&mut browser, n + 1, into, other, &[]).await }));
        }
        for one in running {
            let (status, answer) = one.await.unwrap();
            assert!([200, 404, 422].contains(&status), "neither a deadlock nor a fault: {status} {answer}");
        }
        let mut admin = admin;
        let mut addresses = BTreeMap::new();
        for id in &ids {
            let one = customer(&mut admin, *id).await;
            let theirs: BTreeSet<String> =
                one["identities"].as_array().unwrap().iter().map(|i| i["external_id"].as_str().unwrap().to_owned()).collect();
            addresses.insert(one["id"].as_str().unwrap().to_owned(), theirs);
        }
        let all: Vec<String> = addresses.into_values().flatten().collect();
        assert_eq!(all.len(), 6, "each address once: {all:?}");
    }

    async fn random_merges_and_undos_lose_nothing(db: TestDb) {
        let world = World::new(db).await;
        let ids = people(&world, 5).await;
        let mut admin = world.browser("admin").await;
        let mut labels = Vec::new();
        for n in 0..4 {
            let kind = if n < 2 { "normal" } else { "process" };
            labels.push(label(&mut admin, &format!("Nhãn {n}"), kind).await);
        }
        let random = SeededRandom::new(7);
        let pick = |n: usize| random.below(n as u64) as usize;
        for (n, id) in ids.iter().enumerate() {
            let put = json!({ "put": [labels[pick(2)], labels[2 + pick(2)]] });
            assert_eq!(admin.patch(&format!("/api/customers/{id}/labels"), put).await.0, 200);
            let phone = if pick(2) == 0 { String::new() } else { format!("09123456{n}0") };
            let patch = json!({ "phone": phone, "note": format!("Ghi chú {n}") });
            assert_eq!(admin.patch(&format!("/api/customers/{id}"), patch).await.0, 200);
        }
        // The model: who is there, as they are; and what everybody was before each merge that stands.
        let mut standing: Vec<(u64, CustomerId, CustomerId, Value, Value)> = Vec::new();
        let mut alive: Vec<CustomerId> = ids.clone();
        for n in 1..60u64 {
            world.clock.advance_ms(1_000);
            if alive.len() > 1 && (standing.is_empty() || pick(2) == 0) {
                let into = alive[pick(alive.len())];
                let other = alive[pick(alive.len())];
                let (a, b) = (customer(&mut admin, into).await, customer(&mut admin, other).await);
                let (status, answer) = merge(&mut admin, n, into, other, &["phone"][..pick(2)]).await;
                if into == other {
                    assert_eq!(status, 422);
                    continue;
                }
                assert_eq!(status, 200, "{answer}");
                alive.retain(|id| *id != other);
                for one in [&a, &b] {
                    let known = answer["customer"].to_string();
                    for kept in [&one["phone"], &one["note"]].into_iter().filter_map(Value::as_str) {
                        for line in kept.split("\n\n") {
                            assert!(known.contains(line), "{line} is lost: {known}");
                        }
                    }
                }
                standing.push((n, into, other, a, b));
            } else {
                let (n, into, other, a, b) = standing.pop().unwrap();
                let (status, answer) = undo(&mut admin, n).await;
                assert_eq!(status, 200, "{answer}");
                assert_eq!((&answer["customer"], &answer["other"], &answer["kept"]), (&a, &b, &json!([])), "undone exactly");
                assert_eq!((&answer["merge"]["survivor_id"], &answer["merge"]["other_id"]), (&json!(into), &json!(other)));
                alive.push(other);
            }
            let mut addresses: Vec<String> = Vec::new();
            for id in &alive {
                let one = customer(&mut admin, *id).await;
                assert_eq!(one["id"], json!(id));
                addresses.extend(one["identities"].as_array().unwrap().iter().map(|i| i["id"].as_str().unwrap().to_owned()));
            }
            addresses.sort_unstable();
            addresses.dedup();
            assert_eq!(addresses.len(), ids.len());
            for id in &ids {
                let at = customer(&mut admin, *id).await["id"].clone();
                assert!(alive.iter().any(|id| json!(id) == at), "every id answers");
            }
            assert_eq!(total(&mut admin).await, json!(alive.len()));
        }
    }
}
