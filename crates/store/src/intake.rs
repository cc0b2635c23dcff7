//! Writing what came in, a batch at a time.
