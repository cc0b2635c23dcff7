//! Stored files.

use sea_orm::entity::prelude::*;

/// A row of `files`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// Key in the file store.
    #[sea_orm(column_type = "Text")]
    pub store_key: String,
    /// A member; absent: arrived from a platform.
    #[sea_orm(nullable)]
    pub created_by: Option<Uuid>,
    pub created_at: i64,
    /// Pixels.
    #[sea_orm(nullable)]
    pub width: Option<i32>,
    /// Pixels.
    #[sea_orm(nullable)]
    pub height: Option<i32>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
