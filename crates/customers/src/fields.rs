//! "Trường thông tin khách hàng": the fields that a business makes, beside those of the system (seed 002; features reference
//! §6.6, §2.4).

use loa_filter::{Ask, Condition, DateFormat, Field, FieldKind, Op, Test};
use loa_kernel::{Action, Actor, Code, FieldId, Object, Problem, Timestamp};
use loa_rulebook::FieldLimits;
use loa_store::changes::{self, NewChange};
use loa_store::customers::fields::{self as rows, CustomerField, Privacy};
use loa_store::customers::records::key;
use loa_store::{StoreError, Tx, audit};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::capabilities::{self, Capability};
use crate::mask::{MAX_COUNT, Mask};
use crate::{Customers, catalogue};

/// The longest name for people, for programs, and text of help, in characters.
const MAX_LABEL_CHARS: usize = 60;
const MAX_KEY_CHARS: usize = 40;
const MAX_HELP_CHARS: usize = 255;

/// The kinds that a business can make, in the order in which they are offered.
pub const MADE_KINDS: [FieldKind; 8] = [
    FieldKind::Text,
    FieldKind::Number,
    FieldKind::Boolean,
    FieldKind::Datetime,
    FieldKind::Table,
    FieldKind::Email,
    FieldKind::Phone,
    FieldKind::Url,
];

/// Who sees the values of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldPrivacy {
    /// Everybody who sees the customer.
    Open,
    /// Whole for those who see personal data whole; masked for others.
    Masked,
    /// Only those who see personal data whole.
    Hidden,
}

impl From<Privacy> for FieldPrivacy {
    fn from(privacy: Privacy) -> Self {
        match privacy {
            Privacy::Open => Self::Open,
            Privacy::Masked => Self::Masked,
            Privacy::Hidden => Self::Hidden,
        }
    }
}

impl From<FieldPrivacy> for Privacy {
    fn from(privacy: FieldPrivacy) -> Self {
        match privacy {
            FieldPrivacy::Open => Self::Open,
            FieldPrivacy::Masked => Self::Masked,
            FieldPrivacy::Hidden => Self::Hidden,
        }
    }
}

/// A field of customers that the business made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CustomerField)]
pub struct FieldView {
    /// Its id; values and filters name it.
    pub id: FieldId,
    /// Its name for programs and for variables of messages; never changes.
    pub key: String,
    /// Its name.
    pub label: String,
    /// What it holds; never changes.
    pub kind: FieldKind,
    /// What stands in it, for who fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub help: Option<String>,
    /// Of a table: its keys in order.
    pub keys: Vec<String>,
    /// Of instants: how they are shown.
    pub format: DateFormat,
    /// Who sees it.
    pub privacy: FieldPrivacy,
    /// How it is masked.
    pub mask: Mask,
}

impl From<CustomerField> for FieldView {
    fn from(field: CustomerField) -> Self {
        Self {
            id: field.id,
            key: field.key,
            label: field.label,
            kind: field.kind,
            help: field.help,
            keys: field.keys,
            format: field.format,
            privacy: field.privacy.into(),
            mask: field.mask.and_then(|mask| serde_json::from_value(mask).ok()).unwrap_or_default(),
        }
    }
}

/// A field to be made.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldInput {
    /// Made by the client, so that asking twice makes one.
    pub id: FieldId,
    /// Its name for programs: a letter, then letters, digits and underscores; at most 40.
    pub key: String,
    /// Its name for people; at most 60 characters.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What stands in it; at most 255 characters.
    #[serde(default)]
    #[schema(nullable = false)]
    pub help: Option<String>,
    /// Of a table: its keys; otherwise empty.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Of instants: how they are shown.
    #[serde(default)]
    pub format: DateFormat,
    /// Who sees it.
    pub privacy: FieldPrivacy,
    /// How it is masked.
    #[serde(default)]
    pub mask: Mask,
}

/// What is changed about a field; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldPatch {
    /// Refused: it never changes.
    #[schema(nullable = false)]
    pub key: Option<String>,
    /// Refused: it never changes.
    #[schema(nullable = false)]
    pub kind: Option<FieldKind>,
    /// The new name.
    #[schema(nullable = false)]
    pub label: Option<String>,
    /// The new help; empty takes it away.
    #[schema(nullable = false)]
    pub help: Option<String>,
    /// Of a table: all its keys; those that there are stay in front, in their order.
    #[schema(nullable = false)]
    pub keys: Option<Vec<String>>,
    /// How instants are shown.
    #[schema(nullable = false)]
    pub format: Option<DateFormat>,
    /// Who sees it.
    #[schema(nullable = false)]
    pub privacy: Option<FieldPrivacy>,
    /// How it is masked.
    #[schema(nullable = false)]
    pub mask: Option<Mask>,
}

impl Customers {
    /// The fields that the business made, as far as this member sees them, in their order.
    pub async fn fields(&self, actor: &Actor) -> Result<Vec<FieldView>, Problem> {
        actor.require(Object::Customer, Action::View)?;
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let all = rows::list(self.store.reader(), actor.workspace).await?;
        Ok(all
            .into_iter()
            .filter(|field| unmasked || field.privacy != Privacy::Hidden)
            .map(FieldView::from)
            .collect())
    }

    /// Make a field.
    ///
    /// Errors: `package_required` when no account's package has fields of one's own, or tables; `invalid_field` with the
    /// reason `too_many_fields` and the `max` of its kind; `conflict` with the reason `field_key` when the key is taken.
    pub async fn create_field(&self, actor: &Actor, input: FieldInput) -> Result<FieldView, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let limits = &self.rules.people().fields;
        let now = self.ids.clock().now();
        let mut field = CustomerField {
            id: input.id,
            key: checked_key(&input.key)?,
            label: checked_line("label", &input.label, MAX_LABEL_CHARS)?,
            kind: input.kind,
            help: checked_help(input.help)?,
            keys: checked_keys(input.kind, input.keys, limits)?,
            format: input.format,
            privacy: input.privacy.into(),
            mask: checked_mask(input.mask)?,
            position: 0,
            created_by: Some(actor.member),
            created_at: now,
        };
        if !MADE_KINDS.contains(&field.kind) {
            return Err(Problem::invalid("kind", "unknown_value"));
        }
        let tx = self.store.begin().await?;
        let there = rows::locked(&tx, actor.workspace).await?;
        if let Some(same) = there.iter().find(|other| other.id == field.id) {
            // The answer to the first request was lost.
            let same = FieldView::from(same.clone());
            field.position = 0;
            return if same == FieldView::from(field) { Ok(same) } else { Err(taken("field_id")) };
        }
        let allowed = capabilities::of_workspace(&tx, actor.workspace, &self.rules, now).await?;
        allowed.require(Capability::CustomFields)?;
        if field.kind == FieldKind::Table {
            allowed.require(Capability::TableFields)?;
        }
        let max = if field.kind == FieldKind::Table { limits.tables } else { limits.per_type };
        let alike = there.iter().filter(|other| other.kind == field.kind).count();
        if alike >= max as usize {
            return Err(Problem::invalid("kind", "too_many_fields").param("max", max));
        }
        if there.iter().any(|other| other.key.eq_ignore_ascii_case(&field.key)) {
            return Err(taken("field_key"));
        }
        if there.iter().any(|other| loa_kernel::fold_vi(&other.label) == loa_kernel::fold_vi(&field.label)) {
            return Err(taken("field_label"));
        }
        field.position = there.last().map_or(0, |last| last.position + 1);
        rows::create(&tx, actor.workspace, &field).await.map_err(|error: StoreError| {
            if error.is_unique("customer_fields_pkey") { taken("field_id") } else { error.into() }
        })?;
        self.note_field(tx, actor, &field, "field.created", now).await?;
        Ok(field.into())
    }

    /// Change a field. Errors: `invalid_field` with the reason `immutable` for key and kind, and for a key of a table that
    /// is not among the new ones.
    pub async fn edit_field(
        &self,
        actor: &Actor,
        id: FieldId,
        patch: FieldPatch,
    ) -> Result<FieldView, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        for (field, changes) in [("key", patch.key.is_some()), ("kind", patch.kind.is_some())] {
            if changes {
                return Err(Problem::invalid(field, "immutable"));
            }
        }
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let there = rows::locked(&tx, actor.workspace).await?;
        let before = there.iter().find(|field| field.id == id).ok_or_else(|| Problem::not_found("field"))?;
        let mut field = before.clone();
        if let Some(label) = patch.label {
            field.label = checked_line("label", &label, MAX_LABEL_CHARS)?;
            let folded = loa_kernel::fold_vi(&field.label);
            if there.iter().any(|other| other.id != id && loa_kernel::fold_vi(&other.label) == folded) {
                return Err(taken("field_label"));
            }
        }
        if patch.help.is_some() {
            field.help = checked_help(patch.help)?;
        }
        if let Some(keys) = patch.keys {
            let keys = checked_keys(field.kind, keys, &self.rules.people().fields)?;
            if !keys.starts_with(&field.keys) {
                return Err(Problem::invalid("keys", "immutable"));
            }
            if keys != field.keys {
                let allowed = capabilities::of_workspace(&tx, actor.workspace, &self.rules, now).await?;
                allowed.require(Capability::TableFields)?;
            }
            field.keys = keys;
        }
        field.format = patch.format.unwrap_or(field.format);
        field.privacy = patch.privacy.map_or(field.privacy, Into::into);
        if let Some(mask) = patch.mask {
            field.mask = checked_mask(mask)?;
        }
        if field == *before {
            return Ok(field.into());
        }
        rows::save(&tx, actor.workspace, &field, now).await?;
        self.note_field(tx, actor, &field, "field.edited", now).await?;
        Ok(field.into())
    }

    /// Put the fields into this order; those that are not named follow as they stood.
    pub async fn order_fields(&self, actor: &Actor, order: &[FieldId]) -> Result<Vec<FieldView>, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let there = rows::locked(&tx, actor.workspace).await?;
        let mut wanted: Vec<FieldId> = Vec::with_capacity(there.len());
        for id in order.iter().copied().chain(there.iter().map(|field| field.id)) {
            if !wanted.contains(&id) && there.iter().any(|field| field.id == id) {
                wanted.push(id);
            }
        }
        rows::reorder(&tx, actor.workspace, &wanted, now).await?;
        changes::append(&tx, actor.workspace, &[NewChange::fields(actor.workspace)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.fields(actor).await
    }

    /// How many customers have something in a field.
    pub async fn field_usage(&self, actor: &Actor, id: FieldId) -> Result<u64, Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let now = self.ids.clock().now();
        let db = self.store.reader();
        let mark = self.directory.mark(&self.store, actor.workspace).await?;
        let fields = catalogue::all_fields(db, actor.workspace).await?.fields;
        let field: Field = fields
            .iter()
            .find(|field| field.key == id.to_string())
            .cloned()
            .ok_or_else(|| Problem::not_found("field"))?;
        let asked = self.directory.ask(&self.store, actor.workspace, mark, &fields, now).await?;
        let known = Condition::Test(Test { field: field.into(), op: Op::NotEmpty, ask: Ask::Known(true) });
        Ok(asked.columns().select(&known, now).count_ones(..) as u64)
    }

    /// Remove a field with everything that stands in it, for good. It is gone at once; what customers had in it is taken
    /// away in the background.
    pub async fn delete_field(&self, actor: &Actor, id: FieldId) -> Result<(), Problem> {
        actor.require(Object::Customer, Action::Configure)?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let there = rows::locked(&tx, actor.workspace).await?;
        let field =
            there.into_iter().find(|field| field.id == id).ok_or_else(|| Problem::not_found("field"))?;
        rows::remove(&tx, actor.workspace, id, now).await?;
        self.note_field(tx, actor, &field, "field.deleted", now).await
    }

    async fn note_field(
        &self,
        tx: Tx,
        actor: &Actor,
        field: &CustomerField,
        what: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: what.into(),
            object: "field".into(),
            object_id: field.id.to_string(),
            detail: json!({ "key": field.key, "label": field.label, "kind": field.kind }),
        };
        audit::append(&tx, actor.workspace, &entry).await?;
        changes::append(&tx, actor.workspace, &[NewChange::fields(actor.workspace)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(())
    }
}

fn taken(reason: &str) -> Problem {
    Problem::new(Code::Conflict).param("reason", reason)
}

/// A name for programs. Names of the system's own fields are taken.
fn checked_key(typed: &str) -> Result<String, Problem> {
    let begins = typed.starts_with(|c: char| c.is_ascii_alphabetic());
    let fits = typed.len() <= MAX_KEY_CHARS && typed.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !begins || !fits {
        return Err(Problem::invalid("key", "wrong_key").param("max", MAX_KEY_CHARS));
    }
    let system = [
        key::NAME,
        key::PHONE,
        key::LABELS,
        key::ASSIGNEES,
        key::CHANNELS,
        key::GROUPS,
        key::GENDER,
        key::BIRTHDAY,
        key::ADDRESS,
        key::EXTERNAL_ID,
        key::CREATED_AT,
        key::LAST_INTERACTION_AT,
    ];
    if system.iter().any(|name| name.eq_ignore_ascii_case(typed)) || typed.starts_with("fld_") {
        return Err(taken("field_key"));
    }
    Ok(typed.to_owned())
}

fn checked_keys(kind: FieldKind, typed: Vec<String>, limits: &FieldLimits) -> Result<Vec<String>, Problem> {
    if kind != FieldKind::Table {
        return if typed.is_empty() { Ok(typed) } else { Err(Problem::invalid("keys", "not_a_table")) };
    }
    let max = limits.table_keys as usize;
    if !(1..=max).contains(&typed.len()) {
        return Err(Problem::invalid("keys", "wrong_count").param("max", max));
    }
    let mut keys: Vec<String> = Vec::with_capacity(typed.len());
    for (at, typed) in typed.iter().enumerate() {
        let place = format!("keys/{at}");
        let key = checked_line(&place, typed, MAX_LABEL_CHARS)?;
        if keys.iter().any(|other| loa_kernel::fold_vi(other) == loa_kernel::fold_vi(&key)) {
            return Err(Problem::invalid(&place, "doubled"));
        }
        keys.push(key);
    }
    Ok(keys)
}

fn checked_help(typed: Option<String>) -> Result<Option<String>, Problem> {
    match typed.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(help) => checked_line("help", help, MAX_HELP_CHARS).map(Some),
    }
}

fn checked_mask(mask: Mask) -> Result<Option<serde_json::Value>, Problem> {
    if !mask.is_sane() {
        return Err(Problem::invalid("mask", "out_of_range").param("max", MAX_COUNT));
    }
    serde_json::to_value(mask).map(Some).map_err(Problem::internal)
}

/// One line, not blank, not too long.
fn checked_line(field: &str, typed: &str, max: usize) -> Result<String, Problem> {
    let line = loa_kernel::one_line(typed);
    if line.is_empty() {
        return Err(Problem::invalid(field, "empty"));
    }
    if line.chars().count() > max {
        return Err(Problem::invalid(field, "too_long").param("max", max));
    }
    Ok(line)
}
