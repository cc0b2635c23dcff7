//! Tokens of a channel.

use sea_orm::entity::prelude::*;

/// A row of `channel_credentials`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_credentials")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// JSON of both tokens, sealed.
    #[sea_orm(column_type = "Blob")]
    pub sealed: Vec<u8>,
    pub access_expires_at: i64,
    pub refresh_expires_at: i64,
    /// Grows with every replacement; a refresh token works once.
    pub generation: i64,
    /// One refresher at a time.
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub lease_owner: Option<String>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
