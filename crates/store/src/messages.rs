//! Messages as readers see them. Writing them belongs to intake and outbound.

use loa_kernel::{ChannelId, ConversationId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::Result;
use crate::entity::messages;

/// A place in a thread: before the message with this time and id.
pub type Position = (Timestamp, MessageId);

/// At most `limit` messages of a thread, the newest first, older than `before`.
pub async fn page(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    before: Option<Position>,
    limit: u64,
) -> Result<Vec<messages::Model>> {
    use messages::Column;
    let mut select = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0));
    if let Some((at, id)) = before {
        select = select.filter(
            Condition::all()
                .add(Column::SentAt.lte(at.0))
                .add(Condition::any().add(Column::SentAt.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    Ok(select.order_by_desc(Column::SentAt).order_by_desc(Column::Id).limit(limit).all(conn).await?)
}

/// At most `limit` messages of a thread newer than `after`, those next to it, the newest first.
pub async fn page_after(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    after: Position,
    limit: u64,
) -> Result<Vec<messages::Model>> {
    use messages::Column;
    let (at, id) = after;
    let mut rows = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::SentAt.gte(at.0))
        .filter(Condition::any().add(Column::SentAt.gt(at.0)).add(Column::Id.gt(id.0)))
        .order_by_asc(Column::SentAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    rows.reverse();
    Ok(rows)
}

/// One message.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    id: MessageId,
) -> Result<Option<messages::Model>> {
    Ok(messages::Entity::find_by_id((ws.0, id.0)).one(conn).await?)
}

/// The messages with these ids, in no order.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    ids: &[MessageId],
) -> Result<Vec<messages::Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(messages::Entity::find()
        .filter(messages::Column::WorkspaceId.eq(ws.0))
        .filter(messages::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?)
}

/// The messages that the platform calls by these ids, in no order. Ids are unique only within a channel, so every
/// pair of a named channel and a named id is answered; the caller picks.
pub async fn by_platform_ids(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channels: &[ChannelId],
    platform_ids: &[String],
) -> Result<Vec<messages::Model>> {
    if channels.is_empty() || platform_ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(messages::Entity::find()
        .filter(messages::Column::WorkspaceId.eq(ws.0))
        .filter(messages::Column::ChannelId.is_in(channels.iter().map(|id| id.0)))
        .filter(messages::Column::PlatformId.is_in(platform_ids.iter().cloned()))
        .all(conn)
        .await?)
}
