//! Threads by the people in them.

use loa_kernel::{ChannelId, ConversationId, CustomerId, MemberId, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::Result;
use crate::entity::conversations::{Column, Entity};
use crate::rows::in_chunks;

/// A thread, as far as it says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadOf {
    /// Its id.
    pub id: ConversationId,
    /// With whom.
    pub customer: CustomerId,
    /// The account it runs on.
    pub channel: ChannelId,
    /// Who answers it.
    pub assignee: Option<MemberId>,
}

/// The threads of these customers, those of each by their ids.
pub async fn of_customers(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    customers: &[CustomerId],
) -> Result<Vec<ThreadOf>> {
    let mut threads = Vec::new();
    for part in in_chunks(conn, customers, 1) {
        let rows: Vec<(Uuid, Uuid, Uuid, Option<Uuid>)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::CustomerId, Column::ChannelId, Column::AssigneeId])
            .filter(Column::WorkspaceId.eq(ws.0))
            .filter(Column::CustomerId.is_in(part.iter().map(|id| id.0)))
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(conn)
            .await?;
        threads.extend(rows.into_iter().map(|(id, customer, channel, assignee)| ThreadOf {
            id: ConversationId(id),
            customer: CustomerId(customer),
            channel: ChannelId(channel),
            assignee: assignee.map(MemberId),
        }));
    }
    Ok(threads)
}

/// The customers of these threads, some perhaps more than once.
pub async fn customers_of(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    threads: &[ConversationId],
) -> Result<Vec<CustomerId>> {
    let mut customers = Vec::with_capacity(threads.len());
    for part in in_chunks(conn, threads, 1) {
        let rows: Vec<Uuid> = Entity::find()
            .select_only()
            .column(Column::CustomerId)
            .filter(Column::WorkspaceId.eq(ws.0))
            .filter(Column::Id.is_in(part.iter().map(|id| id.0)))
            .into_tuple()
            .all(conn)
            .await?;
        customers.extend(rows.into_iter().map(CustomerId));
    }
    Ok(customers)
}
