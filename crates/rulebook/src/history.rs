//! How facts move when something happens. Used by whoever keeps facts: the fold of what comes in, the
//! settling of what went out, and the sandbox that plays the platform.
//!
//! Events come late and in any order. The newest by the platform's time wins, so customers' messages and
//! interactions may be applied in any order. Our own sends are counted when they are confirmed; a customer's
//! message that arrives after a send that it precedes sets the counter again and would lose that send, so the
//! caller then counts again ([`MessagingRules::recount`]).

use loa_kernel::Timestamp;

use crate::{ChannelFacts, Class, MessagingRules, OpenedBy, PlatformReply, RecipientFacts};

impl MessagingRules {
    /// The customer wrote at `at`. That a message also ends a block is the caller's to apply: only it knows
    /// when the block was learned.
    ///
    /// Answers true when the counter was set again; if a free reply with a later `sent_at` is already
    /// confirmed, call [`recount`](Self::recount).
    pub fn on_customer_message(&self, facts: &mut RecipientFacts, at: Timestamp) -> bool {
        let before = self.counter_start(facts);
        facts.last_message_at = facts.last_message_at.max(Some(at));
        facts.last_interaction_at = facts.last_interaction_at.max(Some(at));
        self.reset_if_moved(facts, before)
    }

    /// The customer interacted at `at` in a way that is not a message (platform reference §6.2). Answers as
    /// [`on_customer_message`](Self::on_customer_message).
    pub fn on_interaction(&self, facts: &mut RecipientFacts, at: Timestamp) -> bool {
        let before = self.counter_start(facts);
        facts.last_interaction_at = facts.last_interaction_at.max(Some(at));
        self.reset_if_moved(facts, before)
    }

    /// The platform confirmed a message of ours, sent at `at` (its time) as `class`. A send from before the
    /// counter was set again does not count. Takes nothing off reservations: who made one settles it.
    ///
    /// Not for echoes of messages written in the platform's own tool: their class is not known, and the
    /// platform's next number contains them (features §4.8).
    pub fn on_sent(&self, facts: &mut RecipientFacts, class: Class, at: Timestamp) {
        match class {
            Class::Welcome => facts.welcome_used = facts.welcome_used.saturating_add(1),
            Class::Package | Class::Extra | Class::Paid => {}
            Class::Reply => {
                if self.counter_start(facts).is_some_and(|start| at < start) {
                    return;
                }
                facts.replies_used = facts.replies_used.saturating_add(1);
                // A send that the platform's number cannot contain, e.g. one found by reconciliation.
                if self.reply.free_count.is_some()
                    && let Some(told) = &mut facts.platform_reply
                    && at > told.as_of
                {
                    told.remain = told.remain.saturating_sub(1);
                }
            }
        }
    }

    /// The platform told its own count, in an answer or when asked. The newest wins; of two told at the same
    /// instant the smaller.
    pub fn on_platform_reply(&self, facts: &mut RecipientFacts, told: PlatformReply) {
        let newer = facts.platform_reply.is_none_or(|known| {
            told.as_of > known.as_of || (told.as_of == known.as_of && told.remain < known.remain)
        });
        if newer {
            facts.platform_reply = Some(told);
        }
    }

    /// Count the free replies again from their own times. `sent` are the confirmed sends of class
    /// [`Class::Reply`] to this customer; those from before the counter was set do not count.
    pub fn recount(&self, facts: &mut RecipientFacts, sent: impl IntoIterator<Item = Timestamp>) {
        let start = self.counter_start(facts);
        let used = sent.into_iter().filter(|at| start.is_none_or(|s| *at >= s)).count();
        facts.replies_used = u32::try_from(used).unwrap_or(u32::MAX);
    }

    /// When the free window was opened last.
    pub fn window_start(&self, facts: &RecipientFacts) -> Option<Timestamp> {
        newest(self.reply.opened_by, facts)
    }

    /// When the counter was set last; where nothing is counted, when the window was opened.
    pub fn counter_start(&self, facts: &RecipientFacts) -> Option<Timestamp> {
        newest(self.reply.counter_set_by.unwrap_or(self.reply.opened_by), facts)
    }

    fn reset_if_moved(&self, facts: &mut RecipientFacts, before: Option<Timestamp>) -> bool {
        let moved = self.counter_start(facts) != before;
        if moved {
            facts.replies_used = 0;
        }
        moved
    }
}

/// The facts without one pending reservation of `class`: what a message that already holds one is judged by
/// when it is decided again just before it goes.
#[must_use]
pub fn without_reservation(
    channel: &ChannelFacts,
    recipient: &RecipientFacts,
    class: Class,
) -> (ChannelFacts, RecipientFacts) {
    let (mut channel, mut recipient) = (*channel, *recipient);
    match class {
        Class::Reply => recipient.replies_reserved = recipient.replies_reserved.saturating_sub(1),
        Class::Welcome => recipient.welcome_used = recipient.welcome_used.saturating_sub(1),
        Class::Package => {
            if let Some(pool) = &mut channel.package {
                pool.reserved = pool.reserved.saturating_sub(1);
            }
        }
        Class::Extra => channel.extra_remain = channel.extra_remain.map(|n| n.saturating_add(1)),
        Class::Paid => {}
    }
    (channel, recipient)
}

fn newest(by: OpenedBy, facts: &RecipientFacts) -> Option<Timestamp> {
    match by {
        OpenedBy::Message => facts.last_message_at,
        OpenedBy::Interaction => facts.interaction_at(),
    }
}
