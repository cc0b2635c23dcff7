//! The web app, built into the program.

use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use loa_http::ApiError;
use loa_kernel::Problem;
use rust_embed::RustEmbed;

/// The built web app. Absent in a build without it; then every page says how to make it.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

const INDEX: &str = "index.html";
/// Vite puts a hash of the content into the names here, so a name never changes its content.
const HASHED: &str = "assets/";

/// Everything that no route takes: a file of the web app, or its page for every address the app routes itself.
pub(crate) async fn fallback(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if ["api/", "webhooks/"].iter().any(|prefix| path.starts_with(prefix)) || path == "api" {
        return ApiError(Problem::not_found("route")).into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    if let Some(file) = Dist::get(path).filter(|_| path != INDEX) {
        let keep = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
        return answer(path, file.data, keep);
    }
    // An asset that is gone must fail, not turn into a page that the browser cannot read as a script.
    if path.starts_with(HASHED) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match Dist::get(INDEX) {
        Some(page) => answer(INDEX, page.data, "no-cache"),
        None => {
            let text = "This build of Loa has no web app in it. Build it with `make web`, then build the server again.\n";
            (StatusCode::NOT_FOUND, text).into_response()
        }
    }
}

fn answer(path: &str, data: std::borrow::Cow<'static, [u8]>, keep: &'static str) -> Response {
    let media_type = media_type(path);
    let body = match data {
        std::borrow::Cow::Borrowed(bytes) => axum::body::Body::from(bytes),
        std::borrow::Cow::Owned(bytes) => axum::body::Body::from(bytes),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, body).into_response()
}

/// The types a built web app consists of.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "txt" => "text/plain; charset=utf-8",
        "mp3" => "audio/mpeg",
        _ => "application/octet-stream",
    }
}
