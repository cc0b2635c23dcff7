//! What is done to many threads at once, thread by thread, on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::collections::{BTreeMap, HashMap};

use loa_kernel::{
    BulkAction, BulkJobId, ConversationId, ConversationStatus, Criteria, MemberId, SeededRandom, Timestamp,
    ViewSort, WorkspaceId,
};
use loa_store::bulk::{self, BulkState, Job, NewJob, Outcome, Step, Why};
use loa_store::changes::{self, ChangeKind};
use loa_store::conversations::{Chosen, Edit, Visibility, edit};
use loa_store::entity::conversations::{self, Model};
use loa_store::{Store, Tx};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

const HOUR: i64 = 3_600_000;

fn thread(n: usize) -> ConversationId {
    ConversationId(Uuid::from_u128(1_000 + n as u128))
}

fn job_id(n: u128) -> BulkJobId {
    BulkJobId(Uuid::from_u128(n))
}

const ME: MemberId = MemberId(Uuid::from_u128(1));
const LAN: MemberId = MemberId(Uuid::from_u128(2));

async fn fill(store: &Store, s: &Seed, many: usize, random: &SeededRandom) {
    let statuses = ["open", "pending", "snoozed", "closed"];
    let rows = (0..many).map(|n| {
        let waits = random.below(2) == 0;
        conversations::ActiveModel::from(Model {
            workspace_id: s.workspace.0,
            id: thread(n).0,
            channel_id: if random.below(4) == 0 { Uuid::from_u128(77) } else { s.channel.0 },
            customer_id: thread(n).0,
            identity_id: thread(n).0,
            status: statuses[random.below(4) as usize].into(),
            status_changed_at: (random.below(2) == 0).then_some(s.now.0 - HOUR),
            assignee_id: [None, Some(ME.0), Some(LAN.0)][random.below(3) as usize],
            unread_count: random.below(3) as i32,
            read_until_at: (random.below(2) == 0).then_some(s.now.0 - HOUR),
            answered_at: None,
            waiting_since_at: waits.then_some(s.now.0 - HOUR / 2),
            last_message_id: None,
            last_message_at: s.now.0 - n as i64,
            last_preview: String::new(),
            last_direction: "in".into(),
            last_kind: "text".into(),
            free_until_at: None,
            permitted_until_at: None,
            snooze_kind: None,
            snoozed_until_at: None,
            snooze_lead_minutes: None,
            back_reason: None,
            back_at: None,
            opened_at: None,
            asked_at: None,
            responded_at: None,
            closed_at: None,
            created_at: 0,
            updated_at: 0,
            change_seq: 0,
        })
    });
    let tx = store.begin().await.unwrap();
    conversations::Entity::insert_many(rows.collect::<Vec<_>>()).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
}

/// The threads without what every change moves.
async fn threads(store: &Store, ws: WorkspaceId) -> BTreeMap<Uuid, Model> {
    let rows = conversations::Entity::find()
        .filter(conversations::Column::WorkspaceId.eq(ws.0))
        .order_by_asc(conversations::Column::Id)
        .all(store.reader())
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.id, Model { updated_at: 0, change_seq: 0, ..row })).collect()
}

/// One batch as the worker does it.
async fn one_batch(tx: &Tx, visibility: &Visibility, limit: u64, now: Timestamp) -> bool {
    let Some(job) = bulk::claim(tx).await.unwrap() else { return false };
    let step = Step { visibility: Some(visibility), assignable: true, limit };
    let changed = bulk::step(tx, &job, &step, now).await.unwrap();
    changes::append(tx, job.workspace, &changed, now).await.unwrap();
    true
}

async fn run(store: &Store, visibility: &Visibility, limit: u64, now: Timestamp) {
    loop {
        let tx = store.begin().await.unwrap();
        let more = one_batch(&tx, visibility, limit, now).await;
        tx.commit().await.unwrap();
        if !more {
            return;
        }
    }
}

async fn begin(store: &Store, s: &Seed, n: u128, action: BulkAction, ids: &[ConversationId]) {
    let tx = store.begin().await.unwrap();
    let new = NewJob { id: job_id(n), member: ME, action };
    bulk::begin_with_ids(&tx, s.workspace, &new, ids, s.now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn job(store: &Store, s: &Seed, n: u128) -> Job {
    bulk::get(store.reader(), s.workspace, job_id(n)).await.unwrap().unwrap()
}

const ACTIONS: [BulkAction; 5] = [
    BulkAction::Assign { assignee_id: Some(LAN) },
    BulkAction::Assign { assignee_id: None },
    BulkAction::Status { status: ConversationStatus::Closed },
    BulkAction::Status { status: ConversationStatus::Open },
    BulkAction::Read,
];

on_both_databases! {
    /// Whatever was done to whichever threads, undoing gives the former state of every thread that nobody touched
    /// meanwhile, leaves the others as they are, and says how many of each there are.
    async fn undo_gives_the_former_state_of_what_nobody_touched(db: TestDb) {
        const MANY: usize = 60;
        let s = seed(&db.store).await;
        let random = SeededRandom::new(3);
        fill(&db.store, &s, MANY, &random).await;
        let visibility = Visibility { channels: Some(vec![s.channel]), only_assignee: None };
        let mut meddled = 0;
        for round in 0..30u128 {
            let action = ACTIONS[round as usize % ACTIONS.len()].clone();
            let ids: Vec<ConversationId> = (0..MANY).filter(|_| random.below(2) == 0).map(thread).collect();
            let now = s.now.plus_ms(round as i64 * HOUR);
            let before = threads(&db.store, s.workspace).await;
            begin(&db.store, &s, round, action.clone(), &ids).await;
            run(&db.store, &visibility, 1 + random.below(20), now).await;
            let done = job(&db.store, &s, round).await;
            assert_eq!((done.state, done.total), (BulkState::Done, ids.len() as u64));
            assert_eq!(done.done + done.skipped, done.total);
            let between = threads(&db.store, s.workspace).await;
            for (id, row) in &between {
                let named = ids.contains(&ConversationId(*id)) && row.channel_id == s.channel.0;
                assert!(named || row == &before[id], "{action:?} changed what it was not to");
                let so = match &action {
                    BulkAction::Assign { assignee_id } => row.assignee_id == assignee_id.map(|m| m.0),
                    BulkAction::Status { status } => row.status == status.as_str(),
                    BulkAction::Read => row.unread_count == 0,
                    BulkAction::Label { .. } => panic!("not of threads"),
                };
                assert!(!named || so, "{action:?} left out {row:?}");
            }
            // Somebody works on a few of them.
            let mut touched = HashMap::new();
            for id in ids.iter().filter(|_| random.below(5) == 0) {
                let other = match &action {
                    BulkAction::Assign { .. } => Edit { assignee: Some(Some(ME)), ..Edit::default() },
                    _ => Edit { status: Some("pending"), ..Edit::default() },
                };
                let tx = db.store.begin().await.unwrap();
                edit(&tx, s.workspace, *id, other, now.plus_ms(1)).await.unwrap();
                tx.commit().await.unwrap();
                touched.insert(id.0, ());
            }
            let meddling = threads(&db.store, s.workspace).await;
            let tx = db.store.begin().await.unwrap();
            assert!(bulk::undo(&tx, s.workspace, job_id(round), now.plus_ms(2)).await.unwrap());
            tx.commit().await.unwrap();
            run(&db.store, &visibility, 1 + random.below(20), now.plus_ms(2)).await;
            let undone = job(&db.store, &s, round).await;
            assert_eq!((undone.state, undone.undone + undone.kept), (BulkState::Undone, undone.done));
            let after = threads(&db.store, s.workspace).await;
            let items = bulk::items(db.store.reader(), s.workspace, job_id(round), None, false, 1_000).await.unwrap();
            for item in items {
                let id = item.id;
                match item.outcome {
                    // Reading is about other columns than the status that was set meanwhile.
                    Outcome::Undone if action == BulkAction::Read && touched.contains_key(&id) => {
                        assert_eq!(after[&id].unread_count, before[&id].unread_count);
                    }
                    Outcome::Undone => assert_eq!(after[&id], before[&id], "{action:?}"),
                    Outcome::Kept => {
                        meddled += 1;
                        assert!(touched.contains_key(&id), "nobody touched it: {action:?}");
                        assert_eq!((item.why, &after[&id]), (Some(Why::Changed), &meddling[&id]));
                    }
                    Outcome::Skipped => assert_eq!(after[&id], meddling[&id]),
                    other => panic!("{other:?} at the end"),
                }
            }
            // It can be undone once.
            let tx = db.store.begin().await.unwrap();
            assert!(!bulk::undo(&tx, s.workspace, job_id(round), now.plus_ms(3)).await.unwrap());
            tx.rollback().await.unwrap();
        }
        assert!(meddled > 10, "too little meddling to mean anything: {meddled}");
    }

    /// A worker that dies in the middle of a batch leaves nothing of it; the next one goes on where the last commit was,
    /// and every thread is changed and told once.
    async fn a_killed_worker_repeats_its_batch_and_nothing_twice(db: TestDb) {
        const MANY: usize = 25;
        let s = seed(&db.store).await;
        fill(&db.store, &s, MANY, &SeededRandom::new(5)).await;
        let everything = Visibility::default();
        let ids: Vec<ConversationId> = (0..MANY).map(thread).collect();
        begin(&db.store, &s, 1, BulkAction::Status { status: ConversationStatus::Closed }, &ids).await;
        let open = threads(&db.store, s.workspace).await.values().filter(|row| row.status != "closed").count();
        let mut store = db.open_again().await;
        for batch in 0..20 {
            let tx = store.begin().await.unwrap();
            let more = one_batch(&tx, &everything, 4, s.now.plus_ms(batch)).await;
            if batch % 2 == 0 {
                // Killed: nothing was committed, and a new process opens the database.
                drop(tx);
                drop(store);
                store = db.open_again().await;
                continue;
            }
            tx.commit().await.unwrap();
            if !more {
                break;
            }
        }
        let done = job(&db.store, &s, 1).await;
        assert_eq!((done.state, done.done, done.skipped), (BulkState::Done, open as u64, (MANY - open) as u64));
        assert!(threads(&db.store, s.workspace).await.values().all(|row| row.status == "closed"));
        let told = changes::since(db.store.reader(), s.workspace, 0, 10_000).await.unwrap();
        let mut told: Vec<Uuid> = told
            .iter()
            .filter(|change| change.what.kind == ChangeKind::ConversationUpserted)
            .map(|change| change.what.entity)
            .collect();
        assert_eq!(told.len(), open);
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), open, "a thread was told twice");
    }

    /// Everything that is chosen at the moment of asking, by one statement, and nothing that comes later; what has gone
    /// out of sight meanwhile is skipped and says so.
    async fn what_is_chosen_is_decided_when_asked_and_allowed_when_done(db: TestDb) {
        const MANY: usize = 80;
        let s = seed(&db.store).await;
        fill(&db.store, &s, MANY, &SeededRandom::new(11)).await;
        let everything = Visibility::default();
        let criteria = Criteria { unread: true, ..Criteria::of(&[ConversationStatus::Open, ConversationStatus::Closed]) };
        let chosen = Chosen { visibility: &everything, criteria: &criteria, sort: ViewSort::Latest, label: None, searches: &[], me: ME, now: s.now };
        let before = threads(&db.store, s.workspace).await;
        let fits = |row: &&Model| row.unread_count > 0 && (row.status == "open" || row.status == "closed");
        let wanted: Vec<Uuid> = before.values().filter(fits).map(|row| row.id).collect();
        let tx = db.store.begin().await.unwrap();
        let new = NewJob { id: job_id(1), member: ME, action: BulkAction::Read };
        let total = bulk::begin_with_chosen(&tx, s.workspace, &new, &chosen, s.now).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(total, wanted.len() as u64);
        assert!(total > 10);
        let begun = job(&db.store, &s, 1).await;
        assert_eq!((begun.total, begun.criteria), (total, Some(criteria.clone())));

        let narrow = Visibility { channels: Some(vec![s.channel]), only_assignee: None };
        run(&db.store, &narrow, 7, s.now.plus_ms(1)).await;
        let after = threads(&db.store, s.workspace).await;
        for (id, row) in &after {
            let read = wanted.contains(id) && row.channel_id == s.channel.0;
            assert_eq!(row.unread_count, if read { 0 } else { before[id].unread_count });
        }
        let hidden = wanted.iter().filter(|id| before[*id].channel_id != s.channel.0).count() as u64;
        let reasons = bulk::reasons(db.store.reader(), s.workspace, job_id(1)).await.unwrap();
        assert_eq!(reasons, [(Why::NotVisible, hidden)]);
    }

    async fn jobs_stop_take_turns_and_are_forgotten(db: TestDb) {
        let s = seed(&db.store).await;
        fill(&db.store, &s, 20, &SeededRandom::new(1)).await;
        let everything = Visibility::default();
        let ids: Vec<ConversationId> = (0..20).map(thread).collect();
        begin(&db.store, &s, 1, BulkAction::Assign { assignee_id: Some(LAN) }, &ids).await;
        begin(&db.store, &s, 2, BulkAction::Read, &[thread(1), thread(1), ConversationId(Uuid::from_u128(9))]).await;
        // The second does not wait for the end of the first.
        for batch in 1..=2 {
            let tx = db.store.begin().await.unwrap();
            assert!(one_batch(&tx, &everything, 5, s.now.plus_ms(batch)).await);
            tx.commit().await.unwrap();
        }
        let (first, second) = (job(&db.store, &s, 1).await, job(&db.store, &s, 2).await);
        assert_eq!((first.state, first.done + first.skipped), (BulkState::Running, 5));
        assert_eq!((second.state, second.total), (BulkState::Done, 2));
        let gone = bulk::items(db.store.reader(), s.workspace, job_id(2), None, false, 10).await.unwrap();
        assert_eq!((gone[0].outcome, gone[0].why), (Outcome::Skipped, Some(Why::NotVisible)), "there is none such");
        let tx = db.store.begin().await.unwrap();
        assert!(bulk::cancel(&tx, s.workspace, job_id(1), s.now).await.unwrap());
        assert!(!bulk::cancel(&tx, s.workspace, job_id(1), s.now).await.unwrap(), "it does not run any more");
        tx.commit().await.unwrap();
        run(&db.store, &everything, 5, s.now).await;
        let stopped = job(&db.store, &s, 1).await;
        assert_eq!((stopped.state, stopped.done + stopped.skipped), (BulkState::Cancelled, 5));
        // Undoing has its time.
        let until = stopped.undo_until.unwrap();
        assert_eq!(until, s.now.plus_ms(bulk::UNDO_FOR_MS));
        for (at, allowed) in [(until.plus_ms(1), false), (until, true)] {
            let tx = db.store.begin().await.unwrap();
            assert_eq!(bulk::undo(&tx, s.workspace, job_id(1), at).await.unwrap(), allowed);
            tx.commit().await.unwrap();
        }
        let tx = db.store.begin().await.unwrap();
        assert_eq!(bulk::prune(&tx, s.workspace, s.now.plus_ms(9), 50).await.unwrap(), 50, "the one that ended");
        assert_eq!(bulk::prune(&tx, s.workspace, s.now.plus_ms(9), 50).await.unwrap(), 0, "one is being undone");
        tx.commit().await.unwrap();
        assert!(bulk::get(db.store.reader(), s.workspace, job_id(2)).await.unwrap().is_none());
        assert!(bulk::items(db.store.reader(), s.workspace, job_id(2), None, false, 10).await.unwrap().is_empty());
        run(&db.store, &everything, 5, until).await;
        let tx = db.store.begin().await.unwrap();
        while bulk::prune(&tx, s.workspace, s.now.plus_ms(9), 8).await.unwrap() == 8 {}
        tx.commit().await.unwrap();
        assert!(bulk::get(db.store.reader(), s.workspace, job_id(1)).await.unwrap().is_none());
        assert_eq!(bulk::latest(db.store.reader(), s.workspace, ME, 10).await.unwrap(), []);
    }

    /// Several workers, several jobs: each thread is done once.
    async fn workers_do_not_meet(db: TestDb) {
        let s = seed(&db.store).await;
        fill(&db.store, &s, 60, &SeededRandom::new(2)).await;
        for n in 0..3u128 {
            let ids: Vec<ConversationId> = (0..60).filter(|i| i % 3 == n as usize).map(thread).collect();
            begin(&db.store, &s, n, BulkAction::Assign { assignee_id: Some(LAN) }, &ids).await;
        }
        let workers = (0..4).map(|_| {
            let (store, now) = (db.store.clone(), s.now);
            tokio::spawn(async move {
                let everything = Visibility::default();
                let mut idle = 0;
                while idle < 3 {
                    let tx = store.begin().await.unwrap();
                    let more = one_batch(&tx, &everything, 4, now).await;
                    tx.commit().await.unwrap();
                    idle = if more { 0 } else { idle + 1 };
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        // Who found every job taken may have left early: whatever is left, is done now.
        run(&db.store, &Visibility::default(), 4, s.now).await;
        for n in 0..3 {
            let job = job(&db.store, &s, n).await;
            assert_eq!((job.state, job.done + job.skipped, job.total), (BulkState::Done, 20, 20));
        }
        assert!(threads(&db.store, s.workspace).await.values().all(|row| row.assignee_id == Some(LAN.0)));
    }
}
