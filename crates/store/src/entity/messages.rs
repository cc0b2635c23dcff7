//! Messages, either way.

use sea_orm::entity::prelude::*;

/// A row of `messages`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub channel_id: Uuid,
    /// `in` or `out`.
    #[sea_orm(column_type = "Text")]
    pub direction: String,
    /// `customer`, `member`, `platform` (written in the platform's own tool or another app) or `system`.
    #[sea_orm(column_type = "Text")]
    pub author: String,
    #[sea_orm(nullable)]
    pub member_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    /// Array of attachments.
    #[sea_orm(column_type = "JsonBinary")]
    pub attachments: Json,
    /// The platform's message id.
    #[sea_orm(column_type = "Text", nullable)]
    pub platform_id: Option<String>,
    /// Made by the browser; the same one is never sent twice.
    #[sea_orm(nullable)]
    pub client_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub quoted_platform_id: Option<String>,
    /// Of a message with the author `platform`: the platform named a person who wrote it.
    #[sea_orm(nullable)]
    pub by_person: Option<bool>,
    /// Array of reactions.
    #[sea_orm(column_type = "JsonBinary")]
    pub reactions: Json,
    /// `received`, `queued`, `sending`, `sent`, `delivered`, `seen`, `failed` or `unknown`.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    /// The platform's code.
    #[sea_orm(nullable)]
    pub error_code: Option<i32>,
    /// The platform's words.
    #[sea_orm(column_type = "Text", nullable)]
    pub error_text: Option<String>,
    /// Our reading of the error.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub problem: Option<Json>,
    /// Why it might go, and as what.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub decision: Option<Json>,
    /// Place in the thread: the platform's time; while queued, the time of creation.
    pub sent_at: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
