//! The routes of customers.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult, page_limit};
use loa_kernel::{Actor, CustomerId, Page};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{CustomerEdit, CustomerView, Customers};

/// All routes. Everything needs a signed-in member.
pub fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, patch))
        .merge(crate::field_routes::router())
        .merge(crate::find_routes::router())
        .merge(crate::follow_routes::router())
        .merge(crate::groups::router())
        .merge(crate::imports::router())
        .merge(crate::label_routes::router())
        .merge(crate::bulk_routes::router())
        .merge(crate::list_view_routes::router())
        .merge(crate::merge_routes::router())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Part of the name, with or without diacritics, or of the phone number. Who does not see numbers whole
    /// finds them only by the whole number.
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 50.
    limit: Option<u32>,
}

/// Customers by name.
#[utoipa::path(get, path = "/api/customers", tag = "customers", operation_id = "list_customers",
    params(ListParams), responses((status = 200, body = Page<CustomerView>)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Page<CustomerView>>> {
    let limit = page_limit(params.limit, 50);
    Ok(Json(customers.list(&actor, params.q.as_deref(), params.cursor.as_deref(), limit).await?))
}

/// One customer.
#[utoipa::path(get, path = "/api/customers/{id}", tag = "customers", operation_id = "get_customer",
    params(("id" = CustomerId, Path)), responses((status = 200, body = CustomerView)))]
async fn get(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
) -> ApiResult<Json<CustomerView>> {
    Ok(Json(customers.get(&actor, id).await?))
}

/// What may be changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerPatch {
    /// The new name; not blank.
    #[schema(nullable = false)]
    display_name: Option<String>,
    /// The new phone number; empty takes it away.
    #[schema(nullable = false)]
    phone: Option<String>,
    /// The new note; empty takes it away.
    #[schema(nullable = false)]
    note: Option<String>,
    /// Fields to be filled in, by key; null empties one.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    fields: BTreeMap<String, Value>,
}

/// Change a customer.
#[utoipa::path(patch, path = "/api/customers/{id}", tag = "customers", operation_id = "edit_customer",
    params(("id" = CustomerId, Path)), request_body = CustomerPatch,
    responses((status = 200, body = CustomerView)))]
async fn patch(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
    ApiJson(patch): ApiJson<CustomerPatch>,
) -> ApiResult<Json<CustomerView>> {
    let CustomerPatch { display_name, phone, note, fields } = patch;
    Ok(Json(customers.edit(&actor, id, CustomerEdit { display_name, phone, note, fields }).await?))
}
