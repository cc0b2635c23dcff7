//! What an agent's composer is in: one closed table, read off a decision (features reference §4.3).

use serde::{Deserialize, Serialize};

use crate::{Class, Decision, ReasonCode, Remedy};

macro_rules! states {
    ($($variant:ident = $text:literal, $id:literal, $accepts:literal, $remedy:expr, $doc:literal;)*) => {
        /// The state of a composer. The table's order is the features reference's.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum ComposerState { $(#[doc = $doc] $variant),* }

        impl ComposerState {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as it travels.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            /// Its number in the features reference.
            pub const fn number(self) -> &'static str {
                match self { $(Self::$variant => $id),* }
            }

            /// May text be sent?
            pub const fn accepts(self) -> bool {
                match self { $(Self::$variant => $accepts),* }
            }

            /// What somebody has to do, where something has to be done.
            pub const fn remedy(self) -> Option<Remedy> {
                match self { $(Self::$variant => $remedy),* }
            }

            /// What it means, for the documentation.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }
        }
    };
}

states! {
    ReplyFree = "reply_free", "A-S1", true, None,
        "The next message is free: a reply, or a greeting to a follower.";
    NextIsConsultation = "next_is_consultation", "A-S2", true, None,
        "The next message comes off the month's allowance, or off a bought pack.";
    FreeConsultationUsedUp = "free_consultation_used_up", "A-S3", true, None,
        "The allowance is used up; the next message is charged.";
    PopupNotLinked = "popup_not_linked", "A-S4", false, Some(Remedy::LinkZca),
        "A message was refused because the app has no Zalo Cloud Account.";
    PopupNoMoney = "popup_no_money", "A-S5", false, Some(Remedy::TopUpZca),
        "A message was refused because the Zalo Cloud Account cannot pay.";
    LockedNoMoney = "locked_no_money", "A-S6", false, Some(Remedy::TopUpZca),
        "The Zalo Cloud Account cannot pay, and nothing else would.";
    WindowClosed = "window_closed", "A-S7", false, Some(Remedy::CustomerActs),
        "The customer has not interacted for too long, or never.";
    Blocked = "blocked", "A-S8", false, Some(Remedy::CustomerFollows),
        "The customer has blocked the account, does not follow it, or was removed from its followers.";
    Reconnect = "reconnect", "A-S9", false, Some(Remedy::Reconnect),
        "The account must be connected again.";
    NotYours = "not_yours", "A-S10", false, None,
        "Somebody else answers this customer; the member may only read.";
}

impl ComposerState {
    /// The state that stands, seen by a member who may write here (`may_send`) or may not. `decision` is one without
    /// a message: of a message that breaks a limit it says nothing about the composer, which then is open.
    ///
    /// Evaluated in the order token, block or unfollow, 7-day window, reply window, month's allowance, paid path. It
    /// never contradicts the decision: a state that [accepts](Self::accepts) text stands for every decision that
    /// allows. One state accepts text although the decision refuses: without a Zalo Cloud Account the writer may press
    /// send, and is then told what to link (A-S3 before A-S4).
    pub fn standing(decision: &Decision, may_send: bool) -> Self {
        if !may_send {
            return Self::NotYours;
        }
        match decision.class {
            Some(Class::Reply | Class::Welcome) => return Self::ReplyFree,
            Some(Class::Package | Class::Extra) => return Self::NextIsConsultation,
            Some(Class::Paid) => return Self::FreeConsultationUsedUp,
            None => {}
        }
        let why = |code| decision.has(code);
        if why(ReasonCode::ChannelDisconnected) {
            Self::Reconnect
        } else if [ReasonCode::Blocked, ReasonCode::FollowRemoved, ReasonCode::NotFollower]
            .into_iter()
            .any(why)
        {
            Self::Blocked
        } else if [ReasonCode::NeverInteracted, ReasonCode::InteractionTooOld, ReasonCode::WindowRefused]
            .into_iter()
            .any(why)
        {
            Self::WindowClosed
        } else if why(ReasonCode::ZcaOutOfMoney) {
            Self::LockedNoMoney
        } else if why(ReasonCode::ZcaNotLinked) {
            Self::FreeConsultationUsedUp
        } else {
            Self::ReplyFree
        }
    }

    /// The state just after a send was refused by this decision: the two that ask for money are a pop-up first.
    pub fn after_refusal(decision: &Decision) -> Self {
        match decision.decisive().map(|reason| reason.code) {
            Some(ReasonCode::ZcaNotLinked) => Self::PopupNotLinked,
            Some(ReasonCode::ZcaOutOfMoney) => Self::PopupNoMoney,
            _ => Self::standing(decision, true),
        }
    }
}

impl std::fmt::Display for ComposerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
