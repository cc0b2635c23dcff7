//! A workspace to measure on: made through the product's own set-up, then given an account without going
//! through OAuth (no platform is needed to receive).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use loa_kernel::{AppId, ChannelId, SeededRandom, Timestamp, WorkspaceId};
use loa_store::channels::ChannelKind;
use loa_store::channels::{self, apps};
use loa_store::{Secret, Store, StoreConfig, Vault};
use sea_orm::{ConnectionTrait, DbBackend};

use crate::http::{Connection, request};
use crate::product::Product;

/// The application's id at the platform.
pub const APP: &str = "2220000000000000001";
/// The secret that signs webhooks.
pub const SECRET: &str = "bench-oa-secret";
const KEY: [u8; 32] = [7; 32];

/// Which database.
#[derive(Clone)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// A server.
    Postgres(String),
}

impl Engine {
    /// For the table.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }
}

/// A prepared installation.
pub struct World {
    folder: tempfile::TempDir,
    /// Its database.
    pub database: String,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Connected accounts: our id and the platform's.
    pub channels: Vec<(ChannelId, String)>,
    /// The signed-in owner's cookie header line.
    pub cookie: String,
}

impl World {
    /// Set up an installation with `channels` connected accounts.
    pub async fn make(loa: &Path, engine: &Engine, accounts: usize) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        std::fs::write(folder.path().join("loa.key"), hex::encode(KEY))?;
        let database = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("loa.db").display()),
            Engine::Postgres(server) => fresh_database(server).await?,
        };
        let cookie = {
            let product = Product::start(loa, folder.path(), &database).await?;
            set_up(product.port).await?
        };
        let store = Store::connect(&StoreConfig::new(database.clone())).await?;
        let workspace =
            loa_store::workspaces::list(store.reader()).await?.first().context("no workspace")?.id;
        let vault = Vault::from_key(KEY, Arc::new(SeededRandom::new(1)));
        let now = Timestamp::from_ms(1_700_000_000_000);
        let app = AppId::derived(now, &[b"bench"]);
        let tx = store.begin().await?;
        apps::save(
            &tx,
            &vault,
            &apps::App {
                workspace,
                id: app,
                kind: ChannelKind::Zalo,
                external_id: APP.into(),
                app_secret: Some(Secret::new("bench-app-secret")),
                oa_secret_key: Some(Secret::new(SECRET)),
                settings: serde_json::json!({}),
                created_at: now,
                updated_at: now,
            },
        )
        .await?;
        let mut list = Vec::new();
        for i in 0..accounts {
            let external = format!("333000000000000{i:04}");
            let id = ChannelId::derived(now, &[external.as_bytes()]);
            let new = channels::NewChannel {
                id,
                kind: ChannelKind::Zalo,
                app,
                external_id: external.clone(),
                name: format!("OA {i}"),
                avatar_url: None,
                edition: "messaging-2024-11".into(),
                package_name: None,
            };
            channels::connect(&tx, workspace, &new, now).await?;
            list.push((id, external));
        }
        tx.commit().await?;
        store.close().await?;
        Ok(Self { folder, database, workspace, channels: list, cookie })
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// Run the product on it.
    pub async fn start(&self, loa: &Path) -> anyhow::Result<Product> {
        Product::start(loa, self.folder.path(), &self.database).await
    }

    /// After it was filled: what PostgreSQL's autovacuum does on a server that is in use, and the private server of a
    /// bench does not do by itself.
    pub async fn settle(&self) -> anyhow::Result<()> {
        let store = self.store().await?;
        if store.reader().get_database_backend() == DbBackend::Postgres {
            store.reader().execute_unprepared("VACUUM ANALYZE").await?;
        }
        Ok(store.close().await?)
    }

    /// Open its database beside the product.
    pub async fn store(&self) -> anyhow::Result<Store> {
        Ok(Store::connect(&StoreConfig::new(self.database.clone())).await?)
    }
}

async fn set_up(port: u16) -> anyhow::Result<String> {
    let body = serde_json::json!({
        "workspace_name": "Bench", "email": "bench@example.com", "display_name": "Bench",
        "password": "bench password 2024", "locale": "en",
    });
    let headers = ["content-type: application/json".into(), "x-loa: 1".into()];
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(&request("POST", "/api/setup", &headers, body.to_string().as_bytes())).await?;
    let mut answer = vec![0u8; 8192];
    let n = stream.read(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer[..n]).into_owned();
    let Some(cookie) = text.lines().find_map(|l| {
        l.strip_prefix("set-cookie: ")
            .or_else(|| l.strip_prefix("Set-Cookie: "))
            .and_then(|c| c.split(';').next())
    }) else {
        bail!("the set-up answered: {text}");
    };
    Ok(format!("cookie: {cookie}"))
}

/// A new database on the server; answers its address.
pub async fn fresh_database(server: &str) -> anyhow::Result<String> {
    let name = format!(
        "loa_bench_{}_{}",
        std::process::id(),
        COUNTER.fetch_add(1, std::sync::atomic::Ordering::SeqCst)
    );
    let admin = sea_orm::Database::connect(server).await?;
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    admin.close().await?;
    let (base, query) = server.split_once('?').map_or((server, String::new()), |(b, q)| (b, format!("?{q}")));
    let cut = base.rfind('/').context("no database in the server's address")?;
    Ok(format!("{}/{name}{query}", &base[..cut]))
}

static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// A signed customer message: the request's bytes, ready to be written.
pub fn webhook(oa: &str, user: u64, number: u64, at_ms: i64) -> Vec<u8> {
    use sha2::Digest;
    let body = format!(
        r#"{{"app_id":"{APP}","sender":{{"id":"51209887{user:011}"}},"recipient":{{"id":"{oa}"}},"user_id_by_app":"61209887{user:011}","event_name":"user_send_text","message":{{"msg_id":"b{number:019x}","text":"Shop ơi, mẫu số {number} còn hàng không ạ? Em muốn đặt giao trong tuần này."}},"timestamp":"{at_ms}"}}"#
    );
    let mut hash = sha2::Sha256::new();
    hash.update(APP);
    hash.update(&body);
    hash.update(at_ms.to_string());
    hash.update(SECRET);
    let mac = hex::encode(hash.finalize());
    let headers = ["content-type: application/json".into(), format!("x-zevent-signature: mac={mac}")];
    request("POST", "/webhooks/zalo", &headers, body.as_bytes())
}

/// Call once and read the JSON answer.
pub async fn get_json(
    connection: &mut Connection,
    path: &str,
    cookie: &str,
) -> anyhow::Result<serde_json::Value> {
    let (status, body) = connection.call(&request("GET", path, &[cookie.to_owned()], b"")).await?;
    if status != 200 {
        bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(serde_json::from_slice(&body)?)
}
