//! What a member does to many threads, or to many customers, at once.

use sea_orm::entity::prelude::*;

/// A row of `bulk_jobs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Made by the client, so that asking twice does it once.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who does it.
    pub member_id: Uuid,
    /// [`loa_kernel::BulkAction`].
    #[sea_orm(column_type = "JsonBinary")]
    pub action: Json,
    /// The [`loa_kernel::Criteria`] that chose the threads; absent: they were named, or customers.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub criteria: Option<Json>,
    /// A word of [`crate::bulk::BulkState`].
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// The last item that was looked at; what follows it is still to be done.
    #[sea_orm(nullable)]
    pub cursor: Option<Uuid>,
    pub total: i64,
    pub done: i64,
    pub skipped: i64,
    /// Of `done`: put back.
    pub undone: i64,
    /// Of `done`: not put back.
    pub kept: i64,
    pub created_at: i64,
    pub updated_at: i64,
    #[sea_orm(nullable)]
    pub finished_at: Option<i64>,
    /// Until then it can be undone.
    #[sea_orm(nullable)]
    pub undo_until_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
