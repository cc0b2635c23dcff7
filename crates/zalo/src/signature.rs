//! The two digests of the platform, which are easy to confuse:
//!
//! - the webhook signature (platform reference §16.3) is a plain SHA-256 over a concatenation;
//! - `appsecret_proof` (§2.6) is a real HMAC.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// `SHA-256(app_id + raw_body + timestamp + oa_secret)`.
///
/// `raw_body` must be the bytes as received: a body that was parsed and written again has another digest.
/// `timestamp` is the text of the `timestamp` field inside that body; `oa_secret` is the *OA Secret Key* of
/// the app's webhook page, which is not the app secret.
#[must_use]
pub fn webhook_mac(app_id: &str, raw_body: &[u8], timestamp: &str, oa_secret: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(app_id)
        .chain_update(raw_body)
        .chain_update(timestamp)
        .chain_update(oa_secret)
        .finalize()
        .into()
}

/// Value of the `X-ZEvent-Signature` header: `mac=` and 64 lower-case hex digits.
#[must_use]
pub fn header_value(app_id: &str, raw_body: &[u8], timestamp: &str, oa_secret: &str) -> String {
    format!("mac={}", hex::encode(webhook_mac(app_id, raw_body, timestamp, oa_secret)))
}

/// Whether the header's value signs these bytes. The digests are compared in constant time.
///
/// Accepts the hex without `mac=` too, and upper-case digits, because both exist in the wild.
#[must_use]
pub fn verify(header: &str, app_id: &str, raw_body: &[u8], timestamp: &str, oa_secret: &str) -> bool {
    let header = header.trim();
    let digits = header.strip_prefix("mac=").unwrap_or(header);
    let mut claimed = [0u8; 32];
    if hex::decode_to_slice(digits, &mut claimed).is_err() {
        return false;
    }
    webhook_mac(app_id, raw_body, timestamp, oa_secret).ct_eq(&claimed).into()
}

/// `appsecret_proof` header: lower-case hex of HMAC-SHA256 with the app secret as key and the access token
/// as message.
#[must_use]
pub fn appsecret_proof(app_secret: &str, access_token: &str) -> String {
    // HMAC takes a key of any length, so this cannot fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(app_secret.as_bytes()) else { return String::new() };
    mac.update(access_token.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Whether `proof` is the proof of this token, in constant time.
#[must_use]
pub fn verify_proof(proof: &str, app_secret: &str, access_token: &str) -> bool {
    let want = appsecret_proof(app_secret, access_token);
    want.as_bytes().ct_eq(proof.trim().to_ascii_lowercase().as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"a":1,"timestamp":"5"}"#;
    const MAC: &str = "d1cc045ad5f24a489d9b6255ed0565048e700871455e00d395d91f67c3f4968e";

    #[test]
    fn vectors() {
        assert_eq!(header_value("111", BODY, "5", "s"), format!("mac={MAC}"));
        assert_eq!(
            appsecret_proof("s", "AT-invented"),
            "66afb626b687bac4c07241c01e4fe70748def9c79d88a05d18e256b561322736"
        );
        assert!(verify_proof(&appsecret_proof("s", "AT-invented"), "s", "AT-invented"));
        assert!(!verify_proof(&appsecret_proof("s", "AT-invented"), "s", "AT-other"));
    }

    #[test]
    fn headers() {
        for (header, want) in [
            (format!("mac={MAC}"), true),
            (MAC.to_owned(), true),
            (MAC.to_uppercase(), true),
            (format!(" mac={MAC} "), true),
            (format!("mac={}", &MAC[2..]), false),
            (format!("mac={MAC}00"), false),
            (format!("mac=mac={MAC}"), false),
            (String::new(), false),
            ("mac=".into(), false),
            ("mac=zz".into(), false),
        ] {
            assert_eq!(verify(&header, "111", BODY, "5", "s"), want, "{header}");
        }
        let good = format!("mac={MAC}");
        assert!(!verify(&good, "112", BODY, "5", "s"));
        assert!(!verify(&good, "111", BODY, "6", "s"));
        assert!(!verify(&good, "111", BODY, "5", "t"));
        assert!(!verify(&good, "111", br#"{"a": 1,"timestamp":"5"}"#, "5", "s"), "re-serialised body");
    }
}
