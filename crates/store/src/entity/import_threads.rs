//! The threads that an import goes through.

use sea_orm::entity::prelude::*;

/// A row of `import_threads`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_threads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// The platform's user id.
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub external_id: String,
    /// Place in the platform's list: the latest first.
    pub place: i64,
    /// `waiting`, `done` or `refused`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// Where the thread is read next, counted from its newest message.
    pub next_offset: i64,
    /// Why it was refused.
    #[sea_orm(column_type = "Text", nullable)]
    pub last_error: Option<String>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
