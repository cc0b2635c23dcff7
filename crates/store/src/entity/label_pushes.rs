//! A label of a customer that is to stand, or not to stand, on an address as a tag of the platform.

use sea_orm::entity::prelude::*;

/// A row of `label_pushes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "label_pushes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub identity_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub label_id: Uuid,
    pub customer_id: Uuid,
    pub channel_id: Uuid,
    /// The tag: the label's name when it was wished.
    #[sea_orm(column_type = "Text")]
    pub tag: String,
    /// The tag is to be there.
    pub wished: bool,
    /// When; a newer wish takes the place of an older one.
    pub wished_at: i64,
    /// A word of [`crate::labels::pushes::PushState`].
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// Calls that failed since it was wished.
    pub attempts: i32,
    /// Why the last call failed: the platform's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    pub due_at: i64,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
