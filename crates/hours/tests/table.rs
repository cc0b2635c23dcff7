//! Rows of instants and answers.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_hours::{Calendar, Holiday, Language, MAX_HOLIDAYS, MAX_RANGES, Plan, Range, fill, opening, vietnam};
use loa_kernel::{Code, Timestamp};

fn at(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn day(date: &str, ranges: &[(u16, u16)]) -> Holiday {
    Holiday { date: date.into(), yearly: false, name: "Nghỉ".into(), ranges: list(ranges) }
}

fn list(ranges: &[(u16, u16)]) -> Vec<Range> {
    ranges.iter().map(|(from, to)| Range { from: *from, to: *to }).collect()
}

/// Monday 2027-02-01. Usual hours, Tết closed, mùng 3 open for an hour, a bar on Saturdays until two.
fn plan() -> Plan {
    let mut plan = Plan::usual();
    plan.week[5] = list(&[(20 * 60, 26 * 60)]);
    plan.holidays = vec![day("2027-02-06", &[]), day("2027-02-08", &[(9 * 60, 10 * 60)])];
    plan
}

#[test]
fn open_and_next() {
    let calendar = Calendar::new(&plan()).unwrap();
    for (now, open, next) in [
        ("2027-02-01T07:59:59.999+07", false, "2027-02-01T08:00+07"),
        ("2027-02-01T08:00+07", true, "2027-02-01T08:00+07"),
        // The lunch break.
        ("2027-02-01T11:29:59.999+07", true, "2027-02-01T11:29:59.999+07"),
        ("2027-02-01T11:30+07", false, "2027-02-01T13:30+07"),
        ("2027-02-01T17:30+07", false, "2027-02-02T08:00+07"),
        // Past midnight: Saturday's range lasts into Sunday.
        ("2027-01-31T01:59+07", true, "2027-01-31T01:59+07"),
        ("2027-01-31T02:00+07", false, "2027-02-01T08:00+07"),
        // Friday evening before Tết: Saturday is a holiday, Sunday is no working day, Monday opens for an hour.
        ("2027-02-05T18:00+07", false, "2027-02-08T09:00+07"),
        // The range of Saturday would have lasted into Sunday; the holiday took it.
        ("2027-02-07T01:00+07", false, "2027-02-08T09:00+07"),
        ("2027-02-08T10:00+07", false, "2027-02-09T08:00+07"),
    ] {
        let now = now.replace("+07", "+07:00");
        let next = at(&next.replace("+07", "+07:00"));
        assert_eq!(calendar.is_open(at(&now)), open, "{now}");
        assert_eq!(calendar.next_open(at(&now)), Some(next), "{now}");
        assert_eq!(calendar.closed(at(&now)).is_none(), open, "{now}");
    }
    let closed = calendar.closed(at("2027-02-07T01:00:00+07:00")).unwrap();
    assert_eq!(closed.since, Some(at("2027-02-05T17:30:00+07:00")));
}

#[test]
fn an_evening_before_a_holiday_lasts_into_it() {
    let mut plan = plan();
    plan.holidays = vec![day("2027-01-31", &[])];
    let calendar = Calendar::new(&plan).unwrap();
    assert!(calendar.is_open(at("2027-01-31T01:00:00+07:00")));
}

#[test]
fn a_date_of_one_year_comes_before_the_yearly_one() {
    let mut plan = Plan::usual();
    let yearly = Holiday { yearly: true, ..day("2020-09-02", &[]) };
    plan.holidays = vec![yearly, day("2026-09-02", &[(8 * 60, 9 * 60)])];
    let calendar = Calendar::new(&plan).unwrap();
    for (now, open) in [("2026-09-02T08:30:00+07:00", true), ("2027-09-02T08:30:00+07:00", false)] {
        assert_eq!(calendar.is_open(at(now)), open, "{now}");
    }
}

#[test]
fn what_is_never_open_has_no_opening_and_what_is_always_open_never_changes() {
    let always = Plan { week: vec![list(&[(0, 1440)]); 7], ..Plan::usual() };
    let calendar = Calendar::new(&always).unwrap();
    let now = at("2027-02-01T08:00:00+07:00");
    assert_eq!((calendar.is_open(now), calendar.changes_at(now), calendar.closed(now)), (true, None, None));
    assert_eq!(calendar.open_time_between(now, now.plus_days(30)), 30 * 86_400_000);
    // One day a week, and that day of every year is a holiday for longer than anybody looks.
    let mut rarely = Plan { week: vec![Vec::new(); 7], ..Plan::usual() };
    rarely.week[0] = list(&[(480, 540)]);
    let mut monday: jiff::civil::Date = "2027-02-01".parse().unwrap();
    for _ in 0..120 {
        rarely.holidays.push(day(&monday.to_string(), &[]));
        monday = monday.saturating_add(jiff::Span::new().days(7));
    }
    let calendar = Calendar::new(&rarely).unwrap();
    assert_eq!((calendar.next_open(now), calendar.changes_at(now)), (None, None));
    assert_eq!(calendar.closed(now).unwrap().until, None);
    assert_eq!(calendar.open_time_between(now, now.plus_days(700)), 0);
}

#[test]
fn wrong_plans_are_refused_at_their_field() {
    type Change = fn(&mut Plan);
    let wrong: &[(Change, &str, &str)] = &[
        (|p| p.zone = "Asia/Sai_Gon_Cu".into(), "zone", "unknown"),
        (|p| p.week.truncate(6), "week", "seven_days"),
        (|p| p.week = vec![Vec::new(); 7], "week", "never_open"),
        (|p| p.week[0] = list(&[(480, 480)]), "week.0.0", "empty"),
        (|p| p.week[3] = list(&[(480, 600), (700, 690)]), "week.3.1", "inverted"),
        (|p| p.week[3] = list(&[(480, 600), (599, 700)]), "week.3.1", "overlap"),
        (|p| p.week[3] = list(&[(480, 600), (0, 481)]), "week.3.0", "overlap"),
        (|p| p.week[3] = list(&[(1440, 1500)]), "week.3.0", "out_of_day"),
        (|p| p.week[3] = list(&[(1, 2881)]), "week.3.0", "out_of_day"),
        (|p| p.week[3] = list(&[(100, 1541)]), "week.3.0", "too_long"),
        // Past midnight into the next day's first range, over the end of the week too.
        (|p| p.week[6] = list(&[(1200, 1440 + 481)]), "week.0.0", "overlap"),
        (|p| p.week[0] = vec![Range { from: 0, to: 1 }; MAX_RANGES + 1], "week.0", "too_many"),
        (|p| p.holidays[1].date = "2027-02-30".into(), "holidays.1.date", "format"),
        (|p| p.holidays[1].date = "06/02/2027".into(), "holidays.1.date", "format"),
        (|p| p.holidays[1].date = "2027-02-06".into(), "holidays.1.date", "duplicate"),
        (|p| p.holidays[0].name = " ".into(), "holidays.0.name", "length"),
        (|p| p.holidays[0].ranges = list(&[(5, 5)]), "holidays.0.ranges.0", "empty"),
        (|p| p.holidays = vec![p.holidays[0].clone(); MAX_HOLIDAYS + 1], "holidays", "too_many"),
    ];
    for (change, field, reason) in wrong {
        let mut plan = plan();
        change(&mut plan);
        let problem = Calendar::new(&plan).expect_err(field);
        assert_eq!(problem.code, Code::InvalidField);
        assert_eq!(
            (&problem.params["field"], &problem.params["reason"]),
            (&(*field).into(), &(*reason).into())
        );
    }
    let touching = Plan { week: vec![list(&[(480, 600), (600, 1440)]); 7], ..Plan::usual() };
    assert!(Calendar::new(&touching).is_ok());
}

#[test]
fn openings_in_words() {
    let calendar = Calendar::new(&plan()).unwrap();
    for (opens, now, vi, en) in [
        ("2027-02-01T08:00+07", "2027-02-01T01:00+07", "08:00 hôm nay", "08:00 today"),
        ("2027-02-02T08:00+07", "2027-02-01T20:00+07", "08:00 thứ Ba", "08:00 on Tuesday"),
        ("2027-02-07T09:05+07", "2027-02-01T20:00+07", "09:05 Chủ nhật", "09:05 on Sunday"),
        ("2027-02-08T09:00+07", "2027-02-01T20:00+07", "09:00 thứ Hai, 08/02", "09:00 on Monday, 08/02"),
    ] {
        let [opens, now] = [opens, now].map(|text| at(&text.replace("+07", ":00+07:00")));
        assert_eq!(opening(&calendar, opens, now, Language::Vi), vi);
        assert_eq!(opening(&calendar, opens, now, Language::En), en);
    }
    assert_eq!(fill("Mở lúc {open}. {open}!", "08:00"), "Mở lúc 08:00. 08:00!");
}

#[test]
fn the_list_to_start_from_is_a_plan() {
    for year in 2024..2040 {
        let plan = Plan { holidays: vietnam::holidays(year), ..Plan::usual() };
        assert!(Calendar::new(&plan).is_ok(), "{year}");
    }
    let of = |year: i16| -> Vec<String> {
        vietnam::holidays(year).into_iter().filter(|h| !h.yearly).map(|h| h.date).collect()
    };
    assert_eq!(of(2028), ["2028-01-26", "2028-01-27", "2028-01-28", "2028-04-04"]);
    assert!(of(2029).is_empty(), "a year that is not entered is not offered");
}
