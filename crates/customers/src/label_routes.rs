//! The routes of labels.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, CustomerId, LabelColour, LabelId, LabelKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{CustomerView, Customers, LabelPatch, LabelView};

pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(usage))
        .routes(routes!(order))
        .routes(routes!(edit, delete))
        .routes(routes!(push_again))
        .routes(routes!(label_customer))
}

/// All labels in their order.
#[derive(Debug, Serialize, ToSchema)]
struct LabelList {
    items: Vec<LabelView>,
}

/// All labels in their order, archived ones included.
#[utoipa::path(get, path = "/api/labels", tag = "labels", operation_id = "list_labels",
    responses((status = 200, body = LabelList)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<LabelList>> {
    Ok(Json(LabelList { items: customers.labels(&actor).await? }))
}

/// A label to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLabelInput {
    /// Its name, at most 60 characters.
    name: String,
    /// Its colour.
    colour: LabelColour,
    /// What it is for; absent: a normal label. It stays what it is.
    #[serde(default = "normal")]
    kind: LabelKind,
}

const fn normal() -> LabelKind {
    LabelKind::Normal
}

/// Make a label. The name of another one, however it is written, is `conflict`.
#[utoipa::path(post, path = "/api/labels", tag = "labels", operation_id = "create_label",
    request_body = NewLabelInput, responses((status = 201, body = LabelView)))]
async fn create(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<NewLabelInput>,
) -> ApiResult<(StatusCode, Json<LabelView>)> {
    let made = customers.create_label(&actor, &input.name, input.colour, input.kind).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// How many customers carry each label.
#[derive(Debug, Serialize, ToSchema)]
struct LabelUsage {
    /// By label; one that nobody carries is absent.
    #[schema(value_type = BTreeMap<String, u64>)]
    customers: BTreeMap<LabelId, u64>,
    /// On how many addresses the platform refused it as a tag; absent: on none.
    #[schema(value_type = BTreeMap<String, u64>)]
    refused: BTreeMap<LabelId, u64>,
}

/// How many customers carry each label.
#[utoipa::path(get, path = "/api/labels/usage", tag = "labels", operation_id = "get_label_usage",
    responses((status = 200, body = LabelUsage)))]
async fn usage(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<LabelUsage>> {
    let (used, refused) = (customers.label_usage(&actor).await?, customers.label_refusals(&actor).await?);
    Ok(Json(LabelUsage { customers: used, refused }))
}

/// An order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LabelOrder {
    /// Labels in their new order; others follow as they stood.
    ids: Vec<LabelId>,
}

/// Put the labels into an order.
#[utoipa::path(put, path = "/api/labels/order", tag = "labels", operation_id = "order_labels",
    request_body = LabelOrder, responses((status = 200, body = LabelList)))]
async fn order(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<LabelOrder>,
) -> ApiResult<Json<LabelList>> {
    Ok(Json(LabelList { items: customers.order_labels(&actor, &input.ids).await? }))
}

/// Change a label.
#[utoipa::path(patch, path = "/api/labels/{id}", tag = "labels", operation_id = "edit_label",
    params(("id" = LabelId, Path)), request_body = LabelPatch, responses((status = 200, body = LabelView)))]
async fn edit(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<LabelId>,
    ApiJson(patch): ApiJson<LabelPatch>,
) -> ApiResult<Json<LabelView>> {
    Ok(Json(customers.edit_label(&actor, id, patch).await?))
}

/// Remove a label, from every customer too.
#[utoipa::path(delete, path = "/api/labels/{id}", tag = "labels", operation_id = "delete_label",
    params(("id" = LabelId, Path)), responses((status = 204)))]
async fn delete(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<LabelId>,
) -> ApiResult<StatusCode> {
    customers.delete_label(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is told again.
#[derive(Debug, Serialize, ToSchema)]
struct PushedAgain {
    /// For so many addresses.
    count: u64,
}

/// Tell the platform again what it refused about a label.
#[utoipa::path(post, path = "/api/labels/{id}/push-again", tag = "labels", operation_id = "push_label_again",
    params(("id" = LabelId, Path)), responses((status = 200, body = PushedAgain)))]
async fn push_again(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<LabelId>,
) -> ApiResult<Json<PushedAgain>> {
    Ok(Json(PushedAgain { count: customers.push_label_again(&actor, id).await? }))
}

/// Labels to put on a customer and to take off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CustomerLabels {
    /// To be carried.
    #[serde(default)]
    put: Vec<LabelId>,
    /// Not to be carried.
    #[serde(default)]
    remove: Vec<LabelId>,
}

/// Put labels on a customer and take labels off. What is so already stays so.
#[utoipa::path(patch, path = "/api/customers/{id}/labels", tag = "labels", operation_id = "label_customer",
    params(("id" = CustomerId, Path)), request_body = CustomerLabels,
    responses((status = 200, body = CustomerView)))]
async fn label_customer(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
    ApiJson(input): ApiJson<CustomerLabels>,
) -> ApiResult<Json<CustomerView>> {
    Ok(Json(customers.label_customer(&actor, id, &input.put, &input.remove).await?))
}
