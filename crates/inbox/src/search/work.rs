//! Keeps the index of words as far as the messages and customers are.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{Clock, CustomerId, MessageId, Problem, WorkspaceId};
use loa_store::Store;
use loa_store::changes::{self, Change, ChangeKind};
use loa_store::entity::messages;
use loa_store::search::{self, Cursor, Document as Entry, Slot};
use uuid::Uuid;

use super::terms::Document;

/// Changes, messages or customers read at once: a transaction of some ten milliseconds, so that other writers hardly
/// wait.
const AT_ONCE: u64 = 1_000;

/// Longest rest between two batches.
const LONGEST_REST: Duration = Duration::from_secs(1);

/// Follows the log of changes, workspace by workspace, and reads what was there before the index, the newest first.
///
/// What was done stands in the cursor, in the same transaction as what was written, and writing it again changes nothing;
/// so a crash, a second process and a doubled call do no harm. When the log has forgotten what the index has not seen
/// (the program was off for long), everything is read again.
pub struct SearchWork {
    store: Store,
    clock: std::sync::Arc<dyn Clock>,
}

impl SearchWork {
    /// Over this database.
    pub fn new(store: Store, clock: std::sync::Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// One step in one workspace; answers how many rows it read.
    async fn step(
        &self,
        ws: WorkspaceId,
        all: &[WorkspaceId],
        known: Option<Cursor>,
        last: i64,
    ) -> Result<usize, Problem> {
        let db = self.store.reader();
        let Some(was) = known else { return self.begin(ws, last).await };
        if was.position < last {
            let list = changes::since(db, ws, was.position, AT_ONCE).await?;
            if list.first().is_none_or(|change| change.seq != was.position + 1) {
                return self.begin(ws, last).await;
            }
            let (slots, customers, position) = named(&list, was.position);
            return self.write(ws, all, was, Cursor { position, ..was }, slots, customers, list.len()).await;
        }
        // A position that was never given out: the database was put back to an older state.
        if was.position > last {
            return self.begin(ws, last).await;
        }
        if let Some(before) = was.messages_before {
            let (ids, next) = search::ids_before(db, ws, before, AT_ONCE).await?;
            let done = ids.len().max(1);
            let slots = ids.into_iter().map(Slot::of).collect();
            let is = Cursor { messages_before: next, ..was };
            return self.write(ws, all, was, is, slots, Vec::new(), done).await;
        }
        if let Some(after) = was.customers_after {
            let ids = search::customers_after(db, ws, after, AT_ONCE).await?;
            let next = ids.last().filter(|_| ids.len() as u64 == AT_ONCE).copied();
            let done = ids.len().max(1);
            return self
                .write(ws, all, was, Cursor { customers_after: next, ..was }, BTreeSet::new(), ids, done)
                .await;
        }
        Ok(0)
    }

    /// Everything that is there is still to be read; what comes from now on stands in the log.
    async fn begin(&self, ws: WorkspaceId, last: i64) -> Result<usize, Problem> {
        let cursor = Cursor {
            position: last,
            messages_before: Some(MessageId(Uuid::max())),
            customers_after: Some(CustomerId(Uuid::nil())),
        };
        let tx = self.store.begin().await?;
        search::put_cursor(&tx, ws, cursor, self.clock.now()).await?;
        tx.commit().await?;
        Ok(1)
    }

    #[expect(clippy::too_many_arguments, reason = "what one transaction is made of")]
    async fn write(
        &self,
        ws: WorkspaceId,
        all: &[WorkspaceId],
        was: Cursor,
        is: Cursor,
        slots: BTreeSet<Slot>,
        customers: Vec<CustomerId>,
        read: usize,
    ) -> Result<usize, Problem> {
        let db = self.store.reader();
        let slots: Vec<Slot> = slots.into_iter().collect();
        let whose = if search::is_shared(db) { all } else { &[ws] };
        // Outside the transaction: what changes after this read stands later in the log.
        let entries = entries(&slots, search::messages_at(db, whose, &slots).await?);
        let tx = self.store.begin().await?;
        search::put_messages(&tx, ws, &entries).await?;
        search::put_people(&tx, ws, &customers).await?;
        if search::advance(&tx, ws, was, is, self.clock.now()).await? {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(read)
    }
}

#[async_trait]
impl DueWork for SearchWork {
    fn name(&self) -> &'static str {
        "search"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let db = self.store.reader();
        let cursors: BTreeMap<WorkspaceId, Cursor> = search::cursors(db).await?.into_iter().collect();
        let lasts = changes::last_seqs(db).await?;
        let all: Vec<WorkspaceId> = lasts.iter().map(|(ws, _)| *ws).collect();
        let (mut read, mut behind, mut unread) = (0, 0, 0);
        let begun = tokio::time::Instant::now();
        for (ws, last) in lasts {
            let cursor = cursors.get(&ws).copied();
            behind += last - cursor.map_or(0, |cursor| cursor.position.min(last));
            unread += u32::from(cursor.is_none_or(|c| is_incomplete(&c)));
            read += self.step(ws, &all, cursor, last).await?;
        }
        metrics::gauge!("loa_search_lag_changes").set(behind as f64);
        metrics::gauge!("loa_search_workspaces_being_read").set(f64::from(unread));
        if read > 0 {
            // At most half of the time, so that what comes in and what goes out is never slowed down by much.
            tokio::time::sleep(begun.elapsed().min(LONGEST_REST)).await;
        }
        Ok(read)
    }
}

/// Is what was there before the index not all in it?
pub(super) fn is_incomplete(cursor: &Cursor) -> bool {
    cursor.messages_before.is_some() || cursor.customers_after.is_some()
}

/// What changes speak of, and how far they reach.
fn named(list: &[Change], from: i64) -> (BTreeSet<Slot>, Vec<CustomerId>, i64) {
    let mut slots = BTreeSet::new();
    let mut customers = BTreeSet::new();
    for change in list {
        match change.what.kind {
            ChangeKind::MessageUpserted | ChangeKind::MessageRemoved => {
                slots.insert(Slot::of(MessageId(change.what.entity)));
            }
            ChangeKind::CustomerUpserted => {
                customers.insert(CustomerId(change.what.entity));
            }
            _ => {}
        }
    }
    (slots, customers.into_iter().collect(), list.last().map_or(from, |change| change.seq))
}

/// The rows of the index for these slots. Pure.
fn entries(slots: &[Slot], rows: Vec<messages::Model>) -> Vec<Entry> {
    let mut by_slot: BTreeMap<Slot, Entry> = slots
        .iter()
        .map(|slot| (*slot, Entry { slot: *slot, workspaces: Vec::new(), terms: Vec::new() }))
        .collect();
    for row in rows {
        let (Some(document), Some(entry)) =
            (Document::of(&row), by_slot.get_mut(&Slot::of(MessageId(row.id))))
        else {
            continue;
        };
        let whose = WorkspaceId(row.workspace_id);
        if !entry.workspaces.contains(&whose) {
            entry.workspaces.push(whose);
        }
        let terms: BTreeSet<u32> = entry.terms.drain(..).chain(document.terms()).collect();
        entry.terms = terms.into_iter().collect();
    }
    by_slot.into_values().collect()
}
