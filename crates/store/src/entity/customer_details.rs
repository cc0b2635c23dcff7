//! What is known of a customer by field.

use sea_orm::entity::prelude::*;

/// A row of `customer_details`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_details")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub customer_id: Uuid,
    /// By key of the field, as it was written; only where the fact cannot say it.
    #[sea_orm(column_type = "JsonBinary")]
    pub details: Json,
    /// By key of the field, as it is compared: texts folded, numbers in thousandths, instants in milliseconds. What is not known is
    /// not in it.
    #[sea_orm(column_type = "JsonBinary")]
    pub facts: Json,
    /// The fact of `external_id`, to look customers up by.
    #[sea_orm(column_type = "Text", nullable)]
    pub external_key: Option<String>,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
