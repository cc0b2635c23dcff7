//! Properties over random histories.

mod common;

use common::{HOUR, at, small_book};
use loa_kernel::Timestamp;
use loa_rulebook::{
    Billing, ChannelFacts, Class, EditionChoice, Library, MessagingRules, PlatformReply, Pool,
    RecipientFacts, decide, without_reservation,
};
use proptest::prelude::*;

fn books() -> Vec<MessagingRules> {
    let mut books = Library::embedded().editions().to_vec();
    books.push(small_book());
    books
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    Message(i64),
    Interaction(i64),
    Sent(i64),
}

impl Event {
    /// By time; of the same millisecond the customer's first, because a send of that instant counts.
    fn order(self) -> (i64, u8) {
        match self {
            Self::Message(t) | Self::Interaction(t) => (t, 0),
            Self::Sent(t) => (t, 1),
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    // Few distinct instants, so that ties are common.
    (0..12_i64, 0..3).prop_map(|(t, kind)| match kind {
        0 => Event::Message(t),
        1 => Event::Interaction(t),
        _ => Event::Sent(t),
    })
}

/// As a fold does it: apply, and count again when the counter was set behind sends that are known already.
fn fold(rules: &MessagingRules, events: &[Event]) -> RecipientFacts {
    let mut facts = RecipientFacts::default();
    let mut sent = Vec::new();
    for event in events {
        let set_again = match *event {
            Event::Message(t) => rules.on_customer_message(&mut facts, at(t)),
            Event::Interaction(t) => rules.on_interaction(&mut facts, at(t)),
            Event::Sent(t) => {
                sent.push(at(t));
                rules.on_sent(&mut facts, Class::Reply, at(t));
                false
            }
        };
        if set_again {
            rules.recount(&mut facts, sent.iter().copied());
        }
    }
    facts
}

fn instant() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        8 => (-10 * HOUR..400 * HOUR).prop_map(at),
        1 => any::<i64>().prop_map(Timestamp::from_ms),
        1 => Just(Timestamp::from_ms(i64::MAX)),
        1 => Just(Timestamp::from_ms(i64::MIN)),
    ]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..10_u64, 1 => any::<u64>()]
}

fn small() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..10_u32, 1 => any::<u32>()]
}

prop_compose! {
    fn channel()(
        connected in prop::bool::weighted(0.9),
        billing in prop::sample::select(vec![
            Billing::Unknown, Billing::Linked, Billing::NotLinked, Billing::OutOfMoney,
        ]),
        package in prop::option::of((number(), number(), number(), instant(), prop::option::of(instant()))),
        extra_remain in prop::option::of(number()),
        trial in any::<bool>(),
    ) -> ChannelFacts {
        let package = package.map(|(total, remain, reserved, as_of, until)| Pool {
            total, remain, reserved, as_of, until,
        });
        ChannelFacts { connected, billing, package, extra_remain, trial }
    }
}

prop_compose! {
    fn customer()(
        follower in any::<Option<bool>>(),
        blocked in prop::bool::weighted(0.1),
        last_message_at in prop::option::of(instant()),
        last_interaction_at in prop::option::of(instant()),
        (replies_used, replies_reserved, welcome_used) in (small(), small(), small()),
        told in prop::option::of((small(), small(), instant())),
        window_refused_at in prop::option::weighted(0.2, instant()),
        follow_removed_at in prop::option::weighted(0.2, instant()),
    ) -> RecipientFacts {
        RecipientFacts {
            follower, blocked, last_message_at, last_interaction_at, replies_used, replies_reserved, welcome_used,
            platform_reply: told.map(|(remain, total, as_of)| PlatformReply { remain, total, as_of }),
            window_refused_at, follow_removed_at,
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Writes,
    Submit,
    /// Settle the nth message under way: confirmed with the platform's number, confirmed without, or voided.
    Settle(usize, u8),
    Pass(i64),
    /// Sent from the platform's own tool.
    Elsewhere,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        1 => Just(Step::Writes),
        5 => Just(Step::Submit),
        4 => (0..8_usize, 0..3_u8).prop_map(|(nth, how)| Step::Settle(nth, how)),
        2 => (1..30 * HOUR).prop_map(Step::Pass),
        1 => Just(Step::Elsewhere),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn order_of_arrival_does_not_matter(
        (events, shuffled) in prop::collection::vec(event(), 0..14)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
    ) {
        let mut sorted = events;
        sorted.sort_by_key(|e| e.order());
        for rules in &books() {
            let facts = fold(rules, &sorted);
            prop_assert_eq!(facts, fold(rules, &shuffled), "{}", rules.edition);
            // And in order nothing has to be counted again.
            let mut plain = RecipientFacts::default();
            for event in &sorted {
                match *event {
                    Event::Message(t) => _ = rules.on_customer_message(&mut plain, at(t)),
                    Event::Interaction(t) => _ = rules.on_interaction(&mut plain, at(t)),
                    Event::Sent(t) => rules.on_sent(&mut plain, Class::Reply, at(t)),
                }
            }
            prop_assert_eq!(facts, plain, "{}", rules.edition);
        }
    }

    #[test]
    fn a_repeated_customer_event_changes_nothing(events in prop::collection::vec(event(), 0..14), again in 0..14_usize) {
        for rules in &books() {
            let facts = fold(rules, &events);
            if let Some(event) = events.get(again) {
                let mut twice = facts;
                match *event {
                    Event::Message(t) => prop_assert!(!rules.on_customer_message(&mut twice, at(t))),
                    Event::Interaction(t) => prop_assert!(!rules.on_interaction(&mut twice, at(t))),
                    Event::Sent(_) => {}
                }
                prop_assert_eq!(facts, twice);
            }
        }
    }

    #[test]
    fn the_newest_told_number_wins(
        (told, shuffled) in prop::collection::vec((0..9_u32, 0..6_i64), 1..8)
            .prop_flat_map(|told| (Just(told.clone()), Just(told).prop_shuffle())),
    ) {
        let rules = small_book();
        let apply = |told: &[(u32, i64)]| {
            let mut facts = RecipientFacts::default();
            for (remain, t) in told {
                rules.on_platform_reply(&mut facts, PlatformReply { remain: *remain, total: 8, as_of: at(*t) });
            }
            facts
        };
        prop_assert_eq!(apply(&told), apply(&shuffled));
    }

    #[test]
    fn any_facts_have_one_sound_answer(channel in channel(), customer in customer(), now in instant()) {
        for rules in &books() {
            let d = decide(rules, &channel, &customer, None, now);
            prop_assert_eq!(&d, &decide(rules, &channel, &customer, None, now));
            prop_assert!(!d.reasons.is_empty());
            prop_assert_eq!(d.is_allowed(), d.class.is_some());
            prop_assert!(d.is_allowed() || d.decisive().is_some_and(|r| r.code.remedy().is_some()));
            let json = serde_json::to_string(&d).unwrap();
            prop_assert_eq!(&d, &serde_json::from_str(&json).unwrap());
            if let (Some(left), Some(_)) = (d.reply.and_then(|r| r.remain), rules.reply.free_count) {
                let most = rules.reply.free_count.max(customer.platform_reply.map(|p| p.remain));
                prop_assert!(Some(left) <= most);
            }
            if let Some(change) = d.changes_at {
                prop_assert!(change > now);
                prop_assert!(decide(rules, &channel, &customer, None, change.plus_ms(-1)).same_answer(&d));
                prop_assert!(!decide(rules, &channel, &customer, None, change).same_answer(&d));
            }
        }
    }

    /// Loa on one side, the platform on the other, several messages under way at once. The platform refuses
    /// nothing by itself here, so any overdraft would be Loa's.
    #[test]
    fn reservations_never_overdraw(steps in prop::collection::vec(step(), 1..120), other_tool in any::<bool>()) {
        let rules = small_book();
        let free = rules.reply.free_count.unwrap();
        let mut now = at(0);
        let pool = Pool { total: 5, remain: 5, reserved: 0, as_of: now, until: None };
        let mut channel = ChannelFacts {
            connected: true, billing: Billing::NotLinked, package: Some(pool), extra_remain: Some(0),
            trial: false,
        };
        let mut ours = RecipientFacts { follower: Some(true), ..RecipientFacts::default() };
        let mut under_way: Vec<Class> = Vec::new();
        // The platform's truth.
        let mut window: Option<Timestamp> = None;
        let mut replies = 0;
        let mut taken = 0_u64;
        let mut greetings = 0;
        for step in steps {
            now = now.plus_ms(1);
            match step {
                Step::Pass(ms) => now = now.plus_ms(ms),
                Step::Writes => {
                    rules.on_customer_message(&mut ours, now);
                    window = Some(now);
                    replies = 0;
                }
                Step::Submit => {
                    let d = decide(&rules, &channel, &ours, None, now);
                    match d.class {
                        Some(Class::Reply) => ours.replies_reserved += 1,
                        Some(Class::Welcome) => ours.welcome_used += 1,
                        Some(Class::Package) => channel.package.as_mut().unwrap().reserved += 1,
                        Some(other) => prop_assert!(false, "no pool for {}", other),
                        None => {}
                    }
                    under_way.extend(d.class);
                }
                // Somebody writes in the platform's own tool: Loa hears of it with the next number only.
                Step::Elsewhere => {
                    if other_tool && window.is_some() && replies < free {
                        replies += 1;
                    }
                }
                Step::Settle(nth, how) => {
                    let Some(class) = (nth < under_way.len()).then(|| under_way.remove(nth)) else { continue };
                    // Decide again without the own reservation, as the dispatcher does.
                    let (c, r) = without_reservation(&channel, &ours, class);
                    let again = decide(&rules, &c, &r, None, now);
                    (channel, ours) = (c, r);
                    if how == 2 || again.class != Some(class) {
                        continue; // voided
                    }
                    match class {
                        Class::Reply => {
                            prop_assert!(window.is_some_and(|w| now.since(w) <= 2 * HOUR), "after the window");
                            replies += 1;
                            if !other_tool {
                                prop_assert!(replies <= free, "reply {} of {}", replies, free);
                            }
                            rules.on_sent(&mut ours, class, now);
                            if how == 0 {
                                let remain = free.saturating_sub(replies);
                                rules.on_platform_reply(&mut ours, PlatformReply { remain, total: free, as_of: now });
                                let shown = rules.reply_left(&ours, now).unwrap();
                                prop_assert_eq!(shown.remain, Some(remain.saturating_sub(ours.replies_reserved)));
                            }
                        }
                        Class::Welcome => {
                            greetings += 1;
                            prop_assert!(greetings <= 2 && window.is_none(), "greeting {}", greetings);
                            rules.on_sent(&mut ours, class, now);
                        }
                        Class::Package => {
                            taken += 1;
                            let pool = channel.package.as_mut().unwrap();
                            prop_assert!(taken <= pool.total, "{} of {}", taken, pool.total);
                            pool.remain = pool.total - taken;
                            pool.as_of = now;
                        }
                        other => prop_assert!(false, "no pool for {}", other),
                    }
                }
            }
        }
    }

    #[test]
    fn the_change_of_edition_is_announced(
        channel in channel(), customer in customer(), hours in -400..400_i64,
    ) {
        let library = Library::embedded();
        let switch = library.messaging("messaging-2026-01").unwrap().effective_from;
        let now = switch.plus_hours(hours).plus_ms(-1);
        let auto = EditionChoice::Auto;
        let ask = |at| library.decide(&auto, &channel, &customer, None, at);
        let d = ask(now);
        prop_assert_eq!(&d.edition, if now < switch { "messaging-2024-11" } else { "messaging-2026-01" });
        if now < switch {
            prop_assert!(d.changes_at.is_some_and(|c| c <= switch));
        }
        if let Some(change) = d.changes_at {
            prop_assert!(ask(change.plus_ms(-1)).same_answer(&d));
            prop_assert!(!ask(change).same_answer(&d));
        }
        if let Some(then) = d.allowed_at {
            prop_assert!(!ask(then.plus_ms(-1)).is_allowed());
            prop_assert!(ask(then).is_allowed());
        }
    }
}
