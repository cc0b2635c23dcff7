//! The control interface under `/_sandbox/api`: build the world, act in it, break it, watch it.
//!
//! Its own OpenAPI stands at `/_sandbox/api/openapi.json`, a browsable page at `/_sandbox/docs`. There is no
//! sign-in: the sandbox is for a developer's machine and holds nothing real.
//!
//! How to add an endpoint: a handler with `#[utoipa::path]` in the module of its subject, and its name in
//! [`router`].

mod accounts;
mod actions;
mod console;
mod faults;
mod logs;
mod people;
mod sandbox;
pub(crate) mod seed;
mod tokens;

use axum::Router;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use loa_kernel::{Code, Problem};
use serde::de::DeserializeOwned;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zalo::message::Refusal;

use crate::world::Shared;

pub(crate) use actions::NewMessage;
pub(crate) use people::UserChange;

/// Where it stands.
pub const BASE: &str = "/_sandbox/api";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "zalo-sandbox control",
        description = "Build, act in, break and watch a Zalo on your machine. Instants are milliseconds since 1970; `user` in a path is the user's id for the OA or the person's id.",
    ),
    components(schemas(Problem, crate::world::Live))
)]
struct Doc;

/// Routes and their description.
pub fn router() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    let api = OpenApiRouter::new()
        .routes(routes!(sandbox::health))
        .routes(routes!(sandbox::settings, sandbox::change_settings))
        .routes(routes!(sandbox::clock, sandbox::move_clock))
        .routes(routes!(sandbox::reset))
        .routes(routes!(sandbox::stream))
        .routes(routes!(accounts::apps, accounts::put_app))
        .routes(routes!(accounts::app, accounts::change_app))
        .routes(routes!(accounts::oas, accounts::put_oa))
        .routes(routes!(accounts::oa, accounts::change_oa))
        .routes(routes!(tokens::tokens))
        .routes(routes!(tokens::grant, tokens::revoke))
        .routes(routes!(tokens::expire))
        .routes(routes!(people::users, people::put_user))
        .routes(routes!(people::user))
        .routes(routes!(people::contact, people::change_contact))
        .routes(routes!(people::thread, actions::send))
        .routes(routes!(actions::tool_send))
        .routes(routes!(actions::follow))
        .routes(routes!(actions::unfollow))
        .routes(routes!(console::remove_follow))
        .routes(routes!(console::details))
        .routes(routes!(console::visit))
        .routes(routes!(console::put_fields))
        .routes(routes!(actions::block))
        .routes(routes!(actions::open))
        .routes(routes!(actions::react))
        .routes(routes!(actions::tap))
        .routes(routes!(actions::chat_now))
        .routes(routes!(actions::submit_info))
        .routes(routes!(actions::raw_event))
        .routes(routes!(actions::upload))
        .routes(routes!(actions::stickers))
        .routes(routes!(faults::faults, faults::add_fault, faults::clear_faults))
        .routes(routes!(faults::remove_fault))
        .routes(routes!(logs::requests))
        .routes(routes!(logs::deliveries))
        .routes(routes!(logs::hurry))
        .routes(routes!(logs::redeliver))
        .routes(routes!(logs::ledger))
        .routes(routes!(seed::seed))
        .routes(routes!(seed::generate))
        .routes(routes!(seed::crowd));
    OpenApiRouter::with_openapi(Doc::openapi()).nest(BASE, api).split_for_parts()
}

/// A refused control call: `{code, params}` with the code's status.
#[derive(Debug)]
pub struct Refused(pub Problem);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        let problem = Problem::new(Code::PlatformRefused)
            .param("platform_code", refusal.code.0)
            .param("platform_message", refusal.message);
        Self(problem)
    }
}

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self(Problem::internal(error))
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if let Some(detail) = &self.0.detail {
            tracing::error!(code = %self.0.code, detail, "control call failed");
        }
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self.0)).into_response()
    }
}

/// A JSON body; what is wrong with it is a [`Problem`]. An empty body counts as `{}`.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refused> {
        let bytes = bytes::Bytes::from_request(request, state)
            .await
            .map_err(|e| Refused(Problem::new(Code::MalformedBody).detail(e)))?;
        let bytes = if bytes.trim_ascii().is_empty() { bytes::Bytes::from_static(b"{}") } else { bytes };
        match axum::Json::<T>::from_bytes(&bytes) {
            Ok(axum::Json(body)) => Ok(Self(body)),
            Err(rejection) => {
                let at = match &rejection {
                    JsonRejection::JsonDataError(e) => e.body_text(),
                    other => other.body_text(),
                };
                Err(Refused(Problem::new(Code::MalformedBody).param("at", at)))
            }
        }
    }
}

/// An id given from outside: letters, digits, `-`, `_`.
fn check_id(id: &str) -> Result<(), Problem> {
    let fits = !id.is_empty()
        && id.len() <= 64
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if fits { Ok(()) } else { Err(Problem::invalid("id", "letters_digits_only")) }
}
