//! Which threads: words for lists, saved views and what is done to many at once.

use serde::{Deserialize, Serialize};

/// Whether a thread is being worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConversationStatus {
    /// Needs somebody.
    Open,
    /// Waits for the customer or for a colleague.
    Pending,
    /// Comes back later.
    Snoozed,
    /// Done.
    Closed,
}

impl ConversationStatus {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
        }
    }
}
