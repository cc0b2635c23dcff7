//! What is wrong with a file, and where.

use std::fmt;

/// A column as people find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// From 0.
    pub index: usize,
    /// Its header; its letters (`C`) where it has none.
    pub name: String,
}

impl Column {
    pub(crate) fn new(index: usize, header: Option<&[String]>) -> Self {
        let name = header.and_then(|names| names.get(index)).cloned();
        Self { index, name: name.unwrap_or_else(|| letters(index)) }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// `A` to `Z`, then `AA`.
fn letters(index: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = index + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// An error of a whole file or of one row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault}{}", place(.row.as_ref(), .column.as_ref()))]
pub struct SheetError {
    /// What is wrong.
    pub fault: Fault,
    /// The row, as the spreadsheet numbers it; `None` when it is not one row's.
    pub row: Option<u64>,
    /// The column; `None` when it is not one column's.
    pub column: Option<Column>,
}

fn place(row: Option<&u64>, column: Option<&Column>) -> String {
    match (row, column) {
        (Some(row), Some(column)) => format!(" (row {row}, column {column})"),
        (Some(row), None) => format!(" (row {row})"),
        _ => String::new(),
    }
}

/// What may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing in it at all.
    #[error("the file is empty")]
    Empty,
    /// Names of columns and nothing below.
    #[error("the file has a header and no rows")]
    HeaderOnly {
        /// The names.
        header: Vec<String>,
    },
    /// A column without a name stands between others, or has values.
    #[error("a column has no name")]
    EmptyHeader,
    /// Two columns with one name; letters' case does not matter.
    #[error("two columns are called {name:?}")]
    DuplicateHeader {
        /// The name.
        name: String,
    },
    /// A row with more or fewer cells than the header.
    #[error("the row has {found} cells where the header has {expected}")]
    Ragged {
        /// Cells of the header.
        expected: usize,
        /// Cells of the row.
        found: usize,
    },
    /// Neither UTF-8 nor UTF-16: most likely an old Vietnamese code page.
    #[error("the text is not UTF-8")]
    WrongEncoding,
    /// A quotation mark that opens a cell and is never closed.
    #[error("a quotation mark is never closed")]
    UnclosedQuote,
    /// More bytes than the limit, packed or unpacked.
    #[error("the file is larger than {max} bytes when it is unpacked")]
    TooLarge {
        /// The limit.
        max: u64,
    },
    /// More rows than the limit.
    #[error("the file has more than {max} rows")]
    TooManyRows {
        /// The limit.
        max: u64,
    },
    /// More columns than the limit.
    #[error("the row has more than {max} columns")]
    TooManyColumns {
        /// The limit.
        max: usize,
    },
    /// A cell longer than the limit.
    #[error("the cell is longer than {max} characters")]
    CellTooLong {
        /// The limit.
        max: usize,
    },
    /// No sheet of this name.
    #[error("there is no sheet {name:?}")]
    NoSuchSheet {
        /// The name that was asked for.
        name: String,
    },
    /// A workbook of Excel before 2007, or one with a password.
    #[error("the workbook is of an old format or has a password")]
    OldOrLocked,
    /// It begins like a workbook and is none, or is damaged.
    #[error("the workbook cannot be read: {detail}")]
    Broken {
        /// For the operator.
        detail: String,
    },
    /// The reader or writer failed.
    #[error("input or output failed: {detail}")]
    Io {
        /// For the operator.
        detail: String,
    },
}

impl Fault {
    /// A stable word for the reason, for reports and texts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "sheet_empty",
            Self::HeaderOnly { .. } => "sheet_header_only",
            Self::EmptyHeader => "sheet_empty_header",
            Self::DuplicateHeader { .. } => "sheet_duplicate_header",
            Self::Ragged { .. } => "sheet_ragged_row",
            Self::WrongEncoding => "sheet_wrong_encoding",
            Self::UnclosedQuote => "sheet_unclosed_quote",
            Self::TooLarge { .. } => "sheet_too_large",
            Self::TooManyRows { .. } => "sheet_too_many_rows",
            Self::TooManyColumns { .. } => "sheet_too_many_columns",
            Self::CellTooLong { .. } => "sheet_cell_too_long",
            Self::NoSuchSheet { .. } => "sheet_no_such_sheet",
            Self::OldOrLocked => "sheet_old_or_locked",
            Self::Broken { .. } => "sheet_broken",
            Self::Io { .. } => "sheet_io",
        }
    }

    pub(crate) fn at(self, row: u64, column: Option<Column>) -> SheetError {
        SheetError { fault: self, row: Some(row), column }
    }
}

impl From<Fault> for SheetError {
    fn from(fault: Fault) -> Self {
        Self { fault, row: None, column: None }
    }
}

impl From<std::io::Error> for SheetError {
    fn from(error: std::io::Error) -> Self {
        Fault::Io { detail: error.to_string() }.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_a_name_have_letters() {
        for (index, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(Column::new(index, None).name, name);
        }
        assert_eq!(Column::new(0, Some(&["Tên".to_owned()])).name, "Tên");
    }
}
