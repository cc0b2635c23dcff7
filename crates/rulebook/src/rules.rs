//! The parameters of one edition. Values come from the books; nothing here has a default.

use loa_kernel::Timestamp;

use crate::{Limits, ReplyLeft};

/// What opens the free window, or sets its counter again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OpenedBy {
    /// A message of the customer (seed 000).
    Message,
    /// Any interaction of platform reference §6.2, a message being one.
    Interaction,
}

/// Free replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyRules {
    /// Length of the window in hours; its last instant belongs to it.
    pub window_hours: u32,
    /// What starts the window.
    pub opened_by: OpenedBy,
    /// Free replies of a window; `None`: as many as wanted.
    pub free_count: Option<u32>,
    /// What sets the counter again; `None` exactly when nothing is counted.
    pub counter_set_by: Option<OpenedBy>,
}

/// Who may get a consultation message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsultationRules {
    /// Days after the last interaction, the last instant included; `None`: no border.
    pub allowed_until_days: Option<u32>,
    /// Only to followers.
    pub requires_follow: bool,
}

/// Free greetings to a follower who never interacted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WelcomeRules {
    /// Greetings a follower.
    pub free_count: u32,
}

/// Charged messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaidRules {
    /// Price of one, whole đồng.
    pub price_vnd: i64,
}

/// What the platform's answers show of the reply counter (platform reference §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyCounterInAnswers {
    /// The real count.
    CountsDown,
    /// Always the same number, as `remain` and as `total`.
    Frozen(u32),
}

/// What the platform's answers look like in this edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerRules {
    /// What `remain` and `total` of a `reply` block show.
    pub reply_counter: ReplyCounterInAnswers,
    /// From then on the two keys are left out.
    pub dropped_from: Option<Timestamp>,
}

/// One edition of the messaging rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessagingRules {
    /// Its name, as stored with channels and decisions: "messaging-2024-11".
    pub edition: String,
    /// For people.
    pub title: String,
    /// First instant of its force (midnight in Vietnam).
    pub effective_from: Timestamp,
    /// First instant after it; `None`: until further notice.
    pub effective_until: Option<Timestamp>,
    /// Free replies.
    pub reply: ReplyRules,
    /// Who may get a consultation message.
    pub consultation: ConsultationRules,
    /// Free greetings; `None`: this edition has none.
    pub welcome: Option<WelcomeRules>,
    /// Charged messages.
    pub paid: PaidRules,
    /// What answers show.
    pub answers: AnswerRules,
    /// What a message may be.
    pub limits: Limits,
}

impl MessagingRules {
    /// `remain` and `total` of the `reply` block of an answer given at `now`, when `left` is what remains
    /// after the send; `None`: the keys are absent. For whoever plays the platform.
    pub fn reply_in_answer(&self, left: Option<&ReplyLeft>, now: Timestamp) -> Option<(u32, u32)> {
        if self.answers.dropped_from.is_some_and(|from| now >= from) {
            return None;
        }
        match self.answers.reply_counter {
            ReplyCounterInAnswers::Frozen(n) => Some((n, n)),
            ReplyCounterInAnswers::CountsDown => {
                Some(left.map_or((0, 0), |l| (l.remain.unwrap_or(0), l.total.unwrap_or(0))))
            }
        }
    }
}
