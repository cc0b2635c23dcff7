//! Automatic replies while the shop is closed.
//!
//! Intake writes down that a customer wrote outside opening hours; here it is decided whether they get the reply. It is
//! one a thread and time of closure, and only ever a free one: whatever would spend the package or money is not sent.
//! The row's end and the message in the queue are one transaction, so a program that dies repeats or loses nothing.

use async_trait::async_trait;
use loa_channels::MessageKind;
use loa_channels::reconcile::DueWork;
use loa_hours::{Calendar, Language, Plan, fill, opening};
use loa_kernel::{ChannelId, ConversationId, MessageId, Problem, ScheduledId, Timestamp, WorkspaceId};
use loa_rulebook::{Class, Decision, MessageFacts};
use loa_store::entity::auto_replies::Model as Row;
use loa_store::outbound::Thread;
use loa_store::{Tx, auto_replies, hours};

use crate::Outbound;
use crate::content::Content;
use crate::facts::Facts;
use crate::retry::{Halt, Patience, again};
use crate::submit::locked;

/// Claims automatic replies that are due and decides them. Wake it by `Topic::Scheduled`.
pub struct AutoReplyWork(Outbound);

impl AutoReplyWork {
    /// The work over what sends.
    pub fn new(outbound: Outbound) -> Self {
        Self(outbound)
    }
}

#[async_trait]
impl DueWork for AutoReplyWork {
    fn name(&self) -> &'static str {
        "auto_replies"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let outbound = &self.0;
        let now = outbound.now();
        let until = now.plus_ms(outbound.settings.claim_lease_ms);
        let claimed = auto_replies::claim_due(&outbound.store, limit as u64, until, now).await?;
        for row in &claimed {
            match again(Patience::Request, || outbound.auto_reply(row)).await {
                Ok(word) => {
                    metrics::counter!("loa_auto_replies_total", "outcome" => word).increment(1);
                    outbound.wake(WorkspaceId(row.workspace_id));
                }
                // The lease runs out and somebody tries again.
                Err(problem) => tracing::error!(%problem, "an automatic reply could not be decided"),
            }
        }
        Ok(claimed.len())
    }
}

/// What goes, and as what.
struct Reply {
    content: Content,
    decision: Decision,
}

impl Outbound {
    /// Decide one. Answers `sent`, or why not.
    async fn auto_reply(&self, claimed: &Row) -> Result<&'static str, Halt> {
        let now = self.now();
        let (ws, conversation) = (WorkspaceId(claimed.workspace_id), ConversationId(claimed.conversation_id));
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, conversation).await?;
        let Some(row) = auto_replies::lock_due(&tx, claimed).await? else { return Ok("over") };
        let reply = match self.reply_to(&tx, &thread, &row, now).await? {
            Ok(reply) => reply,
            Err(reason) => {
                auto_replies::skipped(&tx, row, reason).await?;
                tx.commit().await?;
                return Ok(reason);
            }
        };
        let client = ScheduledId::derived(
            Timestamp(row.closed_since_at),
            &[b"auto_reply", ws.0.as_bytes(), conversation.0.as_bytes()],
        );
        let (message, list) =
            self.place(&tx, &thread, None, client.0, &reply.content, &reply.decision, now).await?;
        auto_replies::sent(&tx, row, MessageId(message.id)).await?;
        self.commit(tx, &thread, &list, now).await?;
        Ok("sent")
    }

    /// The reply, or the word for why there is none.
    async fn reply_to(
        &self,
        tx: &Tx,
        thread: &Thread,
        row: &Row,
        now: Timestamp,
    ) -> Result<Result<Reply, &'static str>, Halt> {
        let (ws, channel) = (WorkspaceId(row.workspace_id), ChannelId(row.channel_id));
        let set = hours::auto_replies(tx, ws, &[channel]).await?.remove(&channel);
        let Some(set) = set.filter(|set| set.enabled) else { return Ok(Err("switched_off")) };
        let plans = hours::plans(tx, ws).await?;
        let plan = plans.of(channel).and_then(|plan| serde_json::from_value::<Plan>(plan.clone()).ok());
        let Some(calendar) = plan.and_then(|plan| Calendar::new(&plan).ok()) else {
            return Ok(Err("opened"));
        };
        let Some(closed) = calendar.closed(now) else { return Ok(Err("opened")) };
        let Some(opens_at) = closed.until else { return Ok(Err("no_opening")) };
        if thread.conversation.answered_at.is_some_and(|at| at >= row.message_at) {
            return Ok(Err("answered"));
        }
        if thread.conversation.status == "closed" {
            return Ok(Err("closed"));
        }
        let since = closed.since.unwrap_or_default();
        if auto_replies::sent_since(tx, ws, thread.conversation_id(), since).await? {
            return Ok(Err("already"));
        }
        let language = if set.language == "en" { Language::En } else { Language::Vi };
        let text = fill(&set.text, &opening(&calendar, opens_at, now, language));
        let facts = MessageFacts::text(&text);
        let decision = Facts::of(thread)?.decide(&self.rules, Some(&facts), now);
        match decision.class {
            Some(Class::Reply) => {}
            Some(_) => return Ok(Err("not_free")),
            None => return Ok(Err("not_allowed")),
        }
        let content = Content {
            kind: MessageKind::Text,
            text: Some(text),
            attachments: Vec::new(),
            quoted_platform_id: None,
            facts,
        };
        Ok(Ok(Reply { content, decision }))
    }
}
