//! Imports of customers from files, and the business's own numbers of customers as a key.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Special, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[IMPORTS];

const IMPORTS: &[Table] = &[
    Table {
        name: "customer_imports",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("member_id"),
            C::text("state"),
            C::text("name"),
            C::text("format"),
            C::big("size"),
            C::text("sha256"),
            C::text("store_key"),
            C::json("header"),
            C::json("sample"),
            C::json("plan").null(),
            C::big("rows"),
            C::big("row_at"),
            C::json("counts"),
            C::text("failure").null(),
            C::big("lease_until_at").null(),
            C::text("lease_owner").null(),
            C::big("created_at"),
            C::big("updated_at"),
            C::big("finished_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::partial("customer_imports_due", &["updated_at"], "state IN ('checking', 'running')"),
            Index::plain("customer_imports_newest", &["workspace_id", "created_at", "id"]),
        ],
        foreign: &[],
    },
    Table {
        name: "customer_import_rows",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("import_id"),
            C::big("row"),
            C::big("last_row"),
            C::text("outcome"),
            C::uuid("customer_id").null(),
            C::text("reason").null(),
            C::text("column_name").null(),
            C::big("first_row").null(),
        ],
        key: &["workspace_id", "import_id", "row"],
        indexes: &[],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "customer_details",
    columns: &[C::text("external_key").null()],
    indexes: &[Index::partial(
        "customer_details_external",
        &["workspace_id", "external_key"],
        "external_key IS NOT NULL",
    )],
}];

/// The numbers that are known already.
const KNOWN: Special = Special {
    sqlite: &["UPDATE customer_details SET external_key = json_extract(facts, '$.external_id')
               WHERE json_extract(facts, '$.external_id') IS NOT NULL"],
    postgres: &["UPDATE customer_details SET external_key = facts ->> 'external_id'
                 WHERE facts ->> 'external_id' IS NOT NULL"],
};

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0015_customer_imports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await?;
        KNOWN.create(manager).await
    }
}
