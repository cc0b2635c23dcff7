//! What stands before every call: faults on purpose, and the log.

use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use loa_kernel::clip;
use zalo::{Envelope, ErrorCode};

use super::MAX_BODY;
use super::call::access_token;
use crate::model::{ApiFault, RequestLog};
use crate::rate::Standing;
use crate::world::{Live, Shared};

/// Mark on a response: break the connection instead of answering.
#[derive(Debug, Clone, Copy)]
pub struct Abort;

/// Characters of bodies and answers that the log keeps.
const KEPT_CHARS: usize = 4000;

/// Middleware around every call of the platform's interface.
pub async fn gate(State(world): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return html(413);
    };
    let path = parts.uri.path().to_owned();
    let token = access_token(&parts.headers, &parts.uri).map(str::to_owned);
    let (oa_id, faults) = {
        let mut state = world.state();
        let oa_id = token.as_deref().and_then(|t| state.access(t)).map(|t| t.oa_id.clone());
        let faults = world.roll_api(&mut state, &path, oa_id.as_deref());
        if let (true, Some(token)) = (faults.contains(&ApiFault::ExpireToken), token.as_deref())
            && let Some(token) = state.access_mut(token)
        {
            token.removed = true;
        }
        (oa_id, faults)
    };
    let mut log = RequestLog {
        id: 0,
        at: world.now(),
        method: parts.method.to_string(),
        path: parts.uri.path_and_query().map_or_else(|| path.clone(), ToString::to_string),
        oa_id,
        body: shown(&parts.headers, &body),
        status: 0,
        error: None,
        answer: String::new(),
        quota_type: None,
        took_ms: 0,
        fault: (!faults.is_empty()).then(|| serde_json::to_string(&faults).unwrap_or_default()),
    };
    for fault in &faults {
        if let ApiFault::Latency { ms } = fault {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
    let response = match faults.iter().find_map(instead) {
        Some(response) => response,
        None => next.run(Request::from_parts(parts, Body::from(body))).await,
    };
    let response = dress(&world, response, &mut log).await;
    log.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let after = faults.iter().find(|f| {
        matches!(f, ApiFault::HtmlAfter { .. } | ApiFault::ProcessThenClose | ApiFault::ProcessThenHang)
    });
    {
        let mut state = world.state();
        let id = state.push_request(log.clone());
        log.id = id;
    }
    world.publish(Live::Request(Box::new(log)));
    match after {
        Some(ApiFault::HtmlAfter { status }) => html(*status),
        Some(ApiFault::ProcessThenClose) => abort(),
        Some(ApiFault::ProcessThenHang) => {
            tokio::time::sleep(Duration::from_millis(world.config.hang_ms)).await;
            abort()
        }
        _ => response,
    }
}

/// The answer of a fault that strikes before anything is processed.
fn instead(fault: &ApiFault) -> Option<Response> {
    let refuse = |code: ErrorCode, message: &str| {
        let body = Envelope::<()>::failure(code, message);
        axum::Json(body).into_response()
    };
    match fault {
        ApiFault::Html { status } => Some(html(*status)),
        ApiFault::Reset => Some(abort()),
        ApiFault::RateLimit => Some(refuse(ErrorCode::RATE_LIMIT, "Your OA reached limit call api")),
        ApiFault::Error { code, message } => {
            let code = ErrorCode(*code);
            Some(refuse(code, message.as_deref().unwrap_or(code.message())))
        }
        ApiFault::Latency { .. }
        | ApiFault::HtmlAfter { .. }
        | ApiFault::ProcessThenClose
        | ApiFault::ProcessThenHang
        | ApiFault::ExpireToken => None,
    }
}

/// A gateway's page.
fn html(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let page = format!(
        "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"
    );
    (status, [(header::CONTENT_TYPE, "text/html")], page).into_response()
}

fn abort() -> Response {
    let mut response = StatusCode::SERVICE_UNAVAILABLE.into_response();
    response.extensions_mut().insert(Abort);
    response
}

/// Adds the platform's headers and notes the answer in the log.
async fn dress(world: &Shared, response: Response, log: &mut RequestLog) -> Response {
    let (mut parts, body) = response.into_parts();
    if parts.extensions.get::<Abort>().is_some() {
        return Response::from_parts(parts, body);
    }
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    log.status = parts.status.as_u16();
    log.answer = clip(&String::from_utf8_lossy(&bytes), KEPT_CHARS);
    let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().ends_with(b"json"));
    if is_json {
        if let Ok(answer) = serde_json::from_slice::<serde_json::Value>(&bytes) {
            log.error = answer.get("error").and_then(serde_json::Value::as_i64);
            let data = answer.get("data");
            log.quota_type = data
                .and_then(|d| d.pointer("/quota/quota_type"))
                .and_then(serde_json::Value::as_str)
                .map(str::to_owned)
                .or_else(|| data.and_then(|d| d.get("sent_time")).map(|_| "charged".to_owned()));
        }
        let text_json = world.state().settings().text_json;
        let media = if text_json { "text/json;charset=utf-8" } else { "application/json" };
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
        let standing = parts.extensions.get::<Standing>().copied();
        let standing = standing.unwrap_or_else(|| {
            let limit = world.library.packages().requests_per_minute_per_app;
            Standing { limit, remain: limit }
        });
        parts.headers.insert("x-ratelimit-limit", standing.limit.into());
        parts.headers.insert("x-ratelimit-remain", standing.remain.into());
    }
    Response::from_parts(parts, Body::from(bytes))
}

fn shown(headers: &HeaderMap, body: &Bytes) -> String {
    let multipart = headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.starts_with("multipart/"));
    if multipart {
        format!("<{} bytes>", body.len())
    } else {
        clip(&String::from_utf8_lossy(body), KEPT_CHARS)
    }
}
