//! Use cases of files.

use bytes::Bytes;
use loa_kernel::{Action, Actor, Code, FileId, Object, Problem, WorkspaceId};
use loa_store::entity::files;
use loa_store::files::NewFile;
use object_store::{ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};

use crate::Inbox;
use crate::media::Media;
use crate::views::FileView;

/// The largest file that is kept. Platforms take less; their limits stand in the rule book and are checked when
/// the file is sent.
pub const MAX_FILE_BYTES: usize = 25 * 1024 * 1024;

/// The longest file name, in characters; longer ones keep their end, where the type is.
const MAX_NAME_CHARS: usize = 120;

/// A file with its bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredFile {
    /// What is known about it.
    pub row: files::Model,
    /// Its bytes.
    pub bytes: Bytes,
}

impl Inbox {
    /// Keep an uploaded file. Its type is what its bytes show; other types than those of [`Media`] are refused.
    pub async fn upload(&self, actor: &Actor, name: &str, bytes: Bytes) -> Result<FileView, Problem> {
        actor.require(Object::Conversation, Action::Send)?;
        if bytes.is_empty() {
            return Err(Problem::invalid("file", "empty"));
        }
        if bytes.len() > MAX_FILE_BYTES {
            return Err(Problem::new(Code::BodyTooLarge).param("max_bytes", MAX_FILE_BYTES));
        }
        let Some(media) = Media::sniff(&bytes, name) else {
            let allowed: Vec<&str> = Media::ALL.iter().map(|m| m.media_type()).collect();
            return Err(Problem::new(Code::UnsupportedFile).param("allowed", allowed));
        };
        let id: FileId = self.ids.next();
        let file = NewFile {
            id,
            name: clean_name(name),
            media_type: media.media_type().to_owned(),
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(&bytes)),
            store_key: format!("{}/{id}", actor.workspace),
            created_by: Some(actor.member),
            pixels: media.pixels(&bytes),
        };
        // Bytes first: a row without bytes would be a broken file, bytes without a row are only waste.
        self.files
            .put(&Path::from(file.store_key.as_str()), bytes.into())
            .await
            .map_err(|e| Problem::internal(format_args!("the file store failed: {e}")))?;
        let tx = self.store.begin().await?;
        loa_store::files::insert(&tx, actor.workspace, &file, self.now()).await?;
        tx.commit().await?;
        let (width, height) = file.pixels.unzip();
        Ok(FileView {
            id,
            name: file.name,
            media_type: file.media_type,
            size: file.size,
            url: crate::views::file_url(id),
            width,
            height,
        })
    }

    /// A file for somebody who may see threads.
    pub async fn file(&self, actor: &Actor, id: FileId) -> Result<StoredFile, Problem> {
        actor.require(Object::Conversation, Action::View)?;
        self.read_file(actor.workspace, id).await
    }

    /// A file, whoever asks; for what goes out.
    pub async fn read_file(&self, workspace: WorkspaceId, id: FileId) -> Result<StoredFile, Problem> {
        let row = loa_store::files::get(self.store.reader(), workspace, id)
            .await?
            .ok_or_else(|| Problem::not_found("file"))?;
        let fault = |e: object_store::Error| Problem::internal(format_args!("the file store failed: {e}"));
        let found = self.files.get(&Path::from(row.store_key.as_str())).await.map_err(fault)?;
        let bytes = found.bytes().await.map_err(fault)?;
        Ok(StoredFile { row, bytes })
    }
}

/// A name without folders and control characters, of bearable length.
fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: Vec<char> = last.chars().filter(|c| !c.is_control()).collect();
    let start = clean.len().saturating_sub(MAX_NAME_CHARS);
    let kept: String = clean[start..].iter().collect();
    let kept = kept.trim();
    if kept.is_empty() || kept.chars().all(|c| c == '.') { "file".to_owned() } else { kept.to_owned() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_folders_and_controls_and_keep_their_end() {
        let long = format!("{}.pdf", "ả".repeat(300));
        for (given, kept) in [
            ("báo giá.pdf", "báo giá.pdf".to_owned()),
            ("C:\\temp\\a.png", "a.png".to_owned()),
            ("../../etc/passwd", "passwd".to_owned()),
            ("a\r\nSet-Cookie: x", "aSet-Cookie: x".to_owned()),
            ("..", "file".to_owned()),
            ("", "file".to_owned()),
            (&long, format!("{}.pdf", "ả".repeat(116))),
        ] {
            assert_eq!(clean_name(given), kept);
        }
    }
}
