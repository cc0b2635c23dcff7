//! What became of the rows of an imported file. Rows that follow each other and came to the same stand as one.

use sea_orm::entity::prelude::*;

/// A row of `customer_import_rows`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_import_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// As the spreadsheet numbers it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    /// The last of those that follow each other.
    pub last_row: i64,
    /// `created`, `updated`, `unchanged` or `skipped`.
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// Who was updated. Who was created follows from import and row.
    #[sea_orm(nullable)]
    pub customer_id: Option<Uuid>,
    /// Why it was skipped: a code.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// The column that is why.
    #[sea_orm(column_type = "Text", nullable)]
    pub column_name: Option<String>,
    /// Where the key of a double stands first.
    #[sea_orm(nullable)]
    pub first_row: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
