//! The sandbox as a whole: health, switches, clock, reset, live stream.

use std::convert::Infallible;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::error::RecvError;
use utoipa::ToSchema;

use super::{Body, Refused};
use crate::clock::ClockMode;
use crate::model::Settings;
use crate::world::{Live, Shared};

/// How the sandbox is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// Answers.
    ok: bool,
    /// Sandbox time.
    now: Timestamp,
    /// Address for links.
    base_url: String,
    /// Messages in the ledger.
    last_seq: u64,
    /// Official Accounts.
    oas: usize,
    /// People.
    users: usize,
    /// No event waits for its turn or is under way (redeliveries may wait for their time).
    webhooks_idle: bool,
    /// Editions of the messaging rules that an OA may have, besides `auto`.
    editions: Vec<String>,
}

/// Is it up?
#[utoipa::path(get, path = "/health", tag = "sandbox", responses((status = 200, body = Health)))]
pub async fn health(State(world): State<Shared>) -> Json<Health> {
    let state = world.state();
    let webhooks_idle = world.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).is_idle();
    Json(Health {
        ok: true,
        now: world.now(),
        base_url: world.base().to_owned(),
        last_seq: state.meta().last_seq,
        oas: state.oas().count(),
        users: state.people().count(),
        webhooks_idle,
        editions: world.library.editions().iter().map(|r| r.edition.clone()).collect(),
    })
}

/// The switches.
#[utoipa::path(get, path = "/settings", tag = "sandbox", responses((status = 200, body = Settings)))]
pub async fn settings(State(world): State<Shared>) -> Json<Settings> {
    Json(world.state().settings().clone())
}

/// Set the switches; absent ones fall back to their defaults.
#[utoipa::path(put, path = "/settings", tag = "sandbox", request_body = Settings,
    responses((status = 200, body = Settings)))]
pub async fn change_settings(State(world): State<Shared>, Body(new): Body<Settings>) -> Json<Settings> {
    world.state().meta_mut().settings = new.clone();
    Json(new)
}

/// The clock.
#[derive(Serialize, ToSchema)]
pub struct ClockView {
    /// Sandbox time.
    now: Timestamp,
    /// How it stands.
    #[serde(flatten)]
    mode: ClockMode,
}

/// Where the clock stands.
#[utoipa::path(get, path = "/clock", tag = "sandbox", responses((status = 200, body = ClockView)))]
pub async fn clock(State(world): State<Shared>) -> Json<ClockView> {
    Json(ClockView { now: world.now(), mode: world.clock.mode() })
}

/// A move of the clock. The parts are applied in this order.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClockMove {
    /// Back to the machine's time, running.
    reset: bool,
    /// Stand still, or run on.
    frozen: Option<bool>,
    /// To this instant.
    set: Option<Timestamp>,
    /// On by so many milliseconds; negative goes back.
    advance_ms: Option<i64>,
}

/// Set, advance, freeze or reset the clock.
#[utoipa::path(post, path = "/clock", tag = "sandbox", request_body = ClockMove,
    responses((status = 200, body = ClockView)))]
pub async fn move_clock(State(world): State<Shared>, Body(step): Body<ClockMove>) -> Json<ClockView> {
    if step.reset {
        world.clock.set_mode(ClockMode::default());
    }
    if let Some(frozen) = step.frozen {
        world.clock.freeze(frozen);
    }
    if let Some(at) = step.set {
        world.clock.set(at);
    }
    if let Some(ms) = step.advance_ms {
        world.clock.advance_ms(ms);
    }
    let mode = world.clock.mode();
    world.state().meta_mut().clock = mode;
    world.wake.notify_one();
    world.publish(Live::Clock(mode));
    Json(ClockView { now: world.now(), mode })
}

/// Throw everything away but switches and clock.
#[utoipa::path(post, path = "/reset", tag = "sandbox", responses((status = 204)))]
pub async fn reset(State(world): State<Shared>) -> Result<axum::http::StatusCode, Refused> {
    world.reset()?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Everything that happens, as server-sent events. `data` is `{"type": …, "data": …}`; a listener that falls
/// behind gets `{"type":"lagged"}` and should read again.
#[utoipa::path(get, path = "/stream", tag = "sandbox", responses((status = 200, content_type = "text/event-stream")))]
pub async fn stream(State(world): State<Shared>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let live = world.listen();
    let events = futures::stream::unfold(live, |mut live| async move {
        let text = match live.recv().await {
            Ok(event) => serde_json::to_string(&event).unwrap_or_default(),
            Err(RecvError::Lagged(_)) => r#"{"type":"lagged"}"#.to_owned(),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(Event::default().data(text)), live))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
