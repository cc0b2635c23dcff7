//! Giving a thread's past to a member: what was written before Loa came has no author here. An installation that
//! moves from another tool, and the demo, know who wrote it.

use loa_kernel::{ConversationId, MemberId, WorkspaceId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::{conversations, messages};
use crate::{Result, Tx};

/// Threads with messages that were written outside Loa, oldest id first.
pub async fn threads_written_elsewhere(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
) -> Result<Vec<ConversationId>> {
    let ids: Vec<uuid::Uuid> = messages::Entity::find()
        .select_only()
        .column(messages::Column::ConversationId)
        .distinct()
        .filter(messages::Column::WorkspaceId.eq(ws.0))
        .filter(messages::Column::Author.eq("platform"))
        .into_tuple()
        .all(conn)
        .await?;
    let mut ids: Vec<ConversationId> = ids.into_iter().map(ConversationId).collect();
    ids.sort();
    Ok(ids)
}

/// `member` wrote everything in this thread that was written outside Loa; with `assign` the thread is theirs, too.
pub async fn give_to_member(
    tx: &Tx,
    ws: WorkspaceId,
    thread: ConversationId,
    member: MemberId,
    assign: bool,
) -> Result<()> {
    messages::Entity::update_many()
        .col_expr(messages::Column::Author, Expr::value("member"))
        .col_expr(messages::Column::MemberId, Expr::value(member.0))
        .filter(messages::Column::WorkspaceId.eq(ws.0))
        .filter(messages::Column::ConversationId.eq(thread.0))
        .filter(messages::Column::Author.eq("platform"))
        .exec(tx)
        .await?;
    if assign {
        conversations::Entity::update_many()
            .col_expr(conversations::Column::AssigneeId, Expr::value(member.0))
            .filter(conversations::Column::WorkspaceId.eq(ws.0))
            .filter(conversations::Column::Id.eq(thread.0))
            .exec(tx)
            .await?;
    }
    Ok(())
}
