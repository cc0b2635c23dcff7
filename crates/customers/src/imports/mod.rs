//! Customers that come from a file: CSV or XLSX, a million rows (features reference §2.9).
//!
//! A file is uploaded and looked through as a whole ([`read::look`]); somebody says what its columns mean ([`ImportPlan`]);
//! a check says what would happen; then it is brought in ([`CustomerImportWork`]).
//!
//! Invariants:
//! - What is wrong with the file as a whole (its encoding, its header) is told when it comes, and nothing is done.
//! - Every row comes to one of four: a customer made, changed, nothing new, or passed over with reason and column.
//! - A batch of rows, what became of them and how far the import is are one transaction: whoever is killed does nothing twice.
//! - The same file with the same plan again changes nothing. A row without its key is passed over for that reason, and of
//!   two rows with one key the first counts; the other one names it.

mod plan;
mod read;
mod report;
mod routes;
mod views;
mod work;

use std::fs::File;
use std::io::Seek;

use loa_kernel::{Action, Actor, Code, CustomerImportId, Object, Problem, Timestamp};
use loa_sheet::Format;
use loa_store::customers::imports::{self, CustomerImport, ImportCounts, ImportState};
use loa_store::{Tx, audit};
use loa_stream::Topic;
use serde_json::json;

use crate::Customers;

pub use plan::ImportPlan;
pub(crate) use routes::router;
pub use views::CustomerImportView;
pub use work::CustomerImportWork;

use plan::Reading;

/// The largest file that is taken if the operator says nothing: a million rows are a hundred megabytes.
pub const MAX_IMPORT_BYTES: u64 = 256 * 1024 * 1024;

/// So many imports are listed.
const SHOWN: u64 = 20;

/// A file that was uploaded.
pub(crate) struct UploadedFile {
    pub id: CustomerImportId,
    pub name: String,
    pub size: u64,
    pub sha256: String,
    pub file: File,
}

/// What a member does with an import that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ImportStep {
    /// Hold it; it can go on where it stands.
    Pause,
    /// Go on, also after a failure.
    Resume,
    /// End it. What was brought in until then stays. A check is given up.
    Cancel,
}

fn format_of(row: &CustomerImport) -> Format {
    if row.format == "xlsx" { Format::Xlsx } else { Format::Csv }
}

fn wrong_state(row: &CustomerImport) -> Problem {
    Problem::new(Code::Conflict).param("reason", "import_state").param("state", row.state.clone())
}

impl Customers {
    /// Keep a file. False: this one was known. Errors: `invalid_field` (`file`) with reason, row and column for what is wrong
    /// with it; `conflict` (`upload_id`) when the id belongs to another file.
    pub(crate) async fn upload_import(
        &self,
        actor: &Actor,
        uploaded: UploadedFile,
    ) -> Result<(bool, CustomerImportView), Problem> {
        actor.require(Object::Customer, Action::Import)?;
        let (ws, now) = (actor.workspace, self.now());
        let UploadedFile { id, name, size, sha256, file } = uploaded;
        if let Some(known) = imports::get(self.store.reader(), ws, id).await? {
            return Ok((false, self.known_import(&known, &sha256).await?));
        }
        let mut looked_at = file.try_clone().map_err(Problem::internal)?;
        // A million rows are seconds: not on a thread that serves others.
        let looked = tokio::task::spawn_blocking(move || {
            looked_at.rewind().map_err(Problem::internal)?;
            read::look(looked_at)
        })
        .await
        .map_err(Problem::internal)??;
        let row = CustomerImport {
            workspace_id: ws.0,
            id: id.0,
            member_id: actor.member.0,
            state: ImportState::Draft.as_str().to_owned(),
            name: crate::groups::clean_name(&name),
            format: if looked.format == Format::Xlsx { "xlsx" } else { "csv" }.to_owned(),
            size: i64::try_from(size).unwrap_or(i64::MAX),
            sha256: sha256.clone(),
            store_key: format!("{ws}/imports/{id}"),
            header: json!(looked.header),
            sample: json!(looked.sample),
            plan: None,
            rows: i64::try_from(looked.rows).unwrap_or(i64::MAX),
            row_at: 0,
            counts: json!(ImportCounts::default()),
            failure: None,
            lease_until_at: None,
            lease_owner: None,
            created_at: now.0,
            updated_at: now.0,
            finished_at: None,
        };
        // Bytes first: a row without bytes would be a broken import, bytes without a row are only waste.
        read::keep(self.files.as_ref(), &row.store_key, file).await?;
        let tx = self.store.begin().await?;
        if let Some(known) = imports::locked(&tx, ws, id).await? {
            return Ok((false, self.known_import(&known, &sha256).await?));
        }
        imports::insert(&tx, row.clone()).await?;
        tx.commit().await?;
        Ok((true, self.import_view(&row).await?))
    }

    async fn known_import(&self, row: &CustomerImport, sha256: &str) -> Result<CustomerImportView, Problem> {
        if row.sha256 != sha256 {
            return Err(Problem::new(Code::Conflict).param("reason", "upload_id"));
        }
        self.import_view(row).await
    }

    async fn import_view(&self, row: &CustomerImport) -> Result<CustomerImportView, Problem> {
        let mut view = CustomerImportView::new(row)?;
        if row.state()? == ImportState::Draft {
            let suggested = plan::suggest(self.store.reader(), row.workspace(), &view.header).await?;
            view.suggested = Some(suggested);
        }
        Ok(view)
    }

    /// The newest imports.
    pub(crate) async fn imports(&self, actor: &Actor) -> Result<Vec<CustomerImportView>, Problem> {
        actor.require(Object::Customer, Action::Import)?;
        let rows = imports::newest(self.store.reader(), actor.workspace, SHOWN).await?;
        rows.iter().map(CustomerImportView::new).collect()
    }

    async fn import_row(&self, actor: &Actor, id: CustomerImportId) -> Result<CustomerImport, Problem> {
        actor.require(Object::Customer, Action::Import)?;
        let row = imports::get(self.store.reader(), actor.workspace, id).await?;
        row.ok_or_else(|| Problem::not_found("customer_import"))
    }

    /// One import.
    pub(crate) async fn import(
        &self,
        actor: &Actor,
        id: CustomerImportId,
    ) -> Result<CustomerImportView, Problem> {
        self.import_view(&self.import_row(actor, id).await?).await
    }

    /// Say what the columns mean, and look at all rows (`write` false) or bring them in. The same plan again while it is
    /// under way changes nothing. Errors: those of [`Reading::load`]; `conflict` (`import_state`).
    pub(crate) async fn begin_import(
        &self,
        actor: &Actor,
        id: CustomerImportId,
        plan: &ImportPlan,
        write: bool,
    ) -> Result<CustomerImportView, Problem> {
        let known = self.import_row(actor, id).await?;
        let header: Vec<String> = serde_json::from_value(known.header.clone()).map_err(Problem::internal)?;
        let (ws, now, kept) = (actor.workspace, self.now(), Some(json!(plan)));
        let tx = self.store.begin().await?;
        let row = imports::locked(&tx, ws, id).await?;
        let mut row = row.ok_or_else(|| Problem::not_found("customer_import"))?;
        use ImportState as S;
        let state = row.state()?;
        let goes = if write {
            matches!(state, S::Running | S::Paused | S::Done)
        } else {
            matches!(state, S::Checking | S::Checked)
        };
        if goes && row.plan == kept {
            return self.import_view(&row).await;
        }
        if !matches!(state, S::Draft | S::Checking | S::Checked) {
            return Err(wrong_state(&row));
        }
        Reading::load(&tx, ws, plan, &header, format_of(&row)).await?;
        imports::forget_rows(&tx, ws, id).await?;
        row.restart(if write { S::Running } else { S::Checking });
        row.plan = kept;
        imports::save(&tx, &row, now).await?;
        if write {
            self.note_import(&tx, &row, "customer_import.started", now).await?;
        }
        tx.commit().await?;
        self.signals.notify(Topic::CustomerImports);
        self.import_view(&row).await
    }

    /// Hold an import, go on with it, or end it. What is so already stays. Errors: `conflict` (`import_state`).
    pub(crate) async fn step_import(
        &self,
        actor: &Actor,
        id: CustomerImportId,
        step: ImportStep,
    ) -> Result<CustomerImportView, Problem> {
        actor.require(Object::Customer, Action::Import)?;
        let (ws, now) = (actor.workspace, self.now());
        let tx = self.store.begin().await?;
        let row = imports::locked(&tx, ws, id).await?;
        let mut row = row.ok_or_else(|| Problem::not_found("customer_import"))?;
        use ImportState as S;
        let to = match (step, row.state()?) {
            (ImportStep::Pause, S::Running | S::Paused) => S::Paused,
            (ImportStep::Resume, S::Running | S::Paused | S::Failed) => S::Running,
            (ImportStep::Cancel, S::Checking) => S::Draft,
            (ImportStep::Cancel, S::Done) => return Err(wrong_state(&row)),
            (ImportStep::Cancel, _) => S::Canceled,
            _ => return Err(wrong_state(&row)),
        };
        if row.state()? == to {
            return self.import_view(&row).await;
        }
        to.as_str().clone_into(&mut row.state);
        row.failure = None;
        (row.lease_until_at, row.lease_owner) = (None, None);
        row.finished_at = (to == S::Canceled).then_some(now.0);
        imports::save(&tx, &row, now).await?;
        if to == S::Canceled {
            self.note_import(&tx, &row, "customer_import.canceled", now).await?;
        }
        tx.commit().await?;
        self.signals.notify(Topic::CustomerImports);
        self.import_view(&row).await
    }

    /// In the log of what was done, with counts and no data.
    async fn note_import(
        &self,
        tx: &Tx,
        row: &CustomerImport,
        action: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(row.member()),
            action: action.into(),
            object: "customer_import".into(),
            object_id: row.import_id().to_string(),
            detail: json!({ "sha256": row.sha256, "rows": row.rows, "counts": row.counts }),
        };
        audit::append(tx, row.workspace(), &entry).await?;
        Ok(())
    }
}
