//! Days of Vietnam's calendar as spans of instants, and days that come back every year.

use jiff::civil::Date;
use loa_kernel::Timestamp;

/// The instants from `from` on, before `until`; absent: no end on that side. Milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first instant that belongs to it.
    pub from: Option<i64>,
    /// The first instant that does not.
    pub until: Option<i64>,
}

impl Span {
    /// From the start of the first day to the end of the last.
    pub fn days(first: Date, last: Date) -> Self {
        Self { from: Some(start(first)), until: Some(end(last)) }
    }

    /// Everything before this day.
    pub fn before(day: Date) -> Self {
        Self { from: None, until: Some(start(day)) }
    }

    /// Everything after this day.
    pub fn after(day: Date) -> Self {
        Self { from: Some(end(day)), until: None }
    }

    /// Does the instant belong to it?
    pub fn holds(self, at: i64) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

fn start(day: Date) -> i64 {
    Timestamp::from_vietnam_date(day).0
}

fn end(day: Date) -> i64 {
    day.tomorrow().map_or(i64::MAX, start)
}

/// A day of any year: month times 100 and the day of the month; 1125 is 25 November. Kept beside an instant, so that
/// birthdays can be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayMonth(pub i16);

impl DayMonth {
    /// The day of the year on which this instant falls in Vietnam.
    pub fn of(at: Timestamp) -> Self {
        Self::on(at.vietnam_date())
    }

    /// The same of a date.
    pub fn on(day: Date) -> Self {
        Self(i16::from(day.month()) * 100 + i16::from(day.day()))
    }

    /// From `MM-DD`. The 29th of February is one; the 30th is not.
    pub fn parse(text: &str) -> Option<Self> {
        let (month, day) = text.split_once('-')?;
        if month.len() != 2 || day.len() != 2 {
            return None;
        }
        // A leap year, so that its extra day is known.
        Date::new(2024, month.parse().ok()?, day.parse().ok()?).ok().map(Self::on)
    }

    /// Day and month.
    pub const fn parts(self) -> (i16, i16) {
        (self.0 % 100, self.0 / 100)
    }

    /// Does it lie from `first` to `last`, both included, over the end of the year if need be?
    pub fn between(self, first: Self, last: Self) -> bool {
        if first <= last { first <= self && self <= last } else { first <= self || self <= last }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_vietnamese() {
        let day = Date::constant(2026, 11, 25);
        // 25 November begins in Vietnam at 17:00 UTC of the day before.
        let span = Span::days(day, day);
        assert_eq!(span.from, Some(1_795_539_600_000));
        assert_eq!(span.until, Some(1_795_539_600_000 + 86_400_000));
        assert!(span.holds(1_795_539_600_000) && !span.holds(1_795_539_599_999));
        assert!(!span.holds(1_795_539_600_000 + 86_400_000));
        assert!(Span::before(day).holds(1_795_539_599_999) && !Span::before(day).holds(1_795_539_600_000));
        assert!(Span::after(day).holds(1_795_626_000_000) && !Span::after(day).holds(1_795_625_999_999));
        assert_eq!(DayMonth::of(Timestamp(1_795_539_600_000)), DayMonth(1125));
        assert_eq!(DayMonth::of(Timestamp(1_795_539_599_999)), DayMonth(1124));
    }

    #[test]
    fn a_day_of_any_year() {
        assert_eq!(DayMonth::parse("02-29"), Some(DayMonth(229)));
        for wrong in ["02-30", "13-01", "00-10", "2-9", "0209", "", "12-31-"] {
            assert_eq!(DayMonth::parse(wrong), None, "{wrong}");
        }
        let [a, b] = [DayMonth(1220), DayMonth(105)];
        for (day, holds) in
            [(1220, true), (1231, true), (101, true), (105, true), (106, false), (1219, false)]
        {
            assert_eq!(DayMonth(day).between(a, b), holds, "{day}");
        }
        assert!(DayMonth(229).between(DayMonth(229), DayMonth(229)));
    }
}
