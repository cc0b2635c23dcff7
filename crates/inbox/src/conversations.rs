//! Use cases of threads.

use loa_kernel::{
    Action, Actor, ChannelId, Code, ConversationId, LabelId, MemberId, Object, Page, PageCursor, Problem,
    SavedViewId,
};
use loa_store::Tx;
use loa_store::changes;
use loa_store::conversations::{self as threads, Edit, Filter, ListQuery, Visibility};
use loa_store::customers::Search;
use loa_store::entity::conversations;
use loa_store::members::{self, MemberStatus};
use loa_stream::Topic;

use crate::Inbox;
use crate::snooze::SnoozeWish;
use crate::views::{ConversationView, Counts, Loader};
use crate::words::ConversationStatus;

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Which list.
    pub filter: ListFilter,
    /// In which order.
    pub sort: ListSort,
    /// A saved view instead of both.
    pub view: Option<SavedViewId>,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only customers who carry this label.
    pub label: Option<LabelId>,
    /// Part of a name or of a phone number.
    pub search: Option<String>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// How many.
    pub limit: usize,
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListFilter {
    /// Open and pending.
    #[default]
    All,
    /// Of these, yours.
    Mine,
    /// Of these, nobody's.
    Unassigned,
    /// Of these, with unread messages.
    Unread,
    /// Pending.
    Pending,
    /// Snoozed.
    Snoozed,
    /// Closed.
    Closed,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListSort {
    /// The latest message first.
    #[default]
    Latest,
    /// What closes next first: free replies that are left, then sending at all. Only threads of which something is
    /// still open; not with the filter `closed`.
    Closing,
}

/// What a member wants of a thread; what is absent stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// The new status.
    pub status: Option<ConversationStatus>,
    /// Put it away until then; without a status, or with `snoozed`. The status `snoozed` without this is until the
    /// customer writes.
    pub snooze: Option<SnoozeWish>,
    /// The new assignee; `Some(None)` takes the thread from everybody.
    pub assignee: Option<Option<MemberId>>,
}

impl Inbox {
    pub(crate) fn loader<'a, C: loa_store::ConnectionTrait>(
        &'a self,
        actor: &Actor,
        db: &'a C,
    ) -> Loader<'a, C> {
        Loader { db, workspace: actor.workspace, rules: &self.rules, now: self.now() }
    }

    /// One page of a list.
    pub async fn list(
        &self,
        actor: &Actor,
        request: &ListRequest,
    ) -> Result<Page<ConversationView>, Problem> {
        if let Some(view) = request.view {
            return self.view_page(actor, view, request).await;
        }
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let after = request.cursor.as_deref().map(PageCursor::decode::<threads::Position>).transpose()?;
        let unmasked = actor.can(Object::Customer, Action::ViewUnmasked);
        let search = request.search.as_deref().and_then(|typed| Search::new(typed, unmasked));
        let query = ListQuery {
            visibility: &visibility,
            filter: match request.filter {
                ListFilter::All => Filter::All,
                ListFilter::Mine => Filter::Mine(actor.member),
                ListFilter::Unassigned => Filter::Unassigned,
                ListFilter::Unread => Filter::Unread,
                ListFilter::Pending => Filter::Pending,
                ListFilter::Snoozed => Filter::Snoozed,
                ListFilter::Closed => Filter::Closed,
            },
            channel: request.channel,
            search: search.as_ref(),
            label: request.label,
            after,
            limit: request.limit as u64 + 1,
        };
        let db = self.store.reader();
        let page = match request.sort {
            ListSort::Latest => {
                let rows = threads::list(db, actor.workspace, &query).await?;
                Page::cut(rows, request.limit, |row| PageCursor::encode(&threads::position(row)))
            }
            ListSort::Closing => {
                if request.filter == ListFilter::Closed {
                    return Err(Problem::invalid("sort", "not_of_closed"));
                }
                let rows = threads::closing(db, actor.workspace, &query, self.now()).await?;
                let page = Page::cut(rows, request.limit, |(at, row)| {
                    PageCursor::encode(&(*at, ConversationId(row.id)))
                });
                page.map(|(_, row)| row)
            }
        };
        let items = self.loader(actor, db).conversations(&page.items).await?;
        Ok(Page { items, next: page.next })
    }

    /// How many threads each list has.
    pub async fn counts(&self, actor: &Actor) -> Result<Counts, Problem> {
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let counts = threads::counts(self.store.reader(), actor.workspace, &visibility, actor.member).await?;
        let threads::Counts { all, mine, unassigned, unread, pending, snoozed, closed } = counts;
        Ok(Counts { all, mine, unassigned, unread, pending, snoozed, closed })
    }

    /// The row of a thread that `actor` may act on in this way; else `not_found`.
    pub async fn visible_thread(
        &self,
        db: &impl loa_store::ConnectionTrait,
        actor: &Actor,
        action: Action,
        id: ConversationId,
    ) -> Result<conversations::Model, Problem> {
        let visibility = Visibility::of(actor, Object::Conversation, action)?;
        threads::get(db, actor.workspace, id)
            .await?
            .filter(|row| visibility.shows(ChannelId(row.channel_id), row.assignee_id.map(MemberId)))
            .ok_or_else(|| Problem::not_found("conversation"))
    }

    /// One thread. Whoever was given the link of one that they may not see is told that (`forbidden`), and not that it is
    /// nowhere; of what is in the thread they learn nothing.
    pub async fn conversation(&self, actor: &Actor, id: ConversationId) -> Result<ConversationView, Problem> {
        let db = self.store.reader();
        let row = match self.visible_thread(db, actor, Action::View, id).await {
            Err(problem)
                if problem.code == Code::NotFound
                    && threads::get(db, actor.workspace, id).await?.is_some() =>
            {
                return Err(Problem::new(Code::Forbidden)
                    .param("object", Object::Conversation.as_str())
                    .param("action", Action::View.as_str()));
            }
            found => found?,
        };
        self.one_view(actor, db, row).await
    }

    /// Change status or assignee; the view as it is afterwards.
    pub async fn edit_conversation(
        &self,
        actor: &Actor,
        id: ConversationId,
        wish: &Wish,
    ) -> Result<ConversationView, Problem> {
        let status = match (wish.status, &wish.snooze) {
            (None | Some(ConversationStatus::Snoozed), Some(_)) => Some(ConversationStatus::Snoozed),
            (Some(_), Some(_)) => return Err(Problem::invalid("snooze", "other_status")),
            (status, None) => status,
        };
        let until_reply = (status == Some(ConversationStatus::Snoozed)).then_some(SnoozeWish::Reply);
        let edit = Edit {
            status: status.map(ConversationStatus::as_str),
            assignee: wish.assignee,
            ..Edit::default()
        };
        self.change(actor, id, edit, wish.snooze.or(until_reply)).await
    }

    /// Everything in the thread is read.
    pub async fn mark_read(&self, actor: &Actor, id: ConversationId) -> Result<ConversationView, Problem> {
        // Reading is seeing: whoever sees the thread may say that they read it.
        let db = self.store.reader();
        let row = self.visible_thread(db, actor, Action::View, id).await?;
        if row.unread_count == 0 {
            return self.one_view(actor, db, row).await;
        }
        self.change(actor, id, Edit { read: true, ..Edit::default() }, None).await
    }

    async fn change(
        &self,
        actor: &Actor,
        id: ConversationId,
        mut edit: Edit<'_>,
        snooze: Option<SnoozeWish>,
    ) -> Result<ConversationView, Problem> {
        let now = self.now();
        let action = if edit.read { Action::View } else { Action::Edit };
        let tx = self.store.begin().await?;
        let row = self.visible_thread(&tx, actor, action, id).await?;
        if let Some(Some(member)) = edit.assignee {
            require_active_member(&tx, actor, member).await?;
        }
        edit.snooze = snooze.map(|wish| wish.resolve(&row, now)).transpose()?;
        edit.by = Some(actor.member);
        let list = threads::edit(&tx, actor.workspace, id, edit, now).await?;
        changes::append(&tx, actor.workspace, &list, now).await?;
        // Inside the transaction, so that the answer is what this change made and not what a later one did.
        let row = threads::get(&tx, actor.workspace, id)
            .await?
            .ok_or_else(|| Problem::not_found("conversation"))?;
        let view = self.one_view(actor, &tx, row).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        Ok(view)
    }

    async fn one_view<C: loa_store::ConnectionTrait>(
        &self,
        actor: &Actor,
        db: &C,
        row: conversations::Model,
    ) -> Result<ConversationView, Problem> {
        let mut views = self.loader(actor, db).conversations(&[row]).await?;
        views.pop().ok_or_else(|| Problem::not_found("conversation"))
    }
}

pub(crate) async fn require_active_member(tx: &Tx, actor: &Actor, member: MemberId) -> Result<(), Problem> {
    let found = members::get(tx, actor.workspace, member).await?;
    if found.is_some_and(|m| m.status == MemberStatus::Active) {
        return Ok(());
    }
    Err(Problem::new(Code::InvalidField).param("field", "assignee_id").param("reason", "not_a_member"))
}
