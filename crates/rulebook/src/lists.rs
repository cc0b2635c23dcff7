//! What the platform's own page allows to be done to a list of customers.

use crate::reader::Section;

/// Limits of the platform's page of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists {
    /// Customers whose labels are changed at once ("Thao tác hàng loạt").
    pub labelled_at_once: u32,
}

/// Read the book. `None` when something is wrong; what, is noted in the section's reader.
pub(crate) fn lists(mut root: Section<'_, '_>) -> Option<Lists> {
    root.text("kind");
    let labelled_at_once = root.number("labelled_at_once", 1..=1_000_000);
    root.finish();
    Some(Lists { labelled_at_once: labelled_at_once? })
}
