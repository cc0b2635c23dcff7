//! The one router.

use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::{Router, extract::Request};
use loa_http::{ApiError, MAX_JSON_BYTES, SiteGuard, answer_problems, require_same_site};
use loa_kernel::Problem;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::auth::require_actor;
use crate::layers::{self, Protection};
use crate::state::AppState;
use crate::{api, health, web};

/// Everything behind one address. Serve it with `into_make_service_with_connect_info::<SocketAddr>()`, so that the
/// delay after failed sign-ins knows addresses.
pub fn app(state: AppState) -> Router {
    let guard = SiteGuard { public_origin: state.config.public_url.clone() };
    let (signed_in, _) = api::signed_in(&state).split_for_parts();
    let (public, _) = api::public().split_for_parts();
    let (webhooks, _) = api::webhooks(&state).split_for_parts();
    let api = Router::new()
        .merge(signed_in.layer(from_fn_with_state(state.clone(), require_actor)))
        .merge(public)
        .layer(from_fn(layers::never_kept))
        .layer(from_fn_with_state(guard, require_same_site));
    let protection = Protection::new(&state.config.media_origins, state.config.secure_cookies());
    let docs = SwaggerUi::new("/api/docs").config(Config::from("/api/openapi.json"));
    // Platforms deliver thousands a second and read a word: nothing to compress, no browser to protect, and intake
    // counts and times them itself.
    let webhooks = webhooks
        .method_not_allowed_fallback(no_such_method)
        .layer(CatchPanicLayer::custom(layers::after_panic))
        .layer(from_fn(answer_problems));
    let pages = Router::new()
        .merge(api)
        .merge(health::router())
        .merge(docs)
        .fallback(web::fallback)
        .method_not_allowed_fallback(no_such_method);
    // From the inside out: each layer wraps those above it.
    let pages = pages
        .layer(DefaultBodyLimit::max(MAX_JSON_BYTES))
        .layer(CatchPanicLayer::custom(layers::after_panic))
        .layer(from_fn(answer_problems))
        .layer(from_fn_with_state(state.clone(), layers::observe))
        .layer(CompressionLayer::new().gzip(true))
        .layer(from_fn_with_state(protection, layers::protect));
    webhooks.merge(pages).with_state(state)
}

/// A known address, asked in a way it does not know.
async fn no_such_method(_: Request) -> axum::response::Response {
    ApiError(Problem::not_found("method")).into_response()
}
