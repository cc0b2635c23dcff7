//! Grants and tokens, without the redirect flow (as the console's API Explorer gives them out).

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use loa_kernel::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Body, Refused};
use crate::model::{AccessToken, Grant, Permission, RefreshToken};
use crate::world::Shared;

/// Grants and tokens.
#[derive(Serialize, ToSchema)]
pub struct Tokens {
    /// Consents.
    grants: Vec<Grant>,
    /// Access tokens, newest first.
    access: Vec<AccessToken>,
    /// Refresh tokens, newest first.
    refresh: Vec<RefreshToken>,
}

/// Every grant and token.
#[utoipa::path(get, path = "/tokens", tag = "tokens", responses((status = 200, body = Tokens)))]
pub async fn tokens(State(world): State<Shared>) -> Json<Tokens> {
    let state = world.state();
    let mut access: Vec<_> = state.access_tokens().cloned().collect();
    let mut refresh: Vec<_> = state.refresh_tokens().cloned().collect();
    access.sort_by_key(|t| std::cmp::Reverse(t.issued_at));
    refresh.sort_by_key(|t| std::cmp::Reverse(t.issued_at));
    Json(Tokens { grants: state.grants().cloned().collect(), access, refresh })
}

/// A consent by hand.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NewGrant {
    /// What it allows; everything when absent.
    permissions: Option<Vec<Permission>>,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
pub struct TokenPair {
    /// For calls.
    access_token: String,
    /// For one refresh.
    refresh_token: String,
    /// Seconds.
    expires_in: i64,
}

/// The OA consents to the app, and a fresh pair of tokens is answered.
#[utoipa::path(put, path = "/oas/{oa}/grants/{app}", tag = "tokens",
    params(("oa" = String, Path), ("app" = String, Path)), request_body = NewGrant,
    responses((status = 200, body = TokenPair)))]
pub async fn grant(
    State(world): State<Shared>,
    Path((oa, app)): Path<(String, String)>,
    Body(ask): Body<NewGrant>,
) -> Result<Json<TokenPair>, Refused> {
    let mut state = world.state();
    state.oa(&oa).ok_or_else(|| Problem::not_found("oa"))?;
    state.app(&app).ok_or_else(|| Problem::not_found("app"))?;
    world.grant(&mut state, &app, &oa, ask.permissions.as_deref().unwrap_or(&Permission::ALL));
    let pair = world.issue(&mut state, &app, &oa);
    Ok(Json(TokenPair {
        access_token: pair.access_token,
        refresh_token: pair.refresh_token,
        expires_in: pair.expires_in,
    }))
}

/// The OA withdraws its consent: tokens die, `permission_revoked` is posted.
#[utoipa::path(delete, path = "/oas/{oa}/grants/{app}", tag = "tokens",
    params(("oa" = String, Path), ("app" = String, Path)), responses((status = 204)))]
pub async fn revoke(
    State(world): State<Shared>,
    Path((oa, app)): Path<(String, String)>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    match world.revoke(&mut state, &app, &oa) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::not_found("grant").into()),
    }
}

/// What is to die.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Expire {
    /// Refresh tokens too, so that only a new consent helps.
    refresh_too: bool,
}

/// End the tokens of a grant now, as if their time had come.
#[utoipa::path(post, path = "/oas/{oa}/grants/{app}/expire", tag = "tokens",
    params(("oa" = String, Path), ("app" = String, Path)), request_body = Expire, responses((status = 204)))]
pub async fn expire(
    State(world): State<Shared>,
    Path((oa, app)): Path<(String, String)>,
    Body(ask): Body<Expire>,
) -> Result<StatusCode, Refused> {
    let mut state = world.state();
    state.grant(&app, &oa).ok_or_else(|| Problem::not_found("grant"))?;
    world.kill_tokens(&mut state, &app, &oa, ask.refresh_too);
    Ok(StatusCode::NO_CONTENT)
}
