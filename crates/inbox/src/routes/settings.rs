//! The settings of the inbox.

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiResult};
use loa_kernel::Actor;

use crate::Inbox;
use crate::settings::InboxSettings;

/// What the business has decided about its inbox.
#[utoipa::path(get, path = "/api/inbox/settings", tag = "inbox", operation_id = "get_inbox_settings",
    responses((status = 200, body = InboxSettings)))]
pub(super) async fn get(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<InboxSettings>> {
    Ok(Json(inbox.settings(&actor).await?))
}

/// Decide it.
#[utoipa::path(put, path = "/api/inbox/settings", tag = "inbox", operation_id = "put_inbox_settings",
    request_body = InboxSettings, responses((status = 200, body = InboxSettings)))]
pub(super) async fn put(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(body): ApiJson<InboxSettings>,
) -> ApiResult<Json<InboxSettings>> {
    Ok(Json(inbox.set_settings(&actor, body).await?))
}
