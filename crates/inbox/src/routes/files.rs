//! Files.

use axum::extract::State;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use loa_http::{ApiPath, ApiResult, form_problem};
use loa_kernel::{Actor, Code, FileId, Problem};
use utoipa::ToSchema;

use crate::media::Media;
use crate::views::FileView;
use crate::{Inbox, MAX_FILE_BYTES};

/// A form with one part.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form; the parts are read as they stream in")]
pub(super) struct UploadForm {
    /// The file; at most 25 MiB of JPEG, PNG, GIF, PDF, DOC, DOCX or CSV, as its bytes show.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Keep a file, to be sent or drafted.
#[utoipa::path(post, path = "/api/files", tag = "inbox", operation_id = "upload_file",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = FileView)))]
pub(super) async fn upload(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    form: Result<Multipart, MultipartRejection>,
) -> ApiResult<(StatusCode, Json<FileView>)> {
    let Ok(mut form) = form else {
        return Err(Problem::new(Code::UnsupportedMedia).param("expected", "multipart/form-data").into());
    };
    let wrong = form_problem(MAX_FILE_BYTES);
    while let Some(field) = form.next_field().await.map_err(&wrong)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(&wrong)?;
        return Ok((StatusCode::CREATED, Json(inbox.upload(&actor, &name, bytes).await?)));
    }
    Err(Problem::invalid("file", "missing").into())
}

/// The bytes of a file. Pictures may be shown in a page; everything else is for keeping.
#[utoipa::path(get, path = "/api/files/{id}", tag = "inbox", operation_id = "get_file",
    params(("id" = FileId, Path)),
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>)))]
pub(super) async fn download(
    State(inbox): State<Inbox>,
    Extension(actor): Extension<Actor>,
    ApiPath(id): ApiPath<FileId>,
) -> ApiResult<Response> {
    let file = inbox.file(&actor, id).await?;
    let inline = Media::is_inline(&file.row.media_type);
    let mut headers = HeaderMap::new();
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, &file.row.media_type);
    set(header::CONTENT_DISPOSITION, &disposition(inline, &file.row.name));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // The bytes under an id never change; but only this reader may keep them.
    set(header::CACHE_CONTROL, "private, max-age=31536000, immutable");
    set(header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox");
    Ok((headers, file.bytes).into_response())
}

/// `Content-Disposition` with the name in both forms of RFC 6266.
fn disposition(inline: bool, name: &str) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_header() {
        for (inline, name, value) in [
            (true, "a.png", "inline; filename=\"a.png\"; filename*=UTF-8''a.png"),
            (
                false,
                "báo giá.pdf",
                "attachment; filename=\"b_o gi_.pdf\"; filename*=UTF-8''b%C3%A1o%20gi%C3%A1.pdf",
            ),
            (
                false,
                "a\";\r\nX: y",
                "attachment; filename=\"a_;__X: y\"; filename*=UTF-8''a%22%3B%0D%0AX%3A%20y",
            ),
        ] {
            assert_eq!(disposition(inline, name), value);
        }
    }
}
