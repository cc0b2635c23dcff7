//! Imports of history, one a time an account.

use sea_orm::entity::prelude::*;

/// A row of `imports`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    /// Who asked for it; absent: it came with the connection.
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    /// `running`, `paused`, `done` or `canceled`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// `listing`, `again` (the front of the list once more) or `reading`.
    #[sea_orm(column_type = "Text")]
    pub stage: String,
    /// Where the list is read next.
    pub list_offset: i64,
    pub threads_found: i64,
    pub threads_done: i64,
    /// Threads that the platform did not show.
    pub threads_refused: i64,
    /// Messages that the platform showed.
    pub messages_read: i64,
    /// Those that were not here before.
    pub messages_new: i64,
    /// The platform shows no more than was read, though there may be more.
    pub is_limited: bool,
    /// Older messages are left alone; absent: as far back as the platform shows.
    #[sea_orm(nullable)]
    pub since_at: Option<i64>,
    pub due_at: i64,
    /// Failures in a row.
    pub failures: i32,
    /// The last failure, for people who configure.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub lease_owner: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    #[sea_orm(nullable)]
    pub finished_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
