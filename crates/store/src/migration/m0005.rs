//! Labels of customers, canned replies, macros.

use sea_orm_migration::prelude::*;

use super::plan::{Column as C, Index, Table, create_all};

pub(super) const TABLES: &[&[Table]] = &[LABELS, REPLIES];

const LABELS: &[Table] = &[
    Table {
        name: "labels",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::text("name"),
            C::text("name_folded"),
            C::text("colour"),
            C::text("kind"),
            C::big("position"),
            C::big("archived_at").null(),
            C::uuid("created_by").null(),
            C::big("created_at"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::unique("labels_name", &["workspace_id", "name_folded"])],
        foreign: &[],
    },
    Table {
        name: "customer_labels",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("customer_id"),
            C::uuid("label_id"),
            C::uuid("member_id").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "customer_id", "label_id"],
        indexes: &[Index::plain("customer_labels_label", &["workspace_id", "label_id", "customer_id"])],
        foreign: &[],
    },
];

// `owner_id` is the nil id for what the whole workspace uses: in a unique key no absent value equals another.
const REPLIES: &[Table] = &[
    Table {
        name: "canned_replies",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("owner_id"),
            C::text("shortcut"),
            C::text("shortcut_folded"),
            C::text("title"),
            C::text("text"),
            C::json("files"),
            C::big("used_count"),
            C::big("last_used_at").null(),
            C::uuid("created_by").null(),
            C::big("created_at"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::unique(
            "canned_replies_shortcut",
            &["workspace_id", "owner_id", "shortcut_folded"],
        )],
        foreign: &[],
    },
    Table {
        name: "macros",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("owner_id"),
            C::text("name"),
            C::text("name_folded"),
            C::json("actions"),
            C::big("used_count"),
            C::big("last_used_at").null(),
            C::uuid("created_by").null(),
            C::big("created_at"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::unique("macros_name", &["workspace_id", "owner_id", "name_folded"])],
        foreign: &[],
    },
    Table {
        name: "macro_runs",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("macro_id"),
            C::uuid("conversation_id"),
            C::uuid("member_id"),
            C::json("messages"),
            C::big("created_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::plain("macro_runs_created", &["created_at"])],
        foreign: &[],
    },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_replies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        // The index learns of each message in which thread it stands, which `label:` asks for: everything is read again.
        manager.get_connection().execute_unprepared("DELETE FROM search_cursors").await?;
        Ok(())
    }
}
