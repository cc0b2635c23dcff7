//! A sandbox with one app, one OA and one customer, and a receiver for its webhooks.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use loa_kernel::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Notify;
use zalo_sandbox::{Config, Running, Sandbox};

pub const APP: &str = "2220000000000000001";
pub const OA: &str = "3330000000000000001";
pub const PERSON: &str = "9990000000000000001";
/// 2024-12-02, 10:00 in Vietnam.
pub const START: Timestamp = Timestamp(1_733_108_400_000);
pub const HOUR: i64 = 3_600_000;
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Bed {
    pub run: Running,
    pub http: reqwest::Client,
    pub user: String,
    token: Mutex<String>,
    pub refresh: String,
}

pub fn config() -> Config {
    Config { seed: Some(7), frozen_at: Some(START), ..Config::default() }
}

impl Bed {
    pub async fn new() -> Self {
        Self::with(config(), None).await
    }

    pub async fn with(config: Config, webhook: Option<&str>) -> Self {
        let run = Sandbox::start(config).await.unwrap();
        let http = reqwest::Client::new();
        let mut bed =
            Self { run, http, user: String::new(), token: Mutex::default(), refresh: String::new() };
        let app = json!({"id": APP, "secret": "app-secret", "oa_secret_key": "oa-secret", "webhook_url": webhook.unwrap_or("")});
        bed.control("POST", "/apps", app).await;
        let oa = json!({"id": OA, "name": "Shop Mận", "package": {"total": 1000, "used": 0}});
        bed.control("POST", "/oas", oa).await;
        bed.control("POST", "/users", json!({"id": PERSON, "name": "Nguyễn An"})).await;
        let contact = bed.get(&format!("/oas/{OA}/users/{PERSON}")).await;
        bed.user = contact["user_id"].as_str().unwrap().to_owned();
        let pair = bed.control("PUT", &format!("/oas/{OA}/grants/{APP}"), json!({})).await;
        bed.use_token(&pair);
        bed.refresh = pair["refresh_token"].as_str().unwrap().to_owned();
        bed
    }

    /// Calls go on with the access token of this answer.
    pub fn use_token(&self, pair: &Value) {
        *self.token.lock().unwrap() = pair["access_token"].as_str().unwrap().to_owned();
    }

    pub fn token(&self) -> String {
        self.token.lock().unwrap().clone()
    }

    /// Moves the clock so far that the access token dies, and goes on with a new one.
    pub async fn later(&self, ms: i64) {
        self.advance(ms).await;
        self.new_token().await;
    }

    pub async fn new_token(&self) {
        let pair = self.control("PUT", &format!("/oas/{OA}/grants/{APP}"), json!({})).await;
        self.use_token(&pair);
    }

    /// The customer follows, without an event: this edition wants a follower beyond the free replies.
    pub async fn follows(&self) {
        self.control("PATCH", &format!("/oas/{OA}/users/{}", self.user), json!({"follower": true})).await;
    }

    /// Stops the sandbox and starts another one; the customer and the tokens are the same.
    pub async fn restarted(self, config: Config) -> Self {
        let Self { run, http, user, token, refresh } = self;
        run.shutdown().await.unwrap();
        let run = Sandbox::start(config).await.unwrap();
        Self { run, http, user, token, refresh }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.run.base_url)
    }

    /// A control call that must succeed.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_control(method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    pub async fn try_control(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = self.url(&format!("/_sandbox/api{path}"));
        let answer = self.http.request(method, url).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self.http.get(self.url(&format!("/_sandbox/api{path}"))).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    pub async fn advance(&self, ms: i64) {
        self.control("POST", "/clock", json!({"advance_ms": ms})).await;
    }

    pub async fn change_oa(&self, change: Value) {
        self.control("PATCH", &format!("/oas/{OA}"), change).await;
    }

    pub async fn fault(&self, fault: Value) {
        self.control("POST", "/faults", fault).await;
    }

    /// The customer writes.
    pub async fn says(&self, text: &str) -> Value {
        self.control("POST", &format!("/oas/{OA}/users/{}/messages", self.user), json!({"text": text})).await
    }

    /// The customer does something else.
    pub async fn does(&self, what: &str, body: Value) -> Value {
        self.control("POST", &format!("/oas/{OA}/users/{}/{what}", self.user), body).await
    }

    /// An administrator writes in Zalo's own tool.
    pub async fn tool(&self, text: &str) -> Value {
        self.control("POST", &format!("/oas/{OA}/users/{}/tool-messages", self.user), json!({"text": text}))
            .await
    }

    pub async fn post_raw(&self, path: &str, body: Value) -> reqwest::Result<reqwest::Response> {
        self.http.post(self.url(path)).header("access_token", self.token()).json(&body).send().await
    }

    /// A call of the platform's interface.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.post_raw(path, body).await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    pub async fn data(&self, path: &str, data: Value) -> Value {
        let request = self.http.get(self.url(path)).query(&[("data", data.to_string())]);
        request.header("access_token", self.token()).send().await.unwrap().json().await.unwrap()
    }

    pub async fn send(&self, message: Value) -> Value {
        self.post("/v3.0/oa/message/cs", json!({"recipient": {"user_id": self.user}, "message": message}))
            .await
    }

    /// Sends a text and answers `(error, quota block)`.
    pub async fn text(&self, text: &str) -> (i64, Value) {
        let answer = self.send(json!({"text": text})).await;
        (answer["error"].as_i64().unwrap(), answer["data"]["quota"].clone())
    }

    pub async fn token_call(&self, form: &[(&str, &str)]) -> Value {
        let request =
            self.http.post(self.url("/v4/oa/access_token")).header("secret_key", "app-secret").form(form);
        request.send().await.unwrap().json().await.unwrap()
    }

    pub async fn ledger(&self) -> Vec<Value> {
        self.get("/ledger").await["items"].as_array().unwrap().clone()
    }

    /// Waits until the condition on a control answer holds.
    pub async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut live = self.run.handle.listen();
        let seen = async {
            loop {
                let answer = self.get(path).await;
                if holds(&answer) {
                    return answer;
                }
                // Whatever happens next may change the answer.
                let _ = live.recv().await;
            }
        };
        match tokio::time::timeout(PATIENCE, seen).await {
            Ok(answer) => answer,
            Err(_) => panic!("{path} never held: {}", self.get(path).await),
        }
    }
}

/// What a receiver does with an event.
#[derive(Clone, Copy)]
pub enum Answer {
    Status(u16),
    /// Takes it and never answers.
    Hang,
}

#[derive(Clone)]
pub struct Got {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn event(&self) -> String {
        self.json()["event_name"].as_str().unwrap().to_owned()
    }

    pub fn retry(&self) -> Option<&str> {
        self.headers.get("num_retry").map(|v| v.to_str().unwrap())
    }

    pub fn signed_with(&self, secret: &str) -> bool {
        let header = self.headers["x-zevent-signature"].to_str().unwrap();
        let timestamp = self.json()["timestamp"].as_str().unwrap().to_owned();
        zalo::signature::verify(header, APP, &self.body, &timestamp, secret)
    }
}

/// A business's webhook.
#[derive(Clone, Default)]
pub struct Receiver {
    got: Arc<Mutex<Vec<Got>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    arrived: Arc<Notify>,
}

impl Receiver {
    /// Starts it; answers 200 unless told otherwise.
    pub async fn start() -> (Self, String) {
        let receiver = Self::default();
        let app = axum::Router::new().route("/hook", axum::routing::post(take)).with_state(receiver.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (receiver, url)
    }

    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub fn all(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    /// Waits until `n` events have arrived in all.
    pub async fn wait(&self, n: usize) -> Vec<Got> {
        let enough = async {
            loop {
                let arrived = self.arrived.notified();
                let got = self.all();
                if got.len() >= n {
                    return got;
                }
                arrived.await;
            }
        };
        match tokio::time::timeout(PATIENCE, enough).await {
            Ok(got) => got,
            Err(_) => panic!(
                "{} of {n} events: {:?}",
                self.all().len(),
                self.all().iter().map(Got::event).collect::<Vec<_>>()
            ),
        }
    }
}

async fn take(State(receiver): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let answer = receiver.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(200));
    receiver.got.lock().unwrap().push(Got { headers, body });
    receiver.arrived.notify_waiters();
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap(),
        Answer::Hang => std::future::pending().await,
    }
}
