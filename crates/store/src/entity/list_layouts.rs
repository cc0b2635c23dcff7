//! How a member wants a list to look next time.

use sea_orm::entity::prelude::*;

/// A row of `list_layouts`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "list_layouts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    /// Which list.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub list: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub layout: Json,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
