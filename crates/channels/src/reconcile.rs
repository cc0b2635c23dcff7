//! The one way in which due work is done.
//!
//! A domain row that is due (a queued message, a profile to fetch, a token to renew) is its own queue entry:
//! there is no job table. A [`DueWork`] claims what is due with a lease and does it; [`run`] decides when to
//! look: after a wake-up, after a tick, and at once again while there was something. Neither wake-up nor tick
//! carries data, so a lost or doubled one does no harm.
//!
//! How to add one: implement [`DueWork`] on a type that holds its store, and spawn [`run`] where the program
//! is wired.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use loa_kernel::Problem;
use loa_stream::Wakeup;
use tokio_util::sync::CancellationToken;

/// Something that claims due rows and does their work.
#[async_trait]
pub trait DueWork: Send + Sync + 'static {
    /// A short stable name, for metrics and logs.
    fn name(&self) -> &'static str;

    /// Claim at most `limit` due rows and do them, or set them going. Answers how many were claimed; 0 means
    /// that nothing is due now. A failure of one row is that row's own business (its next due time); an error
    /// here means that claiming itself failed.
    async fn run_batch(&self, limit: usize) -> Result<usize, Problem>;

    /// Wait until everything that was set going has ended. Called once, at a graceful stop.
    async fn drain(&self) {}
}

/// When to look for due work.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Look this often even when nobody calls.
    pub tick: Duration,
    /// Claim at most so many rows at once.
    pub batch: usize,
    /// After a failure wait this long, twice as long after each further one, at most `backoff_max`.
    pub backoff_min: Duration,
    /// Longest wait after failures.
    pub backoff_max: Duration,
}

impl Pace {
    /// Look every `tick`, claim 32 at once, back off from 200 ms to 30 s.
    pub const fn every(tick: Duration) -> Self {
        Self {
            tick,
            batch: 32,
            backoff_min: Duration::from_millis(200),
            backoff_max: Duration::from_secs(30),
        }
    }
}

/// Do `work` until `stop`. Ends only after what was set going has ended.
pub async fn run(work: Arc<dyn DueWork>, mut wakeup: Option<Wakeup>, pace: Pace, stop: CancellationToken) {
    let name = work.name();
    let mut failures: u32 = 0;
    while !stop.is_cancelled() {
        let wait = match work.run_batch(pace.batch).await {
            Ok(claimed) => {
                failures = 0;
                metrics::counter!("loa_due_work_claimed_total", "work" => name).increment(claimed as u64);
                if claimed > 0 {
                    continue;
                }
                pace.tick
            }
            Err(problem) => {
                failures = failures.saturating_add(1);
                metrics::counter!("loa_due_work_failures_total", "work" => name).increment(1);
                tracing::warn!(work = name, failures, %problem, "due work failed; trying again later");
                pace.backoff_min.saturating_mul(1 << failures.min(16).saturating_sub(1)).min(pace.backoff_max)
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(wait) => {}
            () = woken(wakeup.as_mut()), if failures == 0 => {}
        }
    }
    work.drain().await;
}

async fn woken(wakeup: Option<&mut Wakeup>) {
    match wakeup {
        Some(wakeup) => wakeup.changed().await,
        None => std::future::pending().await,
    }
}

/// How long to wait before the `attempt`-th try (from 1): `first` doubled each time, at most `most`, without
/// jitter, so that tests and operators can foresee it.
pub fn backoff_ms(attempt: u32, first_ms: i64, most_ms: i64) -> i64 {
    first_ms.saturating_mul(1 << attempt.clamp(1, 32).saturating_sub(1)).min(most_ms)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use loa_stream::{Signals, Topic};

    use super::*;

    #[derive(Default)]
    struct Counted {
        due: AtomicUsize,
        done: AtomicUsize,
        failing: AtomicUsize,
        drained: AtomicUsize,
    }

    #[async_trait]
    impl DueWork for Counted {
        fn name(&self) -> &'static str {
            "counted"
        }
        async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
            if self.failing.load(Ordering::SeqCst) > 0 {
                self.failing.fetch_sub(1, Ordering::SeqCst);
                return Err(Problem::internal("on purpose"));
            }
            let n = self.due.load(Ordering::SeqCst).min(limit);
            self.due.fetch_sub(n, Ordering::SeqCst);
            self.done.fetch_add(n, Ordering::SeqCst);
            Ok(n)
        }
        async fn drain(&self) {
            self.drained.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn looks_at_start_after_failures_after_a_call_and_after_a_tick() {
        let work = Arc::new(Counted::default());
        work.due.store(70, Ordering::SeqCst);
        work.failing.store(3, Ordering::SeqCst);
        let (signals, stop) = (Signals::new(), CancellationToken::new());
        let wakeup = signals.subscribe(Topic::Deliveries);
        let task =
            tokio::spawn(run(work.clone(), Some(wakeup), Pace::every(Duration::from_secs(90)), stop.clone()));
        let until = |n: usize| {
            let work = work.clone();
            async move {
                while work.done.load(Ordering::SeqCst) != n {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        };
        let soon = Duration::from_secs(60);
        tokio::time::timeout(soon, until(70)).await.expect("failures are followed by another look");
        work.due.store(1, Ordering::SeqCst);
        signals.notify(Topic::Deliveries);
        tokio::time::timeout(soon, until(71)).await.expect("a call is heard");
        work.due.store(1, Ordering::SeqCst);
        tokio::time::timeout(soon * 2, until(72)).await.expect("a tick comes without a call");
        stop.cancel();
        task.await.unwrap();
        assert_eq!(work.drained.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn waits_double_and_end() {
        let waits: Vec<i64> = [1, 2, 3, 10, 1000].map(|n| backoff_ms(n, 500, 60_000)).to_vec();
        assert_eq!(waits, [500, 1000, 2000, 60_000, 60_000]);
    }
}
