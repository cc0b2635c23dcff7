//! Uploads (platform reference §12): one multipart part named `file`. What is uploaded lives 7 days;
//! afterwards a send with it gives -100.

use serde::{Deserialize, Serialize};

/// What is uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadKind {
    /// jpg or png.
    Image,
    /// gif.
    Gif,
    /// PDF, DOC, DOCX or CSV.
    File,
}

impl UploadKind {
    /// Path of the call.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Image => crate::paths::UPLOAD_IMAGE,
            Self::Gif => crate::paths::UPLOAD_GIF,
            Self::File => crate::paths::UPLOAD_FILE,
        }
    }

    /// Extensions that the platform takes, lower case.
    #[must_use]
    pub fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Image => &["jpg", "jpeg", "png"],
            Self::Gif => &["gif"],
            Self::File => &["pdf", "doc", "docx", "csv"],
        }
    }
}

/// Something to upload. Cheap to clone: the bytes are shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its name, with extension.
    pub file_name: String,
    /// Its media type, such as `image/png`.
    pub content_type: String,
    /// The bytes.
    pub bytes: bytes::Bytes,
}

/// Answer for an image or a GIF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentId {
    /// For `attachment_id` of a media element.
    #[serde(with = "crate::flex::id")]
    pub attachment_id: String,
}

/// Answer for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileToken {
    /// For `token` of a file attachment.
    pub token: String,
}
