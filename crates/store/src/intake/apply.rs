//! Writing a folded batch: one statement a table and kind of change, the change log last.

use std::collections::BTreeMap;

use loa_kernel::{ChannelId, Timestamp, WorkspaceId, fold_vi};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};
use serde_json::json;
use uuid::Uuid;

use super::rows::{Batch, ConversationRow, IdentityRow, NewMessage, Settled, ms};
use crate::changes::{self, ChangeKind};
use crate::entity::{
    channels, conversations, customer_identities, customers, deliveries, message_marks, messages, raw_events,
    reservations,
};
use crate::rows::{Put, in_chunks, insert_rows, update_rows};
use crate::{Result, Tx, auto_replies, scheduled};

/// Write `batch`. The caller commits right after: the last statements lock the workspaces' sequences.
///
/// Errors: `Unique` when somebody else gave one of the messages its platform id meanwhile (PostgreSQL); fold
/// again with fresh rows. True when a message that was to be sent later is to be looked at, because its customer wrote.
pub async fn apply(tx: &Tx, mut batch: Batch, now: Timestamp) -> Result<bool> {
    let written_in = threads_written_in(&batch);
    put_customers(tx, &batch, now).await?;
    let rows: Vec<_> = batch.new_identities.iter().map(|i| new_identity(i, now)).collect();
    insert_rows::<customer_identities::Entity>(tx, rows, None).await?;
    put_identities(tx, &batch.identities, now).await?;
    put_windows(tx, &batch.windows, now).await?;
    let rows: Vec<_> = batch.new_messages.into_iter().map(|m| new_message(m, now)).collect();
    insert_rows::<messages::Entity>(tx, rows, None).await?;
    put_messages(tx, &batch.messages, now).await?;
    crate::imports::note_imported(tx, &batch.imported, &batch.told, now).await?;
    settle(tx, &batch.settled, now).await?;
    put_channels(tx, &batch.channels, now).await?;
    put_marks(tx, &batch.marks, &batch.used_marks).await?;
    for (workspace, taggings) in &batch.taggings {
        let new = crate::labels::platform::apply(tx, *workspace, taggings, now).await?;
        // Before the customers who carry them.
        batch.changes.entry(*workspace).or_default().splice(..0, new);
    }
    let keep = OnConflict::columns([raw_events::Column::WorkspaceId, raw_events::Column::Id])
        .do_nothing()
        .to_owned();
    let raw: Vec<_> = batch
        .raw
        .into_iter()
        .map(|raw| raw_events::Model {
            workspace_id: raw.workspace.0,
            id: raw.id.0,
            channel_id: Some(raw.channel.0),
            event_name: raw.event_name,
            reason: raw.reason.to_owned(),
            body: raw.body,
            received_at: raw.received_at.as_ms(),
        })
        .collect();
    insert_rows::<raw_events::Entity>(tx, raw, Some(keep)).await?;
    auto_replies::add(tx, &batch.auto_replies, now).await?;
    let mut look = false;
    for (workspace, threads) in written_in {
        look |= scheduled::customers_wrote(tx, workspace, &threads, now).await? > 0;
    }
    // From here on the workspaces' sequences are locked, in the order of their ids.
    let mut taken = Vec::with_capacity(batch.changes.len());
    let mut seqs: BTreeMap<(WorkspaceId, Uuid), i64> = BTreeMap::new();
    for (workspace, list) in &batch.changes {
        let numbers = changes::take(tx, *workspace, list.len()).await?;
        let threads =
            list.iter().zip(numbers.first..).filter(|(c, _)| c.kind == ChangeKind::ConversationUpserted);
        seqs.extend(threads.map(|(change, seq)| ((*workspace, change.entity), seq)));
        taken.push((numbers, list));
    }
    put_conversations(tx, &batch.new_conversations, &batch.conversations, seqs, now).await?;
    for (numbers, list) in taken {
        changes::record(tx, numbers, list, now).await?;
    }
    Ok(look)
}

/// Threads in which a customer wrote.
fn threads_written_in(batch: &Batch) -> BTreeMap<WorkspaceId, Vec<Uuid>> {
    let mut threads: BTreeMap<WorkspaceId, Vec<Uuid>> = BTreeMap::new();
    for message in batch.new_messages.iter().filter(|message| message.author == "customer") {
        threads.entry(message.row.workspace).or_default().push(message.row.conversation.0);
    }
    for list in threads.values_mut() {
        list.sort_unstable();
        list.dedup();
    }
    threads
}

async fn put_customers(tx: &Tx, batch: &Batch, now: Timestamp) -> Result<()> {
    let keep =
        OnConflict::columns([customers::Column::WorkspaceId, customers::Column::Id]).do_nothing().to_owned();
    let rows: Vec<_> = batch
        .new_customers
        .iter()
        .map(|(workspace, id, name, phone)| customers::Model {
            workspace_id: workspace.0,
            id: id.0,
            display_name: name.clone(),
            name_folded: fold_vi(name),
            avatar_url: None,
            phone: phone.clone(),
            note: None,
            created_at: now.as_ms(),
            updated_at: now.as_ms(),
        })
        .collect();
    insert_rows::<customers::Entity>(tx, rows, Some(keep)).await?;
    let rows = batch
        .phones
        .iter()
        .map(|c| vec![c.workspace.0.into(), c.id.0.into(), c.phone.clone().into(), now.as_ms().into()])
        .collect();
    use customers::Column as C;
    update_rows::<customers::Entity>(
        tx,
        &[C::WorkspaceId, C::Id],
        &[(C::Phone, Put::Set), (C::UpdatedAt, Put::Set)],
        rows,
    )
    .await?;
    Ok(())
}

fn new_identity(row: &IdentityRow, now: Timestamp) -> customer_identities::Model {
    customer_identities::Model {
        workspace_id: row.workspace.0,
        id: row.id.0,
        customer_id: row.customer.0,
        channel_id: row.channel.0,
        external_id: row.external_id.clone(),
        app_user_id: row.app_user_id.clone(),
        is_follower: row.is_follower,
        follow_changed_at: ms(row.follow_changed_at),
        is_blocked: row.is_blocked,
        blocked_changed_at: ms(row.blocked_changed_at),
        profile: json!({}),
        facts: row.facts.clone(),
        last_message_at: ms(row.last_message_at),
        last_interaction_at: ms(row.last_interaction_at),
        window_started_at: ms(row.window_started_at),
        replies_used: row.replies_used,
        replies_reserved: row.replies_reserved,
        welcome_used: row.welcome_used,
        platform_reply_remain: row.platform_reply_remain,
        platform_reply_total: row.platform_reply_total,
        platform_as_of_at: ms(row.platform_as_of_at),
        window_refused_at: None,
        follow_removed_at: None,
        follow_removed_by: None,
        profile_fetched_at: None,
        profile_due_at: ms(row.profile_due_at),
        created_at: row.created_at.as_ms(),
        updated_at: now.as_ms(),
    }
}

async fn put_identities(tx: &Tx, rows: &[IdentityRow], now: Timestamp) -> Result<()> {
    use customer_identities::Column as C;
    let puts = [
        C::AppUserId,
        C::IsFollower,
        C::FollowChangedAt,
        C::IsBlocked,
        C::BlockedChangedAt,
        C::Facts,
        C::LastMessageAt,
        C::LastInteractionAt,
        C::WindowStartedAt,
        C::RepliesUsed,
        C::RepliesReserved,
        C::PlatformReplyRemain,
        C::ProfileDueAt,
        C::UpdatedAt,
    ]
    .map(|column| (column, Put::Set));
    let rows = rows
        .iter()
        .map(|row| -> Vec<Value> {
            vec![
                row.workspace.0.into(),
                row.id.0.into(),
                row.app_user_id.clone().into(),
                row.is_follower.into(),
                ms(row.follow_changed_at).into(),
                row.is_blocked.into(),
                ms(row.blocked_changed_at).into(),
                row.facts.clone().into(),
                ms(row.last_message_at).into(),
                ms(row.last_interaction_at).into(),
                ms(row.window_started_at).into(),
                row.replies_used.into(),
                row.replies_reserved.into(),
                row.platform_reply_remain.into(),
                ms(row.profile_due_at).into(),
                now.as_ms().into(),
            ]
        })
        .collect();
    update_rows::<customer_identities::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

async fn put_windows(tx: &Tx, rows: &[IdentityRow], now: Timestamp) -> Result<()> {
    use customer_identities::Column as C;
    let puts = [
        C::IsBlocked,
        C::LastMessageAt,
        C::LastInteractionAt,
        C::WindowStartedAt,
        C::RepliesUsed,
        C::UpdatedAt,
    ]
    .map(|column| (column, Put::Set));
    let rows = rows
        .iter()
        .map(|row| -> Vec<Value> {
            vec![
                row.workspace.0.into(),
                row.id.0.into(),
                row.is_blocked.into(),
                ms(row.last_message_at).into(),
                ms(row.last_interaction_at).into(),
                ms(row.window_started_at).into(),
                row.replies_used.into(),
                now.as_ms().into(),
            ]
        })
        .collect();
    update_rows::<customer_identities::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

fn new_conversation(row: &ConversationRow, seq: i64, now: Timestamp) -> conversations::Model {
    let mut model = conversations::Model {
        workspace_id: row.workspace.0,
        id: row.id.0,
        channel_id: row.channel.0,
        customer_id: row.customer.0,
        identity_id: row.identity.0,
        status: row.status.clone(),
        status_changed_at: ms(row.status_changed_at),
        assignee_id: None,
        unread_count: row.unread_count,
        read_until_at: ms(row.read_until_at),
        answered_at: ms(row.answered_at),
        waiting_since_at: ms(row.waiting_since_at),
        last_message_id: row.last_message_id.map(|id| id.0),
        last_message_at: row.last_message_at.as_ms(),
        last_preview: row.last_preview.clone(),
        last_direction: row.last_direction.clone(),
        last_kind: row.last_kind.clone(),
        free_until_at: ms(row.free_until),
        permitted_until_at: ms(row.permitted_until),
        created_at: row.created_at.as_ms(),
        updated_at: now.as_ms(),
        change_seq: seq,
        ..Default::default()
    };
    row.work.put(&mut model);
    model
}

/// New threads, changed threads, and those of which only the customer changed: each with the number of its change.
async fn put_conversations(
    tx: &Tx,
    new: &[ConversationRow],
    changed: &[ConversationRow],
    mut seqs: BTreeMap<(WorkspaceId, Uuid), i64>,
    now: Timestamp,
) -> Result<()> {
    use conversations::Column as C;
    let mut seq_of = |row: &ConversationRow| seqs.remove(&(row.workspace, row.id.0)).unwrap_or_default();
    let rows: Vec<_> = new.iter().map(|row| new_conversation(row, seq_of(row), now)).collect();
    insert_rows::<conversations::Entity>(tx, rows, None).await?;
    let puts = [
        C::Status,
        C::UnreadCount,
        C::AnsweredAt,
        C::WaitingSinceAt,
        C::LastMessageId,
        C::LastMessageAt,
        C::LastPreview,
        C::LastDirection,
        C::LastKind,
        C::FreeUntilAt,
        C::PermittedUntilAt,
        C::BackReason,
        C::BackAt,
        C::OpenedAt,
        C::AskedAt,
        C::RespondedAt,
        C::UpdatedAt,
        C::ChangeSeq,
    ]
    .map(|column| (column, Put::Set));
    let rows = changed
        .iter()
        .map(|row| -> Vec<Value> {
            vec![
                row.workspace.0.into(),
                row.id.0.into(),
                row.status.clone().into(),
                row.unread_count.into(),
                ms(row.answered_at).into(),
                ms(row.waiting_since_at).into(),
                row.last_message_id.map(|id| id.0).into(),
                row.last_message_at.as_ms().into(),
                row.last_preview.clone().into(),
                row.last_direction.clone().into(),
                row.last_kind.clone().into(),
                ms(row.free_until).into(),
                ms(row.permitted_until).into(),
                row.work.back.map(|(reason, _)| reason.as_str().to_owned()).into(),
                ms(row.work.back.map(|(_, at)| at)).into(),
                ms(row.work.opened_at).into(),
                ms(row.work.asked_at).into(),
                ms(row.work.responded_at).into(),
                now.as_ms().into(),
                seq_of(row).into(),
            ]
        })
        .collect();
    update_rows::<conversations::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    let rows = seqs
        .into_iter()
        .map(|((workspace, id), seq)| -> Vec<Value> { vec![workspace.0.into(), id.into(), seq.into()] })
        .collect();
    let puts = [(C::ChangeSeq, Put::Set)];
    update_rows::<conversations::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

fn new_message(new: NewMessage, now: Timestamp) -> messages::Model {
    messages::Model {
        workspace_id: new.row.workspace.0,
        id: new.row.id.0,
        conversation_id: new.row.conversation.0,
        channel_id: new.row.channel.0,
        direction: new.row.direction,
        author: new.author.to_owned(),
        member_id: None,
        kind: new.kind,
        text: new.text,
        attachments: new.attachments,
        platform_id: new.row.platform_id,
        client_id: None,
        quoted_platform_id: new.quoted_platform_id,
        by_person: new.by_person.then_some(true),
        reactions: new.row.reactions,
        status: new.row.status,
        error_code: None,
        error_text: None,
        problem: None,
        decision: None,
        sent_at: new.row.sent_at.as_ms(),
        created_at: now.as_ms(),
        updated_at: now.as_ms(),
    }
}

async fn put_messages(tx: &Tx, rows: &[super::rows::MessageRow], now: Timestamp) -> Result<()> {
    use messages::Column as C;
    let puts =
        [C::Status, C::PlatformId, C::Reactions, C::SentAt, C::UpdatedAt].map(|column| (column, Put::Set));
    let rows = rows
        .iter()
        .map(|row| -> Vec<Value> {
            vec![
                row.workspace.0.into(),
                row.id.0.into(),
                row.status.clone().into(),
                row.platform_id.clone().into(),
                row.reactions.clone().into(),
                row.sent_at.as_ms().into(),
                now.as_ms().into(),
            ]
        })
        .collect();
    update_rows::<messages::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

/// An echo proved that these went out: the delivery is done, the reservation posted, what the package lent out
/// is taken. Few at a time, so plain statements a workspace and channel.
async fn settle(tx: &Tx, settled: &[Settled], now: Timestamp) -> Result<()> {
    let mut by_channel: BTreeMap<(WorkspaceId, ChannelId), (Vec<Uuid>, i64)> = BTreeMap::new();
    for one in settled {
        let entry = by_channel.entry((one.workspace, one.channel)).or_default();
        entry.0.push(one.message.0);
        entry.1 += one.package;
    }
    for ((workspace, channel), (ids, package)) in by_channel {
        // First of all the account: whoever counts its quota holds it.
        if package != 0 {
            use channels::Column as C;
            // The platform's own number comes with the answer, or with the next one; until then ours is known to
            // be one too high.
            let row = vec![
                workspace.0.into(),
                channel.0.into(),
                (-package).into(),
                (-package).into(),
                now.as_ms().into(),
            ];
            let puts = [(C::QuotaReserved, Put::Add), (C::QuotaRemain, Put::Add), (C::UpdatedAt, Put::Set)];
            update_rows::<channels::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, vec![row]).await?;
        }
        crate::quota::spent_by_echo(tx, workspace, channel, &ids).await?;
        for part in in_chunks(tx, &ids, 6) {
            use deliveries::Column as D;
            deliveries::Entity::update_many()
                .col_expr(D::State, sea_orm::sea_query::Expr::value("done"))
                .col_expr(D::LeaseUntilAt, sea_orm::sea_query::Expr::value(None::<i64>))
                .col_expr(D::LeaseOwner, sea_orm::sea_query::Expr::value(None::<String>))
                .filter(D::WorkspaceId.eq(workspace.0))
                .filter(D::MessageId.is_in(part.iter().copied()))
                .exec(tx)
                .await?;
            use reservations::Column as R;
            reservations::Entity::update_many()
                .col_expr(R::State, sea_orm::sea_query::Expr::value("posted"))
                .col_expr(R::SettledAt, sea_orm::sea_query::Expr::value(now.as_ms()))
                .filter(R::WorkspaceId.eq(workspace.0))
                .filter(R::State.eq("pending"))
                .filter(R::Id.is_in(part.iter().copied()))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}

async fn put_channels(tx: &Tx, rows: &[super::rows::ChannelRow], now: Timestamp) -> Result<()> {
    use channels::Column as C;
    let puts =
        [C::Status, C::StatusReason, C::StatusChangedAt, C::UpdatedAt].map(|column| (column, Put::Set));
    let rows = rows
        .iter()
        .map(|row| -> Vec<Value> {
            vec![
                row.workspace.0.into(),
                row.id.0.into(),
                row.status.clone().into(),
                row.status_reason.clone().into(),
                ms(row.status_changed_at).into(),
                now.as_ms().into(),
            ]
        })
        .collect();
    update_rows::<channels::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, rows).await?;
    Ok(())
}

async fn put_marks(
    tx: &Tx,
    put: &[(WorkspaceId, ChannelId, String, super::rows::Mark)],
    used: &[(WorkspaceId, ChannelId, String)],
) -> Result<()> {
    use message_marks::Column as C;
    let key = [C::WorkspaceId, C::ChannelId, C::PlatformId, C::Mark];
    let replace = OnConflict::columns(key).update_columns([C::Value, C::At]).to_owned();
    let rows: Vec<_> = put
        .iter()
        .map(|(workspace, channel, platform_id, mark)| message_marks::Model {
            workspace_id: workspace.0,
            channel_id: channel.0,
            platform_id: platform_id.clone(),
            mark: mark.kind.as_str().to_owned(),
            value: mark.value.clone(),
            at: mark.at.as_ms(),
        })
        .collect();
    insert_rows::<message_marks::Entity>(tx, rows, Some(replace)).await?;
    let mut by_channel: BTreeMap<(WorkspaceId, ChannelId), Vec<&str>> = BTreeMap::new();
    for (workspace, channel, platform_id) in used {
        by_channel.entry((*workspace, *channel)).or_default().push(platform_id);
    }
    for ((workspace, channel), ids) in by_channel {
        for part in in_chunks(tx, &ids, 2) {
            message_marks::Entity::delete_many()
                .filter(C::WorkspaceId.eq(workspace.0))
                .filter(C::ChannelId.eq(channel.0))
                .filter(C::PlatformId.is_in(part.iter().copied()))
                .exec(tx)
                .await?;
        }
    }
    Ok(())
}
