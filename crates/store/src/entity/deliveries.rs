//! What is on its way out. A row that is due is its own queue entry.

use sea_orm::entity::prelude::*;

/// A row of `deliveries`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
    pub channel_id: Uuid,
    pub conversation_id: Uuid,
    pub identity_id: Uuid,
    /// `queued`, `calling`, `unknown` or `done`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub due_at: i64,
    /// Calls made.
    pub attempts: i32,
    /// Looks at the platform whether an unknown call arrived.
    pub checks: i32,
    #[sea_orm(nullable)]
    pub calling_since_at: Option<i64>,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub lease_owner: Option<String>,
    /// For operators.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
