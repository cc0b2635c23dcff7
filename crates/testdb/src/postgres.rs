//! Databases on a test server: copies of one migrated template.

use std::sync::atomic::{AtomicU64, Ordering};

use loa_store::{Store, StoreConfig};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::sync::OnceCell;

/// The template of this process.
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
/// Numbers the databases of this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

const MISSING: &str = "the PostgreSQL half of a test needs a server: run `scripts/with-postgres.sh CMD` \
    (for example `scripts/with-postgres.sh cargo test -p loa-store`), or set LOA_TEST_POSTGRES to the address of \
    a server where databases may be made";

/// Removes a database when dropped.
pub(crate) struct Cleanup {
    name: String,
}

/// Make a database and answer its address.
pub(crate) async fn create(migrated: bool) -> (String, Cleanup) {
    let template = if migrated { TEMPLATE.get_or_init(make_template).await.as_str() } else { "template0" };
    let name = format!("loa_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let server = connect().await;
    run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    run(&server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    server.close().await.expect("the connection closes");
    (address(&name), Cleanup { name })
}

/// Migrate one database and let all tests copy it. Programs that run tests side by side (one process a test)
/// share the template of the same schema; an advisory lock lets one of them make it.
async fn make_template() -> String {
    let name = format!("loa_template_{}", loa_store::schema_fingerprint());
    let server = connect().await;
    // Held by this one connection until it closes.
    run(&server, "SELECT pg_advisory_lock(7106402)").await;
    let exists = Statement::from_string(
        server.get_database_backend(),
        format!("SELECT 1 FROM pg_database WHERE datname = '{name}'"),
    );
    if server.query_one_raw(exists).await.expect("the server answers").is_none() {
        // Under another name until it is whole.
        let making = format!("{name}_making");
        run(&server, &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        run(&server, &format!("CREATE DATABASE {making} TEMPLATE template0")).await;
        let config = StoreConfig { url: address(&making), max_connections: 1 };
        let store = Store::connect(&config).await.expect("the template opens");
        store.migrate().await.expect("the schema is made");
        store.close().await.expect("the template closes");
        run(&server, &format!("ALTER DATABASE {making} RENAME TO {name}")).await;
    }
    server.close().await.expect("the connection closes");
    name
}

impl Drop for Cleanup {
    fn drop(&mut self) {
        let name = std::mem::take(&mut self.name);
        // A thread with a runtime of its own: the test's runtime may be ending, and Drop cannot wait on it.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let server = connect().await;
                run(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            });
            Ok::<_, std::io::Error>(())
        })
        .join();
        if !std::thread::panicking() {
            done.expect("the test database is removed").expect("a runtime starts");
        }
    }
}

fn server_url() -> String {
    std::env::var("LOA_TEST_POSTGRES").ok().filter(|url| !url.is_empty()).expect(MISSING)
}

/// The server's address with another database in it.
fn address(database: &str) -> String {
    let url = server_url();
    let (main, query) = url.split_once('?').map_or((url.as_str(), None), |(main, query)| (main, Some(query)));
    let start = main.find("://").map_or(0, |at| at + 3);
    let end = main[start..].find('/').map_or(main.len(), |at| start + at);
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}/{database}{query}", &main[..end])
}

async fn connect() -> DatabaseConnection {
    let mut options = ConnectOptions::new(server_url());
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options)
        .await
        .unwrap_or_else(|e| panic!("the test server does not answer ({e}); {MISSING}"))
}

async fn run(server: &DatabaseConnection, sql: &str) {
    server.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}
