//! Labels for many customers at once: the items of a job are threads or customers, and how many may be labelled at once.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Rename, add_all};

pub(super) const ADDITIONS: &[Addition] =
    &[Addition { table: "workspaces", columns: &[C::flag("strict_zalo_limit").null()], indexes: &[] }];

pub(super) const RENAMES: &[Rename] =
    &[Rename { table: "bulk_items", from: "conversation_id", to: "item_id" }];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_bulk_labels"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for rename in RENAMES {
            rename.apply(manager).await?;
        }
        add_all(manager, ADDITIONS).await
    }
}
