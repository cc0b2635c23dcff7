//! Automatic replies while the shop is closed: once, free or not at all, and nobody counts as answered.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, World};
use loa_channels::reconcile::DueWork;
use loa_channels::{PoolReport, QuotaReport, SendOutcome};
use loa_hours::Plan;
use loa_kernel::{Code, Timestamp};
use loa_outbound::AutoReplyWork;
use loa_store::auto_replies::{self, NewAutoReply};
use loa_store::hours::{self, AutoReply};
use loa_store::intake::{self, Batch};
use loa_store::{conversations, quota};
use loa_testdb::on_both_databases;

/// Thursday 15 January 2026, eight in the evening; the customer wrote in the morning.
fn evening(world: &World) -> Timestamp {
    world.seed.now.plus_hours(10)
}

fn closed_since(world: &World) -> Timestamp {
    evening(world).plus_ms(-150 * 60_000)
}

async fn setup(world: &World) {
    let tx = world.store.begin().await.unwrap();
    let plan = serde_json::to_value(Plan::usual()).unwrap();
    hours::put_plan(&tx, world.seed.workspace, None, plan, world.seed.admin, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    set(world, true, "Shop mở cửa lại lúc {open}").await;
    world.clock.set(evening(world));
}

async fn set(world: &World, enabled: bool, text: &str) {
    let set = AutoReply { enabled, text: text.into(), language: "vi".into() };
    let (ws, channel) = (world.seed.workspace, world.seed.channel);
    let tx = world.store.begin().await.unwrap();
    hours::put_auto_reply(&tx, ws, channel, &set, world.seed.admin, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// What intake leaves when the customer wrote at `at`.
async fn customer_wrote(world: &World, closed_since: Timestamp, at: Timestamp) {
    let new = NewAutoReply {
        workspace: world.seed.workspace,
        conversation: world.conversation,
        channel: world.seed.channel,
        closed_since,
        message_at: at,
        opens_at: evening(world).plus_hours(12),
    };
    let batch = Batch { auto_replies: vec![new], ..Batch::default() };
    let tx = world.store.begin().await.unwrap();
    intake::apply(&tx, batch, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn decide(program: &Program) -> usize {
    AutoReplyWork::new(program.outbound.clone()).run_batch(32).await.unwrap()
}

async fn tally(world: &World) -> Vec<(String, u64)> {
    let (ws, channel) = (world.seed.workspace, world.seed.channel);
    auto_replies::tally(world.store.reader(), ws, channel, Timestamp(0)).await.unwrap().into_iter().collect()
}

async fn thread(world: &World) -> loa_store::entity::conversations::Model {
    let found = conversations::get(world.store.reader(), world.seed.workspace, world.conversation).await;
    found.unwrap().unwrap()
}

fn free(remain: u64) -> QuotaReport {
    QuotaReport::Reply(Some(PoolReport { remain, total: 8 }))
}

on_both_databases! {
    async fn one_goes_and_the_customer_still_waits(db: TestDb) {
        let world = World::new(&db).await;
        let (program, other) = (world.program(1), world.program(2));
        setup(&world).await;
        let before = thread(&world).await;
        customer_wrote(&world, closed_since(&world), world.now()).await;
        assert_eq!(decide(&program).await, 1);
        // Written again, by an event that came twice; decided again, by another process.
        customer_wrote(&world, closed_since(&world), world.now()).await;
        assert_eq!((decide(&program).await, decide(&other).await), (0, 0));
        let queued = world.thread().await;
        assert_eq!(queued.len(), 1);
        assert_eq!(queued[0].text.as_deref(), Some("Shop mở cửa lại lúc 08:00 thứ Sáu"));
        assert_eq!((queued[0].author.as_str(), queued[0].member_id), ("bot", None));

        let at = world.now();
        world.platform.script().sends.push_back(SendOutcome::Accepted { platform_id: "p1".into(), sent_at: Some(at), quota: free(7) });
        program.pump().await;
        let sent = world.thread().await;
        assert_eq!((sent.len(), sent[0].status.as_str()), (1, "sent"));
        let after = thread(&world).await;
        let waits = |t: &loa_store::entity::conversations::Model| (t.waiting_since_at, t.unread_count, t.answered_at);
        assert_eq!(waits(&after), waits(&before), "nobody has answered");
        assert!(after.waiting_since_at.is_some() && after.last_preview.starts_with("Shop"));
        // It used a free reply, and nobody's.
        assert_eq!(world.identity().await.replies_used, 1);
        let day = quota::day_of(at);
        let (used, _) = quota::history(db.store.reader(), world.seed.workspace, world.seed.channel, &day, &day).await.unwrap();
        let rows: Vec<_> = used.iter().map(|d| (d.class.as_str(), d.member, d.messages)).collect();
        assert_eq!(rows, [("reply", None, 1)]);
        assert_eq!(tally(&world).await, [("sent".to_owned(), 1)]);
        // A member can neither take it back nor try it again.
        let id = loa_kernel::MessageId(sent[0].id);
        assert_eq!(program.outbound.retry(&world.agent(), id).await.unwrap_err().code, Code::Conflict);

        // The next evening: another one.
        world.clock.set(evening(&world).plus_hours(24));
        customer_wrote(&world, closed_since(&world).plus_hours(24), world.now()).await;
        assert_eq!(decide(&program).await, 1);
        assert_eq!(world.thread().await.len(), 2);
    }

    async fn what_would_cost_something_is_not_sent(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        setup(&world).await;
        world.quota(100, 100).await;
        // 49 hours after the customer's last message: only the package would pay.
        world.clock.set(evening(&world).plus_hours(48));
        customer_wrote(&world, closed_since(&world).plus_hours(48), world.now()).await;
        assert_eq!(decide(&program).await, 1);
        assert!(world.thread().await.is_empty());
        assert_eq!(tally(&world).await, [("not_free".to_owned(), 1)]);
    }

    /// Free when it was decided, and the last free reply went to somebody else before it was called.
    async fn what_costs_something_at_the_last_moment_is_not_sent(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        setup(&world).await;
        world.quota(100, 100).await;
        customer_wrote(&world, closed_since(&world), world.now()).await;
        decide(&program).await;
        let identity = world.identity().await;
        let mut used = identity.clone();
        used.replies_used = 8;
        let tx = db.store.begin().await.unwrap();
        loa_store::outbound::save_identity(&tx, &identity, &used).await.unwrap();
        tx.commit().await.unwrap();
        program.pump().await;
        let thread = world.thread().await;
        assert_eq!((thread.len(), thread[0].status.as_str()), (1, "failed"));
        assert_eq!(world.channel().await.quota_reserved, 0);
        assert_eq!(world.platform.script().sent.len(), 0, "the platform was never called");
    }

    async fn each_reason_not_to_is_kept(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        setup(&world).await;
        let mut n = 0;
        let mut wrote = async |expected: &str| {
            n += 1;
            // Another time of closure each time, as far as the rows are concerned.
            customer_wrote(&world, Timestamp(n), world.now()).await;
            assert_eq!(decide(&program).await, 1, "{expected}");
            assert!(tally(&world).await.iter().any(|(word, _)| word == expected), "{expected}: {:?}", tally(&world).await);
        };
        set(&world, false, "x").await;
        wrote("switched_off").await;
        set(&world, true, "x").await;
        world.clock.set(world.seed.now.plus_hours(23));
        wrote("opened").await;
        world.clock.set(evening(&world));
        let change = async |edit: &dyn Fn(&mut loa_store::entity::conversations::Model)| {
            let old = thread(&world).await;
            let mut new = old.clone();
            edit(&mut new);
            let tx = world.store.begin().await.unwrap();
            loa_store::outbound::save_conversation(&tx, &old, &new).await.unwrap();
            tx.commit().await.unwrap();
        };
        change(&|t| t.answered_at = Some(evening(&world).0)).await;
        wrote("answered").await;
        change(&|t| { t.answered_at = None; t.status = "closed".into(); }).await;
        wrote("closed").await;
        assert!(world.thread().await.is_empty());
        change(&|t| t.status = "open".into()).await;
        wrote("sent").await;
        // The hours were edited, and the time of closure has another beginning.
        wrote("already").await;
        assert_eq!(world.thread().await.len(), 1);
    }

    /// A program that dies after it claimed: somebody else does it when the lease has run out, once.
    async fn a_claim_that_led_to_nothing_is_taken_up(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(2);
        setup(&world).await;
        customer_wrote(&world, closed_since(&world), world.now()).await;
        let until = world.now().plus_ms(30_000);
        assert_eq!(auto_replies::claim_due(&world.store, 32, until, world.now()).await.unwrap().len(), 1);
        assert_eq!(decide(&program).await, 0, "the lease holds");
        world.clock.set(until.plus_ms(1));
        assert_eq!(decide(&program).await, 1);
        assert_eq!(world.thread().await.len(), 1);
    }
}
