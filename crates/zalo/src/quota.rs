//! Quota calls (platform reference §7.1 to §7.3). One path answers two questions: the key in the body
//! decides, `user_id` or `quota_owner`.

use crate::flex::words;
use crate::message::QuotaType;
use serde::{Deserialize, Serialize};

words! {
    /// Who holds an asset.
    QuotaOwner {
        /// The Official Account.
        Oa = "OA",
        /// The application.
        App = "APP",
    }
}

words! {
    /// What an asset pays for.
    ProductType {
        /// Consultation messages.
        Cs = "cs",
        /// Transaction messages.
        Transaction = "transaction",
    }
}

/// Body of both forms of the quota call, and of the old one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRequest {
    /// Question about a user.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// Old form: question about an incoming message.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Old form: `promotion`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Question about assets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_owner: Option<QuotaOwner>,
    /// Only assets of this product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_type: Option<ProductType>,
    /// Only assets of this type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota_type: Option<QuotaType>,
}

impl QuotaRequest {
    /// What one user may still get; answered by [`UserQuota`].
    #[must_use]
    pub fn user(user_id: &str) -> Self {
        Self { user_id: Some(user_id.into()), ..Self::default() }
    }

    /// Assets of an owner; answered by a list of [`Asset`].
    #[must_use]
    pub fn assets(
        owner: QuotaOwner,
        product_type: Option<ProductType>,
        quota_type: Option<QuotaType>,
    ) -> Self {
        Self { quota_owner: Some(owner), product_type, quota_type, ..Self::default() }
    }
}

/// What one user may still get.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserQuota {
    /// Last interaction, epoch milliseconds; the platform writes a string.
    #[serde(default, with = "crate::flex::opt_int_text", skip_serializing_if = "Option::is_none")]
    pub last_interaction: Option<i64>,
    /// Free replies. A constant 8 from 2026-01-01, absent from 2026-03-01, 0 of 0 outside 48 hours.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub cs_reply: Option<Counter>,
    /// Promotion messages.
    #[serde(default, deserialize_with = "crate::flex::lenient", skip_serializing_if = "Option::is_none")]
    pub promotion: Option<PromotionCounter>,
}

/// A counter, as numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// What is left.
    #[serde(with = "crate::flex::int")]
    pub remain: i64,
    /// Size of the pool.
    #[serde(with = "crate::flex::int")]
    pub total: i64,
}

/// Promotion counters of one user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotionCounter {
    /// Left today.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub daily_remain: Option<i64>,
    /// Per day.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub daily_total: Option<i64>,
    /// Left this month.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub monthly_remain: Option<i64>,
    /// Per month.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub monthly_total: Option<i64>,
}

/// One asset: an allowance or a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asset {
    /// Its id.
    #[serde(default, with = "crate::flex::opt_id", skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<String>,
    /// What it pays for.
    pub product_type: ProductType,
    /// Where it comes from.
    pub quota_type: QuotaType,
    /// Last day, `dd/MM/yyyy`; see [`crate::date::Day`].
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub valid_through: Option<String>,
    /// Its size.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
    /// What is left.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub remain: Option<i64>,
}

/// Answer of the old quota call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldQuota {
    /// `active`, `reply` or `promotion`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is left.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub remain: Option<i64>,
    /// Size of the pool.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}
