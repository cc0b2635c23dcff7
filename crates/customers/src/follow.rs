//! "Xóa quan tâm": the account ends a customer's follow (features reference §6.2).
//!
//! The platform publishes no call for it (platform reference §8.6). Where one is configured it is made; elsewhere the end is
//! noted here, and whoever did it is told that the platform's console has to be used as well. Either way the customer
//! stays, and the composer of their thread closes until they come back.

use loa_channels::{CallError, FollowRemoval, Refusal};
use loa_kernel::{
    Action, Actor, ChannelId, Code, ConversationId, CustomerId, IdentityId, MemberId, MessageId, Object,
    Problem, Timestamp, WorkspaceId,
};
use loa_rulebook::EditionChoice;
use loa_store::changes::{self, NewChange};
use loa_store::conversations::Visibility;
use loa_store::customers::{self as people, recipient_facts};
use loa_store::entity::{customer_identities, follow_removals};
use loa_store::entries::{self, Done, EntryKind, NewEntry};
use loa_store::follows::{self, NewRemoval, RemovalState};
use loa_store::outbound as threads;
use loa_store::{Tx, audit, profiles};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{CustomerView, Customers};

/// A call that was not settled after so long is one whose outcome is unknown; and what the platform does not show after
/// so long did not happen. Longer than any call may take.
const SETTLED_WITHIN_MS: i64 = 60_000;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FollowOutcome {
    /// The platform did it.
    Removed,
    /// The platform offers no call for it: it is noted here, and has to be done in its console too.
    Noted,
    /// The platform may have done it; its answer is lost. Loa looks, and nothing is repeated before.
    Unknown,
}

/// What became of ending a follow.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FollowRemoved {
    /// What became of it.
    pub outcome: FollowOutcome,
    /// The customer as they are now.
    pub customer: CustomerView,
}

/// What ending a follow on a channel would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FollowOffer {
    /// The channel.
    pub channel_id: ChannelId,
    /// The platform is asked; otherwise it is noted here only.
    pub at_platform: bool,
    /// The platform's own console.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub console_url: Option<String>,
}

/// One wish with what it is about.
struct Wish {
    id: Uuid,
    customer: CustomerId,
    channel: ChannelId,
    identity: IdentityId,
    user: String,
    thread: Option<ConversationId>,
}

/// What a wish changes, locked until its transaction ends.
struct Locked {
    identity: customer_identities::Model,
    thread: Option<threads::Thread>,
}

impl Locked {
    /// In the order in which sending locks, so that neither waits for the other: account, address, thread.
    async fn of(tx: &Tx, ws: WorkspaceId, wish: &Wish) -> Result<Self, Problem> {
        let thread = match wish.thread {
            Some(conversation) => threads::lock_thread(tx, ws, conversation).await?,
            None => None,
        };
        let identity = match &thread {
            Some(thread) => Some(thread.identity.clone()),
            None => follows::lock_address(tx, ws, wish.identity).await?,
        };
        Ok(Self { identity: identity.ok_or_else(|| Problem::not_found("channel"))?, thread })
    }
}

impl Customers {
    /// What ending this customer's follow would do, for each of their channels.
    pub async fn follow_offers(&self, actor: &Actor, id: CustomerId) -> Result<Vec<FollowOffer>, Problem> {
        let visibility = may_remove(actor)?;
        let view = self.view(actor, self.store.reader(), &visibility, id).await?;
        let mut offers = Vec::new();
        for identity in view.identities {
            let at_platform = self.channels.removes_followers(actor.workspace, identity.channel_id).await?;
            offers.push(FollowOffer {
                channel_id: identity.channel_id,
                at_platform,
                console_url: self.channels.console_url().map(str::to_owned),
            });
        }
        Ok(offers)
    }

    /// End a customer's follow on a channel. `id` is the browser's: the same one is done once, and answered as then.
    ///
    /// Refusals: `conflict` (`not_following` for who does not follow, `in_progress` while the platform is being asked,
    /// `outcome_unknown` while the outcome of an earlier call is not known), `platform_refused`, `platform_unavailable`
    /// and `channel_disconnected`. After each of them nothing was changed.
    pub async fn remove_follow(
        &self,
        actor: &Actor,
        customer: CustomerId,
        channel: ChannelId,
        id: Uuid,
    ) -> Result<FollowRemoved, Problem> {
        let visibility = may_remove(actor)?;
        let (ws, db) = (actor.workspace, self.store.reader());
        if people::get(db, ws, &visibility, customer).await?.is_none() {
            return Err(Problem::not_found("customer"));
        }
        let found = if actor.sees_channel(channel) {
            follows::address(db, ws, customer, channel).await?
        } else {
            None
        };
        let Some((identity, thread)) = found else { return Err(Problem::not_found("channel")) };
        let wish = Wish {
            id,
            customer,
            channel,
            identity: IdentityId(identity.id),
            user: identity.external_id.clone(),
            thread,
        };
        let at_platform = self.channels.removes_followers(ws, channel).await?;
        let outcome = match self.earlier(actor, &wish).await? {
            Some(outcome) => outcome,
            None => self.carry_out(actor, &wish, at_platform).await?,
        };
        let customer = self.view(actor, self.store.reader(), &visibility, customer).await?;
        Ok(FollowRemoved { outcome, customer })
    }

    /// What an earlier wish means for this one: its outcome when it is the same, or has turned out to be done; `None`
    /// when the way is free.
    async fn earlier(&self, actor: &Actor, wish: &Wish) -> Result<Option<FollowOutcome>, Problem> {
        let (ws, db) = (actor.workspace, self.store.reader());
        let same = follows::get(db, ws, wish.id).await?;
        if same.as_ref().is_some_and(|row| row.identity_id != wish.identity.0) {
            return Err(Problem::new(Code::Conflict).param("reason", "id_taken"));
        }
        let is_same = same.is_some();
        let last = match same {
            Some(row) => Some(row),
            None => follows::last(db, ws, wish.identity).await?,
        };
        let Some(last) = last else { return Ok(None) };
        match state(&last)? {
            RemovalState::Removed if is_same => Ok(Some(FollowOutcome::Removed)),
            RemovalState::Noted if is_same => Ok(Some(FollowOutcome::Noted)),
            RemovalState::Calling if self.now().since(Timestamp(last.created_at)) < SETTLED_WITHIN_MS => {
                Err(Problem::new(Code::Conflict).param("reason", "in_progress"))
            }
            RemovalState::Calling | RemovalState::Unknown => self.look(actor, wish, &last).await,
            // It came to nothing, or is long over and they may follow again. The same wish again is another attempt of
            // the same person, so it may be made under its id.
            RemovalState::Removed
            | RemovalState::Noted
            | RemovalState::Refused
            | RemovalState::NotSent
            | RemovalState::Absent => Ok(None),
        }
    }

    /// Look whether a call whose outcome is not known was carried out.
    async fn look(
        &self,
        actor: &Actor,
        wish: &Wish,
        last: &follow_removals::Model,
    ) -> Result<Option<FollowOutcome>, Problem> {
        let profile =
            self.channels.profile(actor.workspace, wish.channel, &wish.user).await.map_err(refused)?;
        match profile.is_follower {
            Some(false) => {
                let earlier = Wish { id: last.id, user: wish.user.clone(), ..*wish };
                let by = MemberId(last.member_id);
                self.settle(actor, &earlier, by, RemovalState::Removed).await?;
                Ok(Some(FollowOutcome::Removed))
            }
            Some(true) if self.now().since(Timestamp(last.created_at)) >= SETTLED_WITHIN_MS => {
                let (ws, now) = (actor.workspace, self.now());
                let tx = self.store.begin().await?;
                follows::end(&tx, ws, last.id, RemovalState::Absent, None, now).await?;
                self.suspect(&tx, ws, wish.identity, None).await?;
                tx.commit().await?;
                Ok(None)
            }
            // It may still be under way, or the platform does not say.
            _ => Err(Problem::new(Code::Conflict).param("reason", "outcome_unknown")),
        }
    }

    async fn carry_out(
        &self,
        actor: &Actor,
        wish: &Wish,
        at_platform: bool,
    ) -> Result<FollowOutcome, Problem> {
        let ws = actor.workspace;
        self.begin(actor, wish, if at_platform { RemovalState::Calling } else { RemovalState::Noted })
            .await?;
        if !at_platform {
            return Ok(FollowOutcome::Noted);
        }
        let answer = match self.channels.remove_follower(ws, wish.channel, &wish.user).await {
            Ok(answer) => answer,
            Err(problem) => {
                self.end(ws, wish.id, RemovalState::NotSent, None).await?;
                return Err(problem);
            }
        };
        match answer {
            FollowRemoval::Done => {
                self.settle(actor, wish, actor.member, RemovalState::Removed).await?;
                Ok(FollowOutcome::Removed)
            }
            // Its setting was taken away in between.
            FollowRemoval::NotOffered => {
                self.settle(actor, wish, actor.member, RemovalState::Noted).await?;
                Ok(FollowOutcome::Noted)
            }
            FollowRemoval::NotSent { reason } => {
                self.end(ws, wish.id, RemovalState::NotSent, None).await?;
                Err(Problem::new(Code::PlatformUnavailable).detail(reason))
            }
            FollowRemoval::Rejected { code, message, refusal } => {
                self.end(ws, wish.id, RemovalState::Refused, Some(code)).await?;
                if refusal == Refusal::NotFollower {
                    // They left by themselves, and the platform has not told yet: its profile says so.
                    self.read_profile_soon(ws, wish, 0).await?;
                    return Err(Problem::new(Code::Conflict).param("reason", "not_following"));
                }
                Err(refused(CallError::Rejected { code, message, refusal }))
            }
            FollowRemoval::Unknown { reason } => {
                tracing::warn!(channel = %wish.channel, reason, "nobody knows whether a follow was ended");
                self.unknown(actor, wish).await
            }
        }
    }

    /// Write the wish, so that it is known before the platform is asked; a wish that is only noted is done with it.
    async fn begin(&self, actor: &Actor, wish: &Wish, state: RemovalState) -> Result<(), Problem> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let locked = Locked::of(&tx, ws, wish).await?;
        if locked.identity.is_follower == Some(false) {
            return Err(Problem::new(Code::Conflict).param("reason", "not_following"));
        }
        // Under the lock: two who wish the same at once are one after the other.
        let last = follows::last(&tx, ws, wish.identity).await?;
        if let Some(last) = &last
            && matches!(self::state(last)?, RemovalState::Calling | RemovalState::Unknown)
        {
            return Err(Problem::new(Code::Conflict).param("reason", "in_progress"));
        }
        let new = NewRemoval { id: wish.id, identity: wish.identity, member: actor.member, state };
        if follows::get(&tx, ws, wish.id).await?.is_some() {
            follows::again(&tx, ws, new, now).await?;
        } else {
            follows::begin(&tx, ws, new, now).await?;
        }
        if state == RemovalState::Noted {
            let changed = self.write_removed(&tx, actor, wish, locked, actor.member, state, now).await?;
            changes::append(&tx, ws, &changed, now).await?;
        }
        tx.commit().await?;
        if state == RemovalState::Noted {
            self.signals.notify(Topic::ChangesIn(ws));
        }
        Ok(())
    }

    /// It was done: write it everywhere.
    async fn settle(
        &self,
        actor: &Actor,
        wish: &Wish,
        by: MemberId,
        state: RemovalState,
    ) -> Result<(), Problem> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let locked = Locked::of(&tx, ws, wish).await?;
        follows::end(&tx, ws, wish.id, state, None, now).await?;
        let changed = self.write_removed(&tx, actor, wish, locked, by, state, now).await?;
        changes::append(&tx, ws, &changed, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the parts of one change, written in two places")]
    async fn write_removed(
        &self,
        tx: &Tx,
        actor: &Actor,
        wish: &Wish,
        locked: Locked,
        by: MemberId,
        state: RemovalState,
        now: Timestamp,
    ) -> Result<Vec<NewChange>, Problem> {
        let ws = actor.workspace;
        let Locked { identity, thread } = locked;
        let after = customer_identities::Model {
            is_follower: Some(false),
            // An event of the platform that tells of it may have come first.
            follow_changed_at: identity.follow_changed_at.max(Some(now.0)),
            follow_removed_at: Some(now.0),
            follow_removed_by: Some(by.0),
            updated_at: now.0,
            ..identity.clone()
        };
        threads::save_identity(tx, &identity, &after).await?;
        let mut changed = crate::labels::of_customer(tx, actor, wish.customer).await?;
        if let Some(thread) = thread {
            let conversation = thread.conversation_id();
            let edition: EditionChoice = thread.account()?.edition.parse()?;
            let borders = self.rules.resolve(&edition, now).borders(&recipient_facts(&after));
            let mut closed = thread.conversation.clone();
            closed.free_until_at = borders.free_until.map(Timestamp::as_ms);
            closed.permitted_until_at = borders.permitted_until.map(Timestamp::as_ms);
            threads::save_conversation(tx, &thread.conversation, &closed).await?;
            let line = line(wish, conversation, by, state, now);
            changed.push(NewChange::message(line.id, conversation, wish.channel));
            entries::add(tx, ws, vec![line]).await?;
        }
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(by),
            action: "customer.follow_removed".into(),
            object: "customer".into(),
            object_id: wish.customer.to_string(),
            detail: serde_json::json!({ "channel_id": wish.channel, "at_platform": state == RemovalState::Removed }),
        };
        audit::append(tx, ws, &entry).await?;
        Ok(changed)
    }

    /// The answer is lost. What the platform tells of the customer from now on shows it: when they turn out not to
    /// follow, it was this.
    async fn unknown(&self, actor: &Actor, wish: &Wish) -> Result<FollowOutcome, Problem> {
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        follows::end(&tx, ws, wish.id, RemovalState::Unknown, None, now).await?;
        self.suspect(&tx, ws, wish.identity, Some((now, actor.member))).await?;
        tx.commit().await?;
        let last = follows::get(self.store.reader(), ws, wish.id).await?;
        let last = last.ok_or_else(|| Problem::internal("a wish vanished"))?;
        if let Ok(Some(outcome)) = self.look(actor, wish, &last).await {
            return Ok(outcome);
        }
        self.read_profile_soon(ws, wish, SETTLED_WITHIN_MS).await?;
        Ok(FollowOutcome::Unknown)
    }

    /// Note, or take back, that the follow may have been ended then. It counts once the customer is known not to follow.
    async fn suspect(
        &self,
        tx: &Tx,
        ws: WorkspaceId,
        identity: IdentityId,
        ended: Option<(Timestamp, MemberId)>,
    ) -> Result<(), Problem> {
        let Some(before) = follows::lock_address(tx, ws, identity).await? else { return Ok(()) };
        let after = customer_identities::Model {
            follow_removed_at: ended.map(|(at, _)| at.0),
            follow_removed_by: ended.map(|(_, by)| by.0),
            ..before.clone()
        };
        threads::save_identity(tx, &before, &after).await?;
        Ok(())
    }

    async fn read_profile_soon(&self, ws: WorkspaceId, wish: &Wish, in_ms: i64) -> Result<(), Problem> {
        let tx = self.store.begin().await?;
        profiles::mark_due(&tx, ws, wish.channel, &wish.user, self.now().plus_ms(in_ms)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn end(
        &self,
        ws: WorkspaceId,
        id: Uuid,
        state: RemovalState,
        code: Option<i32>,
    ) -> Result<(), Problem> {
        let tx = self.store.begin().await?;
        follows::end(&tx, ws, id, state, code, self.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Ending follows is for who goes through the list of customers (features reference §6.1): administrators and managers.
fn may_remove(actor: &Actor) -> Result<Visibility, Problem> {
    actor.require(Object::Customer, Action::Browse)?;
    Visibility::of(actor, Object::Customer, Action::Edit)
}

fn state(row: &follow_removals::Model) -> Result<RemovalState, Problem> {
    Ok(row.state.parse()?)
}

fn line(
    wish: &Wish,
    conversation: ConversationId,
    by: MemberId,
    state: RemovalState,
    at: Timestamp,
) -> NewEntry {
    let parts: [&[u8]; 3] = [b"follow_removed", wish.id.as_bytes(), wish.identity.0.as_bytes()];
    NewEntry {
        id: MessageId::derived(at, &parts),
        conversation,
        channel: wish.channel,
        kind: EntryKind::Line,
        member: Some(by),
        text: None,
        detail: Done::FollowRemoved { noted: state == RemovalState::Noted }.detail(),
        client_id: None,
        at,
    }
}

fn refused(error: CallError) -> Problem {
    match error {
        CallError::Rejected { code, message, .. } => Problem::new(Code::PlatformRefused)
            .param("platform_code", code)
            .param("platform_message", message),
        CallError::Unreachable(reason) => Problem::new(Code::PlatformUnavailable).detail(reason),
    }
}
