//! Macros over HTTP.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, ConversationId, MacroId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::run::{MacroResult, Ran};
use super::{MacroInput, MacroPreview, MacroView, RunMacro};
use crate::Outbound;

pub(crate) fn router() -> OpenApiRouter<Outbound> {
    OpenApiRouter::new()
        .routes(routes!(list_macros, create_macro))
        .routes(routes!(edit_macro, delete_macro))
        .routes(routes!(preview_macro))
        .routes(routes!(run_macro))
}

#[derive(Debug, Serialize, ToSchema)]
struct MacroList {
    items: Vec<MacroView>,
}

/// Everybody's macros and your own, by name.
#[utoipa::path(get, path = "/api/macros", tag = "macros", operation_id = "list_macros",
    responses((status = 200, body = MacroList)))]
async fn list_macros(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<MacroList>> {
    Ok(Json(MacroList { items: outbound.macros(&actor).await? }))
}

/// Make a macro. A name that is there, however it is written, is `conflict`.
#[utoipa::path(post, path = "/api/macros", tag = "macros", operation_id = "create_macro",
    request_body = MacroInput, responses((status = 201, body = MacroView)))]
async fn create_macro(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<MacroInput>,
) -> ApiResult<(StatusCode, Json<MacroView>)> {
    Ok((StatusCode::CREATED, Json(outbound.create_macro(&actor, &input).await?)))
}

/// Write a macro anew.
#[utoipa::path(put, path = "/api/macros/{id}", tag = "macros", operation_id = "edit_macro",
    params(("id" = MacroId, Path)), request_body = MacroInput, responses((status = 200, body = MacroView)))]
async fn edit_macro(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MacroId>,
    ApiJson(input): ApiJson<MacroInput>,
) -> ApiResult<Json<MacroView>> {
    Ok(Json(outbound.edit_macro(&actor, id, &input).await?))
}

/// Remove a macro.
#[utoipa::path(delete, path = "/api/macros/{id}", tag = "macros", operation_id = "delete_macro",
    params(("id" = MacroId, Path)), responses((status = 204)))]
async fn delete_macro(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MacroId>,
) -> ApiResult<StatusCode> {
    outbound.delete_macro(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where a macro would run.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewMacro {
    conversation_id: ConversationId,
}

/// What a macro would do in a thread: every message with its class and cost, every other change. Changes nothing.
#[utoipa::path(post, path = "/api/macros/{id}/preview", tag = "macros", operation_id = "preview_macro",
    params(("id" = MacroId, Path)), request_body = PreviewMacro,
    responses((status = 200, body = MacroPreview)))]
async fn preview_macro(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MacroId>,
    ApiJson(input): ApiJson<PreviewMacro>,
) -> ApiResult<Json<MacroPreview>> {
    Ok(Json(outbound.preview_macro(&actor, id, input.conversation_id).await?))
}

/// Run a macro: all of it or, when one of its messages may not go, nothing. The same `client_id` again is answered with
/// 200 and what the first run left.
#[utoipa::path(post, path = "/api/macros/{id}/run", tag = "macros", operation_id = "run_macro",
    params(("id" = MacroId, Path)), request_body = RunMacro,
    responses((status = 201, body = MacroResult), (status = 200, body = MacroResult)))]
async fn run_macro(
    State(outbound): State<Outbound>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MacroId>,
    ApiJson(request): ApiJson<RunMacro>,
) -> ApiResult<(StatusCode, Json<MacroResult>)> {
    Ok(match outbound.run_macro(&actor, id, &request).await? {
        Ran::Now(result) => (StatusCode::CREATED, Json(result)),
        Ran::Before(result) => (StatusCode::OK, Json(result)),
    })
}
