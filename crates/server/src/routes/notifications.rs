//! Notices to the signed-in member.

use axum::extract::State;
use axum::{Extension, Json};
use loa_http::{ApiPath, ApiQuery, ApiResult, page_limit};
use loa_kernel::{Actor, NotificationId, PageCursor, Problem};
use loa_store::changes::{self, NewChange};
use loa_store::notifications as rows;
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::state::AppState;
use crate::views::NotificationView;

/// Counting unread notices stops here.
const MOST_UNREAD: u64 = 100;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListParams {
    /// Only those that are not read.
    #[serde(default)]
    unread: bool,
    /// `next` of the page before.
    cursor: Option<String>,
    /// At most so many; 1 to 100, usually 30.
    limit: Option<u32>,
}

/// Notices, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Notifications {
    items: Vec<NotificationView>,
    /// Pass it as `cursor` to go on; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
    /// How many are not read; counting stops at 100.
    unread: u64,
}

/// Notices to the member who asks, the newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", operation_id = "list_notifications",
    params(ListParams), responses((status = 200, body = Notifications)))]
pub(crate) async fn list(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    ApiQuery(params): ApiQuery<ListParams>,
) -> ApiResult<Json<Notifications>> {
    let after = params.cursor.as_deref().map(PageCursor::decode::<NotificationId>).transpose()?;
    let limit = page_limit(params.limit, 30);
    let (db, ws, me) = (state.store.reader(), actor.workspace, actor.member);
    let rows = rows::list(db, ws, me, params.unread, after, limit as u64 + 1).await?;
    let page = loa_kernel::Page::cut(rows, limit, |row| PageCursor::encode(&NotificationId(row.id)));
    let items = page.items.iter().map(NotificationView::from).collect();
    let unread = rows::unread(db, ws, me, MOST_UNREAD).await?;
    Ok(Json(Notifications { items, next: page.next, unread }))
}

/// What is not read yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreadNotifications {
    /// How many; counting stops at 100.
    unread: u64,
}

/// The member has read this notice.
#[utoipa::path(post, path = "/api/notifications/{id}/read", tag = "notifications", operation_id = "read_notification",
    params(("id" = NotificationId, Path)), responses((status = 200, body = UnreadNotifications)))]
pub(crate) async fn read(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<NotificationId>,
) -> ApiResult<Json<UnreadNotifications>> {
    let found = rows::by_ids(state.store.reader(), actor.workspace, &[id]).await?;
    if !found.iter().any(|row| row.member_id == actor.member.0) {
        return Err(Problem::not_found("notification").into());
    }
    Ok(Json(mark(&state, &actor, Some(id)).await?))
}

/// The member has read all their notices.
#[utoipa::path(post, path = "/api/notifications/read", tag = "notifications", operation_id = "read_notifications",
    responses((status = 200, body = UnreadNotifications)))]
pub(crate) async fn read_all(
    State(state): State<AppState>,
    Extension(actor): Extension<Actor>,
) -> ApiResult<Json<UnreadNotifications>> {
    Ok(Json(mark(&state, &actor, None).await?))
}

async fn mark(
    state: &AppState,
    actor: &Actor,
    id: Option<NotificationId>,
) -> Result<UnreadNotifications, Problem> {
    let (ws, now) = (actor.workspace, state.now());
    let tx = state.store.begin().await?;
    let read = rows::mark_read(&tx, ws, actor.member, id, now).await?;
    let list: Vec<NewChange> = read.into_iter().map(NewChange::notification).collect();
    changes::append(&tx, ws, &list, now).await?;
    let unread = rows::unread(&tx, ws, actor.member, MOST_UNREAD).await?;
    tx.commit().await?;
    if !list.is_empty() {
        state.signals.notify(Topic::ChangesIn(ws));
    }
    Ok(UnreadNotifications { unread })
}
