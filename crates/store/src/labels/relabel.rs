//! What customers carry, changed: for one or for a thousand of them by the same few statements.
//!
//! A process label takes the place of the one that is there: a customer is in one step of the process. What was done to
//! each is answered, so that it can be put back ([`put_back`]) where nobody has changed it since. What is written back to the
//! platform is wished in the same transaction ([`pushes`]).

use std::collections::{HashMap, HashSet};

use loa_kernel::{CustomerId, LabelId, LabelKind, MemberId, Timestamp, WorkspaceId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::pushes;
use crate::entity::{customer_labels, labels};
use crate::rows::{in_chunks, insert_rows};
use crate::{Result, Tx};

/// What was done to one customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relabelled {
    /// Whom.
    pub customer: CustomerId,
    /// Labels that they carry since.
    pub put: Vec<LabelId>,
    /// Labels that they carried until then.
    pub taken: Vec<Taken>,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub by: Option<MemberId>,
}

/// A label that was taken off, as it was carried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Which.
    pub label: LabelId,
    /// Who had put it there.
    pub by: Option<MemberId>,
    /// When they had.
    pub at: Timestamp,
}

/// Put labels on these customers and take labels off. Answers what was done to whom, without those to whom nothing was.
/// The caller has looked that customers and labels are there and that no two of `add` are process labels, and appends
/// [`super::changes_of`].
pub async fn relabel(
    tx: &Tx,
    ws: WorkspaceId,
    customers: &[CustomerId],
    add: &[LabelId],
    remove: &[LabelId],
    by: Option<MemberId>,
    now: Timestamp,
) -> Result<Vec<Relabelled>> {
    let known = super::list(tx, ws).await?;
    let steps: HashSet<LabelId> = process_labels(&known).collect();
    let moves_on = add.iter().any(|label| steps.contains(label));
    let mut off: Vec<LabelId> = remove.to_vec();
    if moves_on {
        off.extend(steps.iter().filter(|label| !add.contains(label)));
    }
    off.sort_unstable();
    off.dedup();
    let concerned: Vec<LabelId> = add.iter().chain(&off).copied().collect();
    let carried = carried(tx, ws, customers, &concerned).await?;
    let mut done = Vec::new();
    for customer in customers {
        let theirs = carried.get(customer).map(Vec::as_slice).unwrap_or_default();
        let has = |label: &LabelId| theirs.iter().any(|row| row.label_id == label.0);
        let put: Vec<LabelId> = add.iter().filter(|label| !has(label)).copied().collect();
        let taken: Vec<Taken> =
            theirs.iter().filter(|row| off.contains(&LabelId(row.label_id))).map(taken).collect();
        if !put.is_empty() || !taken.is_empty() {
            done.push(Relabelled { customer: *customer, put, taken, at: now, by });
        }
    }
    let put: Vec<(CustomerId, LabelId)> =
        done.iter().flat_map(|one| one.put.iter().map(|label| (one.customer, *label))).collect();
    let taken: Vec<(CustomerId, LabelId)> =
        done.iter().flat_map(|one| one.taken.iter().map(|taken| (one.customer, taken.label))).collect();
    super::remove(tx, ws, &taken).await?;
    super::put(tx, ws, &put, by, now).await?;
    pushes::wish(tx, ws, &known, &taken, false, now).await?;
    pushes::wish(tx, ws, &known, &put, true, now).await?;
    Ok(done)
}

/// Put back what was done, for each customer on whom all of it stands as it was left then: what was put is still the same
/// one, what was taken off is not there, and where a step of the process was taken off, no other one was put since.
/// Answers for whom it was put back. A label that is gone is not put back.
pub async fn put_back(
    tx: &Tx,
    ws: WorkspaceId,
    done: &[Relabelled],
    now: Timestamp,
) -> Result<Vec<CustomerId>> {
    let known = super::list(tx, ws).await?;
    let steps: HashSet<LabelId> = process_labels(&known).collect();
    let there: HashSet<LabelId> = known.iter().map(|row| LabelId(row.id)).collect();
    let mut concerned: HashSet<LabelId> = steps.clone();
    for one in done {
        concerned.extend(one.put.iter().copied().chain(one.taken.iter().map(|taken| taken.label)));
    }
    let concerned: Vec<LabelId> = concerned.into_iter().collect();
    let customers: Vec<CustomerId> = done.iter().map(|one| one.customer).collect();
    let carried = carried(tx, ws, &customers, &concerned).await?;
    let mut back = Vec::new();
    let (mut off, mut on) = (Vec::new(), Vec::new());
    for one in done {
        let theirs = carried.get(&one.customer).map(Vec::as_slice).unwrap_or_default();
        let stands = |label: &LabelId| {
            let is_it = |row: &customer_labels::Model| {
                row.label_id == label.0
                    && row.created_at == one.at.0
                    && row.member_id == one.by.map(|member| member.0)
            };
            theirs.iter().any(is_it)
        };
        let is_off = |label: LabelId| theirs.iter().all(|row| row.label_id != label.0);
        let moved_on = |row: &customer_labels::Model| {
            let label = LabelId(row.label_id);
            steps.contains(&label) && !one.put.contains(&label)
        };
        let was_step = one.taken.iter().any(|taken| steps.contains(&taken.label));
        let untouched = one.put.iter().all(stands)
            && one.taken.iter().all(|taken| is_off(taken.label))
            && !(was_step && theirs.iter().any(moved_on));
        if !untouched {
            continue;
        }
        back.push(one.customer);
        off.extend(one.put.iter().map(|label| (one.customer, *label)));
        let again = one.taken.iter().filter(|taken| there.contains(&taken.label));
        on.extend(again.map(|taken| customer_labels::Model {
            workspace_id: ws.0,
            customer_id: one.customer.0,
            label_id: taken.label.0,
            member_id: taken.by.map(|member| member.0),
            created_at: taken.at.0,
        }));
    }
    let again: Vec<(CustomerId, LabelId)> =
        on.iter().map(|row| (CustomerId(row.customer_id), LabelId(row.label_id))).collect();
    super::remove(tx, ws, &off).await?;
    insert_rows::<customer_labels::Entity>(tx, on, None).await?;
    pushes::wish(tx, ws, &known, &off, false, now).await?;
    pushes::wish(tx, ws, &known, &again, true, now).await?;
    Ok(back)
}

fn process_labels(known: &[labels::Model]) -> impl Iterator<Item = LabelId> {
    known.iter().filter(|row| row.kind == LabelKind::Process.as_str()).map(|row| LabelId(row.id))
}

fn taken(row: &customer_labels::Model) -> Taken {
    Taken { label: LabelId(row.label_id), by: row.member_id.map(MemberId), at: Timestamp(row.created_at) }
}

/// Which of these labels each of these customers carries.
async fn carried(
    tx: &Tx,
    ws: WorkspaceId,
    customers: &[CustomerId],
    labels: &[LabelId],
) -> Result<HashMap<CustomerId, Vec<customer_labels::Model>>> {
    use customer_labels::Column as C;
    let mut found: HashMap<CustomerId, Vec<customer_labels::Model>> = HashMap::new();
    for part in in_chunks(tx, customers, labels.len() + 1) {
        let rows = customer_labels::Entity::find()
            .filter(C::WorkspaceId.eq(ws.0))
            .filter(C::CustomerId.is_in(part.iter().map(|id| id.0)))
            .filter(C::LabelId.is_in(labels.iter().map(|id| id.0)))
            .all(tx)
            .await?;
        for row in rows {
            found.entry(CustomerId(row.customer_id)).or_default().push(row);
        }
    }
    Ok(found)
}
