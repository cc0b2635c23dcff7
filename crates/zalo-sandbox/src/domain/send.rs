//! The OA writes: through the API or in Zalo's own tool. One pipeline for both (platform reference §19.4):
//! pay, keep, echo, receipt.

use loa_kernel::{Clock, Timestamp};
use zalo::error::ErrorCode;
use zalo::message::{QuotaBlock, Refusal};

use super::pay;
use crate::model::{Action, Attachment, Author, Contact, Entry, Kind, Message, State};
use crate::world::{Live, World};

/// Content of a message, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// Kind.
    pub kind: Kind,
    /// Text or caption.
    pub text: Option<String>,
    /// Media.
    pub attachments: Vec<Attachment>,
    /// Buttons.
    pub buttons: Vec<Action>,
    /// Entries.
    pub entries: Vec<Entry>,
    /// Quoted message.
    pub quoted_id: Option<String>,
}

impl Content {
    /// Text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self::media(Kind::Text, Some(text.into()), Vec::new())
    }

    /// Media with an optional caption.
    pub fn media(kind: Kind, text: Option<String>, attachments: Vec<Attachment>) -> Self {
        let text = text.filter(|t| !t.is_empty());
        Self { kind, text, attachments, buttons: Vec::new(), entries: Vec::new(), quoted_id: None }
    }

    /// The message, not yet numbered.
    pub fn into_message(self, id: String, contact: &Contact, author: Author, at: Timestamp) -> Message {
        Message {
            seq: 0,
            id,
            oa_id: contact.oa_id.clone(),
            user_id: contact.user_id.clone(),
            author,
            kind: self.kind,
            text: self.text,
            attachments: self.attachments,
            buttons: self.buttons,
            entries: self.entries,
            quoted_id: self.quoted_id,
            at,
            payer: None,
            cost_vnd: 0,
            reactions: Vec::new(),
            received_at: None,
            seen_at: None,
            hidden: false,
            seeded: false,
        }
    }
}

/// An accepted send.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The message.
    pub message: Message,
    /// The answer's quota block.
    pub quota: Option<QuotaBlock>,
}

impl World {
    /// Sends `content` to a user and takes what it costs.
    ///
    /// # Errors
    /// The platform's refusal; then nothing changed.
    pub fn oa_sends(
        &self,
        state: &mut State,
        oa_id: &str,
        user_id: &str,
        author: Author,
        content: Content,
    ) -> Result<Sent, Refusal> {
        let now = self.clock.now();
        if let Some(oa) = state.oa_mut(oa_id) {
            oa.roll_period(now);
        }
        let oa = state.oa(oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?.clone();
        let contact = state.contact(oa_id, user_id).ok_or_else(|| Refusal::field("user_id"))?.clone();
        if let Some(quoted) = &content.quoted_id
            && state.message(quoted).is_none_or(|m| m.oa_id != oa_id || m.user_id != user_id)
        {
            return Err(Refusal::field("quote_message_id"));
        }
        let rules = oa.edition.rules(&self.library, now);
        let bill = pay::bill(rules, &oa, &contact, matches!(author, Author::Tool { .. }), now)?;

        let mut message = content.into_message(self.hex(20), &contact, author, now);
        message.payer = Some(bill.payer);
        message.cost_vnd = bill.cost_vnd;
        let receipt = match &message.author {
            Author::Api { app_id } if state.settings().received_events => Some(app_id.clone()),
            _ => None,
        };
        let received_at = now.plus_ms(state.settings().received_after_ms.max(0));
        message.received_at = Some(received_at);
        let id = message.id.clone();
        state.push_message(message);
        pay::settle(state, oa_id, user_id, &bill);
        if let Some(contact) = state.contact_mut(oa_id, user_id) {
            contact.unread += 1;
        }
        let (Some(message), Some(contact), Some(oa)) =
            (state.message(&id).cloned(), state.contact(oa_id, user_id).cloned(), state.oa(oa_id).cloned())
        else {
            return Err(Refusal::of(ErrorCode::SEND_FAILED));
        };
        self.emit_message(state, &message, &contact);
        if let Some(app_id) = receipt {
            self.emit_receipt(state, &contact, &app_id, false, vec![id], (received_at, received_at));
        }
        self.publish_message(&message);
        self.publish(Live::Contact(Box::new(contact.clone())));
        self.publish(Live::Oa(oa_id.to_owned()));
        let app_id = match &message.author {
            Author::Api { app_id } => app_id.as_str(),
            _ => "",
        };
        let quota = pay::quota_block(rules, &oa, &contact, app_id, &bill, now);
        Ok(Sent { message, quota })
    }

    /// The OA or the user reacts to a message, or withdraws.
    ///
    /// # Errors
    /// -201 for an unknown message or icon, -210 beyond the limit of reactions.
    pub fn react(
        &self,
        state: &mut State,
        (oa_id, user_id): (&str, &str),
        message_id: &str,
        icon: &str,
        by_oa: bool,
    ) -> Result<(), Refusal> {
        let figures = &crate::platform::platform().reactions;
        if !figures.icons.iter().any(|i| i == icon) {
            return Err(Refusal::field("react_icon"));
        }
        let contact = state.contact(oa_id, user_id).ok_or_else(|| Refusal::field("user_id"))?.clone();
        let oa = state.oa(oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        let most = oa.edition.rules(&self.library, self.now()).limits.reactions_per_message as usize;
        let message = state
            .message_mut(message_id)
            .filter(|m| m.oa_id == oa_id && m.user_id == user_id)
            .ok_or_else(|| Refusal::field("react_message_id"))?;
        if icon == figures.remove {
            message.reactions.retain(|r| r.by_oa != by_oa);
        } else if message.reactions.len() >= most {
            return Err(Refusal::of(ErrorCode::LIMIT_EXCEEDED));
        } else {
            message.reactions.push(crate::model::Reaction { icon: icon.to_owned(), by_oa });
        }
        let message = message.clone();
        self.emit_reaction(state, &contact, by_oa, message_id, icon);
        self.publish_message(&message);
        Ok(())
    }
}
