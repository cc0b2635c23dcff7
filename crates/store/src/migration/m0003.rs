//! How a thread is worked on: snoozing, why it is back, private notes and lines, and how long people waited.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[WORK];

const WORK: &[Table] = &[
    Table {
        name: "thread_entries",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("conversation_id"),
            C::uuid("channel_id"),
            C::text("kind"),
            C::uuid("member_id").null(),
            C::text("text").null(),
            C::json("detail"),
            C::uuid("client_id").null(),
            C::big("at"),
            C::big("edited_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("thread_entries_thread", &["workspace_id", "conversation_id", "at", "id"]),
            Index::unique("thread_entries_client", &["workspace_id", "client_id"]),
        ],
        foreign: &[],
    },
    Table {
        name: "episodes",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("conversation_id"),
            C::big("opened_at"),
            C::uuid("channel_id"),
            C::uuid("assignee_id").null(),
            C::big("asked_at").null(),
            C::big("responded_at").null(),
            C::big("resolved_at"),
            C::uuid("resolved_by").null(),
        ],
        key: &["workspace_id", "conversation_id", "opened_at"],
        indexes: &[Index::plain("episodes_resolved", &["workspace_id", "resolved_at"])],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    // Threads that are there get theirs with their next event or change.
    Addition {
        table: "conversations",
        columns: &[
            C::text("snooze_kind").null(),
            C::big("snoozed_until_at").null(),
            C::int("snooze_lead_minutes").null(),
            C::text("back_reason").null(),
            C::big("back_at").null(),
            C::big("opened_at").null(),
            C::big("asked_at").null(),
            C::big("responded_at").null(),
            C::big("closed_at").null(),
        ],
        indexes: &[
            // Of all workspaces: one worker wakes them all.
            Index::partial("conversations_snoozed", &["snoozed_until_at", "id"], "status = 'snoozed'"),
            // The few that stand above their last message in the list.
            Index::partial(
                "conversations_back",
                &["workspace_id", "back_at", "id"],
                "back_at > last_message_at",
            ),
        ],
    },
    Addition { table: "messages", columns: &[C::flag("by_person").null()], indexes: &[] },
    Addition { table: "workspaces", columns: &[C::flag("courtesy_stays_closed").null()], indexes: &[] },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_desk"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
