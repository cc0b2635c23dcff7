//! `loa demo`: a shop to try Loa with, and a Zalo sandbox beside it.
//!
//! Everything goes the way of a real installation: the accounts are connected by OAuth against the sandbox, and
//! the past of the shop comes through the event log. Each step looks at what is there before it does anything, so
//! a demo that was interrupted is finished at the next start, and a finished one starts at once. Both programs go by the
//! sandbox's clock, which its control page moves.

mod desk;
mod install;
mod past;
mod script;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use loa_server::{Demo, DemoAccount, PasswordCost};
use zalo_sandbox::{Config, Sandbox};

use crate::settings::Settings;
use crate::wiring::{self, Extras};
use crate::{logging, say, system};

/// Flags of `loa demo`.
#[derive(Args)]
pub struct Options {
    /// Folder of the demo's data.
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    data: PathBuf,
    /// Port of Loa.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the sandbox.
    #[arg(long, default_value_t = 8090)]
    sandbox_port: u16,
    /// Leave the demo without its past: accounts and members only. For tests.
    #[arg(long)]
    bare: bool,
}

/// The password of every account of the demo, which holds no secret.
const PASSWORD: &str = "loa demo 2024";

/// Run until SIGINT or SIGTERM.
pub async fn run(settings: Settings, options: Options) -> anyhow::Result<()> {
    logging::start(&settings.log)?;
    let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let port = free_when_zero(options.port)?;
    let sandbox_port = free_when_zero(options.sandbox_port)?;
    let sandbox_url = format!("http://localhost:{sandbox_port}");
    let sandbox = Sandbox::start(Config {
        listen: loopback(sandbox_port),
        data: Some(options.data.join("sandbox")),
        public_url: Some(sandbox_url.clone()),
        ..Config::default()
    })
    .await
    .with_context(|| {
        format!("the sandbox cannot be started on port {sandbox_port}; choose one with --sandbox-port")
    })?;

    let mut settings = settings.moved(Some(port), Some(options.data.clone()));
    settings.listen = loopback(port);
    settings.public_url = format!("http://localhost:{port}");
    settings.zalo.openapi.clone_from(&sandbox_url);
    settings.zalo.oauth.clone_from(&sandbox_url);
    // The sandbox can do what the platform does in its console only, and has a console of its own.
    // An empty path shows the product as it is with the real platform.
    settings.zalo.remove_follower_path.get_or_insert_with(|| Config::REMOVE_FOLLOWER_PATH.to_owned());
    settings.links.console = format!("{sandbox_url}/control");
    // The past of the demo comes through the event log.
    settings.refresh.import_on_connect = false;
    settings.zalo.stickers = Some(install::stickers(&options.data, &sandbox)?);
    // They follow from the sandbox's address.
    settings.media_origins.clear();

    let accounts: Vec<DemoAccount> = install::MEMBERS
        .iter()
        .map(|m| DemoAccount {
            email: m.email.into(),
            password: PASSWORD.into(),
            display_name: m.name.into(),
            role: m.role,
        })
        .collect();
    let extras = Extras {
        // Loa and its platform live in one time: whoever moves the sandbox's clock sees in Loa, too, what 48 hours do.
        ids: system::ids_by(sandbox.handle.clock.clone()),
        demo: Some(Demo { accounts: accounts.clone(), sandbox_url: sandbox_url.clone() }),
        passwords: PasswordCost::default(),
        metrics: true,
    };
    let running = wiring::start(&settings, extras).await?;
    install::ensure(&running, &settings, &sandbox, options.bare)
        .await
        .context("the demo cannot be set up")?;

    say(&format!("Loa: {}", settings.public_url));
    say(&format!("Sandbox: {sandbox_url}"));
    say("");
    say("Sign in with (password for all: loa demo 2024):");
    for account in &accounts {
        say(&format!("  {:<26} {:<18} {}", account.email, account.display_name, account.role.as_str()));
    }
    say("");
    say("Write as a customer on the sandbox's phone, answer in Loa. Ctrl-C stops both.");
    system::asked_to_stop().await;
    running.stop().await?;
    sandbox.shutdown().await
}

fn free_when_zero(port: u16) -> anyhow::Result<u16> {
    if port != 0 {
        return Ok(port);
    }
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
