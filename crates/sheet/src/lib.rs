//! Spreadsheets that come in and go out: CSV and XLSX, row by row.
//!
//! Pure: it reads and writes what it is given and knows no clock, no network and no database. The one exception is the
//! library that writes XLSX, which keeps a sheet in an unnamed temporary file so that a million rows need no memory.
//!
//! Invariants:
//! - A row is told by the number that a spreadsheet shows next to it, a column by its header or its letters.
//! - Text that is not UTF-8 or UTF-16 is an error with its place, never wrong letters.
//! - Nothing is unpacked past [`Limits::bytes`], whatever a file says of itself.
//! - What [`CsvWriter`] and [`XlsxWriter`] write is read back unchanged, and opening it runs no formula ([`guard`]).
//! - Reading goes on from any [`Mark`] as if it had never stopped.
//!
//! # What a cell says
//! What a person sees: a phone number is `912345678` and never `9.12e8`, with its zeros where the cell's format shows them
//! (`0912345678`); days are `31/12/2026`, and `31/12/2026 08:30:00` with a time; shares are `12.5%`. Formats that round or
//! group are not followed, because that loses digits: 1234.567 shown as `1,234.57` is read as `1234.567`. A formula is
//! read as its last result, and its column stands in [`Cells::formulas`].
//!
//! How to add a format: a module that hands its rows to `rows::Rows`, and its line in [`Format::sniff`].

mod csv;
mod error;
mod guard;
mod rows;
mod shown;
mod text;
mod write;
mod xlsx;

use std::io::{Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

pub use error::{Column, Fault, SheetError};
pub use guard::{guard, unguard};
pub use write::{CsvWriter, XlsxWriter};

/// What a reader takes at most. A file that has more is refused, not cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a CSV file; of an XLSX file when it is unpacked.
    pub bytes: u64,
    /// Rows with something in them, without the header.
    pub rows: u64,
    /// Columns.
    pub columns: usize,
    /// Characters of a cell.
    pub cell_chars: usize,
}

/// How to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What is taken at most.
    pub limits: Limits,
    /// The first row with something in it names the columns: names are there and differ, no row is longer or shorter, and
    /// a file without further rows is an error. Without a header rows may differ in length.
    pub header: bool,
    /// The sheet of an XLSX file; the first one if not said.
    pub sheet: Option<String>,
    /// What stands between the cells of a CSV file; found out if not said.
    pub separator: Option<u8>,
}

impl Options {
    /// With a header, first sheet, separator found out.
    pub fn new(limits: Limits) -> Self {
        Self { limits, header: true, sheet: None, separator: None }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Text with separators.
    Csv,
    /// A workbook of Excel 2007 and later.
    Xlsx,
}

impl Format {
    /// By how it begins (eight bytes are enough), not by its name. Workbooks of older programs, and those with a
    /// password, are an error.
    pub fn sniff(beginning: &[u8]) -> Result<Self, SheetError> {
        if beginning.starts_with(b"PK\x03\x04") {
            return Ok(Self::Xlsx);
        }
        if beginning.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(Fault::OldOrLocked.into());
        }
        Ok(Self::Csv)
    }
}

/// Where reading goes on: after a row that was taken. Keep it with what you made of the rows before it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The number of the last row that was read.
    pub row: u64,
    /// Rows with something in them so far, without the header.
    pub taken: u64,
    /// How many bytes of the text lie before it, counted as UTF-8 and without a byte order mark; 0 in XLSX.
    pub byte: u64,
}

/// One row with something in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number as a spreadsheet shows it, from 1.
    pub number: u64,
    /// What stands in it, or why it cannot be used. A bad row does not end the reading.
    pub cells: Result<Cells, SheetError>,
    /// Where to go on after it.
    pub next: Mark,
}

/// The cells of a row. With a header there are as many as it has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    /// Their texts; an empty cell is an empty text.
    pub texts: Vec<String>,
    /// Columns (from 0) where a formula stands.
    pub formulas: Vec<usize>,
}

/// How a reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// What the file is.
    pub format: Format,
    /// The names of the columns; empty without a header.
    pub header: Vec<String>,
    /// Where to go on; `None` when the file was read to its end.
    pub next: Option<Mark>,
}

/// Read rows from the beginning, or from where an earlier reading stopped, until `each` breaks off. Rows without anything
/// in them are counted and not told. Errors: of the file as a whole ([`Fault`]); what is wrong with one row is told in it.
pub fn read<S: Read + Seek>(
    mut source: S,
    options: &Options,
    from: Option<Mark>,
    mut each: impl FnMut(Row) -> ControlFlow<()>,
) -> Result<Ending, SheetError> {
    let mut beginning = [0; 8];
    source.rewind()?;
    let got = text::fill(&mut source, &mut beginning)?;
    let format = Format::sniff(&beginning[..got])?;
    let size = source.seek(SeekFrom::End(0))?;
    if size > options.limits.bytes {
        return Err(Fault::TooLarge { max: options.limits.bytes }.into());
    }
    let mut rows = rows::Rows::new(options, from, &mut each);
    let next = match format {
        Format::Csv => csv::read(source, options, from, &mut rows)?,
        Format::Xlsx => xlsx::read(source, options, &mut rows)?,
    };
    let header = rows.end(next.is_none())?;
    Ok(Ending { format, header, next })
}

/// The names of the columns, without reading further. Errors as [`read`]; a file with nothing below them is none here.
pub fn header<S: Read + Seek>(source: S, options: &Options) -> Result<Vec<String>, SheetError> {
    let options = Options { header: true, ..options.clone() };
    match read(source, &options, None, |_| ControlFlow::Break(())) {
        Err(SheetError { fault: Fault::HeaderOnly { header }, .. }) => Ok(header),
        other => Ok(other?.header),
    }
}
