//! Customers: the people who write to the business, as members see and edit them.
//!
//! Invariants:
//! - A phone number leaves the server whole only for members who may see it whole; everybody else gets
//!   [`phone::mask`], in lists, single views and live events alike, and cannot find it out by searching for
//!   its parts.
//! - A member who is limited to channels sees only the addresses on them.
//! - Views are loaded in bulk ([`Views`]).
//!
//! - A follow is ended at the platform at most once a wish; a call whose outcome is unknown is looked up before it is made
//!   again.
//! - A filter shows nobody whom its asker may not see, and is not asked of what they may not see.
//!
//! - Two customers are made one by a member only, and nothing of either is lost by it ([`merge`]).
//!
//! How to add a field: its column in `loa-store`, its place in [`CustomerView`], and, when it is personal data,
//! its mask in [`CustomerView::masked`].

pub mod bulk;
mod bulk_routes;
mod capabilities;
mod catalogue;
mod directory;
mod emptying;
mod field_routes;
mod fields;
mod find;
mod find_routes;
mod follow;
mod follow_routes;
pub mod groups;
mod imports;
mod label_routes;
pub mod labels;
mod layout;
mod list_view_routes;
pub mod list_views;
mod mask;
pub mod merge;
mod merge_routes;
pub mod phone;
mod routes;
mod sheets;
mod usecases;
mod values;
mod views;

use std::sync::Arc;

use loa_channels::Channels;
use loa_kernel::Ids;
use loa_rulebook::Library;
use loa_store::Store;
use loa_stream::Signals;

pub use capabilities::{Capabilities, PackageView};
pub use directory::Directory;
pub use emptying::FieldWork;
pub use fields::{FieldInput, FieldPatch, FieldView};
pub use find::{CustomerPage, CustomerQuery, CustomerRow, CustomerThread, FilterSentence};
pub use follow::{FollowOffer, FollowOutcome, FollowRemoved};
pub use groups::GroupExpiry;
pub use imports::{CustomerImportView, CustomerImportWork, ImportPlan, MAX_IMPORT_BYTES};
pub use labels::{LabelPatch, LabelView};
pub use layout::{CustomerLayout, DEFAULT_COLUMNS, LayoutColumn};
pub use mask::Mask;
pub use routes::router;
pub use usecases::CustomerEdit;
pub use values::ValueFields;
pub use views::{ContactView, CustomerView, IdentityView, LabelRefusal, Views};

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
    /// The platforms.
    pub channels: Channels,
    /// The customers in memory, for filters.
    pub directory: Directory,
    /// The file store.
    pub files: Arc<dyn object_store::ObjectStore>,
    /// The largest file of customers that is taken, in bytes.
    pub import_bytes: u64,
}
