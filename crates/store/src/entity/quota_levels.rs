//! The last number that the platform told on a day in Vietnam.

use sea_orm::entity::prelude::*;

/// A row of `quota_levels`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_levels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// `2026-01-15`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub day: String,
    pub used: i64,
    pub total: i64,
    pub as_of_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
