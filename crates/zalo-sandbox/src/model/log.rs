//! Logs of what went over the wire, and the queue of events.

use loa_kernel::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One call of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RequestLog {
    /// Number, from 1.
    pub id: u64,
    /// When, sandbox time.
    pub at: Timestamp,
    /// Method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The OA of the token.
    pub oa_id: Option<String>,
    /// Body, clipped.
    pub body: String,
    /// HTTP status; 0 when the connection was broken.
    pub status: u16,
    /// `error` of the answer.
    pub error: Option<i64>,
    /// Answer, clipped.
    pub answer: String,
    /// Who paid, for accepted sends.
    pub quota_type: Option<String>,
    /// Milliseconds of the machine.
    pub took_ms: u64,
    /// Fault that struck.
    pub fault: Option<String>,
}

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Waits for its turn, its time, or its repetition.
    Pending,
    /// Answered with 200 in time.
    Delivered,
    /// Given up.
    Failed,
    /// Swallowed by a fault.
    Dropped,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// When, sandbox time.
    pub at: Timestamp,
    /// HTTP status, when there was an answer in time.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<String>,
    /// Milliseconds of the machine.
    pub took_ms: u64,
}

/// Events of one user to one app stay in order: they share a lane.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct Lane {
    /// The app.
    pub app_id: String,
    /// The OA.
    pub oa_id: String,
    /// The user; empty for events of the OA.
    pub user_id: String,
}

/// An event on its way to an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// Number, from 1.
    pub id: u64,
    /// Order.
    pub lane: Lane,
    /// Event name.
    pub event_name: String,
    /// The exact body.
    pub body: String,
    /// Value of the signature header.
    pub signature: String,
    /// When it happened.
    pub at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// Not before this.
    pub due_at: Timestamp,
    /// Fault: stands back until another event of the lane is delivered.
    #[serde(default)]
    pub held: bool,
    /// Deliver once more after success (fault).
    #[serde(default)]
    pub again: bool,
    /// Repetitions so far.
    #[serde(default)]
    pub retries: u32,
    /// Tries so far.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// Fault that struck.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}
