//! Texts that are written once and sent often.

use sea_orm::entity::prelude::*;

/// A row of `canned_replies`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "canned_replies")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose; the nil id: everybody's.
    pub owner_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub shortcut: String,
    /// `fold_vi(shortcut)`; unique for its owner.
    #[sea_orm(column_type = "Text")]
    pub shortcut_folded: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    /// With its variables.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Ids of files, in their order.
    #[sea_orm(column_type = "JsonBinary")]
    pub files: Json,
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
