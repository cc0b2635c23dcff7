//! Connected accounts of a platform.

use sea_orm::entity::prelude::*;

/// A row of `channels`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "channels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub workspace_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `zalo`.
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    pub app_id: Uuid,
    /// The platform's account id (OA id).
    #[sea_orm(column_type = "Text")]
    pub external_id: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub avatar_url: Option<String>,
    /// `connected`, `reconnect_required` or `disconnected`.
    #[sea_orm(column_type = "Text")]
    pub status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub status_reason: Option<String>,
    /// When the status came about, by the clock of whoever changed it: an older event never overrides it.
    #[sea_orm(nullable)]
    pub status_changed_at: Option<i64>,
    /// Edition of the messaging rules, or `auto`.
    #[sea_orm(column_type = "Text")]
    pub edition: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub package_name: Option<String>,
    /// `unknown`, `linked`, `not_linked` or `out_of_money`.
    #[sea_orm(column_type = "Text")]
    pub billing_state: String,
    /// Consultation package of the period, as the platform last said.
    #[sea_orm(nullable)]
    pub quota_total: Option<i64>,
    #[sea_orm(nullable)]
    pub quota_remain: Option<i64>,
    /// When the platform said so.
    #[sea_orm(nullable)]
    pub quota_as_of_at: Option<i64>,
    /// The platform's own text.
    #[sea_orm(column_type = "Text", nullable)]
    pub quota_valid_through: Option<String>,
    /// Reserved from the package and not yet settled.
    pub quota_reserved: i64,
    /// The platform was asked for the number in vain, the last time.
    #[sea_orm(nullable)]
    pub quota_failed_at: Option<i64>,
    /// One message may try to be paid although the account could not pay; since when.
    #[sea_orm(nullable)]
    pub trial_opened_at: Option<i64>,
    /// The message that tries.
    #[sea_orm(nullable)]
    pub trial_message_id: Option<Uuid>,
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    pub created_at: i64,
    pub updated_at: i64,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
