//! Runs of macros, by the id that the browser made: the same one never runs twice.

use sea_orm::entity::prelude::*;

/// A row of `macro_runs`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "macro_runs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub macro_id: Uuid,
    pub conversation_id: Uuid,
    pub member_id: Uuid,
    /// Ids of the messages it sent.
    #[sea_orm(column_type = "JsonBinary")]
    pub messages: Json,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
