//! List and thread at 1,000,000 conversations and 5,000,000 messages, through the API.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use loa_kernel::ConversationId;
use loa_kernel::Timestamp;
use loa_store::entity::{conversations, customer_identities, customers, messages};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};

use crate::Bench;
use crate::floor::rows_for;
use crate::http::{Connection, request};
use crate::report::{Row, ms};
use crate::world::{World, get_json};

/// The path of the i-th request.
type PathOf = Box<dyn Fn(usize) -> String>;

/// Messages of each conversation.
pub const PER_CONVERSATION: u64 = 5;
const REQUESTS: usize = 500;
/// A kind that is this slow has shown it with fewer requests.
const LONGEST: Duration = Duration::from_secs(30);

/// Measure on each database.
pub async fn run(bench: &Bench) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for engine in bench.engines() {
        let threads = bench.scaled(1_000_000);
        let world = World::make(&bench.loa, &engine, 4).await?;
        fill(&world, threads).await?;
        world.settle().await?;
        let product = world.start(&bench.loa).await?;
        let mut connection = Connection::open(product.port).await?;
        let deep = deep_cursor(&mut connection, &world).await?;
        let name = engine.name();
        let size = format!("{threads} conversations, {} messages", threads * PER_CONVERSATION);
        let thread = move |i: usize| {
            let k = (i as u64).wrapping_mul(2_654_435_761) % threads;
            ConversationId::derived(Timestamp::EPOCH, &[&k.to_be_bytes()])
        };
        let channel = world.channels[1].0;
        let kinds: Vec<(&str, PathOf)> = vec![
            ("list, first page", Box::new(|_| "/api/conversations?filter=all&limit=50".into())),
            (
                "list, page 20",
                Box::new(move |_| format!("/api/conversations?filter=all&limit=50&cursor={deep}")),
            ),
            ("list, unread", Box::new(|_| "/api/conversations?filter=unread&limit=50".into())),
            ("list, unassigned", Box::new(|_| "/api/conversations?filter=unassigned&limit=50".into())),
            (
                "list, one channel",
                Box::new(move |_| format!("/api/conversations?filter=all&limit=50&channel={channel}")),
            ),
            (
                "list, by name",
                Box::new(move |i| {
                    format!(
                        "/api/conversations?filter=all&limit=50&q=khach+hang+{}",
                        (i as u64 * 7919) % threads
                    )
                }),
            ),
            ("one conversation", Box::new(move |i| format!("/api/conversations/{}", thread(i)))),
            (
                "thread, newest page",
                Box::new(move |i| format!("/api/conversations/{}/messages?limit=50", thread(i))),
            ),
        ];
        for (what, path) in kinds {
            let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
            let begun = Instant::now();
            for i in (0..REQUESTS).take_while(|_| begun.elapsed() < LONGEST) {
                let asked = Instant::now();
                let (status, body) = connection
                    .call(&request("GET", &path(i), std::slice::from_ref(&world.cookie), b""))
                    .await?;
                anyhow::ensure!(
                    status == 200,
                    "{} answered {status}: {}",
                    path(i),
                    String::from_utf8_lossy(&body)
                );
                histogram.record(asked.elapsed().as_micros() as u64)?;
            }
            let p95 = histogram.value_at_quantile(0.95);
            rows.push(Row {
                what: format!("{name}: {what} ({size})"),
                result: format!("p50 {} / p95 {}", ms(histogram.value_at_quantile(0.5)), ms(p95)),
                floor: String::new(),
                ratio: String::new(),
                goal: "p95 under 20 ms".into(),
                met: Some(p95 < 20_000),
            });
        }
    }
    Ok(rows)
}

async fn deep_cursor(connection: &mut Connection, world: &World) -> anyhow::Result<String> {
    let mut cursor = String::new();
    for _ in 0..20 {
        let path = if cursor.is_empty() {
            "/api/conversations?filter=all&limit=50".to_owned()
        } else {
            format!("/api/conversations?filter=all&limit=50&cursor={cursor}")
        };
        match get_json(connection, &path, &world.cookie).await?["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    Ok(cursor)
}

/// Fill the database by sets, as fast as the machine writes.
pub async fn fill(world: &World, threads: u64) -> anyhow::Result<()> {
    let store = world.store().await?;
    const SET: u64 = 500;
    let start = 1_700_000_000_000i64;
    let mut k = 0;
    while k < threads {
        let tx = store.begin().await?;
        // Twenty sets a transaction: what is measured is reading, so the filling need not be durable often.
        for _ in 0..20 {
            let (mut c, mut i, mut v, mut m) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            for k in k..(k + SET).min(threads) {
                for j in 0..PER_CONVERSATION {
                    let n = k * PER_CONVERSATION + j;
                    let rows = rows_for(world, k, n, start + (k * 60_000 + j * 1000) as i64);
                    m.push(rows.message.into_active_model());
                    if j == PER_CONVERSATION - 1 {
                        c.push(rows.customer.into_active_model());
                        i.push(rows.identity.into_active_model());
                        v.push(rows.conversation.into_active_model());
                    }
                }
            }
            if c.is_empty() {
                break;
            }
            customers::Entity::insert_many(c).exec_without_returning(&tx).await?;
            customer_identities::Entity::insert_many(i).exec_without_returning(&tx).await?;
            conversations::Entity::insert_many(v).exec_without_returning(&tx).await?;
            while !m.is_empty() {
                let rest = m.split_off(m.len().min(SET as usize));
                messages::Entity::insert_many(std::mem::replace(&mut m, rest))
                    .exec_without_returning(&tx)
                    .await?;
            }
            k += SET;
        }
        tx.commit().await?;
    }
    let there = messages::Entity::find().count(store.reader()).await?;
    anyhow::ensure!(there == threads * PER_CONVERSATION, "{there} messages");
    Ok(store.close().await?)
}
