//! What is done to many threads or customers, as its author sees it.

use loa_kernel::{BulkAction, BulkJobId, ConversationId, CustomerId, Timestamp};
use loa_store::bulk::{Item, Job, Why};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::words::word;

/// Something done to many threads at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkJob)]
pub struct BulkJobView {
    /// Its id.
    pub id: BulkJobId,
    /// What is done.
    pub action: BulkAction,
    /// How far it is.
    pub state: BulkState,
    /// How many threads or customers it is about.
    pub total: u64,
    /// Changed ones so far.
    pub done: u64,
    /// Ones that were not changed, so far.
    pub skipped: u64,
    /// Of `done`: put back so far.
    pub undone: u64,
    /// Of `done`: not put back, so far.
    pub kept: u64,
    /// Why some were skipped or kept; told when it has ended.
    pub reasons: Vec<BulkReason>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved.
    pub updated_at: Timestamp,
    /// Until then it can be undone; absent: it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub undo_until_at: Option<Timestamp>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkState {
    /// Under way.
    Running,
    /// All of them were looked at.
    Done,
    /// Stopped; what was changed until then stays changed.
    Cancelled,
    /// Being put back.
    Undoing,
    /// Put back as far as that was possible.
    Undone,
}

/// Why a thread or a customer was skipped or kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkWhy {
    /// You may not change it; a thread may be gone too.
    NotVisible,
    /// It was so already.
    Already,
    /// Whom it should be given to cannot be given threads any more.
    NotAMember,
    /// Somebody changed it since.
    Changed,
    /// The customer is not there any more.
    Gone,
    /// A label that was to be put on is not there any more, or is archived.
    LabelGone,
}

/// How many were skipped or kept for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkReason {
    /// Why.
    pub why: BulkWhy,
    /// How many.
    pub count: u64,
}

/// What became of one thread or customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BulkOutcome {
    /// Its turn has not come.
    Waiting,
    /// Changed.
    Done,
    /// Not changed.
    Skipped,
    /// Changed, then put back.
    Undone,
    /// Changed, and not put back.
    Kept,
}

/// One thread or customer of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BulkItem)]
pub struct BulkItemView {
    /// Which thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conversation_id: Option<ConversationId>,
    /// Or which customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub customer_id: Option<CustomerId>,
    /// Their name, if you see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// What became of it.
    pub outcome: BulkOutcome,
    /// Why it was skipped or kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub why: Option<BulkWhy>,
}

impl BulkJobView {
    /// Of a job with its reasons. Pure.
    pub fn new(job: &Job, reasons: &[(Why, u64)]) -> Result<Self, loa_kernel::Problem> {
        let reasons = reasons
            .iter()
            .map(|(why, count)| Ok(BulkReason { why: word(why.as_str())?, count: *count }))
            .collect::<Result<_, loa_kernel::Problem>>()?;
        Ok(Self {
            id: job.id,
            action: job.action.clone(),
            state: word(job.state.as_str())?,
            total: job.total,
            done: job.done,
            skipped: job.skipped,
            undone: job.undone,
            kept: job.kept,
            reasons,
            created_at: job.created_at,
            updated_at: job.updated_at,
            undo_until_at: job.undo_until,
        })
    }
}

impl BulkItemView {
    /// Of an item. Pure.
    pub fn new(job: &Job, item: &Item, name: Option<String>) -> Result<Self, loa_kernel::Problem> {
        let of_customers = job.action.is_about_customers();
        Ok(Self {
            conversation_id: (!of_customers).then_some(ConversationId(item.id)),
            customer_id: of_customers.then_some(CustomerId(item.id)),
            name,
            outcome: word(item.outcome.as_str())?,
            why: item.why.map(|why| word(why.as_str())).transpose()?,
        })
    }
}
