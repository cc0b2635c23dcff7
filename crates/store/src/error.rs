//! What can go wrong with a database, sorted by what the caller can do about it.

use loa_kernel::{Code, Problem};
use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::migration;

/// A failure of the store.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// Somebody else holds what was needed (lock, serialization, deadlock, time-out, no free connection, the
    /// server is gone for a moment). The transaction did nothing; the same again may succeed.
    #[error("the database is busy: {0}")]
    Busy(String),
    /// A row with these values exists already. The name is the same on both databases: the index's name, or
    /// `<table>_pkey`.
    #[error("exists already ({constraint})")]
    Unique {
        /// Which key.
        constraint: String,
    },
    /// The row that was to be changed is not there (any more).
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The schema is not one this program can work with.
    #[error("{0}")]
    Schema(String),
    /// A sealed value does not open: wrong key, wrong place, or changed bytes.
    #[error("cannot open a sealed value: {0}")]
    Sealed(String),
    /// Anything else: a fault of ours, or of the disk.
    #[error("the database failed: {0}")]
    Other(String),
}

/// Result of this crate.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// May the same transaction succeed when it is tried again?
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// Is it a violation of the unique key of this name?
    pub fn is_unique(&self, name: &str) -> bool {
        matches!(self, Self::Unique { constraint } if constraint == name)
    }

    /// A stored value that this program cannot read, for example an unknown word.
    pub(crate) fn unreadable(place: &str, why: impl std::fmt::Display) -> Self {
        Self::Other(format!("{place} holds something unreadable: {why}"))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) => return Self::Busy(error.to_string()),
            DbErr::RecordNotFound(_) | DbErr::RecordNotUpdated => return Self::NotFound("row"),
            DbErr::Conn(RuntimeErr::SqlxError(e))
            | DbErr::Exec(RuntimeErr::SqlxError(e))
            | DbErr::Query(RuntimeErr::SqlxError(e)) => match &**e {
                sqlx::Error::Database(e) => {
                    if let Some(known) = from_driver(&**e) {
                        return known;
                    }
                }
                // The connection broke or none was free; a transaction on it is rolled back.
                sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => return Self::Busy(error.to_string()),
                _ => {}
            },
            _ => {}
        }
        Self::Other(error.to_string())
    }
}

fn from_driver(error: &dyn sqlx::error::DatabaseError) -> Option<StoreError> {
    let code = error.code()?;
    let busy = || Some(StoreError::Busy(format!("{} ({code})", error.message())));
    if error.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
        return match &*code {
            "23505" => Some(StoreError::Unique { constraint: error.constraint().unwrap_or("?").to_owned() }),
            // Serialization, deadlock, lock not available, statement time-out.
            "40001" | "40P01" | "55P03" | "57014" => busy(),
            // Server shutting down or starting, too many connections.
            "57P01" | "57P02" | "57P03" | "53300" => busy(),
            _ => None,
        };
    }
    let code: i32 = code.parse().ok()?;
    match code {
        1555 | 2067 => Some(StoreError::Unique { constraint: sqlite_key(error.message()) }),
        // SQLITE_BUSY and SQLITE_LOCKED with all their extended codes.
        _ if matches!(code & 0xff, 5 | 6) => busy(),
        _ => None,
    }
}

/// "UNIQUE constraint failed: members.workspace_id, members.email_folded" names the columns; find the key.
fn sqlite_key(message: &str) -> String {
    let list = message.rsplit(": ").next().unwrap_or(message);
    let pairs: Vec<(&str, &str)> = list.split(", ").filter_map(|pair| pair.split_once('.')).collect();
    let columns: Vec<&str> = pairs.iter().map(|(_, column)| *column).collect();
    pairs
        .first()
        .and_then(|(table, _)| migration::unique_key(table, &columns))
        .unwrap_or_else(|| list.to_owned())
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unique { constraint } => {
                Self::new(Code::Conflict).param("reason", constraint.as_str()).detail(&error)
            }
            StoreError::NotFound(object) => Self::not_found(object),
            StoreError::Busy(_) => Self::new(Code::Overloaded).param("retry_after", 1).detail(&error),
            _ => Self::internal(&error),
        }
    }
}
