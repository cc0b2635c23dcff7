//! Whatever the order, the repetitions and the cuts: the same end.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

mod rows;

use bytes::Bytes;
use loa_channels::{Author, Inbound, InboundKind, InboundMessage, MessageKind, SharedProfile};
use loa_intake::fold::Event;
use loa_kernel::{ChannelId, Timestamp, WorkspaceId, is_courtesy};
use loa_rulebook::Library;
use loa_store::intake::{ChannelRow, ConversationRow, IdentityRow, NewMessage, ids_of};
use loa_store::work::{BackReason, Work};
use proptest::prelude::*;
use rows::Rows;
use serde_json::json;
use uuid::Uuid;

const START: i64 = 1_768_446_000_000;
const NOW: Timestamp = Timestamp(START + 1_000_000_000);

fn workspace() -> WorkspaceId {
    WorkspaceId(Uuid::from_u128(1))
}

fn channel() -> ChannelId {
    ChannelId(Uuid::from_u128(2))
}

/// One thing that happens, before it is an event: what, to whom, when, and a number for whatever else it needs.
#[derive(Debug, Clone, Copy)]
struct Happening {
    what: u8,
    user: u8,
    at: i64,
    n: u8,
}

fn happening() -> impl Strategy<Value = Happening> {
    // Half of the instants lie close together, so that several fall on the same one; the others lie on both sides of
    // the borders of 48 hours and 7 days.
    let at = prop_oneof![0..6_i64, (0..240_i64).prop_map(|hours| hours * 3_600_000)];
    (0..22_u8, 0..3_u8, at, 0..5_u8).prop_map(|(what, user, at, n)| Happening { what, user, at, n })
}

fn event(i: usize, h: Happening) -> Event {
    let at = Timestamp(START + h.at);
    let text = |prefix: &str| format!("{prefix}-{}-{}-{}", h.user, h.at, h.n);
    let message = |author, platform_id: String, kind| {
        InboundKind::Message(InboundMessage {
            // A third of what customers write only thanks.
            text: Some(if platform_id.ends_with(['1', '3']) && platform_id.starts_with("in") {
                "Dạ cảm ơn shop ạ".to_owned()
            } else {
                format!("nội dung {platform_id}")
            }),
            platform_id,
            kind,
            attachments: Vec::new(),
            quoted_platform_id: None,
            author,
        })
    };
    // Receipts and reactions speak of messages that may come, of any user at any time.
    let ours: Vec<String> =
        (0..6).map(|t| format!("{}-{}-{t}-{}", ["out", "app"][t % 2], h.user, h.n)).collect();
    let icons = ["/-heart", "/-strong", ":>", "/-remove", "/-remove"];
    let mut key = None;
    let kind = match h.what {
        0..=4 => message(Author::Customer, text("in"), MessageKind::Text),
        5 => message(Author::Customer, text("photo"), MessageKind::Image),
        6..=8 => message(Author::Platform { admin_id: Some("a".into()) }, text("out"), MessageKind::Text),
        9 | 10 => message(Author::Platform { admin_id: None }, text("app"), MessageKind::Text),
        11 => InboundKind::Delivered { platform_ids: ours },
        12 => InboundKind::Seen { platform_ids: ours[..3].to_vec() },
        13 => InboundKind::Reaction {
            platform_id: format!("in-{}-{}-{}", h.user, h.at % 6, h.n),
            icon: icons[usize::from(h.n)].into(),
            by_customer: h.at % 2 == 0,
        },
        14 => InboundKind::Follow { source: Some("oa_profile".into()) },
        15 => InboundKind::Unfollow,
        16 => InboundKind::Interaction { event_name: "user_click_chatnow".into() },
        17 => InboundKind::ProfileShared(SharedProfile {
            name: Some("An".into()),
            phone: (h.n.is_multiple_of(2)).then(|| format!("8490000000{}", h.n)),
            address: None,
            raw: json!({ "n": h.n }),
        }),
        18 => InboundKind::TagChanged {
            tag: format!("tag {}", h.n % 2),
            added: h.n.is_multiple_of(3),
            external_users: vec![format!("u{}", h.user), "u1".into()],
        },
        19 => InboundKind::ProfileChanged,
        20 => InboundKind::PermissionRevoked,
        _ => {
            key = Some(format!("unknown-{}-{}", h.n, h.at));
            InboundKind::Unknown { event_name: "from_the_future".into() }
        }
    };
    // A message has one key wherever it stands in the stream; everything else is an event of its own.
    let key = key.unwrap_or_else(|| match &kind {
        InboundKind::Message(m) => m.platform_id.clone(),
        _ => format!("event-{i}"),
    });
    Event {
        workspace: workspace(),
        channel: channel(),
        key: key.clone(),
        received_at: at,
        body: Bytes::from_static(b"{}"),
        said: Ok(Inbound {
            kind,
            external_account: "oa".into(),
            external_user: Some(format!("u{}", h.user)),
            app_user_id: Some(format!("app-u{}", h.user)),
            occurred_at: at,
            dedupe_key: key,
        }),
    }
}

/// What a member has done to the thread that was here before.
#[derive(Debug, Clone, Copy)]
struct PutAway {
    status: &'static str,
    at: i64,
    /// Thanks ask for nothing in this business.
    courteous: bool,
}

/// A channel, and one customer who was here before: their thread was read up to one instant, put away at another,
/// and they had blocked us.
fn before(edition: &str, away: PutAway, read_at: i64) -> Rows {
    let mut rows = Rows { courteous: away.courteous, ..Rows::default() };
    let closed_at = away.at;
    let (workspace, channel) = (workspace(), channel());
    rows.channels.insert(
        channel,
        ChannelRow {
            workspace,
            id: channel,
            kind: "zalo".into(),
            status: "connected".into(),
            status_reason: None,
            status_changed_at: Some(Timestamp(START + 2)),
            edition: edition.into(),
        },
    );
    let (customer, id, thread) = ids_of(workspace, channel, "u0");
    rows.customers.insert(
        customer,
        ("An".into(), loa_store::intake::CustomerRow { workspace, id: customer, phone: None }),
    );
    let identity = IdentityRow {
        workspace,
        id,
        customer,
        channel,
        external_id: "u0".into(),
        app_user_id: None,
        is_follower: Some(true),
        follow_changed_at: Some(Timestamp(START + 2)),
        is_blocked: true,
        blocked_changed_at: Some(Timestamp(START + closed_at)),
        facts: json!({}),
        last_message_at: None,
        last_interaction_at: None,
        window_started_at: None,
        replies_used: 0,
        replies_reserved: 0,
        welcome_used: 0,
        platform_reply_remain: None,
        platform_reply_total: None,
        platform_as_of_at: None,
        profile_due_at: None,
        created_at: Timestamp(START),
    };
    rows.identities.insert((channel, "u0".into()), identity);
    rows.conversations.insert(
        id,
        ConversationRow {
            workspace,
            id: thread,
            channel,
            customer,
            identity: id,
            status: away.status.into(),
            status_changed_at: Some(Timestamp(START + closed_at)),
            unread_count: 0,
            read_until_at: Some(Timestamp(START + read_at)),
            answered_at: None,
            waiting_since_at: None,
            last_message_id: None,
            last_message_at: Timestamp(START),
            last_preview: String::new(),
            last_direction: "in".into(),
            last_kind: "event".into(),
            free_until: None,
            permitted_until: None,
            work: Work {
                closed_at: (away.status == "closed").then_some(Timestamp(START + closed_at)),
                ..Work::default()
            },
            created_at: Timestamp(START),
        },
    );
    rows
}

fn check_thread(rows: &Rows, thread: &ConversationRow, away: PutAway) {
    let messages: Vec<_> =
        rows.messages.values().filter(|m| m.row.conversation == thread.id && m.author != "system").collect();
    let inbound = || messages.iter().filter(|m| m.row.direction == "in").map(|m| m.row.sent_at);
    let asking = || {
        let asks = |m: &&&NewMessage| !(away.courteous && is_courtesy(&m.kind, m.text.as_deref()));
        messages.iter().filter(|m| m.row.direction == "in").filter(asks).map(|m| m.row.sent_at)
    };
    let read = thread.read_until_at.max(thread.answered_at);
    assert_eq!(thread.unread_count as usize, inbound().filter(|at| Some(*at) > read).count(), "unread");
    assert_eq!(
        thread.waiting_since_at,
        asking().filter(|at| Some(*at) > thread.answered_at).min(),
        "waiting"
    );
    // The episode, counted from all messages.
    let border = thread.work.closed_at;
    let by_us = || messages.iter().filter(|m| m.by_person).map(|m| m.row.sent_at);
    let asked = asking().filter(|at| Some(*at) > border).min();
    let opened = asked.into_iter().chain(by_us().filter(|at| Some(*at) > border)).min();
    let responded = asked.and_then(|asked| by_us().filter(|at| *at > asked).min());
    assert_eq!(
        (thread.work.opened_at, thread.work.asked_at, thread.work.responded_at),
        (opened, asked, responded),
        "episode"
    );
    if let Some(last) = messages.iter().max_by_key(|m| (m.row.sent_at, m.row.id)) {
        assert_eq!(thread.last_message_id, Some(last.row.id), "last");
        assert_eq!(thread.last_message_at, last.row.sent_at);
        assert_eq!(thread.last_kind, last.kind);
    }
    let Some(changed_at) = thread.status_changed_at else {
        let opens = inbound().next().is_some() || thread.answered_at.is_some();
        assert_eq!(thread.status, if opens { "open" } else { "closed" });
        assert_eq!(thread.work.back, None, "nobody had put it away");
        return;
    };
    let first = match away.status {
        "closed" => asking().filter(|at| *at > changed_at).min(),
        _ => inbound().filter(|at| *at > changed_at).min(),
    };
    assert_eq!(thread.status, if first.is_some() { "open" } else { away.status });
    let back = first.filter(|_| away.status != "open").map(|at| (BackReason::Reply, at));
    assert_eq!(thread.work.back, back, "back");
}

fn check_window(rows: &Rows, identity: &IdentityRow, library: &Library, edition: &str) {
    let rules = library.messaging(edition).unwrap();
    let thread = rows.conversations.get(&identity.id);
    let in_thread = |m: &&loa_store::intake::NewMessage| Some(m.row.conversation) == thread.map(|t| t.id);
    let wrote = rows.messages.values().filter(in_thread).filter(|m| m.row.platform_id.is_some());
    let newest = wrote.clone().filter(|m| m.row.direction == "in").map(|m| m.row.sent_at).max();
    assert_eq!(identity.last_message_at, newest, "last message");
    if let Some(start) = identity.window_started_at {
        let end = start.plus_hours(i64::from(rules.reply.window_hours));
        let replies =
            wrote.filter(|m| m.row.direction == "out" && m.row.sent_at >= start && m.row.sent_at <= end);
        assert_eq!(identity.replies_used as usize, replies.count(), "replies used since {start}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_repetition_any_cut_same_end(
        (happenings, order) in prop::collection::vec(happening(), 1..40).prop_flat_map(|list| {
            let n = list.len();
            let once: Vec<usize> = (0..n).collect();
            let order = prop::collection::vec(0..n, 0..n).prop_map(move |again| [once.clone(), again].concat());
            (Just(list), order.prop_shuffle())
        }),
        sizes in prop::collection::vec(1..12_usize, 0..20),
        edition in prop_oneof![Just("messaging-2024-11"), Just("messaging-2026-01")],
        away_at in prop_oneof![0..6_i64, Just(50 * 3_600_000)],
        status in prop::sample::select(&["closed", "closed", "snoozed", "pending", "open"][..]),
        courteous in any::<bool>(),
        read_at in prop_oneof![0..6_i64, Just(40 * 3_600_000)],
    ) {
        let library = Library::embedded();
        let away = PutAway { status, at: away_at, courteous };
        let mut happenings = happenings;
        happenings.sort_by_key(|h| h.at);
        let events: Vec<Event> = happenings.iter().enumerate().map(|(i, h)| event(i, *h)).collect();

        let mut canonical = before(edition, away, read_at);
        canonical.fold_all(&events, &[], &library, NOW);
        let mut one_by_one = before(edition, away, read_at);
        one_by_one.fold_all(&events, &vec![1; events.len()], &library, NOW);
        prop_assert!(one_by_one == canonical, "one by one: {}", one_by_one.difference(&canonical));

        let shuffled: Vec<Event> = order.iter().map(|i| events[*i].clone()).collect();
        let mut other = before(edition, away, read_at);
        other.fold_all(&shuffled, &sizes, &library, NOW);
        prop_assert!(other == canonical, "shuffled: {}", other.difference(&canonical));

        // Again from the start: nothing to write.
        let again = canonical.fold(&shuffled, &library, NOW);
        let raw_only = loa_store::intake::Batch { raw: Vec::new(), ..again };
        prop_assert!(raw_only.is_empty(), "{raw_only:?}");

        // And the end is the right one, by another reckoning.
        for thread in canonical.conversations.values() {
            check_thread(&canonical, thread, away);
        }
        for identity in canonical.identities.values() {
            check_window(&canonical, identity, &library, edition);
        }
    }
}
