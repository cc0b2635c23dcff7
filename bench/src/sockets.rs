//! From a customer's message to many agents' sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use futures::StreamExt;
use hdrhistogram::Histogram;
use tokio::sync::Barrier;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::Bench;
use crate::http::Connection;
use crate::report::{Row, ms, thousands};
use crate::webhooks::wall_ms;
use crate::world::{World, webhook};

/// How many listen, and to how much.
#[derive(Clone, Copy)]
pub struct Crowd {
    agents: usize,
    events_a_second: u64,
    seconds: u64,
}

/// More agents than a chain has, for as long as a lunch rush needs to show itself.
pub const RUSH: Crowd = Crowd { agents: 500, events_a_second: 40, seconds: 20 };
/// A large shop's room, long enough for what grows to be seen.
pub const SHIFT: Crowd = Crowd { agents: 100, events_a_second: 50, seconds: 600 };

/// Customers who write in turn.
const CUSTOMERS: u64 = 50;

/// What one agent heard.
struct Ear {
    delays: Histogram<u64>,
    heard: Vec<bool>,
    last_seq: u64,
}

impl Ear {
    fn new(events: u64) -> anyhow::Result<Self> {
        Ok(Self {
            delays: Histogram::new_with_bounds(1, 60_000_000, 3)?,
            heard: vec![false; usize::try_from(events)?],
            last_seq: 0,
        })
    }

    /// Take a frame in: the numbers of its events must rise, and no message may come twice. Answers how many messages
    /// were in it.
    fn hear(&mut self, text: &str, at: u64, sent: &[AtomicU64]) -> anyhow::Result<u64> {
        for part in text.split("\"seq\":").skip(1) {
            let digits = part.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            let seq: u64 = digits.parse().with_context(|| format!("a number in {part}"))?;
            ensure!(seq > self.last_seq || self.last_seq == 0, "{seq} after {}", self.last_seq);
            self.last_seq = seq;
        }
        let mut got = 0;
        // An event's own text stands in its message and in its conversation's preview; the message counts.
        for part in text.split("\"message.upserted\"").skip(1) {
            let number =
                part.split("mẫu số ").nth(1).and_then(|t| t.split(' ').next()?.parse::<usize>().ok());
            let Some(n) = number else { continue };
            ensure!(!std::mem::replace(&mut self.heard[n], true), "message {n} came twice");
            self.delays.record(at.saturating_sub(sent[n].load(Ordering::SeqCst)).max(1))?;
            got += 1;
        }
        Ok(got)
    }
}

/// Measure on each database.
pub async fn run(bench: &Bench, crowd: Crowd) -> anyhow::Result<Vec<Row>> {
    let Crowd { agents: crowd_size, events_a_second, seconds } = crowd;
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let events = bench.scaled(events_a_second * seconds);
        let world = World::make(&bench.loa, &engine, 1).await?;
        let product = world.start(&bench.loa).await?;
        let base = Instant::now();
        // When event n was sent, in microseconds since `base`.
        let sent: Arc<Vec<AtomicU64>> = Arc::new((0..events).map(|_| Default::default()).collect());
        let ready = Arc::new(Barrier::new(crowd_size + 1));
        let mut agents = Vec::new();
        for _ in 0..crowd_size {
            let mut ask = format!("ws://127.0.0.1:{}/api/realtime", product.port).into_client_request()?;
            let cookie = world.cookie.trim_start_matches("cookie: ");
            ask.headers_mut().insert("cookie", HeaderValue::from_str(cookie)?);
            ask.headers_mut()
                .insert("origin", HeaderValue::from_str(&format!("http://localhost:{}", product.port))?);
            let (sent, ready) = (sent.clone(), ready.clone());
            agents.push(tokio::spawn(async move {
                let (mut socket, _) = tokio_tungstenite::connect_async(ask).await?;
                let mut ear = Ear::new(events)?;
                let mut got = 0;
                ready.wait().await;
                while got < events {
                    let frame = tokio::time::timeout(Duration::from_secs(60), socket.next()).await?;
                    let Some(frame) = frame else { break };
                    let frame = frame?;
                    let Ok(text) = frame.to_text() else { continue };
                    got += ear.hear(text, base.elapsed().as_micros() as u64, &sent)?;
                }
                anyhow::Ok((got, ear.delays))
            }));
        }
        ready.wait().await;
        let (before, cpu_before) = (product.memory_mib()?, product.cpu_seconds()?);
        let writing = Instant::now();
        let mut connection = Connection::open(product.port).await?;
        let mut tick = tokio::time::interval(Duration::from_micros(1_000_000 / events_a_second));
        for n in 0..events {
            tick.tick().await;
            let bytes = webhook(&world.channels[0].1, n % CUSTOMERS, n, wall_ms());
            sent[n as usize].store(base.elapsed().as_micros() as u64, Ordering::SeqCst);
            let (status, _) = connection.call(&bytes).await?;
            ensure!(status == 200, "webhook answered {status}");
        }
        let mut missing = 0;
        let mut all = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
        for agent in agents {
            let (got, delays) = agent.await??;
            missing += events - got;
            all.add(&delays)?;
        }
        ensure!(missing == 0, "{missing} events did not arrive");
        let cpu = (product.cpu_seconds()? - cpu_before) / writing.elapsed().as_secs_f64();
        let p99 = all.value_at_quantile(0.99);
        let name = engine.name();
        rows.push(Row {
            what: format!(
                "{name}: webhook to {crowd_size} sockets, {events_a_second} events/s for {} s ({} arrivals, none missing, \
                 none twice, numbers rising)",
                events / events_a_second,
                thousands(all.len() as f64)
            ),
            result: format!("p50 {} / p99 {}", ms(all.value_at_quantile(0.5)), ms(p99)),
            floor: String::new(),
            ratio: String::new(),
            goal: "p99 under 100 ms".into(),
            met: Some(p99 < 100_000),
        });
        rows.push(Row {
            what: format!("{name}: `loa serve` with {crowd_size} sockets: memory idle / after, processor"),
            result: format!(
                "{before:.0} / {:.0} MiB, {:.0} % of one core",
                product.memory_mib()?,
                cpu * 100.0
            ),
            floor: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: None,
        });
    }
    Ok(rows)
}
