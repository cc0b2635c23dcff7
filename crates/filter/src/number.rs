//! Numbers with at most three decimals, kept as thousandths.

use std::fmt;
use std::str::FromStr;

use crate::Language;

/// A number in thousandths: 1.5 is 1500. Three decimals are what the platform's number fields have (features reference
/// §2.4), and whole numbers compare the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Milli(pub i64);

impl Milli {
    /// The largest that is taken, either sign: a million times a million.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    /// As a JSON number.
    pub fn to_json(self) -> serde_json::Value {
        if self.0 % 1000 == 0 {
            return (self.0 / 1000).into();
        }
        // At most sixteen digits: a float says them exactly as they are written.
        self.to_string().parse::<f64>().map_or(serde_json::Value::Null, Into::into)
    }

    /// As people of this language write it: `1.234,5` and `1,234.5`.
    pub fn show(self, language: Language) -> String {
        let (group, point) = match language {
            Language::Vi => ('.', ','),
            Language::En => (',', '.'),
        };
        let whole = (self.0.unsigned_abs() / 1000).to_string();
        let mut out = String::new();
        if self.0 < 0 {
            out.push('-');
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        let decimals = format!("{:03}", self.0.unsigned_abs() % 1000);
        let decimals = decimals.trim_end_matches('0');
        if !decimals.is_empty() {
            out.push(point);
            out.push_str(decimals);
        }
        out
    }
}

/// As computers write it: `-1234.5`.
impl fmt::Display for Milli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.show(Language::En).replace(',', "");
        f.write_str(&shown)
    }
}

/// Digits, perhaps a sign, perhaps a point with up to three decimals. Everything else, and what is beyond
/// [`Milli::MAX`], is none.
impl FromStr for Milli {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |s: &str| s.chars().all(|c| c.is_ascii_digit());
        let fits = (1..=13).contains(&whole.len()) && decimals.len() <= 3;
        if !fits || !plain(whole) || !plain(decimals) || digits.ends_with('.') {
            return Err(());
        }
        let number = |s: &str| s.parse::<i64>().map_err(|_| ());
        let milli = number(whole)? * 1000 + number(&format!("{decimals:0<3}"))?;
        (milli <= Self::MAX.0).then_some(Self(sign * milli)).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_shown() {
        for (text, milli, vi, en) in [
            ("0", 0, "0", "0"),
            ("1000", 1_000_000, "1.000", "1,000"),
            ("-1234567.5", -1_234_567_500, "-1.234.567,5", "-1,234,567.5"),
            ("0.125", 125, "0,125", "0.125"),
            ("-0.5", -500, "-0,5", "-0.5"),
            ("1000000000000", 1_000_000_000_000_000, "1.000.000.000.000", "1,000,000,000,000"),
        ] {
            let number: Milli = text.parse().unwrap_or_else(|()| panic!("{text}"));
            assert_eq!(number.0, milli);
            assert_eq!(number.show(Language::Vi), vi);
            assert_eq!(number.show(Language::En), en);
            assert_eq!(number.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_such_number_is_refused() {
        for text in ["", "-", ".5", "5.", "1.2345", "1e3", "+1", "1 000", "1,5", "NaN", "1000000000001", "١"]
        {
            assert_eq!(text.parse::<Milli>(), Err(()), "{text}");
        }
    }
}
