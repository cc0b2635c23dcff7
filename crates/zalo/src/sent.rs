//! Answers to sends, with the quota block that says who paid (platform reference §5).

use crate::flex::words;
use serde::{Deserialize, Serialize};

/// `data` of an accepted send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendData {
    /// The platform's id of the new message.
    #[serde(with = "crate::flex::id")]
    pub message_id: String,
    /// The user it went to.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Epoch milliseconds; the platform writes a string.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub sent_time: Option<i64>,
    /// Who paid. Absent: charged to the Zalo Cloud Account.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub quota: Option<QuotaBlock>,
    /// For anonymous visitors.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub anonymous_id: Option<String>,
    /// For anonymous visitors.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// For groups.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
}

/// `data` of a reaction; its shape is documented nowhere, so everything is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactData {
    /// The message that was reacted to.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

words! {
    /// Which pool paid for a send, or holds an asset (platform reference §5).
    QuotaType {
        /// Free, within 48 hours of the user's last interaction.
        Reply = "reply",
        /// Free, to a follower who has never interacted.
        Welcome = "welcome_msg",
        /// The package's monthly allowance.
        Sub = "sub_quota",
        /// A bought pack.
        Purchase = "purchase_quota",
        /// A bonus pack.
        Reward = "reward_quota",
    }
}

/// The quota block of an accepted send: a snapshot after this send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaBlock {
    /// Which pool.
    pub quota_type: QuotaType,
    /// What is left; the platform writes a string. Absent for `reply` from 2026-03-01.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub remain: Option<i64>,
    /// Size of the pool.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// Last day of the allowance, `dd/MM/yyyy`; see [`crate::date::Day`].
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub expired_date: Option<String>,
    /// `OA` or `App`, for packs.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub owner_type: Option<String>,
    /// Owner of the pack.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<String>,
}

impl QuotaBlock {
    /// A pool with its counter.
    #[must_use]
    pub fn counted(quota_type: QuotaType, remain: i64, total: i64) -> Self {
        Self { remain: Some(remain), total: Some(total), ..Self::bare(quota_type) }
    }

    /// A pool without a counter.
    #[must_use]
    pub fn bare(quota_type: QuotaType) -> Self {
        Self { quota_type, remain: None, total: None, expired_date: None, owner_type: None, owner_id: None }
    }
}
