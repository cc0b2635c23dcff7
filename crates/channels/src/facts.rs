//! What the rule book needs to know about an account.

use loa_kernel::Timestamp;
use loa_rulebook::{Billing, ChannelFacts, Pool};
use loa_store::channels::{BillingState, Channel, ChannelStatus, Trial};

/// The key in a channel's settings under which the rest of its bought and given packs is kept.
pub(crate) const EXTRA_REMAIN: &str = "extra_remain";

/// The facts of an account. Pure.
pub fn channel_facts(channel: &Channel) -> ChannelFacts {
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    ChannelFacts {
        connected: channel.status == ChannelStatus::Connected,
        billing: match channel.billing {
            BillingState::Unknown => Billing::Unknown,
            BillingState::Linked => Billing::Linked,
            BillingState::NotLinked => Billing::NotLinked,
            BillingState::OutOfMoney => Billing::OutOfMoney,
        },
        package: channel.quota.as_ref().map(|quota| Pool {
            total: count(quota.total),
            remain: count(quota.remain),
            reserved: count(channel.quota_reserved),
            as_of: quota.as_of,
            // A period whose end is not told ends with the month (features reference §4.1); the next number tells.
            until: quota
                .valid_through
                .as_deref()
                .and_then(end_of_day)
                .or_else(|| Some(quota.as_of.vietnam_next_month_start())),
        }),
        extra_remain: channel.settings.get(EXTRA_REMAIN).and_then(serde_json::Value::as_u64),
        trial: channel.trial == Trial::Open,
    }
}

/// The first instant after a day that the platform writes as `dd/MM/yyyy`, in Vietnam.
pub fn end_of_day(text: &str) -> Option<Timestamp> {
    let day: zalo::date::Day = text.parse().ok()?;
    let date =
        jiff::civil::Date::new(day.year, i8::try_from(day.month).ok()?, i8::try_from(day.day).ok()?).ok()?;
    Some(Timestamp::from_vietnam_date(date.tomorrow().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_ends_after_its_last_day() {
        // 2024-10-31T17:00:00Z is the first instant of 1 November in Vietnam.
        assert_eq!(end_of_day("31/10/2024"), Some(Timestamp(1_730_394_000_000)));
        for bad in ["", "2024-10-31", "31/02/2024", "31/10"] {
            assert_eq!(end_of_day(bad), None, "{bad}");
        }
    }
}
