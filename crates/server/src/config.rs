//! What the operator decides about the server.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::PasswordCost;

/// What the operator decides about the server.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Where browsers reach this server, without a slash at the end: `https://inbox.example.vn`. Cookies are
    /// limited to encrypted connections when it begins with `https:`. `None`: only the `Host` header is known.
    pub public_url: Option<String>,
    /// The server stands behind a proxy that sets `X-Forwarded-For`: take the client's address from it.
    pub trust_proxy: bool,
    /// How much work a password hash is.
    pub passwords: PasswordCost,
    /// How long a session lasts after it was last used.
    pub session_days: i64,
    /// Origins besides `https:` from which pictures and films may be shown, for example the sandbox's.
    pub media_origins: Vec<String>,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// The live view.
    pub realtime: RealtimeConfig,
    /// What is over is kept so long.
    pub retention: Retention,
    /// The largest file of customers that is taken, in bytes.
    pub import_bytes: u64,
    /// Sample accounts that are offered at the sign-in; only for the demo.
    pub demo: Option<Demo>,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            trust_proxy: false,
            passwords: PasswordCost::default(),
            session_days: 14,
            media_origins: Vec::new(),
            metrics: MetricsAccess::Loopback,
            realtime: RealtimeConfig::default(),
            retention: Retention::default(),
            import_bytes: loa_customers::MAX_IMPORT_BYTES,
            demo: None,
        }
    }
}

impl AppConfig {
    pub(crate) fn secure_cookies(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https:"))
    }
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricsAccess {
    /// Programs on this machine that do not come through a proxy.
    #[default]
    Loopback,
    /// Everybody who reaches the port.
    Everybody,
    /// Nobody.
    Nobody,
}

/// The live view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealtimeConfig {
    /// How many batches a slow reader may be behind before it is disconnected.
    pub buffer: usize,
    /// How many changes are read at once.
    pub batch: u64,
    /// A reader who is further behind than this reads everything again; that is cheaper than catching up.
    pub catch_up: i64,
    /// How long changes are kept for those who were away, in milliseconds.
    pub keep_ms: i64,
    /// How many are kept at most, a workspace.
    pub keep_rows: u64,
    /// How often changes are looked for without a wake-up (another process may have made them).
    pub poll: Duration,
    /// How often a connection is pinged and its session looked up.
    pub heartbeat: Duration,
    /// How long one write to a reader may take.
    pub write_timeout: Duration,
}

impl Default for RealtimeConfig {
    fn default() -> Self {
        Self {
            buffer: 256,
            batch: 500,
            catch_up: 5_000,
            keep_ms: 3 * 86_400_000,
            keep_rows: 200_000,
            poll: Duration::from_secs(2),
            heartbeat: Duration::from_secs(25),
            write_timeout: Duration::from_secs(10),
        }
    }
}

/// How long what is over is kept, in days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Deliveries that are done: how often a message was tried and what was answered in between. A month, because
    /// nobody asks about the tries of an older message; the message itself says what became of it and stays.
    pub deliveries_days: i64,
    /// Settled reservations: which message took what from which quota. A year and a month, so that any month can
    /// be compared with the same month of the year before.
    pub reservations_days: i64,
    /// Notices to members, read or not.
    pub notifications_days: i64,
    /// What was done to many threads at once, thread by thread; must be more than the day in which it can be undone.
    pub bulk_days: i64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { deliveries_days: 30, reservations_days: 400, notifications_days: 90, bulk_days: 30 }
    }
}

/// What the demo shows at the sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Demo {
    /// Accounts to sign in with.
    pub accounts: Vec<DemoAccount>,
    /// Where the sandbox is.
    pub sandbox_url: String,
}

/// An account of the demo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DemoAccount {
    /// To sign in with.
    pub email: String,
    /// To sign in with; the demo holds no secrets.
    pub password: String,
    /// Whose.
    pub display_name: String,
    /// With which role.
    pub role: loa_kernel::Role,
}
