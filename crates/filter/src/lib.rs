//! One tree of conditions for lists, saved views, segments, assignment and journeys (features reference §6.3, §2.5).
//!
//! A tree travels and is kept as [`Node`]s. [`check`] holds it against a [`Catalogue`] of fields and gives a
//! [`Condition`], in which every value has its type. A condition can be said as a sentence ([`sentence`]), asked of one
//! record in memory ([`matches`]), and written as SQL (by the store).
//!
//! Invariants:
//! - What is not understood is an error that names its place, never a condition that is left out: a filter shows less or
//!   fails, it never shows more.
//! - Every operator and its negation part the records in two: "is not" and "none of" hold where nothing is known. What
//!   compares ("from 1000", "before") holds only where something is.
//! - Texts are compared without case and diacritics, so that "ha noi" is "Hà Nội".
//! - Numbers are thousandths and days are Vietnam's, so that memory and both databases agree to the last digit.
//! - This crate never reads the clock: what is relative ("in the last 7 days") is resolved with the `now` it is given.
//!
//! How to add an operator: a line in [`Op`], the kinds that have it in [`FieldKind::ops`], its reading in `check.rs`, its
//! test in `eval.rs`, its two templates in `print.rs`, its SQL in the store; the agreement test finds what was forgotten.
//! How to add a kind of field: a line in [`FieldKind`], and the same.

mod catalogue;
mod check;
mod columns;
mod condition;
mod dates;
mod days;
mod error;
mod eval;
mod node;
mod number;
mod print;
#[cfg(feature = "testing")]
pub mod testing;
mod value;

pub use catalogue::{Catalogue, Field, FieldKind, Label, Language, Options};
pub use check::{MAX_DEPTH, MAX_LISTED, MAX_TESTS, MAX_TEXT_CHARS, check};
pub use columns::{Columns, Place, Sort, SortValue};
pub use condition::{Ask, At, Condition, Shown, Test, Texts, When};
pub use dates::DateFormat;
pub use days::{DayMonth, Span};
pub use error::{FilterError, Reason};
pub use eval::{Record, Value, matches};
pub use node::{Node, Op};
pub use number::Milli;
pub use print::sentence;
pub use value::{Known, ValueError, read_value, show_value, value_text};
