//! The calendar against a walk that knows no spans: minute by minute, with the latest wall-clock time seen so far.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use loa_hours::{Calendar, Holiday, Plan, Range};
use loa_kernel::Timestamp;
use proptest::prelude::*;

const MINUTE: i64 = 60_000;

/// Ranges that begin on a date, straight from the plan.
fn begins(plan: &Plan, date: Date) -> &[Range] {
    let same_day = |h: &&Holiday| {
        let of: Date = h.date.parse().unwrap();
        (of.month(), of.day()) == (date.month(), date.day())
    };
    let dated = plan.holidays.iter().find(|h| !h.yearly && h.date == date.to_string());
    match dated.or_else(|| plan.holidays.iter().filter(|h| h.yearly).find(same_day)) {
        Some(holiday) => &holiday.ranges,
        None => &plan.week[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap()],
    }
}

fn open_by_wall_clock(plan: &Plan, reached: DateTime) -> bool {
    let minute = u16::try_from(i32::from(reached.hour()) * 60 + i32::from(reached.minute())).unwrap();
    let today = begins(plan, reached.date()).iter().any(|r| (r.from..r.to).contains(&minute));
    let yesterday = reached.date().yesterday().unwrap();
    today || begins(plan, yesterday).iter().any(|r| (r.from..r.to).contains(&(minute + 1440)))
}

/// Whether each minute of `from..to` is open. Begins to look two days earlier: the clock may have been put back.
fn walk(plan: &Plan, zone: &TimeZone, from: Timestamp, to: Timestamp) -> Vec<bool> {
    let mut open = Vec::new();
    let mut reached = DateTime::MIN;
    let mut at = from.plus_days(-2);
    while at < to {
        let clock = zone.to_datetime(jiff::Timestamp::from_millisecond(at.0).unwrap());
        reached = reached.max(clock);
        if at >= from {
            open.push(open_by_wall_clock(plan, reached));
        }
        at = at.plus_ms(MINUTE);
    }
    open
}

fn check(plan: &Plan, from: Timestamp, minutes: i64) {
    let calendar = Calendar::new(plan).unwrap();
    let zone = TimeZoneDatabase::bundled().get(&plan.zone).unwrap();
    let nth = |n: usize| from.plus_ms(n as i64 * MINUTE);
    let to = from.plus_ms(minutes * MINUTE);
    let open = walk(plan, &zone, from, to);
    for (n, is_open) in open.iter().enumerate() {
        assert_eq!(calendar.is_open(nth(n)), *is_open, "{} in {}", nth(n), plan.zone);
        // Nothing happens within a minute.
        assert_eq!(calendar.is_open(nth(n).plus_ms(MINUTE - 1)), *is_open, "the end of {}", nth(n));
    }
    let count = |n: &[bool]| n.iter().filter(|open| **open).count() as i64 * MINUTE;
    for n in (0..open.len()).step_by(37) {
        let rest = &open[n..];
        assert_eq!(calendar.open_time_between(nth(n), to), count(rest), "from {}", nth(n));
        assert_eq!(calendar.open_time_between(from, nth(n)), count(&open[..n]), "until {}", nth(n));
        let next = rest.iter().position(|open| *open).map(|k| nth(n + k));
        match next {
            Some(next) => assert_eq!(calendar.next_open(nth(n)), Some(next), "after {}", nth(n)),
            None => assert!(calendar.next_open(nth(n)).is_none_or(|at| at >= to)),
        }
        let change = rest.iter().position(|open| *open != rest[0]).map(|k| nth(n + k));
        match change {
            Some(change) => assert_eq!(calendar.changes_at(nth(n)), Some(change), "after {}", nth(n)),
            None => assert!(calendar.changes_at(nth(n)).is_none_or(|at| at >= to)),
        }
        let closed = calendar.closed(nth(n));
        assert_eq!(closed.is_none(), rest[0], "at {}", nth(n));
        if let Some(closed) = closed {
            let since = open[..n].iter().rposition(|open| *open).map(|k| nth(k + 1));
            match since {
                Some(since) => assert_eq!(closed.since, Some(since), "before {}", nth(n)),
                None => assert!(closed.since.is_none_or(|at| at <= from)),
            }
            assert_eq!(closed.until, calendar.next_open(nth(n)));
        }
    }
    assert_eq!(calendar.open_time_between(to, from), 0);
}

/// Zones with the instants at which their clocks were put forward and back: by an hour, by half an hour, over
/// midnight, and never.
const ZONES: &[(&str, &str)] = &[
    ("Asia/Ho_Chi_Minh", "2027-02-05T17:00:00Z"),
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00:00Z"),
    ("America/Havana", "2026-03-08T05:00:00Z"),
    ("Pacific/Apia", "2011-12-30T10:00:00Z"),
];

fn a_range() -> impl Strategy<Value = Range> {
    (0u16..1440, 1u16..=1440).prop_map(|(from, length)| Range { from, to: from + length })
}

/// Ranges of a day that do not meet: those that would are left out.
fn a_day() -> impl Strategy<Value = Vec<Range>> {
    prop::collection::vec(a_range(), 0..4).prop_map(|ranges| {
        let mut kept: Vec<Range> = Vec::new();
        for range in ranges {
            if kept.iter().all(|k| range.to <= k.from || k.to <= range.from) {
                kept.push(range);
            }
        }
        kept
    })
}

prop_compose! {
    fn a_plan()(
        zone in 0..ZONES.len(),
        mut week in prop::collection::vec(a_day(), 7),
        holidays in prop::collection::vec((-2i32..4, any::<bool>(), a_day()), 0..3),
        shift in 0i64..1440,
    ) -> (Plan, Timestamp) {
        let (zone, around) = ZONES[zone];
        let around: jiff::Timestamp = around.parse().unwrap();
        for day in 0..7 {
            let first = week[(day + 1) % 7].iter().map(|r| r.from).min();
            let limit = first.map_or(2880, |from| from + 1440);
            week[day].retain(|r| r.to <= limit);
        }
        if week.iter().all(Vec::is_empty) {
            week[2].push(Range { from: 9 * 60, to: 17 * 60 });
        }
        let day = TimeZoneDatabase::bundled().get(zone).unwrap().to_datetime(around).date();
        let mut plan = Plan { zone: zone.into(), week, holidays: Vec::new() };
        for (offset, yearly, ranges) in holidays {
            let date = day.saturating_add(jiff::Span::new().days(offset));
            let year = if yearly { 2020 } else { date.year() };
            let date = format!("{year:04}-{:02}-{:02}", date.month(), date.day());
            if plan.holidays.iter().all(|h| h.date != date) {
                plan.holidays.push(Holiday { date, yearly, name: "Nghỉ".into(), ranges });
            }
        }
        let from = Timestamp(around.as_millisecond()).plus_days(-1).plus_ms(shift * MINUTE);
        (plan, from)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn agrees_with_the_walk((plan, from) in a_plan()) {
        check(&plan, from, 2 * 1440);
    }

    #[test]
    fn open_time_adds_up((plan, from) in a_plan(), a in 0i64..4_000_000_000, b in 0i64..4_000_000_000) {
        let calendar = Calendar::new(&plan).unwrap();
        let (first, second) = (from.plus_ms(a.min(b)), from.plus_ms(a.max(b)));
        let whole = calendar.open_time_between(from, second);
        prop_assert_eq!(whole, calendar.open_time_between(from, first) + calendar.open_time_between(first, second));
        prop_assert!((0..=second.since(from)).contains(&whole));
    }
}

#[test]
fn a_year_of_usual_hours_agrees_at_the_turn_of_the_year() {
    let mut plan = Plan::usual();
    plan.holidays = loa_hours::vietnam::holidays(2026);
    let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    check(&plan, at("2026-12-31T00:00:00Z"), 3 * 1440);
    check(&plan, at("2027-02-05T00:00:00Z"), 5 * 1440);
}
