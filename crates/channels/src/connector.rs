//! What Loa asks of a platform.

use std::num::NonZeroU32;

use async_trait::async_trait;
use axum::http::HeaderMap;
use bytes::Bytes;
use loa_kernel::{AppId, ChannelId, Timestamp, WorkspaceId};
use loa_store::Secret;

use crate::{
    ChannelKind, ChatPage, FollowRemoval, Inbound, MessageKind, NotUnderstood, PastPage, PeoplePage,
    PeopleQuery, PlatformField, PlatformValues, ReactionIcon, Template,
};

/// What a webhook body says about itself, before anything of it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeked {
    /// The platform's id of the application.
    pub app: String,
    /// Who may be the account, best guess first: some receipts name account and customer in either order
    /// (platform reference §16.6), so the caller takes the first that is connected.
    pub accounts: Vec<String>,
    /// The platform's name of the event.
    pub event_name: String,
    /// The instant in the body.
    pub occurred_at: Timestamp,
    /// The instant exactly as the body writes it, because that text is signed.
    pub signed_instant: String,
}

/// A webhook that is proven to be the platform's, for an account that is connected here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Which platform.
    pub kind: ChannelKind,
    /// The workspace that owns application and account.
    pub workspace: WorkspaceId,
    /// The application it was delivered to.
    pub app: AppId,
    /// The account it is about.
    pub channel: ChannelId,
    /// The platform's id of that account.
    pub account: String,
    /// The platform's name of the event.
    pub event_name: String,
    /// The event's own key, for the event log.
    pub key: String,
    /// When it happened, by the platform's clock.
    pub occurred_at: Timestamp,
}

/// A connected account with what is needed to act for it, just opened from the vault.
#[derive(Debug, Clone)]
pub struct Account {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The channel.
    pub channel: ChannelId,
    /// The application it was connected through.
    pub app: AppId,
    /// The platform's id of the account.
    pub external_id: String,
    /// The token of the moment.
    pub access_token: Secret,
    /// Which generation of credentials the token belongs to; the keeper of tokens compares it.
    pub generation: i64,
    /// Calls a minute that the account's package includes; `None`: not published, or the package is not known.
    pub calls_per_minute: Option<NonZeroU32>,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// The platform's id of the customer.
    pub recipient: String,
    /// What to send.
    pub body: OutgoingBody,
    /// The platform's id of the message it answers.
    pub quoted_platform_id: Option<String>,
}

/// What to send. The limits stand in the rule book and were checked before.
#[derive(Debug, Clone, PartialEq)]
pub enum OutgoingBody {
    /// Plain text, not empty.
    Text(String),
    /// A picture, a moving picture or a document, with an optional caption (documents have none).
    Media {
        /// `Image`, `Gif` or `File`.
        kind: MessageKind,
        /// Text under the picture.
        caption: Option<String>,
        /// The bytes.
        file: OutgoingFile,
    },
    /// A sticker of the platform's catalogue.
    Sticker {
        /// Its id there.
        id: String,
    },
    /// Cards or buttons.
    Template {
        /// The text of a text with buttons; else empty.
        text: String,
        /// The rest.
        template: Template,
    },
}

/// A file to send.
#[derive(Clone, PartialEq)]
pub struct OutgoingFile {
    /// Name shown to the customer.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// Hexadecimal digest; the platform's upload is remembered under it.
    pub sha256: String,
    /// The bytes.
    pub bytes: Bytes,
}

impl std::fmt::Debug for OutgoingFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OutgoingFile({}, {}, {} bytes)", self.name, self.media_type, self.bytes.len())
    }
}

/// A counter of the platform at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolReport {
    /// Left.
    pub remain: u64,
    /// Of how many.
    pub total: u64,
}

/// Which pool paid for a message, as the platform answered (platform reference §5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaReport {
    /// A free reply. The counter is absent under the rules of 2026-03.
    Reply(Option<PoolReport>),
    /// A free welcome to a new follower.
    Welcome(Option<PoolReport>),
    /// The package of the month.
    Package {
        /// The counter after this message.
        pool: Option<PoolReport>,
        /// Last day of the period, as the platform writes it (`dd/MM/yyyy`).
        valid_through: Option<String>,
    },
    /// A bought or given pack.
    Extra,
    /// Money: no pool was named.
    Charged,
    /// A pool this version does not know: the platform's word.
    Other(String),
}

/// Why the platform refused, in Loa's words. One module for each platform maps its numbers to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The token is bad or expired: refresh once, then repeat.
    Token,
    /// The account must be connected again: the application or its permission is gone.
    Reconnect,
    /// Too many calls in the minute: later.
    RateLimited,
    /// A fault of the platform that it calls temporary: later.
    Temporary,
    /// The uploaded file is gone: upload again.
    UploadExpired,
    /// A parameter is wrong or too long; the same message will never pass.
    Parameter,
    /// Money is needed and the application has no account for it.
    BillingNotLinked,
    /// Money is needed and there is none.
    BillingOutOfMoney,
    /// The customer has been silent for too long, or never wrote.
    WindowClosed,
    /// The customer does not follow the account and this message needs it.
    NotFollower,
    /// The customer blocked the account or this kind of message.
    Blocked,
    /// The customer's own account is banned or idle.
    Unreachable,
    /// A pool of the account or of this recipient is used up until the next period.
    QuotaExhausted,
    /// The account's package or standing does not include this.
    NotEntitled,
    /// The content breaks the platform's standards.
    Content,
    /// Not at night: the same message passes in the morning.
    Night,
    /// Any other number.
    Other,
}

/// A number with which a platform refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformCode {
    /// The number.
    pub code: i32,
    /// The platform's own words.
    pub message: &'static str,
    /// What it means here.
    pub meaning: Refusal,
    /// Only in older tables of the platform.
    pub retired: bool,
}

/// What became of a send.
#[derive(Debug, Clone, PartialEq)]
pub enum SendOutcome {
    /// The platform has it.
    Accepted {
        /// The platform's id.
        platform_id: String,
        /// When, by the platform's clock; `None` when the answer did not say.
        sent_at: Option<Timestamp>,
        /// Who paid.
        quota: QuotaReport,
    },
    /// The platform said no; nothing was sent.
    Rejected {
        /// The platform's number.
        code: i32,
        /// The platform's text.
        message: String,
        /// What it means.
        refusal: Refusal,
    },
    /// The call certainly did not reach the platform; it may be repeated.
    NotSent {
        /// Why, for the operator.
        reason: String,
    },
    /// The call may have been carried out. It must not be repeated before it is proven absent.
    Unknown {
        /// Why, for the operator.
        reason: String,
    },
}

/// A message of ours in the platform's own history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentMessage {
    /// The platform's id.
    pub platform_id: String,
    /// What it is.
    pub kind: MessageKind,
    /// Text or caption.
    pub text: Option<String>,
    /// When, by the platform's clock.
    pub sent_at: Timestamp,
}

/// Why a question to the platform has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It answered no.
    #[error("refused with {code}: {message}")]
    Rejected {
        /// The platform's number.
        code: i32,
        /// The platform's text.
        message: String,
        /// What it means.
        refusal: Refusal,
    },
    /// It did not answer, or not in its own format.
    #[error("unreachable: {0}")]
    Unreachable(String),
}

impl CallError {
    /// Is the token the reason?
    pub fn is_token(&self) -> bool {
        matches!(self, Self::Rejected { refusal: Refusal::Token, .. })
    }
}

/// What the platform tells about a customer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// The name to show: what the account calls the customer, else the customer's own.
    pub display_name: Option<String>,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Phone number, when the customer shared it.
    pub phone: Option<String>,
    /// Follows the account.
    pub is_follower: Option<bool>,
    /// The customer's id as the application sees it.
    pub app_user_id: Option<String>,
    /// The account's tags on the customer; `None` when the platform does not say.
    pub tags: Option<Vec<String>>,
    /// Everything the platform told, as JSON.
    pub raw: serde_json::Value,
}

/// What the platform tells about the account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AccountReport {
    /// The platform's id of the account.
    pub external_id: String,
    /// Name.
    pub name: String,
    /// Picture.
    pub avatar_url: Option<String>,
    /// Name of the package.
    pub package_name: Option<String>,
    /// A money account is linked. `None` when the platform does not say.
    pub billing_linked: Option<bool>,
    /// The package's counter.
    pub quota: Option<PoolReport>,
    /// Last day of the counter's period, as the platform writes it.
    pub quota_valid_through: Option<String>,
    /// What is left in bought and given packs together.
    pub extra_remain: Option<u64>,
}

/// What the platform tells about a customer's counters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecipientReport {
    /// The customer's last interaction.
    pub last_interaction_at: Option<Timestamp>,
    /// Free replies; absent under the rules of 2026-03.
    pub reply: Option<PoolReport>,
}

/// An application as the platform knows it, with its secret: what consent and tokens need.
#[derive(Debug, Clone)]
pub struct AppKeys {
    /// The platform's id of the application.
    pub external_id: String,
    /// The application's secret.
    pub app_secret: Secret,
}

/// Tokens just granted. The refresh token works once.
#[derive(Debug, Clone)]
pub struct Grant {
    /// For calls.
    pub access_token: Secret,
    /// For the next renewal.
    pub refresh_token: Secret,
    /// Life of the access token in seconds from the answer.
    pub access_secs: i64,
    /// Life of the refresh token in seconds from the answer.
    pub refresh_secs: i64,
}

/// What became of asking for tokens.
#[derive(Debug, Clone)]
pub enum GrantOutcome {
    /// Granted. What was used to ask is dead now.
    Granted(Grant),
    /// Refused: code or refresh token are used, expired or unknown.
    Refused {
        /// The platform's number, where it gives one.
        code: Option<i64>,
        /// The platform's text.
        message: String,
    },
    /// The platform certainly did not see the question.
    NotSent {
        /// Why, for the operator.
        reason: String,
    },
    /// The platform may have granted; the answer is lost.
    Unknown {
        /// Why, for the operator.
        reason: String,
    },
}

/// A platform. All calls are made with the token that `account` holds; renewing it is the caller's part.
#[async_trait]
pub trait Connector: Send + Sync + 'static {
    /// Which platform.
    fn kind(&self) -> ChannelKind;

    /// Read who a webhook body is for, without trusting it. Malformed JSON and bodies without application,
    /// account or instant are not understood.
    fn peek(&self, raw: &[u8]) -> Result<Peeked, NotUnderstood>;

    /// Is this body signed by the platform with this account's key? Compares in constant time.
    fn is_genuine(&self, headers: &HeaderMap, raw: &[u8], peeked: &Peeked, key: &Secret) -> bool;

    /// The event's own key; see [`Inbound::dedupe_key`].
    fn key(&self, raw: &[u8]) -> String;

    /// Understand a genuine body about `account`. Pure: the same body always gives the same events.
    /// Unknown events are not an error: they come back as [`crate::InboundKind::Unknown`].
    fn parse(&self, account: &str, raw: &[u8]) -> Result<Inbound, NotUnderstood>;

    /// Where an administrator is sent to allow `app` to act for an account. `redirect` must equal what is
    /// stored with the platform; `challenge` is the PKCE challenge of [`Connector::exchange`]'s verifier.
    fn consent_url(&self, app: &AppKeys, redirect: &str, challenge: &str, state: &str) -> String;

    /// Make a PKCE pair from random bytes: `(verifier, challenge)`.
    fn pkce(&self, random: [u8; 32]) -> (Secret, String);

    /// Exchange the code of a consent for tokens.
    async fn exchange(&self, app: &AppKeys, code: &str, verifier: &Secret) -> GrantOutcome;

    /// Use a refresh token, which is dead afterwards.
    async fn renew(&self, app: &AppKeys, refresh_token: &Secret) -> GrantOutcome;

    /// Send one message. Files are uploaded first.
    async fn send(&self, account: &Account, message: &Outgoing) -> SendOutcome;

    /// React to a message of the thread with `user`, or (`None`) take every reaction of the account back. Answers the
    /// icon as the platform writes it; empty when it was taken back. Doing it again changes nothing.
    async fn react(
        &self,
        account: &Account,
        user: &str,
        platform_id: &str,
        icon: Option<ReactionIcon>,
    ) -> Result<String, CallError>;

    /// The account's own messages to `user` since `since`, newest first, as far back as the platform shows.
    async fn recent(
        &self,
        account: &Account,
        user: &str,
        since: Timestamp,
    ) -> Result<Vec<SentMessage>, CallError>;

    /// A page of the account's threads from entry `offset` on, the latest first.
    async fn chats(&self, account: &Account, offset: i64) -> Result<ChatPage, CallError>;

    /// A page of the thread with `user` from entry `offset` on, the latest first, either side.
    async fn past(&self, account: &Account, user: &str, offset: i64) -> Result<PastPage, CallError>;

    /// Name, package, billing and counters of the account.
    async fn account(&self, account: &Account) -> Result<AccountReport, CallError>;

    /// Counters of one customer.
    async fn recipient(&self, account: &Account, user: &str) -> Result<RecipientReport, CallError>;

    /// Put a tag of the account on a customer, or take it off. Doing it again changes nothing; taking off what is not
    /// there may be refused as [`Refusal::Parameter`].
    async fn tag(&self, account: &Account, user: &str, tag: &str, on: bool) -> Result<(), CallError>;

    /// The customer's profile.
    async fn profile(&self, account: &Account, user: &str) -> Result<Profile, CallError>;

    /// Definitions of the account's fields, the platform's own ones too.
    async fn fields(&self, account: &Account) -> Result<Vec<PlatformField>, CallError>;

    /// Make a field. A key that is taken, or one field too many, is refused.
    async fn create_field(&self, account: &Account, field: &PlatformField) -> Result<(), CallError>;

    /// Change label, help and format of a field, and add keys to a table. The definition is sent whole; doing it again
    /// changes nothing.
    async fn update_field(&self, account: &Account, field: &PlatformField) -> Result<(), CallError>;

    /// Delete a field of the account's own, with everybody's values of it.
    async fn delete_field(&self, account: &Account, key: &str) -> Result<(), CallError>;

    /// What the platform knows of a person.
    async fn values(&self, account: &Account, external_user: &str) -> Result<PlatformValues, CallError>;

    /// Write what is `Some` of `values`. Doing it again changes nothing. What the platform cannot take
    /// ([`crate::PlatformAddress`] with names) is refused here with code 0, and nothing is written.
    async fn put_values(
        &self,
        account: &Account,
        external_user: &str,
        values: &PlatformValues,
    ) -> Result<(), CallError>;

    /// A page of the account's people.
    async fn people(&self, account: &Account, query: &PeopleQuery) -> Result<PeoplePage, CallError>;

    /// Can a person's follow be ended through a call?
    fn removes_followers(&self) -> bool;

    /// End a person's follow; [`FollowRemoval::NotOffered`] where [`Connector::removes_followers`] says no.
    async fn remove_follower(&self, account: &Account, external_user: &str) -> FollowRemoval;
}
