//! The state on disk: one redb file, a table of JSON values and a table of media.
//!
//! Changes are noted under the state's lock and written in one transaction every [`EVERY`], and once more when
//! the sandbox stops. A power cut may lose the last moments of an emulator; it never leaves half a change.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

use crate::model::State;

const VALUES: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("values");
const MEDIA: TableDefinition<'static, &str, &[u8]> = TableDefinition::new("media");

/// How often changes are written.
pub const EVERY: Duration = Duration::from_millis(200);

/// Where the state is kept: a file, or nowhere.
pub struct Disk {
    db: Option<Arc<Database>>,
    /// Media of a sandbox without a file.
    memory: Mutex<HashMap<String, Bytes>>,
}

impl Disk {
    /// Opens the file in `folder`, or works in memory.
    ///
    /// # Errors
    /// When the folder cannot be made or the file is in use or damaged.
    pub fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        let db = match folder {
            None => None,
            Some(folder) => {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make {}", folder.display()))?;
                let file = folder.join("sandbox.redb");
                let db =
                    Database::create(&file).with_context(|| format!("cannot open {}", file.display()))?;
                let tx = db.begin_write()?;
                tx.open_table(VALUES)?;
                tx.open_table(MEDIA)?;
                tx.commit()?;
                Some(Arc::new(db))
            }
        };
        Ok(Self { db, memory: Mutex::default() })
    }

    /// Reads the state; empty when there is none.
    ///
    /// # Errors
    /// When the file cannot be read or holds something else.
    pub fn load(&self) -> anyhow::Result<State> {
        let mut state = State::default();
        if let Some(db) = &self.db {
            let tx = db.begin_read()?;
            let table = tx.open_table(VALUES)?;
            for row in table.iter()? {
                let (key, value) = row?;
                let key = key.value();
                state.load(key, value.value()).with_context(|| format!("kept value {key}"))?;
            }
        }
        Ok(state)
    }

    /// Keys of everything that is kept.
    pub fn keys(&self) -> anyhow::Result<Vec<String>> {
        let Some(db) = &self.db else { return Ok(Vec::new()) };
        let tx = db.begin_read()?;
        let table = tx.open_table(VALUES)?;
        table.iter()?.map(|row| Ok(row?.0.value().to_owned())).collect()
    }

    /// Writes changes in one transaction.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn write(&self, changes: Vec<(String, Option<Vec<u8>>)>) -> anyhow::Result<()> {
        let Some(db) = &self.db else { return Ok(()) };
        if changes.is_empty() {
            return Ok(());
        }
        let tx = db.begin_write()?;
        {
            let mut table = tx.open_table(VALUES)?;
            for (key, value) in changes {
                match value {
                    Some(value) => table.insert(key.as_str(), value.as_slice())?,
                    None => table.remove(key.as_str())?,
                };
            }
        }
        tx.commit()?;
        Ok(())
    }

    /// Keeps a medium.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn put_media(&self, id: &str, bytes: Bytes) -> anyhow::Result<()> {
        match &self.db {
            None => {
                self.memory.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), bytes);
            }
            Some(db) => {
                let tx = db.begin_write()?;
                tx.open_table(MEDIA)?.insert(id, bytes.as_ref())?;
                tx.commit()?;
            }
        }
        Ok(())
    }

    /// A kept medium.
    pub fn media(&self, id: &str) -> Option<Bytes> {
        match &self.db {
            None => self.memory.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned(),
            Some(db) => {
                let tx = db.begin_read().ok()?;
                let table = tx.open_table(MEDIA).ok()?;
                let found = table.get(id).ok()??;
                Some(Bytes::copy_from_slice(found.value()))
            }
        }
    }
}
