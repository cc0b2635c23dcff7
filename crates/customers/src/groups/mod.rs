//! The two groups of phone numbers, "Ưu tiên" and "Hạn chế" (seed 002, features reference §6.5).
//!
//! Invariants:
//! - An upload happens as a whole or not at all, and once: its id is its client's, and the same id again answers its report.
//! - Whose group changes is told in the same transaction, customer and threads ([`groups::announce`]).
//! - Only who configures customers ("Quản trị viên") changes a group. The log of what was done holds counts, no numbers.

mod expiry;
mod list;
mod report;
mod routes;
mod views;

use loa_kernel::{
    Action, Actor, Code, GroupUploadId, Object, Page, PageCursor, PhoneGroup, Problem, Timestamp,
    normalise_phone,
};
use loa_store::conversations::Visibility;
use loa_store::customers::groups::{self, Look, Plan, RowKind, Upload, UploadRow, Wanted};
use loa_store::customers::phone_part;
use loa_store::{Tx, audit};
use loa_stream::Topic;
use serde_json::json;

use crate::{Customers, phone};

pub use expiry::GroupExpiry;
pub use list::{MAX_FILE_BYTES, MAX_ROWS};
pub(crate) use report::{FileFormat, FileLanguage};
pub(crate) use routes::router;
pub use views::{
    GroupCustomer, GroupNumber, PhoneGroupView, UploadCounts, UploadMode, UploadRemark, UploadReport,
    UploadRowView,
};

use list::{Listed, Remark};

/// So many rows of each kind stand in a report itself.
const ROWS_SHOWN: usize = 50;
/// So many reports of a group are listed.
const REPORTS_SHOWN: u64 = 20;
const MAX_FILE_NAME_CHARS: usize = 120;

/// Numbers to be put into a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneUpload {
    /// Made by the client; `None`: only say what would happen.
    pub id: Option<GroupUploadId>,
    /// What happens to the numbers that are there.
    pub mode: UploadMode,
    /// Until when they count; `None`: for ever.
    pub expires_at: Option<Timestamp>,
    /// The numbers.
    pub source: Source,
}

/// Where numbers come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A CSV or XLSX file.
    File {
        /// Its name, as the sender had it.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Typed or pasted.
    Text(String),
}

impl Customers {
    /// Both groups in numbers.
    pub async fn phone_groups(&self, actor: &Actor) -> Result<Vec<PhoneGroupView>, Problem> {
        actor.require(Object::Customer, Action::Browse)?;
        let now = self.ids.clock().now();
        let counts = groups::counts(self.store.reader(), actor.workspace, now).await?;
        Ok(counts
            .into_iter()
            .map(|c| PhoneGroupView {
                group: c.group,
                numbers: c.numbers,
                expiring: c.expiring,
                customers: c.customers,
            })
            .collect())
    }

    /// A page of a group by number. `q`: a part of a number for who sees numbers whole, otherwise all of one.
    pub async fn group_numbers(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        q: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<GroupNumber>, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Browse)?;
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        // How many were passed over, and not a number, which a cursor would tell to everybody.
        let skip = cursor.map(PageCursor::decode::<u64>).transpose()?.unwrap_or(0);
        let look = match q.map(str::trim).filter(|typed| !typed.is_empty()) {
            None => None,
            Some(typed) => {
                let whole = || normalise_phone(typed).ok().map(Look::Whole);
                let look = if unmasked { phone_part(typed).map(Look::Part) } else { whole() };
                // Nothing has such a number.
                let Some(look) = look else { return Ok(Page { items: Vec::new(), next: None }) };
                Some(look)
            }
        };
        let (db, ws, now) = (self.store.reader(), actor.workspace, self.ids.clock().now());
        let rows = groups::page(db, ws, group, look.as_ref(), (skip, limit as u64 + 1), now).await?;
        let next = skip + limit as u64;
        let page = Page::cut(rows, limit, |_| PageCursor::encode(&next));
        let phones: Vec<String> = page.items.iter().map(|row| row.phone.clone()).collect();
        let other = match group {
            PhoneGroup::Priority => PhoneGroup::Restricted,
            PhoneGroup::Restricted => PhoneGroup::Priority,
        };
        let wanted = Wanted { group: other, phones: &phones, replace: false };
        let in_other = groups::plan(db, ws, wanted, now).await?.already;
        let mut people = loa_store::customers::with_phones(db, ws, &phones).await?;
        let seen = loa_store::customers::seen(db, ws, &visibility, &people).await?;
        people.retain(|row| seen.contains(&row.id));
        let number = |row: loa_store::entity::group_phones::Model| GroupNumber {
            customers: people
                .iter()
                .filter(|person| person.phone.as_deref() == Some(row.phone.as_str()))
                .map(|person| GroupCustomer {
                    id: loa_kernel::CustomerId(person.id),
                    display_name: person.display_name.clone(),
                })
                .collect(),
            in_both: in_other.contains(&row.phone),
            expires_at: row.expires_at.map(Timestamp),
            created_at: Timestamp(row.created_at),
            phone: if unmasked { row.phone } else { phone::mask(&row.phone) },
        };
        Ok(Page { items: page.items.into_iter().map(number).collect(), next: page.next })
    }

    /// Put numbers into a group, or say what would happen. False: this upload was known, and this is its report.
    ///
    /// Errors: `invalid_field` for what is wrong with the file (`file`), the numbers (`numbers`) or the time
    /// (`expires_at`: `past`); `conflict` (`upload_id`) when the id is another group's.
    pub async fn upload_phones(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        upload: PhoneUpload,
    ) -> Result<(bool, UploadReport), Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let now = self.ids.clock().now();
        if let Some(id) = upload.id
            && let Some(known) = groups::upload(self.store.reader(), actor.workspace, id).await?
        {
            return Ok((false, self.known_report(actor, group, &known).await?));
        }
        if upload.expires_at.is_some_and(|at| at <= now) {
            return Err(Problem::invalid("expires_at", "past"));
        }
        let PhoneUpload { id, mode, expires_at, source } = upload;
        let name = match &source {
            Source::File { name, .. } => Some(clean_name(name)),
            Source::Text(_) => None,
        };
        // A large file is some dozens of milliseconds of unpacking: not on a thread that serves others.
        let listed = tokio::task::spawn_blocking(move || match source {
            Source::File { bytes, .. } => list::of_file(&bytes),
            Source::Text(text) => list::of_text(&text),
        })
        .await
        .map_err(Problem::internal)??;
        let phones: Vec<String> = listed.numbers.iter().map(|(_, phone)| phone.clone()).collect();
        let wanted = Wanted { group, phones: &phones, replace: mode == UploadMode::Replace };
        let ws = actor.workspace;
        let kept = |id: GroupUploadId, counts: &UploadCounts| Upload {
            workspace_id: ws.0,
            id: id.0,
            group: group.as_str().to_owned(),
            mode: mode.as_str().to_owned(),
            name: name.clone(),
            expires_at: expires_at.map(|at| at.0),
            counts: json!(counts),
            member_id: Some(actor.member.0),
            created_at: now.0,
        };
        let Some(id) = id else {
            let plan = groups::plan(self.store.reader(), ws, wanted, now).await?;
            let (counts, remarks) = counted(&listed, &plan);
            let nobody = GroupUploadId(uuid::Uuid::nil());
            let shown = first_of_each(&stored(ws.0, nobody, &remarks));
            let report = UploadReport::new(&kept(nobody, &counts), &shown, true)?;
            return Ok((false, UploadReport { id: None, ..report }));
        };
        let tx = self.store.begin().await?;
        groups::lock(&tx, ws).await?;
        if let Some(known) = groups::upload(&tx, ws, id).await? {
            return Ok((false, self.known_report(actor, group, &known).await?));
        }
        let plan = groups::plan(&tx, ws, wanted, now).await?;
        groups::put(&tx, ws, wanted, &plan, expires_at, actor.member, now).await?;
        let (counts, remarks) = counted(&listed, &plan);
        let (row, rows) = (kept(id, &counts), stored(ws.0, id, &remarks));
        let report = UploadReport::new(&row, &first_of_each(&rows), true)?;
        groups::insert_upload(&tx, row, rows).await?;
        let detail = json!({ "mode": mode, "expires_at": expires_at, "counts": counts });
        self.note_group(&tx, actor, group, "customer_group.uploaded", detail, now).await?;
        self.tell(tx, actor, &plan.changed, now).await?;
        Ok((true, report))
    }

    async fn known_report(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        known: &Upload,
    ) -> Result<UploadReport, Problem> {
        if known.group != group.as_str() {
            return Err(Problem::new(Code::Conflict).param("reason", "upload_id"));
        }
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let (db, id) = (self.store.reader(), GroupUploadId(known.id));
        let mut rows = Vec::new();
        for kind in [RowKind::Bad, RowKind::Double, RowKind::Conflict] {
            let limit = ROWS_SHOWN as u64;
            rows.extend(groups::upload_rows(db, actor.workspace, id, Some(kind), 0, limit).await?);
        }
        UploadReport::new(known, &rows, unmasked)
    }

    /// The newest reports of a group, without their rows.
    pub async fn group_uploads(
        &self,
        actor: &Actor,
        group: PhoneGroup,
    ) -> Result<Vec<UploadReport>, Problem> {
        actor.require(Object::Customer, Action::Browse)?;
        let rows = groups::uploads(self.store.reader(), actor.workspace, group, REPORTS_SHOWN).await?;
        rows.iter().map(|row| UploadReport::new(row, &[], false)).collect()
    }

    /// One report.
    pub async fn group_upload(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        id: GroupUploadId,
    ) -> Result<UploadReport, Problem> {
        actor.require(Object::Customer, Action::Browse)?;
        let known = groups::upload(self.store.reader(), actor.workspace, id).await?;
        let known = known.filter(|row| row.group == group.as_str());
        let known = known.ok_or_else(|| Problem::not_found("group_upload"))?;
        self.known_report(actor, group, &known).await
    }

    /// Take one number out of a group. Errors: `not_found` when it is not in it.
    pub async fn remove_group_number(
        &self,
        actor: &Actor,
        group: PhoneGroup,
        typed: &str,
    ) -> Result<(), Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let (ws, now, phones) = (actor.workspace, self.ids.clock().now(), [normalise_phone(typed)?]);
        let tx = self.store.begin().await?;
        groups::lock(&tx, ws).await?;
        let removed = groups::remove(&tx, ws, group, &phones).await?;
        if removed.count == 0 {
            return Err(Problem::not_found("group_number"));
        }
        self.note_group(&tx, actor, group, "customer_group.number_removed", json!({ "numbers": 1 }), now)
            .await?;
        self.tell(tx, actor, &removed.changed, now).await
    }

    /// Take everything out of a group, and the numbers out of its reports. Answers how many were in it.
    pub async fn empty_group(&self, actor: &Actor, group: PhoneGroup) -> Result<u64, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let (ws, now) = (actor.workspace, self.ids.clock().now());
        let tx = self.store.begin().await?;
        groups::lock(&tx, ws).await?;
        let removed = groups::empty(&tx, ws, group).await?;
        let detail = json!({ "numbers": removed.count });
        self.note_group(&tx, actor, group, "customer_group.emptied", detail, now).await?;
        self.tell(tx, actor, &removed.changed, now).await?;
        Ok(removed.count as u64)
    }

    async fn note_group(
        &self,
        tx: &Tx,
        actor: &Actor,
        group: PhoneGroup,
        action: &str,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: action.into(),
            object: "customer_group".into(),
            object_id: group.as_str().into(),
            detail,
        };
        audit::append(tx, actor.workspace, &entry).await?;
        Ok(())
    }

    async fn tell(&self, tx: Tx, actor: &Actor, phones: &[String], now: Timestamp) -> Result<(), Problem> {
        groups::announce(&tx, actor.workspace, phones, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(())
    }
}

/// A report in numbers, and its rows by number.
fn counted(listed: &Listed, plan: &Plan) -> (UploadCounts, Vec<Remark>) {
    let mut remarks = listed.remarks.clone();
    let conflicts = listed.numbers.iter().filter(|(_, phone)| plan.conflicts.contains(phone));
    remarks.extend(conflicts.map(|(row, phone)| Remark {
        row: *row,
        kind: RowKind::Conflict,
        value: phone.clone(),
        reason: None,
        first_row: None,
    }));
    remarks.sort_by_key(|remark| remark.row);
    let of = |kind: RowKind| remarks.iter().filter(|remark| remark.kind == kind).count() as u64;
    let counts = UploadCounts {
        rows: listed.rows as u64,
        accepted: listed.numbers.len() as u64,
        already: plan.already.len() as u64,
        removed: plan.removed.len() as u64,
        doubled: of(RowKind::Double),
        bad: of(RowKind::Bad),
        conflicts: of(RowKind::Conflict),
        recognised: plan.recognised,
    };
    (counts, remarks)
}

fn stored(ws: uuid::Uuid, id: GroupUploadId, remarks: &[Remark]) -> Vec<UploadRow> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let row = |remark: &Remark| UploadRow {
        workspace_id: ws,
        upload_id: id.0,
        row: number(remark.row),
        kind: remark.kind.as_str().to_owned(),
        value: remark.value.clone(),
        reason: remark.reason.map(str::to_owned),
        first_row: remark.first_row.map(number),
    };
    remarks.iter().map(row).collect()
}

/// The first rows of each kind.
fn first_of_each(rows: &[UploadRow]) -> Vec<UploadRow> {
    let mut shown = Vec::new();
    for kind in [RowKind::Bad, RowKind::Double, RowKind::Conflict] {
        shown.extend(rows.iter().filter(|row| row.kind == kind.as_str()).take(ROWS_SHOWN).cloned());
    }
    shown
}

/// A name without folders and control characters; its end, where the type is, is kept.
pub(crate) fn clean_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let chars: Vec<char> = last.chars().filter(|c| !c.is_control()).collect();
    chars[chars.len().saturating_sub(MAX_FILE_NAME_CHARS)..].iter().collect()
}
