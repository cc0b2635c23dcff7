//! The client against real sockets: what it sends, and how it judges what comes back or does not.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use axum::body::Bytes;
use axum::extract::{Multipart, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Form, Json, Router};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use zalo::client::*;
use zalo::error::{ErrorCode, RateScope, RetryClass};
use zalo::message::*;
use zalo::oauth::*;
use zalo::quota::{ProductType, QuotaOwner};
use zalo::upload::Upload;
use zalo::user::UserListQuery;

const USER: &str = "5120988712345678901";

fn http() -> reqwest::Client {
    static PROVIDER: Once = Once::new();
    // The pool is built without a TLS provider of its own; another test thread may have been first.
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    ZaloClient::http_builder().build().unwrap()
}

fn client(base: &str) -> ZaloClient {
    ZaloClient::new(http(), Endpoints::one_host(base.parse().unwrap())).with_timeout(Duration::from_secs(10))
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

/// A server that gives one answer to everything, and counts.
async fn fixed(status: u16, content_type: &'static str, body: &'static str) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let answer = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async move {
            let headers = [
                ("content-type", content_type),
                ("X-RateLimit-Limit", "4000"),
                ("x-ratelimit-remain", "3999"),
            ];
            (StatusCode::from_u16(status).unwrap(), headers, body)
        }
    };
    (serve(Router::new().fallback(any(answer))).await, count)
}

fn access() -> Access {
    Access::new("AT-invented")
}

fn request() -> SendRequest {
    SendRequest::to_user(USER, OutMessage::text("Chào"))
}

#[tokio::test]
async fn answers_are_judged() {
    let accepted = r#"{"data":{"message_id":"7c","user_id":"5","sent_time":"1","quota":{"quota_type":"reply","remain":"7","total":8}},"error":0,"message":"Success"}"#;
    for (status, content_type, body, want) in [
        (200, "application/json", accepted, "accepted 7c"),
        (200, "text/json", accepted, "accepted 7c"),
        (200, "text/html", accepted, "accepted 7c"),
        (
            200,
            "text/json",
            r#"{"error":-230,"message":"User has not interacted with the OA in the past 7 days"}"#,
            "rejected -230 UserAction",
        ),
        (
            200,
            "text/json",
            r#"{"error":"-320","message":"Your app needs to connect with Zalo Cloud Account to use paid features","data":{}}"#,
            "rejected -320 UserAction",
        ),
        (
            200,
            "text/json",
            r#"{"error":-32,"message":"Your OA reached limit call api"}"#,
            "rejected -32 Later",
        ),
        (
            429,
            "text/json",
            r#"{"error":-32,"message":"Your application reached limit call api"}"#,
            "rejected -32 Later",
        ),
        (429, "text/html", "<html>slow down</html>", "rejected -32 Later"),
        (
            200,
            "text/json",
            r#"{"error":-216,"message":"Access token has expired"}"#,
            "rejected -216 RefreshToken",
        ),
        (
            401,
            "text/json",
            r#"{"error":-216,"message":"Access token is invalid"}"#,
            "rejected -216 RefreshToken",
        ),
        (200, "text/json", r#"{"error":-77777,"message":"news"}"#, "rejected -77777 Never"),
        (502, "text/html", "<html>Bad Gateway</html>", "unknown ServerError(502)"),
        (504, "text/html", "", "unknown ServerError(504)"),
        (
            500,
            "application/json",
            r#"{"error":-200,"message":"Send message failed"}"#,
            "unknown ServerError(500)",
        ),
        (200, "text/html", "<html>maintenance</html>", "unknown NotJson(200)"),
        (200, "text/html", "", "unknown NotJson(200)"),
        (404, "text/html", "<html>", "unknown NotJson(404)"),
        (404, "text/json", accepted, "unknown BadAnswer(\"success with status 404\")"),
        (200, "text/json", r#"{"error":0,"message":"Success"}"#, "unknown BadAnswer(\"no data\")"),
        (200, "text/json", r#"{"hello":1}"#, "unknown BadAnswer(\"the body has no `error` and no `data`\")"),
    ] {
        let (base, count) = fixed(status, content_type, body).await;
        let answer = client(&base).send_cs(&access(), &request()).await;
        let got = match answer.outcome {
            Outcome::Accepted(data) => format!("accepted {}", data.message_id),
            Outcome::Rejected(r) => {
                assert_eq!(r.http_status, status);
                format!("rejected {} {:?}", r.code.0, r.retry())
            }
            Outcome::NotSent(cause) => format!("not sent {cause:?}"),
            Outcome::Unknown(cause) => format!("unknown {cause:?}"),
        };
        assert_eq!(got, want, "{status} {content_type} {body}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "sent more than once: {status} {body}");
        let rate = RateHeaders { limit: Some(4000), remain: Some(3999) };
        assert_eq!(answer.meta, Meta { http_status: Some(status), rate });
    }
}

#[tokio::test]
async fn time_out_after_processing_is_unknown() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let never = move |body: Bytes| {
        assert!(!body.is_empty());
        counter.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<()>()
    };
    let base = serve(Router::new().fallback(any(never))).await;
    let client = client(&base).with_timeout(Duration::from_millis(300));
    let answer = client.send_cs(&access(), &request()).await;
    assert_eq!(answer.outcome, Outcome::Unknown(UnknownCause::Timeout));
    assert_eq!(answer.meta, Meta::default());
    assert_eq!(count.load(Ordering::SeqCst), 1, "the platform has processed it");
}

/// Reads each request whole, writes `reply`, and hangs up. Counts requests.
async fn hang_up(reply: &'static [u8]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let (mut seen, mut buffer) = (Vec::new(), [0u8; 4096]);
            while !seen.ends_with(b"}") {
                match socket.read(&mut buffer).await {
                    Ok(n) if n > 0 => seen.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = socket.write_all(reply).await;
        }
    });
    (base, count)
}

#[tokio::test]
async fn a_broken_connection_is_unknown_and_not_repeated() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-type: text/json\r\ncontent-length: 500\r\n\r\n{\"data\":";
    for (reply, status) in [(&b""[..], None), (b"HTTP/1.1 200", None), (half, Some(200))] {
        let (base, count) = hang_up(reply).await;
        let answer = client(&base).send_cs(&access(), &request()).await;
        assert!(
            matches!(answer.outcome, Outcome::Unknown(UnknownCause::Interrupted(_))),
            "{:?}",
            answer.outcome
        );
        assert_eq!(answer.meta.http_status, status);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let body = "x".repeat(5 << 20);
    let base = serve(Router::new().fallback(any(move || async move { body }))).await;
    let answer = client(&base).send_cs(&access(), &request()).await;
    assert_eq!(answer.outcome, Outcome::Unknown(UnknownCause::BadAnswer("the answer is too long".into())));
}

#[tokio::test]
async fn what_never_left_is_not_sent() {
    // A port that was free a moment ago: nobody listens.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let client = client(&format!("http://127.0.0.1:{port}"));
    let sent = client.send_cs(&access(), &request()).await.outcome;
    let Outcome::NotSent(NotSentCause::Connect(why)) = sent else { panic!("{sent:?}") };
    assert!(!why.contains("127.0.0.1:") || !why.contains("/v3.0"), "the address is left out: {why}");
    let app = AppCredentials { app_id: "222".into(), app_secret: "s".into() };
    assert!(matches!(client.refresh(&app, "RT").await.outcome, Outcome::NotSent(NotSentCause::Connect(_))));

    let (base, count) = fixed(200, "text/json", "{}").await;
    let broken = Access::new("AT\nX: y");
    let sent = self::client(&base).send_cs(&broken, &request()).await.outcome;
    assert!(matches!(sent, Outcome::NotSent(NotSentCause::Invalid(_))), "{sent:?}");
    let picture = Upload { file_name: "a.png".into(), content_type: "no type".into(), bytes: "x".into() };
    let sent = self::client(&base).upload_image(&access(), &picture).await.outcome;
    assert!(matches!(sent, Outcome::NotSent(NotSentCause::Invalid(_))), "{sent:?}");
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (other, count) = fixed(200, "text/json", r#"{"data":{"message_id":"7c"},"error":0}"#).await;
    let moved = move || async move { (StatusCode::TEMPORARY_REDIRECT, [("location", other)]) };
    let base = serve(Router::new().fallback(any(moved))).await;
    let answer = client(&base).send_cs(&access(), &request()).await;
    assert_eq!(answer.outcome, Outcome::Unknown(UnknownCause::NotJson(307)));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn the_full_bucket_is_named() {
    for (body, scope) in [
        (r#"{"error":-32,"message":"Your OA reached limit call api"}"#, RateScope::Oa),
        (r#"{"error":-32,"message":"Your application reached limit call api"}"#, RateScope::App),
    ] {
        let (base, _) = fixed(200, "text/json", body).await;
        let Outcome::Rejected(refusal) = client(&base).send_cs(&access(), &request()).await.outcome else {
            panic!()
        };
        assert_eq!(refusal.rate_scope(), Some(scope));
    }
}

/// What a request looked like.
#[derive(Debug, Clone, Default)]
struct Seen {
    method: String,
    path: String,
    query: String,
    headers: HashMap<String, String>,
    body: Value,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// A platform of canned answers by path, which remembers requests.
async fn platform() -> (ZaloClient, Log) {
    async fn answer(
        State(log): State<Log>,
        uri: Uri,
        RawQuery(query): RawQuery,
        headers: HeaderMap,
        body: Bytes,
    ) -> Response {
        let text = |v: &axum::http::HeaderValue| v.to_str().unwrap_or_default().to_owned();
        let seen = Seen {
            method: if body.is_empty() { "GET" } else { "POST" }.into(),
            path: uri.path().into(),
            query: query.unwrap_or_default(),
            headers: headers.iter().map(|(k, v)| (k.to_string(), text(v))).collect(),
            body: serde_json::from_slice(&body).unwrap_or_default(),
        };
        let by_user = seen.body.get("user_id").is_some();
        log.lock().unwrap().push(seen);
        let data = match uri.path() {
            "/v3.0/oa/message/cs" => json!({"message_id": "7c", "user_id": USER, "sent_time": "1"}),
            "/v2.0/oa/message" => return Json(json!({"error": 0, "message": "Success"})).into_response(),
            "/v3.0/oa/quota/message" if by_user => {
                json!({"last_interaction": "5", "cs_reply": {"remain": 8, "total": 8}})
            }
            "/v3.0/oa/quota/message" => {
                json!([{"asset_id": "a", "product_type": "cs", "quota_type": "sub_quota", "total": 2000, "remain": 1963}])
            }
            "/v3.0/oa/user/detail" => json!({"user_id": USER, "display_name": "Nguyễn An"}),
            "/v3.0/oa/user/getlist" => {
                json!({"total": 1, "count": 50, "offset": 0, "users": [{"user_id": USER}]})
            }
            "/v2.0/oa/getoa" => json!({"oaid": "333", "name": "Shop Mận"}),
            "/v2.0/oa/conversation" | "/v2.0/oa/listrecentchat" => {
                json!([{"message_id": "7c", "src": 1, "time": 1, "type": "text", "message": "Chào", "from_id": USER, "to_id": "333"}])
            }
            other => panic!("unexpected call of {other}"),
        };
        Json(json!({"data": data, "error": 0, "message": "Success"})).into_response()
    }
    async fn upload(State(log): State<Log>, uri: Uri, mut form: Multipart) -> Json<Value> {
        let field = form.next_field().await.unwrap().unwrap();
        let part =
            json!({"name": field.name(), "file_name": field.file_name(), "type": field.content_type()});
        let bytes = field.bytes().await.unwrap();
        log.lock().unwrap().push(Seen {
            path: uri.path().into(),
            body: json!([part, bytes.len()]),
            ..Seen::default()
        });
        let data = if uri.path().ends_with("file") {
            json!({"token": "tok"})
        } else {
            json!({"attachment_id": "att"})
        };
        Json(json!({"data": data, "error": 0}))
    }
    let log = Log::default();
    let router = Router::new()
        .route("/base/v2.0/oa/upload/{kind}", post(upload))
        .fallback(any(answer))
        .with_state(log.clone());
    // Served below a path as well, because an emulator may live behind a prefix.
    let base =
        serve(Router::new().nest("/base", Router::new().fallback_service(router.clone())).merge(router))
            .await;
    (client(&base), log)
}

#[tokio::test]
async fn calls_as_documented() {
    let (client, log) = platform().await;
    let access = Access::with_proof("AT-invented", "s");
    assert_eq!(client.send_cs(&access, &request()).await.outcome.accepted().unwrap().message_id, "7c");
    assert_eq!(
        client.react(&access, &SendRequest::reaction(USER, "m", "/-heart")).await.outcome,
        Outcome::Accepted(None)
    );
    let quota = client.quota_user(&access, USER).await.outcome.accepted().unwrap();
    assert_eq!(quota.cs_reply.unwrap().remain, 8);
    let assets =
        client.quota_assets(&access, QuotaOwner::Oa, Some(ProductType::Cs), Some(QuotaType::Sub)).await;
    assert_eq!(assets.outcome.accepted().unwrap()[0].remain, Some(1963));
    let user = client.user_detail(&access, USER).await.outcome.accepted().unwrap();
    assert_eq!(user.display_name.as_deref(), Some("Nguyễn An"));
    assert_eq!(
        client.user_list(&access, &UserListQuery::page(0, 50)).await.outcome.accepted().unwrap().users.len(),
        1
    );
    assert_eq!(client.oa_info(&access).await.outcome.accepted().unwrap().oa_id, "333");
    assert!(!client.conversation(&access, USER, 0, 10).await.outcome.accepted().unwrap()[0].from_oa);
    assert_eq!(client.list_recent_chat(&access, 0, 10).await.outcome.accepted().unwrap().len(), 1);

    let log = log.lock().unwrap().clone();
    let data = |query: &str| {
        let (key, value) = url::form_urlencoded::parse(query.as_bytes()).next().unwrap();
        assert_eq!(key, "data");
        serde_json::from_str::<Value>(&value).unwrap()
    };
    let seen: Vec<(&str, &str, Value)> = log
        .iter()
        .map(|s| {
            (
                s.method.as_str(),
                s.path.as_str(),
                if s.query.is_empty() { s.body.clone() } else { data(&s.query) },
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("POST", "/v3.0/oa/message/cs", json!({"recipient":{"user_id":USER},"message":{"text":"Chào"}})),
            (
                "POST",
                "/v2.0/oa/message",
                json!({"recipient":{"user_id":USER},"sender_action":{"react_icon":"/-heart","react_message_id":"m"}})
            ),
            ("POST", "/v3.0/oa/quota/message", json!({"user_id":USER})),
            (
                "POST",
                "/v3.0/oa/quota/message",
                json!({"quota_owner":"OA","product_type":"cs","quota_type":"sub_quota"})
            ),
            ("GET", "/v3.0/oa/user/detail", json!({"user_id":USER})),
            ("GET", "/v3.0/oa/user/getlist", json!({"offset":0,"count":50})),
            ("GET", "/v2.0/oa/getoa", Value::Null),
            ("GET", "/v2.0/oa/conversation", json!({"user_id":USER,"offset":0,"count":10})),
            ("GET", "/v2.0/oa/listrecentchat", json!({"offset":0,"count":10})),
        ]
    );
    for seen in &log {
        assert_eq!(seen.headers["access_token"], "AT-invented");
        assert_eq!(
            seen.headers["appsecret_proof"],
            "66afb626b687bac4c07241c01e4fe70748def9c79d88a05d18e256b561322736"
        );
        assert!(!seen.headers.contains_key("authorization"));
        if seen.method == "POST" {
            assert_eq!(seen.headers["content-type"], "application/json");
        }
    }
}

#[tokio::test]
async fn uploads() {
    let (client, log) = platform().await;
    let base: url::Url = client.endpoints().openapi.join("base/").unwrap();
    let client = ZaloClient::new(http(), Endpoints::one_host(base));
    let upload = |name: &str, kind: &str, size: usize| Upload {
        file_name: name.into(),
        content_type: kind.into(),
        bytes: vec![7u8; size].into(),
    };
    let access = access();
    let image = client.upload_image(&access, &upload("ảnh.png", "image/png", 1 << 20)).await;
    assert_eq!(image.outcome.accepted().unwrap().attachment_id, "att");
    let gif = client.upload_gif(&access, &upload("a.gif", "image/gif", 3)).await;
    assert_eq!(gif.outcome.accepted().unwrap().attachment_id, "att");
    let file = client.upload_file(&access, &upload("a.pdf", "application/pdf", 5)).await;
    assert_eq!(file.outcome.accepted().unwrap().token, "tok");
    let log = log.lock().unwrap();
    let part = |name: &str, kind: &str, size: usize| json!([{"name": "file", "file_name": name, "type": kind}, size]);
    assert_eq!(
        log.iter().map(|s| (s.path.trim_start_matches("/base"), s.body.clone())).collect::<Vec<_>>(),
        [
            ("/v2.0/oa/upload/image", part("ảnh.png", "image/png", 1 << 20)),
            ("/v2.0/oa/upload/gif", part("a.gif", "image/gif", 3)),
            ("/v2.0/oa/upload/file", part("a.pdf", "application/pdf", 5)),
        ]
    );
}

#[tokio::test]
async fn tokens() {
    async fn token(headers: HeaderMap, Form(form): Form<TokenRequest>) -> Response {
        assert_eq!(headers["secret_key"], "app-secret");
        assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
        assert!(!headers.contains_key("access_token"));
        assert_eq!(form.app_id, "222");
        let granted = |access: &str| {
            Json(TokenResponse {
                access_token: access.into(),
                refresh_token: "RT2".into(),
                expires_in: 90_000,
            })
        };
        match (
            form.grant_type.as_str(),
            form.code.as_deref(),
            form.code_verifier.as_deref(),
            form.refresh_token.as_deref(),
        ) {
            ("authorization_code", Some("good"), Some("ver"), None) => granted("AT1").into_response(),
            ("authorization_code", Some("plain"), None, None) => granted("AT2").into_response(),
            ("refresh_token", None, None, Some("RT1")) => granted("AT3").into_response(),
            ("refresh_token", None, None, Some("broken")) => {
                (StatusCode::BAD_GATEWAY, "<html>").into_response()
            }
            ("refresh_token", None, None, Some("odd")) => {
                Json(json!({"error_name": "Invalid refresh token"})).into_response()
            }
            _ => (StatusCode::BAD_REQUEST, Json(OAuthError::new(-14003, "Invalid redirect uri")))
                .into_response(),
        }
    }
    let base = serve(Router::new().route("/v4/oa/access_token", post(token))).await;
    let client = client(&base);
    let app = AppCredentials { app_id: "222".into(), app_secret: "app-secret".into() };
    let good = client.exchange_code(&app, "good", Some("ver")).await.outcome.accepted().unwrap();
    assert_eq!((good.access_token.as_str(), good.expires_in), ("AT1", 90_000));
    assert_eq!(
        client.exchange_code(&app, "plain", None).await.outcome.accepted().unwrap().access_token,
        "AT2"
    );
    assert_eq!(client.refresh(&app, "RT1").await.outcome.accepted().unwrap().access_token, "AT3");
    assert_eq!(
        client.refresh(&app, "broken").await.outcome,
        Outcome::Unknown(UnknownCause::ServerError(502))
    );
    let Outcome::Rejected(refusal) = client.refresh(&app, "odd").await.outcome else { panic!() };
    assert_eq!((refusal.error, refusal.text()), (None, "Invalid refresh token"));
    let Outcome::Rejected(refusal) = client.exchange_code(&app, "bad", None).await.outcome else { panic!() };
    assert_eq!(refusal.error, Some(OAuthError::INVALID_REDIRECT));
    // Nothing secret shows where somebody may log it.
    let shown = format!("{good:?} {app:?} {:?} {:?}", access(), TokenRequest::refresh("222", "RT1"));
    for secret in ["AT1", "RT2", "app-secret", "AT-invented", "RT1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(ErrorCode::TOKEN_EXPIRED.retry(), RetryClass::RefreshToken);
}
