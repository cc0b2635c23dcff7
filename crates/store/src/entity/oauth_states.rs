//! Connections that were started and not yet finished; each is used once.

use sea_orm::entity::prelude::*;

/// A row of `oauth_states`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "oauth_states")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Random text that comes back with the platform's redirect.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub state: String,
    pub app_id: Uuid,
    /// Who started it.
    pub member_id: Uuid,
    /// PKCE verifier, sealed.
    #[sea_orm(column_type = "Blob")]
    pub verifier_sealed: Vec<u8>,
    pub created_at: i64,
    pub expires_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
