//! Receipts and reactions that overtook their message.

use std::str::FromStr;

use loa_kernel::{ChannelId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::rows::{Mark, MarkKind};
use crate::entity::message_marks::{Column, Entity, Model};
use crate::{Result, StoreError, Tx};

impl FromStr for MarkKind {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| StoreError::unreadable("message_marks.mark", text))
    }
}

impl TryFrom<&Model> for Mark {
    type Error = StoreError;

    fn try_from(row: &Model) -> Result<Self> {
        Ok(Self { kind: row.mark.parse()?, value: row.value.clone(), at: Timestamp(row.at) })
    }
}

/// Take the marks that wait for this message, to be put on it in the same transaction. Whoever gives a message
/// its platform id (the settling of a send) must do this: the receipt may have come first.
pub async fn take_marks(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    platform_id: &str,
) -> Result<Vec<Mark>> {
    let this = || {
        sea_orm::Condition::all()
            .add(Column::WorkspaceId.eq(ws.0))
            .add(Column::ChannelId.eq(channel.0))
            .add(Column::PlatformId.eq(platform_id))
    };
    let rows = Entity::find().filter(this()).all(tx).await?;
    if !rows.is_empty() {
        Entity::delete_many().filter(this()).exec(tx).await?;
    }
    rows.iter().map(Mark::try_from).collect()
}

/// Forget marks from before `before`, of all workspaces: their message never came (receipts also speak of
/// messages from before the account was connected). Answers how many.
pub async fn prune_marks(conn: &impl ConnectionTrait, before: Timestamp) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::At.lt(before.as_ms())).exec(conn).await?.rows_affected)
}
