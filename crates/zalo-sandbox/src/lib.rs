//! zalo-sandbox
