//! The routes of what is done to many customers, and of the settings of the list.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiResult};
use loa_kernel::Actor;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Customers;
use crate::bulk::{BegunLabels, BulkLabels, CustomerSettings, CustomerSettingsView};

/// All routes. Everything needs a signed-in member.
pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new().routes(routes!(label_many)).routes(routes!(settings, set_settings))
}

/// Put labels on many customers and take labels off. It is done in the background: watch, stop and undo it as a bulk job.
#[utoipa::path(post, path = "/api/customers/bulk-labels", tag = "customers", operation_id = "label_customers",
    request_body = BulkLabels, responses((status = 202, body = BegunLabels)))]
async fn label_many(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(asked): ApiJson<BulkLabels>,
) -> ApiResult<(StatusCode, Json<BegunLabels>)> {
    Ok((StatusCode::ACCEPTED, Json(customers.label_many(&actor, asked).await?)))
}

/// What the business has decided about its list of customers.
#[utoipa::path(get, path = "/api/customers/settings", tag = "customers", operation_id = "get_customer_settings",
    responses((status = 200, body = CustomerSettingsView)))]
async fn settings(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<CustomerSettingsView>> {
    Ok(Json(customers.customer_settings(&actor).await?))
}

/// Decide it.
#[utoipa::path(put, path = "/api/customers/settings", tag = "customers", operation_id = "put_customer_settings",
    request_body = CustomerSettings, responses((status = 200, body = CustomerSettingsView)))]
async fn set_settings(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(body): ApiJson<CustomerSettings>,
) -> ApiResult<Json<CustomerSettingsView>> {
    Ok(Json(customers.set_customer_settings(&actor, body).await?))
}
