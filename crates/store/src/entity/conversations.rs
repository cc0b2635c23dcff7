//! Threads: one an identity.

use sea_orm::entity::prelude::*;

/// A row of `conversations`.
#[derive(Clone, Debug, Default, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub customer_id: Uuid,
    pub identity_id: Uuid,
    /// `open`, `pending`, `snoozed` or `closed`.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// When a member last set the status. A customer message after it opens the thread again; absent: never set.
    #[sea_orm(nullable)]
    pub status_changed_at: Option<i64>,
    /// A member.
    #[sea_orm(nullable)]
    pub assignee_id: Option<Uuid>,
    pub unread_count: i32,
    /// Customer messages up to this instant (by `messages.sent_at`) are read. Whoever marks a thread as read sets
    /// it to `last_message_at` and `unread_count` to 0, so that a message that arrives late does not count again.
    #[sea_orm(nullable)]
    pub read_until_at: Option<i64>,
    /// The newest message that a person of ours wrote, here or in the platform's own tool. Customer messages up
    /// to it are read and answered.
    #[sea_orm(nullable)]
    pub answered_at: Option<i64>,
    /// The first customer message that nobody answered.
    #[sea_orm(nullable)]
    pub waiting_since_at: Option<i64>,
    #[sea_orm(nullable)]
    pub last_message_id: Option<Uuid>,
    pub last_message_at: i64,
    #[sea_orm(column_type = "Text")]
    pub last_preview: String,
    /// `in` or `out`.
    #[sea_orm(column_type = "Text")]
    pub last_direction: String,
    /// Kind of the last message.
    #[sea_orm(column_type = "Text")]
    pub last_kind: String,
    /// Last instant of the free replies that are left, by the rules of the account when it was written.
    #[sea_orm(nullable)]
    pub free_until_at: Option<i64>,
    /// Last instant at which the platform takes messages at all.
    #[sea_orm(nullable)]
    pub permitted_until_at: Option<i64>,
    /// While snoozed: `time`, `reply`, `free` or `permission`; afterwards what it was.
    #[sea_orm(column_type = "Text", nullable)]
    pub snooze_kind: Option<String>,
    /// While snoozed: when it comes back by itself; absent: with the customer's reply only.
    #[sea_orm(nullable)]
    pub snoozed_until_at: Option<i64>,
    /// Snoozed until so many minutes before something ends.
    #[sea_orm(nullable)]
    pub snooze_lead_minutes: Option<i32>,
    /// Why it is open again: `time`, `closing` or `reply`; absent: a member opened it, or it was never put away.
    #[sea_orm(column_type = "Text", nullable)]
    pub back_reason: Option<String>,
    /// When it came back. Later than its last message: it stands there in the list.
    #[sea_orm(nullable)]
    pub back_at: Option<i64>,
    /// The episode: from the first message after the thread was closed. Not later than `closed_at`: over.
    #[sea_orm(nullable)]
    pub opened_at: Option<i64>,
    /// The customer's first message of the episode that asks for an answer.
    #[sea_orm(nullable)]
    pub asked_at: Option<i64>,
    /// The first message that a person of ours wrote after that.
    #[sea_orm(nullable)]
    pub responded_at: Option<i64>,
    /// When a member last closed the thread.
    #[sea_orm(nullable)]
    pub closed_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    /// Sequence of the last change of this row, so that a client can drop older views.
    pub change_seq: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
