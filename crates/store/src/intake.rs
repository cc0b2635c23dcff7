//! Writing what came in, a batch at a time: load what the events touch, let the caller fold, write the result.
//!
//! One batch is one transaction:
//! 1. [`advance`] moves the partition's cursor from where the caller believes it to be. Two programs that hold
//!    the same events meet here: the second finds another position and leaves.
//! 2. [`load`] reads the rows the events are about, by sets, and locks them (PostgreSQL; SQLite has one writer).
//! 3. The caller folds events into a [`Batch`]; no query happens there.
//! 4. [`apply`] writes the batch by sets, ends with the change log, and the caller commits.
//!
//! A crash before the commit leaves nothing; after it, the cursor has moved. So no event counts twice.
//!
//! The rows here are narrow: they carry what a fold reads or moves and nothing else, so that columns which
//! other parts own (notes, names, drafts, leases) are never written back from an old copy.

mod apply;
mod cursor;
mod load;
mod marks;
mod rows;

pub use apply::apply;
pub use cursor::{advance, cursors, prepare};
pub use load::{Account, accounts, load};
pub use marks::{prune_marks, take_marks};
pub use rows::{
    Batch, ChannelRow, ConversationRow, CustomerRow, Due, Head, IdentityRow, InFlight, Mark, MarkKind,
    MessageRow, NewMessage, RawEvent, Settled, Slice, Wanted,
};

use loa_kernel::{ChannelId, ConversationId, CustomerId, IdentityId, Timestamp, WorkspaceId};

/// The ids that belong to an address, the same on every replay and in every program. Whoever makes customers
/// for a platform's user outside of intake (demo data, an import) must use them too.
pub fn ids_of(
    workspace: WorkspaceId,
    channel: ChannelId,
    external_id: &str,
) -> (CustomerId, IdentityId, ConversationId) {
    let parts: [&[u8]; 3] = [workspace.0.as_bytes(), channel.0.as_bytes(), external_id.as_bytes()];
    (
        CustomerId::derived(Timestamp::EPOCH, &parts),
        IdentityId::derived(Timestamp::EPOCH, &parts),
        ConversationId::derived(Timestamp::EPOCH, &parts),
    )
}

/// The name of a customer before the profile is known: the platform and the last characters of the id.
pub fn placeholder_name(platform: &str, external_id: &str) -> String {
    let tail: Vec<char> = external_id.chars().rev().take(6).collect();
    let tail: String = tail.into_iter().rev().collect();
    let mut letters = platform.chars();
    let platform: String =
        letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
    format!("{platform} …{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_show_the_end_of_the_id() {
        assert_eq!(placeholder_name("zalo", "5120988712345678901"), "Zalo …678901");
        assert_eq!(placeholder_name("zalo", "12"), "Zalo …12");
        assert_eq!(placeholder_name("", "1"), " …1");
    }

    #[test]
    fn ids_are_apart() {
        let ws = |n| WorkspaceId(uuid::Uuid::from_u128(n));
        let ch = |n| ChannelId(uuid::Uuid::from_u128(n));
        let a = ids_of(ws(1), ch(1), "x");
        assert_eq!(a, ids_of(ws(1), ch(1), "x"));
        for other in [ids_of(ws(2), ch(1), "x"), ids_of(ws(1), ch(2), "x"), ids_of(ws(1), ch(1), "y")] {
            assert!(a.0 != other.0 && a.1 != other.1 && a.2 != other.2);
        }
        assert_ne!(a.0.0, a.1.0, "a customer id is no identity id");
    }
}
