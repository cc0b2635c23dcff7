//! Use cases of labels: the list that a workspace keeps, and what its customers carry.

use loa_kernel::{
    Action, Actor, Code, CustomerId, LabelColour, LabelId, LabelKind, Object, PhoneGroup, Problem, Timestamp,
};
use loa_store::changes::{self, NewChange};
use loa_store::conversations::Visibility;
use loa_store::entity::labels;
use loa_store::labels::{self as rows, MAX_NAME_CHARS, NewLabel, pushes};
use loa_store::{StoreError, Tx, audit, customers as people};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{CustomerView, Customers};

/// So many labels a workspace has at most: they are all in every member's browser.
pub const MAX_LABELS: usize = 500;

/// A word that customers carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Label)]
pub struct LabelView {
    /// Its id.
    pub id: LabelId,
    /// Its name; unique without regard to diacritics and case.
    pub name: String,
    /// Its colour.
    pub colour: LabelColour,
    /// What it is for.
    pub kind: LabelKind,
    /// Place in the list, the smallest first.
    pub position: i64,
    /// It stays where it is and is not put on anybody any more.
    pub archived: bool,
    /// It is written back to the platform as a tag of that name.
    pub pushed: bool,
}

impl LabelView {
    /// The view of a row. Pure.
    pub fn new(row: &labels::Model) -> Result<Self, Problem> {
        Ok(Self {
            id: LabelId(row.id),
            name: row.name.clone(),
            colour: row.colour.parse()?,
            kind: row.kind.parse()?,
            position: row.position,
            archived: row.archived_at.is_some(),
            pushed: pushes::is_pushed(row),
        })
    }
}

/// What is changed about a label; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelPatch {
    /// The new name; not blank.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// The new colour.
    #[schema(nullable = false)]
    pub colour: Option<LabelColour>,
    /// Not to be put on anybody any more, or again.
    #[schema(nullable = false)]
    pub archived: Option<bool>,
    /// To be written back to the platform as a tag when it is put on or taken off from now on, or not; administrators
    /// decide it.
    #[schema(nullable = false)]
    pub pushed: Option<bool>,
}

impl Customers {
    /// All labels in their order.
    pub async fn labels(&self, actor: &Actor) -> Result<Vec<LabelView>, Problem> {
        actor.require(Object::Label, Action::View)?;
        let rows = rows::list(self.store.reader(), actor.workspace).await?;
        rows.iter().map(LabelView::new).collect()
    }

    /// How many customers carry each label.
    pub async fn label_usage(
        &self,
        actor: &Actor,
    ) -> Result<std::collections::BTreeMap<LabelId, u64>, Problem> {
        actor.require(Object::Label, Action::View)?;
        Ok(rows::customer_counts(self.store.reader(), actor.workspace).await?.into_iter().collect())
    }

    /// How often the platform refused each label as a tag.
    pub async fn label_refusals(
        &self,
        actor: &Actor,
    ) -> Result<std::collections::BTreeMap<LabelId, u64>, Problem> {
        actor.require(Object::Label, Action::View)?;
        Ok(pushes::failed_counts(self.store.reader(), actor.workspace).await?.into_iter().collect())
    }

    /// Tell the platform again what it refused about a label. Answers for how many addresses.
    pub async fn push_label_again(&self, actor: &Actor, id: LabelId) -> Result<u64, Problem> {
        actor.require(Object::Label, Action::Edit)?;
        let tx = self.store.begin().await?;
        if rows::get(&tx, actor.workspace, id).await?.is_none() {
            return Err(Problem::not_found("label"));
        }
        let count = pushes::again(&tx, actor.workspace, id, self.ids.clock().now()).await?;
        tx.commit().await?;
        self.signals.notify(Topic::Tags);
        Ok(count)
    }

    /// Make a label. `conflict` with the reason `label_name` and the `name` that is there when it exists already, however
    /// it is written.
    pub async fn create_label(
        &self,
        actor: &Actor,
        name: &str,
        colour: LabelColour,
        kind: LabelKind,
    ) -> Result<LabelView, Problem> {
        actor.require(Object::Label, Action::Create)?;
        let name = clean_name(name)?;
        let now = self.ids.clock().now();
        let id: LabelId = self.ids.next();
        let tx = self.store.begin().await?;
        if rows::list(&tx, actor.workspace).await?.len() >= MAX_LABELS {
            return Err(Problem::invalid("name", "too_many_labels").param("max", MAX_LABELS));
        }
        free_name(&tx, actor, &name, None).await?;
        let new = NewLabel { id, name, colour, kind, created_by: Some(actor.member) };
        rows::create(&tx, actor.workspace, &new, now).await.map_err(taken)?;
        self.finish_label(tx, actor, id, "label.created", now).await
    }

    /// Change a label. Errors: as of [`Customers::create_label`].
    pub async fn edit_label(
        &self,
        actor: &Actor,
        id: LabelId,
        patch: LabelPatch,
    ) -> Result<LabelView, Problem> {
        actor.require(Object::Label, Action::Edit)?;
        if patch.pushed.is_some() {
            actor.require(Object::Workspace, Action::Configure)?;
        }
        let name = patch.name.as_deref().map(clean_name).transpose()?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        if let Some(name) = &name {
            free_name(&tx, actor, name, Some(id)).await?;
        }
        let edit =
            rows::LabelEdit { name, colour: patch.colour, archived: patch.archived, pushed: patch.pushed };
        if !rows::edit(&tx, actor.workspace, id, &edit, now).await.map_err(taken)? {
            return Err(Problem::not_found("label"));
        }
        self.finish_label(tx, actor, id, "label.edited", now).await
    }

    async fn finish_label(
        &self,
        tx: Tx,
        actor: &Actor,
        id: LabelId,
        what: &str,
        now: Timestamp,
    ) -> Result<LabelView, Problem> {
        let row = rows::get(&tx, actor.workspace, id).await?.ok_or_else(|| Problem::not_found("label"))?;
        self.note_label(&tx, actor, id, what, &row.name, now).await?;
        changes::append(&tx, actor.workspace, &[NewChange::label(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        LabelView::new(&row)
    }

    /// Put the labels into this order; answers all of them.
    pub async fn order_labels(&self, actor: &Actor, order: &[LabelId]) -> Result<Vec<LabelView>, Problem> {
        actor.require(Object::Label, Action::Edit)?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let moved = rows::reorder(&tx, actor.workspace, order, now).await?;
        let rows = rows::list(&tx, actor.workspace).await?;
        let list: Vec<NewChange> = moved.into_iter().map(NewChange::label).collect();
        changes::append(&tx, actor.workspace, &list, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        rows.iter().map(LabelView::new).collect()
    }

    /// Remove a label, from every customer too.
    pub async fn delete_label(&self, actor: &Actor, id: LabelId) -> Result<(), Problem> {
        actor.require(Object::Label, Action::Delete)?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let row = rows::get(&tx, actor.workspace, id).await?.ok_or_else(|| Problem::not_found("label"))?;
        rows::delete(&tx, actor.workspace, id).await?;
        self.note_label(&tx, actor, id, "label.deleted", &row.name, now).await?;
        changes::append(&tx, actor.workspace, &[NewChange::label_removed(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(())
    }

    async fn note_label(
        &self,
        tx: &Tx,
        actor: &Actor,
        id: LabelId,
        action: &str,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: action.into(),
            object: "label".into(),
            object_id: id.to_string(),
            detail: serde_json::json!({ "name": name }),
        };
        audit::append(tx, actor.workspace, &entry).await?;
        Ok(())
    }

    /// Put labels on a customer and take labels off; what is so already stays so. The view as it is afterwards.
    pub async fn label_customer(
        &self,
        actor: &Actor,
        customer: CustomerId,
        put: &[LabelId],
        remove: &[LabelId],
    ) -> Result<CustomerView, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Edit)?;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        if people::get(&tx, actor.workspace, &visibility, customer).await?.is_none() {
            return Err(Problem::not_found("customer"));
        }
        let changed = relabel(&tx, actor, customer, put, remove, now).await?;
        let view = self.view(actor, &tx, &visibility, customer).await?;
        if changed {
            changes::append(&tx, actor.workspace, &of_customer(&tx, actor, customer).await?, now).await?;
            tx.commit().await?;
            self.signals.notify(Topic::ChangesIn(actor.workspace));
            self.signals.notify(Topic::Tags);
        }
        Ok(view)
    }
}

/// Put labels on a customer and take labels off, inside somebody's transaction, who has looked that the actor may change
/// the customer and appends [`of_customer`]. Answers whether anything changed.
///
/// Errors: `not_found` for a label that is not there, `invalid_field` for one that is archived, for too many, or for two
/// steps of the process at once.
pub async fn relabel(
    tx: &Tx,
    actor: &Actor,
    customer: CustomerId,
    put: &[LabelId],
    remove: &[LabelId],
    now: Timestamp,
) -> Result<bool, Problem> {
    if put.is_empty() && remove.is_empty() {
        return Ok(false);
    }
    rows::check_choice(tx, actor.workspace, put, remove).await?;
    if people::locked(tx, actor.workspace, &[customer]).await?.is_empty() {
        // Merged into another one meanwhile.
        return Err(Problem::not_found("customer"));
    }
    let by = Some(actor.member);
    let done = rows::relabel::relabel(tx, actor.workspace, &[customer], put, remove, by, now).await?;
    Ok(!done.is_empty())
}

/// The changes to append when what a customer carries has changed: their labels stand in their threads too.
pub async fn of_customer(tx: &Tx, actor: &Actor, customer: CustomerId) -> Result<Vec<NewChange>, Problem> {
    Ok(rows::changes_of(tx, actor.workspace, &[customer]).await?)
}

async fn free_name(tx: &Tx, actor: &Actor, name: &str, own: Option<LabelId>) -> Result<(), Problem> {
    match rows::by_name(tx, actor.workspace, name).await? {
        Some(row) if Some(LabelId(row.id)) != own => Err(Problem::new(Code::Conflict)
            .param("reason", "label_name")
            .param("name", row.name)
            .param("archived", row.archived_at.is_some())),
        _ => Ok(()),
    }
}

/// Somebody else was faster.
fn taken(error: StoreError) -> Problem {
    if error.is_unique("labels_name") {
        return Problem::new(Code::Conflict).param("reason", "label_name");
    }
    error.into()
}

/// One line, not blank, not too long, and with something that can be looked for.
fn clean_name(typed: &str) -> Result<String, Problem> {
    let name = loa_kernel::one_line(typed);
    if loa_kernel::fold_vi(&name).is_empty() {
        return Err(Problem::invalid("name", "empty"));
    }
    if name.chars().count() > MAX_NAME_CHARS {
        return Err(Problem::invalid("name", "too_long").param("max", MAX_NAME_CHARS));
    }
    // The phone groups are shown like labels and are none: a label of that name would say what is not so. A tag of the
    // platform that is called so stays a label, because it is the platform's.
    let folded = loa_kernel::fold_vi(&name);
    if PhoneGroup::ALL.iter().any(|group| loa_kernel::fold_vi(group.name_vi()) == folded) {
        return Err(Problem::invalid("name", "reserved_name").param("name", name));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line() {
        let long = "ả".repeat(MAX_NAME_CHARS + 1);
        for (typed, kept) in [
            (" Khách \n VIP\0 ", Some("Khách VIP")),
            ("Đặt cọc", Some("Đặt cọc")),
            ("  ", None),
            ("\u{301}", None),
            (&long, None),
            ("Ưu tiên", None),
            ("HAN  che", None),
            ("Ưu tiên 1", Some("Ưu tiên 1")),
        ] {
            assert_eq!(clean_name(typed).ok().as_deref(), kept, "{typed:?}");
        }
    }
}
