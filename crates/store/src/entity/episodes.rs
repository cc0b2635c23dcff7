//! Episodes that are over: from the first message after a thread was closed until it was closed again.

use sea_orm::entity::prelude::*;

/// A row of `episodes`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "episodes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    /// The first message of either side.
    #[sea_orm(primary_key, auto_increment = false)]
    pub opened_at: i64,
    pub channel_id: Uuid,
    /// Whose the thread was when it was closed.
    #[sea_orm(nullable)]
    pub assignee_id: Option<Uuid>,
    /// The customer's first message that asked for an answer.
    #[sea_orm(nullable)]
    pub asked_at: Option<i64>,
    /// The first message that a person of ours wrote after that.
    #[sea_orm(nullable)]
    pub responded_at: Option<i64>,
    pub resolved_at: i64,
    /// Who closed it.
    #[sea_orm(nullable)]
    pub resolved_by: Option<Uuid>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
