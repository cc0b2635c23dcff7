//! How the databases carry out the queries that people and workers wait for: along an index, to the depth that is
//! expected, and without sorting or walking what grows with the business.
//!
//! Each query runs through [`Recorder`], which keeps its statements; each statement is then explained by the
//! database, in a workspace that is large enough for the planner to care. How to add one: a line in the list.

mod business;

use std::sync::{Mutex, PoisonError};

use loa_kernel::{AssigneeIs, ChannelId, ConversationStatus, Criteria, NotificationId, ViewSort};
use loa_testdb::on_both_databases;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use uuid::Uuid;

use crate::changes::{self};
use crate::conversations::{self, Filter, ListQuery, Visibility};
use crate::customers::Search;
use crate::outbound::{self, DeliveryState};
use crate::search::{self, Slot};
use crate::{
    Result, Store, StoreConfig, auto_replies, customers, entries, imports, labels, messages, notifications,
    profiles, quota, raw_events, scheduled, sessions, stickers,
};

use business::{CHANNEL, COMMON, MEMBER, NOW, RARE, WS, customer, fill, message, thread};

/// Keeps the statements that pass.
struct Recorder<'a> {
    inner: &'a DatabaseConnection,
    seen: Mutex<Vec<Statement>>,
}

impl Recorder<'_> {
    fn note(&self, statement: &Statement) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
    }

    /// What has passed since the last time.
    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Recorder<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.note(&stmt);
        self.inner.execute_raw(stmt).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.note(&stmt);
        self.inner.query_one_raw(stmt).await
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.note(&stmt);
        self.inner.query_all_raw(stmt).await
    }
}

/// The plan as the database tells it, one step a line.
async fn explain(store: &Store, statement: &Statement) -> String {
    let tx = store.begin().await.unwrap();
    let backend = tx.get_database_backend();
    let (head, column) = match backend {
        DbBackend::Sqlite => ("EXPLAIN QUERY PLAN", 3),
        _ => {
            // Thousands of rows fit into so few pages that walking or fetching and sorting them may be the cheapest; it
            // is not later.
            tx.execute_unprepared("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
                .await
                .unwrap();
            ("EXPLAIN", 0)
        }
    };
    let explained = Statement { sql: format!("{head} {}", statement.sql), ..statement.clone() };
    let rows = tx.query_all_raw(explained).await.unwrap();
    let lines = rows.iter().map(|row| row.try_get_by_index::<String>(column).unwrap());
    let plan = lines.collect::<Vec<_>>().join("\n");
    tx.rollback().await.unwrap();
    plan
}

/// What one query may do.
struct Rule {
    /// Its name in this test.
    query: &'static str,
    /// Each of its statements follows one of these, named `<table>_pkey` when it is the primary key.
    along: &'static [&'static str],
    /// Columns that, with the workspace, lead into the index: without them all of the workspace is walked.
    by: &'static str,
    /// It may sort what it has found: few rows whatever the size of the business.
    may_sort: bool,
}

impl Rule {
    /// What is wrong with this plan.
    fn complaint(&self, backend: DbBackend, plan: &str) -> Option<&'static str> {
        let sqlite = backend == DbBackend::Sqlite;
        let follows = self.along.iter().any(|index| match index.strip_suffix("_pkey") {
            // SQLite keeps the key of a table in an index of its own making.
            Some(table) if sqlite => plan.contains(&format!("sqlite_autoindex_{table}_1")),
            _ => plan.contains(index),
        });
        let walks = plan.lines().map(str::trim).any(|line| {
            if sqlite {
                // A walk through the rows of a table; subqueries, given values and the few accounts are walked too.
                line.starts_with("SCAN ")
                    && !line.contains("CONSTANT ROW")
                    && !["capped", "(", "channels", "v"].iter().any(|small| line[5..].starts_with(small))
            } else {
                line.contains("Seq Scan on")
            }
        });
        let sorts = if sqlite { plan.contains("B-TREE FOR ORDER BY") } else { plan.contains("Sort Key:") };
        let leads = self.by.is_empty()
            || plan.lines().any(|line| (sqlite || line.contains("Index Cond:")) && line.contains(self.by));
        match () {
            () if walks => Some("walks a table"),
            () if !follows => Some("does not follow its index"),
            () if !leads => Some("is not led into the index"),
            () if sorts && !self.may_sort => Some("sorts"),
            () => None,
        }
    }
}

const fn rule(query: &'static str, along: &'static [&'static str], by: &'static str) -> Rule {
    Rule { query, along, by, may_sort: false }
}

on_both_databases! {
    async fn hot_queries_follow_their_indexes(db: TestDb) {
        // The store of this build; the one in `TestDb` belongs to the library that it was built with.
        let store = Store::connect(&StoreConfig::new(db.url.clone())).await.unwrap();
        fill(&store).await;
        let conn = Recorder { inner: store.reader(), seen: Mutex::default() };
        let everybody = Visibility::default();
        let half = Visibility { channels: Some(vec![CHANNEL, ChannelId(Uuid::from_u128(3))]), only_assignee: None };
        let after = Some((NOW.plus_ms(-1_000_000), thread(1_000)));
        let list = |visibility, filter, channel, after| ListQuery { visibility, filter, channel, search: None, label: None, after, limit: 50 };
        let mut seen: Vec<(Rule, Vec<Statement>)> = Vec::new();
        let mut note = |rule: Rule| seen.push((rule, conn.take()));

        for after in [None, after] {
            for (rule, filter) in [
                (rule("threads: all", &["conversations_status", "conversations_back"], ""), Filter::All),
                (rule("threads: mine", &["conversations_assignee", "conversations_back"], ""), Filter::Mine(MEMBER)),
                (rule("threads: unassigned", &["conversations_assignee", "conversations_status", "conversations_back"], ""), Filter::Unassigned),
                (rule("threads: unread", &["conversations_unread", "conversations_back"], ""), Filter::Unread),
                (rule("threads: pending", &["conversations_status", "conversations_back"], ""), Filter::Pending),
                (rule("threads: snoozed", &["conversations_status"], "status"), Filter::Snoozed),
                (rule("threads: closed", &["conversations_status"], "status"), Filter::Closed),
            ] {
                conversations::list(&conn, WS, &list(&everybody, filter, None, after)).await.unwrap();
                note(rule);
            }
            conversations::list(&conn, WS, &list(&everybody, Filter::All, Some(CHANNEL), after)).await.unwrap();
            note(rule("threads: of a channel", &["conversations_channel", "conversations_back"], ""));
            conversations::list(&conn, WS, &list(&half, Filter::All, None, after)).await.unwrap();
            note(rule("threads: of two channels", &["conversations_status", "conversations_back"], ""));
        }
        for (label, filter, indexes, may_sort) in [
            (RARE, Filter::Closed, &["customer_labels_label", "conversations_customer"][..], true),
            // Whichever way to the first thousand.
            (COMMON, Filter::All, &["customer_labels_label", "customer_labels_pkey", "conversations_status"][..], false),
        ] {
            let query = ListQuery { label: Some(label), ..list(&everybody, filter, None, after) };
            conversations::list(&conn, WS, &query).await.unwrap();
            note(Rule { may_sort, ..rule("threads: of a label", indexes, "") });
        }
        labels::of_customers(&conn, WS, &[customer(1), customer(2)]).await.unwrap();
        note(Rule { may_sort: true, ..rule("labels of customers", &["customer_labels_pkey"], "customer_id") });

        for after in [None, Some((NOW.plus_ms(1_000_000), thread(1_000)))] {
            conversations::closing(&conn, WS, &list(&everybody, Filter::All, None, after), NOW).await.unwrap();
            note(rule("threads: that close", &["conversations_free_until", "conversations_permitted_until"], "until_at"));
        }
        for (rule, sort, change) in [
            (rule("a view: latest", &["conversations_status", "conversations_back"], ""), ViewSort::Latest, None),
            (rule("a view: of a member", &["conversations_assignee", "conversations_back"], ""), ViewSort::Latest, Some("mine")),
            (rule("a view: unread", &["conversations_unread", "conversations_back"], ""), ViewSort::Latest, Some("unread")),
            (rule("a view: who waits longest", &["conversations_waiting"], ""), ViewSort::Waiting, None),
            (rule("a view: what closes", &["conversations_free_until", "conversations_permitted_until"], "until_at"), ViewSort::Closing, None),
        ] {
            let mut criteria = Criteria::of(&[ConversationStatus::Open, ConversationStatus::Pending]);
            criteria.assignee = (change == Some("mine")).then_some(AssigneeIs::Me);
            criteria.unread = change == Some("unread");
            let chosen = conversations::Chosen { visibility: &everybody, criteria: &criteria, sort, label: None, searches: &[], me: MEMBER, now: NOW };
            chosen.page(&conn, WS, None, 50).await.unwrap();
            note(rule);
        }
        let criteria = Criteria { closing_minutes: Some(60), ..Criteria::of(&[ConversationStatus::Open]) };
        let chosen = conversations::Chosen { visibility: &everybody, criteria: &criteria, sort: ViewSort::Latest, label: None, searches: &[], me: MEMBER, now: NOW };
        conversations::counters(&conn, WS, &[chosen]).await.unwrap();
        note(rule("a view: how many close soon", &["conversations_free_until", "conversations_permitted_until"], "until_at"));
        conversations::counts(&conn, WS, &everybody, MEMBER).await.unwrap();
        note(rule("threads: counts", &["conversations_status"], "status"));
        conversations::by_ids(&conn, WS, &[thread(1), thread(2)]).await.unwrap();
        note(rule("threads by id", &["conversations_pkey"], "id"));

        for before in [None, Some((NOW.plus_ms(-7_002), message(7_002)))] {
            messages::page(&conn, WS, thread(1_400), before, 50).await.unwrap();
            note(rule("a thread's page", &["messages_thread"], "conversation_id"));
            entries::page(&conn, WS, thread(1_400), before, 50).await.unwrap();
            note(rule("a thread's notes and lines", &["thread_entries_thread"], "conversation_id"));
        }
        messages::by_ids(&conn, WS, &[message(1), message(2)]).await.unwrap();
        note(rule("messages by id", &["messages_pkey"], "id"));
        messages::by_platform_ids(&conn, WS, &[CHANNEL], &["p1".into(), "p2".into()]).await.unwrap();
        note(rule("messages by platform id", &["messages_platform"], "platform_id"));
        outbound::by_client_id(&conn, WS, Uuid::from_u128(5_000_003)).await.unwrap();
        note(rule("a message by client id", &["messages_client"], "client_id"));
        outbound::by_platform_id(&conn, WS, CHANNEL, "p1").await.unwrap();
        note(rule("a message by platform id", &["messages_platform"], "platform_id"));
        outbound::platform_time_known_at(&conn, WS, thread(7), NOW).await.unwrap();
        note(rule("the newest message known", &["messages_thread"], "conversation_id"));

        conversations::due(32, NOW).all_for(&conn).await;
        note(rule("snoozed threads that are due", &["conversations_snoozed"], "snoozed_until_at"));
        entries::by_ids(&conn, WS, &[message(1), message(2)]).await.unwrap();
        note(rule("notes and lines by id", &["thread_entries_pkey"], "id"));

        changes::since(&conn, WS, 3_900, 100).await.unwrap();
        note(rule("changes since", &["changes_pkey"], "seq"));
        changes::oldest_seq(&conn, WS).await.unwrap();
        note(rule("the oldest change", &["changes_pkey"], ""));

        for state in [DeliveryState::Queued, DeliveryState::Unknown] {
            outbound::due(state, &[CHANNEL], 32, NOW).all_for(&conn).await;
            // Equal due times are put into the order of their messages.
            note(Rule { may_sort: true, ..rule("due deliveries", &["deliveries_due"], "state") });
        }
        outbound::stranded(&conn, 32, NOW).await.unwrap();
        note(rule("stranded deliveries", &["deliveries_due"], "state"));
        outbound::queue_depth(&conn).await.unwrap();
        note(rule("how much waits", &["deliveries_due"], "state"));
        profiles::due(32, NOW).all_for(&conn).await;
        note(rule("due profiles", &["customer_identities_profile_due"], "profile_due_at"));

        labels::pushes::due(32, NOW).all_for(&conn).await;
        note(rule("labels to be written back", &["label_pushes_due"], "due_at"));
        labels::pushes::failed_of(&conn, WS, &[customer(1), customer(2)]).await.unwrap();
        note(Rule { may_sort: true, ..rule("labels that were refused", &["label_pushes_failed"], "") });

        customers::list(&conn, WS, &everybody, None, Some(&("khach 2".into(), customer(2))), 50).await.unwrap();
        note(rule("customers", &["customers_name"], "name_folded"));
        customers::identities_of(&conn, WS, &[customer(1), customer(2)]).await.unwrap();
        note(Rule { may_sort: true, ..rule("addresses of customers", &["customer_identities_customer"], "customer_id") });
        labels::changes_of(&conn, WS, &[customer(1)]).await.unwrap();
        note(Rule { may_sort: true, ..rule("threads of a customer", &["conversations_customer"], "customer_id") });
        sessions::find_by_token(&conn, [7; 32], NOW).await.unwrap();
        note(rule("a session", &["sessions_token"], "token_hash"));
        notifications::list(&conn, WS, MEMBER, false, None, 50).await.unwrap();
        note(rule("notices", &["notifications_member"], "member_id"));
        notifications::list(&conn, WS, MEMBER, true, Some(NotificationId(Uuid::from_u128(9))), 50).await.unwrap();
        note(rule("unread notices", &["notifications_unread", "notifications_member"], "member_id"));
        notifications::unread(&conn, WS, MEMBER, 100).await.unwrap();
        note(rule("how many unread notices", &["notifications_unread"], "member_id"));
        auto_replies::due(32, NOW).all_for(&conn).await;
        note(rule("due automatic replies", &["auto_replies_due"], "due_at"));
        scheduled::due(32, NOW).all_for(&conn).await;
        note(rule("due scheduled messages", &["scheduled_messages_due"], "due_at"));
        scheduled::open(&conn, WS, thread(7)).await.unwrap();
        note(Rule { may_sort: true, ..rule("what waits in a thread", &["scheduled_messages_thread"], "conversation_id") });
        scheduled::by_client_id(&conn, WS, Uuid::from_u128(5)).await.unwrap();
        note(rule("a scheduled message by client id", &["scheduled_messages_client"], "client_id"));
        quota::history(&conn, WS, CHANNEL, "2026-01-01", "2026-01-31").await.unwrap();
        note(rule("what used the quota", &["quota_days_pkey", "quota_levels_pkey"], "day"));
        let import = imports::latest(store.reader(), WS).await.unwrap().remove(0);
        imports::next_thread(&conn, &import).await.unwrap();
        note(rule("the next thread of an import", &["import_threads_waiting"], "import_id"));
        stickers::received(&conn, WS, CHANNEL).await.unwrap();
        note(rule("stickers that came in", &["messages_stickers"], "channel_id"));
        raw_events::page(&conn, WS, None, 50).await.unwrap();
        note(rule("events not understood", &["raw_events_received"], ""));

        // A rare name leads to its threads, a common one is looked for along the list.
        let (rare, common) = (Search::new("khach 17", true).unwrap(), Search::new("khach", true).unwrap());
        let named = |search| ListQuery { search: Some(search), ..list(&everybody, Filter::Closed, None, None) };
        conversations::list(&conn, WS, &named(&rare)).await.unwrap();
        let along = &["customer_words_pkey", "customers_pkey", "conversations_customer"];
        note(Rule { may_sort: true, ..rule("threads of a rare name", along, "") });
        conversations::list(&conn, WS, &named(&common)).await.unwrap();
        note(rule("threads of a common name", &["customer_words_pkey", "conversations_status"], ""));
        customers::list(&conn, WS, &everybody, Some(&rare), None, 50).await.unwrap();
        note(rule("customers of a rare name", &["customer_words_pkey", "customers_pkey"], ""));
        search::ids_before(&conn, WS, message(9_000), 100).await.unwrap();
        note(rule("messages for the index", &["messages_pkey", "thread_entries_pkey"], "id"));
        let slots: Vec<Slot> = (0..300).map(|n| Slot::of(message(n * 7))).collect();
        search::messages_at(&conn, &[WS], &slots).await.unwrap();
        note(rule("messages at slots", &["messages_pkey", "thread_entries_pkey"], "id"));
        search::customers_after(&conn, WS, customer(9), 100).await.unwrap();
        note(rule("customers for the index", &["customers_pkey"], "id"));

        let mut wrong = Vec::new();
        for (rule, statements) in &seen {
            assert!(!statements.is_empty(), "{}: nothing was asked", rule.query);
            for statement in statements {
                let plan = explain(&store, statement).await;
                if let Some(complaint) = rule.complaint(statement.db_backend, &plan) {
                    wrong.push(format!("{} {complaint}:\n{}\n{plan}", rule.query, statement.sql));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    }
}

/// Running a query for the sake of its statement.
trait AllFor {
    async fn all_for(self, conn: &Recorder<'_>);
}

impl<E: sea_orm::EntityTrait> AllFor for sea_orm::Select<E> {
    async fn all_for(self, conn: &Recorder<'_>) {
        self.all(conn).await.unwrap();
    }
}

/// The guard itself: plans of the kind that it is there to find.
#[test]
fn plans_that_walk_or_sort_are_found() {
    let wanted = rule("a thread's page", &["messages_thread"], "conversation_id");
    for (backend, plan, complaint) in [
        (
            DbBackend::Sqlite,
            "SEARCH messages USING INDEX messages_thread (workspace_id=? AND conversation_id=? AND sent_at<?)",
            None,
        ),
        (DbBackend::Sqlite, "SCAN messages", Some("walks a table")),
        (DbBackend::Sqlite, "SCAN messages USING INDEX messages_thread", Some("walks a table")),
        (
            DbBackend::Sqlite,
            "SEARCH messages USING INDEX sqlite_autoindex_messages_1 (workspace_id=?)",
            Some("does not follow its index"),
        ),
        (
            DbBackend::Sqlite,
            "SEARCH messages USING INDEX messages_thread (workspace_id=?)",
            Some("is not led into the index"),
        ),
        (
            DbBackend::Sqlite,
            "SEARCH messages USING INDEX messages_thread (workspace_id=? AND conversation_id=?)\nUSE TEMP B-TREE FOR ORDER BY",
            Some("sorts"),
        ),
        (
            DbBackend::Postgres,
            "Limit\n  ->  Index Scan Backward using messages_thread on messages\n        Index Cond: ((workspace_id = $1) AND (conversation_id = $2))",
            None,
        ),
        (
            DbBackend::Postgres,
            "Seq Scan on messages\n  Filter: (conversation_id = $2)",
            Some("walks a table"),
        ),
        (
            DbBackend::Postgres,
            "Index Scan using messages_thread on messages\n  Index Cond: (workspace_id = $1)\n  Filter: (conversation_id = $2)",
            Some("is not led into the index"),
        ),
        (
            DbBackend::Postgres,
            "Sort\n  Sort Key: sent_at\n  ->  Index Scan using messages_thread on messages\n        Index Cond: (conversation_id = $2)",
            Some("sorts"),
        ),
    ] {
        assert_eq!(wanted.complaint(backend, plan), complaint, "{plan}");
    }
}
