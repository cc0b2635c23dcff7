//! One thread, or one customer, of a bulk job.

use sea_orm::entity::prelude::*;

/// A row of `bulk_items`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    /// A thread, or a customer: what the job's action is about.
    pub item_id: Uuid,
    /// A word of [`crate::bulk::Outcome`].
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    /// Why it was skipped or kept: a word of [`crate::bulk::Why`].
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// What stood there before, for undoing; gone when that is over.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub before: Option<Json>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
