//! A tree that was understood.

use std::sync::Arc;

use jiff::civil::Date;
use loa_kernel::Timestamp;

use crate::{DayMonth, Field, Milli, Op, Span};

/// A tree in which every field is known and every value has its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// All of these; with none, everybody.
    All(Vec<Self>),
    /// At least one of these; never empty.
    Any(Vec<Self>),
    /// One test.
    Test(Test),
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The field as the catalogue has it.
    pub field: Arc<Field>,
    /// The operator as it was asked, for saying it.
    pub op: Op,
    /// What it comes to.
    pub ask: Ask,
}

/// What a test comes to. Few forms for many operators, so that memory and SQL have few things to agree on.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// Something is known (`true`) or nothing (`false`).
    Known(bool),
    /// One of its texts compares like this (`true`), or none does (`false`).
    Text(Texts, bool),
    /// A known number from the first to the second, both included; absent: no end on that side.
    Number(Option<Milli>, Option<Milli>),
    /// Not this number, or none known.
    NumberIsNot(Milli),
    /// A known instant, then.
    Time(When),
    /// Known and this.
    Truth(bool),
    /// The one it has is among these (`true`), or is not or is not known (`false`). Ids of options.
    Choice(Vec<String>, bool),
    /// It has at least one of these (`true`), or none of them (`false`).
    Any(Vec<String>, bool),
    /// It has all of these.
    AllOf(Vec<String>),
    /// It has a row with this key whose value, folded, is this.
    Row(String, Shown),
}

/// How texts compare. All are folded (`fold_vi`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Texts {
    /// Is one of these.
    Is(Vec<Shown>),
    /// Has this in it.
    Contains(Shown),
    /// Begins with this.
    StartsWith(Shown),
}

/// A text as it was typed, and as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As typed.
    pub typed: String,
    /// `fold_vi` of it; for a phone number its digits.
    pub folded: String,
}

/// When. Days are Vietnam's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// From the first to the last day, both included.
    Days(Date, Date),
    /// Before this day.
    Before(Date),
    /// After this day.
    After(Date),
    /// Today and the days before it, so many altogether.
    Last(i32),
    /// Today and the days after it, so many altogether.
    Next(i32),
    /// On a day of any year from the first to the last.
    EveryYear(DayMonth, DayMonth),
    /// On a day of any year that comes today or in the days after it, so many altogether.
    EveryYearNext(i32),
}

/// [`When`] at a certain instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// Instants.
    Span(Span),
    /// Days of any year, both included, over the end of the year if need be.
    EveryYear(DayMonth, DayMonth),
}

impl When {
    /// What it means at `now`.
    pub fn at(self, now: Timestamp) -> At {
        let today = now.vietnam_date();
        let day = |by: i32| today.saturating_add(jiff::Span::new().days(by));
        match self {
            Self::Days(first, last) => At::Span(Span::days(first, last)),
            Self::Before(day) => At::Span(Span::before(day)),
            Self::After(day) => At::Span(Span::after(day)),
            Self::Last(days) => At::Span(Span::days(day(1 - days), today)),
            Self::Next(days) => At::Span(Span::days(today, day(days - 1))),
            Self::EveryYear(first, last) => At::EveryYear(first, last),
            // Who was born on 29 February has the birthday on a day that 28 February to 1 March holds.
            Self::EveryYearNext(days) if days > 365 => At::EveryYear(DayMonth(101), DayMonth(1231)),
            Self::EveryYearNext(days) => At::EveryYear(DayMonth::on(today), DayMonth::on(day(days - 1))),
        }
    }
}

impl At {
    /// Does the instant, whose day of the year is `day`, belong to it?
    pub fn holds(self, at: i64, day: DayMonth) -> bool {
        match self {
            Self::Span(span) => span.holds(at),
            Self::EveryYear(first, last) => day.between(first, last),
        }
    }
}
