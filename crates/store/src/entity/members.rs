//! People who sign in.

use sea_orm::entity::prelude::*;

/// A row of `members`.
#[derive(Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// As it was typed.
    #[sea_orm(column_type = "Text")]
    pub email: String,
    /// As it is compared ([`crate::members::fold_email`]).
    #[sea_orm(column_type = "Text")]
    pub email_folded: String,
    #[sea_orm(column_type = "Text")]
    pub display_name: String,
    /// Argon2 in PHC form; never leaves the server.
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    /// A word of `loa_kernel::Role`.
    #[sea_orm(column_type = "Text")]
    pub role: String,
    /// `active` or `disabled`.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    #[sea_orm(column_type = "Text")]
    pub locale: String,
    pub created_at: i64,
    pub updated_at: i64,
}

/// Without the secret columns.
impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("members").field("id", &self.id).finish_non_exhaustive()
    }
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
