//! The rows of a report as a file.

use loa_kernel::{Action, Actor, GroupUploadId, Object, PhoneGroup, Problem};
use loa_sheet::{CsvWriter, SheetError, XlsxWriter};
use loa_store::customers::groups::{self, UploadRow};
use serde::Deserialize;
use utoipa::ToSchema;

use super::views::{UploadRemark, UploadRowView};
use crate::Customers;

/// Rows that are read at once.
const READ_AT_ONCE: u64 = 5_000;

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// CSV in UTF-8 with its mark.
    #[default]
    Csv,
    /// A workbook.
    Xlsx,
}

/// The language of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileLanguage {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFile {
    /// Its name, of ASCII letters.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl FileLanguage {
    pub(crate) const fn of(self, vi: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    fn header(self) -> [&'static str; 4] {
        [
            self.of("Dòng", "Row"),
            self.of("Giá trị", "Value"),
            self.of("Kết quả", "Result"),
            self.of("Trùng với dòng", "Same as row"),
        ]
    }

    fn said(self, row: &UploadRowView, group: PhoneGroup) -> &'static str {
        match (row.kind, row.reason.as_deref()) {
            (UploadRemark::Double, _) => self.of("Trùng số", "Double"),
            (UploadRemark::Conflict, _) => match group {
                PhoneGroup::Priority => self.of(
                    "Cũng có trong nhóm Hạn chế: khách hiện nhãn Hạn chế",
                    "Also in Restricted: the customer is shown as Restricted",
                ),
                PhoneGroup::Restricted => self.of(
                    "Cũng có trong nhóm Ưu tiên: khách hiện nhãn Hạn chế",
                    "Also in Priority: the customer is shown as Restricted",
                ),
            },
            (UploadRemark::Bad, Some("sheet_cell_too_long")) => self.of("Ô quá dài", "The cell is too long"),
            (UploadRemark::Bad, _) => self.of("Không phải số điện thoại", "Not a phone number"),
        }
    }
}

impl Customers {
    /// All rows of a report that need a look, as a file.
    pub async fn group_upload_file(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        id: GroupUploadId,
        format: FileFormat,
        language: FileLanguage,
    ) -> Result<MadeFile, Problem> {
        self.group_upload(actor, group, id).await?;
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let mut rows: Vec<UploadRow> = Vec::new();
        loop {
            let after = rows.last().map_or(0, |row| row.row);
            let db = self.store.reader();
            let part = groups::upload_rows(db, actor.workspace, id, None, after, READ_AT_ONCE).await?;
            if part.is_empty() {
                break;
            }
            rows.extend(part);
        }
        let rows: Vec<UploadRowView> =
            rows.iter().map(|row| UploadRowView::new(row, unmasked)).collect::<Result<_, _>>()?;
        // A workbook of many rows takes its time: not on a thread that serves others.
        tokio::task::spawn_blocking(move || written(&rows, group, format, language))
            .await
            .map_err(Problem::internal)?
            .map_err(Problem::internal)
    }
}

fn written(
    rows: &[UploadRowView],
    group: PhoneGroup,
    format: FileFormat,
    language: FileLanguage,
) -> Result<MadeFile, SheetError> {
    let cells = |row: &UploadRowView| {
        let first = row.first_row.map(|first| first.to_string()).unwrap_or_default();
        [row.row.to_string(), row.value.clone(), language.said(row, group).to_owned(), first]
    };
    let name = |ending: &str| format!("loa-{}.{ending}", group.as_str());
    match format {
        FileFormat::Csv => {
            let mut writer = CsvWriter::new(Vec::new(), &language.header())?;
            for row in rows {
                writer.row(&cells(row))?;
            }
            Ok(MadeFile { name: name("csv"), media_type: "text/csv; charset=utf-8", bytes: writer.finish()? })
        }
        FileFormat::Xlsx => {
            let sheet = language.of(group.name_vi(), group.name_en());
            let mut writer = XlsxWriter::new(sheet, &language.header())?;
            for row in rows {
                writer.row(&cells(row))?;
            }
            let mut bytes = Vec::new();
            writer.finish(&mut bytes)?;
            let media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
            Ok(MadeFile { name: name("xlsx"), media_type, bytes })
        }
    }
}
