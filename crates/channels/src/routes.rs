//! Channels over HTTP.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult};
use loa_kernel::{Actor, ChannelId, Page};
use loa_store::Secret;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::history::QuotaHistory;
use crate::offer::Offer;
use crate::past::ImportAction;
use crate::report::{Report, ReportReason};
use crate::views::{Channel, ZaloApp};
use crate::{Channels, ConsentAnswer};

/// The routes of this capability; all need a signed-in member.
pub fn router() -> OpenApiRouter<Channels> {
    OpenApiRouter::new()
        .routes(routes!(list_channels))
        .routes(routes!(get_zalo_app, put_zalo_app))
        .routes(routes!(connect_zalo))
        .routes(routes!(zalo_callback))
        .routes(routes!(get_channel, edit_channel, disconnect_channel))
        .routes(routes!(refresh_channel))
        .routes(routes!(get_quota_history))
        .routes(routes!(report_channel))
        .routes(routes!(get_offer))
        .routes(routes!(start_import, steer_import))
}

/// Connected accounts, oldest first.
#[utoipa::path(get, path = "/api/channels", tag = "channels", operation_id = "list_channels",
    responses((status = 200, body = Page<Channel>)))]
async fn list_channels(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<Page<Channel>>> {
    Ok(Json(Page { items: channels.list(&actor).await?, next: None }))
}

/// One account.
#[utoipa::path(get, path = "/api/channels/{id}", tag = "channels", operation_id = "get_channel",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Channel)))]
async fn get_channel(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.get(&actor, id).await?))
}

/// What may be changed of an account.
#[derive(Debug, Deserialize, ToSchema)]
pub struct EditChannel {
    /// Edition of the messaging rules, or `auto`.
    #[serde(default)]
    edition: Option<String>,
    /// Its name here.
    #[serde(default)]
    name: Option<String>,
}

/// Change an account's name or the edition of the rules it follows.
#[utoipa::path(patch, path = "/api/channels/{id}", tag = "channels", operation_id = "edit_channel",
    params(("id" = ChannelId, Path)), request_body = EditChannel, responses((status = 200, body = Channel)))]
async fn edit_channel(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(body): ApiJson<EditChannel>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.edit(&actor, id, body.edition, body.name).await?))
}

/// Take an account off. Its history stays.
#[utoipa::path(delete, path = "/api/channels/{id}", tag = "channels", operation_id = "disconnect_channel",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Channel)))]
async fn disconnect_channel(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.disconnect(&actor, id).await?))
}

/// Read name, package, billing and quota from the platform again.
#[utoipa::path(post, path = "/api/channels/{id}/refresh", tag = "channels", operation_id = "refresh_channel",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Channel)))]
async fn refresh_channel(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.refresh(&actor, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct HistoryParams {
    /// First day, `2026-01-15`; usually 30 days before the last.
    from: Option<String>,
    /// Last day; usually today.
    to: Option<String>,
}

/// Who or what used the account's quota, by day in Vietnam.
#[utoipa::path(get, path = "/api/channels/{id}/quota-history", tag = "channels", operation_id = "get_quota_history",
    params(("id" = ChannelId, Path), HistoryParams), responses((status = 200, body = QuotaHistory)))]
async fn get_quota_history(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiQuery(params): ApiQuery<HistoryParams>,
) -> ApiResult<Json<QuotaHistory>> {
    let history = channels.quota_history(&actor, id, params.from.as_deref(), params.to.as_deref());
    Ok(Json(history.await?))
}

/// What is the matter.
#[derive(Debug, Deserialize, ToSchema)]
pub struct ReportChannel {
    /// Which of these.
    reason: ReportReason,
}

/// Tell the managers that an account needs somebody who may configure it: at most once an hour about the same matter,
/// whoever presses.
#[utoipa::path(post, path = "/api/channels/{id}/report", tag = "channels", operation_id = "report_channel",
    params(("id" = ChannelId, Path)), request_body = ReportChannel, responses((status = 200, body = Report)))]
async fn report_channel(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(body): ApiJson<ReportChannel>,
) -> ApiResult<Json<Report>> {
    Ok(Json(channels.report(&actor, id, body.reason).await?))
}

/// What can be written to customers of the account: kinds with their limits, and stickers.
#[utoipa::path(get, path = "/api/channels/{id}/offer", tag = "channels", operation_id = "get_offer",
    params(("id" = ChannelId, Path)), responses((status = 200, body = Offer)))]
async fn get_offer(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
) -> ApiResult<Json<Offer>> {
    Ok(Json(channels.offer(&actor, id).await?))
}

/// How much of the history.
#[derive(Debug, Deserialize, ToSchema)]
pub struct StartImport {
    /// So many days back; absent: as far as the platform shows.
    #[serde(default)]
    days: Option<u32>,
}

/// Begin to read the account's history from the platform.
#[utoipa::path(post, path = "/api/channels/{id}/import", tag = "channels", operation_id = "start_import",
    params(("id" = ChannelId, Path)), request_body = StartImport, responses((status = 200, body = Channel)))]
async fn start_import(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(body): ApiJson<StartImport>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.start_import(&actor, id, body.days).await?))
}

/// What to do with an import.
#[derive(Debug, Deserialize, ToSchema)]
pub struct SteerImport {
    /// Which.
    action: ImportAction,
}

/// Pause, resume or end the import of the account's history.
#[utoipa::path(patch, path = "/api/channels/{id}/import", tag = "channels", operation_id = "steer_import",
    params(("id" = ChannelId, Path)), request_body = SteerImport, responses((status = 200, body = Channel)))]
async fn steer_import(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ChannelId>,
    ApiJson(body): ApiJson<SteerImport>,
) -> ApiResult<Json<Channel>> {
    Ok(Json(channels.steer_import(&actor, id, body.action).await?))
}

/// The application through which Zalo accounts are connected.
#[utoipa::path(get, path = "/api/channels/zalo/app", tag = "channels", operation_id = "get_zalo_app",
    responses((status = 200, body = ZaloApp)))]
async fn get_zalo_app(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<ZaloApp>> {
    Ok(Json(channels.app(&actor).await?))
}

/// The application as it is entered. Secrets that are absent or empty stay as they are.
#[derive(Deserialize, ToSchema)]
pub struct SaveZaloApp {
    /// The platform's id of the application: digits.
    app_id: String,
    /// The application's secret.
    #[serde(default)]
    app_secret: Option<String>,
    /// The key that signs webhooks, from the platform's webhook page.
    #[serde(default)]
    oa_secret_key: Option<String>,
}

/// Set up or change the application.
#[utoipa::path(put, path = "/api/channels/zalo/app", tag = "channels", operation_id = "put_zalo_app",
    request_body = SaveZaloApp, responses((status = 200, body = ZaloApp)))]
async fn put_zalo_app(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiJson(body): ApiJson<SaveZaloApp>,
) -> ApiResult<Json<ZaloApp>> {
    let (app_secret, key) = (body.app_secret.map(Secret::from), body.oa_secret_key.map(Secret::from));
    Ok(Json(channels.save_app(&actor, &body.app_id, app_secret, key).await?))
}

/// Where to go to connect an account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ConnectUrl {
    /// The platform's consent page; valid for 15 minutes, once.
    pub url: String,
}

/// Begin connecting a Zalo account.
#[utoipa::path(post, path = "/api/channels/zalo/connect", tag = "channels", operation_id = "connect_zalo",
    responses((status = 200, body = ConnectUrl)))]
async fn connect_zalo(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<ConnectUrl>> {
    Ok(Json(ConnectUrl { url: channels.begin_connect(&actor).await? }))
}

/// What the platform's redirect carries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CallbackQuery {
    /// The authorisation code.
    #[serde(default)]
    code: Option<String>,
    /// The account that consented.
    #[serde(default)]
    oa_id: Option<String>,
    /// The state that was sent along.
    #[serde(default)]
    state: Option<String>,
    /// The platform's number when it refused.
    #[serde(default)]
    error: Option<String>,
}

/// The platform sends the browser here after consent. Goes on to the settings page, whatever happened.
#[utoipa::path(get, path = "/api/channels/zalo/callback", tag = "channels", operation_id = "zalo_callback",
    params(CallbackQuery), responses((status = 303, description = "To the settings page, with `connected` or `error`")))]
async fn zalo_callback(
    State(channels): State<Channels>,
    Extension(actor): Extension<Actor>,
    ApiQuery(query): ApiQuery<CallbackQuery>,
) -> Response {
    let answer =
        ConsentAnswer { code: query.code, oa_id: query.oa_id, state: query.state, error: query.error };
    let outcome = channels.finish_connect(&actor, answer).await;
    if let Err(problem) = &outcome {
        tracing::warn!(%problem, params = ?problem.params, "connecting an account failed");
    }
    let to = channels.after_connect(&outcome);
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}
