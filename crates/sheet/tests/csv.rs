//! CSV files as people have them.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own file fails")]

mod common;

use std::io::Cursor;
use std::ops::ControlFlow;

use common::{fault, options, rows};
use loa_sheet::{CsvWriter, Fault, Mark, Options, SheetError, header, read};
use proptest::prelude::*;

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn every_way_to_write_it_says_the_same() {
    let text = "Tên;SĐT\nĐào 😀;0912345678\n";
    let files: Vec<(&str, Vec<u8>)> = vec![
        ("UTF-8", text.into()),
        ("with a mark", format!("\u{feff}{text}").into()),
        ("UTF-16 LE", utf16(text, false)),
        ("UTF-16 BE", utf16(text, true)),
        ("Windows' line ends", text.replace('\n', "\r\n").into()),
        ("old Mac's line ends", text.replace('\n', "\r").into()),
        ("no last line end", text.trim_end().into()),
        ("quoted", text.replace("Tên;SĐT", "\"Tên\";\"SĐT\"").into()),
        ("commas", text.replace(';', ",").into()),
        ("tabs", text.replace(';', "\t").into()),
        ("told", format!("sep=;\r\n{text}").into()),
        ("more separators than columns", text.replace('\n', ";;\n").into()),
    ];
    for (name, bytes) in files {
        let (names, found) = rows(&bytes, &options());
        assert_eq!(names, ["Tên", "SĐT"], "{name}");
        assert_eq!(found, [(2, Ok(vec!["Đào 😀".to_owned(), "0912345678".to_owned()]))], "{name}");
        assert_eq!(header(Cursor::new(&bytes), &options()).unwrap(), names, "{name}");
    }
}

#[test]
fn rows_have_the_numbers_of_a_spreadsheet() {
    let text = "\n\"a\nb\",c\n\n\"1\n\n\n2\",x\n,\n\n3,y\n\n4,\"z\n\"";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let (names, found) = rows(text.as_bytes(), &options());
        assert_eq!(names[1], "c");
        let numbers: Vec<u64> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [4, 7, 9], "{text:?}");
    }
}

/// A file, how it is read, and the reason, row and column that are told.
type Case<'a> = (&'a [u8], &'a Options, &'a str, Option<u64>, Option<&'a str>);

#[test]
fn what_is_wrong_has_a_place() {
    let usual = options();
    let no_header = Options { header: false, ..options() };
    let long = format!("a,b\n1,{}\n", "ế".repeat(101));
    let wide = format!("{}\n", "a,".repeat(50) + "b");
    let cases: Vec<Case> = vec![
        (b"", &usual, "sheet_empty", None, None),
        (b"\xEF\xBB\xBF", &usual, "sheet_empty", None, None),
        (b"\n , \n", &usual, "sheet_empty", None, None),
        (b"", &no_header, "sheet_empty", None, None),
        (b"a,b\n\n", &usual, "sheet_header_only", None, None),
        (b"a,,c\n1,2,3\n", &usual, "sheet_empty_header", Some(1), Some("B")),
        (b"a,b, A \n1,2,3\n", &usual, "sheet_duplicate_header", Some(1), Some("C")),
        (b"a,b\n1,2\n3\n", &usual, "sheet_ragged_row", Some(3), Some("b")),
        (b"a,b\n1,2,3\n", &usual, "sheet_ragged_row", Some(2), Some("C")),
        // "Đào" as Windows-1258 writes it.
        (b"SDT,T\xEAn\n1,a\n", &usual, "sheet_wrong_encoding", Some(1), Some("B")),
        (b"id,ten\n1,a\n2,\xD0\xE0o\n", &usual, "sheet_wrong_encoding", Some(3), Some("ten")),
        // UTF-16 without its mark, and half a letter with it.
        (b"a\0,\0b\0\n\0", &usual, "sheet_wrong_encoding", Some(1), Some("A")),
        (b"\xFF\xFEa\0\n\0\x3d\xd8\n\0", &usual, "sheet_wrong_encoding", Some(2), Some("a")),
        (b"a,b\n1,\"2\n3,4\n", &usual, "sheet_unclosed_quote", Some(2), Some("b")),
        (long.as_bytes(), &usual, "sheet_cell_too_long", Some(2), Some("b")),
        (wide.as_bytes(), &usual, "sheet_too_many_columns", Some(1), None),
        (b"a\n1\n2\n3\n4\n5\n6\n", &usual, "sheet_too_many_rows", Some(7), None),
        (&[b'x'; 5_000], &usual, "sheet_too_large", None, None),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", &usual, "sheet_old_or_locked", None, None),
    ];
    for (bytes, options, code, row, column) in cases {
        let SheetError { fault, row: at, column: named } = fault(bytes, options);
        let name = named.as_ref().map(|column| column.name.as_str());
        assert_eq!((fault.code(), at, name), (code, row, column), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn a_bad_row_does_not_end_the_reading() {
    let (_, found) = rows(b"a,b\n1\n2,x\n", &options());
    assert!(matches!(&found[0], (2, Err(SheetError { fault: Fault::Ragged { expected: 2, found: 1 }, .. }))));
    assert_eq!(found[1], (3, Ok(vec!["2".into(), "x".into()])));
}

/// Read in parts of `at_once` rows, going on from the mark each time.
fn in_parts(bytes: &[u8], options: &Options, at_once: usize) -> common::Found {
    let mut found = Vec::new();
    let mut mark: Option<Mark> = None;
    loop {
        let mut part = 0;
        let ending = read(Cursor::new(bytes), options, mark, |row| {
            found.push((row.number, row.cells.map(|cells| cells.texts)));
            part += 1;
            if part == at_once { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match ending.unwrap().next {
            Some(next) => mark = Some(next),
            None => return found,
        }
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{0,11}", "[-=+@'\t\r\n]{0,2}[a-zà-ỹ0-9 ,;\"\r\n\t'.+-]{0,12}", "\\PC{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn what_is_written_is_read_back(table in prop::collection::vec(prop::collection::vec(cell(), 3), 1..6)) {
        let mut writer = CsvWriter::new(Vec::new(), &["=a", "b, c", "'đ"]).unwrap();
        for row in &table {
            writer.row(row).unwrap();
        }
        let bytes = writer.finish().unwrap();
        let told = table.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        let options = Options { separator: Some(b','), ..options() };
        match told.clone().count() {
            0 => prop_assert_eq!(fault(&bytes, &options).fault.code(), "sheet_header_only"),
            _ => {
                let (names, found) = rows(&bytes, &options);
                prop_assert_eq!(names, ["=a", "b, c", "'đ"]);
                let found: Vec<Vec<String>> = found.into_iter().map(|(_, cells)| cells.unwrap()).collect();
                prop_assert!(found.iter().eq(told), "{:?}", found);
            }
        }
    }

    #[test]
    fn reading_goes_on_from_any_row(
        table in prop::collection::vec(prop::collection::vec("[a-zđ0-9 \n]{0,5}", 2), 1..12),
        at_once in 1..4usize, header in any::<bool>(), wide in any::<bool>(),
    ) {
        let mut text = String::from("a;\"b\"\n\n");
        for row in &table {
            text.push_str(&format!("x{};\"{}\"\r\n", row[0].replace('\n', ""), row[1]));
        }
        let bytes = if wide { utf16(&text, false) } else { text.into_bytes() };
        let mut options = Options { header, ..options() };
        options.limits.rows = 100;
        options.limits.bytes = 100_000;
        prop_assert_eq!(in_parts(&bytes, &options, at_once), rows(&bytes, &options).1);
    }
}
