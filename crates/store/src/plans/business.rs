//! The business in which the plans are asked for: large enough for the planners to care.

use loa_kernel::{
    ChannelId, ConversationId, CustomerId, LabelId, MemberId, MessageId, Role, Timestamp, WorkspaceId,
};
use sea_orm::ConnectionTrait;
use serde_json::json;
use uuid::Uuid;

use crate::changes::NewChange;
use crate::entity;
use crate::members::{self, Member, MemberStatus};
use crate::outbound::DeliveryState;
use crate::rows::insert_rows;
use crate::workspaces::{self, Workspace};
use crate::{Secret, Store, imports};

pub(super) const WS: WorkspaceId = WorkspaceId(Uuid::from_u128(1));
pub(super) const CHANNEL: ChannelId = ChannelId(Uuid::from_u128(2));
pub(super) const IMPORT: Uuid = Uuid::from_u128(4);
pub(super) const MEMBER: MemberId = MemberId(Uuid::from_u128(3));
/// A label of few customers, and one of many.
pub(super) const RARE: LabelId = LabelId(Uuid::from_u128(8));
pub(super) const COMMON: LabelId = LabelId(Uuid::from_u128(9));
/// A workspace of this size is walked in no time, but a planner that has counted it knows better.
pub(super) const THREADS: u128 = 4_000;
/// Messages of a thread.
pub(super) const MESSAGES: u128 = 5;
pub(super) const NOW: Timestamp = Timestamp(1_768_446_000_000);

pub(super) fn thread(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(1_000_000 + n))
}

pub(super) fn message(n: u128) -> MessageId {
    MessageId(Uuid::from_u128(2_000_000 + n))
}

pub(super) fn customer(n: u128) -> CustomerId {
    CustomerId(Uuid::from_u128(3_000_000 + n))
}

pub(super) fn identity(n: u128) -> Uuid {
    Uuid::from_u128(4_000_000 + n)
}

/// A business with thousands of threads, a few of them open, unread or assigned.
pub(super) async fn fill(store: &Store) {
    let tx = store.begin().await.unwrap();
    let shop = Workspace { id: WS, name: "Shop".into(), locale: "vi".into(), created_at: NOW };
    workspaces::create(&tx, &shop).await.unwrap();
    let member = Member {
        workspace: WS,
        id: MEMBER,
        email: "a@example.vn".into(),
        display_name: "A".into(),
        role: Role::Admin,
        status: MemberStatus::Active,
        locale: "vi".into(),
        created_at: NOW,
        updated_at: NOW,
    };
    members::create(&tx, &member, &Secret::new("x")).await.unwrap();
    let threads = (0..THREADS).map(|n| entity::conversations::Model {
        workspace_id: WS.0,
        id: thread(n).0,
        channel_id: Uuid::from_u128(2 + n % 4),
        customer_id: customer(n).0,
        identity_id: identity(n),
        status: ["closed", "closed", "closed", "open", "pending", "snoozed"][n as usize % 6].into(),
        status_changed_at: None,
        assignee_id: (n % 7 == 0).then_some(MEMBER.0),
        unread_count: i32::from(n % 50 == 3),
        read_until_at: None,
        answered_at: None,
        waiting_since_at: (n % 40 == 5).then_some(NOW.0 - n as i64),
        last_message_id: Some(message(n * MESSAGES).0),
        last_message_at: NOW.0 - n as i64 * 1_000,
        last_preview: "Chào shop".into(),
        last_direction: "in".into(),
        last_kind: "text".into(),
        snoozed_until_at: (n % 6 == 5).then_some(NOW.0 + (n as i64 - 300) * 1_000),
        // A few stand above their last message.
        back_at: (n % 300 == 3).then_some(NOW.0 - n as i64 * 500),
        free_until_at: Some(NOW.0 + (n as i64 - 2_000) * 1_000),
        permitted_until_at: Some(NOW.0 + n as i64 * 5_000),
        created_at: 0,
        updated_at: 0,
        change_seq: 0,
        ..Default::default()
    });
    insert_rows::<entity::conversations::Entity>(&tx, threads.collect::<Vec<_>>(), None).await.unwrap();
    let people = (0..THREADS).map(|n| entity::customers::Model {
        workspace_id: WS.0,
        id: customer(n).0,
        display_name: format!("Khách {n}"),
        name_folded: format!("khach {n}"),
        avatar_url: None,
        phone: None,
        note: None,
        created_at: 0,
        updated_at: 0,
    });
    insert_rows::<entity::customers::Entity>(&tx, people.collect::<Vec<_>>(), None).await.unwrap();
    let words = (0..THREADS).flat_map(|n| ["khach".to_owned(), n.to_string()].map(|word| (n, word)));
    let words = words.map(|(n, word)| entity::customer_words::Model {
        workspace_id: WS.0,
        word: word.into_bytes(),
        customer_id: customer(n).0,
    });
    insert_rows::<entity::customer_words::Entity>(&tx, words.collect::<Vec<_>>(), None).await.unwrap();
    let identities = (0..THREADS).map(|n| entity::customer_identities::Model {
        workspace_id: WS.0,
        id: identity(n),
        customer_id: customer(n).0,
        channel_id: Uuid::from_u128(2 + n % 4),
        external_id: format!("u{n}"),
        app_user_id: None,
        is_follower: None,
        follow_changed_at: None,
        is_blocked: false,
        blocked_changed_at: None,
        profile: json!({}),
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
        window_refused_at: None,
        follow_removed_at: None,
        follow_removed_by: None,
        profile_fetched_at: None,
        profile_due_at: (n % 100 == 0).then_some(NOW.0),
        created_at: 0,
        updated_at: 0,
    });
    insert_rows::<entity::customer_identities::Entity>(&tx, identities.collect::<Vec<_>>(), None)
        .await
        .unwrap();
    let said = (0..THREADS * MESSAGES).map(|n| entity::messages::Model {
        workspace_id: WS.0,
        id: message(n).0,
        conversation_id: thread(n / MESSAGES).0,
        channel_id: Uuid::from_u128(2 + n / MESSAGES % 4),
        direction: "in".into(),
        author: "customer".into(),
        member_id: None,
        kind: "text".into(),
        text: Some("Chào shop".into()),
        attachments: json!([]),
        platform_id: Some(format!("p{n}")),
        client_id: (n % 3 == 0).then(|| Uuid::from_u128(5_000_000 + n)),
        quoted_platform_id: None,
        by_person: None,
        reactions: json!([]),
        status: "received".into(),
        error_code: None,
        error_text: None,
        problem: None,
        decision: None,
        sent_at: NOW.0 - n as i64,
        created_at: 0,
        updated_at: 0,
    });
    insert_rows::<entity::messages::Entity>(&tx, said.collect::<Vec<_>>(), None).await.unwrap();
    // What was sent, and a little that waits.
    let deliveries = (0..THREADS).map(|n| entity::deliveries::Model {
        workspace_id: WS.0,
        message_id: message(n * MESSAGES).0,
        channel_id: CHANNEL.0,
        conversation_id: thread(n).0,
        identity_id: identity(n),
        state: if n % 200 == 0 { DeliveryState::Queued } else { DeliveryState::Done }.as_str().into(),
        due_at: NOW.0 - n as i64,
        attempts: 1,
        checks: 0,
        calling_since_at: None,
        lease_until_at: None,
        lease_owner: None,
        last_error: None,
    });
    insert_rows::<entity::deliveries::Entity>(&tx, deliveries.collect::<Vec<_>>(), None).await.unwrap();
    let reservations = (0..THREADS).map(|n| entity::reservations::Model {
        workspace_id: WS.0,
        id: message(n * MESSAGES).0,
        channel_id: CHANNEL.0,
        identity_id: identity(n),
        pool: "reply".into(),
        amount: 1,
        state: if n % 200 == 0 { "pending" } else { "posted" }.into(),
        created_at: NOW.0 - n as i64,
        settled_at: Some(NOW.0 - n as i64),
    });
    insert_rows::<entity::reservations::Entity>(&tx, reservations.collect::<Vec<_>>(), None).await.unwrap();
    let events = (0..THREADS).map(|n| entity::changes::Model {
        workspace_id: WS.0,
        seq: n as i64 + 1,
        kind: NewChange::customer(customer(n)).kind.as_str().into(),
        channel_id: None,
        entity_id: customer(n).0,
        conversation_id: None,
        created_at: NOW.0,
    });
    insert_rows::<entity::changes::Entity>(&tx, events.collect::<Vec<_>>(), None).await.unwrap();
    let notices = (0..THREADS).map(|n| entity::notifications::Model {
        workspace_id: WS.0,
        id: Uuid::from_u128(6_000_000 + n),
        member_id: if n % 10 == 0 { MEMBER.0 } else { Uuid::from_u128(7_000_000 + n) },
        kind: "channel_report".into(),
        params: json!({}),
        actor_id: None,
        channel_id: None,
        conversation_id: None,
        message_id: None,
        created_at: 0,
        read_at: (n % 100 != 0).then_some(NOW.0),
    });
    insert_rows::<entity::notifications::Entity>(&tx, notices.collect::<Vec<_>>(), None).await.unwrap();
    let days = (0..THREADS).map(|n| entity::quota_days::Model {
        workspace_id: WS.0,
        channel_id: Uuid::from_u128(2 + n % 4),
        day: format!("20{:02}-{:02}-{:02}", 10 + n / 1_000, 1 + n / 84 % 12, 1 + n / 3 % 28),
        class: ["package", "paid", "reply"][n as usize % 3].into(),
        member_id: Uuid::from_u128(n),
        messages: 1,
        cost_vnd: 0,
    });
    insert_rows::<entity::quota_days::Entity>(&tx, days.collect::<Vec<_>>(), None).await.unwrap();
    let levels = (0..THREADS).map(|n| entity::quota_levels::Model {
        workspace_id: WS.0,
        channel_id: Uuid::from_u128(2 + n % 4),
        day: format!("{:04}-{:02}-{:02}", 2010 + n / 336, 1 + n / 28 % 12, 1 + n % 28),
        used: 1,
        total: 2,
        as_of_at: 0,
    });
    insert_rows::<entity::quota_levels::Entity>(&tx, levels.collect::<Vec<_>>(), None).await.unwrap();
    let carried = (0..THREADS).map(|n| entity::customer_labels::Model {
        workspace_id: WS.0,
        customer_id: customer(n).0,
        label_id: if n % 200 == 0 { RARE.0 } else { COMMON.0 },
        member_id: None,
        created_at: NOW.0,
    });
    insert_rows::<entity::customer_labels::Entity>(&tx, carried.collect::<Vec<_>>(), None).await.unwrap();
    let sessions = (0..THREADS).map(|n| entity::sessions::Model {
        workspace_id: WS.0,
        id: Uuid::from_u128(n),
        token_hash: n.to_be_bytes().repeat(2),
        member_id: MEMBER.0,
        created_at: 0,
        expires_at: NOW.0 + n as i64,
        last_seen_at: 0,
        user_agent: None,
        ip: None,
    });
    let entries = (0..THREADS).map(|n| entity::thread_entries::Model {
        workspace_id: WS.0,
        id: Uuid::from_u128(7_000_000 + n),
        conversation_id: thread(n).0,
        channel_id: CHANNEL.0,
        kind: "line".into(),
        member_id: None,
        text: None,
        detail: json!({}),
        client_id: None,
        at: NOW.0 - n as i64,
        edited_at: None,
    });
    insert_rows::<entity::thread_entries::Entity>(&tx, entries.collect::<Vec<_>>(), None).await.unwrap();
    insert_rows::<entity::sessions::Entity>(&tx, sessions.collect::<Vec<_>>(), None).await.unwrap();
    let import = imports::start(&tx, WS, CHANNEL, None, IMPORT, None, NOW).await.unwrap();
    let users: Vec<String> = (0..THREADS).map(|n| format!("u{n}")).collect();
    imports::add_threads(&tx, &import, &users).await.unwrap();
    tx.execute_unprepared("ANALYZE").await.unwrap();
    tx.commit().await.unwrap();
}
