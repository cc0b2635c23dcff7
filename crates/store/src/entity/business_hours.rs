//! Opening hours: the workspace's, and those of channels that have their own.

use sea_orm::entity::prelude::*;

/// A row of `business_hours`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "business_hours")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Nil: the workspace's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// As it was entered and checked.
    #[sea_orm(column_type = "JsonBinary")]
    pub plan: Json,
    /// Who entered it.
    pub member_id: Uuid,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
