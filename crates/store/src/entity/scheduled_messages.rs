//! Messages that are to be sent later.

use sea_orm::entity::prelude::*;

/// A row of `scheduled_messages`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scheduled_messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub conversation_id: Uuid,
    pub channel_id: Uuid,
    /// Who wrote it.
    pub member_id: Uuid,
    /// Made by the browser; the message that is sent carries it too.
    pub client_id: Uuid,
    #[sea_orm(column_type = "Text", nullable)]
    pub text: Option<String>,
    #[sea_orm(nullable)]
    pub file_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub sticker_id: Option<String>,
    #[sea_orm(nullable)]
    pub quoted_message_id: Option<Uuid>,
    /// When it is to be sent.
    pub send_at: i64,
    /// It is not sent when the customer writes first.
    pub cancel_on_reply: bool,
    /// The customer's newest message when it was written.
    #[sea_orm(nullable)]
    pub customer_until_at: Option<i64>,
    /// The class that its writer saw.
    #[sea_orm(column_type = "Text")]
    pub seen_class: String,
    /// The decision about the time at which it is to be sent.
    #[sea_orm(column_type = "JsonBinary")]
    pub decision: Json,
    /// `waiting`, `returned`, `sent` or `canceled`.
    #[sea_orm(column_type = "Text")]
    pub state: String,
    /// Why it was returned.
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    /// The refusal, when that is why.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub problem: Option<Json>,
    /// What was sent.
    #[sea_orm(nullable)]
    pub message_id: Option<Uuid>,
    /// When somebody has to look at it: at `send_at`, and earlier when the customer has written.
    pub due_at: i64,
    #[sea_orm(nullable)]
    pub lease_until_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
