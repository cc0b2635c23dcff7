//! What a member enters.

use loa_kernel::{Problem, VIETNAM};
use serde::{Deserialize, Serialize};

/// The most ranges of one day.
pub const MAX_RANGES: usize = 8;
/// The most holidays of one plan.
pub const MAX_HOLIDAYS: usize = 200;
/// The longest name of a holiday, in characters.
pub const NAME_MAX: usize = 80;

const DAY: u16 = 24 * 60;

/// Opening hours as they are entered, stored and sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HoursPlan))]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Name in the IANA time zone database.
    pub zone: String,
    /// Ranges of the seven days, Monday first.
    pub week: Vec<Vec<Range>>,
    /// Days on which other ranges hold, or none.
    pub holidays: Vec<Holiday>,
}

/// From one time of the day to another, the end not included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = HoursRange))]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Minutes after midnight, 0 to 1,439.
    pub from: u16,
    /// Minutes after the same midnight, more than `from`; above 1,440 the range ends on the next day. At most 24 hours
    /// after `from`.
    pub to: u16,
}

/// A day on which other ranges hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// The date: `2027-02-06`.
    pub date: String,
    /// Every year on this day and month. A date of one year comes before it.
    pub yearly: bool,
    /// What it is called.
    pub name: String,
    /// The ranges that begin on it; none: closed the whole day.
    pub ranges: Vec<Range>,
}

impl Plan {
    /// Monday to Saturday with a lunch break, in Vietnam, no holidays: what a member starts from.
    pub fn usual() -> Self {
        let day =
            vec![Range { from: 8 * 60, to: 11 * 60 + 30 }, Range { from: 13 * 60 + 30, to: 17 * 60 + 30 }];
        let week = (0..7).map(|weekday| if weekday < 6 { day.clone() } else { Vec::new() }).collect();
        Self { zone: VIETNAM.to_owned(), week, holidays: Vec::new() }
    }
}

impl Range {
    /// Does it end on the day after the one on which it begins?
    pub const fn is_overnight(self) -> bool {
        self.to > DAY
    }
}

/// The ranges of a day in order, or what is wrong at which place below `field`.
pub(crate) fn ranges(field: &str, given: &[Range]) -> Result<Vec<Range>, Problem> {
    if given.len() > MAX_RANGES {
        return Err(Problem::invalid(field, "too_many").param("max", MAX_RANGES));
    }
    let wrong = |i: usize, reason: &str| Err(Problem::invalid(&format!("{field}.{i}"), reason));
    for (i, range) in given.iter().enumerate() {
        if range.from >= DAY || range.to > 2 * DAY {
            return wrong(i, "out_of_day");
        }
        if range.to == range.from {
            return wrong(i, "empty");
        }
        if range.to < range.from {
            return wrong(i, "inverted");
        }
        if range.to - range.from > DAY {
            return wrong(i, "too_long");
        }
    }
    let mut order: Vec<usize> = (0..given.len()).collect();
    order.sort_by_key(|i| given[*i]);
    for pair in order.windows(2) {
        if given[pair[1]].from < given[pair[0]].to {
            return wrong(pair[1], "overlap");
        }
    }
    Ok(order.into_iter().map(|i| given[i]).collect())
}

/// The week in order; also a range past midnight may not meet one of the next day.
pub(crate) fn week(given: &[Vec<Range>]) -> Result<Vec<Vec<Range>>, Problem> {
    if given.len() != 7 {
        return Err(Problem::invalid("week", "seven_days"));
    }
    let mut week = Vec::with_capacity(7);
    for (day, given) in given.iter().enumerate() {
        week.push(ranges(&format!("week.{day}"), given)?);
    }
    if week.iter().all(Vec::is_empty) {
        return Err(Problem::invalid("week", "never_open"));
    }
    for day in 0..7 {
        let next = (day + 1) % 7;
        let (Some(last), Some(first)) = (week[day].last(), week[next].first()) else { continue };
        if last.to > first.from + DAY {
            let i = given[next].iter().position(|range| range == first).unwrap_or_default();
            return Err(Problem::invalid(&format!("week.{next}.{i}"), "overlap"));
        }
    }
    Ok(week)
}
