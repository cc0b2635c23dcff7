//! Customers that were made one, and what they are reached by beside their addresses.

use sea_orm_migration::prelude::*;

use super::plan::{Column as C, Index, Table, create_all};

pub(super) const TABLES: &[&[Table]] = &[MERGES];

const MERGES: &[Table] = &[
    Table {
        name: "customer_merges",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("survivor_id"),
            C::uuid("other_id"),
            C::uuid("member_id"),
            C::big("at"),
            C::json("before"),
            C::big("undone_at").null(),
            C::uuid("undone_by").null(),
            C::json("kept").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("customer_merges_survivor", &["workspace_id", "survivor_id", "at", "id"]),
            Index::plain("customer_merges_other", &["workspace_id", "other_id", "at", "id"]),
        ],
        foreign: &[],
    },
    Table {
        name: "customer_redirects",
        columns: &[C::uuid("workspace_id"), C::uuid("from_id"), C::uuid("to_id")],
        key: &["workspace_id", "from_id"],
        indexes: &[Index::plain("customer_redirects_to", &["workspace_id", "to_id"])],
        foreign: &[],
    },
    Table {
        name: "customer_contacts",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("customer_id"),
            C::text("kind"),
            C::text("value"),
            C::text("label").null(),
            C::big("verified_at").null(),
            C::uuid("member_id").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("customer_contacts_customer", &["workspace_id", "customer_id"]),
            Index::plain("customer_contacts_value", &["workspace_id", "kind", "value"]),
        ],
        foreign: &[],
    },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0017_merges"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await
    }
}
