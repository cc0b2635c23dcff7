//! Refusing what another site makes a signed-in browser do (cross-site request forgery).
//!
//! Three walls, because each has holes in some browser: the cookie is `SameSite=Lax`; a state-changing call
//! needs a header that no form and no simple cross-site request can set; and what the browser says about the
//! origin (`Sec-Fetch-Site`, `Origin`) must fit.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use loa_kernel::{Code, Problem};

use crate::ApiError;

/// Which origins are ours.
#[derive(Debug, Clone, Default)]
pub struct SiteGuard {
    /// The public origin, for example `https://inbox.example.vn`; `None` when only the `Host` header is known.
    pub public_origin: Option<String>,
}

/// Middleware for everything under `/api`: refuses with `cross_site`.
pub async fn require_same_site(State(guard): State<SiteGuard>, request: Request, next: Next) -> Response {
    match check(&guard, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => ApiError(problem).into_response(),
    }
}

fn check(guard: &SiteGuard, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    if text("x-loa") != Some("1") {
        return Err(Problem::new(Code::CrossSite).param("missing", "x-loa"));
    }
    same_site(guard, headers)
}

/// Does the browser say that our own page makes this call? A client that is no browser says nothing, and passes.
/// The realtime socket asks this too, because opening a socket is a GET that other sites may make.
pub fn same_site(guard: &SiteGuard, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let refused = || Problem::new(Code::CrossSite).param("missing", "same_origin");
    match headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()) {
        None | Some("same-origin" | "none") => {}
        Some(_) => return Err(refused()),
    }
    let Some(origin) = text(header::ORIGIN) else { return Ok(()) };
    if guard.public_origin.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(origin)) {
        return Ok(());
    }
    let origin_host = origin.split_once("://").map(|(_, host)| host);
    match (origin_host, text(header::HOST)) {
        (Some(from), Some(host)) if from.eq_ignore_ascii_case(host) => Ok(()),
        _ => Err(refused()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_may_change_things() {
        let guard = SiteGuard { public_origin: Some("https://loa.example.vn".into()) };
        let post = Method::POST;
        for (method, pairs, allowed) in [
            (&Method::GET, &[("origin", "https://evil.example")][..], true),
            (&post, &[][..], false),
            (&post, &[("x-loa", "1")][..], true),
            (&post, &[("x-loa", "0")][..], false),
            (&post, &[("x-loa", "1"), ("origin", "https://loa.example.vn")][..], true),
            (&post, &[("x-loa", "1"), ("origin", "https://loa.example.vn.evil")][..], false),
            (
                &post,
                &[("x-loa", "1"), ("origin", "http://localhost:8080"), ("host", "localhost:8080")][..],
                true,
            ),
            (
                &post,
                &[("x-loa", "1"), ("origin", "http://localhost:8090"), ("host", "localhost:8080")][..],
                false,
            ),
            (&post, &[("x-loa", "1"), ("origin", "null"), ("host", "localhost:8080")][..], false),
            (&post, &[("x-loa", "1"), ("sec-fetch-site", "same-site")][..], false),
            (&post, &[("x-loa", "1"), ("sec-fetch-site", "same-origin")][..], true),
            (&Method::DELETE, &[("x-loa", "1"), ("sec-fetch-site", "cross-site")][..], false),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            assert_eq!(check(&guard, method, &headers).is_ok(), allowed, "{method} {pairs:?}");
        }
    }
}
