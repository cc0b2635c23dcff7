//! Business hours: when the shop is open, when it opens next, how much open time lies between two instants.
//!
//! Pure: facts and an instant in, an answer out. It knows no database, no HTTP and no clock, and reads time zones from
//! the database inside the program, so the same plan gives the same answer on every machine.
//!
//! Invariants:
//! - A [`Plan`] is what a member enters; a [`Calendar`] is a plan that was checked. What is wrong with a plan is
//!   refused at its field.
//! - A range belongs to the day on which it begins, also when it ends on the next one. A holiday takes the place of
//!   the ranges that begin on its date, and of no others.
//! - A range begins at the first instant at which its zone's clock has reached the wall-clock time, and ends likewise.
//!   Where the clock is put back, the hour that comes twice does not open twice; where it is put forward, a range
//!   within the missing hour is not there.
//! - Lunar dates are entered for each year ([`vietnam`]), never computed.
//!
//! How to add a question that the hours answer: a method of [`Calendar`] over its spans, with a row in `tests/table.rs` and a
//! comparison with the minute walk in `tests/walk.rs`.

mod calendar;
mod opening;
mod plan;
pub mod vietnam;

pub use calendar::{Calendar, Closed};
pub use opening::{Language, OPENING, fill, opening};
pub use plan::{Holiday, MAX_HOLIDAYS, MAX_RANGES, NAME_MAX, Plan, Range};
