//! Opening hours and automatic replies.

use axum::extract::State;
use axum::{Extension, Json};
use loa_hours::Plan;
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ChannelId};

use crate::Inbox;
use crate::hours::{AutoReplyInput, AutoReplyPreview, AutoReplyView, HoursSuggestions, HoursView};

/// Opening hours of the workspace and its channels, and what is open now.
#[utoipa::path(get, path = "/api/hours", tag = "hours", operation_id = "get_hours",
    responses((status = 200, body = HoursView)))]
pub(super) async fn get(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<HoursView>> {
    Ok(Json(inbox.hours(&actor).await?))
}

/// Set the workspace's opening hours.
#[utoipa::path(put, path = "/api/hours", tag = "hours", operation_id = "put_hours",
    request_body = Plan, responses((status = 200, body = HoursView)))]
pub(super) async fn put(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(plan): ApiJson<Plan>,
) -> ApiResult<Json<HoursView>> {
    Ok(Json(inbox.set_hours(&actor, None, Some(&plan)).await?))
}

/// The workspace is always open.
#[utoipa::path(delete, path = "/api/hours", tag = "hours", operation_id = "delete_hours",
    responses((status = 200, body = HoursView)))]
pub(super) async fn delete(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<HoursView>> {
    Ok(Json(inbox.set_hours(&actor, None, None).await?))
}

/// What to start from: a usual week, and public holidays of Vietnam.
#[utoipa::path(get, path = "/api/hours/suggestions", tag = "hours", operation_id = "suggest_hours",
    responses((status = 200, body = HoursSuggestions)))]
pub(super) async fn suggestions(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<HoursSuggestions>> {
    Ok(Json(inbox.hours_suggestions(&actor)?))
}

/// Set a channel's own opening hours.
#[utoipa::path(put, path = "/api/channels/{id}/hours", tag = "hours", operation_id = "put_channel_hours",
    params(("id" = ChannelId, Path)), request_body = Plan, responses((status = 200, body = HoursView)))]
pub(super) async fn put_channel(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(plan): ApiJson<Plan>,
) -> ApiResult<Json<HoursView>> {
    Ok(Json(inbox.set_hours(&actor, Some(id), Some(&plan)).await?))
}

/// A channel follows the workspace's hours.
#[utoipa::path(delete, path = "/api/channels/{id}/hours", tag = "hours", operation_id = "delete_channel_hours",
    params(("id" = ChannelId, Path)), responses((status = 200, body = HoursView)))]
pub(super) async fn delete_channel(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<HoursView>> {
    Ok(Json(inbox.set_hours(&actor, Some(id), None).await?))
}

/// What a channel answers by itself outside its hours, and how often it did.
#[utoipa::path(get, path = "/api/channels/{id}/auto-reply", tag = "hours", operation_id = "get_auto_reply",
    params(("id" = ChannelId, Path)), responses((status = 200, body = AutoReplyView)))]
pub(super) async fn get_auto_reply(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<AutoReplyView>> {
    Ok(Json(inbox.auto_reply(&actor, id).await?))
}

/// Set what a channel answers by itself outside its hours.
#[utoipa::path(put, path = "/api/channels/{id}/auto-reply", tag = "hours", operation_id = "put_auto_reply",
    params(("id" = ChannelId, Path)), request_body = AutoReplyInput,
    responses((status = 200, body = AutoReplyView)))]
pub(super) async fn put_auto_reply(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(input): ApiJson<AutoReplyInput>,
) -> ApiResult<Json<AutoReplyView>> {
    Ok(Json(inbox.set_auto_reply(&actor, id, &input).await?))
}

/// What a customer would get with these settings. Nothing is kept.
#[utoipa::path(post, path = "/api/channels/{id}/auto-reply/preview", tag = "hours",
    operation_id = "preview_auto_reply", params(("id" = ChannelId, Path)), request_body = AutoReplyInput,
    responses((status = 200, body = AutoReplyPreview)))]
pub(super) async fn preview_auto_reply(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(input): ApiJson<AutoReplyInput>,
) -> ApiResult<Json<AutoReplyPreview>> {
    Ok(Json(inbox.auto_reply_preview(&actor, id, &input).await?))
}
