//! Follows that members end ("Xóa quan tâm"): what was asked of the platform, and who ended which.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[REMOVALS];

const REMOVALS: &[Table] = &[Table {
    name: "follow_removals",
    columns: &[
        C::uuid("workspace_id"),
        C::uuid("id"),
        C::uuid("identity_id"),
        C::uuid("member_id"),
        C::text("state"),
        C::int("code").null(),
        C::big("created_at"),
        C::big("ended_at").null(),
    ],
    key: &["workspace_id", "id"],
    indexes: &[Index::plain("follow_removals_identity", &["workspace_id", "identity_id", "created_at"])],
    foreign: &[],
}];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "customer_identities",
    columns: &[C::big("follow_removed_at").null(), C::uuid("follow_removed_by").null()],
    indexes: &[],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_follows"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
