//! Events per second from the log into a SQLite database: `cargo run --release -p loa-intake --example fold_rate --
//! [events] [customers] [batch]`. Prints one line. The log is filled first and not measured.

use std::io::Write;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{Connector, Connectors};
use loa_intake::{Intake, IntakeConfig};
use loa_kernel::{ManualClock, Timestamp};
use loa_rulebook::Library;
use loa_stream::{EventLog, EventRecord, LogConfig, Signals, SqliteEventLog, partition_of};
use loa_testdb::{Engine, TestDb, seed};

const NOW: Timestamp = Timestamp(1_790_000_000_000);

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1).filter_map(|a| a.parse::<i64>().ok());
    let (events, customers, batch) =
        (args.next().unwrap_or(50_000), args.next().unwrap_or(2_000), args.next().unwrap_or(500));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let db = TestDb::new(Engine::Sqlite).await;
    let seed = seed(&db.store).await;
    let log =
        Arc::new(SqliteEventLog::open(LogConfig::new(db.dir.path().join("events.db"))).await.expect("a log"));
    let appends = (0..events).map(|i| {
        let user = i % customers;
        let body = format!(
            r#"{{"app_id":"app-1","sender":{{"id":"{user}"}},"recipient":{{"id":"oa-1"}},"user_id_by_app":"a{user}","event_name":"user_send_text","message":{{"msg_id":"m{i:016x}","text":"Shop ơi, mẫu số {i} còn hàng không ạ?"}},"timestamp":"{}"}}"#,
            NOW.plus_ms(i).as_ms()
        );
        let event = EventRecord {
            partition: partition_of(seed.channel),
            key: format!("user_send_text:m{i:016x}"),
            workspace: seed.workspace,
            channel: seed.channel,
            received_at: NOW,
            body: Bytes::from(body),
        };
        let log = log.clone();
        async move { log.append(event).await.expect("an append") }
    });
    let filling = Instant::now();
    use futures::StreamExt;
    futures::stream::iter(appends).buffer_unordered(1_000).count().await;
    let filled = filling.elapsed();
    let zalo = ZaloConnector::new(ZaloConnector::http().expect("a client"), ZaloSettings::default());
    let intake = Intake::new(
        db.store.clone(),
        log,
        Connectors::new([Arc::new(zalo) as Arc<dyn Connector>]),
        Arc::new(Library::embedded()),
        Arc::new(ManualClock::new(NOW)),
        Signals::new(),
        IntakeConfig { batch: batch as usize, ..IntakeConfig::default() },
    );
    let begun = Instant::now();
    let folded = intake.catch_up().await.expect("everything is folded");
    let took = begun.elapsed();
    writeln!(
        std::io::stdout(),
        "{folded} events, {customers} customers, batch {batch}: {:.0} events/s ({:.1} s); log filled in {:.1} s",
        folded as f64 / took.as_secs_f64(),
        took.as_secs_f64(),
        filled.as_secs_f64(),
    )
    .expect("standard output");
}
