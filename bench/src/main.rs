//! `make bench`: what Loa promises about speed, measured on the release build, each number beside a floor
//! measured in the same run. Machines are noisy, so the ratio counts more than the number.
//!
//! Invariants:
//! - The product is measured from outside: a child process, real HTTP, a real database.
//! - A floor does the same writing or reading with nothing around it.
//! - Every loop is bounded and stops by itself; only loopback addresses are called.
//!
//! How to add a measure: a module with `pub async fn run(&Bench) -> Result<Vec<Row>>` and a line in
//! [`main`]; what it means goes into docs/benchmarks.md.

#![allow(clippy::print_stdout, reason = "the result is a table for a person")]

mod customers;
mod decide;
mod floor;
mod http;
mod lists;
mod open;
mod product;
mod report;
mod search;
mod sockets;
mod webhooks;
mod world;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, ValueEnum};

/// Measure Loa.
#[derive(Parser)]
struct Options {
    /// What to measure; everything when left out.
    #[arg(value_enum)]
    only: Vec<Measure>,
    /// The product's binary.
    #[arg(long, default_value = "target/release/loa")]
    loa: PathBuf,
    /// Share of the full size, for trying the bench itself; numbers of less than 1 are not results.
    #[arg(long, default_value_t = 1.0)]
    scale: f64,
    /// A PostgreSQL server; its measures are left out without one. `make bench` starts one.
    #[arg(long, env = "LOA_TEST_POSTGRES")]
    postgres: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    /// Signed webhooks a second, durable and visible.
    Webhooks,
    /// List and thread at a million conversations.
    Lists,
    /// Words in five million messages, names among a million customers.
    Search,
    /// Filters over a million customers with twenty fields and three labels each.
    Customers,
    /// From event to 500 sockets.
    Sockets,
    /// A room of 100 agents for ten minutes.
    Shift,
    /// Opening conversations in a browser.
    Open,
    /// Decisions a second.
    Decide,
}

/// What every measure needs.
pub struct Bench {
    loa: PathBuf,
    scale: f64,
    postgres: Option<String>,
}

impl Bench {
    /// `full` at the chosen scale, at least 1.
    fn scaled(&self, full: u64) -> u64 {
        ((full as f64 * self.scale) as u64).max(1)
    }

    /// The databases to measure on: SQLite, and PostgreSQL when there is a server.
    fn engines(&self) -> Vec<world::Engine> {
        let mut engines = vec![world::Engine::Sqlite];
        engines.extend(self.postgres.clone().map(world::Engine::Postgres));
        engines
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let wanted = |m| options.only.is_empty() || options.only.contains(&m);
    // The child works in its own folder, so the path must not depend on ours.
    let loa = options
        .loa
        .canonicalize()
        .with_context(|| format!("there is no {}; build it with --release", options.loa.display()))?;
    let bench = Bench { loa, scale: options.scale, postgres: options.postgres.clone() };
    let mut rows = Vec::new();
    if wanted(Measure::Decide) {
        rows.extend(decide::run(&bench)?);
    }
    if wanted(Measure::Webhooks) {
        rows.extend(webhooks::run(&bench).await?);
    }
    if wanted(Measure::Sockets) {
        rows.extend(sockets::run(&bench, sockets::RUSH).await?);
    }
    if wanted(Measure::Shift) {
        rows.extend(sockets::run(&bench, sockets::SHIFT).await?);
    }
    if wanted(Measure::Open) {
        rows.extend(open::run(&bench).await?);
    }
    if wanted(Measure::Lists) {
        rows.extend(lists::run(&bench).await?);
    }
    if wanted(Measure::Customers) {
        rows.extend(customers::run(&bench).await?);
    }
    if wanted(Measure::Search) {
        rows.extend(search::run(&bench).await?);
    }
    println!("{}", report::table(&rows));
    Ok(())
}
