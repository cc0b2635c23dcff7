//! Imports as members see them.

use loa_kernel::{CustomerImportId, Problem, Timestamp};
use loa_store::customers::imports::CustomerImport;
use serde::Serialize;
use utoipa::ToSchema;

use super::plan::ImportPlan;
use super::read::SampleRow;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStateView {
    /// Its file is there; nothing is done with it yet.
    Draft,
    /// Its rows are looked at, and no customer is changed.
    Checking,
    /// What would happen is known.
    Checked,
    /// It goes on by itself.
    Running,
    /// A member holds it.
    Paused,
    /// Every row was dealt with.
    Done,
    /// A member ended it. What was brought in until then stays.
    Canceled,
    /// It cannot go on; `failure` says why. What was brought in until then stays.
    Failed,
}

/// How many rows came to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportCountsView {
    /// Customers that were made, or would be.
    pub created: u64,
    /// Customers that were changed, or would be.
    pub updated: u64,
    /// Rows that say what is known.
    pub unchanged: u64,
    /// Rows that were passed over.
    pub skipped: u64,
}

/// An import of customers from a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CustomerImportView {
    /// Its id.
    pub id: CustomerImportId,
    /// Where it stands.
    pub state: ImportStateView,
    /// The file's name.
    pub file_name: String,
    /// `csv` or `xlsx`.
    pub format: String,
    /// Bytes.
    pub size: u64,
    /// Hexadecimal SHA-256 of the file.
    pub sha256: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// The first rows.
    pub sample: Vec<SampleRow>,
    /// What each column most likely holds; of a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggested: Option<Vec<Option<String>>>,
    /// What its columns mean and what is done with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<ImportPlan>,
    /// Rows with something in them, without the header.
    pub rows: u64,
    /// How many of them came to what so far.
    pub counts: ImportCountsView,
    /// Why it failed: a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// When the file came.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
}

impl CustomerImportView {
    pub(super) fn new(row: &CustomerImport) -> Result<Self, Problem> {
        use loa_store::customers::imports::ImportState as S;
        let counts = row.counted()?;
        let number = |n: i64| u64::try_from(n).unwrap_or(0);
        Ok(Self {
            id: row.import_id(),
            state: match row.state()? {
                S::Draft => ImportStateView::Draft,
                S::Checking => ImportStateView::Checking,
                S::Checked => ImportStateView::Checked,
                S::Running => ImportStateView::Running,
                S::Paused => ImportStateView::Paused,
                S::Done => ImportStateView::Done,
                S::Canceled => ImportStateView::Canceled,
                S::Failed => ImportStateView::Failed,
            },
            file_name: row.name.clone(),
            format: row.format.clone(),
            size: number(row.size),
            sha256: row.sha256.clone(),
            header: serde_json::from_value(row.header.clone()).map_err(Problem::internal)?,
            sample: serde_json::from_value(row.sample.clone()).map_err(Problem::internal)?,
            suggested: None,
            plan: plan_of(row)?,
            rows: number(row.rows),
            counts: ImportCountsView {
                created: counts.created,
                updated: counts.updated,
                unchanged: counts.unchanged,
                skipped: counts.skipped,
            },
            failure: row.failure.clone(),
            created_at: Timestamp(row.created_at),
            updated_at: Timestamp(row.updated_at),
            finished_at: row.finished_at.map(Timestamp),
        })
    }
}

pub(super) fn plan_of(row: &CustomerImport) -> Result<Option<ImportPlan>, Problem> {
    row.plan.clone().map(serde_json::from_value).transpose().map_err(Problem::internal)
}
