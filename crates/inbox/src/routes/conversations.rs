//! Threads and their messages.

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiJson, ApiPath, ApiQuery, ApiResult, page_limit};
use loa_kernel::{
    Actor, ChannelId, ConversationId, LabelId, MemberId, MessageId, Page, Problem, SavedViewId,
};
use serde::{Deserialize, Deserializer};
use utoipa::{IntoParams, ToSchema};

use crate::conversations::{ListFilter, ListRequest, ListSort, Wish};
use crate::snooze::SnoozeWish;
use crate::views::{ConversationView, Counts};
use crate::words::ConversationStatus;
use crate::{Inbox, MessagesPage, Place};

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Which list.
    #[serde(default)]
    #[param(inline)]
    filter: ListFilter,
    /// In which order.
    #[serde(default)]
    #[param(inline)]
    sort: ListSort,
    /// A saved view instead: its conditions and its order; `filter` and `sort` mean nothing then.
    #[param(value_type = Option<String>)]
    view: Option<SavedViewId>,
    /// Only this channel.
    #[param(value_type = Option<String>)]
    channel: Option<ChannelId>,
    /// Only customers who carry this label.
    #[param(value_type = Option<String>)]
    label: Option<LabelId>,
    /// Part of the customer's name, with or without diacritics, or of their phone number.
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 50.
    limit: Option<u32>,
}

/// Threads, the latest message first or what closes next first.
#[utoipa::path(get, path = "/api/conversations", tag = "inbox", operation_id = "list_conversations",
    params(ListParams), responses((status = 200, body = Page<ConversationView>)))]
pub(super) async fn list(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Page<ConversationView>>> {
    let ListParams { filter, sort, view, channel, label, q, cursor, limit } = params;
    let limit = page_limit(limit, 50);
    let request = ListRequest { filter, sort, view, channel, label, search: q, cursor, limit };
    Ok(Json(inbox.list(&actor, &request).await?))
}

/// How many threads each list has; counting stops at 1,000.
#[utoipa::path(get, path = "/api/conversations/counts", tag = "inbox", operation_id = "count_conversations",
    responses((status = 200, body = Counts)))]
pub(super) async fn counts(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<Counts>> {
    Ok(Json(inbox.counts(&actor).await?))
}

/// One thread.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "inbox", operation_id = "get_conversation",
    params(("id" = ConversationId, Path)), responses((status = 200, body = ConversationView)))]
pub(super) async fn get(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<ConversationView>> {
    Ok(Json(inbox.conversation(&actor, id).await?))
}

/// What may be changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConversationPatch {
    /// The new status.
    #[schema(nullable = false)]
    status: Option<ConversationStatus>,
    /// Put it away until then; the status becomes `snoozed`. The status `snoozed` without this is until the customer
    /// writes.
    #[schema(nullable = false)]
    snooze: Option<SnoozeWish>,
    /// The new assignee; null takes the thread from everybody.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MemberId>)]
    assignee_id: Option<Option<MemberId>>,
}

/// Tells an absent field (`None`) from null (`Some(None)`).
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(d: D) -> Result<Option<T>, D::Error> {
    T::deserialize(d).map(Some)
}

/// Change status or assignee, or put the thread away for a time.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "inbox", operation_id = "edit_conversation",
    params(("id" = ConversationId, Path)), request_body = ConversationPatch,
    responses((status = 200, body = ConversationView)))]
pub(super) async fn patch(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiJson(patch): ApiJson<ConversationPatch>,
) -> ApiResult<Json<ConversationView>> {
    let wish = Wish { status: patch.status, snooze: patch.snooze, assignee: patch.assignee_id };
    Ok(Json(inbox.edit_conversation(&actor, id, &wish).await?))
}

/// Everything in the thread is read.
#[utoipa::path(post, path = "/api/conversations/{id}/read", tag = "inbox", operation_id = "read_conversation",
    params(("id" = ConversationId, Path)), responses((status = 200, body = ConversationView)))]
pub(super) async fn read(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
) -> ApiResult<Json<ConversationView>> {
    Ok(Json(inbox.mark_read(&actor, id).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ThreadParams {
    /// `next` of the page before: older messages follow.
    before: Option<String>,
    /// `newer` of the page before: newer messages follow.
    after: Option<String>,
    /// This message with what stands before and after it. At most one of `before`, `after` and `around`.
    #[param(value_type = Option<String>)]
    around: Option<MessageId>,
    /// At most so many; 1 to 100, usually 50.
    limit: Option<u32>,
}

/// Messages of a thread, with the private notes and the lines about what was done, the newest first.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "inbox", operation_id = "list_messages",
    params(("id" = ConversationId, Path), ThreadParams), responses((status = 200, body = MessagesPage)))]
pub(super) async fn messages(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<ConversationId>,
    ApiQuery(params): ApiQuery<ThreadParams>,
) -> ApiResult<Json<MessagesPage>> {
    let limit = page_limit(params.limit, 50);
    let place = match (&params.before, &params.after, params.around) {
        (None, None, None) => Place::Newest,
        (Some(cursor), None, None) => Place::Before(cursor),
        (None, Some(cursor), None) => Place::After(cursor),
        (None, None, Some(message)) => Place::Around(message),
        _ => return Err(Problem::invalid("around", "one_of_several").into()),
    };
    Ok(Json(inbox.messages(&actor, id, place, limit).await?))
}
