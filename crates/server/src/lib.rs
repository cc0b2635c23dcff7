//! loa-server
