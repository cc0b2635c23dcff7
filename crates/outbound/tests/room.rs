//! The Zalo room (features §4): the composer's states on the server, one try after money ran out, what used the quota.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, World};
use loa_channels::{AccountReport, CallError, PoolReport, QuotaReport, Refusal, SendOutcome};
use loa_kernel::{Action, Actor, Code, MemberId, Object, Role, Scope, Timestamp};
use loa_outbound::{Links, Way};
use loa_rulebook::ComposerState as S;
use loa_store::channels::{BillingState, Trial};
use loa_store::conversations::{self, Edit};
use loa_store::{changes, outbound};
use loa_testdb::{TestDb, on_both_databases};

fn accepted(id: &str, at: Timestamp, quota: QuotaReport) -> SendOutcome {
    SendOutcome::Accepted { platform_id: id.into(), sent_at: Some(at), quota }
}

fn package(used: u64) -> QuotaReport {
    let pool = Some(PoolReport { remain: 1000 - used, total: 1000 });
    QuotaReport::Package { pool, valid_through: Some("31/01/2026".into()) }
}

fn rejected(code: i32, refusal: Refusal) -> SendOutcome {
    SendOutcome::Rejected { code, message: "the platform's words".into(), refusal }
}

/// What the account says of itself.
fn report(used: u64) -> AccountReport {
    AccountReport {
        quota: Some(PoolReport { remain: 1000 - used, total: 1000 }),
        quota_valid_through: Some("31/01/2026".into()),
        ..AccountReport::default()
    }
}

async fn state(world: &World, program: &Program) -> S {
    program.outbound.decision(&world.agent(), world.conversation).await.unwrap().composer.state
}

/// Used up, after 48 hours, and the platform has just refused a message for want of money.
async fn out_of_money(world: &World, program: &Program) {
    world.quota(0, 1000).await;
    world.after_window();
    let view = program.send(world, 900, "Chào chị").await.unwrap();
    world.platform.script().sends.push_back(rejected(-321, Refusal::BillingOutOfMoney));
    program.pump().await;
    let problem = world.message(view.id).await.problem.unwrap();
    assert_eq!(problem["params"]["composer"], "popup_no_money");
    assert_eq!(problem["params"]["remedy"], "top_up_zca");
}

on_both_databases! {
    async fn the_state_is_the_accounts_and_not_the_browsers(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        assert_eq!(state(&world, &program).await, S::ReplyFree);
        out_of_money(&world, &program).await;
        // Another process, another member: the same.
        let other = world.program(2);
        let colleague = Actor::with_role(world.seed.workspace, world.seed.admin, Role::Agent);
        for (program, actor) in [(&program, world.agent()), (&other, colleague.clone())] {
            let view = program.outbound.decision(&actor, world.conversation).await.unwrap();
            assert_eq!((view.composer.state, view.composer.enabled), (S::LockedNoMoney, false));
            assert_eq!(view.composer.remedy, Some(loa_rulebook::Remedy::TopUpZca));
            assert_eq!(view.composer.may_configure, actor.role == Role::Admin);
            assert_eq!((&view.composer.links, view.composer.ways.len()), (&Links::default(), 0));
        }
        let refused = program.send(&world, 1, "Nữa ạ").await.unwrap_err();
        assert_eq!((refused.code, refused.params["composer"].as_str()), (Code::SendNotAllowed, Some("popup_no_money")));

        // The customer writes: open at once. A new month: the package pays again.
        let before = world.now();
        let identity = world.identity().await;
        let mut wrote = identity.clone();
        wrote.last_message_at = Some(before.0);
        wrote.last_interaction_at = Some(before.0);
        wrote.replies_used = 0;
        let tx = db.store.begin().await.unwrap();
        outbound::save_identity(&tx, &identity, &wrote).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(state(&world, &program).await, S::ReplyFree);
        world.clock.set(before.plus_hours(49));
        assert_eq!(state(&world, &program).await, S::LockedNoMoney);
    }

    async fn the_lock_ends_with_the_month(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        // 30 January; the seed's customer wrote on the 15th, so let them write again.
        let late = world.seed.now.plus_days(15);
        let identity = world.identity().await;
        let mut wrote = identity.clone();
        wrote.last_message_at = Some(late.plus_hours(-60).0);
        wrote.last_interaction_at = wrote.last_message_at;
        let tx = db.store.begin().await.unwrap();
        outbound::save_identity(&tx, &identity, &wrote).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.set(late);
        world.quota(0, 1000).await;
        world.billing(BillingState::OutOfMoney).await;
        assert_eq!(state(&world, &program).await, S::LockedNoMoney);
        world.clock.set(late.vietnam_next_month_start().plus_ms(-1));
        assert_eq!(state(&world, &program).await, S::LockedNoMoney);
        world.clock.set(late.vietnam_next_month_start());
        assert_eq!(state(&world, &program).await, S::NextIsConsultation);
    }

    async fn checking_again_allows_exactly_one_try(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        out_of_money(&world, &program).await;
        world.platform.script().account = Ok(report(1000));
        let seq = changes::last_seq(db.store.reader(), world.seed.workspace).await.unwrap();
        let view = program.outbound.recheck(&world.agent(), world.conversation).await.unwrap();
        assert_eq!((view.composer.state, view.composer.trial), (S::FreeConsultationUsedUp, true));
        // Everybody is told: the composers of the others open too.
        let told = changes::since(db.store.reader(), world.seed.workspace, seq, 100).await.unwrap();
        assert!(told.iter().any(|c| c.what.entity == world.seed.channel.0), "{told:?}");

        let first = program.send(&world, 1, "Thử").await.unwrap();
        assert_eq!(state(&world, &program).await, S::LockedNoMoney, "the try is taken");
        assert_eq!(program.send(&world, 2, "Nữa").await.unwrap_err().code, Code::SendNotAllowed);
        // Pressing again while it is under way makes no second one.
        program.outbound.recheck(&world.agent(), world.conversation).await.unwrap();
        assert_eq!(world.channel().await.trial, Trial::Held(first.id));
        // Still no money: locked again, and another check is needed.
        world.platform.script().sends.push_back(rejected(-321, Refusal::BillingOutOfMoney));
        program.pump().await;
        assert_eq!(world.channel().await.trial, Trial::None);
        assert_eq!(state(&world, &program).await, S::LockedNoMoney);

        // Taken back before it went: the try is open again. Refused for something else: too.
        program.outbound.recheck(&world.agent(), world.conversation).await.unwrap();
        let gone = program.send(&world, 3, "Thôi").await.unwrap();
        program.outbound.cancel(&world.agent(), gone.id).await.unwrap();
        assert_eq!(world.channel().await.trial, Trial::Open);
        program.send(&world, 4, "Lỗi").await.unwrap();
        world.platform.script().sends.push_back(rejected(-248, Refusal::Content));
        program.pump().await;
        assert_eq!(world.channel().await.trial, Trial::Open);

        // Paid: the account pays again, for everybody.
        program.send(&world, 5, "Đã nạp tiền").await.unwrap();
        world.platform.script().sends.push_back(accepted("p5", world.now(), QuotaReport::Charged));
        program.pump().await;
        let channel = world.channel().await;
        assert_eq!((channel.billing, channel.trial), (BillingState::Linked, Trial::None));
        assert_eq!(state(&world, &program).await, S::FreeConsultationUsedUp);
        assert!(program.send(&world, 6, "Nữa").await.is_ok());
    }

    async fn refusals_lead_to_their_states(db: TestDb) {
        for (code, refusal, problem, standing) in [
            (-320, Refusal::BillingNotLinked, Some("popup_not_linked"), S::FreeConsultationUsedUp),
            (-321, Refusal::BillingOutOfMoney, Some("popup_no_money"), S::LockedNoMoney),
            (-230, Refusal::WindowClosed, Some("window_closed"), S::WindowClosed),
            (-213, Refusal::NotFollower, Some("blocked"), S::Blocked),
            (-244, Refusal::Blocked, Some("blocked"), S::Blocked),
            (-223, Refusal::Reconnect, Some("reconnect"), S::Reconnect),
            (-248, Refusal::Content, None, S::NextIsConsultation),
        ] {
            let db = TestDb::new(db.engine).await;
            let world = World::new(&db).await;
            let program = world.program(1);
            world.quota(900, 1000).await;
            world.after_window();
            let view = program.send(&world, 1, "Chào").await.unwrap();
            world.platform.script().sends.push_back(rejected(code, refusal));
            program.pump().await;
            let stored = world.message(view.id).await.problem.unwrap();
            assert_eq!(stored["params"]["composer"].as_str(), problem, "{code}");
            assert_eq!(stored["params"]["platform_message"], "the platform's words", "{code}");
            assert_eq!(state(&world, &program).await, standing, "{code}");
        }
    }

    /// A-S7 says what is possible; A-S10 who answers, and whether the reader may take it.
    async fn a_closed_composer_says_what_is_left_to_do(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.clock.set(world.now().plus_days(30));
        let view = program.outbound.decision(&world.agent(), world.conversation).await.unwrap();
        assert_eq!(view.composer.state, S::WindowClosed);
        assert_eq!(view.composer.ways, [Way::CustomerWrites { free_hours: 48 }, Way::Template]);

        let mut reader = world.agent();
        for grant in &mut reader.grants {
            if (grant.object, grant.action) == (Object::Conversation, Action::Send) {
                grant.scope = Scope::Own;
            }
        }
        let boss = world.seed.admin;
        reader.member = MemberId(world.conversation.0);
        let edit = Edit { assignee: Some(Some(boss)), ..Edit::default() };
        let tx = db.store.begin().await.unwrap();
        conversations::edit(&tx, world.seed.workspace, world.conversation, edit, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let composer = program.outbound.decision(&reader, world.conversation).await.unwrap().composer;
        assert_eq!((composer.state, composer.enabled), (S::NotYours, false));
        assert_eq!((composer.assignee_id, composer.may_take, composer.ways), (Some(boss), true, vec![]));
        reader.grants.retain(|grant| (grant.object, grant.action) != (Object::Conversation, Action::Edit));
        let composer = program.outbound.decision(&reader, world.conversation).await.unwrap().composer;
        assert!(!composer.may_take);
    }

    /// Seed 000: 37/1000 here, three in the platform's own tool, one from here: 41/1000, and the day says why.
    async fn the_history_says_who_used_the_quota(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let channels = &program.outbound.channels;
        world.platform.script().account = Ok(report(37));
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        // A free reply first, then the window is over.
        program.send(&world, 1, "Dạ").await.unwrap();
        let left = QuotaReport::Reply(Some(PoolReport { remain: 7, total: 8 }));
        world.platform.script().sends.push_back(accepted("p1", world.now(), left));
        program.pump().await;
        world.after_window();
        program.send(&world, 2, "Chào chị").await.unwrap();
        world.platform.script().sends.push_back(accepted("p2", world.now(), package(41)));
        program.pump().await;
        let quota = world.channel().await.quota.unwrap();
        assert_eq!((quota.total - quota.remain, quota.total), (41, 1000));

        let history = channels.quota_history(&world.agent(), world.seed.channel, None, None).await.unwrap();
        assert_eq!((history.to.as_str(), history.time_zone.as_str()), ("2026-01-17", "Asia/Ho_Chi_Minh"));
        let days: Vec<(&str, i64, Option<i64>)> =
            history.days.iter().map(|d| (d.day.as_str(), d.outside, d.level.as_ref().map(|l| l.used))).collect();
        assert_eq!(days, [("2026-01-15", 0, Some(37)), ("2026-01-17", 3, Some(41))]);
        let entries = |day: usize| -> Vec<(String, Option<MemberId>, i64)> {
            history.days[day].entries.iter().map(|e| (e.class.clone(), e.member_id, e.messages)).collect()
        };
        let me = Some(world.seed.admin);
        assert_eq!(entries(0), [("reply".to_owned(), me, 1)]);
        assert_eq!(entries(1), [("package".to_owned(), me, 1)]);

        // A number that is read finds the rest; what is found is not found twice.
        world.platform.script().account = Ok(report(43));
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        let outside = async || {
            let history = channels.quota_history(&world.agent(), world.seed.channel, None, None).await.unwrap();
            history.days.iter().map(|d| d.outside).sum::<i64>()
        };
        assert_eq!(outside().await, 5);

        // It stays when reservations are forgotten.
        let tx = db.store.begin().await.unwrap();
        let forever = world.now().plus_days(1000);
        assert_eq!(outbound::prune_reservations(&tx, world.seed.workspace, forever, 100).await.unwrap(), 2);
        tx.commit().await.unwrap();
        assert_eq!(outside().await, 5);

        // Charged messages with what they cost.
        world.billing(BillingState::Linked).await;
        world.platform.script().account = Ok(report(1000));
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        program.send(&world, 3, "Tính phí").await.unwrap();
        world.platform.script().sends.push_back(accepted("p3", world.now(), QuotaReport::Charged));
        program.pump().await;
        let history = channels.quota_history(&world.agent(), world.seed.channel, Some("2026-01-17"), Some("2026-01-17")).await.unwrap();
        let paid = history.days[0].entries.iter().find(|e| e.class == "paid").unwrap();
        assert_eq!((paid.messages, paid.cost_vnd, paid.member_id), (1, 55, me));
        for (from, to, reason) in [
            ("2026-02-30", "2026-03-01", "day"),
            ("2026-02-02", "2026-02-01", "after_to"),
            ("2024-01-01", "2026-02-01", "too_many_days"),
        ] {
            let refused = channels.quota_history(&world.agent(), world.seed.channel, Some(from), Some(to)).await.unwrap_err();
            assert_eq!((refused.code, refused.params["reason"].as_str()), (Code::InvalidField, Some(reason)));
        }
    }

    async fn a_number_that_cannot_be_confirmed_stays_and_is_old(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let channels = &program.outbound.channels;
        world.platform.script().account = Ok(report(37));
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        let composer = async || {
            program.outbound.decision(&world.agent(), world.conversation).await.unwrap().composer
        };
        let as_of = Some(world.now());
        let seen = composer().await;
        assert_eq!((seen.quota_stale, seen.quota_as_of), (false, as_of));
        world.clock.set(world.now().plus_ms(90_000));
        world.platform.script().account = Err(CallError::Unreachable("no route".into()));
        let seq = changes::last_seq(db.store.reader(), world.seed.workspace).await.unwrap();
        for _ in 0..2 {
            let refused = channels.refresh(&world.agent(), world.seed.channel).await.unwrap_err();
            assert_eq!(refused.code, Code::PlatformUnavailable);
        }
        let seen = composer().await;
        assert_eq!((seen.quota_stale, seen.quota_as_of), (true, as_of));
        assert_eq!(channels.get(&world.agent(), world.seed.channel).await.unwrap().quota.map(|q| (q.used, q.stale)), Some((37, true)));
        let told = changes::since(db.store.reader(), world.seed.workspace, seq, 100).await.unwrap();
        assert_eq!(told.len(), 1, "told once");
        world.clock.set(world.now().plus_ms(60_000));
        world.platform.script().account = Ok(report(37));
        channels.refresh(&world.agent(), world.seed.channel).await.unwrap();
        assert!(!composer().await.quota_stale);
    }

    async fn threads_that_close_next_come_first(db: TestDb) {
        use loa_inbox::views::Loader;
        let world = World::new(&db).await;
        let program = world.program(1);
        // A reply is sent, so the borders are written.
        program.send(&world, 1, "Dạ").await.unwrap();
        let left = QuotaReport::Reply(Some(PoolReport { remain: 7, total: 8 }));
        world.platform.script().sends.push_back(accepted("p1", world.now(), left));
        program.pump().await;
        let wrote = world.seed.now.plus_ms(-60_000);
        let row = loa_store::conversations::get(db.store.reader(), world.seed.workspace, world.conversation).await.unwrap().unwrap();
        assert_eq!(row.free_until_at, Some(wrote.plus_hours(48).0));
        assert_eq!(row.permitted_until_at, Some(wrote.plus_days(7).0));
        let rules = loa_rulebook::Library::embedded();
        let closes = async |now: Timestamp| {
            let loader = Loader { db: db.store.reader(), workspace: world.seed.workspace, rules: &rules, now };
            loader.conversations(std::slice::from_ref(&row)).await.unwrap().remove(0).closes
        };
        use loa_inbox::views::{Closes, Closing};
        assert_eq!(closes(wrote.plus_hours(48)).await, Some(Closes { at: wrote.plus_hours(48), what: Closing::Free }));
        assert_eq!(closes(wrote.plus_hours(49)).await, Some(Closes { at: wrote.plus_days(7), what: Closing::Permission }));
        assert_eq!(closes(wrote.plus_days(8)).await, None);

        // All eight used: only the 7 days are left to end. Under other rules nothing is counted, so the window ends again.
        let identity = world.identity().await;
        let mut used = identity.clone();
        used.replies_used = 8;
        used.platform_reply_remain = Some(0);
        let tx = db.store.begin().await.unwrap();
        outbound::save_identity(&tx, &identity, &used).await.unwrap();
        tx.commit().await.unwrap();
        let channels = &program.outbound.channels;
        for (edition, free) in [("messaging-2026-01", Some(wrote.plus_hours(48).0)), ("messaging-2024-11", None)] {
            let edition = Some(edition.to_owned());
            channels.edit(&world.agent(), world.seed.channel, edition, None).await.unwrap();
            let row = loa_store::conversations::get(db.store.reader(), world.seed.workspace, world.conversation).await;
            let row = row.unwrap().unwrap();
            assert_eq!((row.free_until_at, row.permitted_until_at), (free, Some(wrote.plus_days(7).0)));
        }
    }
}
