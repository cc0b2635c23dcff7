//! Sending over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_channels::ReactionIcon;
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult};
use loa_inbox::views::MessageView;
use loa_kernel::{Actor, ConversationId, MessageId, Timestamp};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{DecisionView, Outbound, SendMessage, Submitted};

/// The routes of sending; all need a signed-in member.
pub fn router() -> OpenApiRouter<Outbound> {
    OpenApiRouter::new()
        .routes(routes!(send_message))
        .routes(routes!(get_decision))
        .routes(routes!(recheck_composer))
        .routes(routes!(retry_message))
        .routes(routes!(cancel_message))
        .routes(routes!(react_to_message, withdraw_reaction))
        .merge(crate::macros::routes::router())
        .merge(crate::scheduled::routes::router())
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

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DecisionParams {
    /// For this later time, if nothing happens until then.
    #[param(value_type = Option<Timestamp>)]
    at: Option<Timestamp>,
}

/// What would happen if the member sent something now: class, cost, what is left, why, and when that changes.
#[utoipa::path(get, path = "/api/conversations/{id}/decision", tag = "messages", operation_id = "get_decision",
    params(("id" = ConversationId, Path), DecisionParams), responses((status = 200, body = DecisionView)))]
async fn get_decision(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiQuery(params): ApiQuery<DecisionParams>,
) -> ApiResult<Json<DecisionView>> {
    Ok(Json(match params.at {
        Some(at) => outbound.decision_at(&actor, id, at).await?,
        None => outbound.decision(&actor, id).await?,
    }))
}

/// "Kiểm tra lại": ask the platform for the account's numbers once more, and let one message try to be paid although the
/// account could not pay. Answers what would happen now.
#[utoipa::path(post, path = "/api/conversations/{id}/recheck", tag = "messages", operation_id = "recheck_composer",
    params(("id" = ConversationId, Path)), responses((status = 200, body = DecisionView)))]
async fn recheck_composer(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<DecisionView>> {
    Ok(Json(outbound.recheck(&actor, id).await?))
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

/// A reaction.
#[derive(Debug, Deserialize, ToSchema)]
pub struct React {
    /// Which.
    icon: ReactionIcon,
}

/// React to a message, in place of an earlier reaction. Costs nothing and uses no quota. Answered when the platform has it.
#[utoipa::path(put, path = "/api/messages/{id}/reaction", tag = "messages", operation_id = "react_to_message",
    params(("id" = MessageId, Path)), request_body = React, responses((status = 200, body = MessageView)))]
async fn react_to_message(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
    ApiJson(body): ApiJson<React>,
) -> ApiResult<Json<MessageView>> {
    Ok(Json(outbound.react(&actor, id, Some(body.icon)).await?))
}

/// Take the account's reaction to a message back.
#[utoipa::path(delete, path = "/api/messages/{id}/reaction", tag = "messages", operation_id = "withdraw_reaction",
    params(("id" = MessageId, Path)), responses((status = 200, body = MessageView)))]
async fn withdraw_reaction(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MessageId>,
) -> ApiResult<Json<MessageView>> {
    Ok(Json(outbound.react(&actor, id, None).await?))
}
