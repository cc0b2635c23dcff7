//! A program over a test database: everything that sends, with a scripted or the real connector.

#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::Arc;

use loa_channels::reconcile::DueWork;
use loa_channels::scripted::{Scripted, add_customer};
use loa_channels::{Channels, ChannelsSettings, Connector, Connectors};
use loa_inbox::Inbox;
use loa_inbox::views::MessageView;
use loa_kernel::{
    Actor, Clock, ConversationId, Ids, ManualClock, MessageId, Problem, Role, SeededRandom, Timestamp,
};
use loa_outbound::{Dispatcher, Outbound, OutboundSettings, SendMessage, Submitted, UnknownWork};
use loa_rulebook::Library;
use loa_store::channels::{self as rows, BillingState, Quota, credentials};
use loa_store::entity::{customer_identities, deliveries, messages};
use loa_store::{Secret, Store};
use loa_stream::Signals;
use loa_testdb::{Seed, TestDb, seed};
use object_store::memory::InMemory;
use uuid::Uuid;

pub struct World {
    pub seed: Seed,
    pub store: Store,
    pub clock: Arc<ManualClock>,
    pub platform: Arc<Scripted>,
    pub conversation: ConversationId,
    files: Arc<InMemory>,
}

pub struct Program {
    pub outbound: Outbound,
    pub dispatcher: Dispatcher,
    pub unknown: UnknownWork,
}

impl World {
    /// A channel with tokens, and a customer who wrote a moment ago.
    pub async fn new(db: &TestDb) -> Self {
        let seed = seed(&db.store).await;
        let clock = Arc::new(ManualClock::new(seed.now));
        let tokens = credentials::Tokens {
            access: Secret::new("access-0"),
            refresh: Secret::new("refresh-0"),
            access_expires_at: seed.now.plus_days(80),
            refresh_expires_at: seed.now.plus_days(90),
        };
        let tx = db.store.begin().await.unwrap();
        credentials::store(&tx, &seed.vault, seed.workspace, seed.channel, &tokens).await.unwrap();
        tx.commit().await.unwrap();
        let wrote = Some(seed.now.plus_ms(-60_000));
        let (_, conversation) =
            add_customer(&db.store, seed.workspace, seed.channel, "u1", wrote, seed.now).await;
        Self {
            seed,
            store: db.store.clone(),
            clock,
            platform: Arc::default(),
            conversation,
            files: Arc::new(InMemory::new()),
        }
    }

    pub fn program(&self, n: u64) -> Program {
        self.program_with(n, self.platform.clone())
    }

    pub fn program_with(&self, n: u64, connector: Arc<dyn Connector>) -> Program {
        let ids = Ids::new(self.clock.clone(), Arc::new(SeededRandom::new(n)));
        let rules = Arc::new(Library::embedded());
        let signals = Signals::new();
        let mut settings = ChannelsSettings::new("http://loa.example".parse().unwrap());
        settings.quota_on_open_ms = None;
        settings.quota_every_ms = None;
        let channels = Channels::new(
            self.store.clone(),
            self.seed.vault.clone(),
            ids.clone(),
            signals.clone(),
            rules.clone(),
            Connectors::new([connector]),
            settings,
        );
        let inbox = Inbox {
            store: self.store.clone(),
            ids: ids.clone(),
            rules: rules.clone(),
            signals: signals.clone(),
            files: self.files.clone(),
        };
        let outbound = Outbound {
            store: self.store.clone(),
            ids,
            rules,
            signals,
            channels,
            inbox,
            settings: Arc::new(OutboundSettings::default()),
        };
        Program {
            dispatcher: Dispatcher::new(outbound.clone()),
            unknown: UnknownWork::new(outbound.clone()),
            outbound,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn agent(&self) -> Actor {
        Actor::with_role(self.seed.workspace, self.seed.admin, Role::Admin)
    }

    pub async fn quota(&self, remain: i64, total: i64) {
        let quota = Quota { total, remain, as_of: self.now(), valid_through: None };
        let tx = self.store.begin().await.unwrap();
        rows::set_quota(&tx, self.seed.workspace, self.seed.channel, &quota, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn billing(&self, billing: BillingState) {
        let tx = self.store.begin().await.unwrap();
        rows::set_billing(&tx, self.seed.workspace, self.seed.channel, billing, self.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The reply window is over, the 7 days are not.
    pub fn after_window(&self) {
        self.clock.set(self.seed.now.plus_hours(49));
    }

    pub async fn channel(&self) -> rows::Channel {
        rows::get(self.store.reader(), self.seed.workspace, self.seed.channel).await.unwrap().unwrap()
    }

    pub async fn message(&self, id: MessageId) -> messages::Model {
        loa_store::messages::get(self.store.reader(), self.seed.workspace, id)
            .await
            .unwrap()
            .expect("the message")
    }

    pub async fn delivery(&self, id: MessageId) -> deliveries::Model {
        let found =
            loa_store::outbound::delivery(self.store.reader(), self.seed.workspace, id).await.unwrap();
        found.expect("the delivery")
    }

    pub async fn identity(&self) -> customer_identities::Model {
        let thread = loa_store::outbound::thread(self.store.reader(), self.seed.workspace, self.conversation)
            .await
            .unwrap();
        thread.expect("the thread").identity
    }

    pub async fn thread(&self) -> Vec<messages::Model> {
        loa_store::messages::page(self.store.reader(), self.seed.workspace, self.conversation, None, 100)
            .await
            .unwrap()
    }
}

impl Program {
    pub async fn send(&self, world: &World, n: u128, text: &str) -> Result<MessageView, Problem> {
        let sent = self.outbound.submit(&world.agent(), world.conversation, &text_message(n, text)).await?;
        match sent {
            Submitted::New(view) => Ok(view),
            Submitted::Known(view) => panic!("{view:?} was known"),
        }
    }

    /// Send what is due until nothing is; answers how many were claimed.
    pub async fn pump(&self) -> usize {
        let mut claimed = 0;
        loop {
            let n = self.dispatcher.run_batch(32).await.unwrap();
            self.dispatcher.drain().await;
            if n == 0 {
                return claimed;
            }
            claimed += n;
        }
    }
}

pub fn text_message(n: u128, text: &str) -> SendMessage {
    SendMessage {
        client_id: Uuid::from_u128(n),
        text: Some(text.to_owned()),
        file_id: None,
        sticker_id: None,
        template: None,
        quoted_message_id: None,
        seen_message_id: None,
        force: false,
    }
}
