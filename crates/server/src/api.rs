//! All routes of the API and their description.

use std::sync::LazyLock;

use axum::Json;
use axum::http::StatusCode;
use loa_kernel::Object;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, License, OpenApi, OpenApiBuilder, Ref, RefOr, ResponseBuilder,
    path::Operation,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::realtime::{self, event::Said};
use crate::routes::{members, notifications, operator, session, setup};
use crate::state::AppState;

/// Routes that need nobody signed in: set-up and sign-in. (Webhooks prove themselves by their signature.)
pub(crate) fn public() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(setup::get, setup::post))
        .routes(routes!(session::post))
        .routes(routes!(get_openapi))
}

/// The server's own routes that need a signed-in member.
fn own() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session::get, session::delete))
        .routes(routes!(session::delete_all))
        .routes(routes!(members::list, members::add))
        .routes(routes!(members::edit))
        .routes(routes!(members::edit_me))
        .routes(routes!(members::change_password))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::read_all))
        .routes(routes!(operator::events))
        .routes(routes!(realtime::socket::connect))
}

/// All routes that need a signed-in member.
pub(crate) fn signed_in(state: &AppState) -> OpenApiRouter<AppState> {
    own()
        .merge(loa_inbox::router().with_state(state.inbox.clone()))
        .merge(loa_customers::router().with_state(state.customers.clone()))
        .merge(loa_channels::router().with_state(state.channels.clone()))
        .merge(loa_outbound::router().with_state(state.outbound.clone()))
}

/// Where platforms deliver.
pub(crate) fn webhooks(state: &AppState) -> OpenApiRouter<AppState> {
    loa_intake::public_router().with_state(state.webhooks.clone())
}

/// The description of the whole API, as committed under `openapi/loa.json`.
pub fn openapi() -> OpenApi {
    let mut api = OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Loa")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(
                    "The API of Loa. Instants are milliseconds since 1970-01-01T00:00:00Z; ids carry a prefix that names \
                     their kind. Sign in with `POST /api/session`; the session travels in a cookie. Calls that change \
                     something need the header `x-loa: 1`. A refusal is a `Problem`: a stable code with parameters.",
                ))
                .license(Some(License::new("Apache-2.0")))
                .build(),
        )
        .build();
    let parts = [
        public().into_openapi(),
        own().into_openapi(),
        loa_inbox::router().into_openapi(),
        loa_customers::router().into_openapi(),
        loa_channels::router().into_openapi(),
        loa_outbound::router().into_openapi(),
        loa_intake::public_router().into_openapi(),
    ];
    for part in parts {
        api.merge(part);
    }
    complete(&mut api);
    api
}

/// What all operations share: the session's cookie, the header against forgery, the answer to a refusal.
fn complete(api: &mut OpenApi) {
    let components = api.components.get_or_insert_default();
    let cookie = ApiKeyValue::with_description("loa_session", "Set by signing in.");
    components
        .security_schemes
        .insert("session".to_owned(), RefOr::T(SecurityScheme::ApiKey(ApiKey::Cookie(cookie))));
    // What a client says on the socket belongs to no answer of an operation.
    let mut schemas = vec![
        (loa_kernel::Problem::name().into_owned(), loa_kernel::Problem::schema()),
        (Said::name().into_owned(), Said::schema()),
    ];
    <loa_kernel::Problem as ToSchema>::schemas(&mut schemas);
    for (name, schema) in schemas {
        components.schemas.entry(name).or_insert(schema);
    }
    // The generator takes a type named `Object` for "any object"; say what it is.
    let objects = Object::ALL.iter().map(|object| object.as_str());
    if let Some(RefOr::T(Schema::Object(grant))) = components.schemas.get_mut("Grant") {
        let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(objects)).build();
        grant.properties.insert("object".to_owned(), RefOr::T(Schema::Object(words)));
    }
    let refusal = ResponseBuilder::new()
        .description("Refused, or failed by our fault.")
        .content(
            "application/json",
            ContentBuilder::new().schema(Some(RefOr::Ref(Ref::from_schema_name("Problem")))).build(),
        )
        .build();
    for (path, item) in &mut api.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            operation
                .responses
                .responses
                .entry("default".to_owned())
                .or_insert_with(|| RefOr::T(refusal.clone()));
            if operation.security.is_none() && !is_public(path, operation) {
                operation.security = Some(vec![SecurityRequirement::new("session", Vec::<String>::new())]);
            }
        }
    }
}

/// Webhooks are public although their crate does not say so.
fn is_public(path: &str, _: &Operation) -> bool {
    path.starts_with("/webhooks/")
}

static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(openapi);

/// This description.
#[utoipa::path(get, path = "/api/openapi.json", tag = "description", operation_id = "get_openapi",
    responses((status = 200, body = serde_json::Value)), security(()))]
async fn get_openapi() -> (StatusCode, Json<&'static OpenApi>) {
    (StatusCode::OK, Json(&DOCUMENT))
}
