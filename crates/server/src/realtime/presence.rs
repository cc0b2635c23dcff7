//! Who looks at which thread, and who types in it: leases that end by themselves. Pure; the present is an argument.
//!
//! A browser says again and again what it looks at. What it has not said for [`VIEW_MS`] is over, so that nobody stays
//! in a thread whose browser was closed, lost its line, or belongs to a process that died.

use std::collections::{BTreeMap, HashMap};

use loa_kernel::{ChannelId, ConversationId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long somebody is taken to look at a thread after they last said so. Clients say it again after a third of it.
pub(crate) const VIEW_MS: i64 = 45_000;
/// How long somebody is taken to type after they last said so. Clients say it again after half of it.
pub(crate) const TYPING_MS: i64 = 6_000;

/// Somebody in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Viewer {
    /// Who.
    pub member_id: MemberId,
    /// They are writing.
    pub typing: bool,
}

/// Everybody who is in a thread now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThreadPresence {
    /// Which thread.
    pub conversation_id: ConversationId,
    /// By their id; empty when the last one has left.
    pub viewers: Vec<Viewer>,
}

/// A connection, numbered within the process.
pub(crate) type Connection = u64;

#[derive(Debug, Clone, Copy)]
struct Lease {
    member: MemberId,
    conversation: ConversationId,
    channel: ChannelId,
    until: Timestamp,
    typing_until: Option<Timestamp>,
}

/// Members in a thread, with whether they type.
type Shown = BTreeMap<MemberId, bool>;

/// The leases of one workspace. A connection is in one thread at a time.
#[derive(Debug, Default)]
pub(crate) struct Leases {
    held: HashMap<Connection, Lease>,
    /// What was last told, with the channel of each thread.
    told: BTreeMap<ConversationId, (ChannelId, Shown)>,
}

impl Leases {
    /// The member of this connection looks at this thread, and at no other.
    pub fn view(
        &mut self,
        connection: Connection,
        member: MemberId,
        (conversation, channel): (ConversationId, ChannelId),
        typing: bool,
        now: Timestamp,
    ) {
        let typing_until = typing.then(|| now.plus_ms(TYPING_MS));
        let until = now.plus_ms(VIEW_MS);
        self.held.insert(connection, Lease { member, conversation, channel, until, typing_until });
    }

    /// The connection looks at nothing any more.
    pub fn leave(&mut self, connection: Connection) {
        self.held.remove(&connection);
    }

    /// What is different from what was told last, with the channel of each thread; it counts as told.
    pub fn changed(&mut self, now: Timestamp) -> Vec<(ChannelId, ThreadPresence)> {
        self.held.retain(|_, lease| lease.until >= now);
        let mut present: BTreeMap<ConversationId, (ChannelId, Shown)> = BTreeMap::new();
        for lease in self.held.values() {
            let (_, viewers) =
                present.entry(lease.conversation).or_insert_with(|| (lease.channel, Shown::new()));
            let typing = lease.typing_until.is_some_and(|until| until >= now);
            // Who types in one window types, whatever their other windows say.
            *viewers.entry(lease.member).or_default() |= typing;
        }
        let mut changed = Vec::new();
        for (conversation, (channel, _)) in &self.told {
            if !present.contains_key(conversation) {
                changed.push((*channel, thread(*conversation, &Shown::new())));
            }
        }
        for (conversation, (channel, viewers)) in &present {
            if self.told.get(conversation).is_none_or(|(_, told)| told != viewers) {
                changed.push((*channel, thread(*conversation, viewers)));
            }
        }
        self.told = present;
        changed
    }

    /// All that was told and still holds, for somebody who comes new.
    pub fn standing(&self) -> Vec<(ChannelId, ThreadPresence)> {
        self.told
            .iter()
            .map(|(conversation, (channel, viewers))| (*channel, thread(*conversation, viewers)))
            .collect()
    }

    /// Nobody is anywhere, and everybody has heard of it.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.told.is_empty()
    }
}

fn thread(conversation_id: ConversationId, viewers: &Shown) -> ThreadPresence {
    let viewers = viewers.iter().map(|(member_id, typing)| Viewer { member_id: *member_id, typing: *typing });
    ThreadPresence { conversation_id, viewers: viewers.collect() }
}

/// What one connection may say: a few things at once, and a few a second for long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    left_ms: i64,
    at: Timestamp,
}

impl Allowance {
    /// What one thing costs, in milliseconds of waiting.
    const COST_MS: i64 = 250;
    /// So much may be saved up.
    const MOST_MS: i64 = 20 * Self::COST_MS;

    pub fn full(now: Timestamp) -> Self {
        Self { left_ms: Self::MOST_MS, at: now }
    }

    /// May it say one more thing? A clock that steps back gives nothing and takes nothing.
    pub fn take(&mut self, now: Timestamp) -> bool {
        self.left_ms = (self.left_ms + now.since(self.at).max(0)).min(Self::MOST_MS);
        self.at = now;
        if self.left_ms < Self::COST_MS {
            return false;
        }
        self.left_ms -= Self::COST_MS;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id<T: From<Uuid>>(n: u128) -> T {
        T::from(Uuid::from_u128(n))
    }

    /// What a connection says or does not say.
    enum Says {
        Views(u128, bool),
        Leaves,
        Nothing,
    }
    use Says::{Leaves, Nothing, Views};

    /// `7: 1 2*` – thread 7 with members 1, and 2 who types.
    fn told(leases: &mut Leases, at: i64) -> Vec<String> {
        let line = |(_, thread): (ChannelId, ThreadPresence)| {
            let viewers: Vec<String> = thread
                .viewers
                .iter()
                .map(|v| format!("{}{}", v.member_id.0.as_u128(), if v.typing { "*" } else { "" }))
                .collect();
            format!("{}: {}", thread.conversation_id.0.as_u128(), viewers.join(" "))
        };
        leases.changed(Timestamp(at)).into_iter().map(line).collect()
    }

    #[test]
    fn presence_comes_and_goes() {
        // (second, connection, member, what they do, what is told)
        let steps: [(i64, Connection, u128, Says, &[&str]); 16] = [
            (0, 1, 1, Views(7, false), &["7: 1"]),
            (10, 1, 1, Views(7, false), &[]), // Said again: nothing new.
            (11, 2, 2, Views(7, true), &["7: 1 2*"]),
            (13, 2, 2, Views(7, true), &[]),                 // Still typing.
            (20, 2, 2, Nothing, &["7: 1 2"]),                // Six seconds later they are not.
            (21, 3, 1, Views(8, false), &["8: 1"]),          // A second window of the first member.
            (22, 3, 1, Views(7, true), &["8: ", "7: 1* 2"]), // One types, the other looks: they type.
            (23, 3, 1, Leaves, &["7: 1 2"]),
            (24, 1, 1, Views(9, false), &["7: 2", "9: 1"]), // On to another thread.
            (25, 1, 1, Leaves, &["9: "]),
            (26, 1, 1, Leaves, &[]),
            (57, 4, 4, Nothing, &[]),      // The second member's line was lost at 13 …
            (58, 4, 4, Nothing, &[]),      // … and holds to the last instant …
            (59, 4, 4, Nothing, &["7: "]), // … and ends by itself.
            (60, 2, 2, Views(7, false), &["7: 2"]),
            (200, 4, 4, Nothing, &["7: "]),
        ];
        let mut leases = Leases::default();
        for (second, connection, member, says, expected) in steps {
            let now = Timestamp(second * 1_000);
            match says {
                Views(thread, typing) => {
                    leases.view(connection, id(member), (id(thread), id(thread)), typing, now);
                }
                Leaves => leases.leave(connection),
                Nothing => {}
            }
            assert_eq!(told(&mut leases, now.0), expected, "at second {second}");
        }
        assert!(leases.is_empty());
    }

    #[test]
    fn who_comes_new_hears_what_stands() {
        let mut leases = Leases::default();
        leases.view(1, id(1), (id(7), id(70)), true, Timestamp(0));
        assert!(leases.standing().is_empty(), "they hear it with everybody");
        assert_eq!(told(&mut leases, 0), ["7: 1*"]);
        let viewers = vec![Viewer { member_id: id(1), typing: true }];
        assert_eq!(leases.standing(), [(id(70), ThreadPresence { conversation_id: id(7), viewers })]);
    }

    #[test]
    fn a_connection_says_a_few_things_a_second() {
        // (milliseconds, how often it speaks, how often it is heard)
        let steps = [(0, 30, 20), (0, 1, 0), (250, 3, 1), (1_250, 9, 4), (900, 2, 0), (60_000, 50, 20)];
        let mut allowance = Allowance::full(Timestamp(0));
        for (at, speaks, heard) in steps {
            let taken = (0..speaks).filter(|_| allowance.take(Timestamp(at))).count();
            assert_eq!(taken, heard, "at {at}");
        }
    }
}
