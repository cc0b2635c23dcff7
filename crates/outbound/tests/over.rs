//! What stays of messages that are over: what the platform took for them, and what is forgotten after a while.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{World, text_message};
use loa_channels::reconcile::DueWork;
use loa_channels::{MessageKind, PoolReport, QuotaReport, Refusal, SendOutcome, SentMessage};
use loa_inbox::views::{Charged, MessageView};
use loa_kernel::{MessageId, Timestamp};
use loa_outbound::Submitted;
use loa_rulebook::Class;
use loa_store::channels::BillingState;
use loa_store::intake::{self, Batch, MessageRow, NewMessage};
use loa_store::outbound as rows;
use loa_testdb::{TestDb, on_both_databases};

fn accepted(id: &str, at: Timestamp, quota: QuotaReport) -> SendOutcome {
    SendOutcome::Accepted { platform_id: id.into(), sent_at: Some(at), quota }
}

fn pool(remain: u64, total: u64) -> Option<PoolReport> {
    Some(PoolReport { remain, total })
}

async fn view(world: &World, id: MessageId) -> MessageView {
    MessageView::new(&world.message(id).await, None).unwrap()
}

/// Forget deliveries that were due before `before`, in one transaction.
async fn forget_deliveries(world: &World, before: Timestamp, limit: u64) -> u64 {
    let tx = world.store.begin().await.unwrap();
    let gone = rows::prune_deliveries(&tx, world.seed.workspace, before, limit).await.unwrap();
    tx.commit().await.unwrap();
    gone
}

async fn forget_reservations(world: &World, before: Timestamp, limit: u64) -> u64 {
    let tx = world.store.begin().await.unwrap();
    let gone = rows::prune_reservations(&tx, world.seed.workspace, before, limit).await.unwrap();
    tx.commit().await.unwrap();
    gone
}

async fn has_delivery(world: &World, id: MessageId) -> bool {
    rows::delivery(world.store.reader(), world.seed.workspace, id).await.unwrap().is_some()
}

async fn reservation(world: &World, id: MessageId) -> Option<String> {
    let found = rows::reservation(world.store.reader(), world.seed.workspace, id).await.unwrap();
    found.map(|r| r.state)
}

on_both_databases! {
    /// What was decided stays, and beside it stands what the platform says it was.
    async fn what_the_platform_took_stands_beside_what_was_decided(db: TestDb) {
        // Decided as, the platform's answer, what it was, in which pool the reservation ends.
        let cases = [
            (Class::Reply, QuotaReport::Reply(pool(7, 8)), Some(Class::Reply), "reply"),
            // Our count of the customer's free replies was too high.
            (Class::Reply, QuotaReport::Package { pool: pool(962, 1000), valid_through: None }, Some(Class::Package), "package"),
            (Class::Reply, QuotaReport::Welcome(pool(0, 1)), Some(Class::Welcome), "welcome"),
            (Class::Reply, QuotaReport::Charged, Some(Class::Paid), "paid"),
            // Used up in the platform's own tool meanwhile.
            (Class::Package, QuotaReport::Extra, Some(Class::Extra), "extra"),
            (Class::Package, QuotaReport::Charged, Some(Class::Paid), "paid"),
            // A word that nobody knows says nothing.
            (Class::Reply, QuotaReport::Other("new".into()), None, "reply"),
        ];
        for (decided, told, charged, posted) in cases {
            let db = TestDb::new(db.engine).await;
            let world = World::new(&db).await;
            let program = world.program(1);
            world.quota(963, 1000).await;
            if decided == Class::Package {
                world.after_window();
            }
            let shown = format!("{decided:?} {told:?}");
            let sent = program.send(&world, 1, "Chào").await.unwrap();
            assert_eq!(sent.charged, None, "{shown}: nothing is known yet");
            world.platform.script().sends.push_back(accepted("p1", world.now(), told));
            program.pump().await;
            let after = view(&world, sent.id).await;
            assert_eq!(after.decision.as_ref().unwrap().class, Some(decided), "{shown}");
            assert_eq!(after.charged.map(|c| c.class), charged, "{shown}");
            let cost = after.charged.map_or(0, |c| c.cost_vnd);
            assert_eq!(cost > 0, charged == Some(Class::Paid), "{shown}: {cost}");
            let held = rows::reservation(db.store.reader(), world.seed.workspace, sent.id).await.unwrap().unwrap();
            assert_eq!((held.pool.as_str(), held.state.as_str()), (posted, "posted"), "{shown}");
        }
    }

    /// The history does not say what paid, so nothing is claimed.
    async fn what_was_found_in_the_history_is_charged_as_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.billing(BillingState::Linked).await;
        let sent = program.send(&world, 1, "Chào").await.unwrap();
        world.platform.script().sends.push_back(SendOutcome::Unknown { reason: "no answer".into() });
        program.pump().await;
        let at = world.now().plus_ms(5);
        world.platform.script().recent = Ok(vec![SentMessage {
            platform_id: "p1".into(), kind: MessageKind::Text, text: Some("Chào".into()), sent_at: at,
        }]);
        world.clock.advance_ms(program.outbound.settings.unknown_first_look_ms);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
        let after = view(&world, sent.id).await;
        assert_eq!((after.platform_id.as_deref(), after.charged), (Some("p1"), None));
        assert_eq!(after.decision.unwrap().class, Some(Class::Reply));
    }

    /// Only what is over and old, a little at a time; and whatever still needs it does without.
    async fn what_is_over_is_forgotten_and_nothing_depends_on_it(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.platform.script().sends.extend([
            accepted("p1", world.now(), QuotaReport::Reply(pool(7, 8))),
            SendOutcome::Rejected { code: -210, message: "no".into(), refusal: Refusal::Parameter },
        ]);
        let sent = program.send(&world, 1, "một").await.unwrap().id;
        program.pump().await;
        let failed = program.send(&world, 2, "hai").await.unwrap().id;
        program.pump().await;
        world.clock.advance_ms(1_000);
        let queued = program.send(&world, 3, "ba").await.unwrap().id;
        assert_eq!(world.message(failed).await.status, "failed");

        // Nothing is that old yet; then one at a time; what waits is never over.
        assert_eq!(forget_deliveries(&world, world.seed.now, 10).await, 0);
        assert_eq!(forget_reservations(&world, world.seed.now, 10).await, 0);
        let later = world.now().plus_days(1);
        let left: Vec<u64> = [forget_deliveries(&world, later, 1).await, forget_deliveries(&world, later, 9).await, forget_deliveries(&world, later, 9).await].into();
        assert_eq!(left, [1, 1, 0]);
        let left: Vec<u64> = [forget_reservations(&world, later, 1).await, forget_reservations(&world, later, 9).await, forget_reservations(&world, later, 9).await].into();
        assert_eq!(left, [1, 1, 0]);
        for (id, there) in [(sent, false), (failed, false), (queued, true)] {
            assert_eq!(has_delivery(&world, id).await, there);
            assert_eq!(reservation(&world, id).await.is_some(), there);
        }
        // Another workspace's rows are not this one's.
        let tx = db.store.begin().await.unwrap();
        let stranger = loa_kernel::WorkspaceId::derived(Timestamp(1), &[b"stranger"]);
        assert_eq!(rows::prune_deliveries(&tx, stranger, later, 10).await.unwrap(), 0);
        tx.rollback().await.unwrap();

        // The same client id is still the same message, sent or failed.
        for (n, text, id) in [(1, "một", sent), (2, "hai", failed)] {
            let again = program.outbound.submit(&world.agent(), world.conversation, &text_message(n, text)).await;
            assert!(matches!(again.unwrap(), Submitted::Known(known) if known.id == id), "{text}");
        }
        // A failed message is tried again all the same, with everything it needs.
        program.outbound.retry(&world.agent(), failed).await.unwrap();
        assert_eq!(reservation(&world, failed).await.as_deref(), Some("pending"));
        assert_eq!(world.identity().await.replies_reserved, 2);
        world.platform.script().sends.extend([
            accepted("p2", world.now().plus_ms(1), QuotaReport::Reply(pool(6, 8))),
            accepted("p3", world.now().plus_ms(2), QuotaReport::Reply(pool(5, 8))),
        ]);
        program.pump().await;
        for id in [failed, queued] {
            assert_eq!(world.message(id).await.status, "sent");
            assert_eq!(world.delivery(id).await.attempts, 1);
            assert_eq!(reservation(&world, id).await.as_deref(), Some("posted"));
        }
        assert_eq!(world.platform.script().sent.len(), 4, "each call once");
        assert_eq!(world.identity().await.replies_reserved, 0);
    }

    /// The list shows the same last message as the thread: by instant, then by id, whoever came first.
    async fn the_list_shows_the_message_at_the_end_of_the_thread(db: TestDb) {
        // Milliseconds after our message was written: the customer's message, and ours by the platform's clock.
        for (theirs, ours) in [(-20, -30), (-20, -20), (-20, -10), (-20, 10), (20, 10), (20, 20), (20, 30)] {
            let db = TestDb::new(db.engine).await;
            let world = World::new(&db).await;
            let program = world.program(1);
            let sent = program.send(&world, 1, "của shop").await.unwrap();
            let (ws, at) = (world.seed.workspace, world.now());
            let said_at = at.plus_ms(theirs);
            let said = MessageId::derived(said_at, &[b"said"]);
            let row = MessageRow {
                workspace: ws,
                id: said,
                conversation: world.conversation,
                channel: world.seed.channel,
                direction: "in".into(),
                status: "received".into(),
                platform_id: Some("c1".into()),
                reactions: serde_json::json!([]),
                sent_at: said_at,
            };
            let message = NewMessage {
                row, author: "customer", kind: "text".into(), text: Some("của khách".into()),
                attachments: serde_json::json!([]), quoted_platform_id: None,
 by_person: false,
            };
            let tx = db.store.begin().await.unwrap();
            intake::apply(&tx, Batch { new_messages: vec![message], ..Batch::default() }, at).await.unwrap();
            if theirs > 0 {
                // As intake does: it stands behind what the list shows.
                let thread = rows::lock_thread(&tx, ws, world.conversation).await.unwrap().unwrap().conversation;
                let mut new = thread.clone();
                new.last_message_id = Some(said.0);
                new.last_message_at = said_at.0;
                new.last_preview = "của khách".into();
                rows::save_conversation(&tx, &thread, &new).await.unwrap();
            }
            tx.commit().await.unwrap();
            world.platform.script().sends.push_back(accepted("p1", at.plus_ms(ours), QuotaReport::Reply(pool(7, 8))));
            program.pump().await;
            let shown = format!("theirs at {theirs}, ours at {ours}");
            let last = world.thread().await.remove(0);
            if theirs != ours {
                assert_eq!(last.id == sent.id.0, ours > theirs, "{shown}");
            }
            let listed = loa_store::conversations::get(db.store.reader(), ws, world.conversation).await.unwrap().unwrap();
            let preview = last.text.unwrap();
            assert_eq!(
                (listed.last_message_id, listed.last_message_at, listed.last_preview),
                (Some(last.id), last.sent_at, preview),
                "{shown}"
            );
        }
    }

    /// The price is the rule book's at the time; a free class costs nothing.
    async fn a_charged_message_names_its_price(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(0, 1000).await;
        world.billing(BillingState::Linked).await;
        world.after_window();
        let sent = program.send(&world, 1, "Chào").await.unwrap();
        let price = sent.decision.unwrap().cost_vnd;
        assert!(price > 0);
        world.platform.script().sends.push_back(accepted("p1", world.now(), QuotaReport::Charged));
        program.pump().await;
        assert_eq!(view(&world, sent.id).await.charged, Some(Charged { class: Class::Paid, cost_vnd: price }));
    }
}
