//! What was committed, in order, a workspace; read by the realtime hub.

use sea_orm::entity::prelude::*;

/// A row of `changes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    /// Without gaps, in commit order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    /// A word of [`crate::changes::ChangeKind`].
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(nullable)]
    pub channel_id: Option<Uuid>,
    pub entity_id: Uuid,
    #[sea_orm(nullable)]
    pub conversation_id: Option<Uuid>,
    pub created_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
