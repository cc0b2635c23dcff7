//! What the platform keeps of an OA's people (platform reference §8.2, §9.3): how many fields of the OA's own, what
//! their values may be, and how far its list can be read.

use jiff::civil::Date;
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
    /// Ways to write a date or an instant, as strftime patterns; the first is written when nobody chose.
    pub datetime_formats: Vec<String>,
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
    let datetime_formats = section.texts("datetime_formats");
    for format in datetime_formats.iter().flatten() {
        if jiff::fmt::strtime::format(format, jiff::civil::DateTime::ZERO).is_err() {
            section.fault("datetime_formats", format!("\"{format}\" is not a pattern"));
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
        datetime_formats: datetime_formats?,
    })
}

fn list(mut section: Section<'_, '_>) -> Option<ListLimits> {
    let offset_max = section.number("offset_max", 0..=100_000_000);
    let count_max = section.number("count_max", 1..=10_000);
    section.finish();
    Some(ListLimits { offset_max: offset_max?, count_max: count_max? })
}
