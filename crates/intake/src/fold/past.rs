//! The platform's history, which an import reads page by page. Unlike an event a page has no effects but that its
//! messages stand in their threads.

use bytes::Bytes;
use loa_channels::{Author, NotUnderstood, PastMessage};
use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use loa_rulebook::Library;
use loa_store::intake::{Batch, Slice, Wanted};

use super::world::World;
use super::{Event, messages};

/// A page of the history of one account.
#[derive(Debug, Clone)]
pub struct Page {
    workspace: WorkspaceId,
    channel: ChannelId,
    messages: Vec<PastMessage>,
}

impl Page {
    /// A page as the connector understood it. Names are cleaned as those of events are.
    pub fn new(workspace: WorkspaceId, channel: ChannelId, messages: Vec<PastMessage>) -> Self {
        let cleaned = messages.into_iter().map(|mut past| {
            for name in [&mut past.user, &mut past.message.platform_id] {
                if name.contains('\0') {
                    *name = name.replace('\0', "");
                }
            }
            past
        });
        let mut messages: Vec<PastMessage> =
            cleaned.filter(|p| !p.user.is_empty() && !p.message.platform_id.is_empty()).collect();
        // The order of a page is not promised (platform reference §11).
        messages.sort_by(|a, b| (a.at, &a.message.platform_id).cmp(&(b.at, &b.message.platform_id)));
        Self { workspace, channel, messages }
    }

    /// Everything that must be loaded before [`fold_past`] can run.
    pub fn wanted(&self) -> Wanted {
        let mut wanted = Wanted::default();
        wanted.channels.insert(self.channel, self.workspace);
        for past in &self.messages {
            wanted.users.entry(self.channel).or_default().insert(past.user.clone());
            wanted.messages.entry(self.channel).or_default().insert(past.message.platform_id.clone());
            if past.message.author != Author::Customer {
                wanted.echoes.entry(self.channel).or_default().insert(past.user.clone());
            }
        }
        wanted
    }
}

/// Fold a page into `slice`, which was loaded for its [`Page::wanted`]. Answers what to write, and how many messages
/// were not here before.
pub fn fold_past(page: &Page, slice: Slice, library: &Library, now: Timestamp) -> (Batch, u64) {
    let mut world = World::new(slice, library, now);
    // Rows are made for a place, not for an event: there is none.
    let place = Event {
        workspace: page.workspace,
        channel: page.channel,
        key: String::new(),
        received_at: now,
        body: Bytes::new(),
        said: Err(NotUnderstood { event_name: String::new(), reason: String::new() }),
    };
    let mut new = 0;
    for past in &page.messages {
        new += u64::from(messages::past_message(&mut world, &place, &past.user, past.at, &past.message));
    }
    (world.finish(), new)
}
