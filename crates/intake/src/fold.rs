//! From events and what was there to what is there now: a pure function.
//!
//! **Order does not matter.** The platform promises none and delivers twice (platform reference §16.2), so
//! every rule here gives the same end whatever order the events come in and however often:
//! - what is one value (follows us, a tag, a reaction) carries its instant, and the newest statement wins; of
//!   two at the same instant always the same one;
//! - what is a border (last message, answered, read) is a maximum;
//! - what is a number (unread, replies used) is the number of messages beyond a border, counted again from the
//!   messages themselves when a border moves backwards past them;
//! - a status has a rank and never goes down;
//! - what is said about a message that is not here yet waits for it as a mark.
//!
//! The property test `tests/order.rs` shuffles, repeats and cuts streams of events and compares the ends.

mod hours;
mod marks;
mod messages;
mod past;
mod people;
mod world;

use bytes::Bytes;
use loa_channels::{Author, Inbound, InboundKind, NotUnderstood};
use loa_kernel::{ChannelId, EventId, MessageId, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::intake::{Batch, RawEvent, Slice, Wanted};
use loa_stream::EventRecord;

pub use past::{Page, fold_past};
use world::World;

/// One event of the log with what was understood of it.
#[derive(Debug, Clone)]
pub struct Event {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Through which channel.
    pub channel: ChannelId,
    /// Its key in the log.
    pub key: String,
    /// When we got it.
    pub received_at: Timestamp,
    /// As delivered.
    pub body: Bytes,
    /// What it says.
    pub said: Result<Inbound, NotUnderstood>,
}

impl Event {
    /// An event as it was understood. Names are cleaned of NUL characters: PostgreSQL takes none, neither in a row
    /// nor in a question, and one odd message must not stop its partition. Texts are cleaned where they are written.
    pub fn new(record: EventRecord, said: Result<Inbound, NotUnderstood>) -> Self {
        let EventRecord { workspace, channel, key, received_at, body, .. } = record;
        let said = said.map(|mut inbound| {
            names_of(&mut inbound).into_iter().filter(|name| name.contains('\0')).for_each(|name| {
                *name = name.replace('\0', "");
            });
            inbound
        });
        Self { workspace, channel, key, received_at, body, said }
    }
}

/// Every name by which rows are looked up.
fn names_of(inbound: &mut Inbound) -> Vec<&mut String> {
    let mut names: Vec<&mut String> = inbound.external_user.iter_mut().collect();
    match &mut inbound.kind {
        InboundKind::Message(message) => names.push(&mut message.platform_id),
        InboundKind::Delivered { platform_ids } | InboundKind::Seen { platform_ids } => {
            names.extend(platform_ids)
        }
        InboundKind::Reaction { platform_id, .. } => names.push(platform_id),
        InboundKind::TagChanged { external_users, .. } => names.extend(external_users),
        _ => {}
    }
    names
}

/// Why an event is in the operator's list. Stable words.
pub mod reason {
    /// This version does not know the event.
    pub const UNKNOWN_EVENT: &str = "unknown_event";
    /// The event is known, but not in this form, or names nobody.
    pub const UNPARSABLE: &str = "unparsable";
    /// A known event that nothing uses yet; kept so that a later version can.
    pub const NO_HANDLER: &str = "no_handler";
    /// A message of a kind that cannot be shown; the message stands in its thread as `unsupported`.
    pub const UNSUPPORTED_KIND: &str = "unsupported_kind";
    /// The customer asks the business to delete their data; a person has to act.
    pub const DATA_REQUEST: &str = "data_request";
    /// Folding or writing it failed again and again; set aside so that the others go on.
    pub const FAILED: &str = "failed";
}

/// Everything that must be loaded before [`fold`] can run over these events.
pub fn wanted(events: &[Event]) -> Wanted {
    let mut wanted = Wanted::default();
    for event in events {
        let Ok(inbound) = &event.said else { continue };
        wanted.channels.insert(event.channel, event.workspace);
        match &inbound.kind {
            InboundKind::TagChanged { external_users, .. } => {
                wanted.users.entry(event.channel).or_default().extend(external_users.iter().cloned());
            }
            InboundKind::Message(message) => {
                wanted.messages.entry(event.channel).or_default().insert(message.platform_id.clone());
            }
            InboundKind::Delivered { platform_ids } | InboundKind::Seen { platform_ids } => {
                wanted.messages.entry(event.channel).or_default().extend(platform_ids.iter().cloned());
            }
            InboundKind::Reaction { platform_id, .. } => {
                wanted.messages.entry(event.channel).or_default().insert(platform_id.clone());
            }
            InboundKind::Follow { .. }
            | InboundKind::Unfollow
            | InboundKind::Interaction { .. }
            | InboundKind::ProfileShared(_)
            | InboundKind::UserWithdrew => {
                let line = line_id(event.channel, inbound);
                wanted.lines.entry(event.workspace).or_default().insert(line);
            }
            InboundKind::ProfileChanged
            | InboundKind::PermissionRevoked
            | InboundKind::Other { .. }
            | InboundKind::Unknown { .. } => {}
        }
        let Some(user) = person_of(inbound) else { continue };
        wanted.users.entry(event.channel).or_default().insert(user.to_owned());
        if moves_counts(&inbound.kind) {
            let floor = wanted.floors.entry((event.channel, user.to_owned())).or_insert(inbound.occurred_at);
            *floor = (*floor).min(inbound.occurred_at);
        }
        if matches!(&inbound.kind, InboundKind::Message(m) if m.author == Author::Platform { admin_id: None })
        {
            wanted.echoes.entry(event.channel).or_default().insert(user.to_owned());
        }
        if matches!(inbound.kind, InboundKind::ProfileShared(_)) {
            wanted.customers.entry(event.channel).or_default().insert(user.to_owned());
        }
    }
    wanted
}

/// Fold `events` into `slice`, which was loaded for [`wanted`] of the same events.
///
/// `now` stands where no event says otherwise: when a profile becomes due, since when a row exists. The rules
/// are those of each channel's edition at `now`.
pub fn fold(events: &[Event], slice: Slice, library: &Library, now: Timestamp) -> Batch {
    let mut world = World::new(slice, library, now);
    for event in events {
        match &event.said {
            Ok(inbound) => one(&mut world, event, inbound),
            Err(why) => world.keep_raw(raw(event, &why.event_name, reason::UNPARSABLE)),
        }
    }
    world.finish()
}

fn one(world: &mut World<'_>, event: &Event, inbound: &Inbound) {
    let at = inbound.occurred_at;
    match &inbound.kind {
        InboundKind::Message(message) => {
            if message.kind == loa_channels::MessageKind::Unsupported {
                world.keep_raw(raw(event, "", reason::UNSUPPORTED_KIND));
            }
            messages::message(world, event, inbound, message);
        }
        InboundKind::Delivered { platform_ids } => {
            marks::receipt(world, event, platform_ids, "delivered", at)
        }
        InboundKind::Seen { platform_ids } => marks::receipt(world, event, platform_ids, "seen", at),
        InboundKind::Reaction { platform_id, icon, by_customer } => {
            marks::reaction(world, event, platform_id, icon, *by_customer, at);
        }
        InboundKind::Follow { source } => people::follow(world, event, inbound, source.as_deref()),
        InboundKind::Unfollow => people::unfollow(world, event, inbound),
        InboundKind::Interaction { event_name } => people::interaction(world, event, inbound, event_name),
        InboundKind::ProfileShared(profile) => people::profile_shared(world, event, inbound, profile),
        InboundKind::TagChanged { tag, added, external_users } if !external_users.is_empty() => {
            people::tag(world, event, inbound, tag, *added, external_users);
        }
        InboundKind::TagChanged { .. } => world.keep_raw(raw(event, "tag", reason::NO_HANDLER)),
        InboundKind::ProfileChanged => people::profile_changed(world, event, inbound),
        InboundKind::PermissionRevoked => world.revoke(event.channel, at),
        InboundKind::UserWithdrew => {
            world.keep_raw(raw(event, "user_withdraw", reason::DATA_REQUEST));
            people::withdrew(world, event, inbound);
        }
        InboundKind::Other { event_name } => world.keep_raw(raw(event, event_name, reason::NO_HANDLER)),
        InboundKind::Unknown { event_name } => world.keep_raw(raw(event, event_name, reason::UNKNOWN_EVENT)),
    }
}

/// The operator's row for an event.
pub(crate) fn raw(event: &Event, event_name: &str, reason: &'static str) -> RawEvent {
    let parts: [&[u8]; 2] = [event.channel.0.as_bytes(), event.key.as_bytes()];
    RawEvent {
        workspace: event.workspace,
        id: EventId::derived(event.received_at, &parts),
        channel: event.channel,
        event_name: event_name.to_owned(),
        reason,
        body: String::from_utf8_lossy(&event.body).into_owned(),
        received_at: event.received_at,
    }
}

/// The customer whose record the event moves. Receipts and reactions speak of messages, not of people.
fn person_of(inbound: &Inbound) -> Option<&str> {
    match inbound.kind {
        InboundKind::Delivered { .. } | InboundKind::Seen { .. } | InboundKind::Reaction { .. } => None,
        _ => inbound.external_user.as_deref(),
    }
}

/// May it move a border behind which messages are counted?
fn moves_counts(kind: &InboundKind) -> bool {
    matches!(kind, InboundKind::Message(_)) || kind.is_interaction()
}

/// The id of what an event without a message of its own puts into the thread.
fn line_id(channel: ChannelId, inbound: &Inbound) -> MessageId {
    let parts: [&[u8]; 3] = [channel.0.as_bytes(), b"event", inbound.dedupe_key.as_bytes()];
    MessageId::derived(inbound.occurred_at, &parts)
}

/// The id of a message of the platform.
fn message_id(channel: ChannelId, at: Timestamp, platform_id: &str) -> MessageId {
    let parts: [&[u8]; 2] = [channel.0.as_bytes(), platform_id.as_bytes()];
    MessageId::derived(at, &parts)
}
