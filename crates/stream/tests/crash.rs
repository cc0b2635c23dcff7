//! `kill -9` of a process that appends: every acknowledged event is in the log afterwards, once, and the log
//! goes on. The test runs itself as the child (`--child <file> <round>`), which prints each key after its
//! acknowledgement.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use bytes::Bytes;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_stream::{Appended, EventLog, EventRecord, LogConfig, PARTITIONS, SqliteEventLog, partition_of};
use uuid::Uuid;

const ROUNDS: u32 = 5;
const CALLERS: u32 = 32;
/// Acknowledgements to wait for before each kill; different, so that the kill hits different moments.
const KILL_AFTER: [usize; ROUNDS as usize] = [1, 40, 333, 700, 1500];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if args.iter().any(|a| a == "--list") {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let [flag, file, round] = args.as_slice()
        && flag == "--child"
    {
        runtime.block_on(child(Path::new(file), round.parse().unwrap()));
        return;
    }
    let filters: Vec<_> = args.iter().filter(|a| !a.starts_with('-')).collect();
    if filters.is_empty() || filters.iter().any(|f| "acknowledged_events_survive_kill".contains(f.as_str())) {
        runtime.block_on(parent());
    }
}

async fn child(file: &Path, round: u32) {
    let log = Arc::new(SqliteEventLog::open(LogConfig::new(file)).await.unwrap());
    let callers = (0..CALLERS).map(|caller| {
        let log = log.clone();
        tokio::spawn(async move {
            for i in 0_u32.. {
                let channel = ChannelId(Uuid::from_u128(u128::from(caller)));
                let key = format!("{round}-{caller}-{i}");
                let event = EventRecord {
                    partition: partition_of(channel),
                    key: key.clone(),
                    workspace: WorkspaceId(Uuid::from_u128(1)),
                    channel,
                    received_at: Timestamp(i64::from(i)),
                    body: Bytes::from(vec![b'x'; 300]),
                };
                assert!(matches!(log.append(event).await.unwrap(), Appended::Stored { .. }));
                let mut out = std::io::stdout().lock();
                writeln!(out, "{key}").unwrap();
            }
        })
    });
    futures::future::join_all(callers.collect::<Vec<_>>()).await;
}

async fn parent() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("events.db");
    let mut acknowledged = HashSet::new();
    for (round, kill_after) in KILL_AFTER.into_iter().enumerate() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--child")
            .args([file.as_os_str(), round.to_string().as_ref()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.by_ref().take(kill_after) {
            acknowledged.insert(line.unwrap());
        }
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        // What it printed before it died counts as well; its last line may be torn.
        let rest: Vec<_> = lines.map_while(Result::ok).collect();
        acknowledged.extend(rest.iter().take(rest.len().saturating_sub(1)).cloned());

        let log = SqliteEventLog::open(LogConfig::new(&file)).await.unwrap();
        let mut kept = HashSet::new();
        for partition in 0..PARTITIONS {
            for stored in log.read(partition, 0, usize::MAX).await.unwrap() {
                assert_eq!(stored.event.body.len(), 300);
                assert!(kept.insert(stored.event.key.clone()), "{} stands twice", stored.event.key);
            }
        }
        let lost: Vec<_> = acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "round {round}: {} of {} lost: {lost:?}", lost.len(), acknowledged.len());
        assert!(acknowledged.len() >= kill_after);
        log.close().await.unwrap();
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "test acknowledged_events_survive_kill ... ok ({} acknowledged over {ROUNDS} kills)",
        acknowledged.len()
    )
    .unwrap();
}
