//! Writing what goes out.
