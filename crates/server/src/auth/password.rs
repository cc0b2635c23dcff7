//! Passwords: Argon2id in PHC form, hashed on threads of their own and never too many at once.

use std::sync::Arc;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use loa_kernel::{Code, Ids, Problem};
use loa_store::Secret;
use tokio::sync::Semaphore;

use super::common::COMMON;

/// The shortest password that is taken, in characters.
pub(crate) const MIN_CHARS: usize = 10;
/// The longest; more would only let strangers make us hash long texts.
const MAX_CHARS: usize = 200;
/// Hashes at the same time; each takes [`PasswordCost::memory_kib`].
const AT_ONCE: usize = 2;

/// How much work a password hash is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for PasswordCost {
    /// 19 MiB and two passes, the first choice of OWASP's password storage guide for Argon2id.
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2 }
    }
}

impl PasswordCost {
    /// As little as Argon2 allows; for tests.
    pub const fn least() -> Self {
        Self { memory_kib: 8, passes: 1 }
    }
}

/// Hashes and compares passwords.
#[derive(Clone)]
pub struct Passwords {
    ids: Ids,
    argon: Argon2<'static>,
    /// A hash that no password has, for e-mails that nobody has.
    nobody: Secret,
    permits: Arc<Semaphore>,
}

impl Passwords {
    /// With this much work. A cost that Argon2 does not allow falls back to the default.
    pub fn new(cost: PasswordCost, ids: &Ids) -> Self {
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon, &ids.bytes::<32>(), ids.bytes());
        Self {
            ids: ids.clone(),
            argon,
            nobody: nobody.unwrap_or_else(|_| Secret::new("")),
            permits: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The hash of a new password, in PHC form.
    pub async fn hash(&self, password: &str) -> Result<Secret, Problem> {
        let _permit = self.permits.acquire().await.map_err(Problem::internal)?;
        let (argon, salt, password) = (self.argon.clone(), self.ids.bytes::<16>(), password.to_owned());
        on_own_thread(move || hash(&argon, password.as_bytes(), salt)).await?
    }

    /// Is this the password of one of these hashes, and of which? Takes the time of one comparison even when there
    /// is none.
    pub(crate) async fn find(&self, password: &str, hashes: Vec<Secret>) -> Result<Option<usize>, Problem> {
        let argon = self.argon.clone();
        let hashes = if hashes.is_empty() { vec![self.nobody.clone()] } else { hashes };
        // Nobody can have a longer one.
        let password = if password.chars().count() > MAX_CHARS { String::new() } else { password.to_owned() };
        on_own_thread(move || {
            hashes.iter().position(|stored| {
                PasswordHash::new(stored.expose())
                    .is_ok_and(|stored| argon.verify_password(password.as_bytes(), &stored).is_ok())
            })
        })
        .await
    }

    /// Hold this while looking whether attempts are allowed, comparing, and counting the failure, so that a crowd
    /// of attempts at once cannot slip past the count.
    pub(crate) async fn attempt(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Problem> {
        self.permits.acquire().await.map_err(Problem::internal)
    }
}

async fn on_own_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)
}

fn hash(argon: &Argon2<'_>, password: &[u8], salt: [u8; 16]) -> Result<Secret, Problem> {
    let salt = SaltString::encode_b64(&salt).map_err(Problem::internal)?;
    let hash = argon.hash_password(password, &salt).map_err(Problem::internal)?;
    Ok(Secret::new(hash.to_string()))
}

/// May this be somebody's new password? Long enough, not of one pattern, not among the most common ones, not the
/// person's own name or address.
pub(crate) fn check_new_password(password: &str, about: &[&str]) -> Result<(), Problem> {
    let weak =
        |reason: &str| Err(Problem::new(Code::WeakPassword).param("min", MIN_CHARS).param("reason", reason));
    let length = password.chars().count();
    if length < MIN_CHARS {
        return weak("too_short");
    }
    if length > MAX_CHARS {
        return Err(Problem::invalid("password", "too_long").param("max", MAX_CHARS));
    }
    let plain = loa_kernel::fold_vi(password).replace(' ', "");
    let own =
        about.iter().flat_map(|text| text.split('@')).map(|text| loa_kernel::fold_vi(text).replace(' ', ""));
    let of_own = own.into_iter().any(|word| word.chars().count() >= 4 && stripped(&plain) == stripped(&word));
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 4 || COMMON.contains(&stripped(&plain)) || COMMON.contains(&plain.as_str()) || of_own {
        return weak("too_common");
    }
    Ok(())
}

/// Without the digits and marks that people put around a common word.
fn stripped(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_kernel::{ManualClock, SeededRandom, Timestamp};

    #[test]
    fn weak_passwords_are_refused() {
        for (password, allowed) in [
            ("ngắn", false),
            ("1234567890", false),
            ("aaaaaaaaaaaa", false),
            ("Password123!", false),
            ("matkhau2024", false),
            ("iloveyou!!!!", false),
            ("an.nguyen1234", false),
            ("Nguyễn Văn An 1", false),
            ("nón lá che nắng", true),
            ("tr0ng nhà ngoài ngõ", true),
            ("xk3-99a-pq1", true),
        ] {
            let result = check_new_password(password, &["an.nguyen@example.vn", "Nguyễn Văn An"]);
            assert_eq!(result.is_ok(), allowed, "{password}");
        }
        assert!(check_new_password(&"dài ".repeat(100), &[]).is_err());
    }

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let ids = Ids::new(Arc::new(ManualClock::new(Timestamp(0))), Arc::new(SeededRandom::new(1)));
        let passwords = Passwords::new(PasswordCost::least(), &ids);
        let a = passwords.hash("nón lá che nắng").await.unwrap();
        let b = passwords.hash("nón lá che nắng").await.unwrap();
        assert_ne!(a.expose(), b.expose(), "salted");
        assert!(a.expose().starts_with("$argon2id$"));
        for (password, hashes, found) in [
            ("nón lá che nắng", vec![a.clone()], Some(0)),
            ("nón lá che mưa", vec![a.clone()], None),
            ("nón lá che nắng", vec![], None),
            ("nón lá che nắng", vec![Secret::new("no hash"), b], Some(1)),
            ("", vec![a], None),
        ] {
            assert_eq!(passwords.find(password, hashes).await.unwrap(), found);
        }
    }
}
