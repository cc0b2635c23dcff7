//! Fields of customers that a business made itself.

use sea_orm::entity::prelude::*;

/// A row of `customer_fields`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_fields")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its name for programs; never changes.
    #[sea_orm(column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Text")]
    pub label: String,
    /// A word of `loa_filter::FieldKind`; never changes.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub help: Option<String>,
    /// Of a table: its keys in order; they are added, never removed.
    #[sea_orm(column_type = "JsonBinary")]
    pub keys: Json,
    /// Of an instant: how it is shown.
    #[sea_orm(column_type = "Text", nullable)]
    pub format: Option<String>,
    /// A word of `customers::fields::Privacy`: who sees it.
    #[sea_orm(column_type = "Text")]
    pub pii: String,
    /// Place in the list, the smallest first.
    pub position: i64,
    /// `None`: it came from a platform.
    #[sea_orm(nullable)]
    pub created_by: Option<Uuid>,
    pub created_at: i64,
    pub updated_at: i64,
    /// How it is masked for those who do not see it whole.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub mask: Option<Json>,
    /// Removed then; the row stays until its values are gone from every customer.
    #[sea_orm(nullable)]
    pub removed_at: Option<i64>,
    /// Of a removed one: customers up to this one have lost their value.
    #[sea_orm(nullable)]
    pub emptied_to: Option<Uuid>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
