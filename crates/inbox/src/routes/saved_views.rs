//! Saved views.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiResult};
use loa_kernel::{Actor, Criteria, SavedViewId, ViewSort};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Inbox;
use crate::saved_views::{NewView, ViewPatch};
use crate::views::{SavedViewView, ViewCount};

/// The views you have.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SavedViews {
    /// In your order.
    items: Vec<SavedViewView>,
}

/// Your views and the shared ones, in your order.
#[utoipa::path(get, path = "/api/views", tag = "inbox", operation_id = "list_views",
    responses((status = 200, body = SavedViews)))]
pub(super) async fn list(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<SavedViews>> {
    Ok(Json(SavedViews { items: inbox.saved_views(&actor).await? }))
}

/// How many threads each view has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ViewCounts {
    /// One for each view.
    items: Vec<ViewCount>,
}

/// How many threads each of your views has; counting stops at 1,000.
#[utoipa::path(get, path = "/api/views/counts", tag = "inbox", operation_id = "count_views",
    responses((status = 200, body = ViewCounts)))]
pub(super) async fn counts(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<ViewCounts>> {
    Ok(Json(ViewCounts { items: inbox.saved_view_counts(&actor).await? }))
}

/// A view to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewInput {
    /// Made by you; asking again with the same one makes no second view.
    id: SavedViewId,
    /// 1 to 60 characters.
    name: String,
    /// What its threads fulfil.
    criteria: Criteria,
    /// In which order they stand.
    #[serde(default)]
    sort: ViewSort,
    /// For everybody; asks for the grant `configure` on `saved_view`.
    #[serde(default)]
    shared: bool,
}

/// Make a view.
#[utoipa::path(post, path = "/api/views", tag = "inbox", operation_id = "create_view",
    request_body = ViewInput, responses((status = 201, body = SavedViewView)))]
pub(super) async fn create(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<ViewInput>,
) -> ApiResult<(StatusCode, Json<SavedViewView>)> {
    let ViewInput { id, name, criteria, sort, shared } = input;
    let view = inbox.create_saved_view(&actor, NewView { id, name, criteria, sort, shared }).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

/// What may be changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewPatchInput {
    /// 1 to 60 characters.
    #[schema(nullable = false)]
    name: Option<String>,
    /// What its threads fulfil, all of it.
    #[schema(nullable = false)]
    criteria: Option<Criteria>,
    /// In which order they stand.
    #[schema(nullable = false)]
    sort: Option<ViewSort>,
    /// For everybody; asks for the grant `configure` on `saved_view`.
    #[schema(nullable = false)]
    shared: Option<bool>,
}

/// Change a view.
#[utoipa::path(patch, path = "/api/views/{id}", tag = "inbox", operation_id = "edit_view",
    params(("id" = SavedViewId, Path)), request_body = ViewPatchInput,
    responses((status = 200, body = SavedViewView)))]
pub(super) async fn patch(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<SavedViewId>,
    ApiJson(input): ApiJson<ViewPatchInput>,
) -> ApiResult<Json<SavedViewView>> {
    let ViewPatchInput { name, criteria, sort, shared } = input;
    Ok(Json(inbox.edit_saved_view(&actor, id, ViewPatch { name, criteria, sort, shared }).await?))
}

/// Remove a view, for everybody when it is shared.
#[utoipa::path(delete, path = "/api/views/{id}", tag = "inbox", operation_id = "delete_view",
    params(("id" = SavedViewId, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<SavedViewId>,
) -> ApiResult<StatusCode> {
    inbox.delete_saved_view(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Your order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewOrder {
    /// From the first to the last; views that are not named stand last.
    items: Vec<ViewPlace>,
}

/// Where a view stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewPlace {
    /// Which view.
    id: SavedViewId,
    /// You always see it in the column.
    pinned: bool,
}

/// Put your views into an order of your own.
#[utoipa::path(put, path = "/api/views/order", tag = "inbox", operation_id = "place_views",
    request_body = ViewOrder, responses((status = 200, body = SavedViews)))]
pub(super) async fn place(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(order): ApiJson<ViewOrder>,
) -> ApiResult<Json<SavedViews>> {
    let order: Vec<(SavedViewId, bool)> =
        order.items.into_iter().map(|place| (place.id, place.pinned)).collect();
    Ok(Json(SavedViews { items: inbox.place_saved_views(&actor, &order).await? }))
}
