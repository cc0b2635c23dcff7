//! What a member wrote, checked against the limits of the account it goes through.

use loa_channels::{Attachment, MessageKind, Template, TemplateKind};
use loa_kernel::{Code, ConversationId, FileId, MessageId, Problem, WorkspaceId};
use loa_rulebook::{AttachmentFacts, MessageFacts};
use loa_store::entity::files;
use loa_store::outbound as rows;

use crate::facts::Facts;
use crate::{Outbound, SendMessage};

/// The longest sticker id that is taken.
const STICKER_ID_MAX: usize = 100;

/// The content of a submission, checked.
pub(crate) struct Content {
    pub(crate) kind: MessageKind,
    pub(crate) text: Option<String>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) quoted_platform_id: Option<String>,
    pub(crate) facts: MessageFacts,
}

impl Outbound {
    /// Check what is to be sent: its kind, its lengths, the file, the message it answers.
    pub(crate) async fn content(
        &self,
        ws: WorkspaceId,
        conversation: ConversationId,
        request: &SendMessage,
    ) -> Result<Content, Problem> {
        let text = request.text.as_deref().map(|t| t.replace('\0', "")).filter(|t| !t.trim().is_empty());
        let text_chars = text.as_deref().map_or(0, |t| t.chars().count());
        let limits = self.limits(ws, conversation).await?;
        if let Some(template) = &request.template {
            return self.template_content(ws, conversation, request, template, text, &limits).await;
        }
        let (kind, attachment, file) = match (&request.file_id, &request.sticker_id) {
            (Some(_), Some(_)) => return Err(Problem::new(Code::TooManyAttachments).param("max", 1)),
            (None, None) => (loa_rulebook::MessageKind::Text, None, None),
            (None, Some(sticker)) => {
                if sticker.trim().is_empty() || sticker.len() > STICKER_ID_MAX {
                    return Err(Problem::invalid("sticker_id", "length"));
                }
                let id = sticker.trim();
                let sticker = Attachment {
                    sticker_id: Some(id.to_owned()),
                    url: self.sticker_url(ws, conversation, id).await?,
                    ..Attachment::of(MessageKind::Sticker)
                };
                (loa_rulebook::MessageKind::Sticker, Some(sticker), None)
            }
            (Some(file), None) => {
                let row = loa_store::files::get(self.store.reader(), ws, *file).await;
                let row = row?.ok_or_else(|| Problem::not_found("file"))?;
                let Some(kind) = limits.kind_of(&row.media_type) else {
                    return Err(Problem::new(Code::UnsupportedFile).param("allowed", allowed(&limits)));
                };
                let facts = AttachmentFacts {
                    bytes: u64::try_from(row.size).unwrap_or(0),
                    media_type: row.media_type.clone(),
                };
                (kind, Some(attachment_of(kind, &row)?), Some(facts))
            }
        };
        let facts = MessageFacts { kind, text_chars, attachment: file, template: None };
        limits.check(&facts)?;
        let quoted_platform_id = self.quoted(ws, conversation, request.quoted_message_id).await?;
        Ok(Content {
            kind: kind.as_str().parse()?,
            text,
            attachments: attachment.into_iter().collect(),
            quoted_platform_id,
            facts,
        })
    }

    /// So that the thread shows what was sent.
    async fn sticker_url(
        &self,
        ws: WorkspaceId,
        conversation: ConversationId,
        id: &str,
    ) -> Result<Option<String>, Problem> {
        let thread = rows::thread(self.store.reader(), ws, conversation).await?;
        let thread = thread.ok_or_else(|| Problem::not_found("conversation"))?;
        self.channels.sticker_url(ws, thread.channel_id(), id).await
    }

    async fn template_content(
        &self,
        ws: WorkspaceId,
        conversation: ConversationId,
        request: &SendMessage,
        template: &Template,
        text: Option<String>,
        limits: &loa_rulebook::Limits,
    ) -> Result<Content, Problem> {
        if request.file_id.is_some() || request.sticker_id.is_some() {
            return Err(Problem::new(Code::TooManyAttachments).param("max", 1));
        }
        let template = template.cleaned()?;
        let kind = MessageKind::from(template.kind);
        let facts = MessageFacts {
            kind: template_kind(template.kind),
            text_chars: text.as_deref().map_or(0, |t| t.chars().count()),
            attachment: None,
            template: Some(template.facts()),
        };
        limits.check(&facts)?;
        Ok(Content {
            kind,
            text: text.or_else(|| template.summary()),
            attachments: vec![template.attachment()],
            quoted_platform_id: self.quoted(ws, conversation, request.quoted_message_id).await?,
            facts,
        })
    }

    async fn limits(
        &self,
        ws: WorkspaceId,
        conversation: ConversationId,
    ) -> Result<loa_rulebook::Limits, Problem> {
        let thread = rows::thread(self.store.reader(), ws, conversation).await?;
        let thread = thread.ok_or_else(|| Problem::not_found("conversation"))?;
        let facts = Facts::of(&thread)?;
        Ok(self.rules.resolve(&facts.edition, self.now()).limits.clone())
    }

    async fn quoted(
        &self,
        ws: WorkspaceId,
        conversation: ConversationId,
        id: Option<MessageId>,
    ) -> Result<Option<String>, Problem> {
        let Some(id) = id else { return Ok(None) };
        let unknown = || Problem::invalid("quoted_message_id", "unknown");
        let row = loa_store::messages::get(self.store.reader(), ws, id).await;
        let row = row?.ok_or_else(unknown)?;
        if row.conversation_id != conversation.0 {
            return Err(unknown());
        }
        row.platform_id.map(Some).ok_or_else(|| Problem::invalid("quoted_message_id", "not_sent"))
    }
}

fn attachment_of(kind: loa_rulebook::MessageKind, row: &files::Model) -> Result<Attachment, Problem> {
    let kind: MessageKind = kind.as_str().parse()?;
    Ok(Attachment {
        file_id: Some(FileId(row.id)),
        name: Some(row.name.clone()),
        size: u64::try_from(row.size).ok(),
        media_type: Some(row.media_type.clone()),
        ..Attachment::of(kind)
    })
}

fn template_kind(kind: TemplateKind) -> loa_rulebook::MessageKind {
    match kind {
        TemplateKind::List => loa_rulebook::MessageKind::List,
        TemplateKind::Buttons => loa_rulebook::MessageKind::Buttons,
        TemplateKind::RequestInfo => loa_rulebook::MessageKind::RequestInfo,
    }
}

fn allowed(limits: &loa_rulebook::Limits) -> String {
    let kinds =
        loa_rulebook::MessageKind::ALL.iter().filter_map(|kind| limits.of(*kind)?.attachment.as_ref());
    let mut endings: Vec<&str> = kinds.flat_map(|a| a.extensions.iter().map(String::as_str)).collect();
    endings.sort_unstable();
    endings.dedup();
    endings.join(", ")
}
