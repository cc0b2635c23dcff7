//! Uploads (platform reference §12).

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header;
use axum::response::Response;
use bytes::Bytes;
use loa_kernel::Code;
use loa_rulebook::{AttachmentLimits, MessageFacts, MessageKind, MessagingRules};
use serde_json::json;
use zalo::error::ErrorCode;
use zalo::message::Refusal;

use super::call::Call;
use crate::media::sniff;
use crate::model::{Permission, UploadSort};

/// `POST /v2.0/oa/upload/image`.
pub async fn image(call: Call) -> Response {
    upload(call, UploadSort::Image).await
}

/// `POST /v2.0/oa/upload/gif`.
pub async fn gif(call: Call) -> Response {
    upload(call, UploadSort::Gif).await
}

/// `POST /v2.0/oa/upload/file`.
pub async fn file(call: Call) -> Response {
    upload(call, UploadSort::File).await
}

const fn kind(sort: UploadSort) -> MessageKind {
    match sort {
        UploadSort::Image => MessageKind::Image,
        UploadSort::Gif => MessageKind::Gif,
        UploadSort::File | UploadSort::Phone => MessageKind::File,
    }
}

/// What the rule book says of a kind of upload.
pub fn limits(rules: &MessagingRules, sort: UploadSort) -> Option<&AttachmentLimits> {
    rules.limits.of(kind(sort)).and_then(|l| l.attachment.as_ref())
}

async fn upload(call: Call, sort: UploadSort) -> Response {
    // Read before the lock is taken; whether the caller may upload at all is still judged first.
    let part = read_part(&call).await;
    call.answer(Permission::Send, |world, state, caller| {
        let (name, bytes) = part.ok_or_else(|| Refusal::field("file"))?;
        let now = world.now();
        let oa = state.oa_mut(&caller.oa_id).ok_or_else(|| Refusal::of(ErrorCode::OA_NOT_FOUND))?;
        let rules = oa.edition.rules(&world.library, now);
        let media_type = sniff(&name, &bytes);
        let facts = MessageFacts::attached(kind(sort), "", bytes.len() as u64, media_type);
        // The platform's codes for these two are not recorded (platform reference §12); -210 and -201 fit the
        // meaning of the table.
        rules.limits.check(&facts).map_err(|problem| match problem.code {
            Code::FileTooLarge => Refusal::of(ErrorCode::LIMIT_EXCEEDED),
            _ => Refusal::field("file"),
        })?;
        let month = now.vietnam_month_start();
        if oa.uploads.0 != month {
            oa.uploads = (month, [0; 3]);
        }
        let count = &mut oa.uploads.1[sort as usize];
        if limits(rules, sort).is_some_and(|l| *count >= l.uploads_per_month) {
            return Err(Refusal::of(ErrorCode::OUT_OF_QUOTA));
        }
        *count += 1;
        let id = match sort {
            UploadSort::File => world.hex(160),
            _ => world.hex(36),
        };
        let upload = world
            .keep_upload(state, id, &caller.oa_id, sort, name, bytes)
            .map_err(|_| Refusal::of(ErrorCode::SEND_FAILED))?;
        Ok(Some(match sort {
            UploadSort::File => json!({ "token": upload.id }),
            _ => json!({ "attachment_id": upload.id }),
        }))
    })
}

/// Name and content of the part named `file`.
async fn read_part(call: &Call) -> Option<(String, Bytes)> {
    let mut request = Request::new(Body::from(call.body.clone()));
    request.headers_mut().insert(header::CONTENT_TYPE, call.headers.get(header::CONTENT_TYPE)?.clone());
    axum::extract::DefaultBodyLimit::disable().apply(&mut request);
    let mut parts = Multipart::from_request(request, &()).await.ok()?;
    while let Ok(Some(part)) = parts.next_field().await {
        if part.name() == Some("file") {
            let name = part.file_name().unwrap_or("file").to_owned();
            return Some((name, part.bytes().await.ok()?));
        }
    }
    None
}
