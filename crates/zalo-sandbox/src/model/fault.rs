//! Faults on purpose.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dice {
    /// The next n fitting requests or events, then the fault is gone.
    Next(u32),
    /// Each with this probability, 0 to 1, by the seeded dice.
    Probability(f64),
}

/// What happens to a call of an app.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum ApiFault {
    /// The answer comes later.
    Latency {
        /// Milliseconds of the machine.
        ms: u64,
    },
    /// A gateway's HTML page; nothing was processed.
    Html {
        /// HTTP status, 500 to 599.
        status: u16,
    },
    /// An HTML page although the call was processed: the caller cannot know.
    HtmlAfter {
        /// HTTP status, 500 to 599.
        status: u16,
    },
    /// The connection breaks before anything was processed.
    Reset,
    /// Processed, then the connection breaks without an answer.
    ProcessThenClose,
    /// Processed, then no answer until the caller gives up.
    ProcessThenHang,
    /// -32.
    RateLimit,
    /// An error code in the usual envelope; nothing was processed.
    Error {
        /// The code, for example -200.
        code: i32,
        /// Text; the platform's own when absent.
        #[serde(default)]
        message: Option<String>,
    },
    /// The access token is dead from now on (-220), mid-flight.
    ExpireToken,
}

/// What happens to an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum WebhookFault {
    /// Delivered twice.
    Duplicate,
    /// Held until the next event of the same user has been delivered.
    Reorder,
    /// Never delivered.
    Drop,
    /// Delivered later; others overtake it.
    Delay {
        /// Sandbox milliseconds.
        ms: i64,
    },
    /// Signed with a wrong secret.
    WrongSignature,
}

/// Which of the two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// On calls of apps.
    Api(ApiFault),
    /// On events to apps.
    Webhook(WebhookFault),
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// Its id.
    pub id: u64,
    /// What happens.
    pub fault: FaultKind,
    /// How often.
    pub when: Dice,
    /// Calls: only paths that begin so. Events: only names that begin so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Only for this OA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oa_id: Option<String>,
    /// How often it struck.
    #[serde(default)]
    pub hits: u64,
}

impl Fault {
    /// Whether it fits, dice aside.
    pub fn fits(&self, path: &str, oa_id: Option<&str>) -> bool {
        self.path.as_deref().is_none_or(|p| path.starts_with(p))
            && self.oa_id.as_deref().is_none_or(|wanted| oa_id == Some(wanted))
    }
}
