//! Waiting for conditions.

use std::time::{Duration, Instant};

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(15);

/// Look until `probe` answers something, and answer that.
///
/// # Panics
/// When it has not answered within `within`; the message names `what`.
#[track_caller]
pub fn wait_until<T>(
    what: &str,
    within: Duration,
    mut probe: impl AsyncFnMut() -> Option<T>,
) -> impl Future<Output = T> {
    let caller = std::panic::Location::caller();
    async move {
        let begun = Instant::now();
        loop {
            if let Some(found) = probe().await {
                return found;
            }
            assert!(begun.elapsed() < within, "{caller}: not within {within:?}: {what}");
            tokio::time::sleep(EVERY).await;
        }
    }
}
