//! Random trees and records for the tests that hold memory, columns and SQL against each other. Everything follows from
//! a seed, so that a failure can be had again.
//!
//! Values come from small pools on purpose: a tree over values that never meet would choose nobody, and agree about it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use loa_kernel::{SeededRandom, Timestamp};
use serde_json::{Value as Json, json};

use crate::{Catalogue, Field, FieldKind, Label, Milli, Node, Op, Options, Record, Value};

/// Words of which texts are made; some differ only by what folding takes away.
const WORDS: [&str; 8] = ["Lan", "lán", "Đào", "dao", "áo dài", "%", "_", "o'\"\\"];
/// Phones as they are kept.
const PHONES: [&str; 4] = ["84912345678", "84912345679", "84283822123", "14155552671"];
/// Instants around [`NOW`], at the borders of days.
const DAYS: [i64; 7] = [-400, -7, -6, -1, 0, 1, 30];
/// The instant at which random trees are asked: 25 November 2026, 09:30 in Vietnam.
pub const NOW: Timestamp = Timestamp(1_795_573_800_000);
/// The start of that day.
const TODAY: i64 = 1_795_539_600_000;

/// A field of every kind, under the kind's own name.
pub fn catalogue() -> Catalogue {
    let name = |kind: FieldKind| serde_json::to_value(kind).ok().and_then(|v| v.as_str().map(str::to_owned));
    let field = |kind: &FieldKind| {
        let key = name(*kind).unwrap_or_default();
        let mut field = Field::plain(key.clone(), Label::same(key), *kind);
        if let FieldKind::Choice | FieldKind::Set = kind {
            field.options =
                Options::new((0..5).map(|n| (format!("opt_{n}"), Label::same(format!("{n}")))).collect());
        }
        if *kind == FieldKind::Table {
            field.keys = vec!["size".into(), "màu".into()];
        }
        field
    };
    Catalogue::new(FieldKind::ALL.iter().map(field).collect())
}

/// A value that owns what it holds; texts are folded.
#[derive(Debug, Clone, PartialEq)]
pub enum OwnedValue {
    /// See [`Value::Texts`].
    Texts(Vec<String>),
    /// See [`Value::Number`].
    Number(Milli),
    /// See [`Value::Time`].
    Time(Timestamp),
    /// See [`Value::Truth`].
    Truth(bool),
    /// See [`Value::Ids`].
    Ids(Vec<String>),
    /// See [`Value::Rows`].
    Rows(Vec<(String, String)>),
}

/// A record by keys of fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OwnedRecord(pub BTreeMap<String, OwnedValue>);

impl Record for OwnedRecord {
    fn value(&self, field: &Field) -> Value<'_> {
        match self.0.get(&field.key) {
            None => Value::Empty,
            Some(OwnedValue::Texts(texts)) => Value::Texts(texts.iter().map(String::as_str).collect()),
            Some(OwnedValue::Number(n)) => Value::Number(*n),
            Some(OwnedValue::Time(at)) => Value::Time(*at),
            Some(OwnedValue::Truth(truth)) => Value::Truth(*truth),
            Some(OwnedValue::Ids(ids)) => Value::Ids(ids.iter().map(String::as_str).collect()),
            Some(OwnedValue::Rows(rows)) => {
                Value::Rows(rows.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect())
            }
        }
    }
}

/// Draws from a seed.
pub struct Draw(SeededRandom);

impl Draw {
    /// What follows from this seed.
    pub const fn new(seed: u64) -> Self {
        Self(SeededRandom::new(seed))
    }

    /// A number below `n`.
    pub fn below(&self, n: usize) -> usize {
        usize::try_from(self.0.below(n as u64)).unwrap_or(0)
    }

    fn one<'a, T>(&self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn some<T: Clone>(&self, list: &[T], most: usize) -> Vec<T> {
        (0..=self.below(most)).map(|_| self.one(list).clone()).collect()
    }

    fn text(&self) -> String {
        self.some(&WORDS, 3).join(" ")
    }

    fn milli(&self) -> i64 {
        [-1_500, -1, 0, 1, 1_000, 1_000_500, 2_000_000][self.below(7)]
    }

    fn instant(&self) -> i64 {
        let edge = [-1, 0, 1, 43_200_000][self.below(4)];
        TODAY + self.one(&DAYS) * 86_400_000 + edge
    }

    fn day(&self) -> Date {
        Timestamp(self.instant()).vietnam_date()
    }

    /// A record of which about a third is not known.
    pub fn record(&self, fields: &Catalogue) -> OwnedRecord {
        let known = fields.iter().filter(|_| self.below(3) > 0).collect::<Vec<_>>();
        OwnedRecord(known.into_iter().map(|field| (field.key.clone(), self.value(field))).collect())
    }

    fn value(&self, field: &Field) -> OwnedValue {
        let fold = |text: &str| loa_kernel::fold_vi(text);
        match field.kind {
            FieldKind::Text | FieldKind::Email | FieldKind::Url => {
                OwnedValue::Texts(vec![fold(&self.text())])
            }
            FieldKind::Phone => {
                OwnedValue::Texts(self.some(&PHONES, 2).into_iter().map(str::to_owned).collect())
            }
            FieldKind::Number => OwnedValue::Number(Milli(self.milli())),
            FieldKind::Datetime => OwnedValue::Time(Timestamp(self.instant())),
            FieldKind::Boolean => OwnedValue::Truth(self.below(2) == 0),
            FieldKind::Choice => OwnedValue::Ids(vec![self.option(field)]),
            FieldKind::Set => {
                let mut ids: Vec<String> = (0..=self.below(3)).map(|_| self.option(field)).collect();
                ids.sort();
                ids.dedup();
                OwnedValue::Ids(ids)
            }
            FieldKind::Table => {
                let row = |key: &String| (key.clone(), fold(self.one::<&str>(&WORDS)));
                OwnedValue::Rows(field.keys.iter().filter(|_| self.below(2) == 0).map(row).collect())
            }
        }
    }

    fn option(&self, field: &Field) -> String {
        let ids: Vec<&String> = field.options.iter().map(|(id, _)| id).collect();
        (*self.one(&ids)).clone()
    }

    /// A tree that is always understood, of up to `depth` groups in each other.
    pub fn tree(&self, fields: &Catalogue, depth: usize) -> Node {
        if depth == 0 || self.below(3) == 0 {
            let all: Vec<&Field> = fields.iter().collect();
            let field = *self.one(&all);
            let op = *self.one(field.kind.ops());
            return Node::test(&field.key, op, self.operand(field, op));
        }
        let nodes = (0..=self.below(3)).map(|_| self.tree(fields, depth - 1)).collect();
        if self.below(2) == 0 { Node::all(nodes) } else { Node::any(nodes) }
    }

    fn operand(&self, field: &Field, op: Op) -> Json {
        let number = || json!(self.milli() as f64 / 1000.0);
        match (field.kind, op) {
            (_, Op::Empty | Op::NotEmpty) => Json::Null,
            (FieldKind::Number, Op::Between) => {
                let (a, b) = (self.milli(), self.milli());
                json!([a.min(b) as f64 / 1000.0, a.max(b) as f64 / 1000.0])
            }
            (FieldKind::Number, _) => number(),
            (FieldKind::Datetime, Op::Between) => {
                let (a, b) = (self.day(), self.day());
                json!([a.min(b).to_string(), a.max(b).to_string()])
            }
            (FieldKind::Datetime, Op::On | Op::Before | Op::After) => json!(self.day().to_string()),
            (FieldKind::Datetime, Op::DayMonth) => {
                let text = |day: Date| format!("{:02}-{:02}", day.month(), day.day());
                json!([text(self.day()), text(self.day())])
            }
            (FieldKind::Datetime, _) => json!(1 + self.below(8)),
            (FieldKind::Boolean, _) => json!(self.below(2) == 0),
            (FieldKind::Table, _) => json!({"key": self.one(&field.keys), "value": self.one(&WORDS)}),
            (FieldKind::Choice, Op::Is | Op::IsNot) => json!(self.option(field)),
            (FieldKind::Choice | FieldKind::Set, _) => {
                json!((0..=self.below(2)).map(|_| self.option(field)).collect::<Vec<_>>())
            }
            (FieldKind::Phone, Op::In | Op::NotIn) => json!(self.some(&PHONES, 2)),
            (FieldKind::Phone, Op::Is | Op::IsNot) => json!(self.one(&PHONES)),
            (FieldKind::Phone, _) => json!(["0912", "345", "84", "9"][self.below(4)]),
            (_, Op::In | Op::NotIn) => json!((0..=self.below(2)).map(|_| self.text()).collect::<Vec<_>>()),
            (_, Op::Is | Op::IsNot) => json!(self.text()),
            _ => json!(self.one(&WORDS)),
        }
    }
}
