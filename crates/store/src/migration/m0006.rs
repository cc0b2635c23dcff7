//! Saved views, and what is done to many threads at once.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[VIEWS, BULK];

const VIEWS: &[Table] = &[
    Table {
        name: "saved_views",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("owner_id"),
            C::text("name"),
            C::json("criteria"),
            C::text("sort"),
            C::flag("shared"),
            C::flag("was_shared"),
            C::big("created_at"),
            C::big("updated_at"),
            C::big("deleted_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::partial("saved_views_kept", &["workspace_id", "owner_id"], "deleted_at IS NULL")],
        foreign: &[],
    },
    Table {
        name: "saved_view_places",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("member_id"),
            C::uuid("view_id"),
            C::int("position"),
            C::flag("pinned"),
        ],
        key: &["workspace_id", "member_id", "view_id"],
        indexes: &[],
        foreign: &[],
    },
];

const BULK: &[Table] = &[
    Table {
        name: "bulk_jobs",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("member_id"),
            C::json("action"),
            C::json("criteria").null(),
            C::text("state"),
            C::uuid("cursor").null(),
            C::big("total"),
            C::big("done"),
            C::big("skipped"),
            C::big("undone"),
            C::big("kept"),
            C::big("created_at"),
            C::big("updated_at"),
            C::big("finished_at").null(),
            C::big("undo_until_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::partial("bulk_jobs_due", &["created_at", "id"], "state IN ('running', 'undoing')"),
            Index::plain("bulk_jobs_member", &["workspace_id", "member_id", "created_at"]),
            Index::plain("bulk_jobs_created", &["workspace_id", "created_at"]),
        ],
        foreign: &[],
    },
    Table {
        name: "bulk_items",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("job_id"),
            C::uuid("conversation_id"),
            C::text("outcome"),
            C::text("reason").null(),
            C::json("before").null(),
        ],
        key: &["workspace_id", "job_id", "conversation_id"],
        indexes: &[],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "conversations",
    columns: &[],
    // Few threads have somebody who waits.
    indexes: &[Index::partial(
        "conversations_waiting",
        &["workspace_id", "waiting_since_at", "id"],
        "waiting_since_at IS NOT NULL",
    )],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_views"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
