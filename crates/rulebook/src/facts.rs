//! What is known about the account, the customer and the message when a decision is asked for.

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// What a message is to the platform, from the cheapest to the dearest. The order is the order in which the
/// platform pays (platform reference §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Free answer inside the window that the customer opened.
    Reply,
    /// Free greeting to a follower who never interacted.
    Welcome,
    /// Consultation message from the monthly allowance of the account's package.
    Package,
    /// Consultation message from a bought or given pack.
    Extra,
    /// Consultation message charged to the Zalo Cloud Account.
    Paid,
}

impl Class {
    /// Every class, cheapest first.
    pub const ALL: &'static [Self] = &[Self::Reply, Self::Welcome, Self::Package, Self::Extra, Self::Paid];

    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Welcome => "welcome",
            Self::Package => "package",
            Self::Extra => "extra",
            Self::Paid => "paid",
        }
    }

    /// The `quota_type` of the platform's answer to such a send; `None` for a charged message, whose answer
    /// has no quota block (platform reference §5).
    pub const fn quota_type(self) -> Option<&'static str> {
        match self {
            Self::Reply => Some("reply"),
            Self::Welcome => Some("welcome_msg"),
            Self::Package => Some("sub_quota"),
            Self::Extra => Some("purchase_quota"),
            Self::Paid => None,
        }
    }

    /// The class that an answer's quota block tells. `None` in: no block, so it was charged. `None` out: a
    /// word the reference does not know.
    pub fn from_quota_type(quota_type: Option<&str>) -> Option<Self> {
        match quota_type {
            Some("reply") => Some(Self::Reply),
            Some("welcome_msg") => Some(Self::Welcome),
            Some("sub_quota") => Some(Self::Package),
            Some("purchase_quota" | "reward_quota") => Some(Self::Extra),
            Some(_) => None,
            None => Some(Self::Paid),
        }
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Can the account be charged? There is no call that tells the balance, so this is what the last sends showed
/// (-320, -321, or a charged send that went through; platform reference §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// No send has shown it yet.
    #[default]
    Unknown,
    /// The app is linked to a Zalo Cloud Account that pays.
    Linked,
    /// The app has no Zalo Cloud Account (-320).
    NotLinked,
    /// The Zalo Cloud Account cannot pay (-321).
    OutOfMoney,
}

/// The package's allowance of the current period, shared by all conversations and agents of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Messages in the period. 0: the package has no allowance.
    pub total: u64,
    /// Left, as the platform said it last.
    pub remain: u64,
    /// Ours that are under way and not yet in the platform's number.
    pub reserved: u64,
    /// When the platform said it.
    pub as_of: Timestamp,
    /// First instant after the period, when known. From then on the numbers are of the past.
    pub until: Option<Timestamp>,
}

impl Pool {
    /// What a further message may take: the platform's number less what is under way.
    pub const fn left(&self) -> u64 {
        self.remain.saturating_sub(self.reserved)
    }

    /// Used, counting up, as the seed shows it ("37/1000"). Without reservations: the number is the
    /// platform's, never ours plus one (features §4.7).
    pub const fn used(&self) -> u64 {
        self.total.saturating_sub(self.remain)
    }
}

/// What is known about the sending account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChannelFacts {
    /// Tokens work.
    pub connected: bool,
    /// Whether a charged message can go.
    pub billing: Billing,
    /// The package's pool; `None`: never read. An account without an allowance has a pool of 0.
    pub package: Option<Pool>,
    /// Left in bought and given packs, less our reservations; `None`: not known.
    pub extra_remain: Option<u64>,
    /// The account could not pay when it was last asked, and somebody says that it can now: this message may try.
    pub trial: bool,
}

/// The platform's own count of free replies for one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformReply {
    /// Left after the send that told it.
    pub remain: u32,
    /// Of how many.
    pub total: u32,
    /// When it was told (platform's time).
    pub as_of: Timestamp,
}

/// What is known about the customer as this account sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecipientFacts {
    /// Follows the account; `None`: not known.
    pub follower: Option<bool>,
    /// Blocked or restricted the account (-213, -217, -244).
    pub blocked: bool,
    /// Newest message of the customer, by the platform's time.
    pub last_message_at: Option<Timestamp>,
    /// Newest interaction of any kind in platform reference §6.2. A message counts even if it is not entered
    /// here.
    pub last_interaction_at: Option<Timestamp>,
    /// Free replies confirmed by the platform since the counter was set.
    pub replies_used: u32,
    /// Free replies under way.
    pub replies_reserved: u32,
    /// Welcome messages used, those under way included.
    pub welcome_used: u32,
    /// The platform's own count.
    pub platform_reply: Option<PlatformReply>,
    /// When the platform last refused a message because the customer's last interaction was too old for it (-230). What
    /// it says beats what we know, until the customer interacts again.
    pub window_refused_at: Option<Timestamp>,
    /// When the account ended the customer's follow ("Xóa quan tâm"), unless they follow again since.
    pub follow_removed_at: Option<Timestamp>,
}

impl RecipientFacts {
    /// The platform's refusal, as long as nothing of the customer came after it.
    pub fn window_refused(&self) -> Option<Timestamp> {
        self.window_refused_at.filter(|at| self.interaction_at().is_none_or(|last| last <= *at))
    }

    /// The end of the follow by the account, as long as nothing of the customer came after it: whoever was shown the
    /// door is not written to before they come back.
    pub fn follow_removed(&self) -> Option<Timestamp> {
        self.follow_removed_at.filter(|at| self.interaction_at().is_none_or(|last| last <= *at))
    }

    /// The newest interaction, a message being one.
    pub fn interaction_at(&self) -> Option<Timestamp> {
        self.last_message_at.max(self.last_interaction_at)
    }
}

/// Kinds of message that can be written. The limits of each stand in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Text only.
    Text,
    /// A still picture, with or without a caption.
    Image,
    /// A moving picture, with or without a caption.
    Gif,
    /// A document.
    File,
    /// A sticker of the platform's catalogue.
    Sticker,
    /// Cards under each other, each with a picture and a tap.
    List,
    /// A text with buttons under it.
    Buttons,
    /// A question for the customer's contact data.
    RequestInfo,
}

impl MessageKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Text,
        Self::Image,
        Self::Gif,
        Self::File,
        Self::Sticker,
        Self::List,
        Self::Buttons,
        Self::RequestInfo,
    ];

    /// As it is stored and sent, and the name of its section in the books.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Image => "image",
            Self::Gif => "gif",
            Self::File => "file",
            Self::Sticker => "sticker",
            Self::List => "list",
            Self::Buttons => "buttons",
            Self::RequestInfo => "request_info",
        }
    }

    /// Does it hold cards or buttons ([`TemplateFacts`])?
    pub const fn is_template(self) -> bool {
        matches!(self, Self::List | Self::Buttons | Self::RequestInfo)
    }
}

/// What limits look at in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageFacts {
    /// Which kind.
    pub kind: MessageKind,
    /// Length of the text or caption in Unicode characters (`str::chars`), as it will be sent. A text of
    /// spaces only counts as 0.
    pub text_chars: usize,
    /// The file, when the kind carries one. A sticker carries none.
    pub attachment: Option<AttachmentFacts>,
    /// Cards and buttons, of the kinds that have them.
    pub template: Option<TemplateFacts>,
}

impl MessageFacts {
    /// A plain text.
    pub fn text(text: &str) -> Self {
        Self { kind: MessageKind::Text, text_chars: count_chars(text), attachment: None, template: None }
    }

    /// A sticker.
    pub const fn sticker() -> Self {
        Self { kind: MessageKind::Sticker, text_chars: 0, attachment: None, template: None }
    }

    /// A file of `kind` with a caption, which may be empty.
    pub fn attached(kind: MessageKind, caption: &str, bytes: u64, media_type: &str) -> Self {
        let attachment = Some(AttachmentFacts { bytes, media_type: media_type.to_owned() });
        Self { kind, text_chars: count_chars(caption), attachment, template: None }
    }
}

fn count_chars(text: &str) -> usize {
    if text.trim().is_empty() { 0 } else { text.chars().count() }
}

/// What limits look at in cards and buttons.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TemplateFacts {
    /// The cards, in their order.
    pub cards: Vec<CardFacts>,
    /// The buttons, in their order.
    pub buttons: Vec<ButtonFacts>,
}

/// A card; lengths in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CardFacts {
    /// Its title.
    pub title_chars: usize,
    /// Its second line.
    pub subtitle_chars: usize,
    /// Has it a picture?
    pub pictured: bool,
    /// What a tap says or writes.
    pub action: ActionFacts,
}

/// A button; lengths in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ButtonFacts {
    /// Its label.
    pub title_chars: usize,
    /// What a tap says or writes.
    pub action: ActionFacts,
}

/// What a tap does, as far as limits go; lengths in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ActionFacts {
    /// The text that is said in the customer's name; 0: it says none.
    pub query_chars: usize,
    /// The text of an SMS; 0: it writes none.
    pub sms_chars: usize,
}

/// What limits look at in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentFacts {
    /// Size in bytes.
    pub bytes: u64,
    /// Media type; parameters (`; charset=…`) and letter case do not matter.
    pub media_type: String,
}
