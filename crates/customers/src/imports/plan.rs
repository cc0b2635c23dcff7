//! What the columns of a file mean, what is done with its rows, and how a row is read. Pure, but for [`Reading::load`].

use std::collections::{HashMap, HashSet};

use loa_filter::{Field, FieldKind, read_value};
use loa_kernel::{LabelId, LabelKind, Problem, WorkspaceId, fold_vi, normalise_phone};
use loa_sheet::{Cells, Format};
use loa_store::customers::fields;
use loa_store::customers::imports::{Given, MatchBy, Policy, Why};
use loa_store::customers::records::key;
use loa_store::{ConnectionTrait, labels};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::catalogue;
use crate::usecases::{MAX_NAME_CHARS, MAX_NOTE_CHARS};

/// The target of notes; the others are the keys of fields.
const NOTE: &str = "note";

/// By what customers are found. A row without it is passed over, so that the same file again finds whom it made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportKey {
    /// The phone number.
    Phone,
    /// The business's own number of them.
    ExternalId,
}

/// For whom rows count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportPolicy {
    /// Customers who are not there are made; the others are left alone.
    CreateOnly,
    /// Customers who are there are changed; nobody is made.
    UpdateOnly,
    /// Both.
    Both,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decimals {
    /// `1.234,5`.
    #[default]
    Comma,
    /// `1,234.5`.
    Point,
}

/// What the columns of a file mean, and what is done with its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportPlan {
    /// For each column what it holds: `name`, `phone`, `note`, `labels` (names with semicolons between), `gender`,
    /// `birthday`, `address`, `external_id` or the id of a field; null: it is left out.
    pub columns: Vec<Option<String>>,
    /// By what customers are found.
    pub key: ImportKey,
    /// For whom rows count.
    pub policy: ImportPolicy,
    /// What the file says takes the place of what is known. Otherwise only what is empty is filled. Empty cells never
    /// empty anything, and labels are only put on.
    pub overwrite: bool,
    /// How numbers are written in a text; usually with a comma.
    #[serde(default)]
    pub decimals: Decimals,
}

impl ImportPlan {
    pub(super) fn policy(&self) -> Policy {
        Policy {
            by: match self.key {
                ImportKey::Phone => MatchBy::Phone,
                ImportKey::ExternalId => MatchBy::ExternalId,
            },
            creates: self.policy != ImportPolicy::UpdateOnly,
            updates: self.policy != ImportPolicy::CreateOnly,
            overwrites: self.overwrite,
        }
    }
}

/// What a column holds.
enum Target {
    Name,
    Phone,
    Note,
    Labels,
    Field(Field),
}

/// Fields into which a file can be read.
async fn readable(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
) -> Result<Vec<(Field, Vec<String>)>, Problem> {
    let names = |field: &Field| vec![field.key.clone(), field.label.vi.clone(), field.label.en.clone()];
    let mut all: Vec<(Field, Vec<String>)> =
        catalogue::known_fields().into_iter().map(|field| (field.clone(), names(&field))).collect();
    for made in fields::list(conn, ws).await? {
        let field = catalogue::asked(&made);
        // A table is more than a cell.
        if field.kind != FieldKind::Table {
            let mut called = names(&field);
            called.push(made.key.clone());
            all.push((field, called));
        }
    }
    Ok(all)
}

/// What columns are usually called, folded.
const CALLED: &[(&str, &[&str])] = &[
    (
        key::NAME,
        &[
            "name",
            "ten",
            "ho ten",
            "ho va ten",
            "ten khach hang",
            "ten nguoi dung",
            "full name",
            "khach hang",
        ],
    ),
    (
        key::PHONE,
        &["phone", "sdt", "so dien thoai", "so dt", "dien thoai", "di dong", "phone number", "mobile", "tel"],
    ),
    (NOTE, &["note", "ghi chu", "notes"]),
    (key::LABELS, &["labels", "label", "nhan", "tags", "tag"]),
    (key::EXTERNAL_ID, &["external_id", "external id", "ma khach hang", "ma kh", "ma", "customer id", "id"]),
    (key::GENDER, &["gender", "gioi tinh", "sex"]),
    (key::BIRTHDAY, &["birthday", "ngay sinh", "sinh nhat", "date of birth"]),
    (key::ADDRESS, &["address", "dia chi", "vi tri"]),
];

/// What each column most likely holds; each is suggested once.
pub(super) async fn suggest(
    conn: &impl ConnectionTrait,
    ws: WorkspaceId,
    header: &[String],
) -> Result<Vec<Option<String>>, Problem> {
    let mut known: HashMap<String, String> = HashMap::new();
    for (field, names) in readable(conn, ws).await? {
        known.extend(names.into_iter().map(|name| (fold_vi(&name), field.key.clone())));
    }
    for (target, names) in CALLED {
        known.extend(names.iter().map(|name| ((*name).to_owned(), (*target).to_owned())));
    }
    let mut used = HashSet::new();
    let one =
        |name: &String| known.get(&fold_vi(name.trim())).filter(|key| used.insert((*key).clone())).cloned();
    Ok(header.iter().map(one).collect())
}

/// How the rows of one file are read.
pub(super) struct Reading {
    targets: Vec<Option<Target>>,
    header: Vec<String>,
    key: ImportKey,
    decimals: Decimals,
    labels: HashMap<String, (LabelId, bool)>,
}

impl Reading {
    /// From what somebody said the columns mean. Errors: `invalid_field` of `columns/…` (`unknown_field`, `twice`), or of
    /// `columns` (`wrong_length`, `key_not_mapped`).
    pub async fn load(
        conn: &impl ConnectionTrait,
        ws: WorkspaceId,
        plan: &ImportPlan,
        header: &[String],
        format: Format,
    ) -> Result<Self, Problem> {
        if plan.columns.len() != header.len() {
            return Err(Problem::invalid("columns", "wrong_length").param("expected", header.len()));
        }
        let mut fields: HashMap<String, Field> =
            readable(conn, ws).await?.into_iter().map(|(field, _)| (field.key.clone(), field)).collect();
        let mut used = HashSet::new();
        let mut targets = Vec::with_capacity(header.len());
        for (index, column) in plan.columns.iter().enumerate() {
            let Some(name) = column else {
                targets.push(None);
                continue;
            };
            let place = format!("columns/{index}");
            if !used.insert(name.as_str()) {
                return Err(Problem::invalid(&place, "twice"));
            }
            targets.push(Some(match name.as_str() {
                key::NAME => Target::Name,
                key::PHONE => Target::Phone,
                NOTE => Target::Note,
                key::LABELS => Target::Labels,
                other => match fields.remove(other) {
                    Some(field) => Target::Field(field),
                    None => return Err(Problem::invalid(&place, "unknown_field")),
                },
            }));
        }
        let key = match plan.key {
            ImportKey::Phone => key::PHONE,
            ImportKey::ExternalId => key::EXTERNAL_ID,
        };
        if !used.contains(key) {
            return Err(Problem::invalid("columns", "key_not_mapped").param("key", key));
        }
        let labels = labels::list(conn, ws).await?;
        let labels = labels.into_iter().filter(|row| row.archived_at.is_none()).map(|row| {
            let is_step = row.kind == LabelKind::Process.as_str();
            (row.name_folded, (LabelId(row.id), is_step))
        });
        // A workbook's numbers are written by the program, with a point.
        let decimals = if format == Format::Xlsx { Decimals::Point } else { plan.decimals };
        Ok(Self { targets, header: header.to_vec(), key: plan.key, decimals, labels: labels.collect() })
    }

    fn wrong(&self, index: usize, reason: &str) -> Why {
        Why { column: self.header.get(index).cloned(), ..Why::of(reason) }
    }

    /// What a row says.
    pub fn row(&self, cells: &Cells) -> Result<Given, Why> {
        let mut given = Given::default();
        for (index, target) in self.targets.iter().enumerate() {
            let Some(target) = target else { continue };
            if cells.formulas.contains(&index) {
                return Err(self.wrong(index, "formula"));
            }
            let text = cells.texts.get(index).map(|text| text.trim()).unwrap_or_default();
            if text.is_empty() {
                continue;
            }
            let wrong = |reason: &str| self.wrong(index, reason);
            match target {
                Target::Name => {
                    given.name = Some(short(text, MAX_NAME_CHARS).ok_or_else(|| wrong("too_long"))?)
                }
                Target::Note => {
                    given.note = Some(short(text, MAX_NOTE_CHARS).ok_or_else(|| wrong("too_long"))?)
                }
                Target::Phone => {
                    let phone = normalise_phone(text).map_err(|_| wrong("not_a_phone_number"))?;
                    given.phone = Some(phone);
                }
                Target::Labels => given.labels = self.labels(text).map_err(wrong)?,
                Target::Field(field) => {
                    let typed = match field.kind {
                        FieldKind::Number => {
                            plain_number(text, self.decimals).ok_or_else(|| wrong("not_a_number"))?
                        }
                        _ => text.to_owned(),
                    };
                    let known =
                        read_value(field, &Json::String(typed)).map_err(|error| wrong(error.as_str()))?;
                    given.fields.extend(known.map(|known| (field.key.clone(), field.kind, known)));
                }
            }
        }
        let found = match self.key {
            ImportKey::Phone => given.phone.clone(),
            ImportKey::ExternalId => given
                .fields
                .iter()
                .find(|(field, ..)| field == key::EXTERNAL_ID)
                .and_then(|(.., known)| known.fact.as_str().map(str::to_owned)),
        };
        given.key = found.ok_or_else(|| Why::of("key_missing"))?;
        Ok(given)
    }

    fn labels(&self, text: &str) -> Result<Vec<LabelId>, &'static str> {
        let mut found = Vec::new();
        let mut steps = 0;
        for name in text.split(';').map(str::trim).filter(|name| !name.is_empty()) {
            let (label, is_step) = self.labels.get(&fold_vi(name)).ok_or("unknown_label")?;
            if !found.contains(label) {
                found.push(*label);
                steps += usize::from(*is_step);
            }
        }
        if steps > 1 { Err("two_process_labels") } else { Ok(found) }
    }
}

fn short(text: &str, max: usize) -> Option<String> {
    (text.chars().count() <= max).then(|| text.to_owned())
}

/// A number as computers write it. Marks that group are only taken where they group by three, so that `1.5` is never read
/// as fifteen.
fn plain_number(text: &str, decimals: Decimals) -> Option<String> {
    let (group, point) = match decimals {
        Decimals::Comma => ('.', ','),
        Decimals::Point => (',', '.'),
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once(point).map_or((digits, None), |(w, f)| (w, Some(f)));
    let mut parts = whole.split(group);
    let first = parts.next()?;
    let rest: Vec<&str> = parts.collect();
    let grouped =
        rest.is_empty() || ((1..=3).contains(&first.len()) && rest.iter().all(|part| part.len() == 3));
    let number = format!("{sign}{first}{}", rest.concat());
    grouped.then(|| fraction.map_or(number.clone(), |fraction| format!("{number}.{fraction}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        use Decimals::*;
        for (text, decimals, plain) in [
            ("1.234,5", Comma, Some("1234.5")),
            ("-1.234.567", Comma, Some("-1234567")),
            ("1234", Comma, Some("1234")),
            ("1,5", Comma, Some("1.5")),
            ("1.5", Comma, None),
            ("1234.567", Comma, None),
            ("1,234.5", Point, Some("1234.5")),
            ("1234.567", Point, Some("1234.567")),
            ("1,5", Point, None),
        ] {
            assert_eq!(plain_number(text, decimals).as_deref(), plain, "{text}");
        }
    }
}
