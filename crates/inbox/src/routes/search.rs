//! Search in messages.

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiQuery, ApiResult, page_limit};
use loa_kernel::Actor;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::Inbox;
use crate::search::SearchPage;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Words by their beginnings, with or without diacritics; `"quoted phrases"`; `from:` a customer, a member or `me`;
    /// `has:` image, gif, file, link, sticker, audio, video, location or card; `in:` a channel; `before:`, `after:` and
    /// `on:` a day in Vietnam.
    q: String,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 30.
    limit: Option<u32>,
}

/// Messages, the newest first.
///
/// A query that cannot be read is `invalid_field` of `q`; `part` is what is wrong with it.
#[utoipa::path(get, path = "/api/search", tag = "inbox", operation_id = "search_messages",
    params(SearchParams), responses((status = 200, body = SearchPage)))]
pub(super) async fn search(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiQuery(params): ApiQuery<SearchParams>,
) -> ApiResult<Json<SearchPage>> {
    let limit = page_limit(params.limit, 30);
    Ok(Json(inbox.search(&actor, &params.q, params.cursor.as_deref(), limit).await?))
}
