//! The phone page and the control page: plain files inside the program, no build step, no other host.

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

use crate::world::Shared;

#[derive(RustEmbed)]
#[folder = "pages/"]
struct Pages;

/// Routes of the pages.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(|| async { serve("phone.html") }))
        .route("/control", get(|| async { serve("control.html") }))
        .route("/favicon.ico", get(|| async { Redirect::permanent("/_pages/icon.svg") }))
        .route("/_pages/{*file}", get(|Path(file): Path<String>| async move { serve(&file) }))
}

fn serve(file: &str) -> Response {
    match Pages::get(file) {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(found) => {
            let media_type = found.metadata.mimetype().to_owned();
            let media_type = if media_type.starts_with("text/") || media_type.ends_with("javascript") {
                format!("{media_type}; charset=utf-8")
            } else {
                media_type
            };
            let headers =
                [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache".to_owned())];
            (headers, found.data.into_owned()).into_response()
        }
    }
}
