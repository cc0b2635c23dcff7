//! What explains the platform's number of a period: where it stood first, what we took since, what others took.

use sea_orm::entity::prelude::*;

/// A row of `quota_ledgers`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "quota_ledgers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// Used when the period was first seen.
    pub base_used: i64,
    pub total: i64,
    /// The platform's own text; names the period.
    #[sea_orm(column_type = "Text", nullable)]
    pub valid_through: Option<String>,
    /// Taken by messages of ours since then.
    pub ours: i64,
    /// Taken by others since then, as far as is certain.
    pub outside: i64,
    /// When the platform was last heard.
    pub seen_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
