//! Two customers who are one person are made one, by a member who has looked; and that is undone within
//! [`UNDO_DAYS`].

use std::collections::BTreeSet;

use loa_kernel::{Action, Actor, Code, CustomerId, MemberId, MergeId, Object, Problem, Timestamp};
use loa_store::conversations::Visibility;
use loa_store::customers::merge::{self as rows, Merge, Merged, NewMerge, OWN_FIELDS, Undo, Undone};
use loa_store::customers::{self as people};
use loa_store::{Tx, audit, changes, labels};
use loa_stream::Topic;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{CustomerView, Customers, ValueFields};

/// A merge can be undone for so many days.
pub const UNDO_DAYS: i64 = 30;

/// So many of a customer's merges are listed.
const LISTED: u64 = 100;

/// What a member wants to be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeWish {
    /// Made by the browser; the same one again does nothing more.
    pub id: MergeId,
    /// Who becomes part of the other one.
    pub other: CustomerId,
    /// Fields in which the other one's value is wanted where both have one.
    pub take: BTreeSet<String>,
}

/// A merge, as members see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CustomerMerge)]
pub struct MergeView {
    /// Its id.
    pub id: MergeId,
    /// Who stayed.
    pub survivor_id: CustomerId,
    /// Who became part of them.
    pub other_id: CustomerId,
    /// What the other one was called.
    pub other_name: String,
    /// Who did it.
    pub member_id: MemberId,
    /// When.
    pub at: Timestamp,
    /// It can be undone until then.
    pub undo_until: Timestamp,
    /// When it was undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub undone_at: Option<Timestamp>,
}

impl From<Merge> for MergeView {
    fn from(merge: Merge) -> Self {
        Self {
            id: merge.id,
            survivor_id: merge.survivor,
            other_id: merge.other,
            other_name: merge.other_name,
            member_id: merge.by,
            at: merge.at,
            undo_until: merge.at.plus_secs(UNDO_DAYS * 24 * 3_600),
            undone_at: merge.undone_at,
        }
    }
}

/// Two who are one now.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CustomersMerged)]
pub struct MergeDone {
    /// The merge.
    pub merge: MergeView,
    /// The customer as they are now.
    pub customer: CustomerView,
}

/// Two who are two again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = CustomersParted)]
pub struct MergeUndone {
    /// The merge.
    pub merge: MergeView,
    /// Who stayed.
    pub customer: CustomerView,
    /// Who is there again.
    pub other: CustomerView,
    /// Fields of who stayed that somebody had changed since, and that are as they were then.
    pub kept: Vec<String>,
}

impl Customers {
    /// Make the other one part of this customer.
    ///
    /// Errors: `not_found` for one who is not there or not to be seen; `invalid_field` of `other` for the same one, of
    /// `take` for a field that is not there; `conflict` with `merge_id_taken`.
    pub async fn merge(&self, actor: &Actor, id: CustomerId, wish: MergeWish) -> Result<MergeDone, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Merge)?;
        if wish.other == id {
            return Err(Problem::invalid("other", "same_customer"));
        }
        let now = self.now();
        let tx = self.store.begin().await?;
        let fields = ValueFields::load(&tx, actor.workspace).await?;
        if let Some(name) =
            wish.take.iter().find(|name| !OWN_FIELDS.contains(&name.as_str()) && !fields.has(name))
        {
            return Err(Problem::invalid("take", "unknown_field").param("name", name.as_str()));
        }
        let done_before = rows::get(&tx, actor.workspace, wish.id).await?;
        if done_before.is_none() {
            for one in [id, wish.other] {
                if people::get(&tx, actor.workspace, &visibility, one).await?.is_none() {
                    return Err(Problem::not_found("customer"));
                }
            }
        }
        let new = NewMerge {
            id: wish.id,
            survivor: id,
            other: wish.other,
            by: actor.member,
            take: wish.take,
            contact: self.ids.next(),
            event: self.ids.next(),
        };
        let merge = match rows::merge(&tx, actor.workspace, &new, now).await? {
            Merged::Done(merge) => merge,
            Merged::Already(merge) => {
                drop(tx);
                let customer = self.get(actor, merge.survivor).await?;
                return Ok(MergeDone { merge: merge.into(), customer });
            }
            Merged::IdTaken => return Err(Problem::new(Code::Conflict).param("reason", "merge_id_taken")),
            Merged::Gone => return Err(Problem::not_found("customer")),
        };
        let customer = self.view(actor, &tx, &visibility, id).await?;
        self.note_merge(&tx, actor, &merge, "customer.merged", now).await?;
        self.end_merge(tx, actor, &merge, now).await?;
        Ok(MergeDone { merge: merge.into(), customer })
    }

    /// Make two of them again.
    ///
    /// Errors: `not_found` when there is no such merge, or its customer is not to be seen; `conflict` with `undo_expired`, or
    /// with `undo_later_first` and the id `merge` of the one that has to be undone before.
    pub async fn undo_merge(&self, actor: &Actor, id: MergeId) -> Result<MergeUndone, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Merge)?;
        let gone = || Problem::not_found("merge");
        let now = self.now();
        let tx = self.store.begin().await?;
        let merge = rows::get(&tx, actor.workspace, id).await?.ok_or_else(gone)?;
        // Whoever the survivor is part of by now.
        let at = rows::redirect(&tx, actor.workspace, merge.survivor).await?.unwrap_or(merge.survivor);
        if people::get(&tx, actor.workspace, &visibility, at).await?.is_none() {
            return Err(gone());
        }
        let wish = Undo {
            id,
            by: actor.member,
            not_before: now.plus_secs(-UNDO_DAYS * 24 * 3_600),
            events: [self.ids.next(), self.ids.next()],
        };
        let conflict = |reason: &str| Problem::new(Code::Conflict).param("reason", reason);
        let (merge, fresh) = match rows::undo(&tx, actor.workspace, &wish, now).await? {
            Undone::Done(merge) => (merge, true),
            Undone::Already(merge) => (merge, false),
            Undone::TooLate => return Err(conflict("undo_expired")),
            Undone::After(later) => {
                return Err(conflict("undo_later_first").param("merge", later.to_string()));
            }
            Undone::Gone => return Err(gone()),
        };
        let fields = ValueFields::load(&tx, actor.workspace).await?;
        let kept = merge.kept.iter().map(|name| fields.name_of_kept(name)).collect();
        if fresh {
            self.note_merge(&tx, actor, &merge, "customer.merge_undone", now).await?;
            self.end_merge(tx, actor, &merge, now).await?;
        } else {
            drop(tx);
        }
        let customer = self.get(actor, merge.survivor).await?;
        let other = self.get(actor, merge.other).await?;
        Ok(MergeUndone { merge: merge.into(), customer, other, kept })
    }

    /// The latest merges into a customer, the newest first.
    pub async fn merges(&self, actor: &Actor, id: CustomerId) -> Result<Vec<MergeView>, Problem> {
        let visibility = Visibility::of(actor, Object::Customer, Action::Merge)?;
        let db = self.store.reader();
        if people::get(db, actor.workspace, &visibility, id).await?.is_none() {
            return Err(Problem::not_found("customer"));
        }
        let found = rows::into_customer(db, actor.workspace, id, LISTED).await?;
        Ok(found.into_iter().map(MergeView::from).collect())
    }

    async fn note_merge(
        &self,
        tx: &Tx,
        actor: &Actor,
        merge: &Merge,
        action: &str,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let entry = audit::AuditEntry {
            id: self.ids.next(),
            at: now,
            actor: Some(actor.member),
            action: action.into(),
            object: "customer".into(),
            object_id: merge.survivor.to_string(),
            detail: serde_json::json!({ "merge": merge.id, "other": merge.other }),
        };
        audit::append(tx, actor.workspace, &entry).await?;
        Ok(())
    }

    /// Names, pictures and labels stand in the threads too; whoever is gone is taken out of what is in memory.
    async fn end_merge(&self, tx: Tx, actor: &Actor, merge: &Merge, now: Timestamp) -> Result<(), Problem> {
        let both = [merge.survivor, merge.other];
        let changed = labels::changes_of(&tx, actor.workspace, &both).await?;
        changes::append(&tx, actor.workspace, &changed, now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.signals.notify(Topic::Tags);
        Ok(())
    }
}
