//! Private notes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ConversationId, MessageId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::Inbox;
use crate::notes::Noted;
use crate::views::MessageView;

/// A private note. It never leaves the house.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewNote {
    /// Made by the browser, once for each note. The same one is never written twice.
    #[schema(value_type = String, format = "uuid")]
    client_id: Uuid,
    /// The text, 1 to 5,000 characters; members in it as `@[mem_…]`, at most 20.
    text: String,
}

/// Another text of a note.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotePatch {
    /// The text, 1 to 5,000 characters.
    text: String,
}

/// Write a private note. Mentioned members who may see the thread get a notice. The same `client_id` again is answered
/// with 200 and the note as it is then.
#[utoipa::path(post, path = "/api/conversations/{id}/notes", tag = "inbox", operation_id = "write_note",
    params(("id" = ConversationId, Path)), request_body = NewNote,
    responses((status = 201, body = MessageView), (status = 200, body = MessageView)))]
pub(super) async fn write(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiJson(body): ApiJson<NewNote>,
) -> ApiResult<(StatusCode, Json<MessageView>)> {
    Ok(match inbox.write_note(&actor, id, body.client_id, &body.text).await? {
        Noted::New(view) => (StatusCode::CREATED, Json(view)),
        Noted::Known(view) => (StatusCode::OK, Json(view)),
    })
}

/// Give a note of one's own another text.
#[utoipa::path(patch, path = "/api/notes/{id}", tag = "inbox", operation_id = "edit_note",
    params(("id" = MessageId, Path)), request_body = NotePatch, responses((status = 200, body = MessageView)))]
pub(super) async fn edit(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
    ApiJson(body): ApiJson<NotePatch>,
) -> ApiResult<Json<MessageView>> {
    Ok(Json(inbox.edit_note(&actor, id, &body.text).await?))
}

/// Remove a note of one's own.
#[utoipa::path(delete, path = "/api/notes/{id}", tag = "inbox", operation_id = "delete_note",
    params(("id" = MessageId, Path)), responses((status = 204, description = "It is gone")))]
pub(super) async fn remove(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
) -> ApiResult<StatusCode> {
    inbox.delete_note(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
