//! Messages as readers see them. Writing them belongs to intake and outbound.

use loa_kernel::{ChannelId, ConversationId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::messages;

/// A place in a thread: before the message with this time and id.
pub type Position = (Timestamp, MessageId);

/// At most `limit` messages of a thread, the newest first, older than `before`.
pub async fn page<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    conversation: ConversationId,
    before: Option<Position>,
    limit: u64,
) -> Result<Vec<messages::Model>, DbErr> {
    use messages::Column;
    let mut select = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(workspace.0))
        .filter(Column::ConversationId.eq(conversation.0));
    if let Some((at, id)) = before {
        select = select.filter(
            Condition::all()
                .add(Column::SentAt.lte(at.0))
                .add(Condition::any().add(Column::SentAt.lt(at.0)).add(Column::Id.lt(id.0))),
        );
    }
    select.order_by_desc(Column::SentAt).order_by_desc(Column::Id).limit(limit).all(db).await
}

/// One message.
pub async fn get<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    id: MessageId,
) -> Result<Option<messages::Model>, DbErr> {
    messages::Entity::find_by_id((workspace.0, id.0)).one(db).await
}

/// The messages with these ids, in no order.
pub async fn by_ids<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    ids: &[MessageId],
) -> Result<Vec<messages::Model>, DbErr> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    messages::Entity::find()
        .filter(messages::Column::WorkspaceId.eq(workspace.0))
        .filter(messages::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await
}

/// The messages that the platform calls by these ids, in no order. Ids are unique only within a channel, so every
/// pair of a named channel and a named id is answered; the caller picks.
pub async fn by_platform_ids<C: ConnectionTrait>(
    db: &C,
    workspace: WorkspaceId,
    channels: &[ChannelId],
    platform_ids: &[String],
) -> Result<Vec<messages::Model>, DbErr> {
    if channels.is_empty() || platform_ids.is_empty() {
        return Ok(Vec::new());
    }
    messages::Entity::find()
        .filter(messages::Column::WorkspaceId.eq(workspace.0))
        .filter(messages::Column::ChannelId.is_in(channels.iter().map(|id| id.0)))
        .filter(messages::Column::PlatformId.is_in(platform_ids.iter().cloned()))
        .all(db)
        .await
}
