//! Messages that are to be sent later, over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ConversationId, Page, ScheduledId};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{EditScheduled, Outbound, ScheduleMessage, ScheduledView};

pub(crate) fn router() -> OpenApiRouter<Outbound> {
    OpenApiRouter::new()
        .routes(routes!(list_scheduled, schedule_message))
        .routes(routes!(edit_scheduled, cancel_scheduled))
        .routes(routes!(send_scheduled))
}

/// What waits in a thread to be sent later, and what was not sent and returned to its writer; by time.
#[utoipa::path(get, path = "/api/conversations/{id}/scheduled", tag = "messages", operation_id = "list_scheduled",
    params(("id" = ConversationId, Path)), responses((status = 200, body = Page<ScheduledView>)))]
async fn list_scheduled(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<Page<ScheduledView>>> {
    Ok(Json(Page { items: outbound.scheduled_in(&actor, id).await?, next: None }))
}

/// Send a message later. The same `client_id` again is answered with 200 and what became of it.
#[utoipa::path(post, path = "/api/conversations/{id}/scheduled", tag = "messages", operation_id = "schedule_message",
    params(("id" = ConversationId, Path)), request_body = ScheduleMessage,
    responses((status = 201, body = ScheduledView), (status = 200, body = ScheduledView)))]
async fn schedule_message(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiJson(body): ApiJson<ScheduleMessage>,
) -> ApiResult<(StatusCode, Json<ScheduledView>)> {
    let (is_new, view) = outbound.schedule(&actor, id, &body).await?;
    Ok((if is_new { StatusCode::CREATED } else { StatusCode::OK }, Json(view)))
}

/// Change text or time; its writer only. One that was returned waits again.
#[utoipa::path(patch, path = "/api/scheduled/{id}", tag = "messages", operation_id = "edit_scheduled",
    params(("id" = ScheduledId, Path)), request_body = EditScheduled,
    responses((status = 200, body = ScheduledView)))]
async fn edit_scheduled(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ScheduledId>,
    ApiJson(body): ApiJson<EditScheduled>,
) -> ApiResult<Json<ScheduledView>> {
    Ok(Json(outbound.edit_scheduled(&actor, id, &body).await?))
}

/// Send it now, as what it is now.
#[utoipa::path(post, path = "/api/scheduled/{id}/send", tag = "messages", operation_id = "send_scheduled",
    params(("id" = ScheduledId, Path)), responses((status = 200, body = ScheduledView)))]
async fn send_scheduled(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ScheduledId>,
) -> ApiResult<Json<ScheduledView>> {
    Ok(Json(outbound.send_scheduled(&actor, id).await?))
}

/// Take it back; it is not sent.
#[utoipa::path(delete, path = "/api/scheduled/{id}", tag = "messages", operation_id = "cancel_scheduled",
    params(("id" = ScheduledId, Path)), responses((status = 204, description = "It is gone")))]
async fn cancel_scheduled(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ScheduledId>,
) -> ApiResult<StatusCode> {
    outbound.cancel_scheduled(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
