//! Commit, roll-back, waiting, and the names of errors.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use std::time::Duration;

use loa_kernel::{MessageId, Problem, Timestamp, WorkspaceId};
use loa_store::entity::deliveries;
use loa_store::members::{self, MemberPatch};
use loa_store::outbound::{self, DeliveryState};
use loa_store::workspaces::{self, Workspace};
use loa_store::{ConnectionTrait, Secret, Store, StoreConfig, StoreError};
use loa_testdb::{Engine, on_both_databases, seed};
use sea_orm::{EntityTrait, IntoActiveModel};

fn workspace(n: u8) -> Workspace {
    Workspace {
        id: WorkspaceId::derived(Timestamp(i64::from(n)), &[&[n]]),
        name: format!("Shop {n}"),
        locale: "vi".into(),
        created_at: Timestamp(i64::from(n)),
    }
}

on_both_databases! {
    async fn what_is_dropped_is_undone_and_what_is_committed_is_seen(db: TestDb) {
        let tx = db.store.begin().await.unwrap();
        workspaces::create(&tx, &workspace(1)).await.unwrap();
        drop(tx);
        let tx = db.store.begin().await.unwrap();
        workspaces::create(&tx, &workspace(2)).await.unwrap();
        // Not visible to others before commit.
        assert_eq!(workspaces::list(db.store.reader()).await.unwrap(), []);
        tx.commit().await.unwrap();
        assert_eq!(workspaces::list(db.store.reader()).await.unwrap(), [workspace(2)]);
        assert_eq!(workspaces::list(db.open_again().await.reader()).await.unwrap(), [workspace(2)]);
    }

    async fn writers_at_the_same_time_all_count(db: TestDb) {
        let s = seed(&db.store).await;
        let other = db.open_again().await;
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            // Two programs on one database.
            let store = if n % 2 == 0 { db.store.clone() } else { other.clone() };
            tasks.spawn(async move {
                let tx = store.begin().await.unwrap();
                let now = s.now;
                loa_store::channels::add_quota_reserved(&tx, s.workspace, s.channel, 1, now).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        let channel = loa_store::channels::get(db.store.reader(), s.workspace, s.channel).await.unwrap().unwrap();
        assert_eq!(channel.quota_reserved, 20);
    }

    async fn a_double_is_named_the_same_on_both_databases(db: TestDb) {
        let s = seed(&db.store).await;
        let admin = members::get(db.store.reader(), s.workspace, s.admin).await.unwrap().unwrap();
        let check = async |member: members::Member, key: &str| {
            let tx = db.store.begin().await.unwrap();
            let error = members::create(&tx, &member, &Secret::new("x")).await.unwrap_err();
            assert!(error.is_unique(key), "{error:?} is not {key}");
            assert!(!error.is_retryable());
            let problem = Problem::from(error);
            assert_eq!((problem.code.as_str(), problem.params["reason"].as_str()), ("conflict", Some(key)));
        };
        check(members::Member { email: "other@example.vn".into(), ..admin.clone() }, "members_pkey").await;
        let same_email = members::Member {
            id: loa_kernel::MemberId::derived(s.now, &[b"another"]),
            email: " ADMIN@example.vn".into(),
            ..admin
        };
        check(same_email, "members_email").await;
    }

    /// A delivery that is put back into the queue while it is being forgotten stays.
    async fn what_is_tried_again_meanwhile_is_not_forgotten(db: TestDb) {
        let s = seed(&db.store).await;
        let message = MessageId::derived(s.now, &[b"m"]);
        let tx = db.store.begin().await.unwrap();
        let done = deliveries::Model {
            workspace_id: s.workspace.0,
            message_id: message.0,
            channel_id: s.channel.0,
            conversation_id: message.0,
            identity_id: message.0,
            state: "done".into(),
            due_at: s.now.0,
            attempts: 1,
            checks: 0,
            calling_since_at: None,
            lease_until_at: None,
            lease_owner: None,
            last_error: None,
        };
        deliveries::Entity::insert(done.into_active_model()).exec_without_returning(&tx).await.unwrap();
        tx.commit().await.unwrap();

        let trying_again = db.store.begin().await.unwrap();
        let row = outbound::lock_delivery(&trying_again, s.workspace, message).await.unwrap().unwrap();
        outbound::hold(&trying_again, row, DeliveryState::Queued, s.now, |_| {}).await.unwrap();
        let (store, later) = (db.store.clone(), s.now.plus_days(1));
        let forgetting = tokio::spawn(async move {
            let tx = store.begin().await.unwrap();
            let gone = outbound::prune_deliveries(&tx, s.workspace, later, 10).await.unwrap();
            tx.commit().await.unwrap();
            gone
        });
        // SQLite lets in one writer after the other; on PostgreSQL they meet at the row.
        if db.engine == Engine::Postgres {
            tokio::time::timeout(Duration::from_secs(20), async {
                while waiting_for_locks(&db.store).await == 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .await
            .expect("it meets the locked row");
        }
        trying_again.commit().await.unwrap();
        assert_eq!(forgetting.await.unwrap(), 0);
        let kept = outbound::delivery(db.store.reader(), s.workspace, message).await.unwrap().unwrap();
        assert_eq!(kept.state, "queued");
    }

    async fn deadlocks_and_time_outs_can_be_tried_again(db: TestDb) {
        let s = seed(&db.store).await;
        let held = db.store.begin().await.unwrap();
        members::update(&held, s.workspace, s.admin, &MemberPatch::default(), s.now).await.unwrap();
        // Another program that waits only shortly.
        let other = db.open_again().await;
        let error = match db.engine {
            Engine::Sqlite => {
                let begin = impatient_sqlite(&db.url).await;
                StoreError::from(begin.unwrap_err())
            }
            Engine::Postgres => {
                let tx = other.begin().await.unwrap();
                tx.execute_unprepared("SET LOCAL lock_timeout = '50ms'").await.unwrap();
                members::update(&tx, s.workspace, s.admin, &MemberPatch::default(), s.now).await.unwrap_err()
            }
        };
        assert!(error.is_retryable(), "{error:?}");
        assert_eq!(Problem::from(error).code.as_str(), "overloaded");
        held.commit().await.unwrap();
        let tx = other.begin().await.unwrap();
        members::update(&tx, s.workspace, s.admin, &MemberPatch::default(), s.now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// How many statements wait for a lock, on PostgreSQL.
async fn waiting_for_locks(store: &Store) -> i64 {
    let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    store.reader().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Try to begin writing on a connection that waits 50 ms.
async fn impatient_sqlite(url: &str) -> Result<(), sea_orm::DbErr> {
    let mut options = sea_orm::ConnectOptions::new(url);
    options.max_connections(1).map_sqlx_sqlite_opts(|o| o.busy_timeout(Duration::from_millis(50)));
    let conn = sea_orm::Database::connect(options).await.unwrap();
    conn.execute_unprepared("BEGIN IMMEDIATE").await.map(|_| ())
}

/// What SQLite was told can be asked back.
#[tokio::test]
async fn sqlite_is_durable_and_its_readers_cannot_write() {
    let db = loa_testdb::TestDb::new(Engine::Sqlite).await;
    let ask = async |conn: &dyn Fn(&str) -> sea_orm::Statement, tx: Option<&loa_store::Tx>, name: &str| {
        let statement = conn(name);
        let row = match tx {
            Some(tx) => tx.query_one_raw(statement).await,
            None => db.store.reader().query_one_raw(statement).await,
        };
        let row = row.unwrap().unwrap();
        row.try_get_by_index::<i64>(0)
            .map(|n| n.to_string())
            .or_else(|_| row.try_get_by_index::<String>(0))
            .unwrap()
    };
    let pragma =
        |name: &str| sea_orm::Statement::from_string(sea_orm::DbBackend::Sqlite, format!("PRAGMA {name}"));
    let tx = db.store.begin().await.unwrap();
    for (name, value) in
        [("journal_mode", "wal"), ("synchronous", "2"), ("foreign_keys", "1"), ("busy_timeout", "10000")]
    {
        assert_eq!(ask(&pragma, Some(&tx), name).await, value, "{name} of the writer");
    }
    drop(tx);
    for (name, value) in [("journal_mode", "wal"), ("query_only", "1"), ("busy_timeout", "10000")] {
        assert_eq!(ask(&pragma, None, name).await, value, "{name} of a reader");
    }
    let refused = db.store.reader().execute_unprepared("DELETE FROM workspaces").await;
    assert!(refused.unwrap_err().to_string().contains("readonly"));

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(db.dir.path().join("loa.db")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "only the owner reads customers' data");
    }
}

#[tokio::test]
async fn addresses_that_cannot_work_are_refused() {
    for (url, word) in [
        ("sqlite::memory:", "file"),
        ("sqlite://?mode=memory", "file"),
        ("mysql://localhost/x", "sqlite: or postgres:"),
        ("", "sqlite: or postgres:"),
    ] {
        let error = Store::connect(&StoreConfig::new(url)).await.unwrap_err().to_string();
        assert!(error.contains(word), "{url}: {error}");
    }
    let config = StoreConfig::new("postgres://loa:hunter2@db/loa");
    assert!(!format!("{config:?}").contains("hunter2"));
}
