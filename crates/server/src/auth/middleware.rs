//! From a request's cookie to its actor.

use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use loa_http::ApiError;
use loa_kernel::{Actor, Code, Problem, Timestamp};
use loa_store::sessions::{self, SignedIn};

use super::cookie;
use crate::state::AppState;

/// A session that was used is prolonged at most this often, so that reading does not write.
const TOUCH_EVERY_MS: i64 = 3_600_000;

/// The session of a request, beside its actor.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    /// The session with its member and workspace.
    pub signed_in: SignedIn,
    /// What its token is stored as.
    pub token_hash: [u8; 32],
}

impl Current {
    /// What the member may do. Roles reach all channels.
    pub fn actor(&self) -> Actor {
        let member = &self.signed_in.member;
        Actor::with_role(member.workspace, member.id, member.role)
    }
}

/// Middleware: refuses with `not_signed_in`, or gives the handler its [`Actor`] and [`Current`].
pub(crate) async fn require_actor(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(token) = cookie::token(request.headers()) else { return anonymous() };
    let token_hash = cookie::token_hash(&token);
    let now = state.now();
    let found = match sessions::find_by_token(state.store.reader(), token_hash, now).await {
        Ok(found) => found,
        Err(error) => return ApiError(error.into()).into_response(),
    };
    let Some(signed_in) = found else { return anonymous() };
    let prolonged = prolong(&state, &signed_in, now).await;
    let current = Current { signed_in, token_hash };
    tracing::Span::current().record("member", tracing::field::display(current.signed_in.member.id));
    request.extensions_mut().insert(current.actor());
    request.extensions_mut().insert(current);
    let mut response = next.run(request).await;
    // A handler that set the cookie itself (signing out) knows better.
    if prolonged && !response.headers().contains_key(header::SET_COOKIE) {
        let config = &state.config;
        let cookie = cookie::session_cookie(&token, config.session_days, config.secure_cookies());
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Note that the session is in use, now and then. A failure is no reason to refuse the request.
async fn prolong(state: &AppState, signed_in: &SignedIn, now: Timestamp) -> bool {
    let session = &signed_in.session;
    if now.since(session.last_seen_at) < TOUCH_EVERY_MS {
        return false;
    }
    let expires_at = now.plus_days(state.config.session_days);
    let touched = async {
        let tx = state.store.begin().await?;
        sessions::touch(&tx, session.workspace, session.id, now, expires_at).await?;
        tx.commit().await
    };
    match touched.await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a session could not be prolonged");
            false
        }
    }
}

fn anonymous() -> Response {
    ApiError(Problem::new(Code::NotSignedIn)).into_response()
}
