//! The next opening in words, for a text that goes to a customer.

use jiff::civil::Weekday;
use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Calendar;

/// What stands in a text for the next opening.
pub const OPENING: &str = "{open}";

/// The language of what goes to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CustomerLanguage))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// The text with the opening in its place, as often as it stands there.
pub fn fill(text: &str, opening: &str) -> String {
    text.replace(OPENING, opening)
}

/// When it opens, as somebody would say it at `now`: "08:00 hôm nay", "08:00 thứ Hai", and with the date when that
/// weekday is a week or more away.
pub fn opening(calendar: &Calendar, opens_at: Timestamp, now: Timestamp, language: Language) -> String {
    let (then, today) = (calendar.wall_clock(opens_at), calendar.wall_clock(now).date());
    let (hour, minute) = (then.hour(), then.minute());
    let days = (then.date() - today).get_days();
    let weekday = weekday(then.weekday(), language);
    let (day, month) = (then.day(), then.month());
    match (language, days) {
        (Language::Vi, 0) => format!("{hour:02}:{minute:02} hôm nay"),
        (Language::Vi, 1..=6) => format!("{hour:02}:{minute:02} {weekday}"),
        (Language::Vi, _) => format!("{hour:02}:{minute:02} {weekday}, {day:02}/{month:02}"),
        (Language::En, 0) => format!("{hour:02}:{minute:02} today"),
        (Language::En, 1..=6) => format!("{hour:02}:{minute:02} on {weekday}"),
        (Language::En, _) => format!("{hour:02}:{minute:02} on {weekday}, {day:02}/{month:02}"),
    }
}

const fn weekday(day: Weekday, language: Language) -> &'static str {
    match (language, day) {
        (Language::Vi, Weekday::Monday) => "thứ Hai",
        (Language::Vi, Weekday::Tuesday) => "thứ Ba",
        (Language::Vi, Weekday::Wednesday) => "thứ Tư",
        (Language::Vi, Weekday::Thursday) => "thứ Năm",
        (Language::Vi, Weekday::Friday) => "thứ Sáu",
        (Language::Vi, Weekday::Saturday) => "thứ Bảy",
        (Language::Vi, Weekday::Sunday) => "Chủ nhật",
        (Language::En, Weekday::Monday) => "Monday",
        (Language::En, Weekday::Tuesday) => "Tuesday",
        (Language::En, Weekday::Wednesday) => "Wednesday",
        (Language::En, Weekday::Thursday) => "Thursday",
        (Language::En, Weekday::Friday) => "Friday",
        (Language::En, Weekday::Saturday) => "Saturday",
        (Language::En, Weekday::Sunday) => "Sunday",
    }
}
