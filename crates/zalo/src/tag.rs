//! Tags on users (platform reference §10): one user a call. A tag lives as long as it is not removed itself.

use serde::{Deserialize, Serialize};

/// Body of the calls that put a tag on a user or take it from them. The documentation writes the id as a number, the
/// official SDKs as a text; both are read, a text is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagUser {
    /// The user.
    #[serde(with = "crate::flex::id")]
    pub user_id: String,
    /// The tag by name; one that is new is made.
    #[serde(default)]
    pub tag_name: String,
}

/// Body of the call that removes a tag, from everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagName {
    /// The tag by name.
    #[serde(default)]
    pub tag_name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_keep_their_digits() {
        let ask = TagUser { user_id: "2468458835296197922".into(), tag_name: "Khách VIP".into() };
        let json = serde_json::to_value(&ask).unwrap();
        assert_eq!(json, serde_json::json!({ "user_id": "2468458835296197922", "tag_name": "Khách VIP" }));
        let bare = r#"{"user_id": 2468458835296197922, "tag_name": "Khách VIP"}"#;
        assert_eq!(serde_json::from_str::<TagUser>(bare).unwrap(), ask);
    }
}
