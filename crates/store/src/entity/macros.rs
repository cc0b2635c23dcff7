//! Several actions under one name.

use sea_orm::entity::prelude::*;

/// A row of `macros`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "macros")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose; the nil id: everybody's.
    pub owner_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// `fold_vi(name)`; unique for its owner.
    #[sea_orm(column_type = "Text")]
    pub name_folded: String,
    /// In their order.
    #[sea_orm(column_type = "JsonBinary")]
    pub actions: Json,
    pub used_count: i64,
    #[sea_orm(nullable)]
    pub last_used_at: Option<i64>,
    #[sea_orm(nullable)]
    pub created_by: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
