//! What becomes of messages, with a platform that answers by script, on both databases.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{World, text_message};
use loa_channels::reconcile::DueWork;
use loa_channels::{MessageKind, OutgoingBody, PoolReport, QuotaReport, Refusal, SendOutcome, SentMessage};
use loa_kernel::{Code, MessageId, Timestamp};
use loa_outbound::Submitted;
use loa_store::changes;
use loa_store::channels::{BillingState, ChannelStatus};
use loa_testdb::{TestDb, on_both_databases};

fn accepted(id: &str, at: Timestamp, quota: QuotaReport) -> SendOutcome {
    SendOutcome::Accepted { platform_id: id.into(), sent_at: Some(at), quota }
}

fn reply(remain: u64) -> QuotaReport {
    QuotaReport::Reply(Some(PoolReport { remain, total: 8 }))
}

fn rejected(code: i32, refusal: Refusal) -> SendOutcome {
    SendOutcome::Rejected { code, message: "the platform's words".into(), refusal }
}

fn unknown() -> SendOutcome {
    SendOutcome::Unknown { reason: "no answer in time".into() }
}

fn not_sent() -> SendOutcome {
    SendOutcome::NotSent { reason: "connection refused".into() }
}

/// A message of the platform's history.
fn in_history(id: &str, text: &str, at: Timestamp) -> SentMessage {
    SentMessage { platform_id: id.into(), kind: MessageKind::Text, text: Some(text.into()), sent_at: at }
}

on_both_databases! {
    async fn a_reply_is_reserved_then_settled_by_the_platforms_number(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Dạ còn ạ").await.unwrap();
        assert_eq!(world.message(view.id).await.status, "queued");
        let before = world.identity().await;
        assert_eq!((before.replies_used, before.replies_reserved), (0, 1));
        let decision = program.outbound.decision(&world.agent(), world.conversation).await.unwrap().decision;
        assert_eq!(decision.reply.unwrap().remain, Some(7), "what is under way counts");

        let at = world.now().plus_ms(500);
        world.platform.script().sends.push_back(accepted("p1", at, reply(7)));
        assert_eq!(program.pump().await, 1);
        let row = world.message(view.id).await;
        assert_eq!((row.status.as_str(), row.platform_id.as_deref(), row.sent_at), ("sent", Some("p1"), at.0));
        let after = world.identity().await;
        assert_eq!((after.replies_used, after.replies_reserved), (1, 0));
        assert_eq!((after.platform_reply_remain, after.platform_reply_total), (Some(7), Some(8)));
        let decision = program.outbound.decision(&world.agent(), world.conversation).await.unwrap().decision;
        assert_eq!(decision.reply.unwrap().remain, Some(7));
        // The thread is answered, and shows the message.
        let conversation = loa_store::conversations::get(db.store.reader(), world.seed.workspace, world.conversation).await.unwrap().unwrap();
        assert_eq!((conversation.unread_count, conversation.waiting_since_at), (0, None));
        assert_eq!((conversation.last_preview.as_str(), conversation.last_direction.as_str()), ("Dạ còn ạ", "out"));
        let script = world.platform.script();
        assert_eq!(script.sent.len(), 1);
        assert_eq!(script.sent[0].0, "access-0");
        assert_eq!(script.sent[0].1.body, OutgoingBody::Text("Dạ còn ạ".into()));
        assert_eq!(script.sent[0].1.recipient, "u1");
    }

    async fn the_package_number_is_only_what_the_platform_says(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(1000 - 37, 1000).await;
        world.after_window();
        let decision = program.outbound.decision(&world.agent(), world.conversation).await.unwrap().decision;
        let package = decision.package.unwrap();
        assert_eq!((package.used, package.total), (37, 1000));
        // Three were sent in Zalo's own tool meanwhile: the answer to the fourth tells.
        let view = program.send(&world, 1, "Chào chị").await.unwrap();
        assert_eq!(world.channel().await.quota_reserved, 1);
        let told = QuotaReport::Package {
            pool: Some(PoolReport { remain: 1000 - 41, total: 1000 }),
            valid_through: Some("31/01/2026".into()),
        };
        world.platform.script().sends.push_back(accepted("p1", world.now(), told));
        let seq = changes::last_seq(db.store.reader(), world.seed.workspace).await.unwrap();
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "sent");
        let channel = world.channel().await;
        let quota = channel.quota.unwrap();
        assert_eq!((quota.total - quota.remain, quota.total, channel.quota_reserved), (41, 1000, 0));
        assert_eq!(quota.valid_through.as_deref(), Some("31/01/2026"));
        // Everybody is told.
        let told = changes::since(db.store.reader(), world.seed.workspace, seq, 100).await.unwrap();
        assert!(told.iter().any(|c| c.what.entity == world.seed.channel.0), "{told:?}");
        assert_eq!(world.identity().await.replies_used, 0);
    }

    async fn refusals_about_money_lock_the_paid_path_and_nothing_else(db: TestDb) {
        for (code, refusal, billing, reason) in [
            (-320, Refusal::BillingNotLinked, BillingState::NotLinked, "zca_not_linked"),
            (-321, Refusal::BillingOutOfMoney, BillingState::OutOfMoney, "zca_out_of_money"),
        ] {
            let db = TestDb::new(db.engine).await;
            let world = World::new(&db).await;
            let program = world.program(1);
            world.quota(1, 1000).await;
            world.after_window();
            let view = program.send(&world, 1, "Chào").await.unwrap();
            world.platform.script().sends.push_back(rejected(code, refusal));
            program.pump().await;
            let row = world.message(view.id).await;
            assert_eq!((row.status.as_str(), row.error_code), ("failed", Some(code)));
            assert_eq!(row.problem.unwrap()["params"]["reason"], reason);
            let channel = world.channel().await;
            assert_eq!((channel.billing, channel.quota_reserved), (billing, 0));
            assert_eq!(channel.quota.unwrap().remain, 0, "the platform asks for money only when nothing is left");
            let refused = program.send(&world, 2, "Chào").await.unwrap_err();
            assert_eq!(refused.code, Code::SendNotAllowed);
            assert_eq!(refused.params["decision"]["verdict"], "deny");
        }
    }

    async fn refusals_about_the_customer_become_facts(db: TestDb) {
        for (code, refusal) in [
            (-230, Refusal::WindowClosed),
            (-232, Refusal::WindowClosed),
            (-244, Refusal::Blocked),
        ] {
            let db = TestDb::new(db.engine).await;
            let world = World::new(&db).await;
            let program = world.program(1);
            let view = program.send(&world, 1, "Chào").await.unwrap();
            world.platform.script().sends.push_back(rejected(code, refusal));
            program.pump().await;
            assert_eq!(world.message(view.id).await.status, "failed", "{code}");
            let identity = world.identity().await;
            assert_eq!((identity.replies_used, identity.replies_reserved), (0, 0), "nothing is taken off");
            assert_eq!(identity.is_blocked, refusal == Refusal::Blocked);
            let refused = program.send(&world, 2, "Chào").await.unwrap_err();
            assert_eq!(refused.code, Code::SendNotAllowed, "{code}");
        }
    }

    async fn a_platform_that_is_down_delays_and_nothing_more(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Chào").await.unwrap();
        world.platform.script().sends.extend([not_sent(), not_sent()]);
        assert_eq!(program.pump().await, 1, "not again before its time");
        let row = world.message(view.id).await;
        assert_eq!(row.status, "queued");
        assert_eq!(row.problem.unwrap()["code"], "platform_unavailable");
        assert_eq!(world.identity().await.replies_reserved, 1, "its place is kept");
        world.clock.advance_ms(1_000);
        assert_eq!(program.pump().await, 1);
        world.platform.script().sends.push_back(accepted("p1", world.now(), reply(7)));
        world.clock.advance_ms(1_000);
        assert_eq!(program.pump().await, 0, "the second wait is longer");
        world.clock.advance_ms(1_000);
        assert_eq!(program.pump().await, 1);
        let row = world.message(view.id).await;
        assert_eq!((row.status.as_str(), row.problem), ("sent", None));
        assert_eq!(world.platform.script().sent.len(), 3);
    }

    async fn overload_waits_and_a_failing_platform_gives_up_in_the_end(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Chào").await.unwrap();
        world.platform.script().sends.extend([
            rejected(-32, Refusal::RateLimited),
            rejected(-200, Refusal::Temporary),
            rejected(-200, Refusal::Temporary),
            rejected(-200, Refusal::Temporary),
            rejected(-200, Refusal::Temporary),
        ]);
        for n in 1..=4 {
            assert_eq!(program.pump().await, 1, "call {n}");
            assert_eq!(world.message(view.id).await.status, "queued");
            world.clock.advance_ms(60_000);
        }
        assert_eq!(program.pump().await, 1);
        let row = world.message(view.id).await;
        assert_eq!((row.status.as_str(), row.error_code), ("failed", Some(-200)));
        assert_eq!(world.identity().await.replies_reserved, 0);
        // The member tries again: the same message.
        world.platform.script().sends.push_back(accepted("p1", world.now(), reply(7)));
        let again = program.outbound.retry(&world.agent(), view.id).await.unwrap();
        assert_eq!((again.id, again.client_id, again.error), (view.id, view.client_id, None));
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "sent");
        assert_eq!(program.outbound.retry(&world.agent(), view.id).await.unwrap_err().code, Code::Conflict);
    }

    async fn a_lost_answer_is_looked_up_and_never_sent_twice(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Dạ còn ạ").await.unwrap();
        world.platform.script().sends.push_back(unknown());
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "unknown");
        // The ones behind it wait: order is kept.
        let next = program.send(&world, 2, "Chị cần mấy cái?").await.unwrap();
        assert_eq!(program.pump().await, 0);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 0, "not yet");
        world.clock.advance_ms(5_000);
        // Same text, but from before the call: another message.
        let old = in_history("p-old", "Dạ còn ạ", world.seed.now.plus_days(-1));
        let other = in_history("p-other", "Dạ hết ạ", world.now());
        let ours = in_history("p1", " Dạ còn ạ ", world.now());
        world.platform.script().recent = Ok(vec![other, ours, old]);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
        let row = world.message(view.id).await;
        assert_eq!((row.status.as_str(), row.platform_id.as_deref()), ("sent", Some("p1")));
        let identity = world.identity().await;
        assert_eq!((identity.replies_used, identity.replies_reserved), (1, 1));
        world.platform.script().sends.push_back(accepted("p2", world.now(), reply(6)));
        assert_eq!(program.pump().await, 1);
        assert_eq!(world.message(next.id).await.status, "sent");
        assert_eq!(world.platform.script().sent.len(), 2);
        assert_eq!(world.identity().await.replies_used, 2);
    }

    async fn a_send_that_did_not_happen_goes_out_once_after_the_grace(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Chào").await.unwrap();
        world.platform.script().sends.push_back(unknown());
        program.pump().await;
        // The platform's history cannot be read: nothing is concluded.
        world.platform.script().recent = Err(loa_channels::CallError::Unreachable("down".into()));
        for _ in 0..20 {
            world.clock.advance_ms(5_000);
            assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
            assert_eq!(world.message(view.id).await.status, "unknown");
        }
        world.platform.script().recent = Ok(vec![]);
        world.clock.advance_ms(5_000);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
        assert_eq!(world.message(view.id).await.status, "unknown", "absent once is not enough");
        world.clock.advance_ms(54_999);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 0);
        world.clock.advance_ms(1);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
        assert_eq!(world.message(view.id).await.status, "queued");
        world.clock.advance_ms(60_000);
        world.platform.script().sends.push_back(accepted("p1", world.now(), reply(7)));
        assert_eq!(program.pump().await, 1);
        assert_eq!(world.message(view.id).await.status, "sent");
        assert_eq!(world.platform.script().sent.len(), 2);
        assert_eq!(world.identity().await.replies_used, 1);
    }

    async fn a_program_that_died_during_the_call_leaves_an_unknown_outcome(db: TestDb) {
        let world = World::new(&db).await;
        let dead = world.program(1);
        let view = dead.send(&world, 1, "Chào").await.unwrap();
        // As after a kill: the row says that the call is being made, and nobody settles it.
        let now = world.now();
        let settings = loa_outbound::OutboundSettings::default();
        let claimed = loa_store::outbound::claim_queued(&db.store, "dead", &[], 1, now.plus_ms(1), now).await.unwrap();
        assert_eq!(claimed.len(), 1);
        let tx = db.store.begin().await.unwrap();
        loa_store::outbound::lock_thread(&tx, world.seed.workspace, world.conversation).await.unwrap();
        let row = loa_store::outbound::lock_delivery(&tx, world.seed.workspace, view.id).await.unwrap().unwrap();
        loa_store::outbound::hold(&tx, row, loa_store::outbound::DeliveryState::Calling, now, |d| {
            d.attempts = 1;
            d.calling_since_at = Some(now.0);
            d.lease_until_at = Some(now.plus_ms(settings.call_lease_ms).0);
            d.lease_owner = Some("dead".into());
        }).await.unwrap();
        let row = loa_store::outbound::lock_message(&tx, world.seed.workspace, view.id).await.unwrap().unwrap();
        loa_store::outbound::update_message(&tx, row, now, |m| m.status = "sending".into()).await.unwrap();
        tx.commit().await.unwrap();

        let program = world.program(2);
        assert_eq!(program.pump().await, 0, "the lease still holds");
        world.clock.advance_ms(settings.call_lease_ms + 1);
        assert_eq!(program.pump().await, 0, "never blindly again");
        assert_eq!(world.message(view.id).await.status, "unknown");
        world.clock.advance_ms(5_000);
        world.platform.script().recent = Ok(vec![in_history("p1", "Chào", world.now())]);
        assert_eq!(program.unknown.run_batch(10).await.unwrap(), 1);
        assert_eq!(world.message(view.id).await.status, "sent");
        assert!(world.platform.script().sent.is_empty());
    }

    async fn the_same_client_id_is_the_same_message(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (agent, conversation) = (world.agent(), world.conversation);
        let message = text_message(1, "Chào");
        let both = tokio::join!(
            program.outbound.submit(&agent, conversation, &message),
            program.outbound.submit(&agent, conversation, &message),
        );
        let ids: Vec<MessageId> = [both.0.unwrap(), both.1.unwrap()].into_iter().map(|s| match s {
            Submitted::New(view) | Submitted::Known(view) => view.id,
        }).collect();
        assert_eq!(ids[0], ids[1]);
        let known = program.outbound.submit(&agent, conversation, &text_message(1, "Chào")).await.unwrap();
        assert!(matches!(known, Submitted::Known(_)));
        let other = program.outbound.submit(&agent, conversation, &text_message(1, "Khác")).await.unwrap_err();
        assert_eq!((other.code, other.params["reason"].as_str()), (Code::Conflict, Some("client_id")));
        assert_eq!(world.thread().await.len(), 1);
        assert_eq!(world.identity().await.replies_reserved, 1);
    }

    async fn two_agents_cannot_take_the_same_last_message(db: TestDb) {
        let world = World::new(&db).await;
        let programs = [world.program(1), world.program(2)];
        world.quota(3, 1000).await;
        world.billing(BillingState::NotLinked).await;
        world.after_window();
        let tries: Vec<_> = (0..12u128).map(|n| {
            let outbound = programs[n as usize % 2].outbound.clone();
            let (agent, conversation) = (world.agent(), world.conversation);
            tokio::spawn(async move { outbound.submit(&agent, conversation, &text_message(n, "Chào")).await })
        }).collect();
        let mut allowed = 0;
        for one in tries {
            match one.await.unwrap() {
                Ok(_) => allowed += 1,
                Err(problem) => assert_eq!(problem.code, Code::SendNotAllowed, "{problem}"),
            }
        }
        assert_eq!((allowed, world.channel().await.quota_reserved), (3, 3));
    }

    async fn a_thread_goes_out_in_its_order_whoever_sends(db: TestDb) {
        let world = World::new(&db).await;
        let programs = [world.program(1), world.program(2)];
        for n in 0..6u128 {
            programs[0].send(&world, n, &format!("tin {n}")).await.unwrap();
            world.platform.script().sends.push_back(accepted(&format!("p{n}"), world.now().plus_ms(n as i64), reply(7 - n as u64)));
        }
        let (a, b) = tokio::join!(programs[0].pump(), programs[1].pump());
        assert!(a + b >= 1);
        programs[0].pump().await;
        let sent: Vec<OutgoingBody> = world.platform.script().sent.iter().map(|(_, m)| m.body.clone()).collect();
        let want: Vec<OutgoingBody> = (0..6).map(|n| OutgoingBody::Text(format!("tin {n}"))).collect();
        assert_eq!(sent, want);
        assert_eq!(world.identity().await.replies_used, 6);
        assert_eq!(world.identity().await.replies_reserved, 0);
    }

    async fn the_ninth_reply_is_refused_or_taken_from_the_package(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(0, 0).await;
        world.billing(BillingState::NotLinked).await;
        for n in 0..8u128 {
            program.send(&world, n, "Chào").await.unwrap();
        }
        let refused = program.send(&world, 8, "Chào").await.unwrap_err();
        assert_eq!(refused.code, Code::SendNotAllowed);
        assert_eq!(world.thread().await.len(), 8, "nothing is stored of what is refused");
        // One is taken back: its place is free again.
        let last = MessageId(world.thread().await[0].id);
        program.outbound.cancel(&world.agent(), last).await.unwrap();
        assert_eq!(world.thread().await.len(), 7);
        program.send(&world, 9, "Chào").await.unwrap();
    }

    async fn what_was_free_never_goes_out_for_money_by_itself(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(0, 1000).await;
        world.billing(BillingState::Linked).await;
        let view = program.send(&world, 1, "Chào").await.unwrap();
        assert_eq!(view.decision.as_ref().unwrap().cost_vnd, 0);
        // It waits past the window, for whatever reason.
        world.after_window();
        program.pump().await;
        let row = world.message(view.id).await;
        assert_eq!(row.status, "failed");
        assert_eq!(row.problem.unwrap()["code"], "send_not_allowed");
        assert!(world.platform.script().sent.is_empty());
        assert_eq!(world.identity().await.replies_reserved, 0);
        // Asked again, the member says yes to the price.
        let again = program.outbound.retry(&world.agent(), view.id).await.unwrap();
        assert!(again.decision.unwrap().cost_vnd > 0);
        world.platform.script().sends.push_back(accepted("p1", world.now(), QuotaReport::Charged));
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "sent");
    }

    async fn a_dead_token_is_renewed_once_and_the_message_goes_out_once(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Chào").await.unwrap();
        world.platform.script().sends.extend([
            rejected(-220, Refusal::Token),
            accepted("p1", world.now(), reply(7)),
        ]);
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "sent");
        {
            let script = world.platform.script();
            let tokens: Vec<&str> = script.sent.iter().map(|(token, _)| token.as_str()).collect();
            assert_eq!(tokens, ["access-0", "access-1"]);
        }
        // Refused with the new token too: an administrator has to connect again.
        let view = program.send(&world, 2, "Chào").await.unwrap();
        world.platform.script().sends.extend([rejected(-216, Refusal::Token), rejected(-216, Refusal::Token)]);
        program.pump().await;
        assert_eq!(world.message(view.id).await.status, "failed");
        assert_eq!(world.channel().await.status, ChannelStatus::ReconnectRequired);
        assert_eq!(program.send(&world, 3, "Chào").await.unwrap_err().code, Code::SendNotAllowed);
    }

    async fn bad_messages_are_refused_before_anything_is_stored(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (agent, conversation) = (world.agent(), world.conversation);
        let base = text_message(1, "Chào");
        for (name, message, want) in [
            ("empty", text_message(1, " \n "), Code::EmptyMessage),
            ("no text", loa_outbound::SendMessage { text: None, ..base.clone() }, Code::EmptyMessage),
            ("too long", text_message(1, &"ạ".repeat(2001)), Code::TextTooLong),
            ("no such file", loa_outbound::SendMessage { file_id: Some(loa_kernel::FileId::derived(Timestamp(1), &[])), ..base.clone() }, Code::NotFound),
            ("two things", loa_outbound::SendMessage { file_id: Some(loa_kernel::FileId::derived(Timestamp(1), &[])), sticker_id: Some("s".into()), ..base.clone() }, Code::TooManyAttachments),
            ("empty sticker", loa_outbound::SendMessage { sticker_id: Some(" ".into()), text: None, ..base.clone() }, Code::InvalidField),
            ("quote of nothing", loa_outbound::SendMessage { quoted_message_id: Some(MessageId::derived(Timestamp(1), &[])), ..base.clone() }, Code::InvalidField),
        ] {
            let refused = program.outbound.submit(&agent, conversation, &message).await.unwrap_err();
            assert_eq!(refused.code, want, "{name}");
        }
        program.outbound.submit(&agent, conversation, &text_message(1, &"ạ".repeat(2000))).await.unwrap();
        let stranger = loa_kernel::Actor { channels: Some(vec![]), ..world.agent() };
        let refused = program.outbound.submit(&stranger, conversation, &text_message(2, "Chào")).await.unwrap_err();
        assert_eq!(refused.code, Code::NotFound);
        assert_eq!(world.thread().await.len(), 1);
    }

    async fn an_echo_that_came_first_becomes_one_message_with_ours(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let view = program.send(&world, 1, "Chào").await.unwrap();
        // Another process folded the echo and could not match it: a row of the platform's own.
        let (ws, channel) = (world.seed.workspace, world.seed.channel);
        let echo = MessageId::derived(world.now(), &[b"echo"]);
        let batch = loa_store::intake::Batch {
            new_messages: vec![loa_store::intake::NewMessage {
                row: loa_store::intake::MessageRow {
                    workspace: ws,
                    id: echo,
                    conversation: world.conversation,
                    channel,
                    direction: "out".into(),
                    status: "seen".into(),
                    platform_id: Some("p1".into()),
                    reactions: serde_json::json!([{"by": "customer", "icon": "/-heart", "at": 1}]),
                    sent_at: world.now(),
                },
                author: "platform",
                kind: "text".into(),
                text: Some("Chào".into()),
                attachments: serde_json::json!([]),
                quoted_platform_id: None,
                by_person: false,
            }],
            ..Default::default()
        };
        let tx = db.store.begin().await.unwrap();
        loa_store::intake::apply(&tx, batch, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let seq = changes::last_seq(db.store.reader(), ws).await.unwrap();
        world.platform.script().sends.push_back(accepted("p1", world.now(), reply(7)));
        program.pump().await;
        let thread = world.thread().await;
        assert_eq!(thread.len(), 1, "one message, not two");
        assert_eq!((thread[0].id, thread[0].status.as_str()), (view.id.0, "seen"));
        assert_eq!(thread[0].reactions[0]["icon"], "/-heart");
        let told = changes::since(db.store.reader(), ws, seq, 100).await.unwrap();
        let gone = told.iter().find(|c| c.what.kind == changes::ChangeKind::MessageRemoved).unwrap();
        assert_eq!(gone.what.entity, echo.0);
    }

    async fn taking_back_shows_the_message_before(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.platform.script().sends.push_back(accepted("p1", world.now(), reply(7)));
        program.send(&world, 1, "một").await.unwrap();
        program.pump().await;
        let second = program.send(&world, 2, "hai").await.unwrap();
        program.outbound.cancel(&world.agent(), second.id).await.unwrap();
        let conversation = loa_store::conversations::get(db.store.reader(), world.seed.workspace, world.conversation).await.unwrap().unwrap();
        assert_eq!(conversation.last_preview, "một");
        assert_eq!(program.pump().await, 0);
        let first = MessageId(world.thread().await[0].id);
        assert_eq!(program.outbound.cancel(&world.agent(), first).await.unwrap_err().code, Code::Conflict);
        assert_eq!(program.outbound.cancel(&world.agent(), second.id).await.unwrap_err().code, Code::NotFound);
    }
}
