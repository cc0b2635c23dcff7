//! What a member has typed and not sent. Each member has one draft a thread.

use loa_kernel::{ConversationId, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};

use crate::entity::drafts;
use crate::{Result, Tx};

/// The draft of `member` in this thread.
pub async fn get(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    member: MemberId,
) -> Result<Option<drafts::Model>> {
    Ok(drafts::Entity::find_by_id((ws.0, conversation.0, member.0)).one(conn).await?)
}

/// Write the draft, over an older one.
pub async fn put(
    tx: &Tx,
    ws: WorkspaceId,
    conversation: ConversationId,
    member: MemberId,
    text: &str,
    attachments: serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    use drafts::Column;
    let row = drafts::ActiveModel {
        workspace_id: Set(ws.0),
        conversation_id: Set(conversation.0),
        member_id: Set(member.0),
        text: Set(text.to_owned()),
        attachments: Set(attachments),
        updated_at: Set(now.0),
    };
    drafts::Entity::insert(row)
        .on_conflict(
            OnConflict::columns([Column::WorkspaceId, Column::ConversationId, Column::MemberId])
                .update_columns([Column::Text, Column::Attachments, Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Forget the draft, if there is one.
pub async fn delete(tx: &Tx, ws: WorkspaceId, conversation: ConversationId, member: MemberId) -> Result<()> {
    drafts::Entity::delete_many()
        .filter(drafts::Column::WorkspaceId.eq(ws.0))
        .filter(drafts::Column::ConversationId.eq(conversation.0))
        .filter(drafts::Column::MemberId.eq(member.0))
        .exec(tx)
        .await?;
    Ok(())
}
