//! Lists of threads and of customers that members keep under a name.

use sea_orm::entity::prelude::*;

/// A row of `saved_views`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// What the list shows: of threads [`loa_kernel::Criteria`], of customers conditions, columns and order.
    #[sea_orm(column_type = "JsonBinary")]
    pub criteria: Json,
    /// Of threads a word of [`loa_kernel::ViewSort`]; of customers empty, as their order stands with the conditions.
    #[sea_orm(column_type = "Text")]
    pub sort: String,
    /// For everybody who sees such lists.
    pub shared: bool,
    /// It once was, so that everybody hears when it is gone.
    pub was_shared: bool,
    pub created_at: i64,
    pub updated_at: i64,
    /// It is gone; the row stays a while, so that whoever had it hears of it.
    #[sea_orm(nullable)]
    pub deleted_at: Option<i64>,
    /// Which list it is of: a word of [`crate::saved_views::Kept::LIST`]; absent: threads.
    #[sea_orm(column_type = "Text", nullable)]
    pub list: Option<String>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
