//! How far the search index of a workspace has come.

use sea_orm::entity::prelude::*;

/// A row of `search_cursors`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_cursors")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// The last change that is in the index.
    pub position: i64,
    /// Messages below this id were there before the index and are still to be read; absent: none are.
    pub messages_before: Option<Uuid>,
    /// Customers above this id were there before the index and are still to be read; absent: none are.
    pub customers_after: Option<Uuid>,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
