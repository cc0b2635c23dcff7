//! The routes of fields, and of what packages allow.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, FieldId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Capabilities, Customers, FieldInput, FieldPatch, FieldView, PackageView};

/// All routes. Everything needs a signed-in member.
pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(order))
        .routes(routes!(edit, delete))
        .routes(routes!(usage))
        .routes(routes!(capabilities))
        .routes(routes!(packages))
        .routes(routes!(say_package, forget_package))
}

/// Fields of customers.
#[derive(Debug, Serialize, ToSchema)]
struct FieldList {
    /// In their order.
    items: Vec<FieldView>,
}

/// The fields that the business made, in their order, as far as you see them.
#[utoipa::path(get, path = "/api/customers/fields", tag = "customers", operation_id = "list_customer_fields",
    responses((status = 200, body = FieldList)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<FieldList>> {
    Ok(Json(FieldList { items: customers.fields(&actor).await? }))
}

/// Make a field.
#[utoipa::path(post, path = "/api/customers/fields", tag = "customers", operation_id = "create_customer_field",
    request_body = FieldInput, responses((status = 201, body = FieldView)))]
async fn create(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<FieldInput>,
) -> ApiResult<(StatusCode, Json<FieldView>)> {
    Ok((StatusCode::CREATED, Json(customers.create_field(&actor, input).await?)))
}

/// An order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FieldOrder {
    /// Fields in their new order; others follow as they stood.
    ids: Vec<FieldId>,
}

/// Put the fields into an order.
#[utoipa::path(put, path = "/api/customers/fields/order", tag = "customers", operation_id = "order_customer_fields",
    request_body = FieldOrder, responses((status = 200, body = FieldList)))]
async fn order(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<FieldOrder>,
) -> ApiResult<Json<FieldList>> {
    Ok(Json(FieldList { items: customers.order_fields(&actor, &input.ids).await? }))
}

/// Change a field. Its key and kind never change.
#[utoipa::path(patch, path = "/api/customers/fields/{id}", tag = "customers", operation_id = "edit_customer_field",
    params(("id" = FieldId, Path)), request_body = FieldPatch, responses((status = 200, body = FieldView)))]
async fn edit(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<FieldId>,
    ApiJson(patch): ApiJson<FieldPatch>,
) -> ApiResult<Json<FieldView>> {
    Ok(Json(customers.edit_field(&actor, id, patch).await?))
}

/// Remove a field with everything that stands in it.
#[utoipa::path(delete, path = "/api/customers/fields/{id}", tag = "customers",
    operation_id = "delete_customer_field", params(("id" = FieldId, Path)), responses((status = 204)))]
async fn delete(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<FieldId>,
) -> ApiResult<StatusCode> {
    customers.delete_field(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How much a field is used.
#[derive(Debug, Serialize, ToSchema)]
struct FieldUsage {
    /// Customers who have something in it.
    customers: u64,
}

/// How many customers have something in a field.
#[utoipa::path(get, path = "/api/customers/fields/{id}/usage", tag = "customers",
    operation_id = "get_customer_field_usage", params(("id" = FieldId, Path)),
    responses((status = 200, body = FieldUsage)))]
async fn usage(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<FieldId>,
) -> ApiResult<Json<FieldUsage>> {
    Ok(Json(FieldUsage { customers: customers.field_usage(&actor, id).await? }))
}

/// What the packages of the connected accounts allow together; null: not known, and not refused.
#[utoipa::path(get, path = "/api/customers/capabilities", tag = "customers", operation_id = "get_capabilities",
    responses((status = 200, body = Capabilities)))]
async fn capabilities(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<Capabilities>> {
    Ok(Json(customers.capabilities(&actor).await?))
}

/// Packages and what they allow.
#[derive(Debug, Serialize, ToSchema)]
struct PackageList {
    /// Those of connected accounts first.
    items: Vec<PackageView>,
}

/// The platform's packages and what each allows.
#[utoipa::path(get, path = "/api/customers/packages", tag = "customers", operation_id = "list_packages",
    responses((status = 200, body = PackageList)))]
async fn packages(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<PackageList>> {
    Ok(Json(PackageList { items: customers.packages(&actor).await? }))
}

/// Say what a package allows.
#[utoipa::path(put, path = "/api/customers/packages/{name}", tag = "customers", operation_id = "say_package",
    params(("name" = String, Path)), request_body = Capabilities, responses((status = 200, body = PackageList)))]
async fn say_package(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(name): ApiPath<String>,
    ApiJson(said): ApiJson<Capabilities>,
) -> ApiResult<Json<PackageList>> {
    Ok(Json(PackageList { items: customers.say_package(&actor, &name, Some(said)).await? }))
}

/// Leave what a package allows to the rule book again.
#[utoipa::path(delete, path = "/api/customers/packages/{name}", tag = "customers", operation_id = "forget_package",
    params(("name" = String, Path)), responses((status = 200, body = PackageList)))]
async fn forget_package(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(name): ApiPath<String>,
) -> ApiResult<Json<PackageList>> {
    Ok(Json(PackageList { items: customers.say_package(&actor, &name, None).await? }))
}
