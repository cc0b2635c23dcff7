//! The worker on real databases: every order the same end, nothing twice, nothing stuck.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

mod ground;

use std::time::Duration;

use ground::{Ground, NOW, dump, oa_text, user_text};
use loa_intake::{IntakeConfig, IntakeError, Step};
use loa_kernel::{MessageId, SeededRandom, Timestamp};
use loa_store::{ConnectionTrait, entity, intake as rows};
use loa_stream::{Appended, PARTITIONS, Topic, partition_of};
use loa_testdb::{Engine, TestDb, on_both_databases};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use tokio_util::sync::CancellationToken;

const LONG: Duration = Duration::from_secs(60);

/// Every body of the corpus and a busy thread beside it.
fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = zalo::corpus::all().iter().map(|(_, body, _)| body.to_vec()).collect();
    for i in 0..40_i64 {
        let user = format!("77{}", i % 3);
        let at = NOW.plus_secs(i - 600);
        bodies.push(user_text(&user, &format!("busy-in-{i}"), &format!("câu hỏi {i}"), at));
        if i % 2 == 0 {
            bodies.push(oa_text(
                &user,
                &format!("busy-out-{i}"),
                "trả lời",
                (i % 4 == 0).then_some("9"),
                at.plus_ms(400),
            ));
        }
    }
    bodies
}

fn shuffled(bodies: &[Vec<u8>], seed: u64) -> Vec<Vec<u8>> {
    let random = SeededRandom::new(seed);
    let mut left = bodies.to_vec();
    let mut out = Vec::new();
    while !left.is_empty() {
        let i = random.below(left.len() as u64) as usize;
        out.push(left.swap_remove(i));
    }
    out
}

on_both_databases! {
    async fn the_order_of_events_does_not_matter(db: TestDb) {
        let engine = db.engine;
        let bodies = bodies();
        let first = Ground::new(db).await;
        for body in &bodies {
            first.deliver(body).await;
        }
        first.intake(IntakeConfig::default()).catch_up().await.unwrap();
        let expected = first.dump().await;
        assert!(expected["messages"].len() > 60, "{}", expected["messages"].len());
        for (seed, batch) in [(1, 7), (2, 1000)] {
            let other = Ground::new(TestDb::new(engine).await).await;
            let order = shuffled(&bodies, seed);
            for (i, body) in order.iter().enumerate() {
                other.deliver(body).await;
                // Redelivered under another key: what the log no longer remembers must not count twice either.
                if i % 3 == 0 {
                    other.append(&format!("again-{i}"), body).await;
                }
            }
            other.intake(IntakeConfig { batch, ..IntakeConfig::default() }).catch_up().await.unwrap();
            let mut found = other.dump().await;
            // The operator sees a redelivery that the log did not recognise; everything else is the same.
            let (raw, known) = (found.remove("raw_events").unwrap(), &expected["raw_events"]);
            assert!(raw.len() >= known.len());
            for (table, rows) in &found {
                assert_eq!(rows, &expected[table], "{table}, order {seed}");
            }
        }
    }

    async fn a_batch_counts_once(db: TestDb) {
        let ground = Ground::new(db).await;
        for body in bodies() {
            ground.deliver(&body).await;
        }
        let intake = ground.intake(IntakeConfig::default());
        let folded = intake.catch_up().await.unwrap();
        assert_eq!(folded as u64, loa_stream::EventLog::count_after(ground.log.as_ref(), partition_of(ground.channel), 0).await.unwrap());
        let before = dump(ground.db.store.reader()).await;
        let seq = loa_store::changes::last_seq(ground.db.store.reader(), ground.seed.workspace).await.unwrap();
        // As after a crash whose commit arrived: the same batch again, from the old place.
        let again = intake.step(partition_of(ground.channel), 0, 500).await;
        assert!(matches!(again, Err(IntakeError::Moved)), "{again:?}");
        // As after a restore of the cursor alone: folded again, nothing changes and nobody is told.
        let cursor = entity::partition_cursors::Entity::find_by_id(i32::from(partition_of(ground.channel)))
            .one(ground.db.store.reader()).await.unwrap().unwrap();
        let tx = ground.db.store.begin().await.unwrap();
        let mut cursor = cursor.into_active_model();
        cursor.position = Set(0);
        cursor.update(&tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(intake.catch_up().await.unwrap(), folded);
        assert_eq!(dump(ground.db.store.reader()).await, before);
        let now = loa_store::changes::last_seq(ground.db.store.reader(), ground.seed.workspace).await.unwrap();
        assert_eq!(now, seq, "a replay told somebody of a change");
    }

    async fn two_programs_share_the_work_without_counting_twice(db: TestDb) {
        let ground = Ground::new(db).await;
        let stop = CancellationToken::new();
        let config = IntakeConfig { batch: 9, tick: Duration::from_millis(20), ..IntakeConfig::default() };
        let second = ground.intake_of(ground.db.open_again().await, config.clone());
        let first = ground.intake(config);
        let mut wakeup = ground.signals.subscribe(Topic::ChangesIn(ground.seed.workspace));
        let running = [first, second].map(|intake| tokio::spawn(intake.run(stop.clone())));
        let bodies = bodies();
        let mut last = 0;
        for body in &bodies {
            if let Appended::Stored { position } = ground.deliver(body).await {
                last = position;
            }
        }
        tokio::time::timeout(LONG, async {
            loop {
                let cursors = rows::cursors(ground.db.store.reader()).await.unwrap();
                if cursors.iter().any(|(_, position)| *position == last) {
                    break;
                }
                tokio::select! { () = wakeup.changed() => {} () = tokio::time::sleep(Duration::from_millis(50)) => {} }
            }
        }).await.expect("everything is folded");
        stop.cancel();
        for task in running {
            tokio::time::timeout(LONG, task).await.expect("the worker stops").unwrap();
        }
        let other = Ground::new(TestDb::new(ground.db.engine).await).await;
        for body in &bodies {
            other.deliver(body).await;
        }
        other.intake(IntakeConfig::default()).catch_up().await.unwrap();
        assert_eq!(ground.dump().await, other.dump().await);
    }

    async fn an_album_is_one_thread(db: TestDb) {
        let ground = Ground::new(db).await;
        let photo = zalo::corpus::all().iter().find(|(name, ..)| *name == "user_message--image").unwrap().1;
        for i in 0..10 {
            let mut body: serde_json::Value = serde_json::from_slice(photo).unwrap();
            body["message"]["msg_id"] = format!("album-{i}").into();
            ground.deliver(&serde_json::to_vec(&body).unwrap()).await;
        }
        ground.intake(IntakeConfig { batch: 3, ..IntakeConfig::default() }).catch_up().await.unwrap();
        let threads = entity::conversations::Entity::find().all(ground.db.store.reader()).await.unwrap();
        assert_eq!(threads.len(), 1);
        assert_eq!((threads[0].unread_count, threads[0].status.as_str()), (10, "open"));
        let messages = entity::messages::Entity::find().all(ground.db.store.reader()).await.unwrap();
        assert_eq!(messages.iter().filter(|m| m.conversation_id == threads[0].id && m.kind == "image").count(), 10);
    }

    async fn an_echo_settles_the_call_it_proves(db: TestDb) {
        let ground = Ground::new(db).await;
        let (user, ws, channel) = ("901", ground.seed.workspace, ground.channel);
        ground.deliver(&user_text(user, "q", "Còn hàng không?", NOW)).await;
        let intake = ground.intake(IntakeConfig::default());
        intake.catch_up().await.unwrap();
        let (_, identity, thread) = rows::ids_of(ws, channel, user);
        // Two calls with the same words: one whose outcome is unknown, and one that waits behind it.
        let ids = [MessageId::derived(NOW, &[b"1"]), MessageId::derived(NOW, &[b"2"])];
        let tx = ground.db.store.begin().await.unwrap();
        for (i, id) in ids.iter().enumerate() {
            let at = NOW.plus_secs(10 + i as i64).as_ms();
            let calling = i == 0;
            entity::messages::Entity::insert(entity::messages::Model {
                workspace_id: ws.0, id: id.0, conversation_id: thread.0, channel_id: channel.0, direction: "out".into(),
                author: "member".into(), member_id: Some(ground.seed.admin.0), kind: "text".into(),
                text: Some("Dạ còn ạ".into()), attachments: serde_json::json!([]), platform_id: None,
                client_id: Some(id.0), quoted_platform_id: None, by_person: None, reactions: serde_json::json!([]),
                status: if calling { "unknown" } else { "queued" }.into(), error_code: None, error_text: None, problem: None,
                decision: Some(serde_json::json!({"class": "reply"})), sent_at: at, created_at: at, updated_at: at,
            }.into_active_model()).exec(&tx).await.unwrap();
            entity::deliveries::Entity::insert(entity::deliveries::Model {
                workspace_id: ws.0, message_id: id.0, channel_id: channel.0, conversation_id: thread.0,
                identity_id: identity.0, state: if calling { "unknown" } else { "queued" }.into(), due_at: at,
                attempts: 1, checks: 0, calling_since_at: calling.then_some(at), lease_until_at: None,
                lease_owner: None, last_error: None,
            }.into_active_model()).exec(&tx).await.unwrap();
            entity::reservations::Entity::insert(entity::reservations::Model {
                workspace_id: ws.0, id: id.0, channel_id: channel.0, identity_id: identity.0, pool: "reply".into(),
                amount: 1, state: "pending".into(), created_at: at, settled_at: None,
            }.into_active_model()).exec(&tx).await.unwrap();
        }
        entity::customer_identities::Entity::update_many()
            .col_expr(entity::customer_identities::Column::RepliesReserved, sea_orm::sea_query::Expr::value(2))
            .filter(entity::customer_identities::Column::Id.eq(identity.0)).exec(&tx).await.unwrap();
        tx.commit().await.unwrap();

        // The receipt overtakes the echo. An echo with other words is somebody else's.
        let seen = serde_json::json!({
            "app_id": zalo::corpus::APP_ID, "sender": {"id": zalo::corpus::OA_ID}, "recipient": {"id": user},
            "event_name": "user_seen_message", "message": {"msg_ids": ["P1"]},
            "timestamp": NOW.plus_secs(13).as_ms().to_string(),
        });
        ground.deliver(&serde_json::to_vec(&seen).unwrap()).await;
        intake.catch_up().await.unwrap();
        ground.deliver(&oa_text(user, "P0", "Lời chào tự động", None, NOW.plus_secs(12))).await;
        ground.deliver(&oa_text(user, "P1", "Dạ còn ạ", None, NOW.plus_secs(12))).await;
        intake.catch_up().await.unwrap();

        let reader = ground.db.store.reader();
        let messages = entity::messages::Entity::find().all(reader).await.unwrap();
        let by_id = |id: MessageId| messages.iter().find(|m| m.id == id.0).unwrap();
        assert_eq!(messages.len(), 4, "question, two answers, and the other application's greeting");
        let sent = by_id(ids[0]);
        assert_eq!((sent.platform_id.as_deref(), sent.status.as_str()), (Some("P1"), "seen"));
        assert_eq!((by_id(ids[1]).platform_id.as_deref(), by_id(ids[1]).status.as_str()), (None, "queued"));
        let deliveries = entity::deliveries::Entity::find().all(reader).await.unwrap();
        let state = |id: MessageId| deliveries.iter().find(|d| d.message_id == id.0).unwrap().state.clone();
        assert_eq!((state(ids[0]).as_str(), state(ids[1]).as_str()), ("done", "queued"));
        let reservations = entity::reservations::Entity::find().all(reader).await.unwrap();
        let held = |id: MessageId| reservations.iter().find(|r| r.id == id.0).unwrap().state.clone();
        assert_eq!((held(ids[0]).as_str(), held(ids[1]).as_str()), ("posted", "pending"));
        let person = entity::customer_identities::Entity::find().all(reader).await.unwrap().remove(0);
        assert_eq!((person.replies_used, person.replies_reserved), (2, 1), "the greeting and ours; one is held");
        let talk = entity::conversations::Entity::find().all(reader).await.unwrap().remove(0);
        assert_eq!((talk.unread_count, talk.waiting_since_at), (0, None), "a member answered");
        assert!(entity::message_marks::Entity::find().all(reader).await.unwrap().is_empty());
        // The second one is settled by an echo of its own only when it was called.
        ground.deliver(&oa_text(user, "P2", "Dạ còn ạ", None, NOW.plus_secs(14))).await;
        intake.catch_up().await.unwrap();
        let queued = entity::messages::Entity::find().all(ground.db.store.reader()).await.unwrap();
        assert_eq!(queued.iter().find(|m| m.id == ids[1].0).unwrap().status, "queued");
    }

    async fn what_cannot_be_understood_is_set_aside(db: TestDb) {
        let ground = Ground::new(db).await;
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        for (i, poison) in ["", "not json", "{}", "[1,2", deep.as_str(), "{\"event_name\":\"user_send_text\"}"].iter().enumerate() {
            ground.append(&format!("poison-{i}"), poison.as_bytes()).await;
        }
        ground.append("bytes", &[0xff, 0x00, b'{']).await;
        ground.deliver(&user_text("902", "m\u{0}1", "vẫn\u{0} đến", NOW)).await;
        ground.intake(IntakeConfig::default()).catch_up().await.unwrap();
        let reader = ground.db.store.reader();
        let raw = entity::raw_events::Entity::find().all(reader).await.unwrap();
        assert_eq!(raw.len(), 7);
        assert!(raw.iter().all(|r| r.reason == "unparsable" && r.channel_id == Some(ground.channel.0)));
        let messages = entity::messages::Entity::find().all(reader).await.unwrap();
        assert_eq!(messages.len(), 1);
        assert_eq!(messages[0].text.as_deref(), Some("vẫn đến"));
    }

    async fn events_of_a_revoked_and_reconnected_channel(db: TestDb) {
        let ground = Ground::new(db).await;
        let revoked = |at: Timestamp| serde_json::to_vec(&serde_json::json!({
            "app_id": zalo::corpus::APP_ID, "oa_id": zalo::corpus::OA_ID, "event_name": "permission_revoked",
            "timestamp": at.as_ms().to_string(),
        })).unwrap();
        let intake = ground.intake(IntakeConfig::default());
        let mut wakeup = ground.signals.subscribe(Topic::Channels);
        let status = async || {
            let found = loa_store::channels::get(ground.db.store.reader(), ground.seed.workspace, ground.channel).await;
            found.unwrap().unwrap().status.as_str().to_owned()
        };
        // Older than the connection: it was connected again since.
        ground.deliver(&revoked(ground.seed.now.plus_secs(-1))).await;
        intake.catch_up().await.unwrap();
        assert_eq!(status().await, "connected");
        ground.deliver(&revoked(NOW)).await;
        intake.catch_up().await.unwrap();
        assert_eq!(status().await, "reconnect_required");
        tokio::time::timeout(LONG, wakeup.changed()).await.expect("somebody is told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_worker_wakes_at_once_and_stops_cleanly() {
    let ground = Ground::new(TestDb::new(Engine::Sqlite).await).await;
    // A tick that never comes within the test: only the wake-up can do it.
    let intake = ground.intake(IntakeConfig { tick: Duration::from_secs(3600), ..IntakeConfig::default() });
    let stop = CancellationToken::new();
    let mut changes = ground.signals.subscribe(Topic::ChangesIn(ground.seed.workspace));
    let running = tokio::spawn(intake.clone().run(stop.clone()));
    for i in 0..3 {
        ground.deliver(&user_text("903", &format!("m{i}"), "xin chào", NOW.plus_secs(i))).await;
        tokio::time::timeout(LONG, changes.changed()).await.expect("the change is told");
        let messages = entity::messages::Entity::find().all(ground.db.store.reader()).await.unwrap();
        assert_eq!(messages.len(), 1 + i as usize, "told after the commit");
    }
    stop.cancel();
    tokio::time::timeout(LONG, running).await.expect("it stops").unwrap();
    // What is folded is forgotten after its retention, what is not stays.
    ground.deliver(&user_text("903", "late", "còn đây", NOW)).await;
    let partition = partition_of(ground.channel);
    assert_eq!(intake.clean(NOW.plus_days(2)).await.unwrap(), 0);
    assert_eq!(intake.clean(NOW.plus_days(30)).await.unwrap(), 3);
    let from = rows::cursors(ground.db.store.reader()).await.unwrap();
    let from = from.into_iter().find(|(p, _)| *p == partition).unwrap().1;
    assert!(matches!(intake.step(partition, from, 10).await.unwrap(), Step::Folded { events: 1, .. }));
    assert!(from > 0 && partition < PARTITIONS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_fails_again_and_again_is_set_aside() {
    let ground = Ground::new(TestDb::new(Engine::Sqlite).await).await;
    // A fault that only this one message meets, and that no retry cures.
    let tx = ground.db.store.begin().await.unwrap();
    tx.execute_unprepared(
        "CREATE TRIGGER fault BEFORE INSERT ON messages WHEN NEW.text = 'boom' BEGIN SELECT RAISE(ABORT, 'fault'); END",
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    for (i, text) in ["một", "boom", "hai", "ba"].into_iter().enumerate() {
        ground.deliver(&user_text("904", &format!("m{i}"), text, NOW.plus_secs(i as i64))).await;
    }
    let quick = (Duration::from_millis(1), Duration::from_millis(2));
    let intake = ground.intake(IntakeConfig { backoff: quick, patience: 2, ..IntakeConfig::default() });
    let stop = CancellationToken::new();
    let running = tokio::spawn(intake.run(stop.clone()));
    let texts = async || -> Vec<String> {
        let messages = entity::messages::Entity::find().all(ground.db.store.reader()).await.unwrap();
        messages.into_iter().filter_map(|m| m.text).collect()
    };
    tokio::time::timeout(LONG, async {
        while texts().await.len() < 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the others are folded");
    stop.cancel();
    tokio::time::timeout(LONG, running).await.expect("it stops").unwrap();
    assert_eq!(texts().await.concat(), "mộthaiba");
    let raw = entity::raw_events::Entity::find().all(ground.db.store.reader()).await.unwrap();
    assert_eq!(raw.iter().map(|r| r.reason.as_str()).collect::<Vec<_>>(), ["failed"]);
    assert!(raw[0].body.contains("boom"));
    let thread = entity::conversations::Entity::find().all(ground.db.store.reader()).await.unwrap().remove(0);
    assert_eq!(thread.unread_count, 3);
}
