//! Numbers and days of a workbook as a person sees them (see the head of the crate for what is followed and what not).

use calamine::ExcelDateTime;
use jiff::civil::DateTime;

/// What is followed of a number format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The number with all its digits.
    Plain,
    /// Whole numbers by a pattern of `0`, `#` and signs between them: phone numbers and codes.
    Digits(Vec<Sign>),
    /// A share, times 100.
    Percent,
}

/// One place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// A digit, 0 where there is none.
    Zero,
    /// A digit, nothing where there is none.
    Digit,
    /// As it stands.
    Literal(char),
}

impl Shown {
    /// By the code of a format, its part for positive numbers.
    pub(crate) fn of(code: &str) -> Self {
        let Some(signs) = signs(code) else { return Self::Plain };
        let percents = signs.iter().filter(|sign| **sign == Sign::Literal('%')).count();
        let digits = |sign: &&Sign| matches!(sign, Sign::Zero | Sign::Digit);
        if percents == 1
            && signs.iter().all(|sign| digits(&sign) || matches!(sign, Sign::Literal('%' | '.' | ',' | ' ')))
        {
            return Self::Percent;
        }
        let has_marks = signs.iter().any(|sign| matches!(sign, Sign::Literal('.' | ',' | '%')));
        let zeros = signs.iter().filter(|sign| **sign == Sign::Zero).count();
        if has_marks || zeros < 2 { Self::Plain } else { Self::Digits(signs) }
    }
}

/// The places of a pattern; `None` when there is more to it than digits and signs (colours, letters, exponents).
fn signs(code: &str) -> Option<Vec<Sign>> {
    let mut signs = Vec::new();
    let mut chars = code.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            _ if quoted => signs.push(Sign::Literal(c)),
            '\\' => signs.push(Sign::Literal(chars.next()?)),
            '0' => signs.push(Sign::Zero),
            '#' => signs.push(Sign::Digit),
            ';' => break,
            '.' | ',' | '%' | ' ' | '-' | '(' | ')' | '+' => signs.push(Sign::Literal(c)),
            _ => return None,
        }
    }
    signs.iter().any(|sign| matches!(sign, Sign::Zero | Sign::Digit)).then_some(signs)
}

/// A number with the digits that a spreadsheet keeps (15), never with an exponent.
pub(crate) fn number(n: f64, shown: Option<&Shown>) -> String {
    match shown {
        Some(Shown::Percent) => format!("{}%", plain(n * 100.0)),
        Some(Shown::Digits(signs)) if n >= 0.0 && n.fract() == 0.0 => filled(signs, &plain(n)),
        _ => plain(n),
    }
}

fn plain(n: f64) -> String {
    // An f64 keeps 15 digits of any decimal number; what is behind them is noise (0.1 + 0.2).
    let rounded: f64 = format!("{n:.14e}").parse().unwrap_or(n);
    // `-0` is 0 for a person.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn filled(signs: &[Sign], digits: &str) -> String {
    let places = signs.iter().filter(|sign| !matches!(sign, Sign::Literal(_))).count();
    let mut left = digits.chars();
    let mut shown = String::new();
    // Digits beyond the places stand before the first place.
    let mut beyond = digits.len().saturating_sub(places);
    let mut missing = places.saturating_sub(digits.len());
    for sign in signs {
        match sign {
            Sign::Literal(c) => shown.push(*c),
            _ if missing > 0 => {
                missing -= 1;
                if *sign == Sign::Zero {
                    shown.push('0');
                }
            }
            _ => {
                shown.extend(left.by_ref().take(beyond + 1));
                beyond = 0;
            }
        }
    }
    shown
}

/// A day, a time, both, or how long.
pub(crate) fn moment(when: &ExcelDateTime) -> String {
    let days = when.as_f64();
    if when.is_duration() {
        let seconds = (days * 86_400.0).round();
        let sign = if seconds < 0.0 { "-" } else { "" };
        // Durations of a spreadsheet have at most seven digits of days.
        let seconds = seconds.abs() as u64;
        return format!("{sign}{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
    if days < 0.0 {
        return plain(days);
    }
    let (year, month, day, hour, minute, second, _) = when.to_ymd_hms_milli();
    let time = format!("{hour:02}:{minute:02}:{second:02}");
    let has_time = (hour, minute, second) != (0, 0, 0);
    if days < 1.0 && has_time {
        return time;
    }
    let date = format!("{day:02}/{month:02}/{year:04}");
    if has_time { format!("{date} {time}") } else { date }
}

/// A moment that a file holds as text of ISO 8601; as it stands when it is none.
pub(crate) fn iso(text: &str) -> String {
    let Ok(when) = text.parse::<DateTime>() else { return text.to_owned() };
    let date = format!("{:02}/{:02}/{:04}", when.day(), when.month(), when.year());
    if when.time() == jiff::civil::Time::midnight() {
        return date;
    }
    format!("{date} {:02}:{:02}:{:02}", when.hour(), when.minute(), when.second())
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType;

    #[test]
    fn numbers_are_what_a_person_sees() {
        for (n, code, text) in [
            (912_345_678.0, "General", "912345678"),
            (84_912_345_678.0, "0", "84912345678"),
            (912_345_678.0, "0000000000", "0912345678"),
            (912_345_678.0, "0000 000 000", "0912 345 678"),
            (912_345_678.0, "\\+\"84\" 000-000-000", "+84 912-345-678"),
            (12_345.0, "000", "12345"),
            (7.0, "##00", "07"),
            (1.0e21, "General", "1000000000000000000000"),
            (0.1 + 0.2, "General", "0.3"),
            (-12.5, "0.00", "-12.5"),
            (1_234.567, "#,##0.00", "1234.567"),
            (1.0e-7, "0.00E+00", "0.0000001"),
            (0.125, "0%", "12.5%"),
            (-0.0, "General", "0"),
            (500_000.0, "#,##0 \"₫\"", "500000"),
            (912_345_678.5, "0000000000", "912345678.5"),
        ] {
            assert_eq!(number(n, Some(&Shown::of(code))), text, "{n} as {code}");
        }
    }

    #[test]
    fn days_are_written_the_vietnamese_way() {
        let of = |days: f64, kind| moment(&ExcelDateTime::new(days, kind, false));
        for (days, text) in [
            (46_387.0, "31/12/2026"),
            (46_387.354_166_666_664, "31/12/2026 08:30:00"),
            (0.5, "12:00:00"),
            (36_526.0, "01/01/2000"),
        ] {
            assert_eq!(of(days, ExcelDateTimeType::DateTime), text);
        }
        assert_eq!(of(1.5, ExcelDateTimeType::TimeDelta), "36:00:00");
        assert_eq!(iso("2026-12-31T08:30:00"), "31/12/2026 08:30:00");
        assert_eq!(iso("2026-12-31"), "31/12/2026");
        assert_eq!(iso("không rõ"), "không rõ");
    }
}
