//! The live view: what was committed, pushed to open browsers.
//!
//! ```text
//! commit -> signal -> feed of the workspace: read changes after the last one, load their views in bulk,
//! write each event once -> broadcast -> sockets: filter by what their member may see, write frames
//! ```
//!
//! Invariants:
//! - An event leaves after its commit and in the order of commit; what a socket got once it does not get again.
//! - A socket that resumes gets everything after the number it names, or `too_old`: never a gap without notice.
//! - A reader who cannot keep up is disconnected and resumes later; nobody else waits for them.
//! - Whoever is signed out, disabled, or changes role is looked up again at once: the change of the member is itself an
//!   event that every socket sees, in every process.
//!
//! - Presence is no change: it has no number, is never stored, and is told only to those who may see the thread.
//!
//! How to add a kind of event: a word in `loa_store::changes::ChangeKind`, its view in [`event::Change`], its loading
//! in `load.rs`.

pub mod event;
mod feed;
mod hub;
mod load;
pub mod presence;
mod room;
pub(crate) mod socket;

pub(crate) use hub::Hub;
pub(crate) use room::Rooms;
