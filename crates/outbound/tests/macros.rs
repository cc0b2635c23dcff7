//! Macros: previewed, run as a whole or not at all, and never twice.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Program, World};
use loa_inbox::replies::ReplyInput;
use loa_kernel::{
    Actor, CannedReplyId, Code, ConversationStatus, CustomerId, LabelColour, LabelId, LabelKind, MacroId,
    MemberId, Problem, Role,
};
use loa_outbound::{MacroAction, MacroEffect, MacroInput, MacroPreview, MacroResult, Ran, RunMacro};
use loa_rulebook::{Class, Decision};
use loa_store::entity::conversations;
use loa_store::{conversations as threads, labels};
use loa_testdb::on_both_databases;
use uuid::Uuid;

use MacroAction as A;

fn text(text: &str) -> A {
    A::SendText { text: text.into() }
}

async fn label(world: &World, name: &str) -> LabelId {
    let id = LabelId::derived(world.now(), &[name.as_bytes()]);
    let new = labels::NewLabel {
        id,
        name: name.into(),
        colour: LabelColour::Red,
        kind: LabelKind::Normal,
        created_by: None,
    };
    let tx = world.store.begin().await.unwrap();
    labels::create(&tx, world.seed.workspace, &new, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn make(world: &World, program: &Program, actions: Vec<A>) -> MacroId {
    named(world, program, "Chốt đơn", actions).await
}

async fn named(world: &World, program: &Program, name: &str, actions: Vec<A>) -> MacroId {
    let input = MacroInput { name: name.into(), actions, personal: false };
    program.outbound.create_macro(&world.agent(), &input).await.unwrap().id
}

async fn refused(world: &World, program: &Program, actions: Vec<A>) -> Problem {
    let input = MacroInput { name: "x".into(), actions, personal: false };
    program.outbound.create_macro(&world.agent(), &input).await.unwrap_err()
}

async fn preview(world: &World, program: &Program, id: MacroId) -> MacroPreview {
    program.outbound.preview_macro(&world.agent(), id, world.conversation).await.unwrap()
}

async fn run(world: &World, program: &Program, id: MacroId, n: u128) -> Result<Ran, Problem> {
    let request = RunMacro { client_id: Uuid::from_u128(n), conversation_id: world.conversation };
    program.outbound.run_macro(&world.agent(), id, &request).await
}

async fn now(world: &World, program: &Program, id: MacroId, n: u128) -> MacroResult {
    match run(world, program, id, n).await.unwrap() {
        Ran::Now(result) => result,
        Ran::Before(_) => panic!("it ran before"),
    }
}

async fn thread(world: &World) -> conversations::Model {
    let db = world.store.reader();
    threads::get(db, world.seed.workspace, world.conversation).await.unwrap().unwrap()
}

async fn carried(world: &World) -> Vec<LabelId> {
    let customer = CustomerId(thread(world).await.customer_id);
    let found = labels::of_customers(world.store.reader(), world.seed.workspace, &[customer]).await.unwrap();
    found.get(&customer).cloned().unwrap_or_default()
}

/// What a run may leave: messages, and what they hold of the quota.
async fn left(world: &World) -> [i64; 2] {
    let reserved = i64::from(world.identity().await.replies_reserved) + world.channel().await.quota_reserved;
    [world.thread().await.len() as i64, reserved]
}

fn decisions(preview: &MacroPreview) -> Vec<Decision> {
    let sends = preview.effects.iter().filter_map(|effect| match effect {
        MacroEffect::Send { decision, .. } => Some(decision.clone()),
        _ => None,
    });
    sends.collect()
}

async fn reply(world: &World, program: &Program, text: &str) -> CannedReplyId {
    let input = ReplyInput {
        shortcut: "chao".into(),
        title: String::new(),
        text: text.into(),
        file_ids: Vec::new(),
        personal: false,
    };
    program.outbound.inbox.create_reply(&world.agent(), &input).await.unwrap().id
}

on_both_databases! {
    async fn a_macro_does_everything_in_order_and_once(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let (vip, debt) = (label(&world, "VIP").await, label(&world, "Nợ").await);
        let hello = reply(&world, &program, "Dạ em {{agent.name}} nghe").await;
        let actions = vec![
            A::SendReply { reply_id: hello },
            text("Chốt đơn ngày {{now.date}}"),
            A::PutLabels { label_ids: vec![vip, debt] },
            A::RemoveLabels { label_ids: vec![debt] },
            A::AssignMe {},
            A::SetStatus { status: ConversationStatus::Closed },
        ];
        let id = make(&world, &program, actions).await;

        let seen = preview(&world, &program, id).await;
        assert!(seen.allowed && seen.cost_vnd == 0, "{seen:?}");
        assert_eq!(seen.effects.len(), 6);
        assert_eq!(left(&world).await, [0; 2], "looking changes nothing");

        let done = now(&world, &program, id, 1).await;
        let texts: Vec<&str> = done.messages.iter().map(|m| m.text.as_deref().unwrap()).collect();
        assert_eq!(texts, ["Dạ em Quản trị nghe", "Chốt đơn ngày 15/01/2026"]);
        assert_eq!(done.conversation.status, ConversationStatus::Closed);
        assert_eq!(done.conversation.assignee_id, Some(world.seed.admin));
        assert_eq!(done.conversation.label_ids, [vip]);
        assert_eq!(left(&world).await, [2, 2]);
        // What was shown is what was stored.
        for (shown, message) in decisions(&seen).iter().zip(&done.messages) {
            let stored = world.message(message.id).await.decision.unwrap();
            assert!(shown.same_answer(&serde_json::from_value(stored.clone()).unwrap()), "{shown:?} {stored}");
        }

        // Asked again, also at the same time: the same messages and no more.
        let both = tokio::join!(run(&world, &program, id, 1), run(&world, &program, id, 1));
        for again in [both.0.unwrap(), both.1.unwrap()] {
            let Ran::Before(again) = again else { panic!("it ran twice") };
            assert_eq!(again.messages.iter().map(|m| m.id).collect::<Vec<_>>(), done.messages.iter().map(|m| m.id).collect::<Vec<_>>());
        }
        assert_eq!(left(&world).await, [2, 2]);
        let list = program.outbound.macros(&world.agent()).await.unwrap();
        assert_eq!(list[0].used_count, 1);
        assert_eq!(program.outbound.inbox.replies(&world.agent()).await.unwrap()[0].used_count, 1);

        // What is so already is left out.
        let seen = preview(&world, &program, id).await;
        let kinds: Vec<bool> = seen.effects.iter().map(|e| matches!(e, MacroEffect::Send { .. })).collect();
        assert_eq!(kinds, [true, true, false, false], "two messages, the label that goes on and off");
        let Err(problem) = run(&world, &program, named(&world, &program, "Khác", vec![text("x")]).await, 1).await else { panic!("another macro under this id") };
        assert_eq!((problem.code, &problem.params["reason"]), (Code::Conflict, &"client_id".into()));
    }

    async fn two_requests_at_the_same_time_are_one_run(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let id = make(&world, &program, vec![text("Dạ"), A::AssignMe {}]).await;
        let (a, b, c) = tokio::join!(run(&world, &program, id, 7), run(&world, &program, id, 7), run(&world, &program, id, 7));
        let ran = [a.unwrap(), b.unwrap(), c.unwrap()];
        assert_eq!(ran.iter().filter(|ran| matches!(ran, Ran::Now(_))).count(), 1);
        assert_eq!(left(&world).await, [1, 1]);
    }

    async fn refused_means_that_nothing_is_done(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let vip = label(&world, "VIP").await;
        let actions = vec![A::PutLabels { label_ids: vec![vip] }, A::AssignMe {}, text("một"), text("hai"), A::SetStatus { status: ConversationStatus::Closed }];
        let id = make(&world, &program, actions).await;
        // One message is left in the package, and the macro sends two; the second would have to be paid, by nobody.
        world.quota(1, 1_000).await;
        world.billing(loa_store::channels::BillingState::NotLinked).await;
        world.after_window();
        let before = thread(&world).await;

        let seen = preview(&world, &program, id).await;
        assert!(!seen.allowed);
        let classes: Vec<Option<Class>> = decisions(&seen).iter().map(|d| d.class).collect();
        assert_eq!(classes, [Some(Class::Package), None]);
        let problem = run(&world, &program, id, 1).await.unwrap_err();
        assert_eq!(problem.code, Code::SendNotAllowed);
        let told: Decision = serde_json::from_value(problem.params["decision"].clone()).unwrap();
        assert!(told.same_answer(&decisions(&seen)[1]), "the refusal says what the preview said");
        assert_eq!(left(&world).await, [0; 2]);
        assert_eq!(thread(&world).await, before);
        assert_eq!(carried(&world).await, []);
        // The same id may run when the way is free.
        world.quota(500, 1_000).await;
        let seen = preview(&world, &program, id).await;
        assert_eq!(decisions(&seen)[1].package.unwrap().reserved, 1, "the first is counted in");
        assert_eq!(now(&world, &program, id, 1).await.messages.len(), 2);
    }

    async fn what_cannot_be_is_refused_when_it_is_saved(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let gone = LabelId::derived(world.now(), &[b"gone"]);
        for (actions, code, reason) in [
            (vec![], Code::InvalidField, "empty"),
            (vec![text(" ")], Code::EmptyMessage, ""),
            (vec![text("{{customer.nam}}")], Code::InvalidField, "unknown_variable"),
            (vec![text("a"); 6], Code::InvalidField, "too_many_messages"),
            (vec![A::Unassign {}; 21], Code::InvalidField, "too_many"),
            (vec![A::AssignMe {}, A::Unassign {}], Code::InvalidField, "repeated"),
            (vec![A::SetStatus { status: ConversationStatus::Snoozed }], Code::InvalidField, "snoozed"),
            (vec![A::PutLabels { label_ids: vec![] }], Code::InvalidField, "labels"),
            (vec![A::PutLabels { label_ids: vec![gone] }], Code::NotFound, ""),
            (vec![A::Assign { member_id: MemberId::derived(world.now(), &[b"gone"]) }], Code::InvalidField, "not_a_member"),
            (vec![A::SendReply { reply_id: CannedReplyId::derived(world.now(), &[b"gone"]) }], Code::NotFound, ""),
        ] {
            let problem = refused(&world, &program, actions.clone()).await;
            assert_eq!(problem.code, code, "{actions:?}");
            if !reason.is_empty() {
                assert_eq!(problem.params["reason"], reason, "{actions:?}");
            }
        }
        make(&world, &program, vec![A::Unassign {}]).await;
        let again = MacroInput { name: "CHOT don".into(), actions: vec![A::Unassign {}], personal: false };
        let problem = program.outbound.create_macro(&world.agent(), &again).await.unwrap_err();
        assert_eq!((problem.code, &problem.params["reason"]), (Code::Conflict, &"macro_name".into()));
    }

    async fn a_macro_does_what_its_member_may_do_and_no_more(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let id = make(&world, &program, vec![text("Dạ"), A::AssignMe {}]).await;
        let request = RunMacro { client_id: Uuid::from_u128(1), conversation_id: world.conversation };
        let manager = Actor::with_role(world.seed.workspace, world.seed.admin, Role::Manager);
        let reader = Actor { grants: manager.grants.iter().copied().filter(|g| g.action == loa_kernel::Action::View).collect(), ..manager.clone() };
        assert_eq!(program.outbound.run_macro(&reader, id, &request).await.unwrap_err().code, Code::Forbidden);
        let elsewhere = Actor { channels: Some(vec![]), ..manager.clone() };
        assert_eq!(program.outbound.run_macro(&elsewhere, id, &request).await.unwrap_err().code, Code::NotFound);
        assert_eq!(program.outbound.preview_macro(&elsewhere, id, world.conversation).await.unwrap_err().code, Code::NotFound);
        assert_eq!(left(&world).await, [0; 2]);

        // A personal one is its owner's alone, and a shared one must not send what only one member has.
        let personal = MacroInput { name: "Riêng".into(), actions: vec![A::Unassign {}], personal: true };
        let own = program.outbound.create_macro(&world.agent(), &personal).await.unwrap();
        let other = Actor::with_role(world.seed.workspace, MemberId::derived(world.now(), &[b"other"]), Role::Agent);
        assert_eq!(program.outbound.macros(&other).await.unwrap().len(), 1);
        assert_eq!(program.outbound.delete_macro(&other, own.id).await.unwrap_err().code, Code::NotFound);
        assert_eq!(program.outbound.delete_macro(&other, id).await.unwrap_err().code, Code::Forbidden);
        let mine = ReplyInput { shortcut: "x".into(), title: String::new(), text: "x".into(), file_ids: vec![], personal: true };
        let mine = program.outbound.inbox.create_reply(&world.agent(), &mine).await.unwrap().id;
        let problem = refused(&world, &program, vec![A::SendReply { reply_id: mine }]).await;
        assert_eq!(problem.params["reason"], "personal_reply");
    }

    async fn a_message_with_a_hole_is_not_sent(db: TestDb) {
        let world = World::new(&db).await;
        let program = world.program(1);
        let id = make(&world, &program, vec![text("Số của chị là {{customer.phone}}")]).await;
        let seen = preview(&world, &program, id).await;
        assert!(!seen.allowed && seen.effects.is_empty());
        assert_eq!(seen.problem.unwrap().params["variable"], "customer.phone");
        let problem = run(&world, &program, id, 1).await.unwrap_err();
        assert_eq!(problem.params["reason"], "missing_value");
        assert_eq!(left(&world).await, [0; 2]);
    }
}
