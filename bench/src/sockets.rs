//! From a customer's message to 500 agents' sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::ensure;
use futures::StreamExt;
use hdrhistogram::Histogram;
use tokio::sync::{Barrier, Mutex};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::Bench;
use crate::http::Connection;
use crate::report::{Row, ms, thousands};
use crate::webhooks::wall_ms;
use crate::world::{World, webhook};

const AGENTS: usize = 500;
const EVENTS_A_SECOND: u64 = 40;

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let events = bench.scaled(800);
        let world = World::make(&bench.loa, &engine, 1).await?;
        let product = world.start(&bench.loa).await?;
        let base = Instant::now();
        // When event n was sent, in microseconds since `base`.
        let sent: Arc<Vec<std::sync::atomic::AtomicU64>> =
            Arc::new((0..events).map(|_| Default::default()).collect());
        let all = Arc::new(Mutex::new(Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?));
        let ready = Arc::new(Barrier::new(AGENTS + 1));
        let mut agents = Vec::new();
        for _ in 0..AGENTS {
            let mut ask = format!("ws://127.0.0.1:{}/api/realtime", product.port).into_client_request()?;
            let cookie = world.cookie.trim_start_matches("cookie: ");
            ask.headers_mut().insert("cookie", HeaderValue::from_str(cookie)?);
            ask.headers_mut()
                .insert("origin", HeaderValue::from_str(&format!("http://localhost:{}", product.port))?);
            let (sent, all, ready) = (sent.clone(), all.clone(), ready.clone());
            agents.push(tokio::spawn(async move {
                let (mut socket, _) = tokio_tungstenite::connect_async(ask).await?;
                let mut mine = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
                let mut got = 0;
                ready.wait().await;
                while got < events {
                    let frame = tokio::time::timeout(Duration::from_secs(60), socket.next()).await?;
                    let Some(frame) = frame else { break };
                    let frame = frame?;
                    let Ok(text) = frame.to_text() else { continue };
                    // An event's own text stands in its message and in its conversation's preview; the message counts.
                    for part in text.split("\"message.upserted\"").skip(1) {
                        let Some(n) = part
                            .split("mẫu số ")
                            .nth(1)
                            .and_then(|t| t.split(' ').next()?.parse::<usize>().ok())
                        else {
                            continue;
                        };
                        let at = base.elapsed().as_micros() as u64;
                        mine.record(
                            at.saturating_sub(sent[n].load(std::sync::atomic::Ordering::SeqCst)).max(1),
                        )?;
                        got += 1;
                    }
                }
                all.lock().await.add(&mine)?;
                anyhow::Ok(got)
            }));
        }
        ready.wait().await;
        let before = product.memory_mib()?;
        let mut connection = Connection::open(product.port).await?;
        let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / EVENTS_A_SECOND));
        for n in 0..events {
            tick.tick().await;
            let bytes = webhook(&world.channels[0].1, n % 50, n, wall_ms());
            sent[n as usize].store(base.elapsed().as_micros() as u64, std::sync::atomic::Ordering::SeqCst);
            let (status, _) = connection.call(&bytes).await?;
            ensure!(status == 200, "webhook answered {status}");
        }
        let mut missing = 0;
        for agent in agents {
            missing += events - agent.await??;
        }
        ensure!(missing == 0, "{missing} events did not arrive");
        let all = all.lock().await;
        let p99 = all.value_at_quantile(0.99);
        let name = engine.name();
        rows.push(Row {
            what: format!(
                "{name}: webhook to {AGENTS} sockets, {EVENTS_A_SECOND} events/s ({} arrivals, none missing)",
                thousands(all.len() as f64)
            ),
            result: format!("p50 {} / p99 {}", ms(all.value_at_quantile(0.5)), ms(p99)),
            floor: String::new(),
            ratio: String::new(),
            goal: "p99 under 100 ms".into(),
            met: Some(p99 < 100_000),
        });
        rows.push(Row {
            what: format!("{name}: memory of `loa serve` with {AGENTS} sockets, idle / after the run"),
            result: format!("{before:.0} / {:.0} MiB", product.memory_mib()?),
            floor: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: None,
        });
    }
    Ok(rows)
}
