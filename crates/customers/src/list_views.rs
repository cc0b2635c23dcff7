//! Named views of the list of customers, for oneself or for everybody who may browse (features reference §2.5, §6.3).
//!
//! A view is looked at by who opens it: what it asks for and is not there any more, or is not for them, is named
//! ([`BrokenPart`]), and the list answers its conditions with an error, so that it shows nobody rather than more. Columns
//! widen no list; one that is gone is left out.

use std::collections::BTreeMap;

use loa_filter::{Catalogue, Label, Node};
use loa_kernel::{Action, Actor, MemberId, Object, Problem, SavedViewId, Timestamp};
use loa_store::changes::{self, NewChange};
use loa_store::saved_views::{self as rows, CustomerList, PlacedView, SavedView};
use loa_store::{ConnectionTrait, Tx};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::catalogue::{all_fields, for_actor};
use crate::{CustomerLayout, Customers};

/// The most views of customers that a member keeps.
const MAX_VIEWS: u64 = 50;

/// A view of customers as a member has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = CustomerListView)]
pub struct ListView {
    /// Its id.
    pub id: SavedViewId,
    /// Whose it is.
    pub owner_id: MemberId,
    /// Its name.
    pub name: String,
    /// Columns, conditions, order.
    pub layout: CustomerLayout,
    /// For everybody who may go through the list, not only for its owner.
    pub shared: bool,
    /// You see it beside the filters.
    pub pinned: bool,
    /// You may change it.
    pub editable: bool,
    /// What it asks for and cannot be asked by you. As long as there is anything, the list shows nobody.
    pub broken: Vec<BrokenPart>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A condition, or the order, that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrokenPart {
    /// What is wrong.
    pub why: BrokenWhy,
    /// What the field was called when the view was kept.
    pub field: PartName,
    /// What the option was called, a label for example.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub option: Option<PartName>,
}

/// Why something cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BrokenWhy {
    /// The field is not there any more.
    FieldGone,
    /// The field is not for you.
    FieldHidden,
    /// The option is not there any more.
    OptionGone,
    /// Something else about it is not understood.
    NotUnderstood,
}

/// A name in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartName {
    /// In Vietnamese.
    pub vi: String,
    /// In English.
    pub en: String,
}

impl From<&Label> for PartName {
    fn from(label: &Label) -> Self {
        Self { vi: label.vi.clone(), en: label.en.clone() }
    }
}

/// A view to be made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListView {
    /// Made by you; asking again with the same one makes no second view.
    pub id: SavedViewId,
    /// 1 to 60 characters.
    pub name: String,
    /// Columns, conditions, order.
    pub layout: CustomerLayout,
    /// For everybody who may go through the list.
    #[serde(default)]
    pub shared: bool,
}

/// What may be changed; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListViewPatch {
    /// 1 to 60 characters.
    #[schema(nullable = false)]
    pub name: Option<String>,
    /// Columns, conditions, order, all of it.
    #[schema(nullable = false)]
    pub layout: Option<CustomerLayout>,
    /// For everybody who may go through the list.
    #[schema(nullable = false)]
    pub shared: Option<bool>,
}

/// What stands in the row: the layout, and what everything in it was called, so that it can be named when it is gone.
#[derive(Serialize, Deserialize)]
struct KeptLayout {
    layout: CustomerLayout,
    names: BTreeMap<String, PartName>,
}

impl KeptLayout {
    fn of(layout: CustomerLayout, fields: &Catalogue) -> Self {
        let mut names = BTreeMap::new();
        for (key, options) in asked(&layout) {
            let Some(field) = fields.field(&key) else { continue };
            for option in options {
                if let Some(label) = field.options.label(&option) {
                    names.insert(format!("{key}={option}"), label.into());
                }
            }
            names.insert(key, (&field.label).into());
        }
        Self { layout, names }
    }

    fn list(&self) -> Result<CustomerList, Problem> {
        serde_json::to_value(self).map(CustomerList).map_err(Problem::internal)
    }

    fn read(list: &CustomerList) -> Result<Self, Problem> {
        serde_json::from_value(list.0.clone()).map_err(Problem::internal)
    }

    /// What of it cannot be asked by whoever may ask about `mine`, of all the fields that are there. Pure.
    fn broken(&self, all: &Catalogue, mine: &Catalogue) -> Vec<BrokenPart> {
        let named = |key: &str| {
            let name = self.names.get(key).cloned();
            name.unwrap_or_else(|| PartName { vi: key.to_owned(), en: key.to_owned() })
        };
        let mut broken: Vec<BrokenPart> = Vec::new();
        let mut note = |part: BrokenPart| {
            if !broken.contains(&part) {
                broken.push(part);
            }
        };
        for (key, options) in asked(&self.layout) {
            let field =
                all.field(&key).map(|field| PartName::from(&field.label)).unwrap_or_else(|| named(&key));
            let Some(there) = mine.field(&key) else {
                let hidden = all.field(&key).is_some();
                let why = if hidden { BrokenWhy::FieldHidden } else { BrokenWhy::FieldGone };
                note(BrokenPart { why, field, option: None });
                continue;
            };
            if !there.kind.is_listed() {
                continue;
            }
            for option in options.iter().filter(|option| there.options.label(option).is_none()) {
                let option = Some(named(&format!("{key}={option}")));
                note(BrokenPart { why: BrokenWhy::OptionGone, field: field.clone(), option });
            }
        }
        if broken.is_empty()
            && let Err(problem) = self.layout.checked(mine)
        {
            let place = problem.params.get("field").and_then(|f| f.as_str()).unwrap_or_default().to_owned();
            let field = PartName { vi: place.clone(), en: place };
            broken.push(BrokenPart { why: BrokenWhy::NotUnderstood, field, option: None });
        }
        broken
    }
}

/// The fields that a layout asks about, each with the texts it compares with: conditions in order, then the order.
fn asked(layout: &CustomerLayout) -> Vec<(String, Vec<String>)> {
    fn walk(node: &Node, found: &mut Vec<(String, Vec<String>)>) {
        for part in node.all.iter().chain(&node.any).flatten() {
            walk(part, found);
        }
        if let Some(field) = &node.field {
            let texts = match &node.value {
                Some(serde_json::Value::String(one)) => vec![one.clone()],
                Some(serde_json::Value::Array(many)) => {
                    many.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            };
            found.push((field.clone(), texts));
        }
    }
    let mut found = Vec::new();
    walk(&layout.filter, &mut found);
    found.extend(layout.sort.iter().map(|sort| (sort.field.clone(), Vec::new())));
    found
}

/// What fields there are, and which of them are the member's to ask about.
struct Known {
    all: Catalogue,
    mine: Catalogue,
}

/// A private view is its owner's; a shared one its owner's too, and the administrators'.
fn editable(actor: &Actor, view: &SavedView<CustomerList>) -> bool {
    let own = view.owner == actor.member && actor.can(Object::SavedView, Action::Create);
    own || (view.shared && actor.can(Object::Workspace, Action::Configure))
}

impl Customers {
    /// All views of customers that `actor` has, in their own order.
    pub async fn list_views(&self, actor: &Actor) -> Result<Vec<ListView>, Problem> {
        may_open(actor)?;
        let db = self.store.reader();
        let known = self.known(actor, db).await?;
        let list = rows::list::<CustomerList>(db, actor.workspace, actor.member).await?;
        list.into_iter().map(|placed| view_of(actor, &known, placed)).collect()
    }

    /// Make a view; asked again with the same id, the one that was made.
    pub async fn create_list_view(&self, actor: &Actor, new: NewListView) -> Result<ListView, Problem> {
        may_open(actor)?;
        actor.require(Object::SavedView, Action::Create)?;
        if new.shared {
            actor.require(Object::SavedView, Action::Configure)?;
        }
        let now = self.ids.clock().now();
        let name = rows::clean_name(&new.name)?;
        let tx = self.store.begin().await?;
        let known = self.known(actor, &tx).await?;
        if let Some(made) = rows::get(&tx, actor.workspace, actor.member, new.id).await? {
            return self.list_view(actor, &tx, &known, made).await;
        }
        new.layout.checked(&known.mine)?;
        if rows::count_of::<CustomerList>(&tx, actor.workspace, actor.member).await? >= MAX_VIEWS {
            return Err(Problem::invalid("view", "too_many").param("max", MAX_VIEWS));
        }
        let view = SavedView {
            id: new.id,
            owner: actor.member,
            name,
            kept: KeptLayout::of(new.layout, &known.mine).list()?,
            shared: new.shared,
            created_at: now,
            updated_at: now,
        };
        rows::create(&tx, actor.workspace, &view).await?;
        let answer = self.list_view(actor, &tx, &known, view).await?;
        self.list_views_changed(tx, actor, new.id, now).await?;
        Ok(answer)
    }

    /// Change a view. What it is to show must be there now; one that is broken may be renamed and shared all the same.
    pub async fn edit_list_view(
        &self,
        actor: &Actor,
        id: SavedViewId,
        patch: ListViewPatch,
    ) -> Result<ListView, Problem> {
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        let mut view = self.editable_list_view(actor, &tx, id).await?;
        let known = self.known(actor, &tx).await?;
        if patch.shared.is_some_and(|shared| shared != view.shared) {
            actor.require(Object::SavedView, Action::Configure)?;
            // Taken back, it is private to its owner: only they may hide it from everybody.
            if view.shared && view.owner != actor.member {
                return Err(Problem::invalid("shared", "not_yours"));
            }
        }
        if let Some(name) = &patch.name {
            view.name = rows::clean_name(name)?;
        }
        if let Some(layout) = patch.layout {
            layout.checked(&known.mine)?;
            view.kept = KeptLayout::of(layout, &known.mine).list()?;
        }
        view.shared = patch.shared.unwrap_or(view.shared);
        view.updated_at = now;
        rows::update(&tx, actor.workspace, &view).await?;
        let answer = self.list_view(actor, &tx, &known, view).await?;
        self.list_views_changed(tx, actor, id, now).await?;
        Ok(answer)
    }

    /// Remove a view, for everybody when it is shared.
    pub async fn delete_list_view(&self, actor: &Actor, id: SavedViewId) -> Result<(), Problem> {
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        self.editable_list_view(actor, &tx, id).await?;
        rows::delete(&tx, actor.workspace, id, now).await?;
        self.list_views_changed(tx, actor, id, now).await
    }

    /// Put the views of `actor` into this order. Ids that name none of theirs are left out; views that are not named
    /// stand last.
    pub async fn place_list_views(
        &self,
        actor: &Actor,
        order: &[(SavedViewId, bool)],
    ) -> Result<Vec<ListView>, Problem> {
        may_open(actor)?;
        let tx = self.store.begin().await?;
        rows::place::<CustomerList>(&tx, actor.workspace, actor.member, order).await?;
        tx.commit().await?;
        self.list_views(actor).await
    }

    async fn known(&self, actor: &Actor, db: &impl ConnectionTrait) -> Result<Known, Problem> {
        let fields = all_fields(db, actor.workspace).await?;
        Ok(Known { mine: for_actor(&fields, actor), all: Catalogue::new(fields.fields) })
    }

    async fn editable_list_view(
        &self,
        actor: &Actor,
        tx: &Tx,
        id: SavedViewId,
    ) -> Result<SavedView<CustomerList>, Problem> {
        may_open(actor)?;
        let found = rows::get(tx, actor.workspace, actor.member, id).await?;
        let view = found.ok_or_else(|| Problem::not_found("saved_view"))?;
        if !editable(actor, &view) {
            let refused = Problem::new(loa_kernel::Code::Forbidden);
            return Err(refused.param("object", "saved_view").param("action", "edit"));
        }
        Ok(view)
    }

    async fn list_view(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        known: &Known,
        view: SavedView<CustomerList>,
    ) -> Result<ListView, Problem> {
        let list = rows::list::<CustomerList>(db, actor.workspace, actor.member).await?;
        let pinned = list.iter().find(|placed| placed.view.id == view.id).is_none_or(|placed| placed.pinned);
        view_of(actor, known, PlacedView { view, pinned })
    }

    async fn list_views_changed(
        &self,
        tx: Tx,
        actor: &Actor,
        id: SavedViewId,
        now: Timestamp,
    ) -> Result<(), Problem> {
        changes::append(&tx, actor.workspace, &[NewChange::saved_view(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(())
    }
}

fn may_open(actor: &Actor) -> Result<(), Problem> {
    actor.require(Object::Customer, Action::Browse)?;
    actor.require(Object::SavedView, Action::View)
}

fn view_of(actor: &Actor, known: &Known, placed: PlacedView<CustomerList>) -> Result<ListView, Problem> {
    let PlacedView { view, pinned } = placed;
    let kept = KeptLayout::read(&view.kept)?;
    Ok(ListView {
        broken: kept.broken(&known.all, &known.mine),
        editable: editable(actor, &view),
        id: view.id,
        owner_id: view.owner,
        name: view.name,
        layout: kept.layout,
        shared: view.shared,
        pinned,
        updated_at: view.updated_at,
    })
}

#[cfg(test)]
mod tests {
    use loa_filter::{Field, FieldKind, Op, Options, Sort};
    use serde_json::json;

    use super::*;

    fn field(key: &str, kind: FieldKind, options: &[(&str, &str)]) -> Field {
        let listed = options.iter().map(|(id, name)| ((*id).to_owned(), Label::same(*name))).collect();
        Field { options: Options::new(listed), ..Field::plain(key, Label::same(key.to_uppercase()), kind) }
    }

    #[test]
    fn what_is_gone_is_named() {
        let labels = [("a", "VIP"), ("b", "Sỉ")];
        let full = vec![
            field("labels", FieldKind::Set, &labels),
            field("phone", FieldKind::Phone, &[]),
            field("shoe", FieldKind::Number, &[]),
        ];
        let layout = CustomerLayout {
            filter: Node::all(vec![
                Node::test("labels", Op::AnyOf, json!(["a", "b"])),
                Node::any(vec![
                    Node::test("shoe", Op::Ge, json!(40)),
                    Node::test("phone", Op::Contains, json!("09")),
                ]),
            ]),
            sort: Some(Sort { field: "shoe".into(), descending: true }),
            ..CustomerLayout::default()
        };
        let kept = KeptLayout::of(layout, &Catalogue::new(full.clone()));
        let broken = |all: Vec<Field>, mine: Vec<Field>| {
            let parts = kept.broken(&Catalogue::new(all), &Catalogue::new(mine));
            let said = |part: BrokenPart| (part.why, part.field.vi, part.option.map(|option| option.vi));
            parts.into_iter().map(said).collect::<Vec<_>>()
        };
        assert_eq!(broken(full.clone(), full.clone()), []);
        let less = vec![field("labels", FieldKind::Set, &labels[..1]), full[1].clone()];
        assert_eq!(
            broken(less.clone(), vec![less[0].clone()]),
            [
                (BrokenWhy::OptionGone, "LABELS".into(), Some("Sỉ".into())),
                (BrokenWhy::FieldGone, "SHOE".into(), None),
                (BrokenWhy::FieldHidden, "PHONE".into(), None),
            ]
        );
        // The key is there again and holds something else.
        let other = vec![full[0].clone(), full[1].clone(), field("shoe", FieldKind::Boolean, &[])];
        let parts = broken(other.clone(), other);
        assert_eq!((parts.len(), parts[0].0), (1, BrokenWhy::NotUnderstood));
    }
}
