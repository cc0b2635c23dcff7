//! A real database, a real log and the real connector, at a fixed hour.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{ChannelKind, Channels, ChannelsSettings, Connector, Connectors};
use loa_intake::{Intake, IntakeConfig, Webhooks, public_router};
use loa_kernel::{ChannelId, Clock, Ids, ManualClock, SeededRandom, Timestamp};
use loa_rulebook::Library;
use loa_store::channels::NewChannel;
use loa_store::channels::apps::{self, App};
use loa_store::{ConnectionTrait, Secret, Store, entity};
use loa_stream::{Appended, EventLog, EventRecord, LogConfig, Signals, SqliteEventLog, partition_of};
use loa_testdb::{Seed, TestDb, seed};
use sea_orm::EntityTrait;
use zalo::corpus::{APP_ID, OA_ID};

/// The hour of all tests: after every body of the corpus, within the age that a webhook may have.
pub const NOW: Timestamp = Timestamp(1_790_000_000_000 + 3_600_000);
pub const SECRET: &str = "corpus-key";

pub struct Ground {
    pub db: TestDb,
    pub seed: Seed,
    /// The channel of the corpus.
    pub channel: ChannelId,
    pub log: Arc<SqliteEventLog>,
    pub clock: Arc<ManualClock>,
    pub signals: Signals,
}

impl Ground {
    pub async fn new(db: TestDb) -> Self {
        let seed = seed(&db.store).await;
        let app = loa_kernel::AppId(uuid::Uuid::from_u128(77));
        let channel = ChannelId(uuid::Uuid::from_u128(78));
        let tx = db.store.begin().await.unwrap();
        let new = App {
            workspace: seed.workspace,
            id: app,
            kind: ChannelKind::Zalo,
            external_id: APP_ID.into(),
            app_secret: Some(Secret::new("app-secret")),
            oa_secret_key: Some(Secret::new(SECRET)),
            settings: serde_json::json!({}),
            created_at: seed.now,
            updated_at: seed.now,
        };
        apps::save(&tx, &seed.vault, &new).await.unwrap();
        let new = NewChannel {
            id: channel,
            kind: ChannelKind::Zalo,
            app,
            external_id: OA_ID.into(),
            name: "OA".into(),
            avatar_url: None,
            edition: "messaging-2024-11".into(),
            package_name: None,
        };
        loa_store::channels::connect(&tx, seed.workspace, &new, seed.now).await.unwrap();
        tx.commit().await.unwrap();
        let log =
            Arc::new(SqliteEventLog::open(LogConfig::new(db.dir.path().join("events.db"))).await.unwrap());
        let clock = Arc::new(ManualClock::new(NOW));
        Self { db, seed, channel, log, clock, signals: Signals::new() }
    }

    pub fn connectors() -> Connectors {
        let _ = rustls::crypto::ring::default_provider().install_default(); // another test may have done it
        let zalo = ZaloConnector::new(ZaloConnector::http().unwrap(), ZaloSettings::default());
        Connectors::new([Arc::new(zalo) as Arc<dyn Connector>])
    }

    pub fn intake(&self, config: IntakeConfig) -> Arc<Intake> {
        self.intake_of(self.db.store.clone(), config)
    }

    /// Another program's worker over the same log.
    pub fn intake_of(&self, store: Store, config: IntakeConfig) -> Arc<Intake> {
        Arc::new(Intake::new(
            store,
            self.log.clone(),
            Self::connectors(),
            Arc::new(Library::embedded()),
            self.clock.clone(),
            self.signals.clone(),
            config,
        ))
    }

    pub fn clock_now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn webhooks(&self) -> axum::Router {
        let ids = Ids::new(self.clock.clone(), Arc::new(SeededRandom::new(1)));
        let channels = Channels::new(
            self.db.store.clone(),
            self.seed.vault.clone(),
            ids,
            self.signals.clone(),
            Arc::new(Library::embedded()),
            Self::connectors(),
            ChannelsSettings::new("http://localhost:8080".parse().unwrap()),
        );
        public_router().with_state(Webhooks::new(channels, self.log.clone(), self.clock.clone())).into()
    }

    /// Put a body into the log, as the webhook does.
    pub async fn deliver(&self, body: &[u8]) -> Appended {
        let connectors = Self::connectors();
        let key = connectors.get(ChannelKind::Zalo).unwrap().key(body);
        self.append(&key, body).await
    }

    pub async fn append(&self, key: &str, body: &[u8]) -> Appended {
        let event = EventRecord {
            partition: partition_of(self.channel),
            key: key.to_owned(),
            workspace: self.seed.workspace,
            channel: self.channel,
            received_at: self.clock.now(),
            body: Bytes::copy_from_slice(body),
        };
        self.log.append(event).await.unwrap()
    }

    /// Everything intake writes, in words that can be compared: rows in the order of their ids, without the
    /// numbers that count commits.
    pub async fn dump(&self) -> BTreeMap<&'static str, Vec<String>> {
        dump(self.db.store.reader()).await
    }
}

pub async fn dump(conn: &impl ConnectionTrait) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    macro_rules! table {
        ($table:ident) => {{
            let rows = entity::$table::Entity::find().all(conn).await.unwrap();
            let mut rows: Vec<String> = rows.into_iter().map(|row| format!("{row:?}")).collect();
            rows.sort();
            all.insert(stringify!($table), rows);
        }};
    }
    table!(customers);
    table!(customer_identities);
    table!(messages);
    table!(message_marks);
    table!(raw_events);
    table!(channels);
    table!(deliveries);
    table!(reservations);
    let threads = entity::conversations::Entity::find().all(conn).await.unwrap();
    let mut threads: Vec<String> = threads
        .into_iter()
        .map(|row| format!("{:?}", entity::conversations::Model { change_seq: 0, ..row }))
        .collect();
    threads.sort();
    all.insert("conversations", threads);
    all
}

/// The body of a customer's text.
pub fn user_text(user: &str, id: &str, text: &str, at: Timestamp) -> Vec<u8> {
    serde_json::to_vec(&serde_json::json!({
        "app_id": APP_ID, "sender": {"id": user}, "recipient": {"id": OA_ID}, "user_id_by_app": format!("by-app-{user}"),
        "event_name": "user_send_text", "message": {"msg_id": id, "text": text}, "timestamp": at.as_ms().to_string(),
    }))
    .unwrap()
}

/// The body of an echo of the account's text.
pub fn oa_text(user: &str, id: &str, text: &str, admin: Option<&str>, at: Timestamp) -> Vec<u8> {
    let mut sender = serde_json::json!({ "id": OA_ID });
    if let Some(admin) = admin {
        sender["admin_id"] = admin.into();
    }
    serde_json::to_vec(&serde_json::json!({
        "app_id": APP_ID, "sender": sender, "recipient": {"id": user},
        "event_name": "oa_send_text", "message": {"msg_id": id, "text": text}, "timestamp": at.as_ms().to_string(),
    }))
    .unwrap()
}
