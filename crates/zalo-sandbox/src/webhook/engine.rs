//! The delivery task: posts events, times them, climbs the redelivery ladder.

use std::sync::PoisonError;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::queue::Start;
use crate::model::{Attempt, Delivery, DeliveryState};
use crate::platform::platform;
use crate::world::{Live, Shared};

/// Delivers until cancelled. What is under way then is tried again after the next start.
pub async fn run(world: Shared, stop: CancellationToken) {
    let tasks = tokio_util::task::TaskTracker::new();
    loop {
        let woken = world.wake.notified();
        let (starts, due) = {
            let mut queue = world.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.take(world.now(), world.config.webhook_concurrency)
        };
        for start in starts {
            let (world, stop) = (world.clone(), stop.clone());
            tasks.spawn(async move {
                tokio::select! {
                    () = attempt(&world, start) => {}
                    () = stop.cancelled() => {}
                }
            });
        }
        let reached = async {
            match due {
                Some(due) if due > world.now() => world.clock.reached(due).await,
                // Due already means that all places are taken: a finished delivery wakes us.
                _ => std::future::pending().await,
            }
        };
        tokio::select! {
            () = woken => {}
            () = reached => {}
            () = stop.cancelled() => break,
        }
    }
    tasks.close();
    tasks.wait().await;
}

/// What came of one post.
struct Tried {
    attempt: Attempt,
    delivered: bool,
    /// No connection could be opened: the one case for which the platform documents redelivery.
    unreachable: bool,
}

async fn attempt(world: &Shared, start: Start) {
    let found = {
        let state = world.state();
        state.delivery(start.id).filter(|d| d.state == DeliveryState::Pending).map(|delivery| {
            let app = state.app(&delivery.lane.app_id);
            let url = app.filter(|a| a.webhook_enabled).and_then(|a| a.webhook_url.clone());
            (delivery.clone(), url)
        })
    };
    let Some((delivery, url)) = found else {
        // Gone (reset) or ended meanwhile: only the place has to be given back.
        let lane = start.lane.clone().unwrap_or_else(|| crate::model::Lane {
            app_id: String::new(),
            oa_id: String::new(),
            user_id: String::new(),
        });
        let mut queue = world.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.done(&start, &lane, None, false, world.now());
        drop(queue);
        world.wake.notify_one();
        return;
    };
    let tried = match url {
        Some(url) => Some(post(world, &url, &delivery).await),
        None => None,
    };
    settle(world, &start, &delivery, tried);
}

async fn post(world: &Shared, url: &str, delivery: &Delivery) -> Tried {
    let at = world.now();
    let began = Instant::now();
    let mut request = world
        .http
        .post(url)
        .header("content-type", "application/json")
        .header(zalo::paths::EVENT_SIGNATURE, &delivery.signature)
        .body(delivery.body.clone());
    if delivery.retries > 0 {
        request = request.header(zalo::paths::NUM_RETRY, delivery.retries);
    }
    let answer = request.send().await;
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, error, unreachable) = match answer {
        Ok(answer) => (Some(answer.status().as_u16()), None, false),
        Err(e) if e.is_timeout() => {
            (None, Some(format!("no answer within {} ms", world.config.webhook_timeout_ms)), false)
        }
        Err(e) => (None, Some(e.without_url().to_string()), true),
    };
    let delivered = status == Some(200);
    Tried { attempt: Attempt { at, status, error, took_ms }, delivered, unreachable }
}

fn settle(world: &Shared, start: &Start, before: &Delivery, tried: Option<Tried>) {
    let now = world.now();
    let ladder = &platform().webhook.ladder_seconds;
    let mut state = world.state();
    let retry_bad = state.settings().retry_webhooks_on_bad_answer;
    let switches_off = state.settings().webhook_switches_off;
    let mut again = None;
    let mut spent = false;
    let delivered = tried.as_ref().is_some_and(|t| t.delivered);
    state.change_delivery(start.id, |d| {
        d.held = false;
        let Some(tried) = tried else {
            d.state = DeliveryState::Failed;
            let error = Some("the webhook is switched off".to_owned());
            d.attempts.push(Attempt { at: now, status: None, error, took_ms: 0 });
            return;
        };
        d.attempts.push(tried.attempt);
        if tried.delivered && d.again {
            d.again = false;
            again = Some(now);
        } else if tried.delivered {
            d.state = DeliveryState::Delivered;
        } else if let (true, Some(seconds)) = (tried.unreachable || retry_bad, ladder.get(d.retries as usize))
        {
            d.retries += 1;
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                reason = "minutes, scaled"
            )]
            let wait = (*seconds as f64 * 1000.0 * world.config.webhook_time_scale) as i64;
            d.due_at = now.plus_ms(wait);
            again = Some(d.due_at);
        } else {
            d.state = DeliveryState::Failed;
            spent = d.retries as usize >= ladder.len();
        }
    });
    if spent
        && switches_off
        && let Some(app) = state.app_mut(&before.lane.app_id)
        && app.webhook_enabled
    {
        app.webhook_enabled = false;
        app.webhook_off_reason = Some(format!("event {} failed after the last redelivery", before.id));
        let id = app.id.clone();
        tracing::warn!(app = id, event = before.event_name, "webhook switched off after the last redelivery");
        world.publish(Live::App(id));
    }
    let after = state.delivery(start.id).cloned();
    let mut queue = world.queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.done(start, &before.lane, again, delivered, now);
    drop(queue);
    drop(state);
    if let Some(after) = after {
        world.publish(Live::Delivery(Box::new(after)));
    }
    world.wake.notify_one();
}
