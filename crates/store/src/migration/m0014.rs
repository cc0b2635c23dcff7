//! Fields of customers that can be masked and removed, what happened to a customer, and what each package of the platform
//! allows.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[FIELDS];

const FIELDS: &[Table] = &[
    Table {
        name: "customer_events",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("customer_id"),
            C::text("kind"),
            C::big("at"),
            C::uuid("member_id").null(),
            C::json("detail"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::plain("customer_events_customer", &["workspace_id", "customer_id", "at", "id"])],
        foreign: &[],
    },
    Table {
        name: "package_capabilities",
        columns: &[
            C::uuid("workspace_id"),
            C::text("package"),
            C::text("name"),
            C::json("capabilities"),
            C::uuid("member_id").null(),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "package"],
        indexes: &[],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "customer_fields",
    columns: &[C::json("mask").null(), C::big("removed_at").null(), C::uuid("emptied_to").null()],
    indexes: &[Index::partial("customer_fields_removed", &["removed_at"], "removed_at IS NOT NULL")],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0014_fields"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
