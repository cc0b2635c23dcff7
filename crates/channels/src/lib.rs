//! loa-channels
