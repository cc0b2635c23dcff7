//! Brings files in, batch by batch.

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{Code, CustomerImportId, Problem};
use loa_store::ConnectionTrait;
use loa_store::customers::imports::{self, CustomerImport, ImportState};
use loa_stream::Topic;
use tokio::sync::{Mutex, mpsc};

use super::plan::{ImportPlan, Reading};
use super::read::{self, Part};
use super::views::plan_of;
use crate::Customers;

/// Whoever dies lets go of an import after this. A batch is a fraction of a second.
const LEASE_MS: i64 = 15_000;
/// Batches between two looks whether the program is to stop.
const BATCHES: usize = 4;

/// Brings in the rows of files that members uploaded, or looks what would happen.
///
/// A file is read by a thread ahead of the batches; it is opened anew where another import, another start of the program or
/// a member's step comes between.
pub struct CustomerImportWork {
    customers: Customers,
    owner: String,
    open: Mutex<Option<Open>>,
}

/// A file that is being read, and where its import must stand for it to go on.
struct Open {
    import: CustomerImport,
    parts: mpsc::Receiver<Part>,
}

impl Open {
    fn fits(&self, import: &CustomerImport) -> bool {
        let is = &self.import;
        (is.id, &is.state, &is.plan, is.row_at) == (import.id, &import.state, &import.plan, import.row_at)
    }
}

impl CustomerImportWork {
    /// For all workspaces.
    pub fn new(customers: Customers) -> Self {
        let owner: CustomerImportId = customers.ids.next();
        Self { customers, owner: owner.0.simple().to_string(), open: Mutex::new(None) }
    }

    /// How its rows are read, as labels and fields are now. Why not, as a code: a field may be gone.
    async fn reading(
        conn: &impl ConnectionTrait,
        import: &CustomerImport,
    ) -> Result<Result<(ImportPlan, Reading), String>, Problem> {
        let header: Vec<String> = serde_json::from_value(import.header.clone()).map_err(Problem::internal)?;
        let Some(plan) = plan_of(import)? else { return Ok(Err("plan_missing".to_owned())) };
        let format = super::format_of(import);
        match Reading::load(conn, import.workspace(), &plan, &header, format).await {
            Ok(reading) => Ok(Ok((plan, reading))),
            Err(problem) if problem.code == Code::InvalidField => {
                let reason = problem.params.get("reason").and_then(|reason| reason.as_str());
                Ok(Err(reason.unwrap_or("unknown_field").to_owned()))
            }
            Err(problem) => Err(problem),
        }
    }

    /// Open the file behind the last row that was dealt with; `None`: it cannot go on.
    async fn open(&self, import: &CustomerImport) -> Result<Option<Open>, Problem> {
        let reading = match Self::reading(self.customers.store.reader(), import).await? {
            Ok((_, reading)) => reading,
            Err(code) => return self.fail(import, &code).await.map(|()| None),
        };
        let file = read::fetch(self.customers.files.as_ref(), &import.store_key).await?;
        Ok(Some(Open { import: import.clone(), parts: read::stream(file, reading, import.row_at) }))
    }

    /// Deal with the next rows; false when it ended, or is not ours any more.
    async fn batch(&self, open: &mut Open) -> Result<bool, Problem> {
        let Some(part) = open.parts.recv().await else {
            return Err(Problem::internal("the thread that reads a file has ended"));
        };
        let lines = match part {
            Part::Lines(lines) => lines,
            Part::End => return self.end(&open.import).await.map(|()| false),
            Part::Failed(code) => return self.fail(&open.import, &code).await.map(|()| false),
        };
        let customers = &self.customers;
        let now = customers.now();
        let tx = customers.store.begin().await?;
        let Some(mut import) = imports::lock_mine(&tx, &open.import, &self.owner).await? else {
            return Ok(false);
        };
        // The rows were read ahead: a field may have been removed since.
        let plan = match Self::reading(&tx, &import).await? {
            Ok((plan, _)) => plan,
            Err(code) => {
                tx.rollback().await?;
                return self.fail(&open.import, &code).await.map(|()| false);
            }
        };
        import.lease_until_at = Some(now.0 + LEASE_MS);
        let write = import.state()? == ImportState::Running;
        imports::apply(&tx, &mut import, plan.policy(), &lines, write, &customers.ids, now).await?;
        tx.commit().await?;
        if write {
            customers.signals.notify(Topic::ChangesIn(import.workspace()));
        }
        open.import = import;
        Ok(true)
    }

    async fn end(&self, claimed: &CustomerImport) -> Result<(), Problem> {
        let now = self.customers.now();
        let tx = self.customers.store.begin().await?;
        let Some(mut row) = imports::lock_mine(&tx, claimed, &self.owner).await? else { return Ok(()) };
        let is_done = row.state()? == ImportState::Running;
        let to = if is_done { ImportState::Done } else { ImportState::Checked };
        to.as_str().clone_into(&mut row.state);
        row.finished_at = is_done.then_some(now.0);
        (row.lease_until_at, row.lease_owner) = (None, None);
        imports::save(&tx, &row, now).await?;
        if is_done {
            self.customers.note_import(&tx, &row, "customer_import.done", now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// It cannot go on. A check that failed did nothing: its file is a draft again.
    async fn fail(&self, claimed: &CustomerImport, code: &str) -> Result<(), Problem> {
        let now = self.customers.now();
        let tx = self.customers.store.begin().await?;
        let Some(mut row) = imports::lock_mine(&tx, claimed, &self.owner).await? else { return Ok(()) };
        let ran = row.state()? == ImportState::Running;
        let to = if ran { ImportState::Failed } else { ImportState::Draft };
        to.as_str().clone_into(&mut row.state);
        row.failure = Some(code.to_owned());
        row.finished_at = ran.then_some(now.0);
        (row.lease_until_at, row.lease_owner) = (None, None);
        imports::save(&tx, &row, now).await?;
        tx.commit().await?;
        Ok(())
    }
}

#[async_trait]
impl DueWork for CustomerImportWork {
    fn name(&self) -> &'static str {
        "customer_imports"
    }

    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let mut kept = self.open.lock().await;
        let now = self.customers.now();
        let until = loa_kernel::Timestamp(now.0 + LEASE_MS);
        let claimed = imports::claim(&self.customers.store, &self.owner, until, now).await?;
        let Some(import) = claimed else {
            *kept = None;
            return Ok(0);
        };
        let mut open = match kept.take().filter(|open| open.fits(&import)) {
            Some(open) => open,
            None => match self.open(&import).await? {
                Some(open) => open,
                None => return Ok(1),
            },
        };
        for _ in 0..BATCHES {
            if !self.batch(&mut open).await? {
                return Ok(1);
            }
        }
        *kept = Some(open);
        Ok(1)
    }
}
