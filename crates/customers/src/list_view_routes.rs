//! The routes of named views of the list of customers.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, SavedViewId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Customers;
use crate::list_views::{ListView, ListViewPatch, NewListView};

/// All routes. Everything needs a signed-in member.
pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(place)).routes(routes!(patch, delete))
}

/// The views you have.
#[derive(Debug, Serialize, ToSchema)]
struct CustomerListViews {
    /// In your order.
    items: Vec<ListView>,
}

/// Your views of customers and the shared ones, in your order.
#[utoipa::path(get, path = "/api/customers/views", tag = "customers", operation_id = "list_customer_views",
    responses((status = 200, body = CustomerListViews)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<CustomerListViews>> {
    Ok(Json(CustomerListViews { items: customers.list_views(&actor).await? }))
}

/// Make a view of customers.
#[utoipa::path(post, path = "/api/customers/views", tag = "customers", operation_id = "create_customer_view",
    request_body = NewListView, responses((status = 201, body = ListView)))]
async fn create(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(new): ApiJson<NewListView>,
) -> ApiResult<(StatusCode, Json<ListView>)> {
    Ok((StatusCode::CREATED, Json(customers.create_list_view(&actor, new).await?)))
}

/// Change a view of customers: its owner may, and of a shared one an administrator.
#[utoipa::path(patch, path = "/api/customers/views/{id}", tag = "customers", operation_id = "edit_customer_view",
    params(("id" = SavedViewId, Path)), request_body = ListViewPatch, responses((status = 200, body = ListView)))]
async fn patch(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<SavedViewId>,
    ApiJson(patch): ApiJson<ListViewPatch>,
) -> ApiResult<Json<ListView>> {
    Ok(Json(customers.edit_list_view(&actor, id, patch).await?))
}

/// Remove a view of customers, for everybody when it is shared.
#[utoipa::path(delete, path = "/api/customers/views/{id}", tag = "customers", operation_id = "delete_customer_view",
    params(("id" = SavedViewId, Path)), responses((status = 204)))]
async fn delete(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<SavedViewId>,
) -> ApiResult<StatusCode> {
    customers.delete_list_view(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerViewOrder {
    /// From the first to the last; views that are not named stand last.
    items: Vec<CustomerViewPlace>,
}

/// Where a view stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerViewPlace {
    /// Which view.
    id: SavedViewId,
    /// You see it beside the filters.
    pinned: bool,
}

/// Put your views of customers into an order of your own.
#[utoipa::path(put, path = "/api/customers/views/order", tag = "customers", operation_id = "place_customer_views",
    request_body = CustomerViewOrder, responses((status = 200, body = CustomerListViews)))]
async fn place(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(order): ApiJson<CustomerViewOrder>,
) -> ApiResult<Json<CustomerListViews>> {
    let order: Vec<(SavedViewId, bool)> =
        order.items.into_iter().map(|place| (place.id, place.pinned)).collect();
    Ok(Json(CustomerListViews { items: customers.place_list_views(&actor, &order).await? }))
}
