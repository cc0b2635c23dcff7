//! loa-rulebook
