//! The platform's own interface: its paths, headers, envelopes and refusals.
//!
//! Every call passes [`gate`] (log, faults) and then [`call::Call::answer`], which applies the refusals in the
//! order of platform reference §17.4: rate, token, app and OA, permission, then whatever the call itself checks.
//!
//! How to add an endpoint: a handler in the module of its family that takes [`call::Call`] and answers through
//! it, a route below, and a case in `tests/`.

mod call;
mod fields;
mod gate;
mod history;
mod info;
mod message;
mod oauth;
mod quota;
mod tags;
mod template;
mod upload;
mod users;
mod values;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use zalo::paths;

use crate::world::Shared;

pub use gate::Abort;
pub use message::{of_upload, sticker};
pub use values::merged;

/// Largest body of a call; the largest upload of the platform is 5 MB.
const MAX_BODY: usize = 16 * 1024 * 1024;

/// All emulated calls.
pub fn router(world: &Shared) -> Router<Shared> {
    Router::new()
        .route(paths::PERMISSION, get(oauth::permission))
        .route("/_sandbox/consent", post(oauth::consent))
        .route(paths::TOKEN, post(oauth::token))
        .route(paths::MESSAGE_CS, post(message::consultation))
        .route(paths::MESSAGE_V2, post(message::old))
        .route(paths::QUOTA, post(quota::current))
        .route(paths::QUOTA_V2, post(quota::old))
        .route(paths::USER_DETAIL, get(users::detail))
        .route(paths::USER_LIST, get(users::list))
        .route(paths::USER_UPDATE, post(users::update))
        .route(paths::USER_FORGET, post(users::forget))
        .route(paths::USER_VALUES, get(values::read))
        .route(paths::USER_VALUES_UPDATE, post(values::write))
        .route(&world.config.remove_follower_path, post(users::remove_follower))
        .route(paths::FIELD_LIST, get(fields::list))
        .route(paths::FIELD_CREATE, post(fields::create))
        .route(paths::FIELD_UPDATE, post(fields::update))
        .route(paths::FIELD_DELETE, post(fields::delete))
        .route(paths::OA_INFO, get(info::oa))
        .route(paths::LIST_RECENT_CHAT, get(history::recent))
        .route(paths::CONVERSATION, get(history::conversation))
        .route(paths::TAG_ADD, post(tags::add))
        .route(paths::TAG_TAKE, post(tags::remove))
        .route(paths::TAG_REMOVE, post(tags::delete))
        .route(paths::TAG_LIST, get(tags::list))
        .route(paths::UPLOAD_IMAGE, post(upload::image))
        .route(paths::UPLOAD_GIF, post(upload::gif))
        .route(paths::UPLOAD_FILE, post(upload::file))
        // Community clients post here; undocumented, apparently routed (platform reference §12).
        .route("/v3.0/oa/upload/image", post(upload::image))
        .route("/v3.0/oa/upload/gif", post(upload::gif))
        .route("/v3.0/oa/upload/file", post(upload::file))
        .layer(from_fn_with_state(world.clone(), gate::gate))
}
