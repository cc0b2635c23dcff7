//! What a message may be: length, size, type (platform reference §3 and §12).

use std::collections::BTreeMap;

use loa_kernel::{Code, Problem};

use crate::{MessageFacts, MessageKind};

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

/// Limits of one kind of message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindLimits {
    /// Longest text or caption in characters; 0: the kind takes no text.
    pub text_max: u32,
    /// The file; `None`: the kind carries none.
    pub attachment: Option<AttachmentLimits>,
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
    /// `text_too_long` (`length`, `max`). Sizes in bytes, lengths in characters.
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
                if message.text_chars == 0 && message.kind == MessageKind::Text {
                    return Err(Problem::new(Code::EmptyMessage));
                }
            }
        }
        if message.text_chars > limits.text_max as usize {
            return Err(Problem::new(Code::TextTooLong)
                .param("length", message.text_chars)
                .param("max", limits.text_max));
        }
        Ok(())
    }
}

/// A media type without parameters, in lower case.
fn bare(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
