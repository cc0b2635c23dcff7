//! What a message may be: length, size, type (platform reference §3 and §12).

use std::collections::BTreeMap;

use loa_kernel::{Code, Problem};

use crate::{ActionFacts, MessageFacts, MessageKind, TemplateFacts};

/// Limits of the file of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentLimits {
    /// Largest size in bytes, this size included.
    pub max_bytes: u64,
    /// What people call the types: "jpg", "png".
    pub extensions: Vec<String>,
    /// Media types, lower case, without parameters.
    pub media_types: Vec<String>,
    /// Uploads of this kind in a calendar month.
    pub uploads_per_month: u32,
    /// Days for which the platform keeps an upload.
    pub upload_kept_days: u32,
}

/// Limits of cards and buttons. Lengths in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateLimits {
    /// Fewest cards.
    pub cards_min: u32,
    /// Most cards.
    pub cards_max: u32,
    /// Longest title, of cards and of buttons.
    pub title_max: u32,
    /// Longest second line of a card.
    pub subtitle_max: u32,
    /// The first card must have a second line.
    pub first_needs_subtitle: bool,
    /// The first card must have a picture.
    pub first_needs_picture: bool,
    /// Fewest buttons.
    pub buttons_min: u32,
    /// Most buttons.
    pub buttons_max: u32,
    /// Longest text that a tap says in the customer's name.
    pub query_max: u32,
    /// Longest text of an SMS.
    pub sms_max: u32,
}

impl TemplateLimits {
    fn check(&self, template: &TemplateFacts) -> Result<(), Problem> {
        for (field, count, least, most) in [
            ("cards", template.cards.len(), self.cards_min, self.cards_max),
            ("buttons", template.buttons.len(), self.buttons_min, self.buttons_max),
        ] {
            if count < least as usize {
                return Err(Problem::invalid(field, "too_few").param("min", least));
            }
            if count > most as usize {
                return Err(Problem::invalid(field, "too_many").param("max", most));
            }
        }
        for (at, card) in template.cards.iter().enumerate() {
            let field = |name: &str| format!("cards[{at}].{name}");
            length(&field("title"), card.title_chars, 1, self.title_max)?;
            let least = u32::from(at == 0 && self.first_needs_subtitle);
            length(&field("subtitle"), card.subtitle_chars, least, self.subtitle_max)?;
            if at == 0 && self.first_needs_picture && !card.pictured {
                return Err(Problem::invalid(&field("image_url"), "required"));
            }
            self.check_action(&field("action"), card.action)?;
        }
        for (at, button) in template.buttons.iter().enumerate() {
            length(&format!("buttons[{at}].title"), button.title_chars, 1, self.title_max)?;
            self.check_action(&format!("buttons[{at}].action"), button.action)?;
        }
        Ok(())
    }

    fn check_action(&self, field: &str, action: ActionFacts) -> Result<(), Problem> {
        length(field, action.query_chars, 0, self.query_max)?;
        length(field, action.sms_chars, 0, self.sms_max)
    }
}

fn length(field: &str, chars: usize, least: u32, most: u32) -> Result<(), Problem> {
    if chars < least as usize {
        return Err(Problem::invalid(field, "required"));
    }
    if chars > most as usize {
        return Err(Problem::invalid(field, "length").param("length", chars).param("max", most));
    }
    Ok(())
}

/// Limits of one kind of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindLimits {
    /// Longest text or caption in characters; 0: the kind takes no text.
    pub text_max: u32,
    /// The file; `None`: the kind carries none.
    pub attachment: Option<AttachmentLimits>,
    /// Cards and buttons; `None`: the kind has none.
    pub template: Option<TemplateLimits>,
}

/// Limits of every kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub(crate) kinds: BTreeMap<MessageKind, KindLimits>,
    /// Reactions that one message takes.
    pub reactions_per_message: u32,
}

impl Limits {
    /// The limits of one kind; `None`: the book does not allow the kind.
    pub fn of(&self, kind: MessageKind) -> Option<&KindLimits> {
        self.kinds.get(&kind)
    }

    /// The kind as which a file of this media type goes; `None`: the platform takes no such file.
    pub fn kind_of(&self, media_type: &str) -> Option<MessageKind> {
        let wanted = bare(media_type);
        self.kinds
            .iter()
            .find(|(_, l)| l.attachment.as_ref().is_some_and(|a| a.media_types.contains(&wanted)))
            .map(|(kind, _)| *kind)
    }

    /// May the message be handed to the platform at all?
    ///
    /// # Errors
    /// The first of: `unsupported_file` (`allowed`), `empty_message`, `file_too_large` (`size`, `max`),
    /// `text_too_long` (`length`, `max`), and of cards and buttons `invalid_field` with the place. Sizes in bytes, lengths in characters.
    pub fn check(&self, message: &MessageFacts) -> Result<(), Problem> {
        let Some(limits) = self.of(message.kind) else {
            return Err(Problem::new(Code::UnsupportedFile).param("allowed", ""));
        };
        match (&limits.attachment, &message.attachment) {
            (None, Some(_)) => return Err(Problem::new(Code::UnsupportedFile).param("allowed", "")),
            (Some(_), None) => return Err(Problem::new(Code::EmptyMessage)),
            (Some(allowed), Some(file)) => {
                if !allowed.media_types.contains(&bare(&file.media_type)) {
                    let list = allowed.extensions.join(", ");
                    return Err(Problem::new(Code::UnsupportedFile).param("allowed", list));
                }
                if file.bytes == 0 {
                    return Err(Problem::new(Code::EmptyMessage));
                }
                if file.bytes > allowed.max_bytes {
                    return Err(Problem::new(Code::FileTooLarge)
                        .param("size", file.bytes)
                        .param("max", allowed.max_bytes));
                }
            }
            (None, None) => {
                if message.text_chars == 0 && matches!(message.kind, MessageKind::Text | MessageKind::Buttons)
                {
                    return Err(Problem::new(Code::EmptyMessage));
                }
            }
        }
        if message.text_chars > limits.text_max as usize {
            return Err(Problem::new(Code::TextTooLong)
                .param("length", message.text_chars)
                .param("max", limits.text_max));
        }
        match (&limits.template, &message.template) {
            (Some(limits), Some(template)) => limits.check(template),
            (Some(_), None) => Err(Problem::new(Code::EmptyMessage)),
            (None, Some(_)) => Err(Problem::invalid("template", "kind")),
            (None, None) => Ok(()),
        }
    }
}

/// A media type without parameters, in lower case.
fn bare(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
