//! Workspaces and the people who sign in.

use crate::migration::plan::{Column as C, Foreign, Index, Table};

pub(super) const TABLES: &[Table] = &[
    Table {
        name: "workspaces",
        columns: &[
            C::uuid("id"),
            C::text("name"),
            C::text("locale"),
            C::big("created_at"),
            C::big("last_seq"),
        ],
        key: &["id"],
        indexes: &[],
        foreign: &[],
    },
    Table {
        name: "members",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::text("email"),
            C::text("email_folded"),
            C::text("display_name"),
            C::text("password_hash"),
            C::text("role"),
            C::text("status"),
            C::text("locale"),
            C::big("created_at"),
            C::big("updated_at"),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::unique("members_email", &["workspace_id", "email_folded"]),
            Index::plain("members_sign_in", &["email_folded"]),
        ],
        foreign: &[Foreign {
            columns: &["workspace_id"],
            table: "workspaces",
            target: &["id"],
            cascade: false,
        }],
    },
    Table {
        name: "sessions",
        columns: &[
            C::uuid("workspace_id"),
            C::uuid("id"),
            C::blob("token_hash"),
            C::uuid("member_id"),
            C::big("created_at"),
            C::big("expires_at"),
            C::big("last_seen_at"),
            C::text("user_agent").null(),
            C::text("ip").null(),
        ],
        key: &["workspace_id", "id"],
        indexes: &[
            Index::unique("sessions_token", &["token_hash"]),
            Index::plain("sessions_member", &["workspace_id", "member_id"]),
            Index::plain("sessions_expiry", &["expires_at"]),
        ],
        foreign: &[Foreign {
            columns: &["workspace_id", "member_id"],
            table: "members",
            target: &["workspace_id", "id"],
            cascade: true,
        }],
    },
    Table {
        name: "sign_in_failures",
        columns: &[C::text("key"), C::int("failures"), C::big("last_at"), C::big("blocked_until_at").null()],
        key: &["key"],
        indexes: &[],
        foreign: &[],
    },
];
