//! Phone numbers of the custom groups, whether anybody with them is known or not.

use sea_orm::entity::prelude::*;

/// A row of `group_phones`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "group_phones")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// As `normalise_phone` writes it.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub phone: String,
    /// `priority` or `restricted`.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub group: String,
    /// It does not count from then on.
    #[sea_orm(nullable)]
    pub expires_at: Option<i64>,
    /// Who uploaded it.
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
