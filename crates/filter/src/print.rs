//! A condition as a sentence. Every test has a template of its own in each language, so that nothing is glued from words
//! that would need another form.

use jiff::civil::Date;

use crate::condition::{Ask, Condition, Shown, Test, Texts, When};
use crate::{DayMonth, Field, Label, Language, Milli, Op};

/// The condition in words of this language, without a full stop: `Giới tính là “Nữ” và (Nhãn có ít nhất một trong “VIP”,
/// “Khách quen” hoặc Điểm từ 1.000 trở lên)`.
pub fn sentence(condition: &Condition, language: Language) -> String {
    match condition {
        Condition::All(all) if all.is_empty() => {
            pick(language, "Tất cả khách hàng", "All customers").to_owned()
        }
        Condition::All(all) => join(all, pick(language, " và ", " and "), language),
        Condition::Any(any) => join(any, pick(language, " hoặc ", " or "), language),
        Condition::Test(test) => said(test, language),
    }
}

fn join(parts: &[Condition], word: &str, language: Language) -> String {
    let part = |part: &Condition| match part {
        Condition::All(group) | Condition::Any(group) if group.len() > 1 && parts.len() > 1 => {
            format!("({})", sentence(part, language))
        }
        _ => sentence(part, language),
    };
    parts.iter().map(part).collect::<Vec<_>>().join(word)
}

const fn pick<'a>(language: Language, vi: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Vi => vi,
        Language::En => en,
    }
}

fn said(test: &Test, language: Language) -> String {
    let (vi, en, mut values) = template(test, language);
    values.push(("{field}", test.field.label.in_language(language).to_owned()));
    let mut rest = pick(language, vi, en);
    let mut said = String::new();
    // In one pass, so that a field that somebody called "{a}" stays what it is called.
    while let Some(at) = rest.find('{') {
        said.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some((name, value)) = values.iter().find(|(name, _)| rest.starts_with(name)) else { break };
        said.push_str(value);
        rest = &rest[name.len()..];
    }
    said + rest
}

/// The two templates, and what stands in them.
type Template = (&'static str, &'static str, Vec<(&'static str, String)>);

fn template(test: &Test, language: Language) -> Template {
    let number = |n: Milli| n.show(language);
    match &test.ask {
        Ask::Known(true) => ("{field} có dữ liệu", "{field} is known", vec![]),
        Ask::Known(false) => ("{field} để trống", "{field} is empty", vec![]),
        Ask::Text(texts, wanted) => text(texts, *wanted),
        Ask::Number(Some(from), Some(to)) if from == to => {
            ("{field} bằng {a}", "{field} is {a}", vec![("{a}", number(*from))])
        }
        Ask::Number(Some(from), Some(to)) => (
            "{field} từ {a} đến {b}",
            "{field} is between {a} and {b}",
            vec![("{a}", number(*from)), ("{b}", number(*to))],
        ),
        Ask::Number(Some(from), None) if test.op == Op::Gt => {
            ("{field} lớn hơn {a}", "{field} is more than {a}", vec![("{a}", number(Milli(from.0 - 1)))])
        }
        Ask::Number(Some(from), None) => {
            ("{field} từ {a} trở lên", "{field} is {a} or more", vec![("{a}", number(*from))])
        }
        Ask::Number(None, Some(to)) if test.op == Op::Lt => {
            ("{field} nhỏ hơn {a}", "{field} is less than {a}", vec![("{a}", number(Milli(to.0 + 1)))])
        }
        Ask::Number(None, to) => {
            let to = to.map(number).unwrap_or_default();
            ("{field} từ {a} trở xuống", "{field} is {a} or less", vec![("{a}", to)])
        }
        Ask::NumberIsNot(n) => ("{field} khác {a}", "{field} is not {a}", vec![("{a}", number(*n))]),
        Ask::Time(when) => time(*when, language),
        Ask::Truth(true) => ("{field} là Có", "{field} is yes", vec![]),
        Ask::Truth(false) => ("{field} là Không", "{field} is no", vec![]),
        Ask::Choice(ids, wanted) => {
            let list = vec![("{a}", options(&test.field, ids, language))];
            match (ids.len() == 1, wanted) {
                (true, true) => ("{field} là {a}", "{field} is {a}", list),
                (true, false) => ("{field} không phải {a}", "{field} is not {a}", list),
                (false, true) => ("{field} là một trong {a}", "{field} is one of {a}", list),
                (false, false) => ("{field} không thuộc {a}", "{field} is none of {a}", list),
            }
        }
        Ask::Any(ids, wanted) => {
            let list = vec![("{a}", options(&test.field, ids, language))];
            match (ids.len() == 1, wanted) {
                (true, true) => ("{field} có {a}", "{field} has {a}", list),
                (true, false) => ("{field} không có {a}", "{field} does not have {a}", list),
                (false, true) => {
                    ("{field} có ít nhất một trong {a}", "{field} has at least one of {a}", list)
                }
                (false, false) => ("{field} không có mục nào trong {a}", "{field} has none of {a}", list),
            }
        }
        Ask::AllOf(ids) => (
            "{field} có đủ {a}",
            "{field} has all of {a}",
            vec![("{a}", options(&test.field, ids, language))],
        ),
        Ask::Row(key, value) => (
            "{field} có dòng {a} là {b}",
            "{field} has a row in which {a} is {b}",
            vec![("{a}", quoted(key)), ("{b}", quoted(&value.typed))],
        ),
    }
}

fn text(texts: &Texts, wanted: bool) -> Template {
    let one = |text: &Shown| vec![("{a}", quoted(&text.typed))];
    match (texts, wanted) {
        (Texts::Is(list), true) if list.len() == 1 => ("{field} là {a}", "{field} is {a}", shown(list)),
        (Texts::Is(list), false) if list.len() == 1 => {
            ("{field} không phải {a}", "{field} is not {a}", shown(list))
        }
        (Texts::Is(list), true) => ("{field} là một trong {a}", "{field} is one of {a}", shown(list)),
        (Texts::Is(list), false) => ("{field} không thuộc {a}", "{field} is none of {a}", shown(list)),
        (Texts::Contains(part), true) => ("{field} chứa {a}", "{field} contains {a}", one(part)),
        (Texts::Contains(part), false) => {
            ("{field} không chứa {a}", "{field} does not contain {a}", one(part))
        }
        (Texts::StartsWith(part), _) => ("{field} bắt đầu bằng {a}", "{field} starts with {a}", one(part)),
    }
}

fn time(when: When, language: Language) -> Template {
    let day = |day: Date| match language {
        Language::Vi => format!("{:02}/{:02}/{}", day.day(), day.month(), day.year()),
        Language::En => format!("{} {} {}", day.day(), MONTHS[(day.month() as usize + 11) % 12], day.year()),
    };
    let every = |day: DayMonth| {
        let (day, month) = day.parts();
        match language {
            Language::Vi => format!("{day:02}/{month:02}"),
            Language::En => format!("{day} {}", MONTHS[(month.unsigned_abs() as usize + 11) % 12]),
        }
    };
    let count = |days: i32| vec![("{a}", days.to_string())];
    match when {
        When::Days(first, last) if first == last => {
            ("{field} vào ngày {a}", "{field} is on {a}", vec![("{a}", day(first))])
        }
        When::Days(first, last) => (
            "{field} từ ngày {a} đến ngày {b}",
            "{field} is from {a} to {b}",
            vec![("{a}", day(first)), ("{b}", day(last))],
        ),
        When::Before(first) => ("{field} trước ngày {a}", "{field} is before {a}", vec![("{a}", day(first))]),
        When::After(last) => ("{field} sau ngày {a}", "{field} is after {a}", vec![("{a}", day(last))]),
        When::Last(1) | When::Next(1) => ("{field} là hôm nay", "{field} is today", vec![]),
        When::Last(days) => ("{field} trong {a} ngày qua", "{field} is in the last {a} days", count(days)),
        When::Next(days) => ("{field} trong {a} ngày tới", "{field} is in the next {a} days", count(days)),
        When::EveryYear(first, last) if first == last => {
            ("{field} vào ngày {a} hằng năm", "{field} is on {a} of any year", vec![("{a}", every(first))])
        }
        When::EveryYear(first, last) => (
            "{field} từ ngày {a} đến ngày {b} hằng năm",
            "{field} is from {a} to {b} of any year",
            vec![("{a}", every(first)), ("{b}", every(last))],
        ),
        When::EveryYearNext(1) => ("{field} hằng năm rơi vào hôm nay", "{field} comes round today", vec![]),
        When::EveryYearNext(days) => {
            ("{field} hằng năm rơi vào {a} ngày tới", "{field} comes round in the next {a} days", count(days))
        }
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn shown(list: &[Shown]) -> Vec<(&'static str, String)> {
    vec![("{a}", list.iter().map(|one| quoted(&one.typed)).collect::<Vec<_>>().join(", "))]
}

fn options(field: &Field, ids: &[String], language: Language) -> String {
    let name =
        |id: &String| quoted(field.options.label(id).map_or("", |label: &Label| label.in_language(language)));
    ids.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn quoted(text: &str) -> String {
    format!("“{text}”")
}
