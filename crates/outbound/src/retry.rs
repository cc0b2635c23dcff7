//! Doing a transaction again when the database was busy with another one.

use std::future::Future;
use std::time::Duration;

use loa_kernel::Problem;
use loa_store::StoreError;

/// Why a transaction ended.
#[derive(Debug)]
pub(crate) enum Halt {
    /// The database: may be tried again.
    Store(StoreError),
    /// Anything else: final.
    Problem(Problem),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for Halt {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Halt> for Problem {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Store(error) => error.into(),
            Halt::Problem(problem) => problem,
        }
    }
}

/// How long a transaction is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Patience {
    /// Somebody waits for the answer: a moment.
    Request,
    /// The platform has acted and the row must say so: as long as a lease lasts.
    Settle,
}

impl Patience {
    const fn tries(self) -> u32 {
        match self {
            Self::Request => 4,
            Self::Settle => 10,
        }
    }
}

/// Run `work`, a whole transaction, until it does not meet another one. A platform id that two wrote at the same
/// time is such a meeting too: the second look finds the other's row.
pub(crate) async fn again<T, F, Fut>(patience: Patience, work: F) -> Result<T, Problem>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, Halt>>,
{
    let mut wait = Duration::from_millis(20);
    for _ in 1..patience.tries() {
        match work().await {
            Err(Halt::Store(error)) if error.is_retryable() || error.is_unique("messages_platform") => {
                tracing::debug!(%error, "a transaction met another one; doing it again");
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            other => return other.map_err(Problem::from),
        }
    }
    work().await.map_err(Problem::from)
}
