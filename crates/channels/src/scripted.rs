//! A connector that does what a test tells it, for tests of what stands above connectors. Only with the feature
//! `testing`.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use axum::http::HeaderMap;
use loa_kernel::{ChannelId, ConversationId, CustomerId, Timestamp, WorkspaceId};
use loa_store::intake::{self, Batch, ConversationRow, IdentityRow};
use loa_store::{Secret, Store};

use crate::{
    Account, AccountReport, AppKeys, CallError, ChannelKind, ChatPage, Connector, FollowRemoval, Grant,
    GrantOutcome, Inbound, NotUnderstood, Outgoing, PastMessage, PastPage, Peeked, PeoplePage, PeopleQuery,
    PlatformField, PlatformValues, Profile, ReactionIcon, RecipientReport, SendOutcome, SentMessage,
};

/// What the connector answers, and what it was asked.
#[derive(Debug)]
pub struct Script {
    /// Answers to sends, in order; when there is none left, the connector panics.
    pub sends: VecDeque<SendOutcome>,
    /// What was sent, with the token.
    pub sent: Vec<(String, Outgoing)>,
    /// The account's history.
    pub recent: Result<Vec<SentMessage>, CallError>,
    /// What was reacted to: customer, message, icon.
    pub reacted: Vec<(String, String, Option<ReactionIcon>)>,
    /// Answer to reactions.
    pub reactions: Result<(), CallError>,
    /// How often the history was asked for, and since when the last time.
    pub looks: Vec<Timestamp>,
    /// Answers to renewals, in order; when there is none left, a new pair is granted.
    pub renewals: VecDeque<GrantOutcome>,
    /// Refresh tokens that were used.
    pub renewed: Vec<String>,
    /// What the platform keeps of the threads.
    pub past: Vec<PastMessage>,
    /// Refusals of questions about the threads, before they are answered.
    pub past_faults: VecDeque<CallError>,
    /// The refusal of every question about a thread from this entry on.
    pub past_ends_at: Option<(i64, CallError)>,
    /// Questions about the threads: of whom (nobody: the list), from which entry on.
    pub past_asked: Vec<(Option<String>, i64)>,
    /// Answer to a question about the account.
    pub account: Result<AccountReport, CallError>,
    /// Tags that were put on or taken off: customer, tag, on.
    pub tagged: Vec<(String, String, bool)>,
    /// Refusals of tags, in order; when there is none left, they are taken.
    pub tag_faults: VecDeque<CallError>,
    /// Answer to a question about a customer.
    pub profile: Result<Profile, CallError>,
    /// The platform's fields; what is made, changed and deleted is made, changed and deleted here.
    pub fields: Vec<PlatformField>,
    /// What the platform knows of people, by their id; writes are merged into it.
    pub values: BTreeMap<String, PlatformValues>,
    /// Writes of values, in order.
    pub put: Vec<(String, PlatformValues)>,
    /// Refusals of calls about fields, values and lists, before they are answered.
    pub people_faults: VecDeque<CallError>,
    /// The account's people, in the platform's order: id, day of the last interaction, follows. Tags are not kept.
    pub people: Vec<(String, jiff::civil::Date, bool)>,
    /// Questions for people.
    pub people_asked: Vec<PeopleQuery>,
    /// Answers to asking for the end of a follow, in order; when there is none left, the platform offers no such call.
    pub removals: VecDeque<FollowRemoval>,
    /// Whose follow was to end.
    pub removed: Vec<String>,
}

impl Script {
    fn people_fault(&mut self) -> Result<(), CallError> {
        self.people_faults.pop_front().map_or(Ok(()), Err)
    }
}

/// Entries of a page of the history.
const PAGE: usize = 10;

fn part<T: Clone>(all: &[T], offset: i64) -> Vec<T> {
    all.iter().skip(usize::try_from(offset).unwrap_or(0)).take(PAGE).cloned().collect()
}

/// The connector.
#[derive(Debug)]
pub struct Scripted(Mutex<Script>);

impl Default for Scripted {
    fn default() -> Self {
        Self(Mutex::new(Script {
            sends: VecDeque::new(),
            sent: Vec::new(),
            recent: Ok(Vec::new()),
            reacted: Vec::new(),
            reactions: Ok(()),
            looks: Vec::new(),
            renewals: VecDeque::new(),
            renewed: Vec::new(),
            past: Vec::new(),
            past_faults: VecDeque::new(),
            past_ends_at: None,
            past_asked: Vec::new(),
            account: Ok(AccountReport::default()),
            tagged: Vec::new(),
            tag_faults: VecDeque::new(),
            profile: Ok(Profile::default()),
            fields: Vec::new(),
            values: BTreeMap::new(),
            put: Vec::new(),
            people_faults: VecDeque::new(),
            people: Vec::new(),
            people_asked: Vec::new(),
            removals: VecDeque::new(),
            removed: Vec::new(),
        }))
    }
}

impl Scripted {
    /// The script, to write and to read.
    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pair of tokens with this number.
    pub fn grant(n: usize) -> GrantOutcome {
        GrantOutcome::Granted(Grant {
            access_token: Secret::new(format!("access-{n}")),
            refresh_token: Secret::new(format!("refresh-{n}")),
            access_secs: 90_000,
            refresh_secs: 7_000_000,
        })
    }
}

#[async_trait]
impl Connector for Scripted {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Zalo
    }

    fn peek(&self, _: &[u8]) -> Result<Peeked, NotUnderstood> {
        Err(NotUnderstood { event_name: String::new(), reason: "no events are scripted".to_owned() })
    }

    fn is_genuine(&self, _: &HeaderMap, _: &[u8], _: &Peeked, _: &Secret) -> bool {
        false
    }

    fn key(&self, _: &[u8]) -> String {
        String::new()
    }

    fn parse(&self, _: &str, raw: &[u8]) -> Result<Inbound, NotUnderstood> {
        self.peek(raw).map(|_| unreachable!("peek always refuses"))
    }

    fn consent_url(&self, app: &AppKeys, redirect: &str, _: &str, state: &str) -> String {
        format!("scripted:{}?redirect={redirect}&state={state}", app.external_id)
    }

    fn pkce(&self, _: [u8; 32]) -> (Secret, String) {
        (Secret::new("verifier"), "challenge".to_owned())
    }

    async fn exchange(&self, _: &AppKeys, _: &str, _: &Secret) -> GrantOutcome {
        Self::grant(0)
    }

    async fn renew(&self, _: &AppKeys, refresh_token: &Secret) -> GrantOutcome {
        let outcome = {
            let mut script = self.script();
            script.renewed.push(refresh_token.expose().to_owned());
            let n = script.renewed.len();
            script.renewals.pop_front().unwrap_or_else(|| Self::grant(n))
        };
        // A real platform takes its time; whoever asks at the same time must wait.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        outcome
    }

    async fn send(&self, account: &Account, message: &Outgoing) -> SendOutcome {
        let mut script = self.script();
        script.sent.push((account.access_token.expose().to_owned(), message.clone()));
        script.sends.pop_front().expect("the script has an answer for every send")
    }

    async fn chats(&self, _: &Account, offset: i64) -> Result<ChatPage, CallError> {
        let mut script = self.script();
        script.past_asked.push((None, offset));
        if let Some(fault) = script.past_faults.pop_front() {
            return Err(fault);
        }
        let mut users: Vec<(Timestamp, String)> = Vec::new();
        for past in &script.past {
            match users.iter_mut().find(|(_, user)| *user == past.user) {
                Some((at, _)) => *at = (*at).max(past.at),
                None => users.push((past.at, past.user.clone())),
            }
        }
        users.sort_by(|a, b| b.cmp(a));
        let users: Vec<String> = users.into_iter().map(|(_, user)| user).collect();
        let users = part(&users, offset);
        Ok(ChatPage { read: users.len(), is_last: users.len() < PAGE, users })
    }

    async fn past(&self, _: &Account, user: &str, offset: i64) -> Result<PastPage, CallError> {
        let mut script = self.script();
        script.past_asked.push((Some(user.to_owned()), offset));
        if let Some(fault) = script.past_faults.pop_front() {
            return Err(fault);
        }
        if let Some((end, refusal)) = &script.past_ends_at
            && offset >= *end
        {
            return Err(refusal.clone());
        }
        let mut messages: Vec<PastMessage> =
            script.past.iter().filter(|past| past.user == user).cloned().collect();
        messages.sort_by_key(|past| std::cmp::Reverse(past.at));
        let messages = part(&messages, offset);
        Ok(PastPage { read: messages.len(), is_last: messages.len() < PAGE, messages })
    }

    async fn react(
        &self,
        _: &Account,
        user: &str,
        platform_id: &str,
        icon: Option<ReactionIcon>,
    ) -> Result<String, CallError> {
        let mut script = self.script();
        script.reacted.push((user.to_owned(), platform_id.to_owned(), icon));
        script.reactions.clone()?;
        Ok(icon.map(|icon| format!("/-{icon}")).unwrap_or_default())
    }

    async fn recent(&self, _: &Account, _: &str, since: Timestamp) -> Result<Vec<SentMessage>, CallError> {
        let mut script = self.script();
        script.looks.push(since);
        let mut recent = script.recent.clone()?;
        recent.retain(|m| m.sent_at >= since);
        recent.sort_by_key(|m| std::cmp::Reverse(m.sent_at));
        Ok(recent)
    }

    async fn account(&self, _: &Account) -> Result<AccountReport, CallError> {
        self.script().account.clone()
    }

    async fn recipient(&self, _: &Account, _: &str) -> Result<RecipientReport, CallError> {
        Ok(RecipientReport::default())
    }

    async fn tag(&self, _: &Account, user: &str, tag: &str, on: bool) -> Result<(), CallError> {
        let mut script = self.script();
        script.tagged.push((user.to_owned(), tag.to_owned(), on));
        script.tag_faults.pop_front().map_or(Ok(()), Err)
    }

    async fn profile(&self, _: &Account, _: &str) -> Result<Profile, CallError> {
        self.script().profile.clone()
    }

    async fn fields(&self, _: &Account) -> Result<Vec<PlatformField>, CallError> {
        let mut script = self.script();
        script.people_fault()?;
        Ok(script.fields.clone())
    }

    async fn create_field(&self, _: &Account, field: &PlatformField) -> Result<(), CallError> {
        let mut script = self.script();
        script.people_fault()?;
        script.fields.push(field.clone());
        Ok(())
    }

    async fn update_field(&self, _: &Account, field: &PlatformField) -> Result<(), CallError> {
        let mut script = self.script();
        script.people_fault()?;
        let known = script.fields.iter_mut().find(|known| known.key == field.key);
        known.expect("the field is known to the platform").clone_from(field);
        Ok(())
    }

    async fn delete_field(&self, _: &Account, key: &str) -> Result<(), CallError> {
        let mut script = self.script();
        script.people_fault()?;
        script.fields.retain(|field| field.key != key);
        Ok(())
    }

    async fn values(&self, _: &Account, external_user: &str) -> Result<PlatformValues, CallError> {
        let mut script = self.script();
        script.people_fault()?;
        Ok(script.values.get(external_user).cloned().unwrap_or_default())
    }

    async fn put_values(
        &self,
        _: &Account,
        external_user: &str,
        values: &PlatformValues,
    ) -> Result<(), CallError> {
        let mut script = self.script();
        script.people_fault()?;
        script.put.push((external_user.to_owned(), values.clone()));
        merge(script.values.entry(external_user.to_owned()).or_default(), values.clone());
        Ok(())
    }

    async fn people(&self, _: &Account, query: &PeopleQuery) -> Result<PeoplePage, CallError> {
        let mut script = self.script();
        script.people_asked.push(query.clone());
        script.people_fault()?;
        let fitting: Vec<String> = script
            .people
            .iter()
            .filter(|(_, day, follows)| {
                query.period.is_none_or(|(first, last)| first <= *day && *day <= last)
                    && query.follower.is_none_or(|wanted| wanted == *follows)
            })
            .map(|(user, ..)| user.clone())
            .collect();
        let page = fitting.iter().skip(query.offset as usize).take(query.count as usize);
        Ok(PeoplePage { total: fitting.len() as u64, users: page.cloned().collect() })
    }

    fn removes_followers(&self) -> bool {
        !self.script().removals.is_empty()
    }

    async fn remove_follower(&self, _: &Account, external_user: &str) -> FollowRemoval {
        let mut script = self.script();
        let Some(outcome) = script.removals.pop_front() else { return FollowRemoval::NotOffered };
        script.removed.push(external_user.to_owned());
        outcome
    }
}

/// What a write does to what is there.
fn merge(known: &mut PlatformValues, new: PlatformValues) {
    fn put<T>(old: &mut Option<T>, new: Option<T>) {
        if new.is_some() {
            *old = new;
        }
    }
    put(&mut known.name, new.name);
    put(&mut known.phone, new.phone);
    put(&mut known.birthday, new.birthday);
    put(&mut known.gender, new.gender);
    put(&mut known.address, new.address);
    put(&mut known.external_id, new.external_id);
    for (key, value) in new.custom.into_iter().flatten() {
        let custom = known.custom.get_or_insert_default();
        if value.is_null() {
            custom.remove(&key);
        } else {
            custom.insert(key, value);
        }
    }
}

/// A customer who follows an account and has an empty thread there, with the ids that intake gives. Wrote at `wrote`,
/// if at all.
///
/// # Panics
/// When the store refuses.
pub async fn add_customer(
    store: &Store,
    workspace: WorkspaceId,
    channel: ChannelId,
    user: &str,
    wrote: Option<Timestamp>,
    now: Timestamp,
) -> (CustomerId, ConversationId) {
    let (customer, identity, conversation) = intake::ids_of(workspace, channel, user);
    let batch = Batch {
        new_customers: vec![(workspace, customer, intake::placeholder_name("zalo", user), None)],
        new_identities: vec![IdentityRow {
            workspace,
            id: identity,
            customer,
            channel,
            external_id: user.to_owned(),
            app_user_id: None,
            is_follower: Some(true),
            follow_changed_at: None,
            is_blocked: false,
            blocked_changed_at: None,
            facts: serde_json::json!({}),
            last_message_at: wrote,
            last_interaction_at: wrote,
            window_started_at: wrote,
            replies_used: 0,
            replies_reserved: 0,
            welcome_used: 0,
            platform_reply_remain: None,
            platform_reply_total: None,
            platform_as_of_at: None,
            profile_due_at: Some(now),
            created_at: now,
        }],
        new_conversations: vec![ConversationRow {
            workspace,
            id: conversation,
            channel,
            customer,
            identity,
            status: "open".to_owned(),
            status_changed_at: None,
            unread_count: i32::from(wrote.is_some()),
            read_until_at: None,
            answered_at: None,
            waiting_since_at: wrote,
            last_message_id: None,
            last_message_at: wrote.unwrap_or(now),
            last_preview: String::new(),
            last_direction: "in".to_owned(),
            last_kind: "text".to_owned(),
            free_until: None,
            permitted_until: None,
            work: loa_store::work::Work::default(),
            created_at: now,
        }],
        ..Batch::default()
    };
    let tx = store.begin().await.expect("a transaction");
    intake::apply(&tx, batch, now).await.expect("the rows fit");
    tx.commit().await.expect("a commit");
    (customer, conversation)
}
