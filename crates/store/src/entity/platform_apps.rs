//! Applications registered with a platform.

use sea_orm::entity::prelude::*;

/// A row of `platform_apps`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "platform_apps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `zalo`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// The platform's app id.
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    /// JSON of the secrets, sealed by [`crate::Vault`].
    #[sea_orm(column_type = "Blob")]
    pub secrets_sealed: Vec<u8>,
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
