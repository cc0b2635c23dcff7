//! The inbox: threads, messages, drafts and files as agents see and handle them.
//!
//! Invariants:
//! - Reading a page is a handful of queries, whatever its length: views are loaded in bulk
//!   ([`views::Loader`]) and never one by one. The realtime hub uses the same loader, so a view that was pushed
//!   is equal to the view that would have been fetched.
//! - What a member may not see is answered exactly like what is not there.
//! - A view never holds what its reader may not know; what the rules say about free replies is computed by the
//!   rule book, never here.
//! - A file is kept only when its bytes show one of the types in [`media::Media`], and is shown inside a page
//!   only when that type cannot carry a program.
//!
//! Writing a message is not here: it belongs to outbound, where capabilities meet for what goes out.
//!
//! How to add a route: a use case as a method of [`Inbox`], its handler in `routes/`, its line in
//! [`routes::router`], and its rows in the server's table of roles.

pub mod bulk;
mod conversations;
mod drafts;
mod files;
pub mod hours;
pub mod media;
mod messages;
pub mod notes;
pub mod ownership;
pub mod replies;
pub mod routes;
mod saved_views;
pub mod search;
pub mod settings;
mod snooze;
pub mod views;
pub mod words;

use std::sync::Arc;

use loa_kernel::{Ids, Timestamp};
use loa_rulebook::Library;
use loa_store::Store;
use loa_stream::Signals;
use object_store::ObjectStore;

pub use bulk::{BulkWork, job_view};
pub use conversations::Wish;
pub use files::{MAX_FILE_BYTES, StoredFile};
pub use messages::{MessagesPage, Place};
pub use routes::router;
pub use search::SearchWork;
pub use snooze::{SnoozeWish, SnoozeWork};

/// The use cases of the inbox with what they need. Clone it freely.
#[derive(Clone)]
pub struct Inbox {
    /// The database.
    pub store: Store,
    /// Clock and new ids.
    pub ids: Ids,
    /// The rule books.
    pub rules: Arc<Library>,
    /// Wake-ups after commits.
    pub signals: Signals,
    /// Where the bytes of files lie.
    pub files: Arc<dyn ObjectStore>,
}

impl Inbox {
    fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }
}
