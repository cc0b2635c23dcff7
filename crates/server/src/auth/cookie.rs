//! The session's cookie.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const NAME: &str = "loa_session";

/// The cookie of a new or prolonged session.
pub(crate) fn session_cookie(token: &[u8; 32], days: i64, secure: bool) -> HeaderValue {
    value(&URL_SAFE_NO_PAD.encode(token), days * 86_400, secure)
}

/// Takes the cookie away.
pub(crate) fn clear_cookie(secure: bool) -> HeaderValue {
    value("", 0, secure)
}

fn value(token: &str, max_age: i64, secure: bool) -> HeaderValue {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The token that a request carries, when it is one.
pub(super) fn token(headers: &HeaderMap) -> Option<[u8; 32]> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == NAME)
        .find_map(|(_, text)| URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok())
}

/// What is stored of a token. A fast hash is enough: the token is random, so there is nothing to guess.
pub(super) fn token_hash(token: &[u8; 32]) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_comes_back_as_it_was_set() {
        let set = session_cookie(&[7; 32], 14, true);
        let text = set.to_str().unwrap();
        for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=1209600"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!session_cookie(&[7; 32], 14, false).to_str().unwrap().contains("Secure"));
        let pair = text.split(';').next().unwrap();
        for (cookie, found) in [
            (pair.to_owned(), true),
            (format!("theme=dark; {pair}; x=y"), true),
            (format!("loa_session=; {pair}"), true),
            ("loa_session=abc".to_owned(), false),
            ("other=1".to_owned(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            assert_eq!(token(&headers), found.then_some([7; 32]), "{cookie}");
        }
    }
}
