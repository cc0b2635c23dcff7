//! Reading what a batch of events touches: a few queries, whatever its size.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use loa_kernel::{
    ChannelId, ConversationId, CustomerId, IdentityId, MessageId, Timestamp, WorkspaceId, is_courtesy,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use serde_json::Value as Json;
use uuid::Uuid;

use super::rows::{
    ChannelRow, ConversationRow, CustomerRow, Head, IdentityRow, InFlight, Mark, MessageRow, Slice, Wanted,
    at, uuids,
};
use crate::entity::{
    channels, conversations, customer_identities, customers, deliveries, message_marks, messages,
    reservations,
};
use crate::rows::in_chunks;
use crate::work::Work;
use crate::{Result, Tx, hours};

/// What of a channel never changes: whose it is, which platform, which account there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// The platform's word.
    pub kind: String,
    /// The platform's id of the account.
    pub external_id: String,
}

/// The accounts behind these channels, of all workspaces: the event log names channels only.
pub async fn accounts(conn: &impl ConnectionTrait, ids: &[ChannelId]) -> Result<HashMap<ChannelId, Account>> {
    let rows = channels::Entity::find()
        .filter(channels::Column::Id.is_in(uuids(ids.iter().copied())))
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let account = Account {
                workspace: WorkspaceId(row.workspace_id),
                kind: row.kind,
                external_id: row.external_id,
            };
            (ChannelId(row.id), account)
        })
        .collect())
}

/// Read and lock what `wanted` names.
///
/// No query here is ordered: with `ORDER BY id` SQLite walks the whole workspace along the primary key instead of
/// looking up the few hundred names, because that saves a sort. Locks need no order either: partitions hold
/// different channels, and sending touches one thread at a time.
pub async fn load(tx: &Tx, wanted: &Wanted) -> Result<Slice> {
    let mut slice = Slice::default();
    let mut by_workspace: BTreeMap<WorkspaceId, Vec<ChannelId>> = BTreeMap::new();
    for (channel, workspace) in &wanted.channels {
        by_workspace.entry(*workspace).or_default().push(*channel);
    }
    slice.courteous = crate::workspaces::courteous(tx, by_workspace.keys().copied()).await?;
    for (&workspace, list) in &by_workspace {
        load_channels(tx, workspace, list, &mut slice).await?;
        for &channel in list {
            if let Some(users) = wanted.users.get(&channel) {
                load_identities(tx, workspace, channel, users, &mut slice).await?;
            }
        }
        load_conversations(tx, workspace, list, &mut slice).await?;
        for &channel in list {
            if let Some(ids) = wanted.messages.get(&channel) {
                load_messages(tx, workspace, channel, ids, &mut slice).await?;
                load_marks(tx, workspace, channel, ids, &mut slice).await?;
            }
        }
        // Messages that are known already are few, and most batches have none.
        let known: Vec<Uuid> =
            slice.messages.values().filter(|m| m.workspace == workspace).map(|m| m.id.0).collect();
        slice.imported.extend(crate::imports::imported_only(tx, workspace, &known).await?);
        if let Some(lines) = wanted.lines.get(&workspace) {
            load_lines(tx, workspace, lines, &mut slice).await?;
        }
        load_heads(tx, workspace, wanted, &mut slice).await?;
        load_in_flight(tx, workspace, wanted, &mut slice).await?;
        load_customers(tx, workspace, wanted, &mut slice).await?;
        load_hours(tx, workspace, list, &mut slice).await?;
    }
    Ok(slice)
}

async fn load_channels(tx: &Tx, workspace: WorkspaceId, list: &[ChannelId], slice: &mut Slice) -> Result<()> {
    use channels::Column as C;
    let rows = channels::Entity::find()
        .filter(C::WorkspaceId.eq(workspace.0))
        .filter(C::Id.is_in(uuids(list.iter().copied())))
        .all(tx)
        .await?;
    slice.channels.extend(rows.into_iter().map(|row| {
        let id = ChannelId(row.id);
        let row = ChannelRow {
            workspace,
            id,
            kind: row.kind,
            status: row.status,
            status_reason: row.status_reason,
            status_changed_at: at(row.status_changed_at),
            edition: row.edition,
        };
        (id, row)
    }));
    Ok(())
}

async fn load_hours(tx: &Tx, workspace: WorkspaceId, list: &[ChannelId], slice: &mut Slice) -> Result<()> {
    let set = hours::auto_replies(tx, workspace, list).await?;
    let replying: Vec<ChannelId> = set.into_iter().filter(|(_, set)| set.enabled).map(|(id, _)| id).collect();
    if !replying.is_empty() {
        slice.auto_replying.extend(replying);
        slice.hours.insert(workspace, hours::plans(tx, workspace).await?);
    }
    Ok(())
}

async fn load_identities(
    tx: &Tx,
    workspace: WorkspaceId,
    channel: ChannelId,
    users: &BTreeSet<String>,
    slice: &mut Slice,
) -> Result<()> {
    use customer_identities::Column as C;
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    for part in in_chunks(tx, &users, 2) {
        let rows = customer_identities::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::ChannelId.eq(channel.0))
            .filter(C::ExternalId.is_in(part.iter().copied()))
            .lock_exclusive()
            .all(tx)
            .await?;
        slice
            .identities
            .extend(rows.into_iter().map(|row| ((channel, row.external_id.clone()), identity(row))));
    }
    Ok(())
}

fn identity(row: customer_identities::Model) -> IdentityRow {
    IdentityRow {
        workspace: WorkspaceId(row.workspace_id),
        id: IdentityId(row.id),
        customer: CustomerId(row.customer_id),
        channel: ChannelId(row.channel_id),
        external_id: row.external_id,
        app_user_id: row.app_user_id,
        is_follower: row.is_follower,
        follow_changed_at: at(row.follow_changed_at),
        is_blocked: row.is_blocked,
        blocked_changed_at: at(row.blocked_changed_at),
        facts: row.facts,
        last_message_at: at(row.last_message_at),
        last_interaction_at: at(row.last_interaction_at),
        window_started_at: at(row.window_started_at),
        replies_used: row.replies_used,
        replies_reserved: row.replies_reserved,
        welcome_used: row.welcome_used,
        platform_reply_remain: row.platform_reply_remain,
        platform_reply_total: row.platform_reply_total,
        platform_as_of_at: at(row.platform_as_of_at),
        profile_due_at: at(row.profile_due_at),
        created_at: Timestamp(row.created_at),
    }
}

async fn load_conversations(
    tx: &Tx,
    workspace: WorkspaceId,
    list: &[ChannelId],
    slice: &mut Slice,
) -> Result<()> {
    use conversations::Column as C;
    let ids: Vec<Uuid> = uuids(
        slice
            .identities
            .values()
            .filter(|i| i.workspace == workspace && list.contains(&i.channel))
            .map(|i| i.id),
    );
    for part in in_chunks(tx, &ids, 1) {
        let rows = conversations::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::IdentityId.is_in(part.iter().copied()))
            .lock_exclusive()
            .all(tx)
            .await?;
        slice.conversations.extend(rows.into_iter().map(|row| {
            let identity = IdentityId(row.identity_id);
            let work = Work::of(&row);
            let row = ConversationRow {
                workspace,
                id: ConversationId(row.id),
                channel: ChannelId(row.channel_id),
                customer: CustomerId(row.customer_id),
                identity,
                status: row.status,
                status_changed_at: at(row.status_changed_at),
                unread_count: row.unread_count,
                read_until_at: at(row.read_until_at),
                answered_at: at(row.answered_at),
                waiting_since_at: at(row.waiting_since_at),
                last_message_id: row.last_message_id.map(MessageId),
                last_message_at: Timestamp(row.last_message_at),
                last_preview: row.last_preview,
                last_direction: row.last_direction,
                last_kind: row.last_kind,
                free_until: at(row.free_until_at),
                permitted_until: at(row.permitted_until_at),
                work,
                created_at: Timestamp(row.created_at),
            };
            (identity, row)
        }));
    }
    Ok(())
}

/// The narrow columns of [`MessageRow`], and some for whoever matches or counts.
#[derive(Debug, FromQueryResult)]
struct Narrow {
    workspace_id: Uuid,
    id: Uuid,
    conversation_id: Uuid,
    channel_id: Uuid,
    direction: String,
    status: String,
    platform_id: Option<String>,
    reactions: Json,
    sent_at: i64,
}

impl Narrow {
    fn columns(select: Select<messages::Entity>) -> Select<messages::Entity> {
        use messages::Column as C;
        select.select_only().columns([
            C::WorkspaceId,
            C::Id,
            C::ConversationId,
            C::ChannelId,
            C::Direction,
            C::Status,
            C::PlatformId,
            C::Reactions,
            C::SentAt,
        ])
    }

    fn row(self) -> MessageRow {
        MessageRow {
            workspace: WorkspaceId(self.workspace_id),
            id: MessageId(self.id),
            conversation: ConversationId(self.conversation_id),
            channel: ChannelId(self.channel_id),
            direction: self.direction,
            status: self.status,
            platform_id: self.platform_id,
            reactions: self.reactions,
            sent_at: Timestamp(self.sent_at),
        }
    }
}

async fn load_messages(
    tx: &Tx,
    workspace: WorkspaceId,
    channel: ChannelId,
    ids: &BTreeSet<String>,
    slice: &mut Slice,
) -> Result<()> {
    use messages::Column as C;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for part in in_chunks(tx, &ids, 2) {
        let select = messages::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::ChannelId.eq(channel.0))
            .filter(C::PlatformId.is_in(part.iter().copied()))
            .lock_exclusive();
        for row in Narrow::columns(select).into_model::<Narrow>().all(tx).await? {
            if let Some(platform_id) = row.platform_id.clone() {
                slice.messages.insert((channel, platform_id), row.row());
            }
        }
    }
    Ok(())
}

async fn load_marks(
    tx: &Tx,
    workspace: WorkspaceId,
    channel: ChannelId,
    ids: &BTreeSet<String>,
    slice: &mut Slice,
) -> Result<()> {
    use message_marks::Column as C;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    for part in in_chunks(tx, &ids, 2) {
        let rows = message_marks::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::ChannelId.eq(channel.0))
            .filter(C::PlatformId.is_in(part.iter().copied()))
            .all(tx)
            .await?;
        for row in rows {
            let mark = Mark::try_from(&row)?;
            slice.marks.entry((channel, row.platform_id)).or_default().push(mark);
        }
    }
    Ok(())
}

async fn load_lines(
    tx: &Tx,
    workspace: WorkspaceId,
    lines: &BTreeSet<MessageId>,
    slice: &mut Slice,
) -> Result<()> {
    use messages::Column as C;
    let ids = uuids(lines.iter().copied());
    for part in in_chunks(tx, &ids, 1) {
        let found: Vec<Uuid> = messages::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::Id.is_in(part.iter().copied()))
            .select_only()
            .column(C::Id)
            .into_tuple()
            .all(tx)
            .await?;
        slice.lines.extend(found.into_iter().map(MessageId));
    }
    Ok(())
}

/// What an import told moves no counts.
const NOT_IMPORTED: &str = "NOT EXISTS (SELECT 1 FROM imported_messages AS imported \
     WHERE imported.workspace_id = messages.workspace_id AND imported.message_id = messages.id)";

#[derive(Debug, FromQueryResult)]
struct HeadRow {
    id: Uuid,
    conversation_id: Uuid,
    direction: String,
    author: String,
    status: String,
    kind: String,
    text: Option<String>,
    by_person: Option<bool>,
    decision: Option<Json>,
    sent_at: i64,
}

async fn load_heads(tx: &Tx, workspace: WorkspaceId, wanted: &Wanted, slice: &mut Slice) -> Result<()> {
    use messages::Column as C;
    // In time order nothing is newer than the events, so this list is empty and no query is made.
    let mut floors: Vec<(Uuid, Timestamp)> = Vec::new();
    for (user, floor) in &wanted.floors {
        let Some(identity) = slice.identities.get(user).filter(|i| i.workspace == workspace) else {
            continue;
        };
        let Some(thread) = slice.conversations.get(&identity.id) else { continue };
        if thread.last_message_at >= *floor {
            floors.push((thread.id.0, *floor));
        }
    }
    floors.sort_unstable_by_key(|(_, floor)| *floor);
    for part in in_chunks(tx, &floors, 2) {
        let Some((_, oldest)) = part.first() else { continue };
        let rows: Vec<HeadRow> = messages::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::ConversationId.is_in(part.iter().map(|(id, _)| *id)))
            .filter(C::SentAt.gte(oldest.as_ms()))
            .filter(Expr::cust(NOT_IMPORTED))
            .select_only()
            .columns([
                C::Id,
                C::ConversationId,
                C::Direction,
                C::Author,
                C::Status,
                C::Kind,
                C::Text,
                C::ByPerson,
                C::Decision,
                C::SentAt,
            ])
            .into_model::<HeadRow>()
            .all(tx)
            .await?;
        for row in rows {
            let out = matches!(row.status.as_str(), "sent" | "delivered" | "seen") && row.direction == "out";
            let reply =
                || row.decision.as_ref().and_then(|d| d.get("class")).and_then(Json::as_str) == Some("reply");
            let inbound = row.direction == "in" && row.author == "customer";
            let thanks =
                || slice.courteous.contains(&workspace) && is_courtesy(&row.kind, row.text.as_deref());
            let head = Head {
                id: MessageId(row.id),
                inbound,
                asks: inbound && !thanks(),
                by_person: out && (row.author == "member" || row.by_person == Some(true)),
                counts: out && (row.author == "platform" || reply()),
                sent_at: Timestamp(row.sent_at),
            };
            if head.inbound || head.counts || head.by_person {
                slice.heads.entry(ConversationId(row.conversation_id)).or_default().push(head);
            }
        }
    }
    Ok(())
}

async fn load_in_flight(tx: &Tx, workspace: WorkspaceId, wanted: &Wanted, slice: &mut Slice) -> Result<()> {
    let mut threads: Vec<Uuid> = Vec::new();
    for (channel, users) in &wanted.echoes {
        for user in users {
            let identity =
                slice.identities.get(&(*channel, user.clone())).filter(|i| i.workspace == workspace);
            threads.extend(identity.and_then(|i| slice.conversations.get(&i.id)).map(|thread| thread.id.0));
        }
    }
    let mut open: HashMap<Uuid, deliveries::Model> = HashMap::new();
    for part in in_chunks(tx, &threads, 3) {
        use deliveries::Column as C;
        let rows = deliveries::Entity::find()
            .filter(C::WorkspaceId.eq(workspace.0))
            .filter(C::State.is_in(["calling", "unknown"]))
            .filter(C::ConversationId.is_in(part.iter().copied()))
            .lock_exclusive()
            .all(tx)
            .await?;
        open.extend(rows.into_iter().map(|row| (row.message_id, row)));
    }
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = open.keys().copied().collect();
    let mut pending: HashMap<Uuid, (String, i64)> = HashMap::new();
    let mut found: Vec<InFlight> = Vec::new();
    for part in in_chunks(tx, &ids, 2) {
        let rows = reservations::Entity::find()
            .filter(reservations::Column::WorkspaceId.eq(workspace.0))
            .filter(reservations::Column::Id.is_in(part.iter().copied()))
            .filter(reservations::Column::State.eq("pending"))
            .all(tx)
            .await?;
        pending.extend(rows.into_iter().map(|row| (row.id, (row.pool, row.amount))));
        let rows = messages::Entity::find()
            .filter(messages::Column::WorkspaceId.eq(workspace.0))
            .filter(messages::Column::Id.is_in(part.iter().copied()))
            .filter(messages::Column::Status.is_in(["sending", "unknown"]))
            .filter(messages::Column::PlatformId.is_null())
            .lock_exclusive()
            .all(tx)
            .await?;
        for row in rows {
            let since = open.get(&row.id).and_then(|delivery| delivery.calling_since_at);
            found.push(InFlight {
                message: MessageRow {
                    workspace,
                    id: MessageId(row.id),
                    conversation: ConversationId(row.conversation_id),
                    channel: ChannelId(row.channel_id),
                    direction: row.direction,
                    status: row.status,
                    platform_id: None,
                    reactions: row.reactions,
                    sent_at: Timestamp(row.sent_at),
                },
                kind: row.kind,
                text: row.text,
                by_member: row.author == "member",
                calling_since: at(since),
                reservation: pending.remove(&row.id),
            });
        }
    }
    found.sort_by_key(|f| (f.message.sent_at, f.message.id));
    for one in found {
        slice.in_flight.entry(one.message.conversation).or_default().push(one);
    }
    Ok(())
}

async fn load_customers(tx: &Tx, workspace: WorkspaceId, wanted: &Wanted, slice: &mut Slice) -> Result<()> {
    let mut ids: Vec<Uuid> = Vec::new();
    for (channel, users) in &wanted.customers {
        for user in users {
            let identity =
                slice.identities.get(&(*channel, user.clone())).filter(|i| i.workspace == workspace);
            ids.extend(identity.map(|i| i.customer.0));
        }
    }
    for part in in_chunks(tx, &ids, 1) {
        let rows = customers::Entity::find()
            .filter(customers::Column::WorkspaceId.eq(workspace.0))
            .filter(customers::Column::Id.is_in(part.iter().copied()))
            .lock_exclusive()
            .all(tx)
            .await?;
        slice.customers.extend(rows.into_iter().map(|row| {
            let id = CustomerId(row.id);
            (id, CustomerRow { workspace, id, phone: row.phone })
        }));
    }
    Ok(())
}
