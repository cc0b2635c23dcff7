//! Appends per second and their latency, from concurrent callers: `cargo run --release -p loa-stream
//! --example append_rate -- [callers] [seconds]`. Prints one line.

use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_stream::{EventLog, EventRecord, LogConfig, SqliteEventLog, partition_of};
use uuid::Uuid;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let (callers, seconds) = (args.next().unwrap_or(256), args.next().unwrap_or(5));
    let dir = tempfile::tempdir().expect("a temporary folder");
    let log =
        Arc::new(SqliteEventLog::open(LogConfig::new(dir.path().join("events.db"))).await.expect("a log"));
    let begun = Instant::now();
    let tasks = (0..callers).map(|caller| {
        let log = log.clone();
        tokio::spawn(async move {
            let mut times = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
            let channel = ChannelId(Uuid::from_u128(u128::from(caller % 8)));
            for i in 0_u64.. {
                if begun.elapsed() > Duration::from_secs(seconds) {
                    break;
                }
                let sent = Instant::now();
                let event = EventRecord {
                    partition: partition_of(channel),
                    key: format!("user_send_text:{caller:08x}{i:012x}"),
                    workspace: WorkspaceId(Uuid::from_u128(1)),
                    channel,
                    received_at: Timestamp(i as i64),
                    body: Bytes::from_static(&[b'x'; 400]),
                };
                log.append(event).await.expect("an append");
                times.record(sent.elapsed().as_micros() as u64).expect("a time in range");
            }
            times
        })
    });
    let mut times = hdrhistogram::Histogram::<u64>::new(3).expect("a histogram");
    for task in futures::future::join_all(tasks.collect::<Vec<_>>()).await {
        times.add(task.expect("a caller")).expect("same range");
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    let ms = |q: f64| times.value_at_quantile(q) as f64 / 1000.0;
    writeln!(
        std::io::stdout(),
        "{callers} callers: {rate:.0} appends/s, p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        ms(0.5),
        ms(0.99),
        times.max() as f64 / 1000.0
    )
    .expect("standard output");
}
