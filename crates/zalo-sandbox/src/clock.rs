//! The sandbox's own clock: it runs with the machine's clock plus an offset, or stands still.
//!
//! Everything that has a life (tokens, windows, uploads, packages, the redelivery ladder) is measured on it,
//! so that a developer can walk through 48 hours in a second.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use loa_kernel::{Clock, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// How the clock stands: what is kept across a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum ClockMode {
    /// The machine's time plus `offset_ms`.
    Running {
        /// Milliseconds ahead of the machine.
        offset_ms: i64,
    },
    /// Stands still at `at`.
    Frozen {
        /// Where it stands.
        at: Timestamp,
    },
}

impl Default for ClockMode {
    fn default() -> Self {
        Self::Running { offset_ms: 0 }
    }
}

/// An adjustable clock.
#[derive(Debug)]
pub struct SandboxClock {
    mode: Mutex<ClockMode>,
    changed: watch::Sender<u64>,
}

impl SandboxClock {
    /// A clock in this mode.
    pub fn new(mode: ClockMode) -> Self {
        Self { mode: Mutex::new(mode), changed: watch::Sender::new(0) }
    }

    /// How it stands.
    pub fn mode(&self) -> ClockMode {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Replace the mode.
    pub fn set_mode(&self, mode: ClockMode) {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
        self.changed.send_modify(|n| *n += 1);
    }

    /// Move to `at`, keeping it frozen or running.
    pub fn set(&self, at: Timestamp) {
        self.set_mode(match self.mode() {
            ClockMode::Running { .. } => ClockMode::Running { offset_ms: at.since(machine_now()) },
            ClockMode::Frozen { .. } => ClockMode::Frozen { at },
        });
    }

    /// Move on by `ms` milliseconds (negative: back).
    pub fn advance_ms(&self, ms: i64) {
        self.set_mode(match self.mode() {
            ClockMode::Running { offset_ms } => {
                ClockMode::Running { offset_ms: offset_ms.saturating_add(ms) }
            }
            ClockMode::Frozen { at } => ClockMode::Frozen { at: at.plus_ms(ms) },
        });
    }

    /// Stand still, or run on from where it stands.
    pub fn freeze(&self, frozen: bool) {
        let now = self.now();
        self.set_mode(match frozen {
            true => ClockMode::Frozen { at: now },
            false => ClockMode::Running { offset_ms: now.since(machine_now()) },
        });
    }

    /// Waits until the clock shows `at` or later, however it gets there.
    pub async fn reached(&self, at: Timestamp) {
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            let left = at.since(self.now());
            if left <= 0 {
                return;
            }
            let moved = async {
                if changed.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            match self.mode() {
                ClockMode::Frozen { .. } => moved.await,
                ClockMode::Running { .. } => tokio::select! {
                    () = tokio::time::sleep(Duration::from_millis(left.unsigned_abs())) => {}
                    () = moved => {}
                },
            }
        }
    }
}

impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        match self.mode() {
            ClockMode::Running { offset_ms } => machine_now().plus_ms(offset_ms),
            ClockMode::Frozen { at } => at,
        }
    }
}

/// The machine's clock. The only place of this crate that reads it.
#[allow(clippy::disallowed_methods, reason = "the sandbox clock is the program's source of time")]
fn machine_now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_frozen_clock_moves_only_when_told() {
        let clock = std::sync::Arc::new(SandboxClock::new(ClockMode::Frozen { at: Timestamp(1000) }));
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reached(Timestamp(5000)).await }
        });
        clock.advance_ms(3000);
        assert_eq!(clock.now(), Timestamp(4000));
        clock.set(Timestamp(5000));
        tokio::time::timeout(Duration::from_secs(5), waiting).await.unwrap().unwrap();
        clock.freeze(false);
        assert!(matches!(clock.mode(), ClockMode::Running { .. }));
        assert!(clock.now() >= Timestamp(5000));
    }
}
