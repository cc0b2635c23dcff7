//! What every backend of the log promises, shown on the embedded one.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_stream::{
    Appended, EventLog, EventRecord, LogConfig, LogError, PARTITIONS, SqliteEventLog, partition_of,
};
use uuid::Uuid;

fn channel(n: u128) -> ChannelId {
    ChannelId(Uuid::from_u128(n))
}

fn event(channel: ChannelId, key: &str, at: i64) -> EventRecord {
    EventRecord {
        partition: partition_of(channel),
        key: key.to_owned(),
        workspace: WorkspaceId(Uuid::from_u128(1)),
        channel,
        received_at: Timestamp(at),
        body: Bytes::from(format!("{{\"key\":\"{key}\"}}")),
    }
}

async fn open(dir: &tempfile::TempDir) -> Arc<SqliteEventLog> {
    Arc::new(SqliteEventLog::open(LogConfig::new(dir.path().join("events.db"))).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_appends_are_stored_once_and_read_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir).await;
    let tasks = (0..400).map(|i| {
        let log = log.clone();
        // Every event is sent by two callers at once.
        tokio::spawn(
            async move { log.append(event(channel(i % 7), &format!("k{i}"), i as i64)).await.unwrap() },
        )
    });
    let again = (0..400).map(|i| {
        let log = log.clone();
        tokio::spawn(
            async move { log.append(event(channel(i % 7), &format!("k{i}"), i as i64)).await.unwrap() },
        )
    });
    let all: Vec<_> = futures::future::join_all(tasks.chain(again).collect::<Vec<_>>())
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let stored: Vec<i64> = all
        .iter()
        .filter_map(|a| if let Appended::Stored { position } = a { Some(*position) } else { None })
        .collect();
    assert_eq!((stored.len(), all.len() - stored.len()), (400, 400));

    let mut read = Vec::new();
    for partition in 0..PARTITIONS {
        let mut after = 0;
        loop {
            let page = log.read(partition, after, 10).await.unwrap();
            let Some(last) = page.last() else { break };
            assert!(page.windows(2).all(|w| w[0].position < w[1].position));
            assert!(page[0].position > after);
            after = last.position;
            for e in page {
                assert_eq!(e.event.partition, partition);
                assert_eq!(e.event, event(e.event.channel, &e.event.key, e.event.received_at.as_ms()));
                read.push(e.position);
            }
        }
    }
    read.sort_unstable();
    let mut expected = stored;
    expected.sort_unstable();
    assert_eq!(read, expected);
}

#[tokio::test]
async fn the_same_key_of_two_channels_is_two_events() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir).await;
    for n in [1, 2] {
        assert!(matches!(log.append(event(channel(n), "k", 1)).await.unwrap(), Appended::Stored { .. }));
        assert_eq!(log.append(event(channel(n), "k", 2)).await.unwrap(), Appended::Duplicate);
    }
}

#[tokio::test]
async fn positions_go_on_after_pruning_and_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir).await;
    let (a, partition) = (channel(3), partition_of(channel(3)));
    let mut last = 0;
    for i in 0..5 {
        let Appended::Stored { position } = log.append(event(a, &format!("k{i}"), 100 + i)).await.unwrap()
        else {
            panic!("duplicate")
        };
        assert!(position > last);
        last = position;
    }
    let read = log.read(partition, 0, 10).await.unwrap();
    // Not processed: stays, however old. Processed: goes only when old enough.
    assert_eq!(log.prune(Timestamp(1_000), &[]).await.unwrap(), 0);
    assert_eq!(log.prune(Timestamp(1_000), &[(partition, read[1].position)]).await.unwrap(), 2);
    assert_eq!(log.prune(Timestamp(103), &[(partition, last)]).await.unwrap(), 1);
    assert_eq!(log.count_after(partition, 0).await.unwrap(), 2);
    assert_eq!(log.prune(Timestamp(1_000), &[(partition, last)]).await.unwrap(), 2);
    log.close().await.unwrap();

    let log = open(&dir).await;
    let Appended::Stored { position } = log.append(event(a, "k0", 5_000)).await.unwrap() else {
        panic!("the horizon of the key is the retention")
    };
    assert!(position > last, "a cursor at {last} would never see {position}");
    assert_eq!(log.read(partition, last, 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn appends_wake_their_partition() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(&dir).await;
    let (a, b) = (channel(1), channel(2));
    assert_ne!(partition_of(a), partition_of(b), "choose other channels for this test");
    let mut wake_a = log.subscribe(partition_of(a)).unwrap();
    let mut wake_b = log.subscribe(partition_of(b)).unwrap();
    log.append(event(a, "k", 1)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), wake_a.changed()).await.unwrap();
    assert!(tokio::time::timeout(Duration::from_millis(20), wake_b.changed()).await.is_err());
    log.append(event(a, "k", 1)).await.unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(20), wake_a.changed()).await.is_err(),
        "a duplicate is no news"
    );
}

#[tokio::test]
async fn a_full_queue_refuses_and_a_closed_log_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("events.db");
    let config =
        LogConfig { queue: 1, group: 1, room_wait: Duration::from_millis(30), ..LogConfig::new(&path) };
    let log = Arc::new(SqliteEventLog::open(config).await.unwrap());
    // Somebody else holds the file, so the writer hangs on its first group.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut blocker = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut blocker).await.unwrap();
    let mut tasks: futures::stream::FuturesUnordered<_> = (0..10)
        .map(|i| {
            let log = log.clone();
            async move { log.append(event(channel(1), &format!("k{i}"), 1)).await }
        })
        .collect();
    // One is being written, one waits; the others are told to come again.
    for _ in 0..8 {
        let refused = tokio::time::timeout(Duration::from_secs(4), tasks.next()).await.unwrap().unwrap();
        assert!(matches!(refused, Err(LogError::Overloaded)), "{refused:?}");
    }
    sqlx::query("ROLLBACK").execute(&mut blocker).await.unwrap();
    assert!(tasks.by_ref().all(|r| async move { matches!(r, Ok(Appended::Stored { .. })) }).await);
    assert_eq!(log.count_after(partition_of(channel(1)), 0).await.unwrap(), 2, "refused means not stored");

    assert!(matches!(
        log.append(EventRecord { partition: PARTITIONS, ..event(channel(1), "k", 1) }).await,
        Err(LogError::BadPartition(_))
    ));
    log.close().await.unwrap();
    assert!(matches!(log.append(event(channel(1), "k", 1)).await, Err(LogError::Closed)));
    assert!(matches!(log.close().await, Err(LogError::Closed)));
}
