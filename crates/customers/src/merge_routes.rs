//! The routes of merges.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, CustomerId, MergeId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::Customers;
use crate::merge::{MergeDone, MergeUndone, MergeView, MergeWish};

pub(crate) fn router() -> OpenApiRouter<Customers> {
    OpenApiRouter::new().routes(routes!(merge)).routes(routes!(undo)).routes(routes!(list))
}

/// Two who are one person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeInput {
    /// `mrg_` and 32 hexadecimal digits, made by you: the same one again answers the same merge.
    id: MergeId,
    /// Who becomes part of this customer. Their id goes on leading to this one.
    other: CustomerId,
    /// Where both have a value this customer's stays, except in these: `display_name`, `avatar_url`, `phone`, `note` (then
    /// the other one's comes first; both are kept), or ids of fields.
    #[serde(default)]
    take: BTreeSet<String>,
}

/// Make the other one part of this customer.
#[utoipa::path(post, path = "/api/customers/{id}/merge", tag = "customers", operation_id = "merge_customers",
    params(("id" = CustomerId, Path)), request_body = MergeInput, responses((status = 200, body = MergeDone)))]
async fn merge(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
    ApiJson(input): ApiJson<MergeInput>,
) -> ApiResult<Json<MergeDone>> {
    let wish = MergeWish { id: input.id, other: input.other, take: input.take };
    Ok(Json(customers.merge(&actor, id, wish).await?))
}

/// Make two of them again, within 30 days; of several merges of a customer the last one first.
#[utoipa::path(post, path = "/api/customers/merges/{id}/undo", tag = "customers", operation_id = "undo_customer_merge",
    params(("id" = MergeId, Path)), responses((status = 200, body = MergeUndone)))]
async fn undo(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<MergeId>,
) -> ApiResult<Json<MergeUndone>> {
    Ok(Json(customers.undo_merge(&actor, id).await?))
}

/// Merges into a customer.
#[derive(Debug, Serialize, ToSchema)]
struct MergeList {
    items: Vec<MergeView>,
}

/// The latest merges into a customer, the newest first.
#[utoipa::path(get, path = "/api/customers/{id}/merges", tag = "customers", operation_id = "list_customer_merges",
    params(("id" = CustomerId, Path)), responses((status = 200, body = MergeList)))]
async fn list(
    State(customers): State<Customers>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<CustomerId>,
) -> ApiResult<Json<MergeList>> {
    Ok(Json(MergeList { items: customers.merges(&actor, id).await? }))
}
