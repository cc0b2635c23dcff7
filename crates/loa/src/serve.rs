//! `loa serve`: the server.

use clap::Args;
use loa_server::PasswordCost;

use crate::settings::Settings;
use crate::wiring::{self, Extras};
use crate::{logging, say, system};

/// Flags of `loa serve`; they win over file and environment.
#[derive(Args)]
pub struct Options {
    /// Port to listen on.
    #[arg(long)]
    port: Option<u16>,
    /// Folder for database, event log, files and key.
    #[arg(long, value_name = "DIR")]
    data: Option<std::path::PathBuf>,
}

/// Run until SIGINT or SIGTERM.
pub async fn run(mut settings: Settings, options: Options) -> anyhow::Result<()> {
    if options.port.is_some() || options.data.is_some() {
        settings = settings.moved(options.port, options.data);
    }
    logging::start(&settings.log)?;
    let extras = Extras { ids: system::ids(), demo: None, passwords: PasswordCost::default(), metrics: true };
    let running = wiring::start(&settings, extras).await?;
    say(&format!("Loa: {}", settings.public_url));
    system::asked_to_stop().await;
    running.stop().await
}
