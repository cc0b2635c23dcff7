//! What customers do besides writing: follow, press buttons, share contact data, get tags.

use loa_channels::{Attachment, Inbound, MessageKind, SharedProfile};
use loa_kernel::{Timestamp, normalise_phone};
use loa_store::intake::{MessageRow, NewMessage};
use serde_json::{Value as Json, json};

use super::messages::{Shown, customer_wrote, none, one_line, show, window_by_interaction};
use super::world::World;
use super::{Event, line_id};

/// The customer follows.
pub(super) fn follow(world: &mut World<'_>, event: &Event, inbound: &Inbound, source: Option<&str>) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    let at = inbound.occurred_at;
    set_follower(world, event, user, true, at);
    newest(&mut world.person(event, user).facts, "follow", at, json!({ "source": source }));
    line(world, event, inbound, user, "follow", source);
    window_by_interaction(world, event, user, at);
}

/// The customer does not follow any more.
pub(super) fn unfollow(world: &mut World<'_>, event: &Event, inbound: &Inbound) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    set_follower(world, event, user, false, inbound.occurred_at);
    line(world, event, inbound, user, "unfollow", None);
}

/// The newest statement wins; of two at the same instant, that they do not follow.
fn set_follower(world: &mut World<'_>, event: &Event, user: &str, follows: bool, at: Timestamp) {
    let person = world.person(event, user);
    if person.follow_changed_at < Some(at) {
        person.follow_changed_at = Some(at);
        person.is_follower = Some(follows);
    } else if person.follow_changed_at == Some(at) && !follows {
        person.is_follower = Some(false);
    }
}

/// The customer did something that opens the window.
pub(super) fn interaction(world: &mut World<'_>, event: &Event, inbound: &Inbound, event_name: &str) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    line(world, event, inbound, user, event_name, None);
    window_by_interaction(world, event, user, inbound.occurred_at);
}

/// The customer sent contact data. It stands in the thread as what the customer wrote, and the phone number goes
/// to the customer's record unless a member has put another one there.
pub(super) fn profile_shared(
    world: &mut World<'_>,
    event: &Event,
    inbound: &Inbound,
    shared: &SharedProfile,
) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    let at = inbound.occurred_at;
    let person = world.person(event, user);
    let before = person.facts.pointer("/shared_phone/number").and_then(Json::as_str).map(str::to_owned);
    let said =
        json!({ "name": shared.name, "phone": shared.phone, "address": shared.address, "raw": shared.raw });
    let customer = person.customer;
    newest(&mut person.facts, "shared", at, said);
    // Apart, because a later form without a number says nothing about the number.
    // In the form in which numbers are looked up; what is none is kept as it was said.
    let phone = shared.phone.as_ref().map(|said| normalise_phone(said).unwrap_or_else(|_| said.clone()));
    if let Some(phone) = &phone
        && newest(&mut person.facts, "shared_phone", at, json!({ "number": phone }))
        && let Some(customer) = world.customers.get_mut(&customer)
        && (customer.row.phone.is_none() || customer.row.phone == before)
    {
        customer.row.phone = Some(phone.clone());
    }
    let id = line_id(event.channel, inbound);
    if !world.is_known_line(id) {
        let parts = [&shared.name, &shared.phone, &shared.address];
        let text = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("\n");
        let card = Attachment {
            name: shared.name.clone(),
            phone: shared.phone.clone(),
            description: shared.address.clone(),
            ..Attachment::of(MessageKind::RequestInfo)
        };
        customer_wrote(world, event, user, id, at, true);
        let thread = world.thread(event, user, at);
        let conversation = thread.id;
        let kind = MessageKind::RequestInfo.as_str().to_owned();
        let preview = one_line(&text);
        show(thread, Shown { id, at, real: true, direction: "in".to_owned(), kind: kind.clone(), preview });
        world.insert(NewMessage {
            row: MessageRow {
                workspace: event.workspace,
                id,
                conversation,
                channel: event.channel,
                direction: "in".to_owned(),
                status: "received".to_owned(),
                platform_id: None,
                reactions: none(),
                sent_at: at,
            },
            author: "customer",
            kind,
            text: Some(text),
            attachments: json!([card]),
            quoted_platform_id: None,
            by_person: false,
        });
    }
    window_by_interaction(world, event, user, at);
}

/// A tag of the platform was put on or taken off these customers.
pub(super) fn tag(
    world: &mut World<'_>,
    event: &Event,
    inbound: &Inbound,
    tag: &str,
    added: bool,
    users: &[String],
) {
    for user in users {
        let facts = &mut world.person(event, user).facts;
        let Some(facts) = facts.as_object_mut() else { continue };
        let tags = facts.entry("tags").or_insert_with(|| json!({}));
        newest(tags, tag, inbound.occurred_at, json!({ "on": added }));
    }
}

/// Something about the customer changed at the platform: look again.
pub(super) fn profile_changed(world: &mut World<'_>, event: &Event, inbound: &Inbound) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    let now = world.now;
    let person = world.person(event, user);
    // The event's instant makes a replay harmless: what was fetched since then needs no second look.
    if newest(&mut person.facts, "changed", inbound.occurred_at, json!({})) {
        person.profile_due_at = Some(now);
    }
}

/// The customer asks that their data be deleted.
pub(super) fn withdrew(world: &mut World<'_>, event: &Event, inbound: &Inbound) {
    let Some(user) = inbound.external_user.as_deref() else { return };
    newest(&mut world.person(event, user).facts, "withdrew", inbound.occurred_at, json!({}));
    line(world, event, inbound, user, "user_withdraw", None);
}

/// Set `facts[key]` to `value` with its instant if that is newer than what stands there; of two at the same instant
/// the greater text. Answers whether it was set.
fn newest(facts: &mut Json, key: &str, at: Timestamp, mut value: Json) -> bool {
    let Some(facts) = facts.as_object_mut() else { return false };
    if let Some(fields) = value.as_object_mut() {
        fields.insert("at".to_owned(), at.as_ms().into());
    }
    if let Some(known) = facts.get(key) {
        let since = known.get("at").and_then(Json::as_i64).unwrap_or(i64::MIN);
        if (at.as_ms(), value.to_string()) <= (since, known.to_string()) {
            return false;
        }
    }
    facts.insert(key.to_owned(), value);
    true
}

/// A line in the thread about something that happened. Its text is the platform's name of it, which the reader's
/// client puts into words; no language is stored.
fn line(
    world: &mut World<'_>,
    event: &Event,
    inbound: &Inbound,
    user: &str,
    what: &str,
    detail: Option<&str>,
) {
    let at = inbound.occurred_at;
    let id = line_id(event.channel, inbound);
    if world.is_known_line(id) {
        return;
    }
    let thread = world.thread(event, user, at);
    let conversation = thread.id;
    let shown = Shown {
        id,
        at,
        real: false,
        direction: "in".to_owned(),
        kind: "event".to_owned(),
        preview: what.to_owned(),
    };
    show(thread, shown);
    world.insert(NewMessage {
        row: MessageRow {
            workspace: event.workspace,
            id,
            conversation,
            channel: event.channel,
            direction: "in".to_owned(),
            status: "received".to_owned(),
            platform_id: None,
            reactions: none(),
            sent_at: at,
        },
        author: "system",
        kind: "event".to_owned(),
        text: Some(what.to_owned()),
        attachments: json!([{ "kind": "event", "name": what, "description": detail }]),
        quoted_platform_id: None,
        by_person: false,
    });
}
