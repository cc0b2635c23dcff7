//! The rows of features §4.3, §4.8 and §4.9 that a decision answers, in both editions.

mod common;

use common::{at, line, offset};
use loa_kernel::Timestamp;
use loa_rulebook::{
    Billing, Borders, ChannelFacts, Class, ComposerState, Library, MessageFacts, MessageKind, MessagingRules,
    PlatformReply, Pool, RecipientFacts, decide,
};

/// Steps, separated by `;`, then the line that [`common::line`] makes of the decision:
/// `class cost | reply | package | reasons | changes [| allowed]`.
///
/// Steps: `writes T`, `interacts T`, `sends N T` (free replies confirmed), `greets N`, `told R/T T` (the
/// platform's own count), `reserved N`, `follower yes|no`, `package USED/TOTAL [reserved N] [until T]`,
/// `extra N`, `billing W`, `blocked`, `disconnected`, `text N`, `pdf BYTES`, and last `at T`.
fn check(edition: &str, rows: &[(&str, &str, &str)]) {
    let library = Library::embedded();
    let rules = library.messaging(edition).expect("an embedded edition");
    let mut wrong = Vec::new();
    for (name, steps, want) in rows {
        let found = play(rules, steps);
        if found != *want {
            wrong.push(format!("{name}\n  given {steps}\n  want  {want}\n  found {found}"));
        }
    }
    assert!(wrong.is_empty(), "{edition}:\n{}", wrong.join("\n"));
}

fn play(rules: &MessagingRules, steps: &str) -> String {
    let mut channel = ChannelFacts { connected: true, ..ChannelFacts::default() };
    let mut customer = RecipientFacts::default();
    let mut message = None;
    let mut now: Option<Timestamp> = None;
    let when = |text: &str| at(offset(text));
    for step in steps.split(';').map(str::trim) {
        assert!(now.is_none(), "`at` comes last: {steps}");
        match step.split(' ').collect::<Vec<_>>()[..] {
            ["writes", t] => _ = rules.on_customer_message(&mut customer, when(t)),
            ["interacts", t] => _ = rules.on_interaction(&mut customer, when(t)),
            ["sends", n, t] => {
                (0..number(n)).for_each(|_| rules.on_sent(&mut customer, Class::Reply, when(t)))
            }
            ["greets", n] => (0..number(n)).for_each(|_| rules.on_sent(&mut customer, Class::Welcome, at(0))),
            ["told", count, t] => {
                let (remain, total) = count.split_once('/').expect(step);
                let (remain, total) = (remain.parse().expect(step), total.parse().expect(step));
                rules.on_platform_reply(&mut customer, PlatformReply { remain, total, as_of: when(t) });
            }
            ["reserved", n] => customer.replies_reserved = n.parse().expect(step),
            ["follower", answer] => customer.follower = Some(answer == "yes"),
            ["package", count, ref rest @ ..] => {
                let (used, total) = count.split_once('/').expect(step);
                let (used, total) = (number(used), number(total));
                let mut pool = Pool { total, remain: total - used, reserved: 0, as_of: at(0), until: None };
                for pair in rest.chunks(2) {
                    match pair {
                        ["reserved", n] => pool.reserved = number(n),
                        ["until", t] => pool.until = Some(when(t)),
                        _ => panic!("{step}"),
                    }
                }
                channel.package = Some(pool);
            }
            ["extra", n] => channel.extra_remain = Some(number(n)),
            ["billing", word] => {
                channel.billing = match word {
                    "linked" => Billing::Linked,
                    "not_linked" => Billing::NotLinked,
                    "out_of_money" => Billing::OutOfMoney,
                    _ => panic!("{step}"),
                }
            }
            ["blocked"] => customer.blocked = true,
            ["disconnected"] => channel.connected = false,
            ["text", n] => message = Some(MessageFacts::text(&"ă".repeat(n.parse().expect(step)))),
            ["pdf", n] => {
                message = Some(MessageFacts::attached(MessageKind::File, "", number(n), "application/pdf"));
            }
            ["at", t] => now = Some(when(t)),
            _ => panic!("no such step: {step}"),
        }
    }
    line(&decide(rules, &channel, &customer, message.as_ref(), now.expect("a row ends with `at`")))
}

fn number(text: &str) -> u64 {
    text.parse().expect(text)
}

#[test]
fn edition_2024_11() {
    check(
        "messaging-2024-11",
        &[
            (
                "A-01 the customer writes: 8/8",
                "writes 0h; at 0h",
                "reply 0 | 8/8 until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-01 one sent: 7/8",
                "writes 0h; sends 1 1h; package 37/1000; at 1h",
                "reply 0 | 7/8 until 48h | 37/1000 | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-02 eight sent: the next is a consultation message (A-S2)",
                "writes 0h; sends 8 1h; follower yes; package 37/1000; at 2h",
                "package 0 | 0/8 until 48h | 37/1000 | reply_counter_empty package_left | changes 48h+1ms",
            ),
            (
                "A-03 the last instant of 48 h is inside",
                "writes 0h; sends 3 1h; follower yes; package 37/1000; at 48h",
                "reply 0 | 5/8 until 48h | 37/1000 | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-03 after 48 h, although 5 were left",
                "writes 0h; sends 3 1h; follower yes; package 37/1000; at 48h+1ms",
                "package 0 | - | 37/1000 | reply_window_over package_left | changes 168h+1ms",
            ),
            (
                "A-04 the customer writes again: 8/8",
                "writes 0h; sends 8 1h; writes 50h; follower yes; package 37/1000; at 50h",
                "reply 0 | 8/8 until 98h | 37/1000 | reply_window_open | changes 98h+1ms",
            ),
            (
                "§4.8 three messages in a row: 8, not 24",
                "writes 0h; sends 2 1h; writes 2h; writes 3h; writes 4h; at 4h",
                "reply 0 | 8/8 until 52h | - | reply_window_open | changes 52h+1ms",
            ),
            (
                "a message that arrives late opens nothing",
                "writes 10h; sends 3 11h; writes 9h; at 12h",
                "reply 0 | 5/8 until 58h | - | reply_window_open | changes 58h+1ms",
            ),
            (
                "a send from before the message does not count",
                "writes 10h; sends 3 9h; at 12h",
                "reply 0 | 8/8 until 58h | - | reply_window_open | changes 58h+1ms",
            ),
            (
                "an interaction that is no message opens no window (seed 000)",
                "interacts 0h; follower yes; package 0/2000; at 1h",
                "package 0 | - | 0/2000 | reply_window_never_open package_left | changes 168h+1ms",
            ),
            (
                "A-06 1999 of 2000: the last free one",
                "writes 0h; follower yes; package 1999/2000; at 50h",
                "package 0 | - | 1999/2000 | reply_window_over package_left | changes 168h+1ms",
            ),
            (
                "A-06 2000 of 2000: the next one is charged (A-S3)",
                "writes 0h; follower yes; package 2000/2000; extra 0; billing linked; at 50h",
                "paid 55 | - | 2000/2000 | reply_window_over package_used_up extra_used_up paid_through_zca \
                 | changes 168h+1ms",
            ),
            (
                "A-S3 and nothing is known of the money",
                "writes 0h; follower yes; package 2000/2000; at 50h",
                "paid 55 | - | 2000/2000 | reply_window_over package_used_up extra_unknown zca_unknown \
                 paid_through_zca | changes 168h+1ms",
            ),
            (
                "a bought pack pays before money",
                "writes 0h; follower yes; package 2000/2000; extra 3; billing not_linked; at 50h",
                "extra 0 | - | 2000/2000 | reply_window_over package_used_up extra_left | changes 168h+1ms",
            ),
            (
                "A-S4 not linked",
                "writes 0h; follower yes; package 2000/2000; extra 0; billing not_linked; at 50h",
                "deny | - | 2000/2000 | reply_window_over package_used_up extra_used_up zca_not_linked \
                 | changes 168h+1ms",
            ),
            (
                "A-S6 no money",
                "writes 0h; sends 8 1h; follower yes; package 2000/2000; extra 0; billing out_of_money; at 2h",
                "deny | 0/8 until 48h | 2000/2000 | reply_counter_empty package_used_up extra_used_up \
                 zca_out_of_money | changes 48h+1ms",
            ),
            (
                "A-S6 leaves with the new month",
                "writes 0h; follower yes; package 2000/2000 until 100h; billing out_of_money; at 60h",
                "deny | - | 2000/2000 | reply_window_over package_used_up extra_unknown zca_out_of_money \
                 | changes 100h | allowed 100h",
            ),
            (
                "the new month: allowed, its numbers not read yet",
                "writes 0h; follower yes; package 2000/2000 until 100h; billing out_of_money; at 100h",
                "package 0 | - | 2000/2000 | reply_window_over package_period_over | changes 168h+1ms",
            ),
            (
                "the new month does not help after 7 days",
                "writes 0h; follower yes; package 2000/2000 until 200h; billing out_of_money; at 60h",
                "deny | - | 2000/2000 | reply_window_over package_used_up extra_unknown zca_out_of_money \
                 | changes 168h+1ms",
            ),
            (
                "A-09 no money, and the customer writes: open again (A-S1)",
                "writes 0h; sends 8 1h; package 2000/2000; billing out_of_money; writes 60h; at 60h",
                "reply 0 | 8/8 until 108h | 2000/2000 | reply_window_open | changes 108h+1ms",
            ),
            (
                "7 days are inside",
                "writes 0h; follower yes; package 0/2000; at 168h",
                "package 0 | - | 0/2000 | reply_window_over package_left | changes 168h+1ms",
            ),
            (
                "A-S7 after 7 days nothing goes",
                "writes 0h; follower yes; package 0/2000; at 168h+1ms",
                "deny | - | 0/2000 | reply_window_over interaction_too_old | changes -",
            ),
            (
                "A-S7 an interaction opens the permission again",
                "writes 0h; interacts 100h; follower yes; package 0/2000; at 169h",
                "package 0 | - | 0/2000 | reply_window_over package_left | changes 268h+1ms",
            ),
            (
                "never interacted (-232)",
                "follower yes; package 0/2000; at 0h",
                "deny | - | 0/2000 | reply_window_never_open never_interacted | changes -",
            ),
            (
                "§4.8 not following: still answered inside the window",
                "writes 0h; follower no; package 0/2000; at 1h",
                "reply 0 | 8/8 until 48h | 0/2000 | reply_window_open | changes 48h+1ms",
            ),
            (
                "§4.8 not following: no consultation message (seed's wording)",
                "writes 0h; follower no; package 0/2000; at 49h",
                "deny | - | 0/2000 | reply_window_over not_follower | changes 168h+1ms",
            ),
            (
                "not following and too old: both are said",
                "writes 0h; follower no; package 0/2000; at 169h",
                "deny | - | 0/2000 | reply_window_over not_follower interaction_too_old | changes -",
            ),
            (
                "not known whether following: allowed, and said",
                "writes 0h; package 0/2000; at 49h",
                "package 0 | - | 0/2000 | reply_window_over follower_unknown package_left | changes 168h+1ms",
            ),
            (
                "A-S8 blocked",
                "writes 0h; blocked; package 0/2000; at 1h",
                "deny | - | - | blocked | changes -",
            ),
            (
                "A-S9 reconnect, before everything else",
                "writes 0h; blocked; disconnected; package 0/2000; at 1h",
                "deny | - | - | channel_disconnected | changes -",
            ),
            (
                "the platform's number beats ours",
                "writes 0h; sends 2 1h; told 3/8 2h; at 3h",
                "reply 0 | 3/8 until 48h | - | platform_number_used reply_window_open | changes 48h+1ms",
            ),
            (
                "the platform's number is of the counter before",
                "writes 0h; told 3/8 2h; writes 3h; at 3h",
                "reply 0 | 8/8 until 51h | - | reply_window_open | changes 51h+1ms",
            ),
            (
                "told at the very instant of the message: believed",
                "writes 0h; told 0/8 0h; follower yes; package 0/9; at 1h",
                "package 0 | 0/8 until 48h | 0/9 | platform_number_used reply_counter_empty package_left \
                 | changes 48h+1ms",
            ),
            (
                "a confirmed send that the platform's number cannot contain is taken off it",
                "writes 0h; told 3/8 2h; sends 1 3h; at 3h",
                "reply 0 | 2/8 until 48h | - | platform_number_used reply_window_open | changes 48h+1ms",
            ),
            (
                "the send whose answer told the number is not taken off twice",
                "writes 0h; told 7/8 2h; sends 1 2h; at 3h",
                "reply 0 | 7/8 until 48h | - | platform_number_used reply_window_open | changes 48h+1ms",
            ),
            (
                "an older number told late does not count",
                "writes 0h; told 5/8 4h; told 7/8 2h; at 5h",
                "reply 0 | 5/8 until 48h | - | platform_number_used reply_window_open | changes 48h+1ms",
            ),
            (
                "what is under way is taken off ours",
                "writes 0h; sends 7 1h; reserved 1; follower yes; package 0/9; at 2h",
                "package 0 | 0/8 until 48h | 0/9 | reply_counter_empty package_left | changes 48h+1ms",
            ),
            (
                "what is under way is taken off the platform's",
                "writes 0h; told 2/8 1h; reserved 1; at 2h",
                "reply 0 | 1/8 until 48h | - | platform_number_used reply_window_open | changes 48h+1ms",
            ),
            (
                "the last of the package is under way: charged, the shown number stays the platform's",
                "writes 0h; follower yes; package 8/9 reserved 1; extra 0; billing linked; at 50h",
                "paid 55 | - | 8/9 | reply_window_over package_used_up extra_used_up paid_through_zca \
                 | changes 168h+1ms",
            ),
            (
                "the package was never read",
                "writes 0h; follower yes; at 50h",
                "package 0 | - | - | reply_window_over extra_unknown package_unknown | changes 168h+1ms",
            ),
            (
                "the package was never read, but a send was refused for want of money",
                "writes 0h; follower yes; billing out_of_money; at 50h",
                "deny | - | - | reply_window_over extra_unknown package_unknown zca_out_of_money \
                 | changes 168h+1ms",
            ),
            (
                "a package without an allowance does not get one by a new period",
                "writes 0h; follower yes; package 0/0 until 40h; billing not_linked; at 50h",
                "deny | - | 0/0 | reply_window_over package_used_up extra_unknown zca_not_linked \
                 | changes 168h+1ms",
            ),
            (
                "§4.8 2,000 characters go, letters with marks count as one",
                "writes 0h; text 2000; at 1h",
                "reply 0 | 8/8 until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "§4.8 2,001 characters do not",
                "writes 0h; text 2001; at 1h",
                "deny | - | - | message_refused | changes -",
            ),
            (
                "5 MB go",
                "writes 0h; pdf 5242880; at 48h",
                "reply 0 | 8/8 until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            ("more do not", "writes 0h; pdf 5242881; at 1h", "deny | - | - | message_refused | changes -"),
            (
                "a message of the platform's future (clocks differ) opens the window",
                "writes 1h; at 0h",
                "reply 0 | 8/8 until 49h | - | reply_window_open | changes 49h+1ms",
            ),
        ],
    );
}

#[test]
fn edition_2026_01() {
    check(
        "messaging-2026-01",
        &[
            (
                "A-13 nothing sent",
                "writes 0h; at 0h",
                "reply 0 | until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-13 twelve sent: no counter",
                "writes 0h; sends 12 1h; reserved 4; at 2h",
                "reply 0 | until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-13 the number that answers still show is frozen and says nothing",
                "writes 0h; told 0/8 1h; at 2h",
                "reply 0 | until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-13 the last instant of 48 h",
                "writes 0h; package 37/1000; at 48h",
                "reply 0 | until 48h | 37/1000 | reply_window_open | changes 48h+1ms",
            ),
            (
                "A-13 after 48 h",
                "writes 0h; package 37/1000; at 48h+1ms",
                "package 0 | - | 37/1000 | reply_window_over package_left | changes 168h+1ms",
            ),
            (
                "A-13 after 7 days",
                "writes 0h; package 37/1000; at 168h+1ms",
                "deny | - | 37/1000 | reply_window_over interaction_too_old | changes -",
            ),
            (
                "any interaction opens the window",
                "interacts 0h; at 1h",
                "reply 0 | until 48h | - | reply_window_open | changes 48h+1ms",
            ),
            (
                "the newest of message and interaction counts",
                "writes 0h; interacts 30h; at 60h",
                "reply 0 | until 78h | - | reply_window_open | changes 78h+1ms",
            ),
            (
                "following is not asked for",
                "writes 0h; follower no; package 37/1000; at 49h",
                "package 0 | - | 37/1000 | reply_window_over package_left | changes 168h+1ms",
            ),
            (
                "a follower who never interacted is greeted",
                "follower yes; greets 2; at 0h",
                "welcome 0 | - | - | reply_window_never_open welcome_left | changes -",
            ),
            (
                "three times",
                "follower yes; greets 3; package 0/9; at 0h",
                "deny | - | 0/9 | reply_window_never_open welcome_used_up never_interacted | changes -",
            ),
            (
                "not known whether following: no greeting is guessed",
                "package 0/9; at 0h",
                "deny | - | 0/9 | reply_window_never_open follower_unknown never_interacted | changes -",
            ),
            (
                "a stranger is not greeted",
                "follower no; package 0/9; at 0h",
                "deny | - | 0/9 | reply_window_never_open never_interacted | changes -",
            ),
            (
                "who interacted is not greeted any more",
                "interacts 0h; follower yes; package 9/9; extra 0; billing not_linked; at 49h",
                "deny | - | 9/9 | reply_window_over package_used_up extra_used_up zca_not_linked \
                 | changes 168h+1ms",
            ),
            (
                "charged",
                "writes 0h; package 9/9; extra 0; billing linked; at 49h",
                "paid 55 | - | 9/9 | reply_window_over package_used_up extra_used_up paid_through_zca \
                 | changes 168h+1ms",
            ),
            ("blocked", "writes 0h; blocked; at 1h", "deny | - | - | blocked | changes -"),
        ],
    );
}

/// facts are of one customer; nothing of another's history is in them. What two customers share is
/// the package.
#[test]
fn customers_share_the_package_only() {
    let library = Library::embedded();
    let rules = library.messaging("messaging-2024-11").unwrap();
    let pool = Pool { total: 9, remain: 9, reserved: 0, as_of: at(0), until: None };
    let channel = ChannelFacts { connected: true, package: Some(pool), ..ChannelFacts::default() };
    let (mut a, mut b) = (RecipientFacts::default(), RecipientFacts::default());
    rules.on_customer_message(&mut a, at(0));
    rules.on_customer_message(&mut b, at(0));
    for _ in 0..8 {
        rules.on_sent(&mut a, Class::Reply, at(1));
    }
    assert_eq!(decide(rules, &channel, &a, None, at(2)).class, Some(Class::Package));
    assert_eq!(decide(rules, &channel, &b, None, at(2)).reply.and_then(|r| r.remain), Some(8));
}

/// Parameters of reasons, once for each code that has some.
#[test]
fn reasons_carry_what_their_text_needs() {
    let library = Library::embedded();
    let rules = library.messaging("messaging-2024-11").unwrap();
    let pool = Pool { total: 9, remain: 0, reserved: 2, as_of: at(3), until: None };
    let channel = ChannelFacts { connected: true, package: Some(pool), ..ChannelFacts::default() };
    let customer = RecipientFacts {
        last_message_at: Some(at(0)),
        replies_reserved: 1,
        platform_reply: Some(PlatformReply { remain: 1, total: 8, as_of: at(5) }),
        ..RecipientFacts::default()
    };
    let params = |now: i64, message: Option<&MessageFacts>| {
        let decision = decide(rules, &channel, &customer, message, at(now));
        let all: Vec<_> =
            decision.reasons.iter().map(|r| serde_json::json!({r.code.as_str(): r.params})).collect();
        serde_json::Value::from(all)
    };
    let (t, h48, d7) = (common::T0.as_ms(), 48 * common::HOUR, 7 * 24 * common::HOUR);
    assert_eq!(
        params(10, None),
        serde_json::json!([
            {"platform_number_used": {"remain": 1, "total": 8, "as_of": t + 5}},
            {"reply_counter_empty": {"until": t + h48, "total": 8, "reserved": 1}},
            {"follower_unknown": {}},
            {"package_used_up": {"used": 9, "total": 9, "reserved": 2, "as_of": t + 3}},
            {"extra_unknown": {}},
            {"zca_unknown": {}},
            {"paid_through_zca": {"price_vnd": 55}},
        ])
    );
    assert_eq!(
        params(d7 + 1, None),
        serde_json::json!([
            {"reply_window_over": {"until": t + h48, "hours": 48}},
            {"follower_unknown": {}},
            {"interaction_too_old": {"days": 7, "last_interaction_at": t, "until": t + d7}},
        ])
    );
    assert_eq!(
        params(10, Some(&MessageFacts::text(&"x".repeat(2001)))),
        serde_json::json!([{"message_refused": {"problem": "text_too_long", "length": 2001, "max": 2000}}])
    );
}

#[test]
fn a_refusal_for_age_stands_until_the_customer_interacts() {
    const DAY: i64 = 24 * common::HOUR;
    let library = Library::embedded();
    let rules = library.messaging("messaging-2026-01").unwrap();
    let channel = ChannelFacts { connected: true, ..ChannelFacts::default() };
    let wrote =
        RecipientFacts { follower: Some(true), last_message_at: Some(at(0)), ..RecipientFacts::default() };
    let refused = RecipientFacts { window_refused_at: Some(at(DAY)), ..wrote };
    let decision = decide(rules, &channel, &refused, None, at(2 * DAY));
    assert_eq!(decision.class, None);
    assert_eq!(
        serde_json::to_value(&decision.reasons).unwrap(),
        serde_json::json!([{"code": "window_refused", "params": {"refused_at": at(DAY).as_ms()}}])
    );
    assert_eq!((decision.reply, decision.changes_at), (None, None), "only the customer ends it");
    assert_eq!(ComposerState::standing(&decision, true), ComposerState::WindowClosed);
    assert_eq!(rules.borders(&refused), Borders::default());
    assert_eq!(rules.reply_left(&refused, at(2 * DAY)), None);
    // What they did before it does not count, what they do after it does.
    let again = RecipientFacts { last_message_at: Some(at(DAY + 1)), ..refused };
    assert_eq!(decide(rules, &channel, &again, None, at(2 * DAY)).class, Some(Class::Reply));
    assert_eq!(decide(rules, &channel, &wrote, None, at(DAY)).class, Some(Class::Reply));
}

#[test]
fn an_ended_follow_closes_the_composer_until_the_customer_comes_back() {
    const HOUR: i64 = common::HOUR;
    let library = Library::embedded();
    let channel = ChannelFacts { connected: true, ..ChannelFacts::default() };
    for edition in ["messaging-2024-11", "messaging-2026-01"] {
        let rules = library.messaging(edition).unwrap();
        // In the middle of the free window, which otherwise needs no follower.
        let wrote = RecipientFacts {
            follower: Some(false),
            last_message_at: Some(at(0)),
            ..RecipientFacts::default()
        };
        let removed = RecipientFacts { follow_removed_at: Some(at(HOUR)), ..wrote };
        let decision = decide(rules, &channel, &removed, None, at(2 * HOUR));
        assert_eq!(
            serde_json::to_value(&decision.reasons).unwrap(),
            serde_json::json!([{"code": "follow_removed", "params": {"removed_at": at(HOUR).as_ms()}}]),
            "{edition}"
        );
        assert_eq!(
            (decision.class, decision.changes_at),
            (None, None),
            "{edition}: only the customer ends it"
        );
        assert_eq!(ComposerState::standing(&decision, true), ComposerState::Blocked, "{edition}");
        assert_eq!(rules.borders(&removed), Borders::default(), "{edition}");
        let came_back = [
            RecipientFacts { last_message_at: Some(at(HOUR + 1)), ..removed },
            RecipientFacts { last_interaction_at: Some(at(HOUR + 1)), follower: Some(true), ..removed },
            wrote,
        ];
        for customer in came_back {
            let decision = decide(rules, &channel, &customer, None, at(2 * HOUR));
            assert_eq!(decision.class, Some(Class::Reply), "{edition} {customer:?}");
        }
    }
}
