//! One field of all records.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use loa_kernel::Timestamp;

use crate::condition::{Ask, At, Shown, Texts};
use crate::{DayMonth, FieldKind, Span, Value};

/// Nothing known, where numbers are kept.
pub(super) const UNKNOWN: i64 = i64::MIN;

/// The values of one field, by place.
#[derive(Debug)]
pub(super) enum Column {
    Texts(TextColumn),
    Numbers(Vec<i64>),
    Times { at: Vec<i64>, day: Vec<i16> },
    Truths(Vec<Option<bool>>),
    Options(HashMap<String, FixedBitSet>),
    Tables(HashMap<String, TextColumn>),
}

impl Column {
    pub(super) fn new(kind: FieldKind) -> Self {
        match kind {
            FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url => {
                Self::Texts(TextColumn::default())
            }
            FieldKind::Number => Self::Numbers(Vec::new()),
            FieldKind::Datetime => Self::Times { at: Vec::new(), day: Vec::new() },
            FieldKind::Boolean => Self::Truths(Vec::new()),
            FieldKind::Choice | FieldKind::Set => Self::Options(HashMap::new()),
            FieldKind::Table => Self::Tables(HashMap::new()),
        }
    }

    /// Room for so many places. Sets grow when something is put in.
    pub(super) fn grow(&mut self, places: usize) {
        match self {
            Self::Texts(texts) => texts.grow(places),
            Self::Numbers(numbers) => numbers.resize(places, UNKNOWN),
            Self::Times { at, day } => {
                at.resize(places, UNKNOWN);
                day.resize(places, 0);
            }
            Self::Truths(truths) => truths.resize(places, None),
            Self::Options(_) | Self::Tables(_) => {}
        }
    }

    /// Nothing is known at this place.
    pub(super) fn clear(&mut self, place: u32) {
        let index = place as usize;
        match self {
            Self::Texts(texts) => texts.clear(place),
            Self::Numbers(numbers) => numbers[index] = UNKNOWN,
            Self::Times { at, day } => (at[index], day[index]) = (UNKNOWN, 0),
            Self::Truths(truths) => truths[index] = None,
            Self::Options(options) => {
                for holders in options.values_mut().filter(|holders| index < holders.len()) {
                    holders.set(index, false);
                }
            }
            Self::Tables(keys) => keys.values_mut().for_each(|texts| texts.clear(place)),
        }
    }

    /// Set what is known at a place at which nothing is. A value of another kind is nothing.
    pub(super) fn set(&mut self, place: u32, value: &Value<'_>) {
        let index = place as usize;
        match (self, value) {
            (Self::Texts(texts), Value::Texts(list)) => list.iter().for_each(|text| texts.add(place, text)),
            (Self::Numbers(numbers), Value::Number(n)) => numbers[index] = n.0,
            (Self::Times { at, day }, Value::Time(time)) => {
                (at[index], day[index]) = (time.0, DayMonth::of(*time).0);
            }
            (Self::Truths(truths), Value::Truth(truth)) => truths[index] = Some(*truth),
            (Self::Options(options), Value::Ids(ids)) => {
                for id in ids {
                    let holders = match options.get_mut(*id) {
                        Some(holders) => holders,
                        None => options.entry((*id).to_owned()).or_default(),
                    };
                    holders.grow_and_insert(index);
                }
            }
            (Self::Tables(keys), Value::Rows(rows)) => {
                for (key, text) in rows {
                    let texts = match keys.get_mut(*key) {
                        Some(texts) => texts,
                        None => keys.entry((*key).to_owned()).or_default(),
                    };
                    texts.grow(index + 1);
                    texts.add(place, text);
                }
            }
            _ => {}
        }
    }

    /// The places at which this holds, of so many; those of records that are gone may be among them.
    pub(super) fn holding(&self, ask: &Ask, now: Timestamp, places: usize) -> FixedBitSet {
        match (self, ask) {
            (_, Ask::Known(known)) => turned(self.known(places), *known),
            (Self::Texts(texts), Ask::Text(how, wanted)) => turned(texts.comparing(how, places), *wanted),
            (Self::Numbers(numbers), Ask::Number(from, to)) => {
                let (from, to) = (from.map_or(UNKNOWN + 1, |n| n.0), to.map_or(i64::MAX, |n| n.0));
                set_of(numbers.iter().map(|n| from <= *n && *n <= to))
            }
            (Self::Numbers(numbers), Ask::NumberIsNot(other)) => {
                set_of(numbers.iter().map(|n| *n != other.0))
            }
            (Self::Times { at, day }, Ask::Time(when)) => match when.at(now) {
                At::Span(Span { from, until }) => {
                    let (from, until) = (from.unwrap_or(UNKNOWN + 1), until.unwrap_or(i64::MAX));
                    set_of(at.iter().map(|at| from <= *at && *at < until))
                }
                At::EveryYear(first, last) => set_of(
                    at.iter().zip(day).map(|(at, day)| *at != UNKNOWN && DayMonth(*day).between(first, last)),
                ),
            },
            (Self::Truths(truths), Ask::Truth(wanted)) => set_of(truths.iter().map(|t| *t == Some(*wanted))),
            (Self::Options(options), Ask::Choice(ids, wanted) | Ask::Any(ids, wanted)) => {
                let mut any = FixedBitSet::with_capacity(places);
                ids.iter().filter_map(|id| options.get(id)).for_each(|holders| any.union_with(holders));
                turned(any, *wanted)
            }
            (Self::Options(options), Ask::AllOf(ids)) => {
                let mut all = everywhere(places);
                for id in ids {
                    match options.get(id) {
                        Some(holders) => all.intersect_with(holders),
                        None => all.clear(),
                    }
                }
                all
            }
            (Self::Tables(keys), Ask::Row(key, text)) => match keys.get(key) {
                Some(texts) => texts.comparing(&Texts::Is(vec![text.clone()]), places),
                None => FixedBitSet::with_capacity(places),
            },
            _ => FixedBitSet::with_capacity(places),
        }
    }

    fn known(&self, places: usize) -> FixedBitSet {
        let mut known = match self {
            Self::Texts(texts) => texts.known(),
            Self::Numbers(numbers) => set_of(numbers.iter().map(|n| *n != UNKNOWN)),
            Self::Times { at, .. } => set_of(at.iter().map(|at| *at != UNKNOWN)),
            Self::Truths(truths) => set_of(truths.iter().map(Option::is_some)),
            Self::Options(options) => union(options.values().cloned()),
            Self::Tables(keys) => union(keys.values().map(TextColumn::known)),
        };
        known.grow(places);
        known
    }
}

/// Texts by place. Most places have one; each different text is kept once.
#[derive(Debug)]
pub(super) struct TextColumn {
    /// The code of the first text at each place; 0: none.
    first: Vec<u32>,
    /// The codes of the others, where there are several.
    more: HashMap<u32, Vec<u32>>,
    /// The text of each code; that of 0 is no text.
    texts: Vec<Box<str>>,
    codes: HashMap<Box<str>, u32>,
}

impl Default for TextColumn {
    fn default() -> Self {
        Self { first: Vec::new(), more: HashMap::new(), texts: vec!["".into()], codes: HashMap::new() }
    }
}

impl TextColumn {
    fn grow(&mut self, places: usize) {
        if self.first.len() < places {
            self.first.resize(places, 0);
        }
    }

    fn clear(&mut self, place: u32) {
        if let Some(first) = self.first.get_mut(place as usize) {
            *first = 0;
        }
        self.more.remove(&place);
    }

    fn add(&mut self, place: u32, text: &str) {
        let code = match self.codes.get(text) {
            Some(code) => *code,
            None => {
                let code = u32::try_from(self.texts.len()).expect("fewer than four thousand million texts");
                self.texts.push(text.into());
                self.codes.insert(text.into(), code);
                code
            }
        };
        let first = &mut self.first[place as usize];
        if *first == 0 {
            *first = code;
        } else {
            self.more.entry(place).or_default().push(code);
        }
    }

    /// The first text at a place; `None`: none.
    pub(super) fn first(&self, place: usize) -> Option<&str> {
        let code = self.first.get(place).copied().filter(|code| *code != 0)?;
        self.texts.get(code as usize).map(AsRef::as_ref)
    }

    fn known(&self) -> FixedBitSet {
        set_of(self.first.iter().map(|code| *code != 0))
    }

    /// Places at which at least one text compares. Each different text is looked at once.
    fn comparing(&self, how: &Texts, places: usize) -> FixedBitSet {
        let mut codes = FixedBitSet::with_capacity(self.texts.len());
        let mut only = None;
        match how {
            Texts::Is(list) => {
                for code in list.iter().filter_map(|one: &Shown| self.codes.get(one.folded.as_str())) {
                    codes.insert(*code as usize);
                    only = Some(*code);
                }
            }
            Texts::Contains(part) => {
                for (code, text) in self.texts.iter().enumerate().skip(1) {
                    codes.set(code, text.contains(part.folded.as_str()));
                }
            }
            Texts::StartsWith(part) => {
                for (code, text) in self.texts.iter().enumerate().skip(1) {
                    codes.set(code, text.starts_with(part.folded.as_str()));
                }
            }
        }
        let mut holding = match (codes.count_ones(..), only) {
            (0, _) => FixedBitSet::with_capacity(places),
            (1, Some(only)) => set_of(self.first.iter().map(|code| *code == only)),
            _ => set_of(self.first.iter().map(|code| codes.contains(*code as usize))),
        };
        holding.grow(places);
        for (place, more) in &self.more {
            if more.iter().any(|code| codes.contains(*code as usize)) {
                holding.insert(*place as usize);
            }
        }
        holding
    }
}

/// The places at which it holds, sixty-four at a time.
fn set_of(holds: impl ExactSizeIterator<Item = bool>) -> FixedBitSet {
    let places = holds.len();
    let mut blocks = Vec::with_capacity(places.div_ceil(usize::BITS as usize));
    let (mut block, mut bit) = (0usize, 0u32);
    for holds in holds {
        block |= usize::from(holds) << bit;
        bit += 1;
        if bit == usize::BITS {
            blocks.push(block);
            (block, bit) = (0, 0);
        }
    }
    if bit > 0 {
        blocks.push(block);
    }
    FixedBitSet::with_capacity_and_blocks(places, blocks)
}

fn union(sets: impl Iterator<Item = FixedBitSet>) -> FixedBitSet {
    sets.fold(FixedBitSet::new(), |mut all, set| {
        all.union_with(&set);
        all
    })
}

fn everywhere(places: usize) -> FixedBitSet {
    let mut all = FixedBitSet::with_capacity(places);
    all.insert_range(..);
    all
}

/// The set, or its opposite.
fn turned(mut set: FixedBitSet, as_it_is: bool) -> FixedBitSet {
    if !as_it_is {
        set.toggle_range(..);
    }
    set
}
