//! Automatic replies, due or over: one a thread and time of closure.

use sea_orm::entity::prelude::*;

/// A row of `auto_replies`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auto_replies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    /// Since when the shop was closed; 0: longer than anybody looks back.
    #[sea_orm(primary_key, auto_increment = false)]
    pub closed_since_at: i64,
    pub channel_id: Uuid,
    /// The customer's message that asked for it.
    pub message_at: i64,
    pub opens_at: i64,
    /// `due`, `sent` (handed to the queue) or `skipped`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// Why it was skipped.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(nullable)]
    pub message_id: Option<Uuid>,
    pub due_at: i64,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
