//! "Xóa quan tâm" over HTTP, with a platform that has a call for it, has none, refuses, or loses its answer; and the
//! link of a conversation in the hands of whoever may not see it.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use loa_channels::{CallError, FollowRemoval, Profile, Refusal};
use loa_kernel::{Actor, Code, ConversationId, CustomerId, Role};
use loa_store::audit;
use loa_store::follows::{self, NewRemoval, RemovalState};
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::{Browser, World};
use uuid::Uuid;

fn wish(n: u8) -> Uuid {
    Uuid::from_bytes([n; 16])
}

async fn remove(world: &World, browser: &mut Browser, customer: CustomerId, n: u8) -> (u16, Value) {
    let body = json!({ "channel_id": world.seed.channel, "id": wish(n) });
    let (status, answer) = browser.post(&format!("/api/customers/{customer}/remove-follow"), body).await;
    (status.as_u16(), answer)
}

/// What the room shows: the state of the composer, its decisive reason, and the lines of what was done.
async fn room(browser: &mut Browser, thread: ConversationId) -> (String, String, Vec<Value>) {
    let decision = browser.read(&format!("/api/conversations/{thread}/decision")).await;
    let reasons = decision["reasons"].as_array().unwrap();
    let reason = reasons.last().unwrap()["code"].as_str().unwrap().to_owned();
    let messages = browser.read(&format!("/api/conversations/{thread}/messages")).await;
    let done = messages["items"].as_array().unwrap().iter().filter_map(|m| m.get("done").cloned()).collect();
    (decision["composer"]["state"].as_str().unwrap().to_owned(), reason, done)
}

fn follows_now(answer: &Value) -> &Value {
    &answer["customer"]["identities"][0]["is_follower"]
}

fn unknown() -> FollowRemoval {
    FollowRemoval::Unknown { reason: "no answer in time".into() }
}

fn profile(follows: bool) -> Result<Profile, CallError> {
    Ok(Profile { is_follower: Some(follows), ..Profile::default() })
}

on_both_databases! {
    async fn without_a_call_of_the_platform_it_is_noted_here(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        let (customer, thread) = world.thread(&world.seed, "u1", "Đào", world.seed.now.plus_ms(-60_000)).await;
        let (mut admin, mut manager) = (world.browser("admin").await, world.browser("manager").await);
        let offers = admin.read(&format!("/api/customers/{customer}/remove-follow")).await;
        let want = json!([{ "channel_id": world.seed.channel, "at_platform": false, "console_url": "https://oa.zalo.me" }]);
        assert_eq!(offers["items"], want);
        assert_eq!(room(&mut admin, thread).await.0, "reply_free");
        let following = json!({ "filter": { "field": "groups", "op": "any_of", "value": ["following"] } });
        assert_eq!(admin.post("/api/customers/query", following.clone()).await.1["total"], json!(1));
        let before = world.last_seq().await;

        let (status, answer) = remove(&world, &mut manager, customer, 1).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("noted")), "{answer}");
        assert_eq!((follows_now(&answer), &answer["customer"]["identities"][0]["follow_removed_at"]), (&json!(false), &json!(world.seed.now)));
        let line = json!({ "what": "follow_removed", "kind": "noted" });
        assert_eq!(room(&mut admin, thread).await, ("blocked".into(), "follow_removed".into(), vec![line.clone()]));
        assert_eq!(admin.post("/api/customers/query", following).await.1["total"], json!(0));
        assert!(world.last_seq().await > before, "the list and the room are told");
        // A message is refused with the reason, the customer stays.
        let message = json!({ "client_id": wish(9), "text": "Chào" });
        let (status, refusal) = admin.post(&format!("/api/conversations/{thread}/messages"), message).await;
        assert_eq!((status.as_u16(), &refusal["code"], &refusal["params"]["composer"]), (409, &json!("send_not_allowed"), &json!("blocked")));
        assert_eq!(admin.read(&format!("/api/customers/{customer}")).await["display_name"], json!("Đào"));

        // The same wish again is answered as then, and does nothing.
        let done = world.last_seq().await;
        assert_eq!(remove(&world, &mut manager, customer, 1).await.1["outcome"], json!("noted"));
        assert_eq!((world.last_seq().await, room(&mut admin, thread).await.2), (done, vec![line]));
        // Another one finds nobody who follows.
        let (status, answer) = remove(&world, &mut admin, customer, 2).await;
        assert_eq!((status, &answer["params"]["reason"]), (409, &json!("not_following")));
        let log = audit::list(world.db.store.reader(), world.seed.workspace, None, 100).await.unwrap();
        let entries: Vec<_> = log.items.iter().filter(|e| e.action == "customer.follow_removed").collect();
        assert_eq!(entries.len(), 1);
        assert_eq!((&entries[0].object_id, &entries[0].detail["at_platform"]), (&customer.to_string(), &json!(false)));
        assert!(world.platform.script().removed.is_empty());
    }

    async fn the_platform_is_asked_once_where_it_has_a_call(db: TestDb) {
        let world = World::new(db).await;
        world.connect().await;
        let (customer, thread) = world.thread(&world.seed, "u1", "Đào", world.seed.now.plus_ms(-60_000)).await;
        let mut admin = world.browser("admin").await;
        let no = |code, refusal| FollowRemoval::Rejected { code, message: "no".into(), refusal };
        world.platform.script().removals.extend([
            FollowRemoval::NotSent { reason: "no route".into() },
            no(-244, Refusal::Blocked),
            no(-213, Refusal::NotFollower),
            // The token is renewed and the call made once more.
            no(-216, Refusal::Token),
            FollowRemoval::Done,
        ]);
        assert_eq!(admin.read(&format!("/api/customers/{customer}/remove-follow")).await["items"][0]["at_platform"], json!(true));
        for (n, status, code, params) in [
            (1, 503, "platform_unavailable", json!({})),
            (1, 409, "platform_refused", json!({ "platform_code": -244, "platform_message": "no" })),
            (2, 409, "conflict", json!({ "reason": "not_following" })),
        ] {
            let (answered, problem) = remove(&world, &mut admin, customer, n).await;
            let told = problem.get("params").cloned().unwrap_or(json!({}));
            assert_eq!((answered, &problem["code"], told), (status, &json!(code), params), "{problem}");
            assert_eq!(room(&mut admin, thread).await.0, "reply_free", "nothing was changed");
        }
        let (status, answer) = remove(&world, &mut admin, customer, 3).await;
        assert_eq!((status, &answer["outcome"], follows_now(&answer)), (200, &json!("removed"), &json!(false)));
        assert_eq!(room(&mut admin, thread).await.2, [json!({ "what": "follow_removed" })]);
        let asked = world.platform.script().removed.len();
        assert_eq!(asked, 5);
        // The same wish is not asked again.
        world.platform.script().removals.push_back(FollowRemoval::Done);
        assert_eq!(remove(&world, &mut admin, customer, 3).await.1["outcome"], json!("removed"));
        assert_eq!(world.platform.script().removed.len(), asked);
    }

    async fn a_lost_answer_is_looked_up_before_anything_is_repeated(db: TestDb) {
        let world = World::new(db).await;
        world.connect().await;
        let now = world.seed.now.plus_ms(-60_000);
        let (late, late_thread) = world.thread(&world.seed, "late", "Muộn", now).await;
        let (lost, _) = world.thread(&world.seed, "lost", "Mất", now).await;
        let mut admin = world.browser("admin").await;
        world.platform.script().removals.extend([unknown(), unknown(), FollowRemoval::Done]);

        // Not seen at once, seen when somebody asks again: it was done, and is not done twice.
        world.platform.script().profile = profile(true);
        let (status, answer) = remove(&world, &mut admin, late, 1).await;
        assert_eq!((status, &answer["outcome"], follows_now(&answer)), (200, &json!("unknown"), &json!(true)));
        assert_eq!(room(&mut admin, late_thread).await.0, "reply_free");
        let (status, answer) = remove(&world, &mut admin, late, 2).await;
        assert_eq!((status, &answer["params"]["reason"]), (409, &json!("outcome_unknown")));
        world.platform.script().profile = Err(CallError::Unreachable("down".into()));
        assert_eq!(remove(&world, &mut admin, late, 2).await.0, 503, "who cannot look does not repeat");
        world.platform.script().profile = profile(false);
        let (status, answer) = remove(&world, &mut admin, late, 2).await;
        assert_eq!((status, &answer["outcome"], follows_now(&answer)), (200, &json!("removed"), &json!(false)));
        assert_eq!(world.platform.script().removed, ["late"]);
        assert_eq!(room(&mut admin, late_thread).await.0, "blocked");

        // Provably not done: after a minute they still follow, so the way is free.
        world.platform.script().profile = profile(true);
        assert_eq!(remove(&world, &mut admin, lost, 3).await.1["outcome"], json!("unknown"));
        world.clock.advance_ms(59_000);
        assert_eq!(remove(&world, &mut admin, lost, 4).await.0, 409);
        world.clock.advance_ms(1_000);
        let (status, answer) = remove(&world, &mut admin, lost, 4).await;
        assert_eq!((status, &answer["outcome"]), (200, &json!("removed")));
        assert_eq!(world.platform.script().removed, ["late", "lost", "lost"]);
        for (n, state) in [(1, "removed"), (3, "absent"), (4, "removed")] {
            let row = follows::get(world.db.store.reader(), world.seed.workspace, wish(n)).await.unwrap().unwrap();
            assert_eq!(row.state, state, "{n}");
        }
    }

    async fn a_wish_made_again_under_its_id_begins_anew(db: TestDb) {
        let world = World::new(db).await;
        world.connect().await;
        let (customer, _) = world.thread(&world.seed, "u1", "Đào", world.seed.now.plus_ms(-60_000)).await;
        let mut admin = world.browser("admin").await;
        let not_sent = FollowRemoval::NotSent { reason: "no route".into() };
        world.platform.script().removals.extend([not_sent, unknown(), FollowRemoval::Done]);
        world.platform.script().profile = profile(true);
        assert_eq!(remove(&world, &mut admin, customer, 1).await.0, 503);
        world.clock.advance_ms(600_000);
        assert_eq!(remove(&world, &mut admin, customer, 1).await.1["outcome"], json!("unknown"));
        // The call was made a moment ago, however old its id is: not enough time has passed to call it absent.
        let (status, answer) = remove(&world, &mut admin, customer, 1).await;
        assert_eq!((status, &answer["params"]["reason"]), (409, &json!("outcome_unknown")));
        assert_eq!(world.platform.script().removed.len(), 2);
    }

    async fn of_a_program_that_died_while_asking_nobody_knows(db: TestDb) {
        let world = World::new(db).await;
        world.connect().await;
        let now = world.seed.now;
        let (customer, _) = world.thread(&world.seed, "u1", "Đào", now.plus_ms(-60_000)).await;
        let mut admin = world.browser("admin").await;
        let (_, identity, _) = loa_store::intake::ids_of(world.seed.workspace, world.seed.channel, "u1");
        let tx = world.db.store.begin().await.unwrap();
        let begun = NewRemoval { id: wish(1), identity, member: world.seed.admin, state: RemovalState::Calling };
        follows::begin(&tx, world.seed.workspace, begun, now).await.unwrap();
        tx.commit().await.unwrap();
        world.platform.script().removals.push_back(FollowRemoval::Done);
        world.platform.script().profile = profile(false);
        let (status, answer) = remove(&world, &mut admin, customer, 2).await;
        assert_eq!((status, &answer["params"]["reason"]), (409, &json!("in_progress")));
        world.clock.advance_ms(60_000);
        assert_eq!(remove(&world, &mut admin, customer, 2).await.1["outcome"], json!("removed"));
        assert!(world.platform.script().removed.is_empty(), "it had been done");
    }

    async fn strangers_and_other_places_are_refused(db: TestDb) {
        let world = World::new(db).await;
        world.member(&world.seed, "agent", Role::Agent).await;
        let (customer, thread) = world.thread(&world.seed, "u1", "Đào", world.seed.now).await;
        let other = loa_testdb::Seed::another(&world.db.store, 2).await;
        let (theirs, their_thread) = world.thread(&other, "u2", "Của nơi khác", other.now).await;
        let (mut admin, mut agent) = (world.browser("admin").await, world.browser("agent").await);
        assert_eq!(remove(&world, &mut agent, customer, 1).await.0, 403);
        assert_eq!(remove(&world, &mut admin, theirs, 1).await.0, 404);
        let elsewhere = json!({ "channel_id": other.channel, "id": wish(1) });
        let path = format!("/api/customers/{customer}/remove-follow");
        assert_eq!(admin.post(&path, elsewhere).await.0.as_u16(), 404);
        assert_eq!(admin.post(&path, json!({ "channel_id": world.seed.channel, "id": "x" })).await.0.as_u16(), 400);
        // The id of somebody else's wish is not taken over.
        let (second, _) = world.thread(&world.seed, "u3", "Lan", world.seed.now).await;
        assert_eq!(remove(&world, &mut admin, customer, 1).await.0, 200);
        let (status, answer) = remove(&world, &mut admin, second, 1).await;
        assert_eq!((status, &answer["params"]["reason"]), (409, &json!("id_taken")));

        // C-15: the link of a conversation opens the room for whoever may see it, and says so to whoever may not.
        assert_eq!(agent.get(&format!("/api/conversations/{thread}")).await.0.as_u16(), 200);
        assert_eq!(world.stranger().get(&format!("/api/conversations/{thread}")).await.0.as_u16(), 401);
        let (status, answer) = admin.get(&format!("/api/conversations/{their_thread}")).await;
        assert_eq!((status.as_u16(), &answer["code"]), (404, &json!("not_found")), "of other places nothing is told");
        let limited = Actor {
            channels: Some(vec![]),
            ..Actor::with_role(world.seed.workspace, world.seed.admin, Role::Manager)
        };
        let problem = world.inbox.conversation(&limited, thread).await.unwrap_err();
        assert_eq!((problem.code, &problem.params["object"]), (Code::Forbidden, &json!("conversation")));
        let nowhere = ConversationId(wish(7));
        assert_eq!(world.inbox.conversation(&limited, nowhere).await.unwrap_err().code, Code::NotFound);
    }
}
