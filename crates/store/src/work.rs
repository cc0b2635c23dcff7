//! How a thread is worked on: put away, back for a reason, and how long the customer waited in each episode. Pure.
//!
//! An **episode** reaches from the first message after a thread was closed until it is closed again. Its instants
//! are minima over sets of messages, so that the order in which events arrive does not matter:
//! - `opened_at`: the first message, of either side, later than `closed_at`;
//! - `asked_at`: the first message of the customer among them that asks for an answer;
//! - `responded_at`: the first message after that which a person of ours wrote.
//!
//! When `opened_at` is not later than `closed_at`, the episode is over and the next one has not begun.

use loa_kernel::Timestamp;

use crate::entity::conversations;
use crate::words::words;

words! {
    /// Until what a thread is snoozed.
    SnoozeKind {
        /// A time.
        Time = "time",
        /// The customer's next message, which ends every other snooze too.
        Reply = "reply",
        /// Some time before the free replies end.
        Free = "free",
        /// Some time before the platform takes no messages any more.
        Permission = "permission",
    }
}

words! {
    /// Why a thread is open again.
    BackReason {
        /// The time came.
        Time = "time",
        /// A window closes soon.
        Closing = "closing",
        /// The customer wrote.
        Reply = "reply",
    }
}

/// Until what a thread is put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Snooze {
    /// Until what.
    pub kind: SnoozeKind,
    /// When it comes back by itself.
    pub until: Option<Timestamp>,
    /// So many minutes before the end of something.
    pub lead_minutes: Option<u32>,
}

/// The part of a thread that says how it is worked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Work {
    /// Why it is open again.
    pub back: Option<(BackReason, Timestamp)>,
    /// The first message of the episode.
    pub opened_at: Option<Timestamp>,
    /// The customer's first message of the episode that asks for an answer.
    pub asked_at: Option<Timestamp>,
    /// The first message of a person of ours after that.
    pub responded_at: Option<Timestamp>,
    /// When a member last closed it.
    pub closed_at: Option<Timestamp>,
}

impl Work {
    /// Of a row. A reason that this version does not know is none.
    pub fn of(row: &conversations::Model) -> Self {
        let reason = row.back_reason.as_deref().and_then(|word| word.parse().ok());
        Self {
            back: reason.zip(row.back_at.map(Timestamp)),
            opened_at: row.opened_at.map(Timestamp),
            asked_at: row.asked_at.map(Timestamp),
            responded_at: row.responded_at.map(Timestamp),
            closed_at: row.closed_at.map(Timestamp),
        }
    }

    /// Write it into a row.
    pub fn put(&self, row: &mut conversations::Model) {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_ms);
        row.back_reason = self.back.map(|(reason, _)| reason.as_str().to_owned());
        row.back_at = ms(self.back.map(|(_, at)| at));
        row.opened_at = ms(self.opened_at);
        row.asked_at = ms(self.asked_at);
        row.responded_at = ms(self.responded_at);
        row.closed_at = ms(self.closed_at);
    }

    /// Is there an episode that is not over?
    pub fn is_running(&self) -> bool {
        self.opened_at > self.closed_at
    }

    /// The thread was put away at `away_at` (`closed`: by closing it), and the customer wrote at `at`. Of several such
    /// messages the first is the one that brought it back.
    pub fn back_by_reply(&mut self, at: Timestamp) {
        self.back = Some(match self.back {
            Some((BackReason::Reply, since)) => (BackReason::Reply, since.min(at)),
            _ => (BackReason::Reply, at),
        });
    }

    /// The customer wrote at `at` something that asks for an answer. `answers`: what persons of ours wrote, at least
    /// everything after `at`.
    pub fn asked(&mut self, at: Timestamp, answers: impl IntoIterator<Item = Timestamp>) {
        if !self.takes(at) {
            return;
        }
        if self.asked_at.is_none_or(|since| at < since) {
            self.asked_at = Some(at);
            let known = self.responded_at;
            self.responded_at = answers.into_iter().chain(known).filter(|answer| *answer > at).min();
        }
    }

    /// A person of ours wrote at `at`.
    pub fn answered(&mut self, at: Timestamp) {
        if self.takes(at) && self.asked_at.is_some_and(|asked| asked < at) {
            self.responded_at = Some(self.responded_at.map_or(at, |first| first.min(at)));
        }
    }

    /// Does a message at `at` belong to the running episode? The first one begins it.
    fn takes(&mut self, at: Timestamp) -> bool {
        if self.closed_at >= Some(at) {
            return false;
        }
        if !self.is_running() {
            (self.opened_at, self.asked_at, self.responded_at) = (None, None, None);
        }
        self.opened_at = Some(self.opened_at.map_or(at, |first| first.min(at)));
        true
    }

    /// A member closes the thread. Answers the episode that ends so, unless none was running.
    pub fn close(&mut self, now: Timestamp) -> Option<Timestamp> {
        let ends = self.opened_at.filter(|_| self.is_running());
        // Later than every message of the episode, whichever clock is ahead.
        self.closed_at = Some(now.max(self.responded_at.max(self.opened_at).unwrap_or(now)));
        self.back = None;
        ends
    }

    /// A member opens the thread again without a new message: the last episode goes on. Answers its beginning.
    pub fn reopen(&mut self) -> Option<Timestamp> {
        self.back = None;
        if self.is_running() {
            return None;
        }
        let opened = self.opened_at?;
        self.closed_at = Some(opened.plus_ms(-1));
        Some(opened)
    }
}

/// What ends next in a thread, the free replies first.
pub fn closes_next(row: &conversations::Model, now: Timestamp) -> Option<(SnoozeKind, Timestamp)> {
    let ahead = |at: Option<i64>| at.map(Timestamp).filter(|at| *at >= now);
    match (ahead(row.free_until_at), ahead(row.permitted_until_at)) {
        (Some(at), _) => Some((SnoozeKind::Free, at)),
        (None, Some(at)) => Some((SnoozeKind::Permission, at)),
        (None, None) => None,
    }
}

/// What becomes of a snoozed thread that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// It comes back.
    Back(BackReason),
    /// What it waits for moved; it sleeps until then.
    Later(Timestamp),
}

/// A snoozed thread is due at `now`. A window that the customer has made longer meanwhile is waited for again.
pub fn due(row: &conversations::Model, now: Timestamp) -> Due {
    let kind = row.snooze_kind.as_deref().and_then(|word| word.parse().ok());
    let border = match kind {
        Some(SnoozeKind::Free) => row.free_until_at,
        Some(SnoozeKind::Permission) => row.permitted_until_at,
        Some(SnoozeKind::Time | SnoozeKind::Reply) | None => return Due::Back(BackReason::Time),
    };
    let until =
        border.map(|at| Timestamp(at).plus_ms(i64::from(row.snooze_lead_minutes.unwrap_or(0)) * -60_000));
    match until {
        Some(until) if until > now => Due::Later(until),
        _ => Due::Back(BackReason::Closing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: fn(i64) -> Timestamp = Timestamp;

    /// c: customer asks, a: a person answers, x: closed, o: opened by hand.
    fn after(steps: &[(char, i64)]) -> Work {
        let mut work = Work::default();
        let mut answers = Vec::new();
        for (step, at) in steps {
            match step {
                'c' => work.asked(T(*at), answers.iter().copied()),
                'a' => {
                    answers.push(T(*at));
                    work.answered(T(*at));
                }
                'x' => _ = work.close(T(*at)),
                _ => _ = work.reopen(),
            }
        }
        work
    }

    #[test]
    fn episodes_are_told_from_messages() {
        for (steps, running, opened, asked, responded) in [
            (&[('c', 1)][..], true, Some(1), Some(1), None),
            (&[('c', 1), ('a', 5), ('c', 6), ('a', 7)], true, Some(1), Some(1), Some(5)),
            // We began; the answer counts from when the customer asked.
            (&[('a', 1), ('c', 4), ('a', 9)], true, Some(1), Some(4), Some(9)),
            (&[('a', 1)], true, Some(1), None, None),
            // Late ones.
            (&[('a', 5), ('c', 1)], true, Some(1), Some(1), Some(5)),
            (&[('c', 6), ('a', 7), ('a', 5), ('c', 1)], true, Some(1), Some(1), Some(5)),
            (&[('c', 1), ('a', 5), ('x', 8)], false, Some(1), Some(1), Some(5)),
            (&[('c', 1), ('x', 8), ('c', 3)], false, Some(1), Some(1), None),
            (&[('c', 1), ('a', 5), ('x', 8), ('c', 12)], true, Some(12), Some(12), None),
            (&[('c', 1), ('x', 8), ('a', 9), ('c', 12), ('a', 13)], true, Some(9), Some(12), Some(13)),
            // Closed by mistake.
            (&[('c', 1), ('x', 8), ('o', 0), ('a', 9)], true, Some(1), Some(1), Some(9)),
            (&[('o', 0), ('c', 1)], true, Some(1), Some(1), None),
        ] {
            let work = after(steps);
            let is = (work.is_running(), work.opened_at, work.asked_at, work.responded_at);
            assert_eq!(is, (running, opened.map(T), asked.map(T), responded.map(T)), "{steps:?}");
        }
    }

    #[test]
    fn the_order_of_messages_does_not_matter() {
        let steps = [('c', 2), ('a', 3), ('c', 4), ('a', 1), ('a', 6)];
        let wanted = after(&steps);
        let mut orders = vec![vec![]];
        for step in steps {
            orders = orders
                .into_iter()
                .flat_map(|order: Vec<_>| {
                    (0..=order.len()).map(move |i| {
                        let mut longer = order.clone();
                        longer.insert(i, step);
                        longer
                    })
                })
                .collect();
        }
        assert_eq!(orders.len(), 120);
        for order in orders {
            assert_eq!(after(&order), wanted, "{order:?}");
        }
    }

    #[test]
    fn a_snooze_that_is_due_comes_back_or_waits_for_what_moved() {
        let row = |kind: &str, free: Option<i64>, permitted: Option<i64>| conversations::Model {
            snooze_kind: Some(kind.to_owned()),
            snooze_lead_minutes: Some(10),
            free_until_at: free.map(|minute| minute * 60_000),
            permitted_until_at: permitted.map(|minute| minute * 60_000),
            ..Default::default()
        };
        for (kind, free, permitted, expected) in [
            ("time", Some(500), Some(900), Due::Back(BackReason::Time)),
            ("free", Some(110), Some(900), Due::Back(BackReason::Closing)),
            ("free", Some(111), Some(900), Due::Later(T(101 * 60_000))),
            ("free", None, Some(900), Due::Back(BackReason::Closing)),
            ("permission", Some(110), Some(900), Due::Later(T(890 * 60_000))),
            ("permission", None, None, Due::Back(BackReason::Closing)),
        ] {
            assert_eq!(
                due(&row(kind, free, permitted), T(100 * 60_000)),
                expected,
                "{kind} {free:?} {permitted:?}"
            );
        }
    }
}
