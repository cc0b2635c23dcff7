//! Files and drafts.

use loa_kernel::{FileId, Timestamp};
use loa_store::entity::files;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = File)]
pub struct FileView {
    /// Its id.
    pub id: FileId,
    /// Name as the sender had it.
    pub name: String,
    /// Media type as its bytes show.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// Where to get it.
    pub url: String,
    /// Pixels, of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub width: Option<u32>,
    /// Pixels, of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub height: Option<u32>,
}

impl FileView {
    /// The view of a row. Pure.
    pub fn new(row: &files::Model) -> Self {
        let pixels = |n: Option<i32>| n.and_then(|n| u32::try_from(n).ok());
        let id = FileId(row.id);
        Self {
            id,
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            size: u64::try_from(row.size).unwrap_or(0),
            url: file_url(id),
            width: pixels(row.width),
            height: pixels(row.height),
        }
    }
}

/// Where a client gets a file, as a path on this server.
pub fn file_url(id: FileId) -> String {
    format!("/api/files/{id}")
}

/// What you have typed in a thread and not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Draft)]
pub struct DraftView {
    /// The text; empty when there is no draft.
    pub text: String,
    /// Files that wait to be sent with it.
    pub attachments: Vec<FileView>,
    /// When it was last written; absent when there is no draft.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub updated_at: Option<Timestamp>,
}
