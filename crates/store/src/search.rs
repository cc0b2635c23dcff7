//! The index of words: which messages have all of these terms, the newest first; and how far it has come.
//!
//! A term is a number (a hash that the inbox makes of a word's beginning, of two neighbours, of a channel, a member, a
//! kind), so the index holds no text and both databases hold the same; whoever asks looks at the messages that it names
//! again, because two words may share a number.
//!
//! A message stands at its *slot*: the instant in its id, then some of the id's other bits. So the order of slots is the
//! order of time, a slot leads back to its message along the primary key, and a time is a border of slots. Two messages
//! may share a slot; it then has the terms of both.
//!
//! Both databases walk from the newest to the oldest and stop when the page is full, so what a search costs does not
//! depend on how common a word is. FTS5 does so by itself. PostgreSQL's GIN knows no order: there each message has
//! terms for the stretches of time it lies in, ever longer ones, and one query a stretch asks for it as for a word.

mod cursor;
mod ladder;
mod people;

use std::fmt::Write as _;

use loa_kernel::{MessageId, Timestamp, WorkspaceId};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;

use crate::entity::{messages, thread_entries};
use crate::entries::EntryKind;
use crate::rows::ROWS_PER_STATEMENT;
use crate::{Result, Tx, dialect};

pub use cursor::{Cursor, advance, cursor, cursors, ids_before, put_cursor};
pub use people::{Found, customers_after, put_people};
pub(crate) use people::{PHONE_DIGITS, People};

/// A message's place in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub i64);

/// Bits of a slot below the milliseconds.
const FINE_BITS: u32 = 21;

impl Slot {
    /// Of a message. 42 bits of milliseconds (until 2109) and 21 bits of what makes ids of one instant differ.
    pub fn of(id: MessageId) -> Self {
        let id = id.0.as_u128();
        let ms = (id >> 80) as i64 & ((1 << 42) - 1);
        // Around the version and the variant, which are the same in all ids.
        let fine = ((id >> 64) as i64 & 0xFFF) << 9 | (id >> 53) as i64 & 0x1FF;
        Self(ms << FINE_BITS | fine)
    }

    /// The first slot of an instant.
    pub fn at(at: Timestamp) -> Self {
        Self(at.as_ms().clamp(0, (1 << 42) - 1) << FINE_BITS)
    }

    /// The instant.
    pub fn ms(self) -> i64 {
        self.0 >> FINE_BITS
    }

    /// Below every id that lies in it and above every id of an earlier slot.
    pub fn first_id(self) -> MessageId {
        MessageId(self.ids().0)
    }

    /// The smallest and the greatest id that lie in it.
    fn ids(self) -> (Uuid, Uuid) {
        let (ms, fine) = (self.ms() as u128, self.0 as u128 & ((1 << FINE_BITS) - 1));
        let first = ms << 80 | 7 << 76 | (fine >> 9) << 64 | 2 << 62 | (fine & 0x1FF) << 53;
        (Uuid::from_u128(first), Uuid::from_u128(first | ((1 << 53) - 1)))
    }
}

/// A row of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its place.
    pub slot: Slot,
    /// Whose messages lie there; more than one only when [`is_shared`].
    pub workspaces: Vec<WorkspaceId>,
    /// Its terms; none: it leaves the index.
    pub terms: Vec<u32>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Of each of these at least one. Never empty, nor any of them.
    pub all: Vec<Vec<u32>>,
    /// Only below this slot.
    pub below: Option<Slot>,
    /// Only this slot and above.
    pub from: Option<Slot>,
    /// At most so many.
    pub limit: usize,
}

/// Slots whose messages have the wanted terms, the newest first. Fewer than `limit`: there are no more.
pub async fn slots(conn: &impl ConnectionTrait, ws: WorkspaceId, wanted: &Wanted) -> Result<Vec<Slot>> {
    if wanted.all.is_empty() || wanted.all.iter().any(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let from = wanted.from.unwrap_or(Slot(0));
    let below = wanted.below.unwrap_or(Slot(i64::MAX));
    match conn.get_database_backend() {
        DbBackend::Sqlite => in_fts5(conn, ws, wanted, from, below).await,
        _ => in_gin(conn, ws, wanted, from, below).await,
    }
}

async fn in_fts5(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    wanted: &Wanted,
    from: Slot,
    below: Slot,
) -> Result<Vec<Slot>> {
    let mut groups: Vec<String> = wanted.all.iter().map(|any| format!("({})", texts(any, " OR "))).collect();
    // A term of all messages costs a walk through all of them, so it is asked for only where it tells workspaces apart.
    if cursor::cursors(conn).await?.len() > 1 {
        groups.push(texts(&[ladder::whole(ws)], ""));
    }
    let sql = "SELECT rowid FROM search_messages WHERE search_messages MATCH ? AND rowid >= ? AND rowid < ? \
               ORDER BY rowid DESC LIMIT ?";
    let values: [Value; 4] =
        [groups.join(" AND ").into(), from.0.into(), below.0.into(), (wanted.limit as i64).into()];
    let rows = conn.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
    rows.iter().map(|row| Ok(Slot(row.try_get_by_index(0)?))).collect()
}

async fn in_gin(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    wanted: &Wanted,
    from: Slot,
    below: Slot,
) -> Result<Vec<Slot>> {
    // Nothing is newer than the newest and older than the oldest, so stretches outside need not be asked for.
    let borders = "SELECT (SELECT max(slot) FROM search_messages WHERE workspace_id = $1), \
                   (SELECT min(slot) FROM search_messages WHERE workspace_id = $1)";
    let values: [Value; 1] = [ws.0.into()];
    let row =
        conn.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, borders, values)).await?;
    let Some((newest, oldest)) = row
        .map(|row| Ok::<_, sea_orm::DbErr>((row.try_get_by_index(0)?, row.try_get_by_index(1)?)))
        .transpose()?
        .and_then(|(a, b): (Option<i64>, Option<i64>)| Some((a?, b?)))
    else {
        return Ok(Vec::new());
    };
    let from = from.max(Slot(oldest));
    let below = below.min(Slot(newest.saturating_add(1)));
    if below <= from {
        return Ok(Vec::new());
    }
    // Terms are numbers, so they may stand in the text; the order is by an expression, or the planner would walk the
    // primary key from its end and look at every row.
    let mut conditions = String::new();
    let (single, several): (Vec<_>, Vec<_>) = wanted.all.iter().partition(|any| any.len() == 1);
    if !single.is_empty() {
        let terms: Vec<u32> = single.into_iter().flatten().copied().collect();
        let _ = write!(conditions, " AND terms @> '{{{}}}'::int[]", numbers(&terms));
    }
    for any in several {
        let _ = write!(conditions, " AND terms && '{{{}}}'::int[]", numbers(any));
    }
    let mut found: Vec<Slot> = Vec::new();
    for stretch in ladder::stretches(Slot(below.0 - 1).ms(), from.ms()) {
        let sql = format!(
            "SELECT slot FROM search_messages WHERE workspace_id = $1 AND terms && '{{{}}}'::int[]{conditions} \
             AND slot + 0 >= $2 AND slot + 0 < $3 ORDER BY slot + 0 DESC LIMIT $4",
            numbers(&stretch.terms(ws))
        );
        let left = (wanted.limit - found.len()) as i64;
        let values: [Value; 4] = [ws.0.into(), from.0.into(), below.0.into(), left.into()];
        let rows =
            conn.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
        for row in rows {
            found.push(Slot(row.try_get_by_index(0)?));
        }
        if found.len() >= wanted.limit {
            break;
        }
    }
    Ok(found)
}

/// Terms as FTS5 gets them.
fn texts(terms: &[u32], between: &str) -> String {
    terms.iter().map(|term| format!("t{term:x}")).collect::<Vec<_>>().join(between)
}

/// Terms as PostgreSQL gets them.
fn numbers(terms: &[u32]) -> String {
    terms.iter().map(|term| term.cast_signed().to_string()).collect::<Vec<_>>().join(",")
}

/// Write rows of the index for this workspace; a row that is there is replaced.
pub async fn put_messages(tx: &Tx, ws: WorkspaceId, documents: &[Document]) -> Result<()> {
    let backend = tx.get_database_backend();
    for documents in documents.chunks(ROWS_PER_STATEMENT) {
        let (gone, there): (Vec<_>, Vec<_>) = documents.iter().partition(|doc| doc.terms.is_empty());
        if !gone.is_empty() {
            remove(tx, ws, &gone.iter().map(|doc| doc.slot).collect::<Vec<_>>()).await?;
        }
        if there.is_empty() {
            continue;
        }
        let mut values: Vec<Value> = Vec::new();
        let mut sql = match backend {
            DbBackend::Sqlite => "INSERT OR REPLACE INTO search_messages (rowid, terms) VALUES ".to_owned(),
            _ => "INSERT INTO search_messages (workspace_id, slot, terms) VALUES ".to_owned(),
        };
        for doc in there {
            sql.push_str(if values.is_empty() { "(" } else { ", (" });
            let mut bind = |value: Value| {
                values.push(value);
                dialect::placeholder(backend, values.len())
            };
            let mut terms = doc.terms.clone();
            if backend == DbBackend::Sqlite {
                terms.extend(doc.workspaces.iter().map(|ws| ladder::whole(*ws)));
                let _ = write!(sql, "{}, {})", bind(doc.slot.0.into()), bind(texts(&terms, " ").into()));
            } else {
                terms.extend(ladder::terms_at(ws, doc.slot.ms()));
                let _ = write!(
                    sql,
                    "{}, {}, CAST({} AS int[]))",
                    bind(ws.0.into()),
                    bind(doc.slot.0.into()),
                    bind(format!("{{{}}}", numbers(&terms)).into())
                );
            }
        }
        if backend == DbBackend::Postgres {
            sql.push_str(
                " ON CONFLICT (workspace_id, slot) DO UPDATE SET terms = EXCLUDED.terms \
                 WHERE search_messages.terms <> EXCLUDED.terms",
            );
        }
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

async fn remove(tx: &Tx, ws: WorkspaceId, slots: &[Slot]) -> Result<()> {
    let backend = tx.get_database_backend();
    let list = slots.iter().map(|slot| slot.0.to_string()).collect::<Vec<_>>().join(", ");
    let statement = match backend {
        DbBackend::Sqlite => {
            Statement::from_string(backend, format!("DELETE FROM search_messages WHERE rowid IN ({list})"))
        }
        _ => Statement::from_sql_and_values(
            backend,
            format!("DELETE FROM search_messages WHERE workspace_id = $1 AND slot IN ({list})"),
            [ws.0.into()],
        ),
    };
    tx.execute_raw(statement).await?;
    Ok(())
}

/// The messages at these slots, in no order, with the workspaces that they belong to; private notes among them, in the
/// form of messages.
///
/// On SQLite the index is one for all workspaces, so whoever writes a slot needs the messages of all of them that lie
/// there: pass them all. Whoever reads passes one.
pub async fn messages_at(
    conn: &impl ConnectionTrait,
    workspaces: &[WorkspaceId],
    slots: &[Slot],
) -> Result<Vec<messages::Model>> {
    let backend = conn.get_database_backend();
    let mut found = Vec::new();
    for &ws in workspaces {
        for slots in slots.chunks(ROWS_PER_STATEMENT) {
            if slots.is_empty() {
                continue;
            }
            let mut values: Vec<Value> = Vec::new();
            let mut ranges = String::new();
            for slot in slots {
                let (first, last) = slot.ids();
                ranges.push_str(if values.is_empty() { "(" } else { ", (" });
                values.push(first.into());
                let _ = write!(ranges, "{}, ", dialect::placeholder(backend, values.len()));
                values.push(last.into());
                let _ = write!(ranges, "{})", dialect::placeholder(backend, values.len()));
            }
            values.push(ws.0.into());
            for table in ["messages", "thread_entries"] {
                let whose = dialect::placeholder(backend, values.len());
                let sql = dialect::rows_in_ranges(backend, table, &ranges, &whose);
                let statement = Statement::from_sql_and_values(backend, sql, values.clone());
                for row in conn.query_all_raw(statement).await? {
                    if table == "messages" {
                        found.push(messages::Model::from_query_result(&row, "")?);
                    } else {
                        found.extend(as_message(thread_entries::Model::from_query_result(&row, "")?));
                    }
                }
            }
        }
    }
    Ok(found)
}

/// A private note in the form of a message; `None` for other entries.
fn as_message(entry: thread_entries::Model) -> Option<messages::Model> {
    (entry.kind == EntryKind::Note.as_str()).then(|| messages::Model {
        workspace_id: entry.workspace_id,
        id: entry.id,
        conversation_id: entry.conversation_id,
        channel_id: entry.channel_id,
        direction: "out".to_owned(),
        author: "member".to_owned(),
        by_person: None,
        member_id: entry.member_id,
        kind: EntryKind::Note.as_str().to_owned(),
        text: entry.text,
        attachments: serde_json::json!([]),
        platform_id: None,
        client_id: None,
        quoted_platform_id: None,
        reactions: serde_json::json!([]),
        status: "sent".to_owned(),
        error_code: None,
        error_text: None,
        problem: None,
        decision: None,
        sent_at: entry.at,
        created_at: entry.at,
        updated_at: entry.edited_at.unwrap_or(entry.at),
    })
}

/// Is the index one for all workspaces?
pub fn is_shared(conn: &impl ConnectionTrait) -> bool {
    conn.get_database_backend() == DbBackend::Sqlite
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_leads_back_to_its_message_and_keeps_the_order() {
        let mut last = Slot(0);
        for ms in [0, 1, 1_700_000_000_000, 4_398_046_511_103] {
            for n in 0..50_u8 {
                let id = MessageId::derived(Timestamp(ms), &[&[n]]);
                let slot = Slot::of(id);
                let (first, greatest) = slot.ids();
                assert!(first <= id.0 && id.0 <= greatest, "{id:?}");
                assert_eq!((Slot::of(MessageId(first)), Slot::of(MessageId(greatest))), (slot, slot));
                assert_eq!(slot.ms(), ms);
                assert!(Slot::at(Timestamp(ms)) <= slot);
                assert!(slot >= Slot::at(Timestamp(last.ms())));
                last = slot;
            }
        }
    }
}
