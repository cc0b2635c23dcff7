//! Imports of a platform's history: one running or paused at a time an account, each its own queue entry.
//!
//! An import first lists the platform's threads ([`add_threads`]), then reads one after the other
//! ([`next_thread`]). Where it stands is written in the transaction that writes what was read, so a program that dies
//! repeats one page at most.

use loa_kernel::{ChannelId, MemberId, MessageId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Condition, Expr, OnConflict};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

pub use crate::entity::import_threads::Model as ImportThread;
pub use crate::entity::imports::Model as Import;

use crate::channels::ChannelStatus;
use crate::dialect::skip_locked;
use crate::entity::{channels, import_threads, imported_messages, imports};
use crate::rows::{in_chunks, insert_rows};
use crate::{Result, Store, Tx};

/// Where an import stands.
pub mod state {
    /// It goes on by itself.
    pub const RUNNING: &str = "running";
    /// A member holds it.
    pub const PAUSED: &str = "paused";
    /// Everything that the platform shows was read.
    pub const DONE: &str = "done";
    /// A member ended it. What was read stays.
    pub const CANCELED: &str = "canceled";
}

/// What an import does.
pub mod stage {
    /// Lists the threads.
    pub const LISTING: &str = "listing";
    /// Looks at the front of the list again: a thread in which somebody wrote meanwhile has moved there.
    pub const AGAIN: &str = "again";
    /// Reads the threads.
    pub const READING: &str = "reading";
}

/// Begin one. Errors: `Unique` on `imports_active` when one runs or is paused.
pub async fn start(
    tx: &Tx,
    ws: WorkspaceId,
    channel: ChannelId,
    member: Option<MemberId>,
    id: Uuid,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<Import> {
    let row = Import {
        workspace_id: ws.0,
        id,
        channel_id: channel.0,
        member_id: member.map(|m| m.0),
        state: state::RUNNING.to_owned(),
        stage: stage::LISTING.to_owned(),
        list_offset: 0,
        threads_found: 0,
        threads_done: 0,
        threads_refused: 0,
        messages_read: 0,
        messages_new: 0,
        is_limited: false,
        since_at: since.map(|t| t.0),
        due_at: now.0,
        failures: 0,
        last_error: None,
        lease_until_at: None,
        lease_owner: None,
        created_at: now.0,
        updated_at: now.0,
        finished_at: None,
    };
    insert_rows::<imports::Entity>(tx, [row.clone()], None).await?;
    Ok(row)
}

/// The last import of each account of a workspace, in no order. There are few of them.
pub async fn latest(conn: &impl ConnectionTrait, ws: WorkspaceId) -> Result<Vec<Import>> {
    let mut rows = imports::Entity::find()
        .filter(imports::Column::WorkspaceId.eq(ws.0))
        .order_by_desc(imports::Column::Id)
        .all(conn)
        .await?;
    let mut seen = std::collections::HashSet::new();
    rows.retain(|row| seen.insert(row.channel_id));
    Ok(rows)
}

/// Was the history of this account ever read, or asked for?
pub async fn is_there(conn: &impl ConnectionTrait, ws: WorkspaceId, channel: ChannelId) -> Result<bool> {
    use imports::Column as C;
    let found = imports::Entity::find().filter(C::WorkspaceId.eq(ws.0)).filter(C::ChannelId.eq(channel.0));
    Ok(found.limit(1).one(conn).await?.is_some())
}

/// The last import of an account, locked.
pub async fn lock_latest(tx: &Tx, ws: WorkspaceId, channel: ChannelId) -> Result<Option<Import>> {
    Ok(imports::Entity::find()
        .filter(imports::Column::WorkspaceId.eq(ws.0))
        .filter(imports::Column::ChannelId.eq(channel.0))
        .order_by_desc(imports::Column::Id)
        .limit(1)
        .lock_exclusive()
        .one(tx)
        .await?)
}

/// The import that `owner` claimed, locked; `None` when it is no longer theirs, or does not run any more.
pub async fn lock_mine(tx: &Tx, claimed: &Import, owner: &str) -> Result<Option<Import>> {
    let key = (claimed.workspace_id, claimed.id);
    let row = imports::Entity::find_by_id(key).lock_exclusive().one(tx).await?;
    Ok(row.filter(|row| row.state == state::RUNNING && row.lease_owner.as_deref() == Some(owner)))
}

/// Write an import that was locked.
pub async fn save(tx: &Tx, row: &Import, now: Timestamp) -> Result<()> {
    let row = Import { updated_at: now.0, ..row.clone() };
    row.into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Take one running import of a connected account that is due, for all workspaces. It is `owner`'s until `until`.
pub async fn claim(store: &Store, owner: &str, until: Timestamp, now: Timestamp) -> Result<Option<Import>> {
    if due(now).one(store.reader()).await?.is_none() {
        return Ok(None);
    }
    let tx = store.begin().await?;
    let mut select = due(now);
    skip_locked(QueryTrait::query(&mut select));
    let Some(mut row) = select.one(&tx).await? else { return Ok(None) };
    row.lease_until_at = Some(until.0);
    row.lease_owner = Some(owner.to_owned());
    save(&tx, &row, now).await?;
    tx.commit().await?;
    Ok(Some(row))
}

pub(crate) fn due(now: Timestamp) -> sea_orm::Select<imports::Entity> {
    use imports::Column as C;
    let connected = channels::Entity::find()
        .select_only()
        .column(channels::Column::Id)
        .filter(channels::Column::Status.eq(ChannelStatus::Connected.as_str()))
        .into_query();
    imports::Entity::find()
        .filter(Expr::cust("state = 'running'"))
        .filter(C::DueAt.lte(now.0))
        .filter(Condition::any().add(C::LeaseUntilAt.is_null()).add(C::LeaseUntilAt.lte(now.0)))
        .filter(C::ChannelId.in_subquery(connected))
        .order_by_asc(C::DueAt)
        .limit(1)
}

/// Threads that the platform lists, by the customers' ids there; those that are known stay as they are. Answers how
/// many are new.
pub async fn add_threads(tx: &Tx, import: &Import, users: &[String]) -> Result<u64> {
    let keep = OnConflict::new().do_nothing().to_owned();
    let mut seen = std::collections::HashSet::new();
    let mut rows = Vec::with_capacity(users.len());
    for (user, place) in users.iter().zip(import.list_offset..) {
        if seen.insert(user) {
            rows.push(ImportThread {
                workspace_id: import.workspace_id,
                import_id: import.id,
                external_id: user.clone(),
                place,
                state: "waiting".to_owned(),
                next_offset: 0,
                last_error: None,
            });
        }
    }
    insert_rows::<import_threads::Entity>(tx, rows, Some(keep)).await
}

/// The thread to read next: the latest that is not read to its end.
pub async fn next_thread(conn: &impl ConnectionTrait, import: &Import) -> Result<Option<ImportThread>> {
    Ok(waiting(import).one(conn).await?)
}

pub(crate) fn waiting(import: &Import) -> sea_orm::Select<import_threads::Entity> {
    use import_threads::Column as C;
    import_threads::Entity::find()
        .filter(C::WorkspaceId.eq(import.workspace_id))
        .filter(C::ImportId.eq(import.id))
        .filter(Expr::cust("state = 'waiting'"))
        .order_by_asc(C::Place)
        .limit(1)
}

/// Write a thread.
pub async fn save_thread(tx: &Tx, row: &ImportThread) -> Result<()> {
    row.clone().into_active_model().reset_all().update(tx).await?;
    Ok(())
}

/// Forget the threads of an import that has ended, but for those that were refused.
pub async fn forget_threads(tx: &Tx, import: &Import) -> Result<()> {
    use import_threads::Column as C;
    import_threads::Entity::delete_many()
        .filter(C::WorkspaceId.eq(import.workspace_id))
        .filter(C::ImportId.eq(import.id))
        .filter(C::State.ne("refused"))
        .exec(tx)
        .await?;
    Ok(())
}

/// Which of these messages only an import has told of.
pub(crate) async fn imported_only(tx: &Tx, ws: WorkspaceId, ids: &[Uuid]) -> Result<Vec<MessageId>> {
    use imported_messages::Column as C;
    let mut found = Vec::new();
    for part in in_chunks(tx, ids, 1) {
        let rows: Vec<Uuid> = imported_messages::Entity::find()
            .select_only()
            .column(C::MessageId)
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::MessageId.is_in(part.iter().copied()))
            .into_tuple()
            .all(tx)
            .await?;
        found.extend(rows.into_iter().map(MessageId));
    }
    Ok(found)
}

/// Note messages that an import told of, and forget that of those which the platform's own event has told now.
pub(crate) async fn note_imported(
    tx: &Tx,
    imported: &[(WorkspaceId, MessageId)],
    told: &[(WorkspaceId, MessageId)],
    now: Timestamp,
) -> Result<()> {
    use imported_messages::Column as C;
    let rows: Vec<_> = imported
        .iter()
        .map(|(ws, id)| imported_messages::Model { workspace_id: ws.0, message_id: id.0, imported_at: now.0 })
        .collect();
    let keep = OnConflict::new().do_nothing().to_owned();
    insert_rows::<imported_messages::Entity>(tx, rows, Some(keep)).await?;
    // Rare: the platform's event was late or lost its way while the history was read.
    for (ws, id) in told {
        imported_messages::Entity::delete_many()
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::MessageId.eq(id.0))
            .exec(tx)
            .await?;
    }
    Ok(())
}

/// Forget which messages came by import before `before`: no event of the platform comes so late. Crosses workspaces.
pub async fn prune(tx: &Tx, before: Timestamp) -> Result<u64> {
    let done = imported_messages::Entity::delete_many()
        .filter(imported_messages::Column::ImportedAt.lt(before.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}
