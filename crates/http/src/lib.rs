//! loa-http
