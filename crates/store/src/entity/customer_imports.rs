//! Imports of customers from files.

use sea_orm::entity::prelude::*;

/// A row of `customer_imports`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Made by the client, so that the same upload again is known.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who uploaded the file.
    pub member_id: Uuid,
    /// A word of `ImportState`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The file's name.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// `csv` or `xlsx`.
    #[sea_orm(column_type = "Text")]
    pub format: String,
    /// Bytes.
    pub size: i64,
    /// Hexadecimal SHA-256 of the bytes.
    #[sea_orm(column_type = "Text")]
    pub sha256: String,
    /// Key in the file store.
    #[sea_orm(column_type = "Text")]
    pub store_key: String,
    /// Names of the columns.
    #[sea_orm(column_type = "JsonBinary")]
    pub header: Json,
    /// The first rows: number and cells.
    #[sea_orm(column_type = "JsonBinary")]
    pub sample: Json,
    /// What its columns mean and what is done with them; absent: nobody has said yet.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub plan: Option<Json>,
    /// Rows with something in them, without the header.
    pub rows: i64,
    /// The number of the last row that was dealt with.
    pub row_at: i64,
    /// How many rows came to what.
    #[sea_orm(column_type = "JsonBinary")]
    pub counts: Json,
    /// Why it failed: a code.
    #[sea_orm(column_type = "Text", nullable)]
    pub failure: Option<String>,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub lease_owner: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    #[sea_orm(nullable)]
    pub finished_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
