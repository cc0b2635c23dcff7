//! Many records field by field, so that a condition over a million of them takes milliseconds in whatever database they
//! are kept. A copy in memory: who keeps it fills it and tells it what changed.
//!
//! Invariants:
//! - [`Columns::select`] chooses exactly the records for which [`crate::matches`] holds.
//! - A page is ordered by value and then by id, so that pages fit together while records come and go.

mod column;
mod page;

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use loa_kernel::Timestamp;

use self::column::Column;
pub use self::page::{Place, Sort, SortValue};
use crate::{Condition, Field, Record};

/// The records of one workspace. Ids are those of the store (UUIDs as numbers).
#[derive(Debug, Default)]
pub struct Columns {
    fields: Vec<Field>,
    columns: HashMap<String, Column>,
    /// The id at each place; a place whose record is gone keeps its id until another takes it.
    ids: Vec<u128>,
    places: HashMap<u128, u32>,
    live: FixedBitSet,
    free: Vec<u32>,
}

impl Columns {
    /// No records yet, with these fields.
    pub fn new(fields: Vec<Field>) -> Self {
        let columns = fields.iter().map(|field| (field.key.clone(), Column::new(field.kind))).collect();
        Self { fields, columns, ..Self::default() }
    }

    /// From now on these fields, of which no record knows anything that was not told before. Those that stay keep what is
    /// known of them; those that are not named are forgotten.
    pub fn set_fields(&mut self, fields: Vec<Field>) {
        let mut before = std::mem::take(&mut self.columns);
        for field in &fields {
            let kept = self.fields.iter().any(|had| had.key == field.key && had.kind == field.kind);
            let column = before.remove(&field.key).filter(|_| kept).unwrap_or_else(|| {
                let mut column = Column::new(field.kind);
                column.grow(self.ids.len());
                column
            });
            self.columns.insert(field.key.clone(), column);
        }
        self.fields = fields;
    }

    /// Its fields.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// No record at all.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// A record is there, or is now like this.
    pub fn put(&mut self, id: u128, record: &impl Record) {
        let (place, fresh) = match self.places.get(&id) {
            Some(place) => (*place, false),
            None => (self.take_place(id), true),
        };
        for field in &self.fields {
            let Some(column) = self.columns.get_mut(&field.key) else { continue };
            if !fresh {
                column.clear(place);
            }
            column.set(place, &record.value(field));
        }
    }

    /// A record is gone.
    pub fn remove(&mut self, id: u128) {
        let Some(place) = self.places.remove(&id) else { return };
        for column in self.columns.values_mut() {
            column.clear(place);
        }
        self.live.set(place as usize, false);
        self.free.push(place);
    }

    fn take_place(&mut self, id: u128) -> u32 {
        let place = self.free.pop().unwrap_or_else(|| {
            self.ids.push(id);
            u32::try_from(self.ids.len() - 1).expect("fewer than four thousand million records")
        });
        self.ids[place as usize] = id;
        self.places.insert(id, place);
        self.live.grow(self.ids.len());
        self.live.insert(place as usize);
        for column in self.columns.values_mut() {
            column.grow(self.ids.len());
        }
        place
    }

    /// Which records fulfil the condition at `now`.
    pub fn select(&self, condition: &Condition, now: Timestamp) -> FixedBitSet {
        let mut chosen = self.holding(condition, now);
        chosen.intersect_with(&self.live);
        chosen
    }

    /// The same before those that are gone are taken out.
    fn holding(&self, condition: &Condition, now: Timestamp) -> FixedBitSet {
        match condition {
            Condition::All(all) => {
                let mut chosen = self.live.clone();
                for one in all {
                    if chosen.is_clear() {
                        break;
                    }
                    chosen.intersect_with(&self.holding(one, now));
                }
                chosen
            }
            Condition::Any(any) => {
                let mut chosen = FixedBitSet::with_capacity(self.ids.len());
                for one in any {
                    chosen.union_with(&self.holding(one, now));
                }
                chosen
            }
            Condition::Test(test) => match self.columns.get(&test.field.key) {
                Some(column) => column.holding(&test.ask, now, self.ids.len()),
                None => FixedBitSet::with_capacity(self.ids.len()),
            },
        }
    }

    /// The ids of what was chosen, in no order.
    pub fn ids<'a>(&'a self, chosen: &'a FixedBitSet) -> impl Iterator<Item = u128> + 'a {
        chosen.ones().filter_map(|place| self.ids.get(place).copied())
    }

    /// An option of a choice or set is gone, from every record.
    pub fn forget_option(&mut self, field: &str, option: &str) {
        if let Some(Column::Options(options)) = self.columns.get_mut(field) {
            options.remove(option);
        }
    }
}
