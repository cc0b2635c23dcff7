//! A server on a fresh database with a clock that stands still, and a browser to speak to it.

// Each test program uses its part.
#![allow(dead_code)]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use loa_channels::reconcile::DueWork;
use loa_channels::scripted::Scripted;
use loa_channels::{Channels, ChannelsSettings, Connectors};
use loa_inbox::{BulkWork, Inbox, SearchWork};
use loa_kernel::{
    ChannelId, ConversationId, CustomerId, Ids, ManualClock, MemberId, MessageId, Role, SeededRandom,
    Timestamp,
};
use loa_outbound::Outbound;
use loa_rulebook::Library;
use loa_server::{AppConfig, AppState, Parts, PasswordCost, Passwords};
use loa_store::Secret;
use loa_store::changes::NewChange;
use loa_store::channels::credentials;
use loa_store::intake::{self, Batch, ConversationRow, IdentityRow, MessageRow, NewMessage};
use loa_store::members::{self, Member, MemberStatus};
use loa_stream::{LogConfig, Signals, SqliteEventLog, Topic};
use loa_testdb::{Seed, TestDb};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// The password of every member here.
pub const PASSWORD: &str = "nón lá che nắng";

/// A running server.
pub struct World {
    pub db: TestDb,
    pub seed: Seed,
    pub clock: Arc<ManualClock>,
    pub signals: Signals,
    pub stop: CancellationToken,
    pub app: Router,
    pub state: AppState,
    pub inbox: Inbox,
    pub channels: Channels,
    pub passwords: Passwords,
    /// The platform, which does what a test tells it.
    pub platform: Arc<Scripted>,
}

/// What to run it with.
pub fn config() -> AppConfig {
    AppConfig { passwords: PasswordCost::least(), ..AppConfig::default() }
}

impl World {
    /// With a workspace, its channel and its administrator (`admin@example.vn`).
    pub async fn new(db: TestDb) -> Self {
        let seed = loa_testdb::seed(&db.store).await;
        Self::over(db, seed, config()).await
    }

    /// With the rows of `seed` in the database.
    pub async fn over(db: TestDb, seed: Seed, config: AppConfig) -> Self {
        let world = Self::empty(db, seed, config).await;
        world.set_password(&world.seed, world.seed.admin).await;
        world
    }

    /// Without any rows; `seed` gives only the time and the key.
    pub async fn empty(db: TestDb, seed: Seed, config: AppConfig) -> Self {
        let clock = Arc::new(ManualClock::new(seed.now));
        let ids = Ids::new(clock.clone(), Arc::new(SeededRandom::new(42)));
        let rules = Arc::new(Library::embedded());
        let signals = Signals::new();
        let log = SqliteEventLog::open(LogConfig::new(db.dir.path().join("events.db"))).await.unwrap();
        let folder = db.dir.path().join("files");
        std::fs::create_dir_all(&folder).unwrap();
        let files: Arc<dyn object_store::ObjectStore> =
            Arc::new(object_store::local::LocalFileSystem::new_with_prefix(&folder).unwrap());
        let platform = Arc::new(Scripted::default());
        let channels = Channels::new(
            db.store.clone(),
            seed.vault.clone(),
            ids.clone(),
            signals.clone(),
            rules.clone(),
            Connectors::new([platform.clone() as Arc<dyn loa_channels::Connector>]),
            ChannelsSettings::new("http://localhost:8080".parse().unwrap()),
        );
        let inbox = Inbox {
            store: db.store.clone(),
            ids: ids.clone(),
            rules: rules.clone(),
            signals: signals.clone(),
            files: files.clone(),
        };
        let outbound = Outbound {
            store: db.store.clone(),
            ids: ids.clone(),
            rules: rules.clone(),
            signals: signals.clone(),
            channels: channels.clone(),
            inbox: inbox.clone(),
            settings: Arc::default(),
        };
        let passwords = Passwords::new(config.passwords, &ids);
        let stop = CancellationToken::new();
        let state = AppState::new(Parts {
            store: db.store.clone(),
            ids,
            rules,
            signals: signals.clone(),
            event_log: Arc::new(log),
            files,
            channels: channels.clone(),
            outbound,
            metrics: None,
            stop: stop.clone(),
            config,
        });
        Self {
            app: loa_server::app(state.clone()),
            state,
            inbox,
            channels,
            db,
            seed,
            clock,
            signals,
            stop,
            passwords,
            platform,
        }
    }

    /// Give the seed's channel tokens, so that the platform can be asked.
    pub async fn connect(&self) {
        let tokens = credentials::Tokens {
            access: Secret::new("access-0"),
            refresh: Secret::new("refresh-0"),
            access_expires_at: self.seed.now.plus_days(80),
            refresh_expires_at: self.seed.now.plus_days(90),
        };
        let (ws, channel) = (self.seed.workspace, self.seed.channel);
        let tx = self.db.store.begin().await.unwrap();
        credentials::store(&tx, &self.seed.vault, ws, channel, &tokens).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Do what members asked to be done to many, until nothing is left of it.
    pub async fn work(&self) {
        let work = BulkWork(self.inbox.clone());
        while work.run_batch(32).await.unwrap() > 0 {}
    }

    async fn set_password(&self, seed: &Seed, member: MemberId) {
        let patch = members::MemberPatch {
            password_hash: Some(self.passwords.hash(PASSWORD).await.unwrap()),
            ..Default::default()
        };
        let tx = self.db.store.begin().await.unwrap();
        members::update(&tx, seed.workspace, member, &patch, seed.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Add a member `<name>@example.vn`.
    pub async fn member(&self, seed: &Seed, name: &str, role: Role) -> MemberId {
        let member = Member {
            workspace: seed.workspace,
            id: MemberId::derived(seed.now, &[seed.workspace.0.as_bytes(), name.as_bytes()]),
            email: format!("{name}@example.vn"),
            display_name: name.to_owned(),
            role,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: seed.now,
            updated_at: seed.now,
        };
        let tx = self.db.store.begin().await.unwrap();
        members::create(&tx, &member, &self.passwords.hash(PASSWORD).await.unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        member.id
    }

    pub fn stranger(&self) -> Browser {
        Browser { app: self.app.clone(), cookie: None }
    }

    /// A browser in which `<name>@example.vn` is signed in.
    pub async fn browser(&self, name: &str) -> Browser {
        let mut browser = self.stranger();
        let (status, body) = browser.sign_in(&format!("{name}@example.vn"), PASSWORD).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        browser
    }

    /// Write a batch as intake does, and wake who waits.
    pub async fn write(&self, batch: Batch) {
        let workspaces: Vec<_> = batch.changes.keys().copied().collect();
        let tx = self.db.store.begin().await.unwrap();
        intake::apply(&tx, batch, self.clock_now()).await.unwrap();
        tx.commit().await.unwrap();
        for workspace in workspaces {
            self.signals.notify(Topic::ChangesIn(workspace));
        }
    }

    pub fn clock_now(&self) -> Timestamp {
        loa_kernel::Clock::now(&*self.clock)
    }

    /// A customer of this name with an unread thread whose last message is of `at`.
    pub async fn thread(
        &self,
        seed: &Seed,
        user: &str,
        name: &str,
        at: Timestamp,
    ) -> (CustomerId, ConversationId) {
        self.threads(seed, &[(user.to_owned(), name.to_owned(), at)]).await.remove(0)
    }

    /// Many at once: platform's user id, name, time of the last message.
    pub async fn threads(
        &self,
        seed: &Seed,
        people: &[(String, String, Timestamp)],
    ) -> Vec<(CustomerId, ConversationId)> {
        let mut batch = Batch::default();
        let mut ids = Vec::new();
        for (user, name, at) in people {
            let (customer, identity, conversation) = intake::ids_of(seed.workspace, seed.channel, user);
            ids.push((customer, conversation));
            batch.new_customers.push((seed.workspace, customer, name.clone(), None));
            batch.new_identities.push(IdentityRow {
                workspace: seed.workspace,
                id: identity,
                customer,
                channel: seed.channel,
                external_id: user.clone(),
                app_user_id: None,
                is_follower: Some(true),
                follow_changed_at: None,
                is_blocked: false,
                blocked_changed_at: None,
                facts: serde_json::json!({}),
                last_message_at: Some(*at),
                last_interaction_at: Some(*at),
                window_started_at: Some(*at),
                replies_used: 0,
                replies_reserved: 0,
                welcome_used: 0,
                platform_reply_remain: None,
                platform_reply_total: None,
                platform_as_of_at: None,
                profile_due_at: None,
                created_at: *at,
            });
            batch.new_conversations.push(ConversationRow {
                workspace: seed.workspace,
                id: conversation,
                channel: seed.channel,
                customer,
                identity,
                status: "open".into(),
                status_changed_at: None,
                unread_count: 1,
                read_until_at: None,
                answered_at: None,
                waiting_since_at: Some(*at),
                last_message_id: None,
                last_message_at: *at,
                last_preview: "Chào shop".into(),
                last_direction: "in".into(),
                last_kind: "text".into(),
                free_until: None,
                permitted_until: None,
                work: loa_store::work::Work::default(),
                created_at: *at,
            });
            batch
                .changes
                .entry(seed.workspace)
                .or_default()
                .extend([NewChange::customer(customer), NewChange::conversation(conversation, seed.channel)]);
        }
        self.write(batch).await;
        ids
    }

    /// The last change that is stored.
    pub async fn last_seq(&self) -> i64 {
        loa_store::changes::last_seq(self.db.store.reader(), self.seed.workspace).await.unwrap()
    }

    /// Put everything that was written into the index of words.
    pub async fn index(&self) {
        let work = SearchWork::new(self.db.store.clone(), self.clock.clone());
        while work.run_batch(100).await.unwrap() > 0 {}
    }

    /// A message of the customer in a thread.
    pub async fn message(
        &self,
        seed: &Seed,
        conversation: ConversationId,
        platform_id: &str,
        text: &str,
        quoted: Option<&str>,
        at: Timestamp,
    ) -> MessageId {
        let id = message_id(seed.channel, platform_id, at);
        let mut batch = Batch::default();
        batch.new_messages.push(NewMessage {
            row: MessageRow {
                workspace: seed.workspace,
                id,
                conversation,
                channel: seed.channel,
                direction: "in".into(),
                status: "received".into(),
                platform_id: Some(platform_id.to_owned()),
                reactions: serde_json::json!([]),
                sent_at: at,
            },
            author: "customer",
            kind: "text".into(),
            text: Some(text.to_owned()),
            attachments: serde_json::json!([]),
            quoted_platform_id: quoted.map(str::to_owned),
            by_person: false,
        });
        batch.changes.insert(seed.workspace, vec![NewChange::message(id, conversation, seed.channel)]);
        self.write(batch).await;
        id
    }
}

pub fn message_id(channel: ChannelId, platform_id: &str, at: Timestamp) -> MessageId {
    MessageId::derived(at, &[channel.0.as_bytes(), platform_id.as_bytes()])
}

/// A browser with its cookie.
#[derive(Clone)]
pub struct Browser {
    app: Router,
    pub cookie: Option<String>,
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

impl Browser {
    /// Send a request as our own page does.
    pub async fn send(&mut self, mut request: Request<Body>) -> Answer {
        request.headers_mut().entry("x-loa").or_insert("1".parse().unwrap());
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        if let Some(set) = parts.headers.get(header::SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            self.cookie = (!pair.ends_with('=')).then_some(pair);
        }
        let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = Request::builder().method(method).uri(path);
        let body = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.send(request.body(body).unwrap()).await;
        (answer.status, answer.json())
    }

    pub async fn get(&mut self, path: &str) -> (StatusCode, Value) {
        self.call(Method::GET, path, None).await
    }

    /// A GET that must succeed.
    pub async fn read(&mut self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    pub async fn post(&mut self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> (StatusCode, Value) {
        self.post("/api/session", serde_json::json!({ "email": email, "password": password })).await
    }

    /// Upload a file.
    pub async fn upload(&mut self, name: &str, bytes: &[u8]) -> Answer {
        self.form("/api/files", &[], name, bytes).await
    }

    /// Upload a file of customers under an id of ours.
    pub async fn upload_customers(&mut self, id: &str, bytes: &[u8]) -> Answer {
        self.form("/api/customers/imports", &[("id", id)], "khách.csv", bytes).await
    }

    async fn form(&mut self, uri: &str, parts: &[(&str, &str)], name: &str, bytes: &[u8]) -> Answer {
        let mut body = Vec::new();
        for (part, text) in parts {
            let part = format!("--xx\r\nContent-Disposition: form-data; name=\"{part}\"\r\n\r\n{text}\r\n");
            body.extend(part.into_bytes());
        }
        let head = format!(
            "--xx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
        );
        body.extend(head.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--xx--\r\n");
        let request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xx")
            .body(Body::from(body))
            .unwrap();
        self.send(request).await
    }
}

/// Ids in a list's answer.
pub fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
