//! `zalo-sandbox`: start the emulator from a terminal.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::Parser;
use zalo_sandbox::{Config, HOSTS, Sandbox};

/// A Zalo on your machine: the Official Account platform, emulated, with a phone to write from.
#[derive(Parser)]
#[command(version)]
struct Flags {
    /// Address to listen on.
    #[arg(long, default_value = "127.0.0.1", env = "ZALO_SANDBOX_LISTEN")]
    listen: IpAddr,
    /// Port; 0 takes a free one.
    #[arg(long, default_value_t = 8090, env = "ZALO_SANDBOX_PORT")]
    port: u16,
    /// Folder that keeps the state; without it everything is forgotten at the end.
    #[arg(long, env = "ZALO_SANDBOX_DATA")]
    data: Option<PathBuf>,
    /// Serve HTTPS under the platform's host names with a local CA.
    #[arg(long, env = "ZALO_SANDBOX_TLS")]
    tls: bool,
    /// How many times faster than the platform's the redelivery ladder of webhooks is (100: 30 s become 0.3 s).
    #[arg(long, default_value_t = 1.0, env = "ZALO_SANDBOX_SPEED")]
    speed: f64,
    /// Address under which others reach this sandbox, for links to media.
    #[arg(long, env = "ZALO_SANDBOX_PUBLIC_URL")]
    public_url: Option<String>,
    /// Path of the call that ends a follow; the platform has no such call.
    #[arg(long, default_value = Config::REMOVE_FOLLOWER_PATH, env = "ZALO_SANDBOX_REMOVE_FOLLOWER_PATH")]
    remove_follower_path: String,
    /// Seed of ids, tokens and fault dice, for repeatable runs.
    #[arg(long, env = "ZALO_SANDBOX_SEED")]
    seed: Option<u64>,
}

#[tokio::main]
#[allow(clippy::print_stdout, reason = "this is the command line")]
async fn main() -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).init();
    let flags = Flags::parse();
    anyhow::ensure!(flags.speed > 0.0, "--speed must be above 0");
    anyhow::ensure!(flags.remove_follower_path.starts_with('/'), "--remove-follower-path must begin with /");
    let running = Sandbox::start(Config {
        listen: SocketAddr::new(flags.listen, flags.port),
        data: flags.data,
        tls: flags.tls,
        public_url: flags.public_url,
        seed: flags.seed,
        remove_follower_path: flags.remove_follower_path,
        webhook_time_scale: 1.0 / flags.speed,
        ..Config::default()
    })
    .await?;
    println!("phone page    {}/", running.base_url);
    println!("control page  {}/control", running.base_url);
    println!("control API   {}/_sandbox/docs", running.base_url);
    if let Some(file) = &running.ca_file {
        println!("trust this CA {}", file.display());
    } else if let Some(pem) = &running.ca_pem {
        println!("trust this CA (kept nowhere; use --data to keep it):\n{pem}");
    }
    if running.ca_pem.is_some() {
        println!("names covered {}", HOSTS.join(" "));
    }
    wait_for_the_end().await?;
    running.shutdown().await
}

/// Until Ctrl-C or a polite kill.
async fn wait_for_the_end() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            end = tokio::signal::ctrl_c() => end?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
