//! A workspace with an index, for tests.

use loa_channels::reconcile::DueWork;
use loa_inbox::search::{Hit, SearchPage};
use loa_inbox::{Inbox, SearchWork};
use loa_kernel::{
    Actor, Code, ConversationId, CustomerId, Ids, ManualClock, MemberId, MessageId, Role, SeededRandom,
    Timestamp,
};
use loa_rulebook::Library;
use loa_store::changes::NewChange;
use loa_store::intake::{self, Batch, ConversationRow, IdentityRow, MessageRow, NewMessage};
use loa_store::{ConnectionTrait, search};
use loa_stream::Signals;
use loa_testdb::{Engine, Seed, TestDb};
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// Monday, 2026-01-12T10:00 in Vietnam.
pub const START: Timestamp = Timestamp(1_768_186_800_000);
pub const HOUR: i64 = 3_600_000;

pub struct World {
    pub db: TestDb,
    pub seed: Seed,
    pub inbox: Inbox,
    pub work: SearchWork,
    pub admin: Actor,
}

impl World {
    pub async fn new(db: TestDb) -> Self {
        let seed = loa_testdb::seed(&db.store).await;
        let clock = Arc::new(ManualClock::new(seed.now));
        let inbox = Inbox {
            store: db.store.clone(),
            ids: Ids::new(clock.clone(), Arc::new(SeededRandom::new(1))),
            rules: Arc::new(Library::embedded()),
            signals: Signals::new(),
            files: Arc::new(object_store::memory::InMemory::new()),
        };
        let work = SearchWork::new(db.store.clone(), clock);
        let admin = Actor::with_role(seed.workspace, seed.admin, Role::Admin);
        Self { db, seed, inbox, work, admin }
    }

    pub async fn index(&self) {
        while self.work.run_batch(100).await.unwrap() > 0 {}
    }

    pub async fn write(&self, batch: Batch) {
        let tx = self.db.store.begin().await.unwrap();
        intake::apply(&tx, batch, self.seed.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A customer with a thread.
    pub async fn thread(&self, seed: &Seed, user: &str, name: &str) -> (CustomerId, ConversationId) {
        let (customer, identity, conversation) = intake::ids_of(seed.workspace, seed.channel, user);
        let (workspace, channel, at) = (seed.workspace, seed.channel, START);
        let mut batch = Batch::default();
        batch.new_customers.push((workspace, customer, name.to_owned(), None));
        batch.new_identities.push(IdentityRow {
            workspace,
            id: identity,
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
            profile_due_at: None,
            created_at: at,
        });
        batch.new_conversations.push(ConversationRow {
            workspace,
            id: conversation,
            channel,
            customer,
            identity,
            status: "open".into(),
            status_changed_at: None,
            unread_count: 0,
            read_until_at: None,
            answered_at: None,
            waiting_since_at: None,
            last_message_id: None,
            last_message_at: at,
            last_preview: String::new(),
            last_direction: "in".into(),
            last_kind: "text".into(),
            work: loa_store::work::Work::default(),
            free_until: None,
            permitted_until: None,
            created_at: at,
        });
        let changes = [NewChange::customer(customer), NewChange::conversation(conversation, channel)];
        batch.changes.insert(workspace, changes.to_vec());
        self.write(batch).await;
        (customer, conversation)
    }

    /// A text of the customer, `hours` after [`START`].
    pub async fn say(&self, seed: &Seed, thread: ConversationId, hours: i64, text: &str) -> MessageId {
        self.message(seed, thread, hours, "text", Some(text), json!([])).await
    }

    pub async fn message(
        &self,
        seed: &Seed,
        conversation: ConversationId,
        hours: i64,
        kind: &str,
        text: Option<&str>,
        attachments: Value,
    ) -> MessageId {
        let at = START.plus_ms(hours * HOUR);
        let named = format!("{hours} {text:?}");
        // Without the workspace: two of them may have messages of one id here.
        let id = MessageId::derived(at, &[named.as_bytes()]);
        let mut batch = Batch::default();
        batch.new_messages.push(NewMessage {
            row: MessageRow {
                workspace: seed.workspace,
                id,
                conversation,
                channel: seed.channel,
                direction: "in".into(),
                status: "received".into(),
                platform_id: Some(named),
                reactions: json!([]),
                sent_at: at,
            },
            author: "customer",
            by_person: false,
            kind: kind.into(),
            text: text.map(str::to_owned),
            attachments,
            quoted_platform_id: None,
        });
        batch.changes.insert(seed.workspace, vec![NewChange::message(id, conversation, seed.channel)]);
        self.write(batch).await;
        id
    }

    pub async fn sql(&self, statement: &str) {
        let tx = self.db.store.begin().await.unwrap();
        tx.execute_unprepared(statement).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Pretend that a member wrote it.
    pub async fn by_member(&self, id: MessageId, member: MemberId) {
        let literal = |id: Uuid| match self.db.engine {
            Engine::Sqlite => format!("x'{}'", id.simple()),
            Engine::Postgres => format!("'{id}'"),
        };
        let (id, member) = (literal(id.0), literal(member.0));
        self.sql(&format!(
            "UPDATE messages SET author = 'member', direction = 'out', member_id = {member} WHERE id = {id}"
        ))
        .await;
    }

    pub async fn put_cursor(&self, cursor: search::Cursor) {
        let tx = self.db.store.begin().await.unwrap();
        search::put_cursor(&tx, self.seed.workspace, cursor, self.seed.now).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn search(&self, text: &str) -> Vec<MessageId> {
        self.search_as(&self.admin, text).await
    }

    pub async fn search_as(&self, actor: &Actor, text: &str) -> Vec<MessageId> {
        let page = self.inbox.search(actor, text, None, 50).await.unwrap();
        assert_eq!(page.next, None, "{text}");
        page.items.iter().map(|hit| hit.id).collect()
    }

    pub async fn refused(&self, text: &str) -> (String, Option<String>) {
        let problem = self.inbox.search(&self.admin, text, None, 50).await.unwrap_err();
        assert_eq!(problem.code, Code::InvalidField, "{text}");
        assert_eq!(problem.params["field"], "q");
        let param = |name: &str| problem.params.get(name).and_then(|v| v.as_str()).map(str::to_owned);
        (param("reason").unwrap(), param("part"))
    }
}

pub fn shown(page: &SearchPage) -> Vec<String> {
    let mark = |hit: &Hit| {
        hit.snippet.iter().map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
    };
    page.items.iter().map(mark).collect()
}
