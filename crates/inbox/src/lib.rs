//! loa-inbox
