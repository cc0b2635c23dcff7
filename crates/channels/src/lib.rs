//! Channels: the words in which Loa speaks with messaging platforms, and one module for each platform.
//!
//! A platform is a [`Connector`]: it proves that a webhook is genuine, turns the platform's events into
//! [`Inbound`] and Loa's [`Outgoing`] into the platform's calls. Everything above this crate speaks these
//! words only; nothing above it knows a platform's wire types, error numbers or addresses.
//!
//! Invariants:
//! - Secrets and tokens are opened from the vault here, live in memory only as [`Secret`], and are never
//!   printed, logged or returned by a route.
//! - A call that *may* have reached the platform is never called refused: [`SendOutcome::Unknown`] exists so
//!   that nobody repeats it blindly.
//! - A refresh token is used once: by one process (lease), stored before the new access token is used.
//! - No address that came in a message is fetched.
//!
//! How to add a channel: a module beside `zalo` that implements [`Connector`], one word in
//! [`ChannelKind`], one connector in the [`Connectors`] that the program is wired with.

mod connect;
mod connector;
mod facts;
mod history;
mod hub;
mod inbound;
mod offer;
mod past;
mod people;
pub mod reconcile;
mod registry;
mod report;
mod routes;
#[cfg(feature = "testing")]
pub mod scripted;
mod sync;
mod tags;
mod template;
mod tokens;
pub mod views;
mod words;
pub mod zalo;

pub use connect::ConsentAnswer;
pub use connector::{
    Account, AccountReport, AppKeys, CallError, Connector, Grant, GrantOutcome, Outgoing, OutgoingBody,
    OutgoingFile, Peeked, PlatformCode, PoolReport, Profile, QuotaReport, RecipientReport, Refusal,
    SendOutcome, SentMessage, Verified,
};
pub use facts::{channel_facts, end_of_day};
pub use history::{QuotaDay, QuotaEntry, QuotaHistory, QuotaLevel};
pub use hub::{CONSOLE, Channels, ChannelsSettings};
pub use inbound::{Author, Inbound, InboundKind, InboundMessage, NotUnderstood, SharedProfile};
pub use loa_store::Secret;
pub use loa_store::channels::ChannelKind;
pub use offer::{Offer, OfferedKind, OfferedSticker, OfferedTemplate};
pub use past::{ChatPage, ImportAction, ImportView, PastMessage, PastPage};
pub use people::{
    FollowRemoval, PeoplePage, PeopleQuery, PlatformAddress, PlatformField, PlatformFieldKind, PlatformValues,
};
pub use registry::Connectors;
pub use report::{Report, ReportReason};
pub use routes::router;
pub use sync::{ProfileWork, QuotaWork, TokenWork};
pub use tags::TagWork;
pub use template::{Button, Card, TapAction, Template, TemplateKind, facts as template_facts};
pub use tokens::TokenKeeper;
pub use words::{Attachment, MessageKind, ReactionIcon};
