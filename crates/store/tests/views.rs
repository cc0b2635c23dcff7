//! Saved views: what they find, how many, and who has them; on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_kernel::{
    AssigneeIs, BulkAction, BulkJobId, ChannelId, ConversationStatus, Criteria, CustomerId, LabelId,
    MemberId, SavedViewId, SeededRandom, Timestamp, ViewSort, WorkspaceId,
};
use loa_store::bulk::{NewJob, begin_with_chosen};
use loa_store::conversations::{Chosen, Position, Visibility, count_chosen, counters};
use loa_store::customers::Search;
use loa_store::entity::{conversations, customers};
use loa_store::saved_views::{self, CustomerList, SavedView, ThreadList};
use loa_store::{ConnectionTrait, Store, labels};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::EntityTrait;
use uuid::Uuid;

const MINUTE: i64 = 60_000;
const STATUSES: [ConversationStatus; 4] = [
    ConversationStatus::Open,
    ConversationStatus::Pending,
    ConversationStatus::Snoozed,
    ConversationStatus::Closed,
];
const NAMES: [&str; 3] = ["Nguyễn Đào", "Trần Ân", "Lê Đông"];

fn member(n: u64) -> MemberId {
    MemberId(Uuid::from_u128(100 + u128::from(n)))
}

fn channel(n: u64) -> ChannelId {
    ChannelId(Uuid::from_u128(200 + u128::from(n)))
}

fn label(n: u64) -> LabelId {
    LabelId(Uuid::from_u128(300 + u128::from(n)))
}

fn maybe<T>(random: &SeededRandom, one_in: u64, value: impl FnOnce(&SeededRandom) -> T) -> Option<T> {
    (random.below(one_in) == 0).then(|| value(random))
}

/// Threads of every kind, many of them at equal instants.
async fn fill(store: &Store, ws: WorkspaceId, now: Timestamp) -> Vec<conversations::Model> {
    let random = SeededRandom::new(7);
    let near = |random: &SeededRandom| now.0 + (random.below(200) as i64 - 100) * MINUTE;
    let rows: Vec<conversations::Model> = (0..240u64)
        .map(|n| {
            let id = Uuid::from_u128(u128::from(random.below(1 << 40)) << 20 | u128::from(n));
            conversations::Model {
                workspace_id: ws.0,
                id,
                channel_id: channel(random.below(3)).0,
                customer_id: Uuid::from_u128(1_000 + u128::from(n)),
                identity_id: id,
                status: STATUSES[random.below(4) as usize].as_str().into(),
                status_changed_at: None,
                assignee_id: maybe(&random, 2, |random| member(random.below(3)).0),
                unread_count: random.below(3) as i32,
                read_until_at: None,
                answered_at: None,
                waiting_since_at: maybe(&random, 2, |random| now.0 - random.below(100) as i64 * MINUTE),
                last_message_id: None,
                last_message_at: now.0 - random.below(60) as i64 * MINUTE,
                last_preview: String::new(),
                last_direction: "in".into(),
                last_kind: "text".into(),
                free_until_at: maybe(&random, 2, near),
                permitted_until_at: maybe(&random, 2, near),
                snooze_kind: None,
                snoozed_until_at: None,
                snooze_lead_minutes: None,
                back_reason: None,
                back_at: maybe(&random, 5, near),
                opened_at: None,
                asked_at: None,
                responded_at: None,
                closed_at: None,
                created_at: 0,
                updated_at: 0,
                change_seq: 0,
            }
        })
        .collect();
    let people = rows.iter().zip(0..).map(|(row, n)| {
        let name = NAMES[n % NAMES.len()];
        customers::ActiveModel::from(customers::Model {
            workspace_id: ws.0,
            id: row.customer_id,
            display_name: name.into(),
            name_folded: loa_kernel::fold_vi(name),
            avatar_url: None,
            phone: None,
            note: None,
            created_at: 0,
            updated_at: 0,
        })
    });
    let tx = store.begin().await.unwrap();
    customers::Entity::insert_many(people).exec_without_returning(&tx).await.unwrap();
    let worn: Vec<_> = rows
        .iter()
        .flat_map(|row| (0..3).map(move |n| (row, label(n))))
        .filter(|(row, label)| carries(row, *label))
        .map(|(row, label)| (CustomerId(row.customer_id), label))
        .collect();
    labels::put(&tx, ws, &worn, None, now).await.unwrap();
    let ids: Vec<CustomerId> = rows.iter().map(|row| CustomerId(row.customer_id)).collect();
    loa_store::search::put_people(&tx, ws, &ids).await.unwrap();
    let models = rows.iter().cloned().map(conversations::ActiveModel::from);
    conversations::Entity::insert_many(models).exec_without_returning(&tx).await.unwrap();
    tx.commit().await.unwrap();
    rows
}

fn any_criteria(random: &SeededRandom) -> Criteria {
    let some = |random: &SeededRandom, n: u64| (0..n).filter(|_| random.below(2) == 0).collect::<Vec<u64>>();
    let mut statuses: Vec<ConversationStatus> =
        some(random, 4).into_iter().map(|n| STATUSES[n as usize]).collect();
    if statuses.is_empty() {
        statuses = vec![ConversationStatus::Open];
    }
    Criteria {
        statuses,
        assignee: maybe(random, 2, |random| match random.below(4) {
            0 => AssigneeIs::Me,
            1 => AssigneeIs::Nobody,
            2 => AssigneeIs::Anyone,
            _ => AssigneeIs::Member { member_id: member(random.below(3)) },
        }),
        channels: some(random, 3).into_iter().map(channel).collect(),
        labels: if random.below(3) == 0 {
            some(random, 3).into_iter().map(label).collect()
        } else {
            Vec::new()
        },
        unread: random.below(3) == 0,
        waiting_minutes: maybe(random, 3, |random| 1 + random.below(90) as u32),
        closing_minutes: maybe(random, 3, |random| 1 + random.below(90) as u32),
        text: maybe(random, 4, |_| "dao".to_owned()),
    }
}

/// Which of the three labels the customer of a thread carries: none, one or more, by the number of the customer.
fn carries(row: &conversations::Model, of: LabelId) -> bool {
    (0..3).any(|n| label(n) == of && (row.customer_id.as_u128() >> n) % 2 == 1)
}

/// The conditions in the plainest words. Of which customer a thread is decides `named`.
fn fits(c: &Criteria, row: &conversations::Model, me: MemberId, now: Timestamp, named: bool) -> bool {
    let closes_at = || {
        let ahead = |at: Option<i64>| at.filter(|at| *at >= now.0);
        ahead(row.free_until_at).or(ahead(row.permitted_until_at)).filter(|_| row.status != "closed")
    };
    c.statuses.iter().any(|status| status.as_str() == row.status)
        && match c.assignee {
            None => true,
            Some(AssigneeIs::Me) => row.assignee_id == Some(me.0),
            Some(AssigneeIs::Nobody) => row.assignee_id.is_none(),
            Some(AssigneeIs::Anyone) => row.assignee_id.is_some(),
            Some(AssigneeIs::Member { member_id }) => row.assignee_id == Some(member_id.0),
        }
        && (c.channels.is_empty() || c.channels.contains(&ChannelId(row.channel_id)))
        && (c.labels.is_empty() || c.labels.iter().any(|label| carries(row, *label)))
        && (!c.unread || row.unread_count > 0)
        && c.waiting_minutes
            .is_none_or(|n| row.waiting_since_at.is_some_and(|since| since <= now.0 - i64::from(n) * MINUTE))
        && c.closing_minutes.is_none_or(|n| closes_at().is_some_and(|at| at <= now.0 + i64::from(n) * MINUTE))
        && (c.text.is_none() || named)
}

/// What the order goes by; `None`: the order does not show the thread.
fn place(sort: ViewSort, row: &conversations::Model, now: Timestamp) -> Option<(i64, i128)> {
    let id = row.id.as_u128() as i128;
    let ahead = |at: Option<i64>| at.filter(|at| *at >= now.0);
    match sort {
        ViewSort::Latest => Some((-row.last_message_at.max(row.back_at.unwrap_or(i64::MIN)), -id)),
        ViewSort::Waiting => Some((row.waiting_since_at?, id)),
        ViewSort::Closing if row.status == "closed" => None,
        ViewSort::Closing => Some((ahead(row.free_until_at).or(ahead(row.permitted_until_at))?, id)),
    }
}

async fn all_pages(conn: &impl ConnectionTrait, ws: WorkspaceId, chosen: &Chosen<'_>) -> Vec<Uuid> {
    let mut found = Vec::new();
    let mut after: Option<Position> = None;
    loop {
        let page = chosen.page(conn, ws, after, 7).await.unwrap();
        found.extend(page.iter().map(|(_, row)| row.id));
        match page.last() {
            Some((at, row)) if page.len() == 7 => after = Some((*at, loa_kernel::ConversationId(row.id))),
            _ => return found,
        }
    }
}

on_both_databases! {
    /// Whatever the conditions: the pages together are what the plain words say, in the order, each thread once, and
    /// the counter says as much.
    async fn a_view_shows_what_its_conditions_say(db: TestDb) {
        let s = seed(&db.store).await;
        let rows = fill(&db.store, s.workspace, s.now).await;
        let conn = db.store.reader();
        let random = SeededRandom::new(99);
        let (me, dao) = (member(1), Search::new("dao", true).unwrap());
        let mut shown = 0;
        for round in 0..120 {
            let criteria = any_criteria(&random);
            let visibility = match random.below(4) {
                0 => Visibility { channels: Some(vec![channel(0), channel(2)]), only_assignee: None },
                1 => Visibility { channels: None, only_assignee: Some(me) },
                _ => Visibility::default(),
            };
            let beside = maybe(&random, 6, |random| label(random.below(3)));
            let searches: Vec<Search> = criteria.text.iter().map(|_| dao.clone()).collect();
            let wanted: Vec<&conversations::Model> = rows.iter().zip(0..).filter(|(row, n)| {
                let seen = visibility.shows(ChannelId(row.channel_id), row.assignee_id.map(MemberId));
                let labelled = beside.is_none_or(|label| carries(row, label));
                seen && labelled && fits(&criteria, row, me, s.now, n % NAMES.len() == 0)
            }).map(|(row, _)| row).collect();
            shown += wanted.len();
            for sort in [ViewSort::Latest, ViewSort::Closing, ViewSort::Waiting] {
                let chosen =
                    Chosen { visibility: &visibility, criteria: &criteria, sort, label: beside, searches: &searches, me, now: s.now };
                let mut placed: Vec<_> =
                    wanted.iter().filter_map(|row| Some((place(sort, row, s.now)?, row.id))).collect();
                placed.sort_unstable();
                let expected: Vec<Uuid> = placed.into_iter().map(|(_, id)| id).collect();
                let found = all_pages(conn, s.workspace, &chosen).await;
                assert_eq!(found, expected, "round {round}, {sort:?}, {criteria:?}");
                // The counter, and what is done to all of it, mean what is shown.
                let counts = counters(conn, s.workspace, &[chosen, chosen]).await.unwrap();
                assert_eq!(counts, [expected.len() as u64; 2], "round {round}, {sort:?}, {criteria:?}");
                let tx = db.store.begin().await.unwrap();
                let new = NewJob { id: BulkJobId(Uuid::from_u128(1)), member: me, action: BulkAction::Read };
                let total = begin_with_chosen(&tx, s.workspace, &new, &chosen, s.now).await.unwrap();
                assert_eq!(total, expected.len() as u64, "round {round}, {sort:?}, {criteria:?}");
                tx.rollback().await.unwrap();
            }
        }
        assert!(shown > 300, "the rounds found too little to mean anything: {shown}");
        // Counting stops where it is told to.
        let everything = Criteria::of(&STATUSES);
        let visibility = Visibility::default();
        let chosen = Chosen { visibility: &visibility, criteria: &everything, sort: ViewSort::Latest, label: None, searches: &[], me, now: s.now };
        assert_eq!(count_chosen(conn, s.workspace, &[chosen], 5).await.unwrap(), [5]);
        assert_eq!(count_chosen(conn, s.workspace, &[], 5).await.unwrap(), [0u64; 0]);
    }

    async fn members_have_their_own_views_and_the_shared_ones(db: TestDb) {
        let s = seed(&db.store).await;
        let theirs = Seed::another(&db.store, 2).await;
        let (me, other) = (member(1), member(2));
        let view = |n: u128, owner, shared| SavedView {
            id: SavedViewId(Uuid::from_u128(n)),
            owner,
            name: format!("Danh sách {n}"),
            kept: ThreadList {
                criteria: Criteria { unread: true, ..Criteria::of(&[ConversationStatus::Open]) },
                sort: ViewSort::Waiting,
            },
            shared,
            created_at: s.now.plus_ms(n as i64),
            updated_at: s.now,
        };
        let tx = db.store.begin().await.unwrap();
        for view in [view(1, me, false), view(2, other, true), view(3, other, false), view(4, me, false)] {
            saved_views::create(&tx, s.workspace, &view).await.unwrap();
        }
        saved_views::create(&tx, theirs.workspace, &view(5, me, true)).await.unwrap();
        assert!(saved_views::create(&tx, s.workspace, &view(1, me, false)).await.unwrap_err().is_unique("saved_views_pkey"));
        tx.rollback().await.unwrap();
        let tx = db.store.begin().await.unwrap();
        for view in [view(1, me, false), view(2, other, true), view(3, other, false), view(4, me, false)] {
            saved_views::create(&tx, s.workspace, &view).await.unwrap();
        }
        saved_views::create(&tx, theirs.workspace, &view(5, me, true)).await.unwrap();
        tx.commit().await.unwrap();

        let ids = async |member| -> Vec<(u128, bool)> {
            let list = saved_views::list::<ThreadList>(db.store.reader(), s.workspace, member).await.unwrap();
            list.iter().map(|placed| (placed.view.id.0.as_u128(), placed.pinned)).collect()
        };
        assert_eq!(ids(me).await, [(1, true), (2, true), (4, true)]);
        assert_eq!(ids(other).await, [(2, true), (3, true)]);
        let found = saved_views::get(db.store.reader(), s.workspace, me, view(1, me, false).id).await.unwrap();
        assert_eq!(found, Some(view(1, me, false)));
        assert_eq!(saved_views::get::<ThreadList>(db.store.reader(), s.workspace, me, view(3, me, false).id).await.unwrap(), None);
        assert_eq!(saved_views::count_of::<ThreadList>(db.store.reader(), s.workspace, me).await.unwrap(), 2);

        // Each their own order; what was never placed stands last.
        let tx = db.store.begin().await.unwrap();
        let id = |n| SavedViewId(Uuid::from_u128(n));
        saved_views::place::<ThreadList>(&tx, s.workspace, me, &[(id(4), true), (id(2), false)]).await.unwrap();
        saved_views::place::<ThreadList>(&tx, s.workspace, me, &[(id(2), false), (id(4), true)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids(me).await, [(2, false), (4, true), (1, true)]);
        assert_eq!(ids(other).await, [(2, true), (3, true)]);

        // A view of customers is another list's: it is not among those of threads, and keeps its place when they move.
        let of_customers = |n: u128| SavedView {
            id: id(n),
            owner: me,
            name: "Khách VIP".into(),
            kept: CustomerList(serde_json::json!({ "columns": ["name"] })),
            shared: true,
            created_at: s.now,
            updated_at: s.now,
        };
        let tx = db.store.begin().await.unwrap();
        saved_views::create(&tx, s.workspace, &of_customers(8)).await.unwrap();
        saved_views::create(&tx, s.workspace, &of_customers(9)).await.unwrap();
        saved_views::place::<CustomerList>(&tx, s.workspace, me, &[(id(9), false), (id(8), true)]).await.unwrap();
        saved_views::place::<ThreadList>(&tx, s.workspace, me, &[(id(2), false), (id(4), true)]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(ids(me).await, [(2, false), (4, true), (1, true)]);
        let list = saved_views::list::<CustomerList>(db.store.reader(), s.workspace, me).await.unwrap();
        assert_eq!(list.iter().map(|p| (p.view.clone(), p.pinned)).collect::<Vec<_>>(), [(of_customers(9), false), (of_customers(8), true)]);
        assert_eq!(saved_views::get::<ThreadList>(db.store.reader(), s.workspace, me, id(8)).await.unwrap(), None);
        assert_eq!(saved_views::count_of::<CustomerList>(db.store.reader(), s.workspace, me).await.unwrap(), 2);

        // Taken back, a shared one is private; who had it still hears of it, and of its end.
        let tx = db.store.begin().await.unwrap();
        let private = SavedView { shared: false, name: "Riêng".into(), ..view(2, other, true) };
        assert!(saved_views::update(&tx, s.workspace, &private).await.unwrap());
        assert!(saved_views::delete(&tx, s.workspace, id(4), s.now).await.unwrap());
        assert!(!saved_views::delete(&tx, s.workspace, id(4), s.now).await.unwrap());
        assert!(!saved_views::update(&tx, s.workspace, &view(4, me, true)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(ids(me).await, [(1, true)]);
        let mut told =
            saved_views::audience(db.store.reader(), s.workspace, &[id(1), id(2), id(4), id(5)]).await.unwrap();
        told.sort();
        assert_eq!(told, [(id(1), Some(me)), (id(2), None), (id(4), Some(me))]);
        let tx = db.store.begin().await.unwrap();
        assert_eq!(saved_views::prune(&tx, s.workspace, s.now, 10).await.unwrap(), 0);
        assert_eq!(saved_views::prune(&tx, s.workspace, s.now.plus_ms(1), 10).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
}
