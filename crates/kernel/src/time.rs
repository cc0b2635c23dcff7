//! Instants, the clock as an argument, and the Vietnamese calendar.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

/// The zone in which every calendar rule of the platform is read: days, months, nights.
/// The platform does not state its zone; UTC+7 without daylight saving is what all sources assume
/// (platform reference §6.8).
pub const VIETNAM: &str = "Asia/Ho_Chi_Minh";

/// An instant: milliseconds since 1970-01-01T00:00:00Z. The same number in both databases, on the wire
/// and in the browser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From whole milliseconds.
    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    /// Whole milliseconds.
    pub const fn as_ms(self) -> i64 {
        self.0
    }

    /// `self + ms`, stopping at the ends of the number range.
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// `self + s` seconds.
    pub const fn plus_secs(self, s: i64) -> Self {
        self.plus_ms(s.saturating_mul(1000))
    }

    /// `self + h` hours.
    pub const fn plus_hours(self, h: i64) -> Self {
        self.plus_secs(h.saturating_mul(3600))
    }

    /// `self + d` days of 24 hours (not calendar days; Vietnam has no daylight saving, so they agree there).
    pub const fn plus_days(self, d: i64) -> Self {
        self.plus_hours(d.saturating_mul(24))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The calendar day in Vietnam that contains this instant.
    pub fn vietnam_date(self) -> Date {
        self.vietnam().date()
    }

    /// Day and time in Vietnam as people there write them: `25/11/2026` and `09:05`.
    pub fn vietnam_text(self) -> (String, String) {
        let at = self.vietnam();
        let day = format!("{:02}/{:02}/{}", at.day(), at.month(), at.year());
        (day, format!("{:02}:{:02}", at.hour(), at.minute()))
    }

    /// First instant of this instant's calendar month in Vietnam.
    pub fn vietnam_month_start(self) -> Self {
        Self::from_vietnam_date(self.vietnam_date().first_of_month())
    }

    /// First instant of the next calendar month in Vietnam.
    pub fn vietnam_next_month_start(self) -> Self {
        let first = self.vietnam_date().last_of_month().tomorrow().unwrap_or(Date::MAX);
        Self::from_vietnam_date(first)
    }

    /// Midnight in Vietnam at the start of `date`.
    pub fn from_vietnam_date(date: Date) -> Self {
        date.to_zoned(vietnam_zone()).map_or(Self(i64::MAX), |z| Self(z.timestamp().as_millisecond()))
    }

    /// Day and time in Vietnam.
    pub fn vietnam_datetime(self) -> DateTime {
        self.vietnam().datetime()
    }

    /// The instant at which Vietnam's clocks show `at`.
    pub fn from_vietnam_datetime(at: DateTime) -> Self {
        at.to_zoned(vietnam_zone()).map_or(Self(i64::MAX), |z| Self(z.timestamp().as_millisecond()))
    }

    /// RFC 3339 in UTC with milliseconds, for logs and messages to operators.
    pub fn to_rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => format!("{t:.3}"),
            Err(_) => format!("{}ms", self.0),
        }
    }

    fn vietnam(self) -> jiff::Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::MAX).to_zoned(vietnam_zone())
    }
}

/// UTC+7 as a fixed offset: Vietnam has had no other since 1975, and a fixed offset needs no zone database
/// on the server.
fn vietnam_zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::fixed(jiff::tz::offset(7))
}

impl std::fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// Where "now" comes from. Everything that needs the time takes a clock; only binaries read the machine's.
pub trait Clock: Send + Sync + 'static {
    /// The present instant. May step backwards when the machine's clock is corrected; nothing may
    /// depend on it being monotonic.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until it is told to move. For tests, simulations and the sandbox.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock standing at `at`.
    pub const fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Move to `at`, forwards or backwards.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Move on by `ms` milliseconds and answer the new instant.
    pub fn advance_ms(&self, ms: i64) -> Timestamp {
        Timestamp(self.0.fetch_add(ms, Ordering::SeqCst) + ms)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(feature = "openapi")]
mod openapi {
    use super::Timestamp;

    impl utoipa::ToSchema for Timestamp {
        fn name() -> std::borrow::Cow<'static, str> {
            "Timestamp".into()
        }
    }

    impl utoipa::PartialSchema for Timestamp {
        fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
            utoipa::openapi::ObjectBuilder::new()
                .schema_type(utoipa::openapi::schema::Type::Integer)
                .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::Int64)))
                .description(Some("Milliseconds since 1970-01-01T00:00:00Z"))
                .into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn month_borders_are_vietnamese() {
        // 2024-10-31T17:00:00Z is 2024-11-01T00:00 in Vietnam.
        let border = Timestamp::from_ms(1_730_394_000_000);
        assert_eq!(border.vietnam_month_start(), border);
        assert_eq!(border.plus_ms(-1).vietnam_next_month_start(), border);
        assert_eq!(border.vietnam_date().to_string(), "2024-11-01");
        assert_eq!(border.plus_ms(-1).vietnam_date().to_string(), "2024-10-31");
    }

    #[test]
    fn instants_read_as_in_vietnam() {
        let border = Timestamp::from_ms(1_730_394_000_000);
        for (at, day, time) in [(border, "01/11/2024", "00:00"), (border.plus_ms(-1), "31/10/2024", "23:59")]
        {
            assert_eq!(at.vietnam_text(), (day.to_owned(), time.to_owned()));
        }
    }

    #[test]
    fn arithmetic_saturates() {
        assert_eq!(Timestamp(i64::MAX).plus_days(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(0).plus_hours(48).since(Timestamp(0)), 172_800_000);
    }
}
