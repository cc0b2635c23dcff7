//! Putting a thread away for a time, and bringing it back.

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{Problem, Timestamp};
use loa_store::conversations as threads;
use loa_store::entity::conversations;
use loa_store::work::{Snooze, SnoozeKind, closes_next};
use loa_stream::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Inbox;

/// Nobody waits longer than this for a thread; further away is a mistyped year.
const FURTHEST_DAYS: i64 = 366;
/// The longest lead before a window closes, in minutes: seven days, as long as any window.
const LONGEST_LEAD: u32 = 7 * 24 * 60;

/// Until when a thread is put away. The customer's next message ends every one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[schema(as = Snooze)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SnoozeWish {
    /// A time, at most 366 days away.
    Time {
        /// When it comes back.
        until: Timestamp,
    },
    /// Until the customer writes.
    Reply,
    /// Before the free replies that are left end, or else before the platform takes no messages any more.
    Closing {
        /// So many minutes before, 1 to 10,080.
        lead_minutes: u32,
    },
}

impl SnoozeWish {
    /// What is stored for it. Refusals: `invalid_field` with `past`, `too_far`, `nothing_closes`, `too_late` (less than
    /// the lead is left) or `range`. Pure.
    pub fn resolve(self, row: &conversations::Model, now: Timestamp) -> Result<Snooze, Problem> {
        match self {
            Self::Reply => Ok(Snooze { kind: SnoozeKind::Reply, until: None, lead_minutes: None }),
            Self::Time { until } if until <= now => Err(Problem::invalid("until", "past")),
            Self::Time { until } if until > now.plus_days(FURTHEST_DAYS) => {
                Err(Problem::invalid("until", "too_far"))
            }
            Self::Time { until } => {
                Ok(Snooze { kind: SnoozeKind::Time, until: Some(until), lead_minutes: None })
            }
            Self::Closing { lead_minutes } if !(1..=LONGEST_LEAD).contains(&lead_minutes) => {
                Err(Problem::invalid("lead_minutes", "range"))
            }
            Self::Closing { lead_minutes } => {
                let (kind, at) =
                    closes_next(row, now).ok_or_else(|| Problem::invalid("snooze", "nothing_closes"))?;
                let until = at.plus_ms(i64::from(lead_minutes) * -60_000);
                if until <= now {
                    return Err(Problem::invalid("lead_minutes", "too_late"));
                }
                Ok(Snooze { kind, until: Some(until), lead_minutes: Some(lead_minutes) })
            }
        }
    }
}

/// Brings snoozed threads back when they are due.
pub struct SnoozeWork(pub Inbox);

#[async_trait]
impl DueWork for SnoozeWork {
    fn name(&self) -> &'static str {
        "snoozes"
    }

    async fn run_batch(&self, limit: usize) -> Result<usize, Problem> {
        let Inbox { store, signals, .. } = &self.0;
        let now = self.0.now();
        if !threads::is_any_due(store.reader(), now).await? {
            return Ok(0);
        }
        let tx = store.begin().await?;
        let (count, workspaces) = threads::wake(&tx, limit as u64, now).await?;
        tx.commit().await?;
        for workspace in workspaces {
            signals.notify(Topic::ChangesIn(workspace));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snooze_is_ahead_and_before_something_that_closes() {
        let now = Timestamp(1_000_000_000_000);
        let hour = 3_600_000;
        let row = |free: Option<i64>, permitted: Option<i64>| conversations::Model {
            free_until_at: free.map(|ms| now.0 + ms),
            permitted_until_at: permitted.map(|ms| now.0 + ms),
            ..Default::default()
        };
        let time = |ms: i64| SnoozeWish::Time { until: now.plus_ms(ms) };
        let before = |lead_minutes| SnoozeWish::Closing { lead_minutes };
        for (wish, free, permitted, expected) in [
            (SnoozeWish::Reply, None, None, Ok((SnoozeKind::Reply, None))),
            (time(1), None, None, Ok((SnoozeKind::Time, Some(1)))),
            (time(0), None, None, Err("past")),
            (time(367 * 24 * hour), None, None, Err("too_far")),
            (before(60), Some(2 * hour), Some(9 * hour), Ok((SnoozeKind::Free, Some(hour)))),
            (before(60), Some(-1), Some(9 * hour), Ok((SnoozeKind::Permission, Some(8 * hour)))),
            (before(60), None, None, Err("nothing_closes")),
            (before(60), Some(-1), Some(-1), Err("nothing_closes")),
            (before(120), Some(2 * hour), Some(9 * hour), Err("too_late")),
            (before(0), Some(2 * hour), None, Err("range")),
            (before(10_081), Some(200 * hour), None, Err("range")),
        ] {
            let found = wish.resolve(&row(free, permitted), now);
            match (found, expected) {
                (Ok(snooze), Ok((kind, until))) => {
                    assert_eq!(
                        (snooze.kind, snooze.until),
                        (kind, until.map(|ms: i64| now.plus_ms(ms))),
                        "{wish:?}"
                    );
                }
                (Err(problem), Err(reason)) => assert_eq!(problem.params["reason"], reason, "{wish:?}"),
                (found, expected) => panic!("{wish:?}: {found:?} instead of {expected:?}"),
            }
        }
    }
}
