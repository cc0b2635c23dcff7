//! What every request passes: a name for it, a span, headers that protect the reader, and counting.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use loa_http::{ApiError, RequestId};
use loa_kernel::Problem;
use tracing::Instrument;

use crate::state::AppState;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, a span without anything secret (path only: queries hold what people search for), and counts
/// it by route.
pub(crate) async fn observe(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let id: String = state.ids.bytes::<8>().iter().map(|b| format!("{b:02x}")).collect();
    let method = request.method().clone();
    // The route's pattern, not the address: few values, and no ids.
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |p| p.as_str().to_owned());
    let span = tracing::info_span!("request", %id, %method, route, member = tracing::field::Empty);
    request.extensions_mut().insert(RequestId(id.clone()));
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = begun.elapsed();
    let status = response.status().as_u16();
    metrics::histogram!("loa_http_seconds", "method" => method.to_string(), "route" => route, "status" => status.to_string())
        .record(took.as_secs_f64());
    span.in_scope(|| log(status, took));
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

fn log(status: u16, took: Duration) {
    let ms = took.as_millis() as u64;
    if status >= 500 {
        tracing::warn!(status, ms, "answered");
    } else {
        tracing::debug!(status, ms, "answered");
    }
}

/// Headers that every answer carries unless its handler has set stricter ones.
#[derive(Clone)]
pub(crate) struct Protection {
    /// Shared, because each request clones its layers several times.
    headers: Arc<HeaderMap>,
}

impl Protection {
    /// For the app: only our own scripts, nobody frames us, addresses are not told to others. Styles are set by
    /// the interface's library at run time; pictures and films come from the platform's servers.
    pub fn new(media_origins: &[String], https: bool) -> Self {
        let media: String = media_origins.iter().map(|origin| format!(" {origin}")).collect();
        let policy = format!(
            "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
             img-src 'self' data: blob: https:{media}; media-src 'self' blob: https:{media}; font-src 'self' data:; \
             connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        );
        let mut headers = HeaderMap::new();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        set(header::X_FRAME_OPTIONS, "DENY");
        set(header::REFERRER_POLICY, "no-referrer");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
        set(
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=(), payment=()",
        );
        if https {
            set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
        }
        Self { headers: Arc::new(headers) }
    }
}

/// Middleware that adds [`Protection`].
pub(crate) async fn protect(State(protection): State<Protection>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in protection.headers.iter() {
        response.headers_mut().entry(name).or_insert_with(|| value.clone());
    }
    response
}

/// Answers of the API are about now and about you: nobody keeps them, unless the handler says otherwise.
pub(crate) async fn never_kept(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A panic in a handler costs its request, not the program.
pub(crate) fn after_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let what = panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    metrics::counter!("loa_panics_total").increment(1);
    ApiError(Problem::internal(format_args!("panic: {what}"))).into_response()
}
