//! Stickers that came in: the one place where ids of the platform's catalogue can be learned.

use loa_kernel::{ChannelId, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::Result;
use crate::entity::messages::{Column, Entity};

/// So many messages are looked through.
const LOOKED_AT: u64 = 200;

/// Attachments of the stickers that came in through an account, latest first.
pub async fn received(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channel: ChannelId,
) -> Result<Vec<Value>> {
    let found = Entity::find()
        .select_only()
        .column(Column::Attachments)
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ChannelId.eq(channel.0))
        .filter(Expr::cust("kind = 'sticker'"))
        .order_by_desc(Column::Id)
        .limit(LOOKED_AT)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found)
}
