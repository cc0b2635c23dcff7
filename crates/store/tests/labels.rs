//! Labels: names, order, who carries them, and tags of a platform as labels.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_kernel::{CustomerId, IdentityId, LabelColour, LabelId, LabelKind, Timestamp};
use loa_store::StoreError;
use loa_store::changes::{ChangeKind, NewChange};
use loa_store::conversations::{self, Filter, ListQuery, Visibility};
use loa_store::entity::customer_identities;
use loa_store::intake::{self, Batch, ConversationRow, IdentityRow};
use loa_store::labels::pushes::{self, Pushed};
use loa_store::labels::{self, LabelEdit, NewLabel, platform, relabel};
use loa_store::profiles;
use loa_testdb::{Seed, TestDb, on_both_databases, seed};
use sea_orm::EntityTrait;

fn label(s: &Seed, name: &str) -> NewLabel {
    NewLabel {
        id: LabelId::derived(s.now, &[s.workspace.0.as_bytes(), name.as_bytes()]),
        name: name.into(),
        colour: LabelColour::Teal,
        kind: LabelKind::Normal,
        created_by: Some(s.admin),
    }
}

async fn make(db: &TestDb, s: &Seed, name: &str) -> LabelId {
    let new = label(s, name);
    let tx = db.store.begin().await.unwrap();
    labels::create(&tx, s.workspace, &new, s.now).await.unwrap();
    tx.commit().await.unwrap();
    new.id
}

async fn names(db: &TestDb, s: &Seed) -> Vec<String> {
    let rows = labels::list(db.store.reader(), s.workspace).await.unwrap();
    rows.into_iter().map(|row| row.name).collect()
}

/// Customers `u0`, `u1`, … with an open thread each.
async fn people(db: &TestDb, s: &Seed, n: usize) -> Vec<(CustomerId, IdentityId)> {
    let mut batch = Batch::default();
    let mut ids = Vec::new();
    for i in 0..n {
        let user = format!("u{i}");
        let (customer, identity, conversation) = intake::ids_of(s.workspace, s.channel, &user);
        let at = s.now.plus_secs(i as i64);
        ids.push((customer, identity));
        batch.new_customers.push((s.workspace, customer, user.clone(), None));
        batch.new_identities.push(IdentityRow {
            workspace: s.workspace,
            id: identity,
            customer,
            channel: s.channel,
            external_id: user,
            app_user_id: None,
            is_follower: None,
            follow_changed_at: None,
            is_blocked: false,
            blocked_changed_at: None,
            facts: serde_json::json!({}),
            last_message_at: Some(at),
            last_interaction_at: Some(at),
            window_started_at: Some(at),
            replies_used: 0,
            replies_reserved: 0,
            welcome_used: 0,
            platform_reply_remain: None,
            platform_reply_total: None,
            platform_as_of_at: None,
            profile_due_at: None,
            created_at: at,
        });
        batch.new_conversations.push(ConversationRow {
            workspace: s.workspace,
            id: conversation,
            channel: s.channel,
            customer,
            identity,
            status: "open".into(),
            status_changed_at: None,
            unread_count: 0,
            read_until_at: None,
            answered_at: None,
            waiting_since_at: None,
            last_message_id: None,
            last_message_at: at,
            last_preview: String::new(),
            last_direction: "in".into(),
            last_kind: "text".into(),
            free_until: Some(at.plus_hours(48)),
            permitted_until: Some(at.plus_hours(168)),
            work: loa_store::work::Work::default(),
            created_at: at,
        });
        batch.changes.entry(s.workspace).or_default().push(NewChange::conversation(conversation, s.channel));
    }
    let tx = db.store.begin().await.unwrap();
    intake::apply(&tx, batch, s.now).await.unwrap();
    tx.commit().await.unwrap();
    ids
}

/// Positions of the customers whose threads a list limited to `label` shows.
async fn listed(
    db: &TestDb,
    s: &Seed,
    label: LabelId,
    people: &[(CustomerId, IdentityId)],
) -> [Vec<usize>; 2] {
    let everybody = Visibility::default();
    let query = ListQuery {
        visibility: &everybody,
        filter: Filter::All,
        channel: None,
        search: None,
        label: Some(label),
        after: None,
        limit: 50,
    };
    let conn = db.store.reader();
    let place = |customer| people.iter().position(|(id, _)| id.0 == customer).unwrap();
    let latest = conversations::list(conn, s.workspace, &query).await.unwrap();
    let closing = conversations::closing(conn, s.workspace, &query, s.now).await.unwrap();
    [
        latest.into_iter().map(|row| place(row.customer_id)).collect(),
        closing.into_iter().map(|(_, row)| place(row.customer_id)).collect(),
    ]
}

async fn carried(db: &TestDb, s: &Seed, customer: CustomerId) -> Vec<String> {
    let conn = db.store.reader();
    let ids = labels::of_customers(conn, s.workspace, &[customer]).await.unwrap().remove(&customer);
    let rows = labels::by_ids(conn, s.workspace, &ids.unwrap_or_default()).await.unwrap();
    let mut names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    names.sort();
    names
}

/// The profile is read at `at` and tells these tags.
async fn set_tags(
    db: &TestDb,
    s: &Seed,
    identity: IdentityId,
    tags: &[&str],
    at: Timestamp,
) -> Vec<ChangeKind> {
    let claimed = profiles::DueProfile {
        workspace: s.workspace,
        identity,
        channel: s.channel,
        external_id: "u0".into(),
        until: at,
    };
    let tags = Some(tags.iter().map(|tag| (*tag).to_owned()).collect());
    let news = profiles::News { tags, raw: serde_json::json!({}), ..profiles::News::default() };
    let tx = db.store.begin().await.unwrap();
    let changes = profiles::write(&tx, &claimed, &news, at).await.unwrap();
    tx.commit().await.unwrap();
    changes.into_iter().map(|change| change.kind).collect()
}

on_both_databases! {
    async fn names_are_unique_however_they_are_written(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let vip = make(&db, &s, "Khách VIP").await;
        make(&db, &other, "Khách VIP").await;
        let tx = db.store.begin().await.unwrap();
        let again = NewLabel { id: LabelId::derived(s.now, &[b"other"]), ..label(&s, "khach vip") };
        let error = labels::create(&tx, s.workspace, &again, s.now).await.unwrap_err();
        assert!(error.is_unique("labels_name"), "{error:?}");
        assert!(matches!(error, StoreError::Unique { .. }));
        tx.rollback().await.unwrap();
        let conn = db.store.reader();
        assert_eq!(labels::by_name(conn, s.workspace, " KHÁCH vip").await.unwrap().unwrap().id, vip.0);
        assert_eq!(labels::get(conn, other.workspace, vip).await.unwrap(), None);
    }

    async fn labels_are_ordered_changed_and_removed(db: TestDb) {
        let s = seed(&db.store).await;
        let (a, b, c) = (make(&db, &s, "a").await, make(&db, &s, "b").await, make(&db, &s, "c").await);
        let tx = db.store.begin().await.unwrap();
        let moved = labels::reorder(&tx, s.workspace, &[c, a], s.now).await.unwrap();
        assert_eq!(moved, [c, a, b]);
        assert_eq!(labels::reorder(&tx, s.workspace, &[c, a], s.now).await.unwrap(), []);
        let edit = LabelEdit { name: Some("Á".into()), colour: Some(LabelColour::Red), archived: Some(true), pushed: None };
        assert!(labels::edit(&tx, s.workspace, a, &edit, s.now).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(names(&db, &s).await, ["c", "Á", "b"]);
        let row = labels::get(db.store.reader(), s.workspace, a).await.unwrap().unwrap();
        assert_eq!((row.name_folded.as_str(), row.colour.as_str(), row.archived_at), ("a", "red", Some(s.now.0)));

        let people = people(&db, &s, 1).await;
        let tx = db.store.begin().await.unwrap();
        labels::put(&tx, s.workspace, &[(people[0].0, a), (people[0].0, b)], Some(s.admin), s.now).await.unwrap();
        assert!(labels::delete(&tx, s.workspace, a).await.unwrap());
        assert!(!labels::delete(&tx, s.workspace, a).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(carried(&db, &s, people[0].0).await, ["b"]);
        assert_eq!(names(&db, &s).await, ["c", "b"]);
    }

    async fn the_list_shows_who_carries_a_label_few_or_many(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let (rare, common) = (make(&db, &s, "rare").await, make(&db, &s, "common").await);
        let people = people(&db, &s, 1_100).await;
        let tx = db.store.begin().await.unwrap();
        let pairs = |label, of: &[usize]| of.iter().map(|i| (people[*i].0, label)).collect::<Vec<_>>();
        let all_but_one: Vec<usize> = (0..1_100).filter(|i| *i != 1_098).collect();
        assert_eq!(labels::put(&tx, s.workspace, &pairs(rare, &[3, 900, 3]), None, s.now).await.unwrap(), 2);
        assert_eq!(labels::put(&tx, s.workspace, &pairs(rare, &[3]), None, s.now).await.unwrap(), 0, "there already");
        labels::put(&tx, s.workspace, &pairs(common, &all_but_one), None, s.now).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!(listed(&db, &s, rare, &people).await, [vec![900, 3], vec![3, 900]]);
        let [latest, closing] = listed(&db, &s, common, &people).await;
        assert_eq!(latest[..3], [1_099, 1_097, 1_096]);
        assert_eq!(closing[..3], [0, 1, 2]);
        let elsewhere = labels::customer_counts(db.store.reader(), other.workspace).await.unwrap();
        assert!(elsewhere.is_empty());
        let counts = labels::customer_counts(db.store.reader(), s.workspace).await.unwrap();
        assert_eq!((counts[&rare], counts[&common]), (2, 1_099));

        let tx = db.store.begin().await.unwrap();
        assert_eq!(labels::remove(&tx, s.workspace, &pairs(rare, &[3, 4])).await.unwrap(), 1);
        assert_eq!(labels::remove(&tx, other.workspace, &pairs(rare, &[900])).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(listed(&db, &s, rare, &people).await, [vec![900], vec![900]]);
        let nobody: Vec<usize> = Vec::new();
        let unknown = LabelId::derived(s.now, &[b"no"]);
        assert_eq!(listed(&db, &s, unknown, &people).await, [nobody.clone(), nobody]);
    }

    async fn tags_of_a_platform_are_labels(db: TestDb) {
        let s = seed(&db.store).await;
        let vip = make(&db, &s, "VIP").await;
        let people = people(&db, &s, 1).await;
        let (customer, identity) = people[0];
        use ChangeKind::{ConversationUpserted, CustomerUpserted, LabelUpserted};
        let at = s.now;

        assert_eq!(set_tags(&db, &s, identity, &["vip", "Khách sỉ"], at).await, [LabelUpserted, CustomerUpserted, ConversationUpserted]);
        assert_eq!(carried(&db, &s, customer).await, ["Khách sỉ", "VIP"]);
        assert_eq!(set_tags(&db, &s, identity, &["vip", "Khách sỉ"], at.plus_secs(1)).await, [], "nothing new");
        assert_eq!(set_tags(&db, &s, identity, &["Khách sỉ"], at.plus_secs(2)).await, [CustomerUpserted, ConversationUpserted]);
        assert_eq!(carried(&db, &s, customer).await, ["Khách sỉ"]);
        assert_eq!(set_tags(&db, &s, identity, &["vip"], at.plus_secs(-1)).await, [], "said before what is known");
        assert_eq!(carried(&db, &s, customer).await, ["Khách sỉ"]);

        // What members put by hand stays, whatever else the platform says.
        let tx = db.store.begin().await.unwrap();
        labels::put(&tx, s.workspace, &[(customer, vip)], Some(s.admin), s.now).await.unwrap();
        tx.commit().await.unwrap();
        set_tags(&db, &s, identity, &[], at.plus_secs(3)).await;
        assert_eq!(carried(&db, &s, customer).await, ["VIP"]);
        let row = customer_identities::Entity::find_by_id((s.workspace.0, identity.0)).one(db.store.reader()).await.unwrap().unwrap();
        assert_eq!(row.facts["tags"]["Khách sỉ"]["on"], false);
        assert_eq!(set_tags(&db, &s, IdentityId::derived(at, &[b"none"]), &["x"], at).await, []);
    }

    async fn a_batch_with_taggings_makes_labels_once(db: TestDb) {
        let s = seed(&db.store).await;
        let people = people(&db, &s, 2).await;
        let said = |i: usize, tag: &str, on| platform::Tagging { customer: people[i].0, tag: tag.into(), on, at: s.now };
        let write = async |list: Vec<platform::Tagging>| {
            let mut batch = Batch::default();
            batch.changes.insert(s.workspace, vec![NewChange::customer(people[0].0)]);
            batch.taggings.insert(s.workspace, list);
            let tx = db.store.begin().await.unwrap();
            intake::apply(&tx, batch, s.now).await.unwrap();
            tx.commit().await.unwrap();
        };
        write(vec![said(0, "Nợ", true), said(1, "nợ", false), said(1, "  ", true)]).await;
        assert_eq!(names(&db, &s).await.len(), 1);
        assert_eq!(carried(&db, &s, people[0].0).await.len(), 1);
        assert_eq!(carried(&db, &s, people[1].0).await.len(), 0);
        write(vec![said(0, "nợ", false), said(1, "NỢ", true)]).await;
        assert_eq!(carried(&db, &s, people[0].0).await.len(), 0);
        assert_eq!(carried(&db, &s, people[1].0).await.len(), 1);
        assert_eq!(names(&db, &s).await.len(), 1);
        // Its id follows from its name, so another database makes the same one.
        let expected = LabelId::derived(Timestamp(0), &[s.workspace.0.as_bytes(), b"no"]);
        assert_eq!(labels::list(db.store.reader(), s.workspace).await.unwrap()[0].id, expected.0);
    }

    /// The newest wish is told; one whose call is under way waits for its end; what the platform says meanwhile is the
    /// echo of older times.
    async fn what_is_wished_is_told_once_and_the_newest_wins(db: TestDb) {
        let s = seed(&db.store).await;
        let people = people(&db, &s, 2).await;
        let (a, b) = (people[0].0, people[1].0);
        let own = make(&db, &s, "Của shop").await;
        let write = async |customer: CustomerId, add: &[LabelId], remove: &[LabelId], at: Timestamp| {
            let tx = db.store.begin().await.unwrap();
            relabel::relabel(&tx, s.workspace, &[customer], add, remove, Some(s.admin), at).await.unwrap();
            tx.commit().await.unwrap();
        };
        let claim = async |at: Timestamp| pushes::claim(&db.store, 10, at.plus_secs(60), at).await.unwrap();
        let settle = async |push: &pushes::DuePush, pushed: Pushed| {
            let tx = db.store.begin().await.unwrap();
            let told = pushes::settle(&tx, push, &pushed).await.unwrap();
            tx.commit().await.unwrap();
            told
        };
        let said = |list: &[pushes::DuePush]| -> Vec<(CustomerId, String, bool)> {
            list.iter().map(|p| (p.customer, p.external_id.clone().unwrap(), p.wished)).collect()
        };
        // Not before somebody wants it.
        write(a, &[own], &[], s.now).await;
        assert_eq!(claim(s.now).await, []);
        let tx = db.store.begin().await.unwrap();
        let edit = LabelEdit { pushed: Some(true), ..LabelEdit::default() };
        labels::edit(&tx, s.workspace, own, &edit, s.now).await.unwrap();
        tx.commit().await.unwrap();
        write(a, &[], &[own], s.now.plus_ms(1)).await;
        write(b, &[own], &[], s.now.plus_ms(2)).await;
        write(a, &[own], &[], s.now.plus_ms(3)).await;
        let first = claim(s.now.plus_ms(3)).await;
        assert_eq!(said(&first), [(b, "u1".into(), true), (a, "u0".into(), true)]);
        assert_eq!(claim(s.now.plus_ms(3)).await, [], "nobody else has them");
        // Somebody changes their mind while the call is under way.
        write(a, &[], &[own], s.now.plus_ms(4)).await;
        assert_eq!(claim(s.now.plus_ms(4)).await, [], "the call ends first");
        let on = [platform::Tagging { customer: a, tag: "của  SHOP".into(), on: true, at: s.now.plus_ms(3) }];
        let tx = db.store.begin().await.unwrap();
        platform::apply(&tx, s.workspace, &on, s.now.plus_ms(5)).await.unwrap();
        tx.commit().await.unwrap();
        let worn = labels::of_customers(db.store.reader(), s.workspace, &[a, b]).await.unwrap();
        assert_eq!((worn.get(&a), worn.get(&b)), (None, Some(&vec![own])), "the echo comes too late");
        assert!(!settle(&first[0], Pushed::Done).await);
        assert!(!settle(&first[1], Pushed::Done).await);
        let second = claim(s.now.plus_ms(5)).await;
        assert_eq!(said(&second), [(a, "u0".into(), false)]);
        // Not reached: later again; the lease of who died runs out.
        assert!(!settle(&second[0], Pushed::Again(s.now.plus_secs(9), "kaputt".into())).await);
        assert_eq!(claim(s.now.plus_secs(8)).await, []);
        let third = claim(s.now.plus_secs(9)).await;
        assert_eq!((third[0].attempts, said(&third)), (1, said(&second)));
        assert_eq!(claim(s.now.plus_secs(60)).await, []);
        let fourth = claim(s.now.plus_secs(70)).await;
        // Refused: told to members, until asked again or wished anew.
        assert!(settle(&fourth[0], Pushed::Failed("not a follower (-213)".into())).await);
        assert_eq!(claim(s.now.plus_secs(99)).await, []);
        let failed = pushes::failed_of(db.store.reader(), s.workspace, &[a, b]).await.unwrap();
        assert_eq!((failed.len(), failed[0].customer, failed[0].wished, failed[0].reason.as_str()), (1, a, false, "not a follower (-213)"));
        assert_eq!(pushes::failed_counts(db.store.reader(), s.workspace).await.unwrap()[&own], 1);
        let tx = db.store.begin().await.unwrap();
        assert_eq!(pushes::again(&tx, s.workspace, own, s.now.plus_secs(99)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(said(&claim(s.now.plus_secs(99)).await), [(a, "u0".into(), false)]);
        // The echo of an older wish comes after the newer one was told: it changes nothing. What is said later does.
        let last = claim(s.now.plus_secs(240)).await;
        assert_eq!(said(&last), [(a, "u0".into(), false)]);
        settle(&last[0], Pushed::Done).await;
        for (at, carried) in [(s.now.plus_ms(3), None), (s.now.plus_secs(300), Some(&vec![own]))] {
            let on = [platform::Tagging { customer: a, tag: "của shop".into(), on: true, at }];
            let tx = db.store.begin().await.unwrap();
            platform::apply(&tx, s.workspace, &on, s.now.plus_secs(300)).await.unwrap();
            tx.commit().await.unwrap();
            let worn = labels::of_customers(db.store.reader(), s.workspace, &[a]).await.unwrap();
            assert_eq!(worn.get(&a), carried, "{at:?}");
        }
        let tx = db.store.begin().await.unwrap();
        assert_eq!(pushes::prune(&tx, s.workspace, s.now.plus_secs(1), 10).await.unwrap(), 2);
        tx.commit().await.unwrap();
        // What the platform says of a label that is not ours to tell is taken, and told back to nobody.
        let on = [platform::Tagging { customer: b, tag: "Từ Zalo".into(), on: true, at: s.now }];
        let tx = db.store.begin().await.unwrap();
        platform::apply(&tx, s.workspace, &on, s.now).await.unwrap();
        tx.commit().await.unwrap();
        let theirs = labels::by_name(db.store.reader(), s.workspace, "tu zalo").await.unwrap().unwrap();
        assert!(pushes::is_pushed(&theirs));
        assert_eq!(claim(s.now.plus_secs(99)).await, [], "an event loops back to nobody");
        // Put off here, it is put off there; with the label goes what was to be told.
        write(b, &[], &[LabelId(theirs.id)], s.now.plus_secs(100)).await;
        let tx = db.store.begin().await.unwrap();
        labels::delete(&tx, s.workspace, LabelId(theirs.id)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(claim(s.now.plus_secs(100)).await, []);
    }
}
