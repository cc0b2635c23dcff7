//! The header of an event, without the rest: what an endpoint needs before it may trust the body.

use super::ParseError;
use super::body::Party;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Header of an event. Nothing in it is to be trusted before the signature is checked; it tells which
/// secret to check with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peek {
    /// The application.
    pub app_id: Option<String>,
    /// What happened.
    pub event_name: String,
    /// The text of `timestamp` as the signature uses it; empty when absent.
    pub timestamp: String,
    /// From whom.
    pub sender: Option<String>,
    /// To whom.
    pub recipient: Option<String>,
    /// The OA, for flat events.
    pub oa_id: Option<String>,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(default, borrow)]
    app_id: Option<&'a RawValue>,
    #[serde(default, borrow)]
    event_name: Option<&'a RawValue>,
    #[serde(default, borrow)]
    timestamp: Option<&'a RawValue>,
    #[serde(default, borrow)]
    sender: Option<&'a RawValue>,
    #[serde(default, borrow)]
    recipient: Option<&'a RawValue>,
    #[serde(default, borrow)]
    oa_id: Option<&'a RawValue>,
}

/// A string's content, or a number's text exactly as it stands: the signature covers that text.
fn scalar(raw: Option<&RawValue>) -> Option<String> {
    let text = raw?.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str::<String>(text).ok().filter(|v| !v.is_empty()),
        b'-' | b'0'..=b'9' => Some(text.to_owned()),
        _ => None,
    }
}

fn party(raw: Option<&RawValue>) -> Option<String> {
    serde_json::from_str::<Party>(raw?.get()).ok()?.id
}

impl Peek {
    /// Reads the header.
    ///
    /// # Errors
    /// [`ParseError`] when the body is not a JSON object or names no event.
    pub fn parse(raw: &[u8]) -> Result<Self, ParseError> {
        // Derived readers take an array for an object; a webhook is always an object.
        if raw.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[') {
            return Err(ParseError::NotAnObject);
        }
        let wire: Wire<'_> = serde_json::from_slice(raw).map_err(|e| {
            if e.is_data() { ParseError::NotAnObject } else { ParseError::NotJson(e.to_string()) }
        })?;
        Ok(Self {
            app_id: scalar(wire.app_id),
            event_name: scalar(wire.event_name).ok_or(ParseError::NoEventName)?,
            timestamp: scalar(wire.timestamp).unwrap_or_default(),
            sender: party(wire.sender),
            recipient: party(wire.recipient),
            oa_id: scalar(wire.oa_id),
        })
    }

    /// The OA of this event: the first of flat id, recipient and sender that `known` recognises.
    pub fn oa(&self, known: impl Fn(&str) -> bool) -> Option<&str> {
        [&self.oa_id, &self.recipient, &self.sender]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .find(|id| known(id))
    }
}
