//! From a tree as it travels to a condition.

use std::sync::Arc;

use jiff::civil::Date;
use loa_kernel::{fold_vi, normalise_phone};
use serde_json::Value;

use crate::condition::{Ask, Condition, Shown, Test, Texts, When};
use crate::error::{FilterError, Reason};
use crate::{Catalogue, DayMonth, Field, FieldKind, Milli, Node, Op};

/// Groups in groups, the root counted.
pub const MAX_DEPTH: usize = 4;
/// Tests of one tree.
pub const MAX_TESTS: usize = 50;
/// Values of one list.
pub const MAX_LISTED: usize = 200;
/// Characters of one text; the platform's fields hold as many (features reference §2.4).
pub const MAX_TEXT_CHARS: usize = 255;
/// The most days of "in the last ... days".
const MAX_DAYS: i64 = 3_650;
/// The most days of "comes round in the next ... days".
const MAX_YEAR_DAYS: i64 = 366;

/// Hold a tree against the fields. Errors name the first place that is not understood.
pub fn check(tree: &Node, fields: &Catalogue) -> Result<Condition, FilterError> {
    let mut checking = Checking { fields, tests: 0 };
    checking.node(tree, "filter", 1)
}

struct Checking<'a> {
    fields: &'a Catalogue,
    tests: usize,
}

impl Checking<'_> {
    fn node(&mut self, node: &Node, at: &str, depth: usize) -> Result<Condition, FilterError> {
        let fail = |reason| FilterError { at: at.to_owned(), reason };
        let tested = node.field.is_some() || node.op.is_some() || node.value.is_some();
        let (word, group) = match (&node.all, &node.any, tested) {
            (Some(group), None, false) => ("all", group),
            (None, Some(group), false) => ("any", group),
            (None, None, true) => return self.test(node, at).map(Condition::Test),
            _ => return Err(fail(Reason::NotOneThing)),
        };
        if depth > MAX_DEPTH {
            return Err(fail(Reason::TooDeep));
        }
        // Nothing to fulfil is everybody at the root; in a group it would make the whole group say nothing.
        if group.is_empty() && (depth > 1 || word == "any") {
            return Err(fail(Reason::EmptyGroup));
        }
        let checked = group
            .iter()
            .enumerate()
            .map(|(n, node)| self.node(node, &format!("{at}/{word}/{n}"), depth + 1))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(if word == "all" { Condition::All(checked) } else { Condition::Any(checked) })
    }

    fn test(&mut self, node: &Node, at: &str) -> Result<Test, FilterError> {
        let fail = |reason| FilterError { at: at.to_owned(), reason };
        let (Some(key), Some(op)) = (&node.field, node.op) else {
            return Err(fail(Reason::NotOneThing));
        };
        self.tests += 1;
        if self.tests > MAX_TESTS {
            return Err(fail(Reason::TooManyTests));
        }
        let field = self.fields.field(key).ok_or_else(|| fail(Reason::UnknownField))?;
        if !field.kind.ops().contains(&op) {
            return Err(fail(Reason::WrongOperator));
        }
        let value = node.value.as_ref().unwrap_or(&Value::Null);
        let ask = ask(field, op, value).map_err(fail)?;
        Ok(Test { field: Arc::clone(field), op, ask })
    }
}

fn ask(field: &Field, op: Op, value: &Value) -> Result<Ask, Reason> {
    if let Op::Empty | Op::NotEmpty = op {
        return if value.is_null() { Ok(Ask::Known(op == Op::NotEmpty)) } else { Err(Reason::WrongValue) };
    }
    match field.kind {
        FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => text(field.kind, op, value),
        FieldKind::Number => number(op, value),
        FieldKind::Datetime => time(op, value).map(Ask::Time),
        FieldKind::Boolean => value.as_bool().map(Ask::Truth).ok_or(Reason::WrongValue),
        FieldKind::Table => row(field, value),
        FieldKind::Choice => {
            let ids = match op {
                Op::Is | Op::IsNot => vec![option(field, value)?],
                _ => options(field, value)?,
            };
            Ok(Ask::Choice(ids, matches!(op, Op::Is | Op::In)))
        }
        FieldKind::Set => {
            let ids = options(field, value)?;
            Ok(match op {
                Op::AllOf => Ask::AllOf(ids),
                _ => Ask::Any(ids, op == Op::AnyOf),
            })
        }
    }
}

fn text(kind: FieldKind, op: Op, value: &Value) -> Result<Ask, Reason> {
    let whole = |value: &Value| shown(value, |typed| whole_text(kind, typed));
    let part = |value: &Value| shown(value, |typed| text_part(kind, typed));
    Ok(match op {
        Op::Is => Ask::Text(Texts::Is(vec![whole(value)?]), true),
        Op::IsNot => Ask::Text(Texts::Is(vec![whole(value)?]), false),
        Op::In | Op::NotIn => Ask::Text(Texts::Is(listed(value, whole)?), op == Op::In),
        Op::Contains | Op::NotContains => Ask::Text(Texts::Contains(part(value)?), op == Op::Contains),
        _ => Ask::Text(Texts::StartsWith(part(value)?), true),
    })
}

/// The form in which a whole text is compared. A phone number is compared in the form in which it is kept, however it
/// was typed; what is none is compared as it stands, and finds nothing.
fn whole_text(kind: FieldKind, typed: &str) -> String {
    match kind {
        FieldKind::Phone => normalise_phone(typed).unwrap_or_else(|_| fold_vi(typed)),
        _ => fold_vi(typed),
    }
}

/// The form in which a part of a text is compared. A number's trunk 0 is the country code in what is kept.
fn text_part(kind: FieldKind, typed: &str) -> String {
    let phone = kind == FieldKind::Phone && typed.chars().all(|c| c.is_ascii_digit() || " +.-()".contains(c));
    if !phone {
        return fold_vi(typed);
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('0') {
        Some(rest) => format!("84{rest}"),
        None => digits,
    }
}

fn shown(value: &Value, form: impl Fn(&str) -> String) -> Result<Shown, Reason> {
    let typed = value.as_str().ok_or(Reason::WrongValue)?.trim();
    if typed.chars().count() > MAX_TEXT_CHARS {
        return Err(Reason::TooLong);
    }
    let folded = form(typed);
    if folded.is_empty() { Err(Reason::Blank) } else { Ok(Shown { typed: typed.to_owned(), folded }) }
}

fn listed<T>(value: &Value, read: impl Fn(&Value) -> Result<T, Reason>) -> Result<Vec<T>, Reason> {
    let list = value.as_array().ok_or(Reason::WrongValue)?;
    if !(1..=MAX_LISTED).contains(&list.len()) {
        return Err(Reason::WrongCount);
    }
    list.iter().map(read).collect()
}

/// A list of exactly two.
fn pair(value: &Value) -> Result<(&Value, &Value), Reason> {
    match value.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok((first, second)),
        Some(_) => Err(Reason::WrongCount),
        None => Err(Reason::WrongValue),
    }
}

fn number(op: Op, value: &Value) -> Result<Ask, Reason> {
    let read = |value: &Value| match value {
        Value::Number(n) => n.to_string().parse::<Milli>().map_err(|()| Reason::OutOfRange),
        _ => Err(Reason::WrongValue),
    };
    if op == Op::Between {
        let (first, second) = pair(value)?;
        let (first, second) = (read(first)?, read(second)?);
        return if first <= second {
            Ok(Ask::Number(Some(first), Some(second)))
        } else {
            Err(Reason::Reversed)
        };
    }
    let n = read(value)?;
    Ok(match op {
        Op::IsNot => Ask::NumberIsNot(n),
        Op::Lt => Ask::Number(None, Some(Milli(n.0 - 1))),
        Op::Le => Ask::Number(None, Some(n)),
        Op::Gt => Ask::Number(Some(Milli(n.0 + 1)), None),
        Op::Ge => Ask::Number(Some(n), None),
        _ => Ask::Number(Some(n), Some(n)),
    })
}

fn time(op: Op, value: &Value) -> Result<When, Reason> {
    let days = |most: i64| {
        let days = value.as_i64().ok_or(Reason::WrongValue)?;
        let days = (1..=most).contains(&days).then_some(days).ok_or(Reason::OutOfRange)?;
        i32::try_from(days).map_err(|_| Reason::OutOfRange)
    };
    Ok(match op {
        Op::On => When::Days(day(value)?, day(value)?),
        Op::Before => When::Before(day(value)?),
        Op::After => When::After(day(value)?),
        Op::InLast => When::Last(days(MAX_DAYS)?),
        Op::InNext => When::Next(days(MAX_DAYS)?),
        Op::DayMonthInNext => When::EveryYearNext(days(MAX_YEAR_DAYS)?),
        Op::DayMonth if value.is_string() => When::EveryYear(day_month(value)?, day_month(value)?),
        Op::DayMonth => {
            let (first, last) = pair(value)?;
            When::EveryYear(day_month(first)?, day_month(last)?)
        }
        _ => {
            let (first, last) = pair(value)?;
            let (first, last) = (day(first)?, day(last)?);
            if first > last {
                return Err(Reason::Reversed);
            }
            When::Days(first, last)
        }
    })
}

/// `YYYY-MM-DD`, from 1900 to 9998, so that the day after it exists too.
fn day(value: &Value) -> Result<Date, Reason> {
    let text = value.as_str().ok_or(Reason::WrongValue)?;
    let plain = text.len() == 10 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
    let day: Date =
        if plain { text.parse().map_err(|_| Reason::WrongValue)? } else { return Err(Reason::WrongValue) };
    if (1900..=9998).contains(&day.year()) { Ok(day) } else { Err(Reason::OutOfRange) }
}

fn day_month(value: &Value) -> Result<DayMonth, Reason> {
    value.as_str().and_then(DayMonth::parse).ok_or(Reason::WrongValue)
}

fn option(field: &Field, value: &Value) -> Result<String, Reason> {
    let id = value.as_str().ok_or(Reason::WrongValue)?;
    field.options.label(id).map(|_| id.to_owned()).ok_or(Reason::UnknownOption)
}

fn options(field: &Field, value: &Value) -> Result<Vec<String>, Reason> {
    let mut ids = listed(value, |value| option(field, value))?;
    ids.sort();
    ids.dedup();
    Ok(ids)
}

fn row(field: &Field, value: &Value) -> Result<Ask, Reason> {
    let row = value.as_object().filter(|row| row.len() == 2).ok_or(Reason::WrongValue)?;
    let (Some(Value::String(key)), Some(value)) = (row.get("key"), row.get("value")) else {
        return Err(Reason::WrongValue);
    };
    if !field.keys.contains(key) {
        return Err(Reason::UnknownKey);
    }
    Ok(Ask::Row(key.clone(), shown(value, fold_vi)?))
}
