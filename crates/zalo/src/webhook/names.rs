//! The catalogue of events (platform reference §16.6): name to family.

use super::rare::{CallStep, TemplateStep};
use crate::flex::words;
use std::fmt;

/// Groups of events that are handled alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words of `as_str` say it")]
pub enum Family {
    UserMessage,
    OaMessage,
    AnonymousMessage,
    OaAnonymousMessage,
    Received,
    Seen,
    ZnsReceived,
    UserReaction,
    OaReaction,
    Follow,
    Unfollow,
    ClickChatNow,
    SubmitInfo,
    AskingProduct,
    Tag,
    UserData,
    Lifecycle,
    Widget,
    Shop,
    Call,
    Group,
    GroupMessage,
    Template,
    Unknown,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 24] = [
        Self::UserMessage,
        Self::OaMessage,
        Self::AnonymousMessage,
        Self::OaAnonymousMessage,
        Self::Received,
        Self::Seen,
        Self::ZnsReceived,
        Self::UserReaction,
        Self::OaReaction,
        Self::Follow,
        Self::Unfollow,
        Self::ClickChatNow,
        Self::SubmitInfo,
        Self::AskingProduct,
        Self::Tag,
        Self::UserData,
        Self::Lifecycle,
        Self::Widget,
        Self::Shop,
        Self::Call,
        Self::Group,
        Self::GroupMessage,
        Self::Template,
        Self::Unknown,
    ];

    /// Stable word, for metrics and tests.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserMessage => "user_message",
            Self::OaMessage => "oa_message",
            Self::AnonymousMessage => "anonymous_message",
            Self::OaAnonymousMessage => "oa_anonymous_message",
            Self::Received => "received",
            Self::Seen => "seen",
            Self::ZnsReceived => "zns_received",
            Self::UserReaction => "user_reaction",
            Self::OaReaction => "oa_reaction",
            Self::Follow => "follow",
            Self::Unfollow => "unfollow",
            Self::ClickChatNow => "click_chatnow",
            Self::SubmitInfo => "submit_info",
            Self::AskingProduct => "asking_product",
            Self::Tag => "tag",
            Self::UserData => "user_data",
            Self::Lifecycle => "lifecycle",
            Self::Widget => "widget",
            Self::Shop => "shop",
            Self::Call => "call",
            Self::Group => "group",
            Self::GroupMessage => "group_message",
            Self::Template => "template",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

words! {
    /// What a message holds: the last part of the event's name.
    ContentKind {
        /// Text.
        Text = "text",
        /// Still picture.
        Image = "image",
        /// Moving picture.
        Gif = "gif",
        /// Link.
        Link = "link",
        /// Voice.
        Audio = "audio",
        /// Video.
        Video = "video",
        /// Sticker.
        Sticker = "sticker",
        /// Place.
        Location = "location",
        /// Contact card.
        BusinessCard = "business_card",
        /// File.
        File = "file",
        /// List.
        List = "list",
        /// Template.
        Template = "template",
    }
}

words! {
    /// What happened to a tag.
    TagStep {
        /// Put on users, or created empty.
        Added = "add_user_to_tag",
        /// Taken from users.
        Removed = "remove_user_from_tag",
        /// The tag itself is gone.
        Deleted = "remove_tag",
    }
}

words! {
    /// What happened to a group.
    GroupStep {
        /// Made.
        Created = "create_group",
        /// Members came.
        Joined = "user_join_group",
        /// Somebody asks to come in.
        JoinRequested = "user_request_join_group",
        /// Let in (older name: `react_request_join_group`).
        JoinAccepted = "accept_request_join_group",
        /// Not let in.
        JoinRejected = "reject_request_join_group",
        /// Made administrators.
        AdminAdded = "add_group_admin",
        /// No longer administrators.
        AdminRemoved = "remove_group_admin",
        /// Name, picture or settings changed.
        Updated = "update_group_info",
        /// Members left (one source: `user_leave_group`).
        Left = "user_out_group",
        /// Gone (older name: `disperse_group`).
        Deleted = "delete_group",
    }
}

/// What a name says before the body is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Name {
    UserMessage(ContentKind),
    OaMessage(ContentKind),
    AnonymousMessage(ContentKind),
    OaAnonymousMessage(ContentKind),
    GroupMessage(ContentKind, bool),
    Received,
    Seen,
    UserReaction,
    OaReaction,
    Follow,
    Unfollow,
    ClickChatNow,
    SubmitInfo,
    AskingProduct,
    Tag(TagStep),
    UpdateUserInfo,
    UserWithdraw,
    PermissionRevoked,
    ExtensionPurchased,
    WidgetAccepted,
    WidgetSyncFailed,
    ShopOrder,
    Call(CallStep),
    Group(GroupStep),
    Template(TemplateStep),
    Unknown,
}

pub(super) fn name_of(event: &str) -> Name {
    match event {
        "user_received_message" => return Name::Received,
        "user_seen_message" => return Name::Seen,
        "user_reacted_message" => return Name::UserReaction,
        "oa_reacted_message" => return Name::OaReaction,
        "follow" => return Name::Follow,
        "unfollow" => return Name::Unfollow,
        "user_click_chatnow" => return Name::ClickChatNow,
        "user_submit_info" => return Name::SubmitInfo,
        "user_asking_product" => return Name::AskingProduct,
        "update_user_info" => return Name::UpdateUserInfo,
        "user_withdraw" => return Name::UserWithdraw,
        "permission_revoked" => return Name::PermissionRevoked,
        "extension_purchased" => return Name::ExtensionPurchased,
        "widget_interaction_accepted" => return Name::WidgetAccepted,
        "widget_failed_to_sync_user_external_id" => return Name::WidgetSyncFailed,
        "shop_has_order" => return Name::ShopOrder,
        "react_request_join_group" => return Name::Group(GroupStep::JoinAccepted),
        "user_leave_group" => return Name::Group(GroupStep::Left),
        "disperse_group" => return Name::Group(GroupStep::Deleted),
        _ => {}
    }
    match CallStep::from(event) {
        CallStep::Other(_) => {}
        step => return Name::Call(step),
    }
    // The longer prefixes first: `oa_send_group_text` also begins with `oa_send_`.
    type Make = fn(ContentKind) -> Name;
    const PREFIXES: [(&str, Make); 6] = [
        ("user_send_group_", |kind| Name::GroupMessage(kind, true)),
        ("oa_send_group_", |kind| Name::GroupMessage(kind, false)),
        ("oa_send_anonymous_", Name::OaAnonymousMessage),
        ("anonymous_send_", Name::AnonymousMessage),
        ("user_send_", Name::UserMessage),
        ("oa_send_", Name::OaMessage),
    ];
    for (prefix, make) in PREFIXES {
        if let Some(rest) = event.strip_prefix(prefix) {
            return match ContentKind::from(rest) {
                ContentKind::Other(_) => Name::Unknown,
                kind => make(kind),
            };
        }
    }
    match (TagStep::from(event), GroupStep::from(event), TemplateStep::from(event)) {
        (TagStep::Other(_), GroupStep::Other(_), TemplateStep::Other(_)) => Name::Unknown,
        (TagStep::Other(_), GroupStep::Other(_), step) => Name::Template(step),
        (TagStep::Other(_), step, _) => Name::Group(step),
        (step, _, _) => Name::Tag(step),
    }
}
