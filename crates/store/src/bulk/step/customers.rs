//! What a job does to customers: it puts labels on them and takes labels off.

use std::collections::HashSet;

use loa_kernel::{BulkAction, CustomerId, Timestamp};

use super::{Step, Verdict, before_of, kept};
use crate::bulk::{BulkState, Job, Outcome, Why};
use crate::changes::NewChange;
use crate::entity::bulk_items;
use crate::labels::relabel::{self, Relabelled};
use crate::{Result, Tx, customers, labels};

/// What becomes of these customers, done; and the changes. A dozen statements, however many they are.
pub(super) async fn run(
    tx: &Tx,
    job: &Job,
    step: &Step<'_>,
    items: &[bulk_items::Model],
    now: Timestamp,
) -> Result<(Vec<Verdict>, Vec<NewChange>)> {
    let undoing = job.state == BulkState::Undoing;
    let BulkAction::Label { add, remove } = &job.action else { return Ok((Vec::new(), Vec::new())) };
    let ids: Vec<CustomerId> = items.iter().map(|item| CustomerId(item.item_id)).collect();
    let there = customers::locked(tx, job.workspace, &ids).await?;
    let seen = match step.visibility {
        Some(visibility) => customers::seen_of(tx, job.workspace, visibility, &there).await?,
        None => HashSet::new(),
    };
    let there: HashSet<CustomerId> = there.into_iter().collect();
    // Whatever else was asked for: it is done whole, or not at all.
    let addable = undoing || labels::are_in_use(tx, job.workspace, add).await?;
    let mut verdicts = Vec::with_capacity(items.len());
    let mut able: Vec<(CustomerId, &bulk_items::Model)> = Vec::with_capacity(items.len());
    for item in items {
        let id = CustomerId(item.item_id);
        let left = |why| Verdict::left(id.0, undoing, why);
        if !there.contains(&id) {
            verdicts.push(left(Why::Gone));
        } else if !seen.contains(&id) {
            verdicts.push(left(Why::NotVisible));
        } else if !addable {
            verdicts.push(left(Why::LabelGone));
        } else {
            able.push((id, item));
        }
    }
    let touched: HashSet<CustomerId> = if undoing {
        put_back(tx, job, &able, now).await?
    } else {
        let ids: Vec<CustomerId> = able.iter().map(|(id, _)| *id).collect();
        let done = relabel::relabel(tx, job.workspace, &ids, add, remove, Some(job.member), now).await?;
        for one in &done {
            let verdict = Verdict::of(one.customer.0, Outcome::Done, None);
            verdicts.push(Verdict { before: Some(kept(one)?), ..verdict });
        }
        done.into_iter().map(|one| one.customer).collect()
    };
    for (id, _) in &able {
        match (undoing, touched.contains(id)) {
            (true, true) => verdicts.push(Verdict::of(id.0, Outcome::Undone, None)),
            (true, false) => verdicts.push(Verdict::left(id.0, true, Why::Changed)),
            (false, true) => {}
            (false, false) => verdicts.push(Verdict::left(id.0, false, Why::Already)),
        }
    }
    // The last of them is where the job goes on.
    verdicts.sort_unstable_by_key(|verdict| verdict.item);
    let touched: Vec<CustomerId> = touched.into_iter().collect();
    Ok((verdicts, labels::changes_of(tx, job.workspace, &touched).await?))
}

/// Put back what the job did to these, where all of it stands as the job left it. Answers to whom.
async fn put_back(
    tx: &Tx,
    job: &Job,
    able: &[(CustomerId, &bulk_items::Model)],
    now: Timestamp,
) -> Result<HashSet<CustomerId>> {
    let done: Vec<Relabelled> = able.iter().map(|(_, item)| before_of(item)).collect::<Result<_>>()?;
    let back = relabel::put_back(tx, job.workspace, &done, now).await?;
    Ok(back.into_iter().collect())
}
