//! zalo
