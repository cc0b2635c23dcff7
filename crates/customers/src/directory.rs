//! The customers of a workspace in memory, field by field, so that any filter over a million of them is counted and paged
//! while somebody types it, on either database.
//!
//! A copy that is never believed further than its number: it follows the log of changes, a question first waits until the
//! copy has seen everything that was committed before it was asked, and the rows of a page are read from the database.
//! What is not asked about costs nothing: a workspace is read when its first question comes.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use loa_filter::{Columns, Field, FieldKind};
use loa_kernel::{ConversationId, CustomerId, LabelId, Problem, Timestamp, WorkspaceId};
use loa_store::changes::{self, ChangeKind};
use loa_store::customers::records::{self, key};
use loa_store::{Store, conversations};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// Customers that are read at once while a workspace is taken in.
const READ_AT_ONCE: u64 = 5_000;
/// Changes that are followed at once.
const FOLLOWED_AT_ONCE: u64 = 2_000;
/// After so many changes reading everything anew is quicker than following.
const TOO_FAR: i64 = 200_000;

/// Shelves of all workspaces. Clones share them.
#[derive(Clone, Default)]
pub struct Directory {
    shelves: Arc<Mutex<HashMap<WorkspaceId, Arc<RwLock<Shelf>>>>>,
}

/// One workspace.
#[derive(Default)]
struct Shelf {
    columns: Columns,
    fields: Vec<(String, FieldKind)>,
    /// The fields are those that there were at this change, or later.
    fields_as_of: i64,
    /// The last change that it has seen; `None`: nothing is read yet.
    seq: Option<i64>,
}

/// How far the log of a workspace was when a question came. What was committed until then is in the answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(i64);

/// The columns of one workspace while they are asked; nobody changes them meanwhile.
pub(crate) struct Asked(OwnedRwLockReadGuard<Shelf>);

impl Asked {
    pub(crate) fn columns(&self) -> &Columns {
        &self.0.columns
    }
}

impl Directory {
    /// To be taken before the fields are read: a field of which the copy knows a value is then never missing among them.
    pub(crate) async fn mark(&self, store: &Store, ws: WorkspaceId) -> Result<Mark, Problem> {
        Ok(Mark(changes::last_seq(store.reader(), ws).await?))
    }

    /// The customers as they were in the database at the mark, or later. `fields` are all fields of the workspace, whoever
    /// asks.
    pub(crate) async fn ask(
        &self,
        store: &Store,
        ws: WorkspaceId,
        mark: Mark,
        fields: &[Field],
        now: Timestamp,
    ) -> Result<Asked, Problem> {
        let shelf = {
            let mut shelves = self.shelves.lock().unwrap_or_else(PoisonError::into_inner);
            shelves.entry(ws).or_default().clone()
        };
        let wanted: Vec<_> = fields.iter().map(|field| (field.key.clone(), field.kind)).collect();
        // Whoever comes with older fields than it has takes it as it is: a field that is gone finds nobody.
        let has_fields = |shelf: &Shelf| shelf.fields == wanted || mark.0 < shelf.fields_as_of;
        let is_current = |shelf: &Shelf| has_fields(shelf) && shelf.seq.is_some_and(|seq| seq >= mark.0);
        let reading = shelf.clone().read_owned().await;
        if is_current(&reading) {
            return Ok(Asked(reading));
        }
        drop(reading);
        let mut writing = shelf.write_owned().await;
        if !has_fields(&writing) {
            writing.columns.set_fields(fields.to_vec());
            writing.fields = wanted;
        }
        writing.fields_as_of = writing.fields_as_of.max(mark.0);
        writing.catch_up(store, ws, mark.0, now).await?;
        Ok(Asked(writing.downgrade()))
    }
}

impl Shelf {
    /// Follow the log up to `target` and no further: what comes later may know of fields that are not here yet.
    async fn catch_up(
        &mut self,
        store: &Store,
        ws: WorkspaceId,
        target: i64,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let conn = store.reader();
        loop {
            let oldest = changes::oldest_seq(conn, ws).await?;
            let seq = match self.seq {
                Some(seq) if seq >= target => return Ok(()),
                Some(seq) if target - seq <= TOO_FAR && oldest.is_none_or(|oldest| oldest <= seq + 1) => seq,
                _ => {
                    self.read_all(store, ws, target, now).await?;
                    continue;
                }
            };
            let mut list = changes::since(conn, ws, seq, FOLLOWED_AT_ONCE).await?;
            if list.is_empty() {
                // The numbers are given out and their changes are gone.
                self.seq = None;
                continue;
            }
            list.retain(|change| change.seq <= target);
            self.follow(store, ws, &list, now).await?;
            self.seq = Some(list.last().map_or(target, |change| change.seq));
        }
    }

    /// Read everybody. What is committed after `seq` is followed afterwards.
    async fn read_all(
        &mut self,
        store: &Store,
        ws: WorkspaceId,
        seq: i64,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let conn = store.reader();
        let mut columns = Columns::new(self.columns.fields().to_vec());
        let mut after = None;
        loop {
            let part = records::walk(conn, ws, after, READ_AT_ONCE, now).await?;
            let Some(last) = part.last() else { break };
            after = Some(last.id);
            for record in &part {
                columns.put(record.id.0.as_u128(), record);
            }
        }
        tracing::debug!(workspace = %ws, customers = columns.len(), "customers read into memory");
        self.columns = columns;
        self.seq = Some(seq);
        Ok(())
    }

    async fn follow(
        &mut self,
        store: &Store,
        ws: WorkspaceId,
        list: &[changes::Change],
        now: Timestamp,
    ) -> Result<(), Problem> {
        let conn = store.reader();
        let mut customers: HashSet<CustomerId> = HashSet::new();
        let mut threads: HashSet<ConversationId> = HashSet::new();
        for change in list {
            match change.what.kind {
                ChangeKind::CustomerUpserted => {
                    customers.insert(CustomerId(change.what.entity));
                }
                ChangeKind::ConversationUpserted => threads.extend(change.what.conversation),
                ChangeKind::LabelRemoved => {
                    self.columns.forget_option(key::LABELS, &LabelId(change.what.entity).to_string());
                }
                _ => {}
            }
        }
        let threads: Vec<ConversationId> = threads.into_iter().collect();
        customers.extend(conversations::customers_of(conn, ws, &threads).await?);
        let customers: Vec<CustomerId> = customers.into_iter().collect();
        let records = records::by_ids(conn, ws, &customers, now).await?;
        let mut gone: HashSet<CustomerId> = customers.into_iter().collect();
        for record in &records {
            gone.remove(&record.id);
            self.columns.put(record.id.0.as_u128(), record);
        }
        for id in gone {
            self.columns.remove(id.0.as_u128());
        }
        Ok(())
    }
}
