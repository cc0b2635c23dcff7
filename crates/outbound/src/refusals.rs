//! What follows from a refusal: one table ([`consequence`]), and the same for people (`docs/refusals.md`, made by
//! [`markdown`] from this table and the web app's texts).
//!
//! How to add a number: a line in the connector's table. How to react to another refusal: a variant of
//! [`loa_channels::Refusal`], its line here, and its two texts in the web app under `refusals`.

use std::fmt::Write;

use loa_channels::{PlatformCode, Refusal};
use loa_rulebook::ComposerState;
use loa_store::channels::BillingState;
use serde_json::Value;

/// What becomes of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// It fails; somebody has to act.
    Fail,
    /// It waits and is tried again by itself.
    Wait,
    /// It waits and is tried again by itself, a limited number of times.
    WaitLimited,
}

/// What a person has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Nothing: it goes out by itself.
    Nothing,
    /// An administrator connects the account again.
    Reconnect,
    /// Somebody links the application to a Zalo Cloud Account.
    LinkZca,
    /// Somebody tops up the Zalo Cloud Account, then checks again.
    TopUpZca,
    /// The customer has to write or interact.
    CustomerActs,
    /// The customer has to follow the account, or write.
    CustomerFollows,
    /// The writer changes the message.
    EditMessage,
    /// The writer attaches the file again.
    AttachAgain,
    /// The business buys a package that includes it, or has the account verified.
    Upgrade,
    /// The next day, month or period.
    Wait,
    /// The writer reads the platform's own words.
    ReadIt,
}

impl Act {
    /// As it travels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Reconnect => "reconnect",
            Self::LinkZca => "link_zca",
            Self::TopUpZca => "top_up_zca",
            Self::CustomerActs => "customer_acts",
            Self::CustomerFollows => "customer_follows",
            Self::EditMessage => "edit_message",
            Self::AttachAgain => "attach_again",
            Self::Upgrade => "upgrade",
            Self::Wait => "wait",
            Self::ReadIt => "read_it",
        }
    }

    /// For the documentation.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Nothing => "nothing; it goes out by itself",
            Self::Reconnect => "an administrator connects the account again",
            Self::LinkZca => "link the application to a Zalo Cloud Account, then \"Kiểm tra lại\"",
            Self::TopUpZca => "top up the Zalo Cloud Account, then \"Kiểm tra lại\"",
            Self::CustomerActs => "the customer writes or interacts",
            Self::CustomerFollows => "the customer follows the account, or writes",
            Self::EditMessage => "change the message",
            Self::AttachAgain => "attach the file again",
            Self::Upgrade => "buy a package that includes it, or have the account verified",
            Self::Wait => "wait for the next day or period",
            Self::ReadIt => "read Zalo's own words",
        }
    }
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequence {
    /// A stable word, for the reader's text: `zca_not_linked`, `blocked`, …
    pub reason: &'static str,
    /// What becomes of the message.
    pub remedy: Remedy,
    /// What a person has to do.
    pub act: Act,
    /// What is now known about paying.
    pub billing: Option<BillingState>,
    /// The account must be connected again.
    pub reconnect: bool,
    /// The customer does not follow.
    pub not_follower: bool,
    /// The customer has blocked the account.
    pub blocked: bool,
    /// The customer's last interaction is older than we thought.
    pub window_closed: bool,
    /// What the composer shows because of it; `None`: what it showed before, the message says what was wrong.
    pub composer: Option<ComposerState>,
}

/// The table.
pub fn consequence(refusal: Refusal) -> Consequence {
    let fail = |reason, act| Consequence {
        reason,
        remedy: Remedy::Fail,
        act,
        billing: None,
        reconnect: false,
        not_follower: false,
        blocked: false,
        window_closed: false,
        composer: None,
    };
    // A state of the composer follows from what is then known of account and customer.
    let shows = |state, row: Consequence| Consequence { composer: Some(state), ..row };
    match refusal {
        // The token keeper has marked the account.
        Refusal::Token => shows(ComposerState::Reconnect, fail("token", Act::Reconnect)),
        Refusal::Reconnect => {
            let row = Consequence { reconnect: true, ..fail("reconnect", Act::Reconnect) };
            shows(ComposerState::Reconnect, row)
        }
        Refusal::RateLimited => Consequence { remedy: Remedy::Wait, ..fail("rate_limited", Act::Nothing) },
        Refusal::Temporary => Consequence { remedy: Remedy::WaitLimited, ..fail("temporary", Act::Nothing) },
        Refusal::UploadExpired => fail("upload_expired", Act::AttachAgain),
        Refusal::Parameter => fail("parameter", Act::EditMessage),
        Refusal::BillingNotLinked => {
            let billing = Some(BillingState::NotLinked);
            let row = Consequence { billing, ..fail("zca_not_linked", Act::LinkZca) };
            shows(ComposerState::PopupNotLinked, row)
        }
        Refusal::BillingOutOfMoney => {
            let billing = Some(BillingState::OutOfMoney);
            let row = Consequence { billing, ..fail("zca_out_of_money", Act::TopUpZca) };
            shows(ComposerState::PopupNoMoney, row)
        }
        Refusal::WindowClosed => {
            let row = Consequence { window_closed: true, ..fail("window_closed", Act::CustomerActs) };
            shows(ComposerState::WindowClosed, row)
        }
        Refusal::NotFollower => {
            let row = Consequence { not_follower: true, ..fail("not_follower", Act::CustomerFollows) };
            shows(ComposerState::Blocked, row)
        }
        Refusal::Blocked => {
            let row = Consequence { blocked: true, ..fail("blocked", Act::CustomerFollows) };
            shows(ComposerState::Blocked, row)
        }
        Refusal::Unreachable => fail("unreachable", Act::CustomerActs),
        Refusal::QuotaExhausted => fail("quota_exhausted", Act::Wait),
        Refusal::NotEntitled => fail("not_entitled", Act::Upgrade),
        Refusal::Content => fail("content", Act::EditMessage),
        Refusal::Night => fail("night", Act::Wait),
        Refusal::Other => fail("other", Act::ReadIt),
    }
}

/// The table for people: every number of the platform, in its order, with the texts of the web app's catalogues.
pub fn markdown(codes: &[PlatformCode], vi: &Value, en: &Value) -> String {
    let mut out = String::from(
        "# What Zalo refuses, and what Loa makes of it\n\n\
         Made by `make codegen` from the tables in code and the texts of the web app; a test compares. The composer's states\n\
         are those of a room: after the refusal it shows the named one, without a name it shows what it showed before. A\n\
         number that is not here fails the message and shows Zalo's own words.\n\n\
         | Code | Zalo's words | Message | Composer | Text key | vi | en | Remedy |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in codes {
        let follows = consequence(row.meaning);
        let message = match follows.remedy {
            Remedy::Fail => "fails",
            Remedy::Wait => "waits, is tried again",
            Remedy::WaitLimited => "waits, fails after some tries",
        };
        let state = follows.composer.map_or_else(String::new, |s| format!("{} `{s}`", s.number()));
        // Without a reading of our own the platform's words are shown.
        let (key, of) = match follows.reason {
            "other" => ("errors.platform_refused".to_owned(), ["errors", "platform_refused"]),
            reason => (format!("refusals.{reason}"), ["refusals", reason]),
        };
        let text = |texts: &Value| texts[of[0]][of[1]].as_str().unwrap_or_default().replace('|', "\\|");
        let old = if row.retired { " (old)" } else { "" };
        // Writing to a text cannot fail.
        let _ = writeln!(
            out,
            "| {}{old} | {} | {message} | {state} | `{key}` | {} | {} | {} |",
            row.code,
            row.message,
            text(vi),
            text(en),
            follows.act.doc()
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_consequence() {
        for (refusal, reason, remedy) in [
            (Refusal::Token, "token", Remedy::Fail),
            (Refusal::Reconnect, "reconnect", Remedy::Fail),
            (Refusal::RateLimited, "rate_limited", Remedy::Wait),
            (Refusal::Temporary, "temporary", Remedy::WaitLimited),
            (Refusal::UploadExpired, "upload_expired", Remedy::Fail),
            (Refusal::Parameter, "parameter", Remedy::Fail),
            (Refusal::BillingNotLinked, "zca_not_linked", Remedy::Fail),
            (Refusal::BillingOutOfMoney, "zca_out_of_money", Remedy::Fail),
            (Refusal::WindowClosed, "window_closed", Remedy::Fail),
            (Refusal::NotFollower, "not_follower", Remedy::Fail),
            (Refusal::Blocked, "blocked", Remedy::Fail),
            (Refusal::Unreachable, "unreachable", Remedy::Fail),
            (Refusal::QuotaExhausted, "quota_exhausted", Remedy::Fail),
            (Refusal::NotEntitled, "not_entitled", Remedy::Fail),
            (Refusal::Content, "content", Remedy::Fail),
            (Refusal::Night, "night", Remedy::Fail),
            (Refusal::Other, "other", Remedy::Fail),
        ] {
            let found = consequence(refusal);
            assert_eq!((found.reason, found.remedy), (reason, remedy));
            assert_eq!(found.reconnect, refusal == Refusal::Reconnect);
            assert_eq!(found.not_follower, refusal == Refusal::NotFollower);
            assert_eq!(found.blocked, refusal == Refusal::Blocked);
            assert_eq!(found.window_closed, refusal == Refusal::WindowClosed);
            let billing = match refusal {
                Refusal::BillingNotLinked => Some(BillingState::NotLinked),
                Refusal::BillingOutOfMoney => Some(BillingState::OutOfMoney),
                _ => None,
            };
            assert_eq!(found.billing, billing);
            // What a refused message waits for is nobody's task, and the other way round.
            assert_eq!(found.act == Act::Nothing, remedy != Remedy::Fail, "{reason}");
        }
    }
}
