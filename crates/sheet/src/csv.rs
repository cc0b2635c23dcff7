//! CSV: the cells are cut by the crate `csv`; here is what files of people need around it.
//!
//! The separator is found out from the first rows, or told by a first line `sep=;` as spreadsheets write it. A row keeps
//! the number that a spreadsheet shows: a cell of several lines is one row, a blank line is one too.

use std::io::{Read, Seek};

use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

use crate::rows::{Next, Rows};
use crate::text::{Encoding, Text, fill};
use crate::{Cells, Fault, Mark, Options, SheetError, unguard};

/// Bytes that are looked at to find the separator.
const LOOKED_AT: usize = 64 * 1024;
/// Rows of them.
const ROWS_LOOKED_AT: usize = 50;
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    separator: u8,
    line_end: u8,
    /// Where the rows begin: behind a line `sep=;`.
    start: u64,
}

pub(crate) fn read<S: Read + Seek>(
    mut source: S,
    options: &Options,
    from: Option<Mark>,
    rows: &mut Rows<'_>,
) -> Result<Option<Mark>, SheetError> {
    let encoding = Encoding::of(&mut source)?;
    let mut sample = vec![0; LOOKED_AT];
    let got = fill(&mut Text::at(&mut source, encoding, 0, b'\n')?, &mut sample)?;
    let shape = look(&sample[..got], options.separator);
    let from = from.unwrap_or_default();
    if from.row > 0 && options.header {
        // The names of the columns stand before the mark.
        let mut part = Part::new(&mut source, encoding, shape, shape.start, 0)?;
        while !rows.has_header() {
            let Some((number, cells, byte)) = part.next(rows)? else { return Ok(None) };
            rows.take(number, cells, byte)?;
        }
    }
    let mut part = match from.row {
        0 => Part::new(&mut source, encoding, shape, shape.start, 0)?,
        row => Part::new(&mut source, encoding, shape, from.byte, row)?,
    };
    if from.row > 0 {
        rows.resume();
    }
    while let Some((number, cells, byte)) = part.next(rows)? {
        if let Next::Stop(mark) = rows.take(number, cells, byte)? {
            return Ok(Some(mark));
        }
    }
    Ok(None)
}

/// A file from one place on.
struct Part<'a, S> {
    reader: Reader<Text<'a, S>>,
    record: ByteRecord,
    shape: Shape,
    /// Bytes before it.
    before: u64,
    /// The row that was read last.
    row: u64,
}

impl<'a, S: Read + Seek> Part<'a, S> {
    fn new(
        source: &'a mut S,
        encoding: Encoding,
        shape: Shape,
        byte: u64,
        row: u64,
    ) -> Result<Self, SheetError> {
        let text = Text::at(source, encoding, byte, shape.line_end)?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(shape.separator)
            // Not "either": a row must end with its last byte, or blank lines could not be counted.
            .terminator(Terminator::Any(shape.line_end))
            .buffer_capacity(LOOKED_AT)
            .from_reader(text);
        Ok(Self { reader, record: ByteRecord::new(), shape, before: byte, row })
    }

    /// The next row: its number, its cells, and the byte behind it.
    fn next(&mut self, rows: &Rows<'_>) -> Result<Option<(u64, Cells, u64)>, SheetError> {
        let line = self.reader.position().line();
        let is_there = self.reader.read_byte_record(&mut self.record).map_err(broken)?;
        if !is_there {
            return Ok(None);
        }
        let inside = self.record.as_slice().iter().filter(|b| **b == b'\n').count() as u64;
        let lines = self.reader.position().line() - line;
        self.row += 1 + lines.saturating_sub(1 + inside);
        let last = self.record.len().saturating_sub(1);
        let mut texts = Vec::with_capacity(self.record.len());
        for (index, bytes) in self.record.iter().enumerate() {
            let bytes = match bytes {
                [cut @ .., b'\r'] if index == last && self.shape.line_end == b'\n' => cut,
                all => all,
            };
            let text = std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
            let Some(text) = text else {
                return Err(Fault::WrongEncoding.at(self.row, Some(rows.column(index))));
            };
            texts.push(unguard(text).to_owned());
        }
        let ends = self.record.iter().next_back().is_some_and(|cell| cell.ends_with(&[self.shape.line_end]));
        let byte = self.reader.position().byte();
        let text = self.reader.get_ref();
        // The line end that was added belongs to a cell only where a quotation mark is still open.
        if ends && text.length() == Some(byte) && !text.ends_quoted() {
            return Err(Fault::UnclosedQuote.at(self.row, Some(rows.column(last))));
        }
        let byte = self.before + byte;
        Ok(Some((self.row, Cells { texts, formulas: Vec::new() }, byte)))
    }
}

fn broken(error: csv::Error) -> SheetError {
    Fault::Io { detail: error.to_string() }.into()
}

fn look(sample: &[u8], separator: Option<u8>) -> Shape {
    let line_end = if sample.contains(&b'\r') && !sample[..sample.len().saturating_sub(1)].contains(&b'\n') {
        b'\r'
    } else {
        b'\n'
    };
    let first = sample.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', told] = first {
        let ends = sample[first.len()..].iter().take(2).take_while(|b| matches!(b, b'\n' | b'\r')).count();
        // Two line ends of one kind are a blank line.
        let ends = if sample[first.len()..].starts_with(b"\r\n") { ends } else { ends.min(1) };
        return Shape { separator: *told, line_end, start: (first.len() + ends) as u64 };
    }
    Shape { separator: separator.unwrap_or_else(|| likely(sample, line_end)), line_end, start: 0 }
}

/// The separator that stands in every row of the sample, most often; if none does, the one that the first row has most of.
fn likely(sample: &[u8], line_end: u8) -> u8 {
    let mut counts: Vec<[usize; 3]> = vec![[0; 3]];
    let (mut quoted, mut blank) = (false, true);
    for b in sample {
        match b {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b if *b == line_end => {
                if counts.len() > ROWS_LOOKED_AT {
                    break;
                }
                if !std::mem::replace(&mut blank, true) {
                    counts.push([0; 3]);
                }
                continue;
            }
            b => {
                if let (Some(at), Some(row)) = (SEPARATORS.iter().position(|one| one == b), counts.last_mut())
                {
                    row[at] += 1;
                }
            }
        }
        blank = blank && b.is_ascii_whitespace();
    }
    // The last one is cut off, or nothing.
    if counts.len() > 1 {
        counts.pop();
    }
    let score = |at: usize| (counts.iter().map(|row| row[at]).min().unwrap_or(0), counts[0][at]);
    let best = (0..SEPARATORS.len()).rev().max_by_key(|at| score(*at)).unwrap_or(0);
    SEPARATORS[best]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found() {
        for (sample, separator) in [
            ("a,b\n1,2\n", b','),
            ("a;b\n1,5;2\n", b';'),
            ("a\tb\n1;5\t2\n", b'\t'),
            ("ten;\"a,b,c,d\"\nx;y\n", b';'),
            ("phone\n0912345678\n", b','),
            ("", b','),
            ("a;b", b';'),
            ("a,b;c,d\r1;2\r", b';'),
        ] {
            assert_eq!(look(sample.as_bytes(), None).separator, separator, "{sample:?}");
        }
        let told = look(b"sep=;\r\na,b;c\r\n", None);
        assert_eq!((told.separator, told.start), (b';', 7));
        assert_eq!(look(b"a;b\n", Some(b',')).separator, b',');
    }
}
