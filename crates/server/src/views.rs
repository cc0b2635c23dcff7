//! What clients get to see of members and sessions.

use loa_kernel::{
    ChannelId, ConversationId, Grant, MemberId, MessageId, NotificationId, Role, Timestamp, WorkspaceId,
};
use loa_store::entity::notifications;
use loa_store::members::{Member, MemberStatus};
use loa_store::workspaces::Workspace;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::config::Demo;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Locale {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    fn of(stored: &str) -> Self {
        if stored == "en" { Self::En } else { Self::Vi }
    }
}

/// May a member sign in?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = MemberStatus)]
#[serde(rename_all = "snake_case")]
pub enum StatusView {
    /// Yes.
    Active,
    /// No; what they wrote stays.
    Disabled,
}

impl From<MemberStatus> for StatusView {
    fn from(status: MemberStatus) -> Self {
        match status {
            MemberStatus::Active => Self::Active,
            MemberStatus::Disabled => Self::Disabled,
        }
    }
}

impl From<StatusView> for MemberStatus {
    fn from(status: StatusView) -> Self {
        match status {
            StatusView::Active => Self::Active,
            StatusView::Disabled => Self::Disabled,
        }
    }
}

/// A person who signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Member)]
pub struct MemberView {
    /// Their id.
    pub id: MemberId,
    /// Their e-mail address.
    pub email: String,
    /// As colleagues see them.
    pub display_name: String,
    /// Their preset of grants.
    pub role: Role,
    /// May they sign in?
    pub status: StatusView,
    /// Their language.
    pub locale: Locale,
    /// When they were added.
    pub created_at: Timestamp,
}

impl From<&Member> for MemberView {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id,
            email: member.email.clone(),
            display_name: member.display_name.clone(),
            role: member.role,
            status: member.status.into(),
            locale: Locale::of(&member.locale),
            created_at: member.created_at,
        }
    }
}

/// A notice to the member who asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = Notification)]
pub struct NotificationView {
    /// Its id.
    pub id: NotificationId,
    /// What about: `channel_report` (a colleague says that an account needs somebody; `params` has `reason`,
    /// `channel_name`, `by_name`), `scheduled_returned` (a message that was to be sent later was not; `params` has
    /// `reason`, `customer_name`).
    pub kind: String,
    /// What the text needs.
    #[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
    pub params: serde_json::Value,
    /// The member who caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub actor_id: Option<MemberId>,
    /// The account it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel_id: Option<ChannelId>,
    /// The thread it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conversation_id: Option<ConversationId>,
    /// The message it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub message_id: Option<MessageId>,
    /// When it was caused.
    pub created_at: Timestamp,
    /// When it was read; absent: not yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub read_at: Option<Timestamp>,
}

impl From<&notifications::Model> for NotificationView {
    fn from(row: &notifications::Model) -> Self {
        Self {
            id: NotificationId(row.id),
            kind: row.kind.clone(),
            params: row.params.clone(),
            actor_id: row.actor_id.map(MemberId),
            channel_id: row.channel_id.map(ChannelId),
            conversation_id: row.conversation_id.map(ConversationId),
            message_id: row.message_id.map(MessageId),
            created_at: Timestamp(row.created_at),
            read_at: row.read_at.map(Timestamp),
        }
    }
}

/// A workspace in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceBrief {
    /// Its id.
    pub id: WorkspaceId,
    /// As people call it.
    pub name: String,
}

/// Who is signed in, where, and what they may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionView {
    /// Who.
    pub member: MemberView,
    /// Where.
    pub workspace: WorkspaceBrief,
    /// What they may do.
    pub grants: Vec<Grant>,
}

impl SessionView {
    /// The view of a signed-in member. Pure.
    pub fn new(member: &Member, workspace: &Workspace) -> Self {
        Self {
            member: member.into(),
            workspace: WorkspaceBrief { id: workspace.id, name: workspace.name.clone() },
            grants: member.role.grants(),
        }
    }
}

/// What the sign-in page needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Setup)]
pub struct SetupView {
    /// Nobody is here yet: the first member has to be made.
    pub required: bool,
    /// The demo's accounts; null outside the demo.
    #[schema(required)]
    pub demo: Option<Demo>,
}
