//! The routes of the inbox.

mod bulk;
mod conversations;
mod drafts;
mod files;
mod hours;
mod notes;
mod replies;
mod saved_views;
mod search;
mod settings;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{Inbox, MAX_FILE_BYTES};

/// All routes. Everything needs a signed-in member.
pub fn router() -> OpenApiRouter<Inbox> {
    // The wrapping of a multipart body is small; a file at the limit must reach the check that names the limit.
    let upload_limit = axum::extract::DefaultBodyLimit::max(MAX_FILE_BYTES + 64 * 1024);
    let uploads = OpenApiRouter::new().routes(routes!(files::upload)).layer(upload_limit);
    OpenApiRouter::new()
        .routes(routes!(conversations::list))
        .routes(routes!(conversations::counts))
        .routes(routes!(conversations::get, conversations::patch))
        .routes(routes!(conversations::read))
        .routes(routes!(conversations::messages))
        .routes(routes!(drafts::get, drafts::put, drafts::delete))
        .routes(routes!(notes::write))
        .routes(routes!(notes::edit, notes::remove))
        .routes(routes!(settings::get, settings::put))
        .routes(routes!(search::search))
        .routes(routes!(files::download))
        .routes(routes!(saved_views::list, saved_views::create))
        .routes(routes!(saved_views::counts))
        .routes(routes!(saved_views::place))
        .routes(routes!(saved_views::patch, saved_views::delete))
        .routes(routes!(bulk::list, bulk::begin))
        .routes(routes!(bulk::count))
        .routes(routes!(bulk::get))
        .routes(routes!(bulk::items))
        .routes(routes!(bulk::cancel))
        .routes(routes!(bulk::undo))
        .routes(routes!(replies::list, replies::create))
        .routes(routes!(replies::preview))
        .routes(routes!(replies::edit, replies::delete))
        .routes(routes!(replies::used))
        .routes(routes!(replies::filled))
        .routes(routes!(hours::get, hours::put, hours::delete))
        .routes(routes!(hours::suggestions))
        .routes(routes!(hours::put_channel, hours::delete_channel))
        .routes(routes!(hours::get_auto_reply, hours::put_auto_reply))
        .routes(routes!(hours::preview_auto_reply))
        .merge(uploads)
}
