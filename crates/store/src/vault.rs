//! Secrets at rest: XChaCha20-Poly1305 with a key that does not lie in the database.
//!
//! A sealed value is `key id (1 byte) | nonce (24 bytes) | ciphertext and tag`. Its associated data name the
//! place it belongs to, so a value that is copied to another row does not open there. The key id is the first
//! byte of a hash of the key: enough to pick a key, too little to learn anything about it.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use loa_kernel::{Random, WorkspaceId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Result, StoreError};

const NONCE: usize = 24;

/// Where a sealed value belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    table: &'static str,
    workspace: WorkspaceId,
    row: Uuid,
}

impl Place {
    /// The sealed column of one row.
    pub fn new(table: &'static str, workspace: WorkspaceId, row: impl Into<Uuid>) -> Self {
        Self { table, workspace, row: row.into() }
    }

    /// The same for a row whose key is a text.
    pub fn named(table: &'static str, workspace: WorkspaceId, name: &str) -> Self {
        let mut row = [0u8; 16];
        row.copy_from_slice(&Sha256::digest(name)[..16]);
        Self { table, workspace, row: Uuid::from_bytes(row) }
    }

    fn bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.table.len() + 34);
        out.extend_from_slice(self.table.as_bytes());
        out.push(0);
        out.extend_from_slice(self.workspace.0.as_bytes());
        out.extend_from_slice(self.row.as_bytes());
        out
    }
}

struct Key {
    id: u8,
    cipher: XChaCha20Poly1305,
}

impl Key {
    fn new(key: [u8; 32]) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"loa vault key id");
        hash.update(key);
        Self { id: hash.finalize()[0], cipher: XChaCha20Poly1305::new(&key.into()) }
    }
}

/// Seals and opens. Clone it freely; never shows its keys.
#[derive(Clone)]
pub struct Vault {
    /// The first one seals; all of them open.
    keys: Arc<Vec<Key>>,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

impl Vault {
    /// A vault with one key. `random` makes the nonces.
    pub fn from_key(key: [u8; 32], random: Arc<dyn Random>) -> Self {
        Self::from_keys(key, &[], random)
    }

    /// A vault that seals with `current` and also opens what `previous` keys have sealed. To change the key:
    /// start with the new one as current and the old one as previous; what [`Vault::is_stale`] is sealed
    /// anew when it is next written.
    pub fn from_keys(current: [u8; 32], previous: &[[u8; 32]], random: Arc<dyn Random>) -> Self {
        let keys = std::iter::once(current).chain(previous.iter().copied()).map(Key::new).collect();
        Self { keys: Arc::new(keys), random }
    }

    /// Seal `plain` for one place.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>> {
        let key = &self.keys[0];
        let mut nonce = [0u8; NONCE];
        self.random.fill(&mut nonce);
        let sealed = key
            .cipher
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: &place.bytes() })
            .map_err(|_| StoreError::Sealed("the value is too large".into()))?;
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(key.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Open what was sealed for this place.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>> {
        let failed = |why: &str| StoreError::Sealed(format!("{}: {why}", place.table));
        let Some((id, rest)) = sealed.split_first().filter(|(_, rest)| rest.len() > NONCE) else {
            return Err(failed("too short"));
        };
        let (nonce, body) = rest.split_at(NONCE);
        let aad = place.bytes();
        let mut known = false;
        // Two keys may share an id (1 in 256), so every key with it gets its try.
        for key in self.keys.iter().filter(|key| key.id == *id) {
            known = true;
            if let Ok(plain) = key.cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad: &aad })
            {
                return Ok(plain);
            }
        }
        Err(failed(if known {
            "changed, or moved from another row"
        } else {
            "sealed with a key that is not configured; add it as a previous key"
        }))
    }

    /// Was it sealed with another key than the current one?
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        sealed.first() != Some(&self.keys[0].id)
    }

    pub(crate) fn seal_json(&self, place: Place, value: &impl serde::Serialize) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(value).map_err(|e| StoreError::Sealed(e.to_string()))?;
        self.seal(place, &plain)
    }

    pub(crate) fn open_json<T: serde::de::DeserializeOwned>(&self, place: Place, sealed: &[u8]) -> Result<T> {
        let plain = self.open(place, sealed)?;
        // The parser's message could quote the secret.
        serde_json::from_slice(&plain)
            .map_err(|_| StoreError::Sealed(format!("{}: not what was expected", place.table)))
    }
}

#[cfg(test)]
mod tests {
    use loa_kernel::SeededRandom;
    use proptest::prelude::*;

    use super::*;

    fn vault(keys: &[u8]) -> Vault {
        let keys: Vec<[u8; 32]> = keys.iter().map(|&k| [k; 32]).collect();
        Vault::from_keys(keys[0], &keys[1..], Arc::new(SeededRandom::new(1)))
    }

    fn place(table: &'static str, workspace: u128, row: u128) -> Place {
        Place::new(table, WorkspaceId(Uuid::from_u128(workspace)), Uuid::from_u128(row))
    }

    #[test]
    fn opens_only_in_its_place() {
        let v = vault(&[1]);
        let here = place("channel_credentials", 1, 2);
        let sealed = v.seal(here, b"token").unwrap();
        assert!(!sealed.windows(5).any(|w| w == b"token"));
        assert_eq!(v.open(here, &sealed).unwrap(), b"token");
        for other in [
            place("platform_apps", 1, 2),
            place("channel_credentials", 3, 2),
            place("channel_credentials", 1, 3),
        ] {
            assert!(matches!(v.open(other, &sealed), Err(StoreError::Sealed(_))), "{other:?}");
        }
    }

    #[test]
    fn the_same_secret_is_never_sealed_the_same() {
        let v = vault(&[1]);
        assert_ne!(v.seal(place("t", 1, 1), b"x").unwrap(), v.seal(place("t", 1, 1), b"x").unwrap());
    }

    #[test]
    fn keys_rotate() {
        let here = place("t", 1, 1);
        let old = vault(&[1]).seal(here, b"secret").unwrap();
        let both = vault(&[2, 1]);
        assert_eq!(both.open(here, &old).unwrap(), b"secret");
        assert!(both.is_stale(&old));
        let new = both.seal(here, b"secret").unwrap();
        assert!(!both.is_stale(&new));
        assert_eq!(vault(&[2]).open(here, &new).unwrap(), b"secret");
        let error = vault(&[2]).open(here, &old).unwrap_err().to_string();
        assert!(error.contains("not configured"), "{error}");
    }

    #[test]
    fn printing_shows_no_key() {
        assert_eq!(format!("{:?}", vault(&[7])), "Vault(1 keys)");
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_noticed(plain in proptest::collection::vec(any::<u8>(), 0..64), at in any::<prop::sample::Index>(), flip in 1u8..) {
            let v = vault(&[1]);
            let here = place("t", 1, 1);
            let mut sealed = v.seal(here, &plain).unwrap();
            prop_assert_eq!(&v.open(here, &sealed).unwrap(), &plain);
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(v.open(here, &sealed).is_err());
            prop_assert!(v.open(here, &sealed[..at]).is_err());
        }
    }
}
