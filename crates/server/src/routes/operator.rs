//! What operators look at.

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiQuery, ApiResult, page_limit};
use loa_kernel::{Action, Actor, ChannelId, EventId, Object, Page, PageCursor, Timestamp};
use loa_store::entity::raw_events::Model;
use loa_store::raw_events::{self, Position};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::state::AppState;

/// An event of a platform that was not understood, as it arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct RawEvent {
    /// Its id.
    id: EventId,
    /// The account it is about, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    channel_id: Option<ChannelId>,
    /// The platform's name of it.
    event_name: String,
    /// Why it was not understood: `unknown_event` or `unparsable`.
    reason: String,
    /// The body.
    body: String,
    /// When it arrived.
    received_at: Timestamp,
}

impl From<Model> for RawEvent {
    fn from(row: Model) -> Self {
        Self {
            id: EventId(row.id),
            channel_id: row.channel_id.map(ChannelId),
            event_name: row.event_name,
            reason: row.reason,
            body: row.body,
            received_at: Timestamp(row.received_at),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 50.
    limit: Option<u32>,
}

/// Events that were not understood, the latest first.
#[utoipa::path(get, path = "/api/operator/events", tag = "operator", operation_id = "list_raw_events",
    params(EventParams), responses((status = 200, body = Page<RawEvent>)))]
pub(crate) async fn events(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    ApiQuery(params): ApiQuery<EventParams>,
) -> ApiResult<Json<Page<RawEvent>>> {
    actor.require(Object::Workspace, Action::View)?;
    let after = params.cursor.as_deref().map(PageCursor::decode::<Position>).transpose()?;
    let limit = page_limit(params.limit, 50);
    let rows = raw_events::page(state.store.reader(), actor.workspace, after, limit as u64 + 1).await?;
    let page =
        Page::cut(rows, limit, |row| PageCursor::encode(&(Timestamp(row.received_at), EventId(row.id))));
    Ok(Json(page.map(RawEvent::from)))
}
