//! The live view over real sockets.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use loa_kernel::Role;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const LONG: Duration = Duration::from_secs(20);

async fn serve(world: &World) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = world.app.clone().into_make_service_with_connect_info::<SocketAddr>();
    let stop = world.stop.clone();
    tokio::spawn(async move {
        axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await.unwrap();
    });
    address
}

/// A browser's socket.
struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    waiting: std::collections::VecDeque<Value>,
}

impl Live {
    async fn open(address: SocketAddr, browser: &Browser, since: Option<i64>) -> Self {
        let since = since.map(|since| format!("?since={since}")).unwrap_or_default();
        let mut request = format!("ws://{address}/api/realtime{since}").into_client_request().unwrap();
        request.headers_mut().insert("cookie", browser.cookie.clone().unwrap().parse().unwrap());
        let (socket, _) = timeout(LONG, connect_async(request)).await.unwrap().unwrap();
        Self { socket, waiting: Default::default() }
    }

    async fn say(&mut self, said: Value) {
        self.socket.send(Message::Text(said.to_string().into())).await.unwrap();
    }

    /// Everything that was said before has been heard: the server answers a ping in its turn.
    async fn settled(&mut self) {
        self.socket.send(Message::Ping(vec![7].into())).await.unwrap();
        loop {
            match timeout(LONG, self.socket.next()).await.expect("a pong comes in time").unwrap().unwrap() {
                Message::Pong(_) => return,
                Message::Text(text) => match serde_json::from_str(&text).unwrap() {
                    Value::Array(many) => self.waiting.extend(many),
                    one => self.waiting.push_back(one),
                },
                _ => {}
            }
        }
    }

    /// The next presence that is told.
    async fn presence(&mut self) -> Value {
        loop {
            let mut told = self.next().await.unwrap();
            if told["type"] == "presence" {
                return told["threads"].take();
            }
        }
    }

    /// The next thing said; `Err` with the code when the server closes.
    async fn next(&mut self) -> Result<Value, u16> {
        loop {
            if let Some(value) = self.waiting.pop_front() {
                return Ok(value);
            }
            match timeout(LONG, self.socket.next()).await.expect("something is said in time") {
                Some(Ok(Message::Text(text))) => match serde_json::from_str(&text).unwrap() {
                    Value::Array(many) => self.waiting.extend(many),
                    one => self.waiting.push_back(one),
                },
                Some(Ok(Message::Close(frame))) => return Err(frame.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }
}

on_both_databases! {
    /// While many write, a reader who comes and goes gets each message exactly once and in order.
    async fn nothing_is_missed_and_nothing_comes_twice(db: TestDb) {
        const WRITERS: usize = 4;
        const EACH: usize = 40;
        let world = World::new(db).await;
        let address = serve(&world).await;
        let browser = world.browser("admin").await;
        let people: Vec<_> = (0..WRITERS).map(|i| (format!("u{i}"), format!("Khách {i}"), world.seed.now)).collect();
        let threads: Vec<_> = world.threads(&world.seed, &people).await.into_iter().map(|(_, thread)| thread).collect();

        let write = async {
            let writers = threads.iter().enumerate().map(|(w, thread)| {
                let world = &world;
                async move {
                    for i in 0..EACH {
                        let at = world.seed.now.plus_ms(i as i64);
                        world.message(&world.seed, *thread, &format!("p{w}-{i}"), "Chào", None, at).await;
                        tokio::task::yield_now().await;
                    }
                }
            });
            futures::future::join_all(writers).await;
        };
        let (ready, listening) = tokio::sync::oneshot::channel();
        let read = async {
            let mut seen: BTreeMap<String, i64> = BTreeMap::new();
            let mut live = Live::open(address, &browser, None).await;
            let hello = live.next().await.unwrap();
            assert_eq!(hello["type"], "hello");
            let mut last = hello["seq"].as_i64().unwrap();
            ready.send(last).unwrap();
            let mut until_break = 7;
            while seen.len() < WRITERS * EACH {
                let event = live.next().await.unwrap();
                let seq = event["seq"].as_i64().unwrap();
                if event["type"] == "hello" {
                    assert_eq!(seq, last);
                    continue;
                }
                assert_eq!(event["type"], "event", "{event}");
                assert!(seq > last, "{seq} after {last}");
                last = seq;
                if event["kind"] == "message.upserted" {
                    let id = event["data"]["id"].as_str().unwrap().to_owned();
                    assert!(seen.insert(id, seq).is_none(), "twice: {event}");
                }
                until_break -= 1;
                if until_break == 0 {
                    until_break = 11;
                    live = Live::open(address, &browser, Some(last)).await;
                }
            }
            seen
        };
        let write_when_heard = async {
            let base = listening.await.unwrap();
            write.await;
            base
        };
        let (seen, base) = tokio::join!(read, write_when_heard);
        assert_eq!(seen.len(), WRITERS * EACH);
        // Who resumes from the beginning gets the same.
        let mut live = Live::open(address, &browser, Some(base)).await;
        let mut again = BTreeSet::new();
        while again.len() < seen.len() {
            let event = live.next().await.unwrap();
            if event["kind"] == "message.upserted" {
                assert!(again.insert(event["data"]["id"].as_str().unwrap().to_owned()));
            }
        }
        assert!(again.iter().eq(seen.keys()));
    }

    /// What is no longer kept, and what was never given out, is answered with the order to read again; then it
    /// goes on.
    async fn who_is_too_late_reads_again(db: TestDb) {
        let seed = loa_testdb::seed(&db.store).await;
        let mut config = support::config();
        config.realtime.keep_rows = 4;
        let world = World::over(db, seed, config).await;
        let address = serve(&world).await;
        let browser = world.browser("admin").await;
        let (_, thread) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        for i in 0..10 {
            world.message(&world.seed, thread, &format!("p{i}"), "Chào", None, world.seed.now).await;
        }
        world.state.clean_up().await.unwrap();
        let last = world.last_seq().await;
        for (since, too_old) in [(0, true), (last - 5, true), (last - 4, false), (last, false), (last + 1, true)] {
            let mut live = Live::open(address, &browser, Some(since)).await;
            let first = live.next().await.unwrap();
            let expected = if too_old { json!({ "type": "too_old", "seq": last }) } else { json!({ "type": "hello", "seq": since }) };
            assert_eq!(first, expected);
            if !too_old {
                for seq in since + 1..=last {
                    assert_eq!(live.next().await.unwrap()["seq"], seq);
                }
            }
        }
        let mut live = Live::open(address, &browser, Some(0)).await;
        live.next().await.unwrap();
        world.message(&world.seed, thread, "new", "Mới", None, world.seed.now).await;
        let event = live.next().await.unwrap();
        assert_eq!((&event["seq"], &event["data"]["text"]), (&json!(last + 1), &json!("Mới")));
    }

    /// Signed out means out, at once; a new role counts at once.
    async fn sessions_end_sockets(db: TestDb) {
        let world = World::new(db).await;
        let address = serve(&world).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let (customer, _) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let mut admin = world.browser("admin").await;
        let browser = world.browser("lan").await;
        let mut live = Live::open(address, &browser, None).await;
        assert_eq!(live.next().await.unwrap()["type"], "hello");
        let mut boss = Live::open(address, &admin, None).await;
        assert_eq!(boss.next().await.unwrap()["type"], "hello");

        let phone = async |live: &mut Live| loop {
            let event = live.next().await.unwrap();
            if event["kind"] == "customer.upserted" {
                return event["data"]["phone"].as_str().unwrap().to_owned();
            }
        };
        let path = format!("/api/customers/{customer}");
        admin.patch(&path, json!({ "phone": "0912345678" })).await;
        assert_eq!(phone(&mut live).await, "••• ••• 678");
        assert_eq!(phone(&mut boss).await, "84912345678");

        admin.patch(&format!("/api/members/{lan}"), json!({ "role": "manager" })).await;
        while live.next().await.unwrap()["data"]["role"] != "manager" {}
        admin.patch(&path, json!({ "phone": "0912345679" })).await;
        assert_eq!(phone(&mut live).await, "84912345679");

        let mut elsewhere = world.browser("lan").await;
        assert_eq!(elsewhere.call(axum::http::Method::DELETE, "/api/sessions", None).await.0.as_u16(), 204);
        let code = loop {
            if let Err(code) = live.next().await {
                break code;
            }
        };
        assert_eq!(code, 4401);
        // The administrator's goes on, and ends when the program does.
        admin.patch(&path, json!({ "note": "x" })).await;
        phone(&mut boss).await;
        world.stop.cancel();
        let code = loop {
            if let Err(code) = boss.next().await {
                break code;
            }
        };
        assert_eq!(code, 1001);
    }

    /// A notice reaches its member, who sees everything otherwise, and nobody else; read in one browser, it is read in
    /// all.
    async fn notices_are_for_whom_they_tell(db: TestDb) {
        use loa_store::channels::{BillingState, set_billing};
        let world = World::new(db).await;
        let address = serve(&world).await;
        world.member(&world.seed, "sep", Role::Manager).await;
        world.member(&world.seed, "lan", Role::Agent).await;
        let (mut admin, mut boss, mut lan) =
            (world.browser("admin").await, world.browser("sep").await, world.browser("lan").await);
        let tx = world.db.store.begin().await.unwrap();
        set_billing(&tx, world.seed.workspace, world.seed.channel, BillingState::OutOfMoney, world.seed.now).await.unwrap();
        tx.commit().await.unwrap();
        let mut lives = Vec::new();
        for browser in [&admin, &boss, &lan] {
            let mut live = Live::open(address, browser, None).await;
            assert_eq!(live.next().await.unwrap()["type"], "hello");
            lives.push(live);
        }
        let path = format!("/api/channels/{}/report", world.seed.channel);
        for notified in [true, false] {
            let (status, report) = lan.post(&path, json!({ "reason": "no_money" })).await;
            assert_eq!((status.as_u16(), &report["notified"]), (200, &Value::Bool(notified)), "{report}");
        }
        // A change that everybody hears stands behind them.
        let (customer, _) = world.thread(&world.seed, "u9", "Dấu mốc", world.seed.now).await;
        admin.patch(&format!("/api/customers/{customer}"), json!({ "note": "x" })).await;
        let mut told = Vec::new();
        for live in &mut lives {
            let mut notices = Vec::new();
            loop {
                let event = live.next().await.unwrap();
                match event["kind"].as_str().unwrap() {
                    "notification.upserted" => notices.push(event["data"].clone()),
                    "customer.upserted" => break,
                    _ => {}
                }
            }
            told.push(notices);
        }
        assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0]);
        assert_ne!(told[0][0]["id"], told[1][0]["id"], "each has their own");
        let notice = &told[1][0];
        assert_eq!((&notice["kind"], &notice["params"]["by_name"]), (&json!("channel_report"), &json!("lan")));
        let list = boss.read("/api/notifications").await;
        assert_eq!((&list["items"][0], &list["unread"]), (notice, &json!(1)));
        assert_eq!(lan.read("/api/notifications").await, json!({ "items": [], "unread": 0 }));

        let read = format!("/api/notifications/{}/read", notice["id"].as_str().unwrap());
        assert_eq!(admin.post(&read, json!({})).await.0.as_u16(), 404, "another's notice is not there");
        assert_eq!(boss.post(&read, json!({})).await.1, json!({ "unread": 0 }));
        let event = loop {
            let event = lives[1].next().await.unwrap();
            if event["kind"] == "notification.upserted" { break event }
        };
        assert_eq!(event["data"]["read_at"], json!(world.clock_now().as_ms()));
        assert_eq!(boss.read("/api/notifications?unread=true").await["items"], json!([]));
        assert_eq!(boss.read("/api/notifications").await["items"].as_array().unwrap().len(), 1);
        assert_eq!(admin.post("/api/notifications/read", json!({})).await.1, json!({ "unread": 0 }));
    }

    /// Another workspace's changes stay there.
    async fn workspaces_do_not_hear_each_other(db: TestDb) {
        let theirs = loa_testdb::Seed::another(&db.store, 2).await;
        let world = World::new(db).await;
        let address = serve(&world).await;
        let browser = world.browser("admin").await;
        let (_, thread) = world.thread(&world.seed, "u1", "Ta", world.seed.now).await;
        let (_, other) = world.thread(&theirs, "u1", "Họ", theirs.now).await;
        let mut live = Live::open(address, &browser, Some(0)).await;
        world.message(&theirs, other, "p1", "bí mật", None, theirs.now).await;
        world.message(&world.seed, thread, "p1", "Chào", None, world.seed.now).await;
        let mut told = String::new();
        while !told.contains("Chào") || !told.contains("message.upserted") {
            told.push_str(&live.next().await.unwrap().to_string());
        }
        assert!(!told.contains("bí mật") && !told.contains("Họ"), "{told}");
    }

    /// Who looks and who types is told to those who see the thread, goes with the connection, and ends by itself.
    async fn presence_comes_and_goes(db: TestDb) {
        let world = World::new(db).await;
        let address = serve(&world).await;
        let lan = world.member(&world.seed, "lan", Role::Agent).await;
        let (_, thread) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let (_, other) = world.thread(&world.seed, "u2", "Khách", world.seed.now).await;
        let before = world.last_seq().await;
        let (admin, agent) = (world.browser("admin").await, world.browser("lan").await);
        let mut boss = Live::open(address, &admin, None).await;
        let mut desk = Live::open(address, &agent, None).await;
        for live in [&mut boss, &mut desk] {
            assert_eq!(live.next().await.unwrap()["type"], "hello");
        }
        let in_thread = |thread: loa_kernel::ConversationId, viewers: Value| {
            json!({ "conversation_id": thread.to_string(), "viewers": viewers })
        };
        let viewer = |typing: bool| json!([{ "member_id": lan.to_string(), "typing": typing }]);
        desk.say(json!({ "type": "viewing", "conversation_id": thread.to_string() })).await;
        assert_eq!(boss.presence().await, json!([in_thread(thread, viewer(false))]));
        desk.say(json!({ "type": "viewing", "conversation_id": thread.to_string(), "typing": true })).await;
        assert_eq!(boss.presence().await, json!([in_thread(thread, viewer(true))]));
        world.clock.advance_ms(7_000);
        assert_eq!(boss.presence().await, json!([in_thread(thread, viewer(false))]), "typing ends by itself");
        // Who comes new hears what stands.
        let mut late = Live::open(address, &admin, None).await;
        assert_eq!(late.next().await.unwrap()["type"], "hello");
        assert_eq!(late.presence().await, json!([in_thread(thread, viewer(false))]));
        // On to another thread: both are told at once.
        desk.say(json!({ "type": "viewing", "conversation_id": other.to_string() })).await;
        let told = boss.presence().await;
        assert_eq!(told, json!([in_thread(thread, json!([])), in_thread(other, viewer(false))]));
        desk.say(json!({ "type": "away" })).await;
        assert_eq!(boss.presence().await, json!([in_thread(other, json!([]))]));
        desk.say(json!({ "type": "viewing", "conversation_id": other.to_string() })).await;
        assert_eq!(boss.presence().await, json!([in_thread(other, viewer(false))]));
        world.clock.advance_ms(46_000);
        assert_eq!(boss.presence().await, json!([in_thread(other, json!([]))]), "a view that is not renewed ends");
        desk.say(json!({ "type": "viewing", "conversation_id": other.to_string() })).await;
        assert_eq!(boss.presence().await, json!([in_thread(other, viewer(false))]));
        drop(desk);
        assert_eq!(boss.presence().await, json!([in_thread(other, json!([]))]), "it goes with the connection");
        // Nothing of it is ever stored.
        assert_eq!(world.last_seq().await, before);
    }

    /// What a client says is bounded and believed only where it may be.
    async fn what_clients_say_cannot_do_harm(db: TestDb) {
        let theirs = loa_testdb::Seed::another(&db.store, 2).await;
        let world = World::new(db).await;
        let address = serve(&world).await;
        let browser = world.browser("admin").await;
        let (_, thread) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let (_, foreign) = world.thread(&theirs, "u1", "Họ", theirs.now).await;
        let mut live = Live::open(address, &browser, None).await;
        assert_eq!(live.next().await.unwrap()["type"], "hello");
        for said in [
            json!({ "type": "viewing", "conversation_id": foreign.to_string() }),
            json!({ "type": "viewing", "conversation_id": "cnv_x" }),
            json!({ "type": "shout" }),
            json!([1, 2]),
            json!({ "type": "viewing" }),
        ] {
            live.say(said).await;
        }
        live.socket.send(Message::Text("không phải JSON".into())).await.unwrap();
        live.socket.send(Message::Binary(vec![0, 1].into())).await.unwrap();
        live.say(json!({ "type": "viewing", "conversation_id": thread.to_string() })).await;
        let told = live.presence().await;
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        assert_eq!(told[0]["conversation_id"], thread.to_string());
        // The clock stands, so what was said counts against the twenty; more is passed over, and the line holds.
        for _ in 0..40 {
            live.say(json!({ "type": "viewing", "conversation_id": thread.to_string() })).await;
        }
        live.say(json!({ "type": "away" })).await;
        live.settled().await;
        world.clock.advance_ms(1_000);
        live.say(json!({ "type": "viewing", "conversation_id": thread.to_string(), "typing": true })).await;
        let told = live.presence().await;
        assert_eq!(told[0]["viewers"][0]["typing"], true, "what was said too often was not heard: {told}");
    }

    /// A page of another site cannot listen, nor can anybody who is not signed in.
    async fn strangers_do_not_hear(db: TestDb) {
        let world = World::new(db).await;
        let address = serve(&world).await;
        let browser = world.browser("admin").await;
        for (cookie, origin, status) in [
            (None, None, 401),
            (browser.cookie.clone(), Some("https://evil.example"), 403),
        ] {
            let mut request = format!("ws://{address}/api/realtime").into_client_request().unwrap();
            if let Some(cookie) = cookie {
                request.headers_mut().insert("cookie", cookie.parse().unwrap());
            }
            if let Some(origin) = origin {
                request.headers_mut().insert("origin", origin.parse().unwrap());
            }
            match connect_async(request).await {
                Err(tokio_tungstenite::tungstenite::Error::Http(answer)) => {
                    assert_eq!(answer.status().as_u16(), status);
                }
                other => panic!("{other:?}"),
            }
        }
        // What a client says must be short.
        let mut live = Live::open(address, &browser, None).await;
        live.next().await.unwrap();
        live.socket.send(Message::Text("x".repeat(10_000).into())).await.unwrap();
        assert!(live.next().await.is_err());
    }
}
