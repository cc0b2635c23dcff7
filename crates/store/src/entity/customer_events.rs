//! What happened to customers, beside their messages.

use sea_orm::entity::prelude::*;

/// A row of `customer_events`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub customer_id: Uuid,
    /// A word of `customers::events::EventKind`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub at: i64,
    /// Who did it; `None`: nobody here.
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    /// What the kind says about itself.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
