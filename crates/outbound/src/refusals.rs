//! What follows from a refusal: one table.
//!
//! | Refusal | The message | The account | The customer |
//! |---|---|---|---|
//! | token | fails | (the token keeper has marked it) | |
//! | reconnect | fails | must be connected again | |
//! | rate limited | waits | | |
//! | temporary | waits, fails after some tries | | |
//! | billing not linked, out of money | fails | so noted; its package is empty | |
//! | window closed | fails | | last interaction is older than the border |
//! | not follower | fails | | does not follow |
//! | blocked | fails | | has blocked |
//! | anything else | fails | | |

use loa_channels::Refusal;
use loa_store::channels::BillingState;

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

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consequence {
    /// A stable word, for the reader's text: `zca_not_linked`, `blocked`, …
    pub reason: &'static str,
    /// What becomes of the message.
    pub remedy: Remedy,
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
}

/// The table.
pub fn consequence(refusal: Refusal) -> Consequence {
    let fail = |reason| Consequence {
        reason,
        remedy: Remedy::Fail,
        billing: None,
        reconnect: false,
        not_follower: false,
        blocked: false,
        window_closed: false,
    };
    match refusal {
        Refusal::Token => fail("token"),
        Refusal::Reconnect => Consequence { reconnect: true, ..fail("reconnect") },
        Refusal::RateLimited => Consequence { remedy: Remedy::Wait, ..fail("rate_limited") },
        Refusal::Temporary => Consequence { remedy: Remedy::WaitLimited, ..fail("temporary") },
        Refusal::UploadExpired => fail("upload_expired"),
        Refusal::Parameter => fail("parameter"),
        Refusal::BillingNotLinked => {
            Consequence { billing: Some(BillingState::NotLinked), ..fail("zca_not_linked") }
        }
        Refusal::BillingOutOfMoney => {
            Consequence { billing: Some(BillingState::OutOfMoney), ..fail("zca_out_of_money") }
        }
        Refusal::WindowClosed => Consequence { window_closed: true, ..fail("window_closed") },
        Refusal::NotFollower => Consequence { not_follower: true, ..fail("not_follower") },
        Refusal::Blocked => Consequence { blocked: true, ..fail("blocked") },
        Refusal::Unreachable => fail("unreachable"),
        Refusal::QuotaExhausted => fail("quota_exhausted"),
        Refusal::NotEntitled => fail("not_entitled"),
        Refusal::Content => fail("content"),
        Refusal::Other => fail("other"),
    }
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
        }
    }
}
