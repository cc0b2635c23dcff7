//! Quota that a message holds or has used.

use sea_orm::entity::prelude::*;

/// A row of `reservations`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reservations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// The bytes of the message id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub identity_id: Uuid,
    /// `reply`, `welcome`, `package`, `extra` or `paid`.
    #[sea_orm(column_type = "Text")]
    pub pool: String,
    pub amount: i64,
    /// `pending`, `posted` or `voided`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub created_at: i64,
    #[sea_orm(nullable)]
    pub settled_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
