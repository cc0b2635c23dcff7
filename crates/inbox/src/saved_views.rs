//! Use cases of saved views.

use loa_kernel::{
    Action, Actor, ChannelId, Criteria, Object, Page, PageCursor, Problem, SavedViewId, Timestamp, ViewSort,
};
use loa_store::changes::{self, NewChange};
use loa_store::conversations::{self as threads, Chosen, Visibility};
use loa_store::customers::Search;
use loa_store::saved_views::{self as rows, PlacedView, SavedView, ThreadList};
use loa_store::{ConnectionTrait, Tx, channels, labels, members};
use loa_stream::Topic;

use crate::Inbox;
use crate::conversations::ListRequest;
use crate::views::{ConversationView, Dead, DeadCondition, Named, SavedViewView, ViewCount};

/// The most views a member keeps.
const MAX_VIEWS: u64 = 50;
/// Views counted by one statement.
const AT_ONCE: usize = 20;

/// A view to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewView {
    /// Made by the client, so that asking twice makes one.
    pub id: SavedViewId,
    /// Its name.
    pub name: String,
    /// What its threads fulfil.
    pub criteria: Criteria,
    /// In which order they stand.
    pub sort: ViewSort,
    /// For everybody.
    pub shared: bool,
}

/// What may be changed of a view; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViewPatch {
    /// Its name.
    pub name: Option<String>,
    /// What its threads fulfil.
    pub criteria: Option<Criteria>,
    /// In which order they stand.
    pub sort: Option<ViewSort>,
    /// For everybody.
    pub shared: Option<bool>,
}

/// A private view is its owner's; a shared one belongs to those who may share.
fn editable(actor: &Actor, view: &SavedView) -> bool {
    let own = view.owner == actor.member;
    match view.shared {
        true => actor.can(Object::SavedView, Action::Configure),
        false => own && actor.can(Object::SavedView, Action::Create),
    }
}

impl Inbox {
    /// All views that `actor` has, in their own order.
    pub async fn saved_views(&self, actor: &Actor) -> Result<Vec<SavedViewView>, Problem> {
        actor.require(Object::SavedView, Action::View)?;
        let db = self.store.reader();
        let list = rows::list::<ThreadList>(db, actor.workspace, actor.member).await?;
        let named = self.named(actor, db).await?;
        let view = |placed: PlacedView| {
            let editable = editable(actor, &placed.view);
            SavedViewView::new(placed, editable, &named)
        };
        Ok(list.into_iter().map(view).collect())
    }

    /// How many threads each of them has now, for `actor`; a number never exceeds [`threads::COUNT_CAP`].
    pub async fn saved_view_counts(&self, actor: &Actor) -> Result<Vec<ViewCount>, Problem> {
        actor.require(Object::SavedView, Action::View)?;
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let db = self.store.reader();
        let list = rows::list::<ThreadList>(db, actor.workspace, actor.member).await?;
        let now = self.now();
        let mut counts = Vec::with_capacity(list.len());
        for some in list.chunks(AT_ONCE) {
            let searches: Vec<Vec<Search>> =
                some.iter().map(|placed| self.searches(actor, &placed.view.kept.criteria, None)).collect();
            let chosen: Vec<Chosen<'_>> = some
                .iter()
                .zip(&searches)
                .map(|(placed, searches)| Chosen {
                    visibility: &visibility,
                    criteria: &placed.view.kept.criteria,
                    sort: placed.view.kept.sort,
                    label: None,
                    searches,
                    me: actor.member,
                    now,
                })
                .collect();
            let found = threads::counters(db, actor.workspace, &chosen).await?;
            counts.extend(some.iter().zip(found).map(|(p, count)| ViewCount { id: p.view.id, count }));
        }
        Ok(counts)
    }

    /// Make a view; asked again with the same id, the one that was made.
    pub async fn create_saved_view(&self, actor: &Actor, new: NewView) -> Result<SavedViewView, Problem> {
        actor.require(Object::SavedView, Action::Create)?;
        if new.shared {
            actor.require(Object::SavedView, Action::Configure)?;
        }
        let now = self.now();
        let criteria = new.criteria.checked()?;
        check_sort(&criteria, new.sort)?;
        let view = SavedView {
            id: new.id,
            owner: actor.member,
            name: rows::clean_name(&new.name)?,
            kept: ThreadList { criteria, sort: new.sort },
            shared: new.shared,
            created_at: now,
            updated_at: now,
        };
        let tx = self.store.begin().await?;
        if let Some(made) = rows::get(&tx, actor.workspace, actor.member, new.id).await? {
            return self.saved_view_of(actor, &tx, made).await;
        }
        let named = self.named(actor, &tx).await?;
        require_alive(&named, &view.kept.criteria)?;
        if rows::count_of::<ThreadList>(&tx, actor.workspace, actor.member).await? >= MAX_VIEWS {
            return Err(Problem::invalid("view", "too_many").param("max", MAX_VIEWS));
        }
        rows::create(&tx, actor.workspace, &view).await?;
        let answer = self.saved_view_of(actor, &tx, view).await?;
        self.views_changed(tx, actor, new.id, now).await?;
        Ok(answer)
    }

    /// Change a view.
    pub async fn edit_saved_view(
        &self,
        actor: &Actor,
        id: SavedViewId,
        patch: ViewPatch,
    ) -> Result<SavedViewView, Problem> {
        let now = self.now();
        let tx = self.store.begin().await?;
        let mut view = self.editable_view(actor, &tx, id).await?;
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
        if let Some(criteria) = patch.criteria {
            view.kept.criteria = criteria.checked()?;
            require_alive(&self.named(actor, &tx).await?, &view.kept.criteria)?;
        }
        view.kept.sort = patch.sort.unwrap_or(view.kept.sort);
        check_sort(&view.kept.criteria, view.kept.sort)?;
        view.shared = patch.shared.unwrap_or(view.shared);
        view.updated_at = now;
        rows::update(&tx, actor.workspace, &view).await?;
        let answer = self.saved_view_of(actor, &tx, view).await?;
        self.views_changed(tx, actor, id, now).await?;
        Ok(answer)
    }

    /// Remove a view, for everybody when it is shared.
    pub async fn delete_saved_view(&self, actor: &Actor, id: SavedViewId) -> Result<(), Problem> {
        let now = self.now();
        let tx = self.store.begin().await?;
        self.editable_view(actor, &tx, id).await?;
        rows::delete(&tx, actor.workspace, id, now).await?;
        self.views_changed(tx, actor, id, now).await
    }

    /// Put the views of `actor` into this order. Ids that name none of theirs are left out; views that are not named
    /// stand last.
    pub async fn place_saved_views(
        &self,
        actor: &Actor,
        order: &[(SavedViewId, bool)],
    ) -> Result<Vec<SavedViewView>, Problem> {
        actor.require(Object::SavedView, Action::View)?;
        let tx = self.store.begin().await?;
        rows::place::<ThreadList>(&tx, actor.workspace, actor.member, order).await?;
        tx.commit().await?;
        self.saved_views(actor).await
    }

    /// One page of a view, narrowed by what was typed and chosen beside it.
    pub(crate) async fn view_page(
        &self,
        actor: &Actor,
        id: SavedViewId,
        request: &ListRequest,
    ) -> Result<Page<ConversationView>, Problem> {
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let db = self.store.reader();
        let view = self.view_of(actor, db, id).await?;
        let criteria = narrowed(view.kept.criteria, request.channel);
        let searches = self.searches(actor, &criteria, request.search.as_deref());
        let after = request.cursor.as_deref().map(PageCursor::decode::<threads::Position>).transpose()?;
        let chosen = Chosen {
            visibility: &visibility,
            criteria: &criteria,
            sort: view.kept.sort,
            label: request.label,
            searches: &searches,
            me: actor.member,
            now: self.now(),
        };
        let found = chosen.page(db, actor.workspace, after, request.limit as u64 + 1).await?;
        let page = Page::cut(found, request.limit, |(at, row)| {
            PageCursor::encode(&(*at, loa_kernel::ConversationId(row.id)))
        });
        let rows: Vec<_> = page.items.into_iter().map(|(_, row)| row).collect();
        let items = self.loader(actor, db).conversations(&rows).await?;
        Ok(Page { items, next: page.next })
    }

    /// The view with this id, when `actor` has it; else `not_found`.
    pub(crate) async fn view_of(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        id: SavedViewId,
    ) -> Result<SavedView, Problem> {
        actor.require(Object::SavedView, Action::View)?;
        rows::get(db, actor.workspace, actor.member, id)
            .await?
            .ok_or_else(|| Problem::not_found("saved_view"))
    }

    /// What customers have to be found by: the text of the conditions, and what was typed beside them.
    pub(crate) fn searches(&self, actor: &Actor, criteria: &Criteria, typed: Option<&str>) -> Vec<Search> {
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        [criteria.text.as_deref(), typed]
            .into_iter()
            .flatten()
            .filter_map(|text| Search::new(text, unmasked))
            .collect()
    }

    async fn editable_view(&self, actor: &Actor, tx: &Tx, id: SavedViewId) -> Result<SavedView, Problem> {
        let view = self.view_of(actor, tx, id).await?;
        if view.shared {
            actor.require(Object::SavedView, Action::Configure)?;
        } else if !editable(actor, &view) {
            actor.require(Object::SavedView, Action::Create)?;
        }
        Ok(view)
    }

    async fn saved_view_of(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        view: SavedView,
    ) -> Result<SavedViewView, Problem> {
        let list = rows::list::<ThreadList>(db, actor.workspace, actor.member).await?;
        let pinned = list.iter().find(|placed| placed.view.id == view.id).is_none_or(|placed| placed.pinned);
        let named = self.named(actor, db).await?;
        let editable = editable(actor, &view);
        Ok(SavedViewView::new(PlacedView { view, pinned }, editable, &named))
    }

    async fn named(&self, actor: &Actor, db: &impl ConnectionTrait) -> Result<Named, Problem> {
        let mut channels = channels::list(db, actor.workspace).await?;
        channels.retain(|channel| actor.sees_channel(channel.id));
        let members = members::list(db, actor.workspace).await?;
        Ok(Named { channels, members, labels: labels::list(db, actor.workspace).await? })
    }

    async fn views_changed(
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

/// The conditions with the channel that was chosen beside them. A channel that they do not have is one that they find
/// nothing on.
pub(crate) fn narrowed(mut criteria: Criteria, channel: Option<ChannelId>) -> Criteria {
    if let Some(channel) = channel {
        let within = criteria.channels.is_empty() || criteria.channels.contains(&channel);
        if within {
            criteria.channels = vec![channel];
        } else {
            criteria.statuses.clear();
        }
    }
    criteria
}

fn check_sort(criteria: &Criteria, sort: ViewSort) -> Result<(), Problem> {
    let closed = criteria.statuses == [loa_kernel::ConversationStatus::Closed];
    if closed && sort != ViewSort::Latest {
        return Err(Problem::invalid("sort", "not_of_closed"));
    }
    Ok(())
}

/// What is saved now must name what is there now.
fn require_alive(named: &Named, criteria: &Criteria) -> Result<(), Problem> {
    match named.dead(criteria).first() {
        None => Ok(()),
        Some(DeadCondition::Channel { id, why, .. }) => {
            Err(Problem::invalid("channels", reason(*why)).param("id", id.to_string()))
        }
        Some(DeadCondition::Label { id, why, .. }) => {
            Err(Problem::invalid("labels", reason(*why)).param("id", id.to_string()))
        }
        Some(DeadCondition::Assignee { id, why, .. }) => {
            Err(Problem::invalid("assignee", reason(*why)).param("id", id.to_string()))
        }
    }
}

const fn reason(why: Dead) -> &'static str {
    match why {
        Dead::Missing => "not_there",
        Dead::Off => "switched_off",
    }
}
