//! What a sandbox is started with.

use std::net::SocketAddr;
use std::path::PathBuf;

use loa_kernel::Timestamp;

use crate::platform::platform;

/// Settings of one run. [`Config::default`] is right for tests: a free port of the local machine, nothing on
/// disk.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the state; `None` keeps it in memory.
    pub data: Option<PathBuf>,
    /// Serve HTTPS with a certificate of a local CA, which is kept in `data`.
    pub tls: bool,
    /// Address under which others reach this sandbox, for links to media. Default: the listening address.
    pub public_url: Option<String>,
    /// Seed of ids, tokens and fault dice. `None` takes one from the operating system.
    pub seed: Option<u64>,
    /// Start with the clock standing at this instant (ignored when the data folder knows better).
    pub frozen_at: Option<Timestamp>,
    /// The redelivery ladder of webhooks is multiplied by this: 1.0 is the platform's, 0.01 a hundredth.
    pub webhook_time_scale: f64,
    /// How long a receiver may take, in milliseconds of the machine. The platform's is the default.
    pub webhook_timeout_ms: u64,
    /// Webhooks that may be under way at once, over all receivers.
    pub webhook_concurrency: usize,
    /// Path of the call that ends a follow. The platform has none (platform reference §8.6), so this one is ours.
    pub remove_follower_path: String,
    /// How long a connection is held open by the fault "process, then never answer", in milliseconds.
    pub hang_ms: u64,
}

impl Config {
    /// [`Config::remove_follower_path`] unless another one is chosen.
    pub const REMOVE_FOLLOWER_PATH: &str = "/_sandbox/oa/removefollower";
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: None,
            tls: false,
            public_url: None,
            seed: None,
            frozen_at: None,
            webhook_time_scale: 1.0,
            webhook_timeout_ms: platform().webhook.timeout_ms,
            webhook_concurrency: 32,
            remove_follower_path: Self::REMOVE_FOLLOWER_PATH.to_owned(),
            hang_ms: 60_000,
        }
    }
}
