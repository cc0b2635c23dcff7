//! What a member does to many threads or customers at once: the job, its items one by one, and putting them back.
//!
//! A job is due work: [`claim`] takes one, [`step`] does its next items, and both stand in one transaction with the
//! cursor, so that a process that dies repeats the batch and changes nothing twice. Each item is decided when its turn
//! comes: what the member may not see any more, or what is already so, is skipped and says so. What stood there before
//! is kept beside each item; undoing puts it back where nobody has changed it since.
//!
//! The action says what the items are ([`BulkAction::is_about_customers`]). Jobs, cursor, counts, stopping, undoing and
//! forgetting are the same for both; only what becomes of one item differs (`step/threads.rs`, `step/customers.rs`).

mod step;

use loa_kernel::{BulkAction, BulkJobId, Criteria, MemberId, Timestamp, WorkspaceId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::conversations::Chosen;
use crate::entity::{bulk_items, bulk_jobs};
use crate::rows::insert_rows;
use crate::words::words;
use crate::{Result, StoreError, Tx, dialect};

pub use step::{Step, step};

/// How long a job can be undone after it ended: a day, so that what was done in the evening can be put back in the
/// morning. Milliseconds.
pub const UNDO_FOR_MS: i64 = 24 * 3_600_000;

words! {
    /// How far a job is.
    BulkState {
        /// Its items are being changed.
        Running = "running",
        /// All of them were looked at.
        Done = "done",
        /// The member stopped it; what was changed until then stays changed.
        Cancelled = "cancelled",
        /// Its items are being put back.
        Undoing = "undoing",
        /// All that could be was put back.
        Undone = "undone",
    }
}

words! {
    /// What became of one item of a job.
    Outcome {
        /// Its turn has not come.
        Waiting = "waiting",
        /// Changed.
        Done = "done",
        /// Not changed.
        Skipped = "skipped",
        /// Changed, then put back.
        Undone = "undone",
        /// Changed, and not put back.
        Kept = "kept",
    }
}

words! {
    /// Why an item was skipped, or kept.
    Why {
        /// The member may not change it; a thread may be gone too.
        NotVisible = "not_visible",
        /// It was so already.
        Already = "already",
        /// Whom it should be given to cannot be given threads any more.
        NotAMember = "not_a_member",
        /// Somebody changed it since.
        Changed = "changed",
        /// The customer is not there any more.
        Gone = "gone",
        /// A label that was to be put on is not there any more, or is archived.
        LabelGone = "label_gone",
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its workspace.
    pub workspace: WorkspaceId,
    /// Its id.
    pub id: BulkJobId,
    /// Who does it.
    pub member: MemberId,
    /// What.
    pub action: BulkAction,
    /// What chose its threads; `None`: they were named, or it is about customers.
    pub criteria: Option<Criteria>,
    /// How far it is.
    pub state: BulkState,
    /// How many items it has.
    pub total: u64,
    /// Changed ones.
    pub done: u64,
    /// Not changed ones.
    pub skipped: u64,
    /// Of `done`: put back.
    pub undone: u64,
    /// Of `done`: not put back.
    pub kept: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Until then it can be undone.
    pub undo_until: Option<Timestamp>,
    cursor: Option<Uuid>,
}

/// A job, before it is begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Made by the client.
    pub id: BulkJobId,
    /// Who does it.
    pub member: MemberId,
    /// What.
    pub action: BulkAction,
}

/// Begin a job over these threads or customers; each counts once. Answers how many. Errors: `Unique("bulk_jobs_pkey")`
/// when the id is taken.
pub async fn begin_with_ids<T: Copy + Into<Uuid>>(
    tx: &Tx,
    ws: WorkspaceId,
    new: &NewJob,
    ids: &[T],
    now: Timestamp,
) -> Result<u64> {
    let mut ids: Vec<Uuid> = ids.iter().map(|id| (*id).into()).collect();
    ids.sort_unstable();
    ids.dedup();
    let total = ids.len() as u64;
    insert(tx, ws, new, None, total, now).await?;
    let rows: Vec<bulk_items::Model> = ids
        .into_iter()
        .map(|id| bulk_items::Model {
            workspace_id: ws.0,
            job_id: new.id.0,
            item_id: id,
            outcome: Outcome::Waiting.as_str().to_owned(),
            reason: None,
            before: None,
        })
        .collect();
    insert_rows::<bulk_items::Entity>(tx, rows, None).await?;
    Ok(total)
}

/// Begin a job over all threads that are chosen now, or over their customers, by one statement; those that come later are
/// not in it. Answers how many. Errors: as [`begin_with_ids`].
pub async fn begin_with_chosen(
    tx: &Tx,
    ws: WorkspaceId,
    new: &NewJob,
    chosen: &Chosen<'_>,
    now: Timestamp,
) -> Result<u64> {
    use bulk_items::Column as C;
    insert(tx, ws, new, Some(chosen.criteria), 0, now).await?;
    let ids = match new.action.is_about_customers() {
        true => chosen.all_customers(ws),
        false => chosen.all_ids(ws),
    };
    let rows = Query::select()
        .expr(Expr::value(ws.0))
        .expr(Expr::value(new.id.0))
        .expr(Expr::col(("chosen", "id")))
        .expr(Expr::value(Outcome::Waiting.as_str()))
        .from_subquery(ids, "chosen")
        .to_owned();
    let mut fill = Query::insert();
    fill.into_table(bulk_items::Entity).columns([C::WorkspaceId, C::JobId, C::ItemId, C::Outcome]);
    fill.select_from(rows).map_err(|e| StoreError::Other(e.to_string()))?;
    let total = tx.execute(&fill).await?.rows_affected();
    bulk_jobs::Entity::update_many()
        .col_expr(bulk_jobs::Column::Total, Expr::value(total as i64))
        .filter(bulk_jobs::Column::WorkspaceId.eq(ws.0))
        .filter(bulk_jobs::Column::Id.eq(new.id.0))
        .exec(tx)
        .await?;
    Ok(total)
}

async fn insert(
    tx: &Tx,
    ws: WorkspaceId,
    new: &NewJob,
    criteria: Option<&Criteria>,
    total: u64,
    now: Timestamp,
) -> Result<()> {
    let unwritable = |e: serde_json::Error| StoreError::Other(format!("a bulk job: {e}"));
    bulk_jobs::Model {
        workspace_id: ws.0,
        id: new.id.0,
        member_id: new.member.0,
        action: serde_json::to_value(&new.action).map_err(unwritable)?,
        criteria: criteria.map(serde_json::to_value).transpose().map_err(unwritable)?,
        state: BulkState::Running.as_str().to_owned(),
        cursor: None,
        total: total as i64,
        done: 0,
        skipped: 0,
        undone: 0,
        kept: 0,
        created_at: now.0,
        updated_at: now.0,
        finished_at: None,
        undo_until_at: None,
    }
    .into_active_model()
    .insert(tx)
    .await?;
    Ok(())
}

/// One job, whosever it is.
pub async fn get(conn: &impl ConnectionTrait, ws: WorkspaceId, id: BulkJobId) -> Result<Option<Job>> {
    bulk_jobs::Entity::find_by_id((ws.0, id.0)).one(conn).await?.map(from_row).transpose()
}

/// The jobs with these ids, in no order, whosever they are. For the live view.
pub async fn by_ids(conn: &impl ConnectionTrait, ws: WorkspaceId, ids: &[BulkJobId]) -> Result<Vec<Job>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    bulk_jobs::Entity::find()
        .filter(bulk_jobs::Column::WorkspaceId.eq(ws.0))
        .filter(bulk_jobs::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// The latest jobs of a member, the newest first.
pub async fn latest(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    member: MemberId,
    limit: u64,
) -> Result<Vec<Job>> {
    use bulk_jobs::Column as C;
    bulk_jobs::Entity::find()
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::MemberId.eq(member.0))
        .order_by_desc(C::CreatedAt)
        .order_by_desc(C::Id)
        .limit(limit)
        .all(conn)
        .await?
        .into_iter()
        .map(from_row)
        .collect()
}

/// One thread or customer of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Which.
    pub id: Uuid,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was skipped or kept.
    pub why: Option<Why>,
}

/// Items of a job by id, after `after`, at most `limit`; only those that were skipped or kept when `only_told`.
pub async fn items(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    job: BulkJobId,
    after: Option<Uuid>,
    only_told: bool,
    limit: u64,
) -> Result<Vec<Item>> {
    use bulk_items::Column as C;
    let mut select =
        of_job(ws, job).select_only().columns([C::ItemId, C::Outcome, C::Reason]).order_by_asc(C::ItemId);
    if let Some(after) = after {
        select = select.filter(C::ItemId.gt(after));
    }
    if only_told {
        select = select.filter(C::Reason.is_not_null());
    }
    let rows: Vec<(Uuid, String, Option<String>)> = select.limit(limit).into_tuple().all(conn).await?;
    rows.into_iter()
        .map(|(id, outcome, why)| {
            Ok(Item { id, outcome: outcome.parse()?, why: why.map(|why| why.parse()).transpose()? })
        })
        .collect()
}

/// How many items of a job were skipped or kept, by reason.
pub async fn reasons(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    job: BulkJobId,
) -> Result<Vec<(Why, u64)>> {
    use bulk_items::Column as C;
    let rows: Vec<(String, i64)> = of_job(ws, job)
        .select_only()
        .column(C::Reason)
        .column_as(Expr::cust("COUNT(*)"), "n")
        .filter(C::Reason.is_not_null())
        .group_by(C::Reason)
        .order_by_asc(C::Reason)
        .into_tuple()
        .all(conn)
        .await?;
    rows.into_iter().map(|(why, n)| Ok((why.parse()?, u64::try_from(n).unwrap_or(0)))).collect()
}

/// Stop a job that is running; false when it is not.
pub async fn cancel(tx: &Tx, ws: WorkspaceId, id: BulkJobId, now: Timestamp) -> Result<bool> {
    use bulk_jobs::Column as C;
    let done = bulk_jobs::Entity::update_many()
        .col_expr(C::State, Expr::value(BulkState::Cancelled.as_str()))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .col_expr(C::FinishedAt, Expr::value(now.0))
        .col_expr(C::UndoUntilAt, Expr::value(now.plus_ms(UNDO_FOR_MS).0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .filter(C::State.eq(BulkState::Running.as_str()))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// Begin to put back what a job that has ended changed; false when it has not ended, was undone already, or its time for
/// that is over.
pub async fn undo(tx: &Tx, ws: WorkspaceId, id: BulkJobId, now: Timestamp) -> Result<bool> {
    use bulk_jobs::Column as C;
    let done = bulk_jobs::Entity::update_many()
        .col_expr(C::State, Expr::value(BulkState::Undoing.as_str()))
        .col_expr(C::Cursor, Expr::value(None::<Uuid>))
        .col_expr(C::UpdatedAt, Expr::value(now.0))
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::Id.eq(id.0))
        .filter(C::State.is_in([BulkState::Done.as_str(), BulkState::Cancelled.as_str()]))
        .filter(C::UndoUntilAt.gte(now.0))
        .exec(tx)
        .await?;
    Ok(done.rows_affected > 0)
}

/// The job whose turn it is: the one that waited longest, so that a long one does not keep short ones waiting. Nobody
/// else gets it before this transaction ends. Crosses workspaces: one worker serves all.
pub async fn claim(tx: &Tx) -> Result<Option<Job>> {
    use bulk_jobs::Column as C;
    let mut select = bulk_jobs::Entity::find()
        // Literally as the partial index has it.
        .filter(Expr::cust("state IN ('running', 'undoing')"))
        .order_by_asc(C::UpdatedAt)
        .order_by_asc(C::Id)
        .limit(1);
    dialect::skip_locked(QuerySelect::query(&mut select));
    select.one(tx).await?.map(from_row).transpose()
}

/// Forget jobs from before `before` that have ended, with at most `limit` of their items in this call. Answers how many
/// rows were removed.
pub async fn prune(tx: &Tx, ws: WorkspaceId, before: Timestamp, limit: u64) -> Result<u64> {
    use bulk_items::Column as I;
    use bulk_jobs::Column as C;
    let old = bulk_jobs::Entity::find()
        .select_only()
        .column(C::Id)
        .filter(C::WorkspaceId.eq(ws.0))
        .filter(C::CreatedAt.lt(before.0))
        .filter(Expr::cust("state NOT IN ('running', 'undoing')"))
        .order_by_asc(C::CreatedAt)
        .limit(1);
    let Some(job) = old.into_tuple::<Uuid>().one(tx).await? else { return Ok(0) };
    let some = of_job(ws, BulkJobId(job)).select_only().column(I::ItemId).limit(limit).into_query();
    let items = bulk_items::Entity::delete_many()
        .filter(I::WorkspaceId.eq(ws.0))
        .filter(I::JobId.eq(job))
        .filter(I::ItemId.in_subquery(some))
        .exec(tx)
        .await?
        .rows_affected;
    if items == limit {
        return Ok(limit);
    }
    bulk_jobs::Entity::delete_many().filter(C::WorkspaceId.eq(ws.0)).filter(C::Id.eq(job)).exec(tx).await?;
    // There may be another one: whoever cleans up goes on while as much as it allowed was removed.
    Ok(limit)
}

fn of_job(ws: WorkspaceId, job: BulkJobId) -> sea_orm::Select<bulk_items::Entity> {
    bulk_items::Entity::find()
        .filter(bulk_items::Column::WorkspaceId.eq(ws.0))
        .filter(bulk_items::Column::JobId.eq(job.0))
}

fn from_row(row: bulk_jobs::Model) -> Result<Job> {
    let unreadable = |place: &'static str| move |e: serde_json::Error| StoreError::unreadable(place, e);
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    let criteria = row.criteria.filter(|json| !json.is_null());
    Ok(Job {
        workspace: WorkspaceId(row.workspace_id),
        id: BulkJobId(row.id),
        member: MemberId(row.member_id),
        action: serde_json::from_value(row.action).map_err(unreadable("bulk_jobs.action"))?,
        criteria: criteria
            .map(serde_json::from_value)
            .transpose()
            .map_err(unreadable("bulk_jobs.criteria"))?,
        state: row.state.parse()?,
        total: count(row.total),
        done: count(row.done),
        skipped: count(row.skipped),
        undone: count(row.undone),
        kept: count(row.kept),
        created_at: Timestamp(row.created_at),
        updated_at: Timestamp(row.updated_at),
        finished_at: row.finished_at.map(Timestamp),
        undo_until: row.undo_until_at.map(Timestamp),
        cursor: row.cursor,
    })
}
