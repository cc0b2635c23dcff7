//! What used an account's quota, by day, for people to see.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use loa_kernel::{Action, Actor, ChannelId, MemberId, Object, Problem, Timestamp, VIETNAM};
use loa_store::quota::{self, Entry, Level, OUTSIDE};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Channels;

/// Without a first day, the last so many.
const USUAL_DAYS: i64 = 30;
/// Most days in one answer: a year.
const MOST_DAYS: i64 = 366;

/// What used the quota, day by day. Days on which nothing happened are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaHistory {
    /// First day, `2026-01-15`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// The zone whose days these are.
    pub time_zone: String,
    /// Oldest first.
    pub days: Vec<QuotaDay>,
}

/// One day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaDay {
    /// `2026-01-15`.
    pub day: String,
    /// Messages sent through Loa, by class and by who sent them.
    pub entries: Vec<QuotaEntry>,
    /// Messages that came off the package without Loa: written in the platform's own tool, or by another application.
    /// Noted on the day on which the platform's number showed them.
    pub outside: i64,
    /// The last number that the platform told on this day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub level: Option<QuotaLevel>,
}

/// Messages of one class by one sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaEntry {
    /// `reply`, `welcome`, `package`, `extra` or `paid`.
    pub class: String,
    /// Who sent; absent: nobody, the system did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub member_id: Option<MemberId>,
    /// How many.
    pub messages: i64,
    /// What they cost, in whole đồng.
    pub cost_vnd: i64,
}

/// The platform's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QuotaLevel {
    /// Used in its period.
    pub used: i64,
    /// Of how many.
    pub total: i64,
    /// When it was told.
    pub as_of: Timestamp,
}

impl Channels {
    /// What used the quota from `from` to `to` (days in Vietnam, `2026-01-15`, both included). Without `to` until
    /// today, without `from` the last 30 days. `invalid_field` for what is no day, days in the wrong order, or more
    /// than a year.
    pub async fn quota_history(
        &self,
        actor: &Actor,
        id: ChannelId,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<QuotaHistory, Problem> {
        actor.require(Object::Channel, Action::View)?;
        self.visible(actor, id).await?;
        let day = |field: &str, text: &str| text.parse::<Date>().map_err(|_| Problem::invalid(field, "day"));
        let to = match to {
            Some(text) => day("to", text)?,
            None => self.now().vietnam_date(),
        };
        let from = match from {
            Some(text) => day("from", text)?,
            None => to.saturating_sub((USUAL_DAYS - 1).days()),
        };
        if from > to {
            return Err(Problem::invalid("from", "after_to"));
        }
        if from.saturating_add(MOST_DAYS.days()) <= to {
            return Err(Problem::invalid("from", "too_many_days").param("max", MOST_DAYS));
        }
        let (from, to) = (from.to_string(), to.to_string());
        let db = self.store.reader();
        let (entries, levels) = quota::history(db, actor.workspace, id, &from, &to).await?;
        Ok(QuotaHistory { from, to, time_zone: VIETNAM.to_owned(), days: by_day(entries, levels) })
    }
}

fn by_day(entries: Vec<Entry>, levels: Vec<Level>) -> Vec<QuotaDay> {
    let mut days: BTreeMap<String, QuotaDay> = BTreeMap::new();
    for Entry { day, class, member, messages, cost_vnd } in entries {
        let one = the_day(&mut days, day);
        if class == OUTSIDE {
            one.outside += messages;
        } else {
            one.entries.push(QuotaEntry { class, member_id: member, messages, cost_vnd });
        }
    }
    for Level { day, used, total, as_of } in levels {
        the_day(&mut days, day).level = Some(QuotaLevel { used, total, as_of });
    }
    days.into_values().collect()
}

fn the_day(days: &mut BTreeMap<String, QuotaDay>, day: String) -> &mut QuotaDay {
    days.entry(day.clone()).or_insert_with(|| QuotaDay { day, ..QuotaDay::default() })
}
