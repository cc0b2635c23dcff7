//! Everything together.

use std::time::Duration;

use loa_testdb::Engine;
use serde_json::{Value, json};

use crate::{APP, Client, Customer, Loa, OA, Platform, PlatformConfig, wait_until};

/// How long the first words of a customer may take to the inbox.
const ARRIVAL: Duration = Duration::from_secs(20);

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

    /// So many customers who follow the account and have just written, with the ids of their threads.
    pub async fn customers(&self, how_many: usize) -> Vec<(Customer, String)> {
        let mut customers = Vec::new();
        for n in 0..how_many {
            let customer = self.platform.customer(&format!("Khách {n}")).await;
            self.platform.follows(&customer).await;
            self.platform.writes(&customer, "Chào shop").await;
            customers.push(customer);
        }
        let mut with_threads = Vec::new();
        for customer in customers {
            let thread = wait_until("the window is open", ARRIVAL, async || {
                self.api.find_conversation(&customer).await.filter(|c| !c["reply"].is_null())
            });
            let id = thread.await["id"].as_str().expect("an id").to_owned();
            with_threads.push((customer, id));
        }
        with_threads
    }

    /// The connected account as Loa shows it.
    pub async fn account(&self) -> Value {
        self.api.get(&format!("/api/channels/{}", self.channel)).await.ok()
    }
}
