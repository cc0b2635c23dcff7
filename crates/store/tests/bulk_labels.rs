//! Labels for many customers at once, on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::collections::{BTreeMap, BTreeSet};

use loa_kernel::{
    BulkAction, BulkJobId, CustomerId, LabelColour, LabelId, LabelKind, MemberId, SeededRandom, Timestamp,
};
use loa_store::bulk::{self, BulkState, Job, NewJob, Outcome, Step, Why};
use loa_store::changes::{self, ChangeKind};
use loa_store::conversations::Visibility;
use loa_store::entity::{customer_labels, customers};
use loa_store::labels::{self, NewLabel, relabel};
use loa_store::{Store, Tx};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

const ME: MemberId = MemberId(Uuid::from_u128(1));
const LAN: MemberId = MemberId(Uuid::from_u128(2));

fn person(n: usize) -> CustomerId {
    CustomerId(Uuid::from_u128(1_000 + n as u128))
}

fn job_id(n: u128) -> BulkJobId {
    BulkJobId(Uuid::from_u128(n))
}

fn label(n: usize) -> LabelId {
    LabelId(Uuid::from_u128(500 + n as u128))
}

/// Labels 0..3 are normal, 3..6 steps of the process.
async fn fill(store: &Store, s: &Seed, many: usize) {
    for part in (0..many).collect::<Vec<_>>().chunks(1_000) {
        let rows = part.iter().map(|n| {
            customers::ActiveModel::from(customers::Model {
                workspace_id: s.workspace.0,
                id: person(*n).0,
                display_name: format!("Khách {n}"),
                name_folded: format!("khach {n}"),
                phone: None,
                avatar_url: None,
                note: None,
                created_at: 0,
                updated_at: 0,
            })
        });
        let tx = store.begin().await.unwrap();
        customers::Entity::insert_many(rows.collect::<Vec<_>>()).exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();
    }
    let tx = store.begin().await.unwrap();
    for n in 0..6 {
        let kind = if n < 3 { LabelKind::Normal } else { LabelKind::Process };
        let new = NewLabel {
            id: label(n),
            name: format!("Nhãn {n}"),
            colour: LabelColour::Teal,
            kind,
            created_by: None,
        };
        labels::create(&tx, s.workspace, &new, s.now).await.unwrap();
    }
    tx.commit().await.unwrap();
}

type Worn = BTreeMap<CustomerId, BTreeSet<LabelId>>;

async fn worn(store: &Store, s: &Seed) -> Worn {
    let rows = customer_labels::Entity::find()
        .filter(customer_labels::Column::WorkspaceId.eq(s.workspace.0))
        .all(store.reader())
        .await
        .unwrap();
    let mut worn = Worn::new();
    for row in rows {
        worn.entry(CustomerId(row.customer_id)).or_default().insert(LabelId(row.label_id));
    }
    worn
}

async fn one_batch(tx: &Tx, visibility: &Visibility, limit: u64, now: Timestamp) -> bool {
    let Some(job) = bulk::claim(tx).await.unwrap() else { return false };
    let step = Step { visibility: Some(visibility), assignable: true, limit };
    let changed = bulk::step(tx, &job, &step, now).await.unwrap();
    changes::append(tx, job.workspace, &changed, now).await.unwrap();
    true
}

async fn run(store: &Store, limit: u64, now: Timestamp) {
    loop {
        let tx = store.begin().await.unwrap();
        let more = one_batch(&tx, &Visibility::default(), limit, now).await;
        tx.commit().await.unwrap();
        if !more {
            return;
        }
    }
}

async fn begin(store: &Store, s: &Seed, n: u128, add: &[LabelId], remove: &[LabelId], ids: &[CustomerId]) {
    let tx = store.begin().await.unwrap();
    let action = BulkAction::Label { add: add.to_vec(), remove: remove.to_vec() };
    bulk::begin_with_ids(&tx, s.workspace, &NewJob { id: job_id(n), member: ME, action }, ids, s.now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn job(store: &Store, s: &Seed, n: u128) -> Job {
    bulk::get(store.reader(), s.workspace, job_id(n)).await.unwrap().unwrap()
}

async fn by_hand(
    store: &Store,
    s: &Seed,
    who: CustomerId,
    add: &[LabelId],
    remove: &[LabelId],
    now: Timestamp,
) {
    let tx = store.begin().await.unwrap();
    relabel::relabel(&tx, s.workspace, &[who], add, remove, Some(LAN), now).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases! {
    /// Whatever was put on and taken off whomever: labels are as asked, at most one step of the process each; undoing
    /// gives what everybody carried whom nobody touched meanwhile, and leaves the others as they are.
    async fn undo_gives_back_what_nobody_touched(db: TestDb) {
        const MANY: usize = 40;
        let s = seed(&db.store).await;
        let random = SeededRandom::new(7);
        fill(&db.store, &s, MANY).await;
        let mut kept = 0;
        for round in 0..30u128 {
            let now = s.now.plus_ms(round as i64 * 1_000);
            let mut add: Vec<LabelId> = (0..3).filter(|_| random.below(2) == 0).map(label).collect();
            if random.below(2) == 0 {
                add.push(label(3 + random.below(3) as usize));
            }
            let remove: Vec<LabelId> =
                (0..6).filter(|_| random.below(4) == 0).map(label).filter(|l| !add.contains(l)).collect();
            let ids: Vec<CustomerId> = (0..MANY).filter(|_| random.below(2) == 0).map(person).collect();
            let before = worn(&db.store, &s).await;
            begin(&db.store, &s, round, &add, &remove, &ids).await;
            run(&db.store, 1 + random.below(15), now).await;
            let done = job(&db.store, &s, round).await;
            assert_eq!((done.state, done.done + done.skipped), (BulkState::Done, ids.len() as u64));
            let after = worn(&db.store, &s).await;
            for n in 0..MANY {
                let (was, is) = (before.get(&person(n)).cloned().unwrap_or_default(), after.get(&person(n)).cloned().unwrap_or_default());
                let mut wanted = was.clone();
                if ids.contains(&person(n)) {
                    if add.iter().any(|l| *l >= label(3)) {
                        wanted.retain(|l| *l < label(3));
                    }
                    wanted.extend(add.iter().copied());
                    wanted.retain(|l| !remove.contains(l));
                }
                assert_eq!(is, wanted, "round {round}, {n}");
                assert!(is.iter().filter(|l| **l >= label(3)).count() <= 1);
            }
            // Somebody works on a few of them, and one puts the very same label back.
            let mut touched = BTreeSet::new();
            for id in ids.iter().filter(|_| random.below(4) == 0) {
                let at = now.plus_ms(1);
                match (add.first(), remove.first()) {
                    (Some(put), _) => {
                        by_hand(&db.store, &s, *id, &[], &[*put], at).await;
                        by_hand(&db.store, &s, *id, &[*put], &[], at).await;
                    }
                    (None, Some(taken)) => by_hand(&db.store, &s, *id, &[*taken], &[], at).await,
                    (None, None) => {}
                }
                touched.insert(*id);
            }
            let meddled = worn(&db.store, &s).await;
            let tx = db.store.begin().await.unwrap();
            assert!(bulk::undo(&tx, s.workspace, job_id(round), now.plus_ms(2)).await.unwrap());
            tx.commit().await.unwrap();
            run(&db.store, 1 + random.below(15), now.plus_ms(2)).await;
            let undone = worn(&db.store, &s).await;
            for item in bulk::items(db.store.reader(), s.workspace, job_id(round), None, false, 1_000).await.unwrap() {
                let id = CustomerId(item.id);
                match item.outcome {
                    Outcome::Undone => assert_eq!(undone.get(&id), before.get(&id), "round {round}"),
                    Outcome::Kept => {
                        kept += 1;
                        assert!(touched.contains(&id) && item.why == Some(Why::Changed));
                        assert_eq!(undone.get(&id), meddled.get(&id));
                    }
                    Outcome::Skipped => assert_eq!((item.why, undone.get(&id)), (Some(Why::Already), meddled.get(&id))),
                    other => panic!("{other:?} at the end"),
                }
            }
        }
        assert!(kept > 10, "too little meddling to mean anything: {kept}");
    }

    /// A worker that dies in the middle leaves nothing of its batch, and nobody is labelled or told of twice.
    async fn a_killed_worker_repeats_its_batch_and_nothing_twice(db: TestDb) {
        let s = seed(&db.store).await;
        fill(&db.store, &s, 25).await;
        let ids: Vec<CustomerId> = (0..25).map(person).collect();
        begin(&db.store, &s, 1, &[label(0), label(3)], &[], &ids).await;
        let mut store = db.open_again().await;
        for batch in 0..30 {
            let tx = store.begin().await.unwrap();
            let more = one_batch(&tx, &Visibility::default(), 4, s.now.plus_ms(batch)).await;
            if batch % 2 == 0 {
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
        assert_eq!((done.state, done.done, done.skipped), (BulkState::Done, 25, 0));
        let worn = worn(&db.store, &s).await;
        assert!(ids.iter().all(|id| worn[id] == BTreeSet::from([label(0), label(3)])));
        let told = changes::since(db.store.reader(), s.workspace, 0, 10_000).await.unwrap();
        let told: Vec<Uuid> = told.iter().filter(|c| c.what.kind == ChangeKind::CustomerUpserted).map(|c| c.what.entity).collect();
        assert_eq!((told.len(), told.iter().collect::<BTreeSet<_>>().len()), (25, 25));
    }

    /// Each reason for which a customer is passed over; nobody gets a part of what was asked.
    async fn whoever_is_passed_over_says_why(db: TestDb) {
        let s = seed(&db.store).await;
        fill(&db.store, &s, 4).await;
        let nobody_there = CustomerId(Uuid::from_u128(9));
        by_hand(&db.store, &s, person(0), &[label(0)], &[], s.now).await;
        let read = async |n: u128| {
            let reasons = bulk::reasons(db.store.reader(), s.workspace, job_id(n)).await.unwrap();
            (job(&db.store, &s, n).await.done, reasons)
        };
        begin(&db.store, &s, 1, &[label(0)], &[], &[person(0), person(1), nobody_there, person(1)]).await;
        run(&db.store, 10, s.now.plus_ms(1)).await;
        assert_eq!(read(1).await, (1, vec![(Why::Already, 1), (Why::Gone, 1)]));
        // A label that goes away while the job waits takes the whole action with it.
        begin(&db.store, &s, 2, &[label(1), label(2)], &[label(0)], &[person(0), person(2)]).await;
        let tx = db.store.begin().await.unwrap();
        labels::delete(&tx, s.workspace, label(2)).await.unwrap();
        tx.commit().await.unwrap();
        let before = worn(&db.store, &s).await;
        run(&db.store, 10, s.now.plus_ms(2)).await;
        assert_eq!(read(2).await, (0, vec![(Why::LabelGone, 2)]));
        assert_eq!(worn(&db.store, &s).await, before);
        // Nobody of them has an address on the channel to which the member is limited.
        begin(&db.store, &s, 3, &[label(1)], &[], &[person(2)]).await;
        let narrow = Visibility { channels: Some(vec![s.channel]), only_assignee: None };
        let tx = db.store.begin().await.unwrap();
        assert!(one_batch(&tx, &narrow, 10, s.now.plus_ms(3)).await);
        tx.commit().await.unwrap();
        assert_eq!(read(3).await, (0, vec![(Why::NotVisible, 1)]));
        let told = bulk::items(db.store.reader(), s.workspace, job_id(1), None, true, 10).await.unwrap();
        assert_eq!(told.iter().map(|item| item.id).collect::<Vec<_>>(), [nobody_there.0, person(0).0]);
    }

    /// Twenty batches of a thousand: set after set, with nobody left out or counted twice between two of them.
    async fn twenty_thousand_are_labelled_and_put_back(db: TestDb) {
        const MANY: usize = 20_000;
        let s = seed(&db.store).await;
        fill(&db.store, &s, MANY).await;
        let ids: Vec<CustomerId> = (0..MANY).map(person).collect();
        begin(&db.store, &s, 1, &[label(0), label(4)], &[], &ids).await;
        run(&db.store, 1_000, s.now).await;
        let done = job(&db.store, &s, 1).await;
        assert_eq!((done.state, done.done), (BulkState::Done, MANY as u64));
        assert_eq!(worn(&db.store, &s).await.len(), MANY);
        let tx = db.store.begin().await.unwrap();
        assert!(bulk::undo(&tx, s.workspace, job_id(1), s.now).await.unwrap());
        tx.commit().await.unwrap();
        run(&db.store, 1_000, s.now).await;
        assert_eq!((job(&db.store, &s, 1).await.undone, worn(&db.store, &s).await.len()), (MANY as u64, 0));
    }
}
