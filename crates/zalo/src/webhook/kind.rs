//! What an event means, and how a body becomes it.

use super::attachment::Attachment;
use super::body::{Body, MessageBody, Product, SubmittedInfo};
use super::names::{ContentKind, Family, GroupStep, Name, TagStep, name_of};
use super::rare::{CallBody, CallStep, ExtensionBody, TemplateEvent, WidgetData};
use serde_json::Value;

/// What an event means.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind {
    /// A user wrote.
    UserMessage(Message),
    /// The OA wrote: through any app, the platform's own tool, or its chatbot.
    OaMessage {
        /// What.
        message: Message,
        /// The administrator who typed it in the platform's own tool.
        admin_id: Option<String>,
    },
    /// A visitor of the web chat wrote; `conversation_id` is set.
    AnonymousMessage(Message),
    /// The OA wrote to such a visitor.
    OaAnonymousMessage {
        /// What.
        message: Message,
        /// The administrator who typed it.
        admin_id: Option<String>,
    },
    /// Messages of the OA arrived on the user's phone.
    Received(Receipt),
    /// The user saw messages of the OA.
    Seen(Receipt),
    /// A ZNS message arrived. The recipient is a phone or its hash, never a user id.
    ZnsReceived(ZnsReceipt),
    /// The user reacted to a message.
    UserReaction(Reaction),
    /// The OA reacted to a message.
    OaReaction(Reaction),
    /// A user follows the OA.
    Follow {
        /// Where it came from: `oa_profile`, `message_invite`, `social_plugin`.
        source: Option<String>,
    },
    /// A user no longer follows the OA.
    Unfollow {
        /// Where it came from.
        source: Option<String>,
    },
    /// A user who never chatted opened the chat; opens the window.
    ClickChatNow,
    /// A user submitted contact data.
    SubmitInfo(SubmittedInfo),
    /// A user asks about a product.
    AskingProduct {
        /// Which.
        product: Product,
        /// The question.
        message: Message,
    },
    /// A tag changed.
    Tag {
        /// How.
        step: TagStep,
        /// The tag.
        name: String,
        /// On whom; empty for a new or deleted tag.
        user_ids: Vec<String>,
    },
    /// Stored data of a user changed.
    UserDataChanged {
        /// How, such as `dynamic_url`.
        method: Option<String>,
        /// As it came.
        data: Value,
    },
    /// A user wants their data removed.
    UserWithdrew,
    /// The OA took the app's grant back.
    PermissionRevoked,
    /// The OA bought an extension.
    ExtensionPurchased(ExtensionBody),
    /// A user granted interaction through the website widget.
    WidgetAccepted(WidgetData),
    /// The website's own id could not be stored.
    WidgetSyncFailed(WidgetData),
    /// The OA's shop got an order. The shape is not documented: the whole body.
    ShopOrder(Value),
    /// A call, or the consent for one.
    Call {
        /// Which.
        step: CallStep,
        /// Details.
        call: CallBody,
    },
    /// A group changed.
    Group {
        /// How.
        step: GroupStep,
        /// Which.
        group_id: String,
        /// Members it is about.
        user_ids: Vec<String>,
    },
    /// Somebody wrote in a group.
    GroupMessage {
        /// Which group.
        group_id: String,
        /// True when a member wrote, false when the OA did.
        from_user: bool,
        /// What.
        message: Message,
    },
    /// A ZNS template, or a customer's use of one.
    Template(TemplateEvent),
    /// An event that is not in the catalogue, or does not have the shape of its family.
    Unknown(UnknownEvent),
}

/// An event that could not be understood, kept whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownEvent {
    /// Why.
    pub reason: UnknownReason,
    /// The body.
    pub raw: String,
}

/// Why an event could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownReason {
    /// The name is not in the catalogue.
    NotListed,
    /// The name is, but the body lacks or mistypes what the family needs.
    Shape(String),
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The platform's id of it.
    pub msg_id: String,
    /// What it holds. A link that is a contact card counts as the card.
    pub kind: ContentKind,
    /// Text, caption or link.
    pub text: Option<String>,
    /// The quoted message.
    pub quote_msg_id: Option<String>,
    /// Conversation of a web chat visitor.
    pub conversation_id: Option<String>,
    /// Everything that is not text.
    pub attachments: Vec<Attachment>,
}

/// Receipt for messages of the OA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// At least one.
    pub msg_ids: Vec<String>,
}

/// Receipt for a ZNS message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZnsReceipt {
    /// The platform's id of it.
    pub msg_id: String,
    /// The sender's own id of it.
    pub tracking_id: Option<String>,
    /// Epoch milliseconds.
    pub delivery_time: Option<i64>,
    /// Phone or its hash.
    pub recipient: Option<String>,
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The message that was reacted to.
    pub msg_id: String,
    /// Icon token; `/-remove` withdraws.
    pub icon: String,
}

impl EventKind {
    /// The family.
    #[must_use]
    pub fn family(&self) -> Family {
        match self {
            Self::UserMessage(_) => Family::UserMessage,
            Self::OaMessage { .. } => Family::OaMessage,
            Self::AnonymousMessage(_) => Family::AnonymousMessage,
            Self::OaAnonymousMessage { .. } => Family::OaAnonymousMessage,
            Self::Received(_) => Family::Received,
            Self::Seen(_) => Family::Seen,
            Self::ZnsReceived(_) => Family::ZnsReceived,
            Self::UserReaction(_) => Family::UserReaction,
            Self::OaReaction(_) => Family::OaReaction,
            Self::Follow { .. } => Family::Follow,
            Self::Unfollow { .. } => Family::Unfollow,
            Self::ClickChatNow => Family::ClickChatNow,
            Self::SubmitInfo(_) => Family::SubmitInfo,
            Self::AskingProduct { .. } => Family::AskingProduct,
            Self::Tag { .. } => Family::Tag,
            Self::UserDataChanged { .. } | Self::UserWithdrew => Family::UserData,
            Self::PermissionRevoked | Self::ExtensionPurchased(_) => Family::Lifecycle,
            Self::WidgetAccepted(_) | Self::WidgetSyncFailed(_) => Family::Widget,
            Self::ShopOrder(_) => Family::Shop,
            Self::Call { .. } => Family::Call,
            Self::Group { .. } => Family::Group,
            Self::GroupMessage { .. } => Family::GroupMessage,
            Self::Template(_) => Family::Template,
            Self::Unknown(_) => Family::Unknown,
        }
    }

    /// The message, for every kind that carries one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::UserMessage(message)
            | Self::AnonymousMessage(message)
            | Self::OaMessage { message, .. }
            | Self::OaAnonymousMessage { message, .. }
            | Self::AskingProduct { message, .. }
            | Self::GroupMessage { message, .. } => Some(message),
            _ => None,
        }
    }
}

/// Reads the body by the family of its name. `Err` names what is missing.
pub(super) fn read(body: &mut Body, raw: &[u8]) -> Result<EventKind, Option<String>> {
    let kind = match name_of(&body.event_name) {
        Name::Unknown => return Err(None),
        Name::UserMessage(kind) => EventKind::UserMessage(message(body, kind)?),
        Name::OaMessage(kind) => {
            EventKind::OaMessage { message: message(body, kind)?, admin_id: admin(body) }
        }
        Name::AnonymousMessage(kind) => EventKind::AnonymousMessage(message(body, kind)?),
        Name::OaAnonymousMessage(kind) => {
            EventKind::OaAnonymousMessage { message: message(body, kind)?, admin_id: admin(body) }
        }
        Name::GroupMessage(kind, from_user) => {
            let recipient = body.recipient.as_ref().and_then(|p| p.id.clone());
            let group_id = body.group_id.clone().or(recipient).ok_or_else(|| missing("group_id"))?;
            EventKind::GroupMessage { group_id, from_user, message: message(body, kind)? }
        }
        Name::Received => received(body)?,
        Name::Seen => EventKind::Seen(receipt(body)?),
        Name::UserReaction => EventKind::UserReaction(reaction(body)?),
        Name::OaReaction => EventKind::OaReaction(reaction(body)?),
        Name::Follow => {
            user(body)?;
            EventKind::Follow { source: body.source.take() }
        }
        Name::Unfollow => {
            user(body)?;
            EventKind::Unfollow { source: body.source.take() }
        }
        Name::ClickChatNow => {
            user(body)?;
            EventKind::ClickChatNow
        }
        Name::SubmitInfo => EventKind::SubmitInfo(body.info.take().ok_or_else(|| missing("info"))?),
        Name::AskingProduct => EventKind::AskingProduct {
            product: body.product.take().unwrap_or_default(),
            message: message(body, ContentKind::Text)?,
        },
        Name::Tag(step) => {
            let tag = body.tag.take().ok_or_else(|| missing("tag"))?;
            let name = tag.name.ok_or_else(|| missing("tag.name"))?;
            EventKind::Tag { step, name, user_ids: tag.user_ids }
        }
        Name::UpdateUserInfo => {
            let data = body.data.take().unwrap_or_default();
            let method = data.get("method").and_then(Value::as_str).map(str::to_owned);
            EventKind::UserDataChanged { method, data }
        }
        Name::UserWithdraw => {
            user(body)?;
            EventKind::UserWithdrew
        }
        Name::PermissionRevoked => EventKind::PermissionRevoked,
        Name::ExtensionPurchased => EventKind::ExtensionPurchased(whole(raw)?),
        Name::WidgetAccepted => EventKind::WidgetAccepted(widget(body)?),
        Name::WidgetSyncFailed => EventKind::WidgetSyncFailed(widget(body)?),
        Name::ShopOrder => EventKind::ShopOrder(whole(raw)?),
        Name::Call(step) => EventKind::Call { step, call: whole(raw)? },
        Name::Group(step) => {
            let group_id = body.group_id.clone().ok_or_else(|| missing("group_id"))?;
            let user_ids = body.users.drain(..).filter_map(|p| p.id).collect();
            EventKind::Group { step, group_id, user_ids }
        }
        Name::Template(step) => EventKind::Template(TemplateEvent::read(step, whole(raw)?)),
    };
    Ok(kind)
}

fn missing(key: &str) -> Option<String> {
    Some(format!("no usable `{key}`"))
}

fn whole<T: serde::de::DeserializeOwned>(raw: &[u8]) -> Result<T, Option<String>> {
    serde_json::from_slice(raw).map_err(|e| Some(e.to_string()))
}

fn admin(body: &Body) -> Option<String> {
    body.sender.as_ref()?.admin_id.clone()
}

fn user(body: &Body) -> Result<(), Option<String>> {
    super::flat_user(body).map(|_| ()).ok_or_else(|| missing("user_id"))
}

fn message_body(body: &mut Body) -> Result<MessageBody, Option<String>> {
    body.message.take().ok_or_else(|| missing("message"))
}

fn message(body: &mut Body, kind: ContentKind) -> Result<Message, Option<String>> {
    let side = |p: &Option<super::body::Party>| p.as_ref().is_some_and(|p| p.id.is_some());
    if !side(&body.sender) || !side(&body.recipient) {
        return Err(missing("sender and recipient"));
    }
    let m = message_body(body)?;
    let is_card = m.attachments.iter().any(|a| matches!(a, Attachment::BusinessCard(_)));
    Ok(Message {
        msg_id: m.msg_id.ok_or_else(|| missing("message.msg_id"))?,
        kind: if is_card { ContentKind::BusinessCard } else { kind },
        text: m.text,
        quote_msg_id: m.quote_msg_id,
        conversation_id: m.conversation_id,
        attachments: m.attachments,
    })
}

/// Older events have one id, newer ones a list; whichever is there.
fn ids(m: MessageBody) -> Result<Vec<String>, Option<String>> {
    let mut ids = m.msg_ids;
    ids.extend(m.msg_id.filter(|id| !ids.contains(id)));
    ids.retain(|id| !id.is_empty());
    if ids.is_empty() { Err(missing("message.msg_id")) } else { Ok(ids) }
}

fn receipt(body: &mut Body) -> Result<Receipt, Option<String>> {
    Ok(Receipt { msg_ids: ids(message_body(body)?)? })
}

fn received(body: &mut Body) -> Result<EventKind, Option<String>> {
    let m = message_body(body)?;
    // Only the ZNS variant of the same event has a delivery time; its recipient is a phone.
    if m.delivery_time.is_some() {
        let recipient = body.recipient.as_ref().and_then(|p| p.id.clone());
        let (tracking_id, delivery_time) = (m.tracking_id.clone(), m.delivery_time);
        let msg_id = ids(m)?.remove(0);
        return Ok(EventKind::ZnsReceived(ZnsReceipt { msg_id, tracking_id, delivery_time, recipient }));
    }
    Ok(EventKind::Received(Receipt { msg_ids: ids(m)? }))
}

fn reaction(body: &mut Body) -> Result<Reaction, Option<String>> {
    let m = message_body(body)?;
    Ok(Reaction {
        msg_id: m.msg_id.ok_or_else(|| missing("message.msg_id"))?,
        icon: m.react_icon.ok_or_else(|| missing("message.react_icon"))?,
    })
}

fn widget(body: &mut Body) -> Result<WidgetData, Option<String>> {
    serde_json::from_value(body.data.take().unwrap_or_default()).map_err(|e| Some(e.to_string()))
}
