//! The platform's history of an account, page by page, and the members' hand on its import.

use std::time::Duration;

use loa_kernel::{Action, Actor, ChannelId, Code, Object, Problem, Timestamp, WorkspaceId};
use loa_store::Tx;
use loa_store::channels::ChannelStatus;
use loa_store::imports::{self as rows, Import, state};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{CallError, Channels, InboundMessage, views};

/// Longest way back that can be asked for, in days.
const DAYS_MAX: u32 = 3_650;

/// A message of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct PastMessage {
    /// The platform's id of the customer.
    pub user: String,
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// The message. Who of the account wrote is not told, so its author names no administrator.
    pub message: InboundMessage,
}

/// A page of the list of threads, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatPage {
    /// The customers' ids.
    pub users: Vec<String>,
    /// Entries that the platform showed.
    pub read: usize,
    /// Nothing comes after it.
    pub is_last: bool,
}

impl Default for ChatPage {
    fn default() -> Self {
        Self { users: Vec::new(), read: 0, is_last: true }
    }
}

/// A page of a thread, the latest first as far as the platform keeps an order.
#[derive(Debug, Clone, PartialEq)]
pub struct PastPage {
    /// Its messages.
    pub messages: Vec<PastMessage>,
    /// Entries that the platform showed.
    pub read: usize,
    /// Nothing comes after it.
    pub is_last: bool,
}

impl Default for PastPage {
    fn default() -> Self {
        Self { messages: Vec::new(), read: 0, is_last: true }
    }
}

/// An import of an account's history, for its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportView {
    /// `running`, `paused`, `done` or `canceled`.
    pub state: String,
    /// `listing`: the threads are counted; `reading`: they are read.
    pub stage: String,
    /// Threads that the platform lists.
    pub threads_found: i64,
    /// Threads that are read.
    pub threads_done: i64,
    /// Of these, threads that the platform did not show.
    pub threads_refused: i64,
    /// Messages that the platform showed.
    pub messages_read: i64,
    /// Of these, messages that were not here before.
    pub messages_new: i64,
    /// The platform does not show everything that it has: something older may be missing.
    pub is_limited: bool,
    /// Older messages are left alone; absent: as far back as the platform shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub since_at: Option<Timestamp>,
    /// The platform does not answer; it is asked again then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub waits_until: Option<Timestamp>,
    /// Why, in the platform's or the network's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub last_error: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub finished_at: Option<Timestamp>,
}

impl ImportView {
    /// The view of a row. Pure.
    pub fn new(row: &Import) -> Self {
        let waits = row.failures > 0 && row.state == state::RUNNING;
        Self {
            state: row.state.clone(),
            stage: if row.stage == rows::stage::READING { "reading" } else { "listing" }.to_owned(),
            threads_found: row.threads_found,
            threads_done: row.threads_done,
            threads_refused: row.threads_refused,
            messages_read: row.messages_read,
            messages_new: row.messages_new,
            is_limited: row.is_limited,
            since_at: row.since_at.map(Timestamp),
            waits_until: waits.then_some(Timestamp(row.due_at)),
            last_error: row.last_error.clone().filter(|_| waits),
            created_at: Timestamp(row.created_at),
            finished_at: row.finished_at.map(Timestamp),
        }
    }
}

/// What a member does with an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportAction {
    /// Hold it.
    Pause,
    /// Let it go on.
    Resume,
    /// End it. What was read stays.
    Cancel,
}

impl Channels {
    /// A page of the account's threads.
    pub async fn chats(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        offset: i64,
    ) -> Result<ChatPage, CallError> {
        let connector = self.connector_of(ws, channel).await.map_err(crate::hub::unreachable)?;
        self.ask(ws, channel, |account| {
            let connector = connector.clone();
            async move { connector.chats(&account, offset).await }
        })
        .await
    }

    /// A page of the thread with `user`.
    pub async fn past(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        user: &str,
        offset: i64,
    ) -> Result<PastPage, CallError> {
        let connector = self.connector_of(ws, channel).await.map_err(crate::hub::unreachable)?;
        self.ask(ws, channel, |account| {
            let (connector, user) = (connector.clone(), user.to_owned());
            async move { connector.past(&account, &user, offset).await }
        })
        .await
    }

    /// How long to wait between calls that nobody waits for, so that half of the package's calls a minute stay free.
    /// Zero where the figure is not known: then the limiter alone decides.
    pub async fn spare_pace(&self, ws: WorkspaceId, channel: ChannelId) -> Result<Duration, Problem> {
        let found = loa_store::channels::get(self.store.reader(), ws, channel).await?;
        let package = found.and_then(|c| c.package_name);
        let package = package.and_then(|name| self.rules.packages().find(&name, self.now()).cloned());
        let per_minute = package.and_then(|p| p.requests_per_minute).filter(|n| *n > 0);
        Ok(per_minute.map_or(Duration::ZERO, |n| Duration::from_millis(2 * 60_000 / u64::from(n))))
    }

    /// Begin to read the history of an account, as far back as the platform shows, or `days`. One that runs or is
    /// paused is `conflict`.
    pub async fn start_import(
        &self,
        actor: &Actor,
        id: ChannelId,
        days: Option<u32>,
    ) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        let channel = self.visible(actor, id).await?;
        if channel.status != ChannelStatus::Connected {
            return Err(Problem::new(Code::ChannelDisconnected).param("channel_id", id.to_string()));
        }
        if days.is_some_and(|days| days == 0 || days > DAYS_MAX) {
            return Err(Problem::invalid("days", "range").param("max", DAYS_MAX));
        }
        let now = self.now();
        let tx = self.store.begin().await?;
        let since = days.map(|days| now.plus_days(-i64::from(days)));
        self.begin_import(&tx, actor, id, since, now).await?;
        self.note(&tx, actor, "import.started", id, json!({ "days": days }), now).await?;
        self.commit(tx, actor, id, now).await?;
        self.signals.notify(Topic::Imports);
        self.view(actor, id).await
    }

    pub(crate) async fn begin_import(
        &self,
        tx: &Tx,
        actor: &Actor,
        id: ChannelId,
        since: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let import = self.ids.next::<loa_kernel::ImportId>();
        let started = rows::start(tx, actor.workspace, id, Some(actor.member), import.0, since, now).await;
        started.map(drop).map_err(|e| if e.is_unique("imports_active") { under_way() } else { e.into() })
    }

    /// Pause, resume or end the import of an account. An import that is not in a state for it is `conflict`, and
    /// `not_found` when there is none.
    pub async fn steer_import(
        &self,
        actor: &Actor,
        id: ChannelId,
        action: ImportAction,
    ) -> Result<views::Channel, Problem> {
        actor.require(Object::Channel, Action::Configure)?;
        self.visible(actor, id).await?;
        let now = self.now();
        let tx = self.store.begin().await?;
        let row = rows::lock_latest(&tx, actor.workspace, id).await?;
        let mut row = row.ok_or_else(|| Problem::not_found("import"))?;
        let (from, to): (&[&str], _) = match action {
            ImportAction::Pause => (&[state::RUNNING], state::PAUSED),
            ImportAction::Resume => (&[state::PAUSED], state::RUNNING),
            ImportAction::Cancel => (&[state::RUNNING, state::PAUSED], state::CANCELED),
        };
        if !from.contains(&row.state.as_str()) {
            return Err(Problem::new(Code::Conflict)
                .param("reason", "import_state")
                .param("state", row.state));
        }
        to.clone_into(&mut row.state);
        row.lease_until_at = None;
        row.lease_owner = None;
        row.failures = 0;
        row.due_at = now.0;
        if action == ImportAction::Cancel {
            row.finished_at = Some(now.0);
            rows::forget_threads(&tx, &row).await?;
        }
        rows::save(&tx, &row, now).await?;
        self.note(&tx, actor, "import.steered", id, json!({ "to": to }), now).await?;
        self.commit(tx, actor, id, now).await?;
        self.signals.notify(Topic::Imports);
        self.view(actor, id).await
    }
}

fn under_way() -> Problem {
    Problem::new(Code::Conflict).param("reason", "import_under_way")
}
