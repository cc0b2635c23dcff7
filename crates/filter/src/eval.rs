//! A condition asked of one record in memory.

use loa_kernel::Timestamp;

use crate::condition::{Ask, Condition, Test, Texts};
use crate::{DayMonth, Field, Milli};

/// What a record knows of a field. A value of another kind than the field's is nothing known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// Texts, folded: mostly one; a person has several phone numbers. None at all is nothing known.
    Texts(Vec<&'a str>),
    /// A number.
    Number(Milli),
    /// An instant.
    Time(Timestamp),
    /// Yes or no.
    Truth(bool),
    /// Ids of options: of a choice one, of a set any number. None at all is nothing known.
    Ids(Vec<&'a str>),
    /// Keys and folded values of a table's rows. None at all is nothing known.
    Rows(Vec<(&'a str, &'a str)>),
}

/// Something that has fields.
pub trait Record {
    /// What it knows of a field.
    fn value(&self, field: &Field) -> Value<'_>;
}

/// Does the record fulfil the condition at `now`?
pub fn matches(condition: &Condition, record: &impl Record, now: Timestamp) -> bool {
    match condition {
        Condition::All(all) => all.iter().all(|one| matches(one, record, now)),
        Condition::Any(any) => any.iter().any(|one| matches(one, record, now)),
        Condition::Test(test) => holds(test, &record.value(&test.field), now),
    }
}

fn holds(test: &Test, value: &Value<'_>, now: Timestamp) -> bool {
    let texts: &[&str] = if let Value::Texts(texts) = value { texts } else { &[] };
    let ids: &[&str] = if let Value::Ids(ids) = value { ids } else { &[] };
    let among = |listed: &[String]| ids.iter().any(|id| listed.iter().any(|one| one == id));
    match &test.ask {
        Ask::Known(known) => is_known(value) == *known,
        Ask::Text(how, wanted) => texts.iter().any(|text| compares(how, text)) == *wanted,
        Ask::Number(from, to) => match value {
            Value::Number(n) => from.is_none_or(|from| from <= *n) && to.is_none_or(|to| *n <= to),
            _ => false,
        },
        Ask::NumberIsNot(other) => !matches!(value, Value::Number(n) if n == other),
        Ask::Time(when) => match value {
            Value::Time(at) => when.at(now).holds(at.0, DayMonth::of(*at)),
            _ => false,
        },
        Ask::Truth(wanted) => matches!(value, Value::Truth(truth) if truth == wanted),
        Ask::Choice(listed, wanted) | Ask::Any(listed, wanted) => among(listed) == *wanted,
        Ask::AllOf(listed) => listed.iter().all(|one| ids.contains(&one.as_str())),
        Ask::Row(key, text) => match value {
            Value::Rows(rows) => rows.iter().any(|(k, v)| k == key && *v == text.folded),
            _ => false,
        },
    }
}

fn is_known(value: &Value<'_>) -> bool {
    match value {
        Value::Empty => false,
        Value::Texts(list) | Value::Ids(list) => !list.is_empty(),
        Value::Rows(rows) => !rows.is_empty(),
        Value::Number(_) | Value::Time(_) | Value::Truth(_) => true,
    }
}

fn compares(how: &Texts, text: &str) -> bool {
    match how {
        Texts::Is(list) => list.iter().any(|one| one.folded == text),
        Texts::Contains(part) => text.contains(part.folded.as_str()),
        Texts::StartsWith(part) => text.starts_with(part.folded.as_str()),
    }
}
