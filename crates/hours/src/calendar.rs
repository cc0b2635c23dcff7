//! A plan that was checked, and what can be asked of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use loa_kernel::{Problem, Timestamp};

use crate::plan::{self, MAX_HOLIDAYS, NAME_MAX, Plan, Range};

/// How far ahead and back an opening is looked for, in days. Beyond it there is none.
const HORIZON_DAYS: i32 = 800;

/// A time during which the shop is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed {
    /// Since when; `None`: longer than anybody looks back.
    pub since: Option<Timestamp>,
    /// First instant at which it is open again; `None`: not within two years.
    pub until: Option<Timestamp>,
}

/// Opening hours that were checked. Make it once, ask it often.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    /// Monday first, each in order.
    week: Vec<Vec<Range>>,
    dated: BTreeMap<Date, Vec<Range>>,
    yearly: BTreeMap<(i8, i8), Vec<Range>>,
}

impl Calendar {
    /// Check a plan. Refusals are `invalid_field` with the place: `zone`, `week.0.1` (the second range of Monday),
    /// `holidays.3.date`, `holidays.3.name`, `holidays.3.ranges.0`.
    pub fn new(plan: &Plan) -> Result<Self, Problem> {
        let zone =
            TimeZoneDatabase::bundled().get(&plan.zone).map_err(|_| Problem::invalid("zone", "unknown"))?;
        let week = plan::week(&plan.week)?;
        if plan.holidays.len() > MAX_HOLIDAYS {
            return Err(Problem::invalid("holidays", "too_many").param("max", MAX_HOLIDAYS));
        }
        let (mut dated, mut yearly) = (BTreeMap::new(), BTreeMap::new());
        for (i, holiday) in plan.holidays.iter().enumerate() {
            let at = |field: &str| format!("holidays.{i}.{field}");
            let date: Date = holiday.date.parse().map_err(|_| Problem::invalid(&at("date"), "format"))?;
            let name = holiday.name.trim();
            if name.is_empty() || name.chars().count() > NAME_MAX {
                return Err(Problem::invalid(&at("name"), "length").param("max", NAME_MAX));
            }
            let ranges = plan::ranges(&at("ranges"), &holiday.ranges)?;
            let is_first = if holiday.yearly {
                put_once(&mut yearly, (date.month(), date.day()), ranges)
            } else {
                put_once(&mut dated, date, ranges)
            };
            if !is_first {
                return Err(Problem::invalid(&at("date"), "duplicate"));
            }
        }
        Ok(Self { zone, week, dated, yearly })
    }

    /// Is the shop open?
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.span_at(at).is_some_and(|(start, _)| start <= at)
    }

    /// First instant from `at` on at which the shop is open: `at` itself when it is. `None`: not within two years.
    pub fn next_open(&self, at: Timestamp) -> Option<Timestamp> {
        self.span_at(at).map(|(start, _)| start.max(at))
    }

    /// First later instant at which [`Calendar::is_open`] answers otherwise. `None`: not within two years.
    pub fn changes_at(&self, at: Timestamp) -> Option<Timestamp> {
        let (start, end) = self.span_at(at)?;
        if start > at {
            return Some(start);
        }
        let horizon = self.start_of(days_after(self.date(at), HORIZON_DAYS));
        Some(end).filter(|end| *end < horizon)
    }

    /// The time of closure in which `at` lies; `None`: the shop is open.
    pub fn closed(&self, at: Timestamp) -> Option<Closed> {
        match self.span_at(at) {
            Some((start, _)) if start <= at => None,
            next => Some(Closed { since: self.last_end(at), until: next.map(|(start, _)| start) }),
        }
    }

    /// Milliseconds of open time in `from..to`; 0 when `to` is not later.
    pub fn open_time_between(&self, from: Timestamp, to: Timestamp) -> i64 {
        if to <= from {
            return 0;
        }
        let last = days_after(self.date(to), 1);
        self.spans(days_after(self.date(from), -2), last)
            .take_while(|(start, _)| *start < to)
            .map(|(start, end)| end.min(to).since(start.max(from)).max(0))
            .sum()
    }

    /// The time on the zone's clock.
    pub fn wall_clock(&self, at: Timestamp) -> DateTime {
        let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        self.zone.to_datetime(at)
    }

    /// The open span that holds `at`, or else the next one.
    fn span_at(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let today = self.date(at);
        // The longest range is a day, so what is open now began yesterday or today.
        self.spans(days_after(today, -2), days_after(today, HORIZON_DAYS)).find(|(_, end)| *end > at)
    }

    /// The end of the last open span before `at`, at which it is closed.
    fn last_end(&self, at: Timestamp) -> Option<Timestamp> {
        let today = self.date(at);
        let last_of = |date: Date| self.starting_on(date).map(|(_, end)| end).filter(|end| *end <= at).max();
        for back in 0..HORIZON_DAYS {
            let date = days_after(today, -back);
            if let Some(end) = last_of(date) {
                // A range of the day before may have ended later.
                return Some(last_of(days_after(date, -1)).map_or(end, |other| other.max(end)));
            }
        }
        None
    }

    /// Spans of the dates from `first` to `last`, in order; those that touch are one.
    fn spans(&self, first: Date, last: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let dates =
            std::iter::successors(Some(first), |date| date.tomorrow().ok()).take_while(move |d| *d <= last);
        let mut single = dates.flat_map(|date| self.starting_on(date)).peekable();
        std::iter::from_fn(move || {
            let (start, mut end) = single.next()?;
            while let Some((_, next)) = single.next_if(|(start, _)| *start <= end) {
                end = end.max(next);
            }
            Some((start, end))
        })
    }

    /// Spans of the ranges that begin on `date`, in order.
    fn starting_on(&self, date: Date) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default();
        let ranges = self
            .dated
            .get(&date)
            .or_else(|| self.yearly.get(&(date.month(), date.day())))
            .unwrap_or(&self.week[weekday]);
        ranges
            .iter()
            .map(move |range| (self.reached(date, range.from), self.reached(date, range.to)))
            .filter(|(start, end)| start < end)
    }

    fn start_of(&self, date: Date) -> Timestamp {
        self.reached(date, 0)
    }

    /// First instant at which the zone's clock stands at `minutes` after the midnight of `date`, or beyond.
    fn reached(&self, date: Date, minutes: u16) -> Timestamp {
        let (days, minutes) = (minutes / 1440, minutes % 1440);
        let date = days_after(date, i32::from(days));
        let hour = i8::try_from(minutes / 60).unwrap_or_default();
        let minute = i8::try_from(minutes % 60).unwrap_or_default();
        let wall = date.at(hour, minute, 0, 0);
        let instant = match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(wall),
            AmbiguousOffset::Fold { before, .. } => before.to_timestamp(wall),
            // The clock jumps over it: the jump is the first instant beyond.
            AmbiguousOffset::Gap { after, .. } => after
                .to_timestamp(wall)
                .map(|earlier| self.zone.following(earlier).next().map_or(earlier, |jump| jump.timestamp())),
        };
        instant.map_or(Timestamp(i64::MAX), |at| Timestamp(at.as_millisecond()))
    }

    fn date(&self, at: Timestamp) -> Date {
        self.wall_clock(at).date()
    }
}

/// False when the key is there already.
fn put_once<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: V) -> bool {
    match map.entry(key) {
        Entry::Vacant(free) => {
            free.insert(value);
            true
        }
        Entry::Occupied(_) => false,
    }
}

fn days_after(date: Date, days: i32) -> Date {
    let span = jiff::Span::new().days(days);
    date.saturating_add(span)
}
