//! Ids of customers who became part of another one, and of whom.

use sea_orm::entity::prelude::*;

/// A row of `customer_redirects`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_redirects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_id: Uuid,
    /// Somebody who is there: whenever they become part of another one, this follows.
    pub to_id: Uuid,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
