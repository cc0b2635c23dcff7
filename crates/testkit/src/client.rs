//! A member's browser, as far as HTTP goes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::{Method, Response, header, multipart};
use serde_json::{Value, json};

use crate::{Customer, Platform, net, wait_until};

/// How long an event may take from the phone to the inbox before a test gives up on it.
const ARRIVAL: Duration = Duration::from_secs(20);

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// What browsers may load and do, by the answer's `Content-Security-Policy`; empty when it has none.
    pub policy: String,
    cookie: Option<String>,
}

impl Answer {
    async fn of(response: Response) -> Result<Self, reqwest::Error> {
        let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let cookie = header(header::SET_COOKIE).and_then(|c| c.split(';').next().map(str::to_owned));
        let (status, location) = (response.status().as_u16(), header(header::LOCATION));
        let policy = header(header::CONTENT_SECURITY_POLICY).unwrap_or_default();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Self { status, body, text, location, policy, cookie })
    }

    /// Was it a success?
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body of a success.
    ///
    /// # Panics
    /// When it was none.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.is_ok(), "{}: {}", self.status, self.text);
        self.body
    }

    /// The parameters of a refusal with this status and code.
    ///
    /// # Panics
    /// When it was something else.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Value {
        let told = self.body.get("code").and_then(Value::as_str).unwrap_or_default();
        assert_eq!((self.status, told), (status, code), "{}", self.text);
        self.body.get("params").cloned().unwrap_or_default()
    }
}

/// A signed-in member. Clones share the session.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    cookie: Arc<Mutex<Option<String>>>,
}

impl Client {
    /// E-mail of the owner that [`Client::set_up`] makes.
    pub const OWNER: &str = "chu@cuahang.vn";
    /// Their password.
    pub const PASSWORD: &str = "mat-khau-thu-nghiem-7106";

    /// For the program at this address; nobody is signed in.
    pub fn new(base: &str) -> Self {
        Self { http: net::http(), base: base.to_owned(), cookie: Arc::default() }
    }

    /// Ask, and answer also when the program cannot be reached.
    ///
    /// # Errors
    /// When there was no answer.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header("x-loa", "1");
        let cookie = self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Answer::of(request.send().await?).await
    }

    async fn surely(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let what = format!("{method} {path}");
        self.ask(method, path, body).await.unwrap_or_else(|e| panic!("{what}: no answer: {e:?}"))
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.surely(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.surely(Method::POST, path, Some(&body)).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.surely(Method::PUT, path, Some(&body)).await
    }

    /// PATCH.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.surely(Method::PATCH, path, Some(&body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.surely(Method::DELETE, path, None).await
    }

    /// Make the first member and be signed in as them.
    pub async fn set_up(&self) {
        let owner = json!({
            "workspace_name": "Cửa hàng thử", "email": Self::OWNER, "display_name": "Chủ",
            "password": Self::PASSWORD, "locale": "vi",
        });
        let answer = self.post("/api/setup", owner).await;
        self.keep_session(&answer);
        answer.ok();
    }

    /// Sign in.
    pub async fn sign_in(&self, email: &str, password: &str) {
        let answer = self.post("/api/session", json!({ "email": email, "password": password })).await;
        self.keep_session(&answer);
        answer.ok();
    }

    /// The session's cookie as a request carries it, for what is not HTTP; empty when nobody is signed in.
    pub fn cookie(&self) -> String {
        self.cookie.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    fn keep_session(&self, answer: &Answer) {
        if let Some(cookie) = &answer.cookie {
            *self.cookie.lock().unwrap_or_else(PoisonError::into_inner) = Some(cookie.clone());
        }
    }

    /// Connect an account as an administrator does: to the platform's consent page, back with a code. Answers the
    /// channel's id.
    ///
    /// # Panics
    /// When a step of the chain leads elsewhere.
    pub async fn connect(&self, oa: &str) -> String {
        let begun = self.post("/api/channels/zalo/connect", json!({})).await.ok();
        let page = begun["url"].as_str().expect("an address");
        // The sandbox's own parameter: consent at once.
        let consent =
            self.http.get(format!("{page}&sandbox_auto_oa={oa}")).send().await.expect("the consent page");
        let consent = Answer::of(consent).await.expect("the consent page");
        let back = consent.location.unwrap_or_else(|| panic!("no way back: {}", consent.text));
        let path = back.strip_prefix(&self.base).unwrap_or_else(|| panic!("leads to {back}"));
        let done = self.get(path).await.location.expect("a way on");
        let (_, channel) = done.split_once("connected=").unwrap_or_else(|| panic!("not connected: {done}"));
        channel.to_owned()
    }

    /// Every thing of a paged list.
    pub async fn all(&self, path: &str, cursor: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next: Option<String> = None;
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let more = next.as_ref().map(|n| format!("&{cursor}={n}")).unwrap_or_default();
            let page = self.get(&format!("{path}{sign}limit=100{more}")).await.ok();
            items.extend(page["items"].as_array().expect("a list").iter().cloned());
            match page["next"].as_str() {
                Some(following) => next = Some(following.to_owned()),
                None => return items,
            }
        }
    }

    /// Every thread, closed ones too.
    pub async fn conversations(&self) -> Vec<Value> {
        let mut all = self.all("/api/conversations", "cursor").await;
        all.extend(self.all("/api/conversations?filter=closed", "cursor").await);
        all
    }

    /// The thread with a customer, as soon as it is there.
    pub async fn conversation_with(&self, customer: &Customer) -> Value {
        wait_until(&format!("a thread with {}", customer.name), ARRIVAL, async || {
            self.find_conversation(customer).await
        })
        .await
    }

    /// The thread with a customer. Profiles are not read in tests, so the name is the placeholder with the last
    /// digits of the id.
    pub async fn find_conversation(&self, customer: &Customer) -> Option<Value> {
        let digits = customer.user_id[customer.user_id.len() - 6..].to_owned();
        let found = self.conversations().await;
        found
            .into_iter()
            .find(|c| c["customer"]["display_name"].as_str().is_some_and(|n| n.ends_with(&digits)))
    }

    /// A thread as it is now.
    pub async fn conversation(&self, id: &str) -> Value {
        self.get(&format!("/api/conversations/{id}")).await.ok()
    }

    /// The messages of a thread, oldest first.
    pub async fn thread(&self, id: &str) -> Vec<Value> {
        let mut messages = self.all(&format!("/api/conversations/{id}/messages"), "before").await;
        messages.reverse();
        messages
    }

    /// May the next message go, and as what?
    pub async fn decision(&self, id: &str) -> Value {
        self.get(&format!("/api/conversations/{id}/decision")).await.ok()
    }

    /// Send a text; the answer as it comes.
    pub async fn try_text(&self, id: &str, client_id: &str, text: &str) -> Result<Answer, reqwest::Error> {
        let body = json!({ "client_id": client_id, "text": text });
        self.ask(Method::POST, &format!("/api/conversations/{id}/messages"), Some(&body)).await
    }

    /// Keep a text to be sent at `at`, in milliseconds, whatever it then costs and whoever writes before.
    pub async fn try_later(
        &self,
        id: &str,
        client_id: &str,
        text: &str,
        at: i64,
    ) -> Result<Answer, reqwest::Error> {
        let body = json!({
            "client_id": client_id, "text": text, "send_at": at, "cancel_on_reply": false, "seen_class": "paid",
        });
        self.ask(Method::POST, &format!("/api/conversations/{id}/scheduled"), Some(&body)).await
    }

    /// Send a text, which must be taken. Answers the message.
    pub async fn say(&self, id: &str, text: &str) -> Value {
        let answer = self.try_text(id, &client_id(), text).await.expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.body
    }

    /// A message of a thread, by its client id.
    pub async fn message(&self, conversation: &str, client_id: &str) -> Option<Value> {
        self.thread(conversation).await.into_iter().find(|m| m["client_id"] == client_id)
    }

    /// Wait until the message with this client id satisfies `is`.
    pub async fn until_message(
        &self,
        conversation: &str,
        client_id: &str,
        what: &str,
        within: Duration,
        is: impl Fn(&Value) -> bool,
    ) -> Value {
        let mut last = Value::Null;
        let begun = std::time::Instant::now();
        wait_until(what, within + Duration::from_secs(1), async || {
            last = self.message(conversation, client_id).await.unwrap_or_default();
            assert!(begun.elapsed() < within, "not within {within:?}: {what}; it is {last}");
            is(&last).then(|| last.clone())
        })
        .await
    }

    /// Send a text and wait until the platform has it.
    pub async fn say_and_arrive(&self, id: &str, text: &str) -> Value {
        let queued = self.say(id, text).await;
        let client_id = queued["client_id"].as_str().expect("a client id").to_owned();
        self.until_message(id, &client_id, "the platform has the message", ARRIVAL, arrived).await
    }

    /// Keep a file.
    pub async fn upload(&self, name: &str, bytes: Vec<u8>) -> Answer {
        let part = multipart::Part::bytes(bytes).file_name(name.to_owned());
        self.form("/api/files", multipart::Form::new().part("file", part)).await
    }

    /// Upload customers; nothing is done with them yet.
    pub async fn upload_customers(&self, id: &str, name: &str, bytes: Vec<u8>) -> Answer {
        let part = multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = multipart::Form::new().text("id", id.to_owned()).part("file", part);
        self.form("/api/customers/imports", form).await
    }

    async fn form(&self, path: &str, form: multipart::Form) -> Answer {
        let cookie = self.cookie();
        let request = self.http.post(format!("{}{path}", self.base)).header("x-loa", "1").multipart(form);
        let response = request.header(header::COOKIE, cookie).send().await.expect("an answer to an upload");
        Answer::of(response).await.expect("an answer to an upload")
    }

    /// What the operator's list holds.
    pub async fn raw_events(&self) -> Vec<Value> {
        self.all("/api/operator/events", "cursor").await
    }

    /// Deliver an event as the platform would.
    pub async fn webhook(&self, body: impl Into<Vec<u8>>, signature: Option<&str>) -> Answer {
        let mut request = self.http.post(format!("{}/webhooks/zalo", self.base)).body(body.into());
        request = request.header(header::CONTENT_TYPE, "application/json");
        if let Some(signature) = signature {
            request = request.header(zalo::paths::EVENT_SIGNATURE, signature);
        }
        Answer::of(request.send().await.expect("an answer")).await.expect("an answer")
    }

    /// Deliver an event with the right signature.
    pub async fn signed_webhook(&self, body: impl Into<Vec<u8>>) -> Answer {
        let body = body.into();
        let signature = Platform::sign(&body);
        self.webhook(body, Some(&signature)).await
    }

    /// A counter of `/metrics`: the sum of all lines that begin with `name` and contain every part.
    pub async fn metric(&self, name: &str, parts: &[&str]) -> f64 {
        let text = self.get("/metrics").await.text;
        text.lines()
            .filter(|line| line.starts_with(name) && parts.iter().all(|part| line.contains(part)))
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum()
    }
}

/// The platform has this message.
fn arrived(message: &Value) -> bool {
    matches!(message["status"].as_str(), Some("sent" | "delivered" | "seen"))
}

/// A new id of the kind that browsers make.
pub fn client_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!(
        "7106{:04x}-0000-7000-8000-{:012x}",
        std::process::id() % 65_536,
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}
