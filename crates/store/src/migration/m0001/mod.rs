//! The first schema: sign-in, channels, inbox, sending, changes.
//!
//! Foreign keys stand where people change things row by row (members, sessions, applications, channels,
//! tokens). They do not stand on what intake and sending write in sets: there each key would cost a look-up a
//! row and, on PostgreSQL, a lock on the parent row, while ids that are derived from the platform's ids and one
//! transaction a batch already keep parents and children together.

mod channels;
mod inbox;
mod log;
mod outbound;
mod people;

use sea_orm_migration::prelude::*;

use super::plan::{Table, create_all};

/// Parents before children.
pub(super) const TABLES: &[&[Table]] =
    &[people::TABLES, channels::TABLES, inbox::TABLES, outbound::TABLES, log::TABLES];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_first_schema"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await
    }
}
