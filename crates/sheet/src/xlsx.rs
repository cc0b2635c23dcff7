//! XLSX: the parts are read by the crate `calamine`; here is what a person sees, and what a file may not do.
//!
//! A workbook is a ZIP archive, and what it says of its sizes may be a lie, so it is unpacked once into nothing and counted
//! before anything is kept. The same pass says whether there are formulas at all; only then they are looked for.

use std::io::{Read, Seek};

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use crate::rows::{Next, Rows, is_longer};
use crate::shown;
use crate::{Cells, Fault, Mark, Options, SheetError};

/// The most bytes of UTF-8 that a character takes.
const CHAR_BYTES: usize = 4;

pub(crate) fn read<S: Read + Seek>(
    mut source: S,
    options: &Options,
    rows: &mut Rows<'_>,
) -> Result<Option<Mark>, SheetError> {
    let has_formulas = measure(&mut source, options.limits.bytes)?;
    source.rewind()?;
    let mut book: Xlsx<S> = Xlsx::new(source).map_err(broken)?;
    let names = book.sheet_names();
    let name = match &options.sheet {
        Some(wanted) => names.into_iter().find(|name| name == wanted),
        None => names.into_iter().next(),
    };
    let name = name.ok_or_else(|| Fault::NoSuchSheet { name: options.sheet.clone().unwrap_or_default() })?;
    let formulas = if has_formulas { formulas(&mut book, &name)? } else { Vec::new() };
    let mut formulas = formulas.into_iter().peekable();
    let mut reader = book.worksheet_cells_reader(&name).map_err(broken)?;
    let formats: Vec<shown::Shown> = reader
        .styles()
        .iter()
        .map(|style| shown::Shown::of(style.number_format.as_ref().map_or("General", |f| &f.format_code)))
        .collect();
    let max = &options.limits;
    // Cells of one row after the other; the row that is being gathered, from 0.
    let mut gathered: Option<(u32, Cells)> = None;
    let mut finish = |row: u32, mut cells: Cells, rows: &mut Rows<'_>| {
        while let Some((_, column)) = formulas.next_if(|(at, _)| *at <= row).filter(|(at, _)| *at == row) {
            cells.formulas.push(column as usize);
        }
        rows.take(u64::from(row) + 1, widened(cells, rows), 0)
    };
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(broken)? {
        let (row, column) = cell.get_position();
        match &gathered {
            Some((current, _)) if row == *current => {}
            Some((current, _)) if row < *current => {
                return Err(Fault::Broken { detail: "its rows are out of order".into() }.into());
            }
            _ => {
                if let Some((row, cells)) = gathered.take()
                    && let Next::Stop(mark) = finish(row, cells, rows)?
                {
                    return Ok(Some(mark));
                }
                gathered = Some((row, Cells::default()));
            }
        }
        let value = cell.get_value();
        let column = column as usize;
        if matches!(value, DataRef::Empty) {
            continue;
        }
        if column >= max.columns {
            return Err(Fault::TooManyColumns { max: max.columns }.at(u64::from(row) + 1, None));
        }
        let text = match value {
            // Of what is too long enough is kept to see that it is.
            DataRef::SharedString(text) => cut(text, max.cell_chars).to_owned(),
            DataRef::String(text) => cut(text, max.cell_chars).to_owned(),
            DataRef::Int(n) => shown::number(*n as f64, formats.get(style)),
            DataRef::Float(n) => shown::number(*n, formats.get(style)),
            DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            DataRef::DateTime(when) => shown::moment(when),
            DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => shown::iso(text),
            DataRef::Error(error) => error.to_string(),
            DataRef::Empty => continue,
        };
        if let Some((_, cells)) = &mut gathered {
            if cells.texts.len() <= column {
                cells.texts.resize(column + 1, String::new());
            }
            cells.texts[column] = text;
        }
    }
    if let Some((row, cells)) = gathered.take()
        && let Next::Stop(mark) = finish(row, cells, rows)?
    {
        return Ok(Some(mark));
    }
    Ok(None)
}

/// In a workbook a row has no length of its own.
fn widened(mut cells: Cells, rows: &Rows<'_>) -> Cells {
    if cells.texts.len() < rows.width() {
        cells.texts.resize(rows.width(), String::new());
    }
    cells
}

fn cut(text: &str, max: usize) -> &str {
    if text.len() > max.saturating_mul(CHAR_BYTES) && is_longer(text, max) {
        let end = text.char_indices().nth(max + 1).map_or(text.len(), |(at, _)| at);
        return &text[..end];
    }
    text
}

/// Where formulas stand, in the order of the file.
fn formulas<S: Read + Seek>(book: &mut Xlsx<S>, name: &str) -> Result<Vec<(u32, u32)>, SheetError> {
    let mut reader = book.worksheet_cells_reader(name).map_err(broken)?;
    let mut found = Vec::new();
    while let Some(cell) = reader.next_formula().map_err(broken)? {
        if !cell.get_value().is_empty() {
            found.push(cell.get_position());
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Unpack everything into nothing. Errors: more than `max` bytes. True when a sheet has an element `f`.
fn measure<S: Read + Seek>(source: S, max: u64) -> Result<bool, SheetError> {
    let mut archive = zip::ZipArchive::new(source).map_err(broken)?;
    let (mut left, mut has_formulas) = (max, false);
    let mut piece = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(broken)?;
        let is_sheet = part.name().map_err(broken)?.contains("worksheets/");
        // The end of a piece and the beginning of the next.
        let mut seam = [0; 2];
        loop {
            let got = part.read(&mut piece).map_err(broken)?;
            if got == 0 {
                break;
            }
            left = left.checked_sub(got as u64).ok_or(Fault::TooLarge { max })?;
            if is_sheet && !has_formulas {
                let begin = [&seam[..], &piece[..got.min(2)]].concat();
                has_formulas = opens_formula(&begin) || opens_formula(&piece[..got]);
                seam = [if got > 1 { piece[got - 2] } else { seam[1] }, piece[got - 1]];
            }
        }
    }
    Ok(has_formulas)
}

fn opens_formula(text: &[u8]) -> bool {
    text.windows(3).any(|three| {
        matches!(three[0], b'<' | b':') && three[1] == b'f' && matches!(three[2], b'>' | b' ' | b'/')
    })
}

fn broken(error: impl Into<Reason>) -> SheetError {
    match error.into() {
        Reason::Broken(detail) => Fault::Broken { detail }.into(),
        Reason::Locked => Fault::OldOrLocked.into(),
    }
}

enum Reason {
    Broken(String),
    Locked,
}

impl From<XlsxError> for Reason {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::Password => Self::Locked,
            other => Self::Broken(other.to_string()),
        }
    }
}

impl From<zip::result::ZipError> for Reason {
    fn from(error: zip::result::ZipError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<std::io::Error> for Reason {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}
