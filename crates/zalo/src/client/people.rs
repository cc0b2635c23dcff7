//! Calls about users: lists, details, fields of the OA's own, tags (platform reference §8 to §10). Writes say what shall
//! be, so that doing one again changes nothing.

use super::outcome::Answer;
use super::{Access, ZaloClient, endpoint};
use crate::custom::{CustomInfo, CustomInfoQuery, CustomInfoUpdate};
use crate::field::{FieldDefinition, FieldKey, FieldList, FieldQuery};
use crate::paths;
use crate::tag::{TagName, TagUser};
use crate::user::{UserDetail, UserDetailQuery, UserForget, UserList, UserListQuery, UserUpdate};
use serde::Serialize;

impl ZaloClient {
    /// One user (§8.1).
    pub async fn user_detail(&self, access: &Access, user_id: &str) -> Answer<UserDetail> {
        self.get(access, paths::USER_DETAIL, &UserDetailQuery { user_id: user_id.into() }).await
    }

    /// A page of users (§8.2).
    pub async fn user_list(&self, access: &Access, query: &UserListQuery) -> Answer<UserList> {
        self.get(access, paths::USER_LIST, query).await
    }

    /// Changes what the OA keeps of a user (§8.3).
    pub async fn user_update(&self, access: &Access, update: &UserUpdate) -> Answer<()> {
        self.done(access, paths::USER_UPDATE, update).await
    }

    /// Erases what the OA keeps of a user (§8.4). The user stays a follower.
    pub async fn user_forget(&self, access: &Access, user_id: &str) -> Answer<()> {
        self.done(access, paths::USER_FORGET, &UserForget { user_id: user_id.into() }).await
    }

    /// Values of a user's fields (§9.1).
    pub async fn user_values(&self, access: &Access, query: &CustomInfoQuery) -> Answer<CustomInfo> {
        self.get(access, paths::USER_VALUES, query).await
    }

    /// Changes values of a user's fields (§9.2).
    pub async fn user_values_update(&self, access: &Access, update: &CustomInfoUpdate) -> Answer<()> {
        self.done(access, paths::USER_VALUES_UPDATE, update).await
    }

    /// Definitions of fields (§9.3; provisional, see [`crate::field`]).
    pub async fn fields(&self, access: &Access, query: &FieldQuery) -> Answer<FieldList> {
        self.get(access, paths::FIELD_LIST, query).await
    }

    /// Makes a field (§9.3; provisional).
    pub async fn field_create(&self, access: &Access, field: &FieldDefinition) -> Answer<()> {
        self.done(access, paths::FIELD_CREATE, field).await
    }

    /// Changes a field; the definition is sent whole (§9.3; provisional).
    pub async fn field_update(&self, access: &Access, field: &FieldDefinition) -> Answer<()> {
        self.done(access, paths::FIELD_UPDATE, field).await
    }

    /// Deletes a field of the OA's own, with its values (§9.3; provisional).
    pub async fn field_delete(&self, access: &Access, key: &str) -> Answer<()> {
        self.done(access, paths::FIELD_DELETE, &FieldKey::custom(key)).await
    }

    /// Puts a tag on a user, making it when it is new (§10).
    pub async fn tag_user(&self, access: &Access, user_id: &str, tag: &str) -> Answer<()> {
        self.done(access, paths::TAG_ADD, &TagUser { user_id: user_id.into(), tag_name: tag.into() }).await
    }

    /// Takes a tag from a user (§10).
    pub async fn untag_user(&self, access: &Access, user_id: &str, tag: &str) -> Answer<()> {
        self.done(access, paths::TAG_TAKE, &TagUser { user_id: user_id.into(), tag_name: tag.into() }).await
    }

    /// Removes a tag from everybody (§10).
    pub async fn tag_remove(&self, access: &Access, tag: &str) -> Answer<()> {
        self.done(access, paths::TAG_REMOVE, &TagName { tag_name: tag.into() }).await
    }

    /// All tags of the OA by name (§10).
    pub async fn tags(&self, access: &Access) -> Answer<Vec<String>> {
        let url = endpoint(&self.endpoints.openapi, paths::TAG_LIST);
        self.call(access, self.http.get(url)).await
    }

    /// Asks the platform to end a user's follow, at a path of the caller's choice: **no public call does this**
    /// (§8.6), and the path of the platform's own console is unknown. For emulators, and for the day it is published.
    /// Not idempotent in effect: an unknown outcome must be looked up before it is repeated.
    pub async fn remove_follower(&self, access: &Access, path: &str, user_id: &str) -> Answer<()> {
        self.done(access, path, &UserDetailQuery { user_id: user_id.into() }).await
    }

    /// A call that answers without payload.
    async fn done(&self, access: &Access, path: &str, body: &impl Serialize) -> Answer<()> {
        let url = endpoint(&self.endpoints.openapi, path);
        let answer = self.call_optional::<serde_json::Value>(access, self.http.post(url).json(body)).await;
        Answer { outcome: answer.outcome.map(|_| ()), meta: answer.meta }
    }
}
