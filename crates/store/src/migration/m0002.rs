//! The room: notices to members, what used the quota, one try after money ran out, and when a thread closes.

use sea_orm_migration::prelude::*;

use super::plan::{Addition, Column as C, Index, Table, add_all, create_all};

pub(super) const TABLES: &[&[Table]] = &[NOTICES, QUOTA];

const NOTICES: &[Table] = &[
    Table {
        name: "notifications",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("member_id"),
            C::text("kind"),
            C::json("params"),
            C::uuid("actor_id").null(),
            C::uuid("channel_id").null(),
            C::uuid("conversation_id").null(),
            C::uuid("message_id").null(),
            C::big("created_at"),
            C::big("read_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("notifications_member", &["workspace_id", "member_id", "id"]),
            Index::partial("notifications_unread", &["workspace_id", "member_id", "id"], "read_at IS NULL"),
        ],
        foreign: &[],
    },
    Table {
        name: "notification_limits",
        columns: &[C::uuid("workspace_id"), C::text("subject"), C::big("last_at")],
        key: &["workspace_id", "subject"],
        indexes: &[],
        foreign: &[],
    },
];

const QUOTA: &[Table] = &[
    Table {
        name: "quota_days",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("channel_id"),
            C::text("day"),
            C::text("class"),
            C::uuid("member_id"),
            C::big("messages"),
            C::big("cost_vnd"),
        ],
        key: &["workspace_id", "channel_id", "day", "class", "member_id"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "quota_levels",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("channel_id"),
            C::text("day"),
            C::big("used"),
            C::big("total"),
            C::big("as_of_at"),
        ],
        key: &["workspace_id", "channel_id", "day"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "quota_ledgers",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("channel_id"),
            C::big("base_used"),
            C::big("total"),
            C::text("valid_through").null(),
            C::big("ours"),
            C::big("outside"),
            C::big("seen_at"),
        ],
        key: &["workspace_id", "channel_id"],
        indexes: &[],
        foreign: &[],
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition {
        table: "channels",
        columns: &[
            C::big("trial_opened_at").null(),
            C::uuid("trial_message_id").null(),
            C::big("quota_failed_at").null(),
        ],
        indexes: &[],
    },
    // Threads that are there get theirs with their next event.
    Addition {
        table: "conversations",
        columns: &[C::big("free_until_at").null(), C::big("permitted_until_at").null()],
        indexes: &[
            Index::partial(
                "conversations_free_until",
                &["workspace_id", "free_until_at", "id"],
                "status <> 'closed'",
            ),
            Index::partial(
                "conversations_permitted_until",
                &["workspace_id", "permitted_until_at", "id"],
                "status <> 'closed'",
            ),
        ],
    },
];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_room"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await?;
        add_all(manager, ADDITIONS).await
    }
}
