//! Applications, connections, channels, tokens.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

use loa_kernel::ChannelId;
use loa_store::channels::apps::{self, App};
use loa_store::channels::credentials::{self, Tokens};
use loa_store::channels::oauth::{self, OauthState};
use loa_store::channels::{self, BillingState, ChannelKind, ChannelPatch, ChannelStatus, NewChannel, Quota};
use loa_store::{Secret, StoreError, entity};
use loa_testdb::{Seed, on_both_databases, seed};
use sea_orm::EntityTrait;

fn tokens(s: &Seed, n: i64) -> Tokens {
    Tokens {
        access: Secret::new(format!("access-token-{n}")),
        refresh: Secret::new(format!("refresh-token-{n}")),
        access_expires_at: s.now.plus_hours(n),
        refresh_expires_at: s.now.plus_days(90),
    }
}

on_both_databases! {
    async fn applications_keep_their_secrets_sealed(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let conn = db.store.reader();
        let app = apps::get(conn, &s.vault, s.workspace, s.app).await.unwrap().unwrap();
        assert_eq!(app.app_secret, Some(Secret::new("app-secret")));
        assert!(!format!("{app:?}").contains("secret-key"), "{app:?}");
        assert_eq!(apps::find_by_external(conn, &s.vault, ChannelKind::Zalo, "app-1").await.unwrap(), Some(app.clone()));
        assert_eq!(apps::find_by_external(conn, &s.vault, ChannelKind::Zalo, "app-9").await.unwrap(), None);
        assert_eq!(apps::get(conn, &s.vault, other.workspace, s.app).await.unwrap(), None);
        assert_eq!(apps::list(conn, &s.vault, s.workspace, ChannelKind::Zalo).await.unwrap(), std::slice::from_ref(&app));
        let row = entity::platform_apps::Entity::find_by_id((s.workspace.0, s.app.0)).one(conn).await.unwrap().unwrap();
        assert!(!row.secrets_sealed.windows(10).any(|w| w == b"app-secret"), "it lies open in the database");

        let changed = App {
            external_id: "app-7".into(), oa_secret_key: None, settings: serde_json::json!({"a": [1]}),
            updated_at: s.now.plus_secs(5), ..app
        };
        let tx = db.store.begin().await.unwrap();
        apps::save(&tx, &s.vault, &changed).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(apps::get(conn, &s.vault, s.workspace, s.app).await.unwrap(), Some(changed.clone()));

        let tx = db.store.begin().await.unwrap();
        let taken = App { external_id: "app-2".into(), ..changed };
        let error = apps::save(&tx, &s.vault, &taken).await.unwrap_err();
        assert!(error.is_unique("platform_apps_external"), "{error:?}");
    }

    async fn a_connection_is_finished_once_and_in_time(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let new = |state: &str| OauthState {
            workspace: s.workspace, state: state.into(), app: s.app, member: s.admin,
            verifier: Secret::new("verifier"), created_at: s.now, expires_at: s.now.plus_secs(600),
        };
        let tx = db.store.begin().await.unwrap();
        for state in ["one", "two", "three"] {
            oauth::start(&tx, &s.vault, &new(state)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let take = async |ws, state: &str, at| {
            let tx = db.store.begin().await.unwrap();
            let taken = oauth::take(&tx, &s.vault, ws, state, at).await.unwrap();
            tx.commit().await.unwrap();
            taken
        };
        assert_eq!(take(other.workspace, "one", s.now).await, None, "another workspace cannot take it");
        assert_eq!(take(s.workspace, "one", s.now).await, Some(new("one")));
        assert_eq!(take(s.workspace, "one", s.now).await, None, "not twice");
        assert_eq!(take(s.workspace, "two", s.now.plus_secs(600)).await, None, "too late");
        assert_eq!(take(s.workspace, "two", s.now).await, None, "too late is gone");
        let tx = db.store.begin().await.unwrap();
        assert_eq!(oauth::prune(&tx, s.now.plus_secs(600)).await.unwrap(), 1);
    }

    async fn connecting_again_keeps_the_channel(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let new = NewChannel {
            id: ChannelId::derived(s.now, &[b"new"]), kind: ChannelKind::Zalo, app: s.app, external_id: "oa-1".into(),
            name: "Tên mới".into(), avatar_url: Some("https://example.vn/a.png".into()), edition: "auto".into(),
            package_name: Some("Nâng cao".into()),
        };
        let later = s.now.plus_days(1);
        let tx = db.store.begin().await.unwrap();
        assert!(channels::disconnect(&tx, s.workspace, s.channel, Some("admin"), s.now).await.unwrap());
        let again = channels::connect(&tx, s.workspace, &new, later).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((again.id, again.edition.as_str(), again.created_at), (s.channel, "messaging-2024-11", s.now));
        assert_eq!((again.name.as_str(), again.status, &again.status_reason), ("Tên mới", ChannelStatus::Connected, &None));
        assert_eq!(again.package_name.as_deref(), Some("Nâng cao"));

        let tx = db.store.begin().await.unwrap();
        let taken = NewChannel { app: other.app, ..new };
        let error = channels::connect(&tx, other.workspace, &taken, later).await.unwrap_err();
        assert!(error.is_unique("channels_external"), "{error:?}");
        drop(tx);

        let conn = db.store.reader();
        assert_eq!(channels::find_by_external(conn, ChannelKind::Zalo, "oa-1").await.unwrap(), Some(again.clone()));
        assert_eq!(channels::get(conn, other.workspace, s.channel).await.unwrap(), None);
        assert_eq!(channels::list(conn, s.workspace).await.unwrap(), [again]);
        assert_eq!(channels::list_connected(conn).await.unwrap().len(), 2);
    }

    async fn channels_change_and_say_whether_it_is_news(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let (ws, id, t) = (s.workspace, s.channel, s.now);
        let tx = db.store.begin().await.unwrap();
        let patch = ChannelPatch {
            name: Some("Cửa hàng".into()), edition: Some("auto".into()), avatar_url: Some(Some("u".into())),
            package_name: Some(Some("Dùng thử".into())), settings: Some(serde_json::json!({"k": "v"})),
        };
        let changed = channels::update(&tx, ws, id, &patch, t.plus_secs(1)).await.unwrap();
        assert_eq!((changed.name.as_str(), changed.edition.as_str()), ("Cửa hàng", "auto"));
        assert_eq!((changed.settings, changed.updated_at), (serde_json::json!({"k": "v"}), t.plus_secs(1)));
        let cleared = ChannelPatch { avatar_url: Some(None), ..ChannelPatch::default() };
        let cleared = channels::update(&tx, ws, id, &cleared, t).await.unwrap();
        assert_eq!((cleared.avatar_url, cleared.package_name.as_deref()), (None, Some("Dùng thử")));
        let missing = channels::update(&tx, other.workspace, id, &ChannelPatch::default(), t).await.unwrap_err();
        assert_eq!(missing, StoreError::NotFound("channel"));

        use ChannelStatus::{Connected, ReconnectRequired};
        for (status, reason, at, news) in [
            (ReconnectRequired, Some("token_refused"), 10, true),
            (ReconnectRequired, Some("token_refused"), 11, false),
            (ReconnectRequired, Some("token_expired"), 12, true),
            (ReconnectRequired, None, 13, true),
            (ReconnectRequired, None, 14, false),
            (Connected, None, 5, false), // Older than what is known.
            (Connected, None, 15, true),
        ] {
            let was_news = channels::set_status(&tx, ws, id, status, reason, t.plus_secs(at)).await.unwrap();
            assert_eq!(was_news, news, "{status} {reason:?} at {at}");
        }
        assert!(!channels::set_status(&tx, other.workspace, id, ReconnectRequired, None, t.plus_secs(99)).await.unwrap());
        assert!(channels::set_billing(&tx, ws, id, BillingState::Linked, t).await.unwrap());
        assert!(!channels::set_billing(&tx, ws, id, BillingState::Linked, t).await.unwrap());

        let quota = |remain, at| Quota { total: 2000, remain, as_of: t.plus_secs(at), valid_through: Some("31/01/2026".into()) };
        for (remain, at, kept) in [(1500, 10, true), (1600, 9, false), (1499, 10, true), (1400, 11, true)] {
            assert_eq!(channels::set_quota(&tx, ws, id, &quota(remain, at), t).await.unwrap(), kept, "{remain} as of {at}");
        }
        channels::add_quota_reserved(&tx, ws, id, 3, t).await.unwrap();
        channels::add_quota_reserved(&tx, ws, id, -1, t).await.unwrap();
        let missing = channels::add_quota_reserved(&tx, other.workspace, id, 1, t).await.unwrap_err();
        assert_eq!(missing, StoreError::NotFound("channel"));
        tx.commit().await.unwrap();
        let now = channels::get(db.store.reader(), ws, id).await.unwrap().unwrap();
        assert_eq!((now.quota, now.quota_reserved, now.billing), (Some(quota(1400, 11)), 2, BillingState::Linked));
    }

    async fn only_one_refreshes_and_no_pair_is_lost(db: TestDb) {
        let (s, other) = (seed(&db.store).await, Seed::another(&db.store, 2).await);
        let (ws, ch, t) = (s.workspace, s.channel, s.now);
        let conn = db.store.reader();
        assert_eq!(credentials::load(conn, &s.vault, ws, ch).await.unwrap(), None);
        let tx = db.store.begin().await.unwrap();
        credentials::store(&tx, &s.vault, ws, ch, &tokens(&s, 1)).await.unwrap();
        credentials::store(&tx, &other.vault, other.workspace, other.channel, &tokens(&s, 30)).await.unwrap();
        tx.commit().await.unwrap();
        let kept = credentials::load(conn, &s.vault, ws, ch).await.unwrap().unwrap();
        assert_eq!((&kept.tokens, kept.generation, &kept.lease), (&tokens(&s, 1), 1, &None));
        assert!(!format!("{kept:?}").contains("token-1"), "{kept:?}");
        assert_eq!(credentials::load(conn, &s.vault, other.workspace, ch).await.unwrap(), None);

        let due = credentials::due(conn, t.plus_hours(2), t, 10).await.unwrap();
        assert_eq!(due.iter().map(|d| (d.channel, d.generation)).collect::<Vec<_>>(), [(ch, 1)]);

        let claim = async |owner: &str, generation, at: i64| {
            let tx = db.store.begin().await.unwrap();
            let (now, until) = (t.plus_secs(at), t.plus_secs(at + 30));
            let won = credentials::claim_refresh(&tx, ws, ch, generation, owner, now, until).await.unwrap();
            tx.commit().await.unwrap();
            won
        };
        assert!(claim("a", 1, 0).await);
        assert!(!claim("b", 1, 29).await, "held");
        assert!(credentials::due(conn, t.plus_hours(2), t.plus_secs(29), 10).await.unwrap().is_empty());
        assert!(claim("b", 1, 30).await, "the lease has ended");
        let tx = db.store.begin().await.unwrap();
        credentials::release_refresh(&tx, ws, ch, "a").await.unwrap();
        tx.commit().await.unwrap();
        assert!(!claim("c", 1, 31).await, "a may not give back what b holds");

        let tx = db.store.begin().await.unwrap();
        assert!(credentials::replace(&tx, &s.vault, ws, ch, 1, &tokens(&s, 2)).await.unwrap());
        assert!(!credentials::replace(&tx, &s.vault, ws, ch, 1, &tokens(&s, 3)).await.unwrap(), "of an old generation");
        tx.commit().await.unwrap();
        let kept = credentials::load(conn, &s.vault, ws, ch).await.unwrap().unwrap();
        assert_eq!((kept.tokens, kept.generation, kept.lease), (tokens(&s, 2), 2, None));
        assert!(!claim("a", 1, 60).await, "an old pair is not refreshed");

        // An administrator connects anew while somebody refreshes.
        assert!(claim("a", 2, 60).await);
        let tx = db.store.begin().await.unwrap();
        credentials::store(&tx, &s.vault, ws, ch, &tokens(&s, 9)).await.unwrap();
        assert!(!credentials::replace(&tx, &s.vault, ws, ch, 2, &tokens(&s, 3)).await.unwrap());
        tx.commit().await.unwrap();
        let expiries = credentials::expiries(conn, ws).await.unwrap();
        assert_eq!((expiries.len(), expiries[0].generation, expiries[0].access_expires_at), (1, 3, t.plus_hours(9)));

        // Another channel's sealed tokens do not open here.
        let tx = db.store.begin().await.unwrap();
        let mut row = entity::channel_credentials::Entity::find_by_id((ws.0, ch.0)).one(&tx).await.unwrap().unwrap();
        let theirs = (other.workspace.0, other.channel.0);
        row.sealed = entity::channel_credentials::Entity::find_by_id(theirs).one(&tx).await.unwrap().unwrap().sealed;
        let row = sea_orm::IntoActiveModel::into_active_model(row);
        sea_orm::ActiveModelTrait::update(sea_orm::ActiveModelTrait::reset_all(row), &tx).await.unwrap();
        tx.commit().await.unwrap();
        let error = credentials::load(conn, &s.vault, ws, ch).await.unwrap_err();
        assert!(matches!(error, StoreError::Sealed(_)), "{error:?}");
    }
}
