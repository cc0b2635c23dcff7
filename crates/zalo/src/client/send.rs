//! One request: how it goes out, and how what comes back is judged.

use super::outcome::{Answer, Meta, NotSentCause, Outcome, RateHeaders, Rejection, UnknownCause};
use super::{Access, ZaloClient};
use crate::envelope::{Envelope, NotAnAnswer};
use crate::error::ErrorCode;
use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

/// More than any documented answer; a longer one is not the platform's.
const BODY_LIMIT: usize = 4 << 20;

/// A complete HTTP answer.
pub(super) struct Reply {
    pub status: u16,
    pub body: Bytes,
}

/// What became of the exchange, before the body is looked at.
pub(super) enum Exchange {
    Reply(Reply),
    NotSent(NotSentCause),
    Unknown(UnknownCause),
}

impl ZaloClient {
    pub(super) async fn exchange(&self, request: reqwest::RequestBuilder) -> (Exchange, Meta) {
        let request = match request.timeout(self.timeout).build() {
            Ok(request) => request,
            Err(e) => return (Exchange::NotSent(NotSentCause::Invalid(text(e))), Meta::default()),
        };
        // Only the path: queries hold ids of people, headers hold tokens.
        let path = request.url().path().to_owned();
        let mut response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(e) => {
                let timeout = e.is_timeout();
                tracing::debug!(path, timeout, "no answer of the platform");
                return (failed(e), Meta::default());
            }
        };
        let status = response.status().as_u16();
        tracing::debug!(path, status, "answer of the platform");
        let meta = Meta { http_status: Some(status), rate: rate(response.headers()) };
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_LIMIT => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    let cause = UnknownCause::BadAnswer("the answer is too long".into());
                    return (Exchange::Unknown(cause), meta);
                }
                Ok(None) => break,
                // The request has been written: whatever breaks now, it may have been processed.
                Err(e) if e.is_timeout() => return (Exchange::Unknown(UnknownCause::Timeout), meta),
                Err(e) => return (Exchange::Unknown(UnknownCause::Interrupted(text(e))), meta),
            }
        }
        (Exchange::Reply(Reply { status, body: body.freeze() }), meta)
    }

    /// Sends a call of an OA; the answer must have a payload.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        access: &Access,
        request: reqwest::RequestBuilder,
    ) -> Answer<T> {
        let answer = self.call_optional(access, request).await;
        let outcome = match answer.outcome {
            Outcome::Accepted(Some(value)) => Outcome::Accepted(value),
            Outcome::Accepted(None) => Outcome::Unknown(UnknownCause::BadAnswer("no data".into())),
            Outcome::Rejected(refusal) => Outcome::Rejected(refusal),
            Outcome::NotSent(cause) => Outcome::NotSent(cause),
            Outcome::Unknown(cause) => Outcome::Unknown(cause),
        };
        Answer { outcome, meta: answer.meta }
    }

    /// Sends a call of an OA whose answer may have no payload.
    pub(super) async fn call_optional<T: DeserializeOwned>(
        &self,
        access: &Access,
        request: reqwest::RequestBuilder,
    ) -> Answer<Option<T>> {
        let request = match authorise(access) {
            Ok(headers) => request.headers(headers),
            Err(cause) => return Answer { outcome: Outcome::NotSent(cause), meta: Meta::default() },
        };
        let (exchange, meta) = self.exchange(request).await;
        let outcome = match exchange {
            Exchange::Reply(reply) => judge(&reply),
            Exchange::NotSent(cause) => Outcome::NotSent(cause),
            Exchange::Unknown(cause) => Outcome::Unknown(cause),
        };
        Answer { outcome, meta }
    }
}

/// A header value that never shows in logs.
pub(super) fn secret(value: &str) -> Result<HeaderValue, NotSentCause> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| NotSentCause::Invalid("a token or secret holds characters no header may hold".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn authorise(access: &Access) -> Result<HeaderMap, NotSentCause> {
    let mut headers = HeaderMap::new();
    headers.insert(crate::paths::ACCESS_TOKEN, secret(&access.access_token)?);
    if let Some(proof) = &access.proof {
        headers.insert(crate::paths::APPSECRET_PROOF, secret(proof)?);
    }
    Ok(headers)
}

/// Judges a complete answer of an OA call.
///
/// - 5xx: unknown, even with an envelope: a gateway may have written it after the platform worked.
/// - An envelope with a code: rejected, whatever the other status.
/// - 429 without an envelope: the rate limit. A server that counts requests has not processed this one.
/// - Any other answer that is no success envelope under 2xx: unknown.
fn judge<T: DeserializeOwned>(reply: &Reply) -> Outcome<Option<T>> {
    if reply.status >= 500 {
        return Outcome::Unknown(UnknownCause::ServerError(reply.status));
    }
    match Envelope::<T>::parse(&reply.body) {
        Ok(envelope) if envelope.error != 0 => Outcome::Rejected(Rejection {
            code: ErrorCode(i32::try_from(envelope.error).unwrap_or(i32::MIN)),
            message: envelope.message,
            http_status: reply.status,
        }),
        Ok(envelope) if reply.status < 300 => Outcome::Accepted(envelope.data),
        Ok(_) => Outcome::Unknown(UnknownCause::BadAnswer(format!("success with status {}", reply.status))),
        Err(NotAnAnswer::NotJson | NotAnAnswer::NoEnvelope) if reply.status == 429 => {
            Outcome::Rejected(Rejection {
                code: ErrorCode::RATE_LIMIT,
                message: "HTTP 429".into(),
                http_status: reply.status,
            })
        }
        Err(problem) => Outcome::Unknown(unreadable(problem, reply.status)),
    }
}

pub(super) fn unreadable(problem: NotAnAnswer, status: u16) -> UnknownCause {
    match problem {
        NotAnAnswer::NotJson => UnknownCause::NotJson(status),
        other => UnknownCause::BadAnswer(other.to_string()),
    }
}

fn failed(e: reqwest::Error) -> Exchange {
    // The order matters: a connection that was too slow is both a time-out and a failed connection, and
    // nothing was written on it.
    if e.is_connect() {
        Exchange::NotSent(NotSentCause::Connect(text(e)))
    } else if e.is_builder() {
        Exchange::NotSent(NotSentCause::Invalid(text(e)))
    } else if e.is_timeout() {
        Exchange::Unknown(UnknownCause::Timeout)
    } else {
        Exchange::Unknown(UnknownCause::Interrupted(text(e)))
    }
}

/// The error with its causes, without the address: queries hold ids of people.
fn text(e: reqwest::Error) -> String {
    let e = e.without_url();
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(&e);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

fn rate(headers: &HeaderMap) -> RateHeaders {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
    RateHeaders { limit: number(crate::paths::RATE_LIMIT), remain: number(crate::paths::RATE_REMAIN) }
}
