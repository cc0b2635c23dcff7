//! The rows that a decision about a thread needs.

use loa_kernel::{ChannelId, ConversationId, IdentityId, WorkspaceId};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QuerySelect};

use crate::entity::{channels, conversations, customer_identities, deliveries, messages};
use crate::{Result, Tx};

/// A thread with its account and its customer's address.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    /// The account.
    pub channel: channels::Model,
    /// The customer's address on it.
    pub identity: customer_identities::Model,
    /// The thread.
    pub conversation: conversations::Model,
}

impl Thread {
    /// The account as the rest of the store speaks of it.
    pub fn account(&self) -> Result<crate::channels::Channel> {
        crate::channels::from_row(self.channel.clone())
    }

    /// The account's id.
    pub fn channel_id(&self) -> ChannelId {
        ChannelId(self.channel.id)
    }

    /// The thread's id.
    pub fn conversation_id(&self) -> ConversationId {
        ConversationId(self.conversation.id)
    }

    /// The address's id.
    pub fn identity_id(&self) -> IdentityId {
        IdentityId(self.identity.id)
    }
}

/// Read a thread; `None` when there is none in this workspace.
pub async fn thread(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
) -> Result<Option<Thread>> {
    read(conn, ws, conversation, false).await
}

/// The same, locked until the transaction ends: nobody else decides about this account or customer meanwhile.
pub async fn lock_thread(tx: &Tx, ws: WorkspaceId, conversation: ConversationId) -> Result<Option<Thread>> {
    read(tx, ws, conversation, true).await
}

async fn read(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    conversation: ConversationId,
    lock: bool,
) -> Result<Option<Thread>> {
    let Some(found) = conversations::Entity::find_by_id((ws.0, conversation.0)).one(conn).await? else {
        return Ok(None);
    };
    // SQLite knows no row locks and needs none: its query builder leaves the clause out.
    let mut channel = channels::Entity::find_by_id((ws.0, found.channel_id));
    let mut identity = customer_identities::Entity::find_by_id((ws.0, found.identity_id));
    if lock {
        channel = channel.lock_exclusive();
        identity = identity.lock_exclusive();
    }
    let (Some(channel), Some(identity)) = (channel.one(conn).await?, identity.one(conn).await?) else {
        return Ok(None);
    };
    let conversation = if lock {
        let again =
            conversations::Entity::find_by_id((ws.0, conversation.0)).lock_exclusive().one(conn).await?;
        match again {
            Some(again) => again,
            None => return Ok(None),
        }
    } else {
        found
    };
    Ok(Some(Thread { channel, identity, conversation }))
}

macro_rules! save {
    ($(#[$doc:meta])* $vis:vis $name:ident, $entity:ident) => {
        $(#[$doc])*
        $vis async fn $name(tx: &Tx, old: &$entity::Model, new: &$entity::Model) -> Result<bool> {
            if old == new {
                return Ok(false);
            }
            // Only the columns that differ, so that others' columns are not written back.
            let mut row = new.clone().into_active_model();
            let before = old.clone().into_active_model();
            for column in <$entity::Column as sea_orm::Iterable>::iter() {
                if row.get(column) != before.get(column) {
                    row.reset(column);
                }
            }
            row.update(tx).await?;
            Ok(true)
        }
    };
}

save! {
    /// Write the columns of a locked channel that differ from `old`; false when none does.
    pub save_channel, channels
}
save! {
    /// Write the columns of a locked address that differ from `old`; false when none does.
    pub save_identity, customer_identities
}
save! {
    /// Write the columns of a locked thread that differ from `old`; false when none does.
    pub save_conversation, conversations
}
save! {
    /// Write the columns of a locked message that differ from `old`; false when none does.
    pub(super) save_message, messages
}
save! {
    /// Write the columns of a locked delivery that differ from `old`; false when none does.
    pub(super) save_delivery, deliveries
}
