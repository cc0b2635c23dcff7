//! From a stored message to what the connector sends.

use loa_channels::{MessageKind, Outgoing, OutgoingBody, OutgoingFile};
use loa_inbox::Inbox;
use loa_kernel::{Code, Problem, WorkspaceId};
use loa_store::entity::messages;

use crate::facts::attachments;

/// Gather the message with its bytes. What cannot be gathered (its file is gone) can never be sent.
pub(crate) async fn outgoing(
    inbox: &Inbox,
    row: &messages::Model,
    recipient: &str,
) -> Result<Outgoing, Problem> {
    let kind: MessageKind = row.kind.parse()?;
    let attachment = attachments(row)?.into_iter().next();
    let text = row.text.clone().filter(|text| !text.is_empty());
    let body = match kind {
        MessageKind::Text => OutgoingBody::Text(text.ok_or_else(|| Problem::new(Code::EmptyMessage))?),
        MessageKind::Sticker => {
            let id = attachment.and_then(|a| a.sticker_id).ok_or_else(|| Problem::new(Code::EmptyMessage))?;
            OutgoingBody::Sticker { id }
        }
        MessageKind::Image | MessageKind::Gif | MessageKind::File => {
            let id = attachment.and_then(|a| a.file_id).ok_or_else(|| Problem::new(Code::EmptyMessage))?;
            let file = inbox.read_file(WorkspaceId(row.workspace_id), id).await?;
            let file = OutgoingFile {
                name: file.row.name,
                media_type: file.row.media_type,
                sha256: file.row.sha256,
                bytes: file.bytes,
            };
            OutgoingBody::Media { kind, caption: text, file }
        }
        MessageKind::List | MessageKind::Buttons | MessageKind::RequestInfo => {
            let attachment = attachment.ok_or_else(|| Problem::new(Code::EmptyMessage))?;
            let template = crate::template::of(kind, attachment)?;
            // The text of the others is only their first title, for lists and searches.
            let text = text.filter(|_| kind == MessageKind::Buttons).unwrap_or_default();
            OutgoingBody::Template { text, template }
        }
        other => return Err(Problem::internal(format_args!("a message of kind {other} cannot be sent"))),
    };
    Ok(Outgoing { recipient: recipient.to_owned(), body, quoted_platform_id: row.quoted_platform_id.clone() })
}
