//! Who acts, and what they may do: grants of object, action and scope (features reference §2.3).

use serde::{Deserialize, Serialize};

use crate::{ChannelId, Code, MemberId, Problem, WorkspaceId};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it is stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }
        impl std::str::FromStr for $name {
            type Err = Problem;
            fn from_str(s: &str) -> Result<Self, Problem> {
                match s { $($text => Ok(Self::$variant),)* _ => Err(Problem::invalid(stringify!($name), "unknown_value")) }
            }
        }
    };
}

pub(crate) use words;

words! {
    /// What is acted upon.
    Object {
        /// Threads and their messages.
        Conversation = "conversation",
        /// People who write to the business.
        Customer = "customer",
        /// Connected platform accounts.
        Channel = "channel",
        /// People who sign in.
        Member = "member",
        /// The workspace itself, its log of unknown events included.
        Workspace = "workspace",
        /// Lists of threads or of customers under a name. `create`: private ones; `configure`: shared ones.
        SavedView = "saved_view",
        /// Words that customers carry. Putting them on a customer is changing the customer.
        Label = "label",
        /// Texts that are written once and sent often. One's own are nobody else's; what everybody uses needs the scope
        /// `all`.
        CannedReply = "canned_reply",
        /// Several actions under one name; personal and shared like canned replies. Running one needs what its actions
        /// need.
        Macro = "macro",
    }
}

words! {
    /// What is done.
    Action {
        /// See it.
        View = "view",
        /// Go through all of them as a list, with filters.
        Browse = "browse",
        /// Make a new one.
        Create = "create",
        /// Change it.
        Edit = "edit",
        /// Remove it.
        Delete = "delete",
        /// Send a message through it.
        Send = "send",
        /// Change its settings: connect, link, set roles.
        Configure = "configure",
        /// Make one of two, and undo it.
        Merge = "merge",
        /// See personal data in full, for example whole phone numbers.
        ViewUnmasked = "view_unmasked",
        /// Bring many in from a file.
        Import = "import",
        /// Take many out into a file.
        Export = "export",
    }
}

words! {
    /// How far a grant reaches. A wider scope contains the narrower ones.
    Scope {
        /// Only what is assigned to the member.
        Own = "own",
        /// Everything in the workspace.
        All = "all",
    }
}

words! {
    /// Presets of grants. The first member is an Admin.
    Role {
        /// Everything, including members and secrets.
        Admin = "admin",
        /// Runs the room: all conversations, channels, no secrets and no members.
        Manager = "manager",
        /// Answers customers.
        Agent = "agent",
    }
}

/// One thing a member may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Grant {
    /// On what.
    pub object: Object,
    /// Doing what.
    pub action: Action,
    /// How far.
    pub scope: Scope,
}

impl Role {
    /// The grants of this preset.
    pub fn grants(self) -> Vec<Grant> {
        let all = |object, actions: &[Action]| {
            actions.iter().map(move |&action| Grant { object, action, scope: Scope::All }).collect::<Vec<_>>()
        };
        let own = |object, actions: &[Action]| {
            actions.iter().map(move |&action| Grant { object, action, scope: Scope::Own }).collect::<Vec<_>>()
        };
        use Action::*;
        match self {
            Self::Admin => Object::ALL.iter().flat_map(|&o| all(o, Action::ALL)).collect(),
            Self::Manager => [
                all(Object::Conversation, &[View, Create, Edit, Send]),
                all(Object::Customer, &[View, Browse, Create, Edit, Merge, ViewUnmasked]),
                all(Object::Channel, &[View, Edit]),
                all(Object::Member, &[View]),
                all(Object::Workspace, &[View]),
                all(Object::SavedView, &[View, Create, Configure]),
                all(Object::Label, &[View, Create, Edit, Delete]),
                all(Object::CannedReply, &[View, Create, Edit, Delete]),
                all(Object::Macro, &[View, Create, Edit, Delete]),
            ]
            .concat(),
            Self::Agent => [
                all(Object::Conversation, &[View, Edit, Send]),
                all(Object::Customer, &[View, Edit]),
                all(Object::Channel, &[View]),
                all(Object::Member, &[View]),
                all(Object::SavedView, &[View, Create]),
                all(Object::Label, &[View]),
                all(Object::CannedReply, &[View]),
                own(Object::CannedReply, &[Create, Edit, Delete]),
                all(Object::Macro, &[View]),
                own(Object::Macro, &[Create, Edit, Delete]),
            ]
            .concat(),
        }
    }
}

/// A signed-in member with what they may do. Every use case takes one and asks it first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The workspace; every query is limited to it.
    pub workspace: WorkspaceId,
    /// The member.
    pub member: MemberId,
    /// The member's preset.
    pub role: Role,
    /// What they may do; empty means nothing.
    pub grants: Vec<Grant>,
    /// Channels the member is limited to; `None` means all channels of the workspace.
    pub channels: Option<Vec<ChannelId>>,
}

impl Actor {
    /// An actor with the grants of `role` and all channels.
    pub fn with_role(workspace: WorkspaceId, member: MemberId, role: Role) -> Self {
        Self { workspace, member, role, grants: role.grants(), channels: None }
    }

    /// May they do `action` on `object` at all, in any scope?
    pub fn can(&self, object: Object, action: Action) -> bool {
        self.grants.iter().any(|g| g.object == object && g.action == action)
    }

    /// May they do `action` on every `object`, not only on their own?
    pub fn can_all(&self, object: Object, action: Action) -> bool {
        self.grants.contains(&Grant { object, action, scope: Scope::All })
    }

    /// Refuse with `forbidden`, naming object and action, unless [`Actor::can`].
    pub fn require(&self, object: Object, action: Action) -> Result<(), Problem> {
        if self.can(object, action) {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden).param("object", object.as_str()).param("action", action.as_str()))
    }

    /// Is this channel visible to them?
    pub fn sees_channel(&self, channel: ChannelId) -> bool {
        self.channels.as_ref().is_none_or(|list| list.contains(&channel))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn roles_nest_and_agents_cannot_configure() {
        let actor = |r| Actor::with_role(WorkspaceId(Uuid::nil()), MemberId(Uuid::nil()), r);
        let covers = |role: Role, grant: Grant| {
            let wide =
                |g: &Grant| g.object == grant.object && g.action == grant.action && g.scope >= grant.scope;
            role.grants().iter().any(wide)
        };
        for grant in Role::Agent.grants() {
            assert!(covers(Role::Manager, grant), "manager lacks {grant:?}");
        }
        for grant in Role::Manager.grants() {
            assert!(covers(Role::Admin, grant), "admin lacks {grant:?}");
        }
        assert!(actor(Role::Agent).can(Object::CannedReply, Action::Edit));
        assert!(!actor(Role::Agent).can_all(Object::CannedReply, Action::Edit));
        assert!(actor(Role::Manager).can_all(Object::CannedReply, Action::Edit));
        assert!(actor(Role::Agent).require(Object::Conversation, Action::Send).is_ok());
        let refused = actor(Role::Agent).require(Object::Channel, Action::Configure).unwrap_err();
        assert_eq!(refused.code, Code::Forbidden);
        assert!(actor(Role::Manager).require(Object::Member, Action::Edit).is_err());
        assert!(actor(Role::Admin).require(Object::Member, Action::Edit).is_ok());
    }

    #[test]
    fn words_round_trip() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse::<Role>().unwrap(), *role);
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!("boss".parse::<Role>().is_err());
    }
}
