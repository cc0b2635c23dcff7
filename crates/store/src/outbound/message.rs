//! Rows of messages that go out.

use loa_kernel::{
    ChannelId, ConversationId, IdentityId, MemberId, MessageId, Timestamp, WorkspaceId, is_courtesy,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;
use uuid::Uuid;

use super::thread::save_message;
use super::{DeliveryState, finish, lock_delivery, void};
use crate::entity::{conversations, deliveries, messages};
use crate::rows::insert_rows;
use crate::{Result, Tx};

/// A message that goes out.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMessage {
    /// Its id; greater than those of all messages that wait in the thread ([`next_instant`]).
    pub id: MessageId,
    /// Its thread.
    pub conversation: ConversationId,
    /// Its account.
    pub channel: ChannelId,
    /// The customer's address.
    pub identity: IdentityId,
    /// Who sends; `None`: it goes out by itself (author `bot`).
    pub member: Option<MemberId>,
    /// A word of the message kinds.
    pub kind: String,
    /// Text or caption.
    pub text: Option<String>,
    /// Array of attachments.
    pub attachments: Value,
    /// Made by the browser, or derived from what it answers; unique in the workspace.
    pub client_id: Uuid,
    /// The platform's id of the message it answers.
    pub quoted_platform_id: Option<String>,
    /// The decision under which it may go.
    pub decision: Value,
    /// Its instant ([`next_instant`]).
    pub at: Timestamp,
}

/// The order in which statuses follow each other; a message never goes to a smaller one. `failed` stands
/// between: it follows what is under way, and the platform's own word that the message exists overrules it.
pub fn status_rank(status: &str) -> u8 {
    match status {
        "queued" => 0,
        "sending" => 1,
        "unknown" => 2,
        "failed" => 3,
        "sent" | "received" => 4,
        "delivered" => 5,
        "seen" => 6,
        _ => 0,
    }
}

/// An instant for a new message of a locked thread: now, or just after the last one, so that the order of ids is
/// the order in which they were written. The platform's clock, which times what came, may be ahead of ours.
pub async fn next_instant(tx: &Tx, thread: &conversations::Model, now: Timestamp) -> Result<Timestamp> {
    let (ws, conversation) = (WorkspaceId(thread.workspace_id), ConversationId(thread.id));
    use deliveries::Column;
    let under_way =
        [DeliveryState::Queued, DeliveryState::Calling, DeliveryState::Unknown].map(DeliveryState::as_str);
    let last = deliveries::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::State.is_in(under_way))
        .order_by_desc(Column::MessageId)
        .one(tx)
        .await?;
    let waiting = last.map_or(Timestamp::EPOCH, |row| MessageId(row.message_id).timestamp());
    Ok(Ord::max(now, Ord::max(waiting, Timestamp(thread.last_message_at)).plus_ms(1)))
}

/// Store a message that waits, and its delivery, due now.
pub async fn enqueue(tx: &Tx, ws: WorkspaceId, new: &NewMessage, now: Timestamp) -> Result<messages::Model> {
    let message = messages::Model {
        workspace_id: ws.0,
        id: new.id.0,
        conversation_id: new.conversation.0,
        channel_id: new.channel.0,
        direction: "out".to_owned(),
        author: if new.member.is_some() { "member" } else { "bot" }.to_owned(),
        member_id: new.member.map(|id| id.0),
        kind: new.kind.clone(),
        text: new.text.clone(),
        attachments: new.attachments.clone(),
        platform_id: None,
        client_id: Some(new.client_id),
        quoted_platform_id: new.quoted_platform_id.clone(),
        by_person: None,
        reactions: Value::Array(Vec::new()),
        status: "queued".to_owned(),
        error_code: None,
        error_text: None,
        problem: None,
        decision: Some(new.decision.clone()),
        sent_at: new.at.0,
        created_at: now.0,
        updated_at: now.0,
    };
    insert_rows::<messages::Entity>(tx, [message.clone()], None).await?;
    insert_rows::<deliveries::Entity>(tx, [queued(&message, new.identity, now)], None).await?;
    Ok(message)
}

fn queued(message: &messages::Model, identity: IdentityId, now: Timestamp) -> deliveries::Model {
    deliveries::Model {
        workspace_id: message.workspace_id,
        message_id: message.id,
        channel_id: message.channel_id,
        conversation_id: message.conversation_id,
        identity_id: identity.0,
        state: DeliveryState::Queued.as_str().to_owned(),
        due_at: now.0,
        attempts: 0,
        checks: 0,
        calling_since_at: None,
        lease_until_at: None,
        lease_owner: None,
        last_error: None,
    }
}

/// The message with this client id.
pub async fn by_client_id(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    client_id: Uuid,
) -> Result<Option<messages::Model>> {
    use messages::Column;
    Ok(messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ClientId.eq(client_id))
        .one(conn)
        .await?)
}

/// The message that the platform calls so on this account.
pub async fn by_platform_id(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    channel: ChannelId,
    platform_id: &str,
) -> Result<Option<messages::Model>> {
    use messages::Column;
    Ok(messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ChannelId.eq(channel.0))
        .filter(Column::PlatformId.eq(platform_id))
        .one(conn)
        .await?)
}

/// The delivery of a message, if it ever had one.
pub async fn delivery(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    message: MessageId,
) -> Result<Option<deliveries::Model>> {
    Ok(deliveries::Entity::find_by_id((ws.0, message.0)).one(conn).await?)
}

/// The message, locked until the transaction ends.
pub async fn lock_message(tx: &Tx, ws: WorkspaceId, id: MessageId) -> Result<Option<messages::Model>> {
    Ok(messages::Entity::find_by_id((ws.0, id.0)).lock_exclusive().one(tx).await?)
}

/// Change a locked message. The change of status is left out when it would go backwards.
pub async fn update_message(
    tx: &Tx,
    row: messages::Model,
    now: Timestamp,
    change: impl FnOnce(&mut messages::Model),
) -> Result<messages::Model> {
    let mut new = row.clone();
    change(&mut new);
    if status_rank(&new.status) < status_rank(&row.status) {
        new.status.clone_from(&row.status);
    }
    new.updated_at = now.0;
    save_message(tx, &row, &new).await?;
    Ok(new)
}

/// A failed message waits again: same message, same client id, a new place at the end of its thread, with a new
/// delivery when the old one is forgotten ([`super::prune_deliveries`]).
/// The only way from `failed` back to `queued`; the caller has reserved anew.
pub async fn requeue_failed(
    tx: &Tx,
    message: messages::Model,
    identity: IdentityId,
    decision: Value,
    at: Timestamp,
    now: Timestamp,
) -> Result<messages::Model> {
    let (ws, id) = (WorkspaceId(message.workspace_id), MessageId(message.id));
    match lock_delivery(tx, ws, id).await? {
        Some(delivery) => {
            super::hold(tx, delivery, DeliveryState::Queued, now, |row| {
                row.attempts = 0;
                row.checks = 0;
                row.calling_since_at = None;
                row.last_error = None;
            })
            .await?;
        }
        None => {
            insert_rows::<deliveries::Entity>(tx, [queued(&message, identity, now)], None).await?;
        }
    }
    let mut new = message.clone();
    new.status = "queued".to_owned();
    new.error_code = None;
    new.error_text = None;
    new.problem = None;
    new.decision = Some(decision);
    new.sent_at = at.0;
    new.updated_at = now.0;
    save_message(tx, &message, &new).await?;
    Ok(new)
}

/// A message that was being sent, or of which it was unknown, waits again: it is certain that the platform does
/// not have it. `problem` says why it waits. Together with [`requeue_failed`] the only way back.
pub async fn requeue_unsent(
    tx: &Tx,
    message: messages::Model,
    problem: Option<Value>,
    now: Timestamp,
) -> Result<messages::Model> {
    let mut new = message.clone();
    if matches!(message.status.as_str(), "queued" | "sending" | "unknown") {
        new.status = "queued".to_owned();
        new.problem = problem;
    }
    new.updated_at = now.0;
    save_message(tx, &message, &new).await?;
    Ok(new)
}

/// The newest message of a thread, by its place.
pub async fn newest(
    tx: &Tx,
    ws: WorkspaceId,
    conversation: ConversationId,
) -> Result<Option<messages::Model>> {
    use messages::Column;
    Ok(messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::Author.ne("system"))
        .order_by_desc(Column::SentAt)
        .order_by_desc(Column::Id)
        .one(tx)
        .await?)
}

/// A message of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inbound {
    /// Its instant.
    pub at: Timestamp,
    /// It asks for an answer.
    pub asks: bool,
}

/// The customer's messages in a thread after `after`, oldest first, at most 1,000.
pub async fn inbound_after(
    tx: &Tx,
    ws: WorkspaceId,
    conversation: ConversationId,
    after: Timestamp,
) -> Result<Vec<Inbound>> {
    use messages::Column;
    let found: Vec<(i64, String, Option<String>)> = messages::Entity::find()
        .select_only()
        .columns([Column::SentAt, Column::Kind, Column::Text])
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::Author.eq("customer"))
        .filter(Column::SentAt.gt(after.0))
        .order_by_asc(Column::SentAt)
        .limit(1000)
        .into_tuple()
        .all(tx)
        .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let courteous = !crate::workspaces::courteous(tx, [ws]).await?.is_empty();
    Ok(found
        .into_iter()
        .map(|(at, kind, text)| {
            let asks = !(courteous && is_courtesy(&kind, text.as_deref()));
            Inbound { at: Timestamp(at), asks }
        })
        .collect())
}

/// At most `limit` messages of a thread that were written after `seen` by somebody else than `member`: by the customer,
/// a colleague, or in the platform's own tool. The newest first. What only came to Loa after it counts too, wherever
/// it stands in the thread; of a message that is gone its id tells the instant.
pub async fn news(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    seen: MessageId,
    member: MemberId,
    limit: u64,
) -> Result<Vec<messages::Model>> {
    use messages::Column;
    let known =
        crate::messages::get(conn, ws, seen).await?.filter(|row| row.conversation_id == conversation.0);
    let (place, known_at) = match known {
        Some(row) => ((row.sent_at, row.id), row.created_at),
        None => ((seen.timestamp().0, seen.0), seen.timestamp().0),
    };
    let newest = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .order_by_desc(Column::SentAt)
        .order_by_desc(Column::Id)
        .limit(limit)
        .all(conn)
        .await?;
    Ok(newest
        .into_iter()
        .filter(|row| !matches!(row.author.as_str(), "system" | "bot") && row.member_id != Some(member.0))
        .filter(|row| (row.sent_at, row.id) > place || row.created_at > known_at)
        .collect())
}

/// The platform's time of the newest message of a thread that was known here at `known_at`: what the platform
/// did after that is later than this, whatever the two clocks say.
pub async fn platform_time_known_at(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    known_at: Timestamp,
) -> Result<Option<Timestamp>> {
    use messages::Column;
    let found = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ws.0))
        .filter(Column::ConversationId.eq(conversation.0))
        .filter(Column::PlatformId.is_not_null())
        .filter(Column::CreatedAt.lte(known_at.0))
        .order_by_desc(Column::SentAt)
        .order_by_desc(Column::Id)
        .one(conn)
        .await?;
    Ok(found.map(|row| Timestamp(row.sent_at)))
}

/// Remove a message that waits or has failed, with its delivery and what it held.
pub async fn cancel(tx: &Tx, message: messages::Model, now: Timestamp) -> Result<()> {
    let (ws, id) = (WorkspaceId(message.workspace_id), MessageId(message.id));
    void(tx, ws, id, now).await?;
    if let Some(delivery) = lock_delivery(tx, ws, id).await? {
        finish(tx, delivery).await?;
    }
    message.delete(tx).await?;
    Ok(())
}

/// Another row holds `platform_id`, which is `ours`: it was made from an echo before we knew. Remove it and
/// answer it, so that the caller can take over what it knew and tell that it is gone.
pub async fn adopt_platform_row(
    tx: &Tx,
    ours: &messages::Model,
    platform_id: &str,
) -> Result<Option<messages::Model>> {
    use messages::Column;
    let other = messages::Entity::find()
        .filter(Column::WorkspaceId.eq(ours.workspace_id))
        .filter(Column::ChannelId.eq(ours.channel_id))
        .filter(Column::PlatformId.eq(platform_id))
        .filter(Column::Id.ne(ours.id))
        .lock_exclusive()
        .one(tx)
        .await?;
    let Some(other) = other else { return Ok(None) };
    other.clone().delete(tx).await?;
    Ok(Some(other))
}
