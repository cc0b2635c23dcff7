//! What can be written to customers of an account: kinds with their limits, and stickers.

use loa_kernel::{Action, Actor, ChannelId, Object, Problem, WorkspaceId};
use loa_rulebook::{KindLimits, MessageKind, TemplateLimits};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Attachment, Channels};

/// So many stickers that customers sent are offered.
const RECEIVED_MOST: usize = 60;

/// What can be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Offer {
    /// The kinds that the platform takes, by the account's rules of today. What is not here it does not take: places,
    /// voice, films and contact cards among them.
    pub kinds: Vec<OfferedKind>,
    /// Stickers of the operator's catalogue, then those that customers sent to the account, latest first.
    pub stickers: Vec<OfferedSticker>,
}

/// A kind with its limits. Lengths in characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedKind {
    /// Which.
    pub kind: MessageKind,
    /// Longest text or caption; 0: it takes none.
    pub text_max: u32,
    /// Largest file in bytes, of kinds with a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub max_bytes: Option<u64>,
    /// Media types of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub media_types: Vec<String>,
    /// Cards and buttons, of kinds with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub template: Option<OfferedTemplate>,
}

/// Limits of cards and buttons. Lengths in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedTemplate {
    /// Fewest cards.
    pub cards_min: u32,
    /// Most cards.
    pub cards_max: u32,
    /// Longest title, of cards and buttons.
    pub title_max: u32,
    /// Longest second line.
    pub subtitle_max: u32,
    /// The first card needs a second line.
    pub first_needs_subtitle: bool,
    /// The first card needs a picture.
    pub first_needs_picture: bool,
    /// Fewest buttons.
    pub buttons_min: u32,
    /// Most buttons.
    pub buttons_max: u32,
    /// Longest text that a tap says.
    pub query_max: u32,
    /// Longest text of an SMS.
    pub sms_max: u32,
}

/// A sticker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferedSticker {
    /// Its id in the platform's catalogue.
    pub id: String,
    /// What it shows, in words; absent for one that a customer sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// Its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub url: Option<String>,
}

impl From<TemplateLimits> for OfferedTemplate {
    fn from(l: TemplateLimits) -> Self {
        Self {
            cards_min: l.cards_min,
            cards_max: l.cards_max,
            title_max: l.title_max,
            subtitle_max: l.subtitle_max,
            first_needs_subtitle: l.first_needs_subtitle,
            first_needs_picture: l.first_needs_picture,
            buttons_min: l.buttons_min,
            buttons_max: l.buttons_max,
            query_max: l.query_max,
            sms_max: l.sms_max,
        }
    }
}

fn offered(kind: MessageKind, limits: &KindLimits) -> OfferedKind {
    OfferedKind {
        kind,
        text_max: limits.text_max,
        max_bytes: limits.attachment.as_ref().map(|a| a.max_bytes),
        media_types: limits.attachment.as_ref().map(|a| a.media_types.clone()).unwrap_or_default(),
        template: limits.template.map(Into::into),
    }
}

impl Channels {
    /// What can be written to customers of this account.
    pub async fn offer(&self, actor: &Actor, id: ChannelId) -> Result<Offer, Problem> {
        actor.require(Object::Channel, Action::View)?;
        let channel = self.visible(actor, id).await?;
        let edition = channel.edition.parse().unwrap_or_default();
        let limits = &self.rules.resolve(&edition, self.now()).limits;
        let kinds = MessageKind::ALL.iter().filter_map(|kind| Some(offered(*kind, limits.of(*kind)?)));
        Ok(Offer { kinds: kinds.collect(), stickers: self.stickers(actor.workspace, id).await? })
    }

    /// The picture of a sticker that this account was offered; `None` for an id that somebody typed.
    pub async fn sticker_url(
        &self,
        ws: WorkspaceId,
        channel: ChannelId,
        id: &str,
    ) -> Result<Option<String>, Problem> {
        let known = self.stickers(ws, channel).await?;
        Ok(known.into_iter().find(|sticker| sticker.id == id).and_then(|sticker| sticker.url))
    }

    async fn stickers(&self, ws: WorkspaceId, channel: ChannelId) -> Result<Vec<OfferedSticker>, Problem> {
        let configured = self.rules.stickers().iter().map(|sticker| OfferedSticker {
            id: sticker.id.clone(),
            title: Some(sticker.title.clone()),
            url: sticker.url.clone(),
        });
        let mut stickers: Vec<OfferedSticker> = configured.collect();
        let configured = stickers.len();
        let received = loa_store::stickers::received(self.store.reader(), ws, channel).await?;
        for attachments in received {
            let found: Vec<Attachment> = serde_json::from_value(attachments).map_err(Problem::internal)?;
            for attachment in found {
                let Some(id) = attachment.sticker_id else { continue };
                if !stickers.iter().any(|known| known.id == id) {
                    stickers.push(OfferedSticker { id, title: None, url: attachment.url });
                }
            }
        }
        stickers.truncate(configured + RECEIVED_MOST);
        Ok(stickers)
    }
}
