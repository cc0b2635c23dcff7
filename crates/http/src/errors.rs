//! A problem as an answer.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use loa_kernel::{Code, Problem};

/// What a handler answers when it refuses. `?` turns a [`Problem`], and whatever becomes one, into it.
#[derive(Debug)]
pub struct ApiError(pub Problem);

/// What a handler answers.
pub type ApiResult<T> = Result<T, ApiError>;

impl<E: Into<Problem>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (status_of(self.0.code), Json(&self.0)).into_response();
        if self.0.code == Code::TooManyAttempts || self.0.code == Code::Overloaded {
            // Machines read the header, people the parameter.
            if let Some(seconds) = self.0.params.get("retry_after").and_then(serde_json::Value::as_i64)
                && let Ok(value) = seconds.max(1).to_string().parse()
            {
                response.headers_mut().insert(axum::http::header::RETRY_AFTER, value);
            }
        }
        // For `answer_problems`, which knows the request.
        response.extensions_mut().insert(self.0);
        response
    }
}

/// Names one request in logs and in answers to faults of ours. Put into the request's extensions by the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Middleware: logs each problem once, where its request is known, and gives a fault of ours the reference
/// under which it was logged. Stands outside the handlers and inside the layer that sets [`RequestId`].
pub async fn answer_problems(request: Request, next: Next) -> Response {
    let reference = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    if problem.code == Code::Internal {
        let reference = reference.unwrap_or_default();
        tracing::error!(%reference, detail = problem.detail.as_deref().unwrap_or(""), "a request failed by our fault");
        let answer = Problem::new(Code::Internal).param("reference", reference);
        return (status_of(answer.code), Json(answer)).into_response();
    }
    if let Some(detail) = problem.detail.as_deref() {
        tracing::info!(code = %problem.code, detail, "a request was refused");
    }
    response
}

fn status_of(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::to_bytes, middleware::from_fn, routing::get};
    use tower::ServiceExt;

    async fn ask(problem: Problem) -> (StatusCode, serde_json::Value) {
        let app = Router::new()
            .route("/", get(move || async move { ApiResult::<()>::Err(problem.into()) }))
            .layer(from_fn(answer_problems));
        let mut request = Request::new(axum::body::Body::empty());
        request.extensions_mut().insert(RequestId("r1".into()));
        let response = app.oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn every_code_travels_with_its_status() {
        for code in Code::ALL {
            let (status, body) = ask(Problem::new(*code).param("max", 3).detail("secret")).await;
            assert_eq!(status.as_u16(), code.status());
            assert_eq!(body["code"], code.as_str());
            assert!(!body.to_string().contains("secret"), "{body}");
            if *code == Code::Internal {
                assert_eq!(body["params"], serde_json::json!({ "reference": "r1" }));
            } else {
                assert_eq!(body["params"]["max"], 3);
            }
        }
    }
}
