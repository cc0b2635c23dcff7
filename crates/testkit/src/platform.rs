//! The sandbox in the platform's place.

use std::net::SocketAddr;
use std::time::Duration;

use loa_kernel::Clock;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use zalo_sandbox::{Config, Running, Sandbox};

use crate::{net, wait_until};

/// The application of every scene; the corpus is made for it.
pub const APP: &str = zalo::corpus::APP_ID;
/// The account of every scene; the corpus is made for it.
pub const OA: &str = zalo::corpus::OA_ID;

const APP_SECRET: &str = "bi-mat-cua-ung-dung";
const OA_SECRET_KEY: &str = "khoa-bi-mat-cua-webhook";
/// Most rows that one look at a log asks for.
const MANY: usize = 100_000;

/// Somebody with a phone.
#[derive(Debug, Clone)]
pub struct Customer {
    /// Name.
    pub name: String,
    /// Their id in the eyes of [`OA`].
    pub user_id: String,
}

/// A sandbox, on one port for its whole life, with its control interface as functions.
pub struct Platform {
    running: Option<Running>,
    config: Config,
    http: reqwest::Client,
    /// Its address, also while it is stopped.
    pub base: String,
    _data: TempDir,
}

impl Platform {
    /// The application's secret, as a member enters it.
    pub const APP_SECRET: &str = APP_SECRET;
    /// The key of webhooks, as a member enters it.
    pub const OA_SECRET_KEY: &str = OA_SECRET_KEY;

    /// Start one on a port of its own. Its state outlives [`Platform::stop`].
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(config: Config) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let listen = SocketAddr::from(([127, 0, 0, 1], net::free_port()));
        let config = Config { listen, data: Some(data.path().to_owned()), ..config };
        let mut platform =
            Self { running: None, config, http: net::http(), base: format!("http://{listen}"), _data: data };
        platform.start_again().await;
        platform
    }

    /// Switch it off: connections are refused from now on.
    pub async fn stop(&mut self) {
        let running = self.running.take().expect("it runs");
        running.shutdown().await.expect("the sandbox writes its state");
    }

    /// Switch it on again, with what it knew.
    pub async fn start_again(&mut self) {
        let config = &self.config;
        // The file of the state is given back when the last connection of the old one has ended.
        let running = wait_until("the sandbox starts", Duration::from_secs(10), async || {
            Sandbox::start(config.clone()).await.ok()
        });
        self.running = Some(running.await);
    }

    /// Value of the signature header for this body.
    pub fn sign(body: &[u8]) -> String {
        let peek: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |key: &str| match &peek[key] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        zalo::signature::header_value(&text("app_id"), body, &text("timestamp"), OA_SECRET_KEY)
    }

    /// Its time, in milliseconds.
    pub fn now_ms(&self) -> i64 {
        self.running.as_ref().expect("it runs").handle.clock.now().as_ms()
    }

    /// A call of the control interface that must succeed.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let what = format!("{method} {path} {body}");
        let mut request = self.http.request(method, format!("{}/_sandbox/api{path}", self.base));
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap_or_else(|e| panic!("{what}: {e:?}"));
        let status = answer.status();
        let text = answer.text().await.unwrap_or_default();
        assert!(status.is_success(), "{what}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn read(&self, path: &str) -> Value {
        self.control(Method::GET, path, Value::Null).await
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let answer = self.read(path).await;
        let list = if answer.is_array() { answer } else { answer["items"].clone() };
        list.as_array().cloned().unwrap_or_default()
    }

    /// [`APP`], with its webhook and callback at `loa`, and [`OA`].
    pub async fn set_up(&self, loa: &str, oa: Value) {
        let app = json!({
            "id": APP, "name": "Loa", "secret": APP_SECRET, "oa_secret_key": OA_SECRET_KEY, "rate_per_minute": 0,
            "webhook_url": format!("{loa}/webhooks/zalo"),
            "callback_url": format!("{loa}/api/channels/zalo/callback"),
        });
        self.control(Method::POST, "/apps", app).await;
        let mut new = json!({ "id": OA, "name": "Tiệm Loa" });
        if let (Some(new), Some(oa)) = (new.as_object_mut(), oa.as_object()) {
            new.extend(oa.clone());
        }
        self.control(Method::POST, "/oas", new).await;
    }

    /// Change a switch of the sandbox; the others are at their defaults.
    pub async fn settings(&self, settings: Value) {
        self.control(Method::PUT, "/settings", settings).await;
    }

    /// Change the account.
    pub async fn change_oa(&self, change: Value) -> Value {
        self.control(Method::PATCH, &format!("/oas/{OA}"), change).await
    }

    /// The account as it is.
    pub async fn oa(&self) -> Value {
        self.read(&format!("/oas/{OA}")).await
    }

    /// A new customer who has never been in touch.
    pub async fn customer(&self, name: &str) -> Customer {
        let person = self.control(Method::POST, "/users", json!({ "name": name })).await;
        let person = person["id"].as_str().expect("an id").to_owned();
        let contact = self.read(&format!("/oas/{OA}/users/{person}")).await;
        Customer { name: name.to_owned(), user_id: contact["user_id"].as_str().expect("an id").to_owned() }
    }

    async fn act(&self, customer: &Customer, what: &str, body: Value) -> Value {
        self.control(Method::POST, &format!("/oas/{OA}/users/{}/{what}", customer.user_id), body).await
    }

    /// The customer as the platform sees them.
    pub async fn contact(&self, customer: &Customer) -> Value {
        self.read(&format!("/oas/{OA}/users/{}", customer.user_id)).await
    }

    /// The customer writes a text. Answers the platform's id of the message.
    pub async fn writes(&self, customer: &Customer, text: &str) -> String {
        let message = self.act(customer, "messages", json!({ "text": text })).await;
        message["id"].as_str().expect("an id").to_owned()
    }

    /// The administrator writes a text in the platform's own tool.
    pub async fn tool_writes(&self, customer: &Customer, text: &str) -> Value {
        self.act(customer, "tool-messages", json!({ "text": text })).await
    }

    /// The customer follows the account.
    pub async fn follows(&self, customer: &Customer) {
        self.act(customer, "follow", json!({})).await;
    }

    /// The customer opens the chat: everything is seen.
    pub async fn opens(&self, customer: &Customer) {
        self.act(customer, "open", json!({})).await;
    }

    /// What the customer's phone shows, oldest first.
    pub async fn phone(&self, customer: &Customer) -> Vec<Value> {
        self.list(&format!("/oas/{OA}/users/{}/messages?limit=1000", customer.user_id)).await
    }

    /// The bytes at an address of the sandbox.
    pub async fn fetch(&self, url: &str) -> Vec<u8> {
        let answer = self.http.get(url).send().await.unwrap_or_else(|e| panic!("{url}: {e:?}"));
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.bytes().await.expect("bytes").to_vec()
    }

    /// Every message that the platform accepted from `by`: `user`, `api` or `tool`.
    pub async fn ledger(&self, by: &str) -> Vec<Value> {
        self.list(&format!("/ledger?by={by}&limit={MANY}")).await
    }

    /// How often the platform accepted this text from the interface.
    pub async fn times_sent(&self, text: &str) -> usize {
        self.ledger("api").await.iter().filter(|m| m["text"] == text).count()
    }

    /// Calls of the interface whose path begins so, oldest first.
    pub async fn requests(&self, path: &str) -> Vec<Value> {
        let mut all = self.list("/requests?limit=2000").await;
        all.retain(|r| r["path"].as_str().is_some_and(|p| p.starts_with(path)));
        all.sort_by_key(|r| r["id"].as_u64());
        all
    }

    /// Events and their tries, those whose name begins so.
    pub async fn deliveries(&self, name: &str) -> Vec<Value> {
        let mut all = self.list("/webhooks?limit=2000").await;
        all.retain(|d| d["event_name"].as_str().is_some_and(|n| n.starts_with(name)));
        all.sort_by_key(|d| d["id"].as_u64());
        all
    }

    /// Break something: `fault` as the dial names it, for the next `times` calls or events whose path or name begins
    /// with `path`.
    pub async fn fault(&self, fault: Value, times: u32, path: &str) {
        let body = json!({ "fault": fault, "when": { "next": times }, "path": path });
        self.control(Method::POST, "/faults", body).await;
    }

    /// Break something now and then.
    pub async fn fault_at_random(&self, fault: Value, probability: f64, path: &str) {
        let body = json!({ "fault": fault, "when": { "probability": probability }, "path": path });
        self.control(Method::POST, "/faults", body).await;
    }

    /// How many faults are still on.
    pub async fn faults_left(&self) -> usize {
        self.list("/faults").await.len()
    }

    /// Nothing is broken any more.
    pub async fn no_faults(&self) {
        self.control(Method::DELETE, "/faults", Value::Null).await;
    }

    /// Deliver now what waits for its time.
    pub async fn hurry(&self) {
        self.control(Method::POST, "/webhooks/hurry", Value::Null).await;
    }

    /// Deliver a finished event once more.
    pub async fn redeliver(&self, id: u64) {
        self.control(Method::POST, &format!("/webhooks/{id}/redeliver"), Value::Null).await;
    }

    /// End the account's access tokens, and its refresh tokens too when `refresh_too`.
    pub async fn expire_tokens(&self, refresh_too: bool) {
        let path = format!("/oas/{OA}/grants/{APP}/expire");
        self.control(Method::POST, &path, json!({ "refresh_too": refresh_too })).await;
    }
}
