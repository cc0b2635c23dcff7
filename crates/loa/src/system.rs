//! The machine's clock and randomness: the only place in Loa that reads either.

use std::sync::Arc;

use loa_kernel::{Clock, Ids, Random, Timestamp};

/// The wall clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one implementation everybody else is handed")]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_ms(since.as_millis() as i64)
    }
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy)]
pub struct OsRandom;

impl Random for OsRandom {
    fn fill(&self, buf: &mut [u8]) {
        if let Err(e) = getrandom::fill(buf) {
            // Weak keys are worse than no service.
            tracing::error!(error = %e, "the operating system gives no randomness");
            std::process::abort();
        }
    }
}

/// Ids from the real clock and real randomness.
pub fn ids() -> Ids {
    ids_by(Arc::new(SystemClock))
}

/// Ids from another clock and real randomness.
pub fn ids_by(clock: Arc<dyn Clock>) -> Ids {
    Ids::new(clock, Arc::new(OsRandom))
}

/// Wait for SIGINT or SIGTERM.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be received; stop the program by SIGKILL");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
