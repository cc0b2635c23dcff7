//! Real workbooks, written by `rust_xlsxwriter` and read back.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own file fails")]

mod common;

use std::io::{Cursor, Write};
use std::ops::ControlFlow;

use common::{fault, options, rows};
use loa_sheet::{Cells, Format, Mark, Options, XlsxWriter, header, read};
use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format as Look, Formula, Workbook, Worksheet};
use zip::write::SimpleFileOptions;

fn roomy() -> Options {
    let mut options = options();
    options.limits.bytes = 200_000;
    options
}

fn book(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("Khách").unwrap());
    let other = book.add_worksheet().set_name("Khác").unwrap();
    other.write_string(0, 0, "x").unwrap();
    other.write_string(1, 0, "y").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn cells_say_what_a_person_sees() {
    let bytes = book(|sheet| {
        for (column, name) in ["SĐT", "Mã", "Ngày", "Lúc", "Nợ", "Có"].iter().enumerate() {
            sheet.write_string(0, column as u16, *name).unwrap();
        }
        sheet.write_number(2, 0, 912_345_678.0).unwrap();
        sheet.write_number_with_format(2, 1, 42.0, &Look::new().set_num_format("0000")).unwrap();
        let day = Look::new().set_num_format("yyyy-mm-dd");
        sheet.write_datetime_with_format(2, 2, ExcelDateTime::from_ymd(2026, 12, 31).unwrap(), &day).unwrap();
        let time = Look::new().set_num_format("hh:mm dd/mm/yyyy");
        let moment = ExcelDateTime::from_ymd(2026, 1, 2).unwrap().and_hms(8, 30, 0).unwrap();
        sheet.write_datetime_with_format(2, 3, moment, &time).unwrap();
        sheet
            .write_number_with_format(2, 4, -1_234_567.891, &Look::new().set_num_format("#,##0.00"))
            .unwrap();
        sheet.write_boolean(2, 5, true).unwrap();
        sheet.write_string(4, 0, " 0912 345 678 ").unwrap();
    });
    let (names, found) = rows(&bytes, &roomy());
    assert_eq!(names, ["SĐT", "Mã", "Ngày", "Lúc", "Nợ", "Có"]);
    let texts = |texts: [&str; 6]| Ok(texts.map(str::to_owned).to_vec());
    assert_eq!(
        found,
        [
            (3, texts(["912345678", "0042", "31/12/2026", "02/01/2026 08:30:00", "-1234567.891", "TRUE"])),
            (5, texts([" 0912 345 678 ", "", "", "", "", ""])),
        ]
    );
    assert_eq!(header(Cursor::new(&bytes), &roomy()).unwrap(), names);
    let other = Options { sheet: Some("Khác".into()), ..roomy() };
    assert_eq!(rows(&bytes, &other), (vec!["x".into()], vec![(2, Ok(vec!["y".into()]))]));
}

#[test]
fn formulas_are_read_by_their_result_and_reported() {
    let bytes = book(|sheet| {
        sheet.write_string(0, 0, "a").unwrap();
        sheet.write_string(0, 1, "b").unwrap();
        sheet.write_number(1, 0, 1.0).unwrap();
        sheet.write_number(1, 1, 2.0).unwrap();
        sheet.write_string(2, 0, "=A1").unwrap();
        sheet.write_formula(2, 1, Formula::new("=A2+B2").set_result("3")).unwrap();
    });
    let mut found: Vec<Cells> = Vec::new();
    let ending = read(Cursor::new(&bytes), &roomy(), None, |row| {
        found.push(row.cells.unwrap());
        ControlFlow::Continue(())
    });
    assert_eq!(ending.unwrap().format, Format::Xlsx);
    assert_eq!(found[0], Cells { texts: vec!["1".into(), "2".into()], formulas: vec![] });
    assert_eq!(found[1], Cells { texts: vec!["=A1".into(), "3".into()], formulas: vec![1] });
}

/// An archive with one part of so many zeros.
fn bomb(zeros: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    archive.write_all(&vec![b'0'; zeros]).unwrap();
    archive.finish().unwrap().into_inner()
}

/// The same, saying of itself that it holds one byte.
fn lying(zeros: usize) -> Vec<u8> {
    let mut bytes = bomb(zeros);
    let size = u32::try_from(zeros).unwrap().to_le_bytes();
    for at in 0..bytes.len() - 4 {
        if bytes[at..at + 4] == size {
            bytes[at..at + 4].copy_from_slice(&1u32.to_le_bytes());
        }
    }
    bytes
}

/// A file, and the reason, row and column that are told.
type Case<'a> = (Vec<u8>, &'a str, Option<u64>, Option<&'a str>);

#[test]
fn what_is_wrong_has_a_place() {
    let text = |sheet: &mut Worksheet, row, column, text: &str| {
        sheet.write_string(row, column, text).unwrap();
    };
    let long = "ế".repeat(101);
    let rows = |n: u32| book(|sheet| (0..n).for_each(|row| text(sheet, row, 0, &format!("{row}"))));
    let full = rows(7);
    let cases: Vec<Case> = vec![
        (book(|_| {}), "sheet_empty", None, None),
        (rows(1), "sheet_header_only", None, None),
        (full.clone(), "sheet_too_many_rows", Some(7), None),
        (
            book(|s| [0, 2].map(|c| text(s, 0, c, &format!("{c}"))).into_iter().collect()),
            "sheet_empty_header",
            Some(1),
            Some("B"),
        ),
        (
            book(|s| [0, 1].map(|c| text(s, 0, c, "a")).into_iter().collect()),
            "sheet_duplicate_header",
            Some(1),
            Some("B"),
        ),
        (
            book(|s| [(0, 0), (1, 1)].map(|(r, c)| text(s, r, c, "a")).into_iter().collect()),
            "sheet_ragged_row",
            Some(2),
            Some("B"),
        ),
        (
            book(|s| [(0, "a"), (3, long.as_str())].map(|(r, t)| text(s, r, 0, t)).into_iter().collect()),
            "sheet_cell_too_long",
            Some(4),
            Some("a"),
        ),
        (book(|s| text(s, 2, 40, "a")), "sheet_too_many_columns", Some(3), None),
        (bomb(1_000_000), "sheet_too_large", None, None),
        (lying(1_000_000), "sheet_broken", None, None),
        (bomb(10), "sheet_broken", None, None),
        (full[..full.len() / 2].to_vec(), "sheet_broken", None, None),
        (b"PK\x03\x04".to_vec(), "sheet_broken", None, None),
    ];
    for (bytes, code, row, column) in cases {
        let error = fault(&bytes, &roomy());
        let name = error.column.as_ref().map(|column| column.name.as_str());
        assert_eq!((error.fault.code(), error.row, name), (code, row, column), "{error}");
    }
    let nowhere = Options { sheet: Some("Không có".into()), ..roomy() };
    assert_eq!(fault(&full, &nowhere).fault.code(), "sheet_no_such_sheet");
}

#[test]
fn reading_goes_on_from_any_row() {
    let bytes = book(|sheet| {
        for row in [0, 1, 4, 5, 9] {
            sheet.write_string(row, 0, format!("{row}")).unwrap();
        }
    });
    for stop in 1..=4 {
        let mut found = Vec::new();
        let mut mark: Option<Mark> = None;
        loop {
            let mut part = 0;
            let ending = read(Cursor::new(&bytes), &roomy(), mark, |row| {
                found.push(row.number);
                part += 1;
                if part == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            match ending.unwrap().next {
                Some(next) => mark = Some(next),
                None => break,
            }
        }
        assert_eq!(found, [2, 5, 6, 10], "{stop} rows at once");
    }
}

#[test]
fn the_same_rows_make_the_same_file() {
    let write = || {
        let mut writer = XlsxWriter::new("Báo cáo", &["a"]).unwrap();
        writer.row(&["0912345678"]).unwrap();
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).unwrap();
        bytes
    };
    assert_eq!(write(), write());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_is_read_back(
        table in prop::collection::vec(
            prop::collection::vec(prop_oneof!["[-=+@'\t\n]{0,2}[a-zà-ỹ0-9 <&>_x\"\r\n]{0,12}", "\\PC{0,8}", "_x000[0-9A-D]_"], 3),
            1..6,
        )
    ) {
        let mut writer = XlsxWriter::new("Khách", &["=a", "b", "'c"]).unwrap();
        for row in &table {
            writer.row(row).unwrap();
        }
        let mut bytes = Vec::new();
        writer.finish(&mut bytes).unwrap();
        let told = table.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        if told.clone().count() == 0 {
            prop_assert_eq!(fault(&bytes, &roomy()).fault.code(), "sheet_header_only");
            return Ok(());
        }
        let (names, found) = rows(&bytes, &roomy());
        prop_assert_eq!(names, ["=a", "b", "'c"]);
        let found: Vec<Vec<String>> = found.into_iter().map(|(_, cells)| cells.unwrap()).collect();
        prop_assert!(found.iter().eq(told), "{:?}", found);
    }
}
