//! Sequence numbers: without gaps, in commit order, each workspace for itself.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_kernel::{
    BulkJobId, ChannelId, ConversationId, CustomerId, LabelId, MessageId, NotificationId, SavedViewId,
    ScheduledId, Timestamp, WorkspaceId,
};
use loa_store::changes::{self, ChangeKind, NewChange};
use loa_store::{Store, StoreError, entity};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::{EntityTrait, IntoActiveModel};

fn customer(n: u64) -> NewChange {
    NewChange::customer(CustomerId::derived(Timestamp::EPOCH, &[&n.to_be_bytes()]))
}

async fn add(store: &Store, ws: WorkspaceId, count: u64, at: Timestamp) -> i64 {
    let tx = store.begin().await.unwrap();
    let list: Vec<NewChange> = (0..count).map(customer).collect();
    let last = changes::append(&tx, ws, &list, at).await.unwrap();
    tx.commit().await.unwrap();
    last
}

async fn seqs(store: &Store, ws: WorkspaceId, after: i64) -> Vec<i64> {
    changes::since(store.reader(), ws, after, 10_000).await.unwrap().iter().map(|c| c.seq).collect()
}

on_both_databases! {
    async fn every_kind_comes_back_as_it_was_recorded(db: TestDb) {
        let s = seed(&db.store).await;
        let at = s.now;
        let conversation = ConversationId::derived(at, &[b"c"]);
        let message = MessageId::derived(at, &[b"m"]);
        let list = [
            NewChange::message(message, conversation, s.channel),
            NewChange::message_removed(message, conversation, s.channel),
            NewChange::conversation(conversation, s.channel),
            customer(1),
            NewChange::channel(s.channel),
            NewChange::member(s.admin),
            NewChange::notification(NotificationId::derived(at, &[b"n"])),
            NewChange::saved_view(SavedViewId::derived(at, &[b"v"])),
            NewChange::bulk_job(BulkJobId::derived(at, &[b"b"])),
            NewChange::label(LabelId::derived(at, &[b"l"])),
            NewChange::label_removed(LabelId::derived(at, &[b"l"])),
            NewChange::fields(s.workspace),
            NewChange::scheduled(ScheduledId::derived(at, &[b"s"]), conversation, s.channel),
        ];
        assert_eq!(list.map(|c| c.kind).to_vec(), ChangeKind::ALL);
        let tx = db.store.begin().await.unwrap();
        assert_eq!(changes::append(&tx, s.workspace, &list, at).await.unwrap(), 13);
        tx.commit().await.unwrap();
        let back = changes::since(db.store.reader(), s.workspace, 0, 100).await.unwrap();
        assert_eq!(back.iter().map(|c| c.what).collect::<Vec<_>>(), list);
        assert!(back.iter().all(|c| c.at == at));
        assert_eq!(seqs(&db.store, s.workspace, 6).await, [7, 8, 9, 10, 11, 12, 13]);
        assert_eq!(changes::since(db.store.reader(), s.workspace, 2, 2).await.unwrap()[1].seq, 4);
    }

    async fn threads_learn_their_last_number(db: TestDb) {
        let s = seed(&db.store).await;
        let (one, two) = (thread(s.workspace, s.channel, 1), thread(s.workspace, s.channel, 2));
        let tx = db.store.begin().await.unwrap();
        entity::conversations::Entity::insert_many([one.clone(), two.clone()].map(IntoActiveModel::into_active_model))
            .exec_without_returning(&tx).await.unwrap();
        let first = NewChange::conversation(ConversationId(one.id), s.channel);
        changes::append(&tx, s.workspace, &[first, customer(1), first], s.now).await.unwrap();
        tx.commit().await.unwrap();
        let seq = async |id: uuid::Uuid| {
            entity::conversations::Entity::find_by_id((s.workspace.0, id)).one(db.store.reader()).await.unwrap().unwrap().change_seq
        };
        assert_eq!(seq(one.id).await, 3);
        assert_eq!(seq(two.id).await, 0);
    }

    async fn nothing_is_taken_by_what_is_undone(db: TestDb) {
        let s = seed(&db.store).await;
        let tx = db.store.begin().await.unwrap();
        changes::append(&tx, s.workspace, &[customer(1)], s.now).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(changes::last_seq(db.store.reader(), s.workspace).await.unwrap(), 0);
        assert_eq!(add(&db.store, s.workspace, 2, s.now).await, 2);
        assert_eq!(add(&db.store, s.workspace, 0, s.now).await, 2);
        assert_eq!(seqs(&db.store, s.workspace, 0).await, [1, 2]);
        let nowhere = WorkspaceId::derived(s.now, &[b"nowhere"]);
        let tx = db.store.begin().await.unwrap();
        let missing = changes::append(&tx, nowhere, &[customer(1)], s.now).await.unwrap_err();
        assert_eq!(missing, StoreError::NotFound("workspace"));
    }

    async fn workspaces_count_for_themselves(db: TestDb) {
        let (a, b) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        add(&db.store, a.workspace, 3, a.now).await;
        assert_eq!(add(&db.store, b.workspace, 1, b.now).await, 1);
        assert_eq!(seqs(&db.store, b.workspace, 0).await, [1]);
        let mut all = changes::last_seqs(db.store.reader()).await.unwrap();
        all.sort();
        let mut expected = vec![(a.workspace, 3), (b.workspace, 1)];
        expected.sort();
        assert_eq!(all, expected);
    }

    async fn readers_never_see_a_gap_while_many_write(db: TestDb) {
        let s = seed(&db.store).await;
        let other = db.open_again().await;
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..30u64 {
            let store = if n % 2 == 0 { db.store.clone() } else { other.clone() };
            writers.spawn(async move { add(&store, s.workspace, n % 4 + 1, s.now).await });
        }
        let total: i64 = (0..30).map(|n| n % 4 + 1).sum();
        let mut seen = 0;
        while seen < total {
            for seq in seqs(&db.store, s.workspace, seen).await {
                assert_eq!(seq, seen + 1, "a number became visible before a smaller one");
                seen = seq;
            }
            if seen < total && let Some(done) = writers.join_next().await {
                done.unwrap();
            }
        }
    }

    async fn a_long_list_is_recorded_whole(db: TestDb) {
        let s = seed(&db.store).await;
        assert_eq!(add(&db.store, s.workspace, 5_000, s.now).await, 5_000);
        assert_eq!(seqs(&db.store, s.workspace, 0).await, (1..=5_000).collect::<Vec<_>>());
    }

    async fn pruning_takes_the_oldest_and_leaves_no_gap(db: TestDb) {
        let s = seed(&db.store).await;
        let ws = s.workspace;
        let day = |n| s.now.plus_days(n);
        for n in 0..10 {
            add(&db.store, ws, 10, day(n)).await;
        }
        let prune = async |before, keep, limit| {
            let tx = db.store.begin().await.unwrap();
            let gone = changes::prune(&tx, ws, before, keep, limit).await.unwrap();
            tx.commit().await.unwrap();
            (gone, changes::oldest_seq(db.store.reader(), ws).await.unwrap())
        };
        // (before, keep, limit) -> (removed, oldest)
        assert_eq!(prune(day(0), 1_000, 1_000).await, (0, Some(1)), "nothing is old, nothing too much");
        assert_eq!(prune(day(3), 1_000, 20).await, (20, Some(21)), "at most the limit");
        assert_eq!(prune(day(3), 1_000, 20).await, (10, Some(31)), "then the rest of what is old");
        assert_eq!(prune(day(0), 50, 1_000).await, (20, Some(51)), "what exceeds the number to keep");
        add(&db.store, ws, 1, day(1)).await; // The clock stepped back.
        assert_eq!(prune(day(6), 1_000, 1_000).await, (10, Some(61)), "a young number behind does not matter");
        assert_eq!(prune(day(99), 1_000, 1_000).await, (41, None), "all of it");
        assert_eq!(prune(day(99), 0, 1_000).await, (0, None), "nothing left");
        assert_eq!(changes::last_seq(db.store.reader(), ws).await.unwrap(), 101, "numbers go on");
    }
}

fn thread(ws: WorkspaceId, channel: ChannelId, n: u8) -> entity::conversations::Model {
    let id = ConversationId::derived(Timestamp::EPOCH, &[&[n]]).0;
    entity::conversations::Model {
        workspace_id: ws.0,
        id,
        channel_id: channel.0,
        customer_id: id,
        identity_id: id,
        status: "open".into(),
        status_changed_at: None,
        assignee_id: None,
        unread_count: 0,
        read_until_at: None,
        answered_at: None,
        waiting_since_at: None,
        last_message_id: None,
        last_message_at: 0,
        last_preview: String::new(),
        last_direction: "in".into(),
        last_kind: "text".into(),
        free_until_at: None,
        permitted_until_at: None,
        created_at: 0,
        updated_at: 0,
        change_seq: 0,
        ..Default::default()
    }
}
