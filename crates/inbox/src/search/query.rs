//! The language of the search box, pure: text to criteria and back.
//!
//! ```text
//! xin chào "còn hàng không" from:lan has:image before:2026-01-31
//! ```
//! Words by their beginnings, quoted phrases as they stand, and operators, each with a value that is quoted when it has
//! blanks. What looks like an operator but is none (`10:30`, `https://…`) is a word.

use std::fmt;

use jiff::civil::Date;
use loa_kernel::{Problem, fold_vi};

/// Most characters of a query.
const MAX_CHARS: usize = 500;
/// Most words, phrases and operators of a query.
const MAX_PARTS: usize = 24;

/// What is looked for: all of these.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    /// In the order in which they were typed.
    pub parts: Vec<Part>,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Words that begin like this.
    Word(String),
    /// These words one after the other.
    Phrase(String),
    /// Written by: a customer's or a member's name, or `me`.
    From(String),
    /// Holds such a thing.
    Has(Thing),
    /// On the channel of this name.
    In(String),
    /// In a thread whose customer carries the label of this name.
    Label(String),
    /// Before this day begins.
    Before(Date),
    /// After this day has ended.
    After(Date),
    /// On this day.
    On(Date),
}

macro_rules! things {
    ($($(#[$doc:meta])* $name:ident = $word:literal $(| $other:literal)*;)*) => {
        /// What a message can hold.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Thing { $($(#[$doc])* $name),* }

        impl Thing {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As it is printed; where a kind of message is of that name, that kind.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            fn read(folded: &str) -> Option<Self> {
                match folded { $($word $(| $other)* => Some(Self::$name),)* _ => None }
            }
        }
    };
}

things! {
    /// A picture.
    Image = "image" | "photo" | "anh" | "hinh";
    /// A moving picture.
    Gif = "gif";
    /// A document.
    File = "file" | "tep";
    /// A web address.
    Link = "link" | "lienket";
    /// A sticker.
    Sticker = "sticker" | "nhandan";
    /// A voice message.
    Audio = "audio" | "voice" | "ghiam";
    /// A film.
    Video = "video" | "phim";
    /// A place.
    Location = "location" | "vitri";
    /// Somebody's contact.
    Card = "business_card" | "card" | "danhthiep";
}

/// Names of the operators: the one that is printed, then others.
const OPERATORS: &[(Operator, &[&str])] = &[
    (Operator::From, &["from", "tu"]),
    (Operator::Has, &["has", "co"]),
    (Operator::In, &["in", "trong", "kenh"]),
    (Operator::Label, &["label", "nhan"]),
    (Operator::Before, &["before", "truoc"]),
    (Operator::After, &["after", "sau"]),
    (Operator::On, &["on", "ngay"]),
];

#[derive(Debug, Clone, Copy)]
enum Operator {
    From,
    Has,
    In,
    Label,
    Before,
    After,
    On,
}

/// What is wrong with a query: the reason and the part of the text that it is about.
pub(super) fn wrong(reason: &str, part: impl fmt::Display) -> Problem {
    Problem::invalid("q", reason).param("part", part.to_string())
}

impl Query {
    /// From what was typed. An unfinished quotation ends where the text ends, because the text is searched while it is
    /// typed. Errors: `invalid_field` of `q` with the reason and, as `part`, the wrong part.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.chars().count() > MAX_CHARS {
            return Err(Problem::invalid("q", "too_long").param("max", MAX_CHARS));
        }
        let text = text.replace('\0', "");
        let mut rest = text.trim_start();
        let mut parts = Vec::new();
        while !rest.is_empty() {
            if let Some(quoted) = rest.strip_prefix('"') {
                let (phrase, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                if !phrase.trim().is_empty() {
                    parts.push(Part::Phrase(phrase.trim().to_owned()));
                }
                rest = after.trim_start();
                continue;
            }
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            match operator(&rest[..end]) {
                Some((operator, value_at)) => {
                    let (value, after) = match rest[value_at..].strip_prefix('"') {
                        Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                        None => (&rest[value_at..end], &rest[end..]),
                    };
                    let typed = &rest[..rest.len() - after.len()];
                    parts.push(Part::of(operator, value.trim(), typed.trim_end())?);
                    rest = after.trim_start();
                }
                None => {
                    parts.push(Part::Word(rest[..end].to_owned()));
                    rest = rest[end..].trim_start();
                }
            }
            if parts.len() > MAX_PARTS {
                return Err(Problem::invalid("q", "too_many").param("max", MAX_PARTS));
            }
        }
        Ok(Self { parts })
    }
}

/// The operator at the beginning of a word, and where its value begins.
fn operator(word: &str) -> Option<(Operator, usize)> {
    let (name, _) = word.split_once(':')?;
    let folded = fold_vi(name);
    let (operator, _) = OPERATORS.iter().find(|(_, names)| names.contains(&folded.as_str()))?;
    Some((*operator, name.len() + 1))
}

impl Part {
    fn of(operator: Operator, value: &str, typed: &str) -> Result<Self, Problem> {
        if value.is_empty() {
            return Err(wrong("missing_value", typed));
        }
        let text = || value.to_owned();
        let day = || date(value).ok_or_else(|| wrong("not_a_date", typed));
        Ok(match operator {
            Operator::From => Self::From(text()),
            Operator::In => Self::In(text()),
            Operator::Label => Self::Label(text()),
            Operator::Has => {
                let folded: String = fold_vi(value).chars().filter(|c| !" -".contains(*c)).collect();
                Self::Has(Thing::read(&folded).ok_or_else(|| wrong("unknown_thing", typed))?)
            }
            Operator::Before => Self::Before(day()?),
            Operator::After => Self::After(day()?),
            Operator::On => Self::On(day()?),
        })
    }
}

/// `2026-01-31`, or the Vietnamese way: `31/1/2026`, `31-01-2026`, `31.1.2026`.
fn date(text: &str) -> Option<Date> {
    let fields: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [a, b, c] = fields[..] else { return None };
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    if year.len() != 4 || fields.iter().any(|f| f.is_empty() || !f.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    // What a slot of the index can hold.
    if !(1970..=2100).contains(&year) {
        return None;
    }
    Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
}

/// As it would be typed; parsing it gives the same again.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, part) in self.parts.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{part}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |f: &mut fmt::Formatter<'_>, name: &str, value: &str| {
            if value.contains(char::is_whitespace) {
                write!(f, "{name}:\"{value}\"")
            } else {
                write!(f, "{name}:{value}")
            }
        };
        match self {
            Self::Word(text) => f.write_str(text),
            Self::Phrase(text) => write!(f, "\"{text}\""),
            Self::From(text) => named(f, "from", text),
            Self::In(text) => named(f, "in", text),
            Self::Label(text) => named(f, "label", text),
            Self::Has(thing) => write!(f, "has:{}", thing.as_str()),
            Self::Before(day) => write!(f, "before:{day}"),
            Self::After(day) => write!(f, "after:{day}"),
            Self::On(day) => write!(f, "on:{day}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use loa_kernel::Code;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn queries_are_read() {
        let day = |y, m, d| Date::new(y, m, d).unwrap();
        let word = |s: &str| Part::Word(s.into());
        for (text, parts) in [
            ("", vec![]),
            ("  \t ", vec![]),
            ("xin chào", vec![word("xin"), word("chào")]),
            ("\"còn hàng\" áo", vec![Part::Phrase("còn hàng".into()), word("áo")]),
            ("\"chưa đóng", vec![Part::Phrase("chưa đóng".into())]),
            ("\"\" a", vec![word("a")]),
            ("from:lan", vec![Part::From("lan".into())]),
            ("TỪ:tôi", vec![Part::From("tôi".into())]),
            ("from:\"Nguyễn Văn A\" x", vec![Part::From("Nguyễn Văn A".into()), word("x")]),
            ("from:\"Nguyễn", vec![Part::From("Nguyễn".into())]),
            ("has:ảnh có:\"liên kết\"", vec![Part::Has(Thing::Image), Part::Has(Thing::Link)]),
            ("has:danh-thiep", vec![Part::Has(Thing::Card)]),
            ("in:shop label:vip", vec![Part::In("shop".into()), Part::Label("vip".into())]),
            ("before:2026-01-31", vec![Part::Before(day(2026, 1, 31))]),
            ("sau:1/2/2026 on:01.02.2026", vec![Part::After(day(2026, 2, 1)), Part::On(day(2026, 2, 1))]),
            ("10:30 https://loa.vn/x:y", vec![word("10:30"), word("https://loa.vn/x:y")]),
            ("a\"b", vec![word("a\"b")]),
        ] {
            assert_eq!(Query::parse(text).unwrap().parts, parts, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let long = "a".repeat(MAX_CHARS + 1);
        let many = "a ".repeat(MAX_PARTS + 1);
        for (text, reason, part) in [
            ("chào from:", "missing_value", Some("from:")),
            ("from:\" \" x", "missing_value", Some("from:\" \"")),
            ("has:tiền", "unknown_thing", Some("has:tiền")),
            ("before:31/2/2026", "not_a_date", Some("before:31/2/2026")),
            ("before:hôm qua", "not_a_date", Some("before:hôm")),
            ("on:2026-1", "not_a_date", Some("on:2026-1")),
            ("on:1/1/1900", "not_a_date", Some("on:1/1/1900")),
            ("on:26-01-31", "not_a_date", Some("on:26-01-31")),
            (&long, "too_long", None),
            (&many, "too_many", None),
        ] {
            let problem = Query::parse(text).unwrap_err();
            assert_eq!(problem.code, Code::InvalidField, "{text}");
            assert_eq!(problem.params["reason"], reason, "{text}");
            assert_eq!(problem.params.get("part").and_then(|p| p.as_str()), part, "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_printing_is_read_again(
            text in "(([a-zđ]{1,5}|from|has|in|label|before|on|co|\"|:|image|2026-01-31|3/2/2025| |\\PC){1,6}){0,6}"
        ) {
            if let Ok(query) = Query::parse(&text) {
                let printed = query.to_string();
                prop_assert_eq!(Query::parse(&printed).unwrap(), query, "{}", printed);
            }
        }
    }
}
