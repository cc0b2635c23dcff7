//! What goes out and the quota it holds.

use crate::migration::plan::{Column as C, Index, Table};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "deliveries",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("message_id"),
            C::uuid("channel_id"),
            C::uuid("conversation_id"),
            C::uuid("identity_id"),
            C::text("state"),
            C::big("due_at"),
            C::int("attempts"),
            C::int("checks"),
            C::big("calling_since_at").null(),
            C::big("lease_until_at").null(),
            C::text("lease_owner").null(),
            C::text("last_error").null(),
        ],
        key: &["workspace_id", "message_id"],
        indexes: &[
            Index::plain("deliveries_due", &["state", "due_at"]),
            Index::plain("deliveries_thread", &["workspace_id", "conversation_id", "state"]),
        ],
        foreign: &[],
    },
    Table {
        name: "reservations",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::uuid("channel_id"),
            C::uuid("identity_id"),
            C::text("pool"),
            C::big("amount"),
            C::text("state"),
            C::big("created_at"),
            C::big("settled_at").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::plain("reservations_channel", &["workspace_id", "channel_id", "state"]),
            Index::plain("reservations_identity", &["workspace_id", "identity_id", "state"]),
        ],
        foreign: &[],
    },
];
