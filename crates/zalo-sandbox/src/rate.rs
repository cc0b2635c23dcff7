//! Requests a minute, per app and per OA (platform reference §18). Counted in whole minutes of the sandbox
//! clock; not kept across a restart.

use std::collections::HashMap;

use loa_kernel::Timestamp;

/// What an answer says about the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Requests allowed this minute.
    pub limit: u32,
    /// Left after this one.
    pub remain: u32,
}

/// Counters of the present minute.
#[derive(Debug, Default)]
pub struct Buckets {
    minute: i64,
    counts: HashMap<String, u32>,
}

impl Buckets {
    /// Counts one request on `key`; `Err` when the bucket is full already. A limit of 0 is none.
    pub fn take(&mut self, key: &str, limit: u32, now: Timestamp) -> Result<Standing, Standing> {
        let minute = now.as_ms().div_euclid(60_000);
        if minute != self.minute {
            self.minute = minute;
            self.counts.clear();
        }
        let limit = if limit == 0 { u32::MAX } else { limit };
        let count = self.counts.entry(key.to_owned()).or_default();
        if *count >= limit {
            return Err(Standing { limit, remain: 0 });
        }
        *count += 1;
        Ok(Standing { limit, remain: limit - *count })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_fills_and_the_next_minute_empties_it() {
        let mut b = Buckets::default();
        let now = Timestamp(120_000);
        assert_eq!(b.take("a", 2, now), Ok(Standing { limit: 2, remain: 1 }));
        assert_eq!(b.take("a", 2, now), Ok(Standing { limit: 2, remain: 0 }));
        assert_eq!(b.take("a", 2, now), Err(Standing { limit: 2, remain: 0 }));
        assert!(b.take("b", 2, now).is_ok());
        assert!(b.take("a", 2, now.plus_secs(60)).is_ok());
        assert!((0..10_000).all(|_| b.take("c", 0, now).is_ok()));
    }
}
