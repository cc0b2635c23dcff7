//! Signed webhooks a second: acknowledged durably, and visible in the inbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use sea_orm::{EntityTrait, PaginatorTrait};
use tokio::sync::Mutex;

use crate::http::Connection;
use crate::report::{Row, ms, thousands};
use crate::world::{World, webhook};
use crate::{Bench, floor};

const CONNECTIONS: usize = 128;
const CUSTOMERS: u64 = 5_000;

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let events = bench.scaled(120_000);
        let world = World::make(&bench.loa, &engine, 4).await?;
        let product = world.start(&bench.loa).await?;
        let requests = prepare(&world, events);

        let next = Arc::new(AtomicU64::new(0));
        let requests = Arc::new(requests);
        let latencies = Arc::new(Mutex::new(Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?));
        let start = Instant::now();
        let mut tasks = Vec::new();
        for _ in 0..CONNECTIONS {
            let (next, requests, latencies, port) =
                (next.clone(), requests.clone(), latencies.clone(), product.port);
            tasks.push(tokio::spawn(async move {
                let mut connection = Connection::open(port).await?;
                let mut mine = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed) as usize) {
                    let sent = Instant::now();
                    let (status, body) = connection.call(request).await?;
                    ensure!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
                    mine.record(sent.elapsed().as_micros() as u64)?;
                }
                latencies.lock().await.add(&mine)?;
                anyhow::Ok(())
            }));
        }
        for task in tasks {
            task.await??;
        }
        let acknowledged = start.elapsed();
        wait_visible(&world, events).await?;
        let visible = start.elapsed();
        let memory = product.memory_mib()?;
        drop(product);

        let bare = floor::write(&engine, &world, events).await?;
        let per_second = |d: Duration| events as f64 / d.as_secs_f64();
        let latencies = latencies.lock().await;
        let name = engine.name();
        rows.push(Row {
            what: format!(
                "{name}: webhooks acknowledged, durable ({events} events, {CONNECTIONS} connections)"
            ),
            result: format!("{}/s", thousands(per_second(acknowledged))),
            floor: format!("{}/s bare writer, all rows in sets", thousands(bare)),
            ratio: format!("{:.0} %", 100.0 * per_second(acknowledged) / bare),
            goal: "8,000/s on SQLite".into(),
            met: (name == "SQLite").then(|| per_second(acknowledged) >= 8000.0),
        });
        rows.push(Row {
            what: format!("{name}: webhooks visible in the inbox"),
            result: format!("{}/s", thousands(per_second(visible))),
            floor: format!("{}/s", thousands(bare)),
            ratio: format!("{:.0} %", 100.0 * per_second(visible) / bare),
            goal: "8,000/s on SQLite".into(),
            met: (name == "SQLite").then(|| per_second(visible) >= 8000.0),
        });
        rows.push(Row {
            what: format!("{name}: acknowledgement, p50 / p99"),
            result: format!(
                "{} / {}",
                ms(latencies.value_at_quantile(0.5)),
                ms(latencies.value_at_quantile(0.99))
            ),
            floor: String::new(),
            ratio: String::new(),
            goal: "p99 under 50 ms".into(),
            met: Some(latencies.value_at_quantile(0.99) < 50_000),
        });
        rows.push(Row {
            what: format!("{name}: memory of `loa serve` after it"),
            result: format!("{memory:.0} MiB"),
            floor: String::new(),
            ratio: String::new(),
            goal: String::new(),
            met: None,
        });
    }
    Ok(rows)
}

fn prepare(world: &World, events: u64) -> Vec<Vec<u8>> {
    let now = wall_ms();
    (0..events)
        .map(|i| {
            let (_, oa) = &world.channels[(i % world.channels.len() as u64) as usize];
            webhook(oa, i % CUSTOMERS, i, now - (events - i) as i64 / 10)
        })
        .collect()
}

/// The wall clock in milliseconds: webhooks must be fresh.
#[allow(clippy::disallowed_methods, reason = "a load generator plays the outside world")]
pub fn wall_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64
}

async fn wait_visible(world: &World, events: u64) -> anyhow::Result<()> {
    let store = world.store().await?;
    let start = Instant::now();
    loop {
        let there =
            loa_store::entity::messages::Entity::find().count(store.reader()).await.context("count")?;
        if there >= events {
            return Ok(store.close().await?);
        }
        ensure!(start.elapsed() < Duration::from_secs(300), "{there} of {events} visible after five minutes");
        // Counting takes a core for some milliseconds, so not more often.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
