//! Addresses of customers, one a channel, with the facts that the rule book needs.

use sea_orm::entity::prelude::*;

/// A row of `customer_identities`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_identities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub customer_id: Uuid,
    pub channel_id: Uuid,
    /// The platform's user id for this account.
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    /// The platform's user id for the application.
    #[sea_orm(column_type = "Text", nullable)]
    pub app_user_id: Option<String>,
    /// Absent: not known.
    #[sea_orm(nullable)]
    pub is_follower: Option<bool>,
    /// When the platform said so; the newest statement wins, in whatever order they arrive.
    #[sea_orm(nullable)]
    pub follow_changed_at: Option<i64>,
    /// The customer does not take messages from us.
    pub is_blocked: bool,
    /// When that was learned; a customer message after it proves the opposite.
    #[sea_orm(nullable)]
    pub blocked_changed_at: Option<i64>,
    /// As the platform last gave it.
    #[sea_orm(column_type = "JsonBinary")]
    pub profile: Json,
    /// What events told: `{"tags": {name: {"on", "at"}}, "shared": {"at", "name", "phone", "address", "raw"},
    /// "follow_source", "withdrew_at"}`; every entry with its own instant, the newest wins.
    #[sea_orm(column_type = "JsonBinary")]
    pub facts: Json,
    #[sea_orm(nullable)]
    pub last_message_at: Option<i64>,
    #[sea_orm(nullable)]
    pub last_interaction_at: Option<i64>,
    /// The customer message that set the reply counter.
    #[sea_orm(nullable)]
    pub window_started_at: Option<i64>,
    /// Settled replies in the window.
    pub replies_used: i32,
    /// Pending replies.
    pub replies_reserved: i32,
    pub welcome_used: i32,
    /// What the platform last said is left.
    #[sea_orm(nullable)]
    pub platform_reply_remain: Option<i32>,
    #[sea_orm(nullable)]
    pub platform_reply_total: Option<i32>,
    /// When it said so.
    #[sea_orm(nullable)]
    pub platform_as_of_at: Option<i64>,
    /// When the platform refused a message for the age of the last interaction.
    #[sea_orm(nullable)]
    pub window_refused_at: Option<i64>,
    /// When a member last ended the customer's follow, or may have (the platform's answer is lost). What counts is
    /// [`crate::customers::follow_removed_at`]: a follow after it, or a platform that says they follow, ends it.
    #[sea_orm(nullable)]
    pub follow_removed_at: Option<i64>,
    /// Who.
    #[sea_orm(nullable)]
    pub follow_removed_by: Option<Uuid>,
    #[sea_orm(nullable)]
    pub profile_fetched_at: Option<i64>,
    /// When the profile shall be read from the platform; absent: not due.
    #[sea_orm(nullable)]
    pub profile_due_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
