//! Puts the program together: store, event log, channels, intake, outbound, server, and the background work.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use loa_channels::reconcile::{self, DueWork, Pace};
use loa_channels::zalo::{ZaloConnector, ZaloSettings};
use loa_channels::{
    Channels, ChannelsSettings, Connector, Connectors, ProfileWork, QuotaWork, TagWork, TokenWork,
};
use loa_customers::{CustomerImportWork, FieldWork, GroupExpiry};
use loa_inbox::{BulkWork, Inbox, SearchWork, SnoozeWork};
use loa_intake::{ImportWork, Intake, IntakeConfig};
use loa_kernel::Ids;
use loa_outbound::{AutoReplyWork, Dispatcher, Outbound, OutboundSettings, ScheduledWork, UnknownWork};
use loa_rulebook::Library;
use loa_server::{AppConfig, AppState, Demo, Parts, PasswordCost};
use loa_store::{Store, StoreConfig, Vault};
use loa_stream::{EventLog, LogConfig, Signals, SqliteEventLog, Topic};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::settings::Settings;

/// What differs between a server, a demo and a test, beside the settings.
pub struct Extras {
    /// Clock and ids.
    pub ids: Ids,
    /// Accounts that the sign-in page offers.
    pub demo: Option<Demo>,
    /// Work of a password hash.
    pub passwords: PasswordCost,
    /// Install the process-wide metrics recorder; only one in a process may.
    pub metrics: bool,
}

/// A program that runs until [`Running::stop`].
pub struct Running {
    /// Its database.
    pub store: Store,
    /// Its event log.
    pub event_log: Arc<SqliteEventLog>,
    /// Its channels.
    pub channels: Channels,
    /// Its worker of incoming events.
    pub intake: Arc<Intake>,
    /// Its wake-ups.
    pub signals: Signals,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Running {
    /// Answer what is under way, finish what was begun, close the files.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.tasks.close();
        if tokio::time::timeout(Duration::from_secs(20), self.tasks.wait()).await.is_err() {
            tracing::warn!("some work did not end within 20 seconds; it will be taken up at the next start");
        }
        self.event_log.close().await.context("the event log cannot be closed")?;
        self.store.close().await.context("the database cannot be closed")?;
        Ok(())
    }
}

/// Open the database that the settings name and bring its schema up to date.
pub async fn open_store(settings: &Settings) -> anyhow::Result<Store> {
    std::fs::create_dir_all(&settings.data)
        .with_context(|| format!("cannot make the data folder {}", settings.data.display()))?;
    let config = StoreConfig {
        max_connections: settings.database_connections,
        ..StoreConfig::new(settings.database.clone())
    };
    let store = Store::connect(&config).await.context("the database cannot be opened")?;
    store.migrate().await.context("the database cannot be brought to this version's schema")?;
    Ok(store)
}

/// The rule books, with the operator's stickers in place of ours.
fn rules(settings: &Settings) -> anyhow::Result<Library> {
    let Some(path) = &settings.zalo.stickers else { return Ok(Library::embedded()) };
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("the stickers in {} cannot be read", path.display()))?;
    Library::load_over_embedded(&[("stickers.toml", &text)]).map_err(|faults| {
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}: {}", path.display(), faults.join("; "))
    })
}

/// Start everything.
pub async fn start(settings: &Settings, extras: Extras) -> anyhow::Result<Running> {
    let Extras { ids, demo, passwords, metrics } = extras;
    let media_origins = settings.media_origins()?;
    let store = open_store(settings).await?;
    let vault = Vault::from_key(settings.key()?, ids.random().clone());
    let log = SqliteEventLog::open(LogConfig::new(settings.data.join("events.db")))
        .await
        .context("the event log cannot be opened")?;
    let event_log = Arc::new(log);
    let signals = Signals::new();
    let rules = Arc::new(rules(settings)?);
    let files_folder = settings.data.join("files");
    std::fs::create_dir_all(&files_folder).context("cannot make the folder of files")?;
    let files: Arc<dyn object_store::ObjectStore> = Arc::new(
        object_store::local::LocalFileSystem::new_with_prefix(&files_folder)
            .context("the folder of files cannot be used")?,
    );

    let mut zalo = ZaloSettings::at(
        settings.zalo.openapi.parse().context("zalo.openapi is not an address")?,
        settings.zalo.oauth.parse().context("zalo.oauth is not an address")?,
    );
    zalo.remove_follower_path = settings.zalo.remove_follower_path()?;
    let http = ZaloConnector::http().context("the HTTP client cannot be made")?;
    let zalo: Arc<dyn Connector> = Arc::new(ZaloConnector::new(http, zalo));
    let connectors = Connectors::new([zalo]);
    let mut channel_settings =
        ChannelsSettings::new(settings.public_url.parse().context("public_url is not an address")?);
    let span = |seconds: u32| (seconds > 0).then(|| i64::from(seconds) * 1000);
    channel_settings.console_url = settings.links.console()?;
    channel_settings.import_on_connect = settings.refresh.import_on_connect;
    channel_settings.quota_every_ms = span(settings.refresh.quota_seconds);
    channel_settings.quota_on_open_ms = span(settings.refresh.quota_on_open_seconds);
    let channels = Channels::new(
        store.clone(),
        vault,
        ids.clone(),
        signals.clone(),
        rules.clone(),
        connectors.clone(),
        channel_settings,
    );
    let inbox = Inbox {
        store: store.clone(),
        ids: ids.clone(),
        rules: rules.clone(),
        signals: signals.clone(),
        files: files.clone(),
    };
    let outbound = Outbound {
        store: store.clone(),
        ids: ids.clone(),
        rules: rules.clone(),
        signals: signals.clone(),
        channels: channels.clone(),
        inbox: inbox.clone(),
        settings: Arc::new(OutboundSettings {
            links: settings.links.links()?,
            ..settings.sending.outbound()
        }),
    };
    let intake = Arc::new(Intake::new(
        store.clone(),
        event_log.clone(),
        connectors,
        rules.clone(),
        ids.clock().clone(),
        signals.clone(),
        IntakeConfig::default(),
    ));

    let clock = ids.clock().clone();
    let stop = CancellationToken::new();
    let tasks = TaskTracker::new();
    tasks.spawn(intake.clone().run(stop.clone()));
    let due = |work: Arc<dyn DueWork>, topic: Option<Topic>, tick: Duration| {
        let wakeup = topic.map(|t| signals.subscribe(t));
        tasks.spawn(reconcile::run(work, wakeup, Pace::every(tick), stop.clone()));
    };
    let sending = Duration::from_millis(settings.sending.tick_ms);
    due(Arc::new(Dispatcher::new(outbound.clone())), Some(Topic::Deliveries), sending);
    due(Arc::new(UnknownWork::new(outbound.clone())), Some(Topic::Deliveries), sending);
    due(Arc::new(BulkWork(inbox)), Some(Topic::Bulk), Duration::from_secs(2));
    due(Arc::new(AutoReplyWork::new(outbound.clone())), Some(Topic::Scheduled), sending);
    due(Arc::new(ScheduledWork::new(outbound.clone())), Some(Topic::Scheduled), sending);
    due(Arc::new(TokenWork(channels.clone())), Some(Topic::Channels), Duration::from_secs(60));
    if settings.refresh.profiles {
        due(Arc::new(ProfileWork(channels.clone())), Some(Topic::Profiles), Duration::from_secs(30));
    }
    due(Arc::new(TagWork(channels.clone())), Some(Topic::Tags), Duration::from_secs(5));
    due(Arc::new(QuotaWork(channels.clone())), None, Duration::from_secs(15));
    due(Arc::new(SnoozeWork(outbound.inbox.clone())), None, Duration::from_secs(2));
    let expiry = GroupExpiry::new(store.clone(), ids.clone(), signals.clone());
    due(Arc::new(expiry), None, Duration::from_secs(2));
    let imports = ImportWork::new(store.clone(), channels.clone(), rules.clone(), &ids, signals.clone());
    due(Arc::new(imports), Some(Topic::Imports), Duration::from_secs(1));
    due(Arc::new(FieldWork::new(store.clone(), clock.clone())), None, Duration::from_secs(10));
    let search = SearchWork::new(store.clone(), clock);
    due(Arc::new(search), None, Duration::from_millis(500));

    let metrics = if metrics {
        Some(
            metrics_exporter_prometheus::PrometheusBuilder::new()
                .install_recorder()
                .context("the metrics cannot be set up")?,
        )
    } else {
        None
    };
    let state = AppState::new(Parts {
        store: store.clone(),
        ids,
        rules,
        signals: signals.clone(),
        event_log: event_log.clone() as Arc<dyn EventLog>,
        files,
        channels: channels.clone(),
        outbound,
        metrics,
        stop: stop.clone(),
        config: AppConfig {
            public_url: Some(settings.public_url.clone()),
            trust_proxy: settings.trust_proxy,
            import_bytes: u64::from(settings.import_max_mib) * 1024 * 1024,
            passwords,
            media_origins,
            demo,
            ..AppConfig::default()
        },
    });
    let files_of_customers = CustomerImportWork::new(state.customers().clone());
    due(Arc::new(files_of_customers), Some(Topic::CustomerImports), Duration::from_secs(2));
    let listener = tokio::net::TcpListener::bind(settings.listen).await.with_context(|| {
        format!(
            "cannot listen on {}; is another program using the port? Choose one with --port",
            settings.listen
        )
    })?;
    tasks.spawn(state.clone().upkeep());
    let app = loa_server::app(state);
    tasks.spawn(serve(listener, app, stop.clone()));
    Ok(Running { store, event_log, channels, intake, signals, stop, tasks })
}

async fn serve(listener: tokio::net::TcpListener, app: axum::Router, stop: CancellationToken) {
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    let ended = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned()).await;
    if let Err(error) = ended {
        tracing::error!(%error, "the server ended");
        stop.cancel();
    }
}
