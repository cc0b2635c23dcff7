//! Cursors, changes, audit and what was not understood.

use crate::migration::plan::{Column as C, Index, Table};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "raw_events",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("channel_id").null(),
            C::text("event_name"),
            C::text("reason"),
            C::text("body"),
            C::big("received_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[Index::plain("raw_events_received", &["workspace_id", "received_at", "id"])],
        foreign: &[],
    },
    Table {
        name: "partition_cursors",
        columns: &[C::int("partition"), C::big("position"), C::big("updated_at")],
        key: &["partition"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "changes",
        columns: &[
            C::uuid("workspace_id"),
            C::big("seq"),
            C::text("kind"),
            C::uuid("channel_id").null(),
            C::uuid("entity_id"),
            C::uuid("conversation_id").null(),
            C::big("created_at"),
        ],
        key: &["workspace_id", "seq"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "audit_log",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::big("at"),
            C::uuid("actor_id").null(),
            C::text("action"),
            C::text("object"),
            C::text("object_id"),
            C::json("detail"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[],
        foreign: &[],
    },
];
