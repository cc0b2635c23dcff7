//! The few places where SQLite and PostgreSQL truly differ. Nothing else in Loa asks which one it is.

use sea_orm::sea_query::{LockBehavior, LockType, SelectStatement};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::{Result, Tx};

/// Bound values one statement may carry: SQLite 32,766 (`SQLITE_MAX_VARIABLE_NUMBER`), PostgreSQL 65,535 (a
/// 16-bit count in its protocol).
pub(crate) fn max_binds(backend: DbBackend) -> usize {
    match backend {
        DbBackend::Sqlite => 32_766,
        _ => 65_535,
    }
}

/// The placeholder of the `n`th value, from 1; values are bound in the order in which they stand.
///
/// SQLite gets a bare `?`, although it understands numbers: the driver asks for the name of every parameter, a
/// number is a name, and SQLite looks names up in a list. With 8,000 numbered values in a statement that was 60 %
/// of all time of the intake.
pub(crate) fn placeholder(backend: DbBackend, n: usize) -> String {
    match backend {
        DbBackend::Sqlite => "?".to_owned(),
        _ => format!("${n}"),
    }
}

/// Lock the selected rows for this transaction and pass over rows that another transaction holds, so that
/// several workers claim different rows. SQLite has one writer at a time and needs (and knows) no row locks: its
/// query builder leaves the clause out.
pub(crate) fn skip_locked(select: &mut SelectStatement) -> &mut SelectStatement {
    select.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
}

/// The same statement, reading `table` along `index`. For a list of ids that is known to be short where an index in the
/// order of the list looks better to SQLite, which counts columns and not rows; PostgreSQL knows how many rows there are.
pub(crate) fn led_by(mut statement: Statement, table: &str, index: &str) -> Statement {
    if statement.db_backend == DbBackend::Sqlite {
        let from = format!(" FROM \"{table}\"");
        statement.sql = statement.sql.replacen(&from, &format!("{from} INDEXED BY \"{index}\""), 1);
    }
    statement
}

/// Rows of `table` of one workspace whose ids lie in one of `ranges` (tuples of first and last id); one index look-up a
/// range, whatever is known about the table.
///
/// SQLite takes CROSS JOIN as an order to let the ranges lead. PostgreSQL guesses that a range holds half a percent of
/// the table and would read all of it for each range; asked for the first rows of a range in their order, it looks them
/// up. A range is one slot of the index of words, which holds a handful of ids at the most.
pub(crate) fn rows_in_ranges(backend: DbBackend, table: &str, ranges: &str, workspace: &str) -> String {
    let within = format!("m.workspace_id = {workspace} AND m.id >= v.first AND m.id <= v.last");
    match backend {
        DbBackend::Sqlite => format!(
            "WITH v (first, last) AS (VALUES {ranges}) SELECT m.* FROM v CROSS JOIN {table} AS m WHERE {within}"
        ),
        _ => format!(
            "WITH v (first, last) AS (VALUES {ranges}) SELECT t.* FROM v CROSS JOIN LATERAL \
             (SELECT m.* FROM {table} AS m WHERE {within} ORDER BY m.id LIMIT 100) AS t"
        ),
    }
}

/// A fact of a JSON column as it stands; NULL when there is none. `key` is safe to be written into a statement.
pub(crate) fn json_fact(backend: DbBackend, column: &str, key: &str) -> String {
    match backend {
        DbBackend::Sqlite => format!("json_extract({column}, '$.\"{key}\"')"),
        _ => format!("({column} -> '{key}')"),
    }
}

/// The same of a text.
pub(crate) fn json_text(backend: DbBackend, column: &str, key: &str) -> String {
    match backend {
        DbBackend::Sqlite => json_fact(backend, column, key),
        _ => format!("({column} ->> '{key}')"),
    }
}

/// The same of a whole number.
pub(crate) fn json_number(backend: DbBackend, column: &str, key: &str) -> String {
    match backend {
        DbBackend::Sqlite => json_fact(backend, column, key),
        _ => format!("({column} ->> '{key}')::bigint"),
    }
}

/// The same of yes and no.
pub(crate) fn json_truth(backend: DbBackend, column: &str, key: &str) -> String {
    match backend {
        DbBackend::Sqlite => json_fact(backend, column, key),
        _ => format!("({column} ->> '{key}')::boolean"),
    }
}

/// The function that says where in a text another stands, from 1; 0 when it does not.
pub(crate) fn position_function(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "instr",
        _ => "strpos",
    }
}

/// Month times 100 and day of an instant in Vietnam (`instant`: milliseconds). Before 1970 too: SQLite's division goes
/// towards zero, so the rest is taken away first.
pub(crate) fn day_of_year(backend: DbBackend, instant: &str) -> String {
    match backend {
        DbBackend::Sqlite => format!(
            "CAST(strftime('%m%d', ({instant} - (({instant} % 1000) + 1000) % 1000) / 1000 + 25200, 'unixepoch') AS INTEGER)"
        ),
        _ => format!(
            "to_char(timestamp 'epoch' + {instant} * interval '1 millisecond' + interval '7 hours', 'MMDD')::integer"
        ),
    }
}

/// Rows of `table` of one workspace whose `column` is one of `keys` (tuples of one value), at most 1,000 a key: one index
/// look-up a key, for the reasons of [`rows_in_ranges`]. A list of a thousand values in `IN (…)` is compared with each row
/// of a table that PostgreSQL has not counted yet.
pub(crate) fn rows_with_keys(
    backend: DbBackend,
    table: &str,
    column: &str,
    keys: &str,
    workspace: &str,
) -> String {
    let fits = format!("m.workspace_id = {workspace} AND m.{column} = v.key");
    match backend {
        DbBackend::Sqlite => {
            format!("WITH v (key) AS (VALUES {keys}) SELECT m.* FROM v CROSS JOIN {table} AS m WHERE {fits}")
        }
        _ => format!(
            "WITH v (key) AS (VALUES {keys}) SELECT t.* FROM v CROSS JOIN LATERAL \
             (SELECT m.* FROM {table} AS m WHERE {fits} LIMIT 1000) AS t"
        ),
    }
}

/// One at a time changes the phone groups of a workspace (`key` is made of its id). On SQLite the write transaction itself
/// is that lock.
pub(crate) async fn lock_groups(tx: &Tx, key: i64) -> Result<()> {
    let backend = tx.get_database_backend();
    if backend == DbBackend::Postgres {
        let sql = "SELECT pg_advisory_xact_lock($1)";
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, [key.into()])).await?;
    }
    Ok(())
}

/// One migrator at a time. On SQLite the write transaction itself is that lock.
pub(crate) async fn lock_migrations(tx: &Tx) -> Result<()> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Any fixed number does; this one is "loa" in ASCII.
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7106401)").await?;
    }
    Ok(())
}
