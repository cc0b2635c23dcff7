//! What the platform keeps of an OA's people (platform reference §8.2, §9.3): how many fields of the OA's own, what
//! their values may be, and how far its list can be read.

use jiff::civil::{Date, DateTime};
use jiff::fmt::strtime;
use loa_kernel::Timestamp;

use crate::reader::Section;

/// Limits of fields of the OA's own and of their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldLimits {
    /// Most fields of one type; tables have their own number.
    pub per_type: u32,
    /// Most fields of type table.
    pub tables: u32,
    /// Most keys of one table.
    pub table_keys: u32,
    /// Longest text in characters.
    pub text_max: u32,
    /// Most digits after the point of a number.
    pub number_decimals: u32,
    /// First birthday that the platform takes.
    pub born_from: Date,
    /// Ways to write a date or an instant; the first is used when nobody chose.
    pub datetime_formats: Vec<DatetimeFormat>,
}

/// A way to write a date or an instant. Times are Vietnam's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatetimeFormat {
    /// In the platform's notation: `dd/MM/yyyy HH:mm:ss`.
    pub name: String,
    pattern: String,
}

impl DatetimeFormat {
    fn new(name: String) -> Option<Self> {
        let mut pattern = name.clone();
        for (theirs, ours) in
            [("yyyy", "%Y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")]
        {
            pattern = pattern.replace(theirs, ours);
        }
        let whole = ["%Y", "%m", "%d"].into_iter().all(|part| pattern.contains(part));
        let known = strtime::format(&pattern, DateTime::ZERO).is_ok();
        // Whatever letter is left besides the T between day and time was meant to be a part of the date.
        let left = pattern.replace('%', "").chars().filter(|c| c.is_alphabetic() && *c != 'T').count();
        let parts = pattern.matches('%').count();
        (whole && known && left == parts).then_some(Self { name, pattern })
    }

    /// Write it so.
    pub fn write(&self, at: DateTime) -> String {
        strtime::format(&self.pattern, at).unwrap_or_default()
    }

    /// Read it so; without a time it is midnight.
    pub fn read(&self, text: &str) -> Option<DateTime> {
        let parsed = strtime::parse(&self.pattern, text).ok()?;
        let date = parsed.to_date().ok()?;
        Some(if self.pattern.contains("%H") { parsed.to_datetime().ok()? } else { date.at(0, 0, 0, 0) })
    }
}

impl FieldLimits {
    /// The format of this name.
    pub fn datetime_format(&self, name: &str) -> Option<&DatetimeFormat> {
        self.datetime_formats.iter().find(|format| format.name == name)
    }

    /// A date or an instant as the platform takes it: any of the formats, or seconds since 1970. The time is
    /// Vietnam's; a missing one is midnight.
    pub fn read_datetime(&self, text: &str) -> Option<DateTime> {
        let text = text.trim();
        if let Ok(seconds) = text.parse::<i64>() {
            // Outside the calendar's range there is no such day.
            jiff::Timestamp::from_second(seconds).ok()?;
            let at = Timestamp::EPOCH.plus_secs(seconds);
            let date = at.vietnam_date();
            let into_day = at.since(Timestamp::from_vietnam_date(date));
            return date.at(0, 0, 0, 0).checked_add(jiff::Span::new().milliseconds(into_day)).ok();
        }
        self.datetime_formats.iter().find_map(|format| format.read(text))
    }
}

/// Limits of the list of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListLimits {
    /// Largest offset of a page.
    pub offset_max: u32,
    /// Most people of a page.
    pub count_max: u32,
}

impl ListLimits {
    /// How many people of one filter can be reached at most.
    pub const fn reach(&self) -> u64 {
        self.offset_max as u64 + self.count_max as u64 - 1
    }
}

/// Both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleRules {
    /// Fields of the OA's own.
    pub fields: FieldLimits,
    /// The list.
    pub list: ListLimits,
}

/// Read the book. `None` when something is wrong; what, is noted in the section's reader.
pub(crate) fn people(mut root: Section<'_, '_>) -> Option<PeopleRules> {
    root.text("kind");
    let fields = root.section("fields").and_then(fields);
    let list = root.section("list").and_then(list);
    root.finish();
    Some(PeopleRules { fields: fields?, list: list? })
}

fn fields(mut section: Section<'_, '_>) -> Option<FieldLimits> {
    let per_type = section.number("per_type", 1..=10_000);
    let tables = section.number("tables", 0..=10_000);
    let table_keys = section.number("table_keys", 1..=1_000);
    let text_max = section.number("text_max", 1..=1_000_000);
    let number_decimals = section.number("number_decimals", 0..=15);
    let born_from = section.date("born_from").map(Timestamp::vietnam_date);
    let names = section.texts("datetime_formats");
    let mut datetime_formats = Vec::new();
    for name in names.into_iter().flatten() {
        match DatetimeFormat::new(name.clone()) {
            Some(format) => datetime_formats.push(format),
            None => section.fault("datetime_formats", format!("\"{name}\" is not a format")),
        }
    }
    section.finish();
    Some(FieldLimits {
        per_type: per_type?,
        tables: tables?,
        table_keys: table_keys?,
        text_max: text_max?,
        number_decimals: number_decimals?,
        born_from: born_from?,
        datetime_formats: (!datetime_formats.is_empty()).then_some(datetime_formats)?,
    })
}

fn list(mut section: Section<'_, '_>) -> Option<ListLimits> {
    let offset_max = section.number("offset_max", 0..=100_000_000);
    let count_max = section.number("count_max", 1..=10_000);
    section.finish();
    Some(ListLimits { offset_max: offset_max?, count_max: count_max? })
}
