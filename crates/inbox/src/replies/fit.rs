//! What a text with its files is to the platform: how many messages, and what they may go as. Pure.

use loa_rulebook::{MessageFacts, MessagingRules};
use loa_store::entity::files;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a canned reply would be as messages, by the rules of the accounts it may be sent from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fit {
    /// So many messages go out: the platform takes one file a message, and text only by itself or with a picture.
    pub messages: u32,
    /// Characters of the text.
    pub length: u32,
    /// The longest text that a message takes.
    pub max_length: u32,
    /// All of it may go as free replies of one window.
    pub as_reply: bool,
    /// All of it may go as consultation messages, each of which takes one from the package.
    pub as_consultation: bool,
    /// Why none of it can go, a code of the table of problems; absent: it can.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<loa_kernel::Code>,
}

/// One message of several.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<'a> {
    /// Its text.
    pub text: Option<&'a str>,
    /// Its file.
    pub file: Option<&'a files::Model>,
}

/// Text and files as messages, in the order in which they go: the text with the first picture, without one by itself
/// behind the files. The composer of the web app divides in the same way.
pub fn split<'a>(text: &'a str, files: &[&'a files::Model]) -> Vec<Part<'a>> {
    let text = text.trim();
    let captioned =
        files.iter().position(|f| f.media_type.starts_with("image/")).filter(|_| !text.is_empty());
    let mut parts: Vec<Part<'a>> = files
        .iter()
        .enumerate()
        .map(|(at, file)| Part { text: (Some(at) == captioned).then_some(text), file: Some(file) })
        .collect();
    if captioned.is_none() && !text.is_empty() {
        parts.push(Part { text: Some(text), file: None });
    }
    parts
}

impl Fit {
    /// By several editions: what all of them allow. Without rules nothing is known to be wrong.
    pub fn of(text: &str, files: &[&files::Model], editions: &[&MessagingRules]) -> Self {
        let parts = split(text, files);
        let messages = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        let length = u32::try_from(text.trim().chars().count()).unwrap_or(u32::MAX);
        let mut fit = Self {
            messages,
            length,
            max_length: u32::MAX,
            as_reply: true,
            as_consultation: true,
            problem: None,
        };
        for rules in editions {
            let most = rules.limits.of(loa_rulebook::MessageKind::Text).map_or(u32::MAX, |l| l.text_max);
            fit.max_length = fit.max_length.min(most);
            let problem = parts.iter().find_map(|part| problem_of(part, rules));
            fit.problem = fit.problem.or(problem);
            fit.as_reply &= rules.reply.free_count.is_none_or(|free| messages <= free);
        }
        if fit.problem.is_some() || parts.is_empty() {
            fit.as_reply = false;
            fit.as_consultation = false;
        }
        fit
    }
}

fn problem_of(part: &Part<'_>, rules: &MessagingRules) -> Option<loa_kernel::Code> {
    let caption = part.text.unwrap_or_default();
    let facts = match part.file {
        None => MessageFacts::text(caption),
        Some(file) => {
            let Some(kind) = rules.limits.kind_of(&file.media_type) else {
                return Some(loa_kernel::Code::UnsupportedFile);
            };
            let bytes = u64::try_from(file.size).unwrap_or(0);
            MessageFacts::attached(kind, caption, bytes, &file.media_type)
        }
    };
    rules.limits.check(&facts).err().map(|problem| problem.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_kernel::Code;
    use loa_rulebook::Library;
    use uuid::Uuid;

    fn file(media_type: &str, size: i64) -> files::Model {
        files::Model {
            workspace_id: Uuid::nil(),
            id: Uuid::nil(),
            name: "x".into(),
            media_type: media_type.into(),
            size,
            sha256: String::new(),
            store_key: String::new(),
            created_by: None,
            created_at: 0,
            width: None,
            height: None,
        }
    }

    #[test]
    fn a_text_is_marked_by_what_it_may_go_as() {
        let library = Library::embedded();
        let (old, new) = (
            library.messaging("messaging-2024-11").unwrap(),
            library.messaging("messaging-2026-01").unwrap(),
        );
        let (png, pdf) = (file("image/png", 1_000), file("application/pdf", 1_000));
        let (big, exe) = (file("image/png", 50_000_000), file("application/x-msdownload", 10));
        let long = "ạ".repeat(2_001);
        let nine: Vec<&files::Model> = std::iter::repeat_n(&pdf, 9).collect();
        for (text, files, editions, messages, as_reply, as_consultation, problem) in [
            ("Dạ", vec![], vec![old, new], 1, true, true, None),
            ("Dạ", vec![&png], vec![old], 1, true, true, None),
            ("Dạ", vec![&pdf], vec![old], 2, true, true, None),
            ("Dạ", vec![&pdf, &png, &png], vec![old], 3, true, true, None),
            ("", nine.clone(), vec![new], 9, true, true, None),
            ("", nine.clone(), vec![new, old], 9, false, true, None),
            (long.as_str(), vec![], vec![old], 1, false, false, Some(Code::TextTooLong)),
            ("Dạ", vec![&big], vec![old], 1, false, false, Some(Code::FileTooLarge)),
            ("Dạ", vec![&exe], vec![old], 2, false, false, Some(Code::UnsupportedFile)),
            (" ", vec![], vec![old], 0, false, false, None),
            (long.as_str(), vec![], vec![], 1, true, true, None),
        ] {
            let fit = Fit::of(text, &files, &editions);
            assert_eq!(
                (fit.messages, fit.as_reply, fit.as_consultation, fit.problem),
                (messages, as_reply, as_consultation, problem),
                "{} characters, {} files",
                text.len(),
                files.len()
            );
        }
    }

    #[test]
    fn the_text_goes_with_the_first_picture() {
        let (png, pdf) = (file("image/png", 1), file("application/pdf", 1));
        let texts = |files: &[&files::Model]| -> Vec<Option<String>> {
            split(" a ", files).into_iter().map(|part| part.text.map(str::to_owned)).collect()
        };
        assert_eq!(texts(&[&pdf, &png, &png]), [None, Some("a".to_owned()), None]);
        assert_eq!(texts(&[&pdf]), [None, Some("a".to_owned())]);
    }
}
