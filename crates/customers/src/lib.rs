//! Customers: the people who write to the business, as members see and edit them.
//!
//! Invariants:
//! - A phone number leaves the server whole only for members who may see it whole; everybody else gets
//!   [`phone::mask`], in lists, single views and live events alike, and cannot find it out by searching for
//!   its parts.
//! - A member who is limited to channels sees only the addresses on them.
//! - Views are loaded in bulk ([`Views`]).
//!
//! - A filter shows nobody whom its asker may not see, and is not asked of what they may not see.
//!
//! How to add a field: its column in `loa-store`, its place in [`CustomerView`], and, when it is personal data,
//! its mask in [`CustomerView::masked`].

mod catalogue;
mod directory;
mod find;
mod find_routes;
pub mod groups;
mod label_routes;
pub mod labels;
mod layout;
pub mod phone;
mod routes;
mod usecases;
mod views;

use std::sync::Arc;

use loa_kernel::Ids;
use loa_rulebook::Library;
use loa_store::Store;
use loa_stream::Signals;

pub use directory::Directory;
pub use find::{CustomerPage, CustomerQuery, CustomerRow, CustomerThread, FilterSentence};
pub use groups::GroupExpiry;
pub use labels::{LabelPatch, LabelView};
pub use layout::{CustomerLayout, DEFAULT_COLUMNS, LayoutColumn};
pub use routes::router;
pub use usecases::CustomerEdit;
pub use views::{CustomerView, IdentityView, Views};

/// The use cases with what they need. Clone it freely.
#[derive(Clone)]
pub struct Customers {
    /// The database.
    pub store: Store,
    /// Clock and new ids.
    pub ids: Ids,
    /// The rule books.
    pub rules: Arc<Library>,
    /// Wake-ups after commits.
    pub signals: Signals,
    /// The customers in memory, for filters.
    pub directory: Directory,
}
