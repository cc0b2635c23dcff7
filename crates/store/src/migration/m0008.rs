//! History that is read from a platform: imports with the threads they go through, and which messages only an import
//! has told of.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[IMPORTS];

const IMPORTS: &[Table] = &[
    Table {
        name: "imports",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("channel_id"),
            C::uuid("member_id").null(),
            C::text("state"),
            C::text("stage"),
            C::big("list_offset"),
            C::big("threads_found"),
            C::big("threads_done"),
            C::big("threads_refused"),
            C::big("messages_read"),
            C::big("messages_new"),
            C::flag("is_limited"),
            C::big("since_at").null(),
            C::big("due_at"),
            C::int("failures"),
            C::text("last_error").null(),
            C::big("lease_until_at").null(),
            C::text("lease_owner").null(),
            C::big("created_at"),
            C::big("updated_at"),
            C::big("finished_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("imports_channel", &["workspace_id", "channel_id", "id"]),
            Index::partial("imports_due", &["due_at"], "state = 'running'"),
            Index {
                name: "imports_active",
                columns: &["workspace_id", "channel_id"],
                unique: true,
                only: Some("state IN ('running', 'paused')"),
            },
        ],
        foreign: &[],
    },
    Table {
        name: "import_threads",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("import_id"),
            C::text("external_id"),
            C::big("place"),
            C::text("state"),
            C::big("next_offset"),
            C::text("last_error").null(),
        ],
        key: &["workspace_id", "import_id", "external_id"],
        indexes: &[Index::partial(
            "import_threads_waiting",
            &["workspace_id", "import_id", "place"],
            "state = 'waiting'",
        )],
        foreign: &[],
    },
    Table {
        name: "imported_messages",
        columns: &[C::uuid("workspace_id"), C::uuid("message_id"), C::big("imported_at")],
        key: &["workspace_id", "message_id"],
        indexes: &[Index::plain("imported_messages_age", &["imported_at"])],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[Addition {
    table: "messages",
    columns: &[],
    indexes: &[Index::partial(
        "messages_stickers",
        &["workspace_id", "channel_id", "id"],
        "kind = 'sticker'",
    )],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_history"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
