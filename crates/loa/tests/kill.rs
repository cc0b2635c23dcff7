//! The program is killed without warning, again and again, while customers write and agents answer. Afterwards the
//! platform's own ledger and Loa's threads are compared, message by message.

#![allow(clippy::print_stdout, reason = "a person who runs it reads what it met")]
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use loa_kernel::SeededRandom;
use loa_testkit::{
    Client, Customer, Engine, Loa, Options, Platform, PlatformConfig, Scene, client_id, wait_until,
};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

const LOA: &str = env!("CARGO_BIN_EXE_loa");
/// The same moments and faults in every run, as far as a machine allows.
const SEED: u64 = 7_106;
const KILLS_ON_SQLITE: usize = 50;
const KILLS_ON_POSTGRES: usize = 25;
const CUSTOMERS: usize = 30;
/// The program lives at most so long, counted from when it is ready.
const LIFE_MS: u64 = 1_800;
/// Between two messages of all customers together.
const CUSTOMERS_PAUSE: Duration = Duration::from_millis(50);
/// Between two messages of all agents together.
const AGENTS_PAUSE: Duration = Duration::from_millis(80);
/// Every so many-th message of an agent is one to be sent later, and so much later.
const LATER_EVERY: usize = 5;
const LATER_MS: i64 = 700;
/// However often the program is killed meanwhile.
const ANSWERED: Duration = Duration::from_secs(60);
/// From the last start until everything has an end: a claim, a call and a look may have been left behind, each with
/// its time.
const SETTLED: Duration = Duration::from_secs(90);

/// An agent's message that Loa has taken.
struct Taken {
    conversation: String,
    client_id: String,
    text: String,
}

#[derive(Default)]
struct Counts {
    lost_answers: Cell<u32>,
    refused: Cell<u32>,
    later: Cell<u32>,
}

fn add(count: &Cell<u32>) {
    count.set(count.get() + 1);
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A steady pace; who is late goes on from where they are.
fn every(pause: Duration) -> Interval {
    let mut pace = interval(pause);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    pace
}

async fn customers_write(platform: &Platform, customers: &[(Customer, String)], over: &Cell<bool>) {
    let random = SeededRandom::new(SEED);
    let mut pace = every(CUSTOMERS_PAUSE);
    let mut nth = 0;
    while !over.get() {
        pace.tick().await;
        let (customer, _) = &customers[random.below(customers.len() as u64) as usize];
        nth += 1;
        platform.writes(customer, &format!("Khách viết {nth}")).await;
    }
}

/// As a browser does: a message without an answer is sent again under the same client id, until there is one.
async fn agents_answer(
    api: &Client,
    customers: &[(Customer, String)],
    over: &Cell<bool>,
    counts: &Counts,
) -> Vec<Taken> {
    let random = SeededRandom::new(SEED + 1);
    let mut taken = Vec::new();
    let mut pace = every(AGENTS_PAUSE);
    let mut nth = 0;
    while !over.get() {
        pace.tick().await;
        let (_, conversation) = &customers[random.below(customers.len() as u64) as usize];
        nth += 1;
        let (client_id, text) = (client_id(), format!("Shop trả lời {nth}"));
        let later = nth % LATER_EVERY == 0;
        let answer = wait_until("a submission is answered", ANSWERED, async || {
            let asked = if later {
                api.try_later(conversation, &client_id, &text, now_ms() + LATER_MS).await
            } else {
                api.try_text(conversation, &client_id, &text).await
            };
            match asked {
                Ok(answer) if answer.is_ok() || answer.status == 409 => Some(answer),
                // It may have been taken or not.
                Ok(_) | Err(_) => {
                    add(&counts.lost_answers);
                    None
                }
            }
        });
        if answer.await.is_ok() {
            if later {
                add(&counts.later);
            }
            taken.push(Taken { conversation: conversation.clone(), client_id, text });
        } else {
            add(&counts.refused);
        }
    }
    taken
}

async fn kill_again_and_again(loa: &mut Loa, kills: usize, over: &Cell<bool>) {
    let random = SeededRandom::new(SEED + 2);
    for _ in 0..kills {
        // The moment is what is tested; nothing waits for it.
        tokio::time::sleep(Duration::from_millis(random.below(LIFE_MS))).await;
        loa.kill().await;
        loa.start_again().await;
    }
    over.set(true);
}

/// Platform ids of messages, sorted.
fn ids<'a>(messages: impl IntoIterator<Item = &'a Value>, key: &str) -> Vec<String> {
    let mut ids: Vec<String> =
        messages.into_iter().map(|m| m[key].as_str().unwrap_or("-").to_owned()).collect();
    ids.sort_unstable();
    ids
}

fn of<'a>(ledger: &'a [Value], customer: &Customer) -> Vec<&'a Value> {
    ledger.iter().filter(|m| m["user_id"] == *customer.user_id).collect()
}

/// Deliver what the platform has given up, until it has given up nothing.
async fn redeliver(platform: &Platform) -> usize {
    platform.hurry().await;
    let failed = platform.deliveries("").await;
    let failed: Vec<u64> =
        failed.iter().filter(|d| d["state"] == "failed").filter_map(|d| d["id"].as_u64()).collect();
    for id in &failed {
        platform.redeliver(*id).await;
    }
    failed.len()
}

async fn survives(engine: Engine, kills: usize) {
    let begun = Instant::now();
    // Redeliveries come after 0.3, 3, 9, 18 and 36 seconds instead of half a minute to an hour.
    let platform = PlatformConfig { seed: Some(SEED), webhook_time_scale: 0.01, ..PlatformConfig::default() };
    let oa = json!({ "package": { "total": 1_000_000, "used": 0 } });
    let scene = Scene::with(engine, LOA, Options { platform, oa, ..Options::default() }).await;
    scene.platform.settings(json!({ "webhook_switches_off": false })).await;
    let customers = scene.customers(CUSTOMERS).await;
    let Scene { api, mut loa, platform, .. } = scene;
    // Calls take a while, so that kills meet them; some are lost on either way.
    let send = "/v3.0/oa/message/cs";
    platform.fault_at_random(json!({ "api": { "do": "latency", "ms": 60 } }), 0.5, send).await;
    platform.fault_at_random(json!({ "api": { "do": "process_then_close" } }), 0.02, send).await;
    platform.fault_at_random(json!({ "api": { "do": "reset" } }), 0.02, send).await;
    platform.fault_at_random(json!({ "webhook": { "do": "duplicate" } }), 0.05, "").await;
    platform.fault_at_random(json!({ "webhook": { "do": "reorder" } }), 0.05, "").await;

    let (over, counts) = (Cell::new(false), Counts::default());
    let working = Instant::now();
    let ((), taken, ()) = tokio::join!(
        customers_write(&platform, &customers, &over),
        agents_answer(&api, &customers, &over, &counts),
        kill_again_and_again(&mut loa, kills, &over),
    );
    let worked = working.elapsed();
    platform.no_faults().await;
    let given_up = redeliver(&platform).await;

    // Everything has an end.
    let settling = Instant::now();
    let (wrote, sent) = (platform.ledger("user").await, Cell::new(0));
    for (customer, conversation) in &customers {
        let expected = of(&wrote, customer).len();
        wait_until(&format!("the thread with {} is at rest", customer.name), SETTLED, async || {
            let thread = api.thread(conversation).await;
            let received = thread.iter().filter(|m| m["author"] == "customer").count();
            let mine = thread.iter().filter(|m| m["author"] == "member");
            let rest = mine
                .clone()
                .all(|m| matches!(m["status"].as_str(), Some("sent" | "delivered" | "seen" | "failed")));
            if received < expected {
                redeliver(&platform).await;
            }
            sent.set(mine.count());
            let later = api.get(&format!("/api/conversations/{conversation}/scheduled")).await;
            (rest && received >= expected && later.body["items"] == json!([])).then_some(())
        })
        .await;
    }
    let settled = settling.elapsed();

    // Both sides, message by message.
    let accepted = platform.ledger("api").await;
    let mut by_client: BTreeMap<&str, &Taken> = BTreeMap::new();
    for message in &taken {
        assert!(by_client.insert(&message.client_id, message).is_none());
    }
    let mut wrong = Vec::new();
    let (mut heard, mut said) = (0, 0);
    for (customer, conversation) in &customers {
        let thread = api.thread(conversation).await;
        let by = |author: &'static str| thread.iter().filter(move |m| m["author"] == author);
        let (theirs, ours) = (of(&wrote, customer), of(&accepted, customer));
        if ids(by("customer"), "platform_id") != ids(theirs.iter().copied(), "id") {
            wrong.push(format!("{}: {} heard of {}", customer.name, by("customer").count(), theirs.len()));
        }
        if ids(by("member"), "platform_id") != ids(ours.iter().copied(), "id") {
            wrong.push(format!(
                "{}: {} said here, {} there",
                customer.name,
                by("member").count(),
                ours.len()
            ));
        }
        wrong.extend(
            by("platform").map(|m| format!("{}: an echo stands beside its message: {m}", customer.name)),
        );
        for message in by("member") {
            if !matches!(message["status"].as_str(), Some("sent" | "delivered" | "seen")) {
                wrong.push(format!("{}: not sent: {message}", customer.name));
            }
            let known = message["client_id"].as_str().and_then(|id| by_client.remove(id));
            match known {
                Some(known) if known.conversation == *conversation && message["text"] == *known.text => {}
                _ => wrong.push(format!("{}: nobody said {message}", customer.name)),
            }
            let there = ours.iter().find(|m| m["id"] == message["platform_id"]);
            if there.is_none_or(|m| m["text"] != message["text"]) {
                wrong.push(format!("{}: says something else there: {message} {there:?}", customer.name));
            }
        }
        let decision = api.decision(conversation).await;
        if decision["package"]["reserved"] != 0 {
            wrong.push(format!("{}: something is still reserved: {decision}", customer.name));
        }
        let contact = platform.contact(customer).await;
        if decision["reply"]["remain"] != contact["reply"]["remain"] {
            let (here, there) = (&decision["reply"], &contact["reply"]);
            wrong.push(format!("{}: free replies left: {here} here, {there} there", customer.name));
        }
        heard += theirs.len();
        said += ours.len();
    }
    // How often a call was met in the middle, and how often the platform's history said that it never happened.
    let log = loa.log();
    let met = log.matches("a call was never settled").count();
    let absent = log.matches("a send of unknown outcome did not happen").count();
    wrong.extend(by_client.values().map(|m| format!("taken and lost: {} in {}", m.text, m.conversation)));
    println!(
        "{engine:?}, seed {SEED}: {kills} kills in {worked:.0?}, {} starts; {heard} messages of customers, {said} of \
         agents ({} taken, {} of them for later, {} refused, {} answers lost); {met} calls met by a kill, {absent} sends that did not \
         happen; {given_up} events given up and delivered again; at rest after \
         {settled:.0?}; {} wrong; {:.0?} in all",
        loa.starts,
        taken.len(),
        counts.later.get(),
        counts.refused.get(),
        counts.lost_answers.get(),
        wrong.len(),
        begun.elapsed(),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((wrote.len(), accepted.len()), (heard, said), "messages of somebody else");
    assert!(heard > 5 * kills && said > kills, "too little happened to show anything");
    assert!(counts.later.get() as usize > kills / 4, "too little was kept for later");
    assert!(met > 0 && absent > 0, "no kill met a call: nothing was shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_sqlite() {
    Box::pin(survives(Engine::Sqlite, KILLS_ON_SQLITE)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_on_postgres() {
    Box::pin(survives(Engine::Postgres, KILLS_ON_POSTGRES)).await;
}
