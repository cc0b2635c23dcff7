//! Signing in, with a delay after failures.

use loa_kernel::{Code, Ids, Problem, SessionId, Timestamp};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::sessions::{self, Session};
use loa_store::sign_in as failures;
use loa_store::{Secret, Store, Tx};

use super::{ClientAddress, Passwords, cookie, throttle};

/// The longest browser name that is kept, in characters.
const MAX_AGENT_CHARS: usize = 300;

/// Signs members in.
#[derive(Clone)]
pub(crate) struct SignIn {
    store: Store,
    ids: Ids,
    passwords: Passwords,
}

/// A session that was just made. The token goes into the cookie and nowhere else.
pub(crate) struct SignedInNow {
    /// Who.
    pub member: Member,
    /// The cookie's content.
    pub token: [u8; 32],
}

impl SignIn {
    pub fn new(store: Store, ids: Ids, passwords: Passwords) -> Self {
        Self { store, ids, passwords }
    }

    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }

    /// The member with this e-mail and password. A disabled member is told the same as a stranger.
    pub async fn check(&self, email: &str, password: &str, from: &ClientAddress) -> Result<Member, Problem> {
        self.attempt(&[failures::email_key(email), failures::ip_key(&from.text())], async {
            let found = members::find_by_email(self.store.reader(), email).await?;
            let (people, hashes): (Vec<Member>, Vec<Secret>) =
                found.into_iter().filter(|(m, _)| m.status == MemberStatus::Active).unzip();
            let fits = self.passwords.find(password, hashes).await?;
            Ok(fits.and_then(|i| people.into_iter().nth(i)))
        })
        .await
    }

    /// Is this the password of a member who is already signed in? Failures count like failed sign-ins.
    pub async fn confirm(&self, member: &Member, password: &str) -> Result<(), Problem> {
        self.attempt(&[failures::email_key(&member.email)], async {
            let hash = members::password_hash(self.store.reader(), member.workspace, member.id).await?;
            let fits = self.passwords.find(password, hash.into_iter().collect()).await?;
            Ok(fits.map(|_| ()))
        })
        .await
    }

    /// Run one attempt under the keys' delays; the first key is the e-mail's, further ones are addresses.
    async fn attempt<T>(
        &self,
        keys: &[String],
        attempt: impl Future<Output = Result<Option<T>, Problem>>,
    ) -> Result<T, Problem> {
        let _permit = self.passwords.attempt().await?;
        let now = self.now();
        for key in keys {
            let counted = failures::get(self.store.reader(), key).await?;
            if let Some(until) = counted.and_then(|f| f.blocked_until).filter(|until| *until > now) {
                return Err(too_many(until, now));
            }
        }
        let result = attempt.await?;
        let tx = self.store.begin().await?;
        let Some(found) = result else {
            for (i, key) in keys.iter().enumerate() {
                let count = failures::record(&tx, key, now, now.plus_ms(-throttle::FORGET_MS)).await?;
                let free = if i == 0 { throttle::EMAIL_FREE } else { throttle::ADDRESS_FREE };
                if let Some(until) = throttle::blocked_until(count, free, now) {
                    failures::block(&tx, key, until).await?;
                }
            }
            tx.commit().await?;
            return Err(Problem::new(Code::WrongCredentials));
        };
        // Only the e-mail's count: one good account must not wipe out what an address did to others.
        failures::clear(&tx, &keys[0]).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Make a session for a member, in the caller's transaction.
    pub async fn open(
        &self,
        tx: &Tx,
        member: &Member,
        days: i64,
        user_agent: Option<&str>,
        from: &ClientAddress,
    ) -> Result<SignedInNow, Problem> {
        let now = self.now();
        let token = self.ids.bytes::<32>();
        let session = Session {
            workspace: member.workspace,
            id: self.ids.next::<SessionId>(),
            member: member.id,
            created_at: now,
            expires_at: now.plus_days(days),
            last_seen_at: now,
            user_agent: user_agent.map(|agent| loa_kernel::clip(agent, MAX_AGENT_CHARS)),
            ip: from.ip.map(|ip| ip.to_string()),
        };
        sessions::create(tx, &session, cookie::token_hash(&token)).await?;
        Ok(SignedInNow { member: member.clone(), token })
    }
}

fn too_many(until: Timestamp, now: Timestamp) -> Problem {
    Problem::new(Code::TooManyAttempts)
        .param("retry_at", until.as_ms())
        .param("retry_after", (until.since(now) + 999) / 1000)
}
