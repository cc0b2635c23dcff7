//! Signing in and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiResult};
use loa_kernel::{Actor, Problem};
use loa_store::{sessions, workspaces};
use loa_stream::Topic;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{note, told};
use crate::auth::{ClientAddress, Current, clear_cookie, session_cookie};
use crate::state::AppState;
use crate::views::SessionView;

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInInput {
    /// E-mail address.
    email: String,
    /// Password.
    password: String,
}

/// Sign in. After the fifth failure in a row each further attempt has to wait, twice as long each time.
#[utoipa::path(post, path = "/api/session", tag = "session", operation_id = "sign_in",
    request_body = SignInInput, responses((status = 200, body = SessionView)), security(()))]
pub(crate) async fn post(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiJson(input): ApiJson<SignInInput>,
) -> ApiResult<Response> {
    // Far more than any address has; keeps the table of failures small.
    let email = super::required_text("email", &input.email, 254)?;
    let member = state.sign_in.check(&email, &input.password, &address).await?;
    let workspace = workspaces::get(state.store.reader(), member.workspace)
        .await?
        .ok_or_else(|| Problem::internal("a member without a workspace"))?;
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let tx = state.store.begin().await?;
    let opened = state.sign_in.open(&tx, &member, state.config.session_days, agent, &address).await?;
    tx.commit().await?;
    let cookie = session_cookie(&opened.token, state.config.session_days, state.config.secure_cookies());
    let view = SessionView::new(&opened.member, &workspace);
    Ok(([(header::SET_COOKIE, cookie)], Json(view)).into_response())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "session", operation_id = "get_session",
    responses((status = 200, body = SessionView)))]
pub(crate) async fn get(Extension(current): Extension<Current>) -> Json<SessionView> {
    Json(SessionView::new(&current.signed_in.member, &current.signed_in.workspace))
}

/// Sign out here.
#[utoipa::path(delete, path = "/api/session", tag = "session", operation_id = "sign_out",
    responses((status = 204)))]
pub(crate) async fn delete(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    Extension(current): Extension<Current>,
) -> ApiResult<Response> {
    let tx = state.store.begin().await?;
    sessions::delete(&tx, actor.workspace, current.signed_in.session.id).await?;
    told(&tx, &actor, actor.member, state.now()).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(signed_out(&state))
}

/// Sign out everywhere, here included.
#[utoipa::path(delete, path = "/api/sessions", tag = "session", operation_id = "sign_out_everywhere",
    responses((status = 204)))]
pub(crate) async fn delete_all(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Response> {
    let tx = state.store.begin().await?;
    let ended = sessions::delete_of_member(&tx, actor.workspace, actor.member, None).await?;
    let detail = serde_json::json!({ "sessions": ended });
    note(
        &tx,
        &state.ids,
        actor.workspace,
        Some(actor.member),
        "member.signed_out_everywhere",
        actor.member,
        detail,
    )
    .await?;
    told(&tx, &actor, actor.member, state.now()).await?;
    tx.commit().await?;
    state.signals.notify(Topic::ChangesIn(actor.workspace));
    Ok(signed_out(&state))
}

fn signed_out(state: &AppState) -> Response {
    let cookie = clear_cookie(state.config.secure_cookies());
    (StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response()
}
