//! What a channel answers by itself while the shop is closed.

use sea_orm::entity::prelude::*;

/// A row of `auto_reply_settings`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auto_reply_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    pub enabled: bool,
    /// With a place for the next opening.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// Of the opening in words: `vi` or `en`.
    #[sea_orm(column_type = "Text")]
    pub language: String,
    /// Who entered it.
    pub member_id: Uuid,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
