//! Search over the index, on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod world;

use loa_channels::reconcile::DueWork;
use loa_inbox::notes::Noted;
use loa_inbox::search::terms::Mark;
use loa_inbox::{Place, SearchWork, Wish};
use loa_kernel::{
    Action, Actor, ChannelId, Code, Grant, LabelColour, LabelId, LabelKind, ManualClock, MemberId, Object,
    Role, Scope, WorkspaceId,
};
use loa_store::changes::{self, NewChange};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::{ConnectionTrait, Secret, labels, search};
use loa_testdb::{Engine, Seed, on_both_databases};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;
use world::*;

on_both_databases! {
    /// Words by their beginnings and without diacritics, phrases, and every operator, the newest first.
    async fn messages_are_found(db: TestDb) {
        let world = World::new(db).await;
        let seed = &world.seed;
        let lan = Member {
            workspace: seed.workspace,
            id: MemberId::derived(seed.now, &[b"lan"]),
            email: "lan@example.vn".into(),
            display_name: "Trần Lan".into(),
            role: Role::Agent,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: seed.now,
            updated_at: seed.now,
        };
        let tx = world.db.store.begin().await.unwrap();
        members::create(&tx, &lan, &Secret::new("x")).await.unwrap();
        tx.commit().await.unwrap();
        let (_, dao) = world.thread(seed, "u1", "Nguyễn Thị Hồng Đào").await;
        let (_, binh) = world.thread(seed, "u2", "Lê Bình").await;
        let a = world.say(seed, dao, 0, "Chào shop, áo dài còn hàng không ạ?").await;
        let b = world.say(seed, binh, 1, "Đơn DH20241125001 giao tới đâu rồi").await;
        let c = world.say(seed, dao, 30, "không còn hàng thì cho em hàng khác").await;
        let d = world.message(seed, binh, 31, "image", None, json!([{ "kind": "image", "name": "hoá đơn.png" }])).await;
        let e = world.say(seed, binh, 32, "Dạ shop gửi ạ: https://loa.vn/x").await;
        let f = world.say(seed, dao, 33, "Nguyễn ơi").await;
        world.message(seed, dao, 34, "event", Some("follow"), json!([])).await;
        world.by_member(e, lan.id).await;
        world.by_member(f, seed.admin).await;
        world.index().await;
        for (query, expected) in [
            ("chao", vec![a]),
            ("CHÀO", vec![a]),
            ("nguyen", vec![f]),
            ("hang", vec![c, a]),
            ("han", vec![c, a]),
            ("hang khac", vec![c]),
            ("don", vec![d, b]),
            ("đơn", vec![d, b]),
            ("dh20241125001", vec![b]),
            ("DH2024112", vec![b]),
            ("dh20241125002", vec![]),
            ("\"còn hàng\"", vec![c, a]),
            ("\"hang con\"", vec![]),
            ("\"hàng không\"", vec![a]),
            ("\"han\"", vec![]),
            ("\"không còn hàng thì\"", vec![c]),
            ("\"không còn hàng khác\"", vec![]),
            ("follow", vec![]),
            ("has:image", vec![d]),
            ("có:ảnh hoa", vec![d]),
            ("has:link", vec![e]),
            ("has:file", vec![]),
            ("from:me", vec![f]),
            ("từ:tôi", vec![f]),
            ("from:lan", vec![e]),
            ("from:đào", vec![c, a]),
            ("from:\"hồng đào\" khac", vec![c]),
            ("from:le has:image", vec![d]),
            ("in:oa", vec![f, e, d, c, b, a]),
            ("before:2026-01-13", vec![b, a]),
            ("after:12/1/2026 hang", vec![c]),
            ("on:2026-01-12 hang", vec![a]),
            ("on:2026-01-13", vec![f, e, d, c]),
            ("after:2026-01-13", vec![]),
            ("before:2026-01-12", vec![]),
        ] {
            assert_eq!(world.search(query).await, expected, "{query}");
        }
        let page = world.inbox.search(&world.admin, "hang \"khong con\"", None, 50).await.unwrap();
        assert_eq!(shown(&page), ["[không] [còn] [hàng] thì cho em [hàng] khác"]);
        assert_eq!(page.items[0].customer.display_name, "Nguyễn Thị Hồng Đào");
        assert!(!page.indexing);
        for (query, reason, part) in [
            ("", "empty", None),
            (" !!! \"…\" ", "empty", None),
            ("a from:khong.ai", "unknown_person", Some("from:khong.ai")),
            ("in:khác", "unknown_channel", Some("in:khác")),
            ("label:vip", "unknown_label", Some("label:vip")),
            ("has:tiền", "unknown_thing", Some("has:tiền")),
            ("before:mai", "not_a_date", Some("before:mai")),
        ] {
            assert_eq!(world.refused(query).await, (reason.to_owned(), part.map(str::to_owned)), "{query}");
        }
    }

    /// Of few who carry a label, of many, and of none; alone, and with other conditions.
    async fn labels_of_customers_are_asked_for(db: TestDb) {
        let world = World::new(db).await;
        let (seed, ws) = (&world.seed, world.seed.workspace);
        let id = |n: u128| LabelId(Uuid::from_u128(n));
        let tx = world.db.store.begin().await.unwrap();
        for (n, name) in [(1, "Khách VIP"), (2, "Nợ"), (3, "Khách sỉ"), (4, "Nợ lâu")] {
            let (colour, kind) = (LabelColour::Teal, LabelKind::Normal);
            let new = labels::NewLabel { id: id(n), name: name.into(), colour, kind, created_by: None };
            labels::create(&tx, ws, &new, seed.now).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (dao, one) = world.thread(seed, "u1", "Đào").await;
        let (_, two) = world.thread(seed, "u2", "Bình").await;
        let a = world.say(seed, one, 0, "chào shop").await;
        let b = world.say(seed, two, 1, "chào em").await;
        // More of them than are looked up by their threads.
        let mut many = Vec::new();
        let mut pairs = vec![(dao, id(1)), (dao, id(2))];
        for n in 0..102 {
            let (customer, thread) = world.thread(seed, &format!("m{n}"), "Khách").await;
            many.push(world.say(seed, thread, 2 + n, "chào lần nữa").await);
            pairs.push((customer, id(3)));
        }
        let tx = world.db.store.begin().await.unwrap();
        labels::put(&tx, ws, &pairs, None, seed.now).await.unwrap();
        tx.commit().await.unwrap();
        world.index().await;
        many.reverse();
        for (query, expected) in [
            ("label:vip", vec![a]),
            ("nhãn:\"khách vip\" chao", vec![a]),
            ("label:vip em", vec![]),
            ("label:vip label:nợ", vec![a]),
            // "Nợ" is meant by its name alone, though "Nợ lâu" begins like it.
            ("label:no", vec![a]),
            ("label:\"nợ lâu\"", vec![]),
            ("label:vip label:sỉ", vec![]),
            ("chao em", vec![b]),
        ] {
            assert_eq!(world.search(query).await, expected, "{query}");
        }
        for query in ["label:sỉ", "label:\"khách sỉ\" nua"] {
            let mut found = Vec::new();
            let mut next: Option<String> = None;
            loop {
                let page = world.inbox.search(&world.admin, query, next.as_deref(), 40).await.unwrap();
                found.extend(page.items.iter().map(|hit| hit.id));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(found, many, "{query}");
        }
        let tx = world.db.store.begin().await.unwrap();
        labels::remove(&tx, ws, &[(dao, id(1))]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.search("label:vip").await, [], "taken off");
    }

    /// Whatever the size of a page, each message once and in order, from minutes to years ago.
    async fn pages_are_complete(db: TestDb) {
        let world = World::new(db).await;
        let (_, thread) = world.thread(&world.seed, "u1", "Khách").await;
        let mut expected = Vec::new();
        for i in 0..70_i64 {
            expected.push(world.say(&world.seed, thread, -(i * i * i) / 9, &format!("chào lần {i}")).await);
        }
        expected.sort();
        expected.reverse();
        world.index().await;
        for limit in [1, 9, 70] {
            let mut found = Vec::new();
            let mut next: Option<String> = None;
            loop {
                let page = world.inbox.search(&world.admin, "chao", next.as_deref(), limit).await.unwrap();
                assert!(page.items.len() <= limit);
                found.extend(page.items.iter().map(|hit| hit.id));
                next = page.next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "by {limit}");
        }
        let bad = world.inbox.search(&world.admin, "chao", Some("zz"), 5).await.unwrap_err();
        assert_eq!(bad.code, Code::BadCursor);
    }

    /// A workspace, a channel and somebody else's threads stay closed, also where ids are the same.
    async fn only_what_one_may_see_is_found(db: TestDb) {
        let world = World::new(db).await;
        let other = Seed::another(&world.db.store, 2).await;
        let (_, ours) = world.thread(&world.seed, "u1", "An").await;
        let (_, theirs) = world.thread(&other, "u1", "An").await;
        let a = world.say(&world.seed, ours, 1, "bí mật").await;
        assert_eq!(world.say(&other, theirs, 1, "bí mật").await, a, "the same slot");
        let c = world.say(&other, theirs, 2, "bí ẩn").await;
        world.index().await;
        let stranger = Actor::with_role(other.workspace, other.admin, Role::Admin);
        assert_eq!(world.search("bi").await, [a]);
        assert_eq!(world.search_as(&stranger, "bi").await, [c, a]);
        let hit = world.inbox.search(&stranger, "mat", None, 5).await.unwrap().items.remove(0);
        assert_eq!(hit.conversation_id, theirs);
        let place = async |actor: &Actor, thread, id| {
            world.inbox.messages(actor, thread, Place::Around(id), 10).await.map(|page| page.items.len())
        };
        assert_eq!(place(&world.admin, ours, c).await.unwrap_err().code, Code::NotFound);
        assert_eq!(place(&world.admin, theirs, c).await.unwrap_err().code, Code::NotFound);
        assert_eq!(place(&world.admin, ours, a).await.unwrap(), 1);
        let within = |channel| Actor { channels: Some(vec![channel]), ..world.admin.clone() };
        let outside = within(ChannelId(Uuid::from_u128(9)));
        assert_eq!(world.search_as(&outside, "bi").await, []);
        assert_eq!(place(&outside, ours, a).await.unwrap_err().code, Code::NotFound);
        assert_eq!(world.search_as(&within(world.seed.channel), "bi").await, [a]);
        assert_eq!(world.search_as(&Actor { channels: Some(vec![]), ..world.admin.clone() }, "bi").await, []);
        let mut own = world.admin.clone();
        own.grants = vec![Grant { object: Object::Conversation, action: Action::View, scope: Scope::Own }];
        assert_eq!(world.search_as(&own, "bi").await, []);
        let wish = Wish { assignee: Some(Some(own.member)), ..Wish::default() };
        world.inbox.edit_conversation(&world.admin, ours, &wish).await.unwrap();
        assert_eq!(world.search_as(&own, "bi").await, [a]);
        own.grants.clear();
        assert_eq!(world.inbox.search(&own, "bi", None, 5).await.unwrap_err().code, Code::Forbidden);
    }

    /// What was there before the index, what changed and what is gone; after a crash, twice, and with gaps in the log.
    async fn the_index_follows(db: TestDb) {
        let world = World::new(db).await;
        let (ws, now) = (world.seed.workspace, world.seed.now);
        let (_, thread) = world.thread(&world.seed, "u1", "Lê Bình").await;
        let old = world.say(&world.seed, thread, 0, "tin cũ").await;
        // The first look only remembers where it stands.
        assert_eq!(world.work.run_batch(1).await.unwrap(), 1);
        assert!(world.inbox.search(&world.admin, "tin", None, 5).await.unwrap().indexing);
        let new = world.say(&world.seed, thread, 1, "tin mới").await;
        let before = search::cursor(world.db.store.reader(), ws).await.unwrap().unwrap();
        world.index().await;
        assert_eq!(world.search("tin").await, [new, old]);
        // A crash before the commit is the cursor of before: the same work again, and by two at once.
        world.put_cursor(before).await;
        let twin = SearchWork::new(world.db.store.clone(), Arc::new(ManualClock::new(now)));
        let (one, two) = tokio::join!(world.work.run_batch(1), twin.run_batch(1));
        assert!(one.unwrap() + two.unwrap() > 0);
        world.index().await;
        assert_eq!(world.search("tin").await, [new, old]);
        assert_eq!(world.search("from:binh").await, [new, old]);
        // Gone.
        let tx = world.db.store.begin().await.unwrap();
        tx.execute_unprepared("DELETE FROM messages WHERE text = 'tin cũ'").await.unwrap();
        let gone = NewChange::message_removed(old, thread, world.seed.channel);
        changes::append(&tx, ws, &[gone], now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(world.search("tin").await, [new], "also before the index knows");
        world.index().await;
        let everything = search::Wanted { all: vec![vec![Mark::Any.term()]], limit: 10, ..Default::default() };
        let slots = search::slots(world.db.store.reader(), ws, &everything).await.unwrap();
        assert_eq!(slots, [search::Slot::of(new)]);
        // The log forgets what the index has not seen.
        let late = world.say(&world.seed, thread, 2, "tin muộn").await;
        world.sql("DELETE FROM changes").await;
        world.index().await;
        assert_eq!(world.search("tin").await, [late, new]);
        // The database was put back to an older state.
        world.put_cursor(search::Cursor { position: 1_000_000, messages_before: None, customers_after: None }).await;
        world.say(&world.seed, thread, 3, "tin cuối").await;
        world.index().await;
        assert_eq!(world.search("tin").await.len(), 3);
        let cursor = search::cursor(world.db.store.reader(), ws).await.unwrap().unwrap();
        assert_eq!((cursor.messages_before, cursor.customers_after), (None, None));
        assert_eq!(search::cursor(world.db.store.reader(), WorkspaceId(Uuid::nil())).await.unwrap(), None);
    }

    /// Private notes are found like messages, as they are now.
    async fn notes_are_found(db: TestDb) {
        let world = World::new(db).await;
        let (_, thread) = world.thread(&world.seed, "u1", "An").await;
        world.say(&world.seed, thread, 0, "cần đổi hàng").await;
        let note = |n: u128, text: &'static str| world.inbox.write_note(&world.admin, thread, Uuid::from_u128(n), text);
        let written = |noted: Noted| match noted {
            Noted::New(view) | Noted::Known(view) => view.id,
        };
        let kept = written(note(1, "khách hay đổi ý, gọi trước khi giao").await.unwrap());
        let gone = written(note(2, "gọi nhầm số").await.unwrap());
        world.index().await;
        let mut both = vec![kept, gone];
        both.sort();
        both.reverse();
        assert_eq!(world.search("goi").await, both);
        assert_eq!(world.search("\"doi y\" from:me").await, [kept]);
        let around = world.inbox.messages(&world.admin, thread, Place::Around(kept), 10).await.unwrap();
        assert_eq!(around.items.len(), 3);
        world.inbox.delete_note(&world.admin, gone).await.unwrap();
        world.index().await;
        assert_eq!(world.search("goi").await, [kept]);
        // Everything is read again, notes too.
        world.put_cursor(search::Cursor { position: 1_000_000, messages_before: None, customers_after: None }).await;
        world.sql(if world.db.engine == Engine::Sqlite {
            "DELETE FROM search_messages WHERE rowid > 0"
        } else {
            "DELETE FROM search_messages"
        })
        .await;
        world.index().await;
        assert_eq!(world.search("goi").await, [kept]);
        assert_eq!(world.search("doi").await.len(), 2);
    }

    /// The place of a message, and pages from there both ways.
    async fn a_message_stands_among_its_neighbours(db: TestDb) {
        let world = World::new(db).await;
        let (_, thread) = world.thread(&world.seed, "u1", "An").await;
        let mut order = Vec::new();
        for i in 0..30 {
            // Some at the same instant.
            order.push(world.say(&world.seed, thread, i / 3, &format!("số {i}")).await);
        }
        order.sort();
        order.reverse();
        let ids = |items: &[loa_inbox::views::MessageView]| items.iter().map(|view| view.id).collect::<Vec<_>>();
        for middle in [0, 1, 13, 29] {
            let at = async |place: Place<'_>, limit| world.inbox.messages(&world.admin, thread, place, limit).await;
            let around = at(Place::Around(order[middle]), 6).await.unwrap();
            let mut found = ids(&around.items);
            assert!(found.contains(&order[middle]) && found.len() <= 7);
            let (mut older, mut newer) = (around.next, around.newer);
            while let Some(before) = older.take() {
                let page = at(Place::Before(&before), 4).await.unwrap();
                found.extend(ids(&page.items));
                older = page.next;
            }
            while let Some(after) = newer.take() {
                let page = at(Place::After(&after), 4).await.unwrap();
                // Back from there: what was found already.
                let back = at(Place::Before(page.next.as_deref().unwrap()), 2).await.unwrap();
                assert_eq!(ids(&back.items)[..], found[..2.min(found.len())][..back.items.len()]);
                found.splice(0..0, ids(&page.items));
                newer = page.newer;
            }
            assert_eq!(found, order, "around {middle}");
        }
    }
}
