//! What the customer's messages do to threads that members have put away, and how long people waited.
#![allow(clippy::unwrap_used, reason = "a test may panic; the lint sees only the test functions themselves")]

mod ground;

use ground::{Ground, NOW, oa_text, user_text};
use loa_intake::IntakeConfig;
use loa_kernel::{ConversationId, Timestamp};
use loa_store::conversations::{self, Edit};
use loa_store::entity::{conversations as threads, episodes};
use loa_store::work::{Snooze, SnoozeKind};
use loa_store::workspaces::{self, InboxSettings};
use loa_testdb::on_both_databases;
use sea_orm::EntityTrait;

const MINUTE: i64 = 60_000;

/// One customer's thread, moved by minutes.
struct Desk {
    ground: Ground,
    sent: u32,
}

impl Desk {
    async fn new(db: loa_testdb::TestDb) -> Self {
        let ground = Ground::new(db).await;
        ground.clock.set(NOW);
        Self { ground, sent: 0 }
    }

    fn at(minute: i64) -> Timestamp {
        NOW.plus_ms(minute * MINUTE)
    }

    /// The customer writes, or (`by`) the account, by a person or by a machine.
    async fn says(&mut self, minute: i64, text: &str, by: Option<Option<&str>>) -> threads::Model {
        self.sent += 1;
        let id = format!("m{}", self.sent);
        let at = Self::at(minute);
        self.ground.clock.set(at.max(loa_kernel::Clock::now(&*self.ground.clock)));
        let body = match by {
            None => user_text("771", &id, text, at),
            Some(admin) => oa_text("771", &id, text, admin, at),
        };
        self.ground.deliver(&body).await;
        self.ground.intake(IntakeConfig::default()).catch_up().await.unwrap();
        self.thread().await
    }

    async fn thread(&self) -> threads::Model {
        threads::Entity::find().one(self.ground.db.store.reader()).await.unwrap().unwrap()
    }

    async fn edit(&self, minute: i64, edit: Edit<'_>) -> threads::Model {
        let id = ConversationId(self.thread().await.id);
        self.ground.clock.set(Self::at(minute));
        let tx = self.ground.db.store.begin().await.unwrap();
        let ws = self.ground.seed.workspace;
        let edit = Edit { by: Some(self.ground.seed.admin), ..edit };
        let list = conversations::edit(&tx, ws, id, edit, Self::at(minute)).await.unwrap();
        loa_store::changes::append(&tx, ws, &list, Self::at(minute)).await.unwrap();
        tx.commit().await.unwrap();
        self.thread().await
    }

    async fn set(&self, minute: i64, status: &str) -> threads::Model {
        self.edit(minute, Edit { status: Some(status), ..Edit::default() }).await
    }

    async fn episodes(&self) -> Vec<episodes::Model> {
        let mut all = episodes::Entity::find().all(self.ground.db.store.reader()).await.unwrap();
        all.sort_by_key(|episode| episode.opened_at);
        all
    }
}

/// When it was opened, asked, answered: in minutes.
fn episode(row: &threads::Model) -> [Option<i64>; 3] {
    [row.opened_at, row.asked_at, row.responded_at].map(|at| at.map(|at| (at - NOW.0) / MINUTE))
}

on_both_databases! {
    /// Each way of being put away ends with the customer's message, with the reason and its instant.
    async fn a_reply_brings_a_thread_back(db: TestDb) {
        let mut desk = Desk::new(db).await;
        let first = desk.says(0, "Còn hàng không?", None).await;
        assert_eq!((first.status.as_str(), first.back_reason), ("open", None), "it was never put away");
        for (minute, status) in [(10, "closed"), (20, "pending"), (30, "snoozed")] {
            let snooze = Snooze { kind: SnoozeKind::Time, until: Some(Desk::at(1_000)), lead_minutes: None };
            let edit = Edit {
                status: Some(status),
                snooze: (status == "snoozed").then_some(snooze),
                ..Edit::default()
            };
            assert_eq!(desk.edit(minute, edit).await.status, status);
            let row = desk.says(minute + 5, "Alo shop", None).await;
            assert_eq!(row.status, "open", "{status}");
            assert_eq!((row.back_reason.as_deref(), row.back_at), (Some("reply"), Some(Desk::at(minute + 5).0)));
            // An earlier one that came late is the one that brought it back.
            let row = desk.says(minute + 3, "Alo", None).await;
            assert_eq!(row.back_at, Some(Desk::at(minute + 3).0), "{status}");
            // One from before it was put away is not.
            let row = desk.says(minute - 2, "À", None).await;
            assert_eq!(row.back_at, Some(Desk::at(minute + 3).0), "{status}");
        }
        // The snooze that was ended is over: nothing wakes.
        let store = desk.ground.db.store.clone();
        assert!(!conversations::is_any_due(store.reader(), Desk::at(2_000)).await.unwrap());
    }

    /// Where the business wants it, thanks leave a closed thread closed; they end every other way of being put away.
    async fn thanks_leave_a_closed_thread_closed(db: TestDb) {
        let mut desk = Desk::new(db).await;
        let ws = desk.ground.seed.workspace;
        desk.says(0, "Còn hàng không?", None).await;
        desk.says(1, "Dạ còn", Some(Some("9"))).await;
        desk.set(2, "closed").await;
        assert_eq!(desk.says(3, "Cảm ơn shop ạ", None).await.status, "open", "off unless it is switched on");
        desk.set(4, "closed").await;
        let tx = desk.ground.db.store.begin().await.unwrap();
        workspaces::set_inbox_settings(&tx, ws, InboxSettings { courtesy_stays_closed: true }).await.unwrap();
        tx.commit().await.unwrap();

        let row = desk.says(5, "dạ vâng, cảm ơn shop", None).await;
        assert_eq!((row.status.as_str(), row.unread_count, row.waiting_since_at), ("closed", 2, None));
        assert_eq!(row.last_preview, "dạ vâng, cảm ơn shop");
        let row = desk.says(7, "À shop ơi, còn màu đỏ không?", None).await;
        assert_eq!((row.status.as_str(), row.waiting_since_at), ("open", Some(Desk::at(7).0)));
        assert_eq!(row.back_at, Some(Desk::at(7).0), "the thanks did not bring it back");
        assert_eq!(episode(&row), [Some(7), Some(7), None]);
        desk.set(8, "pending").await;
        assert_eq!(desk.says(9, "ok", None).await.status, "open");
    }

    /// From the first question to the first answer of a person, and until it is closed; each episode by itself.
    async fn episodes_are_measured(db: TestDb) {
        let mut desk = Desk::new(db).await;
        assert_eq!(episode(&desk.says(0, "Còn hàng không?", None).await), [Some(0), Some(0), None]);
        assert_eq!(episode(&desk.says(1, "Xin chào, shop sẽ trả lời ngay", Some(None)).await), [Some(0), Some(0), None], "a machine");
        assert_eq!(episode(&desk.says(6, "Dạ còn", Some(Some("9"))).await), [Some(0), Some(0), Some(6)]);
        assert_eq!(episode(&desk.says(8, "Chị lấy mấy cái?", Some(Some("9"))).await), [Some(0), Some(0), Some(6)]);
        // What came late is counted as if it had come in time.
        assert_eq!(episode(&desk.says(4, "Dạ em đây", Some(Some("9"))).await), [Some(0), Some(0), Some(4)]);
        assert!(desk.episodes().await.is_empty());
        desk.set(20, "closed").await;
        let kept = desk.episodes().await;
        let of = |e: &episodes::Model| [Some(e.opened_at), e.asked_at, e.responded_at, Some(e.resolved_at)].map(|at| at.map(|at| (at - NOW.0) / MINUTE));
        assert_eq!(kept.iter().map(of).collect::<Vec<_>>(), [[Some(0), Some(0), Some(4), Some(20)]]);
        assert_eq!(kept[0].resolved_by, Some(desk.ground.seed.admin.0));

        // Closed by mistake: the same episode goes on.
        assert_eq!(episode(&desk.set(21, "open").await), [Some(0), Some(0), Some(4)]);
        assert!(desk.episodes().await.is_empty());
        desk.set(25, "closed").await;
        // We begin the next one; the answer counts from the customer's question.
        assert_eq!(episode(&desk.says(100, "Chị ơi hàng về rồi ạ", Some(Some("9"))).await), [Some(100), None, None]);
        assert_eq!(desk.thread().await.status, "closed", "a message from the platform's own tool opens nothing that was closed");
        desk.says(130, "Giữ cho chị 1 cái", None).await;
        assert_eq!(episode(&desk.says(133, "Dạ vâng", Some(Some("9"))).await), [Some(100), Some(130), Some(133)]);
        desk.set(140, "closed").await;
        let kept: Vec<_> = desk.episodes().await.iter().map(of).collect();
        assert_eq!(kept, [[Some(0), Some(0), Some(4), Some(25)], [Some(100), Some(130), Some(133), Some(140)]]);
    }
}
