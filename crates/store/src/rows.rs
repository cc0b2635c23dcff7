//! Many rows by one statement.
//!
//! Row at a time, a batch of 500 events is 1,500 round trips; as sets it is a handful. Both functions cut
//! their input into statements that stay under the databases' limits of bound values and under
//! [`ROWS_PER_STATEMENT`], because beyond that a statement only costs more memory.
//!
//! PostgreSQL stores no NUL character in a text or JSON value and SQLite's functions stop at it, so both drop
//! it from what they write: a customer's message must not be able to stop the intake.

use loa_kernel::WorkspaceId;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ConnectionTrait, DbBackend, EntityTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait, Statement,
    Value,
};

use crate::{Result, StoreError, Tx, dialect};

/// Most rows in one statement.
pub(crate) const ROWS_PER_STATEMENT: usize = 1000;

/// Insert whole rows; answers how many were written (with `on_conflict … do_nothing`, fewer than given).
///
/// A conflict clause that names columns speaks only of that key; a row that also hits another unique key is an
/// error. To pass over whatever exists, name none: `OnConflict::new().do_nothing()`.
///
/// One statement may not touch a row twice when `on_conflict` updates (PostgreSQL refuses), so fold
/// duplicates before.
pub(crate) async fn insert_rows<E: EntityTrait>(
    tx: &Tx,
    rows: impl IntoIterator<Item = E::Model>,
    on_conflict: Option<OnConflict>,
) -> Result<u64> {
    let columns: Vec<E::Column> = E::Column::iter().collect();
    let size = rows_per_statement(tx, columns.len());
    let backend = tx.get_database_backend();
    // Written by hand: a tree of expressions for ten thousand values costs more than the statement.
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
    let head = format!("INSERT INTO \"{}\" ({}) VALUES ", E::default().table_name(), names.join(", "));
    let tail = on_conflict.map(|clause| conflict_sql::<E>(backend, clause)).transpose()?.unwrap_or_default();
    let mut rows = rows.into_iter().peekable();
    let mut written = 0;
    while rows.peek().is_some() {
        let mut sql = head.clone();
        let mut values = Vec::new();
        for row in rows.by_ref().take(size) {
            sql.push_str(if values.is_empty() { "(" } else { ", (" });
            for (i, &column) in columns.iter().enumerate() {
                if i > 0 {
                    sql.push_str(", ");
                }
                values.push(storable(row.get(column)));
                sql.push_str(&dialect::placeholder(backend, values.len()));
            }
            sql.push(')');
        }
        sql.push_str(&tail);
        written +=
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected();
    }
    Ok(written)
}

/// What stands behind the values of an INSERT, in the words of the database. The clauses used here bind nothing.
fn conflict_sql<E: EntityTrait>(backend: DbBackend, clause: OnConflict) -> Result<String> {
    let mut insert = Query::insert();
    insert.into_table(E::default().table_ref()).or_default_values().on_conflict(clause);
    let Statement { sql, values, .. } = backend.build(&insert);
    let at =
        sql.find(" ON CONFLICT").ok_or_else(|| StoreError::Other(format!("no conflict clause in {sql}")))?;
    if values.is_some_and(|values| !values.0.is_empty()) {
        return Err(StoreError::Other("a conflict clause of a set binds no values".into()));
    }
    Ok(sql[at..].to_owned())
}

/// How a column takes the value given for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Put {
    /// Becomes the value.
    Set,
    /// Grows by the value (a number; may be negative); what is absent stays absent.
    Add,
}

/// Change many rows, each with values of its own, by
/// `WITH v (…) AS (VALUES …) UPDATE … FROM v`, which both databases know.
///
/// Each of `rows` holds the values of `keys`, then those of `puts`. Answers how many rows were changed; a key
/// may stand only once in a call.
pub(crate) async fn update_rows<E: EntityTrait>(
    tx: &Tx,
    keys: &[E::Column],
    puts: &[(E::Column, Put)],
    rows: Vec<Vec<Value>>,
) -> Result<u64> {
    let width = keys.len() + puts.len();
    if let Some(row) = rows.iter().find(|row| row.len() != width) {
        return Err(StoreError::Other(format!("a row of {} values for {width} columns", row.len())));
    }
    let backend = tx.get_database_backend();
    let table = E::default();
    let table = table.table_name();
    let size = rows_per_statement(tx, width);
    let mut changed = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let mut values = Vec::with_capacity(size.min(rows.len()) * width);
        let mut tuples = String::new();
        for row in rows.by_ref().take(size) {
            tuples.push_str(if tuples.is_empty() { "(" } else { ", (" });
            for (i, value) in row.into_iter().enumerate() {
                if i > 0 {
                    tuples.push_str(", ");
                }
                values.push(storable(value));
                tuples.push_str(&dialect::placeholder(backend, values.len()));
            }
            tuples.push(')');
        }
        let names: Vec<String> = keys
            .iter()
            .copied()
            .chain(puts.iter().map(|(column, _)| *column))
            .map(|column| format!("\"{}\"", column.as_str()))
            .collect();
        let sets: Vec<String> = names[keys.len()..]
            .iter()
            .zip(puts)
            .map(|(name, (_, put))| match put {
                Put::Set => format!("{name} = v.{name}"),
                Put::Add => format!("{name} = t.{name} + v.{name}"),
            })
            .collect();
        let fits: Vec<String> =
            names[..keys.len()].iter().map(|name| format!("t.{name} = v.{name}")).collect();
        let sql = format!(
            "WITH v ({}) AS (VALUES {tuples}) UPDATE \"{table}\" AS t SET {} FROM v WHERE {}",
            names.join(", "),
            sets.join(", "),
            fits.join(" AND "),
        );
        changed +=
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected();
    }
    Ok(changed)
}

/// Rows of a workspace whose `column` is one of many keys, in no order; at most 1,000 a key. One index look-up a key,
/// whatever the database knows about the table: a list of thousands in `IN (…)` is compared with each row of one that it
/// has not counted yet.
pub(crate) async fn rows_of_keys<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    column: E::Column,
    keys: &[Value],
) -> Result<Vec<E::Model>> {
    let backend = conn.get_database_backend();
    let table = E::default();
    let mut rows = Vec::new();
    for part in keys.chunks(ROWS_PER_STATEMENT) {
        let places: Vec<String> =
            (1..=part.len()).map(|n| format!("({})", dialect::placeholder(backend, n))).collect();
        let mut values = part.to_vec();
        values.push(ws.0.into());
        let whose = dialect::placeholder(backend, values.len());
        let (name, places) = (table.table_name(), places.join(", "));
        let sql = dialect::rows_with_keys(backend, name, column.as_str(), &places, &whose);
        for row in &conn.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await? {
            rows.push(E::Model::from_query_result(row, "")?);
        }
    }
    Ok(rows)
}

/// Remove the rows of a workspace where `fixed` has this value and `column` one of many; answers how many there were.
pub(crate) async fn remove_keys<E: EntityTrait>(
    tx: &Tx,
    ws: WorkspaceId,
    fixed: (E::Column, Value),
    column: E::Column,
    keys: &[Value],
) -> Result<u64> {
    let backend = tx.get_database_backend();
    let table = E::default();
    let mut removed = 0;
    for part in in_chunks(tx, keys, 2) {
        let place = |n: usize| dialect::placeholder(backend, n);
        let places: Vec<String> = (1..=part.len()).map(|n| format!("({})", place(n))).collect();
        let mut values = part.to_vec();
        values.extend([ws.0.into(), fixed.1.clone()]);
        // A set of rows and not a list of values, so that it is looked up and not walked through for each row.
        let sql = format!(
            "WITH v (key) AS (VALUES {}) DELETE FROM \"{}\" WHERE workspace_id = {} AND \"{}\" = {} \
             AND \"{}\" IN (SELECT key FROM v)",
            places.join(", "),
            table.table_name(),
            place(part.len() + 1),
            fixed.0.as_str(),
            place(part.len() + 2),
            column.as_str(),
        );
        removed +=
            tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?.rows_affected();
    }
    Ok(removed)
}

/// Cut a list of values for `column IN (…)` so that each query stays under the limit, `spare` values aside.
pub(crate) fn in_chunks<'a, T>(
    conn: &impl ConnectionTrait,
    values: &'a [T],
    spare: usize,
) -> std::slice::Chunks<'a, T> {
    values.chunks((dialect::max_binds(conn.get_database_backend()) - spare).min(5 * ROWS_PER_STATEMENT))
}

fn rows_per_statement(tx: &Tx, columns: usize) -> usize {
    (dialect::max_binds(tx.get_database_backend()) / columns.max(1)).clamp(1, ROWS_PER_STATEMENT)
}

/// The value without NUL characters.
fn storable(value: Value) -> Value {
    match value {
        Value::String(Some(text)) if text.contains('\0') => Value::String(Some(text.replace('\0', ""))),
        Value::Json(Some(mut json)) => {
            drop_nul(&mut json);
            Value::Json(Some(json))
        }
        other => other,
    }
}

fn drop_nul(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::String(text) if text.contains('\0') => *text = text.replace('\0', ""),
        serde_json::Value::Array(items) => items.iter_mut().for_each(drop_nul),
        serde_json::Value::Object(fields) => {
            if fields.keys().any(|key| key.contains('\0')) {
                *fields = std::mem::take(fields).into_iter().map(|(k, v)| (k.replace('\0', ""), v)).collect();
            }
            fields.values_mut().for_each(drop_nul);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
