//! The states of the composer: the rows of features §4.3, and what must hold of every decision.

mod common;

use common::{HOUR, at};
use loa_kernel::Timestamp;
use loa_rulebook::{
    Billing, ChannelFacts, ComposerState as S, Decision, Library, MessagingRules, Pool, ReasonCode,
    RecipientFacts, decide,
};

const MINUTE: i64 = 60_000;

fn book(name: &str) -> MessagingRules {
    Library::embedded().messaging(name).expect("an embedded edition").clone()
}

/// An account with `used` of 1000, and a follower who wrote at 0.
fn facts(used: u64) -> (ChannelFacts, RecipientFacts) {
    let pool = Pool { total: 1000, remain: 1000 - used, reserved: 0, as_of: at(0), until: None };
    (
        ChannelFacts { connected: true, package: Some(pool), extra_remain: Some(0), ..Default::default() },
        RecipientFacts { follower: Some(true), last_message_at: Some(at(0)), ..Default::default() },
    )
}

/// What is different from [`facts`], and when it is looked at.
type Change = fn(&mut ChannelFacts, &mut RecipientFacts);

fn state(edition: &str, change: Change, now: Timestamp, may_send: bool) -> S {
    let (mut channel, mut customer) = facts(37);
    change(&mut channel, &mut customer);
    S::standing(&decide(&book(edition), &channel, &customer, None, now), may_send)
}

const OLD: &str = "messaging-2024-11";
const NEW: &str = "messaging-2026-01";

fn all_used(channel: &mut ChannelFacts) {
    if let Some(pool) = &mut channel.package {
        pool.remain = 0;
    }
}

#[test]
fn the_rows_of_the_room() {
    let day = 24 * HOUR;
    let rows: &[(&str, &str, Change, i64, bool, S)] = &[
        ("a reply", OLD, |_, _| {}, 10 * MINUTE, true, S::ReplyFree),
        ("the last instant of 48 h", OLD, |_, _| {}, 48 * HOUR, true, S::ReplyFree),
        ("48 h are over", OLD, |_, _| {}, 48 * HOUR + 1, true, S::NextIsConsultation),
        ("the ninth message", OLD, |_, c| c.replies_used = 8, MINUTE, true, S::NextIsConsultation),
        ("eight under way", OLD, |_, c| c.replies_reserved = 8, MINUTE, true, S::NextIsConsultation),
        ("2026: the ninth is free", NEW, |_, c| c.replies_used = 12, MINUTE, true, S::ReplyFree),
        (
            "a bought pack pays",
            OLD,
            |a, _| {
                all_used(a);
                a.extra_remain = Some(3)
            },
            3 * day,
            true,
            S::NextIsConsultation,
        ),
        ("used up, who pays is not known", OLD, |a, _| all_used(a), 3 * day, true, S::FreeConsultationUsedUp),
        (
            "used up, linked",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::Linked
            },
            3 * day,
            true,
            S::FreeConsultationUsedUp,
        ),
        (
            "used up, not linked",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::NotLinked
            },
            3 * day,
            true,
            S::FreeConsultationUsedUp,
        ),
        (
            "used up, no money",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::OutOfMoney
            },
            3 * day,
            true,
            S::LockedNoMoney,
        ),
        (
            "no money matters not in the window",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::OutOfMoney
            },
            HOUR,
            true,
            S::ReplyFree,
        ),
        (
            "no money matters not while the package pays",
            OLD,
            |a, _| a.billing = Billing::OutOfMoney,
            3 * day,
            true,
            S::NextIsConsultation,
        ),
        (
            "one try",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::OutOfMoney;
                a.trial = true
            },
            3 * day,
            true,
            S::FreeConsultationUsedUp,
        ),
        (
            "a new period",
            OLD,
            |a, _| {
                all_used(a);
                a.billing = Billing::OutOfMoney;
                if let Some(pool) = &mut a.package {
                    pool.until = Some(at(3 * 24 * HOUR))
                }
            },
            3 * day,
            true,
            S::NextIsConsultation,
        ),
        ("the last instant of 7 days", NEW, |_, _| {}, 7 * day, true, S::NextIsConsultation),
        ("7 days are over", NEW, |_, _| {}, 7 * day + 1, true, S::WindowClosed),
        ("never interacted", OLD, |_, c| c.last_message_at = None, MINUTE, true, S::WindowClosed),
        (
            "never interacted, 2026: a greeting",
            NEW,
            |_, c| c.last_message_at = None,
            MINUTE,
            true,
            S::ReplyFree,
        ),
        ("unfollowed", OLD, |_, c| c.follower = Some(false), 3 * day, true, S::Blocked),
        ("unfollowed, but wrote just now", OLD, |_, c| c.follower = Some(false), MINUTE, true, S::ReplyFree),
        ("unfollowed and too long ago", OLD, |_, c| c.follower = Some(false), 8 * day, true, S::Blocked),
        ("blocked in the window", OLD, |_, c| c.blocked = true, MINUTE, true, S::Blocked),
        (
            "token before block",
            OLD,
            |a, c| {
                a.connected = false;
                c.blocked = true
            },
            MINUTE,
            true,
            S::Reconnect,
        ),
        ("somebody else's", OLD, |a, _| a.connected = false, MINUTE, false, S::NotYours),
    ];
    let mut wrong = Vec::new();
    for (what, edition, change, ms, may_send, want) in rows {
        let found = state(edition, *change, at(*ms), *may_send);
        if found != *want {
            wrong.push(format!("{what}: {found} instead of {want}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let seen: std::collections::BTreeSet<S> = rows.iter().map(|row| row.5).collect();
    let only_after_a_refusal = [S::PopupNotLinked, S::PopupNoMoney];
    for state in S::ALL {
        assert!(seen.contains(state) || only_after_a_refusal.contains(state), "no row leads to {state}");
    }
}

/// Every small combination of facts, at instants around every border.
fn every_decision(mut look: impl FnMut(&ChannelFacts, &Decision)) -> usize {
    let mut n = 0;
    let billings = [Billing::Unknown, Billing::Linked, Billing::NotLinked, Billing::OutOfMoney];
    for rules in Library::embedded().editions() {
        for bits in 0_u32..(1 << 6) {
            let bit = |i: u32| bits & (1 << i) != 0;
            for follower in [None, Some(false), Some(true)] {
                for billing in billings {
                    for extra in [None, Some(0), Some(1)] {
                        let (mut channel, mut customer) = facts(if bit(0) { 1000 } else { 37 });
                        channel.connected = !bit(1);
                        channel.trial = bit(2);
                        channel.billing = billing;
                        channel.extra_remain = extra;
                        customer.blocked = bit(3);
                        customer.replies_used = if bit(4) { 8 } else { 0 };
                        customer.follower = follower;
                        if bit(5) {
                            customer.last_message_at = None;
                        }
                        for hours in [0, 48, 49, 168, 169] {
                            look(&channel, &decide(rules, &channel, &customer, None, at(hours * HOUR)));
                            n += 1;
                        }
                    }
                }
            }
        }
    }
    n
}

#[test]
fn a_state_never_contradicts_its_decision() {
    let n = every_decision(|channel, decision| {
        let state = S::standing(decision, true);
        let may_press = decision.has(ReasonCode::ZcaNotLinked);
        assert_eq!(state.accepts(), decision.is_allowed() || may_press, "{state}: {decision:?}");
        // Money is the matter only where nothing else is.
        if state == S::LockedNoMoney {
            assert!(channel.connected && channel.billing == Billing::OutOfMoney && !channel.trial);
        }
        // What a refused send shows is a pop-up for money, and else what stands.
        let after = S::after_refusal(decision);
        match decision.decisive().map(|r| r.code) {
            Some(ReasonCode::ZcaNotLinked) => assert_eq!(after, S::PopupNotLinked),
            Some(ReasonCode::ZcaOutOfMoney) => assert_eq!(after, S::PopupNoMoney),
            _ => assert_eq!(after, state),
        }
        assert_eq!(S::standing(decision, false), S::NotYours);
    });
    assert!(n > 20_000, "the walk got shorter: {n}");
}

#[test]
fn the_table_is_closed_and_numbered() {
    for (nth, state) in S::ALL.iter().enumerate() {
        assert_eq!(state.number(), format!("A-S{}", nth + 1));
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        assert!(state.doc().ends_with('.'));
        assert!(!(state.accepts() && state.remedy().is_some()), "{state}");
    }
}

#[test]
fn borders_are_the_instants_at_which_a_decision_changes() {
    let rules = book(OLD);
    let (channel, customer) = facts(37);
    let borders = rules.borders(&customer);
    assert_eq!(borders.free_until, Some(at(48 * HOUR)));
    assert_eq!(borders.permitted_until, Some(at(7 * 24 * HOUR)));
    let ask = |now| S::standing(&decide(&rules, &channel, &customer, None, now), true);
    for (until, before, after) in [
        (borders.free_until, S::ReplyFree, S::NextIsConsultation),
        (borders.permitted_until, S::NextIsConsultation, S::WindowClosed),
    ] {
        let until = until.unwrap();
        assert_eq!((ask(until), ask(until.plus_ms(1))), (before, after));
    }
    // What is under way may fail; what is used is used.
    let held = RecipientFacts { replies_reserved: 8, ..customer };
    assert_eq!(rules.borders(&held).free_until, Some(at(48 * HOUR)));
    let used = RecipientFacts { replies_used: 8, ..customer };
    assert_eq!(rules.borders(&used).free_until, None);
    assert_eq!(book(NEW).borders(&used).free_until, Some(at(48 * HOUR)));
    let unfollowed = RecipientFacts { follower: Some(false), ..customer };
    assert_eq!(rules.borders(&unfollowed).permitted_until, None);
    assert_eq!(book(NEW).borders(&unfollowed).permitted_until, Some(at(7 * 24 * HOUR)));
    let blocked = RecipientFacts { blocked: true, ..customer };
    assert_eq!(rules.borders(&blocked), Default::default());
}
