//! Labels for many customers at once (seed 002, "Thao tác hàng loạt"; features reference §6.4), and how many at once.
//!
//! Only the beginning stands here: whom, which labels, how many. The job is a bulk job like those over threads
//! (`loa_store::bulk`): the same worker does it, and it is watched, stopped and undone under `/api/bulk-jobs`.

use loa_filter::Node;
use loa_kernel::{Action, Actor, BulkAction, BulkJobId, Code, CustomerId, LabelId, Object, Problem};
use loa_store::bulk::{self, NewJob};
use loa_store::changes::{self, NewChange};
use loa_store::{audit, labels, workspaces};
use loa_stream::Topic;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Customers;
use crate::capabilities::Capability;

/// The most customers that are labelled at once. They are written down by one transaction, for which other writers wait
/// for some seconds.
pub const MAX_LABELLED: usize = 100_000;

/// Which labels for whom: exactly one of `ids` and `list`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkLabels {
    /// Made by you; asking again with the same one does nothing twice.
    pub id: BulkJobId,
    /// These customers.
    #[schema(nullable = false)]
    pub ids: Option<Vec<CustomerId>>,
    /// Everybody whom a list shows at the moment of asking; who comes later is not among them.
    #[schema(nullable = false)]
    pub list: Option<LabelledList>,
    /// Labels to be carried, at most 50 with those of `remove`. A process label takes the place of another one.
    #[serde(default)]
    pub add: Vec<LabelId>,
    /// Labels not to be carried.
    #[serde(default)]
    pub remove: Vec<LabelId>,
}

/// A list of customers taken whole.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelledList {
    /// The conditions; absent: everybody.
    #[schema(nullable = false)]
    pub filter: Option<Node>,
    /// A part of the name or phone number, as in the list.
    #[schema(nullable = false)]
    pub q: Option<String>,
}

/// What was begun; it is told of as a bulk job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BegunLabels {
    /// The job.
    pub id: BulkJobId,
    /// How many customers it is about.
    pub total: u64,
}

/// What a business decides about its list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CustomerSettings {
    /// No more customers are labelled at once than on the platform's own page (features reference §6.4). Off unless it is
    /// switched on: more are labelled one after another.
    pub strict_zalo_limit: bool,
}

/// The settings with what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomerSettingsView {
    /// As it was decided.
    pub strict_zalo_limit: bool,
    /// So many customers the platform's own page labels at once.
    pub zalo_limit: u32,
    /// So many are labelled at once as it is decided now.
    pub max_labelled: u64,
}

impl Customers {
    /// Begin to put labels on many customers and to take labels off; asked again with the same id, what was begun.
    ///
    /// Errors: `invalid_field` with the reason `zalo_limit` and `max` when there are more than the workspace allows itself,
    /// `too_many` when there are more than [`MAX_LABELLED`], and those of `loa_store::labels::check_choice`; `package_required`
    /// when no account has a package with it.
    pub async fn label_many(&self, actor: &Actor, asked: BulkLabels) -> Result<BegunLabels, Problem> {
        actor.require(Object::Customer, Action::Browse)?;
        actor.require(Object::Customer, Action::Edit)?;
        self.capabilities(actor).await?.require(Capability::BulkLabels)?;
        let BulkLabels { id, ids, list, add, remove } = asked;
        let (field, mut people) = match (ids, list) {
            (Some(ids), None) => ("ids", ids),
            (None, Some(list)) => {
                ("list", self.all_chosen(actor, list.filter.as_ref(), list.q.as_deref()).await?)
            }
            _ => return Err(Problem::invalid("ids", "ids_or_list")),
        };
        people.sort_unstable();
        people.dedup();
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        if let Some(job) = bulk::get(&tx, actor.workspace, id).await? {
            if job.member != actor.member {
                return Err(Problem::new(Code::Conflict).param("reason", "id_taken"));
            }
            return Ok(BegunLabels { id, total: job.total });
        }
        if people.is_empty() {
            return Err(Problem::invalid(field, "empty"));
        }
        let view = self.settings_view(workspaces::strict_zalo_limit(&tx, actor.workspace).await?);
        let count = people.len() as u64;
        if count > view.max_labelled {
            let reason = if view.strict_zalo_limit { "zalo_limit" } else { "too_many" };
            return Err(Problem::invalid(field, reason)
                .param("max", view.max_labelled)
                .param("count", count));
        }
        labels::check_choice(&tx, actor.workspace, &add, &remove).await?;
        let new = NewJob { id, member: actor.member, action: BulkAction::Label { add, remove } };
        let total = bulk::begin_with_ids(&tx, actor.workspace, &new, &people, now).await?;
        changes::append(&tx, actor.workspace, &[NewChange::bulk_job(id)], now).await?;
        tx.commit().await?;
        self.signals.notify(Topic::ChangesIn(actor.workspace));
        self.signals.notify(Topic::Bulk);
        Ok(BegunLabels { id, total })
    }

    fn settings_view(&self, strict: bool) -> CustomerSettingsView {
        let zalo_limit = self.rules.lists().labelled_at_once;
        let max_labelled = if strict { u64::from(zalo_limit) } else { MAX_LABELLED as u64 };
        CustomerSettingsView { strict_zalo_limit: strict, zalo_limit, max_labelled }
    }

    /// The settings; whoever may go through the list may know them.
    pub async fn customer_settings(&self, actor: &Actor) -> Result<CustomerSettingsView, Problem> {
        actor.require(Object::Customer, Action::Browse)?;
        let strict = workspaces::strict_zalo_limit(self.store.reader(), actor.workspace).await?;
        Ok(self.settings_view(strict))
    }

    /// Change the settings. What is under way goes on.
    pub async fn set_customer_settings(
        &self,
        actor: &Actor,
        settings: CustomerSettings,
    ) -> Result<CustomerSettingsView, Problem> {
        actor.require(Object::Workspace, Action::Configure)?;
        let strict = settings.strict_zalo_limit;
        let now = self.ids.clock().now();
        let tx = self.store.begin().await?;
        if workspaces::strict_zalo_limit(&tx, actor.workspace).await? != strict {
            workspaces::set_strict_zalo_limit(&tx, actor.workspace, strict).await?;
            let entry = audit::AuditEntry {
                id: self.ids.next(),
                at: now,
                actor: Some(actor.member),
                action: "customer_settings.edited".into(),
                object: "workspace".into(),
                object_id: actor.workspace.to_string(),
                detail: serde_json::json!({ "strict_zalo_limit": strict }),
            };
            audit::append(&tx, actor.workspace, &entry).await?;
            tx.commit().await?;
        }
        Ok(self.settings_view(strict))
    }
}
