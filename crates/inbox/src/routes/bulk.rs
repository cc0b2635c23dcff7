//! What is done to many threads at once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult, page_limit};
use loa_kernel::{
    Actor, BulkAction, BulkJobId, ChannelId, ConversationId, LabelId, Page, Problem, SavedViewId,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Inbox;
use crate::bulk::{BulkTarget, MAX_CHOSEN, WholeList};
use crate::conversations::{ListFilter, ListSort};
use crate::views::{BulkItemView, BulkJobView};

/// A list taken whole: what you see under these filters.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkList {
    /// Which list; of no meaning with `view`.
    #[serde(default)]
    filter: ListFilter,
    /// In which order it is shown: with `closing` only threads in which something ends. Of no meaning with `view`.
    #[serde(default)]
    sort: ListSort,
    /// A saved view instead.
    #[schema(nullable = false)]
    view: Option<SavedViewId>,
    /// Only this channel.
    #[schema(nullable = false)]
    channel: Option<ChannelId>,
    /// Only customers who carry this label.
    #[schema(nullable = false)]
    label: Option<LabelId>,
    /// Part of the customer's name, with or without diacritics, or of their phone number.
    #[schema(nullable = false)]
    q: Option<String>,
}

impl From<BulkList> for WholeList {
    fn from(list: BulkList) -> Self {
        let BulkList { filter, sort, view, channel, label, q } = list;
        Self { filter, sort, view, channel, label, search: q }
    }
}

/// What to do to which threads: exactly one of `ids` and `list`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BulkInput {
    /// Made by you; asking again with the same one does nothing twice.
    id: BulkJobId,
    /// What to do.
    action: BulkAction,
    /// These threads, at most 1,000.
    #[schema(nullable = false)]
    ids: Option<Vec<ConversationId>>,
    /// All threads of a list as it is now, at most 50,000.
    #[schema(nullable = false)]
    list: Option<BulkList>,
}

/// Do something to many threads. It is done in the background; its author hears of every step.
#[utoipa::path(post, path = "/api/bulk-jobs", tag = "inbox", operation_id = "begin_bulk_job",
    request_body = BulkInput, responses((status = 202, body = BulkJobView)))]
pub(super) async fn begin(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(input): ApiJson<BulkInput>,
) -> ApiResult<(StatusCode, Json<BulkJobView>)> {
    let target = match (input.ids, input.list) {
        (Some(ids), None) => BulkTarget::Ids(ids),
        (None, Some(list)) => BulkTarget::List(list.into()),
        _ => return Err(Problem::invalid("ids", "ids_or_list").into()),
    };
    let view = inbox.begin_bulk(&actor, input.id, input.action, target).await?;
    Ok((StatusCode::ACCEPTED, Json(view)))
}

/// How many threads a list has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkCount {
    /// Exactly so many, unless it is more than `max`.
    count: u64,
    /// More are not taken at once.
    max: u64,
}

/// How many threads a list has, exactly, before something is done to all of them.
#[utoipa::path(post, path = "/api/bulk-jobs/count", tag = "inbox", operation_id = "count_for_bulk_job",
    request_body = BulkList, responses((status = 200, body = BulkCount)))]
pub(super) async fn count(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiJson(list): ApiJson<BulkList>,
) -> ApiResult<Json<BulkCount>> {
    let count = inbox.count_for_bulk(&actor, list.into()).await?;
    Ok(Json(BulkCount { count, max: MAX_CHOSEN }))
}

/// What you did to many threads.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BulkJobs {
    /// The latest ten, the newest first.
    items: Vec<BulkJobView>,
}

/// What you did to many threads lately.
#[utoipa::path(get, path = "/api/bulk-jobs", tag = "inbox", operation_id = "list_bulk_jobs",
    responses((status = 200, body = BulkJobs)))]
pub(super) async fn list(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<BulkJobs>> {
    Ok(Json(BulkJobs { items: inbox.bulk_jobs(&actor).await? }))
}

/// One of them.
#[utoipa::path(get, path = "/api/bulk-jobs/{id}", tag = "inbox", operation_id = "get_bulk_job",
    params(("id" = BulkJobId, Path)), responses((status = 200, body = BulkJobView)))]
pub(super) async fn get(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<BulkJobId>,
) -> ApiResult<Json<BulkJobView>> {
    Ok(Json(inbox.bulk_job(&actor, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ItemParams {
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 100.
    limit: Option<u32>,
    /// Only those that were skipped or kept.
    #[serde(default)]
    told: bool,
}

/// What became of each thread or customer.
#[utoipa::path(get, path = "/api/bulk-jobs/{id}/items", tag = "inbox", operation_id = "list_bulk_items",
    params(("id" = BulkJobId, Path), ItemParams), responses((status = 200, body = Page<BulkItemView>)))]
pub(super) async fn items(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<BulkJobId>,
    ApiQuery(params): ApiQuery<ItemParams>,
) -> ApiResult<Json<Page<BulkItemView>>> {
    let limit = page_limit(params.limit, 100);
    Ok(Json(inbox.bulk_items(&actor, id, params.cursor.as_deref(), params.told, limit).await?))
}

/// Stop it; what was changed until now stays changed and can be undone.
#[utoipa::path(post, path = "/api/bulk-jobs/{id}/cancel", tag = "inbox", operation_id = "cancel_bulk_job",
    params(("id" = BulkJobId, Path)), responses((status = 200, body = BulkJobView)))]
pub(super) async fn cancel(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<BulkJobId>,
) -> ApiResult<Json<BulkJobView>> {
    Ok(Json(inbox.cancel_bulk(&actor, id).await?))
}

/// Put back what it changed, where nobody has changed it since. Possible once, within a day after it ended.
#[utoipa::path(post, path = "/api/bulk-jobs/{id}/undo", tag = "inbox", operation_id = "undo_bulk_job",
    params(("id" = BulkJobId, Path)), responses((status = 200, body = BulkJobView)))]
pub(super) async fn undo(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<BulkJobId>,
) -> ApiResult<Json<BulkJobView>> {
    Ok(Json(inbox.undo_bulk(&actor, id).await?))
}
