//! What used an account's quota, a day in Vietnam.

use sea_orm::entity::prelude::*;

/// A row of `quota_days`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// `2026-01-15`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub day: String,
    /// `reply`, `welcome`, `package`, `extra`, `paid`, or `outside`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub class: String,
    /// Who sent; zero: nobody of ours.
    #[sea_orm(primary_key, auto_increment = false)]
    pub member_id: Uuid,
    pub messages: i64,
    pub cost_vnd: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
