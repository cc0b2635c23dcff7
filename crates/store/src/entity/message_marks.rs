//! Receipts and reactions that arrived before the message they belong to.

use sea_orm::entity::prelude::*;

/// A row of `message_marks`. Goes when the message comes, or after a few days.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_marks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The platform's id of the message.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub platform_id: String,
    /// `status`, `reaction_customer` or `reaction_us`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub mark: String,
    /// `delivered` or `seen`; or the reaction, empty when it was taken back.
    #[sea_orm(column_type = "Text")]
    pub value: String,
    pub at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
