//! loa-outbound
