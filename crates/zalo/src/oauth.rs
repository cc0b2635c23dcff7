//! OAuth v4: how an app is allowed to act for an OA (platform reference §2).
//!
//! Access tokens live 25 hours. Refresh tokens live three months and work **once**: whoever refreshes must
//! hold a lock, and store the new pair before using it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use url::Url;

/// A PKCE pair. The challenge goes with the consent address, the verifier with the code exchange.
#[derive(Clone, PartialEq, Eq)]
pub struct Pkce {
    /// 43 URL-safe characters. A secret until it is used.
    pub verifier: String,
    /// URL-safe base64 of the verifier's SHA-256.
    pub challenge: String,
}

impl Pkce {
    /// Makes the pair from 32 bytes of a cryptographic random source.
    #[must_use]
    pub fn from_random_bytes(bytes: [u8; 32]) -> Self {
        let verifier = URL_SAFE_NO_PAD.encode(bytes);
        Self { challenge: challenge_of(&verifier), verifier }
    }
}

impl fmt::Debug for Pkce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkce").field("challenge", &self.challenge).finish_non_exhaustive()
    }
}

/// The challenge that belongs to a verifier (the digest's bytes, not its hex text).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

/// Address of the consent page. `base` is the OAuth host; `redirect_uri` must equal the callback stored in
/// the developer console, or the platform answers -14003.
#[must_use]
pub fn permission_url(
    base: &Url,
    app_id: &str,
    redirect_uri: &str,
    challenge: Option<&str>,
    state: Option<&str>,
) -> Url {
    let mut url = crate::client::endpoint(base, crate::paths::PERMISSION);
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("app_id", app_id).append_pair("redirect_uri", redirect_uri);
        if let Some(challenge) = challenge {
            query.append_pair("code_challenge", challenge);
        }
        if let Some(state) = state {
            query.append_pair("state", state);
        }
    }
    url
}

/// Query of the consent page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionQuery {
    /// The application.
    #[serde(with = "crate::flex::id")]
    pub app_id: String,
    /// Where the browser goes afterwards.
    pub redirect_uri: String,
    /// PKCE challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
    /// Given back unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

/// Query with which the browser comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Authorisation code: 10 minutes, once.
    pub code: String,
    /// The OA that consented.
    #[serde(with = "crate::flex::id")]
    pub oa_id: String,
    /// The state that was sent along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Some helpers look for it; optional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("oa_id", &self.oa_id).finish_non_exhaustive()
    }
}

/// Form of the token endpoint, for both grants. The app secret travels in the `secret_key` header.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    pub grant_type: String,
    /// The application.
    #[serde(with = "crate::flex::id")]
    pub app_id: String,
    /// The code, for the first grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The PKCE verifier, when a challenge was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_verifier: Option<String>,
    /// The refresh token, for the second grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

impl TokenRequest {
    /// Grant type of a code exchange.
    pub const AUTHORIZATION_CODE: &'static str = "authorization_code";
    /// Grant type of a refresh.
    pub const REFRESH_TOKEN: &'static str = "refresh_token";

    /// Exchange of an authorisation code.
    #[must_use]
    pub fn exchange(app_id: &str, code: &str, verifier: Option<&str>) -> Self {
        Self {
            grant_type: Self::AUTHORIZATION_CODE.into(),
            app_id: app_id.into(),
            code: Some(code.into()),
            code_verifier: verifier.map(Into::into),
            refresh_token: None,
        }
    }

    /// Use of a refresh token.
    #[must_use]
    pub fn refresh(app_id: &str, refresh_token: &str) -> Self {
        Self {
            grant_type: Self::REFRESH_TOKEN.into(),
            app_id: app_id.into(),
            code: None,
            code_verifier: None,
            refresh_token: Some(refresh_token.into()),
        }
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRequest")
            .field("grant_type", &self.grant_type)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

/// A token pair. Not wrapped in the envelope.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// For the `access_token` header.
    pub access_token: String,
    /// For exactly one refresh.
    pub refresh_token: String,
    /// Life of the access token in seconds; the platform writes a string.
    #[serde(with = "crate::flex::int_text")]
    pub expires_in: i64,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenResponse").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// Refusal of the token endpoint (platform reference §2.7). Some refusals carry a name and no number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuthError {
    /// The number, in the -14xxx scale; sometimes absent.
    #[serde(default, with = "crate::flex::opt_int", skip_serializing_if = "Option::is_none")]
    pub error: Option<i64>,
    /// Short English text.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub error_name: Option<String>,
    /// Longer text, often empty.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub error_reason: Option<String>,
    /// Longer text, often empty.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// Link to the documentation.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub ref_doc: Option<String>,
    /// Text of the ordinary envelope, in case the endpoint answers with that.
    #[serde(default, with = "crate::flex::opt_text", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl OAuthError {
    /// The app is not active and the visitor is not its administrator.
    pub const INVALID_APP: i64 = -14002;
    /// The callback is not the stored one.
    pub const INVALID_REDIRECT: i64 = -14003;
    /// A used, expired or unknown refresh token. **Unsure**: the platform's number was never confirmed; an
    /// emulator has to send some number, a client must not rely on it.
    pub const INVALID_REFRESH_TOKEN: i64 = -14014;

    /// A refusal with number and name, as the platform writes it.
    #[must_use]
    pub fn new(error: i64, name: &str) -> Self {
        Self {
            error: Some(error),
            error_name: Some(name.into()),
            error_reason: Some(String::new()),
            error_description: Some(String::new()),
            ref_doc: Some("https://developers.zalo.me/docs/official-account".into()),
            message: None,
        }
    }

    /// The most telling text there is.
    #[must_use]
    pub fn text(&self) -> &str {
        [&self.error_name, &self.error_reason, &self.error_description, &self.message]
            .into_iter()
            .flatten()
            .find(|text| !text.is_empty())
            .map_or("", String::as_str)
    }
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error {
            Some(code) => write!(f, "{code} {}", self.text()),
            None => f.write_str(self.text()),
        }
    }
}

/// Reads an answer of the token endpoint: without `access_token` it is a refusal, whatever else it says.
///
/// # Errors
/// [`crate::envelope::NotAnAnswer`] when the body is not a JSON object, is an object that neither grants nor
/// explains, or grants without a refresh token or lifetime. The caller cannot know what happened then.
pub fn parse_token_answer(
    raw: &[u8],
) -> Result<Result<TokenResponse, OAuthError>, crate::envelope::NotAnAnswer> {
    use crate::envelope::NotAnAnswer;
    let object: serde_json::Map<String, serde_json::Value> = match serde_json::from_slice(raw) {
        Ok(object) => object,
        Err(e) if e.is_data() => return Err(NotAnAnswer::NoEnvelope),
        Err(_) => return Err(NotAnAnswer::NotJson),
    };
    let granted = object.get("access_token").and_then(|v| v.as_str()).is_some_and(|v| !v.is_empty());
    let value = serde_json::Value::Object(object);
    if granted {
        return serde_json::from_value(value).map(Ok).map_err(|e| NotAnAnswer::Payload(e.to_string()));
    }
    let refusal: OAuthError = serde_json::from_value(value).unwrap_or_default();
    if refusal.error.is_none() && refusal.text().is_empty() {
        return Err(NotAnAnswer::NoEnvelope);
    }
    Ok(Err(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pkce_vector() {
        let bytes = URL_SAFE_NO_PAD.decode("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").unwrap();
        let pair = Pkce::from_random_bytes(bytes.try_into().unwrap());
        assert_eq!(pair.verifier, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(pair.challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(!format!("{pair:?}").contains(&pair.verifier));
    }

    #[test]
    fn consent_address() {
        let base = Url::parse(crate::paths::OAUTH_BASE).unwrap();
        let url = permission_url(&base, "222", "https://loa.example/cb?a=1", Some("CH"), Some("s t"));
        assert_eq!(
            url.as_str(),
            "https://oauth.zaloapp.com/v4/oa/permission?app_id=222&redirect_uri=https%3A%2F%2Floa.example%2Fcb%3Fa%3D1&code_challenge=CH&state=s+t"
        );
    }

    #[test]
    fn token_answers() {
        let granted = |body: &str| parse_token_answer(body.as_bytes());
        for body in [
            r#"{"access_token":"AT","refresh_token":"RT","expires_in":"90000"}"#,
            r#"{"access_token":"AT","refresh_token":"RT","expires_in":90000,"more":1}"#,
        ] {
            assert_eq!(granted(body).unwrap().unwrap().expires_in, 90_000, "{body}");
        }
        for (body, code, text) in [
            (
                r#"{"error":-14003,"error_name":"Invalid redirect uri","error_reason":""}"#,
                Some(-14003),
                "Invalid redirect uri",
            ),
            (r#"{"error_name":"Invalid refresh token"}"#, None, "Invalid refresh token"),
            (r#"{"access_token":"","error":"-14014"}"#, Some(-14014), ""),
            (r#"{"access_token":null,"error":-1,"message":"x"}"#, Some(-1), "x"),
        ] {
            let refusal = granted(body).unwrap().unwrap_err();
            assert_eq!((refusal.error, refusal.text()), (code, text), "{body}");
        }
        for body in ["", "<html>", "[]", "{}", r#"{"access_token":"AT"}"#] {
            assert!(granted(body).is_err(), "{body}");
        }
    }
}
