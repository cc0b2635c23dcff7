//! Use cases of customers.

use std::collections::BTreeMap;

use loa_kernel::{Action, Actor, Code, CustomerId, Object, Page, PageCursor, Problem, Timestamp};
use loa_store::changes;
use loa_store::conversations::Visibility;
use loa_store::customers::events::{self, CustomerEvent, EventKind};
use loa_store::customers::{self as people, Edit, Position, Search, details};
use loa_store::{ConnectionTrait, Tx, audit};
use loa_stream::Topic;
use serde_json::Value;

use crate::{CustomerView, Customers, ValueFields, Views, capabilities};

/// The longest name and note that are kept, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 200;
pub(crate) const MAX_NOTE_CHARS: usize = 5_000;

/// What a member changes about a customer, as typed. An empty phone number or note empties the field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomerEdit {
    /// The new name.
    pub display_name: Option<String>,
    /// The new phone number.
    pub phone: Option<String>,
    /// The new note.
    pub note: Option<String>,
    /// Fields to be filled in, by key; null empties one.
    pub fields: BTreeMap<String, Value>,
}

impl Customers {
    pub(crate) fn now(&self) -> Timestamp {
        self.ids.clock().now()
    }

    pub(crate) fn views<'a, C: ConnectionTrait>(&'a self, actor: &Actor, db: &'a C) -> Views<'a, C> {
        Views { db, workspace: actor.workspace, rules: &self.rules, now: self.now() }
    }

    /// One page of the list by name.
    pub async fn list(
        &self,
        actor: &Actor,
        search: Option<&str>,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<CustomerView>, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::View)?;
        let after = cursor.map(PageCursor::decode::<Position>).transpose()?;
        let search =
            search.and_then(|text| Search::new(text, actor.can(Object::Customer, Action::ViewUnmasked)));
        let db = self.store.reader();
        let rows =
            people::list(db, actor.workspace, &visibility, search.as_ref(), after.as_ref(), limit as u64 + 1)
                .await?;
        let page = Page::cut(rows, limit, |row| PageCursor::encode(&(&row.name_folded, CustomerId(row.id))));
        let views = self.views(actor, db).of(&page.items).await?;
        Ok(Page { items: views.into_iter().map(|view| for_actor(view, actor)).collect(), next: page.next })
    }

    /// One customer. The id of somebody who was merged into another one answers that one, under that one's id.
    pub async fn get(&self, actor: &Actor, id: CustomerId) -> Result<CustomerView, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::View)?;
        let db = self.store.reader();
        match self.view(actor, db, &visibility, id).await {
            Err(problem) if problem.code == Code::NotFound => {
                let to = people::merge::redirect(db, actor.workspace, id).await?.ok_or(problem)?;
                self.view(actor, db, &visibility, to).await
            }
            answer => answer,
        }
    }

    /// Change a customer; the view as it is afterwards.
    pub async fn edit(
        &self,
        actor: &Actor,
        id: CustomerId,
        mut edit: CustomerEdit,
    ) -> Result<CustomerView, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Edit)?;
        let typed = std::mem::take(&mut edit.fields);
        let edit = checked(edit)?;
        let named: Vec<&str> = [
            ("display_name", edit.display_name.is_some()),
            ("phone", edit.phone.is_some()),
            ("note", edit.note.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, changed)| changed.then_some(name))
        .chain(typed.keys().map(String::as_str))
        .collect();
        let now = self.now();
        let tx = self.store.begin().await?;
        if people::get(&tx, actor.workspace, &visibility, id).await?.is_none() {
            return Err(Problem::not_found("customer"));
        }
        if !people::edit(&tx, actor.workspace, id, edit, now).await? {
            // Merged into another one meanwhile.
            return Err(Problem::not_found("customer"));
        }
        self.fill_fields(&tx, actor, id, &typed, now).await?;
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: "customer.edited".into(),
            object: "customer".into(),
            object_id: id.to_string(),
            // Which fields, not their values: the log must not become a second store of personal data.
            detail: serde_json::json!({ "fields": named }),
        };
        audit::append(&tx, actor.workspace, &entry).await?;
        let view = self.view(actor, &tx, &visibility, id).await?;
        // The name and picture stand in the threads too.
        let changed = crate::labels::of_customer(&tx, actor, id).await?;
        changes::append(&tx, actor.workspace, &changed, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(view)
    }

    /// Fill in fields of a customer whose row this transaction has changed.
    async fn fill_fields(
        &self,
        tx: &Tx,
        actor: &Actor,
        id: CustomerId,
        typed: &BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        if typed.is_empty() {
            return Ok(());
        }
        let fields = ValueFields::load(tx, actor.workspace).await?;
        let allowed = capabilities::of_workspace(tx, actor.workspace, &self.rules, now).await?;
        let mut known = details::locked(tx, actor.workspace, &[id]).await?.remove(&id).unwrap_or_default();
        let changed = fields.fill(&mut known, typed, actor, allowed)?;
        if changed.is_empty() {
            return Ok(());
        }
        details::put(tx, actor.workspace, [(id, known)], now).await?;
        let event = CustomerEvent {
            id: self.ids.next(),
            customer: id,
            kind: EventKind::FieldsChanged,
            at: now,
            member: Some(actor.member),
            detail: serde_json::json!({ "fields": changed }),
        };
        events::append(tx, actor.workspace, [event]).await?;
        Ok(())
    }

    pub(crate) async fn view<C: ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        visibility: &Visibility,
        id: CustomerId,
    ) -> Result<CustomerView, Problem> {
        let row = people::get(db, actor.workspace, visibility, id)
            .await?
            .ok_or_else(|| Problem::not_found("customer"))?;
        let mut views = self.views(actor, db).of(&[row]).await?;
        let view = views.pop().ok_or_else(|| Problem::not_found("customer"))?;
        Ok(for_actor(view, actor))
    }
}

pub(crate) fn for_actor(view: CustomerView, actor: &Actor) -> CustomerView {
    let view = view.within(actor.channels.as_deref());
    if actor.can(Object::Customer, Action::ViewUnmasked) { view } else { view.masked() }
}

fn checked(edit: CustomerEdit) -> Result<Edit, Problem> {
    // PostgreSQL stores no NUL character.
    let clean = |text: String| text.replace('\0', "").trim().to_owned();
    let short = |field: &str, text: &str, max: usize| match text.chars().count() > max {
        true => Err(Problem::invalid(field, "too_long").param("max", max)),
        false => Ok(()),
    };
    let display_name = edit.display_name.map(clean);
    if let Some(name) = &display_name {
        if name.is_empty() {
            return Err(Problem::invalid("display_name", "empty"));
        }
        short("display_name", name, MAX_NAME_CHARS)?;
    }
    let phone = match edit.phone.map(clean) {
        Some(typed) if typed.is_empty() => Some(None),
        Some(typed) => Some(Some(loa_kernel::normalise_phone(&typed)?)),
        None => None,
    };
    let note = edit.note.map(clean);
    if let Some(note) = &note {
        short("note", note, MAX_NOTE_CHARS)?;
    }
    Ok(Edit { display_name, phone, note: note.map(|note| (!note.is_empty()).then_some(note)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_cleaned_or_refused() {
        let edit = |name: Option<&str>, phone: Option<&str>, note: Option<&str>| CustomerEdit {
            display_name: name.map(Into::into),
            phone: phone.map(Into::into),
            note: note.map(Into::into),
            fields: BTreeMap::new(),
        };
        let good = checked(edit(Some(" Đào\0 "), Some("0912345678"), Some(""))).unwrap();
        assert_eq!(good.display_name.as_deref(), Some("Đào"));
        assert_eq!(good.phone, Some(Some("84912345678".into())));
        assert_eq!(good.note, Some(None));
        assert_eq!(checked(edit(None, Some(" "), None)).unwrap().phone, Some(None));
        assert_eq!(checked(CustomerEdit::default()).unwrap(), Edit::default());
        let long = "ả".repeat(MAX_NOTE_CHARS + 1);
        for (bad, field) in [
            (edit(Some(" "), None, None), "display_name"),
            (edit(Some(&long), None, None), "display_name"),
            (edit(None, Some("gọi sau"), None), "phone"),
            (edit(None, None, Some(&long)), "note"),
        ] {
            let problem = checked(bad).unwrap_err();
            assert_eq!((problem.code, &problem.params["field"]), (Code::InvalidField, &field.into()));
        }
    }
}
