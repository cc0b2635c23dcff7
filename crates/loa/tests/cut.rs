//! The lines of agents are cut two hundred times while customers write and an agent answers: in the middle of a frame,
//! without a goodbye. Who comes back and says what they saw last misses nothing and hears nothing twice.

#![allow(clippy::print_stdout, reason = "a person who runs it reads what it met")]
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use futures::StreamExt;
use loa_kernel::SeededRandom;
use loa_testkit::{
    Client, Customer, Engine, Options, Platform, PlatformConfig, Scene, client_id, on_both_engines,
    wait_until,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const LOA: &str = env!("CARGO_BIN_EXE_loa");
const SEED: u64 = 7_108;
/// Cuts of all lines together.
const CUTS: usize = 200;
const AGENTS: usize = 8;
const CUSTOMERS: usize = 12;
/// A line is cut after at most so many bytes; a message with its thread is some two thousand.
const LONGEST_LINE: u64 = 20_000;
/// Between two messages of customers, and between two of the agent who answers.
const PAUSE: Duration = Duration::from_millis(15);
const SOON: Duration = Duration::from_secs(60);
/// After everything else.
const LAST_WORD: &str = "Hết rồi ạ";

/// A line between a browser and the program that passes on so many bytes of the program and then is cut.
async fn line(program: &str, bytes: u64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let program = program.trim_start_matches("http://").to_owned();
    tokio::spawn(async move {
        let (browser, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(program).await.unwrap();
        let ((mut from_browser, mut to_browser), (from_server, mut to_server)) =
            (browser.into_split(), server.into_split());
        let mut from_server = from_server.take(bytes);
        tokio::select! {
            _ = tokio::io::copy(&mut from_browser, &mut to_server) => {}
            _ = tokio::io::copy(&mut from_server, &mut to_browser) => {}
        }
        // Both ends go at once; whatever was on its way is gone.
        drop(to_browser.shutdown().await);
    });
    address
}

/// What an agent's browser has learned.
#[derive(Default)]
struct Learned {
    /// Number of the last event.
    last: Option<i64>,
    /// Each message as it was said last.
    messages: BTreeMap<String, Value>,
    events: usize,
    cuts: usize,
}

/// Listen over one line until it is cut, or until `done` says that everything is known.
async fn listen(
    api: &Client,
    base: &str,
    address: &str,
    learned: &mut Learned,
    done: impl Fn(&Learned) -> bool,
) {
    let since = learned.last.map(|seq| format!("?since={seq}")).unwrap_or_default();
    let mut request = format!("ws://{address}/api/realtime{since}").into_client_request().unwrap();
    request.headers_mut().insert("cookie", api.cookie().parse().unwrap());
    request.headers_mut().insert("origin", base.parse().unwrap());
    // Also the answer to the request may be cut.
    let Ok((mut socket, _)) = tokio_tungstenite::connect_async(request).await else { return };
    while !done(learned) {
        let Some(Ok(frame)) = timeout(SOON, socket.next()).await.expect("something is said in time") else {
            return;
        };
        let Message::Text(text) = frame else { continue };
        let said = match serde_json::from_str(&text).unwrap() {
            Value::Array(many) => many,
            one => vec![one],
        };
        for one in said {
            let seq = one["seq"].as_i64().unwrap();
            if one["type"] == "hello" {
                assert!(
                    learned.last.is_none_or(|last| last == seq),
                    "resumed at {seq}, not at {:?}",
                    learned.last
                );
                learned.last = Some(seq);
                continue;
            }
            assert_eq!(one["type"], "event", "{one}");
            assert!(learned.last.is_some_and(|last| seq > last), "{seq} after {:?}: {one}", learned.last);
            learned.last = Some(seq);
            learned.events += 1;
            if one["kind"] == "message.upserted" {
                let id = one["data"]["id"].as_str().unwrap().to_owned();
                learned.messages.insert(id, one["data"].clone());
            }
        }
    }
}

/// How the load goes on.
struct Load<'a> {
    platform: &'a Platform,
    api: &'a Client,
    customers: &'a [(Customer, String)],
    cuts: &'a Cell<usize>,
    written: &'a Cell<usize>,
}

impl Load<'_> {
    async fn customers_write(&self) {
        let mut pace = tokio::time::interval(PAUSE);
        while self.cuts.get() < CUTS {
            pace.tick().await;
            let n = self.written.get();
            let (customer, _) = &self.customers[n % self.customers.len()];
            self.platform.writes(customer, &format!("Khách viết {n}")).await;
            self.written.set(n + 1);
        }
    }

    async fn an_agent_answers(&self) -> usize {
        let mut pace = tokio::time::interval(PAUSE * 8);
        let mut said = 0;
        while self.cuts.get() < CUTS {
            pace.tick().await;
            let (_, thread) = &self.customers[said % self.customers.len()];
            let answer =
                self.api.try_text(thread, &client_id(), &format!("Shop trả lời {said}")).await.unwrap();
            assert_eq!(answer.status, 201, "{}", answer.text);
            said += 1;
        }
        said
    }
}

on_both_engines! {
    /// At the end every agent knows every message as it is.
    async fn a_cut_line_misses_nothing_and_repeats_nothing(engine: Engine) {
        let begun = Instant::now();
        let platform = PlatformConfig { seed: Some(SEED), ..PlatformConfig::default() };
        let oa = json!({ "package": { "total": 1_000_000, "used": 0 } });
        let scene = Scene::with(engine, LOA, Options { platform, oa, ..Options::default() }).await;
        let customers = scene.customers(CUSTOMERS).await;
        let before: BTreeSet<String> = everything(&scene.api, &customers).await.into_keys().collect();
        let (cuts, written) = (Cell::new(0), Cell::new(0));
        let load = Load {
            platform: &scene.platform,
            api: &scene.api,
            customers: &customers,
            cuts: &cuts,
            written: &written,
        };
        // Everybody hears the beginning before anybody writes.
        let started = tokio::sync::Barrier::new(AGENTS + 1);
        let agent = async |nth: u64| {
            let random = SeededRandom::new(SEED + nth);
            let mut learned = Learned::default();
            let whole = line(&scene.loa.base, u64::MAX).await;
            listen(&scene.api, &scene.loa.base, &whole, &mut learned, |l| l.last.is_some()).await;
            started.wait().await;
            while cuts.get() < CUTS {
                let address = line(&scene.loa.base, 1 + random.below(LONGEST_LINE)).await;
                listen(&scene.api, &scene.loa.base, &address, &mut learned, |_| false).await;
                learned.cuts += 1;
                cuts.set(cuts.get() + 1);
            }
            // The last line holds until the last word.
            let address = line(&scene.loa.base, u64::MAX).await;
            let over = |learned: &Learned| learned.messages.values().any(|m| m["text"] == LAST_WORD);
            listen(&scene.api, &scene.loa.base, &address, &mut learned, over).await;
            learned
        };
        let work = async {
            started.wait().await;
            let ((), said) = tokio::join!(load.customers_write(), load.an_agent_answers());
            // What the agents should know: the threads as they are when nothing moves any more.
            let all = wait_until("everything has arrived", SOON, async || {
                let mut all = everything(&scene.api, &customers).await;
                all.retain(|id, _| !before.contains(id));
                let heard = all.values().filter(|m| m["author"] == "customer").count();
                let answers = all.values().filter(|m| m["author"] == "member");
                let at_rest = answers.clone().all(|m| m["status"] == "delivered");
                (heard == written.get() && answers.count() == said && at_rest).then_some(all)
            })
            .await;
            scene.platform.writes(&customers[0].0, LAST_WORD).await;
            (all, said)
        };
        let agents = futures::future::join_all((0..AGENTS as u64).map(&agent));
        let (agents, (all, said)) = tokio::join!(agents, work);
        for learned in &agents {
            let mut messages = learned.messages.clone();
            messages.retain(|id, m| !before.contains(id) && m["text"] != LAST_WORD);
            assert!(messages == all, "{} of {} messages", messages.len(), all.len());
        }
        let cuts: usize = agents.iter().map(|learned| learned.cuts).sum();
        let events: usize = agents.iter().map(|learned| learned.events).sum();
        println!(
            "{engine:?}, seed {SEED}: {cuts} cuts of {AGENTS} lines; {} messages of customers, {said} of an agent; \
             {events} events heard, none missed, none twice; {:.0?} in all",
            written.get(),
            begun.elapsed(),
        );
        assert!(cuts >= CUTS);
    }
}

/// Every message of these threads, by id.
async fn everything(api: &Client, customers: &[(Customer, String)]) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for (_, thread) in customers {
        for message in api.thread(thread).await {
            all.insert(message["id"].as_str().unwrap().to_owned(), message);
        }
    }
    all
}
