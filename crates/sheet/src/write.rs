//! Files that go out. All cells are text: a phone number keeps its zeros, and nothing is a formula.

use std::io::Write;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use crate::{Column, Fault, SheetError, guard};

/// What Excel holds at most (its published limits): rows of a sheet, columns of a row, characters of a cell.
const SHEET_ROWS: u64 = 1_048_576;
const SHEET_COLUMNS: usize = 16_384;
const SHEET_CELL_CHARS: usize = 32_767;

/// Writes CSV as spreadsheets read Vietnamese: UTF-8 with its mark, commas, lines ending in CR LF. Cells are guarded
/// ([`guard`]).
pub struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// With the names of its columns.
    pub fn new(mut into: W, header: &[&str]) -> Result<Self, SheetError> {
        into.write_all(b"\xEF\xBB\xBF")?;
        let out =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).flexible(true).from_writer(into);
        let mut writer = Self { out };
        writer.row(header)?;
        Ok(writer)
    }

    /// One row.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), SheetError> {
        for cell in cells {
            self.out.write_field(guard(cell.as_ref()).as_bytes()).map_err(failed)?;
        }
        self.out.write_record(None::<&[u8]>).map_err(failed)
    }

    /// All of it is written; what it was written to.
    pub fn finish(self) -> Result<W, SheetError> {
        self.out.into_inner().map_err(|error| failed(error.error()))
    }
}

/// Writes a workbook of one sheet, row by row, in little memory. The same rows make the same bytes, whenever they are
/// written. A text that looks like a formula is marked as text, so that it stays one when somebody edits it.
pub struct XlsxWriter {
    book: Workbook,
    sheet: Worksheet,
    text: Format,
    rows: u64,
}

impl XlsxWriter {
    /// A sheet called so, with the names of its columns. Errors: a name that Excel does not take.
    pub fn new(sheet: &str, header: &[&str]) -> Result<Self, SheetError> {
        let mut book = Workbook::new();
        // The library would ask the clock.
        let written = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&written));
        let mut worksheet = book.new_worksheet_with_constant_memory().map_err(failed)?;
        worksheet.set_name(sheet).map_err(failed)?;
        let bold = Format::new().set_bold();
        let mut writer = Self { book, sheet: worksheet, text: Format::new().set_quote_prefix(), rows: 0 };
        writer.cells(header, Some(&bold))?;
        Ok(writer)
    }

    /// One row. Errors: more than a sheet holds.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), SheetError> {
        self.cells(cells, None)
    }

    fn cells<T: AsRef<str>>(&mut self, cells: &[T], format: Option<&Format>) -> Result<(), SheetError> {
        let number = self.rows + 1;
        if number > SHEET_ROWS {
            return Err(Fault::TooManyRows { max: SHEET_ROWS }.at(number, None));
        }
        if cells.len() > SHEET_COLUMNS {
            return Err(Fault::TooManyColumns { max: SHEET_COLUMNS }.at(number, None));
        }
        let row = u32::try_from(self.rows).unwrap_or(u32::MAX);
        for (index, cell) in cells.iter().enumerate() {
            let cell = cell.as_ref();
            if cell.encode_utf16().count() > SHEET_CELL_CHARS {
                let column = Some(Column::new(index, None));
                return Err(Fault::CellTooLong { max: SHEET_CELL_CHARS }.at(number, column));
            }
            let column = u16::try_from(index).unwrap_or(u16::MAX);
            let guarded = guard(cell).len() != cell.len();
            match format.or(guarded.then_some(&self.text)) {
                Some(format) => self.sheet.write_string_with_format(row, column, cell, format),
                None => self.sheet.write_string(row, column, cell),
            }
            .map_err(failed)?;
        }
        self.rows = number;
        Ok(())
    }

    /// All rows are there: write the workbook.
    pub fn finish<W: Write + Send>(mut self, into: W) -> Result<(), SheetError> {
        self.book.push_worksheet(self.sheet);
        self.book.save_to_writer(into).map_err(failed)
    }
}

trait Failed: std::fmt::Display {}
impl Failed for csv::Error {}
impl Failed for XlsxError {}
impl Failed for &std::io::Error {}

fn failed(error: impl Failed) -> SheetError {
    Fault::Io { detail: error.to_string() }.into()
}
