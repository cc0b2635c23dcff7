//! Words that every part of Loa uses: typed ids, time, money, text folding, pages, actors and the
//! closed table of problems.
//!
//! Invariants:
//! - This crate never reads the clock, never draws randomness, never does I/O. [`Clock`] and [`Random`]
//!   are traits; the binaries supply the real ones.
//! - An id never leaves the program without its prefix, so a conversation id cannot be pasted where a
//!   message id belongs.
//! - A [`Problem`] always has a code of the closed table [`problem::Code`]; its text is made by the reader's
//!   client from code and parameters.
//!
//! How to add an id: one line in `id.rs` (`typed_id!`). How to add an error: one line in `problem.rs`, the
//! two texts in the web app's `errors` catalogue, and the snapshot of the table.

mod actor;
mod courtesy;
mod criteria;
mod email;
mod group;
mod id;
mod label;
mod page;
mod phone;
pub mod problem;
mod random;
mod text;
mod time;

pub use actor::{Action, Actor, Grant, Object, Role, Scope};
pub use courtesy::is_courtesy;
pub use criteria::{AssigneeIs, BulkAction, ConversationStatus, Criteria, ViewSort};
pub use email::normalise_email;
pub use group::PhoneGroup;
pub use id::*;
pub use label::{LabelColour, LabelKind};
pub use page::{Page, PageCursor};
pub use phone::normalise_phone;
pub use problem::{Code, Problem};
pub use random::{Ids, Random, SeededRandom, first_id_at};
pub use text::{FoldedWord, clip, fold_vi, one_line, words_vi};
pub use time::{Clock, ManualClock, Timestamp, VIETNAM};
