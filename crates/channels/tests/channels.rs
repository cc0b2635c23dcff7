//! Tokens, the application, connecting, webhooks and profiles, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue};
use loa_channels::reconcile::DueWork;
use loa_channels::scripted::{self, Scripted};
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{
    AccountReport, CallError, ChannelKind, Channels, ChannelsSettings, Connector, Connectors, ConsentAnswer,
    GrantOutcome, PoolReport, Profile, ProfileWork, QuotaWork, Refusal, ReportReason, TokenWork,
};
use loa_kernel::{Actor, Clock, Code, Ids, ManualClock, MemberId, Role, SeededRandom, Timestamp};
use loa_rulebook::Library;
use loa_store::channels::{self as rows, BillingState, ChannelStatus, credentials};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::{Secret, Store, customers, notifications};
use loa_stream::Signals;
use loa_testdb::{Seed, TestDb, on_both_databases, seed};
use sea_orm::EntityTrait;

struct World {
    seed: Seed,
    store: Store,
    clock: Arc<ManualClock>,
    platform: Arc<Scripted>,
}

impl World {
    async fn new(db: &TestDb) -> Self {
        let seed = seed(&db.store).await;
        let clock = Arc::new(ManualClock::new(seed.now));
        let world = Self { seed, store: db.store.clone(), clock, platform: Arc::default() };
        world.tokens("access-0", "refresh-0", world.seed.now.plus_hours(25)).await;
        world
    }

    async fn tokens(&self, access: &str, refresh: &str, until: Timestamp) {
        let tokens = credentials::Tokens {
            access: Secret::new(access),
            refresh: Secret::new(refresh),
            access_expires_at: until,
            refresh_expires_at: self.seed.now.plus_days(90),
        };
        let tx = self.store.begin().await.unwrap();
        credentials::store(&tx, &self.seed.vault, self.seed.workspace, self.seed.channel, &tokens)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// A program over the same database; `n` makes its randomness its own.
    fn program(&self, n: u64) -> Channels {
        self.program_with(n, self.platform.clone())
    }

    /// A program with its own connections.
    fn program_over(&self, n: u64, store: Store) -> Channels {
        self.program_of(n, self.platform.clone(), store)
    }

    fn program_with(&self, n: u64, connector: Arc<dyn Connector>) -> Channels {
        self.program_of(n, connector, self.store.clone())
    }

    fn program_of(&self, n: u64, connector: Arc<dyn Connector>, store: Store) -> Channels {
        let ids = Ids::new(self.clock.clone(), Arc::new(SeededRandom::new(n)));
        Channels::new(
            store,
            self.seed.vault.clone(),
            ids,
            Signals::new(),
            Arc::new(Library::embedded()),
            Connectors::new([connector]),
            ChannelsSettings::new("https://loa.example/".parse().unwrap()),
        )
    }

    fn admin(&self) -> Actor {
        Actor::with_role(self.seed.workspace, self.seed.admin, Role::Admin)
    }

    async fn channel(&self) -> rows::Channel {
        rows::get(self.store.reader(), self.seed.workspace, self.seed.channel).await.unwrap().unwrap()
    }
}

on_both_databases! {
    async fn of_many_who_renew_one_asks_and_all_use_its_answer(db: TestDb) {
        let world = World::new(&db).await;
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let programs: Vec<Channels> = (1..=3).map(|n| world.program(n)).collect();
        let tries = programs.iter().cycle().take(9).map(|program| {
            let program = program.clone();
            tokio::spawn(async move { program.tokens().renew(ws, channel, 1).await.unwrap() })
        });
        let tries: Vec<_> = tries.collect();
        for account in tries {
            let account = account.await.unwrap();
            assert_eq!((account.access_token.expose(), account.generation), ("access-1", 2));
        }
        assert_eq!(world.platform.script().renewed, ["refresh-0"], "a refresh token works once");
        let kept = credentials::load(db.store.reader(), &world.seed.vault, ws, channel).await.unwrap().unwrap();
        assert_eq!(kept.tokens.refresh.expose(), "refresh-1");
        assert_eq!(kept.lease, None);
        assert_eq!(kept.tokens.access_expires_at, world.seed.now.plus_hours(25));
    }

    async fn a_lost_answer_is_asked_for_once_more_and_a_refusal_then_is_final(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let lost = || GrantOutcome::Unknown { reason: "time-out".into() };
        let refused = || GrantOutcome::Refused { code: Some(-14014), message: "Invalid refresh token".into() };
        world.platform.script().renewals.extend([lost(), refused()]);
        let problem = program.tokens().renew(world.seed.workspace, world.seed.channel, 1).await.unwrap_err();
        assert_eq!(problem.code, Code::ChannelDisconnected);
        assert_eq!(world.platform.script().renewed.len(), 2);
        let channel = world.channel().await;
        assert_eq!(channel.status, ChannelStatus::ReconnectRequired);
        assert_eq!(channel.status_reason.as_deref(), Some("refresh_refused"));
        // Nobody asks in vain from now on.
        assert!(program.tokens().access(world.seed.workspace, world.seed.channel).await.is_err());
        assert_eq!(world.platform.script().renewed.len(), 2);
    }

    async fn two_programs_on_one_database_never_both_use_a_refresh_token(db: TestDb) {
        let world = World::new(&db).await;
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let one = world.program(1);
        let two = world.program_over(2, db.open_again().await);
        // Both find the token due at the same moment, again and again.
        for round in 1..=5_i64 {
            let (a, b) = tokio::join!(one.tokens().renew(ws, channel, round), two.tokens().renew(ws, channel, round));
            let (a, b) = (a.unwrap(), b.unwrap());
            assert_eq!((a.generation, b.generation), (round + 1, round + 1));
            assert_eq!(a.access_token.expose(), b.access_token.expose());
        }
        let used = world.platform.script().renewed.clone();
        assert_eq!(used, ["refresh-0", "refresh-1", "refresh-2", "refresh-3", "refresh-4"], "each once");
    }

    async fn a_program_that_died_in_a_refresh_keeps_others_away_and_is_named(db: TestDb) {
        let world = World::new(&db).await;
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let one = world.program(1);
        // Dies after the platform has answered and before anything is written.
        let died = tokio::spawn({
            let one = one.clone();
            async move { one.tokens().renew(ws, channel, 1).await }
        });
        while world.platform.script().renewed.is_empty() {
            tokio::task::yield_now().await;
        }
        died.abort();
        assert!(died.await.unwrap_err().is_cancelled());
        assert_eq!(world.platform.script().renewed, ["refresh-0"]);
        let two = world.program_over(2, db.open_again().await);
        let work = TokenWork(two.clone());
        world.clock.set(world.seed.now.plus_ms(60_000));
        assert_eq!(work.run_batch(10).await.unwrap(), 0, "the lease keeps everybody away");
        // The lease has ended. The call may not have been made, so the token is tried; it was used.
        world.clock.set(world.seed.now.plus_hours(24).plus_ms(1));
        let refused = GrantOutcome::Refused { code: Some(-14014), message: "Invalid refresh token".into() };
        world.platform.script().renewals.push_back(refused);
        assert_eq!(two.tokens().renew(ws, channel, 1).await.unwrap_err().code, Code::ChannelDisconnected);
        let row = world.channel().await;
        assert_eq!(row.status_reason.as_deref(), Some("refresh_interrupted"));
    }

    async fn one_slower_than_its_lease_sets_the_account_right_again(db: TestDb) {
        let world = World::new(&db).await;
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let (one, two) = (world.program(1), world.program_over(2, db.open_again().await));
        let slow = tokio::spawn({
            let one = one.clone();
            async move { one.tokens().renew(ws, channel, 1).await }
        });
        while world.platform.script().renewed.is_empty() {
            tokio::task::yield_now().await;
        }
        // Meanwhile its lease ends, and another finds the token used.
        world.clock.set(world.seed.now.plus_hours(1));
        let tx = db.store.begin().await.unwrap();
        loa_store::channels::set_status(&tx, ws, channel, ChannelStatus::ReconnectRequired, Some("refresh_interrupted"), world.clock.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let account = slow.await.unwrap().unwrap();
        assert_eq!((account.generation, account.access_token.expose()), (2, "access-1"));
        assert_eq!(world.channel().await.status, ChannelStatus::Connected);
        assert_eq!(two.tokens().access(ws, channel).await.unwrap().generation, 2);
    }

    async fn tags_of_the_platform_come_with_the_profile(db: TestDb) {
        let world = World::new(&db).await;
        scripted::add_customer(&db.store, world.seed.workspace, world.seed.channel, "u1", None, world.seed.now).await;
        let tags = async || {
            let facts = loa_store::entity::customer_identities::Entity::find().one(db.store.reader()).await.unwrap().unwrap().facts;
            let mut on: Vec<(String, bool)> = facts["tags"].as_object().cloned().unwrap_or_default().into_iter()
                .map(|(name, said)| (name, said["on"] == true)).collect();
            on.sort();
            on
        };
        let work = ProfileWork(world.program(1));
        for (at, told, want) in [
            (0, Some(vec!["VIP", "Q1"]), vec![("Q1", true), ("VIP", true)]),
            (1, None, vec![("Q1", true), ("VIP", true)]),
            (2, Some(vec!["Q1"]), vec![("Q1", true), ("VIP", false)]),
        ] {
            world.clock.set(world.seed.now.plus_hours(at));
            let told = told.map(|tags| tags.into_iter().map(str::to_owned).collect());
            world.platform.script().profile = Ok(Profile { tags: told, ..Profile::default() });
            let tx = db.store.begin().await.unwrap();
            loa_store::profiles::mark_due(&tx, world.seed.workspace, world.seed.channel, "u1", world.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
            work.run_batch(10).await.unwrap();
            let want: Vec<(String, bool)> = want.into_iter().map(|(n, on)| (n.to_owned(), on)).collect();
            assert_eq!(tags().await, want, "after {at} hours");
        }
    }

    async fn an_unreachable_platform_costs_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        world.platform.script().renewals.push_back(GrantOutcome::NotSent { reason: "refused".into() });
        let problem = program.tokens().renew(ws, channel, 1).await.unwrap_err();
        assert_eq!(problem.code, Code::PlatformUnavailable);
        assert_eq!(world.channel().await.status, ChannelStatus::Connected);
        // The lease was given back: the next try is made at once.
        let account = program.tokens().renew(ws, channel, 1).await.unwrap();
        assert_eq!(account.generation, 2);
    }

    async fn tokens_are_renewed_before_they_end(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let work = TokenWork(program.clone());
        assert_eq!(work.run_batch(10).await.unwrap(), 0, "25 hours are left");
        world.clock.set(world.seed.now.plus_hours(24).plus_ms(1));
        assert_eq!(work.run_batch(10).await.unwrap(), 1);
        assert_eq!(work.run_batch(10).await.unwrap(), 0);
        // A token that has ended is renewed when it is needed.
        world.clock.set(world.seed.now.plus_hours(60));
        let account = program.tokens().access(world.seed.workspace, world.seed.channel).await.unwrap();
        assert_eq!(account.generation, 3);
    }

    async fn questions_survive_a_dead_token(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let refused = || CallError::Rejected { code: -216, message: "x".into(), refusal: Refusal::Token };
        world.platform.script().recent = Err(refused());
        let asked = program.recent(world.seed.workspace, world.seed.channel, "u", Timestamp(0)).await;
        assert_eq!(asked, Err(refused()), "refused twice");
        assert_eq!(world.platform.script().looks.len(), 2);
        assert_eq!(world.platform.script().renewed.len(), 1);
        assert_eq!(world.channel().await.status, ChannelStatus::ReconnectRequired);
    }

    async fn the_package_says_how_many_calls_a_minute_may_hold(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        world.tokens("access-0", "refresh-0", world.seed.now.plus_days(900)).await;
        // Days after 2026-01-15; the line-up of 2026-06-01 is not known before it is sold.
        for (days, package, calls) in [
            (0, None, None),
            (0, Some("Nâng cao"), None),
            (0, Some("Growth"), None),
            (200, Some("Growth"), Some(100)),
            (200, Some("Gói Tăng trưởng"), Some(100)),
            (200, Some("comprehensive"), Some(2000)),
            (200, Some("Nâng cao"), None),
            // No interface at all by the book; the platform itself says so when it is called.
            (200, Some("Basic"), None),
            (200, Some("A new one"), None),
        ] {
            world.clock.set(world.seed.now.plus_days(days));
            let tx = db.store.begin().await.unwrap();
            let patch = rows::ChannelPatch { package_name: Some(package.map(str::to_owned)), ..Default::default() };
            rows::update(&tx, ws, channel, &patch, world.seed.now).await.unwrap();
            tx.commit().await.unwrap();
            let account = program.tokens().access(ws, channel).await.unwrap();
            assert_eq!(account.calls_per_minute.map(std::num::NonZeroU32::get), calls, "{package:?} after {days} days");
        }
    }

    async fn the_application_keeps_its_secrets_to_itself(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (admin, mut agent) = (world.admin(), world.admin());
        agent.grants = Role::Agent.grants();
        assert_eq!(program.app(&agent).await.unwrap_err().code, Code::Forbidden);
        assert_eq!(program.begin_connect(&agent).await.unwrap_err().code, Code::Forbidden);
        for (app_id, secret, key, field) in [
            ("", Some("s"), Some("k"), "app_id"),
            ("12x", Some("s"), Some("k"), "app_id"),
            ("222", None, Some("k"), "app_secret"),
            ("222", Some("s"), None, "oa_secret_key"),
            ("222", Some("s p"), Some("k"), "app_secret"),
            ("222", Some("s"), Some("k\n k"), "oa_secret_key"),
        ] {
            let saved = program.save_app(&admin, app_id, secret.map(Secret::new), key.map(Secret::new)).await;
            let problem = saved.unwrap_err();
            assert_eq!((problem.code, problem.params["field"].as_str()), (Code::InvalidField, Some(field)));
        }
        let given = |text: &str| Some(Secret::new(text));
        let view = program.save_app(&admin, "222", given(" secret "), given("key")).await.unwrap();
        assert_eq!(view.webhook_url, "https://loa.example/webhooks/zalo");
        assert_eq!(view.callback_url, "https://loa.example/api/channels/zalo/callback");
        assert!(view.has_app_secret && view.has_oa_secret_key);
        // Absent and empty secrets stay as they are.
        program.save_app(&admin, "222", None, given("")).await.unwrap();
        let app = rows::apps::list(db.store.reader(), &world.seed.vault, world.seed.workspace, ChannelKind::Zalo);
        let app = app.await.unwrap().remove(0);
        assert_eq!(app.app_secret, Some(Secret::new("secret")));
        assert_eq!(app.oa_secret_key, Some(Secret::new("key")));
        let json = serde_json::to_string(&program.app(&admin).await.unwrap()).unwrap();
        assert!(!json.contains("secret\":\"") && json.contains("\"app_id\":\"222\""), "{json}");
    }

    async fn a_connection_counts_once_for_who_started_it_and_in_time(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let admin = world.admin();
        world.platform.script().account = Ok(AccountReport {
            external_id: "oa-new".into(),
            name: "Shop Mận".into(),
            package_name: Some("Nâng cao".into()),
            billing_linked: Some(true),
            quota: Some(PoolReport { remain: 1963, total: 2000 }),
            quota_valid_through: Some("21/10/2026".into()),
            extra_remain: Some(7),
            ..AccountReport::default()
        });
        let state = |url: String| url.rsplit("state=").next().unwrap().to_owned();
        let answer = |state: &str, oa: &str| ConsentAnswer {
            code: Some("code".into()),
            oa_id: Some(oa.into()),
            state: Some(state.into()),
            error: None,
        };
        let expired = |outcome: Result<loa_kernel::ChannelId, loa_kernel::Problem>| {
            assert_eq!(outcome.unwrap_err().code, Code::StateExpired);
        };
        expired(program.finish_connect(&admin, answer("made up", "oa-new")).await);
        // Somebody else's browser.
        let started = state(program.begin_connect(&admin).await.unwrap());
        let other = Actor { member: loa_kernel::MemberId::derived(Timestamp(1), &[b"other"]), ..world.admin() };
        expired(program.finish_connect(&other, answer(&started, "oa-new")).await);
        expired(program.finish_connect(&admin, answer(&started, "oa-new")).await);
        // Too late.
        let started = state(program.begin_connect(&admin).await.unwrap());
        world.clock.advance_ms(15 * 60_000);
        expired(program.finish_connect(&admin, answer(&started, "oa-new")).await);
        // The address says another account than the token.
        let started = state(program.begin_connect(&admin).await.unwrap());
        let forged = program.finish_connect(&admin, answer(&started, "oa-of-a-friend")).await.unwrap_err();
        assert_eq!(forged.code, Code::ConnectFailed);
        // The account said no.
        let started = state(program.begin_connect(&admin).await.unwrap());
        let no = ConsentAnswer { error: Some("-14002".into()), state: Some(started), ..ConsentAnswer::default() };
        let refused = program.finish_connect(&admin, no).await.unwrap_err();
        assert_eq!((refused.code, &refused.params["platform_code"]), (Code::ConnectFailed, &"-14002".into()));

        let started = state(program.begin_connect(&admin).await.unwrap());
        let id = program.finish_connect(&admin, answer(&started, "oa-new")).await.unwrap();
        expired(program.finish_connect(&admin, answer(&started, "oa-new")).await);
        let view = program.get(&admin, id).await.unwrap();
        assert_eq!((view.name.as_str(), view.status.as_str(), view.billing.as_str()), ("Shop Mận", "connected", "linked"));
        let quota = view.quota.unwrap();
        assert_eq!((quota.used, quota.total), (37, 2000));
        // Disconnected, then connected again: the same channel.
        let gone = program.disconnect(&admin, id).await.unwrap();
        assert_eq!((gone.status.as_str(), gone.token_expires_at), ("disconnected", None));
        assert!(credentials::load(db.store.reader(), &world.seed.vault, world.seed.workspace, id).await.unwrap().is_none());
        let started = state(program.begin_connect(&admin).await.unwrap());
        assert_eq!(program.finish_connect(&admin, answer(&started, "oa-new")).await.unwrap(), id);
        assert_eq!(program.get(&admin, id).await.unwrap().status, "connected");
        let log = loa_store::audit::list(db.store.reader(), world.seed.workspace, None, 10).await.unwrap();
        let actions: Vec<&str> = log.items.iter().map(|e| e.action.as_str()).collect();
        assert_eq!(actions.iter().filter(|a| **a == "channel.connected").count(), 2);
        assert!(actions.contains(&"channel.disconnected"));
    }

    async fn editions_are_checked(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (admin, id) = (world.admin(), world.seed.channel);
        let bad = program.edit(&admin, id, Some("messaging-1999".into()), None).await.unwrap_err();
        assert_eq!((bad.code, bad.params["field"].as_str()), (Code::InvalidField, Some("edition")));
        for good in ["auto", "messaging-2026-01", "messaging-2024-11"] {
            assert_eq!(program.edit(&admin, id, Some(good.into()), None).await.unwrap().edition, good);
        }
        assert_eq!(program.edit(&admin, id, None, Some(" ".into())).await.unwrap_err().code, Code::InvalidField);
        assert_eq!(program.edit(&admin, id, None, Some(" Mận ".into())).await.unwrap().name, "Mận");
        let stranger = Actor { channels: Some(vec![]), ..world.admin() };
        assert_eq!(program.get(&stranger, id).await.unwrap_err().code, Code::NotFound);
        assert!(program.list(&stranger).await.unwrap().is_empty());
    }

    async fn webhooks_are_proven_before_anything_else(db: TestDb) {
        let world = World::new(&db).await;
        let http = { install_tls(); ZaloConnector::http().unwrap() };
        let zalo = Arc::new(ZaloConnector::new(http, ZaloSettings::default()));
        let program = world.program_with(1, zalo);
        let now = world.seed.now.as_ms();
        let body = |app: &str, oa: &str, at: i64| {
            format!(
                r#"{{"app_id":"{app}","sender":{{"id":"u1"}},"recipient":{{"id":"{oa}"}},"event_name":"user_send_text",
                "message":{{"msg_id":"m1","text":"chào"}},"timestamp":"{at}"}}"#
            )
        };
        let signed = |body: &str, app: &str, at: i64, key: &str| {
            let value = zalo::signature::header_value(app, body.as_bytes(), &at.to_string(), key);
            HeaderMap::from_iter([(
                zalo::paths::EVENT_SIGNATURE.parse().unwrap(),
                HeaderValue::from_str(&value).unwrap(),
            )])
        };
        let key = "oa-secret-key";
        let good = body("app-1", "oa-1", now);
        let verified = program.verify(ChannelKind::Zalo, &signed(&good, "app-1", now, key), good.as_bytes()).await.unwrap();
        assert_eq!((verified.channel, verified.account.as_str()), (world.seed.channel, "oa-1"));
        assert_eq!(verified.occurred_at.as_ms(), now);
        let old = now - 3 * 3_600_000;
        for (name, raw, headers, want) in [
            ("no signature", good.clone(), HeaderMap::new(), Code::BadSignature),
            ("other key", good.clone(), signed(&good, "app-1", now, "x"), Code::BadSignature),
            ("changed body", good.replace("chào", "chao"), signed(&good, "app-1", now, key), Code::BadSignature),
            ("unknown app", body("app-9", "oa-1", now), signed(&body("app-9", "oa-1", now), "app-9", now, key), Code::UnknownApp),
            ("unknown account", body("app-1", "oa-9", now), signed(&body("app-1", "oa-9", now), "app-1", now, key), Code::UnknownChannel),
            ("stale", body("app-1", "oa-1", old), signed(&body("app-1", "oa-1", old), "app-1", old, key), Code::StaleEvent),
            ("not JSON", "{".into(), HeaderMap::new(), Code::MalformedBody),
        ] {
            let refused = program.verify(ChannelKind::Zalo, &headers, raw.as_bytes()).await.unwrap_err();
            assert_eq!(refused.code, want, "{name}");
        }
        // A new key counts at once, in this program and in others.
        let program2 = world.program(2);
        program2.save_app(&world.admin(), "777", Some(Secret::new("s")), Some(Secret::new("k2"))).await.unwrap();
        let renamed = body("777", "oa-1", now);
        program.verify(ChannelKind::Zalo, &signed(&renamed, "777", now, "k2"), renamed.as_bytes()).await.unwrap();
    }

    async fn profiles_name_customers_and_respect_what_members_wrote(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (ws, channel, now) = (world.seed.workspace, world.seed.channel, world.seed.now);
        let (customer, _) = add_customer(&world, "5120988712345678901").await;
        let told = |name: &str| Profile {
            tags: None,
            display_name: Some(name.into()),
            avatar_url: Some("https://a/1".into()),
            phone: Some("84900000000".into()),
            is_follower: Some(true),
            app_user_id: Some("app-user".into()),
            raw: serde_json::json!({ "display_name": name }),
        };
        let work = ProfileWork(program.clone());
        let read = || async {
            customers::by_ids(db.store.reader(), ws, &[customer]).await.unwrap().remove(0)
        };
        let due = |store: Store, at: Timestamp| async move {
            let tx = store.begin().await.unwrap();
            loa_store::profiles::mark_due(&tx, ws, channel, "5120988712345678901", at).await.unwrap();
            tx.commit().await.unwrap();
        };
        // Unreachable: due again later, not at once.
        world.platform.script().profile = Err(CallError::Unreachable("down".into()));
        assert_eq!(work.run_batch(10).await.unwrap(), 1);
        assert_eq!(work.run_batch(10).await.unwrap(), 0);
        assert_eq!(read().await.display_name, "Zalo …678901");
        world.clock.advance_ms(5 * 60_000);
        world.platform.script().profile = Ok(told("Nguyễn An"));
        assert_eq!(work.run_batch(10).await.unwrap(), 1);
        let row = read().await;
        assert_eq!((row.display_name.as_str(), row.name_folded.as_str()), ("Nguyễn An", "nguyen an"));
        assert_eq!(row.phone.as_deref(), Some("84900000000"));
        assert_eq!(work.run_batch(10).await.unwrap(), 0, "not due any more");
        // The customer renames themselves: followed, until a member gives a name.
        due(db.store.clone(), now).await;
        world.platform.script().profile = Ok(told("An Nguyễn"));
        work.run_batch(10).await.unwrap();
        assert_eq!(read().await.display_name, "An Nguyễn");
        let tx = db.store.begin().await.unwrap();
        let edit = customers::Edit { display_name: Some("Chị An Q1".into()), ..customers::Edit::default() };
        customers::edit(&tx, ws, customer, edit, now).await.unwrap();
        tx.commit().await.unwrap();
        due(db.store.clone(), now).await;
        world.platform.script().profile = Ok(told("Một tên khác"));
        work.run_batch(10).await.unwrap();
        assert_eq!(read().await.display_name, "Chị An Q1");
        // Refused for good: not asked again.
        due(db.store.clone(), now).await;
        let refused = CallError::Rejected { code: -213, message: "x".into(), refusal: Refusal::NotFollower };
        world.platform.script().profile = Err(refused);
        assert_eq!(work.run_batch(10).await.unwrap(), 1);
        world.clock.set(now.plus_days(30));
        world.tokens("a", "r", now.plus_days(60)).await;
        assert_eq!(work.run_batch(10).await.unwrap(), 0);
    }

    async fn quotas_are_read_from_time_to_time(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.platform.script().account = Ok(AccountReport {
            quota: Some(PoolReport { remain: 10, total: 1000 }),
            ..AccountReport::default()
        });
        let work = QuotaWork(program.clone());
        work.run_batch(1).await.unwrap();
        assert_eq!(world.channel().await.quota, None, "nobody looks");
        let here = program.online().enter(world.seed.workspace);
        work.run_batch(1).await.unwrap();
        let quota = world.channel().await.quota.unwrap();
        assert_eq!((quota.remain, quota.as_of), (10, world.seed.now));
        world.platform.script().account = Ok(AccountReport {
            quota: Some(PoolReport { remain: 9, total: 1000 }),
            ..AccountReport::default()
        });
        world.clock.advance_ms(60_000);
        work.run_batch(1).await.unwrap();
        assert_eq!(world.channel().await.quota.unwrap().remain, 10, "a minute is too soon");
        world.clock.advance_ms(4 * 60_000);
        work.run_batch(1).await.unwrap();
        assert_eq!(world.channel().await.quota.unwrap().remain, 9);
        drop(here);
        world.platform.script().account = Ok(AccountReport::default());
        world.clock.advance_ms(10 * 60_000);
        let as_of = world.channel().await.quota.unwrap().as_of;
        work.run_batch(1).await.unwrap();
        assert_eq!(world.channel().await.quota.unwrap().as_of, as_of, "the last one has left");
    }

    async fn managers_hear_of_a_matter_once_an_hour(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let member = async |name: &str, role: Role, status: MemberStatus| {
            let id = MemberId::derived(world.seed.now, &[name.as_bytes()]);
            let member = Member {
                workspace: world.seed.workspace,
                id,
                email: format!("{name}@example.vn"),
                display_name: name.to_owned(),
                role,
                status,
                locale: "vi".into(),
                created_at: world.seed.now,
                updated_at: world.seed.now,
            };
            let tx = db.store.begin().await.unwrap();
            members::create(&tx, &member, &Secret::new("x")).await.unwrap();
            tx.commit().await.unwrap();
            id
        };
        let manager = member("manager", Role::Manager, MemberStatus::Active).await;
        let gone = member("gone", Role::Manager, MemberStatus::Disabled).await;
        let agent = member("Lan", Role::Agent, MemberStatus::Active).await;
        let colleague = member("Mai", Role::Agent, MemberStatus::Active).await;
        let by = |member| Actor::with_role(world.seed.workspace, member, Role::Agent);
        let (id, reason) = (world.seed.channel, ReportReason::NoMoney);

        let refused = program.report(&by(agent), id, reason).await.unwrap_err();
        assert_eq!((refused.code, refused.params["reason"].as_str()), (Code::Conflict, Some("not_so")));
        let billing = async |state| {
            let tx = db.store.begin().await.unwrap();
            rows::set_billing(&tx, world.seed.workspace, id, state, world.seed.now).await.unwrap();
            tx.commit().await.unwrap();
        };
        billing(BillingState::OutOfMoney).await;

        let first = program.report(&by(agent), id, reason).await.unwrap();
        assert_eq!((first.notified, first.managers, first.reported_at), (true, 2, world.seed.now));
        world.clock.advance_ms(59 * 60_000);
        // Two presses give one notice (A-12), whoever presses.
        let again = program.report(&by(colleague), id, reason).await.unwrap();
        assert_eq!((again.notified, again.reported_at, again.again_at), (false, world.seed.now, first.again_at));
        let notices = async |member| {
            notifications::list(db.store.reader(), world.seed.workspace, member, true, None, 50).await.unwrap()
        };
        for (who, expected) in [(world.seed.admin, 1), (manager, 1), (gone, 0), (agent, 0), (colleague, 0)] {
            assert_eq!(notices(who).await.len(), expected);
        }
        let notice = notices(manager).await.remove(0);
        assert_eq!((notice.kind.as_str(), notice.channel_id, notice.actor_id), ("channel_report", Some(id.0), Some(agent.0)));
        assert_eq!(notice.params, serde_json::json!({ "reason": "no_money", "channel_name": "OA 1", "by_name": "Lan" }));

        // Another matter is another matter, and an hour later it may be told again.
        billing(BillingState::NotLinked).await;
        assert!(program.report(&by(agent), id, ReportReason::NotLinked).await.unwrap().notified);
        billing(BillingState::OutOfMoney).await;
        world.clock.advance_ms(60_000);
        assert!(program.report(&by(agent), id, reason).await.unwrap().notified);
        // Who reports is not told what they know.
        let boss = Actor::with_role(world.seed.workspace, manager, Role::Manager);
        world.clock.advance_ms(3_600_000);
        assert_eq!(program.report(&boss, id, reason).await.unwrap().managers, 1);
        assert_eq!(notices(manager).await.len(), 3);
    }

    async fn of_many_who_report_at_once_one_is_heard(db: TestDb) {
        let world = World::new(&db).await;
        let tx = db.store.begin().await.unwrap();
        rows::set_billing(&tx, world.seed.workspace, world.seed.channel, BillingState::NotLinked, world.seed.now).await.unwrap();
        tx.commit().await.unwrap();
        let agent = Actor::with_role(world.seed.workspace, MemberId::derived(world.seed.now, &[b"a"]), Role::Agent);
        let presses = (0..8).map(|n| {
            let (program, agent, id) = (world.program(n), agent.clone(), world.seed.channel);
            async move { program.report(&agent, id, ReportReason::NotLinked).await.unwrap().notified }
        });
        let heard = futures::future::join_all(presses).await;
        assert_eq!(heard.into_iter().filter(|notified| *notified).count(), 1);
    }
}

async fn add_customer(world: &World, user: &str) -> (loa_kernel::CustomerId, loa_kernel::ConversationId) {
    let seed = &world.seed;
    scripted::add_customer(&world.store, seed.workspace, seed.channel, user, Some(seed.now), seed.now).await
}

fn install_tls() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
