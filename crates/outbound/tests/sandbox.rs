//! Against the emulated platform: the real connector, real HTTP, real bookkeeping on the other side.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::{Program, World, text_message};
use loa_channels::reconcile::DueWork;
use loa_channels::scripted::add_customer;
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{
    CallError, ConsentAnswer, FollowRemoval, PeopleQuery, PlatformAddress, PlatformField, PlatformFieldKind,
    PlatformValues, ProfileWork, Refusal,
};
use loa_kernel::{Clock, Code, MessageId};
use loa_outbound::SendMessage;
use loa_store::channels::{BillingState, ChannelStatus};
use loa_store::{Secret, customers};
use loa_testdb::{TestDb, on_both_databases};
use serde_json::{Value, json};
use zalo_sandbox::{Config, Running, Sandbox};

const APP: &str = "2220000000000000001";
const OA: &str = "3330000000000000001";
const PERSON: &str = "5120988712345678901";

/// A platform and a program that is connected to it.
struct Zalo {
    sandbox: Running,
    http: reqwest::Client,
    world: World,
    program: Program,
    user: String,
}

impl Zalo {
    /// An account on the package "1,000 a month, 37 used", connected by OAuth, and a customer who just wrote.
    async fn new(db: &TestDb) -> Self {
        let mut world = World::new(db).await;
        let config = Config {
            data: Some(db.dir.path().join("zalo")),
            frozen_at: Some(world.now()),
            seed: Some(1),
            ..Config::default()
        };
        let sandbox = Sandbox::start(config).await.unwrap();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let mut settings = ZaloSettings { timeout: Duration::from_secs(3), ..ZaloSettings::default() };
        settings.endpoints = zalo::Endpoints::one_host(sandbox.base_url.parse().unwrap());
        settings.remove_follower_path = Some(Config::REMOVE_FOLLOWER_PATH.to_owned());
        let connector = Arc::new(ZaloConnector::new(ZaloConnector::http().unwrap(), settings));
        let program = world.program_with(1, connector);
        let mut this = Self { sandbox, http, program, user: String::new(), world };
        let app = json!({ "id": APP, "secret": "s", "oa_secret_key": "k" });
        this.control("apps", app).await;
        let oa = json!({ "id": OA, "name": "Shop Mận", "package": { "total": 1000, "used": 37 }, "edition": "messaging-2024-11" });
        this.control("oas", oa).await;
        this.control("users", json!({ "id": PERSON, "name": "Nguyễn An" })).await;
        this.control(&format!("oas/{OA}/users/{PERSON}/follow"), json!({})).await;
        this.customer_writes("Còn hàng không shop?").await;
        let contact = this.look(&format!("oas/{OA}/users/{PERSON}")).await;
        this.user = contact["user_id"].as_str().unwrap().to_owned();

        let admin = this.world.agent();
        let channels = &this.program.outbound.channels;
        channels.save_app(&admin, APP, Some(Secret::new("s")), Some(Secret::new("k"))).await.unwrap();
        let url = channels.begin_connect(&admin).await.unwrap();
        let back = this.http.get(format!("{url}&sandbox_auto_oa={OA}")).send().await.unwrap();
        let back = back.headers()["location"].to_str().unwrap().to_owned();
        assert!(back.starts_with("http://loa.example/api/channels/zalo/callback?"), "{back}");
        let back = reqwest::Url::parse(&back).unwrap();
        let part = |name: &str| back.query_pairs().find(|(k, _)| k == name).map(|(_, v)| v.into_owned());
        let answer =
            ConsentAnswer { code: part("code"), oa_id: part("oa_id"), state: part("state"), error: None };
        let channel = channels.finish_connect(&admin, answer).await.unwrap();

        let (ws, now) = (this.world.seed.workspace, this.world.now());
        let (_, conversation) = add_customer(&db.store, ws, channel, &this.user, Some(now), now).await;
        world = this.world;
        world.seed.channel = channel;
        world.conversation = conversation;
        Self { world, ..this }
    }

    async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_sandbox/api/{path}", self.sandbox.base_url);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn change_oa(&self, body: Value) {
        let url = format!("{}/_sandbox/api/oas/{OA}", self.sandbox.base_url);
        let answer = self.http.patch(url).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn look(&self, path: &str) -> Value {
        let url = format!("{}/_sandbox/api/{path}", self.sandbox.base_url);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn customer_writes(&self, text: &str) {
        self.control(&format!("oas/{OA}/users/{PERSON}/messages"), json!({ "text": text })).await;
    }

    async fn tool_writes(&self, text: &str) {
        self.control(&format!("oas/{OA}/users/{PERSON}/tool-messages"), json!({ "text": text })).await;
    }

    async fn fault(&self, fault: Value, path: &str) {
        self.control("faults", json!({ "fault": { "api": fault }, "when": { "next": 1 }, "path": path }))
            .await;
    }

    /// What the platform accepted from us, in its order.
    async fn ledger(&self) -> Vec<Value> {
        self.look("ledger?by=api").await["items"].as_array().unwrap().clone()
    }

    /// Both clocks on.
    async fn advance(&self, ms: i64) {
        self.world.clock.advance_ms(ms);
        self.control("clock", json!({ "advance_ms": ms })).await;
    }

    async fn status(&self, id: MessageId) -> String {
        self.world.message(id).await.status
    }
}

fn template(n: u128, text: Option<&str>, template: Value) -> SendMessage {
    let template = Some(serde_json::from_value(template).unwrap());
    SendMessage { text: text.map(str::to_owned), template, ..text_message(n, "") }
}

on_both_databases! {
    /// A note is written, changed and removed, and the platform has seen no call at all.
    async fn a_note_never_leaves_the_house(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        let agent = world.agent();
        program.pump().await;
        let before = zalo.look("requests").await;
        assert!(!before.as_array().unwrap().is_empty(), "the log knows of the connecting: {before}");
        let inbox = &program.outbound.inbox;
        let written =
            inbox.write_note(&agent, world.conversation, uuid::Uuid::from_u128(1), "Khách hay trả hàng").await;
        let loa_inbox::notes::Noted::New(note) = written.unwrap() else { panic!("it is new") };
        inbox.edit_note(&agent, note.id, "Khách rất hay trả hàng").await.unwrap();
        assert_eq!(program.pump().await, 0, "nothing is due");
        for done in [
            program.outbound.retry(&agent, note.id).await.map(|_| ()),
            program.outbound.cancel(&agent, note.id).await,
            program.outbound.react(&agent, note.id, None).await.map(|_| ()),
        ] {
            assert_eq!(done.unwrap_err().code, Code::NotFound);
        }
        inbox.delete_note(&agent, note.id).await.unwrap();
        assert_eq!(program.pump().await, 0);
        assert_eq!(zalo.look("requests").await, before);
        // Nothing of it stands among what is counted as sent or waiting.
        assert!(world.thread().await.is_empty());
    }

    async fn cards_and_buttons_reach_the_customer_and_are_never_sent_twice(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let card = json!({
            "title": " Khuyến mãi ", "subtitle": "Giảm 20 %", "image_url": "https://shop.example/1.jpg",
            "action": {"type": "open_url", "url": "https://shop.example/km"},
        });
        let call = json!({"title": "Gọi", "action": {"type": "call", "phone": "0912 345 678"}});
        let say = json!({"title": "Tư vấn", "action": {"type": "say", "text": "#tuvan"}});
        let outbound = &zalo.program.outbound;
        let (agent, conversation) = (zalo.world.agent(), zalo.world.conversation);
        for (n, request) in [
            (1, template(1, None, json!({"kind": "list", "cards": [card], "buttons": [call]}))),
            (2, template(2, Some("Cần gì ạ?"), json!({"kind": "buttons", "buttons": [say]}))),
            (3, template(3, None, json!({"kind": "request_info", "cards": [card]}))),
        ] {
            let sent = outbound.submit(&agent, conversation, &request).await.unwrap();
            let loa_outbound::Submitted::New(view) = sent else { panic!("{n} is new") };
            // Submitted again it is the same; another one under its id is refused.
            let again = outbound.submit(&agent, conversation, &request).await.unwrap();
            assert!(matches!(again, loa_outbound::Submitted::Known(known) if known.id == view.id), "{n}");
            let other = outbound.submit(&agent, conversation, &text_message(n, "khác")).await.unwrap_err();
            assert_eq!(other.code, Code::Conflict, "{n}");
            zalo.program.pump().await;
            assert_eq!(zalo.world.message(view.id).await.status, "sent", "{n}");
        }
        let ours = zalo.ledger().await;
        let kinds: Vec<&str> = ours.iter().map(|m| m["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["list", "buttons", "request_info"]);
        assert_eq!(ours[0]["entries"][0]["title"], "Khuyến mãi");
        assert_eq!(ours[0]["entries"][0]["action"]["value"], "https://shop.example/km");
        assert_eq!(ours[0]["buttons"][0]["value"], "84912345678");
        assert_eq!((&ours[1]["text"], &ours[1]["buttons"][0]["value"]), (&json!("Cần gì ạ?"), &json!("#tuvan")));
        // The list shows their first title, the one with a text its text.
        let thread = zalo.world.thread().await;
        let mut texts: Vec<&str> = thread.iter().filter_map(|m| m.text.as_deref()).collect();
        texts.sort_unstable();
        assert_eq!(texts, ["Cần gì ạ?", "Khuyến mãi", "Khuyến mãi"]);
        for (name, request, field) in [
            ("a bad address", template(9, None, json!({"kind": "list", "cards": [{"title": "a", "subtitle": "b", "image_url": "x"}]})), "cards[0].image_url"),
            ("a bad number", template(9, Some("x"), json!({"kind": "buttons", "buttons": [{"title": "a", "action": {"type": "call", "phone": "x"}}]})), "buttons[0].action"),
            ("no picture", template(9, None, json!({"kind": "request_info", "cards": [{"title": "a", "subtitle": "b"}]})), "cards[0].image_url"),
        ] {
            let refused = outbound.submit(&agent, conversation, &request).await.unwrap_err();
            assert_eq!((refused.code, refused.params["field"].as_str()), (Code::InvalidField, Some(field)), "{name}");
        }
        let both = SendMessage { sticker_id: Some("s".into()), ..template(9, Some("x"), json!({"kind": "buttons", "buttons": [say]})) };
        assert_eq!(outbound.submit(&agent, conversation, &both).await.unwrap_err().code, Code::TooManyAttachments);
    }

    async fn a_lost_answer_about_cards_is_found_in_the_history(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let card = json!({"title": "Xin thông tin", "subtitle": "để giao hàng", "image_url": "https://shop.example/1.jpg"});
        let say = json!({"title": "Tư vấn", "action": {"type": "say", "text": "#tuvan"}});
        for (n, request) in [
            (1, template(1, None, json!({"kind": "request_info", "cards": [card]}))),
            (2, template(2, Some("Cần gì ạ?"), json!({"kind": "buttons", "buttons": [say]}))),
            (3, template(3, None, json!({"kind": "list", "cards": [card]}))),
        ] {
            zalo.fault(json!({"do": "process_then_close"}), "/v3.0/oa/message/cs").await;
            let sent = zalo.program.outbound.submit(&zalo.world.agent(), zalo.world.conversation, &request).await.unwrap();
            let loa_outbound::Submitted::New(view) = sent else { panic!("{n} is new") };
            zalo.program.pump().await;
            assert_eq!(zalo.world.message(view.id).await.status, "unknown", "{n}");
            zalo.world.clock.set(zalo.world.now().plus_ms(60_000));
            zalo.program.unknown.run_batch(10).await.unwrap();
            let row = zalo.world.message(view.id).await;
            assert_eq!((row.status.as_str(), row.platform_id.is_some()), ("sent", true), "{n}");
        }
    }

    async fn everything_that_can_be_sent_arrives(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        let agent = world.agent();
        let channel = world.channel().await;
        assert_eq!(channel.name, "Shop Mận");
        let quota = channel.quota.unwrap();
        assert_eq!((quota.total - quota.remain, quota.total), (37, 1000));

        let first = program.send(world, 1, "Dạ còn ạ").await.unwrap();
        program.pump().await;
        assert_eq!(zalo.status(first.id).await, "sent");
        let png: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";
        let gif: &[u8] = b"GIF89a\x2c\x01\xc8\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff;";
        let pdf: &[u8] = b"%PDF-1.4\n%%EOF\n";
        for (n, name, bytes, text, kind) in [
            (2, "áo.png", png, Some("Mẫu này ạ"), "image"),
            (3, "áo.png", png, None, "image"),
            (4, "vui.gif", gif, None, "gif"),
            (5, "báo giá.pdf", pdf, None, "file"),
        ] {
            let file = program.outbound.inbox.upload(&agent, name, Bytes::from_static(bytes)).await.unwrap();
            let message = SendMessage {
                file_id: Some(file.id),
                text: text.map(str::to_owned),
                ..text_message(n, "")
            };
            program.outbound.submit(&agent, world.conversation, &message).await.unwrap();
            program.pump().await;
            let last = zalo.ledger().await.pop().unwrap();
            assert_eq!((last["kind"].as_str(), last["text"].as_str()), (Some(kind), text), "{name}");
        }
        let sticker = zalo.look("stickers").await[0]["id"].as_str().unwrap().to_owned();
        let message = SendMessage { sticker_id: Some(sticker), text: None, ..text_message(6, "") };
        program.outbound.submit(&agent, world.conversation, &message).await.unwrap();
        let message = SendMessage { quoted_message_id: Some(first.id), ..text_message(7, "Chị xem nhé") };
        program.outbound.submit(&agent, world.conversation, &message).await.unwrap();
        program.pump().await;
        let ledger = zalo.ledger().await;
        assert_eq!(ledger.len(), 7);
        assert_eq!(ledger[5]["kind"], "sticker");
        assert_eq!(ledger[6]["quoted_id"], ledger[0]["id"]);
        assert!(world.thread().await.iter().all(|m| m.status == "sent"));
        let identity = world.identity().await;
        assert_eq!((identity.replies_used, identity.platform_reply_remain), (7, Some(1)));

        let work = ProfileWork(program.outbound.channels.clone());
        assert!(work.run_batch(10).await.unwrap() >= 1);
        let customer = loa_kernel::CustomerId(world.identity().await.customer_id);
        let row = customers::by_ids(db.store.reader(), world.seed.workspace, &[customer]).await.unwrap().remove(0);
        assert_eq!(row.display_name, "Nguyễn An");
    }

    /// The smaller package of 2026 includes 100 calls a minute. A crowd of calls that the account's figure does not
    /// include never leaves this side.
    async fn calls_keep_to_what_the_package_includes(db: TestDb) {
        const CROWD: usize = 20;
        let zalo = Zalo::new(&db).await;
        let (ws, channel) = (zalo.world.seed.workspace, zalo.world.seed.channel);
        let channels = &zalo.program.outbound.channels;
        // To the time of that package; tokens live three months, so in two steps.
        for _ in 0..2 {
            zalo.advance(80 * 86_400_000).await;
            channels.recipient(ws, channel, &zalo.user).await.unwrap();
        }
        let crowd = async || {
            let calls = (0..CROWD).map(|_| channels.recipient(ws, channel, &zalo.user));
            let answers = futures::future::join_all(calls).await;
            let refused = answers.into_iter().filter_map(Result::err).map(|e| e.to_string()).collect::<Vec<_>>();
            assert!(refused.iter().all(|why| why.contains("rate limit of the Oa")), "{refused:?}");
            CROWD - refused.len()
        };
        assert_eq!(crowd().await, CROWD, "the package is not known");
        zalo.change_oa(json!({ "package": { "name": "Gói Tăng trưởng" } })).await;
        channels.refresh(&zalo.world.agent(), channel).await.unwrap();
        let through = crowd().await;
        // A tenth at once, then 3 in 2 seconds, the longest that a call waits.
        assert!((10..=14).contains(&through), "{through} calls");
        // The figure is in the row, so another program has it from its first call on.
        let mut settings = ZaloSettings { timeout: Duration::from_secs(3), ..ZaloSettings::default() };
        settings.endpoints = zalo::Endpoints::one_host(zalo.sandbox.base_url.parse().unwrap());
        let connector = Arc::new(ZaloConnector::new(ZaloConnector::http().unwrap(), settings));
        let account = zalo.world.program_with(2, connector).outbound.channels.tokens().access(ws, channel).await;
        assert_eq!(account.unwrap().calls_per_minute.map(std::num::NonZeroU32::get), Some(100));
    }

    async fn fields_values_and_lists_go_both_ways(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (ws, channel) = (zalo.world.seed.workspace, zalo.world.seed.channel);
        let channels = &zalo.program.outbound.channels;
        let field = |key: &str, kind| PlatformField {
            key: key.into(),
            label: format!("Trường {key}"),
            help: String::new(),
            kind,
            keys: if kind == PlatformFieldKind::Table { vec!["code".into()] } else { Vec::new() },
            format: None,
            system: false,
        };
        let refusal = |answer: Result<(), CallError>| match answer {
            Err(CallError::Rejected { code, refusal, .. }) => Some((code, refusal)),
            other => panic!("{other:?}"),
        };
        // On "Nâng cao" there are fields, and no tables.
        channels.create_field(ws, channel, &field("points", PlatformFieldKind::Number)).await.unwrap();
        let table = field("order", PlatformFieldKind::Table);
        assert_eq!(refusal(channels.create_field(ws, channel, &table).await), Some((-224, Refusal::NotEntitled)));
        zalo.change_oa(json!({ "package": { "name": "Premium" } })).await;
        channels.create_field(ws, channel, &table).await.unwrap();
        let more = PlatformField { keys: vec!["code".into(), "amount".into()], label: "Đơn".into(), ..table.clone() };
        channels.update_field(ws, channel, &more).await.unwrap();
        assert_eq!(refusal(channels.update_field(ws, channel, &table).await), Some((-201, Refusal::Parameter)), "a key is gone");
        let told = channels.fields(ws, channel).await.unwrap();
        let own: Vec<_> = told.iter().filter(|f| !f.system).cloned().collect();
        assert_eq!(own, [field("points", PlatformFieldKind::Number), more]);
        assert!(told.iter().any(|f| f.system && f.key == "user_dob"));

        let given = PlatformValues {
            name: Some("An".into()),
            birthday: Some("1999-12-31".parse().unwrap()),
            gender: Some("female".into()),
            address: Some(PlatformAddress { city: Some("79".into()), ward: None, line: Some("12 Lê Lợi".into()) }),
            external_id: Some("CRM-1".into()),
            custom: json!({ "points": 2500, "order": { "code": "DH1" } }).as_object().cloned(),
            ..PlatformValues::default()
        };
        channels.put_values(ws, channel, &zalo.user, &given).await.unwrap();
        let want = PlatformValues {
            address: Some(PlatformAddress { city: Some("Hồ Chí Minh".into()), ward: None, line: Some("12 Lê Lợi".into()) }),
            custom: json!({ "points": "2500", "order": { "code": "DH1" } }).as_object().cloned(),
            ..given
        };
        assert_eq!(channels.values(ws, channel, &zalo.user).await.unwrap(), want);
        // What is not named stays, null goes, and what does not fit changes nothing.
        let change = |custom: Value| PlatformValues { custom: custom.as_object().cloned(), ..PlatformValues::default() };
        let wrong = channels.put_values(ws, channel, &zalo.user, &change(json!({ "order": null, "points": "x" }))).await;
        assert_eq!(refusal(wrong), Some((-201, Refusal::Parameter)));
        channels.put_values(ws, channel, &zalo.user, &change(json!({ "points": null }))).await.unwrap();
        let left = PlatformValues { custom: json!({ "order": { "code": "DH1" } }).as_object().cloned(), ..want };
        assert_eq!(channels.values(ws, channel, &zalo.user).await.unwrap(), left);
        channels.delete_field(ws, channel, "order").await.unwrap();
        assert_eq!(channels.values(ws, channel, &zalo.user).await.unwrap().custom, Some(Default::default()));

        // More people than one filter reaches.
        zalo.control("seed/people", json!({ "oa_id": OA, "users": 12_000, "days": 10 })).await;
        let ask = |offset, period| PeopleQuery { offset, count: 50, period, follower: None, tag: None };
        let page = channels.people(ws, channel, &ask(9_951, None)).await.unwrap();
        assert_eq!((page.total, page.users.len()), (12_001, 50));
        let beyond = channels.people(ws, channel, &ask(9_952, None)).await.map(|_| ());
        assert_eq!(refusal(beyond), Some((-210, Refusal::Parameter)));
        let today = zalo.world.now().vietnam_date();
        let before = (0..4).fold(today, |day, _| day.yesterday().unwrap());
        let (mut recent, mut older) = (0, 0);
        for (period, count) in [((before, today), &mut recent), (("2000-01-01".parse().unwrap(), before.yesterday().unwrap()), &mut older)] {
            *count = channels.people(ws, channel, &ask(0, Some(period))).await.unwrap().total;
            assert!(*count < 10_000, "{period:?}: {count}");
        }
        assert_eq!(recent + older, 12_001);
    }

    async fn a_follow_is_ended_and_a_lost_answer_is_said_to_be_one(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (ws, channel) = (zalo.world.seed.workspace, zalo.world.seed.channel);
        let channels = &zalo.program.outbound.channels;
        assert!(channels.removes_followers(ws, channel).await.unwrap());
        let follows = async || zalo.look(&format!("oas/{OA}/users/{PERSON}")).await["follower"] == json!(true);
        let remove = async || channels.remove_follower(ws, channel, &zalo.user).await.unwrap();
        // Carried out, and the answer lost; and lost before anything happened.
        for (fault, still) in [("process_then_close", false), ("reset", true)] {
            zalo.control(&format!("oas/{OA}/users/{PERSON}/follow"), json!({})).await;
            zalo.control("faults", json!({ "fault": { "api": { "do": fault } }, "path": Config::REMOVE_FOLLOWER_PATH })).await;
            assert!(matches!(remove().await, FollowRemoval::Unknown { .. }), "{fault}");
            assert_eq!(follows().await, still, "{fault}");
            assert_eq!(channels.profile(ws, channel, &zalo.user).await.unwrap().is_follower, Some(still));
        }
        assert_eq!(remove().await, FollowRemoval::Done);
        assert!(!follows().await);
        let again = remove().await;
        assert!(matches!(again, FollowRemoval::Rejected { code: -213, refusal: Refusal::NotFollower, .. }), "{again:?}");
    }

    async fn quota_moves_behind_our_back_and_shows_with_our_next_send(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        zalo.advance(49 * 3_600_000).await;
        for n in 0..3 {
            zalo.tool_writes(&format!("Tin {n} từ Zalo")).await;
        }
        let used = || async {
            let quota = world.channel().await.quota.unwrap();
            (quota.total - quota.remain, quota.total)
        };
        let decision = program.outbound.decision(&world.agent(), world.conversation).await.unwrap().decision;
        assert_eq!((decision.package.unwrap().used, used().await), (37, (37, 1000)), "nobody has told us");
        program.send(world, 1, "Chào chị").await.unwrap();
        program.pump().await;
        assert_eq!(used().await, (41, 1000));
        // And the day says who used them.
        let channels = &program.outbound.channels;
        let history = channels.quota_history(&world.agent(), world.seed.channel, None, None).await.unwrap();
        let today = history.days.last().unwrap();
        assert_eq!((today.outside, today.level.as_ref().map(|level| level.used)), (3, Some(41)));
        let entries: Vec<_> = today.entries.iter().map(|e| (e.class.as_str(), e.messages, e.member_id)).collect();
        assert_eq!(entries, [("package", 1, Some(world.seed.admin))]);
    }

    async fn reactions_reach_the_platform_and_cost_nothing(db: TestDb) {
        use loa_channels::ReactionIcon;
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        let view = program.send(world, 1, "Dạ còn ạ").await.unwrap();
        let agent = world.agent();
        let early = program.outbound.react(&agent, view.id, Some(ReactionIcon::Love)).await.unwrap_err();
        assert_eq!((early.code, early.params["reason"].as_str()), (Code::Conflict, Some("not_sent")));
        program.pump().await;
        let left = world.identity().await.platform_reply_remain;
        let reacted = |icon| program.outbound.react(&agent, view.id, icon);
        for icon in ReactionIcon::ALL {
            let view = reacted(Some(*icon)).await.unwrap();
            assert_eq!(view.reactions.len(), 1, "the last one stands: {icon}");
        }
        assert_eq!(world.identity().await.platform_reply_remain, left);
        assert_eq!(reacted(None).await.unwrap().reactions, []);
        // 50 a message are taken.
        for _ in 0..50 {
            reacted(Some(ReactionIcon::Like)).await.unwrap();
        }
        let refused = reacted(Some(ReactionIcon::Like)).await.unwrap_err();
        assert_eq!((refused.code, refused.params["platform_code"].as_i64()), (Code::PlatformRefused, Some(-210)));
        assert_eq!(refused.params["remedy"], "edit_message");
        assert_eq!(zalo.ledger().await.len(), 1, "reactions are no messages");
    }

    async fn money_runs_out_on_the_platforms_side(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        zalo.advance(49 * 3_600_000).await;
        zalo.change_oa(json!({ "package": { "used": 1000 }, "zca": { "linked": false } })).await;
        // We still believe in 963 left.
        let view = program.send(world, 1, "Chào").await.unwrap();
        program.pump().await;
        let row = world.message(view.id).await;
        assert_eq!((row.status.as_str(), row.error_code), ("failed", Some(-320)));
        assert_eq!(world.channel().await.billing, BillingState::NotLinked);
        assert_eq!(program.send(world, 2, "Chào").await.unwrap_err().code, Code::SendNotAllowed);

        // Linked without money; somebody presses "check again".
        zalo.change_oa(json!({ "zca": { "balance_vnd": 0 } })).await;
        program.outbound.channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        let view = program.outbound.retry(&world.agent(), view.id).await.unwrap();
        program.pump().await;
        assert_eq!(world.message(view.id).await.error_code, Some(-321));
        assert_eq!(world.channel().await.billing, BillingState::OutOfMoney);

        zalo.change_oa(json!({ "zca": { "balance_vnd": 1000 } })).await;
        program.outbound.channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        program.outbound.retry(&world.agent(), view.id).await.unwrap();
        program.pump().await;
        assert_eq!(zalo.status(view.id).await, "sent");
        let ledger = zalo.ledger().await;
        assert_eq!((ledger.len(), ledger[0]["cost_vnd"].as_i64()), (1, Some(55)));
    }

    async fn answers_that_are_lost_are_found_and_nothing_goes_twice(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        for (n, fault) in [
            (1, json!({ "do": "process_then_close" })),
            (2, json!({ "do": "html_after", "status": 502 })),
            (3, json!({ "do": "process_then_hang" })),
        ] {
            zalo.fault(fault, "/v3.0/oa/message/cs").await;
            let view = program.send(world, n, "Dạ còn ạ").await.unwrap();
            program.pump().await;
            assert_eq!(zalo.status(view.id).await, "unknown", "{n}");
            zalo.advance(5_000).await;
            assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
            assert_eq!(zalo.status(view.id).await, "sent", "{n}");
        }
        // And one that was never processed: it goes out once, later.
        zalo.fault(json!({ "do": "html", "status": 503 }), "/v3.0/oa/message/cs").await;
        let view = program.send(world, 4, "Dạ còn ạ").await.unwrap();
        program.pump().await;
        assert_eq!(zalo.status(view.id).await, "unknown");
        zalo.advance(5_000).await;
        program.unknown.run_batch(10).await.unwrap();
        zalo.advance(60_000).await;
        program.unknown.run_batch(10).await.unwrap();
        assert_eq!(zalo.status(view.id).await, "queued");
        zalo.advance(60_000).await;
        program.pump().await;
        assert_eq!(zalo.status(view.id).await, "sent");
        let ledger = zalo.ledger().await;
        assert_eq!(ledger.len(), 4, "four messages, each once");
        let mut ours: Vec<_> = world.thread().await.into_iter().filter_map(|m| m.platform_id).collect();
        ours.sort();
        let mut theirs: Vec<_> = ledger.iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect();
        theirs.sort();
        assert_eq!(ours, theirs);
        let identity = world.identity().await;
        assert_eq!((identity.replies_used, identity.replies_reserved, identity.platform_reply_remain), (4, 0, Some(4)));
    }

    async fn a_platform_that_is_gone_gets_the_message_once_when_it_is_back(db: TestDb) {
        let mut zalo = Zalo::new(&db).await;
        let addr = zalo.sandbox.addr;
        let config = Config {
            data: Some(db.dir.path().join("zalo")),
            listen: addr,
            seed: Some(2),
            ..Config::default()
        };
        zalo.sandbox.shutdown().await.unwrap();
        let view = zalo.program.send(&zalo.world, 1, "Dạ còn ạ").await.unwrap();
        assert_eq!(zalo.program.pump().await, 1);
        let row = zalo.world.message(view.id).await;
        assert_eq!((row.status.as_str(), &row.problem.unwrap()["code"]), ("queued", &json!("platform_unavailable")));
        zalo.world.clock.advance_ms(1_000);
        assert_eq!(zalo.program.pump().await, 1);
        assert_eq!(zalo.world.message(view.id).await.status, "queued");
        zalo.sandbox = Sandbox::start(config).await.unwrap();
        zalo.world.clock.advance_ms(2_000);
        assert_eq!(zalo.program.pump().await, 1);
        assert_eq!(zalo.status(view.id).await, "sent");
        assert_eq!(zalo.ledger().await.len(), 1);
    }

    async fn a_token_that_dies_in_flight_costs_nothing(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        zalo.fault(json!({ "do": "expire_token" }), "/v3.0/oa/message/cs").await;
        let view = program.send(world, 1, "Dạ còn ạ").await.unwrap();
        program.pump().await;
        assert_eq!(zalo.status(view.id).await, "sent");
        assert_eq!(zalo.ledger().await.len(), 1);

        // Many renew at once, in two programs: the platform accepts one, and all go on with its pair.
        let other = world.program_with(2, Arc::new(ZaloConnector::new(ZaloConnector::http().unwrap(), {
            let endpoints = zalo::Endpoints::one_host(zalo.sandbox.base_url.parse().unwrap());
            ZaloSettings { endpoints, ..ZaloSettings::default() }
        })));
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let generation = program.outbound.channels.tokens().access(ws, channel).await.unwrap().generation;
        let keepers = [&program.outbound, &other.outbound].map(|o| o.channels.tokens().clone());
        let tries: Vec<_> = (0..8).map(|n| {
            let keeper = keepers[n % 2].clone();
            tokio::spawn(async move { keeper.renew(ws, channel, generation).await.unwrap().generation })
        }).collect();
        for one in tries {
            assert_eq!(one.await.unwrap(), generation + 1);
        }
        let view = other.send(world, 2, "Chị cần mấy cái?").await.unwrap();
        other.pump().await;
        assert_eq!(zalo.status(view.id).await, "sent");

        // The grant is gone for good: an administrator must connect again.
        zalo.control(&format!("oas/{OA}/grants/{APP}/expire"), json!({ "refresh_too": true })).await;
        let view = program.send(world, 3, "Chị ơi?").await.unwrap();
        program.pump().await;
        assert_eq!(zalo.status(view.id).await, "failed");
        assert_eq!(world.channel().await.status, ChannelStatus::ReconnectRequired);
    }

    async fn the_platforms_windows_and_blocks_are_believed(db: TestDb) {
        let zalo = Zalo::new(&db).await;
        let (world, program) = (&zalo.world, &zalo.program);
        // The customer blocked the account, and no event told us.
        let contact = format!("{}/_sandbox/api/oas/{OA}/users/{PERSON}", zalo.sandbox.base_url);
        zalo.http.patch(contact).json(&json!({ "blocked": true })).send().await.unwrap().error_for_status().unwrap();
        let view = program.send(world, 1, "Dạ còn ạ").await.unwrap();
        program.pump().await;
        assert_eq!(world.message(view.id).await.error_code, Some(-244));
        assert!(world.identity().await.is_blocked);
        let refused = program.send(world, 2, "Chị ơi").await.unwrap_err();
        let reasons = refused.params["decision"]["reasons"].as_array().unwrap().clone();
        assert_eq!(reasons.last().unwrap()["code"], "blocked");
        assert!(world.clock.now() >= world.seed.now);
    }
}
