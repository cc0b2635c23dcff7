//! Everything together.

use loa_testdb::Engine;
use serde_json::{Value, json};

use crate::{APP, Client, Loa, OA, Platform, PlatformConfig};

/// How a scene differs from the usual one.
#[derive(Default)]
pub struct Options {
    /// The sandbox.
    pub platform: PlatformConfig,
    /// The account on it, as the control interface takes it; the usual one has a package of 1,000 messages.
    pub oa: Value,
    /// Variables for the program.
    pub env: Vec<(String, String)>,
}

/// A shop: the program with an owner signed in, the platform, and one account connected.
pub struct Scene {
    /// The owner's browser.
    pub api: Client,
    /// The program.
    pub loa: Loa,
    /// The platform.
    pub platform: Platform,
    /// Loa's id of the connected account.
    pub channel: String,
}

impl Scene {
    /// The usual scene.
    pub async fn start(engine: Engine, program: &str) -> Self {
        Self::with(engine, program, Options::default()).await
    }

    /// A scene with other options.
    pub async fn with(engine: Engine, program: &str, options: Options) -> Self {
        let platform = Platform::start(options.platform).await;
        let mut env = vec![
            ("LOA_ZALO__OPENAPI".to_owned(), platform.base.clone()),
            ("LOA_ZALO__OAUTH".to_owned(), platform.base.clone()),
        ];
        env.extend(options.env);
        let loa = Loa::start(program, engine, env).await;
        platform.set_up(&loa.base, options.oa).await;
        let api = Client::new(&loa.base);
        api.set_up().await;
        let app = json!({
            "app_id": APP, "app_secret": Platform::APP_SECRET, "oa_secret_key": Platform::OA_SECRET_KEY,
        });
        api.put("/api/channels/zalo/app", app).await.ok();
        let channel = api.connect(OA).await;
        Self { api, loa, platform, channel }
    }

    /// The connected account as Loa shows it.
    pub async fn account(&self) -> Value {
        self.api.get(&format!("/api/channels/{}", self.channel)).await.ok()
    }
}
