//! Messages that are to be sent later: once, never dearer than their writer saw, and never after the customer wrote.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, World, text_message};
use loa_channels::reconcile::DueWork;
use loa_kernel::{Actor, Code, Problem, Role, Timestamp};
use loa_outbound::{
    EditScheduled, ReturnReason, ScheduleMessage, ScheduledStatus, ScheduledView, ScheduledWork,
};
use loa_rulebook::Class;
use loa_store::members::{self, Member, MemberPatch, MemberStatus};
use loa_store::{Secret, changes, intake, notifications, outbound, scheduled};
use loa_testdb::on_both_databases;

fn at(send_at: Timestamp, n: u128, text: &str) -> ScheduleMessage {
    ScheduleMessage { message: text_message(n, text), send_at, cancel_on_reply: true, seen_class: None }
}

async fn schedule(
    world: &World,
    program: &Program,
    request: &ScheduleMessage,
) -> Result<ScheduledView, Problem> {
    Ok(program.outbound.schedule(&world.agent(), world.conversation, request).await?.1)
}

async fn look(program: &Program) -> usize {
    ScheduledWork::new(program.outbound.clone()).run_batch(32).await.unwrap()
}

async fn open(world: &World, program: &Program) -> Vec<ScheduledView> {
    program.outbound.scheduled_in(&world.agent(), world.conversation).await.unwrap()
}

/// The customer writes, as intake leaves it.
async fn customer_writes(world: &World, n: u8) {
    let identity = world.identity().await;
    let mut wrote = identity.clone();
    wrote.last_message_at = Some(world.now().0);
    wrote.last_interaction_at = wrote.last_message_at;
    wrote.replies_used = 0;
    let message = intake::NewMessage {
        row: intake::MessageRow {
            workspace: world.seed.workspace,
            id: loa_kernel::MessageId::derived(world.now(), &[&[n]]),
            conversation: world.conversation,
            channel: world.seed.channel,
            direction: "in".into(),
            status: "received".into(),
            platform_id: Some(format!("in-{n}")),
            reactions: serde_json::json!([]),
            sent_at: world.now(),
        },
        author: "customer",
        by_person: false,
        kind: "text".into(),
        text: Some("Shop ơi".into()),
        attachments: serde_json::json!([]),
        quoted_platform_id: None,
    };
    let tx = world.store.begin().await.unwrap();
    outbound::save_identity(&tx, &identity, &wrote).await.unwrap();
    let batch = intake::Batch { new_messages: vec![message], ..Default::default() };
    intake::apply(&tx, batch, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn ours(world: &World) -> Vec<loa_store::entity::messages::Model> {
    world.thread().await.into_iter().filter(|m| m.direction == "out").collect()
}

async fn notices(world: &World) -> Vec<String> {
    let (db, ws) = (world.store.reader(), world.seed.workspace);
    let list = notifications::list(db, ws, world.seed.admin, false, None, 10).await.unwrap();
    list.into_iter()
        .map(|n| format!("{} {}", n.kind, n.params["reason"].as_str().unwrap_or_default()))
        .collect()
}

on_both_databases! {
    async fn it_goes_once_at_its_time(db: TestDb) {
        let world = World::new(&db).await;
        let (program, other) = (world.program(1), world.program(2));
        let when = world.now().plus_hours(1);
        let request = at(when, 1, "Chiều em giao nhé");
        let view = schedule(&world, &program, &request).await.unwrap();
        assert_eq!((view.status, view.seen_class), (ScheduledStatus::Waiting, Class::Reply));
        // The same client id is the same message; with another thread or writer it is a conflict.
        let (is_new, again) = program.outbound.schedule(&world.agent(), world.conversation, &request).await.unwrap();
        assert_eq!((is_new, again.id), (false, view.id));
        assert_eq!(look(&program).await, 0, "not yet");
        let seq = changes::last_seq(db.store.reader(), world.seed.workspace).await.unwrap();
        world.clock.set(when);
        assert_eq!((look(&program).await, look(&other).await), (1, 0));
        let sent = ours(&world).await;
        assert_eq!((sent.len(), sent[0].author.as_str(), sent[0].member_id), (1, "member", Some(world.seed.admin.0)));
        assert_eq!((sent[0].client_id, sent[0].status.as_str()), (Some(request.message.client_id), "queued"));
        assert!(open(&world, &program).await.is_empty());
        let told = changes::since(db.store.reader(), world.seed.workspace, seq, 100).await.unwrap();
        assert!(told.iter().any(|c| c.what.entity == view.id.0), "{told:?}");
        // Sent: nothing can be changed any more, and the id is known.
        let actor = world.agent();
        assert_eq!(program.outbound.cancel_scheduled(&actor, view.id).await.unwrap_err().params["reason"], "sent");
        let (_, known) = program.outbound.schedule(&actor, world.conversation, &request).await.unwrap();
        assert_eq!((known.status, known.message_id.map(|id| id.0)), (ScheduledStatus::Sent, Some(sent[0].id)));
    }

    async fn a_claim_that_led_to_nothing_is_taken_up_once(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(2);
        let when = world.now().plus_hours(1);
        schedule(&world, &program, &at(when, 1, "Chào")).await.unwrap();
        world.clock.set(when);
        let until = when.plus_ms(30_000);
        assert_eq!(scheduled::claim_due(&world.store, 32, until, when).await.unwrap().len(), 1);
        assert_eq!(look(&program).await, 0, "the lease holds");
        world.clock.set(until.plus_ms(1));
        assert_eq!(look(&program).await, 1);
        assert_eq!(look(&program).await, 0);
        assert_eq!(ours(&world).await.len(), 1);
    }

    async fn the_customer_writes_first(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let when = world.now().plus_hours(5);
        let kept = schedule(&world, &program, &at(when, 1, "Anh xem thử mẫu này")).await.unwrap();
        let stubborn = ScheduleMessage { cancel_on_reply: false, ..at(when, 2, "Mai shop nghỉ") };
        schedule(&world, &program, &stubborn).await.unwrap();
        world.clock.set(world.now().plus_hours(1));
        customer_writes(&world, 1).await;
        assert_eq!(look(&program).await, 1, "at once, not at its time");
        let back = open(&world, &program).await;
        assert_eq!(back.len(), 2);
        let one = back.iter().find(|v| v.id == kept.id).unwrap();
        assert_eq!((one.status, one.reason), (ScheduledStatus::Returned, Some(ReturnReason::CustomerWrote)));
        assert_eq!(one.text.as_deref(), Some("Anh xem thử mẫu này"));
        assert_eq!(notices(&world).await, ["scheduled_returned customer_wrote"]);
        // Its writer sends it all the same, later: they have read what the customer wrote.
        let edit = EditScheduled { text: Some("Anh xem mẫu B".into()), ..EditScheduled::default() };
        let again = program.outbound.edit_scheduled(&world.agent(), kept.id, &edit).await.unwrap();
        assert_eq!((again.status, again.reason), (ScheduledStatus::Waiting, None));
        world.clock.set(when);
        assert_eq!(look(&program).await, 2);
        let mut texts: Vec<_> = ours(&world).await.into_iter().filter_map(|m| m.text).collect();
        texts.sort();
        assert_eq!(texts, ["Anh xem mẫu B", "Mai shop nghỉ"]);
    }

    async fn what_would_cost_more_comes_back(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(100, 100).await;
        let when = world.now().plus_hours(1);
        let view = schedule(&world, &program, &at(when, 1, "Miễn phí thôi")).await.unwrap();
        let paid = ScheduleMessage { seen_class: Some(Class::Package), ..at(when, 2, "Tư vấn cũng được") };
        schedule(&world, &program, &paid).await.unwrap();
        let identity = world.identity().await;
        let mut used = identity.clone();
        used.replies_used = 8;
        let tx = db.store.begin().await.unwrap();
        outbound::save_identity(&tx, &identity, &used).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.set(when);
        assert_eq!(look(&program).await, 2);
        let back = open(&world, &program).await;
        assert_eq!((back.len(), back[0].id, back[0].reason), (1, view.id, Some(ReturnReason::CostsMore)));
        assert_eq!(back[0].problem.as_ref().unwrap().params["decision"]["class"], "package");
        assert_eq!(notices(&world).await, ["scheduled_returned costs_more"]);
        assert_eq!(ours(&world).await.len(), 1);
        assert_eq!(world.channel().await.quota_reserved, 1);
        // Sent now by somebody who sees what it is now.
        let sent = program.outbound.send_scheduled(&world.agent(), view.id).await.unwrap();
        assert_eq!(sent.status, ScheduledStatus::Sent);
        assert_eq!(ours(&world).await.len(), 2);
        assert_eq!(world.channel().await.quota_reserved, 2);
    }

    async fn the_time_decides_the_class_that_is_shown(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        world.quota(100, 100).await;
        let (inside, after) = (world.seed.now.plus_hours(47), world.seed.now.plus_hours(49));
        for (when, class) in [(inside, Class::Reply), (after, Class::Package)] {
            let shown = program.outbound.decision_at(&world.agent(), world.conversation, when).await.unwrap();
            assert_eq!(shown.decision.class, Some(class));
            let view = schedule(&world, &program, &at(when, when.0 as u128, "Chào")).await.unwrap();
            assert_eq!((view.decision.class, view.seen_class), (Some(class), class));
        }
        world.clock.set(after);
        assert_eq!(look(&program).await, 2);
        // The first one comes too late to be free: its writer has it back. The other is what they saw.
        assert_eq!(ours(&world).await.len(), 1);
        assert_eq!(notices(&world).await, ["scheduled_returned costs_more"]);
    }

    async fn what_cannot_be_is_refused_and_leaves_nothing(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let now = world.now();
        let hour = now.plus_hours(1);
        for (request, code, word) in [
            (at(now, 1, "x"), Code::InvalidField, Some("past")),
            (at(now.plus_days(91), 1, "x"), Code::InvalidField, Some("too_far")),
            (at(hour, 1, "  "), Code::EmptyMessage, None),
            (at(hour, 1, &"x".repeat(5_000)), Code::TextTooLong, None),
            // After the seven days nothing goes.
            (at(now.plus_days(8), 1, "x"), Code::SendNotAllowed, None),
        ] {
            let problem = schedule(&world, &program, &request).await.unwrap_err();
            assert_eq!(problem.code, code, "{problem:?}");
            assert_eq!(problem.params.get("reason").and_then(|r| r.as_str()), word);
        }
        assert!(open(&world, &program).await.is_empty());
        program.send(&world, 7, "đã gửi").await.unwrap();
        let taken = schedule(&world, &program, &at(hour, 7, "đã gửi")).await.unwrap_err();
        assert_eq!((taken.code, &taken.params["reason"]), (Code::Conflict, &"client_id".into()));
        for n in 0..u128::from(scheduled::MAX_OPEN as u32) {
            schedule(&world, &program, &at(hour, 100 + n, "x")).await.unwrap();
        }
        let many = schedule(&world, &program, &at(hour, 99, "x")).await.unwrap_err();
        assert_eq!(many.params["reason"], "too_many_scheduled");
    }

    async fn only_its_writer_edits_and_only_while_they_may_send(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let ws = world.seed.workspace;
        let lan = Member {
            workspace: ws,
            id: loa_kernel::MemberId::derived(world.now(), &[b"lan"]),
            email: "lan@example.vn".into(),
            display_name: "Lan".into(),
            role: Role::Agent,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: world.now(),
            updated_at: world.now(),
        };
        let tx = db.store.begin().await.unwrap();
        members::create(&tx, &lan, &Secret::new("no hash")).await.unwrap();
        tx.commit().await.unwrap();
        let when = world.now().plus_hours(1);
        let by_lan = Actor::with_role(ws, lan.id, Role::Agent);
        let make = async |n: u128| {
            program.outbound.schedule(&by_lan, world.conversation, &at(when, n, "Của Lan")).await.unwrap().1
        };
        let (first, second) = (make(1).await, make(2).await);
        let edit = EditScheduled { text: Some("Khác".into()), ..EditScheduled::default() };
        let refused = program.outbound.edit_scheduled(&world.agent(), first.id, &edit).await.unwrap_err();
        assert_eq!(refused.code, Code::Forbidden);
        // A colleague who takes over takes it back.
        program.outbound.cancel_scheduled(&world.agent(), first.id).await.unwrap();
        assert_eq!(program.outbound.cancel_scheduled(&by_lan, first.id).await.unwrap_err().params["reason"], "canceled");
        // Somebody from elsewhere finds nothing.
        let stranger = Actor { workspace: loa_kernel::WorkspaceId(uuid::Uuid::from_u128(9)), ..world.agent() };
        assert_eq!(program.outbound.cancel_scheduled(&stranger, second.id).await.unwrap_err().code, Code::NotFound);

        let off = MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() };
        let tx = db.store.begin().await.unwrap();
        members::update(&tx, ws, lan.id, &off, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        world.clock.set(when);
        assert_eq!(look(&program).await, 1);
        assert!(ours(&world).await.is_empty());
        assert_eq!(open(&world, &program).await[0].reason, Some(ReturnReason::NotYours));
    }
}
