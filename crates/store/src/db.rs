//! The handle on the database: where to read, how to write.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::migration::{self, SchemaState, Steps};
use crate::{Result, StoreError};

/// How long one statement may take on PostgreSQL, and how long a writer waits for another on SQLite.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(30);
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);

/// Which database, and how many connections.
#[derive(Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// `sqlite:/var/lib/loa/loa.db` (made when missing) or `postgres://user:password@host/database`.
    pub url: String,
    /// Connections on PostgreSQL, readers on SQLite; at least 1.
    pub max_connections: u32,
}

impl StoreConfig {
    /// With 8 connections.
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), max_connections: 8 }
    }
}

/// The address may hold a password, so only what stands before it is shown.
impl std::fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = self.url.split(':').next().unwrap_or_default();
        f.debug_struct("StoreConfig")
            .field("url", &format_args!("{scheme}:…"))
            .field("max_connections", &self.max_connections)
            .finish()
    }
}

/// The database. Clone it freely.
#[derive(Clone, Debug)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
}

impl Store {
    /// Open the database and refuse one that a newer Loa, or another program, has made. Does not migrate.
    ///
    /// SQLite: one connection writes, others read. WAL lets them work at the same time, and one writer of ours
    /// queues fairly in memory instead of spinning on the file's lock.
    pub async fn connect(config: &StoreConfig) -> Result<Self> {
        let store = if config.url.starts_with("sqlite:") {
            Self::connect_sqlite(config).await?
        } else if config.url.starts_with("postgres:") || config.url.starts_with("postgresql:") {
            Self::connect_postgres(config).await?
        } else {
            return Err(StoreError::Other(
                "the database address must begin with sqlite: or postgres:".into(),
            ));
        };
        migration::state(&store.reader).await?;
        Ok(store)
    }

    async fn connect_sqlite(config: &StoreConfig) -> Result<Self> {
        let path = sqlite_path(&config.url)?;
        make_private_file(&path).await?;
        let base = |options: &mut ConnectOptions, max: u32| {
            quiet(options);
            // Nothing between us and a file goes stale: no pings, no retiring.
            options
                .max_connections(max)
                .min_connections(1)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None);
        };
        let common = |o: SqliteConnectOptions| {
            o.foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("temp_store", "memory")
                .pragma("mmap_size", "268435456")
        };
        let mut writer = ConnectOptions::new(config.url.clone());
        base(&mut writer, 1);
        writer.map_sqlx_sqlite_opts(move |o| {
            common(o)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .pragma("cache_size", "-65536")
                .pragma("journal_size_limit", "67108864")
                .optimize_on_close(true, Some(400))
        });
        let writer = Database::connect(writer).await?;
        let mut reader = ConnectOptions::new(config.url.clone());
        base(&mut reader, config.max_connections.max(1));
        reader.map_sqlx_sqlite_opts(move |o| {
            common(o).pragma("cache_size", "-16384").pragma("query_only", "on")
        });
        let reader = Database::connect(reader).await?;
        Ok(Self { writer, reader })
    }

    async fn connect_postgres(config: &StoreConfig) -> Result<Self> {
        let mut options = ConnectOptions::new(config.url.clone());
        quiet(&mut options);
        options
            .max_connections(config.max_connections.max(1))
            .min_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .test_before_acquire_if_idle_for(Duration::from_secs(30))
            .set_application_name("loa")
            .statement_timeout(STATEMENT_TIMEOUT)
            .map_sqlx_postgres_opts(|o| {
                o.options([
                    ("default_transaction_isolation", "read committed"),
                    // A program that died inside a transaction must not hold the workspace's sequence.
                    ("idle_in_transaction_session_timeout", "60000"),
                    // Our statements are short; compiling them costs more than running them.
                    ("jit", "off"),
                ])
            });
        let pool = Database::connect(options).await?;
        Ok(Self { writer: pool.clone(), reader: pool })
    }

    /// Bring the schema up to date: all missing steps in one transaction. Doing it twice changes nothing, and
    /// of two programs that do it at once the second waits for the first.
    pub async fn migrate(&self) -> Result<()> {
        let tx = self.begin().await?;
        crate::dialect::lock_migrations(&tx).await?;
        migration::state(&tx.inner).await?;
        Steps::up(&tx.inner, None).await?;
        tx.commit().await
    }

    /// How the schema compares with this program.
    pub async fn schema_state(&self) -> Result<SchemaState> {
        migration::state(&self.reader).await
    }

    /// Does the database answer, with the schema this program needs? For readiness checks.
    pub async fn ready(&self) -> Result<()> {
        match self.schema_state().await? {
            SchemaState::Current => Ok(()),
            SchemaState::Behind(steps) => {
                Err(StoreError::Schema(format!("the schema lacks {}; migrate first", steps.join(", "))))
            }
        }
    }

    /// Begin a write transaction. Dropping it without [`Tx::commit`] undoes it.
    ///
    /// SQLite: `BEGIN IMMEDIATE` on the one writing connection. Our own writers queue for that connection; the
    /// immediate lock is for other processes (a backup, `loa migrate`): a plain `BEGIN` would meet them only at
    /// the first write, when a transaction that has read already can no longer wait (`SQLITE_BUSY_SNAPSHOT`).
    /// So never call the network between `begin` and `commit`.
    ///
    /// PostgreSQL: read committed.
    pub async fn begin(&self) -> Result<Tx> {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Tx { inner: self.writer.begin_with_options(options).await? })
    }

    /// Where to read outside a transaction. On SQLite these connections cannot write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Close all connections; waits for those in use.
    pub async fn close(&self) -> Result<()> {
        self.reader.close_by_ref().await?;
        self.writer.close_by_ref().await?;
        Ok(())
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.writer.get_database_backend() == DbBackend::Sqlite
    }
}

/// A write transaction; a [`ConnectionTrait`], so every query can run in it.
#[derive(Debug)]
#[must_use = "a transaction that is not committed is undone"]
pub struct Tx {
    inner: DatabaseTransaction,
}

impl Tx {
    /// Make it durable and visible. After an error it is not known whether it happened only when the
    /// connection broke; everything here is written so that doing it again is harmless.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Undo it now instead of when dropped.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Tx {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, stmt: Statement) -> Result<ExecResult, DbErr> {
        self.inner.execute_raw(stmt).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.inner.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, stmt: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.inner.query_one_raw(stmt).await
    }

    async fn query_all_raw(&self, stmt: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.inner.query_all_raw(stmt).await
    }
}

/// No line a statement, and no statement texts in spans: both cost more than the statements.
fn quiet(options: &mut ConnectOptions) {
    options.sqlx_logging(false).record_stmt_in_spans(false);
}

fn sqlite_path(url: &str) -> Result<PathBuf> {
    let rest = url.trim_start_matches("sqlite:");
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" || url.contains("mode=memory") {
        return Err(StoreError::Other(
            "SQLite needs a file: a database in memory cannot be shared by writer and readers".into(),
        ));
    }
    Ok(PathBuf::from(path))
}

/// Make the file with its folders before SQLite does, readable by its owner only (SQLite gives its side files
/// the same rights).
async fn make_private_file(path: &Path) -> Result<()> {
    let at = |e: std::io::Error| StoreError::Other(format!("{}: {e}", path.display()));
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        tokio::fs::create_dir_all(folder).await.map_err(at)?;
    }
    let mut open = tokio::fs::OpenOptions::new();
    open.create(true).truncate(false).write(true);
    #[cfg(unix)]
    open.mode(0o600);
    open.open(path).await.map_err(at)?;
    Ok(())
}
