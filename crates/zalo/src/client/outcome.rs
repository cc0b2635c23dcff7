//! What is known about a request.

use crate::error::{ErrorCode, RateScope, RetryClass};
use std::fmt;

/// What became of a request. `R` is the form of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T, R = Rejection> {
    /// The platform did it.
    Accepted(T),
    /// The platform refused; nothing happened.
    Rejected(R),
    /// The request surely never reached the platform: it may be repeated.
    NotSent(NotSentCause),
    /// Nobody knows: it must be reconciled (echo, history) before it may be repeated.
    Unknown(UnknownCause),
}

impl<T, R> Outcome<T, R> {
    /// The payload, when accepted.
    pub fn accepted(self) -> Option<T> {
        match self {
            Self::Accepted(value) => Some(value),
            _ => None,
        }
    }

    /// The same outcome with another payload.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U, R> {
        match self {
            Self::Accepted(value) => Outcome::Accepted(f(value)),
            Self::Rejected(refusal) => Outcome::Rejected(refusal),
            Self::NotSent(cause) => Outcome::NotSent(cause),
            Self::Unknown(cause) => Outcome::Unknown(cause),
        }
    }
}

/// A refusal of the platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Rejection {
    /// The code.
    pub code: ErrorCode,
    /// The platform's text.
    pub message: String,
    /// Usually 200.
    pub http_status: u16,
}

impl Rejection {
    /// What may help.
    #[must_use]
    pub fn retry(&self) -> RetryClass {
        self.code.retry_for(&self.message)
    }

    /// Which bucket is full, for -32.
    #[must_use]
    pub fn rate_scope(&self) -> Option<RateScope> {
        self.code.rate_scope(&self.message)
    }
}

/// Why a request never left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSentCause {
    /// No connection: refused, no route, no such name, no TLS, or too slow to connect.
    Connect(String),
    /// The request could not be built, such as a token with a line break.
    Invalid(String),
}

/// Why nobody knows what became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnknownCause {
    /// No answer in time.
    Timeout,
    /// The connection broke before the answer was complete.
    Interrupted(String),
    /// A server error (5xx) of the platform or a gateway before it.
    ServerError(u16),
    /// An answer that is not the platform's: a page, an empty body.
    NotJson(u16),
    /// JSON, but not what the call promises.
    BadAnswer(String),
}

impl fmt::Display for NotSentCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(why) => write!(f, "no connection: {why}"),
            Self::Invalid(why) => write!(f, "invalid request: {why}"),
        }
    }
}

impl fmt::Display for UnknownCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::Interrupted(why) => write!(f, "connection broke: {why}"),
            Self::ServerError(status) => write!(f, "server error {status}"),
            Self::NotJson(status) => write!(f, "answer {status} is not JSON"),
            Self::BadAnswer(why) => write!(f, "unexpected answer: {why}"),
        }
    }
}

/// An outcome and what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T, R = Rejection> {
    /// What became of the request.
    pub outcome: Outcome<T, R>,
    /// What came with it.
    pub meta: Meta,
}

/// What comes with an answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meta {
    /// HTTP status, when there was an answer at all.
    pub http_status: Option<u16>,
    /// Rate headers (platform reference §18).
    pub rate: RateHeaders,
}

/// Rate headers of an answer; the window is one minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// Requests allowed per minute.
    pub limit: Option<u32>,
    /// Requests that remain in this minute.
    pub remain: Option<u32>,
}
