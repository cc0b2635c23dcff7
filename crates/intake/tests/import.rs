//! History that is read from the platform, on both databases: everything once, no effects but that it is there, and
//! on from where it stood after whatever happens.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ground;

use std::sync::Arc;

use ground::{Ground, user_text};
use loa_channels::reconcile::DueWork;
use loa_channels::scripted::Scripted;
use loa_channels::{
    Author, CallError, Channels, ChannelsSettings, Connectors, ImportAction, InboundMessage, MessageKind,
    PastMessage, Refusal,
};
use loa_intake::{ImportWork, IntakeConfig};
use loa_kernel::{Actor, Code, Ids, Role, SeededRandom, Timestamp};
use loa_rulebook::Library;
use loa_store::channels::credentials;
use loa_store::entity::{conversations, customer_identities, messages};
use loa_store::imports::Import;
use loa_store::{Secret, Store, imports};
use loa_testdb::on_both_databases;
use sea_orm::EntityTrait;

/// The account with a platform whose history a test writes.
struct World {
    ground: Ground,
    platform: Arc<Scripted>,
    channels: Channels,
    work: ImportWork,
}

impl World {
    async fn new(db: loa_testdb::TestDb) -> Self {
        let ground = Ground::new(db).await;
        let tokens = credentials::Tokens {
            access: Secret::new("access-0"),
            refresh: Secret::new("refresh-0"),
            access_expires_at: ground::NOW.plus_days(9),
            refresh_expires_at: ground::NOW.plus_days(90),
        };
        let tx = ground.db.store.begin().await.unwrap();
        credentials::store(&tx, &ground.seed.vault, ground.seed.workspace, ground.channel, &tokens)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let platform: Arc<Scripted> = Arc::default();
        let (channels, work) = program(&ground, &platform, ground.db.store.clone(), 1);
        Self { ground, platform, channels, work }
    }

    fn admin(&self) -> Actor {
        Actor::with_role(self.ground.seed.workspace, self.ground.seed.admin, Role::Admin)
    }

    /// Begin one, a moment after whatever was before.
    async fn start(&self) {
        self.ground.clock.advance_ms(1);
        self.channels.start_import(&self.admin(), self.ground.channel, None).await.unwrap();
    }

    /// Work until nothing is due.
    async fn run(&self) {
        while self.work.run_batch(1).await.unwrap() > 0 {}
    }

    async fn import(&self) -> Import {
        imports::latest(self.reader(), self.ground.seed.workspace).await.unwrap().remove(0)
    }

    fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.ground.db.store.reader()
    }

    async fn messages(&self) -> Vec<messages::Model> {
        messages::Entity::find().all(self.reader()).await.unwrap()
    }

    async fn thread(&self) -> conversations::Model {
        conversations::Entity::find().one(self.reader()).await.unwrap().unwrap()
    }
}

fn program(ground: &Ground, platform: &Arc<Scripted>, store: Store, n: u64) -> (Channels, ImportWork) {
    let ids = Ids::new(ground.clock.clone(), Arc::new(SeededRandom::new(n)));
    let library = Arc::new(Library::embedded());
    let channels = Channels::new(
        store.clone(),
        ground.seed.vault.clone(),
        ids.clone(),
        ground.signals.clone(),
        library.clone(),
        Connectors::new([platform.clone() as Arc<dyn loa_channels::Connector>]),
        ChannelsSettings::new("http://localhost:8080".parse().unwrap()),
    );
    let work = ImportWork::new(store, channels.clone(), library, &ids, ground.signals.clone());
    (channels, work)
}

fn past(user: &str, id: &str, ours: bool, at: Timestamp) -> PastMessage {
    PastMessage {
        user: user.to_owned(),
        at,
        message: InboundMessage {
            platform_id: id.to_owned(),
            kind: MessageKind::Text,
            text: Some(format!("tin {id}")),
            attachments: Vec::new(),
            quoted_platform_id: None,
            author: if ours { Author::Platform { admin_id: None } } else { Author::Customer },
        },
    }
}

/// `threads` threads of `each` messages, every third of ours; the newest an hour old.
fn history(threads: usize, each: usize) -> Vec<PastMessage> {
    let hour_ago = ground::NOW.plus_hours(-1);
    (0..threads * each)
        .map(|n| {
            let (user, nth) = (format!("u{}", n / each), n % each);
            let at = hour_ago.plus_ms(-60_000 * (n as i64));
            past(&user, &format!("h{n}"), nth % 3 == 1, at)
        })
        .collect()
}

on_both_databases! {
    async fn everything_is_read_once_and_moves_nothing(db: TestDb) {
        let world = World::new(db).await;
        world.platform.script().past = history(23, 12);
        world.start().await;
        world.run().await;
        let import = world.import().await;
        assert_eq!((import.state.as_str(), import.threads_found, import.threads_done), ("done", 23, 23));
        assert_eq!((import.messages_read, import.messages_new, import.is_limited), (276, 276, false));
        let rows = world.messages().await;
        assert_eq!(rows.len(), 276);
        let threads = conversations::Entity::find().all(world.reader()).await.unwrap();
        assert_eq!(threads.len(), 23);
        for thread in threads {
            assert_eq!((thread.status.as_str(), thread.unread_count), ("closed", 0));
            assert_eq!((thread.waiting_since_at, thread.answered_at), (None, None));
            assert_eq!((thread.free_until_at, thread.permitted_until_at), (None, None), "no window opens");
            let newest = rows.iter().filter(|m| m.conversation_id == thread.id).max_by_key(|m| m.sent_at).unwrap();
            assert_eq!(thread.last_message_id, Some(newest.id));
            assert_eq!(thread.last_preview, newest.text.clone().unwrap());
        }
        for identity in customer_identities::Entity::find().all(world.reader()).await.unwrap() {
            assert_eq!((identity.last_message_at, identity.last_interaction_at), (None, None));
            assert_eq!(identity.replies_used, 0);
            assert!(identity.profile_due_at.is_some(), "the profile is fetched");
        }
        // Once more changes nothing.
        let before = world.ground.dump().await;
        world.start().await;
        world.run().await;
        let again = world.import().await;
        assert_eq!((again.messages_read, again.messages_new), (276, 0));
        assert_eq!(world.ground.dump().await, before);
    }

    async fn an_event_that_comes_after_its_import_has_its_full_effect(db: TestDb) {
        let world = World::new(db).await;
        let at = ground::NOW.plus_ms(-5_000);
        world.platform.script().past = vec![past("u1", "m1", false, at)];
        world.start().await;
        world.run().await;
        assert_eq!(world.thread().await.unread_count, 0);
        let intake = world.ground.intake(IntakeConfig::default());
        for _ in 0..2 {
            world.ground.append("m1-event", &user_text("u1", "m1", "tin m1", at)).await;
            intake.catch_up().await.unwrap();
        }
        let thread = world.thread().await;
        assert_eq!((thread.unread_count, thread.status.as_str()), (1, "open"));
        assert_eq!(thread.waiting_since_at, Some(at.0));
        assert!(thread.free_until_at.is_some());
        assert_eq!(world.messages().await.len(), 1, "it is the same message");
        // Delivered under another key, it is known now.
        world.ground.append("m1-again", &user_text("u1", "m1", "tin m1", at)).await;
        intake.catch_up().await.unwrap();
        assert_eq!(world.thread().await.unread_count, 1);
    }

    async fn the_other_way_round_the_import_changes_nothing(db: TestDb) {
        let world = World::new(db).await;
        let at = ground::NOW.plus_ms(-5_000);
        world.ground.append("m1-event", &user_text("u1", "m1", "tin m1", at)).await;
        world.ground.intake(IntakeConfig::default()).catch_up().await.unwrap();
        let before = world.ground.dump().await;
        world.platform.script().past = vec![past("u1", "m1", false, at)];
        world.start().await;
        world.run().await;
        assert_eq!(world.import().await.messages_new, 0);
        assert_eq!(world.ground.dump().await, before);
    }

    async fn a_late_event_does_not_count_what_was_imported(db: TestDb) {
        let world = World::new(db).await;
        let at = |minutes: i64| ground::NOW.plus_ms(-60_000 * minutes);
        world.platform.script().past =
            vec![past("u1", "a", false, at(50)), past("u1", "b", false, at(40)), past("u1", "c", false, at(30))];
        world.start().await;
        world.run().await;
        let intake = world.ground.intake(IntakeConfig::default());
        // Somebody answered by hand in between; its echo comes late, before all of what was read.
        world.ground.append("echo", &ground::oa_text("u1", "e", "dạ", Some("7"), at(60))).await;
        intake.catch_up().await.unwrap();
        assert_eq!(world.thread().await.unread_count, 0);
        world.ground.append("new", &user_text("u1", "d", "ơi", at(1))).await;
        intake.catch_up().await.unwrap();
        assert_eq!(world.thread().await.unread_count, 1);
    }

    async fn it_is_held_goes_on_and_ends_by_hand(db: TestDb) {
        let world = World::new(db).await;
        let (admin, channel) = (world.admin(), world.ground.channel);
        world.platform.script().past = history(40, 11);
        world.start().await;
        let conflict = world.channels.start_import(&admin, channel, None).await.unwrap_err();
        assert_eq!((conflict.code, conflict.params["reason"].as_str()), (Code::Conflict, Some("import_under_way")));
        world.work.run_batch(1).await.unwrap();
        let steer = async |action| world.channels.steer_import(&admin, channel, action).await;
        let view = steer(ImportAction::Pause).await.unwrap();
        assert_eq!(view.import.unwrap().state, "paused");
        let held = world.import().await;
        assert!(held.threads_found == 40 && held.state == "paused");
        world.run().await;
        assert_eq!(world.import().await, held, "nothing moves while it is paused");
        assert_eq!(steer(ImportAction::Pause).await.unwrap_err().code, Code::Conflict);
        steer(ImportAction::Resume).await.unwrap();
        world.work.run_batch(1).await.unwrap();
        steer(ImportAction::Cancel).await.unwrap();
        let read = world.messages().await.len();
        assert!(read > 0 && read < 440, "what was read stays: {read}");
        world.run().await;
        assert_eq!(world.messages().await.len(), read);
        assert_eq!(steer(ImportAction::Resume).await.unwrap_err().code, Code::Conflict);
        // Begun anew, it reads what is missing.
        world.start().await;
        world.run().await;
        assert_eq!(world.messages().await.len(), 440);
        let new = world.import().await.messages_new;
        assert_eq!(new, 440 - read as i64);
    }

    async fn failures_wait_longer_and_longer_and_limits_are_told(db: TestDb) {
        let world = World::new(db).await;
        world.platform.script().past = history(1, 25);
        let down = || CallError::Unreachable("connection refused".into());
        let rejected = |refusal| CallError::Rejected { code: -210, message: "too far".into(), refusal };
        world.platform.script().past_faults.extend([down(), rejected(Refusal::RateLimited)]);
        world.start().await;
        for wait in [2_000, 4_000] {
            assert_eq!(world.work.run_batch(1).await.unwrap(), 1);
            assert_eq!(world.work.run_batch(1).await.unwrap(), 0, "it is not due");
            let import = world.import().await;
            assert_eq!(import.due_at, world.ground.clock_now().plus_ms(wait).0);
            assert!(import.last_error.is_some());
            world.ground.clock.set(Timestamp(import.due_at));
        }
        // Ten messages, and then the platform shows no more.
        world.platform.script().past_ends_at = Some((10, rejected(Refusal::Parameter)));
        world.run().await;
        let import = world.import().await;
        assert_eq!((import.state.as_str(), import.failures, import.last_error), ("done", 0, None));
        assert!(import.is_limited, "something older may be missing");
        assert_eq!((import.messages_new, import.threads_refused), (10, 0));
    }

    async fn a_program_that_died_is_followed_by_another(db: TestDb) {
        let world = World::new(db).await;
        world.platform.script().past = history(30, 12);
        world.start().await;
        // It takes the import and is gone.
        let until = world.ground.clock_now().plus_ms(120_000);
        let now = world.ground.clock_now();
        imports::claim(&world.ground.db.store, "dead", until, now).await.unwrap().unwrap();
        let other = world.ground.db.open_again().await;
        let (_, work) = program(&world.ground, &world.platform, other, 2);
        assert_eq!(work.run_batch(1).await.unwrap(), 0, "the lease holds");
        world.ground.clock.set(until.plus_ms(1));
        // Two at the same time share the turns and write nothing twice.
        let (a, b) = (
            async { while work.run_batch(1).await.unwrap() > 0 {} },
            async { while world.work.run_batch(1).await.unwrap() > 0 {} },
        );
        tokio::join!(a, b);
        world.run().await;
        assert_eq!(world.import().await.state, "done");
        assert_eq!(world.messages().await.len(), 360);
    }

    async fn a_way_back_in_days_ends_it_there(db: TestDb) {
        let world = World::new(db).await;
        let days = |n: i64| ground::NOW.plus_days(-n);
        world.platform.script().past =
            (0..30).map(|n| past("u1", &format!("d{n}"), false, days(n).plus_ms(1_000))).collect();
        let (admin, channel) = (world.admin(), world.ground.channel);
        for wrong in [0, 100_000] {
            let refused = world.channels.start_import(&admin, channel, Some(wrong)).await.unwrap_err();
            assert_eq!(refused.code, Code::InvalidField);
        }
        world.channels.start_import(&admin, channel, Some(7)).await.unwrap();
        world.run().await;
        assert_eq!(world.messages().await.len(), 8);
        assert!(world.platform.script().past_asked.iter().all(|(user, offset)| user.is_none() || *offset < 20));
    }
}
