//! Numbers whose time in a group is over.

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{Ids, PhoneGroup, Problem, Timestamp, WorkspaceId};
use loa_store::customers::groups;
use loa_store::{Store, audit};
use loa_stream::{Signals, Topic};
use serde_json::json;

/// So many numbers go out in one transaction.
const AT_ONCE: u64 = 5_000;

/// Takes expired numbers out of the groups and tells whose group changed.
///
/// There is no lease to run out: finding them, taking them out and telling is one transaction under the lock of the groups,
/// so that of two who look at the same time the second finds nothing.
pub struct GroupExpiry {
    store: Store,
    ids: Ids,
    signals: Signals,
}

impl GroupExpiry {
    /// The work over a database.
    pub fn new(store: Store, ids: Ids, signals: Signals) -> Self {
        Self { store, ids, signals }
    }

    async fn expire(&self, ws: WorkspaceId, now: Timestamp) -> Result<usize, Problem> {
        let tx = self.store.begin().await?;
        groups::lock(&tx, ws).await?;
        let (mut changed, mut count) = (Vec::new(), 0);
        for (group, phones) in groups::expired(&tx, ws, AT_ONCE, now).await? {
            let removed = groups::remove(&tx, ws, group, &phones).await?;
            changed.extend(removed.changed);
            count += removed.count;
            self.note(&tx, ws, group, removed.count, now).await?;
        }
        changed.sort_unstable();
        changed.dedup();
        groups::announce(&tx, ws, &changed, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(ws));
        Ok(count)
    }

    async fn note(
        &self,
        tx: &loa_store::Tx,
        ws: WorkspaceId,
        group: PhoneGroup,
        numbers: usize,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: None,
            action: "customer_group.expired".into(),
            object: "customer_group".into(),
            object_id: group.as_str().into(),
            detail: json!({ "numbers": numbers }),
        };
        audit::append(tx, ws, &entry).await?;
        Ok(())
    }
}

#[async_trait]
impl DueWork for GroupExpiry {
    fn name(&self) -> &'static str {
        "group_expiry"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let now = self.ids.clock().now();
        match groups::any_expired(self.store.reader(), now).await? {
            Some(ws) => self.expire(ws, now).await,
            None => Ok(0),
        }
    }
}
