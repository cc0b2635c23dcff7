//! Follows that members wanted to end, each with what became of it.

use sea_orm::entity::prelude::*;

/// A row of `follow_removals`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "follow_removals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Made by the browser; the same one is never done twice.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub identity_id: Uuid,
    /// Who wanted it.
    pub member_id: Uuid,
    /// See [`crate::follows::RemovalState`].
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The platform's number, when it refused.
    #[sea_orm(nullable)]
    pub code: Option<i32>,
    pub created_at: i64,
    #[sea_orm(nullable)]
    pub ended_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
