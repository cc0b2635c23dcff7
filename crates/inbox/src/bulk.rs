//! Use cases of what is done to many threads at once, and the worker that does it, to threads and to customers.

use std::collections::HashMap;

use async_trait::async_trait;
use loa_channels::reconcile::DueWork;
use loa_kernel::{
    Action, Actor, BulkAction, BulkJobId, ChannelId, Code, ConversationId, ConversationStatus, Criteria,
    CustomerId, LabelId, MemberId, Object, Page, PageCursor, Problem, SavedViewId, ViewSort,
};
use loa_store::bulk::{self as rows, Job, NewJob, Step};
use loa_store::changes::{self, NewChange};
use loa_store::conversations::{self as threads, Chosen, Visibility};
use loa_store::members::{self, MemberStatus};
use loa_store::{ConnectionTrait, Tx, customers, labels};
use loa_stream::Topic;
use uuid::Uuid;

use crate::Inbox;
use crate::conversations::{ListFilter, ListSort, require_active_member};
use crate::views::{BulkItemView, BulkJobView};

/// The most threads that are named one by one.
pub const MAX_NAMED: usize = 1_000;
/// The most threads of a list that is taken whole. Beyond that one transaction would keep other writers waiting for
/// longer than a second.
pub const MAX_CHOSEN: u64 = 50_000;
/// Threads a transaction: enough to be quick, few enough that nobody waits for it.
const BATCH: u64 = 200;
/// Customers a transaction. Of a thread a dozen columns move, of a customer a label.
const CUSTOMERS: u64 = 1_000;
/// How many of the latest jobs are shown.
const LATEST: u64 = 10;

/// A list taken whole: what the asker sees under these filters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WholeList {
    /// Which list; of no meaning with a view.
    pub filter: ListFilter,
    /// In which order; `closing` shows only threads in which something ends. Of no meaning with a view.
    pub sort: ListSort,
    /// A saved view instead.
    pub view: Option<SavedViewId>,
    /// Only this channel.
    pub channel: Option<ChannelId>,
    /// Only customers who carry this label.
    pub label: Option<LabelId>,
    /// Part of a name or of a phone number.
    pub search: Option<String>,
}

/// Which threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkTarget {
    /// These.
    Ids(Vec<ConversationId>),
    /// All of a list, as it is now.
    List(WholeList),
}

/// What the member may do this to now; `forbidden` when to nothing at all.
fn reach(actor: &Actor, action: &BulkAction) -> Result<Visibility, Problem> {
    match action {
        BulkAction::Assign { .. } | BulkAction::Status { .. } => {
            Visibility::of(actor, Object::Conversation, Action::Edit)
        }
        // Reading is seeing: whoever sees the thread may say that they read it.
        BulkAction::Read => Visibility::of(actor, Object::Conversation, Action::View),
        // Many customers at once are for who may go through all of them (features reference §6.1).
        BulkAction::Label { .. } => {
            actor.require(Object::Customer, Action::Browse)?;
            Visibility::of(actor, Object::Customer, Action::Edit)
        }
    }
}

/// The conditions of one of the lists that everybody has.
pub(crate) fn criteria_of(filter: ListFilter) -> Criteria {
    use ConversationStatus::{Closed, Open, Pending, Snoozed};
    use loa_kernel::AssigneeIs;
    let open = Criteria::of(&[Open, Pending]);
    match filter {
        ListFilter::All => open,
        ListFilter::Mine => Criteria { assignee: Some(AssigneeIs::Me), ..open },
        ListFilter::Unassigned => Criteria { assignee: Some(AssigneeIs::Nobody), ..open },
        ListFilter::Unread => Criteria { unread: true, ..open },
        ListFilter::Pending => Criteria::of(&[Pending]),
        ListFilter::Snoozed => Criteria::of(&[Snoozed]),
        ListFilter::Closed => Criteria::of(&[Closed]),
    }
}

impl Inbox {
    /// Begin to do something to many threads; asked again with the same id, what was begun.
    pub async fn begin_bulk(
        &self,
        actor: &Actor,
        id: BulkJobId,
        action: BulkAction,
        target: BulkTarget,
    ) -> Result<BulkJobView, Problem> {
        reach(actor, &action)?;
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        if matches!(action, BulkAction::Status { status: ConversationStatus::Snoozed }) {
            // Nobody has said until when.
            return Err(Problem::invalid("status", "not_for_many"));
        }
        let now = self.now();
        let tx = self.store.begin().await?;
        if let Some(job) = rows::get(&tx, actor.workspace, id).await? {
            return self.own_job(actor, &tx, job).await;
        }
        if let BulkAction::Assign { assignee_id: Some(member) } = action {
            require_active_member(&tx, actor, member).await?;
        }
        if let BulkAction::Label { add, remove } = &action {
            labels::check_choice(&tx, actor.workspace, add, remove).await?;
        }
        let of_customers = action.is_about_customers();
        let new = NewJob { id, member: actor.member, action };
        match target {
            BulkTarget::Ids(ids) => {
                if ids.is_empty() {
                    return Err(Problem::invalid("ids", "empty"));
                }
                if ids.len() > MAX_NAMED {
                    return Err(Problem::invalid("ids", "too_many").param("max", MAX_NAMED));
                }
                if of_customers {
                    let people = threads::customers_of(&tx, actor.workspace, &ids).await?;
                    rows::begin_with_ids(&tx, actor.workspace, &new, &people, now).await?;
                } else {
                    rows::begin_with_ids(&tx, actor.workspace, &new, &ids, now).await?;
                }
            }
            BulkTarget::List(list) => {
                let label = list.label;
                let (criteria, sort, search) = self.whole_list(actor, &tx, list).await?;
                let searches = self.searches(actor, &criteria, search.as_deref());
                let chosen = Chosen {
                    visibility: &visibility,
                    criteria: &criteria,
                    sort,
                    label,
                    searches: &searches,
                    me: actor.member,
                    now,
                };
                let total = rows::begin_with_chosen(&tx, actor.workspace, &new, &chosen, now).await?;
                if total > MAX_CHOSEN {
                    // Leaving the transaction undoes it.
                    return Err(Problem::invalid("list", "too_many").param("max", MAX_CHOSEN));
                }
            }
        }
        let job = rows::get(&tx, actor.workspace, id).await?.ok_or_else(|| Problem::not_found("bulk_job"))?;
        let view = self.own_job(actor, &tx, job).await?;
        changes::append(&tx, actor.workspace, &[NewChange::bulk_job(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.signals.notify(Topic::Bulk);
        Ok(view)
    }

    /// How many threads a list has now, exactly, but no more than one beyond [`MAX_CHOSEN`].
    pub async fn count_for_bulk(&self, actor: &Actor, list: WholeList) -> Result<u64, Problem> {
        let visibility = Visibility::of(actor, Object::Conversation, Action::View)?;
        let db = self.store.reader();
        let label = list.label;
        let (criteria, sort, search) = self.whole_list(actor, db, list).await?;
        let searches = self.searches(actor, &criteria, search.as_deref());
        let chosen = Chosen {
            visibility: &visibility,
            criteria: &criteria,
            sort,
            label,
            searches: &searches,
            me: actor.member,
            now: self.now(),
        };
        let counts = threads::count_chosen(db, actor.workspace, &[chosen], MAX_CHOSEN + 1).await?;
        Ok(counts.first().copied().unwrap_or(0))
    }

    /// The latest jobs of `actor`, the newest first.
    pub async fn bulk_jobs(&self, actor: &Actor) -> Result<Vec<BulkJobView>, Problem> {
        let db = self.store.reader();
        let mut views = Vec::new();
        for job in rows::latest(db, actor.workspace, actor.member, LATEST).await? {
            views.push(job_view(db, &job).await?);
        }
        Ok(views)
    }

    /// One job of `actor`.
    pub async fn bulk_job(&self, actor: &Actor, id: BulkJobId) -> Result<BulkJobView, Problem> {
        let db = self.store.reader();
        let job = self.require_job(actor, db, id).await?;
        job_view(db, &job).await
    }

    /// What became of the threads of a job of `actor`.
    pub async fn bulk_items(
        &self,
        actor: &Actor,
        id: BulkJobId,
        cursor: Option<&str>,
        only_told: bool,
        limit: usize,
    ) -> Result<Page<BulkItemView>, Problem> {
        let after = cursor.map(PageCursor::decode::<Uuid>).transpose()?;
        let db = self.store.reader();
        let job = self.require_job(actor, db, id).await?;
        let items = rows::items(db, actor.workspace, id, after, only_told, limit as u64 + 1).await?;
        let page = Page::cut(items, limit, |item| PageCursor::encode(&item.id));
        let mut names = HashMap::new();
        if job.action.is_about_customers() {
            let visibility = Visibility::of(actor, Object::Customer, Action::View)?;
            let ids: Vec<CustomerId> = page.items.iter().map(|item| CustomerId(item.id)).collect();
            names = customers::names(db, actor.workspace, &visibility, &ids).await?;
        }
        let view = |item: &rows::Item| BulkItemView::new(&job, item, names.remove(&CustomerId(item.id)));
        let items = page.items.iter().map(view).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Stop a job that is under way.
    pub async fn cancel_bulk(&self, actor: &Actor, id: BulkJobId) -> Result<BulkJobView, Problem> {
        self.turn(actor, id, async |tx, now| match rows::cancel(tx, actor.workspace, id, now).await? {
            true => Ok(()),
            false => Err(Problem::new(Code::Conflict).param("reason", "not_running")),
        })
        .await
    }

    /// Put back what a job that has ended changed.
    pub async fn undo_bulk(&self, actor: &Actor, id: BulkJobId) -> Result<BulkJobView, Problem> {
        self.turn(actor, id, async |tx, now| match rows::undo(tx, actor.workspace, id, now).await? {
            true => Ok(()),
            false => Err(Problem::new(Code::Conflict).param("reason", "cannot_be_undone")),
        })
        .await
    }

    async fn turn(
        &self,
        actor: &Actor,
        id: BulkJobId,
        turn: impl AsyncFnOnce(&Tx, loa_kernel::Timestamp) -> Result<(), Problem>,
    ) -> Result<BulkJobView, Problem> {
        let now = self.now();
        let tx = self.store.begin().await?;
        self.require_job(actor, &tx, id).await?;
        turn(&tx, now).await?;
        let job = self.require_job(actor, &tx, id).await?;
        let view = job_view(&tx, &job).await?;
        changes::append(&tx, actor.workspace, &[NewChange::bulk_job(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.signals.notify(Topic::Bulk);
        Ok(view)
    }

    async fn require_job(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        id: BulkJobId,
    ) -> Result<Job, Problem> {
        rows::get(db, actor.workspace, id)
            .await?
            .filter(|job| job.member == actor.member)
            .ok_or_else(|| Problem::not_found("bulk_job"))
    }

    async fn own_job(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        job: Job,
    ) -> Result<BulkJobView, Problem> {
        if job.member != actor.member {
            return Err(Problem::new(Code::Conflict).param("reason", "id_taken"));
        }
        job_view(db, &job).await
    }

    /// The conditions of a list, its order, and what was typed beside them.
    async fn whole_list(
        &self,
        actor: &Actor,
        db: &impl ConnectionTrait,
        list: WholeList,
    ) -> Result<(Criteria, ViewSort, Option<String>), Problem> {
        let (criteria, sort) = match (list.view, list.sort) {
            (Some(id), _) => {
                let view = self.view_of(actor, db, id).await?;
                (view.kept.criteria, view.kept.sort)
            }
            (None, ListSort::Latest) => (criteria_of(list.filter), ViewSort::Latest),
            (None, ListSort::Closing) if list.filter == ListFilter::Closed => {
                return Err(Problem::invalid("sort", "not_of_closed"));
            }
            (None, ListSort::Closing) => (criteria_of(list.filter), ViewSort::Closing),
        };
        Ok((crate::saved_views::narrowed(criteria, list.channel), sort, list.search))
    }
}

/// The view of a job.
pub async fn job_view(db: &impl ConnectionTrait, job: &Job) -> Result<BulkJobView, Problem> {
    let ended = job.finished_at.is_some();
    let reasons = if ended { rows::reasons(db, job.workspace, job.id).await? } else { Vec::new() };
    BulkJobView::new(job, &reasons)
}

/// Does what members asked to be done to many threads or customers.
pub struct BulkWork(pub Inbox);

#[async_trait]
impl DueWork for BulkWork {
    fn name(&self) -> &'static str {
        "bulk"
    }

    /// One batch of one job, one transaction.
    async fn run_batch(&self, _limit: usize) -> Result<usize, Problem> {
        let inbox = &self.0;
        let now = inbox.now();
        let tx = inbox.store.begin().await?;
        let Some(job) = rows::claim(&tx).await? else { return Ok(0) };
        let workspace = job.workspace;
        // As the member is now: what was allowed when they asked may not be any more.
        let member = members::get(&tx, workspace, job.member).await?;
        let visibility = member
            .filter(|member| member.status == MemberStatus::Active)
            .map(|member| Actor::with_role(workspace, member.id, member.role))
            .and_then(|actor| reach(&actor, &job.action).ok());
        let assignable = match job.action {
            BulkAction::Assign { assignee_id: Some(id) } => is_active(&tx, &job, id).await?,
            _ => true,
        };
        let limit = if job.action.is_about_customers() { CUSTOMERS } else { BATCH };
        let step = Step { visibility: visibility.as_ref(), assignable, limit };
        let changed = rows::step(&tx, &job, &step, now).await?;
        changes::append(&tx, workspace, &changed, now).await?;
        tx.commit().await?;
        inbox.signals.notify(Topic::ChangesIn(workspace));
        if job.action.is_about_customers() {
            inbox.signals.notify(Topic::Tags);
        }
        Ok(1)
    }
}

async fn is_active(tx: &Tx, job: &Job, member: MemberId) -> Result<bool, Problem> {
    let found = members::get(tx, job.workspace, member).await?;
    Ok(found.is_some_and(|member| member.status == MemberStatus::Active))
}
