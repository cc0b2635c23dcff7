//! The schema, step by step, the same code on both databases.
//!
//! Invariants: a step that was released never changes; steps only go forward (going back is restoring a
//! backup); all pending steps are one transaction, so a failure leaves the database as it was; a database that
//! knows steps which this program does not is refused.
//!
//! How to add one: a module `m0002` with its [`plan::Table`]s, [`plan::Addition`]s, [`plan::Rename`]s and
//! [`plan::Special`]s, its line in [`Steps`], in [`tables`], in [`additions`], in [`renames`] and in [`specials`], and
//! the entities.

mod m0001;
mod m0002;
mod m0003;
mod m0004;
mod m0005;
mod m0006;
mod m0007;
mod m0008;
mod m0009;
mod m0010;
mod m0011;
mod m0012;
mod m0013;
mod m0014;
mod m0015;
mod m0017;
pub(crate) mod plan;

use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;
use sha2::{Digest, Sha256};

use crate::StoreError;

/// The steps in order.
pub(crate) struct Steps;

impl MigratorTrait for Steps {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001::Migration),
            Box::new(m0002::Migration),
            Box::new(m0003::Migration),
            Box::new(m0004::Migration),
            Box::new(m0005::Migration),
            Box::new(m0006::Migration),
            Box::new(m0007::Migration),
            Box::new(m0008::Migration),
            Box::new(m0009::Migration),
            Box::new(m0010::Migration),
            Box::new(m0011::Migration),
            Box::new(m0012::Migration),
            Box::new(m0013::Migration),
            Box::new(m0014::Migration),
            Box::new(m0015::Migration),
            Box::new(m0017::Migration),
        ]
    }

    fn migration_table_name() -> DynIden {
        "loa_migrations".into_iden()
    }
}

/// Every table as the steps leave it.
pub(crate) fn tables() -> impl Iterator<Item = &'static plan::Table> {
    let first = [m0001::TABLES, m0002::TABLES, m0003::TABLES, m0004::TABLES];
    let later = [m0005::TABLES, m0006::TABLES, m0007::TABLES, m0008::TABLES, m0009::TABLES];
    let last = [m0010::TABLES, m0011::TABLES, m0013::TABLES, m0014::TABLES, m0015::TABLES, m0017::TABLES];
    first.into_iter().chain(later).chain(last).flatten().copied().flatten()
}

/// What later steps add to tables of earlier ones.
fn additions() -> impl Iterator<Item = &'static plan::Addition> {
    m0002::ADDITIONS
        .iter()
        .chain(m0003::ADDITIONS)
        .chain(m0006::ADDITIONS)
        .chain(m0008::ADDITIONS)
        .chain(m0009::ADDITIONS)
        .chain(m0010::ADDITIONS)
        .chain(m0011::ADDITIONS)
        .chain(m0012::ADDITIONS)
        .chain(m0013::ADDITIONS)
        .chain(m0014::ADDITIONS)
        .chain(m0015::ADDITIONS)
}

/// Columns that a later step calls otherwise.
fn renames() -> impl Iterator<Item = &'static plan::Rename> {
    m0012::RENAMES.iter()
}

/// What only one of the databases has.
fn specials() -> impl Iterator<Item = &'static plan::Special> {
    m0004::SPECIALS.iter()
}

/// Name of the unique key over exactly these columns of a table. SQLite names the columns where PostgreSQL
/// names the key.
pub(crate) fn unique_key(table: &str, columns: &[&str]) -> Option<String> {
    let table = tables().find(|t| t.name == table)?;
    // As the step that made the table called them.
    let was = |column: &str| renames().find(|r| r.table == table.name && r.to == column).map(|r| r.from);
    let columns: Vec<&str> = columns.iter().map(|column| was(column).unwrap_or(column)).collect();
    if table.key == columns {
        return Some(format!("{}_pkey", table.name));
    }
    table.indexes.iter().find(|i| i.unique && i.columns == columns).map(|i| i.name.to_owned())
}

/// A name for the schema this program makes, different whenever it differs: 16 hexadecimal digits. Test
/// databases are shared under it.
pub fn schema_fingerprint() -> String {
    let mut hash = Sha256::new();
    for step in Steps::migrations() {
        hash.update(step.name());
    }
    for table in tables() {
        hash.update(format!("{table:?}"));
    }
    for addition in additions() {
        hash.update(format!("{addition:?}"));
    }
    for rename in renames() {
        hash.update(format!("{rename:?}"));
    }
    for special in specials() {
        hash.update(format!("{special:?}"));
    }
    hash.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// How the database compares with this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// Every step of this program is applied and no other.
    Current,
    /// These steps are missing; [`crate::Store::migrate`] applies them.
    Behind(Vec<String>),
}

/// Compare the applied steps with ours; a database of a newer program, or of another one, is an error.
pub(crate) async fn state<'c>(conn: impl IntoSchemaManagerConnection<'c>) -> Result<SchemaState, StoreError> {
    let manager = SchemaManager::new(conn);
    let conn = manager.get_connection();
    let known: Vec<String> = Steps::migrations().iter().map(|m| m.name().to_owned()).collect();
    let applied: Vec<String> = if manager.has_table("loa_migrations").await? {
        // Not by the migrator, which would first try to make the table: readers cannot.
        let all = Query::select().column("version").from("loa_migrations").to_owned();
        let rows = conn.query_all(&all).await?;
        rows.iter().map(|row| row.try_get("", "version")).collect::<Result<_, DbErr>>()?
    } else if manager.has_table("workspaces").await? || manager.has_table("members").await? {
        return Err(StoreError::Schema(
            "the database has tables that were not made by Loa; name an empty database".into(),
        ));
    } else {
        Vec::new()
    };
    let foreign: Vec<&str> =
        applied.iter().filter(|step| !known.contains(step)).map(String::as_str).collect();
    if !foreign.is_empty() {
        return Err(StoreError::Schema(format!(
            "the database was changed by a newer version of Loa (unknown steps: {}); start that version, or restore a backup made before it",
            foreign.join(", ")
        )));
    }
    let missing: Vec<String> = known.into_iter().filter(|step| !applied.contains(step)).collect();
    Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind(missing) })
}
