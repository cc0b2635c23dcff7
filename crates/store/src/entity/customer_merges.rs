//! Customers that were made one.

use sea_orm::entity::prelude::*;

/// A row of `customer_merges`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customer_merges")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Made by the browser.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who stayed.
    pub survivor_id: Uuid,
    /// Who became part of them.
    pub other_id: Uuid,
    pub member_id: Uuid,
    pub at: i64,
    /// What both were before: `customers::merge::Before`.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Json,
    #[sea_orm(nullable)]
    pub undone_at: Option<i64>,
    #[sea_orm(nullable)]
    pub undone_by: Option<Uuid>,
    /// Of an undone one: what was left as it was, because somebody had changed it since.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub kept: Option<Json>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
