//! What clients get to see, and how it is loaded in bulk.

mod bulk;
mod conversation;
mod entry;
mod file;
mod load;
mod message;
mod saved_view;

pub use bulk::{BulkItemView, BulkJobView, BulkOutcome, BulkReason, BulkState, BulkWhy};
pub use conversation::{
    BackView, Closes, Closing, ConversationView, Counts, CustomerBrief, EpisodeView, SnoozeView,
};
pub use entry::DoneView;
pub use file::{DraftView, FileView, file_url};
pub use loa_channels::Attachment as AttachmentView;
pub use load::Loader;
pub use message::{CHARGED, Charged, FailureView, MessageView, QuotedView, ReactionView};
pub use saved_view::{Dead, DeadCondition, Named, SavedViewView, ViewCount};
