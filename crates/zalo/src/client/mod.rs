//! A typed client of the platform. It never repeats a request by itself, and says of each request exactly
//! what is known about it: see [`Outcome`].

mod calls;
mod outcome;
mod people;
mod send;

pub use outcome::{Answer, Meta, NotSentCause, Outcome, RateHeaders, Rejection, UnknownCause};

use std::fmt;
use std::time::Duration;
use url::Url;

/// Where the platform is. The default is the official one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoints {
    /// Base of the OA calls.
    pub openapi: Url,
    /// Base of the OAuth calls.
    pub oauth: Url,
}

impl Endpoints {
    /// Both on one host, as an emulator has them.
    #[must_use]
    pub fn one_host(base: Url) -> Self {
        Self { openapi: base.clone(), oauth: base }
    }

    /// The official hosts.
    ///
    /// # Panics
    /// Never: the two constants are addresses.
    #[must_use]
    #[allow(clippy::expect_used, reason = "two constants, read in a test")]
    pub fn official() -> Self {
        let parse = |text: &str| Url::parse(text).expect("a constant address");
        Self { openapi: parse(crate::paths::OPENAPI_BASE), oauth: parse(crate::paths::OAUTH_BASE) }
    }
}

impl Default for Endpoints {
    fn default() -> Self {
        Self::official()
    }
}

/// A base address with one of [`crate::paths`] appended; a path in the base stays.
#[must_use]
pub fn endpoint(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    url.set_fragment(None);
    url
}

/// What authorises a call for an OA.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    access_token: String,
    proof: Option<String>,
}

impl Access {
    /// By access token alone.
    #[must_use]
    pub fn new(access_token: impl Into<String>) -> Self {
        Self { access_token: access_token.into(), proof: None }
    }

    /// By access token, with the `appsecret_proof` header that an app may demand.
    #[must_use]
    pub fn with_proof(access_token: impl Into<String>, app_secret: &str) -> Self {
        let access_token = access_token.into();
        let proof = Some(crate::signature::appsecret_proof(app_secret, &access_token));
        Self { access_token, proof }
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access").field("proof", &self.proof.is_some()).finish_non_exhaustive()
    }
}

/// An application, for the token endpoint.
#[derive(Clone, PartialEq, Eq)]
pub struct AppCredentials {
    /// Its id.
    pub app_id: String,
    /// Its secret (not the OA Secret Key of webhooks).
    pub app_secret: String,
}

impl fmt::Debug for AppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppCredentials").field("app_id", &self.app_id).finish_non_exhaustive()
    }
}

/// The client. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ZaloClient {
    http: reqwest::Client,
    endpoints: Endpoints,
    timeout: Duration,
}

impl ZaloClient {
    /// Time after which an answer is given up, unless [`Self::with_timeout`] says otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20);

    /// A client over a connection pool of the caller, best made by [`Self::http_builder`].
    #[must_use]
    pub fn new(http: reqwest::Client, endpoints: Endpoints) -> Self {
        Self { http, endpoints, timeout: Self::DEFAULT_TIMEOUT }
    }

    /// The same client with another time limit, counted from the start of a request to its last byte.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Where this client believes the platform to be.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Builder of a connection pool that keeps the promise "never repeats": no redirects (a 307 would post
    /// the message again elsewhere), no retries, and its own short limit for connecting. Proxies of the
    /// environment are not looked at either. The caller adds TLS settings and, where needed, a proxy.
    pub fn http_builder() -> reqwest::ClientBuilder {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .connect_timeout(Duration::from_secs(5))
    }
}
