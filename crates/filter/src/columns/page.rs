//! A page of what was chosen, in order.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use fixedbitset::FixedBitSet;
use serde::{Deserialize, Serialize};

use super::Columns;
use super::column::{Column, UNKNOWN};

/// By which field, and which way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sort {
    /// Key of a field with texts, numbers or instants.
    pub field: String,
    /// The largest or latest first.
    pub descending: bool,
}

/// What a record is ordered by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SortValue {
    /// A number in thousandths, or an instant.
    Number(i64),
    /// A text, folded.
    Text(String),
    /// Nothing known; last in both directions.
    Unknown,
}

/// Where a page ended: the next begins after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its value.
    pub value: SortValue,
    /// Its id.
    pub id: u128,
}

/// A value while it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Number(i64),
    Text(&'a str),
    Unknown,
}

impl Key<'_> {
    fn owned(self) -> SortValue {
        match self {
            Self::Number(n) => SortValue::Number(n),
            Self::Text(text) => SortValue::Text(text.to_owned()),
            Self::Unknown => SortValue::Unknown,
        }
    }

    fn of(value: &SortValue) -> Key<'_> {
        match value {
            SortValue::Number(n) => Key::Number(*n),
            SortValue::Text(text) => Key::Text(text),
            SortValue::Unknown => Key::Unknown,
        }
    }
}

/// A record in its order: what comes later is greater.
#[derive(PartialEq, Eq)]
struct Ranked<'a> {
    key: Key<'a>,
    id: u128,
    descending: bool,
}

impl Ord for Ranked<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let way = |order: Ordering| if self.descending { order.reverse() } else { order };
        match (self.key, other.key) {
            (Key::Unknown, Key::Unknown) => Ordering::Equal,
            // Last in both directions.
            (Key::Unknown, _) => Ordering::Greater,
            (_, Key::Unknown) => Ordering::Less,
            (Key::Number(a), Key::Number(b)) => way(a.cmp(&b)),
            (Key::Text(a), Key::Text(b)) => way(a.cmp(b)),
            // Never in one column; a cursor of another column is after nothing and before everything.
            (Key::Number(_), Key::Text(_)) => Ordering::Less,
            (Key::Text(_), Key::Number(_)) => Ordering::Greater,
        }
        .then_with(|| self.id.cmp(&other.id))
    }
}

impl PartialOrd for Ranked<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Columns {
    /// The first `limit` of what was chosen that come after `after`, in order.
    pub fn page(&self, chosen: &FixedBitSet, sort: &Sort, after: Option<&Place>, limit: usize) -> Vec<Place> {
        let column = self.columns.get(&sort.field);
        let ranked = |key, id| Ranked { key, id, descending: sort.descending };
        let after = after.map(|place| ranked(Key::of(&place.value), place.id));
        // The greatest on top, so that it is compared with each and gives way to what comes before it.
        let mut first = BinaryHeap::with_capacity(limit + 1);
        for place in chosen.ones() {
            let Some(id) = self.ids.get(place) else { continue };
            let next = ranked(key_at(column, place), *id);
            let wanted = after.as_ref().is_none_or(|after| next > *after);
            if wanted && (first.len() < limit || first.peek().is_some_and(|last| next < *last)) {
                first.push(next);
                if first.len() > limit {
                    first.pop();
                }
            }
        }
        first.into_sorted_vec().into_iter().map(|r| Place { value: r.key.owned(), id: r.id }).collect()
    }
}

fn key_at(column: Option<&Column>, place: usize) -> Key<'_> {
    let number = |list: &[i64]| list.get(place).copied().filter(|n| *n != UNKNOWN).map(Key::Number);
    match column {
        Some(Column::Numbers(numbers)) => number(numbers),
        Some(Column::Times { at, .. }) => number(at),
        Some(Column::Texts(texts)) => texts.first(place).map(Key::Text),
        _ => None,
    }
    .unwrap_or(Key::Unknown)
}
