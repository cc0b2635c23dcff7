//! Opening hours and automatic replies as they are set: for the workspace, and for each channel.
//!
//! A channel without a plan of its own follows the workspace's; without either it is always open.

use std::collections::HashMap;

use loa_kernel::{ChannelId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use serde_json::Value;
use uuid::Uuid;

use crate::entity::{auto_reply_settings, business_hours};
use crate::{Result, Tx};

/// Every plan of a workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plans {
    /// The workspace's.
    pub workspace: Option<Value>,
    /// Of channels that have their own.
    pub channels: HashMap<ChannelId, Value>,
}

impl Plans {
    /// What holds for a channel; `None`: it is always open.
    pub fn of(&self, channel: ChannelId) -> Option<&Value> {
        self.channels.get(&channel).or(self.workspace.as_ref())
    }
}

/// Every plan of a workspace, as stored.
pub async fn plans(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Plans> {
    let rows =
        business_hours::Entity::find().filter(business_hours::Column::WorkspaceId.eq(ws.0)).all(conn).await?;
    let mut plans = Plans::default();
    for row in rows {
        if row.channel_id.is_nil() {
            plans.workspace = Some(row.plan);
        } else {
            plans.channels.insert(ChannelId(row.channel_id), row.plan);
        }
    }
    Ok(plans)
}

/// Set the plan of a channel, or (`None`) of the workspace.
pub async fn put_plan(
    tx: &Tx,
    ws: WorkspaceId,
    channel: Option<ChannelId>,
    plan: Value,
    by: MemberId,
    now: Timestamp,
) -> Result<()> {
    use business_hours::Column as C;
    let row = business_hours::ActiveModel {
        workspace_id: Set(ws.0),
        channel_id: Set(scope(channel)),
        plan: Set(plan),
        member_id: Set(by.0),
        updated_at: Set(now.0),
    };
    business_hours::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([C::WorkspaceId, C::ChannelId])
                .update_columns([C::Plan, C::MemberId, C::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forget the plan of a channel, or (`None`) of the workspace. False when there was none.
pub async fn delete_plan(tx: &Tx, ws: WorkspaceId, channel: Option<ChannelId>) -> Result<bool> {
    let gone = business_hours::Entity::delete_by_id((ws.0, scope(channel))).exec(tx).await?;
    Ok(gone.rows_affected > 0)
}

fn scope(channel: Option<ChannelId>) -> Uuid {
    channel.map_or(Uuid::nil(), |id| id.0)
}

/// What a channel answers by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoReply {
    /// Does it?
    pub enabled: bool,
    /// The text, with a place for the next opening.
    pub text: String,
    /// Language of the opening in words.
    pub language: String,
}

/// The settings of these channels; one that was never set has none.
pub async fn auto_replies(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channels: &[ChannelId],
) -> Result<HashMap<ChannelId, AutoReply>> {
    use auto_reply_settings::Column as C;
    let rows = auto_reply_settings::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::ChannelId.is_in(channels.iter().map(|id| id.0)))
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let set = AutoReply { enabled: row.enabled, text: row.text, language: row.language };
            (ChannelId(row.channel_id), set)
        })
        .collect())
}

/// Set what a channel answers by itself.
pub async fn put_auto_reply(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    set: &AutoReply,
    by: MemberId,
    now: Timestamp,
) -> Result<()> {
    use auto_reply_settings::Column as C;
    let row = auto_reply_settings::ActiveModel {
        workspace_id: Set(ws.0),
        channel_id: Set(channel.0),
        enabled: Set(set.enabled),
        text: Set(set.text.clone()),
        language: Set(set.language.clone()),
        member_id: Set(by.0),
        updated_at: Set(now.0),
    };
    auto_reply_settings::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([C::WorkspaceId, C::ChannelId])
                .update_columns([C::Enabled, C::Text, C::Language, C::MemberId, C::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}
