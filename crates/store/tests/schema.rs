//! The migrations: once, twice, at once, on foreign ground, and the same on both databases.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::collections::BTreeMap;

use loa_store::{ConnectionTrait, SchemaState, Store, StoreConfig, entity};
use loa_testdb::{Engine, TestDb, on_both_databases};
use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, QueryResult, Statement};

async fn rows(store: &Store, sql: &str) -> Vec<QueryResult> {
    let conn = store.reader();
    conn.query_all_raw(Statement::from_string(conn.get_database_backend(), sql)).await.unwrap()
}

fn text(row: &QueryResult, column: &str) -> String {
    row.try_get("", column).unwrap()
}

/// What both databases must agree on.
#[derive(Debug, PartialEq, Eq)]
struct Schema {
    /// (table, column) -> may it be null?
    columns: BTreeMap<(String, String), bool>,
    /// Name -> (table, columns, unique?). SQLite gives primary keys no name, so they get PostgreSQL's.
    indexes: BTreeMap<String, (String, Vec<String>, bool)>,
    /// (table, columns, target table, target columns, what happens on delete)
    foreign: Vec<(String, String, String, String, String)>,
}

async fn read_schema(db: &TestDb) -> Schema {
    // By connections that were opened after the tables were made: SQLite answers a PRAGMA from what a connection
    // remembers of the schema (it checks for changes only when it runs a query).
    let store = db.open_again().await;
    match db.engine {
        Engine::Sqlite => read_sqlite(&store).await,
        Engine::Postgres => read_postgres(&store).await,
    }
}

async fn read_sqlite(store: &Store) -> Schema {
    let mut schema = Schema { columns: BTreeMap::new(), indexes: BTreeMap::new(), foreign: Vec::new() };
    let tables = rows(
        store,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
             AND name NOT LIKE 'search_messages%'",
    )
    .await;
    for table in tables.iter().map(|row| text(row, "name")).filter(|name| name != "loa_migrations") {
        let mut key = BTreeMap::new();
        for row in rows(store, &format!("PRAGMA table_info({table})")).await {
            let null = row.try_get::<i32>("", "notnull").unwrap() == 0;
            schema.columns.insert((table.clone(), text(&row, "name")), null);
            let place: i32 = row.try_get("", "pk").unwrap();
            if place > 0 {
                key.insert(place, text(&row, "name"));
            }
        }
        schema.indexes.insert(format!("{table}_pkey"), (table.clone(), key.into_values().collect(), true));
        for index in rows(store, &format!("PRAGMA index_list({table})")).await {
            if text(&index, "origin") == "pk" {
                continue;
            }
            let name = text(&index, "name");
            let columns = rows(store, &format!("PRAGMA index_info({name})")).await;
            let columns = columns.iter().map(|row| text(row, "name")).collect();
            let unique = index.try_get::<i32>("", "unique").unwrap() == 1;
            schema.indexes.insert(name, (table.clone(), columns, unique));
        }
        let mut keys: BTreeMap<i32, (String, Vec<String>, Vec<String>, String)> = BTreeMap::new();
        for row in rows(store, &format!("PRAGMA foreign_key_list({table})")).await {
            let entry = keys
                .entry(row.try_get("", "id").unwrap())
                .or_insert_with(|| (text(&row, "table"), vec![], vec![], text(&row, "on_delete")));
            entry.1.push(text(&row, "from"));
            entry.2.push(text(&row, "to"));
        }
        for (target, from, to, action) in keys.into_values() {
            schema.foreign.push((table.clone(), from.join(","), target, to.join(","), action));
        }
    }
    schema.foreign.sort();
    schema
}

async fn read_postgres(store: &Store) -> Schema {
    let columns = rows(
        store,
        "SELECT table_name::text AS t, column_name::text AS c, is_nullable::text AS n, column_default::text AS d
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT IN ('loa_migrations', 'search_messages')",
    )
    .await;
    let indexes = rows(
        store,
        "SELECT i.relname::text AS name, t.relname::text AS t, x.indisunique AS u,
                (SELECT string_agg(a.attname::text, ',' ORDER BY k.place)
                 FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum) AS c
         FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
         WHERE t.relnamespace = 'public'::regnamespace AND t.relname NOT IN ('loa_migrations', 'search_messages')",
    )
    .await;
    let foreign = rows(
        store,
        "SELECT c.conrelid::regclass::text AS t, c.confrelid::regclass::text AS target,
                (SELECT string_agg(a.attname::text, ',' ORDER BY k.place) FROM unnest(c.conkey) WITH ORDINALITY AS k(n, place)
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n) AS f,
                (SELECT string_agg(a.attname::text, ',' ORDER BY k.place) FROM unnest(c.confkey) WITH ORDINALITY AS k(n, place)
                 JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n) AS r,
                CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'r' THEN 'RESTRICT' ELSE c.confdeltype::text END AS action
         FROM pg_constraint c WHERE c.contype = 'f'",
    )
    .await;
    for row in &columns {
        assert_eq!(row.try_get::<Option<String>>("", "d").unwrap(), None, "no defaults: {}", text(row, "t"));
    }
    let mut foreign: Vec<_> = foreign
        .iter()
        .map(|r| (text(r, "t"), text(r, "f"), text(r, "target"), text(r, "r"), text(r, "action")))
        .collect();
    foreign.sort();
    Schema {
        columns: columns.iter().map(|r| ((text(r, "t"), text(r, "c")), text(r, "n") == "YES")).collect(),
        indexes: indexes
            .iter()
            .map(|r| {
                let columns = text(r, "c").split(',').map(str::to_owned).collect();
                (text(r, "name"), (text(r, "t"), columns, r.try_get("", "u").unwrap()))
            })
            .collect(),
        foreign,
    }
}

/// Compare an entity with the table: the same columns, absent where absence is allowed, the same key.
fn check_entity<E: EntityTrait>(schema: &Schema, seen: &mut Vec<String>) {
    let table = E::default().table_name().to_owned();
    let of_table = |name: &str| schema.columns.get(&(table.clone(), name.to_owned()));
    for column in E::Column::iter() {
        let null = of_table(column.as_str()).unwrap_or_else(|| panic!("{table} has no {}", column.as_str()));
        assert_eq!(column.def().is_null(), *null, "{table}.{}", column.as_str());
    }
    let count = schema.columns.keys().filter(|(t, _)| *t == table).count();
    assert_eq!(E::Column::iter().count(), count, "the entity {table} lacks a column");
    let key: Vec<String> = E::PrimaryKey::iter()
        .map(|k| sea_orm::PrimaryKeyToColumn::into_column(k).as_str().to_owned())
        .collect();
    assert_eq!(schema.indexes[&format!("{table}_pkey")].1, key, "key of {table}");
    seen.push(table);
}

macro_rules! check_entities {
    ($schema:expr, $($name:ident),* $(,)?) => {{
        let mut seen = Vec::new();
        $(check_entity::<entity::$name::Entity>($schema, &mut seen);)*
        seen
    }};
}

on_both_databases! {
    async fn entities_fit_the_schema(db: TestDb) {
        let schema = read_schema(&db).await;
        let mut seen = check_entities!(
            &schema, audit_log, auto_replies, auto_reply_settings, business_hours, bulk_items, bulk_jobs, canned_replies, changes, channel_credentials, channels, conversations,
            customer_contacts, customer_details, customer_events, customer_fields, customer_identities, customer_import_rows, customer_imports, customer_labels, customer_merges, customer_redirects, customer_words, customers, deliveries, drafts, episodes, files, follow_removals, group_phones, group_upload_rows, group_uploads, import_threads, imported_messages, imports, label_pushes, labels, list_layouts, macro_runs, macros, members, message_marks,
            messages, oauth_states, package_capabilities, partition_cursors, notification_limits, notifications, platform_apps, quota_days, quota_ledgers, quota_levels, raw_events,
            reservations, saved_view_places, saved_views, scheduled_messages, search_cursors, sessions, sign_in_failures, thread_entries, workspaces,
        );
        let mut tables: Vec<String> = schema.columns.keys().map(|(table, _)| table.clone()).collect();
        tables.dedup();
        seen.sort();
        assert_eq!(seen, tables, "a table without entity, or not in this test");
    }

    async fn every_table_belongs_to_a_workspace(db: TestDb) {
        let schema = read_schema(&db).await;
        for (table, column) in schema.columns.keys() {
            let free = ["workspaces", "partition_cursors", "sign_in_failures"].contains(&table.as_str());
            let key = &schema.indexes[&format!("{table}_pkey")].1;
            assert!(free || key[0] == "workspace_id", "key of {table} is {key:?}");
            assert!(!column.ends_with("_ms"), "{table}.{column}: instants end in _at");
        }
    }

    async fn migrating_twice_changes_nothing(db: TestDb) {
        let before = read_schema(&db).await;
        assert_eq!(db.store.schema_state().await.unwrap(), SchemaState::Current);
        db.store.migrate().await.unwrap();
        db.open_again().await.migrate().await.unwrap();
        assert_eq!(read_schema(&db).await, before);
        db.store.ready().await.unwrap();
    }

    async fn a_newer_database_is_refused(db: TestDb) {
        let tx = db.store.begin().await.unwrap();
        tx.execute_unprepared("INSERT INTO loa_migrations (version, applied_at) VALUES ('m9999_future', 1)").await.unwrap();
        tx.commit().await.unwrap();
        let open = Store::connect(&StoreConfig::new(db.url.clone())).await.unwrap_err().to_string();
        assert!(open.contains("newer version of Loa") && open.contains("m9999_future"), "{open}");
        let migrate = db.store.migrate().await.unwrap_err().to_string();
        assert!(migrate.contains("m9999_future"), "{migrate}");
        assert!(db.store.ready().await.is_err());
    }
}

/// Tests that begin without tables.
async fn each_empty(test: impl AsyncFn(TestDb)) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        test(TestDb::empty(engine).await).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_behind_and_several_may_migrate_it_at_once() {
    each_empty(async |db| {
        assert!(
            matches!(db.store.schema_state().await.unwrap(), SchemaState::Behind(steps) if steps.len() >= 3)
        );
        assert!(db.store.ready().await.unwrap_err().to_string().contains("migrate"));
        let stores = [db.store.clone(), db.open_again().await, db.open_again().await];
        let tasks: Vec<_> =
            stores.into_iter().map(|s| tokio::spawn(async move { s.migrate().await })).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        db.store.ready().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_of_another_program_is_refused_and_left_alone() {
    each_empty(async |db| {
        let tx = db.store.begin().await.unwrap();
        tx.execute_unprepared("CREATE TABLE members (id integer)").await.unwrap();
        tx.commit().await.unwrap();
        let error = Store::connect(&StoreConfig::new(db.url.clone())).await.unwrap_err().to_string();
        assert!(error.contains("not made by Loa"), "{error}");
        assert!(db.store.migrate().await.is_err());
        assert!(rows(&db.store, "SELECT id FROM members").await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_get_the_same_schema() {
    let sqlite = read_schema(&TestDb::new(Engine::Sqlite).await).await;
    let postgres = read_schema(&TestDb::new(Engine::Postgres).await).await;
    assert!(
        sqlite.columns.len() > 150 && sqlite.indexes.len() > 30 && sqlite.foreign.len() > 5,
        "the schema was read"
    );
    assert_eq!(sqlite, postgres);
}
