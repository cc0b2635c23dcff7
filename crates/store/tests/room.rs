//! Threads that close next, and notices to members, on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::sync::Arc;

use loa_kernel::{ConversationId, Ids, ManualClock, MemberId, SeededRandom, Timestamp};
use loa_store::conversations::{self, Filter, ListQuery, Visibility};
use loa_store::notifications::{self, NewNotification, NotificationKind};
use loa_store::{Store, entity};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::{EntityTrait, IntoActiveModel};

const HOUR: i64 = 3_600_000;

/// Threads by name: status, free replies until, permitted until, both in hours from now.
const THREADS: [(u8, &str, Option<i64>, Option<i64>); 9] = [
    (1, "open", Some(47), Some(167)),
    (2, "open", Some(1), Some(121)),
    (3, "pending", Some(-1), Some(119)),
    (4, "open", Some(-100), Some(2)),
    (5, "open", Some(-300), Some(-180)),
    (6, "closed", Some(3), Some(123)),
    (7, "pending", None, Some(1)),
    (8, "open", None, None),
    // Has left the lists that somebody works from.
    (9, "snoozed", Some(2), Some(3)),
];

fn id(n: u8) -> ConversationId {
    ConversationId::derived(Timestamp::EPOCH, &[&[n]])
}

async fn fill(store: &Store, s: &Seed) {
    let rows = THREADS.map(|(n, status, free, permitted)| {
        let at = |hours: Option<i64>| hours.map(|h| s.now.plus_ms(h * HOUR).0);
        entity::conversations::Model {
            workspace_id: s.workspace.0,
            id: id(n).0,
            channel_id: s.channel.0,
            customer_id: id(n).0,
            identity_id: id(n).0,
            status: status.into(),
            status_changed_at: None,
            assignee_id: (n == 2).then_some(s.admin.0),
            unread_count: 0,
            read_until_at: None,
            answered_at: None,
            waiting_since_at: None,
            last_message_id: None,
            last_message_at: 0,
            last_preview: String::new(),
            last_direction: "in".into(),
            last_kind: "text".into(),
            free_until_at: at(free),
            permitted_until_at: at(permitted),
            created_at: 0,
            updated_at: 0,
            change_seq: 0,
            ..Default::default()
        }
    });
    let tx = store.begin().await.unwrap();
    entity::conversations::Entity::insert_many(rows.map(IntoActiveModel::into_active_model))
        .exec_without_returning(&tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Pages of `limit` until the end: which threads, and in how many hours each closes.
async fn closing(store: &Store, s: &Seed, filter: Filter, limit: u64) -> Vec<(u8, i64)> {
    let visibility = Visibility::default();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let query = ListQuery {
            visibility: &visibility,
            filter,
            channel: None,
            search: None,
            label: None,
            after,
            limit,
        };
        let page = conversations::closing(store.reader(), s.workspace, &query, s.now).await.unwrap();
        for (at, row) in &page {
            let n = THREADS.iter().find(|t| id(t.0).0 == row.id).unwrap().0;
            found.push((n, at.since(s.now) / HOUR));
        }
        match page.last() {
            Some((at, row)) if page.len() as u64 == limit => after = Some((*at, ConversationId(row.id))),
            _ => return found,
        }
    }
}

on_both_databases! {
    async fn what_closes_next_comes_first(db: TestDb) {
        let s = seed(&db.store).await;
        fill(&db.store, &s).await;
        let mut all = vec![(2, 1), (7, 1), (4, 2), (1, 47), (3, 119)];
        // Of two at the same instant the smaller id.
        all[..2].sort_by_key(|(n, _)| id(*n));
        for limit in [1, 2, 3, 50] {
            assert_eq!(closing(&db.store, &s, Filter::All, limit).await, all, "pages of {limit}");
        }
        assert_eq!(closing(&db.store, &s, Filter::Mine(s.admin), 50).await, [(2, 1)]);
        let mut others = all.clone();
        others.retain(|(n, _)| *n != 2);
        assert_eq!(closing(&db.store, &s, Filter::Unassigned, 50).await, others);
        assert_eq!(closing(&db.store, &s, Filter::Snoozed, 50).await, [(9, 2)]);
        // Another workspace sees nothing of it.
        let theirs = Seed::another(&db.store, 2).await;
        assert_eq!(closing(&db.store, &theirs, Filter::All, 50).await, []);
    }

    async fn notices_are_told_counted_read_and_forgotten(db: TestDb) {
        let s = seed(&db.store).await;
        let clock = Arc::new(ManualClock::new(s.now));
        let ids = Ids::new(clock.clone(), Arc::new(SeededRandom::new(1)));
        let other = MemberId::derived(s.now, &[b"other"]);
        let new = NewNotification {
            kind: NotificationKind::ChannelReport,
            params: serde_json::json!({ "reason": "no_money" }),
            actor: Some(other),
            channel: Some(s.channel),
            conversation: None,
            message: None,
        };
        let mut made = Vec::new();
        for n in 0..3 {
            let at = s.now.plus_ms(n * 1_000);
            clock.set(at);
            let tx = db.store.begin().await.unwrap();
            made.push(notifications::notify(&tx, s.workspace, &ids, &[s.admin, other], &new, at).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert!(made.iter().all(|changes| changes.len() == 2));
        let list = async |member, unread, after, limit| {
            let rows = notifications::list(db.store.reader(), s.workspace, member, unread, after, limit).await.unwrap();
            rows.into_iter().map(|row| (loa_kernel::NotificationId(row.id), row.created_at)).collect::<Vec<_>>()
        };
        let all = list(s.admin, false, None, 50).await;
        assert_eq!(all.iter().map(|(_, at)| at - s.now.0).collect::<Vec<_>>(), [2_000, 1_000, 0], "the newest first");
        assert_eq!(list(s.admin, true, Some(all[0].0), 1).await, all[1..2]);
        let unread = async |most| notifications::unread(db.store.reader(), s.workspace, s.admin, most).await.unwrap();
        assert_eq!((unread(100).await, unread(2).await), (3, 2));
        let read = async |member, id| {
            let tx = db.store.begin().await.unwrap();
            let read = notifications::mark_read(&tx, s.workspace, member, id, s.now).await.unwrap();
            tx.commit().await.unwrap();
            read
        };
        assert_eq!(read(other, Some(all[0].0)).await, [], "not theirs");
        assert_eq!(read(s.admin, Some(all[1].0)).await, [all[1].0]);
        assert_eq!(read(s.admin, Some(all[1].0)).await, [], "once");
        assert_eq!(list(s.admin, true, None, 50).await, [all[0], all[2]]);
        assert_eq!(read(s.admin, None).await, [all[0].0, all[2].0]);
        assert_eq!((unread(100).await, list(other, true, None, 50).await.len()), (0, 3));

        let tx = db.store.begin().await.unwrap();
        assert_eq!(notifications::prune(&tx, s.workspace, s.now.plus_ms(1_000), 100).await.unwrap(), 2);
        assert_eq!(notifications::prune(&tx, s.workspace, s.now.plus_ms(9_000), 3).await.unwrap(), 3, "at most so many");
        tx.commit().await.unwrap();
    }

    async fn a_subject_may_be_told_about_once_in_a_span(db: TestDb) {
        let s = seed(&db.store).await;
        let may = async |subject: &str, ms: i64| {
            let tx = db.store.begin().await.unwrap();
            let may = notifications::may_tell(&tx, s.workspace, subject, 1_000, s.now.plus_ms(ms)).await.unwrap();
            tx.commit().await.unwrap();
            may
        };
        for (subject, ms, expected) in [
            ("a", 0, true),
            ("a", 0, false),
            ("a", 999, false),
            ("b", 999, true),
            ("a", 1_000, true),
            ("a", 1_999, false),
            ("a", 5_000, true),
        ] {
            assert_eq!(may(subject, ms).await, expected, "{subject} at {ms}");
        }
        let told = notifications::told_at(db.store.reader(), s.workspace, "a").await.unwrap();
        assert_eq!(told, Some(s.now.plus_ms(5_000)));
    }
}
