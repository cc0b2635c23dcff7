//! Phone numbers that were put into a group at once.

use sea_orm::entity::prelude::*;

/// A row of `group_uploads`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "group_uploads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Made by the client, so that the same upload again is known.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `priority` or `restricted`.
    #[sea_orm(column_type = "Text")]
    pub group: String,
    /// `add` or `replace`.
    #[sea_orm(column_type = "Text")]
    pub mode: String,
    /// The file's name; absent: typed or pasted.
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    /// From then on its numbers do not count.
    #[sea_orm(nullable)]
    pub expires_at: Option<i64>,
    /// The report in numbers.
    #[sea_orm(column_type = "JsonBinary")]
    pub counts: Json,
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
