//! Stretches of time as terms, for an index without order.
//!
//! A message has one term a rung: the block of time it lies in, eight times as long on each rung. Reading back from an
//! instant takes the blocks up to the next border on the lowest rung, then those on the second, and so on: each step
//! reaches some eight times as far as all before it, and a handful of steps reach the beginning of time.

use loa_kernel::WorkspaceId;

/// Milliseconds in the shortest block, as a power of two: four minutes.
const LOWEST: u32 = 18;
/// Powers of two between rungs.
const STEP: u32 = 3;
/// The longest block: 17 years.
const HIGHEST: u32 = 39;

/// Neighbouring blocks of one rung, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    rung: u32,
    first: i64,
    last: i64,
}

impl Stretch {
    pub fn terms(self, ws: WorkspaceId) -> Vec<u32> {
        (self.first..=self.last).map(|block| term(ws, self.rung, block)).collect()
    }
}

/// The stretches from the block of `newest` back to that of `oldest` (milliseconds, both not negative), without gaps and
/// without overlaps.
pub(super) fn stretches(newest: i64, oldest: i64) -> Vec<Stretch> {
    let mut list = Vec::new();
    let (mut rung, mut last) = (LOWEST, newest >> LOWEST);
    loop {
        let end = oldest >> rung;
        let first = if rung == HIGHEST { end } else { Ord::max(last & !((1 << STEP) - 1), end) };
        if first <= last {
            list.push(Stretch { rung, first, last });
        }
        if first <= end {
            return list;
        }
        last = (first >> STEP) - 1;
        rung += STEP;
    }
}

/// The terms of a message of this instant.
pub(super) fn terms_at(ws: WorkspaceId, ms: i64) -> impl Iterator<Item = u32> {
    (LOWEST..=HIGHEST).step_by(STEP as usize).map(move |rung| term(ws, rung, ms >> rung))
}

/// The term that all messages of a workspace have.
pub(super) fn whole(ws: WorkspaceId) -> u32 {
    term(ws, 64, 0)
}

/// FNV-1a over workspace and block, so that workspaces in one index do not meet.
fn term(ws: WorkspaceId, rung: u32, block: i64) -> u32 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in ws.0.into_bytes().into_iter().chain(rung.to_be_bytes()).chain(block.to_be_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_cover_every_instant_once() {
        let ws = WorkspaceId(uuid::Uuid::from_u128(1));
        let now = 1_768_446_000_000;
        for (newest, oldest) in [
            (now, 0),
            (now, now),
            (now, now - 1),
            (now, now - 3_600_000),
            (now, now - 40 * 86_400_000),
            (7, 0),
            ((1 << 42) - 1, 1),
        ] {
            let list = stretches(newest, oldest);
            assert!(list.len() <= 8, "{list:?}");
            let mut below = (newest >> LOWEST) + 1;
            for stretch in &list {
                let scale = stretch.rung - LOWEST;
                assert_eq!((stretch.last + 1) << scale, below, "{list:?}");
                below = stretch.first << scale;
            }
            assert!(below <= oldest >> LOWEST, "{list:?}");
            for ms in [newest, oldest, (newest + oldest) / 2, oldest + (newest - oldest) / 900] {
                let has = |s: &&Stretch| s.terms(ws).iter().any(|t| terms_at(ws, ms).any(|own| own == *t));
                assert_eq!(list.iter().filter(has).count(), 1, "{ms} in {list:?}");
            }
        }
    }
}
