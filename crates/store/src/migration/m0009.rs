//! Fields of customers, what is known of each, the phone numbers of the two custom groups, how members like a list; and when the
//! platform refused a message for the age of the last interaction.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[FIELDS];

const FIELDS: &[Table] = &[
    Table {
        name: "customer_fields",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::text("key"),
            C::text("label"),
            C::text("kind"),
            C::text("help").null(),
            C::json("keys"),
            C::text("format").null(),
            C::text("pii"),
            C::big("position"),
            C::uuid("created_by").null(),
            C::big("created_at"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::unique("customer_fields_key", &["workspace_id", "key"])],
        foreign: &[],
    },
    Table {
        name: "customer_details",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("customer_id"),
            C::json("details"),
            C::json("facts"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "customer_id"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "list_layouts",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("member_id"),
            C::text("list"),
            C::json("layout"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "member_id", "list"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "group_phones",
        columns: &[
            C::uuid("workspace_id"),
            C::text("phone"),
            C::text("group"),
            C::big("expires_at").null(),
            C::uuid("member_id").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "phone", "group"],
        indexes: &[Index::plain("group_phones_group", &["workspace_id", "group", "phone"])],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "customer_identities",
    columns: &[C::big("window_refused_at").null()],
    indexes: &[],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_customers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
