//! Coming in, going out, and what stands in the way.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use loa_kernel::{MessageId, Role};
use loa_store::outbound;
use loa_testdb::on_both_databases;
use serde_json::json;
use support::{PASSWORD, World};

on_both_databases! {
    /// The first member is made once, however many try at once.
    async fn set_up_works_once(db: TestDb) {
        // A server over an empty database: the seed's workspace is made in another one.
        let other = loa_testdb::TestDb::new(loa_testdb::Engine::Sqlite).await;
        let seed = loa_testdb::seed(&other.store).await;
        let world = World::over(other, seed.clone(), support::config()).await;
        assert_eq!(world.stranger().read("/api/setup").await, json!({ "required": false, "demo": null }));

        let world = World::empty(db, seed, support::config()).await;
        assert_eq!(world.stranger().read("/api/setup").await["required"], true);
        let input = |password: &str| json!({
            "workspace_name": "Nón Lá", "email": "chu@example.vn", "display_name": "Chủ", "password": password,
            "locale": "vi",
        });
        let (status, body) = world.stranger().post("/api/setup", input("ngan")).await;
        assert_eq!((status.as_u16(), &body["code"]), (422, &json!("weak_password")));
        let mut browsers: Vec<_> = (0..4).map(|_| world.stranger()).collect();
        let tries = browsers.iter_mut().map(|b| b.post("/api/setup", input(PASSWORD)));
        let answers = futures::future::join_all(tries).await;
        let made: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).collect();
        assert_eq!(made.len(), 1, "{answers:?}");
        assert_eq!(made[0].1["member"]["role"], "admin");
        for (status, body) in answers.iter().filter(|(status, _)| *status != StatusCode::CREATED) {
            assert_eq!((status.as_u16(), &body["code"]), (409, &json!("setup_done")));
        }
        let signed_in = browsers.iter_mut().find(|b| b.cookie.is_some()).unwrap();
        assert_eq!(signed_in.read("/api/session").await["workspace"]["name"], "Nón Lá");
    }

    /// Failures cost time, doubling; the right password does not help while waiting; time heals.
    async fn failures_cost_time(db: TestDb) {
        let world = World::new(db).await;
        let mut browser = world.stranger();
        for n in 1..=5 {
            let (status, body) = browser.sign_in("ADMIN@example.vn ", "sai mật khẩu").await;
            assert_eq!((status.as_u16(), &body["code"]), (401, &json!("wrong_credentials")), "failure {n}");
        }
        for wait in [2_000, 4_000, 8_000] {
            let (status, body) = browser.sign_in("admin@example.vn", PASSWORD).await;
            assert_eq!((status.as_u16(), &body["code"]), (429, &json!("too_many_attempts")));
            assert_eq!(body["params"]["retry_at"], world.clock_now().as_ms() + wait);
            // Others are not held up.
            world.clock.advance_ms(wait - 1);
            assert_eq!(browser.sign_in("admin@example.vn", PASSWORD).await.0.as_u16(), 429);
            world.clock.advance_ms(1);
            assert_eq!(browser.sign_in("admin@example.vn", "sai mật khẩu").await.0.as_u16(), 401);
        }
        world.clock.advance_ms(16_000);
        assert_eq!(browser.sign_in("admin@example.vn", PASSWORD).await.0, StatusCode::OK);
        // A success wipes the slate.
        assert_eq!(browser.sign_in("admin@example.vn", "sai mật khẩu").await.0.as_u16(), 401);
        assert_eq!(browser.sign_in("admin@example.vn", PASSWORD).await.0, StatusCode::OK);
    }

    /// A stranger's e-mail, a disabled member and a wrong password are answered alike, and held up alike.
    async fn strangers_learn_nothing(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "cu", Role::Agent).await;
        let mut admin = world.browser("admin").await;
        let members = admin.read("/api/members").await;
        let id = members["items"][1]["id"].as_str().unwrap().to_owned();
        assert_eq!(admin.patch(&format!("/api/members/{id}"), json!({"status": "disabled"})).await.0, StatusCode::OK);
        for (email, password) in
            [("ai@example.vn", PASSWORD), ("cu@example.vn", PASSWORD), ("admin@example.vn", "sai mật khẩu")]
        {
            let mut answers = Vec::new();
            for _ in 0..6 {
                answers.push(world.stranger().sign_in(email, password).await);
            }
            let codes: Vec<_> = answers.iter().map(|(status, _)| status.as_u16()).collect();
            assert_eq!(codes, [401, 401, 401, 401, 401, 429], "{email}");
            assert_eq!(answers[0].1, json!({ "code": "wrong_credentials" }), "{email}");
        }
    }

    /// Guessing does not get past the count by coming all at once.
    async fn a_crowd_of_guesses_is_counted(db: TestDb) {
        let world = World::new(db).await;
        let guesses = (0..20).map(|i| {
            let mut browser = world.stranger();
            async move { browser.sign_in("admin@example.vn", &format!("đoán mò {i}")).await.0.as_u16() }
        });
        let answers = futures::future::join_all(guesses).await;
        let tried = answers.iter().filter(|status| **status == 401).count();
        // Two may be under way at once.
        assert!((5..=6).contains(&tried), "{answers:?}");
    }

    /// Each way of ending sessions ends exactly those it says.
    async fn sessions_end(db: TestDb) {
        let world = World::new(db).await;
        let id = world.member(&world.seed, "lan", Role::Agent).await;
        let mut here = world.browser("lan").await;
        let mut there = world.browser("lan").await;
        let mut admin = world.browser("admin").await;

        assert_eq!(there.call(Method::DELETE, "/api/session", None).await.0, StatusCode::NO_CONTENT);
        assert!(there.cookie.is_none());
        assert_eq!(here.get("/api/session").await.0, StatusCode::OK);

        let mut there = world.browser("lan").await;
        let change = json!({ "current": PASSWORD, "new": "áo dài mùa thu" });
        assert_eq!(here.post("/api/me/password", change.clone()).await.0, StatusCode::NO_CONTENT);
        assert_eq!(there.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(here.get("/api/session").await.0, StatusCode::OK);
        let (status, body) = here.post("/api/me/password", change).await;
        assert_eq!((status.as_u16(), &body["code"]), (401, &json!("wrong_credentials")));

        let mut there = world.stranger();
        there.sign_in("lan@example.vn", "áo dài mùa thu").await;
        assert_eq!(there.call(Method::DELETE, "/api/sessions", None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(here.get("/api/session").await.0, StatusCode::UNAUTHORIZED);

        here.sign_in("lan@example.vn", "áo dài mùa thu").await;
        let path = format!("/api/members/{id}");
        assert_eq!(admin.patch(&path, json!({ "status": "disabled" })).await.0, StatusCode::OK);
        assert_eq!(here.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
        assert_eq!(admin.get("/api/session").await.0, StatusCode::OK);
    }

    /// A session lives 14 days after it was last used.
    async fn sessions_slide(db: TestDb) {
        const DAY: i64 = 86_400_000;
        let world = World::new(db).await;
        let mut browser = world.browser("admin").await;
        for _ in 0..3 {
            world.clock.advance_ms(13 * DAY);
            assert_eq!(browser.get("/api/session").await.0, StatusCode::OK);
        }
        world.clock.advance_ms(14 * DAY);
        assert_eq!(browser.get("/api/session").await.0, StatusCode::UNAUTHORIZED);
    }

    /// What has ended is forgotten, what lives is not.
    async fn ended_sessions_are_cleaned_up(db: TestDb) {
        const DAY: i64 = 86_400_000;
        let world = World::new(db).await;
        world.browser("admin").await;
        world.clock.advance_ms(13 * DAY);
        let mut living = world.browser("admin").await;
        let count = async || {
            let (store, seed) = (world.db.store.reader(), &world.seed);
            let since = loa_kernel::Timestamp::EPOCH;
            loa_store::sessions::list_of_member(store, seed.workspace, seed.admin, since).await.unwrap().len()
        };
        for (days, left) in [(0, 2), (2, 1)] {
            world.clock.advance_ms(days * DAY);
            world.state.clean_up().await.unwrap();
            assert_eq!(count().await, left, "after {days} days");
        }
        assert_eq!(living.get("/api/session").await.0, StatusCode::OK);
    }

    /// Deliveries go after a month, reservations after a year and a month, the message stays.
    async fn what_is_long_over_is_cleaned_up(db: TestDb) {
        const DAY: i64 = 86_400_000;
        let world = World::new(db).await;
        let (store, ws, now) = (&world.db.store, world.seed.workspace, world.seed.now);
        let (_, conversation) = world.thread(&world.seed, "u1", "Lan", now).await;
        let message = |n: u128| outbound::NewMessage {
            id: MessageId::derived(now, &[&n.to_be_bytes()]),
            conversation,
            channel: world.seed.channel,
            identity: loa_store::intake::ids_of(ws, world.seed.channel, "u1").1,
            member: Some(world.seed.admin),
            kind: "text".into(),
            text: Some("Dạ".into()),
            attachments: json!([]),
            client_id: uuid::Uuid::from_u128(n),
            quoted_platform_id: None,
            decision: json!({}),
            at: now,
        };
        let (over, waiting) = (message(1), message(2));
        let tx = store.begin().await.unwrap();
        for new in [&over, &waiting] {
            outbound::enqueue(&tx, ws, new, now).await.unwrap();
            outbound::reserve(&tx, ws, new.id, new.channel, new.identity, outbound::Pool::Reply, now).await.unwrap();
        }
        let delivery = outbound::lock_delivery(&tx, ws, over.id).await.unwrap().unwrap();
        outbound::finish(&tx, delivery).await.unwrap();
        outbound::post(&tx, ws, over.id, None, now).await.unwrap();
        tx.commit().await.unwrap();
        let there = async |id| {
            let reader = store.reader();
            let delivery = outbound::delivery(reader, ws, id).await.unwrap().is_some();
            (delivery, outbound::reservation(reader, ws, id).await.unwrap().is_some())
        };
        for (day, left) in [(30, (true, true)), (31, (false, true)), (400, (false, true)), (401, (false, false))] {
            world.clock.set(now.plus_ms(day * DAY));
            world.state.clean_up().await.unwrap();
            assert_eq!(there(over.id).await, left, "after {day} days");
            assert_eq!(there(waiting.id).await, (true, true), "what waits stays, after {day} days");
        }
        assert!(loa_store::messages::get(store.reader(), ws, over.id).await.unwrap().is_some());
    }

    /// There is always an administrator who can sign in.
    async fn the_last_administrator_stays(db: TestDb) {
        let world = World::new(db).await;
        let me = format!("/api/members/{}", world.seed.admin);
        let mut admin = world.browser("admin").await;
        for change in [json!({ "role": "agent" }), json!({ "status": "disabled" })] {
            let (status, body) = admin.patch(&me, change).await;
            assert_eq!((status.as_u16(), &body["code"]), (409, &json!("last_admin")));
        }
        let new = json!({ "email": "hai@example.vn", "display_name": "Hai", "role": "admin", "password": PASSWORD });
        let (status, second) = admin.post("/api/members", new.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{second}");
        let (status, body) = admin.post("/api/members", new).await;
        assert_eq!((status.as_u16(), &body["params"]["reason"]), (409, &json!("email_taken")));
        // Both demote each other at once: one stays.
        let mut second_browser = world.browser("hai").await;
        let other = format!("/api/members/{}", second["id"].as_str().unwrap());
        let (a, b) = tokio::join!(
            admin.patch(&other, json!({ "role": "manager" })),
            second_browser.patch(&me, json!({ "role": "manager" })),
        );
        let admins = loa_store::members::list(world.db.store.reader(), world.seed.workspace).await.unwrap();
        let left = admins.iter().filter(|m| m.role == Role::Admin).count();
        assert_eq!(left, 1, "{a:?} {b:?}");
    }

    /// What another site makes a browser do is refused, and so is what is no JSON.
    async fn only_our_page_changes_things(db: TestDb) {
        let world = World::new(db).await;
        let mut browser = world.browser("admin").await;
        for (headers, status) in [
            (&[("x-loa", "0")][..], 403),
            (&[("origin", "https://evil.example")][..], 403),
            (&[("sec-fetch-site", "cross-site")][..], 403),
            (&[("content-type", "text/plain")][..], 415),
            (&[("origin", "http://loa.test"), ("host", "loa.test")][..], 200),
        ] {
            let mut request = Request::builder().method(Method::PATCH).uri("/api/me");
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if !headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/json");
            }
            let answer = browser.send(request.body(Body::from(r#"{"locale":"en"}"#)).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        }
        let (status, body) = browser.patch("/api/me", json!({ "locale": "fr" })).await;
        assert_eq!((status.as_u16(), &body["code"]), (400, &json!("malformed_body")));
        let big = json!({ "display_name": "x".repeat(2 << 20) });
        let (status, body) = browser.patch("/api/me", big).await;
        assert_eq!((status.as_u16(), &body["code"]), (413, &json!("body_too_large")));
    }

    /// What operators and browsers rely on besides the API.
    async fn the_rest_answers(db: TestDb) {
        let world = World::new(db).await;
        let mut browser = world.stranger();
        for (path, status) in [
            ("/healthz", 200),
            ("/readyz", 200),
            ("/metrics", 404), // no recorder, and no address: nobody is told
            ("/api/openapi.json", 200),
            ("/api/docs/", 200),
            ("/api/nothing", 404),
            ("/assets/gone.js", 404),
        ] {
            let answer = browser.send(Request::builder().uri(path).body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status.as_u16(), status, "{path}");
            assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{path}");
            assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
            assert!(answer.headers.contains_key("x-request-id"), "{path}");
        }
        let (status, body) = browser.call(Method::PUT, "/api/session", None).await;
        assert_eq!((status.as_u16(), &body["code"]), (404, &json!("not_found")));
        world.db.store.close().await.unwrap();
        let (status, body) = browser.get("/readyz").await;
        assert_eq!((status.as_u16(), &body["database"], &body["event_log"]), (503, &json!("failed"), &json!("ok")));
    }
}
