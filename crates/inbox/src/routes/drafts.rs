//! Drafts.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ConversationId, FileId};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::Inbox;
use crate::views::DraftView;

/// What you have typed in a thread and not sent; empty when there is nothing.
#[utoipa::path(get, path = "/api/conversations/{id}/draft", tag = "inbox", operation_id = "get_draft",
    params(("id" = ConversationId, Path)), responses((status = 200, body = DraftView)))]
pub(super) async fn get(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<DraftView>> {
    Ok(Json(inbox.draft(&actor, id).await?))
}

/// A draft to be kept.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct DraftInput {
    /// The text; may be empty.
    #[serde(default)]
    #[schema(required)]
    text: String,
    /// Files that wait to be sent with it. Other fields of a file are ignored.
    #[serde(default)]
    attachments: Vec<FileRef>,
}

/// Names a file.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct FileRef {
    id: FileId,
}

/// Keep a draft; an empty one is forgotten.
#[utoipa::path(put, path = "/api/conversations/{id}/draft", tag = "inbox", operation_id = "put_draft",
    params(("id" = ConversationId, Path)), request_body = DraftInput,
    responses((status = 200, body = DraftView)))]
pub(super) async fn put(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiJson(input): ApiJson<DraftInput>,
) -> ApiResult<Json<DraftView>> {
    let files: Vec<FileId> = input.attachments.into_iter().map(|file| file.id).collect();
    Ok(Json(inbox.put_draft(&actor, id, &input.text, &files).await?))
}

/// Forget a draft.
#[utoipa::path(delete, path = "/api/conversations/{id}/draft", tag = "inbox", operation_id = "delete_draft",
    params(("id" = ConversationId, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<StatusCode> {
    inbox.delete_draft(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
