//! The ladder: from "may anything go" over the cheapest class to the dearest.

use std::collections::BTreeMap;

use loa_kernel::Timestamp;
use serde_json::Value;

use crate::{
    Billing, ChannelFacts, Class, Decision, MessageFacts, MessagingRules, PackageLeft, Reason, ReasonCode,
    RecipientFacts, ReplyLeft, Verdict,
};

/// May a message go to this customer now, as which class, at what cost, and when does the answer change?
///
/// With `message` its limits are looked at too; without, the answer holds for any message that keeps them.
/// Deterministic, and total: every combination of facts has an answer.
pub fn decide(
    rules: &MessagingRules,
    channel: &ChannelFacts,
    recipient: &RecipientFacts,
    message: Option<&MessageFacts>,
    now: Timestamp,
) -> Decision {
    let case = Case::new(rules, channel, recipient, message);
    let answer = case.answer(now);

    // The facts stand still, so the answer can only change at these instants.
    let mut borders = [
        case.window.map(|w| w.until.plus_ms(1)),
        case.permission_until.map(|until| until.plus_ms(1)),
        channel.package.and_then(|p| p.until),
    ];
    borders.sort_unstable();
    let later = || borders.iter().flatten().copied().filter(|at| *at > now);
    let changes_at = later().find(|at| case.answer(*at) != answer);
    let allowed_at = match answer.class {
        Some(_) => None,
        None => later().find(|at| case.answer(*at).class.is_some()),
    };

    let reply = match case.window {
        Some(w) if answer.window_shown => Some(w.left()),
        _ => None,
    };
    let package = match channel.package {
        Some(p) if answer.pools_shown => Some(PackageLeft {
            used: p.used(),
            total: p.total,
            reserved: p.reserved,
            as_of: p.as_of,
            until: p.until,
        }),
        _ => None,
    };
    Decision {
        verdict: if answer.class.is_some() { Verdict::Allow } else { Verdict::Deny },
        class: answer.class,
        cost_vnd: if answer.class == Some(Class::Paid) { rules.paid.price_vnd } else { 0 },
        reply,
        package,
        reasons: answer.reasons.iter().map(|code| Reason { code, params: case.params(code) }).collect(),
        edition: rules.edition.clone(),
        decided_at: now,
        changes_at,
        allowed_at,
    }
}

/// Instants at which a thread gets dearer, or closes, unless something happens before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Borders {
    /// Last instant of the free replies that are left; `None`: none are.
    pub free_until: Option<Timestamp>,
    /// Last instant at which the platform takes consultation messages; `None`: it takes none, or for ever.
    pub permitted_until: Option<Timestamp>,
}

impl MessagingRules {
    /// When this customer's thread gets dearer, and when it closes. Messages under way do not count: they may fail.
    pub fn borders(&self, recipient: &RecipientFacts) -> Borders {
        if recipient.blocked || recipient.follow_removed().is_some() || self.refused(recipient).is_some() {
            return Borders::default();
        }
        let settled = RecipientFacts { replies_reserved: 0, ..*recipient };
        let free = Window::of(self, &settled).filter(|window| !window.is_empty());
        let follows = !self.consultation.requires_follow || recipient.follower != Some(false);
        Borders {
            free_until: free.map(|window| window.until),
            permitted_until: match (recipient.interaction_at(), self.consultation.allowed_until_days) {
                (Some(at), Some(days)) if follows => Some(at.plus_days(i64::from(days))),
                _ => None,
            },
        }
    }

    /// The platform's refusal for the age of the last interaction, where this edition knows such a border.
    fn refused(&self, recipient: &RecipientFacts) -> Option<Timestamp> {
        self.consultation.allowed_until_days.and_then(|_| recipient.window_refused())
    }

    /// The free window as it stands at `now`; `None`: it is not open. What the customer panel and the
    /// conversation list show, without a decision.
    pub fn reply_left(&self, recipient: &RecipientFacts, now: Timestamp) -> Option<ReplyLeft> {
        Window::of(self, recipient).filter(|w| w.is_open(now)).map(|w| w.left())
    }
}

/// The free window, open or over.
#[derive(Clone, Copy)]
struct Window {
    /// Its last instant.
    until: Timestamp,
    /// Left and total; `None`: not counted.
    counter: Option<(u32, u32)>,
    /// The counter is the platform's.
    platform: bool,
}

impl Window {
    fn of(rules: &MessagingRules, recipient: &RecipientFacts) -> Option<Self> {
        if rules.refused(recipient).is_some() {
            return None;
        }
        let until = rules.window_start(recipient)?.plus_hours(i64::from(rules.reply.window_hours));
        let Some(free) = rules.reply.free_count else {
            // Nothing is counted. The number that answers still show is frozen and says nothing.
            return Some(Self { until, counter: None, platform: false });
        };
        // A number told before the counter was set again is of the former counter.
        let told = recipient
            .platform_reply
            .filter(|told| rules.counter_start(recipient).is_none_or(|s| told.as_of >= s));
        let (remain, total) = match told {
            Some(told) => (told.remain, told.total),
            None => (free.saturating_sub(recipient.replies_used), free),
        };
        let counter = Some((remain.saturating_sub(recipient.replies_reserved), total));
        Some(Self { until, counter, platform: told.is_some() })
    }

    fn is_open(&self, now: Timestamp) -> bool {
        now <= self.until
    }

    fn is_empty(&self) -> bool {
        self.counter.is_some_and(|(remain, _)| remain == 0)
    }

    fn left(&self) -> ReplyLeft {
        let (remain, total) = self.counter.unzip();
        ReplyLeft { remain, total, until: self.until }
    }
}

/// A set of reason codes; iterates in the table's order.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Reasons(u64);

impl Reasons {
    fn add(&mut self, code: ReasonCode) {
        self.0 |= 1 << (code as u8);
    }

    fn iter(self) -> impl Iterator<Item = ReasonCode> {
        ReasonCode::ALL.iter().copied().filter(move |code| self.0 & (1 << (*code as u8)) != 0)
    }
}

const _: () = assert!(ReasonCode::ALL.len() <= 64, "the set of reasons is one word");

/// All of a decision that can change with time. Parameters of reasons depend on the facts only, so comparing
/// two answers needs no parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Answer {
    class: Option<Class>,
    reasons: Reasons,
    window_shown: bool,
    pools_shown: bool,
}

/// Rules and facts of one question.
struct Case<'a> {
    rules: &'a MessagingRules,
    channel: &'a ChannelFacts,
    recipient: &'a RecipientFacts,
    /// Problem of the message, if it has one.
    refused: Option<loa_kernel::Problem>,
    window: Option<Window>,
    /// Last instant at which the last interaction permits consultation messages; `None`: no interaction, or no
    /// border in this edition.
    permission_until: Option<Timestamp>,
}

impl<'a> Case<'a> {
    fn new(
        rules: &'a MessagingRules,
        channel: &'a ChannelFacts,
        recipient: &'a RecipientFacts,
        message: Option<&MessageFacts>,
    ) -> Self {
        let permission_until = match (recipient.interaction_at(), rules.consultation.allowed_until_days) {
            (Some(at), Some(days)) => Some(at.plus_days(i64::from(days))),
            _ => None,
        };
        Self {
            rules,
            channel,
            recipient,
            refused: message.and_then(|m| rules.limits.check(m).err()),
            window: Window::of(rules, recipient),
            permission_until,
        }
    }

    fn answer(&self, now: Timestamp) -> Answer {
        if let Some(code) = self.nothing_goes() {
            let mut reasons = Reasons::default();
            reasons.add(code);
            return Answer { class: None, reasons, window_shown: false, pools_shown: false };
        }
        let mut reasons = Reasons::default();
        let class = self.climb(now, &mut reasons);
        Answer {
            class,
            reasons,
            window_shown: self.window.is_some_and(|w| w.is_open(now)),
            pools_shown: true,
        }
    }

    /// What forbids every class at once.
    fn nothing_goes(&self) -> Option<ReasonCode> {
        if !self.channel.connected {
            Some(ReasonCode::ChannelDisconnected)
        } else if self.recipient.blocked {
            Some(ReasonCode::Blocked)
        } else if self.recipient.follow_removed().is_some() {
            Some(ReasonCode::FollowRemoved)
        } else if self.refused.is_some() {
            Some(ReasonCode::MessageRefused)
        } else {
            None
        }
    }

    /// The classes from the cheapest on. Each rung either answers or notes why it does not.
    fn climb(&self, now: Timestamp, why: &mut Reasons) -> Option<Class> {
        if self.rules.refused(self.recipient).is_some() {
            why.add(ReasonCode::WindowRefused);
            return None;
        }
        if self.reply_rung(now, why) {
            return Some(Class::Reply);
        }
        if self.welcome_rung(why) {
            return Some(Class::Welcome);
        }
        if !self.permitted(now, why) {
            return None;
        }
        self.consultation_rungs(now, why)
    }

    fn reply_rung(&self, now: Timestamp, why: &mut Reasons) -> bool {
        let Some(window) = self.window else {
            why.add(ReasonCode::ReplyWindowNeverOpen);
            return false;
        };
        if !window.is_open(now) {
            why.add(ReasonCode::ReplyWindowOver);
            return false;
        }
        if window.platform {
            why.add(ReasonCode::PlatformNumberUsed);
        }
        why.add(if window.is_empty() { ReasonCode::ReplyCounterEmpty } else { ReasonCode::ReplyWindowOpen });
        !window.is_empty()
    }

    /// A follower who never interacted may be greeted, although the permission border would forbid it.
    fn welcome_rung(&self, why: &mut Reasons) -> bool {
        let Some(welcome) = self.rules.welcome else { return false };
        if self.recipient.interaction_at().is_some() {
            return false;
        }
        match self.recipient.follower {
            Some(true) if self.recipient.welcome_used < welcome.free_count => {
                why.add(ReasonCode::WelcomeLeft);
                true
            }
            Some(true) => {
                why.add(ReasonCode::WelcomeUsedUp);
                false
            }
            Some(false) => false,
            None => {
                why.add(ReasonCode::FollowerUnknown);
                false
            }
        }
    }

    /// May the customer get a consultation message at all? Notes every cause, not only the first.
    fn permitted(&self, now: Timestamp, why: &mut Reasons) -> bool {
        let mut permitted = true;
        if self.rules.consultation.requires_follow {
            match self.recipient.follower {
                Some(true) => {}
                Some(false) => {
                    why.add(ReasonCode::NotFollower);
                    permitted = false;
                }
                None => why.add(ReasonCode::FollowerUnknown),
            }
        }
        if self.rules.consultation.allowed_until_days.is_some() {
            match self.permission_until {
                None => {
                    why.add(ReasonCode::NeverInteracted);
                    permitted = false;
                }
                Some(until) if now > until => {
                    why.add(ReasonCode::InteractionTooOld);
                    permitted = false;
                }
                Some(_) => {}
            }
        }
        permitted
    }

    fn consultation_rungs(&self, now: Timestamp, why: &mut Reasons) -> Option<Class> {
        match self.channel.package {
            None => why.add(ReasonCode::PackageUnknown),
            // No allowance in this package: no new period brings one.
            Some(p) if p.total > 0 && p.until.is_some_and(|until| now >= until) => {
                why.add(ReasonCode::PackagePeriodOver);
                return Some(Class::Package);
            }
            Some(p) if p.left() > 0 => {
                why.add(ReasonCode::PackageLeft);
                return Some(Class::Package);
            }
            Some(_) => why.add(ReasonCode::PackageUsedUp),
        }
        match self.channel.extra_remain {
            Some(0) => why.add(ReasonCode::ExtraUsedUp),
            Some(_) => {
                why.add(ReasonCode::ExtraLeft);
                return Some(Class::Extra);
            }
            None => why.add(ReasonCode::ExtraUnknown),
        }
        match self.channel.billing {
            Billing::NotLinked | Billing::OutOfMoney if self.channel.trial => why.add(ReasonCode::ZcaTrial),
            Billing::NotLinked => {
                why.add(ReasonCode::ZcaNotLinked);
                return None;
            }
            Billing::OutOfMoney => {
                why.add(ReasonCode::ZcaOutOfMoney);
                return None;
            }
            // The platform asks the package first, so this is a consultation message whose payer is not known.
            Billing::Unknown | Billing::Linked if self.channel.package.is_none() => {
                return Some(Class::Package);
            }
            Billing::Unknown => why.add(ReasonCode::ZcaUnknown),
            Billing::Linked => {}
        }
        why.add(ReasonCode::PaidThroughZca);
        Some(Class::Paid)
    }

    /// What the text of a reason needs. Of the facts only, never of the time.
    fn params(&self, code: ReasonCode) -> BTreeMap<String, Value> {
        let mut params = BTreeMap::new();
        let mut put = |name: &str, value: Value| {
            params.insert(name.to_owned(), value);
        };
        let window_until = self.window.map(|w| w.until.as_ms());
        match code {
            ReasonCode::ChannelDisconnected
            | ReasonCode::Blocked
            | ReasonCode::ReplyWindowNeverOpen
            | ReasonCode::FollowerUnknown
            | ReasonCode::NotFollower
            | ReasonCode::NeverInteracted
            | ReasonCode::ExtraUsedUp
            | ReasonCode::ExtraUnknown
            | ReasonCode::ZcaUnknown
            | ReasonCode::ZcaTrial
            | ReasonCode::ZcaNotLinked
            | ReasonCode::ZcaOutOfMoney => {}
            ReasonCode::MessageRefused => {
                if let Some(problem) = &self.refused {
                    put("problem", problem.code.as_str().into());
                    params.extend(problem.params.clone());
                }
            }
            ReasonCode::PlatformNumberUsed => {
                if let Some(told) = self.recipient.platform_reply {
                    put("remain", told.remain.into());
                    put("total", told.total.into());
                    put("as_of", told.as_of.as_ms().into());
                }
            }
            ReasonCode::ReplyWindowOpen => put("until", window_until.into()),
            ReasonCode::ReplyCounterEmpty => {
                put("until", window_until.into());
                put("total", self.window.and_then(|w| w.left().total).into());
                put("reserved", self.recipient.replies_reserved.into());
            }
            ReasonCode::ReplyWindowOver => {
                put("until", window_until.into());
                put("hours", self.rules.reply.window_hours.into());
            }
            ReasonCode::WelcomeLeft | ReasonCode::WelcomeUsedUp => {
                put("used", self.recipient.welcome_used.into());
                put("total", self.rules.welcome.map(|w| w.free_count).into());
            }
            ReasonCode::InteractionTooOld => {
                put("days", self.rules.consultation.allowed_until_days.into());
                put("last_interaction_at", self.recipient.interaction_at().map(Timestamp::as_ms).into());
                put("until", self.permission_until.map(Timestamp::as_ms).into());
            }
            ReasonCode::FollowRemoved => {
                put("removed_at", self.recipient.follow_removed().map(Timestamp::as_ms).into());
            }
            ReasonCode::WindowRefused => {
                put("refused_at", self.recipient.window_refused().map(Timestamp::as_ms).into());
            }
            ReasonCode::PackageLeft | ReasonCode::PackageUsedUp => {
                if let Some(pool) = self.channel.package {
                    put("used", pool.used().into());
                    put("total", pool.total.into());
                    put("reserved", pool.reserved.into());
                    put("as_of", pool.as_of.as_ms().into());
                }
            }
            ReasonCode::PackagePeriodOver => {
                put("until", self.channel.package.and_then(|p| p.until).map(Timestamp::as_ms).into());
            }
            ReasonCode::ExtraLeft => put("remain", self.channel.extra_remain.into()),
            ReasonCode::PackageUnknown | ReasonCode::PaidThroughZca => {
                put("price_vnd", self.rules.paid.price_vnd.into());
            }
        }
        params
    }
}
