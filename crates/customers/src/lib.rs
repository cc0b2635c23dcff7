//! loa-customers
