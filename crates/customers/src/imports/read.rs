//! Files on their way: looked through as a whole when they come, and read in batches while they are brought in.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::Seek;
use std::ops::ControlFlow;

use bytes::Bytes;
use futures::TryStreamExt;
use loa_kernel::Problem;
use loa_sheet::{Format, Limits, Mark, Options, Row, read};
use loa_store::customers::imports::{Line, Why};
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, path::Path};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::plan::Reading;
use crate::sheets;

/// More than a sheet of Excel holds.
const MAX_ROWS: u64 = 2_000_000;
/// A workbook that is larger when it is unpacked is refused.
const MAX_UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;
const MAX_COLUMNS: usize = 200;
/// A note has 5,000 characters at most.
const MAX_CELL_CHARS: usize = 5_000;
/// So many rows are shown before anything is done with them.
const SAMPLED: usize = 20;
/// Rows of one transaction.
pub(super) const BATCH: usize = 2_000;
const PIECE: usize = 256 * 1024;

fn options() -> Options {
    Options::new(Limits {
        bytes: MAX_UNPACKED_BYTES,
        rows: MAX_ROWS,
        columns: MAX_COLUMNS,
        cell_chars: MAX_CELL_CHARS,
    })
}

/// One of the first rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SampleRow {
    /// Its number, as a spreadsheet shows it.
    pub row: u64,
    /// Its cells; empty when it cannot be used.
    pub cells: Vec<String>,
    /// Why it cannot be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The column that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// A file that was looked through.
pub(super) struct Looked {
    pub format: Format,
    pub header: Vec<String>,
    pub sample: Vec<SampleRow>,
    pub rows: u64,
}

/// Look through all of it: what is wrong with the file as a whole is told before anything is done with it.
pub(super) fn look(file: File) -> Result<Looked, Problem> {
    let (mut sample, mut rows) = (Vec::new(), 0);
    let ending = read(file, &options(), None, |row| {
        rows += 1;
        if sample.len() < SAMPLED {
            let one = SampleRow { row: row.number, cells: Vec::new(), reason: None, column: None };
            sample.push(match row.cells {
                Ok(cells) => SampleRow { cells: cells.texts, ..one },
                Err(error) => SampleRow {
                    reason: Some(error.fault.code().to_owned()),
                    column: error.column.map(|column| column.name),
                    ..one
                },
            });
        }
        ControlFlow::Continue(())
    })
    .map_err(sheets::problem)?;
    Ok(Looked { format: ending.format, header: ending.header, sample, rows })
}

/// What comes out of a file.
pub(super) enum Part {
    Lines(Vec<Line>),
    End,
    /// A code.
    Failed(String),
}

/// Read a file in batches, behind a row. It is read from its beginning, because a double is told by what stands before it;
/// that costs a second a million rows.
pub(super) fn stream(file: File, reading: Reading, after: i64) -> mpsc::Receiver<Part> {
    let (out, parts) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let mut first: HashMap<u128, i64> = HashMap::new();
        let mut batch = Vec::with_capacity(BATCH);
        let read = read(file, &options(), None::<Mark>, |row| {
            let line = line(&reading, &mut first, row);
            if line.row > after {
                batch.push(line);
            }
            if batch.len() < BATCH {
                return ControlFlow::Continue(());
            }
            match out.blocking_send(Part::Lines(std::mem::take(&mut batch))) {
                Ok(()) => ControlFlow::Continue(()),
                // Nobody reads on.
                Err(_) => ControlFlow::Break(()),
            }
        });
        let _ = match read {
            Err(error) => out.blocking_send(Part::Failed(error.fault.code().to_owned())),
            Ok(ending) if ending.next.is_some() => Ok(()),
            Ok(_) => {
                let rest = if batch.is_empty() { Ok(()) } else { out.blocking_send(Part::Lines(batch)) };
                rest.and_then(|()| out.blocking_send(Part::End))
            }
        };
    });
    parts
}

fn line(reading: &Reading, first: &mut HashMap<u128, i64>, row: Row) -> Line {
    let number = i64::try_from(row.number).unwrap_or(i64::MAX);
    let says = match row.cells {
        Err(error) => {
            Err(Why { column: error.column.map(|column| column.name), ..Why::of(error.fault.code()) })
        }
        Ok(cells) => reading.row(&cells),
    };
    let says = says.and_then(|given| match first.entry(short_key(&given.key)) {
        Entry::Occupied(there) => Err(Why { first_row: Some(*there.get()), ..Why::of("double") }),
        Entry::Vacant(free) => {
            free.insert(number);
            Ok(given)
        }
    });
    Line { row: number, says }
}

/// A million keys as texts would be a hundred megabytes.
fn short_key(key: &str) -> u128 {
    let hash = Sha256::digest(key.as_bytes());
    hash.iter().take(16).fold(0, |all, byte| (all << 8) | u128::from(*byte))
}

/// A file without a name, gone with its last handle.
pub(super) fn nameless() -> Result<File, Problem> {
    tempfile::tempfile().map_err(Problem::internal)
}

fn failed(error: object_store::Error) -> Problem {
    Problem::internal(format_args!("the file store failed: {error}"))
}

/// Take a file out of the store.
pub(super) async fn fetch(store: &dyn ObjectStore, key: &str) -> Result<File, Problem> {
    let mut into = tokio::fs::File::from_std(nameless()?);
    let mut pieces = store.get(&Path::from(key)).await.map_err(failed)?.into_stream();
    while let Some(piece) = pieces.try_next().await.map_err(failed)? {
        into.write_all(&piece).await.map_err(Problem::internal)?;
    }
    into.flush().await.map_err(Problem::internal)?;
    let mut file = into.into_std().await;
    file.rewind().map_err(Problem::internal)?;
    Ok(file)
}

/// Put a file into the store.
pub(super) async fn keep(store: &dyn ObjectStore, key: &str, mut file: File) -> Result<(), Problem> {
    file.rewind().map_err(Problem::internal)?;
    let mut from = tokio::fs::File::from_std(file);
    let upload = store.put_multipart(&Path::from(key)).await.map_err(failed)?;
    let mut out = WriteMultipart::new(upload);
    let mut piece = vec![0; PIECE];
    loop {
        let got = from.read(&mut piece).await.map_err(Problem::internal)?;
        if got == 0 {
            break;
        }
        out.wait_for_capacity(4).await.map_err(failed)?;
        out.put(Bytes::copy_from_slice(&piece[..got]));
    }
    out.finish().await.map_err(failed)?;
    Ok(())
}
