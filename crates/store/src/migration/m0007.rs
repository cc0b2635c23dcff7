//! Business hours, automatic replies outside them, and messages that are to be sent later.

use sea_orm_migration::prelude::*;

use super::plan::{Column as C, Index, Table, create_all};

pub(super) const TABLES: &[&[Table]] = &[HOURS, SCHEDULED];

const HOURS: &[Table] = &[
    // The nil id stands for the workspace's own.
    Table {
        name: "business_hours",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("channel_id"),
            C::json("plan"),
            C::uuid("member_id"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "channel_id"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "auto_reply_settings",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("channel_id"),
            C::flag("enabled"),
            C::text("text"),
            C::text("language"),
            C::uuid("member_id"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "channel_id"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "auto_replies",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("conversation_id"),
            C::big("closed_since_at"),
            C::uuid("channel_id"),
            C::big("message_at"),
            C::big("opens_at"),
            C::text("state"),
            C::text("reason").null(),
            C::uuid("message_id").null(),
            C::big("due_at"),
            C::big("lease_until_at").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "conversation_id", "closed_since_at"],
        indexes: &[
            Index::partial("auto_replies_due", &["due_at"], "state = 'due'"),
            Index::plain("auto_replies_channel", &["workspace_id", "channel_id", "created_at"]),
        ],
        foreign: &[],
    },
];

const SCHEDULED: &[Table] = &[Table {
    name: "scheduled_messages",
    columns: &[
        C::uuid("workspace_id"),
        C::uuid("id"),
        C::uuid("conversation_id"),
        C::uuid("channel_id"),
        C::uuid("member_id"),
        C::uuid("client_id"),
        C::text("text").null(),
        C::uuid("file_id").null(),
        C::text("sticker_id").null(),
        C::uuid("quoted_message_id").null(),
        C::big("send_at"),
        C::flag("cancel_on_reply"),
        C::big("customer_until_at").null(),
        C::text("seen_class"),
        C::json("decision"),
        C::text("state"),
        C::text("reason").null(),
        C::json("problem").null(),
        C::uuid("message_id").null(),
        C::big("due_at"),
        C::big("lease_until_at").null(),
        C::big("created_at"),
        C::big("updated_at"),
    ],
    key: &["workspace_id", "id"],
    indexes: &[
        Index::unique("scheduled_messages_client", &["workspace_id", "client_id"]),
        Index::partial("scheduled_messages_due", &["due_at"], "state = 'waiting'"),
        Index::partial(
            "scheduled_messages_thread",
            &["workspace_id", "conversation_id", "send_at"],
            "state IN ('waiting', 'returned')",
        ),
        Index::partial(
            "scheduled_messages_over",
            &["workspace_id", "updated_at"],
            "state IN ('sent', 'canceled')",
        ),
    ],
    foreign: &[],
}];

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_hours"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, TABLES).await
    }
}
