//! The floor of intake: the same rows, written by one bare writer in sets of 500, durable, nothing around it.
//! Raw event, message, identity, conversation and change rows, with the product's own schema and indexes.

use std::collections::BTreeMap;
use std::time::Instant;

use loa_kernel::{ConversationId, CustomerId, IdentityId, MessageId, Timestamp};
use loa_store::entity::{changes, conversations, customer_identities, customers, messages};
use loa_store::{Store, StoreConfig};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, Statement};
use serde_json::json;

use crate::world::{Engine, World};

const SET: u64 = 500;
const CUSTOMERS: u64 = 5_000;

/// Write the rows of `events` events into a fresh database beside the product's; answers events a second.
pub async fn write(engine: &Engine, world: &World, events: u64) -> anyhow::Result<f64> {
    let url = match engine {
        Engine::Sqlite => format!("sqlite:{}", world.data().join("floor.db").display()),
        Engine::Postgres(server) => crate::world::fresh_database(server).await?,
    };
    let store = Store::connect(&StoreConfig::new(url)).await?;
    store.migrate().await?;
    let text = if matches!(engine, Engine::Sqlite) { "BLOB" } else { "BYTEA" };
    let tx = store.begin().await?;
    tx.execute_unprepared(&format!(
        "CREATE TABLE floor_events (partition INTEGER, position BIGINT, key TEXT UNIQUE, body {text}, PRIMARY KEY (partition, position))"
    ))
    .await?;
    tx.commit().await?;

    let start = Instant::now();
    let mut at = 0;
    while at < events {
        let numbers: Vec<u64> = (at..(at + SET).min(events)).collect();
        one_set(&store, world, &numbers).await?;
        at += SET;
    }
    let rate = events as f64 / start.elapsed().as_secs_f64();
    store.close().await?;
    Ok(rate)
}

async fn one_set(store: &Store, world: &World, numbers: &[u64]) -> anyhow::Result<()> {
    let mut new_messages = Vec::new();
    let mut threads = BTreeMap::new();
    for &n in numbers {
        let rows = rows_of(world, n);
        new_messages.push(rows.message.into_active_model());
        threads.insert(n % CUSTOMERS, (rows.customer, rows.identity, rows.conversation));
    }
    let tx = store.begin().await?;
    let mut values = Vec::new();
    let mut places = Vec::new();
    for &n in numbers {
        let body = json!({"event_name": "user_send_text", "n": n, "text": "x".repeat(300)}).to_string();
        places.push(format!(
            "(${}, ${}, ${}, ${})",
            values.len() + 1,
            values.len() + 2,
            values.len() + 3,
            values.len() + 4
        ));
        values.extend([
            0i32.into(),
            (n as i64).into(),
            format!("user_send_text|b{n:019x}").into(),
            body.into_bytes().into(),
        ]);
    }
    let sql =
        format!("INSERT INTO floor_events (partition, position, key, body) VALUES {}", places.join(", "));
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    messages::Entity::insert_many(new_messages).exec_without_returning(&tx).await?;
    let (mut c, mut i, mut v) = (Vec::new(), Vec::new(), Vec::new());
    for (customer, identity, conversation) in threads.values() {
        c.push(customer.clone().into_active_model());
        i.push(identity.clone().into_active_model());
        v.push(conversation.clone().into_active_model());
    }
    let mut seen: Vec<changes::ActiveModel> = Vec::new();
    let first = numbers.first().copied().unwrap_or(0) as i64 * 2;
    for (k, row) in v.iter().enumerate() {
        seen.push(
            change(
                world,
                first + k as i64,
                "conversation.upserted",
                row.id.clone().take().unwrap_or_default(),
            )
            .into_active_model(),
        );
    }
    for (k, &n) in numbers.iter().enumerate() {
        let id = rows_of(world, n).message.id;
        seen.push(change(world, first + (v.len() + k) as i64, "message.upserted", id).into_active_model());
    }
    customers::Entity::insert_many(c)
        .on_conflict(
            OnConflict::columns([customers::Column::WorkspaceId, customers::Column::Id])
                .do_nothing()
                .to_owned(),
        )
        .exec_without_returning(&tx)
        .await?;
    customer_identities::Entity::insert_many(i)
        .on_conflict(
            OnConflict::columns([customer_identities::Column::WorkspaceId, customer_identities::Column::Id])
                .update_columns([
                    customer_identities::Column::LastMessageAt,
                    customer_identities::Column::RepliesUsed,
                ])
                .to_owned(),
        )
        .exec_without_returning(&tx)
        .await?;
    conversations::Entity::insert_many(v)
        .on_conflict(
            OnConflict::columns([conversations::Column::WorkspaceId, conversations::Column::Id])
                .update_columns([
                    conversations::Column::LastMessageAt,
                    conversations::Column::LastPreview,
                    conversations::Column::UnreadCount,
                    conversations::Column::LastMessageId,
                ])
                .to_owned(),
        )
        .exec_without_returning(&tx)
        .await?;
    changes::Entity::insert_many(seen).exec_without_returning(&tx).await?;
    tx.commit().await?;
    Ok(())
}

fn change(world: &World, seq: i64, kind: &str, entity: sea_orm::prelude::Uuid) -> changes::Model {
    changes::Model {
        workspace_id: world.workspace.0,
        seq,
        kind: kind.into(),
        channel_id: Some(world.channels[0].0.0),
        entity_id: entity,
        conversation_id: None,
        created_at: 0,
    }
}

/// The rows of one event, also used to fill a large database.
pub struct Rows {
    /// The person.
    pub customer: customers::Model,
    /// Their address.
    pub identity: customer_identities::Model,
    /// Their thread.
    pub conversation: conversations::Model,
    /// The message.
    pub message: messages::Model,
}

/// The rows of event `n` with the floor's number of customers.
pub fn rows_of(world: &World, n: u64) -> Rows {
    rows_for(world, n % CUSTOMERS, n, 1_730_000_000_000 + n as i64)
}

/// The rows of message `n` of customer `k` at `at` milliseconds.
pub fn rows_for(world: &World, k: u64, n: u64, at: i64) -> Rows {
    let ws = world.workspace.0;
    let channel = world.channels[(k % world.channels.len() as u64) as usize].0.0;
    let key = k.to_be_bytes();
    let customer = CustomerId::derived(Timestamp::EPOCH, &[&key]).0;
    let identity = IdentityId::derived(Timestamp::EPOCH, &[&key]).0;
    let conversation = ConversationId::derived(Timestamp::EPOCH, &[&key]).0;
    let message = MessageId::derived(Timestamp(at), &[&n.to_be_bytes()]).0;
    let text = format!("Shop ơi, mẫu số {n} còn hàng không ạ? Em muốn đặt giao trong tuần này.");
    let name = format!("Khách hàng {k}");
    Rows {
        customer: customers::Model {
            workspace_id: ws,
            id: customer,
            name_folded: loa_kernel::fold_vi(&name),
            display_name: name,
            avatar_url: None,
            phone: None,
            note: None,
            created_at: at,
            updated_at: at,
        },
        identity: customer_identities::Model {
            workspace_id: ws,
            id: identity,
            customer_id: customer,
            channel_id: channel,
            external_id: format!("51209887{k:011}"),
            app_user_id: None,
            is_follower: Some(true),
            follow_changed_at: Some(at),
            is_blocked: false,
            blocked_changed_at: None,
            profile: json!({}),
            facts: json!({}),
            last_message_at: Some(at),
            last_interaction_at: Some(at),
            window_started_at: Some(at),
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
            profile_due_at: None,
            created_at: at,
            updated_at: at,
        },
        conversation: conversations::Model {
            workspace_id: ws,
            id: conversation,
            channel_id: channel,
            customer_id: customer,
            identity_id: identity,
            status: if k.is_multiple_of(3) { "closed" } else { "open" }.into(),
            status_changed_at: None,
            assignee_id: None,
            unread_count: i32::from(k % 50 == 1),
            read_until_at: None,
            answered_at: None,
            waiting_since_at: (k % 50 == 1).then_some(at),
            last_message_id: Some(message),
            last_message_at: at,
            last_preview: loa_kernel::clip(&text, 120),
            last_direction: "in".into(),
            last_kind: "text".into(),
            free_until_at: None,
            permitted_until_at: None,
            created_at: at,
            updated_at: at,
            change_seq: 0,
            ..Default::default()
        },
        message: messages::Model {
            workspace_id: ws,
            id: message,
            conversation_id: conversation,
            channel_id: channel,
            direction: "in".into(),
            author: "customer".into(),
            member_id: None,
            kind: "text".into(),
            text: Some(text),
            attachments: json!([]),
            platform_id: Some(format!("b{n:019x}")),
            client_id: None,
            quoted_platform_id: None,
            by_person: None,
            reactions: json!([]),
            status: "received".into(),
            error_code: None,
            error_text: None,
            problem: None,
            decision: None,
            sent_at: at,
            created_at: at,
            updated_at: at,
        },
    }
}
