//! The answer of [`decide`](crate::decide) and the closed table of its reasons.

use std::collections::BTreeMap;

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Class;

/// May it go?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Yes, as the decision's class.
    Allow,
    /// No; the reasons say why.
    Deny,
}

/// Free replies left for one customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplyLeft {
    /// Left before this message, those under way taken off; null: not counted in this edition.
    pub remain: Option<u32>,
    /// Of how many; null: not counted in this edition.
    pub total: Option<u32>,
    /// Last instant of the window; a reply at this very millisecond is still free.
    pub until: Timestamp,
}

/// The package's allowance as the platform told it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PackageLeft {
    /// Used in the period, counting up. The platform's number: messages under way are not in it.
    pub used: u64,
    /// Allowance of the period.
    pub total: u64,
    /// Ours that are under way.
    pub reserved: u64,
    /// When the platform told it.
    pub as_of: Timestamp,
    /// First instant after the period, when known.
    pub until: Option<Timestamp>,
}

/// One reason with what its text needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reason {
    /// Which one.
    pub code: ReasonCode,
    /// Numbers and instants for the text, named in the code's documentation line. Instants are milliseconds.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub params: BTreeMap<String, Value>,
}

/// What a person can do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// An administrator connects the account again.
    Reconnect,
    /// The customer has to write or interact; meanwhile other ways (template message, telephone) are open.
    CustomerActs,
    /// The customer has to follow the account, or write.
    CustomerFollows,
    /// The writer changes the message.
    EditMessage,
    /// Link the app to a Zalo Cloud Account.
    LinkZca,
    /// Top up the Zalo Cloud Account, then check again.
    TopUpZca,
}

macro_rules! reasons {
    ($($variant:ident = $text:literal, $remedy:expr, $doc:literal;)*) => {
        /// Why. In the ladder's order: reasons of a decision come in the order of this table, and the last
        /// one decided.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ReasonCode { $(#[doc = $doc] $variant),* }

        impl ReasonCode {
            /// Every code, in the ladder's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// What it means, with its parameters, for the documentation.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }

            /// What a person can do when this reason led to a refusal. `None`: it never refuses by itself.
            pub const fn remedy(self) -> Option<Remedy> {
                match self { $(Self::$variant => $remedy),* }
            }
        }
    };
}

reasons! {
    // Nothing goes.
    ChannelDisconnected = "channel_disconnected", Some(Remedy::Reconnect),
        "The account's tokens no longer work. An administrator connects it again.";
    Blocked = "blocked", Some(Remedy::CustomerActs),
        "The customer blocked or restricted the account. It ends when they write again.";
    FollowRemoved = "follow_removed", Some(Remedy::CustomerFollows),
        "The account ended the customer's follow at `removed_at`. It ends when they follow or write again.";
    MessageRefused = "message_refused", Some(Remedy::EditMessage),
        "The message breaks a limit of the platform. `problem` is the code; the other parameters are the problem's.";

    // Reply.
    PlatformNumberUsed = "platform_number_used", None,
        "The platform's own count of free replies was used instead of ours: `remain` of `total` at `as_of`.";
    ReplyWindowOpen = "reply_window_open", None,
        "The customer opened the free window; it is open until and including `until`.";
    ReplyCounterEmpty = "reply_counter_empty", None,
        "The window is open until `until`, but its `total` free replies are used or under way (`reserved`).";
    ReplyWindowOver = "reply_window_over", None,
        "The free window of `hours` hours ended at `until`.";
    ReplyWindowNeverOpen = "reply_window_never_open", None,
        "Nothing is known of the customer that opens the free window.";

    // Permission, and the welcome that needs none.
    WelcomeLeft = "welcome_left", None,
        "A follower who never interacted may be greeted: `used` of `total` greetings are used.";
    WelcomeUsedUp = "welcome_used_up", None,
        "The `total` greetings to a follower who never interacted are used.";
    FollowerUnknown = "follower_unknown", None,
        "It matters here whether the customer follows the account, and it is not known. The platform will tell.";
    NotFollower = "not_follower", Some(Remedy::CustomerFollows),
        "The customer does not follow the account, and this edition wants it for a consultation message.";
    NeverInteracted = "never_interacted", Some(Remedy::CustomerActs),
        "No interaction of the customer is known; the platform takes consultation messages only after one.";
    InteractionTooOld = "interaction_too_old", Some(Remedy::CustomerActs),
        "The customer's last interaction (`last_interaction_at`) is more than `days` days old; permission ended at `until`.";
    WindowRefused = "window_refused", Some(Remedy::CustomerActs),
        "The platform refused a message at `refused_at` because the customer's last interaction was too old for it, and nothing of them came since.";

    // Consultation pools, then money.
    PackageLeft = "package_left", None,
        "The package's allowance pays: `used` of `total` used, `reserved` under way, as of `as_of`.";
    PackagePeriodOver = "package_period_over", None,
        "The package's period ended at `until`; the numbers of the new one are not read yet. The platform will tell.";
    PackageUsedUp = "package_used_up", None,
        "The package's allowance is used or under way: `used` of `total`, `reserved` under way, as of `as_of`.";
    ExtraLeft = "extra_left", None,
        "A bought or given pack pays: `remain` left.";
    ExtraUsedUp = "extra_used_up", None,
        "Nothing is left in bought and given packs.";
    ExtraUnknown = "extra_unknown", None,
        "It is not known whether a bought or given pack is there; if so, it pays before the Zalo Cloud Account.";
    PackageUnknown = "package_unknown", None,
        "The package's allowance was never read. If there is none, the message costs `price_vnd`.";
    ZcaUnknown = "zca_unknown", None,
        "It is not known whether the Zalo Cloud Account can pay. The platform will tell.";
    ZcaTrial = "zca_trial", None,
        "The Zalo Cloud Account could not pay when it was last asked; one message may try again.";
    PaidThroughZca = "paid_through_zca", None,
        "The message is charged to the Zalo Cloud Account: `price_vnd`.";
    ZcaNotLinked = "zca_not_linked", Some(Remedy::LinkZca),
        "Only a charged message would be left, and the app has no Zalo Cloud Account (-320).";
    ZcaOutOfMoney = "zca_out_of_money", Some(Remedy::TopUpZca),
        "Only a charged message would be left, and the Zalo Cloud Account cannot pay (-321).";
}

impl std::fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer: shown in the composer before sending, stored with the message, and shown when somebody asks
/// why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    /// May it go?
    pub verdict: Verdict,
    /// As what; null when it may not.
    pub class: Option<Class>,
    /// What this class costs, in whole đồng; 0 when it may not go. With the reason `package_unknown` it may
    /// turn out to be that reason's `price_vnd`.
    pub cost_vnd: i64,
    /// Free replies, while the window is open. Null when it is not, and when the account, a block or the
    /// message itself forbids sending.
    pub reply: Option<ReplyLeft>,
    /// The package's allowance, when it was ever read. Null where `reply` is null for the second cause.
    pub package: Option<PackageLeft>,
    /// Why, in the ladder's order; the last one decided. Never empty.
    pub reasons: Vec<Reason>,
    /// The book that decided.
    pub edition: String,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// First later instant at which the same facts give another answer (of verdict, class, cost, reasons or
    /// what remains); null: never.
    pub changes_at: Option<Timestamp>,
    /// For a refusal: first later instant at which the same facts allow it; null: somebody has to act first
    /// ([`ReasonCode::remedy`] of the last reason).
    pub allowed_at: Option<Timestamp>,
}

impl Decision {
    /// True for [`Verdict::Allow`].
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allow
    }

    /// The reason that decided.
    pub fn decisive(&self) -> Option<&Reason> {
        self.reasons.last()
    }

    /// Is this reason among them?
    pub fn has(&self, code: ReasonCode) -> bool {
        self.reasons.iter().any(|r| r.code == code)
    }

    /// The same answer, whenever it was given: everything but `decided_at`, `changes_at` and `allowed_at`.
    pub fn same_answer(&self, other: &Self) -> bool {
        self.verdict == other.verdict
            && self.class == other.class
            && self.cost_vnd == other.cost_vnd
            && self.reply == other.reply
            && self.package == other.package
            && self.reasons == other.reasons
            && self.edition == other.edition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_closed_and_in_order() {
        let mut seen = std::collections::BTreeSet::new();
        for (nth, code) in ReasonCode::ALL.iter().enumerate() {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert_eq!(*code as usize, nth, "{code}: the set of reasons counts on the table's order");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!(code.doc().ends_with('.'), "{code}: the documentation line is a sentence");
        }
    }
}
