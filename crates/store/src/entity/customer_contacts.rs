//! What customers are reached by, beside their addresses on channels and the phone number of their row.

use sea_orm::entity::prelude::*;

/// A row of `customer_contacts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_contacts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub customer_id: Uuid,
    /// A word of `customers::contacts::ContactKind`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Normalised.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    /// What it is for.
    #[sea_orm(column_type = "Text", nullable)]
    pub label: Option<String>,
    /// When it was proven to be theirs; absent: never.
    #[sea_orm(nullable)]
    pub verified_at: Option<i64>,
    /// Who wrote it down.
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
