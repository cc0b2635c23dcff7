//! loa-intake
