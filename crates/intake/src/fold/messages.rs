//! Messages, from either side, and what they do to the thread and the reply window.

use loa_channels::{Author, Inbound, InboundMessage, MessageKind};
use loa_kernel::{ConversationId, MessageId, Timestamp, clip};
use loa_rulebook::{Class, MessagingRules, PlatformReply, RecipientFacts};
use loa_store::intake::{ConversationRow, Head, IdentityRow, InFlight, MessageRow, NewMessage, Settled};
use loa_store::work::BackReason;
use serde_json::{Value as Json, json};

use super::world::World;
use super::{Event, message_id};

/// Characters of a message shown in the list.
const PREVIEW_CHARS: usize = 140;

/// An echo belongs to a call of ours even when the platform's clock is behind ours by this much.
const CLOCK_SKEW_MS: i64 = 60_000;

/// A message of the customer, or the echo of one of the account's.
pub(super) fn message(world: &mut World<'_>, event: &Event, inbound: &Inbound, message: &InboundMessage) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    let name = (event.channel, message.platform_id.clone());
    if let Some(mut known) = world.messages.remove(&name) {
        // Seen before, or settled by the answer to our own call. A mark may have been left beside it.
        world.put_marks_on(&name, &mut known.row);
        let row = known.row.clone();
        world.messages.insert(name, known);
        if world.tell(&row) {
            // An import was faster than the platform's own event, which still has every effect.
            take_effect(world, event, user, &row, inbound.occurred_at, message);
        }
        return;
    }
    let by_hand = by_hand(&message.author);
    if by_hand == Some(false) && match_in_flight(world, event, inbound, message, user) {
        return;
    }
    let at = inbound.occurred_at;
    let thread = world.thread(event, user, at);
    let row = MessageRow {
        workspace: event.workspace,
        id: message_id(event.channel, at, &message.platform_id),
        conversation: thread.id,
        channel: event.channel,
        direction: if by_hand.is_none() { "in" } else { "out" }.to_owned(),
        status: if by_hand.is_none() { "received" } else { "sent" }.to_owned(),
        platform_id: Some(message.platform_id.clone()),
        reactions: json!([]),
        sent_at: at,
    };
    take_effect(world, event, user, &row, at, message);
    world.insert(new_message(row, message));
}

/// Written by hand in the platform's own tool, or by an application; `None`: by the customer.
fn by_hand(author: &Author) -> Option<bool> {
    match author {
        Author::Customer => None,
        Author::Platform { admin_id } => Some(admin_id.is_some()),
    }
}

/// The message to insert for what the platform tells.
fn new_message(row: MessageRow, message: &InboundMessage) -> NewMessage {
    NewMessage {
        author: if row.direction == "in" { "customer" } else { "platform" },
        by_person: by_hand(&message.author) == Some(true),
        row,
        kind: message.kind.as_str().to_owned(),
        text: message.text.clone(),
        attachments: serde_json::to_value(&message.attachments).unwrap_or_else(|_| json!([])),
        quoted_platform_id: message.quoted_platform_id.clone(),
    }
}

/// What a message, from either side, does to the thread and the reply window.
fn take_effect(
    world: &mut World<'_>,
    event: &Event,
    user: &str,
    row: &MessageRow,
    at: Timestamp,
    message: &InboundMessage,
) {
    match by_hand(&message.author) {
        None => {
            let asks = !world.is_courtesy(event.workspace, message.kind.as_str(), message.text.as_deref());
            customer_wrote(world, event, user, row.id, at, asks);
            if asks {
                super::hours::outside(world, event, row.conversation, at);
            }
            window_by_message(world, event, user, at);
        }
        Some(by_hand) => {
            // The platform counts what was written elsewhere too. Which pool paid is not told; within the window
            // it was a free reply as long as there were any.
            we_wrote(world, event, user, row.id, at, Some(Class::Reply), by_hand);
        }
    }
    show(world.thread(event, user, at), shown(row.id, at, &row.direction, message));
}

fn shown(id: MessageId, at: Timestamp, direction: &str, message: &InboundMessage) -> Shown {
    Shown {
        id,
        at,
        real: true,
        direction: direction.to_owned(),
        kind: message.kind.as_str().to_owned(),
        preview: preview(message),
    }
}

/// A message of the platform's history, which an import reads: it stands in its thread, and nothing else. It is not
/// unread, waits for no answer, opens no thread and no window, and uses no reply. Answers whether it was not here yet.
pub(super) fn past_message(
    world: &mut World<'_>,
    event: &Event,
    user: &str,
    at: Timestamp,
    message: &InboundMessage,
) -> bool {
    let name = (event.channel, message.platform_id.clone());
    if world.messages.contains_key(&name) {
        return false;
    }
    let outgoing = message.author != Author::Customer;
    if outgoing && is_in_flight(world, event, user, at, message) {
        // Perhaps a call of ours whose outcome is not known yet: the echo or the look at the history settles it.
        return false;
    }
    let direction = if outgoing { "out" } else { "in" };
    let thread = world.thread(event, user, at);
    let row = MessageRow {
        workspace: event.workspace,
        id: message_id(event.channel, at, &message.platform_id),
        conversation: thread.id,
        channel: event.channel,
        direction: direction.to_owned(),
        status: if outgoing { "sent" } else { "received" }.to_owned(),
        platform_id: Some(message.platform_id.clone()),
        reactions: json!([]),
        sent_at: at,
    };
    show(thread, shown(row.id, at, direction, message));
    world.insert_imported(new_message(row, message));
    true
}

/// Could this be what a call of ours under way, or of unknown outcome, did?
fn is_in_flight(
    world: &World<'_>,
    event: &Event,
    user: &str,
    at: Timestamp,
    message: &InboundMessage,
) -> bool {
    let identity = world.identities.get(&(event.channel, user.to_owned())).map(|i| i.row.id);
    let thread = identity.and_then(|id| world.conversations.get(&id)).map(|c| c.row.id);
    let waiting = thread.and_then(|thread| world.in_flight.get(&thread));
    waiting.is_some_and(|waiting| waiting.iter().any(|one| fits(one, message, at)))
}

/// Is this what the call did?
fn fits(one: &InFlight, echo: &InboundMessage, at: Timestamp) -> bool {
    one.kind.parse::<MessageKind>().is_ok_and(|kind| kind.may_be_told_as(echo.kind))
        && trimmed(one.text.as_deref()) == trimmed(echo.text.as_deref())
        && one.calling_since.is_none_or(|since| at >= since.plus_ms(-CLOCK_SKEW_MS))
}

/// An application of the account wrote. If a call of ours with the same content is under way or has an unknown
/// outcome, this is what it did: the oldest such message gets the id, and is sent.
fn match_in_flight(
    world: &mut World<'_>,
    event: &Event,
    inbound: &Inbound,
    echo: &InboundMessage,
    user: &str,
) -> bool {
    let at = inbound.occurred_at;
    let thread = world.identities.get(&(event.channel, user.to_owned())).map(|i| i.row.id);
    let Some(thread) = thread.and_then(|id| world.conversations.get(&id)).map(|c| c.row.id) else {
        return false;
    };
    let Some(waiting) = world.in_flight.get_mut(&thread) else { return false };
    let Some(i) = waiting.iter().position(|one| fits(one, echo, at)) else { return false };
    let InFlight { message: was, reservation, by_member, .. } = waiting.remove(i);
    let mut row = was.clone();
    row.platform_id = Some(echo.platform_id.clone());
    row.sent_at = at;
    super::marks::raise(&mut row, "sent");
    let pool = reservation.as_ref().map(|(pool, _)| pool.as_str());
    let class = Class::ALL.iter().copied().find(|class| Some(class.as_str()) == pool);
    let package = reservation.as_ref().filter(|(pool, _)| pool == "package").map_or(0, |(_, amount)| *amount);
    if class == Some(Class::Reply) {
        let person = world.person(event, user);
        person.replies_reserved = (person.replies_reserved - 1).max(0);
    }
    // Welcomes are counted when they are reserved.
    let counted = class.filter(|class| *class == Class::Reply);
    we_wrote(world, event, user, row.id, at, counted, by_member);
    let shown = shown(row.id, at, "out", echo);
    show(world.thread(event, user, at), shown);
    let settled = Settled { workspace: event.workspace, channel: event.channel, message: row.id, package };
    world.settle(was, row, settled);
    true
}

fn trimmed(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// The customer put something into the thread that a person should read: it counts as unread, waits for an
/// answer, and opens a thread that a member had put away before it. What asks for nothing (`asks` is false) counts as
/// unread, but waits for no answer and leaves a thread closed that a member closed.
pub(super) fn customer_wrote(
    world: &mut World<'_>,
    event: &Event,
    user: &str,
    id: MessageId,
    at: Timestamp,
    asks: bool,
) {
    let thread = world.thread(event, user, at).id;
    let answers = answers_of(world, thread);
    let thread = world.thread(event, user, at);
    if thread.read_until_at.max(thread.answered_at) < Some(at) {
        thread.unread_count += 1;
    }
    if asks && thread.answered_at < Some(at) {
        thread.waiting_since_at = Some(thread.waiting_since_at.map_or(at, |since| since.min(at)));
    }
    // Told from what the member did and not from the status, which an earlier event of this batch may have changed.
    let was_closed = thread.status_changed_at.is_some() && thread.work.closed_at >= thread.status_changed_at;
    if thread.status_changed_at < Some(at) && (asks || !was_closed) {
        let by_member = thread.status_changed_at.is_some();
        if matches!(thread.status.as_str(), "closed" | "snoozed" | "pending") {
            thread.status = "open".to_owned();
            if by_member {
                thread.work.back_by_reply(at);
            }
        } else if matches!(thread.work.back, Some((BackReason::Reply, _))) {
            thread.work.back_by_reply(at);
        }
    }
    if asks {
        thread.work.asked(at, answers);
    }
    let thread = thread.id;
    let head = Head { id, inbound: true, asks, by_person: false, counts: false, sent_at: at };
    world.heads.entry(thread).or_default().push(head);
}

/// The account wrote. `by_person`: a member through Loa, or somebody in the platform's own tool; then what the
/// customer wrote before is read and answered. What went out by itself, or what another application sent without naming
/// a person, hides no waiting customer.
fn we_wrote(
    world: &mut World<'_>,
    event: &Event,
    user: &str,
    id: MessageId,
    at: Timestamp,
    class: Option<Class>,
    by_person: bool,
) {
    let thread = world.thread(event, user, at).id;
    let counts = class == Some(Class::Reply);
    world.heads.entry(thread).or_default().push(Head {
        id,
        inbound: false,
        asks: false,
        by_person,
        counts,
        sent_at: at,
    });
    if counts {
        let rules = world.rules(event.channel);
        let person = world.person(event, user);
        let mut facts = facts(person);
        if in_window(rules, &facts, at) {
            rules.on_sent(&mut facts, Class::Reply, at);
            keep(rules, person, &facts);
        }
    }
    if !by_person {
        return;
    }
    let inbound: Vec<(Timestamp, bool)> = inbound_of(world, thread);
    let thread = world.thread(event, user, at);
    thread.work.answered(at);
    if thread.answered_at < Some(at) {
        thread.answered_at = Some(at);
        let read = thread.read_until_at.max(thread.answered_at);
        let unread = inbound.iter().filter(|(sent, _)| read < Some(*sent)).count();
        thread.unread_count = i32::try_from(unread).unwrap_or(i32::MAX);
        thread.waiting_since_at =
            inbound.into_iter().filter(|(sent, asks)| *asks && *sent > at).map(|(sent, _)| sent).min();
    }
    if thread.status == "closed" && thread.status_changed_at.is_none() {
        thread.status = "open".to_owned();
    }
}

/// Instants of the customer's messages in the thread, from the batch's oldest event on, and whether they ask.
fn inbound_of(world: &World<'_>, thread: ConversationId) -> Vec<(Timestamp, bool)> {
    let heads = world.heads.get(&thread).into_iter().flatten();
    heads.filter(|h| h.inbound).map(|h| (h.sent_at, h.asks)).collect()
}

/// Instants of what persons of ours wrote in the thread, from the batch's oldest event on.
fn answers_of(world: &World<'_>, thread: ConversationId) -> Vec<Timestamp> {
    let heads = world.heads.get(&thread).into_iter().flatten();
    heads.filter(|h| h.by_person).map(|h| h.sent_at).collect()
}

/// The customer's message opens the window and sets its counter again, unless a newer one did.
fn window_by_message(world: &mut World<'_>, event: &Event, user: &str, at: Timestamp) {
    let rules = world.rules(event.channel);
    let person = world.person(event, user);
    // Who writes has not blocked us, unless the block came after.
    let blocked = person.is_blocked && person.blocked_changed_at >= Some(at);
    let mut facts = facts(person);
    let again = rules.on_customer_message(&mut facts, at);
    facts.blocked = blocked;
    keep(rules, person, &facts);
    if again {
        count_again(world, event, user);
    }
}

/// Something that is no message, but an interaction by the platform's list.
pub(super) fn window_by_interaction(world: &mut World<'_>, event: &Event, user: &str, at: Timestamp) {
    let rules = world.rules(event.channel);
    let person = world.person(event, user);
    let mut facts = facts(person);
    let again = rules.on_interaction(&mut facts, at);
    keep(rules, person, &facts);
    if again {
        count_again(world, event, user);
    }
}

/// The counter was set, perhaps by an event that comes late: replies sent after it count.
fn count_again(world: &mut World<'_>, event: &Event, user: &str) {
    let rules = world.rules(event.channel);
    let identity = world.person(event, user).id;
    let Some(thread) = world.conversations.get(&identity).map(|c| c.row.id) else { return };
    let sent: Vec<Timestamp> =
        world.heads.get(&thread).into_iter().flatten().filter(|h| h.counts).map(|h| h.sent_at).collect();
    let person = world.person(event, user);
    let mut facts = facts(person);
    let sent: Vec<Timestamp> = sent.into_iter().filter(|at| in_window(rules, &facts, *at)).collect();
    rules.recount(&mut facts, sent);
    keep(rules, person, &facts);
}

/// May a message sent at `at` have been a free reply? Before the first window opens nobody knows, so it may.
fn in_window(rules: &MessagingRules, facts: &RecipientFacts, at: Timestamp) -> bool {
    let end = |start: Timestamp| start.plus_hours(i64::from(rules.reply.window_hours));
    rules.counter_start(facts).is_none_or(|start| at >= start)
        && rules.window_start(facts).is_none_or(|start| at <= end(start))
}

pub(super) fn facts(person: &IdentityRow) -> RecipientFacts {
    let number = |n: i32| u32::try_from(n).unwrap_or(0);
    let platform_reply =
        match (person.platform_reply_remain, person.platform_reply_total, person.platform_as_of_at) {
            (Some(remain), Some(total), Some(as_of)) => {
                Some(PlatformReply { remain: number(remain), total: number(total), as_of })
            }
            _ => None,
        };
    RecipientFacts {
        follower: person.is_follower,
        blocked: person.is_blocked,
        last_message_at: person.last_message_at,
        last_interaction_at: person.last_interaction_at,
        replies_used: number(person.replies_used),
        replies_reserved: number(person.replies_reserved),
        welcome_used: number(person.welcome_used),
        platform_reply,
        // An interaction, which is what is folded here, ends a refusal, and the end of a follow by the account.
        window_refused_at: None,
        follow_removed_at: None,
    }
}

fn keep(rules: &MessagingRules, person: &mut IdentityRow, facts: &RecipientFacts) {
    let number = |n: u32| i32::try_from(n).unwrap_or(i32::MAX);
    person.is_blocked = facts.blocked;
    person.last_message_at = facts.last_message_at;
    person.last_interaction_at = facts.last_interaction_at;
    person.window_started_at = rules.counter_start(facts);
    person.replies_used = number(facts.replies_used);
    if let Some(told) = facts.platform_reply {
        person.platform_reply_remain = Some(number(told.remain));
    }
}

/// What the list shows of a thread's last entry.
pub(super) struct Shown {
    pub id: MessageId,
    pub at: Timestamp,
    /// A message; else a line about something that happened, which any message outranks.
    pub real: bool,
    pub direction: String,
    pub kind: String,
    pub preview: String,
}

/// Show it as the thread's last entry, if it is.
pub(super) fn show(thread: &mut ConversationRow, entry: Shown) {
    let rank = (entry.real, entry.at, entry.id);
    let is_last = thread
        .last_message_id
        .is_none_or(|id| id == entry.id || rank > (thread.last_kind != "event", thread.last_message_at, id));
    if is_last {
        thread.last_message_id = Some(entry.id);
        thread.last_message_at = entry.at;
        thread.last_preview = entry.preview;
        thread.last_direction = entry.direction;
        thread.last_kind = entry.kind;
    }
}

fn preview(message: &InboundMessage) -> String {
    let text = match (&message.text, message.kind) {
        (Some(text), _) => text.as_str(),
        (None, MessageKind::File | MessageKind::Link | MessageKind::BusinessCard) => {
            message.attachments.iter().find_map(|a| a.name.as_deref()).unwrap_or_default()
        }
        (None, _) => "",
    };
    one_line(text)
}

/// Text for one line of the list.
pub(super) fn one_line(text: &str) -> String {
    clip(&text.split_whitespace().collect::<Vec<_>>().join(" "), PREVIEW_CHARS)
}

/// An empty list of attachments or reactions.
pub(super) fn none() -> Json {
    json!([])
}
