//! The closed table of everything that can be refused.
//!
//! A problem travels as a code with parameters; the reader's client makes the text from its catalogue, so
//! that it is in the reader's language. `detail` is for operators and never shown to agents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($variant:ident = $text:literal, $status:literal, $doc:literal;)*) => {
        /// A stable error code. The texts stand in the web app's `errors` catalogue under the same key.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Code { $(#[doc = $doc] $variant),* }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// The HTTP status it is answered with.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// What it means and what to do, for the documentation.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }
        }
    };
}

codes! {
    // What was sent to us is wrong.
    MalformedBody = "malformed_body", 400, "The body is not the JSON this call expects. `at` names the place.";
    InvalidField = "invalid_field", 422, "A field has a value that is not allowed. `field` names it, `reason` says why.";
    BadCursor = "bad_cursor", 400, "The cursor was not made by this list. Start again without one.";
    BodyTooLarge = "body_too_large", 413, "The body is larger than `max_bytes`. Send less at once.";
    UnsupportedMedia = "unsupported_media", 415, "The content type is not understood. Send `expected`.";
    NotFound = "not_found", 404, "There is nothing here that you may see. `object` names what was looked for.";
    Conflict = "conflict", 409, "The thing changed or exists already. `reason` says which; read it again.";

    // Who asks.
    NotSignedIn = "not_signed_in", 401, "Sign in first.";
    WrongCredentials = "wrong_credentials", 401, "E-mail or password is wrong.";
    TooManyAttempts = "too_many_attempts", 429, "Too many failed sign-ins. Wait until `retry_at`.";
    Forbidden = "forbidden", 403, "Your role does not allow `action` on `object`. Ask an administrator.";
    CrossSite = "cross_site", 403, "The request came from another site. Use the app itself.";
    WeakPassword = "weak_password", 422, "The password is too short or too common. Use at least `min` characters.";
    SetupDone = "setup_done", 409, "The first member exists already. Sign in.";
    PackageRequired = "package_required", 409, "No connected account's package allows `capability`. Change the package, or say in the table of packages that it does.";
    LastAdmin = "last_admin", 409, "The last administrator cannot be removed or demoted. Name another first.";

    // Webhooks.
    BadSignature = "bad_signature", 401, "The signature does not fit the body. Check the OA secret key.";
    StaleEvent = "stale_event", 401, "The event is older than any redelivery. Check the clock of both sides.";
    UnknownApp = "unknown_app", 404, "No application with this id is set up here.";
    UnknownChannel = "unknown_channel", 404, "No connected account with this id. Connect it first.";

    // Writing a message.
    EmptyMessage = "empty_message", 422, "The message has neither text nor an attachment.";
    TextTooLong = "text_too_long", 422, "The text has `length` characters; the platform takes `max`. Split it.";
    FileTooLarge = "file_too_large", 422, "The file has `size` bytes; the platform takes `max` for this kind.";
    UnsupportedFile = "unsupported_file", 422, "The platform does not take this type of file. Allowed: `allowed`.";
    TooManyAttachments = "too_many_attachments", 422, "The platform takes `max` attachment a message.";
    SendNotAllowed = "send_not_allowed", 409, "The rules do not allow this message now. `decision` says why and when next.";
    ThreadMoved = "thread_moved", 409, "Something new arrived in the thread. Read it, then send again.";

    // The platform.
    ChannelDisconnected = "channel_disconnected", 409, "The account must be connected again by an administrator.";
    ConnectFailed = "connect_failed", 409, "The platform did not accept the connection. `platform_code` and `platform_message` say why.";
    StateExpired = "state_expired", 409, "The connection was started too long ago or elsewhere. Start it again.";
    PlatformRefused = "platform_refused", 409, "The platform refused with `platform_code`: `platform_message`.";
    PlatformUnavailable = "platform_unavailable", 503, "The platform cannot be reached. What you wrote is kept and goes out by itself.";

    // Us.
    TooOld = "too_old", 410, "The sequence is older than what is kept. Read everything again.";
    Overloaded = "overloaded", 503, "Too much at once. Try again after `retry_after` seconds.";
    Internal = "internal", 500, "A fault of ours. The operator finds it in the log under `reference`.";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that was refused or went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[error("{code}{}", detail.as_deref().map(|d| format!(": {d}")).unwrap_or_default())]
pub struct Problem {
    /// Which one.
    pub code: Code,
    /// What the text needs: names, limits, instants. Never secrets, never personal data of others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, serde_json::Value>))]
    pub params: BTreeMap<String, serde_json::Value>,
    /// For operators: what happened inside. Logged, never sent.
    #[serde(skip)]
    pub detail: Option<String>,
}

impl Problem {
    /// A problem without parameters.
    pub fn new(code: Code) -> Self {
        Self { code, params: BTreeMap::new(), detail: None }
    }

    /// The same with one more parameter.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// The same with a detail for operators.
    #[must_use]
    pub fn detail(mut self, detail: impl std::fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// A field with a value that is not allowed; `reason` is a short stable word.
    pub fn invalid(field: &str, reason: &str) -> Self {
        Self::new(Code::InvalidField).param("field", field).param("reason", reason)
    }

    /// Nothing there that the actor may see.
    pub fn not_found(object: &str) -> Self {
        Self::new(Code::NotFound).param("object", object)
    }

    /// A fault of ours; the detail goes to the log.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal).detail(detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_closed_and_consistent() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{code} stands twice");
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert!((400..=599).contains(&code.status()), "{code}");
            assert!(code.doc().ends_with('.'), "{code}: the documentation line is a sentence");
        }
    }

    #[test]
    fn detail_stays_inside() {
        let p = Problem::internal("password=hunter2");
        assert!(!serde_json::to_string(&p).unwrap().contains("hunter2"));
        assert!(p.to_string().contains("hunter2"));
    }
}
