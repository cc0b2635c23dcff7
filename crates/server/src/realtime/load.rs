//! From numbers of changes to written events: a fixed number of queries a batch.

use std::collections::{BTreeMap, HashMap, HashSet};

use loa_channels::views::{self as channel_views};
use loa_customers::{LabelView, Views};
use loa_inbox::views::Loader;
use loa_kernel::{
    BulkJobId, ChannelId, ConversationId, CustomerId, LabelId, MemberId, MessageId, NotificationId, Problem,
    SavedViewId, ScheduledId, Timestamp, WorkspaceId,
};
use loa_outbound::scheduled_views;
use loa_rulebook::Library;
use loa_store::changes::{Change as Row, ChangeKind};
use loa_store::{Store, bulk, conversations, labels, members, notifications, saved_views, scheduled};
use uuid::Uuid;

use super::event::{
    Audience, Batch, Change, ChangedFields, ChangedView, Event, Frame, RemovedLabel, RemovedMessage,
};
use crate::views::{MemberView, NotificationView};

/// The events of these changes, in order. Of several changes of one thing only the last becomes an event, because
/// each event carries the thing as it is now.
pub(super) async fn batch(
    store: &Store,
    rules: &Library,
    workspace: WorkspaceId,
    rows: &[Row],
    now: Timestamp,
) -> Result<Batch, Problem> {
    let last_seq = rows.last().map_or(0, |row| row.seq);
    let latest = latest(rows);
    let of = |kind: ChangeKind| -> Vec<Uuid> {
        latest.values().filter(|row| row.what.kind == kind).map(|row| row.what.entity).collect()
    };
    let db = store.reader();
    let inbox = Loader { db, workspace, rules, now };
    let mut made: HashMap<Uuid, (Audience, Change)> = HashMap::new();

    let ids: Vec<MessageId> = of(ChangeKind::MessageUpserted).into_iter().map(MessageId).collect();
    let messages = inbox.messages_by_ids(&ids).await?;
    let removed: Vec<&Row> =
        latest.values().copied().filter(|r| r.what.kind == ChangeKind::MessageRemoved).collect();
    let ids: Vec<ScheduledId> = of(ChangeKind::ScheduledUpserted).into_iter().map(ScheduledId).collect();
    let later = scheduled::by_ids(db, workspace, &ids).await?;
    // Who sees a message is who sees its thread.
    let threads: HashSet<ConversationId> = messages
        .iter()
        .map(|m| m.conversation_id)
        .chain(removed.iter().filter_map(|row| row.what.conversation))
        .chain(later.iter().map(|row| ConversationId(row.conversation_id)))
        .collect();
    let threads: Vec<ConversationId> = threads.into_iter().collect();
    let assignees: HashMap<ConversationId, Option<MemberId>> =
        conversations::assignees(db, workspace, &threads).await?.into_iter().collect();
    let channel_of: HashMap<Uuid, ChannelId> =
        latest.values().filter_map(|row| Some((row.what.entity, row.what.channel?))).collect();
    let audience = |entity: Uuid, thread: ConversationId| {
        let channel = *channel_of.get(&entity)?;
        Some(Audience::Thread { channel, assignee: assignees.get(&thread).copied().flatten() })
    };
    for view in messages {
        if let Some(audience) = audience(view.id.0, view.conversation_id) {
            made.insert(view.id.0, (audience, Change::MessageUpserted(view)));
        }
    }
    for row in removed {
        let Some(conversation_id) = row.what.conversation else { continue };
        if let Some(audience) = audience(row.what.entity, conversation_id) {
            let gone = RemovedMessage { id: MessageId(row.what.entity), conversation_id };
            made.insert(row.what.entity, (audience, Change::MessageRemoved(gone)));
        }
    }

    for view in scheduled_views(&inbox, &later).await? {
        if let Some(audience) = audience(view.id.0, view.conversation_id) {
            made.insert(view.id.0, (audience, Change::ScheduledUpserted(view)));
        }
    }

    let ids: Vec<ConversationId> =
        of(ChangeKind::ConversationUpserted).into_iter().map(ConversationId).collect();
    for view in inbox.conversations_by_ids(&ids).await? {
        let audience = Audience::Thread { channel: view.channel_id, assignee: view.assignee_id };
        made.insert(view.id.0, (audience, Change::ConversationUpserted(view)));
    }

    let ids: Vec<CustomerId> = of(ChangeKind::CustomerUpserted).into_iter().map(CustomerId).collect();
    if !ids.is_empty() {
        for view in (Views { db, workspace, rules, now }).by_ids(&ids).await? {
            let channels = view.identities.iter().map(|identity| identity.channel_id).collect();
            made.insert(view.id.0, (Audience::Customer { channels }, Change::CustomerUpserted(view)));
        }
    }

    let ids: Vec<ChannelId> = of(ChangeKind::ChannelUpserted).into_iter().map(ChannelId).collect();
    if !ids.is_empty() {
        for view in channel_views::by_ids(db, workspace, &ids).await? {
            made.insert(view.id.0, (Audience::Channel(view.id), Change::ChannelUpserted(view)));
        }
    }

    let ids: Vec<MemberId> = of(ChangeKind::MemberUpserted).into_iter().map(MemberId).collect();
    if !ids.is_empty() {
        for member in members::get_many(db, workspace, &ids).await? {
            let view = MemberView::from(&member);
            made.insert(member.id.0, (Audience::Member(member.id), Change::MemberUpserted(view)));
        }
    }

    let ids: Vec<LabelId> = of(ChangeKind::LabelUpserted).into_iter().map(LabelId).collect();
    for row in labels::by_ids(db, workspace, &ids).await? {
        let view = LabelView::new(&row)?;
        made.insert(row.id, (Audience::Labels, Change::LabelUpserted(view)));
    }
    for id in of(ChangeKind::LabelRemoved) {
        let gone = RemovedLabel { id: LabelId(id) };
        made.insert(id, (Audience::Labels, Change::LabelRemoved(gone)));
    }

    for id in of(ChangeKind::FieldsChanged) {
        made.insert(id, (Audience::Fields, Change::FieldsChanged(ChangedFields {})));
    }

    let ids: Vec<NotificationId> =
        of(ChangeKind::NotificationUpserted).into_iter().map(NotificationId).collect();
    for row in notifications::by_ids(db, workspace, &ids).await? {
        let view = NotificationView::from(&row);
        let audience = Audience::Only(MemberId(row.member_id));
        made.insert(row.id, (audience, Change::NotificationUpserted(view)));
    }

    let ids: Vec<SavedViewId> = of(ChangeKind::SavedViewChanged).into_iter().map(SavedViewId).collect();
    for (id, owner) in saved_views::audience(db, workspace, &ids).await? {
        let audience = owner.map_or(Audience::Views, Audience::Only);
        made.insert(id.0, (audience, Change::SavedViewChanged(ChangedView { id })));
    }

    let ids: Vec<BulkJobId> = of(ChangeKind::BulkJobUpserted).into_iter().map(BulkJobId).collect();
    for job in bulk::by_ids(db, workspace, &ids).await? {
        let view = loa_inbox::job_view(db, &job).await?;
        made.insert(job.id.0, (Audience::Only(job.member), Change::BulkJobUpserted(view)));
    }

    let mut events = Vec::with_capacity(made.len());
    for (seq, row) in latest {
        // What was removed since has no view, and its removal is a change of its own.
        let Some((audience, change)) = made.remove(&row.what.entity) else { continue };
        events.push(written(seq, audience, change)?);
    }
    Ok(Batch::new(events, last_seq))
}

/// The last change of each thing, by number.
fn latest(rows: &[Row]) -> BTreeMap<i64, &Row> {
    let mut last: HashMap<Uuid, &Row> = HashMap::new();
    for row in rows {
        last.insert(row.what.entity, row);
    }
    last.into_values().map(|row| (row.seq, row)).collect()
}

fn written(seq: i64, audience: Audience, change: Change) -> Result<Event, Problem> {
    let json = |change| serde_json::to_string(&Frame::Event { seq, change }).map_err(Problem::internal);
    let masked = match &change {
        Change::CustomerUpserted(view) if view.phone.is_some() => {
            Some(json(Change::CustomerUpserted(view.clone().masked()))?)
        }
        _ => None,
    };
    Ok(Event { audience, full: json(change)?, masked })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_store::changes::NewChange;

    #[test]
    fn only_the_last_change_of_a_thing_counts() {
        let id = |n: u8| Uuid::from_bytes([n; 16]);
        let thread = ConversationId(id(7));
        let channel = ChannelId(id(8));
        let row = |seq, what| Row { seq, what, at: Timestamp(0) };
        let rows = [
            row(1, NewChange::message(MessageId(id(1)), thread, channel)),
            row(2, NewChange::conversation(thread, channel)),
            row(3, NewChange::message(MessageId(id(2)), thread, channel)),
            row(4, NewChange::conversation(thread, channel)),
            row(5, NewChange::message_removed(MessageId(id(1)), thread, channel)),
        ];
        let kept: Vec<(i64, ChangeKind)> =
            latest(&rows).into_iter().map(|(seq, r)| (seq, r.what.kind)).collect();
        assert_eq!(
            kept,
            [
                (3, ChangeKind::MessageUpserted),
                (4, ChangeKind::ConversationUpserted),
                (5, ChangeKind::MessageRemoved)
            ]
        );
    }
}
