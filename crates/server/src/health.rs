//! For operators' machines: is it alive, is it ready, what does it count.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router, routing::get};
use serde_json::json;

use crate::auth::ClientAddress;
use crate::config::MetricsAccess;
use crate::state::AppState;

/// `/healthz`, `/readyz`, `/metrics`.
pub(crate) fn router() -> Router<AppState> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

/// The process answers.
async fn alive() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// The database answers with the schema of this program, and the event log answers. 503 otherwise; which part is
/// said, why stands in the log.
async fn ready(State(state): State<AppState>) -> Response {
    let database = state.store.ready().await.map_err(|e| e.to_string());
    let event_log = state.event_log.count_after(0, i64::MAX).await.map(|_| ()).map_err(|e| e.to_string());
    let mut parts = serde_json::Map::new();
    let mut status = StatusCode::OK;
    for (name, result) in [("database", database), ("event_log", event_log)] {
        if let Err(error) = &result {
            tracing::warn!(part = name, error, "not ready");
            status = StatusCode::SERVICE_UNAVAILABLE;
        }
        parts.insert(name.to_owned(), json!(if result.is_ok() { "ok" } else { "failed" }));
    }
    (status, Json(serde_json::Value::Object(parts))).into_response()
}

/// Counters in the Prometheus text format; who may read them, the operator decides.
async fn metrics(State(state): State<AppState>, address: ClientAddress) -> Response {
    let allowed = match state.config.metrics {
        MetricsAccess::Loopback => address.is_local,
        MetricsAccess::Everybody => true,
        MetricsAccess::Nobody => false,
    };
    match &state.metrics {
        Some(handle) if allowed => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
        }
        // The same answer whether it is not allowed or not there.
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}
