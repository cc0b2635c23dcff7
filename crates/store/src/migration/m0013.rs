//! Saved views of the list of customers, and labels that are written back to the platform as tags.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[PUSHES];

const PUSHES: &[Table] = &[Table {
    name: "label_pushes",
    columns: &[
        C::uuid("workspace_id"),
        C::uuid("identity_id"),
        C::uuid("label_id"),
        C::uuid("customer_id"),
        C::uuid("channel_id"),
        C::text("tag"),
        C::flag("wished"),
        C::big("wished_at"),
        C::text("state"),
        C::int("attempts"),
        C::text("reason").null(),
        C::big("due_at"),
        C::big("lease_until_at").null(),
    ],
    key: &["workspace_id", "identity_id", "label_id"],
    indexes: &[
        Index::partial("label_pushes_due", &["due_at"], "state = 'due'"),
        // Asked with every customer that is shown, and nearly always empty.
        Index::partial("label_pushes_failed", &["workspace_id", "customer_id"], "state = 'failed'"),
        Index::partial("label_pushes_told", &["workspace_id", "customer_id"], "state IN ('due', 'done')"),
        Index::partial("label_pushes_done", &["workspace_id", "wished_at"], "state = 'done'"),
    ],
    foreign: &[],
}];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition { table: "saved_views", columns: &[C::text("list").null()], indexes: &[] },
    Addition { table: "labels", columns: &[C::flag("pushed").null()], indexes: &[] },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0013_views_of_customers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
