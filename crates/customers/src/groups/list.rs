//! Phone numbers of a file or of what somebody pasted: which are there, which twice, and which are none. Pure.

use std::collections::HashMap;
use std::io::Cursor;
use std::ops::ControlFlow;

use loa_kernel::{Problem, fold_vi, normalise_phone};
use loa_sheet::{Limits, Options, SheetError, read};
use loa_store::customers::groups::RowKind;

/// So many numbers are put into a group at once (features reference §6.5).
pub const MAX_ROWS: usize = 100_000;
/// The largest file, in bytes. 100,000 numbers are two megabytes.
pub const MAX_FILE_BYTES: usize = 10 * 1024 * 1024;
/// An XLSX file that is larger when it is unpacked is refused.
const MAX_UNPACKED_BYTES: u64 = 100 * 1024 * 1024;
/// Columns beside the numbers do not matter, but for how many there may be.
const MAX_COLUMNS: usize = 100;
const MAX_CELL_CHARS: usize = 1_000;
/// So much of a value is kept in a report, in characters.
const KEPT_CHARS: usize = 60;

/// Names of the column with the numbers, folded.
const NAMES: &[&str] = &[
    "so dien thoai",
    "sdt",
    "so dt",
    "dien thoai",
    "dien thoai di dong",
    "di dong",
    "phone",
    "phone number",
    "phone_number",
    "mobile",
    "tel",
];

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// Rows with something in them, without the header.
    pub rows: usize,
    /// The numbers as they are kept, each once, with the row where it stands first.
    pub numbers: Vec<(u64, String)>,
    /// Rows that need a look.
    pub remarks: Vec<Remark>,
}

/// A row that needs a look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Its number, from 1.
    pub row: u64,
    /// Why.
    pub kind: RowKind,
    /// What stands there.
    pub value: String,
    /// Why it is bad: a code.
    pub reason: Option<&'static str>,
    /// Where the number of a double stands first.
    pub first_row: Option<u64>,
}

impl Remark {
    fn bad(row: u64, value: &str, reason: &'static str) -> Self {
        let value = value.chars().take(KEPT_CHARS).collect();
        Self { row, kind: RowKind::Bad, value, reason: Some(reason), first_row: None }
    }
}

#[derive(Default)]
struct Gathered {
    listed: Listed,
    first: HashMap<String, u64>,
}

impl Gathered {
    fn take(&mut self, row: u64, value: &str) {
        self.listed.rows += 1;
        let Ok(phone) = normalise_phone(value.trim()) else {
            self.listed.remarks.push(Remark::bad(row, value, "not_a_phone_number"));
            return;
        };
        if let Some(first) = self.first.get(&phone) {
            let value = value.chars().take(KEPT_CHARS).collect();
            let remark = Remark { row, kind: RowKind::Double, value, reason: None, first_row: Some(*first) };
            self.listed.remarks.push(remark);
            return;
        }
        self.first.insert(phone.clone(), row);
        self.listed.numbers.push((row, phone));
    }

    fn finish(self, field: &str) -> Result<Listed, Problem> {
        match self.listed.rows {
            0 => Err(Problem::invalid(field, "no_numbers")),
            rows if rows > MAX_ROWS => Err(too_many(field)),
            _ => Ok(self.listed),
        }
    }
}

fn too_many(field: &str) -> Problem {
    Problem::invalid(field, "sheet_too_many_rows").param("max", MAX_ROWS)
}

/// Numbers that somebody pasted, one a line, or with commas, semicolons or tabs between them; their rows are counted from 1.
/// Errors: `invalid_field` (`numbers`).
pub fn of_text(text: &str) -> Result<Listed, Problem> {
    let mut gathered = Gathered::default();
    let parts = text.split(['\n', '\r', ',', ';', '\t']).map(str::trim).filter(|part| !part.is_empty());
    for (part, row) in parts.zip(1..) {
        if gathered.listed.rows == MAX_ROWS {
            return Err(too_many("numbers"));
        }
        gathered.take(row, part);
    }
    gathered.finish("numbers")
}

/// Numbers of a CSV or XLSX file: of the column that is called so, or of the first one. The first row may be a header.
/// Errors: `invalid_field` (`file`) with the reason of [`loa_sheet::Fault`], its row and its column.
pub fn of_file(bytes: &[u8]) -> Result<Listed, Problem> {
    let limits = Limits {
        bytes: MAX_UNPACKED_BYTES,
        // One more for a header.
        rows: MAX_ROWS as u64 + 1,
        columns: MAX_COLUMNS,
        cell_chars: MAX_CELL_CHARS,
    };
    let options = Options { header: false, ..Options::new(limits) };
    let mut gathered = Gathered::default();
    let mut column: Option<usize> = None;
    read(Cursor::new(bytes), &options, None, |row| {
        let cells = match row.cells {
            Ok(cells) => cells.texts,
            Err(error) => {
                gathered.listed.rows += 1;
                gathered.listed.remarks.push(Remark::bad(row.number, "", error.fault.code()));
                return ControlFlow::Continue(());
            }
        };
        let at = match column {
            Some(at) => at,
            None => {
                let named = cells.iter().position(|name| NAMES.contains(&fold_vi(name).as_str()));
                let at = *column.insert(named.unwrap_or(0));
                let is_header = cells.iter().all(|cell| !cell.contains(|c: char| c.is_ascii_digit()));
                if named.is_some() || is_header {
                    return ControlFlow::Continue(());
                }
                at
            }
        };
        // A row without a number in it says nothing about numbers.
        if let Some(value) = cells.get(at).filter(|value| !value.trim().is_empty()) {
            gathered.take(row.number, value);
        }
        ControlFlow::Continue(())
    })
    .map_err(refused)?;
    gathered.finish("file")
}

fn refused(error: SheetError) -> Problem {
    let is_long = matches!(error.fault, loa_sheet::Fault::TooManyRows { .. });
    let problem = crate::sheets::problem(error);
    if is_long { problem.param("max", MAX_ROWS) } else { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows with their numbers, and remarks with the row where a double stands first.
    #[derive(Debug, PartialEq)]
    struct Said {
        numbers: Vec<(u64, String)>,
        remarks: Vec<(u64, RowKind, Option<u64>)>,
    }

    fn said(listed: Result<Listed, Problem>) -> Said {
        let listed = listed.unwrap();
        Said {
            remarks: listed.remarks.iter().map(|r| (r.row, r.kind, r.first_row)).collect(),
            numbers: listed.numbers,
        }
    }

    #[test]
    fn one_number_in_three_forms_is_one_number() {
        let expected = || Said {
            numbers: vec![(1, "84912345678".into()), (4, "84987654321".into())],
            remarks: vec![
                (2, RowKind::Double, Some(1)),
                (3, RowKind::Double, Some(1)),
                (5, RowKind::Bad, None),
            ],
        };
        let typed = ["0912345678", "84912345678", "912345678", "0987 654 321", "Lan"];
        let pasted = typed.join("\n");
        assert_eq!(said(of_text(&pasted)), expected());
        assert_eq!(said(of_text(&typed.join("; "))), expected());
        assert_eq!(said(of_file(pasted.as_bytes())), expected());
    }

    #[test]
    fn the_column_of_numbers_is_found() {
        for (file, found) in [
            ("0912345678\n0912345679\n", vec![1, 2]),
            ("Khách quen\n0912345678\n", vec![2]),
            ("Tên,SĐT\nLan,0912345678\nĐào,\nMai,0912345679\n", vec![2, 4]),
            ("phone;ten\n0912345678;Lan\n", vec![2]),
            ("\n\n0912345678\n", vec![3]),
        ] {
            let listed = of_file(file.as_bytes()).unwrap();
            let rows: Vec<u64> = listed.numbers.iter().map(|(row, _)| *row).collect();
            assert_eq!((rows, listed.remarks.len()), (found, 0), "{file:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let many: String = (0..=MAX_ROWS).map(|n| format!("09{n:08}\n")).collect();
        for (file, reason) in [
            (&b""[..], "sheet_empty"),
            (b"phone\n", "no_numbers"),
            (b"sdt\nT\xEAn\n", "sheet_wrong_encoding"),
            (b"PK\x03\x04", "sheet_broken"),
            (many.as_bytes(), "sheet_too_many_rows"),
        ] {
            let problem = of_file(file).unwrap_err();
            assert_eq!(problem.params["reason"], reason);
        }
        assert_eq!(of_file(b"sdt\nT\xEAn\n").unwrap_err().params["row"], 2);
        assert_eq!(of_text(" ,; ").unwrap_err().params["reason"], "no_numbers");
        assert_eq!(of_text(&many).unwrap_err().params["reason"], "sheet_too_many_rows");
        assert_eq!(of_file(&many.as_bytes()[..many.len() - 11]).unwrap().numbers.len(), MAX_ROWS);
    }
}
