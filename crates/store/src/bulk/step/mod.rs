//! The next items of a job, one transaction.

mod customers;
mod threads;

use loa_kernel::Timestamp;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{BulkState, Job, Outcome, UNDO_FOR_MS, Why, of_job};
use crate::changes::NewChange;
use crate::conversations::Visibility;
use crate::entity::{bulk_items, bulk_jobs};
use crate::rows::{Put, update_rows};
use crate::{Result, StoreError, Tx};

/// What the worker knows that does the next items.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The threads, or customers, that the job's member may change now; `None`: none.
    pub visibility: Option<&'a Visibility>,
    /// Whom the threads are given to can be given threads.
    pub assignable: bool,
    /// At most so many items.
    pub limit: u64,
}

/// What becomes of one item.
struct Verdict {
    item: Uuid,
    outcome: Outcome,
    why: Option<Why>,
    /// Of one that was changed: what stood there before.
    before: Option<serde_json::Value>,
}

impl Verdict {
    fn of(item: Uuid, outcome: Outcome, why: Option<Why>) -> Self {
        Self { item, outcome, why, before: None }
    }

    /// Left as it is: skipped, or kept when the job is put back.
    fn left(item: Uuid, undoing: bool, why: Why) -> Self {
        Self::of(item, if undoing { Outcome::Kept } else { Outcome::Skipped }, Some(why))
    }
}

/// Do the next items of a job that was [`claim`](super::claim)ed in this transaction. Answers the changes to append:
/// what was changed, and the job.
pub async fn step(tx: &Tx, job: &Job, step: &Step<'_>, now: Timestamp) -> Result<Vec<NewChange>> {
    let undoing = job.state == BulkState::Undoing;
    let items = next_items(tx, job, undoing, step.limit).await?;
    let ended = (items.len() as u64) < step.limit;
    let (verdicts, mut changed) = match job.action.is_about_customers() {
        true => customers::run(tx, job, step, &items, now).await?,
        false => threads::run(tx, job, step, &items, now).await?,
    };
    note_items(tx, job, undoing, &verdicts).await?;
    note_job(tx, job, &verdicts, ended, now).await?;
    changed.push(NewChange::bulk_job(job.id));
    Ok(changed)
}

async fn next_items(tx: &Tx, job: &Job, undoing: bool, limit: u64) -> Result<Vec<bulk_items::Model>> {
    use bulk_items::Column as C;
    let wanted = if undoing { Outcome::Done } else { Outcome::Waiting };
    let mut select = of_job(job.workspace, job.id).filter(C::Outcome.eq(wanted.as_str()));
    if let Some(cursor) = job.cursor {
        select = select.filter(C::ItemId.gt(cursor));
    }
    Ok(select.order_by_asc(C::ItemId).limit(limit).all(tx).await?)
}

fn before_of<T: DeserializeOwned>(item: &bulk_items::Model) -> Result<T> {
    let json = item.before.clone().unwrap_or_default();
    serde_json::from_value(json).map_err(|e| StoreError::unreadable("bulk_items.before", e))
}

fn kept<T: Serialize>(before: &T) -> Result<serde_json::Value> {
    serde_json::to_value(before).map_err(|e| StoreError::Other(format!("what stood before: {e}")))
}

async fn note_items(tx: &Tx, job: &Job, undoing: bool, verdicts: &[Verdict]) -> Result<()> {
    use bulk_items::Column as C;
    let mut puts = vec![(C::Outcome, Put::Set), (C::Reason, Put::Set)];
    // What was put back needs no memory of it; what was kept keeps it for whoever asks.
    if !undoing {
        puts.push((C::Before, Put::Set));
    }
    let mut rows: Vec<Vec<Value>> = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        let mut row: Vec<Value> = vec![
            job.workspace.0.into(),
            job.id.0.into(),
            verdict.item.into(),
            verdict.outcome.as_str().into(),
            verdict.why.map(Why::as_str).into(),
        ];
        if !undoing {
            row.push(Value::Json(verdict.before.clone().map(Box::new)));
        }
        rows.push(row);
    }
    update_rows::<bulk_items::Entity>(tx, &[C::WorkspaceId, C::JobId, C::ItemId], &puts, rows).await?;
    Ok(())
}

async fn note_job(tx: &Tx, job: &Job, verdicts: &[Verdict], ended: bool, now: Timestamp) -> Result<()> {
    use bulk_jobs::Column as C;
    let count = |outcome| verdicts.iter().filter(|verdict| verdict.outcome == outcome).count() as i64;
    let mut update = bulk_jobs::Entity::update_many().col_expr(C::UpdatedAt, Expr::value(now.0));
    for (column, outcome) in [
        (C::Done, Outcome::Done),
        (C::Skipped, Outcome::Skipped),
        (C::Undone, Outcome::Undone),
        (C::Kept, Outcome::Kept),
    ] {
        update = update.col_expr(column, Expr::col(column).add(count(outcome)));
    }
    if let Some(last) = verdicts.last() {
        update = update.col_expr(C::Cursor, Expr::value(last.item));
    }
    if ended && job.state == BulkState::Undoing {
        update = update.col_expr(C::State, Expr::value(BulkState::Undone.as_str()));
    } else if ended {
        update = update
            .col_expr(C::State, Expr::value(BulkState::Done.as_str()))
            .col_expr(C::FinishedAt, Expr::value(now.0))
            .col_expr(C::UndoUntilAt, Expr::value(now.plus_ms(UNDO_FOR_MS).0));
    }
    update.filter(C::WorkspaceId.eq(job.workspace.0)).filter(C::Id.eq(job.id.0)).exec(tx).await?;
    Ok(())
}
