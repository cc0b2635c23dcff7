//! The log in a SQLite file of its own, with group commit.
//!
//! One task writes. It takes everything that waits, writes it in one transaction, and answers all waiters
//! after the one fsync. While it commits the next group gathers, so the cost of the fsync is shared by as
//! many events as arrive during one, without any artificial delay.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, Connection, Row};
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::{Appended, EventLog, EventRecord, LogError, PARTITIONS, StoredEvent, Wakeup};

/// Rows of one INSERT. Groups are cut to these sizes, largest first, so that the connection's cache holds few
/// statements. The largest stays far below SQLite's limit of 32,766 parameters.
const STATEMENT_ROWS: [usize; 5] = [256, 64, 16, 4, 1];

/// Rows one pruning statement removes, so that appends wait for a short transaction only.
const PRUNE_ROWS: i64 = 2_000;

/// AUTOINCREMENT, because a position must never be given twice, also after everything was pruned: the
/// readers' cursors stand in another database. One counter for all partitions; each sees holes.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS events (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        partition INTEGER NOT NULL,
        channel BLOB NOT NULL,
        key TEXT NOT NULL,
        workspace BLOB NOT NULL,
        received_at INTEGER NOT NULL,
        body BLOB NOT NULL
    );
    CREATE UNIQUE INDEX IF NOT EXISTS events_key ON events (channel, key);
    CREATE INDEX IF NOT EXISTS events_partition ON events (partition, position);
";

/// Settings of the log. [`LogConfig::new`] has the defaults.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// The file. Two more stand beside it (`-wal`, `-shm`).
    pub path: PathBuf,
    /// Events that may wait for the writer.
    pub queue: usize,
    /// Events written in one transaction at most.
    pub group: usize,
    /// How long an append waits for room in the queue before it is refused as overloaded. The platform gives
    /// up on a webhook after 2 s (platform reference §16.2), so keep it well below.
    pub room_wait: Duration,
    /// Connections for readers.
    pub readers: u32,
}

impl LogConfig {
    /// Defaults for a file at `path`: 4,096 may wait, 1,024 a group, 500 ms for room, 4 readers.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
            queue: 4_096,
            group: 1_024,
            room_wait: Duration::from_millis(500),
            readers: 4,
        }
    }
}

/// An [`EventLog`] in one SQLite file. See the module's text. Share it in an `Arc`.
#[derive(Debug)]
pub struct SqliteEventLog {
    commands: mpsc::Sender<Command>,
    readers: SqlitePool,
    wakeups: Vec<watch::Sender<()>>,
    room_wait: Duration,
}

type Answer<T> = oneshot::Sender<Result<T, LogError>>;

#[derive(Debug)]
enum Command {
    Append(EventRecord, Answer<Appended>),
    Prune { received_before: Timestamp, processed: Vec<(u16, i64)>, answer: Answer<u64> },
    Close(Answer<()>),
}

impl SqliteEventLog {
    /// Open or make the file, and start the writer on the current tokio runtime.
    ///
    /// # Errors
    /// [`LogError::Storage`] when the file cannot be opened or is not a log.
    pub async fn open(config: LogConfig) -> Result<Self, LogError> {
        let options = SqliteConnectOptions::new()
            .filename(&config.path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full) // NORMAL would lose acknowledged events with the power
            .busy_timeout(Duration::from_secs(5))
            .pragma("journal_size_limit", "67108864");
        let mut writer = SqliteConnection::connect_with(&options).await?;
        sqlx::raw_sql(SCHEMA).execute(&mut writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(config.readers.max(1))
            .connect_with(options.clone().read_only(true).create_if_missing(false))
            .await?;
        let (commands, inbox) = mpsc::channel(config.queue.max(1));
        let wakeups: Vec<_> = (0..PARTITIONS).map(|_| watch::Sender::new(())).collect();
        let task = Writer { connection: writer, inbox, wakeups: wakeups.clone(), group: config.group.max(1) };
        tokio::spawn(task.run());
        Ok(Self { commands, readers, wakeups, room_wait: config.room_wait })
    }

    /// Write what waits, then close the file. Later calls are answered [`LogError::Closed`].
    ///
    /// # Errors
    /// [`LogError::Closed`] when it was closed before.
    pub async fn close(&self) -> Result<(), LogError> {
        let (answer, done) = oneshot::channel();
        self.commands.send(Command::Close(answer)).await.map_err(|_| LogError::Closed)?;
        let result = done.await.map_err(|_| LogError::Closed)?;
        self.readers.close().await;
        result
    }
}

fn check(partition: u16) -> Result<(), LogError> {
    if partition < PARTITIONS { Ok(()) } else { Err(LogError::BadPartition(partition)) }
}

#[async_trait]
impl EventLog for SqliteEventLog {
    async fn append(&self, event: EventRecord) -> Result<Appended, LogError> {
        check(event.partition)?;
        let room = match self.commands.try_reserve() {
            Ok(room) => room,
            Err(mpsc::error::TrySendError::Closed(())) => return Err(LogError::Closed),
            Err(mpsc::error::TrySendError::Full(())) => {
                match tokio::time::timeout(self.room_wait, self.commands.reserve()).await {
                    Ok(room) => room.map_err(|_| LogError::Closed)?,
                    Err(_) => {
                        metrics::counter!("loa_log_overloaded_total").increment(1);
                        return Err(LogError::Overloaded);
                    }
                }
            }
        };
        let (answer, stored) = oneshot::channel();
        room.send(Command::Append(event, answer));
        stored.await.map_err(|_| LogError::Closed)?
    }

    async fn read(&self, partition: u16, after: i64, limit: usize) -> Result<Vec<StoredEvent>, LogError> {
        check(partition)?;
        let rows = sqlx::query(
            "SELECT position, channel, key, workspace, received_at, body FROM events \
             WHERE partition = ? AND position > ? ORDER BY position LIMIT ?",
        )
        .bind(i64::from(partition))
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let position: i64 = row.try_get(0)?;
                let id = |bytes: &[u8]| Uuid::from_slice(bytes).map_err(|_| LogError::Damaged { position });
                Ok(StoredEvent {
                    position,
                    event: EventRecord {
                        partition,
                        channel: ChannelId(id(row.try_get(1)?)?),
                        key: row.try_get(2)?,
                        workspace: WorkspaceId(id(row.try_get(3)?)?),
                        received_at: Timestamp(row.try_get(4)?),
                        body: Bytes::from(row.try_get::<Vec<u8>, _>(5)?),
                    },
                })
            })
            .collect()
    }

    async fn count_after(&self, partition: u16, after: i64) -> Result<u64, LogError> {
        check(partition)?;
        let count: i64 =
            sqlx::query_scalar("SELECT count(*) FROM events WHERE partition = ? AND position > ?")
                .bind(i64::from(partition))
                .bind(after)
                .fetch_one(&self.readers)
                .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn subscribe(&self, partition: u16) -> Result<Wakeup, LogError> {
        check(partition)?;
        Ok(Wakeup(self.wakeups[usize::from(partition)].subscribe()))
    }

    async fn prune(&self, received_before: Timestamp, processed: &[(u16, i64)]) -> Result<u64, LogError> {
        for (partition, _) in processed {
            check(*partition)?;
        }
        let mut total = 0;
        loop {
            let (answer, pruned) = oneshot::channel();
            let processed = processed.to_vec();
            let command = Command::Prune { received_before, processed, answer };
            self.commands.send(command).await.map_err(|_| LogError::Closed)?;
            let gone = pruned.await.map_err(|_| LogError::Closed)??;
            total += gone;
            if gone == 0 {
                return Ok(total); // between two rounds waiting appends had their turn
            }
        }
    }
}

struct Writer {
    connection: SqliteConnection,
    inbox: mpsc::Receiver<Command>,
    wakeups: Vec<watch::Sender<()>>,
    group: usize,
}

impl Writer {
    async fn run(mut self) {
        let mut waiting = Vec::with_capacity(self.group);
        let mut closing = None;
        while closing.is_none() && self.inbox.recv_many(&mut waiting, self.group).await > 0 {
            let mut group = Vec::with_capacity(waiting.len());
            for command in waiting.drain(..) {
                match command {
                    Command::Append(event, answer) => group.push((event, answer)),
                    Command::Prune { received_before, processed, answer } => {
                        let result = prune(&mut self.connection, received_before, &processed).await;
                        let _ = answer.send(result.map_err(LogError::from)); // the asker may have left
                    }
                    Command::Close(answer) => closing = Some(answer),
                }
            }
            self.append(group).await;
        }
        self.inbox.close();
        let mut late = Vec::new();
        while self.inbox.recv_many(&mut late, self.group).await > 0 {
            let group = late
                .drain(..)
                .filter_map(|c| if let Command::Append(e, a) = c { Some((e, a)) } else { None });
            let group = group.collect();
            self.append(group).await;
        }
        let closed = self.connection.close().await.map_err(LogError::from);
        if let Err(error) = &closed {
            tracing::error!(%error, "closing the event log");
        }
        if let Some(answer) = closing {
            let _ = answer.send(closed);
        }
    }

    /// Write one group, answer everybody in it, wake the partitions that got something.
    async fn append(&mut self, group: Vec<(EventRecord, Answer<Appended>)>) {
        if group.is_empty() {
            return;
        }
        let begun = Instant::now();
        let result = insert(&mut self.connection, &group).await;
        metrics::histogram!("loa_log_group_size").record(group.len() as f64);
        metrics::histogram!("loa_log_commit_seconds").record(begun.elapsed().as_secs_f64());
        match result {
            Ok(results) => {
                let mut touched = [false; PARTITIONS as usize];
                let mut stored = 0;
                for ((event, answer), result) in group.into_iter().zip(results) {
                    if matches!(result, Appended::Stored { .. }) {
                        touched[usize::from(event.partition)] = true;
                        stored += 1;
                    } else {
                        metrics::counter!("loa_log_duplicates_total").increment(1);
                    }
                    let _ = answer.send(Ok(result));
                }
                metrics::counter!("loa_log_appended_total").increment(stored);
                for (wakeup, touched) in self.wakeups.iter().zip(touched) {
                    if touched {
                        wakeup.send_replace(());
                    }
                }
            }
            Err(error) => {
                tracing::error!(%error, events = group.len(), "event log did not take a group");
                metrics::counter!("loa_log_failed_total").increment(group.len() as u64);
                let error = LogError::from(error);
                for (_, answer) in group {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }
}

/// Insert the group in one transaction; what each event became, in the group's order.
async fn insert(
    connection: &mut SqliteConnection,
    group: &[(EventRecord, Answer<Appended>)],
) -> Result<Vec<Appended>, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut positions: HashMap<(ChannelId, String), i64> = HashMap::with_capacity(group.len());
    let mut rest = group;
    while !rest.is_empty() {
        let rows = STATEMENT_ROWS.into_iter().find(|n| *n <= rest.len()).unwrap_or(1);
        let (part, after) = rest.split_at(rows);
        rest = after;
        let mut query = sqlx::query(AssertSqlSafe(insert_sql(rows)));
        for (event, _) in part {
            query = query
                .bind(i64::from(event.partition))
                .bind(event.channel.0.as_bytes().to_vec())
                .bind(event.key.clone())
                .bind(event.workspace.0.as_bytes().to_vec())
                .bind(event.received_at.as_ms())
                .bind(event.body.to_vec());
        }
        for row in query.fetch_all(&mut *transaction).await? {
            let channel = Uuid::from_slice(row.try_get(1)?).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
            positions.insert((ChannelId(channel), row.try_get(2)?), row.try_get(0)?);
        }
    }
    transaction.commit().await?;
    // The first of a key takes its position, the others of the same group are duplicates like those of before.
    Ok(group
        .iter()
        .map(|(event, _)| match positions.remove(&(event.channel, event.key.clone())) {
            Some(position) => Appended::Stored { position },
            None => Appended::Duplicate,
        })
        .collect())
}

fn insert_sql(rows: usize) -> String {
    let values = vec!["(?, ?, ?, ?, ?, ?)"; rows].join(", ");
    format!(
        "INSERT INTO events (partition, channel, key, workspace, received_at, body) VALUES {values} \
         ON CONFLICT (channel, key) DO NOTHING RETURNING position, channel, key"
    )
}

async fn prune(
    connection: &mut SqliteConnection,
    before: Timestamp,
    processed: &[(u16, i64)],
) -> Result<u64, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut gone = 0;
    for (partition, position) in processed {
        let result = sqlx::query(
            "DELETE FROM events WHERE position IN (SELECT position FROM events \
             WHERE partition = ? AND position <= ? AND received_at < ? ORDER BY position LIMIT ?)",
        )
        .bind(i64::from(*partition))
        .bind(*position)
        .bind(before.as_ms())
        .bind(PRUNE_ROWS)
        .execute(&mut *transaction)
        .await?;
        gone += result.rows_affected();
    }
    transaction.commit().await?;
    Ok(gone)
}
