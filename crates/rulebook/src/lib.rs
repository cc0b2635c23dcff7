//! The platform's messaging rules as dated data, and the one function that reads them: [`decide`] answers
//! whether a message may go to a customer now, as which class, at what cost, what remains, why, and when
//! that answer changes by itself.
//!
//! Everything here is pure: no clock, no randomness, no files, no database. The books are embedded texts
//! ([`Library::embedded`]); who wants others reads the files and passes their texts ([`Library::load`]).
//!
//! Invariants:
//! - No number of the platform stands in code. Each stands in a book, with a note of where it comes from;
//!   a number without a note is refused at load.
//! - A book that has an unknown key, lacks one or contradicts itself is refused as a whole, with file, line,
//!   key and reason of *every* fault found. A loaded [`Library`] is therefore always consistent.
//! - [`decide`] never guesses. A fact that is not known leads to a reason that says so
//!   (`follower_unknown`, `package_unknown`, `zca_unknown` …), never to a silent assumption.
//! - [`decide`] never allows a class whose known pool is empty, reservations counted in.
//! - Every decision has a reason, and the last reason is the one that decided ([`Decision::decisive`]); the
//!   ones before it say why each cheaper class was not taken.
//! - `changes_at` is the first instant at which the same facts give another answer; facts that change
//!   (a customer writes, a quota is read again) are the caller's to notice.
//! - The platform's own number beats our count, as long as nothing has set the counter again since.
//!
//! Borders (platform reference §6.1, "≤ 48 hours"): a window of 48 h contains the instant 48:00:00.000 after
//! its start and ends one millisecond later; the 7-day border likewise. The end of a package period is the
//! first instant that no longer belongs to it.
//!
//! How to add an edition: copy the newest `rules/messaging-*.toml`, give it a new `edition` and
//! `effective_from`, set the former book's `effective_until` to the same date, change the numbers with their
//! notes, and add one line to `EMBEDDED` in `library.rs`. When a rule appears that no parameter expresses, add
//! the parameter to `rules.rs` (type), `book.rs` (reading, contradictions) and `decide.rs` (one rung of the
//! ladder), and give every existing book its value; nothing has a default.
//!
//! How to add a reason: one line in `decision.rs` at its place in the ladder, and its two texts in the web
//! app's catalogue.

mod book;
mod composer;
mod decide;
mod decision;
mod facts;
mod history;
mod library;
mod limits;
mod lists;
mod packages;
mod people;
mod reader;
mod rules;
mod stickers;

pub use composer::ComposerState;
pub use decide::{Borders, decide};
pub use decision::{Decision, PackageLeft, Reason, ReasonCode, Remedy, ReplyLeft, Verdict};
pub use facts::{
    ActionFacts, AttachmentFacts, Billing, ButtonFacts, CardFacts, ChannelFacts, Class, MessageFacts,
    MessageKind, PlatformReply, Pool, RecipientFacts, TemplateFacts,
};
pub use history::without_reservation;
pub use library::{DEFAULT_EDITION, EditionChoice, Library};
pub use limits::{AttachmentLimits, KindLimits, Limits, TemplateLimits};
pub use lists::Lists;
pub use packages::{Package, PackageCapabilities, PackageLineup, Packages};
pub use people::{DatetimeFormat, FieldLimits, ListLimits, PeopleRules};
pub use reader::RuleError;
pub use rules::{
    AnswerRules, ConsultationRules, MessagingRules, OpenedBy, PaidRules, ReplyCounterInAnswers, ReplyRules,
    WelcomeRules,
};
pub use stickers::Sticker;
