//! What the composer of one member shows.

use loa_kernel::{Action, Actor, ChannelId, ConversationId, MemberId, Object, Problem, Timestamp};
use loa_rulebook::{ComposerState, Decision, Remedy};
use loa_store::channels::Trial;
use loa_store::conversations::Visibility;
use loa_store::outbound::{self as rows, Thread};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::facts::Facts;
use crate::{Links, Outbound, Way, ways};

/// The decision, and what the composer of the member who asks shows because of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// May something go now, as what?
    #[serde(flatten)]
    pub decision: Decision,
    /// What the composer shows.
    pub composer: Composer,
}

/// What a composer shows. The state is the account's and the customer's, so it is the same for every member who may
/// write, and after a reload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Composer {
    /// Which state.
    pub state: ComposerState,
    /// May text be sent?
    pub enabled: bool,
    /// What somebody has to do, where something has to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub remedy: Option<Remedy>,
    /// May the member who asks do it? When not, they may tell those who may (`report_channel`).
    pub may_configure: bool,
    /// With the state `not_yours`: may the member who asks make the thread theirs?
    pub may_take: bool,
    /// Who answers this customer; with the state `not_yours`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub assignee_id: Option<MemberId>,
    /// The next message is the one try after money ran out.
    pub trial: bool,
    /// When the platform told the package's number last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quota_as_of: Option<Timestamp>,
    /// The platform could not be asked since then.
    pub quota_stale: bool,
    /// What is possible while text cannot be sent, the cheapest first.
    pub ways: Vec<Way>,
    /// Where the links lead.
    pub links: Links,
}

impl Outbound {
    /// What would happen if the actor sent something now, and what their composer shows because of it. Also has an old
    /// quota read again, when that is switched on.
    pub async fn decision(
        &self,
        actor: &Actor,
        conversation: ConversationId,
    ) -> Result<DecisionView, Problem> {
        let thread = self.thread_for(actor, Action::View, conversation).await?;
        self.channels.opened(&thread.account()?);
        self.view_of(actor, &thread, self.now())
    }

    /// The same for a later time, if nothing happens until then; for an earlier one, for now.
    pub async fn decision_at(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        at: Timestamp,
    ) -> Result<DecisionView, Problem> {
        let thread = self.thread_for(actor, Action::View, conversation).await?;
        self.view_of(actor, &thread, at.max(self.now()))
    }

    /// "Kiểm tra lại": the platform is asked for the account's numbers, and one message may try to be paid although the
    /// account could not pay. Only who may write here may ask. Errors: as of [`loa_channels::Channels::recheck`].
    pub async fn recheck(
        &self,
        actor: &Actor,
        conversation: ConversationId,
    ) -> Result<DecisionView, Problem> {
        let thread = self.thread_for(actor, Action::Send, conversation).await?;
        self.channels.recheck(&thread.account()?).await?;
        let thread = self.thread_for(actor, Action::Send, conversation).await?;
        self.view_of(actor, &thread, self.now())
    }

    async fn thread_for(
        &self,
        actor: &Actor,
        action: Action,
        conversation: ConversationId,
    ) -> Result<Thread, Problem> {
        let db = self.store.reader();
        self.inbox.visible_thread(db, actor, action, conversation).await?;
        let thread = rows::thread(db, actor.workspace, conversation).await?;
        thread.ok_or_else(|| Problem::not_found("conversation"))
    }

    fn view_of(&self, actor: &Actor, thread: &Thread, at: Timestamp) -> Result<DecisionView, Problem> {
        let account = thread.account()?;
        let facts = Facts::of(thread)?;
        let decision = facts.decide(&self.rules, None, at);
        let assignee = thread.conversation.assignee_id.map(MemberId);
        let may = |action| {
            Visibility::of(actor, Object::Conversation, action)
                .is_ok_and(|visible| visible.shows(ChannelId(thread.channel.id), assignee))
        };
        let may_send = may(Action::Send);
        let state = ComposerState::standing(&decision, may_send);
        let composer = Composer {
            state,
            enabled: state.accepts(),
            remedy: decision
                .decisive()
                .filter(|_| !decision.is_allowed() && may_send)
                .and_then(|reason| reason.code.remedy()),
            may_configure: actor.can(Object::Channel, Action::Configure),
            may_take: state == ComposerState::NotYours && may(Action::Edit),
            assignee_id: assignee.filter(|_| state == ComposerState::NotYours),
            trial: account.trial == Trial::Open,
            quota_as_of: account.quota.as_ref().map(|quota| quota.as_of),
            quota_stale: account.quota_is_stale(),
            ways: ways(state, self.rules.resolve(&facts.edition, at)),
            links: self.settings.links.clone(),
        };
        Ok(DecisionView { decision, composer })
    }
}
