//! The first member.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use loa_http::{ApiJson, ApiResult};
use loa_kernel::{Code, Problem, Role, Timestamp, WorkspaceId, normalise_email};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::workspaces::{self, Workspace};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{note, required_text};
use crate::auth::{ClientAddress, check_new_password, session_cookie};
use crate::state::AppState;
use crate::views::{Locale, SessionView, SetupView};

/// What the sign-in page needs to know.
#[utoipa::path(get, path = "/api/setup", tag = "session", operation_id = "get_setup",
    responses((status = 200, body = SetupView)), security(()))]
pub(crate) async fn get(State(state): State<AppState>) -> ApiResult<Json<SetupView>> {
    let required = members::count_all(state.store.reader()).await? == 0;
    Ok(Json(SetupView { required, demo: state.config.demo.clone() }))
}

/// The first member and their workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetupInput {
    /// Name of the business.
    workspace_name: String,
    /// E-mail address to sign in with.
    email: String,
    /// As colleagues will see them.
    display_name: String,
    /// At least 10 characters.
    password: String,
    /// Language of the interface.
    locale: Locale,
}

/// Make the workspace and its first administrator, and sign them in. Works once.
#[utoipa::path(post, path = "/api/setup", tag = "session", operation_id = "set_up",
    request_body = SetupInput, responses((status = 201, body = SessionView)), security(()))]
pub(crate) async fn post(
    State(state): State<AppState>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiJson(input): ApiJson<SetupInput>,
) -> ApiResult<Response> {
    let workspace_name = required_text("workspace_name", &input.workspace_name, 100)?;
    let email = normalise_email(&input.email)?;
    let display_name = required_text("display_name", &input.display_name, 100)?;
    if members::count_all(state.store.reader()).await? > 0 {
        return Err(Problem::new(Code::SetupDone).into());
    }
    check_new_password(&input.password, &[&email, &display_name, &workspace_name])?;
    let hash = state.sign_in.passwords().hash(&input.password).await?;
    let now = state.now();
    let workspace = Workspace {
        // The same for everybody who sets up at once, so that the database lets only one of them.
        id: WorkspaceId::derived(Timestamp::EPOCH, &[b"first"]),
        name: workspace_name,
        locale: input.locale.as_str().to_owned(),
        created_at: now,
    };
    let member = Member {
        workspace: workspace.id,
        id: state.ids.next(),
        email,
        display_name,
        role: Role::Admin,
        status: MemberStatus::Active,
        locale: input.locale.as_str().to_owned(),
        created_at: now,
        updated_at: now,
    };
    let tx = state.store.begin().await?;
    if members::count_all(&tx).await? > 0 {
        return Err(Problem::new(Code::SetupDone).into());
    }
    workspaces::create(&tx, &workspace).await.map_err(|error| match error {
        loa_store::StoreError::Unique { .. } => Problem::new(Code::SetupDone),
        other => other.into(),
    })?;
    members::create(&tx, &member, &hash).await?;
    note(
        &tx,
        &state.ids,
        workspace.id,
        Some(member.id),
        "workspace.set_up",
        member.id,
        serde_json::json!({}),
    )
    .await?;
    let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok());
    let opened = state.sign_in.open(&tx, &member, state.config.session_days, agent, &address).await?;
    tx.commit().await?;
    let cookie = session_cookie(&opened.token, state.config.session_days, state.config.secure_cookies());
    let view = SessionView::new(&opened.member, &workspace);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(view)).into_response())
}
