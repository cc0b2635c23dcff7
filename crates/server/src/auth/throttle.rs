//! How long the next attempt has to wait. Pure.

use loa_kernel::Timestamp;

/// Failures of one e-mail before waiting begins.
pub(super) const EMAIL_FREE: u32 = 4;
/// Failures of one address before waiting begins; an office of many people shares one.
pub(super) const ADDRESS_FREE: u32 = 20;
/// Failures are forgotten when none follows for so long.
pub(super) const FORGET_MS: i64 = 3_600_000;

const FIRST_WAIT_MS: i64 = 2_000;
const LONGEST_WAIT_MS: i64 = 15 * 60_000;

/// After this many failures, of which `free` are without consequence: until when no attempt counts. Each further
/// failure doubles the wait, up to a quarter of an hour.
pub(super) fn blocked_until(failures: u32, free: u32, now: Timestamp) -> Option<Timestamp> {
    let over = failures.checked_sub(free + 1)?;
    let wait = FIRST_WAIT_MS.saturating_mul(1_i64 << over.min(30)).min(LONGEST_WAIT_MS);
    Some(now.plus_ms(wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_the_fifth_failure_to_a_quarter_of_an_hour() {
        for (failures, wait) in [
            (0, None),
            (4, None),
            (5, Some(2_000)),
            (6, Some(4_000)),
            (9, Some(32_000)),
            (13, Some(512_000)),
            (14, Some(900_000)),
            (u32::MAX, Some(900_000)),
        ] {
            let until = blocked_until(failures, EMAIL_FREE, Timestamp(100));
            assert_eq!(until, wait.map(|ms| Timestamp(100 + ms)), "{failures}");
        }
    }
}
