//! Rate limiter for the platform's minute buckets (platform reference §18): one per app, one per OA.
//!
//! Invariant: in no span of one minute does a bucket of n let more than n requests through. A plain leaky
//! bucket would let nearly 2n through after a pause, so a tenth of n is kept for bursts and the rest flows
//! evenly.

use crate::error::RateScope;
use governor::clock::{Clock, DefaultClock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Requests per minute. The default is the documented figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Of the application: 4,000.
    pub app_per_minute: NonZeroU32,
    /// Of an OA whose package is not known: 2,000. **Unsure**: documented for the largest package of 2026,
    /// not published for older ones, 100 for the smaller one. [`Limiter::set_oa`] sets what is known.
    pub oa_per_minute: NonZeroU32,
}

impl Default for RateLimits {
    fn default() -> Self {
        let figure = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        Self { app_per_minute: figure(4000), oa_per_minute: figure(2000) }
    }
}

/// No room within the time that the caller gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("rate limit of the {scope:?}: room in {retry_after:?}")]
pub struct Busy {
    /// Which bucket is full.
    pub scope: RateScope,
    /// When there may be room.
    pub retry_after: Duration,
}

type Cells<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;

struct Bucket<C: Clock> {
    per_minute: NonZeroU32,
    cells: Cells<C>,
    paused_until: Mutex<Option<C::Instant>>,
}

/// Limiter of one application and the OAs it acts for. Share it behind an `Arc`.
pub struct Limiter<C: Clock + Clone = DefaultClock> {
    clock: C,
    oa_per_minute: NonZeroU32,
    app: Bucket<C>,
    oas: Mutex<HashMap<String, Arc<Bucket<C>>>>,
}

impl Limiter {
    /// A limiter on the process's monotonic clock.
    #[must_use]
    pub fn new(limits: RateLimits) -> Self {
        Self::with_clock(limits, DefaultClock::default())
    }
}

impl<C: Clock + Clone> Limiter<C> {
    /// A limiter on another monotonic clock.
    #[must_use]
    pub fn with_clock(limits: RateLimits, clock: C) -> Self {
        let app = Bucket::new(limits.app_per_minute, &clock);
        Self { clock, oa_per_minute: limits.oa_per_minute, app, oas: Mutex::default() }
    }

    /// Sets the figure of one OA, which depends on its package. A changed figure starts a new bucket.
    pub fn set_oa(&self, oa_id: &str, per_minute: NonZeroU32) {
        let mut oas = lock(&self.oas);
        if oas.get(oa_id).is_none_or(|bucket| bucket.per_minute != per_minute) {
            oas.insert(oa_id.to_owned(), Arc::new(Bucket::new(per_minute, &self.clock)));
        }
    }

    /// Lets nothing through a bucket for a while: the answer was -32 although this side saw room, because
    /// somebody else uses the same bucket.
    pub fn pause(&self, scope: RateScope, oa_id: &str, pause: Duration) {
        let until = self.clock.now() + pause.into();
        let oa = self.oa(oa_id);
        let bucket = match scope {
            RateScope::App => &self.app,
            RateScope::Oa => &oa,
        };
        let mut paused = lock(&bucket.paused_until);
        *paused = Some(paused.map_or(until, |earlier| earlier.max(until)));
    }

    /// Takes room for one request of this OA, without waiting.
    ///
    /// # Errors
    /// [`Busy`] when there is none.
    pub fn try_acquire(&self, oa_id: &str) -> Result<(), Busy> {
        self.take(&self.oa(oa_id), RateScope::Oa)?;
        self.take(&self.app, RateScope::App)
    }

    /// Takes room for one request of this OA, waiting for it at most `max_wait`.
    ///
    /// # Errors
    /// [`Busy`], at once, when the room would come too late.
    pub async fn acquire(&self, oa_id: &str, max_wait: Duration) -> Result<(), Busy> {
        let start = self.clock.now();
        let oa = self.oa(oa_id);
        // The OA's bucket first: a crowd that waits for one busy OA must not use up the app's room, which
        // the others share.
        for (bucket, scope) in [(&*oa, RateScope::Oa), (&self.app, RateScope::App)] {
            while let Err(busy) = self.take(bucket, scope) {
                let waited: Duration = self.clock.now().duration_since(start).into();
                if waited + busy.retry_after > max_wait {
                    return Err(busy);
                }
                tokio::time::sleep(busy.retry_after).await;
            }
        }
        Ok(())
    }

    fn take(&self, bucket: &Bucket<C>, scope: RateScope) -> Result<(), Busy> {
        let now = self.clock.now();
        {
            let mut paused = lock(&bucket.paused_until);
            if let Some(until) = *paused {
                if until > now {
                    return Err(Busy { scope, retry_after: until.duration_since(now).into() });
                }
                *paused = None;
            }
        }
        bucket.cells.check().map_err(|full| Busy { scope, retry_after: full.wait_time_from(now) })
    }

    fn oa(&self, oa_id: &str) -> Arc<Bucket<C>> {
        let mut oas = lock(&self.oas);
        if let Some(bucket) = oas.get(oa_id) {
            return bucket.clone();
        }
        let bucket = Arc::new(Bucket::new(self.oa_per_minute, &self.clock));
        oas.insert(oa_id.to_owned(), bucket.clone());
        bucket
    }
}

impl<C: Clock + Clone> Bucket<C> {
    fn new(per_minute: NonZeroU32, clock: &C) -> Self {
        let burst = NonZeroU32::new(per_minute.get() / 10).unwrap_or(NonZeroU32::MIN);
        // A figure of 1 has no rest; one a minute is what it says anyway.
        let rest = NonZeroU32::new(per_minute.get() - burst.get()).unwrap_or(NonZeroU32::MIN);
        // `per_minute` of the library is this period with a burst of the same size, replaced here.
        let quota = Quota::per_minute(rest).allow_burst(burst);
        Self {
            per_minute,
            cells: RateLimiter::direct_with_clock(quota, clock.clone()),
            paused_until: Mutex::default(),
        }
    }
}

/// What these locks guard is never half-written, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    fn limiter(app: u32, oa: u32) -> (Limiter<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let n = |n| NonZeroU32::new(n).unwrap();
        let limits = RateLimits { app_per_minute: n(app), oa_per_minute: n(oa) };
        (Limiter::with_clock(limits, clock.clone()), clock)
    }

    /// Requests let through in each 100 ms step of three minutes, by callers who ask all the time.
    fn flow(limiter: &Limiter<FakeRelativeClock>, clock: &FakeRelativeClock, oas: &[&str]) -> Vec<u32> {
        (0..1800)
            .map(|_| {
                let let_through =
                    oas.iter().map(|oa| (0..10_000).take_while(|_| limiter.try_acquire(oa).is_ok()).count());
                let n = let_through.sum::<usize>() as u32;
                clock.advance(Duration::from_millis(100));
                n
            })
            .collect()
    }

    #[test]
    fn no_minute_holds_more_than_the_figure() {
        for (app, oa, oas, figure) in [
            (4000, 2000, vec!["a"], 2000),
            (4000, 100, vec!["a"], 100),
            (4000, 7, vec!["a"], 7),
            (100, 100, vec!["a", "b", "c"], 100),
        ] {
            let (limiter, clock) = limiter(app, oa);
            let flow = flow(&limiter, &clock, &oas);
            let most = flow.windows(600).map(|w| w.iter().sum::<u32>()).max().unwrap();
            assert!(most <= figure, "{most} in a minute of {figure}");
            // And the figure is used: at least 85 % of it in the busiest minute.
            assert!(most * 100 >= figure * 85, "only {most} of {figure}");
        }
    }

    #[test]
    fn one_busy_oa_leaves_room_for_another() {
        let (limiter, _clock) = limiter(1000, 100);
        while limiter.try_acquire("busy").is_ok() {}
        for _ in 0..1000 {
            assert_eq!(limiter.try_acquire("busy").unwrap_err().scope, RateScope::Oa);
        }
        assert_eq!(limiter.try_acquire("calm"), Ok(()));
    }

    #[test]
    fn a_package_changes_the_figure() {
        let (limiter, _clock) = limiter(4000, 2000);
        limiter.set_oa("a", NonZeroU32::new(10).unwrap());
        assert_eq!(limiter.try_acquire("a"), Ok(()));
        assert_eq!(limiter.try_acquire("a").unwrap_err().scope, RateScope::Oa);
        limiter.set_oa("a", NonZeroU32::new(10).unwrap());
        assert!(limiter.try_acquire("a").is_err(), "the same figure keeps the bucket");
    }

    #[test]
    fn a_pause_ends() {
        let (limiter, clock) = limiter(4000, 2000);
        limiter.pause(RateScope::Oa, "a", Duration::from_secs(30));
        limiter.pause(RateScope::Oa, "a", Duration::from_secs(10));
        let busy = Busy { scope: RateScope::Oa, retry_after: Duration::from_secs(30) };
        assert_eq!(limiter.try_acquire("a"), Err(busy));
        assert_eq!(limiter.try_acquire("b"), Ok(()));
        limiter.pause(RateScope::App, "a", Duration::from_secs(60));
        assert_eq!(limiter.try_acquire("b").unwrap_err().scope, RateScope::App);
        clock.advance(Duration::from_secs(61));
        assert_eq!(limiter.try_acquire("a"), Ok(()));
    }

    #[tokio::test]
    async fn waits_within_its_deadline() {
        // 54,000 a minute flow evenly: room comes every 1.1 ms once the burst is used.
        let figure = NonZeroU32::new(60_000).unwrap();
        let limiter = Limiter::new(RateLimits { app_per_minute: figure, oa_per_minute: figure });
        while limiter.try_acquire("a").is_ok() {}
        assert_eq!(limiter.acquire("a", Duration::from_secs(5)).await, Ok(()));
        limiter.pause(RateScope::Oa, "a", Duration::from_secs(60));
        let busy = limiter.acquire("a", Duration::from_secs(5)).await.unwrap_err();
        assert!(busy.scope == RateScope::Oa && busy.retry_after > Duration::from_secs(50));
    }
}
