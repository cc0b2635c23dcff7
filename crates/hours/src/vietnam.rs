//! Public holidays of Vietnam as a list to start from. A member edits it: which further days are free, and which are
//! worked instead, the government says anew each year.
//!
//! Fixed dates: Labour Code 45/2019/QH14, article 112. Days by the lunar calendar are entered here year by year from
//! the almanac; only those that every year's plan has had (the first three days of Tết, the 10th of the third lunar
//! month). A year that is not entered is not offered.

use crate::Holiday;

/// Day and month of the same day every year, with its name.
const FIXED: [(&str, &str); 4] = [
    ("01-01", "Tết Dương lịch"),
    ("04-30", "Ngày Chiến thắng"),
    ("05-01", "Ngày Quốc tế lao động"),
    ("09-02", "Quốc khánh"),
];

/// Days by the lunar calendar.
const LUNAR: [(i16, [(&str, &str); 4]); 3] = [
    (2026, lunar("2026-02-17", "2026-02-18", "2026-02-19", "2026-04-26")),
    (2027, lunar("2027-02-06", "2027-02-07", "2027-02-08", "2027-04-16")),
    (2028, lunar("2028-01-26", "2028-01-27", "2028-01-28", "2028-04-04")),
];

const fn lunar(
    first: &'static str,
    second: &'static str,
    third: &'static str,
    kings: &'static str,
) -> [(&'static str, &'static str); 4] {
    [
        (first, "Mùng 1 Tết Nguyên đán"),
        (second, "Mùng 2 Tết Nguyên đán"),
        (third, "Mùng 3 Tết Nguyên đán"),
        (kings, "Giỗ Tổ Hùng Vương"),
    ]
}

/// The fixed days, and the lunar ones of `year` and later as far as they are entered; all closed the whole day.
pub fn holidays(year: i16) -> Vec<Holiday> {
    let whole_day = |date: String, yearly: bool, name: &str| Holiday {
        date,
        yearly,
        name: name.to_owned(),
        ranges: Vec::new(),
    };
    let fixed = FIXED.iter().map(|(date, name)| whole_day(format!("{year:04}-{date}"), true, name));
    let lunar = LUNAR
        .iter()
        .filter(|(of, _)| *of >= year)
        .flat_map(|(_, days)| days)
        .map(|(date, name)| whole_day((*date).to_owned(), false, name));
    let mut list: Vec<Holiday> = fixed.chain(lunar).collect();
    list.sort_by(|a, b| a.date.cmp(&b.date));
    list
}
