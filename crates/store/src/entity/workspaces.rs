//! One business. The row also hands out the sequence numbers of `changes`.

use sea_orm::entity::prelude::*;

/// A row of `workspaces`.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "workspaces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    /// Language of new members: `vi` or `en`.
    #[sea_orm(column_type = "Text")]
    pub locale: String,
    pub created_at: i64,
    /// Last sequence number given out in `changes`.
    pub last_seq: i64,
    /// A thread that is closed stays closed when the customer only says thank you; absent: it does not.
    #[sea_orm(nullable)]
    pub courtesy_stays_closed: Option<bool>,
    /// No more customers are labelled at once than the platform's own page allows; absent: more are.
    #[sea_orm(nullable)]
    pub strict_zalo_limit: Option<bool>,
}

/// None: rows are joined by key where they are needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
