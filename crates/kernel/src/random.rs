//! Randomness as an argument, and the ids made from it.

use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Clock, Timestamp};

/// A source of unpredictable bytes. The binaries use the operating system; tests use [`SeededRandom`].
pub trait Random: Send + Sync + 'static {
    /// Fill `buf`. A source that cannot deliver must abort the program rather than return weak bytes.
    fn fill(&self, buf: &mut [u8]);
}

/// Makes ids. Clone it freely; all clones share one clock and one source of randomness.
#[derive(Clone)]
pub struct Ids {
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl Ids {
    /// From a clock and a source of randomness.
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self { clock, random }
    }

    /// A new time-ordered id (UUIDv7) of the wanted kind.
    pub fn next<I: From<Uuid>>(&self) -> I {
        let mut tail = [0u8; 10];
        self.random.fill(&mut tail);
        I::from(v7(self.clock.now(), tail))
    }

    /// `N` random bytes, for tokens and nonces.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0u8; N];
        self.random.fill(&mut out);
        out
    }

    /// The clock behind the ids.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The source of randomness behind the ids.
    pub fn random(&self) -> &Arc<dyn Random> {
        &self.random
    }
}

/// An id that follows from what it names: same parts, same id, on every replay. `at` orders it in time.
/// Intake uses it so that reading an event twice cannot make two messages.
pub(crate) fn derived(at: Timestamp, parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut tail = [0u8; 10];
    tail.copy_from_slice(&digest[..10]);
    v7(at, tail)
}

/// Below every id of this instant or later, above every earlier one: a border for reading ids by time.
pub fn first_id_at(at: Timestamp) -> Uuid {
    Uuid::from_u128(u128::from(at.as_ms().max(0) as u64) << 80)
}

fn v7(at: Timestamp, tail: [u8; 10]) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(at.as_ms().max(0) as u64, &tail).into_uuid()
}

/// Repeatable bytes from a seed (SHA-256 in counter mode). For tests and demo data, never for secrets.
pub struct SeededRandom(Mutex<(u64, u64)>);

impl SeededRandom {
    /// Bytes that follow from `seed` alone.
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new((seed, 0)))
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&self, n: u64) -> u64 {
        let mut b = [0u8; 8];
        self.fill(&mut b);
        if n == 0 { 0 } else { u64::from_be_bytes(b) % n }
    }
}

impl Random for SeededRandom {
    fn fill(&self, buf: &mut [u8]) {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for chunk in buf.chunks_mut(32) {
            let mut hash = Sha256::new();
            hash.update(state.0.to_be_bytes());
            hash.update(state.1.to_be_bytes());
            state.1 += 1;
            chunk.copy_from_slice(&hash.finalize()[..chunk.len()]);
        }
    }
}
