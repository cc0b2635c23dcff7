//! Apps, Official Accounts, and what ties them: grants, tokens, uploads.

use std::collections::BTreeSet;

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CustomField;

/// Switches of the whole sandbox: places where the platform is undocumented or sources disagree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Settings {
    /// Answer with content type `text/json` instead of `application/json`; both are observed.
    pub text_json: bool,
    /// A refresh kills the previous access token at once (one source says so).
    pub refresh_kills_access_token: bool,
    /// Refusals of a refresh carry only `error_name`, no number.
    pub oauth_errors_without_number: bool,
    /// Redeliver events also after a status other than 200 or a slow answer, not only when no connection
    /// could be opened.
    pub retry_webhooks_on_bad_answer: bool,
    /// Switch an app's webhook off after the last redelivery failed, as the platform does.
    pub webhook_switches_off: bool,
    /// GET calls take only the `data` parameter; otherwise plain query parameters are accepted too.
    pub strict_data_parameter: bool,
    /// Post `user_received_message` for what the OA sends.
    pub received_events: bool,
    /// Sandbox milliseconds between a send and its `user_received_message`.
    pub received_after_ms: i64,
    /// In receipts the user stands in `sender` (two integrations read it so); otherwise the OA does.
    pub receipts_from_user: bool,
    /// Counters of the `quota` object are JSON numbers instead of strings.
    pub quota_numbers: bool,
    /// A reaction of the user counts as an interaction.
    pub reaction_is_interaction: bool,
    /// Refuse a redirect that is not equal to the app's saved callback.
    pub exact_redirect: bool,
    /// Post `update_user_info` also after a change through the API or in the console, not only when the user visits a
    /// dynamic address.
    pub update_events: bool,
    /// Post `unfollow` when the OA removes a follower.
    pub removal_posts_unfollow: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            text_json: false,
            refresh_kills_access_token: true,
            oauth_errors_without_number: false,
            retry_webhooks_on_bad_answer: true,
            webhook_switches_off: true,
            strict_data_parameter: true,
            received_events: true,
            received_after_ms: 0,
            receipts_from_user: false,
            quota_numbers: false,
            reaction_is_interaction: false,
            exact_redirect: true,
            update_events: true,
            removal_posts_unfollow: true,
        }
    }
}

/// A developer's application.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct App {
    /// Its id: decimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The app secret, for the token endpoint and `appsecret_proof`.
    pub secret: String,
    /// The *OA Secret Key*, for the signature of webhooks. Not the app secret.
    pub oa_secret_key: String,
    /// The saved callback of OAuth; empty accepts any redirect.
    pub callback_url: String,
    /// Where events are posted; none posts nothing.
    pub webhook_url: Option<String>,
    /// Switched off by the developer, or by the platform after the last redelivery failed.
    pub webhook_enabled: bool,
    /// Why it is off.
    pub webhook_off_reason: Option<String>,
    /// Events the developer has not ticked.
    #[serde(default)]
    pub events_off: BTreeSet<String>,
    /// Switched to active in the console; otherwise calls get -209.
    pub active: bool,
    /// Removed by the platform; calls get -219.
    #[serde(default)]
    pub removed: bool,
    /// Requests a minute over all OAs; 0 is no limit.
    pub rate_per_minute: u32,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An Official Account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Oa {
    /// Its id: decimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it says about itself.
    pub description: String,
    /// Short name in its address.
    pub alias: String,
    /// Line of business.
    pub category: String,
    /// Hue of its picture, 0 to 359.
    pub hue: u16,
    /// Verified; otherwise sends get -221.
    pub verified: bool,
    /// Disabled by the platform; calls get -204.
    pub disabled: bool,
    /// Which messaging rules hold for it.
    pub edition: Edition,
    /// Its package.
    pub package: Package,
    /// Bought and bonus packs, used in this order after the package.
    #[serde(default)]
    pub extra: Vec<Extra>,
    /// Zalo Cloud Account that pays beyond the packs; none gives -320.
    pub zca: Option<Zca>,
    /// Requests a minute; none means only the app's limit.
    pub rate_per_minute: Option<u32>,
    /// Administrator who writes in Zalo's own tool.
    pub admin_id: String,
    /// Tags that exist.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Fields of its own on users, in the order in which they were made.
    #[serde(default)]
    pub fields: Vec<CustomField>,
    /// Uploads this month per kind: month start, then image, gif, file.
    #[serde(default)]
    pub uploads: (Timestamp, [u32; 3]),
    /// When it was made.
    pub created_at: Timestamp,
}

/// Edition of the messaging rules: a name such as `messaging-2024-11`, or `auto` for what the date says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Edition(pub String);

/// The paid package of an OA and its monthly consultation allowance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Package {
    /// Vietnamese name, such as `Nâng cao`.
    pub name: String,
    /// Id of the allowance as an asset.
    pub asset_id: String,
    /// Consultation messages a period.
    pub total: u64,
    /// Used in this period.
    pub used: u64,
    /// When the period ends and the counter starts again.
    pub period_end_at: Timestamp,
    /// Renews itself; otherwise it lapses at the end of the period and calls get -224.
    pub auto_renew: bool,
    /// Allows the API; otherwise calls get -224.
    pub api_access: bool,
}

impl Package {
    /// Messages left in this period.
    pub const fn remain(&self) -> u64 {
        self.total.saturating_sub(self.used)
    }

    /// Lapsed, or without API.
    pub fn refuses_api(&self, now: Timestamp) -> bool {
        !self.api_access || (!self.auto_renew && now >= self.period_end_at)
    }
}

/// A bought or bonus pack of messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Extra {
    /// Its id as an asset.
    pub asset_id: String,
    /// A bonus (`reward_quota`) instead of bought (`purchase_quota`).
    pub reward: bool,
    /// Belongs to the app instead of the OA.
    pub owned_by_app: bool,
    /// Size.
    pub total: u64,
    /// Left.
    pub remain: u64,
    /// End of its life.
    pub valid_until_at: Timestamp,
}

/// A Zalo Cloud Account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Zca {
    /// Its id.
    pub id: String,
    /// Money in it, whole đồng. Less than a message costs gives -321.
    pub balance_vnd: i64,
}

/// Permission groups of a grant, as far as the emulated calls ask for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Gửi tin và thông báo qua OA.
    Send,
    /// Quản lý tin nhắn người dùng.
    ReadMessages,
    /// Quản lý thông tin OA.
    OaInfo,
    /// Quản lý thông tin người dùng.
    UserInfo,
    /// Quản lý thông tin tùy biến của người dùng.
    FieldValues,
    /// Quản lý trường thông tin người dùng.
    Fields,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Send, Self::ReadMessages, Self::OaInfo, Self::UserInfo, Self::FieldValues, Self::Fields];
}

/// An OA's consent that an app may act for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Grant {
    /// The app.
    pub app_id: String,
    /// The OA.
    pub oa_id: String,
    /// What it may do; a missing one gives -223.
    pub permissions: BTreeSet<Permission>,
    /// Withdrawn.
    pub revoked: bool,
    /// When it was given.
    pub granted_at: Timestamp,
}

/// An authorisation code.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AuthCode {
    /// The code.
    pub code: String,
    /// For which app.
    pub app_id: String,
    /// For which OA.
    pub oa_id: String,
    /// PKCE challenge, when one was given.
    pub challenge: Option<String>,
    /// End of its life.
    pub expires_at: Timestamp,
    /// Was exchanged.
    pub used: bool,
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AccessToken {
    /// The token.
    pub token: String,
    /// For which app.
    pub app_id: String,
    /// For which OA.
    pub oa_id: String,
    /// When it was given.
    pub issued_at: Timestamp,
    /// End of its life.
    pub expires_at: Timestamp,
    /// Replaced or withdrawn.
    pub removed: bool,
}

/// A refresh token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RefreshToken {
    /// The token.
    pub token: String,
    /// For which app.
    pub app_id: String,
    /// For which OA.
    pub oa_id: String,
    /// The access token that came with it.
    pub access_token: String,
    /// When it was given.
    pub issued_at: Timestamp,
    /// End of its life.
    pub expires_at: Timestamp,
    /// Was used, or withdrawn.
    pub used: bool,
}

/// What was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UploadSort {
    /// jpg or png.
    Image,
    /// gif.
    Gif,
    /// pdf, doc, docx, csv.
    File,
    /// By a user on the phone page: any kind, never expires.
    Phone,
}

/// An uploaded object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// `attachment_id` or `token`.
    pub id: String,
    /// Whose; empty for the phone page.
    pub oa_id: String,
    /// Kind.
    pub sort: UploadSort,
    /// File name.
    pub name: String,
    /// Media type by content.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, first 32 hex digits.
    pub checksum: String,
    /// Path under which it is served.
    pub path: String,
    /// When.
    pub at: Timestamp,
}
