//! One batch of rows: who is meant, what changes, and all of it written by few statements.

use std::collections::{HashMap, HashSet};

use loa_filter::{FieldKind, Known, show_value};
use loa_kernel::{CustomerId, Ids, LabelId, LabelKind, Timestamp, WorkspaceId, fold_vi};
use sea_orm::Value;
use serde_json::{Map, Value as Json, json};

use super::{CustomerImport, ImportRow, RowOutcome, created_id, save};
use crate::changes::{self, NewChange};
use crate::customers::details::{self, Details};
use crate::customers::events::{self, CustomerEvent, EventKind};
use crate::entity::{customer_details, customer_import_rows, customers};
use crate::rows::{Put, in_chunks, insert_rows, rows_of_keys, update_rows};
use crate::words::words;
use crate::{Result, Tx, labels};

words! {
    /// By what a row's customer is found.
    MatchBy {
        /// The phone number.
        Phone = "phone",
        /// The business's own number of them.
        ExternalId = "external_id",
    }
}

/// What is done with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// By what customers are found.
    pub by: MatchBy,
    /// Rows of nobody make somebody.
    pub creates: bool,
    /// Rows of somebody change them.
    pub updates: bool,
    /// What the file says takes the place of what is known; otherwise only what is empty is filled.
    pub overwrites: bool,
}

/// What a row says of a customer; an empty cell says nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Given {
    /// The key, as it is kept.
    pub key: String,
    /// The name.
    pub name: Option<String>,
    /// The phone number, as it is kept.
    pub phone: Option<String>,
    /// The note.
    pub note: Option<String>,
    /// Labels to be put on.
    pub labels: Vec<LabelId>,
    /// Fields by their keys.
    pub fields: Vec<(String, FieldKind, Known)>,
}

/// Why a row is passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// A code.
    pub reason: String,
    /// The column, by name.
    pub column: Option<String>,
    /// Where the key of a double stands first.
    pub first_row: Option<i64>,
}

impl Why {
    /// For this reason, of no one column.
    pub fn of(reason: &str) -> Self {
        Self { reason: reason.to_owned(), column: None, first_row: None }
    }
}

/// A row of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its number.
    pub row: i64,
    /// What it says, or why it cannot be used.
    pub says: std::result::Result<Given, Why>,
}

/// What becomes of one row.
enum Fate {
    Create,
    Update(CustomerId),
    Nothing,
    Skip(Why),
}

/// Who is meant by the keys, as they are.
#[derive(Default)]
struct People {
    by_key: HashMap<String, Vec<CustomerId>>,
    rows: HashMap<CustomerId, customers::Model>,
    details: HashMap<CustomerId, Details>,
    labels: HashMap<CustomerId, Vec<LabelId>>,
}

/// Deal with these rows, which follow the import's cursor in their order and of which no two have one key. Moves the
/// cursor, counts, and keeps what became of each row; without `write` that is all. The import is locked. The last
/// statement appends the changes.
pub async fn apply(
    tx: &Tx,
    import: &mut CustomerImport,
    policy: Policy,
    lines: &[Line],
    write: bool,
    ids: &Ids,
    now: Timestamp,
) -> Result<()> {
    let ws = import.workspace();
    let mut people = find(tx, ws, policy.by, lines).await?;
    let known_labels = labels::list(tx, ws).await?;
    let usable: HashSet<LabelId> =
        known_labels.iter().filter(|row| row.archived_at.is_none()).map(|row| LabelId(row.id)).collect();
    let mut made = Made { write, ..Made::default() };
    let mut fates = Vec::with_capacity(lines.len());
    for line in lines {
        let fate = match &line.says {
            Err(why) => Fate::Skip(why.clone()),
            Ok(given) if given.labels.iter().any(|label| !usable.contains(label)) => {
                Fate::Skip(Why::of("unknown_label"))
            }
            Ok(given) => made.decide(import, policy, line.row, given, &mut people, ids, now),
        };
        fates.push(fate);
    }
    let mut counts = import.counted()?;
    for fate in &fates {
        match fate {
            Fate::Create => counts.created += 1,
            Fate::Update(_) => counts.updated += 1,
            Fate::Nothing => counts.unchanged += 1,
            Fate::Skip(_) => counts.skipped += 1,
        }
    }
    let rows = stretches(import, lines, &fates);
    insert_rows::<customer_import_rows::Entity>(tx, rows, None).await?;
    import.counts = json!(counts);
    import.row_at = lines.last().map_or(import.row_at, |line| line.row);
    save(tx, import, now).await?;
    if write {
        made.put(tx, ws, import, &known_labels, &people, now).await?;
    }
    Ok(())
}

/// Who has these keys. They are locked, and read after that.
async fn find(tx: &Tx, ws: WorkspaceId, by: MatchBy, lines: &[Line]) -> Result<People> {
    let givens = || lines.iter().filter_map(|line| line.says.as_ref().ok());
    let keys: Vec<Value> = givens().map(|given| given.key.as_str().into()).collect();
    let mut ids: Vec<CustomerId> = match by {
        MatchBy::Phone => {
            let rows = rows_of_keys::<customers::Entity>(tx, ws, customers::Column::Phone, &keys).await?;
            rows.into_iter().map(|row| CustomerId(row.id)).collect()
        }
        MatchBy::ExternalId => {
            let column = customer_details::Column::ExternalKey;
            let rows = rows_of_keys::<customer_details::Entity>(tx, ws, column, &keys).await?;
            rows.into_iter().map(|row| CustomerId(row.customer_id)).collect()
        }
    };
    ids.sort_unstable();
    ids.dedup();
    let ids = crate::customers::locked(tx, ws, &ids).await?;
    let mut people = People { details: details::locked(tx, ws, &ids).await?, ..People::default() };
    for part in in_chunks(tx, &ids, 1) {
        for row in crate::customers::by_ids(tx, ws, part).await? {
            let id = CustomerId(row.id);
            let key = match by {
                MatchBy::Phone => row.phone.clone(),
                MatchBy::ExternalId => people.details.get(&id).and_then(Details::external_key),
            };
            if let Some(key) = key {
                people.by_key.entry(key).or_default().push(id);
            }
            people.rows.insert(id, row);
        }
    }
    if givens().any(|given| !given.labels.is_empty()) {
        people.labels = labels::of_customers(tx, ws, &ids).await?;
    }
    Ok(people)
}

/// What is to be written for a batch.
#[derive(Default)]
struct Made {
    write: bool,
    new: Vec<customers::Model>,
    changed: Vec<customers::Model>,
    touched: Vec<CustomerId>,
    details: Vec<(CustomerId, Details)>,
    labels: Vec<(CustomerId, LabelId)>,
    events: Vec<CustomerEvent>,
}

impl Made {
    #[allow(clippy::too_many_arguments)]
    fn decide(
        &mut self,
        import: &CustomerImport,
        policy: Policy,
        row: i64,
        given: &Given,
        people: &mut People,
        ids: &Ids,
        now: Timestamp,
    ) -> Fate {
        match people.by_key.get(&given.key).map(Vec::as_slice).unwrap_or_default() {
            [] if !policy.creates => Fate::Skip(Why::of("no_such_customer")),
            [] => self.create(import, row, given, ids, now),
            [_] if !policy.updates => Fate::Skip(Why::of("customer_exists")),
            [one] => {
                let one = *one;
                self.update(import, policy, row, given, one, people, ids, now)
            }
            _ => Fate::Skip(Why::of("key_ambiguous")),
        }
    }

    fn create(
        &mut self,
        import: &CustomerImport,
        row: i64,
        given: &Given,
        ids: &Ids,
        now: Timestamp,
    ) -> Fate {
        // A number in place of the name would be shown to who does not see numbers.
        let Some(name) = given.name.clone() else { return Fate::Skip(Why::of("name_missing")) };
        let id = created_id(import.import_id(), Timestamp(import.created_at), row);
        if !self.write {
            return Fate::Create;
        }
        self.new.push(customers::Model {
            workspace_id: import.workspace_id,
            id: id.0,
            name_folded: fold_vi(&name),
            display_name: name,
            avatar_url: None,
            phone: given.phone.clone(),
            note: given.note.clone(),
            created_at: now.0,
            updated_at: now.0,
        });
        let mut details = Details::default();
        for (key, _, known) in &given.fields {
            details.set(key, Some(known.clone()));
        }
        if !details.is_empty() {
            self.details.push((id, details));
        }
        self.labels.extend(given.labels.iter().map(|label| (id, *label)));
        self.event(import, id, row, None, ids, now);
        Fate::Create
    }

    #[allow(clippy::too_many_arguments)]
    fn update(
        &mut self,
        import: &CustomerImport,
        policy: Policy,
        row: i64,
        given: &Given,
        id: CustomerId,
        people: &mut People,
        ids: &Ids,
        now: Timestamp,
    ) -> Fate {
        let Some(was) = people.rows.get(&id) else { return Fate::Skip(Why::of("key_ambiguous")) };
        let mut is = was.clone();
        let takes = |there: bool| policy.overwrites || !there;
        if let Some(name) = given.name.as_ref().filter(|_| takes(!was.display_name.is_empty())) {
            is.display_name.clone_from(name);
            is.name_folded = fold_vi(name);
        }
        if given.phone.is_some() && takes(was.phone.is_some()) {
            is.phone.clone_from(&given.phone);
        }
        if given.note.is_some() && takes(was.note.is_some()) {
            is.note.clone_from(&given.note);
        }
        let mut details = people.details.get(&id).cloned().unwrap_or_default();
        let mut fields = Map::new();
        for (key, kind, known) in &given.fields {
            let before = details.get(key);
            if before.as_ref() == Some(known) || !takes(before.is_some()) {
                continue;
            }
            details.set(key, Some(known.clone()));
            let from = before.map(|known| show_value(*kind, &known));
            fields.insert(key.clone(), json!({ "from": from, "to": show_value(*kind, known) }));
        }
        let carried = people.labels.get(&id).map(Vec::as_slice).unwrap_or_default();
        let more: Vec<LabelId> = given.labels.iter().filter(|l| !carried.contains(l)).copied().collect();
        let row_changed = is != *was;
        if !row_changed && fields.is_empty() && more.is_empty() {
            return Fate::Nothing;
        }
        if !self.write {
            return Fate::Update(id);
        }
        if row_changed {
            self.changed.push(is);
        }
        if !fields.is_empty() {
            self.details.push((id, details));
        }
        self.labels.extend(more.into_iter().map(|label| (id, label)));
        self.touched.push(id);
        self.event(import, id, row, Some(fields), ids, now);
        Fate::Update(id)
    }

    fn event(
        &mut self,
        import: &CustomerImport,
        customer: CustomerId,
        row: i64,
        fields: Option<Map<String, Json>>,
        ids: &Ids,
        now: Timestamp,
    ) {
        let mut detail = json!({ "import": import.import_id(), "row": row, "created": fields.is_none() });
        if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
            detail["fields"] = Json::Object(fields);
        }
        self.events.push(CustomerEvent {
            id: ids.next(),
            customer,
            kind: EventKind::Imported,
            at: now,
            member: Some(import.member()),
            detail,
        });
    }

    async fn put(
        self,
        tx: &Tx,
        ws: WorkspaceId,
        import: &CustomerImport,
        known_labels: &[crate::entity::labels::Model],
        people: &People,
        now: Timestamp,
    ) -> Result<()> {
        use customers::Column as C;
        let mut changed = labels::changes_of(tx, ws, &self.touched).await?;
        changed.extend(self.new.iter().map(|row| NewChange::customer(CustomerId(row.id))));
        insert_rows::<customers::Entity>(tx, self.new, None).await?;
        let values = self.changed.into_iter().map(|row| {
            vec![
                row.workspace_id.into(),
                row.id.into(),
                row.display_name.into(),
                row.name_folded.into(),
                row.phone.into(),
                row.note.into(),
                now.0.into(),
            ]
        });
        let puts = [C::DisplayName, C::NameFolded, C::Phone, C::Note, C::UpdatedAt].map(|c| (c, Put::Set));
        update_rows::<customers::Entity>(tx, &[C::WorkspaceId, C::Id], &puts, values.collect()).await?;
        details::put(tx, ws, self.details, now).await?;
        // A new step of the process takes the place of the one before.
        let is_step = |label: &LabelId| {
            let process = LabelKind::Process.as_str();
            known_labels.iter().any(|row| row.id == label.0 && row.kind == process)
        };
        let moved: HashSet<CustomerId> =
            self.labels.iter().filter(|(_, label)| is_step(label)).map(|(customer, _)| *customer).collect();
        let carried = |customer: &CustomerId| people.labels.get(customer).into_iter().flatten().copied();
        let off: Vec<(CustomerId, LabelId)> = moved
            .iter()
            .flat_map(|customer| carried(customer).filter(is_step).map(|label| (*customer, label)))
            .collect();
        labels::remove(tx, ws, &off).await?;
        labels::put(tx, ws, &self.labels, Some(import.member()), now).await?;
        labels::pushes::wish(tx, ws, known_labels, &off, false, now).await?;
        let there: Vec<(CustomerId, LabelId)> =
            self.labels.into_iter().filter(|(customer, _)| people.rows.contains_key(customer)).collect();
        labels::pushes::wish(tx, ws, known_labels, &there, true, now).await?;
        events::append(tx, ws, self.events).await?;
        changes::append(tx, ws, &changed, now).await?;
        Ok(())
    }
}

/// What became of the rows; those that follow each other and came to the same are one.
fn stretches(import: &CustomerImport, lines: &[Line], fates: &[Fate]) -> Vec<ImportRow> {
    let mut rows: Vec<ImportRow> = Vec::new();
    for (line, fate) in lines.iter().zip(fates) {
        let (outcome, customer, why) = match fate {
            Fate::Create => (RowOutcome::Created, None, None),
            Fate::Update(id) => (RowOutcome::Updated, Some(id.0), None),
            Fate::Nothing => (RowOutcome::Unchanged, None, None),
            Fate::Skip(why) => (RowOutcome::Skipped, None, Some(why)),
        };
        let row = ImportRow {
            workspace_id: import.workspace_id,
            import_id: import.id,
            row: line.row,
            last_row: line.row,
            outcome: outcome.as_str().to_owned(),
            customer_id: customer,
            reason: why.map(|why| why.reason.clone()),
            column_name: why.and_then(|why| why.column.clone()),
            first_row: why.and_then(|why| why.first_row),
        };
        match rows.last_mut() {
            Some(last) if last.last_row + 1 == row.row && is_alike(last, &row) => last.last_row = row.row,
            _ => rows.push(row),
        }
    }
    rows
}

fn is_alike(one: &ImportRow, other: &ImportRow) -> bool {
    one.outcome == other.outcome
        && (one.customer_id, other.customer_id) == (None, None)
        && one.reason == other.reason
        && one.column_name == other.column_name
        && (one.first_row, other.first_row) == (None, None)
}
