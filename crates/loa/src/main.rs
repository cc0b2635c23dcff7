//! `loa`: the command line and the only wiring of the house.
//!
//! Everything below this crate is handed what it needs: clock, randomness, settings, addresses. Here they are
//! read once and put together.
//!
//! Invariants:
//! - Nobody else reads the environment, the settings file, the machine's clock or its randomness.
//! - A command that fails says what to do next and exits with 1; a wrong flag exits with 2.
//!
//! How to add a command: a variant of [`Command`], a module with `pub async fn run`, a line in [`dispatch`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod demo;
mod doctor;
mod logging;
mod migrate;
mod serve;
mod settings;
mod system;
mod wiring;

use settings::Settings;

/// A quarter of the intake's time went into the system's allocator. This one also serves SQLite (its `override`
/// feature takes the place of `malloc` in the whole program).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The open, self-hosted inbox for businesses on Zalo.
#[derive(Parser)]
#[command(name = "loa", version, about, propagate_version = true)]
struct Cli {
    /// Settings file; `loa.toml` in the working folder is read when it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Options),
    /// Run a demo shop together with the Zalo sandbox.
    Demo(demo::Options),
    /// Bring the database to this version's schema and exit.
    Migrate,
    /// Check settings, key, database and the platform's hosts, and say what to do.
    Doctor,
    /// Print the description of the HTTP API.
    Openapi,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Every TLS connection uses ring; there is nothing else to choose from in this build.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        tracing::debug!("a TLS provider was installed before");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&anyhow::Error::new(error).context("cannot start the runtime")),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    if let Command::Openapi = cli.command {
        say(&loa_server::openapi().to_pretty_json()?);
        return Ok(());
    }
    let settings = Settings::load(cli.config.as_deref())?;
    match cli.command {
        Command::Serve(options) => serve::run(settings, options).await,
        Command::Demo(options) => demo::run(settings, options).await,
        Command::Migrate => migrate::run(&settings).await,
        Command::Doctor => doctor::run(&settings).await,
        Command::Openapi => Ok(()),
    }
}

/// The one way to speak to the person at the terminal.
#[allow(clippy::print_stdout, reason = "the command line speaks to a terminal")]
fn say(text: &str) {
    use std::io::Write;
    println!("{text}");
    // A pipe would keep the lines back; a reader that waits for them must get them now.
    if std::io::stdout().flush().is_err() {
        tracing::debug!("nobody reads standard output");
    }
}

#[allow(clippy::print_stderr, reason = "the command line speaks to a terminal")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("loa: {error:#}");
    ExitCode::FAILURE
}
