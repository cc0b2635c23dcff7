//! What an administrator says a package of the platform allows, instead of what the rule book says.

use sea_orm::entity::prelude::*;

/// A row of `package_capabilities`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "package_capabilities")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Its name, folded.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub package: String,
    /// Its name as the platform writes it.
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// By capability, whether it allows that.
    #[sea_orm(column_type = "JsonBinary")]
    pub capabilities: Json,
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
