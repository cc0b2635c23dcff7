//! What a platform tells us, in Loa's words.

use loa_kernel::Timestamp;

use crate::{Attachment, MessageKind};

/// One event of a platform, understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    /// What happened.
    pub kind: InboundKind,
    /// The platform's id of the connected account (for Zalo: the OA id).
    pub external_account: String,
    /// The platform's id of the customer on that account. `None` for events about the account itself.
    pub external_user: Option<String>,
    /// The customer's id as the application sees it, when the event carries one.
    pub app_user_id: Option<String>,
    /// When it happened, by the platform's clock.
    pub occurred_at: Timestamp,
    /// The same for every delivery of the same event, different for different events of the account.
    pub dedupe_key: String,
}

/// Who wrote a message that the platform reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// The customer.
    Customer,
    /// The account: through Loa, through another application, or by hand in the platform's own tool.
    Platform {
        /// The platform's id of the administrator who typed it by hand; `None` for what an application sent.
        admin_id: Option<String>,
    },
}

/// A message as the platform reports it.
#[derive(Debug, Clone, PartialEq)]
pub struct InboundMessage {
    /// The platform's id of the message.
    pub platform_id: String,
    /// What it is.
    pub kind: MessageKind,
    /// Text, or the caption of a picture.
    pub text: Option<String>,
    /// What is attached; empty for plain text.
    pub attachments: Vec<Attachment>,
    /// The platform's id of the message it answers.
    pub quoted_platform_id: Option<String>,
    /// Who wrote it.
    pub author: Author,
}

/// Contact data that the customer submitted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SharedProfile {
    /// Name as the customer wrote it.
    pub name: Option<String>,
    /// Phone number as the customer wrote it.
    pub phone: Option<String>,
    /// Address in one line.
    pub address: Option<String>,
    /// Everything that was submitted, as JSON.
    pub raw: serde_json::Value,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum InboundKind {
    /// A message, from either side. A customer's message is an interaction and sets the reply counter again.
    Message(InboundMessage),
    /// Messages of ours reached the customer's device.
    Delivered {
        /// The platform's ids of the messages.
        platform_ids: Vec<String>,
    },
    /// The customer has seen messages of ours.
    Seen {
        /// The platform's ids of the messages.
        platform_ids: Vec<String>,
    },
    /// Somebody reacted to a message.
    Reaction {
        /// The platform's id of the message.
        platform_id: String,
        /// The platform's code of the reaction, for example `/-heart`.
        icon: String,
        /// By the customer; else by the account.
        by_customer: bool,
    },
    /// The customer follows the account. An interaction.
    Follow {
        /// Where the platform says it came from.
        source: Option<String>,
    },
    /// The customer no longer follows the account.
    Unfollow,
    /// The customer did something that opens the window without writing: pressed the chat button,
    /// accepted the widget, called (platform reference §6.2).
    Interaction {
        /// The platform's name of the event.
        event_name: String,
    },
    /// The customer submitted contact data. An interaction.
    ProfileShared(SharedProfile),
    /// A label of the platform was put on or taken off customers.
    TagChanged {
        /// The label.
        tag: String,
        /// Put on; else taken off.
        added: bool,
        /// The platform's ids of the customers; empty when only the label itself was made or removed.
        external_users: Vec<String>,
    },
    /// Data about the customer changed at the platform: fetch the profile again.
    ProfileChanged,
    /// The account withdrew its permission: it must be connected again.
    PermissionRevoked,
    /// The customer asks that their data be deleted.
    UserWithdrew,
    /// A known event that this version has no use for.
    Other {
        /// The platform's name of the event.
        event_name: String,
    },
    /// An event this version does not know. It is kept raw for the operator.
    Unknown {
        /// The platform's name of the event.
        event_name: String,
    },
}

impl InboundKind {
    /// Does this open or extend the customer's window (platform reference §6.2)? Receipts and reactions do not.
    pub fn is_interaction(&self) -> bool {
        match self {
            Self::Message(m) => m.author == Author::Customer,
            Self::Follow { .. } | Self::Interaction { .. } | Self::ProfileShared(_) => true,
            Self::Delivered { .. }
            | Self::Seen { .. }
            | Self::Reaction { .. }
            | Self::Unfollow
            | Self::TagChanged { .. }
            | Self::ProfileChanged
            | Self::PermissionRevoked
            | Self::UserWithdrew
            | Self::Other { .. }
            | Self::Unknown { .. } => false,
        }
    }
}

/// Why an authentic body could not be understood. It is kept raw for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{event_name}: {reason}")]
pub struct NotUnderstood {
    /// The platform's name of the event, or empty.
    pub event_name: String,
    /// What is wrong, for the operator.
    pub reason: String,
}
