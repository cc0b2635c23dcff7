//! What became of every row, as a file. It is written to a file without a name and sent from there: a million rows are not
//! held in memory.

use std::fs::File;
use std::io::{Seek, Write};

use loa_kernel::{Actor, CustomerImportId, Problem, Timestamp};
use loa_sheet::{CsvWriter, SheetError, XlsxWriter};
use loa_store::customers::imports::{self, CustomerImport, ImportRow, ImportState, RowOutcome};
use tokio::sync::mpsc;

use super::read::nameless;
use crate::Customers;
use crate::groups::{FileFormat, FileLanguage};

/// Stretches of rows that are read at once.
const READ_AT_ONCE: u64 = 5_000;

/// A file that was made.
pub(super) struct Report {
    /// Its name, of ASCII letters.
    pub name: &'static str,
    pub media_type: &'static str,
    pub file: File,
}

fn outcome(language: FileLanguage, outcome: RowOutcome, is_check: bool) -> &'static str {
    match (outcome, is_check) {
        (RowOutcome::Created, false) => language.of("Đã thêm", "Created"),
        (RowOutcome::Updated, false) => language.of("Đã cập nhật", "Updated"),
        (RowOutcome::Created, true) => language.of("Sẽ thêm", "Would be created"),
        (RowOutcome::Updated, true) => language.of("Sẽ cập nhật", "Would be updated"),
        (RowOutcome::Unchanged, _) => language.of("Không đổi", "Unchanged"),
        (RowOutcome::Skipped, _) => language.of("Bỏ qua", "Skipped"),
    }
}

/// Why a row was passed over. A code that is not known here is said as it is.
fn reason(language: FileLanguage, code: &str) -> &str {
    let (vi, en) = match code {
        "formula" => ("Ô chứa công thức", "The cell holds a formula"),
        "not_a_phone_number" => ("Không phải số điện thoại", "Not a phone number"),
        "not_a_number" => ("Không phải số", "Not a number"),
        "not_a_date" => ("Không phải ngày hợp lệ", "Not a date"),
        "not_a_boolean" => ("Không phải Có hoặc Không", "Neither yes nor no"),
        "not_an_email" => ("Không phải email", "Not an e-mail address"),
        "not_a_url" => ("Không phải địa chỉ web", "Not a web address"),
        "unknown_option" => ("Không có lựa chọn này", "No such option"),
        "unknown_label" => ("Không có nhãn này", "No such label"),
        "two_process_labels" => ("Hai nhãn quy trình", "Two process labels"),
        "too_long" | "sheet_cell_too_long" => ("Quá dài", "Too long"),
        "sheet_ragged_row" => ("Số ô khác với dòng tiêu đề", "More or fewer cells than the header"),
        "key_missing" => ("Thiếu khóa để tìm khách", "The key is missing"),
        "key_ambiguous" => ("Nhiều khách có khóa này", "Several customers have this key"),
        "name_missing" => ("Thiếu tên", "The name is missing"),
        "double" => ("Trùng khóa với dòng phía trên", "The same key as a row above"),
        "customer_exists" => ("Khách đã có", "The customer is there"),
        "no_such_customer" => ("Không có khách này", "No such customer"),
        other => (other, other),
    };
    match language {
        FileLanguage::Vi => vi,
        FileLanguage::En => en,
    }
}

fn header(language: FileLanguage) -> [&'static str; 6] {
    [
        language.of("Dòng", "Row"),
        language.of("Kết quả", "Result"),
        language.of("Khách hàng", "Customer"),
        language.of("Lý do", "Reason"),
        language.of("Cột", "Column"),
        language.of("Trùng với dòng", "Same as row"),
    ]
}

impl Customers {
    /// What became of every row so far.
    pub(super) async fn import_report(
        &self,
        actor: &Actor,
        id: CustomerImportId,
        format: FileFormat,
        language: FileLanguage,
    ) -> Result<Report, Problem> {
        let import = self.import_row(actor, id).await?;
        let is_check = matches!(import.state()?, ImportState::Checking | ImportState::Checked);
        let (out, parts) = mpsc::channel(2);
        let told = Told { created: (!is_check).then_some(import.clone()), is_check, language };
        let writing = tokio::task::spawn_blocking(move || written(parts, &told, format));
        let mut after = 0;
        loop {
            let db = self.store.reader();
            let part = imports::rows(db, actor.workspace, id, after, READ_AT_ONCE).await?;
            let Some(last) = part.last() else { break };
            after = last.row;
            // The writer failed: what it says stands below.
            if out.send(part).await.is_err() {
                break;
            }
        }
        drop(out);
        let file = writing.await.map_err(Problem::internal)??;
        Ok(match format {
            FileFormat::Csv => Report { name: "loa-import.csv", media_type: "text/csv; charset=utf-8", file },
            FileFormat::Xlsx => Report {
                name: "loa-import.xlsx",
                media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                file,
            },
        })
    }
}

/// How rows are told.
struct Told {
    /// Whose ids follow from it.
    created: Option<CustomerImport>,
    is_check: bool,
    language: FileLanguage,
}

impl Told {
    fn each(
        &self,
        row: &ImportRow,
        mut cells: impl FnMut(&[String]) -> Result<(), SheetError>,
    ) -> Result<(), Problem> {
        let is: RowOutcome = row.outcome.parse()?;
        for number in row.row..=row.last_row {
            let made = self.created.as_ref().filter(|_| is == RowOutcome::Created);
            let made = made
                .map(|import| imports::created_id(import.import_id(), Timestamp(import.created_at), number));
            let customer = made.or(row.customer_id.map(loa_kernel::CustomerId));
            cells(&[
                number.to_string(),
                outcome(self.language, is, self.is_check).to_owned(),
                customer.map(|id| id.to_string()).unwrap_or_default(),
                row.reason.as_deref().map(|code| reason(self.language, code)).unwrap_or_default().to_owned(),
                row.column_name.clone().unwrap_or_default(),
                row.first_row.map(|first| first.to_string()).unwrap_or_default(),
            ])
            .map_err(Problem::internal)?;
        }
        Ok(())
    }
}

fn written(
    mut parts: mpsc::Receiver<Vec<ImportRow>>,
    told: &Told,
    format: FileFormat,
) -> Result<File, Problem> {
    let into = nameless()?;
    let mut file = match format {
        FileFormat::Csv => {
            let into = std::io::BufWriter::new(into);
            let mut writer = CsvWriter::new(into, &header(told.language)).map_err(Problem::internal)?;
            while let Some(rows) = parts.blocking_recv() {
                for row in &rows {
                    told.each(row, |cells| writer.row(cells))?;
                }
            }
            let mut into = writer.finish().map_err(Problem::internal)?;
            into.flush().map_err(Problem::internal)?;
            into.into_inner().map_err(Problem::internal)?
        }
        FileFormat::Xlsx => {
            let sheet = told.language.of("Kết quả", "Result");
            let mut writer = XlsxWriter::new(sheet, &header(told.language)).map_err(Problem::internal)?;
            while let Some(rows) = parts.blocking_recv() {
                for row in &rows {
                    told.each(row, |cells| writer.row(cells))?;
                }
            }
            let into = into;
            writer.finish(&into).map_err(Problem::internal)?;
            into
        }
    };
    file.rewind().map_err(Problem::internal)?;
    Ok(file)
}
