//! The calls of tags (platform reference §10).

use serde_json::Value;

use super::outcome::Answer;
use super::{Access, ZaloClient, endpoint};
use crate::paths;
use crate::tag::TagRequest;

impl ZaloClient {
    /// Puts a tag on a user, or takes it off. May be repeated.
    pub async fn tag(&self, access: &Access, request: &TagRequest, on: bool) -> Answer<Option<Value>> {
        let path = if on { paths::TAG_ADD } else { paths::TAG_REMOVE };
        let url = endpoint(&self.endpoints.openapi, path);
        self.call_optional(access, self.http.post(url).json(request)).await
    }
}
