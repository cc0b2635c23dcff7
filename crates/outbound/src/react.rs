//! Reactions: a call that does no harm when it is made twice, so it has no queue.

use loa_channels::{CallError, ReactionIcon};
use loa_inbox::views::MessageView;
use loa_kernel::{Actor, ChannelId, Code, ConversationId, MessageId, Problem};
use loa_store::changes::NewChange;
use loa_store::entity::messages;
use loa_store::outbound as rows;
use serde_json::json;

use crate::Outbound;
use crate::refusals::consequence;
use crate::retry::{Halt, Patience, again};
use crate::submit::locked;

impl Outbound {
    /// React to a message that the platform knows, or (`None`) take the account's reaction back; the message as it is
    /// then. Uses no quota (platform reference §4.1).
    ///
    /// Refusals: `not_found` when the actor may not write in the thread, `conflict` (`not_sent`) for a message that the
    /// platform does not know, `platform_refused` and `platform_unavailable`.
    pub async fn react(
        &self,
        actor: &Actor,
        id: MessageId,
        icon: Option<ReactionIcon>,
    ) -> Result<MessageView, Problem> {
        let conversation = self.thread_of(actor, id).await?;
        let (ws, db) = (actor.workspace, self.store.reader());
        let row = loa_store::messages::get(db, ws, id).await?.ok_or_else(|| Problem::not_found("message"))?;
        let thread = rows::thread(db, ws, conversation).await?;
        let thread = thread.ok_or_else(|| Problem::not_found("conversation"))?;
        let Some(platform_id) = row.platform_id else {
            return Err(Problem::new(Code::Conflict).param("reason", "not_sent"));
        };
        let (channel, user) = (ChannelId(row.channel_id), &thread.identity.external_id);
        let shown = self.channels.react(ws, channel, user, &platform_id, icon).await.map_err(refused)?;
        let row = again(Patience::Settle, || self.write_reaction(actor, conversation, id, &shown)).await?;
        self.wake(ws);
        self.view(ws, &row).await
    }

    async fn write_reaction(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        id: MessageId,
        icon: &str,
    ) -> Result<messages::Model, Halt> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let thread = locked(&tx, ws, conversation).await?;
        let row = rows::lock_message(&tx, ws, id).await?.ok_or_else(|| Problem::not_found("message"))?;
        let us = json!("us");
        let row = rows::update_message(&tx, row, now, |m| {
            let mut list = m.reactions.as_array().cloned().unwrap_or_default();
            list.retain(|r| r.get("by") != Some(&us));
            // One that was taken back stays without an icon: an older one may still be told.
            list.push(json!({ "by": us, "icon": icon, "at": now }));
            m.reactions = list.into();
        })
        .await?;
        let list = [NewChange::message(id, conversation, thread.channel_id())];
        self.commit(tx, &thread, &list, now).await?;
        Ok(row)
    }
}

fn refused(error: CallError) -> Problem {
    match error {
        CallError::Rejected { code, message, refusal } => {
            let follows = consequence(refusal);
            Problem::new(Code::PlatformRefused)
                .param("platform_code", code)
                .param("platform_message", message)
                .param("reason", follows.reason)
                .param("remedy", follows.act.as_str())
        }
        CallError::Unreachable(reason) => Problem::new(Code::PlatformUnavailable).detail(reason),
    }
}
