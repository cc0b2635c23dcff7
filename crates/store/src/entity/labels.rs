//! Labels: words that members put on customers.

use sea_orm::entity::prelude::*;

/// A row of `labels`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "labels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// `fold_vi(name)`; unique in the workspace.
    #[sea_orm(column_type = "Text")]
    pub name_folded: String,
    /// A word of `loa_kernel::LabelColour`.
    #[sea_orm(column_type = "Text")]
    pub colour: String,
    /// A word of `loa_kernel::LabelKind`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Place in the list, the smallest first.
    pub position: i64,
    /// Since when it is not put on anybody any more.
    #[sea_orm(nullable)]
    pub archived_at: Option<i64>,
    /// `None`: it came from a platform.
    #[sea_orm(nullable)]
    pub created_by: Option<Uuid>,
    /// It is written back to the platform as a tag; absent: it is when it came from there.
    #[sea_orm(nullable)]
    pub pushed: Option<bool>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
