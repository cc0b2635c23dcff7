//! Real databases for tests: a fresh, migrated one each, SQLite and PostgreSQL.
//!
//! Invariants:
//! - A test never shares a database with another one, and none is left behind.
//! - The PostgreSQL half of a test is never skipped: without a server it fails and says how to get one.
//! - This crate stands below the capabilities, so that the store's and the halls' tests do not need the server.
//!   It is the one library that reads the environment (`LOA_TEST_POSTGRES`), because only the environment knows
//!   where the test server is.
//!
//! How to use it: [`on_both_databases!`]. How to add rows that most tests need: [`Seed`].

mod postgres;
mod seed;

pub use seed::{Seed, seed};

use loa_store::{Store, StoreConfig};
use tempfile::TempDir;

/// Connections each test gets; enough that they can get into each other's way.
const CONNECTIONS: u32 = 6;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database on the server that `LOA_TEST_POSTGRES` names.
    Postgres,
}

/// A fresh database with the present schema. Dropping it removes it.
pub struct TestDb {
    /// The handle.
    pub store: Store,
    /// Its address, for a second handle.
    pub url: String,
    /// A temporary folder of this test, for whatever else it keeps.
    pub dir: TempDir,
    /// Which one it is.
    pub engine: Engine,
    // Dropped after the handle's owner: removes the database on the server.
    _cleanup: Option<postgres::Cleanup>,
}

impl TestDb {
    /// Make one with the schema.
    ///
    /// # Panics
    /// When it cannot be made; for PostgreSQL the message says how to get a server.
    pub async fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let db = Self::empty(engine).await;
                db.store.migrate().await.expect("the schema is made");
                db
            }
            Engine::Postgres => Self::on_postgres(true).await,
        }
    }

    /// Make one without any table, for tests of the migrations.
    ///
    /// # Panics
    /// As [`TestDb::new`].
    pub async fn empty(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let dir = tempfile::tempdir().expect("a temporary folder");
                let url = format!("sqlite:{}", dir.path().join("loa.db").display());
                let store = connect(&url).await;
                Self { store, url, dir, engine, _cleanup: None }
            }
            Engine::Postgres => Self::on_postgres(false).await,
        }
    }

    async fn on_postgres(migrated: bool) -> Self {
        let (url, cleanup) = postgres::create(migrated).await;
        let store = connect(&url).await;
        let dir = tempfile::tempdir().expect("a temporary folder");
        Self { store, url, dir, engine: Engine::Postgres, _cleanup: Some(cleanup) }
    }

    /// A second handle on the same database, as another program would have.
    ///
    /// # Panics
    /// When the database cannot be opened.
    pub async fn open_again(&self) -> Store {
        connect(&self.url).await
    }
}

async fn connect(url: &str) -> Store {
    let config = StoreConfig { url: url.to_owned(), max_connections: CONNECTIONS };
    Store::connect(&config).await.expect("the database opens")
}

/// Write each test once and run it on both databases.
///
/// ```ignore
/// on_both_databases! {
///     /// What it shows.
///     async fn members_have_one_email_each(db: TestDb) {
///         let tx = db.store.begin().await.unwrap();
///     }
/// }
/// ```
/// makes the tests `members_have_one_email_each::sqlite` and `…::postgres`. The crate needs tokio among its
/// development dependencies.
#[macro_export]
macro_rules! on_both_databases {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: TestDb) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($db: $crate::TestDb) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                test($crate::TestDb::new($crate::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                test($crate::TestDb::new($crate::Engine::Postgres).await).await;
            }
        }
    )*};
}
