//! Threads, messages, drafts, files and customers over the API.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use loa_kernel::{Role, SeededRandom, Timestamp};
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World, ids};

/// All ids of a list, page by page.
async fn walk(browser: &mut Browser, path: &str, cursor: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let at = next.map(|next| format!("&{cursor}={next}")).unwrap_or_default();
        let page = browser.read(&format!("{path}limit={limit}{at}")).await;
        let found = ids(&page);
        assert!(found.len() <= limit);
        all.extend(found);
        match page["next"].as_str() {
            Some(text) => next = Some(text.to_owned()),
            None => return all,
        }
    }
}

on_both_databases! {
    /// Whatever the page size: each thread once, in order, and each list holds exactly its threads.
    async fn lists_are_complete_and_ordered(db: TestDb) {
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let mut admin = world.browser("admin").await;
        let random = SeededRandom::new(7);
        // Many equal times, so that order depends on ids too.
        let people: Vec<_> = (0..60)
            .map(|i| (format!("u{i}"), format!("Khách {i}"), Timestamp(1_000_000 + random.below(8) as i64)))
            .collect();
        let made = world.threads(&world.seed, &people).await;
        let mut expected: Vec<(Timestamp, String, usize)> =
            made.iter().zip(&people).enumerate().map(|(i, ((_, c), p))| (p.2, c.to_string(), i)).collect();
        expected.sort();
        expected.reverse();
        for (i, (_, conversation)) in made.iter().enumerate() {
            let path = format!("/api/conversations/{conversation}");
            let patch = match i % 5 {
                0 => json!({ "status": "closed" }),
                1 => json!({ "assignee_id": lan }),
                2 => json!({ "status": "pending" }),
                3 => json!({ "status": "snoozed", "assignee_id": lan }),
                _ => continue,
            };
            assert_eq!(admin.patch(&path, patch).await.0, StatusCode::OK);
            if i % 3 == 0 {
                assert_eq!(admin.post(&format!("{path}/read"), json!({})).await.1["unread_count"], 0);
            }
        }
        let mut agent = world.browser("lan").await;
        let is = |i: usize, filter: &str| match filter {
            "all" => matches!(i % 5, 1 | 2 | 4),
            "mine" => i % 5 == 1,
            "pending" => i % 5 == 2,
            "snoozed" => i % 5 == 3,
            "unassigned" => i % 5 == 2 || i % 5 == 4,
            "unread" => matches!((i % 5, i % 3), (4, _) | (1 | 2, 1 | 2)),
            _ => matches!(i % 5, 0),
        };
        let counts = agent.read("/api/conversations/counts").await;
        for filter in ["all", "mine", "unassigned", "unread", "pending", "snoozed", "closed"] {
            let wanted: Vec<String> =
                expected.iter().filter(|(_, _, i)| is(*i, filter)).map(|(_, id, _)| id.clone()).collect();
            for limit in [1, 7, 100] {
                let path = format!("/api/conversations?filter={filter}&");
                assert_eq!(walk(&mut agent, &path, "cursor", limit).await, wanted, "{filter} by {limit}");
            }
            assert_eq!(counts[filter], wanted.len(), "{filter}");
        }
        let other = format!("/api/conversations?channel=ch_{:032x}", 1);
        assert!(ids(&agent.read(&other).await).is_empty());
        let mine = format!("/api/conversations?filter=closed&channel={}", world.seed.channel);
        assert_eq!(ids(&agent.read(&mine).await).len(), 12);
        for (query, code) in [("cursor=zz", "bad_cursor"), ("filter=some", "invalid_field"), ("limit=x", "invalid_field"), ("channel=1", "invalid_field")] {
            assert_eq!(agent.get(&format!("/api/conversations?{query}")).await.1["code"], code, "{query}");
        }
    }

    /// By name without diacritics; by phone number for those who see it, by the whole number for the others.
    async fn people_are_found_and_masked(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let at = world.seed.now;
        let (dao, thread) = world.thread(&world.seed, "u1", "Nguyễn Thị Hồng Đào", at).await;
        world.thread(&world.seed, "u2", "Trần 100%_an", at).await;
        let mut admin = world.browser("admin").await;
        let mut agent = world.browser("lan").await;
        let path = format!("/api/customers/{dao}");
        let (status, body) = agent.patch(&path, json!({ "phone": "0912 345 678", "note": "thích trà" })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        assert_eq!((&body["phone"], &body["note"]), (&json!("••• ••• 678"), &json!("thích trà")));
        assert_eq!(admin.read(&path).await["phone"], "84912345678");
        assert_eq!(agent.patch(&path, json!({ "phone": "••• ••• 678" })).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        let thread = thread.to_string();
        world.index().await;
        for (q, by_admin, by_agent) in [
            ("hong%20dao", 1, 1),
            ("dao%20nguy", 1, 1),
            ("%C4%90%C3%80O", 1, 1),
            ("345%20678", 1, 0),
            ("0912345678", 1, 1),
            ("%2B84912345678", 1, 1),
            ("100%25_", 1, 1),
            ("an", 1, 1),
            ("%25", 0, 0),
            ("ong", 0, 0),
            ("khong", 0, 0),
        ] {
            for (browser, number, who) in [(&mut admin, by_admin, "admin"), (&mut agent, by_agent, "agent")] {
                let people = browser.read(&format!("/api/customers?q={q}")).await;
                assert_eq!(ids(&people).len(), number, "{who}: {q}");
                let threads = browser.read(&format!("/api/conversations?q={q}")).await;
                assert_eq!(ids(&threads).len(), number, "{who}: {q}");
            }
        }
        assert_eq!(ids(&admin.read("/api/conversations?q=dao").await), std::slice::from_ref(&thread));
        let text = agent.read("/api/customers?limit=100").await.to_string();
        assert!(!text.contains("912345678"), "{text}");
        assert_eq!(walk(&mut agent, "/api/customers?", "cursor", 1).await.len(), 2);
        // A new name stands in the thread as well.
        admin.patch(&path, json!({ "display_name": "Chị Đào" })).await;
        world.index().await;
        assert_eq!(ids(&admin.read("/api/conversations?q=nguyen").await).len(), 0);
        assert_eq!(ids(&admin.read("/api/conversations?q=chi").await), std::slice::from_ref(&thread));
        assert_eq!(admin.read(&format!("/api/conversations/{thread}")).await["customer"]["display_name"], "Chị Đào");
    }

    /// The counter of free replies follows the rule book and the clock.
    async fn free_replies_are_shown(db: TestDb) {
        let world = World::new(db).await;
        let (customer, thread) = world.thread(&world.seed, "u1", "Lan", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{thread}");
        let until = world.seed.now.plus_hours(48).as_ms();
        let open = json!({ "remain": 8, "total": 8, "until": until });
        assert_eq!(admin.read(&path).await["reply"], open);
        assert_eq!(admin.read(&format!("/api/customers/{customer}")).await["identities"][0]["reply"], open);
        world.clock.advance_ms(48 * 3_600_000);
        assert_eq!(admin.read(&path).await["reply"], open);
        world.clock.advance_ms(1);
        assert_eq!(admin.read(&path).await["reply"], Value::Null);
        assert_eq!(admin.read(&path).await["customer"]["display_name"], "Lan");
    }

    /// Newest first, each once, quotes resolved, whatever the page size.
    async fn threads_are_read_backwards(db: TestDb) {
        let world = World::new(db).await;
        let at = world.seed.now;
        let (_, thread) = world.thread(&world.seed, "u1", "Lan", at).await;
        let mut made = Vec::new();
        for i in 0..25_i64 {
            let quoted = (i > 0).then(|| format!("p{}", i - 1));
            let sent_at = at.plus_ms(i / 3);
            let id = world.message(&world.seed, thread, &format!("p{i}"), &format!("tin {i}"), quoted.as_deref(), sent_at).await;
            made.push((sent_at, id.to_string()));
        }
        made.sort();
        made.reverse();
        let wanted: Vec<String> = made.into_iter().map(|(_, id)| id).collect();
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{thread}/messages?");
        for limit in [1, 4, 100] {
            assert_eq!(walk(&mut admin, &path, "before", limit).await, wanted, "by {limit}");
        }
        let page = admin.read(&path).await;
        for item in page["items"].as_array().unwrap() {
            let n: i64 = item["text"].as_str().unwrap()[4..].parse().unwrap();
            if n > 0 {
                assert_eq!(item["quoted"]["text"], format!("tin {}", n - 1));
                assert_eq!(item["quoted"]["direction"], "in");
            } else {
                assert!(item.get("quoted").is_none());
            }
        }
        // A quote of what Loa never had is still a quote.
        world.message(&world.seed, thread, "p99", "?", Some("gone"), at.plus_ms(99)).await;
        let page = admin.read(&path).await;
        assert_eq!(page["items"][0]["quoted"], json!({ "platform_id": "gone" }));
    }

    /// Kept for each member apart, over sign-outs; an empty one is forgotten.
    async fn drafts_are_kept(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let (_, thread) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let path = format!("/api/conversations/{thread}/draft");
        let empty = json!({ "text": "", "attachments": [] });
        let mut lan = world.browser("lan").await;
        assert_eq!(lan.read(&path).await, empty);
        let file = lan.upload("giá.csv", "tên,giá\n".as_bytes()).await;
        assert_eq!(file.status, StatusCode::CREATED, "{}", file.json());
        let input = json!({ "text": "Dạ em\u{0} chào", "attachments": [file.json()] });
        let (status, kept) = lan.call(Method::PUT, &path, Some(input)).await;
        assert_eq!((status, &kept["text"]), (StatusCode::OK, &json!("Dạ em chào")));
        let (_, again) = lan.call(Method::PUT, &path, Some(json!({ "text": "Dạ", "attachments": [file.json()] }))).await;
        let mut lan_elsewhere = world.browser("lan").await;
        assert_eq!(lan_elsewhere.read(&path).await, again);
        assert_eq!(again["attachments"], json!([file.json()]));
        assert_eq!(world.browser("admin").await.read(&path).await, empty);
        for (input, code) in [
            (json!({ "text": "x".repeat(20_001) }), "text_too_long"),
            (json!({ "text": "x", "attachments": [{ "id": format!("fil_{:032x}", 5) }] }), "invalid_field"),
            (json!({ "text": 5 }), "malformed_body"),
        ] {
            assert_eq!(lan.call(Method::PUT, &path, Some(input)).await.1["code"], code);
        }
        assert_eq!(lan.read(&path).await, again);
        assert_eq!(lan.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(lan.read(&path).await, empty);
        lan.call(Method::PUT, &path, Some(json!({ "text": "Dạ" }))).await;
        lan.call(Method::PUT, &path, Some(json!({ "text": "" }))).await;
        assert_eq!(lan.read(&path).await, empty);
    }

    /// What is uploaded comes back as it was; what a browser could run never comes back inside a page.
    async fn files_are_what_their_bytes_are(db: TestDb) {
        let world = World::new(db).await;
        let mut admin = world.browser("admin").await;
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0".to_vec();
        png.extend([7; 5000]);
        let answer = admin.upload("../ảnh.exe", &png).await;
        assert_eq!(answer.status, StatusCode::CREATED);
        let file = answer.json();
        assert_eq!(
            (&file["name"], &file["media_type"], &file["size"], &file["width"], &file["height"]),
            (&json!("ảnh.exe"), &json!("image/png"), &json!(png.len()), &json!(640), &json!(480))
        );
        let get = |url: &str| Request::builder().uri(url).body(Body::empty()).unwrap();
        let url = file["url"].as_str().unwrap().to_owned();
        let back = admin.send(get(&url)).await;
        assert_eq!(back.body, png);
        assert_eq!(back.headers["content-type"], "image/png");
        assert!(back.headers["content-disposition"].to_str().unwrap().starts_with("inline"));
        assert!(back.headers["cache-control"].to_str().unwrap().starts_with("private"));
        assert!(back.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        assert_eq!(world.stranger().send(get(&url)).await.status, StatusCode::UNAUTHORIZED);
        let pdf = admin.upload("a.html", b"%PDF-1.7 <script>").await.json();
        let back = admin.send(get(pdf["url"].as_str().unwrap())).await;
        assert!(back.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        for (name, bytes, code) in [
            ("a.svg", &b"<svg onload=alert(1)>"[..], "unsupported_file"),
            ("a.html", b"<script>", "unsupported_file"),
            ("a.png", b"", "invalid_field"),
        ] {
            assert_eq!(admin.upload(name, bytes).await.json()["code"], code, "{name}");
        }
        let mut large = png.clone();
        large.resize(25 * 1024 * 1024, 0);
        assert_eq!(admin.upload("l.png", &large).await.status, StatusCode::CREATED);
        for more in [1, 1 << 20] {
            large.resize(25 * 1024 * 1024 + more, 0);
            let answer = admin.upload("l.png", &large).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (413, &json!("body_too_large")));
        }
    }

    /// Every id of another workspace is answered like one that does not exist, and no list shows it.
    async fn workspaces_do_not_see_each_other(db: TestDb) {
        let theirs = loa_testdb::Seed::another(&db.store, 2).await;
        let world = World::new(db).await;
        let their_member = world.member(&theirs, "khac", Role::Admin).await;
        let (customer, thread) = world.thread(&theirs, "u1", "Người khác", theirs.now).await;
        let message = world.message(&theirs, thread, "p1", "bí mật", None, theirs.now).await;
        let mut them = world.browser("khac").await;
        let note = json!({ "client_id": "0190a000-0000-7000-8000-000000000009", "text": "bí mật" });
        let note = them.post(&format!("/api/conversations/{thread}/notes"), note).await.1["id"].as_str().unwrap().to_owned();
        let file = them.upload("a.csv", b"bi,mat\n").await.json();
        assert_eq!(ids(&them.read("/api/conversations").await), [thread.to_string()]);
        let (ours, _) = world.thread(&world.seed, "u1", "Của ta", world.seed.now).await;

        // A notice of theirs: a colleague reports that their account has no money.
        let notice = {
            use loa_store::channels::{BillingState, set_billing};
            let tx = world.db.store.begin().await.unwrap();
            set_billing(&tx, theirs.workspace, theirs.channel, BillingState::OutOfMoney, theirs.now).await.unwrap();
            tx.commit().await.unwrap();
            world.member(&theirs, "sep", Role::Manager).await;
            let path = format!("/api/channels/{}/report", theirs.channel);
            assert_eq!(them.post(&path, json!({ "reason": "no_money" })).await.1["notified"], true);
            let mut boss = world.browser("sep").await;
            boss.read("/api/notifications").await["items"][0]["id"].as_str().unwrap().to_owned()
        };

        // A view of theirs, shared with all of them, and something they do to many threads.
        let (view, job) = (format!("viw_{:032}", 1), format!("blk_{:032}", 1));
        let new = json!({ "id": view, "name": "x", "shared": true, "criteria": { "statuses": ["open"] } });
        assert_eq!(them.post("/api/views", new).await.0, StatusCode::CREATED);
        let new = json!({ "id": job, "action": { "do": "read" }, "ids": [thread.to_string()] });
        assert_eq!(them.post("/api/bulk-jobs", new).await.0, StatusCode::ACCEPTED);
        let mut made = async |path: &str, body: Value| -> String {
            let (status, answer) = them.post(path, body).await;
            assert_eq!(status.as_u16(), 201, "{answer}");
            answer["id"].as_str().unwrap().to_owned()
        };
        let label = made("/api/labels", json!({ "name": "VIP", "colour": "red" })).await;
        let field = json!({ "id": format!("fld_{:032}", 1), "key": "x", "label": "x", "kind": "text", "privacy": "open" });
        let field = made("/api/customers/fields", field).await;
        let look = json!({ "columns": [{ "key": "name" }], "filter": { "all": [] } });
        let list = json!({ "id": format!("viw_{:032}", 2), "name": "x", "shared": true, "layout": look });
        let list = made("/api/customers/views", list).await;
        let reply = json!({ "shortcut": "x", "text": "x", "personal": false });
        let written = reply.clone();
        let reply = made("/api/canned-replies", reply).await;
        let does = json!({ "name": "x", "actions": [{ "kind": "unassign" }], "personal": false });
        let run = made("/api/macros", does.clone()).await;
        let start = json!({ "client_id": "0190a000-0000-7000-8000-000000000002", "conversation_id": thread });

        // A message of theirs that is to be sent later.
        let later = json!({ "client_id": "0190a000-0000-7000-8000-000000000002", "text": "x", "send_at": theirs.now.plus_ms(3_600_000) });
        let (status, later) = them.post(&format!("/api/conversations/{thread}/scheduled"), later).await;
        assert_eq!(status, StatusCode::CREATED, "{later}");
        let scheduled = later["id"].as_str().unwrap();

        // Two customers of theirs who were made one, and a file of customers.
        let (double, _) = world.thread(&theirs, "u2", "Người khác", theirs.now).await;
        let (merge, import) = (format!("mrg_{:032}", 2), format!("cim_{:032}", 1));
        let (status, merged) = them.post(&format!("/api/customers/{customer}/merge"), json!({ "id": merge, "other": double })).await;
        assert_eq!(status, StatusCode::OK, "{merged}");
        assert_eq!(them.upload_customers(&import, "Tên,SĐT\nbí mật,0912345678\n".as_bytes()).await.status.as_u16(), 201);
        let import_plan = json!({ "columns": ["name", "phone"], "key": "phone", "policy": "both", "overwrite": false });

        let mut us = world.browser("admin").await;
        let channel = theirs.channel;
        let plan = json!({ "zone": "Asia/Ho_Chi_Minh", "week": [[{ "from": 480, "to": 1020 }], [], [], [], [], [], []], "holidays": [] });
        let answer = json!({ "enabled": true, "text": "x" });
        let schedule = json!({ "client_id": "0190a000-0000-7000-8000-000000000003", "text": "x", "send_at": theirs.now.plus_ms(3_600_000) });
        let send = json!({ "client_id": "0190a000-0000-7000-8000-000000000001", "text": "x" });
        let uploads = "/api/customers/groups/priority/uploads";
        let calls = [
            (Method::GET, format!("/api/conversations/{thread}"), None),
            (Method::PATCH, format!("/api/conversations/{thread}"), Some(json!({ "status": "closed" }))),
            (Method::POST, format!("/api/conversations/{thread}/read"), Some(json!({}))),
            (Method::GET, format!("/api/conversations/{thread}/messages"), None),
            (Method::POST, format!("/api/conversations/{thread}/messages"), Some(send.clone())),
            (Method::GET, format!("/api/conversations/{thread}/decision"), None),
            (Method::POST, format!("/api/conversations/{thread}/recheck"), Some(json!({}))),
            (Method::POST, format!("/api/conversations/{thread}/notes"), Some(send)),
            (Method::PATCH, format!("/api/notes/{note}"), Some(json!({ "text": "x" }))),
            (Method::DELETE, format!("/api/notes/{note}"), None),
            (Method::GET, format!("/api/conversations/{thread}/draft"), None),
            (Method::PUT, format!("/api/conversations/{thread}/draft"), Some(json!({ "text": "x" }))),
            (Method::DELETE, format!("/api/conversations/{thread}/draft"), None),
            (Method::GET, format!("/api/conversations/{thread}/scheduled"), None),
            (Method::POST, format!("/api/conversations/{thread}/scheduled"), Some(schedule)),
            (Method::PATCH, format!("/api/scheduled/{scheduled}"), Some(json!({ "text": "y" }))),
            (Method::POST, format!("/api/scheduled/{scheduled}/send"), Some(json!({}))),
            (Method::DELETE, format!("/api/scheduled/{scheduled}"), None),
            (Method::POST, format!("/api/messages/{message}/retry"), Some(json!({}))),
            (Method::DELETE, format!("/api/messages/{message}"), None),
            (Method::PUT, format!("/api/messages/{message}/reaction"), Some(json!({ "icon": "love" }))),
            (Method::DELETE, format!("/api/messages/{message}/reaction"), None),
            (Method::POST, format!("/api/notifications/{notice}/read"), Some(json!({}))),
            (Method::PATCH, format!("/api/views/{view}"), Some(json!({ "name": "x" }))),
            (Method::DELETE, format!("/api/views/{view}"), None),
            (Method::PATCH, format!("/api/customers/views/{list}"), Some(json!({ "name": "x" }))),
            (Method::DELETE, format!("/api/customers/views/{list}"), None),
            (Method::GET, format!("/api/bulk-jobs/{job}"), None),
            (Method::GET, format!("/api/bulk-jobs/{job}/items"), None),
            (Method::POST, format!("/api/bulk-jobs/{job}/cancel"), Some(json!({}))),
            (Method::POST, format!("/api/bulk-jobs/{job}/undo"), Some(json!({}))),
            (Method::GET, format!("/api/customers/{customer}"), None),
            (Method::PATCH, format!("/api/customers/{customer}"), Some(json!({ "note": "x" }))),
            (Method::GET, format!("/api/customers/{customer}/remove-follow"), None),
            (
                Method::POST,
                format!("/api/customers/{customer}/remove-follow"),
                Some(json!({ "channel_id": channel, "id": "0f8fad5b-d9cb-469f-a165-708677289501" })),
            ),
            (Method::PATCH, format!("/api/customers/{customer}/labels"), Some(json!({}))),
            (Method::PATCH, format!("/api/customers/fields/{field}"), Some(json!({ "label": "y" }))),
            (Method::GET, format!("/api/customers/fields/{field}/usage"), None),
            (Method::DELETE, format!("/api/customers/fields/{field}"), None),
            (
                Method::POST,
                format!("/api/customers/{customer}/merge"),
                Some(json!({ "id": format!("mrg_{:032}", 1), "other": ours })),
            ),
            (Method::GET, format!("/api/customers/{customer}/merges"), None),
            (Method::POST, format!("/api/customers/merges/{merge}/undo"), Some(json!({}))),
            (Method::GET, format!("/api/customers/imports/{import}"), None),
            (Method::GET, format!("/api/customers/imports/{import}/file"), None),
            (Method::PATCH, format!("/api/customers/imports/{import}"), Some(json!({ "action": "cancel" }))),
            (Method::POST, format!("/api/customers/imports/{import}/check"), Some(import_plan.clone())),
            (Method::POST, format!("/api/customers/imports/{import}/run"), Some(import_plan)),
            // With uploads of theirs: tests/groups.rs.
            (Method::GET, format!("{uploads}/gup_{:032}", 1), None),
            (Method::GET, format!("{uploads}/gup_{:032}/file", 1), None),
            (Method::PATCH, format!("/api/labels/{label}"), Some(json!({ "name": "x" }))),
            (Method::POST, format!("/api/labels/{label}/push-again"), Some(json!({}))),
            (Method::DELETE, format!("/api/labels/{label}"), None),
            (Method::GET, format!("/api/conversations/{thread}/canned-replies"), None),
            (Method::PUT, format!("/api/canned-replies/{reply}"), Some(written)),
            (Method::POST, format!("/api/canned-replies/{reply}/used"), Some(json!({}))),
            (Method::DELETE, format!("/api/canned-replies/{reply}"), None),
            (Method::PUT, format!("/api/macros/{run}"), Some(does)),
            (Method::POST, format!("/api/macros/{run}/preview"), Some(json!({ "conversation_id": thread }))),
            (Method::POST, format!("/api/macros/{run}/run"), Some(start)),
            (Method::DELETE, format!("/api/macros/{run}"), None),
            (Method::GET, file["url"].as_str().unwrap().to_owned(), None),
            (Method::PATCH, format!("/api/members/{their_member}"), Some(json!({ "display_name": "x" }))),
            (Method::GET, format!("/api/channels/{channel}"), None),
            (Method::PATCH, format!("/api/channels/{channel}"), Some(json!({ "name": "x" }))),
            (Method::POST, format!("/api/channels/{channel}/refresh"), Some(json!({}))),
            (Method::GET, format!("/api/channels/{channel}/quota-history"), None),
            (Method::POST, format!("/api/channels/{channel}/report"), Some(json!({ "reason": "no_money" }))),
            (Method::GET, format!("/api/channels/{channel}/offer"), None),
            (Method::PUT, format!("/api/channels/{channel}/hours"), Some(plan)),
            (Method::DELETE, format!("/api/channels/{channel}/hours"), None),
            (Method::GET, format!("/api/channels/{channel}/auto-reply"), None),
            (Method::PUT, format!("/api/channels/{channel}/auto-reply"), Some(answer.clone())),
            (Method::POST, format!("/api/channels/{channel}/auto-reply/preview"), Some(answer)),
            (Method::POST, format!("/api/channels/{channel}/import"), Some(json!({}))),
            (Method::PATCH, format!("/api/channels/{channel}/import"), Some(json!({ "action": "pause" }))),
            (Method::DELETE, format!("/api/channels/{channel}"), None),
        ];
        let tried: BTreeSet<String> = calls.iter().map(|(method, path, _)| format!("{method} {}", pattern(path))).collect();
        for (method, path, body) in calls {
            let (status, answer) = us.call(method.clone(), &path, body).await;
            assert_eq!((status.as_u16(), &answer["code"]), (404, &json!("not_found")), "{method} {path}");
        }
        // Every route that takes an id was tried.
        let api = serde_json::to_value(loa_server::openapi()).unwrap();
        for (path, item) in api["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys().filter(|_| path.contains("{id}")) {
                let route = format!("{} {path}", method.to_uppercase());
                assert!(tried.contains(&route), "{route} was not tried");
            }
        }
        // Assigning to a stranger, drafting with a stranger's file.
        let own = ids(&us.read("/api/conversations").await).remove(0);
        let (status, _) = us.patch(&format!("/api/conversations/{own}"), json!({ "assignee_id": their_member })).await;
        assert_eq!(status.as_u16(), 422);
        let draft = json!({ "text": "x", "attachments": [file] });
        assert_eq!(us.call(Method::PUT, &format!("/api/conversations/{own}/draft"), Some(draft)).await.0.as_u16(), 422);
        for list in ["/api/conversations?filter=all", "/api/customers", "/api/members", "/api/channels", "/api/notifications", "/api/operator/events"] {
            let text = us.read(list).await.to_string();
            for foreign in ["Người khác", "khac@example.vn", "OA 2"] {
                assert!(!text.contains(foreign), "{list} shows {foreign}");
            }
        }
        // And nothing was changed.
        assert_eq!(them.read(&format!("/api/conversations/{thread}")).await["status"], "open");
    }
}

/// The route of a path: ids become `{id}`.
fn pattern(path: &str) -> String {
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| match part.split_once('_') {
            Some((_, hex)) if hex.len() == 32 => "{id}",
            _ if part == "priority" => "{group}",
            _ => part,
        })
        .collect();
    parts.join("/")
}
