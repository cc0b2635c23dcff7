//! Logs: calls, events, and the ledger of messages.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use loa_kernel::{Code, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Refused;
use crate::model::{Author, Delivery, DeliveryState, Message, RequestLog};
use crate::world::{Live, Shared};

/// Which part of a log.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct LogQuery {
    /// Only entries with a higher number, oldest first. Absent: the latest, newest first.
    after: Option<u64>,
    /// At most; 100 when absent.
    limit: Option<usize>,
    /// Part of path, body, answer or event name.
    q: Option<String>,
    /// Only of this OA.
    oa_id: Option<String>,
    /// Events only: `pending`, `delivered`, `failed`, `dropped`.
    state: Option<DeliveryState>,
}

impl LogQuery {
    fn page<'a, T: Clone + 'a>(
        &self,
        all: impl DoubleEndedIterator<Item = &'a T>,
        id: impl Fn(&T) -> u64,
        fits: impl Fn(&T, Option<&str>) -> bool,
    ) -> Vec<T> {
        let q = self.q.as_deref().filter(|q| !q.is_empty());
        let limit = self.limit.unwrap_or(100).min(2000);
        match self.after {
            Some(after) => all.filter(|t| id(t) > after && fits(t, q)).take(limit).cloned().collect(),
            None => all.rev().filter(|t| fits(t, q)).take(limit).cloned().collect(),
        }
    }
}

/// Calls of apps.
#[utoipa::path(get, path = "/requests", tag = "logs", params(LogQuery),
    responses((status = 200, body = Vec<RequestLog>)))]
pub async fn requests(State(world): State<Shared>, Query(ask): Query<LogQuery>) -> Json<Vec<RequestLog>> {
    let state = world.state();
    let fits = |r: &RequestLog, q: Option<&str>| {
        ask.oa_id.as_ref().is_none_or(|oa| r.oa_id.as_ref() == Some(oa))
            && q.is_none_or(|q| r.path.contains(q) || r.body.contains(q) || r.answer.contains(q))
    };
    Json(ask.page(state.requests(), |r| r.id, fits))
}

/// Events to apps, with every try.
#[utoipa::path(get, path = "/webhooks", tag = "logs", params(LogQuery),
    responses((status = 200, body = Vec<Delivery>)))]
pub async fn deliveries(State(world): State<Shared>, Query(ask): Query<LogQuery>) -> Json<Vec<Delivery>> {
    let state = world.state();
    let fits = |d: &Delivery, q: Option<&str>| {
        ask.oa_id.as_ref().is_none_or(|oa| d.lane.oa_id == *oa)
            && ask.state.is_none_or(|s| d.state == s)
            && q.is_none_or(|q| d.event_name.contains(q) || d.body.contains(q))
    };
    Json(ask.page(state.deliveries(), |d| d.id, fits))
}

/// Make every event that waits for its time due now: redeliveries need not be waited for.
#[utoipa::path(post, path = "/webhooks/hurry", tag = "logs", responses((status = 204)))]
pub async fn hurry(State(world): State<Shared>) -> StatusCode {
    world.queue.lock().unwrap_or_else(PoisonError::into_inner).hurry(world.now());
    world.wake.notify_one();
    StatusCode::NO_CONTENT
}

/// Post a finished event once more.
#[utoipa::path(post, path = "/webhooks/{id}/redeliver", tag = "logs", params(("id" = u64, Path)),
    responses((status = 202, body = Delivery)))]
pub async fn redeliver(
    State(world): State<Shared>,
    Path(id): Path<u64>,
) -> Result<(StatusCode, Json<Delivery>), Refused> {
    let now = world.now();
    let mut state = world.state();
    let found = state.delivery(id).ok_or_else(|| Problem::not_found("webhook"))?;
    if found.state == DeliveryState::Pending {
        return Err(Problem::new(Code::Conflict).param("reason", "still_pending").into());
    }
    state.change_delivery(id, |d| {
        d.state = DeliveryState::Pending;
        d.due_at = now;
    });
    let delivery = state.delivery(id).cloned().ok_or_else(|| Problem::not_found("webhook"))?;
    world.queue.lock().unwrap_or_else(PoisonError::into_inner).add(&delivery, now);
    drop(state);
    world.publish(Live::Delivery(Box::new(delivery.clone())));
    world.wake.notify_one();
    Ok((StatusCode::ACCEPTED, Json(delivery)))
}

/// Which part of the ledger.
#[derive(Default, Deserialize, IntoParams)]
#[serde(default)]
pub struct LedgerQuery {
    /// Only messages with a higher `seq`.
    after: u64,
    /// At most; 1000 when absent.
    limit: Option<usize>,
    /// Only of this OA.
    oa_id: Option<String>,
    /// Only of this user.
    user_id: Option<String>,
    /// Only by `user`, `api` or `tool`.
    by: Option<String>,
    /// Seeded history too.
    seeded: bool,
}

/// A part of the ledger.
#[derive(Serialize, ToSchema)]
pub struct Ledger {
    /// By `seq`, from the lowest.
    items: Vec<Message>,
    /// The highest `seq` that exists.
    last_seq: u64,
}

/// Every message that the platform accepted, in the order of acceptance. Nothing is ever taken out of it but by
/// a reset: tests count here what was sent twice or lost.
#[utoipa::path(get, path = "/ledger", tag = "logs", params(LedgerQuery), responses((status = 200, body = Ledger)))]
pub async fn ledger(State(world): State<Shared>, Query(ask): Query<LedgerQuery>) -> Json<Ledger> {
    let state = world.state();
    let by = |m: &Message| match m.author {
        Author::User => "user",
        Author::Api { .. } => "api",
        Author::Tool { .. } => "tool",
    };
    let items = state
        .ledger_after(ask.after)
        .filter(|m| ask.seeded || !m.seeded)
        .filter(|m| ask.oa_id.as_ref().is_none_or(|oa| m.oa_id == *oa))
        .filter(|m| ask.user_id.as_ref().is_none_or(|user| m.user_id == *user))
        .filter(|m| ask.by.as_deref().is_none_or(|wanted| by(m) == wanted))
        .take(ask.limit.unwrap_or(1000).min(100_000))
        .cloned()
        .collect();
    Json(Ledger { items, last_seq: state.meta().last_seq })
}
