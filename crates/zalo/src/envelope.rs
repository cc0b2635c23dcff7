//! `{error, message, data}`: the envelope of nearly every answer (platform reference §1.3). Failures come
//! in it too, normally with HTTP 200.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The envelope. `error` 0 is success; `data` is absent on failure and on write-only calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub struct Envelope<T> {
    /// The payload.
    #[serde(default = "Option::default", skip_serializing_if = "Option::is_none")]
    pub data: Option<T>,
    /// 0, or a code of [`crate::error::TABLE`].
    #[serde(with = "crate::flex::int")]
    pub error: i64,
    /// `Success`, or the platform's text for the code.
    #[serde(default)]
    pub message: String,
}

/// Why a body is not an answer of the platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAnswer {
    /// Not JSON at all: a gateway's page, an empty body. A transport error.
    #[error("the body is not JSON")]
    NotJson,
    /// JSON without `error` and without `data`.
    #[error("the body has no `error` and no `data`")]
    NoEnvelope,
    /// A success whose payload is not what the call promises.
    #[error("unexpected payload: {0}")]
    Payload(String),
}

impl<T> Envelope<T> {
    /// A success with a payload.
    #[must_use]
    pub fn success(data: T) -> Self {
        Self { data: Some(data), error: 0, message: "Success".into() }
    }

    /// A success without payload, as write-only calls answer.
    #[must_use]
    pub fn done() -> Self {
        Self { data: None, error: 0, message: "Success".into() }
    }

    /// A failure.
    #[must_use]
    pub fn failure(code: crate::ErrorCode, message: impl Into<String>) -> Self {
        Self { data: None, error: code.0.into(), message: message.into() }
    }
}

impl<T: DeserializeOwned> Envelope<T> {
    /// Reads an answer from its raw bytes, whatever its content type says.
    ///
    /// The payload is looked at only on success, so that a failure with a strange `data` stays a failure.
    /// A body with `data` but without `error` is a success.
    ///
    /// # Errors
    /// [`NotAnAnswer`]: the caller cannot know what the platform did.
    pub fn parse(raw: &[u8]) -> Result<Self, NotAnAnswer> {
        #[derive(Deserialize)]
        struct Outer<'a> {
            #[serde(default, with = "crate::flex::opt_int")]
            error: Option<i64>,
            #[serde(default, with = "crate::flex::opt_text")]
            message: Option<String>,
            #[serde(default, borrow)]
            data: Option<&'a serde_json::value::RawValue>,
        }
        let outer: Outer<'_> = match serde_json::from_slice(raw) {
            Ok(outer) => outer,
            Err(e) if e.is_data() => return Err(NotAnAnswer::NoEnvelope),
            Err(_) => return Err(NotAnAnswer::NotJson),
        };
        let error = match (outer.error, outer.data) {
            (Some(code), _) => code,
            (None, Some(_)) => 0,
            (None, None) => return Err(NotAnAnswer::NoEnvelope),
        };
        let message = outer.message.unwrap_or_default();
        let data = match outer.data {
            Some(data) if error == 0 => {
                Some(serde_json::from_str(data.get()).map_err(|e| NotAnAnswer::Payload(e.to_string()))?)
            }
            _ => None,
        };
        Ok(Self { data, error, message })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Id {
        #[serde(with = "crate::flex::id")]
        id: String,
    }

    #[test]
    fn bodies() {
        type E = Envelope<Id>;
        let ok = |id: &str| Ok((0, Some(id.to_owned())));
        for (body, want) in [
            (r#"{"data":{"id":"7"},"error":0,"message":"Success"}"#, ok("7")),
            (r#"{"data":{"id":7},"error":"0"}"#, ok("7")),
            (r#"{"data":{"id":"7"}}"#, ok("7")),
            (r#"{"error":0,"message":"Success"}"#, Ok((0, None))),
            (r#"{"error":0,"message":"Success","data":null}"#, Ok((0, None))),
            (r#"{"error":-201,"message":"user_id is invalid!"}"#, Ok((-201, None))),
            (r#"{"error":"-201","message":null,"data":""}"#, Ok((-201, None))),
            (r#"{"error":0,"data":{"x":1}}"#, Err("payload")),
            ("<html>502</html>", Err("json")),
            ("", Err("json")),
            ("{}", Err("envelope")),
            ("[]", Err("envelope")),
            ("5", Err("envelope")),
        ] {
            let got = match E::parse(body.as_bytes()) {
                Ok(e) => Ok((e.error, e.data.map(|d| d.id))),
                Err(NotAnAnswer::NotJson) => Err("json"),
                Err(NotAnAnswer::NoEnvelope) => Err("envelope"),
                Err(NotAnAnswer::Payload(_)) => Err("payload"),
            };
            assert_eq!(got, want, "{body}");
        }
    }

    #[test]
    fn writes_what_the_platform_writes() {
        let text = serde_json::to_string(&Envelope::success(Id { id: "7".into() })).unwrap();
        assert_eq!(text, r#"{"data":{"id":"7"},"error":0,"message":"Success"}"#);
        let text = serde_json::to_string(&Envelope::<Id>::done()).unwrap();
        assert_eq!(text, r#"{"error":0,"message":"Success"}"#);
        let none =
            Envelope::<Id>::failure(crate::ErrorCode::TOKEN_EXPIRED, "access_token is expired or removed");
        let text = serde_json::to_string(&none).unwrap();
        assert_eq!(text, r#"{"error":-220,"message":"access_token is expired or removed"}"#);
    }
}
