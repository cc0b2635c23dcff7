//! loa-stream
