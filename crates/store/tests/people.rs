//! Members, sessions, failed sign-ins, the audit log.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_kernel::{AuditId, MemberId, PageCursor, Role, SessionId, Timestamp};
use loa_store::audit::{self, AuditEntry};
use loa_store::members::{self, Member, MemberPatch, MemberStatus};
use loa_store::sessions::{self, Session};
use loa_store::{Secret, StoreError, sign_in};
use loa_testdb::{Seed, TestDb, on_both_databases, seed};

async fn add_member(db: &TestDb, s: &Seed, name: &str, role: Role) -> Member {
    let member = Member {
        workspace: s.workspace,
        id: MemberId::derived(s.now, &[name.as_bytes()]),
        email: format!("{name}@Example.vn"),
        display_name: name.into(),
        role,
        status: MemberStatus::Active,
        locale: "vi".into(),
        created_at: s.now.plus_secs(1),
        updated_at: s.now.plus_secs(1),
    };
    let tx = db.store.begin().await.unwrap();
    members::create(&tx, &member, &Secret::new(format!("hash of {name}"))).await.unwrap();
    tx.commit().await.unwrap();
    member
}

async fn patch(db: &TestDb, s: &Seed, id: MemberId, patch: MemberPatch) -> Member {
    let tx = db.store.begin().await.unwrap();
    let now = members::update(&tx, s.workspace, id, &patch, s.now.plus_days(1)).await.unwrap();
    tx.commit().await.unwrap();
    now
}

on_both_databases! {
    async fn members_are_found_changed_and_kept_apart(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let an = add_member(&db, &s, "an", Role::Agent).await;
        let conn = db.store.reader();
        assert_eq!(members::get(conn, s.workspace, an.id).await.unwrap().as_ref(), Some(&an));
        assert_eq!(members::get(conn, other.workspace, an.id).await.unwrap(), None);
        assert_eq!(members::list(conn, s.workspace).await.unwrap().len(), 2);
        assert_eq!(members::list(conn, other.workspace).await.unwrap().len(), 1);
        assert_eq!(members::get_many(conn, s.workspace, &[an.id, other.admin]).await.unwrap(), std::slice::from_ref(&an));
        assert_eq!(members::count_all(conn).await.unwrap(), 3);

        let found = members::find_by_email(conn, " AN@example.VN").await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((&found[0].0, found[0].1.expose()), (&an, "hash of an"));
        assert_eq!(members::find_by_email(conn, "admin@example.vn").await.unwrap().len(), 2, "one a workspace");
        assert!(members::find_by_email(conn, "nobody@example.vn").await.unwrap().is_empty());

        let changed = patch(&db, &s, an.id, MemberPatch {
            display_name: Some("Ân".into()),
            role: Some(Role::Manager),
            status: Some(MemberStatus::Disabled),
            locale: Some("en".into()),
            password_hash: Some(Secret::new("new hash")),
        }).await;
        let expected = Member {
            display_name: "Ân".into(), role: Role::Manager, status: MemberStatus::Disabled, locale: "en".into(),
            updated_at: s.now.plus_days(1), ..an.clone()
        };
        assert_eq!(changed, expected);
        assert_eq!(patch(&db, &s, an.id, MemberPatch::default()).await, expected, "an empty change leaves all");
        assert_eq!(members::password_hash(conn, s.workspace, an.id).await.unwrap(), Some(Secret::new("new hash")));
        assert_eq!(members::password_hash(conn, other.workspace, an.id).await.unwrap(), None);

        let tx = db.store.begin().await.unwrap();
        let error = members::update(&tx, other.workspace, an.id, &MemberPatch::default(), s.now).await.unwrap_err();
        assert_eq!(error, StoreError::NotFound("member"));
    }

    async fn two_admins_cannot_demote_each_other_at_once(db: TestDb) {
        let s = seed(&db.store).await;
        let binh = add_member(&db, &s, "binh", Role::Admin).await;
        add_member(&db, &s, "chi", Role::Agent).await;
        let demote = |id: MemberId| {
            let (store, s) = (db.store.clone(), s.clone());
            tokio::spawn(async move {
                let tx = store.begin().await.unwrap();
                let others = members::lock_active_admins(&tx, s.workspace).await.unwrap();
                if others.iter().all(|&other| other == id) {
                    return false;
                }
                let patch = MemberPatch { role: Some(Role::Agent), ..MemberPatch::default() };
                members::update(&tx, s.workspace, id, &patch, s.now).await.unwrap();
                tx.commit().await.unwrap();
                true
            })
        };
        let (a, b) = (demote(s.admin), demote(binh.id));
        let done = [a.await.unwrap(), b.await.unwrap()];
        assert_eq!(done.iter().filter(|&&d| d).count(), 1, "one of them stays administrator: {done:?}");
    }

    async fn sessions_are_known_by_their_token_only(db: TestDb) {
        let s = seed(&db.store).await;
        let an = add_member(&db, &s, "an", Role::Agent).await;
        let session = |n: u8, member: MemberId| Session {
            workspace: s.workspace,
            id: SessionId::derived(s.now, &[&[n]]),
            member,
            created_at: s.now,
            expires_at: s.now.plus_days(1),
            last_seen_at: s.now,
            user_agent: Some("Firefox".into()),
            ip: None,
        };
        let tx = db.store.begin().await.unwrap();
        for (n, member) in [(1, an.id), (2, an.id), (3, an.id), (4, s.admin)] {
            sessions::create(&tx, &session(n, member), [n; 32]).await.unwrap();
        }
        let double = sessions::create(&tx, &session(9, an.id), [1; 32]).await.unwrap_err();
        assert!(double.is_unique("sessions_token"), "{double:?}");
        // PostgreSQL gives up a transaction at its first error.
        tx.rollback().await.unwrap();
        let tx = db.store.begin().await.unwrap();
        for (n, member) in [(1, an.id), (2, an.id), (3, an.id), (4, s.admin)] {
            sessions::create(&tx, &session(n, member), [n; 32]).await.unwrap();
        }
        tx.commit().await.unwrap();

        let find = async |n: u8, now: Timestamp| sessions::find_by_token(db.store.reader(), [n; 32], now).await.unwrap();
        let signed_in = find(1, s.now).await.unwrap();
        assert_eq!((signed_in.session, signed_in.member), (session(1, an.id), an.clone()));
        assert_eq!(signed_in.workspace.id, s.workspace);
        assert_eq!(find(5, s.now).await, None);
        assert_eq!(find(1, s.now.plus_days(1)).await, None, "it ends on the instant");

        let tx = db.store.begin().await.unwrap();
        sessions::touch(&tx, s.workspace, session(1, an.id).id, s.now.plus_hours(1), s.now.plus_days(2)).await.unwrap();
        assert!(sessions::delete(&tx, s.workspace, session(2, an.id).id).await.unwrap());
        assert!(!sessions::delete(&tx, s.workspace, session(2, an.id).id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(find(2, s.now).await, None);
        let list = sessions::list_of_member(db.store.reader(), s.workspace, an.id, s.now).await.unwrap();
        assert_eq!(list.iter().map(|x| x.id).collect::<Vec<_>>(), [session(1, an.id).id, session(3, an.id).id]);

        let tx = db.store.begin().await.unwrap();
        let ended = sessions::delete_of_member(&tx, s.workspace, an.id, Some(session(1, an.id).id)).await.unwrap();
        assert_eq!(ended, 1);
        assert_eq!(sessions::prune(&tx, s.now.plus_days(1)).await.unwrap(), 1, "the administrator's has ended");
        tx.commit().await.unwrap();
        assert!(find(1, s.now.plus_days(1)).await.is_some());

        patch(&db, &s, an.id, MemberPatch { status: Some(MemberStatus::Disabled), ..MemberPatch::default() }).await;
        assert_eq!(find(1, s.now).await, None, "who is disabled is out at once");
    }

    async fn failures_are_counted_forgotten_and_cleared(db: TestDb) {
        let t = Timestamp(1_000_000);
        let key = sign_in::email_key(" An@x.vn ");
        assert_eq!(key, "email:an@x.vn");
        let fail = async |at: Timestamp| {
            let tx = db.store.begin().await.unwrap();
            let n = sign_in::record(&tx, &key, at, at.plus_secs(-60)).await.unwrap();
            tx.commit().await.unwrap();
            n
        };
        assert_eq!(sign_in::get(db.store.reader(), &key).await.unwrap(), None);
        assert_eq!([fail(t).await, fail(t.plus_secs(1)).await, fail(t.plus_secs(61)).await], [1, 2, 3]);
        assert_eq!(fail(t.plus_secs(122)).await, 1, "61 seconds without a failure");
        let tx = db.store.begin().await.unwrap();
        sign_in::block(&tx, &key, t.plus_secs(500)).await.unwrap();
        tx.commit().await.unwrap();
        let now = sign_in::get(db.store.reader(), &key).await.unwrap().unwrap();
        assert_eq!((now.failures, now.last_at, now.blocked_until), (1, t.plus_secs(122), Some(t.plus_secs(500))));

        // Guesses at the same time all count.
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..10 {
            let store = db.store.clone();
            tasks.spawn(async move {
                let tx = store.begin().await.unwrap();
                sign_in::record(&tx, &sign_in::ip_key("10.0.0.1"), t, Timestamp::EPOCH).await.unwrap();
                tx.commit().await.unwrap();
            });
        }
        while let Some(done) = tasks.join_next().await { done.unwrap(); }
        let by_ip = sign_in::get(db.store.reader(), "ip:10.0.0.1").await.unwrap().unwrap();
        assert_eq!(by_ip.failures, 10);

        let tx = db.store.begin().await.unwrap();
        sign_in::clear(&tx, &key).await.unwrap();
        assert_eq!(sign_in::prune(&tx, t.plus_secs(1)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(sign_in::get(db.store.reader(), &key).await.unwrap(), None);
    }

    async fn the_audit_log_pages_backwards(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let entry = |n: i64| AuditEntry {
            id: AuditId::derived(Timestamp(n), &[b"a"]),
            at: Timestamp(n),
            actor: Some(s.admin),
            action: "member.role_changed".into(),
            object: "member".into(),
            object_id: s.admin.to_string(),
            detail: serde_json::json!({"to": "agent", "n": n}),
        };
        let tx = db.store.begin().await.unwrap();
        for n in 1..=5 {
            audit::append(&tx, s.workspace, &entry(n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let first = audit::list(db.store.reader(), s.workspace, None, 2).await.unwrap();
        assert_eq!(first.items, [entry(5), entry(4)]);
        let before: AuditId = PageCursor::decode(&first.next.unwrap()).unwrap();
        let rest = audit::list(db.store.reader(), s.workspace, Some(before), 9).await.unwrap();
        assert_eq!((rest.items.len(), rest.next), (3, None));
        assert!(audit::list(db.store.reader(), other.workspace, None, 9).await.unwrap().items.is_empty());
    }
}
