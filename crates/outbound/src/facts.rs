//! From rows to the facts of the rule book, and the decision about them.

use loa_channels::{Attachment, channel_facts, template_facts};
use loa_kernel::{MessageId, Problem, Timestamp};
use loa_rulebook::{
    AttachmentFacts, ChannelFacts, Decision, EditionChoice, Library, MessageFacts, MessageKind,
    RecipientFacts,
};
use loa_store::customers::recipient_facts;
use loa_store::entity::messages;
use loa_store::outbound::{Pool, Thread};

/// What is known about a thread.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) channel: ChannelFacts,
    pub(crate) recipient: RecipientFacts,
    pub(crate) edition: EditionChoice,
}

impl Facts {
    /// From the rows of a thread.
    pub(crate) fn of(thread: &Thread) -> Result<Self, Problem> {
        let account = thread.account()?;
        let edition = account.edition.parse().map_err(|_| {
            Problem::internal(format_args!("the account follows {:?}, which is no edition", account.edition))
        })?;
        Ok(Self { channel: channel_facts(&account), recipient: recipient_facts(&thread.identity), edition })
    }

    /// The same for a message that holds something itself: it may use its own place, and its own try.
    pub(crate) fn held_by(mut self, thread: &Thread, message: MessageId, held: Option<Pool>) -> Self {
        self.channel.trial |= thread.channel.trial_message_id == Some(message.0);
        match held {
            Some(Pool::Reply) => {
                self.recipient.replies_reserved = self.recipient.replies_reserved.saturating_sub(1);
            }
            Some(Pool::Welcome) => {
                self.recipient.welcome_used = self.recipient.welcome_used.saturating_sub(1)
            }
            Some(Pool::Package) => {
                if let Some(package) = &mut self.channel.package {
                    package.reserved = package.reserved.saturating_sub(1);
                }
            }
            Some(Pool::Extra | Pool::Paid) | None => {}
        }
        self
    }

    /// The same after a message that goes as this decision says: what it takes is not there for the next one.
    pub(crate) fn after(mut self, decision: &Decision) -> Self {
        use loa_rulebook::{Class, ReasonCode};
        if decision.has(ReasonCode::ZcaTrial) {
            self.channel.trial = false;
        }
        match decision.class {
            Some(Class::Reply) => self.recipient.replies_reserved += 1,
            Some(Class::Welcome) => self.recipient.welcome_used += 1,
            Some(Class::Package) => {
                if let Some(package) = &mut self.channel.package {
                    package.reserved += 1;
                }
            }
            Some(Class::Extra | Class::Paid) | None => {}
        }
        self
    }

    /// May it go now, as what?
    pub(crate) fn decide(&self, rules: &Library, message: Option<&MessageFacts>, now: Timestamp) -> Decision {
        rules.decide(&self.edition, &self.channel, &self.recipient, message, now)
    }
}

/// The facts of a stored message that a member wrote.
pub(crate) fn message_facts(row: &messages::Model) -> Result<MessageFacts, Problem> {
    let kind = sendable(&row.kind)
        .ok_or_else(|| Problem::internal(format_args!("a message of kind {} cannot be sent", row.kind)))?;
    let mut text_chars = row.text.as_deref().map_or(0, |text| text.chars().count());
    let mut template = None;
    let attachment = match kind {
        MessageKind::Image | MessageKind::Gif | MessageKind::File => {
            let file = attachments(row)?.into_iter().next();
            file.map(|file| AttachmentFacts {
                bytes: file.size.unwrap_or(0),
                media_type: file.media_type.unwrap_or_default(),
            })
        }
        MessageKind::Text | MessageKind::Sticker => None,
        MessageKind::List | MessageKind::Buttons | MessageKind::RequestInfo => {
            let stored = attachments(row)?.into_iter().next().unwrap_or_default();
            template = Some(template_facts(&stored.cards, &stored.buttons));
            if kind != MessageKind::Buttons {
                text_chars = 0; // their text is a title once more, and is not sent
            }
            None
        }
    };
    Ok(MessageFacts { kind, text_chars, attachment, template })
}

/// The attachments of a stored message.
pub(crate) fn attachments(row: &messages::Model) -> Result<Vec<Attachment>, Problem> {
    serde_json::from_value(row.attachments.clone())
        .map_err(|e| Problem::internal(format_args!("attachments of a message: {e}")))
}

fn sendable(kind: &str) -> Option<MessageKind> {
    MessageKind::ALL.iter().copied().find(|k| k.as_str() == kind)
}

/// What a message is that takes from this pool.
pub(crate) fn class_of(pool: Pool) -> loa_rulebook::Class {
    use loa_rulebook::Class;
    match pool {
        Pool::Reply => Class::Reply,
        Pool::Welcome => Class::Welcome,
        Pool::Package => Class::Package,
        Pool::Extra => Class::Extra,
        Pool::Paid => Class::Paid,
    }
}

/// The pool that a class takes from.
pub(crate) fn pool_of(class: loa_rulebook::Class) -> Pool {
    use loa_rulebook::Class;
    match class {
        Class::Reply => Pool::Reply,
        Class::Welcome => Pool::Welcome,
        Class::Package => Pool::Package,
        Class::Extra => Pool::Extra,
        Class::Paid => Pool::Paid,
    }
}
