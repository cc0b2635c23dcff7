//! Reading a request, with every failure as a problem of the closed table.

use std::error::Error;

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Json, Path, Query, Request};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use loa_kernel::{Code, Problem};
use serde::de::DeserializeOwned;

use crate::ApiError;

/// The largest JSON body that is read.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// The most items a list answers at once.
pub const MAX_PAGE: usize = 100;

/// The wanted number of items, within 1 and [`MAX_PAGE`]; `default` when the client does not say.
pub fn page_limit(asked: Option<u32>, default: usize) -> usize {
    asked.map_or(default, |n| n as usize).clamp(1, MAX_PAGE)
}

/// A JSON body. Anything else is `unsupported_media`, `body_too_large` or `malformed_body`, whose `at` names
/// the place in the body.
#[derive(Debug, Clone, Copy)]
pub struct ApiJson<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for ApiJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(Problem::new(Code::UnsupportedMedia).param("expected", "application/json").into());
        }
        let body = Bytes::from_request(request, state).await.map_err(body_problem)?;
        match Json::<T>::from_bytes(&body) {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => {
                let at = place(&rejection);
                Err(Problem::new(Code::MalformedBody).param("at", at).into())
            }
        }
    }
}

/// Values of the path. A text that is no id of the wanted kind names nothing, so it is `not_found`.
#[derive(Debug, Clone, Copy)]
pub struct ApiPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(value) = Path::<T>::from_request_parts(parts, state)
            .await
            .map_err(|e| Problem::not_found("path").detail(e.body_text()))?;
        Ok(Self(value))
    }
}

/// Values of the query string. One that cannot be read is `invalid_field`.
#[derive(Debug, Clone, Copy)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let Query(value) = Query::<T>::try_from_uri(&parts.uri).map_err(|rejection| {
            let at = place(&rejection);
            // "limit: invalid digit found in string": the field stands before the colon.
            let field = match at.split_once(": ") {
                Some((field, _)) if !field.contains(' ') => field.to_owned(),
                _ => "query".to_owned(),
            };
            Problem::invalid(&field, "unreadable").detail(at)
        })?;
        Ok(Self(value))
    }
}

/// The innermost text of a rejection: field and reason, without the framework's preface.
fn place(error: &dyn Error) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        // The last source is the parser's own error, which has lost the field's name.
        if inner.source().is_none() && at.to_string().contains(&inner.to_string()) {
            break;
        }
        at = inner;
    }
    at.to_string()
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()) else { return false };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn body_problem(rejection: BytesRejection) -> Problem {
    match rejection {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Problem::new(Code::BodyTooLarge).param("max_bytes", MAX_JSON_BYTES)
        }
        other => Problem::new(Code::MalformedBody).param("at", "body").detail(other.body_text()),
    }
}

/// What goes wrong while a form is read that may have so many bytes: `body_too_large` or `malformed_body`.
pub fn form_problem(max_bytes: usize) -> impl Fn(MultipartError) -> Problem {
    move |error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::BodyTooLarge).param("max_bytes", max_bytes),
        _ => Problem::new(Code::MalformedBody).param("at", "form").detail(error.body_text()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[derive(Debug, serde::Deserialize)]
    struct Wanted {
        #[serde(default)]
        limit: u8,
        name: Option<String>,
    }

    async fn body(content_type: &str, text: &str) -> Result<Wanted, Problem> {
        let request = Request::builder()
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(text.to_owned()))
            .unwrap();
        ApiJson::<Wanted>::from_request(request, &()).await.map(|v| v.0).map_err(|e| e.0)
    }

    #[tokio::test]
    async fn bodies_are_read_or_named() {
        assert_eq!(body("application/json; charset=utf-8", r#"{"limit":3}"#).await.unwrap().limit, 3);
        for (content_type, text, code, at) in [
            ("text/plain", "{}", Code::UnsupportedMedia, ""),
            ("", "{}", Code::UnsupportedMedia, ""),
            ("application/json", "{", Code::MalformedBody, "line 1 column 1"),
            ("application/json", r#"{"limit":"x"}"#, Code::MalformedBody, "limit: invalid type"),
            ("application/json", "", Code::MalformedBody, "line 1 column 0"),
            ("application/json", "[]x", Code::MalformedBody, "column"),
        ] {
            let problem = body(content_type, text).await.unwrap_err();
            assert_eq!(problem.code, code, "{text}");
            let found = problem.params.get("at").map(ToString::to_string).unwrap_or_default();
            assert!(found.contains(at), "{text}: {found}");
        }
    }

    #[tokio::test]
    async fn queries_are_read_or_named() {
        let read = async |query: &str| {
            let (mut parts, ()) =
                Request::builder().uri(format!("/x?{query}")).body(()).unwrap().into_parts();
            ApiQuery::<Wanted>::from_request_parts(&mut parts, &()).await.map(|v| v.0).map_err(|e| e.0)
        };
        assert_eq!(read("limit=7&name=%C4%90%C3%A0o").await.unwrap().name.as_deref(), Some("Đào"));
        let problem = read("limit=many").await.unwrap_err();
        assert_eq!(problem.code, Code::InvalidField);
        assert_eq!(problem.params["field"], "limit");
    }

    #[test]
    fn limits_stay_within_a_page() {
        for (asked, limit) in [(None, 30), (Some(0), 1), (Some(7), 7), (Some(5000), MAX_PAGE)] {
            assert_eq!(page_limit(asked, 30), limit);
        }
    }
}
