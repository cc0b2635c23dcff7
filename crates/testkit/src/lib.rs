//! loa-testkit
