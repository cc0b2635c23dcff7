//! Rows of an uploaded list that need a look.

use sea_orm::entity::prelude::*;

/// A row of `group_upload_rows`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "group_upload_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub upload_id: Uuid,
    /// As the spreadsheet numbers it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    /// `bad`, `double` or `conflict`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// What stands there.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    /// Why it is bad.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// Where the number of a double stands first.
    #[sea_orm(nullable)]
    pub first_row: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
