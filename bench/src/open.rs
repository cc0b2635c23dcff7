//! From a press on a row of the list to the conversation painted, in a real Chromium, at 100,000 conversations.
//!
//! The browser is driven by `web/scripts/open.mjs`, which needs what `make test` installs: Chromium, and the web app's
//! packages.

use std::path::Path;

use anyhow::{Context, ensure};
use hdrhistogram::Histogram;
use serde::Deserialize;
use tokio::process::Command;

use crate::Bench;
use crate::lists::fill;
use crate::report::{Row, ms};
use crate::world::World;

/// Conversations that are opened, each for the first time.
const OPENED: usize = 100;

/// What the script says: milliseconds.
#[derive(Deserialize)]
struct Times {
    /// From the press to the first frame with the thread's messages.
    opened: Vec<f64>,
    /// From a change of a style to its frame, on the same page: what no page can be faster than.
    frame: Vec<f64>,
}

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/scripts/open.mjs");
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let threads = bench.scaled(100_000);
        let world = World::make(&bench.loa, &engine, 4).await?;
        fill(&world, threads).await?;
        world.settle().await?;
        let product = world.start(&bench.loa).await?;
        let (_, cookie) = world.cookie.split_once(": ").context("a cookie")?;
        let output = Command::new("node")
            .arg(&script)
            .args([format!("http://localhost:{}", product.port), cookie.to_owned(), OPENED.to_string()])
            .output()
            .await
            .context("node cannot be started")?;
        ensure!(output.status.success(), "the browser failed: {}", String::from_utf8_lossy(&output.stderr));
        let times: Times = serde_json::from_slice(&output.stdout)?;
        ensure!(times.opened.len() >= OPENED.min(usize::try_from(threads)?), "too few were opened");
        let (opened, frame) = (histogram(&times.opened)?, histogram(&times.frame)?);
        let (p50, p95) = (opened.value_at_quantile(0.5), opened.value_at_quantile(0.95));
        let floor = frame.value_at_quantile(0.5);
        rows.push(Row {
            what: format!(
                "{}: conversation opened from the list, painted ({threads} conversations)",
                engine.name()
            ),
            result: format!("p50 {} / p95 {}", ms(p50), ms(p95)),
            floor: format!("one frame: {}", ms(floor)),
            ratio: format!("{:.1} frames", p50 as f64 / floor.max(1) as f64),
            goal: "p95 under 100 ms".into(),
            met: Some(p95 < 100_000),
        });
    }
    Ok(rows)
}

/// Milliseconds as a histogram of microseconds.
fn histogram(times: &[f64]) -> anyhow::Result<Histogram<u64>> {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3)?;
    for time in times {
        histogram.record(((time * 1000.0) as u64).max(1))?;
    }
    Ok(histogram)
}
