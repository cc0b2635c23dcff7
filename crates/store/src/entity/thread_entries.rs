//! What stands in a thread and is no message: private notes, and lines about what was done.

use sea_orm::entity::prelude::*;

/// A row of `thread_entries`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "thread_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub channel_id: Uuid,
    /// `note` or `line`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    /// Who wrote or did it; absent: Loa itself.
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    /// Of a note: the text, members as `@[mem_…]`.
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    /// Of a line: what was done.
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    /// Of a note: made by the browser; the same one is never written twice.
    #[sea_orm(nullable)]
    pub client_id: Option<Uuid>,
    /// Place in the thread.
    pub at: i64,
    #[sea_orm(nullable)]
    pub edited_at: Option<i64>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
