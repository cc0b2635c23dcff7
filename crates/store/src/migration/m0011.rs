//! What was put into the two phone groups at once, with its report; and customers by their number.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[GROUPS];

const GROUPS: &[Table] = &[
    Table {
        name: "group_uploads",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::text("group"),
            C::text("mode"),
            C::text("name").null(),
            C::big("expires_at").null(),
            C::json("counts"),
            C::uuid("member_id").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::plain("group_uploads_newest", &["workspace_id", "group", "created_at", "id"])],
        foreign: &[],
    },
    Table {
        name: "group_upload_rows",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("upload_id"),
            C::big("row"),
            C::text("kind"),
            C::text("value"),
            C::text("reason").null(),
            C::big("first_row").null(),
        ],
        key: &["workspace_id", "upload_id", "row"],
        indexes: &[],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition {
        table: "customers",
        columns: &[],
        indexes: &[Index::plain("customers_phone", &["workspace_id", "phone"])],
    },
    Addition {
        table: "group_phones",
        columns: &[],
        indexes: &[Index::plain("group_phones_expiry", &["expires_at"])],
    },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_groups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
