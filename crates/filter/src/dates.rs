//! The six forms in which the platform writes an instant (platform reference §9.3).

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $pattern:literal);* $(;)?) => {
        /// How an instant is shown. A form without a time shows the day; typed without a time it is midnight. All are
        /// Vietnam's time.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        pub enum DateFormat { $($(#[$doc])* #[serde(rename = $text)] $variant),* }

        impl DateFormat {
            /// Every form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As the platform names it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            const fn pattern(self) -> &'static str {
                match self { $(Self::$variant => $pattern),* }
            }
        }
    };
}

formats! {
    /// 25/11/2026.
    #[default]
    Day = "dd/MM/yyyy", "%d/%m/%Y";
    /// 25/11/2026 09:05:00.
    DayTime = "dd/MM/yyyy HH:mm:ss", "%d/%m/%Y %H:%M:%S";
    /// 25-11-2026.
    DashedDay = "dd-MM-yyyy", "%d-%m-%Y";
    /// 25-11-2026 09:05:00.
    DashedDayTime = "dd-MM-yyyy HH:mm:ss", "%d-%m-%Y %H:%M:%S";
    /// 2026-11-25.
    IsoDay = "yyyy-MM-dd", "%Y-%m-%d";
    /// 2026-11-25T09:05:00.
    IsoDayTime = "yyyy-MM-ddTHH:mm:ss", "%Y-%m-%dT%H:%M:%S";
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for DateFormat {}

// By hand, because the derive does not see words that a macro passes on.
#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for DateFormat {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        let words = Self::ALL.iter().map(|format| format.as_str());
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
    }
}

/// What people type besides: a time without seconds.
const TYPED: &[&str] = &["%d/%m/%Y %H:%M", "%Y-%m-%dT%H:%M"];

/// Years that are taken for meant.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

impl DateFormat {
    /// From the platform's name of it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.as_str() == name)
    }

    /// Does it show a time of day?
    pub const fn has_time(self) -> bool {
        matches!(self, Self::DayTime | Self::DashedDayTime | Self::IsoDayTime)
    }

    /// An instant in this form.
    pub fn show(self, at: Timestamp) -> String {
        strtime::format(self.pattern(), at.vietnam_datetime()).unwrap_or_default()
    }

    /// An instant in any of the forms. `None`: no such day, or nothing that is understood.
    pub fn read(text: &str) -> Option<Timestamp> {
        let patterns = Self::ALL.iter().map(|format| format.pattern()).chain(TYPED.iter().copied());
        let read = |pattern: &str| {
            let parsed = strtime::parse(pattern, text).ok()?;
            parsed
                .to_datetime()
                .ok()
                .or_else(|| Some(parsed.to_date().ok()?.to_datetime(jiff::civil::Time::midnight())))
        };
        let meant: DateTime = patterns.into_iter().find_map(read)?;
        YEARS.contains(&meant.year()).then(|| Timestamp::from_vietnam_datetime(meant))
    }

    /// Is it an instant that is taken for meant?
    pub(crate) fn holds(at: Timestamp) -> bool {
        YEARS.contains(&at.vietnam_datetime().year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_as_it_is_shown() {
        // 25/11/2026 09:05:07 in Vietnam.
        let at = Timestamp(1_795_572_307_000);
        let midnight = Timestamp(1_795_539_600_000);
        for (format, shown) in [
            (DateFormat::Day, "25/11/2026"),
            (DateFormat::DayTime, "25/11/2026 09:05:07"),
            (DateFormat::DashedDay, "25-11-2026"),
            (DateFormat::DashedDayTime, "25-11-2026 09:05:07"),
            (DateFormat::IsoDay, "2026-11-25"),
            (DateFormat::IsoDayTime, "2026-11-25T09:05:07"),
        ] {
            assert_eq!(format.show(at), shown);
            assert_eq!(
                DateFormat::read(shown),
                Some(if format.has_time() { at } else { midnight }),
                "{shown}"
            );
            assert_eq!(DateFormat::named(format.as_str()), Some(format));
        }
        assert_eq!(DateFormat::read("1/2/1990"), DateFormat::read("01/02/1990"));
        assert_eq!(DateFormat::read("25/11/2026 09:05"), Some(Timestamp(1_795_572_300_000)));
        for wrong in [
            "31/02/2026",
            "25/13/2026",
            "11/25/2026",
            "25/11/26",
            "25/11/0026",
            "25.11.2026",
            "hôm nay",
            "25/11/2026 25:00:00",
        ] {
            assert_eq!(DateFormat::read(wrong), None, "{wrong}");
        }
    }
}
