//! What the server needs, wired by the command line or by a test.

use std::sync::Arc;

use loa_channels::Channels;
use loa_customers::{Customers, Directory};
use loa_inbox::Inbox;
use loa_intake::Webhooks;
use loa_kernel::{Ids, Timestamp};
use loa_outbound::Outbound;
use loa_rulebook::Library;
use loa_store::Store;
use loa_stream::{EventLog, Signals};
use metrics_exporter_prometheus::PrometheusHandle;
use object_store::ObjectStore;
use tokio_util::sync::CancellationToken;

use crate::auth::{Passwords, SignIn};
use crate::config::AppConfig;
use crate::realtime::{Hub, Rooms};

/// The pieces, made by whoever wires the program.
pub struct Parts {
    /// The database, migrated.
    pub store: Store,
    /// Clock and new ids.
    pub ids: Ids,
    /// The rule books.
    pub rules: Arc<Library>,
    /// Wake-ups after commits; the same that intake and outbound notify.
    pub signals: Signals,
    /// The log of incoming events.
    pub event_log: Arc<dyn EventLog>,
    /// Where the bytes of files lie.
    pub files: Arc<dyn ObjectStore>,
    /// Channels and their connectors.
    pub channels: Channels,
    /// What goes out.
    pub outbound: Outbound,

    /// Renders the metrics; `None`: there is no recorder.
    pub metrics: Option<PrometheusHandle>,
    /// Cancelled when the program stops: open sockets say good-bye.
    pub stop: CancellationToken,
    /// What the operator decides.
    pub config: AppConfig,
}

/// What handlers share. Clone it freely.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What handlers share; only this crate looks inside.
pub struct Shared {
    pub(crate) store: Store,
    pub(crate) ids: Ids,
    pub(crate) signals: Signals,
    pub(crate) event_log: Arc<dyn EventLog>,
    pub(crate) channels: Channels,
    pub(crate) inbox: Inbox,
    pub(crate) customers: Customers,
    pub(crate) outbound: Outbound,
    pub(crate) webhooks: Webhooks,
    pub(crate) metrics: Option<PrometheusHandle>,
    pub(crate) config: AppConfig,
    pub(crate) sign_in: SignIn,
    pub(crate) hub: Hub,
    pub(crate) rooms: Rooms,
}

impl AppState {
    /// The use cases of customers, for work that is wired beside the server.
    pub fn customers(&self) -> &Customers {
        &self.customers
    }

    /// Wire it.
    pub fn new(parts: Parts) -> Self {
        let Parts { store, ids, rules, signals, event_log, files, channels, outbound, metrics, stop, config } =
            parts;
        let inbox = Inbox {
            store: store.clone(),
            ids: ids.clone(),
            rules: rules.clone(),
            signals: signals.clone(),
            files: files.clone(),
        };
        let customers = Customers {
            store: store.clone(),
            ids: ids.clone(),
            rules: rules.clone(),
            signals: signals.clone(),
            channels: channels.clone(),
            directory: Directory::default(),
            files,
            import_bytes: config.import_bytes,
        };
        let webhooks = Webhooks::new(channels.clone(), event_log.clone(), ids.clock().clone());
        let passwords = Passwords::new(config.passwords, &ids);
        let rooms = Rooms::new(store.clone(), ids.clock().clone(), stop.clone());
        let hub = Hub::new(
            store.clone(),
            rules,
            signals.clone(),
            ids.clock().clone(),
            config.realtime.clone(),
            stop.clone(),
        );
        Self(Arc::new(Shared {
            sign_in: SignIn::new(store.clone(), ids.clone(), passwords),
            store,
            ids,
            signals,
            event_log,
            channels,
            inbox,
            customers,
            outbound,
            webhooks,
            metrics,
            config,
            hub,
            rooms,
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.ids.clock().now()
    }
}

impl std::ops::Deref for AppState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
