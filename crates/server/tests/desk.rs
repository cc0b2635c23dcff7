//! How threads are worked on, over the API: snoozing, coming back, notes, lines, and sends that come too late.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use loa_channels::reconcile::DueWork;
use loa_inbox::{Inbox, SnoozeWork};
use loa_kernel::{ConversationId, Ids, Role, SeededRandom};
use loa_rulebook::Library;
use loa_store::members::{self, MemberPatch, MemberStatus};
use loa_testdb::on_both_databases;
use object_store::memory::InMemory;
use serde_json::{Value, json};
use support::{Browser, World, ids};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// The worker that wakes threads, as a program that was just started has it.
fn worker(world: &World, seed: u64) -> SnoozeWork {
    SnoozeWork(Inbox {
        store: world.db.store.clone(),
        ids: Ids::new(world.clock.clone(), Arc::new(SeededRandom::new(seed))),
        rules: Arc::new(Library::embedded()),
        signals: world.signals.clone(),
        files: Arc::new(InMemory::new()),
    })
}

async fn listed(browser: &mut Browser, filter: &str) -> Vec<String> {
    ids(&browser.read(&format!("/api/conversations?filter={filter}")).await)
}

/// What the lines of a thread tell, the newest first.
async fn done(browser: &mut Browser, thread: ConversationId) -> Vec<Value> {
    let page = browser.read(&format!("/api/conversations/{thread}/messages")).await;
    page["items"].as_array().unwrap().iter().map(|m| m["done"].clone()).filter(|d| !d.is_null()).collect()
}

/// Free replies and permission of a thread end then.
async fn closes(world: &World, thread: ConversationId, free: i64, permitted: i64) {
    use loa_store::outbound as rows;
    let tx = world.db.store.begin().await.unwrap();
    let found = rows::lock_thread(&tx, world.seed.workspace, thread).await.unwrap().unwrap();
    let mut new = found.conversation.clone();
    new.free_until_at = Some(world.seed.now.0 + free);
    new.permitted_until_at = Some(world.seed.now.0 + permitted);
    rows::save_conversation(&tx, &found.conversation, &new).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases! {
    /// It leaves the working lists, comes back when it is due, to the top, and says why; by whichever program is there,
    /// and once.
    async fn a_snoozed_thread_comes_back_to_the_top(db: TestDb) {
        let world = World::new(db).await;
        let now = world.seed.now;
        let (_, old) = world.thread(&world.seed, "u1", "An", now.plus_ms(-9 * HOUR)).await;
        let (_, new) = world.thread(&world.seed, "u2", "Bình", now.plus_ms(-HOUR)).await;
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{old}");
        let until = now.plus_ms(2 * HOUR);
        let wish = json!({ "snooze": { "kind": "time", "until": until } });
        let (status, view) = admin.patch(&path, wish).await;
        assert_eq!((status, &view["status"]), (StatusCode::OK, &json!("snoozed")), "{view}");
        assert_eq!(view["snooze"], json!({ "kind": "time", "until": until }));
        let lists = ["all", "mine", "unassigned", "unread"];
        for filter in lists {
            assert!(!listed(&mut admin, filter).await.contains(&old.to_string()), "{filter}");
        }
        assert_eq!(listed(&mut admin, "snoozed").await, [old.to_string()]);
        let counts = admin.read("/api/conversations/counts").await;
        assert_eq!((&counts["snoozed"], &counts["all"]), (&json!(1), &json!(1)));

        world.clock.set(until.plus_ms(-1));
        assert_eq!(worker(&world, 1).run_batch(32).await.unwrap(), 0, "not yet");
        world.clock.set(until);
        let (one, two) = (worker(&world, 2), worker(&world, 3));
        let (a, b) = tokio::join!(one.run_batch(32), two.run_batch(32));
        assert_eq!(a.unwrap() + b.unwrap(), 1, "one of two programs");
        assert_eq!(worker(&world, 4).run_batch(32).await.unwrap(), 0, "done is done");

        let view = admin.read(&path).await;
        assert_eq!(view["status"], "open");
        assert_eq!(view["back"], json!({ "reason": "time", "at": until }));
        assert_eq!(view["sort_at"], json!(until));
        assert!(view.get("snooze").is_none());
        for filter in ["all", "unassigned", "unread"] {
            assert_eq!(listed(&mut admin, filter).await, [old.to_string(), new.to_string()], "{filter}");
            // Page by page the same.
            let first = admin.read(&format!("/api/conversations?filter={filter}&limit=1")).await;
            let next = first["next"].as_str().unwrap();
            let second = admin.read(&format!("/api/conversations?filter={filter}&limit=1&cursor={next}")).await;
            assert_eq!((ids(&first), ids(&second)), (vec![old.to_string()], vec![new.to_string()]), "{filter}");
        }
        assert_eq!(
            done(&mut admin, old).await,
            [json!({ "what": "back", "kind": "time" }), json!({ "what": "snoozed", "kind": "time", "until": until })]
        );
        // Handled: the reason goes, and with it the place.
        let (_, view) = admin.patch(&path, json!({ "status": "pending" })).await;
        assert!(view.get("back").is_none(), "{view}");
        assert_eq!(listed(&mut admin, "all").await, [new.to_string(), old.to_string()]);
    }

    /// Before what closes next; what was made longer meanwhile is waited for again.
    async fn a_thread_comes_back_before_its_window_closes(db: TestDb) {
        let world = World::new(db).await;
        let now = world.seed.now;
        let (_, thread) = world.thread(&world.seed, "u1", "An", now).await;
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{thread}");
        let before = |minutes: i64| json!({ "snooze": { "kind": "closing", "lead_minutes": minutes } });
        let (status, refused) = admin.patch(&path, before(60)).await;
        assert_eq!((status.as_u16(), &refused["params"]["reason"]), (422, &json!("nothing_closes")));
        closes(&world, thread, 3 * HOUR, 90 * HOUR).await;
        for (wish, reason) in [
            (before(180), "too_late"),
            (before(0), "range"),
            (json!({ "snooze": { "kind": "time", "until": now } }), "past"),
            (json!({ "status": "closed", "snooze": { "kind": "reply" } }), "other_status"),
        ] {
            let (status, refused) = admin.patch(&path, wish.clone()).await;
            assert_eq!((status.as_u16(), &refused["params"]["reason"]), (422, &json!(reason)), "{wish}");
        }
        assert_eq!(admin.read(&path).await["status"], "open", "nothing was half done");
        assert!(done(&mut admin, thread).await.is_empty());

        let (_, view) = admin.patch(&path, before(60)).await;
        assert_eq!(view["snooze"], json!({ "kind": "free", "until": now.plus_ms(2 * HOUR) }));
        closes(&world, thread, 5 * HOUR, 90 * HOUR).await;
        world.clock.set(now.plus_ms(2 * HOUR));
        worker(&world, 1).run_batch(32).await.unwrap();
        let view = admin.read(&path).await;
        assert_eq!((&view["status"], &view["snooze"]["until"]), (&json!("snoozed"), &json!(now.plus_ms(4 * HOUR))));
        world.clock.set(now.plus_ms(4 * HOUR));
        worker(&world, 2).run_batch(32).await.unwrap();
        let view = admin.read(&path).await;
        assert_eq!((&view["status"], &view["back"]["reason"]), (&json!("open"), &json!("closing")));
    }

    /// Who did what, in the thread; nothing that did not change.
    async fn what_was_done_stands_in_the_thread(db: TestDb) {
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let (_, thread) = world.thread(&world.seed, "u1", "An", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{thread}");
        for patch in [
            json!({ "assignee_id": lan }),
            json!({ "assignee_id": lan }),
            json!({ "status": "pending", "assignee_id": null }),
            json!({ "status": "snoozed" }),
            json!({ "status": "closed" }),
            json!({ "status": "closed" }),
            json!({ "status": "open" }),
        ] {
            let (status, answer) = admin.patch(&path, patch).await;
            assert_eq!(status, StatusCode::OK, "{answer}");
            world.clock.advance_ms(1_000);
        }
        let mut told = done(&mut admin, thread).await;
        told.reverse();
        assert_eq!(
            told,
            [
                json!({ "what": "assigned", "assignee_id": lan }),
                json!({ "what": "pending" }),
                json!({ "what": "unassigned" }),
                json!({ "what": "snoozed", "kind": "reply" }),
                json!({ "what": "closed" }),
                json!({ "what": "open" }),
            ]
        );
        let page = admin.read(&format!("{path}/messages?limit=1")).await;
        let line = &page["items"][0];
        assert_eq!((&line["author"], &line["member_id"], &line["kind"]), (&json!("member"), &json!(world.seed.admin), &json!("event")));
        assert_eq!(admin.read(&path).await["last_preview"], "Chào shop", "lines are no messages");
    }

    /// A note is for colleagues: it moves nothing, tells whom it names, and belongs to who wrote it.
    async fn notes_are_private_and_tell_whom_they_name(db: TestDb) {
        let world = World::new(db).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let minh = world.member(&world.seed, "minh", Role::Agent).await;
        let tx = world.db.store.begin().await.unwrap();
        let off = MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() };
        members::update(&tx, world.seed.workspace, minh, &off, world.seed.now).await.unwrap();
        tx.commit().await.unwrap();
        let (_, thread) = world.thread(&world.seed, "u1", "An", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        let mut agent = world.browser("lan").await;
        let path = format!("/api/conversations/{thread}");
        let before = admin.read(&path).await;
        world.clock.advance_ms(1_000);
        let text = format!("@[{lan}] xem giúp, @[{minh}] và @[{}] biết rồi", world.seed.admin);
        let note = json!({ "client_id": "0190a000-0000-7000-8000-000000000001", "text": text });
        let (status, written) = admin.post(&format!("{path}/notes"), note.clone()).await;
        assert_eq!((status, &written["kind"]), (StatusCode::CREATED, &json!("note")), "{written}");
        let (status, again) = admin.post(&format!("{path}/notes"), note).await;
        assert_eq!((status, &again), (StatusCode::OK, &written), "the same note");
        let other = json!({ "client_id": "0190a000-0000-7000-8000-000000000001", "text": "khác" });
        assert_eq!(admin.post(&format!("{path}/notes"), other).await.0, StatusCode::CONFLICT);

        // Nothing moved.
        let mut after = admin.read(&path).await;
        after["change_seq"] = before["change_seq"].clone();
        assert_eq!(after, before);
        let page = agent.read(&format!("{path}/messages")).await;
        assert_eq!(page["items"], json!([written]));

        // Told: who can sign in and did not write it.
        let told = agent.read("/api/notifications").await;
        assert_eq!(told["unread"], 1);
        let notice = &told["items"][0];
        assert_eq!((&notice["kind"], &notice["conversation_id"], &notice["message_id"]), (&json!("mention"), &json!(thread), &written["id"]));
        let said = notice["params"]["text"].as_str().unwrap();
        assert!(said.starts_with("@lan xem giúp, @minh"), "{said}");
        assert_eq!(admin.read("/api/notifications").await["unread"], 0);

        // Another text tells only who is new in it; only the writer changes it.
        let id = written["id"].as_str().unwrap().to_owned();
        let edit = json!({ "text": format!("@[{lan}] xong rồi") });
        assert_eq!(agent.patch(&format!("/api/notes/{id}"), edit.clone()).await.0, StatusCode::FORBIDDEN);
        let (status, edited) = admin.patch(&format!("/api/notes/{id}"), edit).await;
        assert_eq!((status, &edited["edited_at"]), (StatusCode::OK, &json!(world.seed.now.plus_ms(1_000))));
        assert_eq!(agent.read("/api/notifications").await["unread"], 1, "not told again");
        for (text, code) in [
            ("  ".to_owned(), "empty_message"),
            ("x".repeat(5_001), "text_too_long"),
            (format!("@[mem_{:032x}]", 7), "invalid_field"),
        ] {
            let (_, refused) = admin.patch(&format!("/api/notes/{id}"), json!({ "text": text })).await;
            assert_eq!(refused["code"], code, "{refused}");
        }
        // What sends does not know it.
        let none = "0190a000-0000-7000-8000-000000000077";
        assert_eq!(admin.post(&format!("/api/messages/{id}/retry"), json!({})).await.0, StatusCode::NOT_FOUND);
        assert_eq!(admin.call(Method::DELETE, &format!("/api/messages/{id}"), None).await.0, StatusCode::NOT_FOUND);
        let quote = json!({ "client_id": none, "text": "x", "quoted_message_id": id });
        assert_eq!(admin.post(&format!("{path}/messages"), quote).await.0, StatusCode::UNPROCESSABLE_ENTITY);

        assert_eq!(agent.call(Method::DELETE, &format!("/api/notes/{id}"), None).await.0, StatusCode::FORBIDDEN);
        assert_eq!(admin.call(Method::DELETE, &format!("/api/notes/{id}"), None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(agent.read(&format!("{path}/messages")).await["items"], json!([]));
    }

    /// Messages, notes and lines in one order, whatever the size of the page.
    async fn pages_hold_everything_once(db: TestDb) {
        let world = World::new(db).await;
        let (_, thread) = world.thread(&world.seed, "u1", "An", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        let path = format!("/api/conversations/{thread}");
        for n in 0..12_i64 {
            world.message(&world.seed, thread, &format!("p{n}"), "tin", None, world.clock_now()).await;
            if n % 2 == 0 {
                let note = json!({ "client_id": format!("0190a000-0000-7000-8000-{n:012}"), "text": format!("{n}") });
                admin.post(&format!("{path}/notes"), note).await;
            }
            let status = if n % 3 == 0 { "pending" } else { "open" };
            admin.patch(&path, json!({ "status": status })).await;
            // Several at the same instant.
            world.clock.advance_ms(i64::from(n % 4 == 3));
        }
        let whole = admin.read(&format!("{path}/messages?limit=100")).await;
        let wanted = ids(&whole);
        assert_eq!(wanted.len(), 12 + 6 + 8, "messages, notes, lines");
        for limit in [1, 3, 7] {
            let (mut found, mut next) = (Vec::new(), String::new());
            loop {
                let page = admin.read(&format!("{path}/messages?limit={limit}{next}")).await;
                found.extend(ids(&page));
                let Some(cursor) = page["next"].as_str() else { break };
                next = format!("&before={cursor}");
            }
            assert_eq!(found, wanted, "by {limit}");
        }
    }

    /// A send that did not know of what is new is refused with it; by word it goes all the same.
    async fn a_send_is_refused_when_the_thread_has_moved_on(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let now = world.seed.now;
        let (_, thread) = world.thread(&world.seed, "u1", "An", now).await;
        let first = world.message(&world.seed, thread, "p1", "Còn hàng không?", None, now).await;
        let mut admin = world.browser("admin").await;
        let mut lan = world.browser("lan").await;
        let path = format!("/api/conversations/{thread}/messages");
        let send = |n: u8, text: &str, seen: &str, force: bool| {
            json!({ "client_id": format!("0190a000-0000-7000-8000-0000000000{n:02}"), "text": text, "seen_message_id": seen, "force": force })
        };
        let seen = first.to_string();
        // One's own messages are no news, nor is a note.
        assert_eq!(admin.post(&path, send(1, "Dạ còn", &seen, false)).await.0, StatusCode::CREATED);
        assert_eq!(admin.post(&path, send(2, "Chị lấy mấy cái?", &seen, false)).await.0, StatusCode::CREATED);
        // A colleague's are.
        let (status, refused) = lan.post(&path, send(3, "Dạ hết rồi", &seen, false)).await;
        assert_eq!((status.as_u16(), &refused["code"]), (409, &json!("thread_moved")), "{refused}");
        assert_eq!(refused["params"]["count"], 2);
        let news: Vec<&str> =
            refused["params"]["messages"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
        assert_eq!(news, ["Dạ còn", "Chị lấy mấy cái?"]);
        // So is what the customer wrote earlier but came later.
        let newest = lan.read(&path).await["items"][0]["id"].as_str().unwrap().to_owned();
        world.clock.advance_ms(5_000);
        world.message(&world.seed, thread, "p2", "2 cái", None, now.plus_ms(-1)).await;
        let (status, refused) = lan.post(&path, send(4, "Dạ vâng", &newest, false)).await;
        assert_eq!((status.as_u16(), &refused["params"]["messages"][0]["text"]), (409, &json!("2 cái")), "{refused}");
        // Nothing was stored; knowing it, it goes.
        assert_eq!(lan.post(&path, send(4, "Dạ vâng", &newest, true)).await.0, StatusCode::CREATED);
        // What was submitted is not asked again.
        assert_eq!(lan.post(&path, send(4, "Dạ vâng", &newest, false)).await.0, StatusCode::OK);
        // Nobody asked: as before.
        let plain = json!({ "client_id": "0190a000-0000-7000-8000-000000000090", "text": "Dạ" });
        assert_eq!(admin.post(&path, plain).await.0, StatusCode::CREATED);
    }

    /// Of two who send at the same moment one is first, and the other sees it before sending.
    async fn two_who_send_at_once_get_one_order(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let now = world.seed.now;
        let mut admin = world.browser("admin").await;
        let mut lan = world.browser("lan").await;
        for round in 0..5_u8 {
            let (_, thread) = world.thread(&world.seed, &format!("u{round}"), "An", now).await;
            let seen = world.message(&world.seed, thread, &format!("p{round}"), "Còn hàng không?", None, now).await;
            let path = format!("/api/conversations/{thread}/messages");
            let send = |who: u8, text: &str, force: bool| {
                json!({ "client_id": format!("0190a000-0000-7000-8000-00000000{round:02}{who:02}"), "text": text, "seen_message_id": seen, "force": force })
            };
            let (a, b) = tokio::join!(admin.post(&path, send(1, "Còn ạ", false)), lan.post(&path, send(2, "Hết rồi ạ", false)));
            let mut statuses = [a.0.as_u16(), b.0.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 409], "{a:?} {b:?}");
            let (first, second, news) = if a.0 == StatusCode::CREATED {
                ("Còn ạ", "Hết rồi ạ", lan.post(&path, send(2, "Hết rồi ạ", true)).await)
            } else {
                ("Hết rồi ạ", "Còn ạ", admin.post(&path, send(1, "Còn ạ", true)).await)
            };
            assert_eq!(news.0, StatusCode::CREATED);
            for browser in [&mut admin, &mut lan] {
                let page = browser.read(&path).await;
                let texts: Vec<&str> = page["items"].as_array().unwrap().iter().map(|m| m["text"].as_str().unwrap()).collect();
                assert_eq!(texts, [second, first, "Còn hàng không?"]);
            }
        }
    }
}
