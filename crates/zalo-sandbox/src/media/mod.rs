//! Media: uploads, and pictures that are drawn on demand (avatars, covers, stickers, product photos).

mod draw;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::model::{State as Data, Upload, UploadSort};
use crate::world::{Shared, World};

pub use draw::STICKERS;

/// Path of a person's picture.
pub fn avatar_path(person_id: &str) -> String {
    format!("/_media/avatar/{person_id}.svg")
}

/// Path of an OA's picture.
pub fn oa_avatar_path(oa_id: &str) -> String {
    format!("/_media/oa/{oa_id}.svg")
}

/// Path of an OA's cover.
pub fn oa_cover_path(oa_id: &str) -> String {
    format!("/_media/cover/{oa_id}.svg")
}

/// Path of a sticker.
pub fn sticker_path(id: &str) -> String {
    let safe: String = id.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
    format!("/_media/sticker/{safe}.svg")
}

/// Path of a drawn product photo; the same seed draws the same photo.
pub fn photo_path(seed: u64) -> String {
    format!("/_media/photo/{seed}.svg")
}

/// Routes of all media.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/_media/avatar/{file}", get(avatar))
        .route("/_media/oa/{file}", get(oa_avatar))
        .route("/_media/cover/{file}", get(cover))
        .route("/_media/sticker/{file}", get(sticker))
        .route("/_media/photo/{file}", get(photo))
        .route("/_media/file/{id}/{name}", get(file))
}

fn stem(file: &str) -> &str {
    file.strip_suffix(".svg").unwrap_or(file)
}

fn svg(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, text).into_response()
}

async fn avatar(State(world): State<Shared>, Path(file): Path<String>) -> Response {
    let state = world.state();
    match state.person(stem(&file)) {
        Some(person) => svg(draw::avatar(&person.name, person.hue)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn oa_avatar(State(world): State<Shared>, Path(file): Path<String>) -> Response {
    let state = world.state();
    match state.oa(stem(&file)) {
        Some(oa) => svg(draw::oa_avatar(&oa.name, oa.hue)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn cover(State(world): State<Shared>, Path(file): Path<String>) -> Response {
    let state = world.state();
    match state.oa(stem(&file)) {
        Some(oa) => svg(draw::cover(&oa.name, oa.hue)),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn sticker(Path(file): Path<String>) -> Response {
    svg(draw::sticker(stem(&file)))
}

async fn photo(Path(file): Path<String>) -> Response {
    match stem(&file).parse() {
        Ok(seed) => svg(draw::photo(seed)),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn file(State(world): State<Shared>, Path((id, _name)): Path<(String, String)>) -> Response {
    let Some(bytes) = world.disk.media(&id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let media_type = world
        .state()
        .uploads()
        .find(|u| u.path.split('/').nth(3) == Some(id.as_str()))
        .map_or_else(|| "application/octet-stream".to_owned(), |u| u.media_type.clone());
    // What somebody uploaded is shown, never run.
    let headers = [
        (header::CONTENT_TYPE, media_type.as_str()),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (headers, bytes).into_response()
}

impl World {
    /// Keeps an uploaded object and answers its record.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn keep_upload(
        &self,
        state: &mut Data,
        id: String,
        oa_id: &str,
        sort: UploadSort,
        name: String,
        bytes: Bytes,
    ) -> anyhow::Result<Upload> {
        let media_type = sniff(&name, &bytes).to_owned();
        let key = self.hex(24);
        let name = safe_name(&name);
        let mut checksum = hex::encode(Sha256::digest(&bytes));
        checksum.truncate(32);
        let upload = Upload {
            id,
            oa_id: oa_id.to_owned(),
            sort,
            media_type,
            size: bytes.len() as u64,
            checksum,
            path: format!("/_media/file/{key}/{}", encode_path(&name)),
            name,
            at: self.now(),
        };
        self.disk.put_media(&key, bytes)?;
        state.put_upload(upload.clone());
        Ok(upload)
    }
}

fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(|c| !c.is_control()).take(120).collect();
    if name.is_empty() { "file".to_owned() } else { name }
}

fn encode_path(name: &str) -> String {
    url::form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Media type by content, and by extension where content does not tell.
pub fn sniff(name: &str, bytes: &[u8]) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default();
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        [0xD0, 0xCF, 0x11, 0xE0, ..] if extension == "doc" => "application/msword",
        [b'P', b'K', 3, 4, ..] if extension == "docx" => {
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => match extension.as_str() {
            "csv" if std::str::from_utf8(bytes).is_ok() => "text/csv",
            "svg" => "image/svg+xml",
            "txt" => "text/plain",
            "mp3" => "audio/mpeg",
            "m4a" | "aac" => "audio/aac",
            "amr" => "audio/amr",
            "mp4" => "video/mp4",
            "webm" => "video/webm",
            _ => "application/octet-stream",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides_the_media_type() {
        for (name, bytes, want) in [
            ("a.png", &b"\x89PNG\r\n"[..], "image/png"),
            ("a.exe", b"\xFF\xD8\xFF\xE0", "image/jpeg"),
            ("a.jpg", b"MZ", "application/octet-stream"),
            ("a.csv", b"x,y\n", "text/csv"),
            (
                "a.docx",
                b"PK\x03\x04",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            ),
            ("a.zip", b"PK\x03\x04", "application/octet-stream"),
        ] {
            assert_eq!(sniff(name, bytes), want, "{name}");
        }
        assert_eq!(safe_name("../../etc/pass\nwd"), "passwd");
        assert_eq!(encode_path("báo giá.pdf"), "b%C3%A1o%20gi%C3%A1.pdf");
    }
}
