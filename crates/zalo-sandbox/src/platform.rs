//! Figures of the platform that are not messaging rules. They are data (`platform.toml`), so that a changed
//! figure is a changed line of data, with its section of the platform reference beside it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// All of them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platform {
    pub oauth: OAuth,
    pub webhook: Webhook,
    pub pages: Pages,
    pub fields: Fields,
    /// Names by code.
    pub provinces: BTreeMap<String, String>,
    pub reactions: Reactions,
    pub promotion: Promotion,
}

/// Lifetimes and error numbers of OAuth (platform reference §2.5, §2.7).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OAuth {
    pub code_seconds: i64,
    pub access_seconds: i64,
    pub refresh_months: i32,
    pub invalid_app: i64,
    pub invalid_redirect: i64,
    pub invalid_code: i64,
    pub invalid_secret: i64,
    pub invalid_verifier: i64,
    pub invalid_refresh: i64,
    pub ref_doc: String,
}

/// Delivery of events (platform reference §16.2).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub timeout_ms: u64,
    pub ladder_seconds: Vec<i64>,
}

/// Fields of an OA's own (platform reference §9.3); the rest of their limits stands in the rule book of people.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fields {
    pub too_many: i32,
    pub key_max: usize,
}

/// Sizes of pages (platform reference §11).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    pub history_max: i64,
}

/// Reactions (platform reference §4.1).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reactions {
    pub icons: Vec<String>,
    pub remove: String,
}

/// Promotion counters of a user (platform reference §7.3).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    pub daily: i64,
    pub monthly: i64,
}

static PLATFORM: LazyLock<Platform> = LazyLock::new(|| {
    // The text is part of the program and a test reads it, so this cannot fail in the field.
    #[allow(clippy::expect_used)]
    toml::from_str(include_str!("../platform.toml")).expect("platform.toml is sound")
});

/// The platform's figures.
pub fn platform() -> &'static Platform {
    &PLATFORM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_sound() {
        let p = platform();
        assert_eq!(p.webhook.ladder_seconds.len(), 5);
        assert!(p.reactions.icons.contains(&p.reactions.remove));
        assert_eq!(p.provinces.len(), 34);
        assert!(p.provinces.keys().all(|code| code.len() == 2), "codes keep their zero");
    }
}
