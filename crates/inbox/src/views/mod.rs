//! What clients get to see, and how it is loaded in bulk.

mod conversation;
mod entry;
mod file;
mod load;
mod message;

pub use conversation::{
    BackView, Closes, Closing, ConversationView, Counts, CustomerBrief, EpisodeView, SnoozeView,
};
pub use entry::DoneView;
pub use file::{DraftView, FileView, file_url};
pub use loa_channels::Attachment as AttachmentView;
pub use load::Loader;
pub use message::{CHARGED, Charged, FailureView, MessageView, QuotedView, ReactionView};
