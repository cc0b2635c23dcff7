//! Canned replies.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, CannedReplyId, ConversationId, FileId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Inbox;
use crate::replies::{FilledReplyView, PreviewView, ReplyInput, ReplyView};

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CannedReplyList {
    items: Vec<ReplyView>,
}

/// Everybody's canned replies and your own, by shortcut.
#[utoipa::path(get, path = "/api/canned-replies", tag = "replies", operation_id = "list_canned_replies",
    responses((status = 200, body = CannedReplyList)))]
pub(super) async fn list(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<CannedReplyList>> {
    Ok(Json(CannedReplyList { items: inbox.replies(&actor).await? }))
}

/// Make a canned reply. An unknown variable is `invalid_field` with its name; a shortcut that is there is `conflict`.
#[utoipa::path(post, path = "/api/canned-replies", tag = "replies", operation_id = "create_canned_reply",
    request_body = ReplyInput, responses((status = 201, body = ReplyView)))]
pub(super) async fn create(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<ReplyInput>,
) -> ApiResult<(StatusCode, Json<ReplyView>)> {
    Ok((StatusCode::CREATED, Json(inbox.create_reply(&actor, &input).await?)))
}

/// Write a canned reply anew.
#[utoipa::path(put, path = "/api/canned-replies/{id}", tag = "replies", operation_id = "edit_canned_reply",
    params(("id" = CannedReplyId, Path)), request_body = ReplyInput,
    responses((status = 200, body = ReplyView)))]
pub(super) async fn edit(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CannedReplyId>,
    ApiJson(input): ApiJson<ReplyInput>,
) -> ApiResult<Json<ReplyView>> {
    Ok(Json(inbox.edit_reply(&actor, id, &input).await?))
}

/// Remove a canned reply.
#[utoipa::path(delete, path = "/api/canned-replies/{id}", tag = "replies", operation_id = "delete_canned_reply",
    params(("id" = CannedReplyId, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CannedReplyId>,
) -> ApiResult<StatusCode> {
    inbox.delete_reply(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// It was put into a message.
#[utoipa::path(post, path = "/api/canned-replies/{id}/used", tag = "replies", operation_id = "use_canned_reply",
    params(("id" = CannedReplyId, Path)), responses((status = 204)))]
pub(super) async fn used(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CannedReplyId>,
) -> ApiResult<StatusCode> {
    inbox.use_reply(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A text that is being written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewInput {
    /// With its variables.
    text: String,
    /// Files that go with it.
    #[serde(default)]
    file_ids: Vec<FileId>,
}

/// A text filled with an example, and what it would be as messages.
#[utoipa::path(post, path = "/api/canned-replies/preview", tag = "replies", operation_id = "preview_canned_reply",
    request_body = PreviewInput, responses((status = 200, body = PreviewView)))]
pub(super) async fn preview(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<PreviewInput>,
) -> ApiResult<Json<PreviewView>> {
    Ok(Json(inbox.preview_reply(&actor, &input.text, &input.file_ids).await?))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FilledReplyList {
    items: Vec<FilledReplyView>,
}

/// The same replies as they read in this thread, filled with what you may see.
#[utoipa::path(get, path = "/api/conversations/{id}/canned-replies", tag = "replies",
    operation_id = "list_filled_replies", params(("id" = ConversationId, Path)),
    responses((status = 200, body = FilledReplyList)))]
pub(super) async fn filled(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<FilledReplyList>> {
    Ok(Json(FilledReplyList { items: inbox.filled_replies(&actor, id).await? }))
}
