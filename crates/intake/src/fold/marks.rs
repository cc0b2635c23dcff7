//! What is said about messages: receipts and reactions.

use loa_kernel::Timestamp;
use loa_store::intake::{Mark, MarkKind, MessageRow};
use serde_json::{Value as Json, json};

use super::Event;
use super::world::World;

/// The platform's code for taking a reaction back (platform reference §4.1).
const REMOVE: &str = "/-remove";

/// From the first state of a message to the last. It never goes down.
const RANKS: [&str; 7] = ["queued", "sending", "unknown", "failed", "sent", "delivered", "seen"];

fn rank(status: &str) -> usize {
    RANKS.iter().position(|word| *word == status).unwrap_or(0)
}

/// Move a message of ours up to `status`; one that is there already or beyond stays. What the customer wrote has
/// no such state.
pub(super) fn raise(row: &mut MessageRow, status: &str) {
    if row.direction == "out" && rank(status) > rank(&row.status) {
        row.status = status.to_owned();
    }
}

/// Does `new` replace `known`, which is of the same kind?
pub(super) fn is_stronger(new: &Mark, known: &Mark) -> bool {
    match new.kind {
        MarkKind::Status => (rank(&new.value), new.at) > (rank(&known.value), known.at),
        MarkKind::ReactionCustomer | MarkKind::ReactionUs => (new.at, &new.value) > (known.at, &known.value),
    }
}

/// Put a mark on its message.
pub(super) fn put(row: &mut MessageRow, mark: &Mark) {
    match mark.kind {
        MarkKind::Status => raise(row, &mark.value),
        MarkKind::ReactionCustomer => react(row, "customer", &mark.value, mark.at),
        MarkKind::ReactionUs => react(row, "us", &mark.value, mark.at),
    }
}

/// One reaction a side, the newest; one that was taken back stays with an empty icon, because an older one may
/// still arrive.
fn react(row: &mut MessageRow, by: &str, icon: &str, at: Timestamp) {
    let mut list = row.reactions.as_array().cloned().unwrap_or_default();
    let text = |entry: &Json, key: &str| entry.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let known = list.iter().position(|entry| text(entry, "by") == by);
    if let Some(i) = known {
        let since = list[i].get("at").and_then(Json::as_i64).unwrap_or(i64::MIN);
        if (at.as_ms(), icon) <= (since, text(&list[i], "icon").as_str()) {
            return;
        }
        list.remove(i);
    }
    list.push(json!({ "by": by, "icon": icon, "at": at.as_ms() }));
    list.sort_by_key(|entry| text(entry, "by"));
    row.reactions = Json::Array(list);
}

/// Delivered or seen.
pub(super) fn receipt(
    world: &mut World<'_>,
    event: &Event,
    platform_ids: &[String],
    status: &str,
    at: Timestamp,
) {
    for platform_id in platform_ids {
        let mark = Mark { kind: MarkKind::Status, value: status.to_owned(), at };
        say(world, event, platform_id, mark);
    }
}

/// A reaction given or taken back.
pub(super) fn reaction(
    world: &mut World<'_>,
    event: &Event,
    platform_id: &str,
    icon: &str,
    by_customer: bool,
    at: Timestamp,
) {
    let kind = if by_customer { MarkKind::ReactionCustomer } else { MarkKind::ReactionUs };
    let value = if icon == REMOVE { String::new() } else { icon.to_owned() };
    say(world, event, platform_id, Mark { kind, value, at });
}

fn say(world: &mut World<'_>, event: &Event, platform_id: &str, mark: Mark) {
    let name = (event.channel, platform_id.to_owned());
    match world.messages.remove(&name) {
        Some(mut message) => {
            // One may have been left behind: on PostgreSQL the settling of a send and a receipt can pass each other.
            world.put_marks_on(&name, &mut message.row);
            put(&mut message.row, &mark);
            world.messages.insert(name, message);
        }
        None => world.wait_for(event.workspace, name, mark),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_kernel::{ChannelId, ConversationId, MessageId, WorkspaceId};
    use uuid::Uuid;

    fn message(direction: &str, status: &str) -> MessageRow {
        let id = Uuid::nil();
        MessageRow {
            workspace: WorkspaceId(id),
            id: MessageId(id),
            conversation: ConversationId(id),
            channel: ChannelId(id),
            direction: direction.into(),
            status: status.into(),
            platform_id: None,
            reactions: json!([]),
            sent_at: Timestamp(0),
        }
    }

    #[test]
    fn a_status_never_goes_backwards() {
        for (i, before) in RANKS.iter().enumerate() {
            for (j, told) in RANKS.iter().enumerate() {
                let mut row = message("out", before);
                raise(&mut row, told);
                assert_eq!(row.status, RANKS[i.max(j)], "{before} then {told}");
            }
        }
        let mut theirs = message("in", "received");
        raise(&mut theirs, "seen");
        assert_eq!(theirs.status, "received");
    }

    #[test]
    fn the_newest_reaction_of_each_side_counts() {
        let said = [
            ("customer", "/-heart", 10),
            ("us", "/-strong", 5),
            ("customer", "", 20),
            ("customer", ":o", 15),
        ];
        let mut orders = vec![said.to_vec()];
        orders.push(said.iter().rev().copied().collect());
        orders.push([said[2], said[0], said[3], said[1], said[2], said[0]].to_vec());
        for order in orders {
            let mut row = message("in", "received");
            for (by, icon, at) in &order {
                react(&mut row, by, icon, Timestamp(*at));
            }
            let expected =
                json!([{"by": "customer", "icon": "", "at": 20}, {"by": "us", "icon": "/-strong", "at": 5}]);
            assert_eq!(row.reactions, expected, "{order:?}");
        }
    }
}
