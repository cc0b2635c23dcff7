//! Calendar days as the platform writes them: `dd/MM/yyyy` (platform reference §1.5).

use std::{fmt, str::FromStr};

/// A calendar day without zone. The platform's days are days of Vietnam (UTC+7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// Year, four digits.
    pub year: i16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
}

/// The text is not a day in `dd/MM/yyyy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day in dd/MM/yyyy")]
pub struct NotADay;

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let mut parts = text.trim().split('/');
        let (Some(day), Some(month), Some(year), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotADay);
        };
        let digits = |part: &str, most: usize| -> Result<i16, NotADay> {
            if part.is_empty() || part.len() > most || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(NotADay);
            }
            part.parse().map_err(|_| NotADay)
        };
        let (day, month) = (digits(day, 2)? as u8, digits(month, 2)? as u8);
        let year = digits(year, 4)?;
        if year < 1000 || !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
            return Err(NotADay);
        }
        Ok(Self { year, month, day })
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }
}

fn days_in(year: i16, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        for (text, want) in [
            ("21/10/2025", Some((2025, 10, 21))),
            ("1/2/2024", Some((2024, 2, 1))),
            ("29/02/2024", Some((2024, 2, 29))),
            ("29/02/2025", None),
            ("31/04/2025", None),
            ("00/01/2025", None),
            ("21-10-2025", None),
            ("21/10/2025/1", None),
            ("+1/10/2025", None),
            ("", None),
        ] {
            let got = text.parse::<Day>().ok();
            assert_eq!(got.map(|d| (d.year, d.month, d.day)), want, "{text}");
        }
        assert_eq!(Day { year: 2024, month: 2, day: 1 }.to_string(), "01/02/2024");
    }
}
