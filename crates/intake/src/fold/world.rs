//! The rows of one batch while it is folded: what was loaded, what it has become, and in the end the difference.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use loa_hours::Calendar;
use loa_kernel::{
    ChannelId, ConversationId, CustomerId, EventId, IdentityId, MessageId, Timestamp, WorkspaceId,
};
use loa_rulebook::{EditionChoice, Library, MessagingRules};
use loa_store::auto_replies::NewAutoReply;
use loa_store::changes::NewChange;
use loa_store::hours::Plans;
use loa_store::intake::{
    Batch, ChannelRow, ConversationRow, CustomerRow, Head, IdentityRow, InFlight, Mark, MarkKind, MessageRow,
    NewMessage, RawEvent, Settled, Slice, ids_of, placeholder_name,
};
use loa_store::labels::platform::taggings;
use loa_store::work::Work;
use serde_json::json;

use super::Event;

/// A platform's name of something within a channel: a user or a message.
pub(super) type Name = (ChannelId, String);

/// A row and what it was when it was loaded; `None`: it is new.
#[derive(Debug, Clone)]
pub(super) struct Tracked<T> {
    pub was: Option<T>,
    pub row: T,
}

impl<T: Clone + PartialEq> Tracked<T> {
    fn loaded(row: T) -> Self {
        Self { was: Some(row.clone()), row }
    }

    fn is_changed(&self) -> bool {
        self.was.as_ref() != Some(&self.row)
    }
}

fn tracked<K: std::hash::Hash + Eq, T: Clone + PartialEq>(rows: HashMap<K, T>) -> HashMap<K, Tracked<T>> {
    rows.into_iter().map(|(key, row)| (key, Tracked::loaded(row))).collect()
}

/// Everything at hand while folding.
pub(super) struct World<'a> {
    library: &'a Library,
    pub now: Timestamp,
    channels: HashMap<ChannelId, Tracked<ChannelRow>>,
    rules: HashMap<ChannelId, &'a MessagingRules>,
    pub identities: HashMap<Name, Tracked<IdentityRow>>,
    pub conversations: HashMap<IdentityId, Tracked<ConversationRow>>,
    pub messages: HashMap<Name, Tracked<MessageRow>>,
    /// Messages of which only an import has told.
    imported: HashSet<MessageId>,
    told: Vec<(WorkspaceId, MessageId)>,
    newly_imported: Vec<(WorkspaceId, MessageId)>,
    pub heads: HashMap<ConversationId, Vec<Head>>,
    pub in_flight: HashMap<ConversationId, Vec<InFlight>>,
    lines: HashSet<MessageId>,
    loaded_marks: HashMap<Name, Vec<Mark>>,
    marks: HashMap<Name, (WorkspaceId, BTreeMap<MarkKind, Mark>)>,
    used_marks: Vec<(WorkspaceId, ChannelId, String)>,
    pub customers: HashMap<CustomerId, Tracked<CustomerRow>>,
    new_customers: HashMap<CustomerId, (WorkspaceId, String)>,
    new_messages: Vec<(Option<Name>, NewMessage)>,
    settled: Vec<Settled>,
    raw: BTreeMap<EventId, RawEvent>,
    courteous: HashSet<WorkspaceId>,
    auto_replying: HashSet<ChannelId>,
    hours: HashMap<WorkspaceId, Plans>,
    calendars: HashMap<ChannelId, Option<Calendar>>,
    auto_replies: BTreeMap<(ConversationId, Timestamp), NewAutoReply>,
}

impl<'a> World<'a> {
    pub fn new(slice: Slice, library: &'a Library, now: Timestamp) -> Self {
        Self {
            library,
            now,
            channels: tracked(slice.channels),
            rules: HashMap::new(),
            identities: tracked(slice.identities),
            conversations: tracked(slice.conversations),
            messages: tracked(slice.messages),
            imported: slice.imported,
            told: Vec::new(),
            newly_imported: Vec::new(),
            heads: slice.heads,
            in_flight: slice.in_flight,
            lines: slice.lines,
            loaded_marks: slice.marks,
            marks: HashMap::new(),
            used_marks: Vec::new(),
            customers: tracked(slice.customers),
            new_customers: HashMap::new(),
            new_messages: Vec::new(),
            settled: Vec::new(),
            raw: BTreeMap::new(),
            courteous: slice.courteous,
            auto_replying: slice.auto_replying,
            hours: slice.hours,
            calendars: HashMap::new(),
            auto_replies: BTreeMap::new(),
        }
    }

    /// Does this message of a customer ask for nothing, where the business has chosen so?
    pub fn is_courtesy(&self, workspace: WorkspaceId, kind: &str, text: Option<&str>) -> bool {
        self.courteous.contains(&workspace) && loa_kernel::is_courtesy(kind, text)
    }

    /// Opening hours of a channel that answers by itself while it is closed; of others none.
    pub fn calendar(&mut self, workspace: WorkspaceId, channel: ChannelId) -> Option<&Calendar> {
        if !self.auto_replying.contains(&channel) {
            return None;
        }
        let hours = &self.hours;
        let make =
            || hours.get(&workspace).and_then(|plans| plans.of(channel)).and_then(super::hours::calendar);
        self.calendars.entry(channel).or_insert_with(make).as_ref()
    }

    /// An automatic reply is due; of several messages in one time of closure the first asks for it.
    pub fn answer_outside(&mut self, new: NewAutoReply) {
        let known = self.auto_replies.entry((new.conversation, new.closed_since)).or_insert(new);
        known.message_at = known.message_at.min(new.message_at);
    }

    /// The rules of a channel's edition now; those of the default edition when its choice is unreadable.
    pub fn rules(&mut self, channel: ChannelId) -> &'a MessagingRules {
        let (library, now) = (self.library, self.now);
        let edition = self.channels.get(&channel).map(|c| c.row.edition.as_str()).unwrap_or_default();
        self.rules
            .entry(channel)
            .or_insert_with(|| library.resolve(&edition.parse::<EditionChoice>().unwrap_or_default(), now))
    }

    /// The identity of a platform user, made with its customer when it is the first we hear of them.
    pub fn person(&mut self, event: &Event, user: &str) -> &mut IdentityRow {
        let (now, workspace, channel) = (self.now, event.workspace, event.channel);
        let person = match self.identities.entry((channel, user.to_owned())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(free) => {
                let (customer, id, _) = ids_of(workspace, channel, user);
                let platform = self.channels.get(&channel).map(|c| c.row.kind.as_str()).unwrap_or_default();
                self.new_customers.insert(customer, (workspace, placeholder_name(platform, user)));
                let record = CustomerRow { workspace, id: customer, phone: None };
                self.customers.insert(customer, Tracked { was: None, row: record });
                let row = IdentityRow {
                    workspace,
                    id,
                    customer,
                    channel,
                    external_id: user.to_owned(),
                    app_user_id: None,
                    is_follower: None,
                    follow_changed_at: None,
                    is_blocked: false,
                    blocked_changed_at: None,
                    facts: json!({}),
                    last_message_at: None,
                    last_interaction_at: None,
                    window_started_at: None,
                    replies_used: 0,
                    replies_reserved: 0,
                    welcome_used: 0,
                    platform_reply_remain: None,
                    platform_reply_total: None,
                    platform_as_of_at: None,
                    profile_due_at: Some(now),
                    created_at: now,
                };
                free.insert(Tracked { was: None, row })
            }
        };
        // An event may name several customers (a tag); its application id belongs to the one it is about.
        let about = event.said.as_ref().ok().filter(|inbound| inbound.external_user.as_deref() == Some(user));
        if person.row.app_user_id.is_none()
            && let Some(id) = about.and_then(|inbound| inbound.app_user_id.as_ref())
        {
            person.row.app_user_id = Some(id.clone());
        }
        &mut person.row
    }

    /// The thread of a person, made when there is none. A new one is closed: it opens with the first message
    /// that asks for or shows a person's attention, so that a thousand new followers do not fill the inbox.
    pub fn thread(&mut self, event: &Event, user: &str, at: Timestamp) -> &mut ConversationRow {
        let now = self.now;
        let person = self.person(event, user);
        let (workspace, channel, customer, identity) =
            (person.workspace, person.channel, person.customer, person.id);
        let make = || ConversationRow {
            workspace,
            id: ids_of(workspace, channel, user).2,
            channel,
            customer,
            identity,
            status: "closed".to_owned(),
            status_changed_at: None,
            unread_count: 0,
            read_until_at: None,
            answered_at: None,
            waiting_since_at: None,
            last_message_id: None,
            last_message_at: at,
            last_preview: String::new(),
            last_direction: "in".to_owned(),
            last_kind: "event".to_owned(),
            free_until: None,
            permitted_until: None,
            work: Work::default(),
            created_at: now,
        };
        &mut self.conversations.entry(identity).or_insert_with(|| Tracked { was: None, row: make() }).row
    }

    /// Is this line (an entry without a platform id) in its thread already? Remembers it.
    pub fn is_known_line(&mut self, id: MessageId) -> bool {
        !self.lines.insert(id)
    }

    /// A new message, and the marks that waited for it put on it.
    pub fn insert(&mut self, mut message: NewMessage) {
        let name = message.row.platform_id.clone().map(|id| (message.row.channel, id));
        if let Some(name) = &name {
            self.put_marks_on(name, &mut message.row);
            self.messages.insert(name.clone(), Tracked { was: None, row: message.row.clone() });
        }
        self.new_messages.push((name, message));
    }

    /// A message that an import tells of.
    pub fn insert_imported(&mut self, message: NewMessage) {
        self.newly_imported.push((message.row.workspace, message.row.id));
        self.imported.insert(message.row.id);
        self.insert(message);
    }

    /// Has only an import told of this message, so that the platform's event is the first? Then it is told now.
    pub fn tell(&mut self, row: &MessageRow) -> bool {
        let first = self.imported.remove(&row.id);
        if first {
            self.told.push((row.workspace, row.id));
        }
        first
    }

    /// A message of ours whose platform id an echo has just told.
    pub fn settle(&mut self, was: MessageRow, mut row: MessageRow, settled: Settled) {
        let Some(platform_id) = row.platform_id.clone() else { return };
        let name = (row.channel, platform_id);
        self.put_marks_on(&name, &mut row);
        self.messages.insert(name, Tracked { was: Some(was), row });
        self.settled.push(settled);
    }

    /// Put waiting marks on a message that is there.
    pub fn put_marks_on(&mut self, name: &Name, row: &mut MessageRow) {
        let mut marks = self.loaded_marks.remove(name).unwrap_or_default();
        if !marks.is_empty() {
            self.used_marks.push((row.workspace, name.0, name.1.clone()));
        }
        marks.extend(self.marks.remove(name).into_iter().flat_map(|(_, marks)| marks.into_values()));
        for mark in marks {
            super::marks::put(row, &mark);
        }
    }

    /// Keep a mark until its message comes. Of two of the same kind the stronger stays.
    pub fn wait_for(&mut self, workspace: WorkspaceId, name: Name, mark: Mark) {
        let loaded = self.loaded_marks.get(&name).into_iter().flatten().filter(|m| m.kind == mark.kind);
        let waiting = self.marks.get(&name).and_then(|(_, marks)| marks.get(&mark.kind));
        if loaded.chain(waiting).all(|known| super::marks::is_stronger(&mark, known)) {
            self.marks.entry(name).or_insert_with(|| (workspace, BTreeMap::new())).1.insert(mark.kind, mark);
        }
    }

    /// The account withdrew its permission at `at`. A connection made later stands; of two withdrawals the later
    /// one dates the status.
    pub fn revoke(&mut self, channel: ChannelId, at: Timestamp) {
        const REASON: &str = "permission_revoked";
        let Some(channel) = self.channels.get_mut(&channel).map(|c| &mut c.row) else { return };
        let lost = channel.status == "reconnect_required" && channel.status_reason.as_deref() == Some(REASON);
        if (channel.status == "connected" || lost) && channel.status_changed_at < Some(at) {
            channel.status = "reconnect_required".to_owned();
            channel.status_reason = Some(REASON.to_owned());
            channel.status_changed_at = Some(at);
        }
    }

    pub fn keep_raw(&mut self, raw: RawEvent) {
        self.raw.insert(raw.id, raw);
    }

    /// When the threads of people who moved get dearer, and when they close.
    fn set_borders(&mut self) {
        let facts = |row: &IdentityRow| (row.id, row.channel, super::messages::facts(row));
        let moved: Vec<_> =
            self.identities.values().filter(|i| i.is_changed()).map(|i| facts(&i.row)).collect();
        for (id, channel, facts) in moved {
            let borders = self.rules(channel).borders(&facts);
            if let Some(thread) = self.conversations.get_mut(&id) {
                thread.row.free_until = borders.free_until;
                thread.row.permitted_until = borders.permitted_until;
            }
        }
    }

    /// The difference between what was loaded and what it has become.
    pub fn finish(mut self) -> Batch {
        self.set_borders();
        let mut batch = Batch::default();
        // Sets, because a thread is reported once however many of its messages came; ordered, so that the same
        // batch always writes the same.
        let mut changes: BTreeMap<WorkspaceId, Changes> = BTreeMap::new();
        for (id, (workspace, name)) in self.new_customers {
            let phone = self.customers.get(&id).and_then(|c| c.row.phone.clone());
            changes.entry(workspace).or_default().customers.insert(id);
            batch.new_customers.push((workspace, id, name, phone));
        }
        for customer in self.customers.into_values().filter(|c| c.was.is_some() && c.is_changed()) {
            changes.entry(customer.row.workspace).or_default().customers.insert(customer.row.id);
            batch.phones.push(customer.row);
        }
        let mut moved_people: HashSet<IdentityId> = HashSet::new();
        for person in self.identities.into_values().filter(Tracked::is_changed) {
            let row = person.row;
            batch.due.profiles |= row.profile_due_at.is_some()
                && person.was.as_ref().is_none_or(|was| was.profile_due_at != row.profile_due_at);
            moved_people.insert(row.id);
            let said = taggings(row.customer, person.was.as_ref().map(|was| &was.facts), &row.facts);
            if !said.is_empty() {
                batch.taggings.entry(row.workspace).or_default().extend(said);
            }
            match person.was {
                None => batch.new_identities.push(row),
                Some(was) => {
                    let shown = |i: &IdentityRow| (i.is_follower, i.is_blocked, i.facts.clone());
                    if shown(&was) != shown(&row) {
                        changes.entry(row.workspace).or_default().customers.insert(row.customer);
                    }
                    if was.with_window_of(&row) == row {
                        batch.windows.push(row);
                    } else {
                        batch.identities.push(row);
                    }
                }
            }
        }
        for thread in self.conversations.into_values() {
            let changed = thread.is_changed();
            let row = thread.row;
            if changed || moved_people.contains(&row.identity) {
                changes.entry(row.workspace).or_default().threads.insert(row.id, row.channel);
            }
            match thread.was {
                None => batch.new_conversations.push(row),
                Some(_) if changed => batch.conversations.push(row),
                Some(_) => {}
            }
        }
        let mut messages = self.messages;
        for (name, mut message) in self.new_messages {
            // A receipt in the same batch may have moved it on.
            if let Some(latest) = name.and_then(|name| messages.remove(&name)) {
                message.row = latest.row;
            }
            let row = &message.row;
            changes
                .entry(row.workspace)
                .or_default()
                .messages
                .insert(row.id, (row.conversation, row.channel));
            batch.new_messages.push(message);
        }
        for message in messages.into_values().filter(Tracked::is_changed) {
            let row = message.row;
            changes
                .entry(row.workspace)
                .or_default()
                .messages
                .insert(row.id, (row.conversation, row.channel));
            batch.messages.push(row);
        }
        for channel in self.channels.into_values().filter(Tracked::is_changed) {
            let row = channel.row;
            changes.entry(row.workspace).or_default().channels.insert(row.id);
            batch.due.channels = true;
            batch.channels.push(row);
        }
        for ((channel, platform_id), (workspace, marks)) in self.marks {
            batch
                .marks
                .extend(marks.into_values().map(|mark| (workspace, channel, platform_id.clone(), mark)));
        }
        batch.used_marks = self.used_marks;
        batch.imported = self.newly_imported;
        batch.told = self.told;
        for settled in &self.settled {
            // The composer and the channel's settings show the package.
            if settled.package != 0 {
                changes.entry(settled.workspace).or_default().channels.insert(settled.channel);
            }
        }
        batch.due.scheduled = !self.auto_replies.is_empty();
        batch.auto_replies = self.auto_replies.into_values().collect();
        batch.due.deliveries = !self.settled.is_empty();
        batch.settled = self.settled;
        batch.raw = self.raw.into_values().collect();
        batch.changes = changes.into_iter().map(|(workspace, set)| (workspace, set.list())).collect();
        in_order(&mut batch);
        batch
    }
}

/// Rows in the order of their ids: the same batch writes the same statements, and rows are locked in one order.
fn in_order(batch: &mut Batch) {
    batch.new_customers.sort_by_key(|(_, id, _, _)| *id);
    batch.phones.sort_by_key(|c| c.id);
    batch.new_identities.sort_by_key(|i| i.id);
    batch.identities.sort_by_key(|i| i.id);
    batch.windows.sort_by_key(|i| i.id);
    batch.new_conversations.sort_by_key(|c| c.id);
    batch.conversations.sort_by_key(|c| c.id);
    batch.new_messages.sort_by_key(|m| m.row.id);
    batch.messages.sort_by_key(|m| m.id);
    batch.taggings.values_mut().for_each(|list| list.sort());
    batch.marks.sort_by(|a, b| (a.1, &a.2, a.3.kind).cmp(&(b.1, &b.2, b.3.kind)));
}

#[derive(Default)]
struct Changes {
    channels: std::collections::BTreeSet<ChannelId>,
    customers: std::collections::BTreeSet<CustomerId>,
    threads: BTreeMap<ConversationId, ChannelId>,
    messages: BTreeMap<MessageId, (ConversationId, ChannelId)>,
}

impl Changes {
    /// Customers before their threads, threads before their messages: a reader that applies them one by one
    /// never meets a part before its whole.
    fn list(self) -> Vec<NewChange> {
        let channels = self.channels.into_iter().map(NewChange::channel);
        let customers = self.customers.into_iter().map(NewChange::customer);
        let threads = self.threads.into_iter().map(|(id, channel)| NewChange::conversation(id, channel));
        let messages =
            self.messages.into_iter().map(|(id, (thread, channel))| NewChange::message(id, thread, channel));
        channels.chain(customers).chain(threads).chain(messages).collect()
    }
}
