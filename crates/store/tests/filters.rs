//! Memory, columns and SQL choose the same customers, whatever is asked, on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_filter::testing::{Draw, NOW, OwnedValue};
use loa_filter::{Catalogue, Columns, Field, FieldKind, Known, Label, Options, check, matches};
use loa_kernel::{ChannelId, CustomerId, FieldId, LabelId, MemberId, PhoneGroup, Timestamp, WorkspaceId};
use loa_store::Store;
use loa_store::changes::{self, ChangeKind};
use loa_store::customers::details::{self, Details};
use loa_store::customers::groups::{self, Wanted};
use loa_store::customers::records::{self, CustomerRecord, group, key};
use loa_store::customers::select;
use loa_store::entity::{conversations, customer_identities, customer_labels, customers, group_phones};
use loa_store::workspaces::{self, Workspace};
use loa_testdb::on_both_databases;
use sea_orm::EntityTrait;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

const PEOPLE: u128 = 250;
const TREES: u64 = 5_000;
const PHONES: [&str; 4] = ["84912345678", "84912345679", "84283822123", "14155552671"];

fn label(n: u128) -> LabelId {
    LabelId(Uuid::from_u128(0x100 + n))
}
fn member(n: u128) -> MemberId {
    MemberId(Uuid::from_u128(0x200 + n))
}
fn channel(n: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(0x300 + n))
}

/// Every system field, and one made field of each kind that can be made.
fn catalogue() -> Catalogue {
    let plain = |key: &str, kind: FieldKind| Field::plain(key, Label::same(key), kind);
    let options =
        |ids: Vec<String>| Options::new(ids.into_iter().map(|id| (id.clone(), Label::same(id))).collect());
    let listed =
        |key: &str, kind: FieldKind, ids: Vec<String>| Field { options: options(ids), ..plain(key, kind) };
    let groups = [group::FOLLOWING, group::NOT_FOLLOWING, group::PRIORITY, group::RESTRICTED];
    let mut fields = vec![
        plain(key::NAME, FieldKind::Text),
        plain(key::PHONE, FieldKind::Phone),
        plain(key::ADDRESS, FieldKind::Text),
        plain(key::EXTERNAL_ID, FieldKind::Text),
        plain(key::BIRTHDAY, FieldKind::Datetime),
        plain(key::CREATED_AT, FieldKind::Datetime),
        plain(key::LAST_INTERACTION_AT, FieldKind::Datetime),
        listed(key::GENDER, FieldKind::Choice, ["male", "female", "other"].map(str::to_owned).to_vec()),
        listed(key::LABELS, FieldKind::Set, (0..4).map(|n| label(n).to_string()).collect()),
        listed(key::ASSIGNEES, FieldKind::Set, (0..3).map(|n| member(n).to_string()).collect()),
        listed(key::CHANNELS, FieldKind::Set, (0..3).map(|n| channel(n).to_string()).collect()),
        listed(key::GROUPS, FieldKind::Set, groups.map(str::to_owned).to_vec()),
    ];
    let made = [
        FieldKind::Boolean,
        FieldKind::Number,
        FieldKind::Text,
        FieldKind::Datetime,
        FieldKind::Table,
        FieldKind::Email,
        FieldKind::Phone,
        FieldKind::Url,
    ];
    for (n, kind) in made.into_iter().enumerate() {
        let id = FieldId(Uuid::from_u128(0x400 + n as u128));
        let keys = if kind == FieldKind::Table { vec!["size".into(), "o'\"màu".into()] } else { vec![] };
        fields.push(Field { keys, ..plain(&id.to_string(), kind) });
    }
    Catalogue::new(fields)
}

fn fact(value: &OwnedValue) -> Option<Json> {
    Some(match value {
        OwnedValue::Texts(texts) => texts.first()?.as_str().into(),
        OwnedValue::Number(n) => n.0.into(),
        OwnedValue::Time(at) => at.0.into(),
        OwnedValue::Truth(truth) => (*truth).into(),
        OwnedValue::Ids(ids) => ids.first()?.as_str().into(),
        OwnedValue::Rows(rows) if rows.is_empty() => return None,
        OwnedValue::Rows(rows) => {
            rows.iter().map(|(k, v)| (k.clone(), v.as_str().into())).collect::<Map<_, _>>().into()
        }
    })
}

/// People of whom much, little or nothing is known.
async fn people(store: &Store, ws: WorkspaceId, fields: &Catalogue, draw: &Draw) {
    let tx = store.begin().await.unwrap();
    for (n, phone) in PHONES.iter().enumerate() {
        for name in [group::PRIORITY, group::RESTRICTED] {
            if draw.below(2) == 0 {
                let row = group_phones::Model {
                    workspace_id: ws.0,
                    phone: (*phone).into(),
                    group: name.into(),
                    // One is over, one ends this very instant, one lasts.
                    expires_at: [None, Some(NOW.0 - 1), Some(NOW.0), Some(NOW.0 + 1)]
                        [(n + draw.below(4)) % 4],
                    member_id: None,
                    created_at: 0,
                };
                group_phones::Entity::insert(group_phones::ActiveModel::from(row))
                    .exec_without_returning(&tx)
                    .await
                    .unwrap();
            }
        }
    }
    for n in 0..PEOPLE {
        let id = Uuid::from_u128(0x1000 + n);
        let known = draw.record(fields).0;
        let text = |key: &str| match known.get(key) {
            Some(OwnedValue::Texts(texts)) => texts.first().cloned(),
            _ => None,
        };
        let time = |key: &str| match known.get(key) {
            Some(OwnedValue::Time(at)) => Some(at.0),
            _ => None,
        };
        let ids = |key: &str| match known.get(key) {
            Some(OwnedValue::Ids(ids)) => ids.clone(),
            _ => Vec::new(),
        };
        let name = text(key::NAME).unwrap_or_default();
        let row = customers::Model {
            workspace_id: ws.0,
            id,
            display_name: name.clone(),
            name_folded: name,
            avatar_url: None,
            phone: text(key::PHONE),
            note: None,
            created_at: time(key::CREATED_AT).unwrap_or(NOW.0),
            updated_at: 0,
        };
        customers::Entity::insert(customers::ActiveModel::from(row))
            .exec_without_returning(&tx)
            .await
            .unwrap();
        let columns = [key::NAME, key::PHONE, key::CREATED_AT, key::LAST_INTERACTION_AT];
        let stored = |key: &String| {
            let sets = [key::LABELS, key::ASSIGNEES, key::CHANNELS, key::GROUPS];
            !columns.contains(&key.as_str()) && !sets.contains(&key.as_str())
        };
        let mut details = Details::default();
        for (key, value) in known.iter().filter(|(key, _)| stored(key)) {
            details.set(key, fact(value).map(|fact| Known { fact, written: None }));
        }
        if !details.is_empty() {
            details::put(&tx, ws, [(CustomerId(id), details)], Timestamp(0)).await.unwrap();
        }
        for label in ids(key::LABELS) {
            let row = customer_labels::Model {
                workspace_id: ws.0,
                customer_id: id,
                label_id: label.parse::<LabelId>().unwrap().0,
                member_id: None,
                created_at: 0,
            };
            customer_labels::Entity::insert(customer_labels::ActiveModel::from(row))
                .exec_without_returning(&tx)
                .await
                .unwrap();
        }
        let last = time(key::LAST_INTERACTION_AT);
        for (at, channel) in ids(key::CHANNELS).iter().enumerate() {
            let row = identity(
                ws,
                id,
                n * 8 + at as u128,
                channel.parse().unwrap(),
                last.map(|ms| ms - at as i64),
                draw,
            );
            customer_identities::Entity::insert(customer_identities::ActiveModel::from(row))
                .exec_without_returning(&tx)
                .await
                .unwrap();
        }
        // A thread of nobody too: it must not count as an assignee.
        let mut threads: Vec<Option<Uuid>> =
            ids(key::ASSIGNEES).iter().map(|m| Some(m.parse::<MemberId>().unwrap().0)).collect();
        threads.push(None);
        for (at, assignee) in threads.into_iter().enumerate() {
            let row = thread(ws, id, n * 8 + at as u128, assignee);
            conversations::Entity::insert(conversations::ActiveModel::from(row))
                .exec_without_returning(&tx)
                .await
                .unwrap();
        }
    }
    tx.commit().await.unwrap();
}

async fn records_of(store: &Store, ws: WorkspaceId, now: Timestamp) -> Vec<CustomerRecord> {
    let mut all: Vec<CustomerRecord> = Vec::new();
    loop {
        let part = records::walk(store.reader(), ws, all.last().map(|r| r.id), 100, now).await.unwrap();
        if part.is_empty() {
            return all;
        }
        all.extend(part);
    }
}

/// One thing that happens to the groups, as the product does it: everything in one transaction, with its changes.
async fn step(store: &Store, ws: WorkspaceId, draw: &Draw, now: Timestamp) {
    let group = [PhoneGroup::Priority, PhoneGroup::Restricted][draw.below(2)];
    let some: Vec<String> = PHONES.iter().filter(|_| draw.below(2) == 0).map(|p| (*p).to_owned()).collect();
    let tx = store.begin().await.unwrap();
    groups::lock(&tx, ws).await.unwrap();
    let changed = match draw.below(5) {
        0 => groups::remove(&tx, ws, group, &some).await.unwrap().changed,
        1 => groups::empty(&tx, ws, group).await.unwrap().changed,
        n => {
            let wanted = Wanted { group, phones: &some, replace: n == 2 };
            let plan = groups::plan(&tx, ws, wanted, now).await.unwrap();
            let expires_at = [None, Some(now.plus_ms(1)), Some(now.plus_ms(2))][draw.below(3)];
            groups::put(&tx, ws, wanted, &plan, expires_at, member(0), now).await.unwrap();
            plan.changed
        }
    };
    groups::announce(&tx, ws, &changed, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn expire(store: &Store, ws: WorkspaceId, now: Timestamp) {
    let tx = store.begin().await.unwrap();
    groups::lock(&tx, ws).await.unwrap();
    let mut changed = Vec::new();
    // One at a time: each part must be right by itself.
    for (group, phones) in groups::expired(&tx, ws, 1, now).await.unwrap() {
        changed.extend(groups::remove(&tx, ws, group, &phones).await.unwrap().changed);
    }
    groups::announce(&tx, ws, &changed, now).await.unwrap();
    tx.commit().await.unwrap();
}

fn identity(
    ws: WorkspaceId,
    customer: Uuid,
    n: u128,
    channel: ChannelId,
    last: Option<i64>,
    draw: &Draw,
) -> customer_identities::Model {
    customer_identities::Model {
        workspace_id: ws.0,
        id: Uuid::from_u128(0x20_0000 + n),
        customer_id: customer,
        channel_id: channel.0,
        external_id: format!("u{n}"),
        app_user_id: None,
        is_follower: [None, Some(false), Some(true)][draw.below(3)],
        follow_changed_at: None,
        is_blocked: false,
        blocked_changed_at: None,
        profile: Json::Null,
        facts: Json::Null,
        last_message_at: None,
        last_interaction_at: last,
        window_started_at: None,
        replies_used: 0,
        replies_reserved: 0,
        welcome_used: 0,
        platform_reply_remain: None,
        platform_reply_total: None,
        platform_as_of_at: None,
        window_refused_at: None,
        follow_removed_at: None,
        follow_removed_by: None,
        profile_fetched_at: None,
        profile_due_at: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn thread(ws: WorkspaceId, customer: Uuid, n: u128, assignee: Option<Uuid>) -> conversations::Model {
    conversations::Model {
        workspace_id: ws.0,
        id: Uuid::from_u128(0x30_0000 + n),
        customer_id: customer,
        identity_id: Uuid::from_u128(0x40_0000 + n),
        channel_id: channel(0).0,
        assignee_id: assignee,
        status: "open".into(),
        status_changed_at: None,
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
    }
}

on_both_databases! {
    async fn memory_columns_and_sql_choose_the_same(db: TestDb) {
        let fields = catalogue();
        let conn = db.store.reader();
        let mut chosen_at_all = 0;
        for round in 0..5 {
            let draw = Draw::new(round);
            // Each round has a workspace of its own; none may see into another.
            let ws = WorkspaceId(Uuid::from_u128(0x9000 + u128::from(round)));
            people(&db.store, ws, &fields, &draw).await;
            let mut all: Vec<CustomerRecord> = Vec::new();
            loop {
                let part = records::walk(conn, ws, all.last().map(|r| r.id), 100, NOW).await.unwrap();
                if part.is_empty() {
                    break;
                }
                all.extend(part);
            }
            assert_eq!(all.len() as u128, PEOPLE);
            let some: Vec<CustomerId> = all.iter().step_by(7).map(|r| r.id).collect();
            let mut again = records::by_ids(conn, ws, &some, NOW).await.unwrap();
            again.sort_by_key(|r| r.id);
            assert_eq!(again, all.iter().step_by(7).cloned().collect::<Vec<_>>());
            let mut columns = Columns::new(fields.iter().cloned().collect());
            for record in &all {
                columns.put(record.id.0.as_u128(), record);
            }
            for n in 0..TREES / 5 {
                let tree = draw.tree(&fields, 4);
                let place = format!("round {round}, tree {n}: {}", serde_json::to_string(&tree).unwrap());
                let condition = check(&tree, &fields).unwrap_or_else(|e| panic!("{place}: {e:?}"));
                let memory: Vec<CustomerId> =
                    all.iter().filter(|r| matches(&condition, *r, NOW)).map(|r| r.id).collect();
                let sql = select::ids(conn, ws, &condition, None, 10_000, NOW).await.unwrap_or_else(|e| panic!("{place}: {e}"));
                assert_eq!(sql, memory, "{place}");
                let mut from_columns: Vec<CustomerId> =
                    columns.ids(&columns.select(&condition, NOW)).map(|id| CustomerId(Uuid::from_u128(id))).collect();
                from_columns.sort();
                assert_eq!(from_columns, memory, "{place}");
                if n % 50 == 0 {
                    assert_eq!(select::count(conn, ws, &condition, NOW).await.unwrap(), memory.len() as u64, "{place}");
                    let after = memory.get(memory.len() / 2).copied();
                    let page = select::ids(conn, ws, &condition, after, 5, NOW).await.unwrap();
                    let rest: Vec<CustomerId> =
                        memory.iter().copied().filter(|id| after.is_none_or(|a| *id > a)).take(5).collect();
                    assert_eq!(page, rest, "{place}");
                }
                chosen_at_all += usize::from(!memory.is_empty() && memory.len() < all.len());
            }
        }
        assert!(chosen_at_all > 2_500, "too many trees choose everybody or nobody: {chosen_at_all}");
    }

    async fn groups_that_change_and_expire_are_followed(db: TestDb) {
        let (fields, conn) = (catalogue(), db.store.reader());
        let ws = WorkspaceId(Uuid::from_u128(0x8000));
        let draw = Draw::new(77);
        let tx = db.store.begin().await.unwrap();
        let workspace = Workspace { id: ws, name: "Shop".into(), locale: "vi".into(), created_at: NOW };
        workspaces::create(&tx, &workspace).await.unwrap();
        tx.commit().await.unwrap();
        people(&db.store, ws, &fields, &draw).await;
        let mut now = NOW;
        while groups::any_expired(conn, now).await.unwrap().is_some() {
            expire(&db.store, ws, now).await;
        }
        let mut columns = Columns::new(fields.iter().cloned().collect());
        let mut known = records_of(&db.store, ws, now).await;
        for record in &known {
            columns.put(record.id.0.as_u128(), record);
        }
        let mut seq = changes::last_seq(conn, ws).await.unwrap();
        let (mut moved, mut expirations) = (0, 0);
        for n in 0..120 {
            if n % 3 == 2 {
                now = now.plus_ms(1);
                while groups::any_expired(conn, now).await.unwrap().is_some() {
                    expire(&db.store, ws, now).await;
                    expirations += 1;
                }
            } else {
                step(&db.store, ws, &draw, now).await;
            }
            let list = changes::since(conn, ws, seq, 10_000).await.unwrap();
            seq = changes::last_seq(conn, ws).await.unwrap();
            let mut told: Vec<CustomerId> = list
                .iter()
                .filter(|c| c.what.kind == ChangeKind::CustomerUpserted)
                .map(|c| CustomerId(c.what.entity))
                .collect();
            let threads = list.iter().filter(|c| c.what.kind == ChangeKind::ConversationUpserted).count();
            let theirs = loa_store::conversations::of_customers(conn, ws, &told).await.unwrap().len();
            assert!(threads >= theirs, "a thread of somebody whose group changed was not told");
            told.sort();
            told.dedup();
            let all = records_of(&db.store, ws, now).await;
            // Exactly those who are in another group than before are told; of several steps at once (expiring in parts)
            // somebody may be told and end where they were.
            let other: Vec<CustomerId> =
                all.iter().zip(&known).filter(|(a, b)| a != b).map(|(a, _)| a.id).collect();
            if n % 3 == 2 {
                assert!(other.iter().all(|id| told.contains(id)), "step {n}");
            } else {
                assert_eq!(told, other, "step {n}");
            }
            moved += other.len();
            for record in records::by_ids(conn, ws, &told, now).await.unwrap() {
                columns.put(record.id.0.as_u128(), &record);
            }
            known = all;
            for names in [&[group::PRIORITY][..], &[group::RESTRICTED], &[group::PRIORITY, group::RESTRICTED]] {
                for op in ["any_of", "none_of", "all_of"] {
                    let tree = serde_json::json!({ "field": key::GROUPS, "op": op, "value": names });
                    let condition = check(&serde_json::from_value(tree).unwrap(), &fields).unwrap();
                    let memory: Vec<CustomerId> =
                        known.iter().filter(|r| matches(&condition, *r, now)).map(|r| r.id).collect();
                    let sql = select::ids(conn, ws, &condition, None, 10_000, now).await.unwrap();
                    let mut copy: Vec<CustomerId> = columns
                        .ids(&columns.select(&condition, now))
                        .map(|id| CustomerId(Uuid::from_u128(id)))
                        .collect();
                    copy.sort();
                    assert_eq!((&sql, &copy), (&memory, &memory), "step {n}: {op} {names:?}");
                }
            }
        }
        assert!(moved > 100 && expirations > 5, "too little happened: {moved} moved, {expirations} expired");
    }
}
