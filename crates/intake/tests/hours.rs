//! Customers who write while the shop is closed: one automatic reply a thread and time of closure, whatever the order.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

mod ground;

use ground::{Ground, user_text};
use loa_hours::Plan;
use loa_intake::IntakeConfig;
use loa_kernel::{SeededRandom, Timestamp};
use loa_store::entity::auto_replies;
use loa_store::hours::{self, AutoReply};
use loa_testdb::{TestDb, on_both_databases};
use sea_orm::EntityTrait;

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Friday evening, 25 September 2026, in Vietnam.
fn evening() -> Timestamp {
    at("2026-09-25T20:00:00+07:00")
}

async fn ground(db: TestDb, enabled: bool) -> Ground {
    let ground = Ground::new(db).await;
    ground.clock.set(evening());
    let (ws, by, now) = (ground.seed.workspace, ground.seed.admin, evening());
    let set = AutoReply { enabled, text: "Mở lúc {open}".into(), language: "vi".into() };
    let tx = ground.db.store.begin().await.unwrap();
    let plan = serde_json::to_value(Plan::usual()).unwrap();
    hours::put_plan(&tx, ws, None, plan, by, now).await.unwrap();
    hours::put_auto_reply(&tx, ws, ground.channel, &set, by, now).await.unwrap();
    tx.commit().await.unwrap();
    ground
}

async fn rows(ground: &Ground) -> Vec<(uuid::Uuid, i64, i64)> {
    let rows = auto_replies::Entity::find().all(ground.db.store.reader()).await.unwrap();
    let mut rows: Vec<_> =
        rows.into_iter().map(|r| (r.conversation_id, r.closed_since_at, r.opens_at)).collect();
    rows.sort_unstable();
    rows
}

on_both_databases! {
    async fn one_a_thread_and_time_of_closure_in_any_order(db: TestDb) {
        let engine = db.engine;
        let mut bodies = Vec::new();
        for (user, times) in [
            ("71", ["2026-09-25T17:31:00+07:00", "2026-09-25T18:00:00+07:00", "2026-09-25T19:59:00+07:00"]),
            // During opening hours, in the lunch break (over since), and once in the evening.
            ("72", ["2026-09-25T17:29:00+07:00", "2026-09-25T12:00:00+07:00", "2026-09-25T19:00:00+07:00"]),
            // Never outside hours that still last.
            ("73", ["2026-09-25T08:00:00+07:00", "2026-09-24T22:00:00+07:00", "2026-09-25T17:29:59+07:00"]),
        ] {
            bodies.extend(times.map(|time| user_text(user, &format!("{user}-{time}"), "Shop ơi", at(time))));
        }
        let mut ends = Vec::new();
        for (seed, batch) in [(0, 500), (1, 1), (2, 2)] {
            let ground = ground(TestDb::new(engine).await, true).await;
            let random = SeededRandom::new(seed);
            let mut left = bodies.clone();
            while !left.is_empty() {
                let body = left.swap_remove(if seed == 0 { 0 } else { random.below(left.len() as u64) as usize });
                ground.deliver(&body).await;
                ground.append(&format!("again-{}", left.len()), &body).await;
            }
            ground.intake(IntakeConfig { batch, ..IntakeConfig::default() }).catch_up().await.unwrap();
            ends.push(rows(&ground).await);
        }
        let closed = (at("2026-09-25T17:30:00+07:00").0, at("2026-09-26T08:00:00+07:00").0);
        assert_eq!(ends[0].len(), 2, "{:?}", ends[0]);
        assert!(ends[0].iter().all(|(_, since, opens)| (*since, *opens) == closed), "{:?}", ends[0]);
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
    }

    async fn switched_off_asks_for_nothing(db: TestDb) {
        let ground = ground(db, false).await;
        ground.deliver(&user_text("71", "a", "Shop ơi", evening())).await;
        ground.intake(IntakeConfig::default()).catch_up().await.unwrap();
        assert!(rows(&ground).await.is_empty());
    }

    async fn a_channels_own_hours_come_before_the_workspaces(db: TestDb) {
        let ground = ground(db, true).await;
        let (ws, by) = (ground.seed.workspace, ground.seed.admin);
        let mut always = Plan::usual();
        always.week = vec![vec![loa_hours::Range { from: 0, to: 1440 }]; 7];
        let tx = ground.db.store.begin().await.unwrap();
        let plan = serde_json::to_value(always).unwrap();
        hours::put_plan(&tx, ws, Some(ground.channel), plan, by, evening()).await.unwrap();
        tx.commit().await.unwrap();
        ground.deliver(&user_text("71", "a", "Shop ơi", evening())).await;
        ground.intake(IntakeConfig::default()).catch_up().await.unwrap();
        assert!(rows(&ground).await.is_empty());
    }
}
