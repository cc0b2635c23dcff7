//! A saved view as a member has it.

use loa_kernel::{AssigneeIs, ChannelId, Criteria, LabelId, MemberId, SavedViewId, Timestamp, ViewSort};
use loa_store::channels::{Channel, ChannelStatus};
use loa_store::entity::labels;
use loa_store::members::{Member, MemberStatus};
use loa_store::saved_views::PlacedView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A list of threads under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = SavedView)]
pub struct SavedViewView {
    /// Its id.
    pub id: SavedViewId,
    /// Whose it is.
    pub owner_id: MemberId,
    /// Its name.
    pub name: String,
    /// What its threads fulfil.
    pub criteria: Criteria,
    /// In which order they stand.
    pub sort: ViewSort,
    /// For everybody, not only for its owner.
    pub shared: bool,
    /// You always see it in the column.
    pub pinned: bool,
    /// You may change it.
    pub editable: bool,
    /// Conditions that name something which is no longer there, or no longer works. The view still asks for them: it
    /// shows fewer threads than was meant, never more.
    pub dead: Vec<DeadCondition>,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A condition that names something which is no longer there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "condition", rename_all = "snake_case")]
pub enum DeadCondition {
    /// A channel.
    Channel {
        /// Which.
        id: ChannelId,
        /// Its name, when it is still known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        name: Option<String>,
        /// Since when it does not work is another matter; this says how.
        why: Dead,
    },
    /// A label. One that is archived is still found on those who carry it.
    Label {
        /// Which.
        id: LabelId,
        /// Its name, when it is still known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        name: Option<String>,
        /// How it is gone.
        why: Dead,
    },
    /// A member.
    Assignee {
        /// Which.
        id: MemberId,
        /// Their name, when it is still known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        name: Option<String>,
        /// How they are gone.
        why: Dead,
    },
}

/// How something is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dead {
    /// There is no such thing that you may see: the condition finds nothing.
    Missing,
    /// It does not work any more; what is there of it is still found.
    Off,
}

/// What is there to be named by conditions.
pub struct Named {
    /// The channels of the workspace that the reader may see.
    pub channels: Vec<Channel>,
    /// Its members.
    pub members: Vec<Member>,
    /// Its labels, archived ones too.
    pub labels: Vec<labels::Model>,
}

impl Named {
    /// The conditions that name something which is not there. Pure.
    pub fn dead(&self, criteria: &Criteria) -> Vec<DeadCondition> {
        let channels = criteria.channels.iter().filter_map(|id| {
            match self.channels.iter().find(|channel| channel.id == *id) {
                None => Some(DeadCondition::Channel { id: *id, name: None, why: Dead::Missing }),
                Some(channel) if channel.status == ChannelStatus::Disconnected => {
                    Some(DeadCondition::Channel { id: *id, name: Some(channel.name.clone()), why: Dead::Off })
                }
                Some(_) => None,
            }
        });
        let labels =
            criteria.labels.iter().filter_map(|id| match self.labels.iter().find(|label| label.id == id.0) {
                None => Some(DeadCondition::Label { id: *id, name: None, why: Dead::Missing }),
                Some(label) if label.archived_at.is_some() => {
                    Some(DeadCondition::Label { id: *id, name: Some(label.name.clone()), why: Dead::Off })
                }
                Some(_) => None,
            });
        let assignee = match criteria.assignee {
            Some(AssigneeIs::Member { member_id: id }) => match self.members.iter().find(|m| m.id == id) {
                None => Some(DeadCondition::Assignee { id, name: None, why: Dead::Missing }),
                Some(member) if member.status != MemberStatus::Active => {
                    let name = Some(member.display_name.clone());
                    Some(DeadCondition::Assignee { id, name, why: Dead::Off })
                }
                Some(_) => None,
            },
            _ => None,
        };
        channels.chain(labels).chain(assignee).collect()
    }
}

impl SavedViewView {
    /// As the member who has it sees it. Pure.
    pub fn new(placed: PlacedView, editable: bool, named: &Named) -> Self {
        let PlacedView { view, pinned } = placed;
        Self {
            dead: named.dead(&view.kept.criteria),
            id: view.id,
            owner_id: view.owner,
            name: view.name,
            criteria: view.kept.criteria,
            sort: view.kept.sort,
            shared: view.shared,
            pinned,
            editable,
            updated_at: view.updated_at,
        }
    }
}

/// How many threads a view has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewCount {
    /// Which view.
    pub id: SavedViewId,
    /// No number exceeds 1,000: show that as "999+".
    pub count: u64,
}
