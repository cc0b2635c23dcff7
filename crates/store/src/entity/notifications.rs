//! Notices to members: one row for each who is told.

use sea_orm::entity::prelude::*;

/// A row of `notifications`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who is told.
    pub member_id: Uuid,
    /// What about, a stable word.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// What the text needs.
    #[sea_orm(column_type = "JsonBinary")]
    pub params: Json,
    /// The member who caused it.
    #[sea_orm(nullable)]
    pub actor_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub channel_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub conversation_id: Option<Uuid>,
    #[sea_orm(nullable)]
    pub message_id: Option<Uuid>,
    pub created_at: i64,
    #[sea_orm(nullable)]
    pub read_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
