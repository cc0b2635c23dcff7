//! Rows that most tests stand on.

use std::sync::Arc;

use loa_kernel::{AppId, ChannelId, MemberId, Role, SeededRandom, Timestamp, WorkspaceId};
use loa_store::channels::apps::{self, App};
use loa_store::channels::{self, ChannelKind, NewChannel};
use loa_store::members::{self, Member, MemberStatus};
use loa_store::workspaces::{self, Workspace};
use loa_store::{Secret, Store, Vault};

/// A workspace with an administrator, an application and a connected channel.
#[derive(Debug, Clone)]
pub struct Seed {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its administrator, e-mail `admin@example.vn`; the password hash is no hash.
    pub admin: MemberId,
    /// Its application, platform id `app-1`, app secret `app-secret`, OA secret key `oa-secret-key`.
    pub app: AppId,
    /// Its channel, platform id `oa-1`, edition `messaging-2024-11`.
    pub channel: ChannelId,
    /// What the secrets are sealed with.
    pub vault: Vault,
    /// When all this was made: 2026-01-15T03:00:00Z, ten in the morning in Vietnam.
    pub now: Timestamp,
}

/// Make the rows of [`Seed`]; the same ids in every test.
///
/// # Panics
/// When the store refuses them.
pub async fn seed(store: &Store) -> Seed {
    seed_numbered(store, 1).await
}

impl Seed {
    /// A second (third, …) workspace of the same kind, with other ids and platform ids `app-<n>`, `oa-<n>`, for
    /// tests that one workspace never sees another's rows.
    ///
    /// # Panics
    /// When the store refuses them.
    pub async fn another(store: &Store, n: u8) -> Seed {
        seed_numbered(store, n).await
    }
}

async fn seed_numbered(store: &Store, n: u8) -> Seed {
    let now = Timestamp::from_ms(1_768_446_000_000);
    let vault = Vault::from_key([7; 32], Arc::new(SeededRandom::new(u64::from(n))));
    let part: &[&[u8]] = &[b"seed", &[n]];
    let seed = Seed {
        workspace: WorkspaceId::derived(now, part),
        admin: MemberId::derived(now, part),
        app: AppId::derived(now, part),
        channel: ChannelId::derived(now, part),
        vault,
        now,
    };
    let tx = store.begin().await.expect("a transaction");
    workspaces::create(
        &tx,
        &Workspace {
            id: seed.workspace,
            name: format!("Cửa hàng {n}"),
            locale: "vi".into(),
            created_at: now,
        },
    )
    .await
    .expect("a workspace");
    members::create(
        &tx,
        &Member {
            workspace: seed.workspace,
            id: seed.admin,
            email: "admin@example.vn".into(),
            display_name: "Quản trị".into(),
            role: Role::Admin,
            status: MemberStatus::Active,
            locale: "vi".into(),
            created_at: now,
            updated_at: now,
        },
        &Secret::new("not a hash"),
    )
    .await
    .expect("a member");
    apps::save(
        &tx,
        &seed.vault,
        &App {
            workspace: seed.workspace,
            id: seed.app,
            kind: ChannelKind::Zalo,
            external_id: format!("app-{n}"),
            app_secret: Some(Secret::new("app-secret")),
            oa_secret_key: Some(Secret::new("oa-secret-key")),
            settings: serde_json::json!({}),
            created_at: now,
            updated_at: now,
        },
    )
    .await
    .expect("an application");
    let new = NewChannel {
        id: seed.channel,
        kind: ChannelKind::Zalo,
        app: seed.app,
        external_id: format!("oa-{n}"),
        name: format!("OA {n}"),
        avatar_url: None,
        edition: "messaging-2024-11".into(),
        package_name: None,
    };
    channels::connect(&tx, seed.workspace, &new, now).await.expect("a channel");
    tx.commit().await.expect("a commit");
    seed
}
