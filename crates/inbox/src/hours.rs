//! Use cases of opening hours and of the automatic reply outside them.
//!
//! The workspace has a plan, and a channel may have its own in its place. Without either a channel is always open, and
//! nothing is ever "outside hours".

use std::collections::BTreeMap;

use loa_hours::{Calendar, Holiday, Language, Plan, fill, opening, vietnam};
use loa_kernel::{Action, Actor, ChannelId, Object, Problem, Timestamp};
use loa_rulebook::{EditionChoice, MessageFacts};
use loa_store::auto_replies;
use loa_store::changes::{self, NewChange};
use loa_store::channels::{self, Channel};
use loa_store::hours::{self as rows, AutoReply, Plans};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Inbox;

/// The tally of automatic replies reaches back so far.
const TALLY_DAYS: i64 = 30;

/// Opening hours of the workspace and of every channel that the member sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoursView {
    /// The workspace's plan; absent: always open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub plan: Option<Plan>,
    /// The channels.
    pub channels: Vec<ChannelHours>,
}

/// Opening hours of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChannelHours {
    /// Which.
    pub channel_id: ChannelId,
    /// Its own plan; absent: it follows the workspace's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub plan: Option<Plan>,
    /// Is it open now? A channel without any plan always is.
    pub open: bool,
    /// First instant at which that changes; absent: not within two years, or never.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub changes_at: Option<Timestamp>,
    /// When it opens next, after the present opening if it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub opens_at: Option<Timestamp>,
}

/// What a member starts from who has entered nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoursSuggestions {
    /// A usual week.
    pub plan: Plan,
    /// Public holidays: those of fixed dates, and those by the lunar calendar as far as their years are entered.
    pub holidays: Vec<Holiday>,
}

/// What a channel answers by itself outside its hours, as it is set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AutoReplyInput {
    /// Does it?
    pub enabled: bool,
    /// The text; `{open}` stands for the next opening.
    pub text: String,
    /// Language of the opening in words.
    #[serde(default)]
    pub language: Language,
}

/// What a channel answers by itself outside its hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AutoReply)]
pub struct AutoReplyView {
    /// Does it? Off until somebody switches it on.
    pub enabled: bool,
    /// The text; empty until somebody enters one.
    pub text: String,
    /// Language of the opening in words.
    pub language: Language,
    /// How often customers wrote outside hours in the last 30 days, by what became of it: `sent`, or the reason for
    /// which nothing was sent.
    pub last_30_days: BTreeMap<String, u64>,
}

/// What a customer would get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AutoReplyPreview {
    /// The text with the opening in its place.
    pub text: String,
    /// A customer who writes then gets it: now, or when the channel closes next.
    pub written_at: Timestamp,
    /// When the channel opens after that.
    pub opens_at: Timestamp,
}

impl Inbox {
    /// Opening hours, and what is open now.
    pub async fn hours(&self, actor: &Actor) -> Result<HoursView, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let db = self.store.reader();
        let plans = rows::plans(db, actor.workspace).await?;
        let now = self.now();
        let mut list = Vec::new();
        for channel in channels::list(db, actor.workspace).await? {
            if actor.sees_channel(channel.id) {
                list.push(channel_hours(&plans, channel.id, now)?);
            }
        }
        Ok(HoursView { plan: plans.workspace.as_ref().map(stored).transpose()?, channels: list })
    }

    /// What to start from.
    pub fn hours_suggestions(&self, actor: &Actor) -> Result<HoursSuggestions, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let holidays = vietnam::holidays(self.now().vietnam_date().year());
        Ok(HoursSuggestions { plan: Plan::usual(), holidays })
    }

    /// Set the plan of the workspace, or of one channel; `None` takes it away.
    pub async fn set_hours(
        &self,
        actor: &Actor,
        channel: Option<ChannelId>,
        plan: Option<&Plan>,
    ) -> Result<HoursView, Problem> {
        actor.require(Object::Channel, Action::Edit)?;
        // Who is limited to some channels sets nothing that holds for all.
        if channel.is_none() && actor.channels.is_some() {
            let forbidden = Problem::new(loa_kernel::Code::Forbidden).param("object", "workspace");
            return Err(forbidden.param("action", Action::Edit.as_str()));
        }
        plan.map(Calendar::new).transpose()?;
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        if let Some(channel) = channel {
            self.visible_channel(&tx, actor, channel).await?;
        }
        match plan {
            Some(plan) => {
                let plan = serde_json::to_value(plan).map_err(Problem::internal)?;
                rows::put_plan(&tx, ws, channel, plan, actor.member, now).await?;
            }
            None => {
                rows::delete_plan(&tx, ws, channel).await?;
            }
        }
        let touched = match channel {
            Some(channel) => vec![channel],
            None => channels::list(&tx, ws).await?.into_iter().map(|c| c.id).collect(),
        };
        let list: Vec<NewChange> = touched.into_iter().map(NewChange::channel).collect();
        changes::append(&tx, ws, &list, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        self.hours(actor).await
    }

    /// What a channel answers by itself.
    pub async fn auto_reply(&self, actor: &Actor, channel: ChannelId) -> Result<AutoReplyView, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let db = self.store.reader();
        self.visible_channel(db, actor, channel).await?;
        let set = rows::auto_replies(db, actor.workspace, &[channel]).await?.remove(&channel);
        let since = self.now().plus_days(-TALLY_DAYS);
        let last_30_days = auto_replies::tally(db, actor.workspace, channel, since).await?;
        let (enabled, text, language) = match set {
            Some(set) => (set.enabled, set.text, language(&set.language)),
            None => (false, String::new(), Language::default()),
        };
        Ok(AutoReplyView { enabled, text, language, last_30_days })
    }

    /// Set what a channel answers by itself. Refusals: `invalid_field` (`text`: `empty`), `text_too_long` with the
    /// opening in its place.
    pub async fn set_auto_reply(
        &self,
        actor: &Actor,
        channel: ChannelId,
        input: &AutoReplyInput,
    ) -> Result<AutoReplyView, Problem> {
        actor.require(Object::Channel, Action::Edit)?;
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let account = self.visible_channel(&tx, actor, channel).await?;
        let text = input.text.replace('\0', "").trim().to_owned();
        if text.is_empty() && input.enabled {
            return Err(Problem::invalid("text", "empty"));
        }
        self.check_length(&account, &text)?;
        let language = if input.language == Language::En { "en" } else { "vi" }.to_owned();
        let set = AutoReply { enabled: input.enabled, text, language };
        rows::put_auto_reply(&tx, ws, channel, &set, actor.member, now).await?;
        changes::append(&tx, ws, &[NewChange::channel(channel)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        self.auto_reply(actor, channel).await
    }

    /// What a customer would get who wrote outside hours. `conflict` (`no_hours`) when the channel never closes, or never
    /// opens again.
    pub async fn auto_reply_preview(
        &self,
        actor: &Actor,
        channel: ChannelId,
        input: &AutoReplyInput,
    ) -> Result<AutoReplyPreview, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let db = self.store.reader();
        let account = self.visible_channel(db, actor, channel).await?;
        self.check_length(&account, &input.text)?;
        let no_hours = || Problem::new(loa_kernel::Code::Conflict).param("reason", "no_hours");
        let plans = rows::plans(db, actor.workspace).await?;
        let calendar = calendar(&plans, channel)?.ok_or_else(no_hours)?;
        let now = self.now();
        let written_at = match calendar.is_open(now) {
            true => calendar.changes_at(now).ok_or_else(no_hours)?,
            false => now,
        };
        let opens_at = calendar.next_open(written_at).ok_or_else(no_hours)?;
        let text = fill(&input.text, &opening(&calendar, opens_at, written_at, input.language));
        Ok(AutoReplyPreview { text, written_at, opens_at })
    }

    /// As long as the platform takes, whatever stands in the opening's place.
    fn check_length(&self, account: &Channel, text: &str) -> Result<(), Problem> {
        const LONGEST_OPENING: &str = "08:00 on Wednesday, 16/02";
        let edition: EditionChoice = account.edition.parse().unwrap_or_default();
        let limits = &self.rules.resolve(&edition, self.now()).limits;
        let longest = fill(text, LONGEST_OPENING);
        if longest.is_empty() {
            return Ok(());
        }
        limits.check(&MessageFacts::text(&longest))
    }

    async fn visible_channel(
        &self,
        db: &impl loa_store::ConnectionTrait,
        actor: &Actor,
        id: ChannelId,
    ) -> Result<Channel, Problem> {
        let missing = || Problem::not_found("channel");
        if !actor.sees_channel(id) {
            return Err(missing());
        }
        channels::get(db, actor.workspace, id).await?.ok_or_else(missing)
    }
}

fn channel_hours(plans: &Plans, id: ChannelId, now: Timestamp) -> Result<ChannelHours, Problem> {
    let plan = plans.channels.get(&id).map(stored).transpose()?;
    let calendar = calendar(plans, id)?;
    let open = calendar.as_ref().is_none_or(|c| c.is_open(now));
    let changes_at = calendar.as_ref().and_then(|c| c.changes_at(now));
    let opens_at = match (&calendar, open) {
        (Some(calendar), true) => changes_at.and_then(|closes| calendar.next_open(closes)),
        (Some(_), false) => changes_at,
        (None, _) => None,
    };
    Ok(ChannelHours { channel_id: id, plan, open, changes_at, opens_at })
}

fn calendar(plans: &Plans, channel: ChannelId) -> Result<Option<Calendar>, Problem> {
    plans.of(channel).map(|plan| Calendar::new(&stored(plan)?)).transpose()
}

fn stored(plan: &serde_json::Value) -> Result<Plan, Problem> {
    serde_json::from_value(plan.clone())
        .map_err(|e| Problem::internal(format_args!("stored opening hours: {e}")))
}

fn language(word: &str) -> Language {
    if word == "en" { Language::En } else { Language::Vi }
}
