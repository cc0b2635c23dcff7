//! Tags of users (platform reference §10): by name, one user a call. Both calls may be repeated: what is so stays so.

use serde::{Deserialize, Serialize};

/// A tag and a user, for both calls. Putting one on makes it when it is new.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagRequest {
    /// The user. The documentation shows a bare number; the platform takes text too, which keeps all digits.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// The tag's name.
    pub tag_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_digits() {
        let ask = TagRequest { user_id: "2468458835296197922".into(), tag_name: "Khách VIP".into() };
        let json = serde_json::to_value(&ask).unwrap();
        assert_eq!(json, serde_json::json!({ "user_id": "2468458835296197922", "tag_name": "Khách VIP" }));
        let bare = r#"{"user_id": 2468458835296197922, "tag_name": "Khách VIP"}"#;
        assert_eq!(serde_json::from_str::<TagRequest>(bare).unwrap(), ask);
    }
}
