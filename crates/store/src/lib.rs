//! loa-store
