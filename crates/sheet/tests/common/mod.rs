//! Reading a file that stands in memory.

use std::io::Cursor;
use std::ops::ControlFlow;

use loa_sheet::{Limits, Options, SheetError, read};

/// Rows by number.
pub type Found = Vec<(u64, Result<Vec<String>, SheetError>)>;

/// Small limits, with a header.
pub fn options() -> Options {
    Options::new(Limits { bytes: 4_000, rows: 5, columns: 40, cell_chars: 100 })
}

fn all(bytes: &[u8], options: &Options) -> Result<(Vec<String>, Found), SheetError> {
    let mut found = Vec::new();
    let ending = read(Cursor::new(bytes), options, None, |row| {
        assert_eq!(row.number, row.next.row);
        found.push((row.number, row.cells.map(|cells| cells.texts)));
        ControlFlow::Continue(())
    })?;
    assert_eq!(ending.next, None);
    Ok((ending.header, found))
}

/// The names of the columns and all rows.
pub fn rows(bytes: &[u8], options: &Options) -> (Vec<String>, Found) {
    all(bytes, options).unwrap_or_else(|error| panic!("{error}"))
}

/// The first thing that is wrong.
pub fn fault(bytes: &[u8], options: &Options) -> SheetError {
    match all(bytes, options) {
        Err(error) => error,
        Ok((_, found)) => {
            found.into_iter().find_map(|(_, row)| row.err()).unwrap_or_else(|| panic!("nothing is wrong"))
        }
    }
}
