//! Every combination of small numbers, states and border instants, held against a second, plain statement
//! of the rules.

mod common;

use common::{HOUR, at, small_book};
use loa_kernel::Timestamp;
use loa_rulebook::{
    Billing, ChannelFacts, Class, Decision, Library, MessagingRules, OpenedBy, PlatformReply, Pool,
    RecipientFacts, decide,
};

fn books() -> Vec<MessagingRules> {
    let mut books = Library::embedded().editions().to_vec();
    books.push(small_book());
    books
}

fn pool(total: u64, remain: u64, reserved: u64, until: Option<Timestamp>) -> Option<Pool> {
    Some(Pool { total, remain, reserved, as_of: at(0), until })
}

/// The instants around every border of this case, in order.
fn instants(rules: &MessagingRules, channel: &ChannelFacts, customer: &RecipientFacts) -> Vec<Timestamp> {
    let mut found = vec![at(-1), at(0), at(1)];
    for opened in [customer.last_message_at, customer.last_interaction_at].into_iter().flatten() {
        let window = opened.plus_hours(i64::from(rules.reply.window_hours));
        let border = opened.plus_days(i64::from(rules.consultation.allowed_until_days.unwrap_or(9)));
        for end in [window, border] {
            found.extend([end.plus_ms(-1), end, end.plus_ms(1)]);
        }
    }
    if let Some(until) = channel.package.and_then(|p| p.until) {
        found.extend([until.plus_ms(-1), until, until.plus_ms(1)]);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The rules said a second time, without time borders derived and without reasons.
fn expected(
    rules: &MessagingRules,
    channel: &ChannelFacts,
    customer: &RecipientFacts,
    now: Timestamp,
) -> Option<Class> {
    if !channel.connected || customer.blocked {
        return None;
    }
    let interaction = customer.last_message_at.max(customer.last_interaction_at);
    let of = |by| if by == OpenedBy::Message { customer.last_message_at } else { interaction };
    let opened = of(rules.reply.opened_by);
    if opened.is_some_and(|o| now.since(o) <= i64::from(rules.reply.window_hours) * HOUR) {
        let left = match rules.reply.free_count {
            None => i64::MAX,
            Some(free) => {
                let counter = of(rules.reply.counter_set_by.expect("counted"));
                let confirmed = match customer.platform_reply {
                    Some(told) if Some(told.as_of) >= counter => i64::from(told.remain),
                    _ => i64::from(free) - i64::from(customer.replies_used),
                };
                confirmed - i64::from(customer.replies_reserved)
            }
        };
        if left > 0 {
            return Some(Class::Reply);
        }
    }
    let days = i64::from(rules.consultation.allowed_until_days.expect("every book here has a border"));
    match interaction {
        None => {
            let greet = rules.welcome.is_some_and(|w| customer.welcome_used < w.free_count);
            return (greet && customer.follower == Some(true)).then_some(Class::Welcome);
        }
        Some(last) if now.since(last) > days * 24 * HOUR => return None,
        Some(_) if rules.consultation.requires_follow && customer.follower == Some(false) => return None,
        Some(_) => {}
    }
    if let Some(p) = channel.package
        && p.total > 0
        && (p.until.is_some_and(|until| now >= until) || p.remain > p.reserved)
    {
        return Some(Class::Package);
    }
    if channel.extra_remain.is_some_and(|n| n > 0) {
        return Some(Class::Extra);
    }
    match (channel.billing, channel.package) {
        (Billing::NotLinked | Billing::OutOfMoney, _) if channel.trial => Some(Class::Paid),
        (Billing::NotLinked | Billing::OutOfMoney, _) => None,
        (_, None) => Some(Class::Package),
        _ => Some(Class::Paid),
    }
}

/// Everything that must hold of the decisions of one case over time.
fn check(rules: &MessagingRules, channel: &ChannelFacts, customer: &RecipientFacts) -> usize {
    let times = instants(rules, channel, customer);
    let all: Vec<Decision> = times.iter().map(|now| decide(rules, channel, customer, None, *now)).collect();
    for (nth, (now, d)) in times.iter().zip(&all).enumerate() {
        let case = || format!("{now}\n{channel:#?}\n{customer:#?}\n{d:#?}");
        assert_eq!(d.class, expected(rules, channel, customer, *now), "{}", case());
        assert_eq!(d.is_allowed(), d.class.is_some(), "{}", case());
        assert_eq!(d.cost_vnd, if d.class == Some(Class::Paid) { 55 } else { 0 }, "{}", case());
        assert!(d.reasons.windows(2).all(|pair| pair[0].code < pair[1].code), "{}", case());
        assert!(d.reply.is_none_or(|r| *now <= r.until), "a window that is over is shown: {}", case());
        let decisive = d.decisive().unwrap_or_else(|| panic!("no reason: {}", case()));
        if d.is_allowed() {
            assert_eq!(d.allowed_at, None, "{}", case());
            assert_eq!(decisive.code.remedy(), None, "{}", case());
        } else {
            assert!(decisive.code.remedy().is_some(), "a refusal without a way out: {}", case());
        }
        // The answer stands until changes_at, and changes there; what it says beforehand is what comes.
        let later = || all.iter().skip(nth + 1);
        match d.changes_at {
            None => assert!(later().all(|l| l.same_answer(d)), "{}", case()),
            Some(change) => {
                assert!(change > *now, "{}", case());
                assert!(later().filter(|l| l.decided_at < change).all(|l| l.same_answer(d)), "{}", case());
                assert!(
                    decide(rules, channel, customer, None, change.plus_ms(-1)).same_answer(d),
                    "{}",
                    case()
                );
                assert!(!decide(rules, channel, customer, None, change).same_answer(d), "{}", case());
            }
        }
        match d.allowed_at {
            None if d.is_allowed() => {}
            None => assert!(later().all(|l| !l.is_allowed()), "{}", case()),
            Some(then) => {
                assert!(later().filter(|l| l.decided_at < then).all(|l| !l.is_allowed()), "{}", case());
                assert!(!decide(rules, channel, customer, None, then.plus_ms(-1)).is_allowed(), "{}", case());
                assert!(decide(rules, channel, customer, None, then).is_allowed(), "{}", case());
            }
        }
    }
    all.len()
}

const FOLLOWS: [Option<bool>; 3] = [None, Some(false), Some(true)];
const BILLINGS: [Billing; 4] = [Billing::Unknown, Billing::Linked, Billing::NotLinked, Billing::OutOfMoney];

fn openings() -> Vec<(Option<Timestamp>, Option<Timestamp>)> {
    let mut found = Vec::new();
    for message in [None, Some(at(0))] {
        for interaction in [None, Some(at(0)), Some(at(HOUR))] {
            found.push((message, interaction));
        }
    }
    found
}

#[test]
fn every_counter_against_every_window() {
    let channels = [
        ChannelFacts { connected: true, package: pool(2, 1, 0, None), ..ChannelFacts::default() },
        ChannelFacts {
            connected: true,
            package: pool(2, 0, 0, Some(at(50 * HOUR))),
            extra_remain: Some(0),
            billing: Billing::OutOfMoney,
            trial: false,
        },
        ChannelFacts { connected: false, ..ChannelFacts::default() },
    ];
    let mut told = vec![None];
    for remain in 0..=2 {
        for as_of in [at(-1), at(0), at(HOUR)] {
            told.push(Some(PlatformReply { remain, total: 8, as_of }));
        }
    }
    let mut decisions = 0;
    for rules in &books() {
        let free = rules.reply.free_count.unwrap_or(1);
        for (last_message_at, last_interaction_at) in openings() {
            for replies_used in [0, free - 1, free, free + 1] {
                for replies_reserved in 0..=2 {
                    for platform_reply in &told {
                        for blocked in [false, true] {
                            let customer = RecipientFacts {
                                follower: Some(true),
                                blocked,
                                last_message_at,
                                last_interaction_at,
                                replies_used,
                                replies_reserved,
                                welcome_used: 0,
                                platform_reply: *platform_reply,
                                window_refused_at: None,
                                follow_removed_at: None,
                            };
                            decisions += channels.iter().map(|c| check(rules, c, &customer)).sum::<usize>();
                        }
                    }
                }
            }
        }
    }
    assert!(decisions > 100_000, "the walk got shorter: {decisions}");
}

#[test]
fn every_pool_against_every_permission() {
    let mut pools = vec![None, pool(0, 0, 0, None), pool(0, 0, 0, Some(at(50 * HOUR)))];
    for (remain, reserved) in [(0, 0), (1, 0), (1, 1), (2, 1), (2, 3)] {
        for until in [None, Some(at(-HOUR)), Some(at(HOUR)), Some(at(50 * HOUR)), Some(at(400 * HOUR))] {
            pools.push(pool(2, remain, reserved, until));
        }
    }
    let mut decisions = 0;
    for rules in &books() {
        for (last_message_at, last_interaction_at) in openings() {
            for follower in FOLLOWS {
                for welcome_used in [0, 1, 2, 3] {
                    // Greetings matter only to who never interacted.
                    if welcome_used > 0 && (last_message_at, last_interaction_at) != (None, None) {
                        continue;
                    }
                    let customer = RecipientFacts {
                        follower,
                        last_message_at,
                        last_interaction_at,
                        replies_used: rules.reply.free_count.unwrap_or(0),
                        welcome_used,
                        ..RecipientFacts::default()
                    };
                    for package in &pools {
                        for extra_remain in [None, Some(0), Some(1)] {
                            let trials = BILLINGS.into_iter().flat_map(|b| [(b, false), (b, true)]);
                            for (billing, trial) in trials {
                                let package = *package;
                                let channel =
                                    ChannelFacts { connected: true, billing, package, extra_remain, trial };
                                decisions += check(rules, &channel, &customer);
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(decisions > 100_000, "the walk got shorter: {decisions}");
}
