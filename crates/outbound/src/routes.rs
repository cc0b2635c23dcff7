//! Sending over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_inbox::views::MessageView;
use loa_kernel::{Actor, ConversationId, MessageId};
use loa_rulebook::Decision;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Outbound, SendMessage, Submitted};

/// The routes of sending; all need a signed-in member.
pub fn router() -> OpenApiRouter<Outbound> {
    OpenApiRouter::new()
        .routes(routes!(send_message))
        .routes(routes!(get_decision))
        .routes(routes!(retry_message))
        .routes(routes!(cancel_message))
}

/// Send a message. It is answered as soon as it waits to be sent; what becomes of it comes over the realtime
/// socket. The same `client_id` again is answered with 200 and the message as it is then.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "messages", operation_id = "send_message",
    params(("id" = ConversationId, Path)), request_body = SendMessage,
    responses((status = 201, body = MessageView), (status = 200, body = MessageView)))]
async fn send_message(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiJson(body): ApiJson<SendMessage>,
) -> ApiResult<(StatusCode, Json<MessageView>)> {
    Ok(match outbound.submit(&actor, id, &body).await? {
        Submitted::New(view) => (StatusCode::CREATED, Json(view)),
        Submitted::Known(view) => (StatusCode::OK, Json(view)),
    })
}

/// What would happen if the member sent something now: class, cost, what is left, why, and when that changes.
#[utoipa::path(get, path = "/api/conversations/{id}/decision", tag = "messages", operation_id = "get_decision",
    params(("id" = ConversationId, Path)), responses((status = 200, body = Decision)))]
async fn get_decision(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<Decision>> {
    Ok(Json(outbound.decision(&actor, id).await?))
}

/// Try a failed message again.
#[utoipa::path(post, path = "/api/messages/{id}/retry", tag = "messages", operation_id = "retry_message",
    params(("id" = MessageId, Path)), responses((status = 200, body = MessageView)))]
async fn retry_message(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
) -> ApiResult<Json<MessageView>> {
    Ok(Json(outbound.retry(&actor, id).await?))
}

/// Take back a message that waits or has failed.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages", operation_id = "cancel_message",
    params(("id" = MessageId, Path)), responses((status = 204, description = "It is gone")))]
async fn cancel_message(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
) -> ApiResult<StatusCode> {
    outbound.cancel(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
