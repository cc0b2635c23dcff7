//! Cards and buttons between a submission, the stored message and the connector.

use loa_channels::{Attachment, MessageKind, Template, TemplateKind};
use loa_kernel::Problem;

/// The template that is stored with a message of this kind.
pub(crate) fn of(kind: MessageKind, stored: Attachment) -> Result<Template, Problem> {
    let kind = match kind {
        MessageKind::List => TemplateKind::List,
        MessageKind::Buttons => TemplateKind::Buttons,
        MessageKind::RequestInfo => TemplateKind::RequestInfo,
        other => return Err(Problem::internal(format_args!("{other} has neither cards nor buttons"))),
    };
    Ok(Template { kind, cards: stored.cards, buttons: stored.buttons })
}

/// Is what was stored with a message what is submitted again? What cannot be read is not.
pub(crate) fn is_same(kind: &str, stored: Option<&Attachment>, submitted: Option<&Template>) -> bool {
    let is_template = |kind: MessageKind| {
        loa_rulebook::MessageKind::ALL.iter().any(|k| k.is_template() && k.as_str() == kind.as_str())
    };
    let kind = kind.parse::<MessageKind>().ok().filter(|kind| is_template(*kind));
    match (kind, submitted) {
        (None, None) => true,
        (Some(kind), Some(submitted)) => {
            let stored = stored.and_then(|stored| of(kind, stored.clone()).ok());
            stored.is_some() && stored == submitted.cleaned().ok()
        }
        _ => false,
    }
}
