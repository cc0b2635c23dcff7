//! The whole state, and which parts of it changed since it was last written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    AccessToken, App, AuthCode, Contact, Delivery, DeliveryState, Fault, Grant, Message, Oa, Person,
    RefreshToken, RequestLog, Settings, Upload,
};
use crate::clock::ClockMode;

/// How many calls and finished deliveries are kept.
const LOG_KEPT: usize = 2000;

/// OA and user.
pub type ThreadKey = (String, String);

/// Small things that are kept as one value.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Meta {
    /// Switches.
    pub settings: Settings,
    /// How the clock stands.
    pub clock: ClockMode,
    /// Number of the last message.
    pub last_seq: u64,
    /// Number of the last event.
    pub last_delivery: u64,
    /// Number of the last logged call.
    pub last_request: u64,
    /// Number of the last fault.
    pub last_fault: u64,
    /// Starts so far; mixed into the seed, so that a restart does not give ids out again.
    pub boots: u64,
}

/// Everything the platform knows.
///
/// Reading is free; writing goes through the `_mut`, `put_` and `push_` functions, which note what has to be
/// written to disk.
#[derive(Debug, Default)]
pub struct State {
    meta: Meta,
    apps: BTreeMap<String, App>,
    oas: BTreeMap<String, Oa>,
    people: BTreeMap<String, Person>,
    contacts: BTreeMap<ThreadKey, Contact>,
    grants: BTreeMap<(String, String), Grant>,
    codes: HashMap<String, AuthCode>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    uploads: HashMap<String, Upload>,
    messages: BTreeMap<u64, Message>,
    message_ids: HashMap<String, u64>,
    /// Sorted by time, then number.
    threads: HashMap<ThreadKey, Vec<u64>>,
    deliveries: BTreeMap<u64, Delivery>,
    finished: BTreeSet<u64>,
    requests: BTreeMap<u64, RequestLog>,
    faults: BTreeMap<u64, Fault>,
    dirty: BTreeSet<String>,
}

macro_rules! table {
    ($($kind:literal $field:ident $Item:ty: $get:ident $get_mut:ident $all:ident $put:ident, |$item:ident| $key:expr;)*) => {
        impl State {
            $(
                #[doc = concat!("One ", $kind, ".")]
                pub fn $get(&self, id: &str) -> Option<&$Item> { self.$field.get(id) }
                #[doc = concat!("One ", $kind, ", to change.")]
                pub fn $get_mut(&mut self, id: &str) -> Option<&mut $Item> {
                    let found = self.$field.get_mut(id);
                    if found.is_some() { self.dirty.insert(format!(concat!($kind, "/{}"), id)); }
                    found
                }
                #[doc = concat!("Every ", $kind, ".")]
                pub fn $all(&self) -> impl Iterator<Item = &$Item> { self.$field.values() }
                #[doc = concat!("Add or replace one ", $kind, ".")]
                pub fn $put(&mut self, $item: $Item) {
                    let key: String = $key;
                    self.dirty.insert(format!(concat!($kind, "/{}"), key));
                    self.$field.insert(key, $item);
                }
            )*

            fn encode_table(&self, kind: &str, id: &str) -> Option<Vec<u8>> {
                match kind { $($kind => json(self.$field.get(id)),)* _ => None }
            }

            fn load_table(&mut self, kind: &str, bytes: &[u8]) -> Result<bool, serde_json::Error> {
                match kind {
                    $($kind => { let $item: $Item = serde_json::from_slice(bytes)?; let key = $key; self.$field.insert(key, $item); })*
                    _ => return Ok(false),
                }
                Ok(true)
            }
        }
    };
}

table! {
    "app" apps App: app app_mut apps put_app, |a| a.id.clone();
    "oa" oas Oa: oa oa_mut oas put_oa, |o| o.id.clone();
    "person" people Person: person person_mut people put_person, |p| p.id.clone();
    "code" codes AuthCode: code code_mut codes put_code, |c| c.code.clone();
    "access" access AccessToken: access access_mut access_tokens put_access, |t| t.token.clone();
    "refresh" refresh RefreshToken: refresh refresh_mut refresh_tokens put_refresh, |t| t.token.clone();
    "upload" uploads Upload: upload upload_mut uploads put_upload, |u| u.id.clone();
}

fn json<T: Serialize>(item: Option<&T>) -> Option<Vec<u8>> {
    item.and_then(|i| serde_json::to_vec(i).ok())
}

fn pair(id: &str) -> Option<(String, String)> {
    id.split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned()))
}

impl State {
    /// Switches, clock and counters.
    pub const fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Switches, clock and counters, to change.
    pub fn meta_mut(&mut self) -> &mut Meta {
        self.dirty.insert("meta/".to_owned());
        &mut self.meta
    }

    /// The switches.
    pub const fn settings(&self) -> &Settings {
        &self.meta.settings
    }

    // ----- contacts and grants -----

    /// What an OA knows of a user.
    pub fn contact(&self, oa: &str, user: &str) -> Option<&Contact> {
        self.contacts.get(&(oa.to_owned(), user.to_owned()))
    }

    /// The same, to change.
    pub fn contact_mut(&mut self, oa: &str, user: &str) -> Option<&mut Contact> {
        let found = self.contacts.get_mut(&(oa.to_owned(), user.to_owned()));
        if found.is_some() {
            self.dirty.insert(format!("contact/{oa}/{user}"));
        }
        found
    }

    /// Every contact of an OA.
    pub fn contacts_of(&self, oa: &str) -> impl Iterator<Item = &Contact> {
        let from = (oa.to_owned(), String::new());
        let oa = oa.to_owned();
        self.contacts.range(from..).take_while(move |((o, _), _)| *o == oa).map(|(_, c)| c)
    }

    /// Add or replace.
    pub fn put_contact(&mut self, contact: Contact) {
        self.dirty.insert(format!("contact/{}/{}", contact.oa_id, contact.user_id));
        self.contacts.insert((contact.oa_id.clone(), contact.user_id.clone()), contact);
    }

    /// Consent of an OA to an app.
    pub fn grant(&self, app: &str, oa: &str) -> Option<&Grant> {
        self.grants.get(&(app.to_owned(), oa.to_owned()))
    }

    /// The same, to change.
    pub fn grant_mut(&mut self, app: &str, oa: &str) -> Option<&mut Grant> {
        let found = self.grants.get_mut(&(app.to_owned(), oa.to_owned()));
        if found.is_some() {
            self.dirty.insert(format!("grant/{app}/{oa}"));
        }
        found
    }

    /// Every consent.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    /// Add or replace.
    pub fn put_grant(&mut self, grant: Grant) {
        self.dirty.insert(format!("grant/{}/{}", grant.app_id, grant.oa_id));
        self.grants.insert((grant.app_id.clone(), grant.oa_id.clone()), grant);
    }

    // ----- messages -----

    /// By the platform's id.
    pub fn message(&self, id: &str) -> Option<&Message> {
        self.messages.get(self.message_ids.get(id)?)
    }

    /// The same, to change.
    pub fn message_mut(&mut self, id: &str) -> Option<&mut Message> {
        let seq = *self.message_ids.get(id)?;
        self.dirty.insert(format!("msg/{seq}"));
        self.messages.get_mut(&seq)
    }

    /// Adds a message, giving it the next number.
    pub fn push_message(&mut self, mut message: Message) -> u64 {
        let seq = self.meta.last_seq + 1;
        self.meta_mut().last_seq = seq;
        message.seq = seq;
        self.dirty.insert(format!("msg/{seq}"));
        self.index_message(message);
        seq
    }

    fn index_message(&mut self, message: Message) {
        let seq = message.seq;
        let thread = self.threads.entry((message.oa_id.clone(), message.user_id.clone())).or_default();
        let at = message.at;
        let place =
            thread.partition_point(|s| self.messages.get(s).is_some_and(|m| (m.at, m.seq) <= (at, seq)));
        thread.insert(place, seq);
        self.message_ids.insert(message.id.clone(), seq);
        self.messages.insert(seq, message);
    }

    /// Messages of one thread, oldest first.
    pub fn thread(&self, oa: &str, user: &str) -> impl DoubleEndedIterator<Item = &Message> {
        let seqs = self.threads.get(&(oa.to_owned(), user.to_owned())).map_or(&[][..], Vec::as_slice);
        seqs.iter().filter_map(|s| self.messages.get(s))
    }

    /// Messages with a number above `seq`, in order.
    pub fn ledger_after(&self, seq: u64) -> impl Iterator<Item = &Message> {
        self.messages.range(seq.saturating_add(1)..).map(|(_, m)| m)
    }

    // ----- events and logs -----

    /// An event on its way, or finished.
    pub fn delivery(&self, id: u64) -> Option<&Delivery> {
        self.deliveries.get(&id)
    }

    /// Deliveries, oldest first.
    pub fn deliveries(&self) -> impl DoubleEndedIterator<Item = &Delivery> {
        self.deliveries.values()
    }

    /// Adds a delivery, giving it the next number.
    pub fn push_delivery(&mut self, mut delivery: Delivery) -> u64 {
        let id = self.meta.last_delivery + 1;
        self.meta_mut().last_delivery = id;
        delivery.id = id;
        let finished = delivery.state != DeliveryState::Pending;
        self.deliveries.insert(id, delivery);
        self.dirty.insert(format!("delivery/{id}"));
        if finished {
            self.finish(id);
        }
        id
    }

    /// Changes a delivery; one that ends is forgotten when enough newer ones have ended.
    pub fn change_delivery<R>(&mut self, id: u64, change: impl FnOnce(&mut Delivery) -> R) -> Option<R> {
        let delivery = self.deliveries.get_mut(&id)?;
        let answer = change(delivery);
        self.dirty.insert(format!("delivery/{id}"));
        match delivery.state {
            DeliveryState::Pending => {
                self.finished.remove(&id);
            }
            _ => self.finish(id),
        }
        Some(answer)
    }

    fn finish(&mut self, id: u64) {
        self.finished.insert(id);
        while self.finished.len() > LOG_KEPT {
            let Some(old) = self.finished.pop_first() else { break };
            self.deliveries.remove(&old);
            self.dirty.insert(format!("delivery/{old}"));
        }
    }

    /// Logged calls, oldest first.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &RequestLog> {
        self.requests.values()
    }

    /// Adds a call to the log.
    pub fn push_request(&mut self, mut request: RequestLog) -> u64 {
        let id = self.meta.last_request + 1;
        self.meta_mut().last_request = id;
        request.id = id;
        self.requests.insert(id, request);
        self.dirty.insert(format!("req/{id}"));
        while self.requests.len() > LOG_KEPT {
            if let Some((old, _)) = self.requests.pop_first() {
                self.dirty.insert(format!("req/{old}"));
            }
        }
        id
    }

    // ----- faults -----

    /// Faults that are on.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.faults.values()
    }

    /// Switches a fault on.
    pub fn push_fault(&mut self, mut fault: Fault) -> u64 {
        let id = self.meta.last_fault + 1;
        self.meta_mut().last_fault = id;
        fault.id = id;
        self.dirty.insert(format!("fault/{id}"));
        self.faults.insert(id, fault);
        id
    }

    /// A fault, to change.
    pub fn fault_mut(&mut self, id: u64) -> Option<&mut Fault> {
        self.dirty.insert(format!("fault/{id}"));
        self.faults.get_mut(&id)
    }

    /// Switches a fault off; false when there was none.
    pub fn remove_fault(&mut self, id: u64) -> bool {
        self.dirty.insert(format!("fault/{id}"));
        self.faults.remove(&id).is_some()
    }

    // ----- tokens -----

    /// Forgets codes and tokens that ended more than a day ago.
    pub fn prune_tokens(&mut self, now: Timestamp) {
        let line = now.plus_days(-1);
        let dirty = &mut self.dirty;
        self.codes.retain(|k, c| c.expires_at > line || !dirty.insert(format!("code/{k}")));
        self.access.retain(|k, t| t.expires_at > line || !dirty.insert(format!("access/{k}")));
        self.refresh.retain(|k, t| t.expires_at > line || !dirty.insert(format!("refresh/{k}")));
    }

    // ----- disk -----

    /// What changed since the last call: key and new value, `None` for what is gone.
    pub fn take_dirty(&mut self) -> Vec<(String, Option<Vec<u8>>)> {
        let keys = std::mem::take(&mut self.dirty);
        keys.into_iter().map(|key| (self.encode(&key), key)).map(|(value, key)| (key, value)).collect()
    }

    /// Keys of everything, to be written to a fresh file or deleted from an old one.
    pub fn mark_all_gone(&mut self, keys: impl IntoIterator<Item = String>) {
        self.dirty.extend(keys);
    }

    fn encode(&self, key: &str) -> Option<Vec<u8>> {
        let (kind, id) = key.split_once('/')?;
        let number = || id.parse::<u64>().ok();
        match kind {
            "meta" => json(Some(&self.meta)),
            "contact" => json(self.contacts.get(&pair(id)?)),
            "grant" => json(self.grants.get(&pair(id)?)),
            "msg" => json(self.messages.get(&number()?)),
            "delivery" => json(self.deliveries.get(&number()?)),
            "req" => json(self.requests.get(&number()?)),
            "fault" => json(self.faults.get(&number()?)),
            _ => self.encode_table(kind, id),
        }
    }

    /// Puts one kept value back. Unknown keys are skipped: they are of another version.
    ///
    /// # Errors
    /// When the value is not what the key promises.
    pub fn load(&mut self, key: &str, bytes: &[u8]) -> Result<(), serde_json::Error> {
        fn of<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
            serde_json::from_slice(bytes)
        }
        let Some((kind, _)) = key.split_once('/') else { return Ok(()) };
        if self.load_table(kind, bytes)? {
            return Ok(());
        }
        match kind {
            "meta" => self.meta = of(bytes)?,
            "contact" => {
                let c: Contact = of(bytes)?;
                self.contacts.insert((c.oa_id.clone(), c.user_id.clone()), c);
            }
            "grant" => {
                let g: Grant = of(bytes)?;
                self.grants.insert((g.app_id.clone(), g.oa_id.clone()), g);
            }
            "msg" => self.index_message(of(bytes)?),
            "delivery" => {
                let d: Delivery = of(bytes)?;
                if d.state != DeliveryState::Pending {
                    self.finished.insert(d.id);
                }
                self.deliveries.insert(d.id, d);
            }
            "req" => {
                let r: RequestLog = of(bytes)?;
                self.requests.insert(r.id, r);
            }
            "fault" => {
                let f: Fault = of(bytes)?;
                self.faults.insert(f.id, f);
            }
            _ => {}
        }
        Ok(())
    }
}
