//! Who pays for a message of the OA. The rule book decides; the sandbox's own bookkeeping are the facts.

use loa_kernel::Timestamp;
use loa_rulebook::{
    Billing, ChannelFacts, Class, Decision, EditionChoice, Library, MessagingRules, Pool, ReasonCode,
    RecipientFacts, decide,
};
use zalo::error::ErrorCode;
use zalo::message::{QuotaBlock, QuotaType, Refusal};

use crate::model::{Contact, Edition, Oa, Payer, State};

/// What a send takes, worked out before anything is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Bill {
    /// Who pays.
    pub payer: Payer,
    /// What the Zalo Cloud Account is charged, đồng.
    pub cost_vnd: i64,
    /// The pack that pays.
    pub asset_id: Option<String>,
}

impl Edition {
    /// The rules of this edition; an unknown name counts as `auto` (the control API refuses unknown names).
    pub fn rules<'a>(&self, library: &'a Library, now: Timestamp) -> &'a MessagingRules {
        let choice: EditionChoice = self.0.parse().unwrap_or(EditionChoice::Auto);
        library.resolve(&choice, now)
    }
}

impl Oa {
    /// Starts new package periods that have begun, with the counter at zero.
    pub fn roll_period(&mut self, now: Timestamp) -> bool {
        let mut rolled = false;
        while self.package.auto_renew && now >= self.package.period_end_at {
            self.package.period_end_at = months_later(self.package.period_end_at, 1);
            self.package.used = 0;
            rolled = true;
        }
        rolled
    }

    /// Packs that still live.
    pub fn live_packs(&self, now: Timestamp) -> impl Iterator<Item = &crate::model::Extra> {
        self.extra.iter().filter(move |e| now < e.valid_until_at)
    }

    fn facts(&self, now: Timestamp) -> ChannelFacts {
        let billing = match &self.zca {
            None => Billing::NotLinked,
            Some(_) => Billing::Linked,
        };
        let lapsed = !self.package.auto_renew && now >= self.package.period_end_at;
        let package = Pool {
            total: self.package.total,
            remain: if lapsed { 0 } else { self.package.remain() },
            reserved: 0,
            as_of: now,
            until: (!lapsed).then_some(self.package.period_end_at),
        };
        let extra = self.live_packs(now).map(|e| e.remain).sum();
        ChannelFacts {
            connected: true,
            billing,
            package: Some(package),
            extra_remain: Some(extra),
            trial: false,
        }
    }
}

impl Contact {
    /// What the platform knows of the user, as facts for the rules.
    pub fn facts(&self) -> RecipientFacts {
        RecipientFacts {
            follower: Some(self.follower),
            blocked: self.blocked,
            last_message_at: self.last_message_at,
            last_interaction_at: self.last_interaction_at,
            replies_used: self.replies_used,
            welcome_used: self.welcome_used,
            ..RecipientFacts::default()
        }
    }
}

/// May the OA send to this user now, and who pays?
///
/// # Errors
/// The platform's refusal: -227, -244, -213, -230, -232, -320, -321.
pub fn bill(
    rules: &MessagingRules,
    oa: &Oa,
    contact: &Contact,
    own_tool: bool,
    now: Timestamp,
) -> Result<Bill, Refusal> {
    if contact.banned {
        return Err(Refusal::of(ErrorCode::USER_INACTIVE));
    }
    let decision = decide(rules, &oa.facts(now), &contact.facts(), None, now);
    match decision.class {
        Some(class) => of_class(class, oa, decision.cost_vnd, now),
        // Zalo's own tool may write when the interface may not any more (platform reference §6.1).
        None if own_tool && window_is_the_cause(&decision) => {
            let class = if oa.package.remain() > 0 {
                Class::Package
            } else if oa.live_packs(now).any(|e| e.remain > 0) {
                Class::Extra
            } else {
                Class::Paid
            };
            of_class(class, oa, rules.paid.price_vnd, now)
        }
        None => Err(refusal(&decision)),
    }
}

fn window_is_the_cause(decision: &Decision) -> bool {
    decision.reasons.last().is_some_and(|r| {
        matches!(
            r.code,
            ReasonCode::InteractionTooOld | ReasonCode::NeverInteracted | ReasonCode::NotFollower
        )
    })
}

fn of_class(class: Class, oa: &Oa, price: i64, now: Timestamp) -> Result<Bill, Refusal> {
    let free = |payer| Bill { payer, cost_vnd: 0, asset_id: None };
    Ok(match class {
        Class::Reply => free(Payer::Reply),
        Class::Welcome => free(Payer::WelcomeMsg),
        Class::Package => free(Payer::SubQuota),
        Class::Extra => {
            // Bonus before bought: one source says so, none contradicts.
            let mut packs: Vec<_> = oa.live_packs(now).filter(|e| e.remain > 0).collect();
            packs.sort_by_key(|e| !e.reward);
            let pack = packs.first().ok_or_else(|| Refusal::of(ErrorCode::SEND_FAILED))?;
            let payer = if pack.reward { Payer::RewardQuota } else { Payer::PurchaseQuota };
            Bill { payer, cost_vnd: 0, asset_id: Some(pack.asset_id.clone()) }
        }
        Class::Paid => match &oa.zca {
            None => return Err(Refusal::of(ErrorCode::ZCA_NOT_LINKED)),
            Some(zca) if zca.balance_vnd < price => return Err(Refusal::of(ErrorCode::ZCA_OUT_OF_MONEY)),
            Some(_) => Bill { payer: Payer::Charged, cost_vnd: price, asset_id: None },
        },
    })
}

/// The error code of a denied decision, by its deciding reason.
fn refusal(decision: &Decision) -> Refusal {
    let code = decision.reasons.last().map(|r| r.code);
    Refusal::of(match code {
        Some(ReasonCode::Blocked) => ErrorCode::USER_RESTRICTED,
        Some(ReasonCode::NotFollower) => ErrorCode::NOT_FOLLOWER,
        Some(ReasonCode::InteractionTooOld) => ErrorCode::WINDOW_CLOSED,
        Some(ReasonCode::NeverInteracted) => ErrorCode::NO_INTERACTION,
        Some(ReasonCode::ZcaNotLinked) => ErrorCode::ZCA_NOT_LINKED,
        Some(ReasonCode::ZcaOutOfMoney) => ErrorCode::ZCA_OUT_OF_MONEY,
        _ => ErrorCode::SEND_FAILED,
    })
}

/// Takes the bill from the pools. Call it once, in the same breath as the message is kept.
pub fn settle(state: &mut State, oa_id: &str, user_id: &str, bill: &Bill) {
    if let Some(contact) = state.contact_mut(oa_id, user_id) {
        match bill.payer {
            Payer::Reply => contact.replies_used += 1,
            Payer::WelcomeMsg => contact.welcome_used += 1,
            _ => {}
        }
    }
    if let Some(oa) = state.oa_mut(oa_id) {
        match bill.payer {
            Payer::SubQuota => oa.package.used += 1,
            Payer::PurchaseQuota | Payer::RewardQuota => {
                if let Some(pack) = oa.extra.iter_mut().find(|e| bill.asset_id.as_ref() == Some(&e.asset_id))
                {
                    pack.remain = pack.remain.saturating_sub(1);
                }
            }
            Payer::Charged => {
                if let Some(zca) = &mut oa.zca {
                    zca.balance_vnd -= bill.cost_vnd;
                }
            }
            Payer::Reply | Payer::WelcomeMsg => {}
        }
    }
}

/// The quota block of the answer, as things stand after the send (platform reference §5). `None`: charged.
pub fn quota_block(
    rules: &MessagingRules,
    oa: &Oa,
    contact: &Contact,
    app_id: &str,
    bill: &Bill,
    now: Timestamp,
) -> Option<QuotaBlock> {
    match bill.payer {
        Payer::Reply => {
            let left = rules.reply_left(&contact.facts(), now);
            Some(match rules.reply_in_answer(left.as_ref(), now) {
                Some((remain, total)) => QuotaBlock::counted(QuotaType::Reply, remain.into(), total.into()),
                None => QuotaBlock::bare(QuotaType::Reply),
            })
        }
        Payer::WelcomeMsg => {
            let total = rules.welcome.map_or(0, |w| w.free_count);
            let remain = total.saturating_sub(contact.welcome_used);
            Some(QuotaBlock::counted(QuotaType::Welcome, remain.into(), total.into()))
        }
        Payer::SubQuota => {
            let counted =
                QuotaBlock::counted(QuotaType::Sub, number(oa.package.remain()), number(oa.package.total));
            Some(QuotaBlock { expired_date: Some(last_day(oa.package.period_end_at)), ..counted })
        }
        Payer::PurchaseQuota | Payer::RewardQuota => {
            let by_app =
                oa.extra.iter().any(|e| bill.asset_id.as_ref() == Some(&e.asset_id) && e.owned_by_app);
            let kind = if bill.payer == Payer::RewardQuota { QuotaType::Reward } else { QuotaType::Purchase };
            Some(QuotaBlock {
                owner_type: Some(if by_app { "App" } else { "OA" }.to_owned()),
                owner_id: Some(if by_app { app_id } else { &oa.id }.to_owned()),
                ..QuotaBlock::bare(kind)
            })
        }
        Payer::Charged => None,
    }
}

/// A counter on the wire.
pub fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The last day that belongs to a period ending at `end`, `dd/MM/yyyy` in Vietnam.
pub fn last_day(end: Timestamp) -> String {
    day(end.plus_ms(-1))
}

/// The day of an instant, `dd/MM/yyyy` in Vietnam.
pub fn day(at: Timestamp) -> String {
    let d = at.vietnam_date();
    format!("{:02}/{:02}/{:04}", d.day(), d.month(), d.year())
}

/// The same day and time `n` calendar months later in Vietnam (the last day when the month is shorter).
pub fn months_later(at: Timestamp, n: i32) -> Timestamp {
    let date = at.vietnam_date();
    let midnight = Timestamp::from_vietnam_date(date);
    let span = jiff::Span::new().months(n);
    let later = date.checked_add(span).unwrap_or(jiff::civil::Date::MAX);
    Timestamp::from_vietnam_date(later).plus_ms(at.since(midnight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_calendar_months_of_vietnam() {
        let jan31 = Timestamp::from_vietnam_date(jiff::civil::date(2025, 1, 31)).plus_hours(5);
        assert_eq!(day(months_later(jan31, 1)), "28/02/2025");
        assert_eq!(day(months_later(jan31, 3)), "30/04/2025");
        assert_eq!(last_day(Timestamp::from_vietnam_date(jiff::civil::date(2025, 5, 1))), "30/04/2025");
    }
}
