//! The rows of the database as plain maps: what `loa_store::intake` loads and applies, without a database, so that
//! thousands of streams can be folded. `tests/database.rs` shows the same on the real ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use loa_intake::fold::{Event, fold, wanted};
use loa_kernel::{ChannelId, ConversationId, CustomerId, EventId, IdentityId, MessageId, Timestamp};
use loa_rulebook::Library;
use loa_store::intake::{
    Batch, ChannelRow, ConversationRow, CustomerRow, Head, IdentityRow, Mark, MarkKind, NewMessage, RawEvent,
    Slice, Wanted,
};

type Name = (ChannelId, String);

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub channels: BTreeMap<ChannelId, ChannelRow>,
    pub customers: BTreeMap<CustomerId, (String, CustomerRow)>,
    pub identities: BTreeMap<Name, IdentityRow>,
    pub conversations: BTreeMap<IdentityId, ConversationRow>,
    pub messages: BTreeMap<MessageId, NewMessage>,
    pub marks: BTreeMap<(Name, MarkKind), Mark>,
    pub raw: BTreeMap<EventId, RawEvent>,
    /// Thanks ask for nothing here.
    pub courteous: bool,
}

impl Rows {
    /// Fold the events in batches of these sizes, the last size for all that is left.
    pub fn fold_all(&mut self, events: &[Event], sizes: &[usize], library: &Library, now: Timestamp) {
        let mut rest = events;
        let mut sizes = sizes.iter().copied();
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(usize::MAX).clamp(1, rest.len());
            let (part, after) = rest.split_at(size);
            rest = after;
            let batch = self.fold(part, library, now);
            self.apply(batch);
        }
    }

    /// The first lines in which two states differ.
    pub fn difference(&self, other: &Self) -> String {
        let (a, b) = (format!("{self:#?}"), format!("{other:#?}"));
        let lines = a.lines().zip(b.lines()).filter(|(a, b)| a != b).take(8);
        lines.map(|(a, b)| format!("\n  {} / {}", a.trim(), b.trim())).collect()
    }

    pub fn fold(&self, events: &[Event], library: &Library, now: Timestamp) -> Batch {
        let wanted = wanted(events);
        fold(events, self.load(&wanted), library, now)
    }

    fn load(&self, wanted: &Wanted) -> Slice {
        let mut slice = Slice::default();
        if self.courteous {
            slice.courteous.extend(wanted.channels.values());
        }
        for channel in wanted.channels.keys() {
            slice.channels.extend(self.channels.get(channel).map(|row| (*channel, row.clone())));
        }
        for (channel, users) in &wanted.users {
            for user in users {
                let name = (*channel, user.clone());
                let Some(identity) = self.identities.get(&name) else { continue };
                slice.identities.insert(name, identity.clone());
                if let Some(thread) = self.conversations.get(&identity.id) {
                    slice.conversations.insert(identity.id, thread.clone());
                }
            }
        }
        let by_platform: HashMap<Name, &NewMessage> = self
            .messages
            .values()
            .filter_map(|m| Some(((m.row.channel, m.row.platform_id.clone()?), m)))
            .collect();
        for (channel, ids) in &wanted.messages {
            for id in ids {
                let name = (*channel, id.clone());
                if let Some(message) = by_platform.get(&name) {
                    slice.messages.insert(name.clone(), message.row.clone());
                }
                for kind in MarkKind::ALL {
                    if let Some(mark) = self.marks.get(&(name.clone(), kind)) {
                        slice.marks.entry(name.clone()).or_default().push(mark.clone());
                    }
                }
            }
        }
        let lines: BTreeSet<MessageId> = wanted.lines.values().flatten().copied().collect();
        slice.lines = lines.into_iter().filter(|id| self.messages.contains_key(id)).collect();
        for (name, floor) in &wanted.floors {
            let Some(thread) = self.identities.get(name).and_then(|i| self.conversations.get(&i.id)) else {
                continue;
            };
            if thread.last_message_at < *floor {
                continue;
            }
            slice.heads.insert(thread.id, self.heads(thread.id, *floor));
        }
        for (channel, users) in &wanted.customers {
            for user in users {
                let Some(identity) = self.identities.get(&(*channel, user.clone())) else { continue };
                slice.customers.insert(identity.customer, self.customers[&identity.customer].1.clone());
            }
        }
        slice
    }

    fn heads(&self, thread: ConversationId, floor: Timestamp) -> Vec<Head> {
        self.messages
            .values()
            .filter(|m| m.row.conversation == thread && m.row.sent_at >= floor && m.author != "system")
            .map(|m| Head {
                id: m.row.id,
                inbound: m.row.direction == "in",
                asks: m.row.direction == "in"
                    && !(self.courteous && loa_kernel::is_courtesy(&m.kind, m.text.as_deref())),
                by_person: m.by_person,
                counts: m.row.direction == "out",
                sent_at: m.row.sent_at,
            })
            .collect()
    }

    pub fn apply(&mut self, batch: Batch) {
        for (workspace, id, name, phone) in batch.new_customers {
            self.customers.entry(id).or_insert((name, CustomerRow { workspace, id, phone }));
        }
        for row in batch.phones {
            let id = row.id;
            self.customers.get_mut(&id).unwrap().1 = row;
        }
        for row in batch.new_identities {
            let name = (row.channel, row.external_id.clone());
            assert!(self.identities.insert(name, row).is_none(), "an identity was inserted twice");
        }
        for row in batch.identities.into_iter().chain(batch.windows) {
            self.identities.insert((row.channel, row.external_id.clone()), row).unwrap();
        }
        for row in batch.new_conversations {
            assert!(self.conversations.insert(row.identity, row).is_none(), "a thread was inserted twice");
        }
        for row in batch.conversations {
            self.conversations.insert(row.identity, row).unwrap();
        }
        for message in batch.new_messages {
            let id = message.row.id;
            assert!(self.messages.insert(id, message).is_none(), "a message was inserted twice");
        }
        for row in batch.messages {
            let id = row.id;
            self.messages.get_mut(&id).unwrap().row = row;
        }
        for row in batch.channels {
            self.channels.insert(row.id, row).unwrap();
        }
        for (_, channel, platform_id, mark) in batch.marks {
            self.marks.insert(((channel, platform_id), mark.kind), mark);
        }
        for (_, channel, platform_id) in batch.used_marks {
            self.marks.retain(|(name, _), _| *name != (channel, platform_id.clone()));
        }
        for raw in batch.raw {
            self.raw.entry(raw.id).or_insert(raw);
        }
        assert!(batch.settled.is_empty());
    }
}
