//! Rows that are one member's own or everybody's, with the owner in a column that is part of a unique key: everybody's
//! have the nil id there, because NULL is never equal to NULL.

use loa_kernel::MemberId;
use uuid::Uuid;

/// The owner as it is stored; `None`: everybody.
pub(crate) fn stored(owner: Option<MemberId>) -> Uuid {
    owner.map_or(Uuid::nil(), |owner| owner.0)
}

/// The owner as it is meant.
pub(crate) fn meant(stored: Uuid) -> Option<MemberId> {
    (!stored.is_nil()).then_some(MemberId(stored))
}

/// The owners whose rows a member may use: everybody, and they.
pub(crate) fn usable_by(member: MemberId) -> [Uuid; 2] {
    [stored(None), stored(Some(member))]
}
