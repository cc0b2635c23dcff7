//! The running sandbox: state, clock, randomness, queue and listeners behind one handle.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use anyhow::Context;
use loa_kernel::{Clock, Random, SeededRandom, Timestamp};
use loa_rulebook::Library;
use serde::Serialize;
use tokio::sync::{Notify, broadcast};

use crate::clock::{ClockMode, SandboxClock};
use crate::config::Config;
use crate::model::{ApiFault, Contact, Delivery, Dice, FaultKind, Message, RequestLog, State, WebhookFault};
use crate::persist::Disk;
use crate::rate::Buckets;
use crate::webhook::Queue;

/// Shared by every handler and task.
pub type Shared = Arc<World>;

/// Something the pages want to know at once.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "type", content = "data")]
pub enum Live {
    /// A message is new or changed.
    Message(Box<Message>),
    /// What an OA knows of a user changed.
    Contact(Box<Contact>),
    /// The OA with this id changed.
    Oa(String),
    /// The app with this id changed.
    App(String),
    /// A person with this id is new or changed.
    Person(String),
    /// The clock was moved.
    Clock(ClockMode),
    /// An app called.
    Request(Box<RequestLog>),
    /// An event moved on.
    Delivery(Box<Delivery>),
    /// A fault was switched on, struck or went.
    Faults,
    /// A token was given or died.
    Tokens,
    /// Everything was thrown away.
    Reset,
}

/// The running sandbox.
pub struct World {
    /// The sandbox's clock.
    pub clock: Arc<SandboxClock>,
    /// How it was started.
    pub config: Config,
    /// The rule books.
    pub library: Library,
    /// Rate buckets of this run.
    pub rate: Mutex<Buckets>,
    /// Events on their way.
    pub queue: Mutex<Queue>,
    /// Wakes the delivery task.
    pub wake: Notify,
    /// For posting events.
    pub http: reqwest::Client,
    /// Media and kept state.
    pub disk: Disk,
    state: Mutex<State>,
    random: SeededRandom,
    live: broadcast::Sender<Live>,
    base: OnceLock<String>,
}

impl World {
    /// Opens the kept state.
    ///
    /// # Errors
    /// When the data folder cannot be used.
    pub fn open(config: Config) -> anyhow::Result<Shared> {
        let disk = Disk::open(config.data.as_deref())?;
        let mut state = disk.load()?;
        let first = state.meta().boots == 0;
        if let (true, Some(at)) = (first, config.frozen_at) {
            state.meta_mut().clock = ClockMode::Frozen { at };
        }
        state.meta_mut().boots += 1;
        let seed = match config.seed {
            Some(seed) => seed,
            None => {
                let mut bytes = [0u8; 8];
                getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
                u64::from_be_bytes(bytes)
            }
        };
        let random =
            SeededRandom::new(seed.wrapping_add(state.meta().boots.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let http = reqwest::Client::builder()
            .timeout(std::time::Duration::from_millis(config.webhook_timeout_ms))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .context("HTTP client")?;
        let queue = Queue::of(&state);
        Ok(Arc::new(Self {
            clock: Arc::new(SandboxClock::new(state.meta().clock)),
            config,
            library: Library::embedded(),
            rate: Mutex::default(),
            queue: Mutex::new(queue),
            wake: Notify::new(),
            http,
            disk,
            state: Mutex::new(state),
            random,
            live: broadcast::channel(4096).0,
            base: OnceLock::new(),
        }))
    }

    /// The state. Never hold it across an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sandbox time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Address under which others reach the sandbox; no slash at the end.
    pub fn base(&self) -> &str {
        self.base.get().map_or("", String::as_str)
    }

    /// Sets [`Self::base`], once.
    pub fn set_base(&self, base: &str) {
        let _ = self.base.set(base.trim_end_matches('/').to_owned());
    }

    /// Tell the pages. Nobody listening is fine.
    pub fn publish(&self, live: Live) {
        let _ = self.live.send(live);
    }

    /// Tell the pages about a message, with full addresses.
    pub fn publish_message(&self, message: &Message) {
        self.publish(Live::Message(Box::new(message.absolute(self.base()))));
    }

    /// Listen.
    pub fn listen(&self) -> broadcast::Receiver<Live> {
        self.live.subscribe()
    }

    /// `n` random lower-case hex digits, as message ids have.
    pub fn hex(&self, n: usize) -> String {
        let mut bytes = vec![0u8; n.div_ceil(2)];
        self.random.fill(&mut bytes);
        let mut text = hex::encode(bytes);
        text.truncate(n);
        text
    }

    /// 19 random decimal digits that begin with `first`.
    pub fn digits(&self, first: char) -> String {
        format!("{first}{:018}", self.random.below(1_000_000_000_000_000_000))
    }

    /// A random number below `n`.
    pub fn below(&self, n: u64) -> u64 {
        self.random.below(n)
    }

    fn strikes(&self, dice: &mut Dice) -> bool {
        match dice {
            Dice::Next(0) => false,
            Dice::Next(n) => {
                *n -= 1;
                true
            }
            #[allow(clippy::cast_precision_loss, reason = "a die of a million faces is exact")]
            Dice::Probability(p) => (self.random.below(1_000_000) as f64) < *p * 1_000_000.0,
        }
    }

    /// Rolls the dice of every fault on calls that fits; in the order in which they were switched on.
    pub fn roll_api(&self, state: &mut State, path: &str, oa_id: Option<&str>) -> Vec<ApiFault> {
        self.roll(state, path, oa_id, |kind| match kind {
            FaultKind::Api(fault) => Some(fault.clone()),
            FaultKind::Webhook(_) => None,
        })
    }

    /// The same for faults on events.
    pub fn roll_webhook(&self, state: &mut State, event: &str, oa_id: &str) -> Vec<WebhookFault> {
        self.roll(state, event, Some(oa_id), |kind| match kind {
            FaultKind::Webhook(fault) => Some(fault.clone()),
            FaultKind::Api(_) => None,
        })
    }

    fn roll<F>(
        &self,
        state: &mut State,
        path: &str,
        oa_id: Option<&str>,
        pick: impl Fn(&FaultKind) -> Option<F>,
    ) -> Vec<F> {
        let fitting: Vec<(u64, F)> = state
            .faults()
            .filter(|f| f.fits(path, oa_id))
            .filter_map(|f| pick(&f.fault).map(|kind| (f.id, kind)))
            .collect();
        let mut struck = Vec::new();
        for (id, kind) in fitting {
            let Some(fault) = state.fault_mut(id) else { continue };
            if !self.strikes(&mut fault.when) {
                continue;
            }
            fault.hits += 1;
            if fault.when == Dice::Next(0) {
                state.remove_fault(id);
            }
            struck.push(kind);
        }
        if !struck.is_empty() {
            self.publish(Live::Faults);
        }
        struck
    }

    /// Writes what changed.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn flush(&self) -> anyhow::Result<()> {
        let changes = self.state().take_dirty();
        self.disk.write(changes)
    }

    /// Throws everything away but the switches and the clock.
    pub fn reset(&self) -> anyhow::Result<()> {
        let keys = self.disk.keys()?;
        let mut state = self.state();
        let meta = state.meta().clone();
        let fresh = crate::model::Meta {
            settings: meta.settings,
            clock: meta.clock,
            boots: meta.boots,
            ..Default::default()
        };
        // What is in memory but not yet on disk vanishes with the state; what is on disk is marked as gone.
        *state = State::default();
        *state.meta_mut() = fresh;
        state.mark_all_gone(keys);
        *self.queue.lock().unwrap_or_else(PoisonError::into_inner) = Queue::default();
        *self.rate.lock().unwrap_or_else(PoisonError::into_inner) = Buckets::default();
        drop(state);
        self.publish(Live::Reset);
        Ok(())
    }
}
